/*
 * rename_table: as every operation, and what is its own: what others build on the view
 * stops its drop, and nothing is lost while the names are exchanged.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "operation.h"
#include "orchestrate/base/clock.h"
#include "plans.h"
#include "rename_table_fixture.h"
#include "sweep.h"

#define PLAIN "ALTER TABLE public.t RENAME TO u"
#define PUBLISHED "accept: [{rule: published-table, because: a test}]\n"

/* clang-format off */
static const struct op_test there_and_backs[] = {
    { .setup = TABLE, .change = CHANGE, .overrides = "function_bodies", .plain = PLAIN, .also_locks = "public.t" },
    { .setup = TABLE "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC; GRANT SELECT, INSERT ON public.t TO PUBLIC;"
               "CREATE VIEW public.v AS SELECT * FROM public.t; CREATE MATERIALIZED VIEW public.m AS SELECT a FROM public.v;"
               "CREATE FUNCTION public.f() RETURNS SETOF public.t LANGUAGE sql AS 'SELECT 1, NULL::text, 2';"
               "CREATE FUNCTION public.g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
               "CREATE TRIGGER tr BEFORE UPDATE OF a ON public.t FOR EACH ROW WHEN (NEW.a <> '') EXECUTE FUNCTION public.g();"
               "CREATE RULE r AS ON INSERT TO public.t DO ALSO NOTHING; CREATE STATISTICS st ON a, n FROM public.t;"
               "COMMENT ON TABLE public.t IS 'the table'; CREATE TABLE public.o (t public.t, id int REFERENCES public.t)",
      .change = CHANGE, .overrides = "function_bodies", .plain = PLAIN, .also_locks = "public.t" },
    { .setup = "CREATE TABLE public.t (id int GENERATED ALWAYS AS IDENTITY, d int GENERATED ALWAYS AS (1 + 1) STORED); INSERT INTO public.t DEFAULT VALUES",
      .change = CHANGE, .overrides = "function_bodies", .plain = PLAIN, .also_locks = "public.t" },
    { .setup = "CREATE TABLE public.t (id int) PARTITION BY LIST (id); CREATE TABLE public.t1 PARTITION OF public.t DEFAULT; INSERT INTO public.t VALUES (1)",
      .change = CHANGE, .overrides = "function_bodies", .plain = PLAIN, .also_locks = "public.t public.t1" },
    { .setup = "CREATE TABLE public.p (id int) PARTITION BY LIST (id); CREATE TABLE public.t PARTITION OF public.p DEFAULT",
      .change = CHANGE, .overrides = "function_bodies", .plain = PLAIN, .also_locks = "public.t" },
    { .setup = "CREATE TABLE public.t (id int); CREATE TABLE public.k () INHERITS (public.t)",
      .change = CHANGE, .overrides = "function_bodies", .plain = PLAIN, .also_locks = "public.t public.k",
      .more = "accept: [{rule: inheritance-children, because: a test}]\n" },
    { .setup = TABLE "CREATE PUBLICATION sent FOR TABLE public.t", .change = CHANGE, .overrides = "function_bodies", .plain = PLAIN, .also_locks = "public.t", .more = PUBLISHED },
    /* The name of its own array type. */
    { .setup = TABLE, .change = "rename_table: {table: public.t, to: _t}", .overrides = "function_bodies", .plain = "ALTER TABLE public.t RENAME TO _t", .also_locks = "public.t" },
    { .setup = "CREATE TABLE public.\"Order\" (\"user\" int); INSERT INTO public.\"Order\" VALUES (1)",
      .change = "rename_table: {table: public.Order, to: 'Größe \"x\" .y'}", .plain = "ALTER TABLE public.\"Order\" RENAME TO \"Größe \"\"x\"\" .y\"", .also_locks = "public.\"Order\"" },
    { .setup = "CREATE TABLE public.a23456789012345678901234567890123456789012345678901234567890123 (id int)",
      .change = "rename_table: {table: public.a23456789012345678901234567890123456789012345678901234567890123, to: b23456789012345678901234567890123456789012345678901234567890123}",
      .plain = "ALTER TABLE public.a23456789012345678901234567890123456789012345678901234567890123 RENAME TO b23456789012345678901234567890123456789012345678901234567890123",
      .also_locks = "public.a23456789012345678901234567890123456789012345678901234567890123" },
};

static const struct {
    const char *setup, *change, *rules;
} refusals[] = {
    { TABLE "CREATE TABLE public.u (id int)", CHANGE, "name-taken" },
    { TABLE "CREATE TYPE public.u AS ENUM ()", CHANGE, "name-taken" },
    { TABLE "CREATE INDEX u ON public.t (n)", CHANGE, "name-taken" },
    { TABLE, "rename_table: {table: public.t, to: t}", "name-taken" },
    { "CREATE VIEW public.t AS SELECT 1 AS id", CHANGE, "not-a-table" },
    { "CREATE TABLE public.t ()", CHANGE, "no-columns" },
    { TABLE "CREATE PUBLICATION sent FOR TABLE public.t", CHANGE, "published-table" },
    { TABLE "CREATE TABLE public.k () INHERITS (public.t)", CHANGE, "inheritance-children" },
};
/* clang-format on */

START_TEST(there_and_back)
{
    op_there_and_back(&there_and_backs[_i]);
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
    op_refused(&(struct op_test){ .setup = refusals[_i].setup, .change = refusals[_i].change },
               refusals[_i].rules);
}
END_TEST

START_TEST(verify_says_what_the_view_does_not_show)
{
    static const char *const changes[] = {
        "ALTER TABLE public.%s ADD COLUMN strange int",
        "ALTER TABLE public.%s RENAME COLUMN n TO strange",
        ("ALTER TABLE public.%s RENAME COLUMN n TO strange;"
         " ALTER TABLE public.%s ALTER COLUMN strange SET DEFAULT 2"),
    };
    const char *url, *db = started(TABLE, &url);
    struct ran ran;

    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    test_sql(test_connect(db, "app"), changes[_i], "t", "t");
    ran = ORCHESTRATE(url, "verify", "p");
    ck_assert_int_ne(ran.status, 0);
    CONTAINS(ran.out, "strange");
    EXITS(ORCHESTRATE(url, "advance", "p"), 0); /* makes it anew */
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
}
END_TEST

START_TEST(what_others_build_on_the_view_stops_its_drop)
{
    static const struct {
        const char *sql;
        int advances; /* before it */
    } rows[] = {
        { "CREATE VIEW public.later AS SELECT a FROM public.u", 1 },
        { "CREATE VIEW public.later AS SELECT a FROM public.t", 2 },
        { "CREATE TABLE public.later (t public.t)", 2 },
        { "CREATE FUNCTION public.later() RETURNS SETOF public.t LANGUAGE sql AS 'SELECT 1, "
          "NULL::text, 2'",
          2 },
    };
    const char *url, *db = started(TABLE, &url);
    struct ran ran;

    for (int i = 0; i < rows[_i].advances; i++)
        EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    test_sql(test_connect(db, "app"), "%s", rows[_i].sql);
    ran = ORCHESTRATE(url, "advance", "p");
    EXITS(ran, 5);
    CONTAINS(ran.err, "dependents");
    CONTAINS(ran.err, "later");
}
END_TEST

/* The undo drops a view, too: it says what stands on it and what helps, and then goes through. */
START_TEST(what_others_build_on_the_view_stops_its_undo_with_what_helps)
{
    static const struct {
        const char *made, *named, *gone;
        int advances; /* before it */
    } rows[] = {
        { "CREATE VIEW public.later AS SELECT a FROM public.u; CREATE VIEW public.last AS TABLE "
          "public.later",
          "view public.last depends on view public.later", "DROP VIEW public.last, public.later",
          1 },
        { "CREATE VIEW public.later AS SELECT a FROM public.t",
          "view public.later depends on view public.t",
          "CREATE OR REPLACE VIEW public.later AS SELECT a FROM public.u", 2 },
        { "CREATE FUNCTION public.later(public.t) RETURNS text LANGUAGE sql AS 'SELECT $1.a'",
          "function public.later(public.t) depends on type public.t",
          "DROP FUNCTION public.later(public.t)", 2 },
        { "CREATE TABLE public.guarded (a text); CREATE POLICY few ON public.guarded USING "
          "(EXISTS (SELECT FROM public.t WHERE t.a = guarded.a))",
          "policy few on table public.guarded depends on view public.t",
          "ALTER POLICY few ON public.guarded USING (EXISTS (SELECT FROM public.u WHERE u.a = "
          "guarded.a))",
          2 },
    };
    const char *url, *db = started(TABLE, &url);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    for (int i = 0; i < rows[_i].advances; i++)
        EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    test_sql(conn, "%s", rows[_i].made);
    ran = ORCHESTRATE(url, "rollback", "p");
    EXITS(ran, 1);
    CONTAINS(ran.err, rows[_i].named);
    CONTAINS(ran.err, "Drop what depends on it");
    ck_assert_ptr_null(strstr(ran.err, "CASCADE"));
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    test_sql(conn, "%s", rows[_i].gone);
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
}
END_TEST

/* --- locks ---------------------------------------------------------------------- */

START_TEST(no_lock_of_a_partition_is_waited_for)
{
    const char *url, *db = started("CREATE TABLE public.t (id int) PARTITION BY LIST (id);"
                                   "CREATE TABLE public.t1 PARTITION OF public.t FOR VALUES IN (1);"
                                   "CREATE TABLE public.t2 PARTITION OF public.t FOR VALUES IN (2)",
                                   &url);
    PGconn *conn = test_connect(db, "app");

    test_sql(conn, "BEGIN; LOCK TABLE public.t1, public.t2 IN ROW EXCLUSIVE MODE");
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", "contract"), 0);
    EXITS(ORCHESTRATE(url, "rollback", "p", "--to", "start"), 0);
    test_sql(conn, "COMMIT");
}
END_TEST

/* Locking the view means locking the table: who is in the way there is named, too. */
START_TEST(who_is_in_the_way_of_the_table_below_the_view_is_named)
{
    const char *url, *db = started(TABLE, &url);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    EXITS(ORCHESTRATE(url, "set", "p", "lock_retry_for=1s"), 0);
    test_sql(conn, "BEGIN; SELECT count(*) FROM public.t");
    ran = ORCHESTRATE(url, "advance", "p");
    EXITS(ran, 6);
    CONTAINS(ran.err, "in the way: pid ");
    CONTAINS(ran.err, "SELECT count(*) FROM public.t");
    test_sql(conn, "COMMIT");
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
}
END_TEST

/* --- restored -------------------------------------------------------------------- */

/* With other oids everywhere: the statements are made anew, and go forward and back. */
START_TEST(a_restored_dump_is_adopted_and_goes_both_ways)
{
    const char *url, *db = started(TABLE, &url), *copy;

    for (int i = 0; i <= _i; i++)
        EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    copy = test_restored(db);
    if (!copy)
        TEST_SKIP(SKIP_NO_PG_DUMP);
    url = test_url(copy, "app");
    EXITS(ORCHESTRATE(url, "advance", "p"), 5);
    EXITS(ORCHESTRATE(url, "repair", "p", "--adopt", "--confirm", "p"), 0);
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", "contract"), 0);
    EXITS(ORCHESTRATE(url, "rollback", "p", "--to", "expand"), 0);
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    EXITS(ORCHESTRATE(url, "resume", "p"), 0);
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", "contract"), 0);
    test_sql(test_connect(db, "app"), _i ? "DROP VIEW public.t" : "DROP VIEW public.u; " PLAIN);
    op_same("restored", copy, db);
}
END_TEST

/* --- under load ---------------------------------------------------------------- */

/* One client by one name, each statement with its entry in the ledger. */
#define CLIENT                                                                                     \
    "DO $$ DECLARE i int := 0; k int; stop timestamptz := clock_timestamp() + '%d s'; BEGIN"       \
    " WHILE clock_timestamp() < stop LOOP i := i + 1; k := %d + i;"                                \
    "  EXECUTE 'INSERT INTO public.%s (a, n) VALUES ($1, 0) RETURNING id' USING 'c' || k;"         \
    "  EXECUTE 'INSERT INTO public.%s (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET n = 7'"        \
    "   USING 'c' || k;"                                                                           \
    "  EXECUTE 'UPDATE public.%s SET n = n + 1 WHERE a = $1' USING 'c' || k;"                      \
    "  IF k %% 5 = 0 THEN EXECUTE 'DELETE FROM public.%s WHERE a = $1' USING 'c' || k;"            \
    "  ELSE INSERT INTO public.ledger VALUES ('c' || k, 8); END IF;"                               \
    "  COMMIT; END LOOP; END $$"

static const char *client(int seconds, int number, const char *table)
{
    return arena_printf(test_arena(), CLIENT, seconds, number * 1000000, table, table, table,
                        table);
}

START_TEST(nothing_is_lost_while_old_and_new_code_write)
{
    enum { CLIENTS = 4, SECONDS = 6 };
    const char *url, *db = started(TABLE "CREATE TABLE public.ledger (a text, n int)", &url);
    PGconn *conn = test_connect(db, "app"), *clients[CLIENTS];
    bool back = true;
    int64_t end, exchanges = 0;

    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = test_connect(db, "app");
        ck_assert(PQsendQuery(clients[i], client(SECONDS, i + 1, i % 2 ? "t" : "u")));
    }
    /* There and back for as long as they write. */
    for (end = clock_ms() + (SECONDS - 2) * 1000; clock_ms() < end; exchanges++) {
        struct ran ran =
            back ? ORCHESTRATE(url, "advance", "p") : ORCHESTRATE(url, "rollback", "p");

        EXITS(ran, 0);
        if (!back)
            EXITS(ORCHESTRATE(url, "resume", "p"), 0);
        back = !back;
    }
    for (int i = 0; i < CLIENTS; i++)
        for (PGresult *res; (res = PQgetResult(clients[i])); PQclear(res))
            ck_assert_msg(PQresultStatus(res) == PGRES_COMMAND_OK, "client %d: %s", i,
                          PQresultErrorMessage(res));
    printf("rename_table under load: %lld exchanges, %lld rows written\n", (long long)exchanges,
           (long long)test_count(conn, "SELECT count(*) FROM public.ledger"));
    ck_assert_int_gt(exchanges, 1);
    ck_assert_int_eq(test_count(conn,
                                "SELECT count(*) FROM (TABLE public.ledger EXCEPT ALL SELECT a, n"
                                " FROM public.t) AS lost"),
                     0);
    ck_assert_int_eq(test_count(conn,
                                "SELECT count(*) FROM (SELECT a, n FROM public.u WHERE a LIKE 'c%%'"
                                " EXCEPT ALL TABLE public.ledger) AS extra"),
                     0);
}
END_TEST

/* --- killed -------------------------------------------------------------------- */

static const char *change_to(const char *name, const char *from, const char *to)
{
    return test_write(
        "k.yaml", arena_printf(test_arena(),
                               "plan: %s\nchange:\n  rename_table: {table: public.%s, to: %s}\n",
                               name, from, to));
}

/* The command, killed at random moments, until the plan has ended; returns the kills. */
static int killed_until_ended(PGconn *conn, const char *url, const char *const *args,
                              unsigned *seed)
{
    int kills = 0;

    for (int tries = 0; tries < 500; tries++) {
        struct ran ran = test_spawn(url, args, NULL);

        /* Longer each time: where the machine is slow it must come to the end, too. */
        usleep((unsigned)rand_r(seed) % (100000 + 10000 * (unsigned)tries));
        kill(ran.pid, SIGKILL);
        test_finish(&ran, 60);
        kills += ran.status == 128 + SIGKILL;
        /* 0: done, or the backend of the one before still lives; 6: that holds a lock. */
        if (ran.status != 128 + SIGKILL && ran.status != 6)
            EXITS(ran, 0);
        if (strcmp(test_value(conn,
                              "SELECT ended_at IS NOT NULL FROM orchestrate.plan"
                              " WHERE name = '%s'",
                              args[1]),
                   "t") == 0)
            return kills;
    }
    ck_abort_msg("%s %s does not end", args[0], args[1]);
}

/* The same command again comes to the same end: the new name, or the old one after undo. */
START_TEST(killed_anywhere_it_comes_to_the_same_end)
{
    const char *db = test_database("empty"), *twin = test_database("empty");
    const char *url = test_url(db, "app"), *names[] = { "t", "u" };
    unsigned seed = (unsigned)getpid();
    int kills = 0, at = 0;
    PGconn *conn = test_connect(db, "app");

    printf("seed %u\n", seed);
    for (int i = 0; i < 2; i++) {
        test_sql(test_connect(i ? twin : db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
        test_sql(test_connect(i ? twin : db, "app"), TABLE);
    }
    for (int n = 0; kills < 40 / test_share() || n < 2; n++) {
        const char *name = arena_printf(test_arena(), "k%d", n);
        const char *forward[] = { "advance", name, "--to", "contract", "--json", NULL };
        const char *back[] = { "rollback", name, "--to", "start", "--json", NULL };

        EXITS(ORCHESTRATE(url, "start", change_to(name, names[at], names[!at])), 0);
        if (n % 2)
            EXITS(ORCHESTRATE(url, "advance", name, "--to", "switch"), 0);
        else
            at = !at;
        kills += killed_until_ended(conn, url, n % 2 ? back : forward, &seed);
        ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.%s", names[at]), 200);
        ck_assert_str_eq(test_value(conn, "SELECT to_regclass('public.%s') IS NULL", names[!at]),
                         "t");
    }
    printf("rename_table killed %d times\n", kills);
    if (at)
        test_sql(test_connect(twin, "app"), PLAIN);
    op_same("killed", db, twin);
}
END_TEST

/* --- pagila ------------------------------------------------------------------ */

static const char *rename_change(const struct sweep_item *item)
{
    return arena_printf(test_arena(), "rename_table: {table: %s, to: 'Renamed \xc3\xa9 %d'}",
                        test_yaml(item->table), item->number);
}

static const char *rename_plainly(const struct sweep_item *item)
{
    return arena_printf(test_arena(), "ALTER TABLE %s RENAME TO \"Renamed \xc3\xa9 %d\"",
                        item->table, item->number);
}

START_TEST(every_table_of_pagila_is_renamed_or_refused_with_a_reason)
{
    struct sweep_tally tally;

    if (!test_file_exists(PAGILA))
        TEST_SKIP(SKIP_NO_PAGILA);
    tally = sweep(&(struct sweep){ .title = "pagila, rename_table",
                                   .template = "pagila",
                                   .items = SWEEP_TABLES,
                                   .change = rename_change,
                                   .plain = rename_plainly,
                                   .overrides = "function_bodies" });
    ck_assert_int_eq(tally.held, 0);
    ck_assert_int_gt(tally.done, 10 / test_share());
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("rename_table");
    TCase *tc = support_case(s, "rename_table", 300);

    support_long_cases(tc, there_and_back, 0, ARRAY_LEN(there_and_backs));
    support_cases(tc, what_cannot_be_is_refused, 0, ARRAY_LEN(refusals));
    tcase_add_loop_test(tc, verify_says_what_the_view_does_not_show, 0, 3);
    tcase_add_loop_test(tc, what_others_build_on_the_view_stops_its_drop, 0, 4);
    tcase_add_loop_test(tc, what_others_build_on_the_view_stops_its_undo_with_what_helps, 0, 4);
    tcase_add_test(tc, no_lock_of_a_partition_is_waited_for);
    tcase_add_test(tc, who_is_in_the_way_of_the_table_below_the_view_is_named);
    tcase_add_loop_test(tc, a_restored_dump_is_adopted_and_goes_both_ways, 0, 2);
    tcase_add_test(tc, nothing_is_lost_while_old_and_new_code_write);
    tcase_add_test(tc, killed_anywhere_it_comes_to_the_same_end);
    tcase_add_test(support_case(s, "pagila", SWEEP_SECONDS),
                   every_table_of_pagila_is_renamed_or_refused_with_a_reason);
    return s;
}

int main(void)
{
    return support_run(suite());
}
