/*
 * orchestrate.yaml against tests/golden/config: beside each file stands what was
 * read from it, or its messages.  ORCHESTRATE_BLESS=1 writes what is found.
 */
#include <check.h>
#include <dirent.h>
#include <stdlib.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/base/text.h"
#include "orchestrate/plan/config.h"
#include "unit.h"

static const char folder[] = "tests/golden/config";

static struct arena arena;
static struct config config;
static struct plan_errors errors;

static void forget(void)
{
    arena_cleanup(&arena);
}

static const char *messages(const char *name)
{
    struct buf out = BUF_IN(&arena);

    for (size_t i = 0; i < errors.n; i++) {
        const struct err *e = &errors.errs[i];

        ck_assert_int_eq(e->code, ERR_CONFIG);
        buf_addf(&out, "%s:%d:%d: %s\n", name, e->at.line, e->at.column, e->text);
        if (*e->hint)
            buf_addf(&out, "  hint: %s\n", e->hint);
    }
    return buf_text(&out);
}

static void add(struct buf *out, const char *key, const char *value)
{
    if (value)
        buf_addf(out, "  %s: %s\n", key, value);
}

static const char *contents(void)
{
    struct buf out = BUF_IN(&arena);

    for (size_t i = 0; i < config.n_environments; i++) {
        const struct environment *e = &config.environments[i];

        buf_addf(&out, "%s (line %d)\n", e->name, e->at.line);
        add(&out, "url", e->url);
        add(&out, "url_env", e->url_env);
        add(&out, "service", e->service);
        add(&out, "gates", e->gates_off ? "off" : "on");
    }
    return buf_text(&out);
}

static int is_config(const struct dirent *entry)
{
    return text_ends(entry->d_name, ".yaml");
}

static bool as_expected(const char *name)
{
    const char *path = arena_printf(&arena, "%s/%s", folder, name);
    const char *expected =
        arena_printf(&arena, "%.*s.expected", (int)(strlen(path) - strlen(".yaml")), path);
    bool ok = config_load(&arena, path, &config, &errors);
    const char *found = ok ? contents() : messages(name);

    ck_assert_int_eq(ok, errors.n == 0);
    ck_assert_msg(ok == text_starts(name, "good-"), "%s: %s", name, found);
    return unit_golden_same(&arena, expected, found);
}

START_TEST(each_file_gives_what_stands_beside_it)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, is_config, alphasort), wrong = 0;

    ck_assert_int_ge(n, 20);
    for (int i = 0; i < n; i++) {
        wrong += !as_expected(entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    ck_assert_msg(wrong == 0, "%d files differ; ORCHESTRATE_BLESS=1 writes what is found", wrong);
}
END_TEST

static bool read_it(const char *text)
{
    return config_parse(&arena, "orchestrate.yaml", text, strlen(text), &config, &errors);
}

START_TEST(an_environment_is_found_by_its_name_or_the_names_are_listed)
{
    const struct environment *e = NULL;
    struct err err = { 0 };

    ck_assert(read_it("environments:\n  dev: {url_env: A}\n  prod: {service: s}\n"));
    ck_assert(config_environment(&arena, &config, "prod", &e, &err));
    ck_assert_str_eq(e->service, "s");
    ck_assert(!config_environment(&arena, &config, "prd", &e, &err));
    ck_assert_int_eq(err_status(&err), 78);
    ck_assert_str_eq(err.text, "orchestrate.yaml has no environment prd");
    ck_assert_str_eq(err.hint, "Did you mean prod? It has: dev, prod.");
    ck_assert(!config_environment(&arena, &config, "staging", &e, &err));
    ck_assert_str_eq(err.hint, "It has: dev, prod.");
}
END_TEST

START_TEST(a_file_without_environments_says_how_to_write_one)
{
    const struct environment *e = NULL;
    struct err err = { 0 };

    ck_assert(read_it("# nothing yet\n"));
    ck_assert(!config_environment(&arena, &config, "dev", &e, &err));
    ck_assert_str_eq(err.hint, "It has none at all; write `environments: {dev: {url_env: ...}}`.");
}
END_TEST

START_TEST(a_file_that_is_not_there_is_no_input)
{
    ck_assert(!config_load(&arena, "tests/golden/config/none.yaml", &config, &errors));
    ck_assert_int_eq(errors.errs[0].code, ERR_NO_INPUT);
    ck_assert_str_eq(errors.errs[0].text,
                     "cannot read tests/golden/config/none.yaml: No such file or directory");
    ck_assert(!config_load(&arena, "tests/golden", &config, &errors));
    ck_assert_str_eq(errors.errs[0].text, "tests/golden is a directory, not a file");
}
END_TEST

/* The reader and the manual have the same keys: what is unknown is answered with the list. */
START_TEST(the_documented_keys_are_those_that_are_read)
{
    struct buf list = BUF_IN(&arena);

    for (const struct config_key *key = environment_keys; key->name; key++)
        buf_addf(&list, "%s%s", list.len ? ", " : "known here: ", key->name);
    ck_assert(!read_it("environments: {dev: {zzzzzzzzzz: 1}}\n"));
    ck_assert_str_eq(errors.errs[0].hint, buf_text(&list));
    list = BUF_IN(&arena);
    for (const struct config_key *key = config_keys; key->name; key++)
        buf_addf(&list, "%s%s", list.len ? ", " : "known here: ", key->name);
    ck_assert(!read_it("zzzzzzzzzz: 1\n"));
    ck_assert_str_eq(errors.errs[0].hint, buf_text(&list));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config");
    TCase *tcase = tcase_create("config");

    tcase_add_checked_fixture(tcase, NULL, forget);
    tcase_add_test(tcase, each_file_gives_what_stands_beside_it);
    tcase_add_test(tcase, an_environment_is_found_by_its_name_or_the_names_are_listed);
    tcase_add_test(tcase, a_file_without_environments_says_how_to_write_one);
    tcase_add_test(tcase, a_file_that_is_not_there_is_no_input);
    tcase_add_test(tcase, the_documented_keys_are_those_that_are_read);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
