/*
 * What the loader does with files that are no plans: missing, endless, huge,
 * hostile, or a few bytes away from a good one.
 */
#include <check.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "loader_fixture.h"
#include "orchestrate/base/buf.h"

/* --- files ------------------------------------------------------------------ */

static void check_no_input(const char *path, const char *words)
{
    ck_assert(!plan_load(&arena, path, &plan, &errors));
    ck_assert_uint_eq(errors.n, 1);
    ck_assert_int_eq(errors.errs[0].code, ERR_NO_INPUT);
    ck_assert_msg(strstr(errors.errs[0].text, words), "%s", errors.errs[0].text);
}

START_TEST(what_is_no_readable_file_is_no_input_and_is_not_waited_for)
{
    char place[] = "/tmp/orchestrate-test-XXXXXX";
    const char *fifo, *loop;

    ck_assert_ptr_nonnull(mkdtemp(place));
    fifo = arena_printf(&arena, "%s/fifo", place);
    loop = arena_printf(&arena, "%s/loop", place);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    ck_assert_int_eq(symlink(loop, loop), 0);
    check_no_input("no/such/plan.yaml", "No such file");
    check_no_input("", "No such file");
    check_no_input(place, "is a directory");
    check_no_input(fifo, "is a pipe");
    check_no_input(loop, "symbolic links");
    check_no_input("/dev/zero", "is a device");
    unlink(fifo);
    unlink(loop);
    rmdir(place);
}
END_TEST

START_TEST(a_dash_is_standard_input_and_is_read_to_a_limit)
{
    int in = dup(STDIN_FILENO), file = open("tests/golden/plans/good-minimal.yaml", O_RDONLY);

    ck_assert_int_ge(dup2(file, STDIN_FILENO), 0);
    ck_assert(plan_load(&arena, "-", &plan, &errors));
    ck_assert_str_eq(plan.file, "<stdin>");
    close(file);
    file = open("/dev/zero", O_RDONLY);
    ck_assert_int_ge(dup2(file, STDIN_FILENO), 0);
    ck_assert(!plan_load(&arena, "-", &plan, &errors));
    ck_assert_uint_eq(errors.n, 1);
    ck_assert_str_eq(errors.errs[0].text, "the file is larger than 1 MiB; a plan is not");
    ck_assert_str_eq(errors.errs[0].at.file, "<stdin>");
    close(file);
    dup2(in, STDIN_FILENO);
    close(in);
}
END_TEST

/* --- hostile input ----------------------------------------------------------- */

static const char *repeated(const char *head, const char *piece, size_t times, const char *tail)
{
    struct buf out = BUF_IN(&arena);

    buf_add(&out, head);
    for (size_t i = 0; i < times; i++)
        buf_add(&out, piece);
    buf_add(&out, tail);
    return buf_text(&out);
}

static const char *numbered(const char *head, const char *fmt_before, const char *fmt_after,
                            size_t times)
{
    struct buf out = BUF_IN(&arena);

    buf_add(&out, head);
    for (size_t i = 0; i < times; i++)
        buf_addf(&out, "%s%zu%s", fmt_before, i, fmt_after);
    return buf_text(&out);
}

/* Linear time is far below it; what is checked with each access is slower. */
#ifdef __SANITIZE_ADDRESS__
enum { FAST_MS = 5000 };
#else
enum { FAST_MS = 1000 };
#endif

static void check_fast(const char *what, const char *text)
{
    /* Of the processor, not of the wall: other tests run beside this one. */
    clock_t from = clock();
    double took;

    check_answer(parse(text));
    took = (double)(clock() - from) * 1000 / CLOCKS_PER_SEC;
    if (getenv("VERBOSE"))
        fprintf(stderr, "%-30s %6.0f ms\n", what, took);
    ck_assert_msg(took < FAST_MS, "%s took %.0f ms", what, took);
    forget();
}

START_TEST(hostile_files_are_answered_within_a_second)
{
    check_fast("deep lists", repeated("", "[", 200000, ""));
    check_fast("deep mappings", repeated("", "{a: ", 200000, ""));
    check_fast("deep blocks", repeated("", "- ", 200000, ""));
    check_fast("deep keys", repeated("", "? ", 200000, ""));
    check_fast("a list of lists", repeated("plan: [", "[],", 300000, "]\n"));
    check_fast("a scalar of 1 MiB", repeated("plan: x\ndescription: ", "a", 1048000, "\n"));
    check_fast("a quoted scalar of 1 MiB", repeated("plan: x\nowner: \"", "\\n", 520000, "\"\n"));
    check_fast("a folded scalar", repeated("plan: x\nowner: a", "\n  a", 260000, "\n"));
    check_fast("a key of 1 MiB", repeated("? \"", "k", 1048000, "\"\n: x\n"));
    check_fast("a comment of 1 MiB", repeated("plan: x\n# ", "#", 1048000, "\n"));
    check_fast("blanks", repeated("plan: x\n", " ", 1048000, "a: b\n"));
    check_fast("line breaks", repeated("plan: x\n", "\n", 1048000, "a: b\n"));
    check_fast("tabs", repeated("plan: x\n", "\t", 1048000, "a: b\n"));
    check_fast("control bytes", repeated("plan: x\n", "\x01", 1048000, "\n"));
    check_fast("anchors", repeated("plan: [", "&a a,", 200000, "]\n"));
    check_fast("aliases", repeated("plan: &a x\napp: [", "*a,", 300000, "]\n"));
    check_fast("unknown keys", numbered("plan: x\n", "k", ": 1\n", 90000));
    check_fast("one key again and again", repeated("", "a: 1\n", 200000, ""));
    check_fast("flow keys", numbered("plan: {", "k", ": 1, ", 80000));
    check_fast("gates", numbered("plan: x\ngates: {", "p", ": [soak: 1h], ", 40000));
    check_fast("gates of one phase",
               repeated("plan: x\nchange: {rename_column: {table: t, from: a, "
                        "to: b}}\ngates: {switch: [",
                        "soak: 1h,", 100000, "]}\n"));
    check_fast("accepts", numbered("plan: x\naccept:\n", "- {rule: r", ", because: b}\n", 40000));
    check_fast("documents", repeated("", "---\n", 250000, ""));
    check_fast("dots",
               repeated("plan: x\nchange: {rename_column: {table: a", ".a", 500000, "}}\n"));
    check_fast("versions", repeated("plan: x\ncode: {new: '>1", ",>1", 300000, "'}\n"));
}
END_TEST

START_TEST(a_billion_laughs_are_not_laughed)
{
    struct buf out = BUF_IN(&arena);

    buf_add(&out, "a0: &a0 ha\n");
    for (int i = 1; i < 30; i++)
        buf_addf(&out, "a%d: &a%d [*a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1);
    check_fast("billion laughs", buf_text(&out));
    check_fast("a list that contains itself", "plan: &a [*a]\n");
}
END_TEST

START_TEST(of_many_errors_the_first_ones_are_kept)
{
    ck_assert(!parse(numbered("", "k", ": 1\n", 1000)));
    ck_assert_uint_eq(errors.n, PLAN_MAX_ERRORS);
    ck_assert_int_eq(errors.errs[0].at.line, 1);
    ck_assert_int_eq(errors.errs[PLAN_MAX_ERRORS - 1].at.line, PLAN_MAX_ERRORS - 2);
    ck_assert_uint_eq(errors.more, 1000 + 2 - PLAN_MAX_ERRORS);
}
END_TEST

/* A copy that ends where the text ends, so that the sanitizer sees a step too far. */
static bool parse_exact(const char *text, size_t len)
{
    char *exact = malloc(len + !len);
    bool ok;

    ck_assert_ptr_nonnull(exact);
    memcpy(exact, text, len);
    ok = plan_parse(&arena, "p.yaml", exact, len, &plan, &errors);
    free(exact);
    check_answer(ok);
    return ok;
}

START_TEST(every_prefix_of_a_good_plan_is_answered)
{
    size_t len;
    const char *text = unit_file(&arena, "tests/golden/plans/good-full.yaml", &len);
    char *copy = malloc(len);

    memcpy(copy, text, len);
    for (size_t n = 0; n <= len; n++) {
        parse_exact(copy, n);
        forget();
    }
    free(copy);
}
END_TEST

static uint64_t seed = UINT64_C(20240229);

static size_t pick(size_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(seed >> 33) % below;
}

/* Bytes with which YAML begins something; the rest are any. */
static char byte(void)
{
    static const char special[] = "\n\t\r :-,[]{}?&*!|>'\"%@`#<~\\0.\xff\xc3\x80";

    return pick(2) ? special[pick(sizeof special)] : (char)pick(256);
}

static void mutate(const char *path, size_t times)
{
    size_t len, good = 0;
    const char *text = unit_file(&arena, path, &len);
    char *original = malloc(len), *copy = malloc(len + 1);

    memcpy(original, text, len);
    for (size_t i = 0; i < times; i++) {
        size_t at = pick(len), n = len;

        memcpy(copy, original, len);
        switch (pick(3)) {
        case 0: /* another byte */
            copy[at] = byte();
            break;
        case 1: /* one less */
            memmove(copy + at, copy + at + 1, len - at - 1);
            n--;
            break;
        default: /* one more */
            memmove(copy + at + 1, copy + at, len - at);
            copy[at] = byte();
            n++;
        }
        good += parse_exact(copy, n);
        forget();
    }
    printf("%s: %zu of %zu mutations are still plans, seed 20240229\n", path, good, times);
    free(original);
    free(copy);
}

START_TEST(every_mutation_of_a_good_plan_is_answered)
{
    mutate("tests/golden/plans/good-full.yaml", 4000);
    mutate("tests/golden/plans/good-order-and-spelling.yaml", 2000);
    mutate("tests/golden/plans/good-block-text.yaml", 2000);
    mutate("tests/golden/plans/good-names.yaml", 2000);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("loader_input");
    TCase *t = tcase_create("loader_input");

    tcase_set_timeout(t, 50);
    tcase_add_checked_fixture(t, NULL, forget);
    tcase_add_test(t, what_is_no_readable_file_is_no_input_and_is_not_waited_for);
    tcase_add_test(t, a_dash_is_standard_input_and_is_read_to_a_limit);
    tcase_add_test(t, hostile_files_are_answered_within_a_second);
    tcase_add_test(t, a_billion_laughs_are_not_laughed);
    tcase_add_test(t, of_many_errors_the_first_ones_are_kept);
    tcase_add_test(t, every_prefix_of_a_good_plan_is_answered);
    tcase_add_test(t, every_mutation_of_a_good_plan_is_answered);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return unit_run(suite());
}
