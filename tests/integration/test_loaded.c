/*
 * One table with everything at once on one column, see tests/fixture/loaded.sql:
 * each operation carries a thing to the end that the plain statement has, or refuses
 * it by its name before anything is touched.  And the shapes of tables that cannot be
 * one with it: done with an equal end, or refused by a rule.
 */
#include <string.h>

#include "operation.h"
#include "orchestrate/base/buf.h"
#include "refusal.h"
#include "support.h"

/* What an operation makes of a thing. */
enum fate {
    CARRIED = 'c', /* it is as after the plain statement; no refusal names it */
    REFUSED = 'r', /* a refusal names it; once it is taken away the rest goes through */
    OLD = 'o',     /* REFUSED before Postgres 15, CARRIED from there on */
    NAMED = 'n',   /* the same; but it may stay when the plan names it: it goes, too */
};

static void rename_by_hand(const char *database, const char *phase, bool undone)
{
    const char *name = undone ? "code" : "token";
    PGconn *conn = test_connect(database, "app");

    if (strcmp(phase, "retire") == 0)
        test_sql(conn,
                 "CREATE OR REPLACE FUNCTION loaded.item_string(wanted text) RETURNS integer "
                 "LANGUAGE sql STABLE AS"
                 " $$ SELECT id FROM loaded.item WHERE %s = wanted $$;"
                 "CREATE OR REPLACE FUNCTION loaded.item_body() RETURNS trigger LANGUAGE plpgsql AS"
                 " $$ BEGIN IF NEW.%s = 'never' THEN RAISE EXCEPTION 'never'; END IF; RETURN NULL; "
                 "END $$",
                 name, name);
    PQfinish(conn);
}

static void rename_table_by_hand(const char *database, const char *phase, bool undone)
{
    const char *from = undone ? "renamed" : "item", *to = undone ? "item" : "renamed";
    PGconn *conn = test_connect(database, "app");

    if (strcmp(phase, "contract") == 0)
        test_sql(
            conn,
            "DO $$ DECLARE f oid; BEGIN FOR f IN SELECT oid FROM pg_proc WHERE proname IN"
            " ('item_string', 'item_rows') AND prosrc ~ 'loaded.%s\\M' LOOP"
            " EXECUTE regexp_replace(pg_get_functiondef(f), 'FROM loaded.%s\\M', 'FROM loaded.%s');"
            " END LOOP; END $$",
            from, from, to);
    PQfinish(conn);
}

/* In `change` and `plain`, %s is the table; `named`: the change when things are named. */
static const struct {
    const char *name, *change, *named, *plain;
    void (*by_hand)(const char *database, const char *phase, bool undone);
} operations[] = {
    { "rename_column", "rename_column: {table: %s, from: code, to: token}", NULL,
      "ALTER TABLE %s RENAME COLUMN code TO token", rename_by_hand },
    { "rename_table", "rename_table: {table: %s, to: renamed}", NULL,
      "ALTER TABLE %s RENAME TO renamed", rename_table_by_hand },
};
enum { OPERATIONS = ARRAY_LEN(operations) };

/* clang-format off */
/* What it is, its name, since which version, how it is taken away; a fate for each operation. */
static const struct {
    const char *what, *name;
    int since;
    const char *remove, *fates;
} things[] = {
    { "index",                  "item_index_plain",      13, NULL, "cc" },
    { "index of two columns",   "item_index_pair",       13, NULL, "cc" },
    { "index of an expression", "item_index_expression", 13, NULL, "cc" },
    { "predicate of an index",  "item_index_predicate",  13, NULL, "cc" },
    { "INCLUDE of an index",    "item_index_include",    13, NULL, "cc" },
    { "primary key",            "item_primary",          13, NULL, "cc" },
    { "UNIQUE",                 "item_unique",           13, NULL, "cc" },
    { "UNIQUE of two columns",  "item_unique_pair",      13, NULL, "cc" },
    { "CHECK",                  "item_check",            13, NULL, "cc" },
    { "CHECK of two columns",   "item_check_pair",       13, NULL, "cc" },
    { "EXCLUDE",                "item_exclude",          13, NULL, "cc" },
    { "foreign key",            "item_reference",        13, NULL, "cc" },
    { "foreign key of another", "item_referred",         13, NULL, "cc" },
    { "generated column",       "generated_column",      13, NULL, "cc" },
    { "owned sequence",         "item_sequence",         13, NULL, "cc" },
    { "statistics",             "item_statistics",       13, NULL, "cc" },
    { "statistics, expression", "item_statistics_expression", 14, NULL, "cc" },
    { "view",                   "item_view",             13, NULL, "cc" },
    { "view of whole rows",     "item_whole",            13, NULL, "cc" },
    { "materialized view",      "item_materialized",     13, NULL, "cc" },
    { "rule of another table",  "item_rule",             13, NULL, "cc" },
    { "column of the row type", "item_row",              13, NULL, "cc" },
    { "policy",                 "item_policy",           13, NULL, "cc" },
    { "row level security",     "row level security",    13,
      "ALTER TABLE loaded.item DISABLE ROW LEVEL SECURITY", "co" },
    { "string function",        "item_string",           13, NULL, "cc" },
    { "function of rows",       "item_rows",             13, NULL, "cc" },
    { "parsed function",        "item_parsed",           14, NULL, "cc" },
    { "trigger, by its body",   "item_trigger_body",     13, NULL, "cc" },
    { "trigger UPDATE OF",      "item_trigger_of",       13, NULL, "cc" },
    { "trigger WHEN",           "item_trigger_when",     13, NULL, "cc" },
    { "trigger argument",       "item_trigger_argument", 13, "DROP TRIGGER item_trigger_argument ON loaded.item", "rc" },
    { "published whole",        "item_published",        13, "DROP PUBLICATION item_published", "rr" },
    { "published by columns",   "item_columns",          15, "DROP PUBLICATION item_columns", "cr" },
    { "published by rows",      "item_filter",           15, "DROP PUBLICATION item_filter", "rr" },
};

/* Shapes: the rule that refuses them, or NULL; for each operation. */
static const struct {
    const char *table;
    const char *rules[OPERATIONS];
} shapes[] = {
    { "loaded.parent",      { "inheritance", NULL } },
    { "loaded.child",       { "inheritance", NULL } },
    { "loaded.partitioned", { "partition-key", NULL } },
    { "loaded.partition_a", { "partition", NULL } },
    { "loaded.ranged",      { NULL, NULL } },
    { "loaded.typed",       { "typed-table", NULL } },
    { "loaded.identified",  { NULL, NULL } },
    { "loaded.item_view",   { "not-a-table", "not-a-table" } },
    { "loaded.item_materialized", { "not-a-table", "not-a-table" } },
    { "loaded.item_sequence", { "not-a-table", "not-a-table" } },
};
/* clang-format on */

static enum fate fate_of(size_t thing, int operation)
{
    char fate = things[thing].fates[operation];

    if (fate == OLD)
        return test_server_major() < 15 ? REFUSED : CARRIED;
    return (enum fate)fate;
}

static const char *of_table(const char *format, const char *table)
{
    const char *at = strstr(format, "%s");

    return arena_printf(test_arena(), "%.*s%s%s", (int)(at - format), format, table, at + 2);
}

/* The report's refusals, a line each. */
static const char *refusals(const char *db, const char *change)
{
    const char *plan =
        test_write("look.yaml", arena_printf(test_arena(), "plan: look\nchange:\n  %s\n", change));
    struct ran ran = ORCHESTRATE(test_url(db, "app"), "plan", plan, "--json");
    PGconn *conn = test_connect(db, "postgres");
    char *json;
    const char *lines;

    if (strstr(ran.out, "\"severity\":\"error\""))
        refusal_is_actionable(&ran, change);
    json = PQescapeLiteral(conn, ran.out, strlen(ran.out));
    lines = test_value(conn,
                       "SELECT string_agg((r ->> 'code') || ': ' || (r ->> 'message') || ' ' || "
                       "coalesce(r ->> 'hint', ''), E'\\n')"
                       " FROM jsonb_array_elements(%s::jsonb -> 'refusals') AS r",
                       json);
    PQfreemem(json);
    PQfinish(conn);
    return lines;
}

/* As a word: item_unique is not in item_unique_pair. */
static bool names(const char *text, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = text; (at = strstr(at, name)); at += len)
        if ((at == text || !strchr("abcdefghijklmnopqrstuvwxyz_", at[-1])) &&
            (!at[len] || !strchr("abcdefghijklmnopqrstuvwxyz_", at[len])))
            return true;
    return false;
}

START_TEST(there_is_a_fate_for_each_operation)
{
    for (size_t t = 0; t < ARRAY_LEN(things); t++)
        ck_assert_msg(strlen(things[t].fates) == OPERATIONS, "%s", things[t].what);
}
END_TEST

START_TEST(each_thing_is_carried_or_refused_by_name)
{
    const char *db = test_database("loaded");
    const char *told = refusals(db, of_table(operations[_i].change, "loaded.item"));

    for (size_t t = 0; t < ARRAY_LEN(things); t++) {
        if (test_server_major() < things[t].since)
            continue;
        ck_assert_msg(names(told, things[t].name) == (fate_of(t, _i) != CARRIED),
                      "%s: %s (%s) should %sbe named in:\n%s", operations[_i].name, things[t].what,
                      things[t].name, fate_of(t, _i) == CARRIED ? "not " : "", told);
    }
}
END_TEST

START_TEST(without_what_is_refused_the_rest_is_carried_to_an_equal_end)
{
    const char *named = operations[_i].named;
    struct buf setup = BUF_IN(test_arena());

    for (size_t t = 0; t < ARRAY_LEN(things); t++)
        if (fate_of(t, _i) == REFUSED && test_server_major() >= things[t].since)
            buf_addf(&setup, "%s;\n", things[t].remove);
    op_forward(&(struct op_test){
        .template = "loaded",
        .setup = buf_text(&setup),
        .change = of_table(named ? named : operations[_i].change, "loaded.item"),
        .plain = of_table(operations[_i].plain, "loaded.item"),
        .by_hand = operations[_i].by_hand,
    });
}
END_TEST

START_TEST(shapes_of_tables_are_done_or_refused_by_a_rule)
{
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        const char *rule = shapes[i].rules[_i];
        const struct op_test test = { .template = "loaded",
                                      .change = of_table(operations[_i].change, shapes[i].table),
                                      .plain = of_table(operations[_i].plain, shapes[i].table) };

        if (rule)
            op_refused(&test, rule);
        else
            op_forward(&test);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("loaded");
    TCase *tc = support_case(s, "loaded", 300);

    tcase_add_test(tc, there_is_a_fate_for_each_operation);
    tcase_add_loop_test(tc, each_thing_is_carried_or_refused_by_name, 0, OPERATIONS);
    tcase_add_loop_test(tc, without_what_is_refused_the_rest_is_carried_to_an_equal_end, 0,
                        OPERATIONS);
    tcase_add_loop_test(tc, shapes_of_tables_are_done_or_refused_by_a_rule, 0, OPERATIONS);
    return s;
}

int main(void)
{
    return support_run(suite());
}
