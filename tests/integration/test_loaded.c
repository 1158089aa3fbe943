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
    LATE = 'l',    /* CARRIED before Postgres 15, REFUSED from there on */
    YOUNG = 'g',   /* NAMED before Postgres 15, REFUSED from there on */
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

static void drop_by_hand(const char *database, const char *phase, bool undone)
{
    PGconn *conn = test_connect(database, "app");

    if (strcmp(phase, "retire") == 0 && !undone)
        test_sql(conn,
                 "CREATE OR REPLACE FUNCTION loaded.item_body() RETURNS trigger LANGUAGE plpgsql AS"
                 " $$ BEGIN RETURN NULL; END $$");
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
    const char *overrides;
    const char *setup, *plain_first; /* for loaded.item */
    void (*by_hand)(const char *database, const char *phase, bool undone);
} operations[] = {
    { .name = "rename_column",
      .change = "rename_column: {table: %s, from: code, to: token}",
      .plain = "ALTER TABLE %s RENAME COLUMN code TO token",
      .by_hand = rename_by_hand },
    { .name = "rename_table",
      .change = "rename_table: {table: %s, to: renamed}",
      .plain = "ALTER TABLE %s RENAME TO renamed",
      .by_hand = rename_table_by_hand },
    { .name = "add_index",
      .change = "add_index: {table: %s, name: added, columns: [code]}",
      .plain = "CREATE INDEX added ON %s (code)" },
    { .name = "drop_column",
      .change = "drop_column: {table: %s, column: code}",
      .named = "drop_column: {table: %s, column: code, also_drops: [%n]}",
      .plain = "ALTER TABLE %s DROP COLUMN code",
      .overrides = "old_name_idle function_bodies",
      .setup = "ALTER TABLE loaded.item REPLICA IDENTITY FULL",
      .by_hand = drop_by_hand },
    { .name = "drop_table",
      .change = "drop_table: {table: %s}",
      .plain = "DROP TABLE %s",
      .overrides = "old_name_idle function_bodies",
      .plain_first = "ALTER TABLE loaded.referrer DROP CONSTRAINT item_referred; " },
};
enum { OPERATIONS = ARRAY_LEN(operations) };

/* clang-format off */
/* What it is, its name, since which version; a fate for each operation; how it is taken away. */
static const struct {
    const char *what, *name;
    int since;
    const char *fates, *remove;
} things[] = {
    { "index",                   "item_index_plain",           13, "ccccc",
      NULL },
    { "index of two columns",    "item_index_pair",            13, "cccnc",
      NULL },
    { "index of an expression",  "item_index_expression",      13, "ccccc",
      NULL },
    { "predicate of an index",   "item_index_predicate",       13, "cccnc",
      NULL },
    { "INCLUDE of an index",     "item_index_include",         13, "cccnc",
      NULL },
    { "foreign key",             "item_reference",             13, "ccccc",
      NULL },
    { "foreign key of another",  "item_referred",              13, "cccrc",
      "ALTER TABLE loaded.referrer DROP CONSTRAINT item_referred" },
    { "primary key",             "item_primary",               13, "cccrc",
      "ALTER TABLE loaded.item DROP CONSTRAINT item_primary" },
    { "UNIQUE",                  "item_unique",                13, "cccnc",
      NULL },
    { "UNIQUE of two columns",   "item_unique_pair",           13, "cccnc",
      NULL },
    { "CHECK",                   "item_check",                 13, "cccnc",
      NULL },
    { "CHECK of two columns",    "item_check_pair",            13, "cccnc",
      NULL },
    { "EXCLUDE",                 "item_exclude",               13, "cccnc",
      NULL },
    { "generated column",        "generated_column",           13, "cccgc",
      "ALTER TABLE loaded.item DROP COLUMN generated_column" },
    { "owned sequence",          "item_sequence",              13, "cccnc",
      NULL },
    { "statistics",              "item_statistics",            13, "cccnc",
      NULL },
    { "statistics, expression",  "item_statistics_expression", 14, "cccnc",
      NULL },
    { "view",                    "item_view",                  13, "cccrr",
      "DROP VIEW loaded.item_view" },
    { "view of whole rows",      "item_whole",                 13, "ccccr",
      "DROP VIEW loaded.item_whole" },
    { "materialized view",       "item_materialized",          13, "cccrr",
      "DROP MATERIALIZED VIEW loaded.item_materialized" },
    { "rule of another table",   "item_rule",                  13, "cccrr",
      "DROP RULE item_rule ON loaded.rule_holder" },
    { "column of the row type",  "item_row",                   13, "ccccr",
      "ALTER TABLE loaded.row_user DROP COLUMN item_row" },
    { "policy",                  "item_policy",                13, "cccrc",
      "DROP POLICY item_policy ON loaded.item" },
    { "row level security",      "row level security",         13, "coccc",
      "ALTER TABLE loaded.item DISABLE ROW LEVEL SECURITY" },
    { "privileges on a column",  "column-privileges",          13, "clccc",
      "REVOKE SELECT (code) ON loaded.item FROM writer" },
    { "string function",         "item_string",                13, "ccccc",
      NULL },
    { "function of rows",        "item_rows",                  13, "ccccr",
      "DROP FUNCTION loaded.item_rows()" },
    { "parsed function",         "item_parsed",                14, "cccrr",
      "DROP FUNCTION loaded.item_parsed(integer)" },
    { "trigger, by its body",    "item_trigger_body",          13, "ccccc",
      NULL },
    { "trigger UPDATE OF",       "item_trigger_of",            13, "cccrc",
      "DROP TRIGGER item_trigger_of ON loaded.item" },
    { "trigger WHEN",            "item_trigger_when",          13, "cccrc",
      "DROP TRIGGER item_trigger_when ON loaded.item" },
    { "trigger argument",        "item_trigger_argument",      13, "rccrc",
      "DROP TRIGGER item_trigger_argument ON loaded.item" },
    { "published whole",         "item_published",             13, "rrccr",
      "DROP PUBLICATION item_published" },
    { "published by columns",    "item_columns",               15, "crcrr",
      "DROP PUBLICATION item_columns" },
    { "published by rows",       "item_filter",                15, "rrcrr",
      "DROP PUBLICATION item_filter" },
};

/* Shapes: the rule that refuses them, or NULL; for each operation. */
static const struct {
    const char *table;
    const char *rules[OPERATIONS];
} shapes[] = {
    { "loaded.parent", { "inheritance", "inheritance-children", NULL, "inheritance-children", "dependents" } },
    { "loaded.child", { "inheritance", NULL, NULL, "inherited-column", "inherits" } },
    { "loaded.partitioned", { "partition-key", NULL, "partitioned", "partition-key", "partitions" } },
    { "loaded.partition_a", { "partition", NULL, NULL, "inherited-column", "partition" } },
    { "loaded.ranged", { NULL, NULL, "partitioned", NULL, "partitions" } },
    { "loaded.typed", { "typed-table", NULL, NULL, "typed-table", NULL } },
    { "loaded.identified", { NULL, NULL, NULL, NULL, NULL } },
    { "loaded.item_view", { "not-a-table", "not-a-table", "not-a-table", "not-a-table", "not-a-table" } },
    { "loaded.item_materialized", { "not-a-table", "not-a-table", "not-a-table", "not-a-table", "not-a-table" } },
    { "loaded.item_sequence", { "not-a-table", "not-a-table", "not-a-table", "not-a-table", "not-a-table" } },
};
/* clang-format on */

static enum fate fate_of(size_t thing, int operation)
{
    char fate = things[thing].fates[operation];

    if (fate == OLD)
        return test_server_major() < 15 ? REFUSED : CARRIED;
    if (fate == LATE)
        return test_server_major() < 15 ? CARRIED : REFUSED;
    if (fate == YOUNG)
        return test_server_major() < 15 ? NAMED : REFUSED;
    return (enum fate)fate;
}

static const char *filled(const char *format, const char *mark, const char *text)
{
    const char *at = strstr(format, mark);

    return arena_printf(test_arena(), "%.*s%s%s", (int)(at - format), format, text, at + 2);
}

static const char *of_table(const char *format, const char *table)
{
    return filled(format, "%s", table);
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
    const char *named = operations[_i].named, *first = operations[_i].plain_first;
    struct buf setup = BUF_IN(test_arena()), names_of = BUF_IN(test_arena());

    for (size_t t = 0; t < ARRAY_LEN(things); t++) {
        if (test_server_major() < things[t].since)
            continue;
        if (fate_of(t, _i) == REFUSED)
            buf_addf(&setup, "%s;\n", things[t].remove);
        if (fate_of(t, _i) == NAMED)
            buf_addf(&names_of, "%s%s", names_of.len ? ", " : "", things[t].name);
    }
    if (operations[_i].setup)
        buf_add(&setup, operations[_i].setup);
    if (named)
        named = filled(named, "%n", buf_text(&names_of));
    op_forward(&(struct op_test){
        .template = "loaded",
        .setup = buf_text(&setup),
        .change = of_table(named ? named : operations[_i].change, "loaded.item"),
        .plain = arena_printf(test_arena(), "%s%s", first ? first : "",
                              of_table(operations[_i].plain, "loaded.item")),
        .overrides = operations[_i].overrides,
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
                                      .plain = of_table(operations[_i].plain, shapes[i].table),
                                      .overrides = operations[_i].overrides };

        if (rule)
            op_refused(&test, rule);
        else
            op_forward(&test);
    }
}
END_TEST

/* What the owner makes he may not use, unless it is granted to him. */
START_TEST(owners_without_default_privileges_are_served_all_the_same)
{
    op_forward(&(struct op_test){
        .setup =
            "ALTER DEFAULT PRIVILEGES REVOKE SELECT, INSERT, UPDATE, DELETE ON TABLES FROM app;"
            "ALTER DEFAULT PRIVILEGES REVOKE USAGE, SELECT, UPDATE ON SEQUENCES FROM app;"
            "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC, app;"
            "CREATE TABLE public.item (id int PRIMARY KEY, code text);"
            "GRANT ALL ON public.item TO app; INSERT INTO public.item VALUES (1, 'x')",
        .change = of_table(operations[_i].change, "public.item"),
        .plain = of_table(operations[_i].plain, "public.item"),
        .overrides = operations[_i].overrides });
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("loaded");
    TCase *tc = support_case(s, "loaded", 300);

    tcase_add_test(tc, there_is_a_fate_for_each_operation);
    tcase_add_loop_test(tc, each_thing_is_carried_or_refused_by_name, 0, OPERATIONS);
    support_long_cases(tc, without_what_is_refused_the_rest_is_carried_to_an_equal_end, 0,
                       OPERATIONS);
    support_long_cases(tc, shapes_of_tables_are_done_or_refused_by_a_rule, 0, OPERATIONS);
    support_long_cases(tc, owners_without_default_privileges_are_served_all_the_same, 0,
                       OPERATIONS);
    return s;
}

int main(void)
{
    return support_run(suite());
}
