/*
 * Each key of each operation, and of a plan's own phases, with each wrong kind of value:
 * an error in that line which names the key.  A new operation is swept by its table.
 */
#include <check.h>
#include <stdio.h>

#include "loader_fixture.h"
#include "orchestrate/base/buf.h"

#define LONG "n123456789n123456789n123456789n123456789n123456789n123456789n123"

/* What stands in place of a value; which kinds of fields take it, nevertheless. */
/* clang-format off */
static const struct {
    const char *value;
    bool name, sql, names;
} wrong[] = {
    { "",                      false, false, false },
    { "~",                     false, false, false },
    { "null",                  false, false, false },
    { "''",                    false, false, false },
    { "\"  \"",                false, false, false },
    { "[]",                    false, false, false },
    { "{}",                    false, false, false },
    { "[a]",                   false, false, true },
    { "[a, a]",                false, false, false },
    { "[[a]]",                 false, false, false },
    { "[{a: b}]",              false, false, false },
    { "[~]",                   false, false, false },
    { "['']",                  false, false, false },
    { "[" LONG "4]",           false, false, false },
    { "{a: b}",                false, false, false },
    { "'" LONG "4'",           false, true,  false },
    { "" LONG "\xc3\xa4",      false, true,  false },
    { "\"a +\\nb\"",           false, true,  false },
    { "\"a\\0b\"",             false, false, false },
    { "\"a\xe2\x80\xae\"",     false, false, false },
    { "&a b",                  false, false, false },
    { "*a",                    false, false, false },
    { "!!str a",               false, false, false },
    /* text is text: a name may look like something else */
    { "42",                    true,  true,  false },
    { "-1.5",                  true,  true,  false },
    { "true",                  true,  true,  false },
    { "2024-02-29",            true,  true,  false },
};
/* clang-format on */

static bool takes(size_t w, enum field_kind kind)
{
    return kind == FIELD_SQL ? wrong[w].sql : kind == FIELD_NAMES ? wrong[w].names : wrong[w].name;
}

static const char *right(const struct field *field, size_t i)
{
    switch (field->kind) {
    case FIELD_TABLE:
        return "shop.thing";
    case FIELD_NAMES:
        return arena_printf(&arena, "[col%zu]", i);
    default:
        return arena_printf(&arena, "col%zu", i);
    }
}

/* All fields of the operation, a line each; that of the number has this value, NULL: is left out.
 */
static const char *with(const struct operation *op, size_t number, const char *value)
{
    struct buf out = BUF_IN(&arena);

    buf_addf(&out, "plan: p\nchange:\n  %s:\n", op->name);
    for (size_t i = 0; op->fields[i].key; i++)
        if (i != number || value)
            buf_addf(&out, "    %s: %s\n", op->fields[i].key,
                     i == number ? value : right(&op->fields[i], i));
    return buf_text(&out);
}

/* What is no YAML of ours is told as that, whatever the key. */
static const char *named(const char *key, const char *value)
{
    if (*value && strchr("&*!", *value))
        return "";
    return strstr(value, "\\0") ? "NUL" : strstr(value, "\xe2\x80\xae") ? "U+202E" : key;
}

/* Some error is in the line, and names the key. */
static void is_told(const char *text, int line, const char *key)
{
    bool told = false;

    check_answer(parse(text));
    for (size_t i = 0; i < errors.n; i++)
        told |= errors.errs[i].at.line == line && strstr(errors.errs[i].text, key);
    ck_assert_msg(told, "not told of `%s`:\n%s\n%s", key, text,
                  errors.n ? errors.errs[0].text : "");
}

static void show(void)
{
    for (size_t i = 0; i < errors.n && getenv("VERBOSE"); i++)
        printf("    %s%s%s\n", errors.errs[i].text, *errors.errs[i].hint ? " -- " : "",
               errors.errs[i].hint);
}

START_TEST(no_key_of_an_operation_takes_a_wrong_kind_of_value)
{
    const struct operation *op = operations[_i];

    for (size_t f = 0; op->fields[f].key; f++)
        for (size_t w = 0; w < ARRAY_LEN(wrong); w++) {
            const char *text = with(op, f, wrong[w].value), *key = op->fields[f].key;
            const char *told = named(key, wrong[w].value);

            if (getenv("VERBOSE"))
                printf("%s %s: %s\n", op->name, key, wrong[w].value);
            if (takes(w, op->fields[f].kind)) {
                parse(text);
                ck_assert_msg(!errors.n, "%s\n%s", text, errors.errs[0].text);
            } else {
                is_told(text, (int)f + 4, told);
                show();
                ck_assert_msg(errors.n == 1 || told != key, "%s\n%s\n%s", text, errors.errs[0].text,
                              errors.errs[1].text);
            }
            forget();
        }
}
END_TEST

START_TEST(what_an_operation_requires_is_missed_and_what_it_has_twice_is_told)
{
    const struct operation *op = operations[_i];
    size_t n = 0;

    while (op->fields[n].key)
        n++;
    for (size_t f = 0; f < n; f++) {
        const char *key = op->fields[f].key, *text = with(op, f, NULL);

        /* Where the mapping begins, be it empty. */
        if (op->fields[f].required)
            is_told(text, op->fields[1].key ? 4 : 3, key);
        else
            ck_assert(parse(text));
        text = with(op, f, right(&op->fields[f], f));
        ck_assert(parse(text));
        is_told(arena_printf(&arena, "%s    %s: again\n", text, key), 4 + (int)n, key);
    }
}
END_TEST

/* ---- a plan's own phases, and what surrounds them ---- */

enum { TEXT = 1, LIST = 2, MAP = 4 };

#define ONE "phases:\n  - name: one\n    steps:\n      - sql: SELECT 1\n        undo: none\n"
#define FILL "phases:\n  - name: one\n    steps:\n      - undo: none\n        backfill:\n"

/* The key stands on a line of its own, with its value in place of the `%s`. */
/* clang-format off */
static const struct {
    const char *key, *text;
    int line, takes;
} own[] = {
    { "name",          "phases:\n  - name: %s\n    steps:\n      - sql: SELECT 1\n        undo: none\n", 3, TEXT },
    { "note",          ONE "    note: %s\n", 7, TEXT },
    { "role",          ONE "    role: %s\n", 7, TEXT },
    { "deploy_before", ONE "    deploy_before: %s\n", 7, 0 },
    { "steps",         "phases:\n  - name: one\n    steps: %s\n", 4, LIST },
    { "phases",        "phases: %s\n", 2, LIST },
    { "sql",           "phases:\n  - name: one\n    steps:\n      - sql: %s\n        undo: none\n", 5, TEXT },
    { "undo",          "phases:\n  - name: one\n    steps:\n      - sql: SELECT 1\n        undo: %s\n", 6, TEXT },
    { "concurrently",  "phases:\n  - name: one\n    steps:\n      - concurrently: %s\n        undo: none\n", 5, TEXT },
    { "verify",        "phases:\n  - name: one\n    steps:\n      - concurrently: VACUUM t\n        verify: %s\n        undo: none\n", 6, TEXT },
    { "check",         "phases:\n  - name: one\n    steps:\n      - check: %s\n", 5, TEXT },
    { "accept",        "phases:\n  - name: one\n    steps:\n      - sql: SELECT 1\n        undo: none\n        accept: %s\n", 7, LIST },
    { "backfill",      "phases:\n  - name: one\n    steps:\n      - backfill: %s\n        undo: none\n", 5, MAP },
    { "table",         FILL "          table: %s\n          set: {a: '1'}\n", 7, TEXT },
    { "set",           FILL "          table: t\n          set: %s\n", 8, MAP },
    { "where",         FILL "          table: t\n          set: {a: '1'}\n          where: %s\n", 9, TEXT },
    { "change",        "change: %s\n", 2, MAP },
    { "changes",       "changes: %s\n", 2, LIST },
    { "rename_column", "change:\n  rename_column: %s\n", 3, MAP },
    { "settings",      ONE "settings: %s\n", 7, MAP },
    { "gates",         ONE "gates: %s\n", 7, MAP },
    { "accept",        ONE "accept: %s\n", 7, LIST },
    { "code",          ONE "code: %s\n", 7, MAP },
    { "app",           ONE "app: %s\n", 7, TEXT },
    { "owner",         ONE "owner: %s\n", 7, TEXT },
};

/* What has a kind that the key takes may be right. */
static const struct {
    const char *value;
    int kind;
} other[] = {
    { "", 0 }, { "~", 0 }, { "null", 0 }, { "''", 0 }, { "\"  \"", 0 }, { "\"a\\0b\"", 0 },
    { "&a b", 0 }, { "*a", 0 }, { "!!str a", 0 }, { "a", TEXT }, { "42", TEXT },
    { "[a]", LIST }, { "[[a]]", LIST }, { "[{a: b}]", LIST }, { "[]", LIST },
    { "{a: b}", MAP }, { "{a: [b]}", MAP }, { "{}", MAP },
};
/* clang-format on */

static const char *put(const char *text, const char *value)
{
    const char *at = strstr(text, "%s");

    return arena_printf(&arena, "plan: p\n%.*s%s%s", (int)(at - text), text, value, at + 2);
}

START_TEST(no_key_of_own_phases_takes_a_wrong_kind_of_value)
{
    for (size_t w = 0; w < ARRAY_LEN(other); w++) {
        const char *text = put(own[_i].text, other[w].value);

        if (getenv("VERBOSE"))
            printf("%s: %s\n", own[_i].key, other[w].value);
        if (other[w].kind & own[_i].takes)
            check_answer(parse(text));
        else
            is_told(text, own[_i].line, named(own[_i].key, other[w].value));
        show();
        forget();
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("loader_kinds");
    TCase *t = tcase_create("loader_kinds");
    int n = 0;

    while (operations[n])
        n++;
    tcase_add_checked_fixture(t, NULL, forget);
    tcase_add_loop_test(t, no_key_of_an_operation_takes_a_wrong_kind_of_value, 0, n);
    tcase_add_loop_test(t, what_an_operation_requires_is_missed_and_what_it_has_twice_is_told, 0,
                        n);
    tcase_add_loop_test(t, no_key_of_own_phases_takes_a_wrong_kind_of_value, 0, ARRAY_LEN(own));
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return unit_run(suite());
}
