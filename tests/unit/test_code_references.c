/*
 * Is a name still written in a checkout?  Each test makes one in a folder of its own.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "code_references.h"
#include "orchestrate/base/buf.h"
#include "unit.h"

static struct arena arena;
static struct gate_answer answer;
static char home[4096], folder[64];

static void setup(void)
{
    snprintf(folder, sizeof folder, "/tmp/orchestrate-code-XXXXXX");
    ck_assert_ptr_nonnull(getcwd(home, sizeof home));
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(mkdir("src", 0755), 0);
}

static void teardown(void)
{
    ck_assert_int_eq(chdir(home), 0);
    ck_assert_int_eq(system(arena_printf(&arena, "chmod -R u+rwx %s; rm -rf %s", folder, folder)),
                     0);
    arena_cleanup(&arena);
}

static void put_bytes(const char *path, const char *bytes, size_t n)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

static void put(const char *path, const char *text)
{
    put_bytes(path, text, strlen(text));
}

static void look(const char *value)
{
    answer = (struct gate_answer){ 0 };
    code_references(&arena, value, &answer);
}

#define EMAIL "{\"name\":\"email\",\"paths\":[\"src\"],\"allow\":[]}"

static void is_open(const char *value)
{
    look(value);
    ck_assert_msg(answer.open, "closed: %s", answer.reason);
    ck_assert_ptr_null(answer.reason);
}

static void is_closed(const char *value, const char *reason)
{
    look(value);
    ck_assert_msg(!answer.open, "it is open");
    ck_assert_str_eq(answer.reason, reason);
}

START_TEST(a_reference_is_told_with_file_and_line)
{
    put("src/a.js", "one\ntwo\n  SELECT email FROM customer");
    is_closed(EMAIL, "email is still named in 1 line: src/a.js:3");
    ck_assert_str_eq(answer.evidence,
                     "{\"name\":\"email\",\"files\":1,\"references\":1,\"first\":[{\"file\":"
                     "\"src/a.js\",\"line\":3,\"text\":\"SELECT email FROM customer\"}]}");
    put("src/a.js", "one\ntwo\n");
    is_open(EMAIL);
    ck_assert_str_eq(answer.evidence,
                     "{\"name\":\"email\",\"files\":1,\"references\":0,\"first\":[]}");
}
END_TEST

START_TEST(only_whole_words_count)
{
    put("src/a.js", "email_address emails xemail $email email$ email2 \xc3\xa4"
                    "email");
    is_open(EMAIL);
    put("src/b.js", "c.email");
    put("src/c.js", "\"email\": 1");
    put("src/d.js", "[email]");
    put("src/e.js", "email");
    is_closed(EMAIL, "email is still named in 4 lines: src/b.js:1, src/c.js:1, src/d.js:1, "
                     "src/e.js:1");
}
END_TEST

START_TEST(a_name_that_postgres_folds_counts_in_any_case)
{
    put("src/a.sql", "SELECT EMAIL, Email FROM customer");
    is_closed(EMAIL, "email is still named in 1 line: src/a.sql:1");
    is_open("{\"name\":\"eMail\",\"paths\":[\"src\"],\"allow\":[]}");
    put("src/b.sql", "SELECT \"eMail\"");
    is_closed("{\"name\":\"eMail\",\"paths\":[\"src\"],\"allow\":[]}",
              "eMail is still named in 1 line: src/b.sql:1");
}
END_TEST

START_TEST(a_name_of_several_words_is_found)
{
    put("src/a.sql", "SELECT \"e-mail of user\" FROM t; SELECT \"the e-mail of users\"");
    is_closed("{\"name\":\"e-mail of user\",\"paths\":[\"src\"]}",
              "e-mail of user is still named in 1 line: src/a.sql:1");
}
END_TEST

START_TEST(the_first_few_are_named_and_the_others_counted)
{
    put("src/a.js", "email\nemail email\n\nemail\nemail\nemail\nemail\nemail\n");
    is_closed(EMAIL, "email is still named in 7 lines: src/a.js:1, src/a.js:2, src/a.js:4, "
                     "src/a.js:5, src/a.js:6 and 2 more");
}
END_TEST

START_TEST(an_allowed_line_or_file_does_not_count)
{
    put("src/a.js", "import email from 'email'\nrow.email\n");
    put("src/old.js", "row.email\n");
    is_closed("{\"name\":\"email\",\"paths\":[\"src\"],\"allow\":[\"^import \"]}",
              "email is still named in 2 lines: src/a.js:2, src/old.js:1");
    is_closed("{\"name\":\"email\",\"paths\":[\"src\"],\"allow\":[\"^import \",\"/old\\\\.js$\"]}",
              "email is still named in 1 line: src/a.js:2");
}
END_TEST

START_TEST(a_path_may_be_a_file_and_all_have_to_be_there)
{
    put("src/a.js", "email");
    put("b.js", "x");
    is_open("{\"name\":\"email\",\"paths\":[\"b.js\"]}");
    is_closed("{\"name\":\"email\",\"paths\":[\"b.js\",\"lib/\"]}",
              arena_printf(&arena,
                           "lib is not in %s: it is looked for in the folder in which the command "
                           "is called",
                           folder));
    is_closed("{\"name\":\"email\",\"paths\":[\".\"]}",
              "email is still named in 1 line: src/a.js:1");
    is_closed("{\"name\":\"email\",\"paths\":[\"./src//\"]}",
              "email is still named in 1 line: ./src/a.js:1");
}
END_TEST

START_TEST(what_is_no_code_of_the_checkout_is_left_out)
{
    ck_assert_int_eq(mkdir("src/.git", 0755), 0);
    ck_assert_int_eq(mkdir("src/node_modules", 0755), 0);
    ck_assert_int_eq(mkdir("elsewhere", 0755), 0);
    put("src/.git/HEAD", "email");
    put("src/node_modules/x.js", "email");
    put("elsewhere/x.js", "email");
    put_bytes("src/image.png", "\0email", 6);
    ck_assert_int_eq(symlink("../elsewhere", "src/link"), 0);
    ck_assert_int_eq(symlink("../src", "src/round"), 0);
    ck_assert_int_eq(symlink("nowhere", "src/broken"), 0);
    ck_assert_int_eq(mkfifo("src/pipe", 0644), 0);
    is_open(EMAIL);
    put("src/.env", "email");
    is_closed(EMAIL, "email is still named in 1 line: src/.env:1");
    /* A link that is named itself is meant. */
    is_closed("{\"name\":\"email\",\"paths\":[\"src/link\"]}",
              "email is still named in 1 line: src/link/x.js:1");
}
END_TEST

START_TEST(long_lines_and_large_files_are_searched_to_their_end)
{
    enum { LARGE = 3 << 20 };
    char *text = arena_alloc(&arena, LARGE);

    memset(text, 'x', LARGE);
    memcpy(text + LARGE - 6, " email", 6);
    put_bytes("src/min.js", text, LARGE);
    is_closed(EMAIL, "email is still named in 1 line: src/min.js:1");
}
END_TEST

START_TEST(what_cannot_be_read_is_no_answer)
{
    enum { NOBODY = 65534 };
    bool root = geteuid() == 0; /* who may read everything, unless it is somebody else */

    put("src/a.js", "x");
    ck_assert_int_eq(mkdir("deep", 0), 0);
    ck_assert_int_eq(chmod("src/a.js", 0), 0);
    ck_assert_int_eq(chmod(folder, 0755), 0);
    ck_assert(!root || seteuid(NOBODY) == 0);
    is_closed(EMAIL, "src/a.js cannot be read: Permission denied");
    is_closed("{\"name\":\"email\",\"paths\":[\"deep\"]}",
              "deep cannot be read: Permission denied");
    ck_assert(!root || seteuid(0) == 0);
}
END_TEST

START_TEST(a_value_that_says_nothing_opens_nothing)
{
    is_closed("{}", "the gate does not say what to look for");
    is_closed("", "the gate does not say what to look for");
    is_closed("{\"name\":\"\",\"paths\":[\"src\"]}", "the gate does not say what to look for");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("code_references");
    TCase *t = tcase_create("code_references");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_reference_is_told_with_file_and_line);
    tcase_add_test(t, only_whole_words_count);
    tcase_add_test(t, a_name_that_postgres_folds_counts_in_any_case);
    tcase_add_test(t, a_name_of_several_words_is_found);
    tcase_add_test(t, the_first_few_are_named_and_the_others_counted);
    tcase_add_test(t, an_allowed_line_or_file_does_not_count);
    tcase_add_test(t, a_path_may_be_a_file_and_all_have_to_be_there);
    tcase_add_test(t, what_is_no_code_of_the_checkout_is_left_out);
    tcase_add_test(t, long_lines_and_large_files_are_searched_to_their_end);
    tcase_add_test(t, what_cannot_be_read_is_no_answer);
    tcase_add_test(t, a_value_that_says_nothing_opens_nothing);
    suite_add_tcase(s, t);
    return unit_run(s);
}
