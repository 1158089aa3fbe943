/*
 * SQL templates in psql's notation (sql/template.h).
 */
#include <check.h>
#include <stdlib.h>

#include "orchestrate/sql/template.h"
#include "unit.h"

static struct var known[] = {
    { "t", "pub\"lic" },
    { "v", "it's" },
    { "e", "a + b" },
    { "empty", "" },
    { "body", "BEGIN\nEND" },
    { "evil", "x$orchestrate$\ny" },
    { "nearly", "x\ny$orchestrate" },
};
static const struct vars vars = { .vars = known, .n = ARRAY_LEN(known) };

/* clang-format off */
static const struct { const char *rule, *text, *want; } rows[] = {
    { "an identifier is quoted",             "DROP :\"t\"",            "DROP \"pub\"\"lic\"" },
    { "a literal is quoted",                 "SELECT :'v'",            "SELECT 'it''s'" },
    { "an expression stands as it is",       "SET x = :e;",            "SET x = a + b;" },
    { "an empty value leaves nothing",       "a :empty b",             "a  b" },
    { "a text of several lines is dollar-quoted", "AS :'body'",        "AS $orchestrate$BEGIN\nEND$orchestrate$" },
    { "unless it contains our delimiter",    "AS :'evil'",             "AS 'x$orchestrate$\ny'" },
    { "or would, with ours behind it",       "AS :'nearly'",           "AS 'x\ny$orchestrate'" },
    { "a cast is no reference",              "x::e",                   "x::e" },
    { "nor is a colon in a literal",         "':e'",                   "':e'" },
    { "nor in a quoted identifier",          "\":e\"",                 "\":e\"" },
    { "nor in an escape string",             "E'\\':e'",               "E'\\':e'" },
    { "nor in a dollar quote",               "$f$ :e $f$ :e",          "$f$ :e $f$ a + b" },
    { "a dollar parameter is no dollar quote", "$1 :e $1",             "$1 a + b $1" },
    { "nor in a comment",                    "-- :e\n:e",              "-- :e\na + b" },
    { "nor in a nested comment",             "/* /* :e */ :e */ :e",   "/* /* :e */ :e */ a + b" },
    { "an unclosed quote is copied",         "'abc :e",                "'abc :e" },
    { "a colon at the end is a colon",       "a:",                     "a:" },
    { "an array slice is no reference",      "a[1:2]",                 "a[1:2]" },
};
/* clang-format on */

START_TEST(the_rule_holds)
{
    CLEANUP(arena) struct arena arena = { 0 };
    const char *out;
    struct err err;

    ck_assert_msg(template_render(&arena, rows[_i].text, &vars, &out, &err), "%s: %s",
                  rows[_i].rule, err.text);
    ck_assert_msg(strcmp(out, rows[_i].want) == 0, "%s: got %s", rows[_i].rule, out);
}
END_TEST

START_TEST(an_unknown_name_is_an_error)
{
    CLEANUP(arena) struct arena arena = { 0 };
    const char *out;
    struct err err;

    ck_assert(!template_render(&arena, "SELECT :nobody", &vars, &out, &err));
    ck_assert_int_eq(err.code, ERR_BUG);
    ck_assert_ptr_nonnull(strstr(err.text, "nobody"));
}
END_TEST

START_TEST(without_a_database_an_unknown_name_is_shown_as_such)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct vars lenient = { .missing_ok = true };
    const char *out;
    struct err err;

    ck_assert(template_render(&arena, "ADD COLUMN :\"x\" :type", &lenient, &out, &err));
    ck_assert_str_eq(out, "ADD COLUMN <x> <type>");
}
END_TEST

START_TEST(the_latest_value_of_a_name_wins)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct vars v = { 0 };

    vars_add(&arena, &v, "a", "1");
    vars_add(&arena, &v, "a", "2");
    ck_assert_str_eq(vars_find(&v, "a"), "2");
    ck_assert_ptr_null(vars_find(&v, "b"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("template");
    TCase *tcase = tcase_create("template");

    tcase_add_loop_test(tcase, the_rule_holds, 0, ARRAY_LEN(rows));
    tcase_add_test(tcase, an_unknown_name_is_an_error);
    tcase_add_test(tcase, without_a_database_an_unknown_name_is_shown_as_such);
    tcase_add_test(tcase, the_latest_value_of_a_name_wins);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
