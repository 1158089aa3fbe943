/*
 * The documents that `orchestrate docs` prints: their copies in docs/ do not drift
 * (ORCHESTRATE_BLESS=1 writes them anew), and nothing is missing from them.
 */
#include <check.h>
#include <stdlib.h>

#include "docs.h"
#include "orchestrate/plan/format.h"
#include "unit.h"

static struct arena arena;

static void teardown(void)
{
    arena_cleanup(&arena);
}

static const char *printed(const struct topic *topic)
{
    struct buf out = BUF_IN(&arena);

    topic->print(&out);
    return buf_text(&out);
}

static const char *document(const char *name)
{
    for (const struct topic *t = topics; t->name; t++)
        if (strcmp(t->name, name) == 0)
            return printed(t);
    ck_abort_msg("no document %s", name);
    return NULL;
}

static size_t topic_count(void)
{
    size_t n = 0;

    while (topics[n].name)
        n++;
    return n;
}

START_TEST(the_copy_in_the_source_is_what_is_printed)
{
    const struct topic *topic = &topics[_i];

    ck_assert(_i == 0 || strcmp(topic[-1].name, topic->name) < 0);
    unit_golden(&arena, topic->file, printed(topic));
}
END_TEST

static void has(const char *text, const char *part, const char *where)
{
    ck_assert_msg(strstr(text, part) != NULL, "%s does not have %s", where, part);
}

/* roff has its own hyphen. */
static const char *roff(const char *text)
{
    struct buf out = BUF_IN(&arena);

    for (; *text; text++)
        buf_addf(&out, "%s%c", *text == '-' ? "\\" : "", *text);
    return buf_text(&out);
}

static const char *completion(const struct shell *shell)
{
    struct buf out = BUF_IN(&arena);

    shell->print(&out);
    return buf_text(&out);
}

START_TEST(every_option_is_in_every_document_and_completion)
{
    size_t n;
    const struct option_row *rows = options_table(&n);
    const char *markdown = document("commands"), *man = document("man");

    for (size_t i = 0; i < n; i++) {
        has(markdown, docs_option(&arena, &rows[i]), "commands");
        has(man, roff(docs_option(&arena, &rows[i])), "man");
        for (const struct shell *s = shells; s->name; s++)
            has(completion(s),
                arena_printf(&arena, "%s%s", strcmp(s->name, "fish") == 0 ? "-l " : "--",
                             rows[i].name),
                s->name);
        for (const struct shell *s = shells; s->name && rows[i].choices; s++)
            if (rows[i].kind == OPTION_CHOICE)
                has(completion(s), complete_value(&arena, &rows[i]), s->name);
    }
}
END_TEST

START_TEST(every_command_is_in_every_document_and_completion)
{
    for (const struct command *c = commands; c->name; c++) {
        has(document("commands"), arena_printf(&arena, "\n## %s\n", c->name), "commands");
        has(document("man"), arena_printf(&arena, ".SS %s", roff(c->name)), "man");
        for (const struct shell *s = shells; s->name; s++)
            has(completion(s), c->name, s->name);
    }
}
END_TEST

START_TEST(every_row_of_the_plan_format_is_in_its_reference_and_schema)
{
    const char *markdown = document("plan"), *schema = document("schema");
    size_t n;
    const struct setting *settings = settings_table(&n);
    const char *set = strstr(document("commands"), "\n## set\n");

    for (size_t i = 0; i < n; i++) {
        const char *dot = strchr(settings[i].key, '.');

        has(strstr(set, "The keys are"), settings[i].key, "what `set` says of its keys");
        has(markdown, arena_printf(&arena, "| `%s` |", settings[i].key), "plan");
        has(schema, arena_printf(&arena, "\"%s\": {", dot ? dot + 1 : settings[i].key), "schema");
    }
    for (const struct gate_kind *k = gate_kinds; k->name; k++)
        if (k->value != GATE_NO_VALUE) {
            ck_assert_msg(k->example, "%s has no example", k->name);
            has(markdown, arena_printf(&arena, "\n- %s\n", k->example), "plan");
            has(schema, arena_printf(&arena, "\"%s\": {", k->name), "schema");
        }
    for (size_t i = 0; operations[i]; i++)
        for (const struct field *f = operations[i]->fields; f->key; f++) {
            has(markdown, arena_printf(&arena, "| `%s` |", f->key), "plan");
            has(schema, arena_printf(&arena, "\"%s\": {", f->key), "schema");
        }
}
END_TEST

/* What is unknown is answered with the list of what is known. */
static void compare_keys(const struct plan_key *keys, const char *text, size_t error)
{
    struct buf list = BUF_IN(&arena);
    struct plan plan;
    struct plan_errors *errors = arena_alloc(&arena, sizeof *errors);

    for (; keys->name; keys++)
        buf_addf(&list, "%s%s", list.len ? ", " : "known here: ", keys->name);
    ck_assert(!plan_parse(&arena, "p", text, strlen(text), &plan, errors));
    ck_assert_uint_gt(errors->n, error);
    ck_assert_str_eq(errors->errs[error].hint, buf_text(&list));
}

START_TEST(the_documented_keys_are_those_that_the_loader_reads)
{
    compare_keys(plan_keys, "zzzzzzzzzzzzzz: 1\n", 0);
    compare_keys(plan_code_keys,
                 "plan: x\nchange: {rename_column: {table: t, from: a, to: b}}\n"
                 "code: {zzzzzzzzzzzzzz: 1}\n",
                 0);
    compare_keys(plan_accept_keys,
                 "plan: x\nchange: {rename_column: {table: t, from: a, to: b}}\n"
                 "accept: [{zzzzzzzzzzzzzz: 1, rule: r, because: b}]\n",
                 0);
}
END_TEST

START_TEST(json_is_laid_out_without_being_changed)
{
    static const struct {
        const char *json, *laid_out;
    } cases[] = {
        { "{}", "{}\n" },
        { "[]", "[]\n" },
        { "{\"a\":1}", "{\n  \"a\": 1\n}\n" },
        { "[1,[],{\"b\":[true]}]",
          "[\n  1,\n  [],\n  {\n    \"b\": [\n      true\n    ]\n  }\n]\n" },
        { "{\"a{:,\\\"[\":\"}\\\\\"}", "{\n  \"a{:,\\\"[\": \"}\\\\\"\n}\n" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out = BUF_IN(&arena);

        json_indent(&out, cases[i].json);
        ck_assert_str_eq(buf_text(&out), cases[i].laid_out);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reference");
    TCase *tcase = tcase_create("reference");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_loop_test(tcase, the_copy_in_the_source_is_what_is_printed, 0, (int)topic_count());
    tcase_add_test(tcase, every_option_is_in_every_document_and_completion);
    tcase_add_test(tcase, every_command_is_in_every_document_and_completion);
    tcase_add_test(tcase, every_row_of_the_plan_format_is_in_its_reference_and_schema);
    tcase_add_test(tcase, the_documented_keys_are_those_that_the_loader_reads);
    tcase_add_test(tcase, json_is_laid_out_without_being_changed);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
