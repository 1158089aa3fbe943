/*
 * A plan of one's own, killed at each of its statements: the same command again comes to
 * the same end, and nothing has happened twice.
 */
#include <signal.h>
#include <string.h>

#include "operation.h"
#include "orchestrate/base/clock.h"
#include "plans.h"
#include "support.h"

/* Waits where the test wants it to: for an advisory lock of that number. */
#define SETUP                                                                                      \
    "CREATE TABLE public.ledger (n int); CREATE TABLE public.t (id int PRIMARY KEY, a int);"       \
    "INSERT INTO public.t SELECT i, i FROM generate_series(1, 3000) AS i;"                         \
    "CREATE FUNCTION public.stop(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN"                  \
    " PERFORM pg_advisory_lock_shared(n); PERFORM pg_advisory_unlock_shared(n); RETURN n;"         \
    " END $$;"

/* clang-format off */
static const char plan[] =
    "plan: own\n"
    "phases:\n"
    "  - name: first\n"
    "    steps:\n"
    "      - sql: |\n"
    "          -- a comment; with a semicolon\n"
    "          INSERT INTO ledger SELECT stop(1);\n"
    "          ALTER TABLE t ADD COLUMN b int;\n"
    "          INSERT INTO ledger SELECT stop(2);\n"
    "          DO $x$ BEGIN PERFORM stop(3); END; $x$\n"
    "        undo: ALTER TABLE t DROP COLUMN b; DELETE FROM ledger WHERE n < 4\n"
    "      - sql: INSERT INTO ledger SELECT stop(4)\n"
    "        undo: DELETE FROM ledger WHERE n = 4\n"
    "  - name: second\n"
    "    steps:\n"
    "      - backfill: {table: t, set: {b: 'a * 2'}, where: 'b IS DISTINCT FROM a * 2'}\n"
    "        undo: none\n"
    "      - concurrently: CREATE INDEX CONCURRENTLY t_b ON t (b)\n"
    "        undo: DROP INDEX CONCURRENTLY t_b\n"
    "      - check: SELECT id FROM t WHERE b IS DISTINCT FROM a * 2 OR stop(5) IS NULL\n"
    "      - sql: INSERT INTO ledger SELECT stop(6)\n"
    "        undo: DELETE FROM ledger WHERE n = 6\n";
/* clang-format on */

static const char *started(const char **url)
{
    const char *db = test_database("empty");

    *url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"), "%s", SETUP);
    EXITS(ORCHESTRATE(*url, "start", test_write("own.yaml", plan)), 0);
    return db;
}

static void ends_well(const char *db, const char *url)
{
    const char *twin_url, *twin = started(&twin_url);
    PGconn *conn = test_connect(db, "app");

    EXITS(ORCHESTRATE(url, "advance", "own", "--to", "second"), 0);
    EXITS(ORCHESTRATE(twin_url, "advance", "own", "--to", "second"), 0);
    ck_assert_str_eq(test_rows(conn, "SELECT n FROM public.ledger ORDER BY n"), "1\n2\n4\n6");
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.t WHERE b = a * 2"), 3000);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 0);
    op_same("killed", db, twin);
    /* And all the way back. */
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "start", "--confirm", "own"), 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.ledger"), 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_attribute WHERE attrelid ="
                                      " 'public.t'::regclass AND attname IN ('b')"),
                     0);
}

/* What stops it where it is to be killed, how to see that it has stopped, and what lets go. */
static const struct {
    const char *hold, *stopped, *release;
} places[] = {
#define AT(n)                                                                                      \
    {                                                                                              \
        "SELECT pg_advisory_lock(" #n ")",                                                         \
            "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objid = " #n        \
            " AND NOT granted",                                                                    \
            "SELECT pg_advisory_unlock(" #n ")"                                                    \
    }
    AT(1),
    AT(2),
    AT(3),
    AT(4),
    AT(5),
    AT(6),
    { "BEGIN; UPDATE public.t SET a = a WHERE id = 2500", /* the rows around it are filled */
      "SELECT count(*) > 1000 FROM public.t WHERE b = a * 2", "COMMIT" },
    { "BEGIN; SELECT pg_current_xact_id(); SELECT count(*) FROM public.ledger",
      "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted", "COMMIT" },
};

START_TEST(killed_at_a_statement_it_goes_on_and_does_nothing_twice)
{
    const char *url, *db = started(&url);
    PGconn *hold = test_connect(db, "app"), *look = test_connect(db, "app");
    const char *const advance[] = { "advance", "own", "--to", "second", NULL };
    struct ran ran;

    /* What an old snapshot holds up comes later than the phase before. */
    if (_i >= 6)
        EXITS(ORCHESTRATE(url, "advance", "own", "--to", "first"), 0);
    if (_i == 7)
        test_sql(hold, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");
    test_sql(hold, "%s", places[_i].hold);
    ran = test_spawn(url, advance, NULL);
    test_wait(look, 60, "%s", places[_i].stopped);
    kill(ran.pid, SIGKILL);
    test_finish(&ran, 20);
    test_sql(hold, "%s", places[_i].release);
    test_wait(test_connect(db, "postgres"), 60,
              "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database() AND"
              " application_name LIKE 'orchestrate/%%'");
    ends_well(db, url);
}
END_TEST

START_TEST(a_statement_that_fails_takes_its_step_back_with_it)
{
    const char *url, *db = test_database("empty");
    struct ran ran;

    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"), "%s", SETUP);
    EXITS(ORCHESTRATE(url, "start",
                      test_write("own.yaml",
                                 "plan: own\nphases:\n  - name: one\n    steps:\n"
                                 "      - sql: INSERT INTO ledger VALUES (1); SELECT 1 / 0\n"
                                 "        undo: none\n")),
          0);
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 1);
    CONTAINS(ran.err, "statement 2 (SELECT 1 / 0)");
    CONTAINS(ran.err, "division by zero");
    ck_assert_int_eq(test_count(test_connect(db, "app"), "SELECT count(*) FROM public.ledger"), 0);
}
END_TEST

START_TEST(a_lock_that_is_not_granted_is_asked_for_again)
{
    const char *url, *db = started(&url);
    PGconn *hold = test_connect(db, "app");
    struct ran ran;

    test_sql(hold, "BEGIN; LOCK TABLE public.t IN ACCESS SHARE MODE");
    ran = test_spawn(url, (const char *const[]){ "advance", "own", NULL }, NULL);
    clock_sleep(2500); /* more than one try */
    test_sql(hold, "COMMIT");
    test_finish(&ran, 60);
    EXITS(ran, 0);
    ck_assert_str_eq(test_rows(hold, "SELECT n FROM public.ledger ORDER BY n"), "1\n2\n4");
}
END_TEST

START_TEST(two_at_once_do_each_phase_once)
{
    const char *url, *db = started(&url);
    const char *const advance[] = { "advance", "own", "--to", "second", NULL };
    struct ran a = test_spawn(url, advance, NULL), b = test_spawn(url, advance, NULL);

    test_finish(&a, 60);
    test_finish(&b, 60);
    ends_well(db, url);
}
END_TEST

START_TEST(verify_tells_whether_it_has_happened)
{
    static const char own[] = "plan: own\nphases:\n  - name: one\n    steps:\n"
                              "      - concurrently: VACUUM t\n"
                              "        verify: SELECT count(*) = 1 FROM ledger\n"
                              "        undo: none\n";
    const char *url, *db = test_database("empty");
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(conn, "%s", SETUP);
    EXITS(ORCHESTRATE(url, "start", test_write("own.yaml", own)), 0);
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 1);
    CONTAINS(ran.err, "verify");
    test_sql(conn, "INSERT INTO public.ledger VALUES (1)");
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
}
END_TEST

/* `words` is one step, in YAML; what the step behind it finds of the session is noted. */
static const char *const setters[] = {
    "sql: SELECT set_config('role', 'writer', false)",
    "sql: SELECT set_config('search_path', 'evil, public', false)",
    ("sql: SELECT set_config('statement_timeout', '1ms', false), set_config('work_mem', '1MB', "
     "false)"),
    "sql: SELECT pg_advisory_unlock_all()",
    "check: SELECT 1 WHERE set_config('role', 'writer', false) IS NULL",
    "check: SELECT 1 WHERE pg_advisory_unlock_all() IS NULL",
    ("backfill: {table: t, set: {a: '0 * length(set_config(''work_mem'', ''1MB'', false))'}, "
     "where: "
     "a = 1}"),
};

START_TEST(what_a_statement_sets_ends_with_its_step)
{
    const char *url, *db = test_database("empty");
    PGconn *conn = test_connect(db, "app");
    const char *undo = strncmp(setters[_i], "check", 5) == 0 ? "" : "        undo: none\n";

    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"),
             "GRANT CREATE ON SCHEMA public TO app; GRANT writer TO app");
    test_sql(
        conn,
        "%s CREATE TABLE public.found (who text, path text, timeout text, memory text, locks int)",
        SETUP);
    EXITS(ORCHESTRATE(url, "start",
                      test_write("own.yaml",
                                 arena_printf(test_arena(),
                                              "plan: own\nphases:\n  - name: one\n    steps:\n"
                                              "      - %s\n%s"
                                              "      - sql: INSERT INTO found SELECT current_user,"
                                              " current_setting('search_path'),"
                                              " current_setting('statement_timeout'),"
                                              " current_setting('work_mem'), (SELECT count(*) FROM"
                                              " pg_locks WHERE locktype = 'advisory' AND pid ="
                                              " pg_backend_pid())\n"
                                              "        undo: none\n",
                                              setters[_i], undo))),
          0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_str_eq(test_rows(conn, "SELECT who, timeout, memory, locks FROM public.found"),
                     "app|0|4MB|1");
    CONTAINS(test_value(conn, "SELECT path FROM public.found"), "$user");
}
END_TEST

/* A trigger that is deferred sees what the statements of the step see. */
START_TEST(what_is_deferred_is_done_with_the_names_of_the_plan)
{
    const char *url, *db = test_database("empty");
    PGconn *conn = test_connect(db, "app");

    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(conn,
             "%s CREATE FUNCTION public.late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
             " INSERT INTO ledger VALUES (99); RETURN NULL; END $$;"
             "CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON public.t DEFERRABLE INITIALLY"
             " DEFERRED FOR EACH ROW EXECUTE FUNCTION public.late()",
             SETUP);
    EXITS(ORCHESTRATE(url, "start",
                      test_write("own.yaml", "plan: own\nphases:\n  - name: one\n    steps:\n"
                                             "      - sql: UPDATE t SET a = 0 WHERE id = 1\n"
                                             "        undo: none\n")),
          0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_str_eq(test_rows(conn, "SELECT n FROM public.ledger"), "99");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("custom");
    TCase *tc = support_case(s, "custom", 240);

    tcase_add_loop_test(tc, killed_at_a_statement_it_goes_on_and_does_nothing_twice, 0,
                        ARRAY_LEN(places));
    tcase_add_test(tc, a_statement_that_fails_takes_its_step_back_with_it);
    tcase_add_test(tc, a_lock_that_is_not_granted_is_asked_for_again);
    tcase_add_test(tc, two_at_once_do_each_phase_once);
    tcase_add_test(tc, verify_tells_whether_it_has_happened);
    tcase_add_loop_test(tc, what_a_statement_sets_ends_with_its_step, 0, ARRAY_LEN(setters));
    tcase_add_test(tc, what_is_deferred_is_done_with_the_names_of_the_plan);
    return support_run(s);
}
