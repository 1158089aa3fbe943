/*
 * add_index: as every operation, and what is its own: what a build holds while it
 * waits, and that nothing of a build that failed is left.
 */
#include <signal.h>

#include "operation.h"
#include "plans.h"
#include "support.h"

#define TABLE                                                                                      \
    "CREATE TABLE public.t (id int PRIMARY KEY, \"Odd name\" text, body jsonb);"                   \
    "INSERT INTO public.t SELECT i, 'v' || i % 7, '{}' FROM generate_series(1, 500) AS i;"

#define FIELDS(more) "add_index: {table: public.t, name: \"By \\\"odd\\\"\", " more "}"

static const char url_role[] = "app";

START_TEST(there_and_back)
{
    static const struct op_test tests[] = {
        { .setup = TABLE,
          .change = FIELDS("columns: [\"Odd name\", id]"),
          .plain = "CREATE INDEX \"By \"\"odd\"\"\" ON public.t (\"Odd name\", id)" },
        { .setup = TABLE,
          .change = FIELDS(
              "columns: [body], method: gin, where: 'id > 10 OR \"Odd name\" = ''it''''s'''"),
          .plain = "CREATE INDEX \"By \"\"odd\"\"\" ON public.t USING gin (body)"
                   " WHERE id > 10 OR \"Odd name\" = 'it''s'" },
    };

    op_there_and_back(&tests[_i]);
}
END_TEST

START_TEST(killed_at_any_moment_it_comes_to_the_same_end)
{
    op_killed(
        &(struct op_test){ .setup = TABLE,
                           .change = FIELDS("columns: [\"Odd name\"]"),
                           .plain = "CREATE INDEX \"By \"\"odd\"\"\" ON public.t (\"Odd name\")" });
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
    static const struct {
        const char *setup, *change, *rules;
    } rows[] = {
        { TABLE, "add_index: {table: public.t, name: t_pkey, columns: [id, x, y], method: tree}",
          "name-taken no-column no-method" },
        { "CREATE TABLE public.t (id int) PARTITION BY LIST (id)", FIELDS("columns: [id]"),
          "partitioned" },
        { "CREATE VIEW public.t AS SELECT 1 AS id", FIELDS("columns: [id]"), "not-a-table" },
        { "CREATE MATERIALIZED VIEW public.t AS SELECT 1 AS id", FIELDS("columns: [id]"),
          "not-a-table" },
        { TABLE, FIELDS("columns: [x], where: no_such_column > 1"), "no-column expression" },
    };

    op_refused(&(struct op_test){ .setup = rows[_i].setup, .change = rows[_i].change },
               rows[_i].rules);
}
END_TEST

static const char *started(const char *db, const char *fields)
{
    const char *url = test_url(db, url_role);
    struct ran ran;

    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"), "%s", TABLE);
    ran = ORCHESTRATE(
        url, "start",
        test_write("p.yaml", arena_printf(test_arena(), "plan: p\nchange:\n  %s\n", fields)));
    EXITS(ran, 0);
    return url;
}

/* A build that waits for somebody who has written. */
static struct ran build_behind(PGconn *writer, PGconn *conn, const char *url)
{
    struct ran ran;

    test_sql(writer, "BEGIN; UPDATE public.t SET body = NULL WHERE id = 1");
    ran = test_spawn(url, (const char *const[]){ "advance", "p", NULL }, NULL);
    test_wait(conn, 20,
              "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted");
    return ran;
}

/* CONCURRENTLY waits for whoever wrote before: then it can be looked at, at leisure. */
START_TEST(a_build_holds_no_more_than_was_said_while_it_waits)
{
    const char *db = test_database("empty"), *url = started(db, FIELDS("columns: [id]"));
    PGconn *writer = test_connect(db, "app"), *conn = test_connect(db, "postgres");
    struct ran ran;

    ran = build_behind(writer, conn, url);
    ck_assert_str_eq("ShareUpdateExclusiveLock",
                     test_rows(conn,
                               "SELECT DISTINCT l.mode FROM pg_locks AS l WHERE l.granted AND"
                               " l.relation = 'public.t'::regclass AND l.pid IN (SELECT pid FROM"
                               " pg_locks WHERE locktype = 'virtualxid' AND NOT granted)"));
    test_sql(writer, "COMMIT");
    test_finish(&ran, 60);
    EXITS(ran, 0);
}
END_TEST

/* Nobody is there to clear up after it: the way back does. */
START_TEST(a_build_that_was_killed_is_taken_away_by_the_way_back)
{
    const char *db = test_database("empty"), *url = started(db, FIELDS("columns: [id]"));
    const char *before = test_fingerprint(db);
    PGconn *writer = test_connect(db, "app"), *conn = test_connect(db, "postgres");
    struct ran ran;

    ran = build_behind(writer, conn, url);
    kill(ran.pid, SIGKILL);
    test_finish(&ran, 60);
    test_sql(conn, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'virtualxid'"
                   " AND NOT granted");
    test_wait(conn, 20,
              "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name LIKE "
              "'orchestrate%%' AND datname = current_database()");
    test_sql(writer, "COMMIT");
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 1);
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    test_same_text("the database", test_fingerprint(db), before);
}
END_TEST

START_TEST(a_build_that_fails_leaves_nothing_behind)
{
    static const struct {
        const char *fields, *error;
    } rows[] = {
        { FIELDS("columns: [body], method: gist"), "no default operator class" },
        { FIELDS("columns: [id], where: 10 / (id - 400) > 0"), "division by zero" },
    };
    const char *db = test_database("empty"), *url = started(db, rows[_i].fields);
    const char *before = test_fingerprint(db);
    struct ran ran = ORCHESTRATE(url, "advance", "p");

    ck_assert_int_ne(ran.status, 0);
    CONTAINS(ran.err, rows[_i].error);
    test_same_text("the database", test_fingerprint(db), before);
    ran = ORCHESTRATE(url, "rollback", "p");
    EXITS(ran, 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("add_index");
    TCase *tc = support_case(s, "add_index", 120);

    tcase_add_loop_test(tc, there_and_back, 0, 2);
    tcase_add_test(tc, killed_at_any_moment_it_comes_to_the_same_end);
    tcase_add_loop_test(tc, what_cannot_be_is_refused, 0, 5);
    tcase_add_test(tc, a_build_holds_no_more_than_was_said_while_it_waits);
    tcase_add_test(tc, a_build_that_was_killed_is_taken_away_by_the_way_back);
    tcase_add_loop_test(tc, a_build_that_fails_leaves_nothing_behind, 0, 2);
    return s;
}

int main(void)
{
    return support_run(suite());
}
