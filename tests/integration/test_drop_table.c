/*
 * drop_table: as every operation, and what is its own: uses are seen in the statistics,
 * foreign keys come back as they were, rows without a partner stop the way back.
 */
#include <signal.h>
#include <string.h>

#include "drop_table_fixture.h"
#include "operation.h"
#include "sweep.h"

#define IDLE "gates: {retire: [{old_name_idle: 1h}]}\n"

/* clang-format off */
static const struct op_test there_and_backs[] = {
    { .setup = THING, .change = CHANGE, .plain = "DROP TABLE public.thing" },
    { .setup = THING ODD_CHILD, .change = CHANGE, .overrides = "old_name_idle",
      .plain = "ALTER TABLE public.child DROP CONSTRAINT \"Odd \"\"key\", DROP CONSTRAINT child_b_fkey, DROP CONSTRAINT late; DROP TABLE public.thing",
      .contents = "SELECT count(*) FROM public.child" },
    { .setup = "CREATE TABLE public.thing (id serial PRIMARY KEY, up int REFERENCES public.thing); INSERT INTO public.thing VALUES (1, NULL), (2, 1);"
               "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
               "CREATE TRIGGER tr BEFORE UPDATE ON public.thing FOR EACH ROW EXECUTE FUNCTION public.f();"
               "CREATE POLICY p ON public.thing USING (id > 0); ALTER TABLE public.thing ENABLE ROW LEVEL SECURITY;"
               "CREATE RULE r AS ON DELETE TO public.thing DO INSTEAD NOTHING; CREATE STATISTICS st ON id, up FROM public.thing",
      .change = CHANGE, .plain = "DROP TABLE public.thing" },
    { .setup = "CREATE TABLE public.thing (id int) PARTITION BY LIST (id); CREATE TABLE public.t1 PARTITION OF public.thing FOR VALUES IN (1);"
               "CREATE TABLE public.t2 PARTITION OF public.thing DEFAULT; INSERT INTO public.thing VALUES (1), (2)",
      .change = CHANGE, .more = "accept: [{rule: partitions, because: a test}]\n", .plain = "DROP TABLE public.thing" },
    { .setup = THING "CREATE PUBLICATION sent FOR TABLE public.thing", .change = CHANGE,
      .more = "accept: [{rule: published-table, because: a test}]\n", .plain = "DROP TABLE public.thing" },
    { .setup = "CREATE TABLE public.\"Ünï-\"\"x\"\".dot\" (id int); INSERT INTO public.\"Ünï-\"\"x\"\".dot\" VALUES (1)",
      .change = "drop_table: {table: 'public.\"Ünï-\"\"x\"\".dot\"'}", .plain = "DROP TABLE public.\"Ünï-\"\"x\"\".dot\"" },
    { .setup = "CREATE UNLOGGED TABLE public.thing ()", .change = CHANGE, .plain = "DROP TABLE public.thing" },
};

static const struct {
    const char *setup, *rules;
} refusals[] = {
    { THING "CREATE VIEW public.v AS SELECT * FROM public.thing", "dependents" },
    { THING "CREATE MATERIALIZED VIEW public.v AS SELECT id FROM public.thing", "dependents" },
    { THING "CREATE TABLE public.o (row public.thing)", "dependents" },
    { THING "CREATE FUNCTION public.f() RETURNS SETOF public.thing LANGUAGE sql AS 'SELECT NULL::int, NULL::int'", "dependents" },
    { THING "CREATE TABLE public.o (id int); CREATE POLICY p ON public.o USING (EXISTS (SELECT FROM public.thing))", "dependents" },
    { "CREATE TABLE public.thing (id serial); CREATE TABLE public.o (id int DEFAULT nextval('public.thing_id_seq'))", "dependents" },
    { THING "CREATE TABLE public.k () INHERITS (public.thing)", "dependents" },
    { "CREATE TABLE public.p (id int); CREATE TABLE public.thing () INHERITS (public.p)", "inherits" },
    { "CREATE TABLE public.p (id int) PARTITION BY LIST (id); CREATE TABLE public.thing PARTITION OF public.p DEFAULT", "partition" },
    { "CREATE TABLE public.thing (id int) PARTITION BY LIST (id); CREATE TABLE public.t1 PARTITION OF public.thing DEFAULT", "partitions" },
    { THING "CREATE PUBLICATION sent FOR TABLE public.thing", "published-table" },
    { "CREATE VIEW public.thing AS SELECT 1 AS id", "not-a-table" },
};
/* clang-format on */

START_TEST(there_and_back)
{
    op_there_and_back(&there_and_backs[_i]);
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
    op_refused(&(struct op_test){ .setup = refusals[_i].setup, .change = CHANGE },
               refusals[_i].rules);
}
END_TEST

static bool held_by_use(const char *url)
{
    struct ran ran = ORCHESTRATE(url, "gate", "p", "--phase", "retire", "--json");

    return strstr(ran.out, "\"gate\":\"old_name_idle\"") != NULL;
}

/* What a session counted is told when it is idle or ends; then it takes a moment. */
static void use(const char *db, const char *sql)
{
    PGconn *conn = test_connect(db, "app"), *look = test_connect(db, "postgres");
    int64_t before = test_count(look, "SELECT seq_scan + coalesce(idx_scan, 0) + n_tup_ins FROM"
                                      " pg_stat_all_tables WHERE relid = 'public.thing'::regclass");

    test_sql(conn, "%s", sql);
    PQfinish(conn);
    test_wait(look, 20,
              "SELECT pg_stat_clear_snapshot() IS NOT NULL AND seq_scan + coalesce(idx_scan, 0) +"
              " n_tup_ins > %lld FROM pg_stat_all_tables WHERE relid = 'public.thing'::regclass",
              (long long)before);
}

START_TEST(a_use_since_expand_holds_retire)
{
    static const char *const uses[] = {
        "SELECT count(*) FROM public.thing",
        "SET enable_seqscan = off; SELECT FROM public.thing WHERE id = 1",
        "INSERT INTO public.thing VALUES (1000, 1000)",
        "INSERT INTO public.child VALUES (10, 10, 10)"
    };
    const char *url, *db = started(THING ODD_CHILD, IDLE, &url);

    use(db, "SELECT count(*) FROM public.thing"); /* before expand: does not count */
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    ck_assert(!held_by_use(url));
    test_sql(test_connect(db, "app"), "ANALYZE public.thing");
    ck_assert(!held_by_use(url));
    use(db, uses[_i]);
    ck_assert(held_by_use(url));
}
END_TEST

START_TEST(statistics_that_were_reset_know_of_no_idleness)
{
    const char *url, *db = started(THING, IDLE, &url);
    PGconn *super = test_connect(db, "postgres");

    use(db, "SELECT count(*) FROM public.thing");
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    test_sql(super, "SELECT pg_stat_reset()");
    test_wait(super, 20,
              "SELECT pg_stat_clear_snapshot() IS NOT NULL AND seq_scan = 0 FROM"
              " pg_stat_all_tables WHERE relid = 'public.thing'::regclass");
    ck_assert(held_by_use(url));
    CONTAINS(ORCHESTRATE(url, "gate", "p", "--phase", "retire").out, "reset");
}
END_TEST

START_TEST(rows_without_a_partner_stop_the_way_back_until_they_are_mended)
{
    const char *url, *db = started(THING ODD_CHILD, "", &url);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    EXITS(ORCHESTRATE(url, "advance", "p", "--to", "retire", "--override", "old_name_idle",
                      "--because", "a test"),
          0);
    test_sql(conn, "INSERT INTO public.child VALUES (50, 999, NULL)");
    ran = ORCHESTRATE(url, "rollback", "p");
    EXITS(ran, 1);
    CONTAINS(ran.err, "a row of public.child whose a is (999), which public.thing has not got");
    CONTAINS(ORCHESTRATE(url, "status", "p").out, "undoing");
    /* What is written from here on is looked at already. */
    ck_assert_str_eq(test_sqlstate(conn, "INSERT INTO public.child VALUES (51, 998, NULL)"),
                     "23503");
    test_sql(conn, "DELETE FROM public.child WHERE id = 50");
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_constraint WHERE confrelid ="
                                      " 'public.thing'::regclass AND convalidated"),
                     2);
}
END_TEST

/* Killed between the foreign keys, forward and back: the same command goes on. */
START_TEST(killed_between_two_foreign_keys)
{
    const char *url, *db = started(THING ODD_CHILD, "", &url), *before;
    PGconn *conn = test_connect(db, "postgres"), *lock = test_connect(db, "app");
    const char *const forward[] = { "advance",       "p",         "--to",   "retire", "--override",
                                    "old_name_idle", "--because", "a test", NULL };
    struct ran ran;

    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    before = test_fingerprint(db);
    test_sql(lock, "BEGIN; LOCK TABLE public.child IN ROW EXCLUSIVE MODE");
    ran = test_spawn(url, forward, NULL);
    test_wait(conn, 20,
              "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name LIKE"
              " 'orchestrate/%%'");
    kill(ran.pid, SIGKILL);
    test_finish(&ran, 20);
    test_sql(lock, "COMMIT");
    EXITS(test_orchestrate(url, forward), 0);
    ck_assert_str_eq(test_value(conn, "SELECT to_regclass('public.thing') IS NULL"), "t");
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    test_same_text("the database", test_fingerprint(db), before);
}
END_TEST

/* --- pagila ------------------------------------------------------------------ */

static const char *drop_change(const struct sweep_item *item)
{
    return arena_printf(test_arena(), "drop_table: {table: %s}", test_yaml(item->table));
}

static const char *drop_plainly(const struct sweep_item *item)
{
    return arena_printf(
        test_arena(),
        "DO $$ DECLARE k record; BEGIN FOR k IN SELECT conrelid::regclass AS t, conname FROM"
        " pg_constraint WHERE contype = 'f' AND conparentid = 0 AND confrelid = '%s'::regclass AND"
        " conrelid <> confrelid LOOP EXECUTE format('ALTER TABLE %%s DROP CONSTRAINT %%I', k.t,"
        " k.conname); END LOOP; END $$; DROP TABLE %s",
        item->table, item->table);
}

START_TEST(every_table_of_pagila_is_dropped_or_refused_with_a_reason)
{
    struct sweep_tally tally;

    if (!test_file_exists(PAGILA))
        TEST_SKIP(SKIP_NO_PAGILA);
    tally = sweep(&(struct sweep){ .title = "pagila, drop_table",
                                   .template = "pagila",
                                   .items = SWEEP_TABLES,
                                   .change = drop_change,
                                   .plain = drop_plainly,
                                   .more = "accept: [{rule: partitions, because: a test}]\n",
                                   .overrides = "function_bodies old_name_idle",
                                   .apart = true });
    ck_assert_int_eq(tally.held, 0);
    ck_assert_int_gt(tally.done + tally.refused, 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("drop_table");
    TCase *tc = support_case(s, "drop_table", 300);

    support_long_cases(tc, there_and_back, 0, ARRAY_LEN(there_and_backs));
    support_cases(tc, what_cannot_be_is_refused, 0, ARRAY_LEN(refusals));
    tcase_add_loop_test(tc, a_use_since_expand_holds_retire, 0, 4);
    tcase_add_test(tc, statistics_that_were_reset_know_of_no_idleness);
    tcase_add_test(tc, rows_without_a_partner_stop_the_way_back_until_they_are_mended);
    tcase_add_test(tc, killed_between_two_foreign_keys);
    tcase_add_test(support_case(s, "pagila", SWEEP_SECONDS),
                   every_table_of_pagila_is_dropped_or_refused_with_a_reason);
    return s;
}

int main(void)
{
    return support_run(suite());
}
