/*
 * A plan of one's own under attack: killed, its backend ended, two at once.  The same
 * command again comes to the same end, and nothing has happened twice.
 */
#include <signal.h>
#include <string.h>

#include "operation.h"
#include "orchestrate/base/clock.h"
#include "own_plan.h"
#include "plans.h"
#include "support.h"

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
    test_sql(test_connect(db, "app"), "%s", OWN_SETUP);
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

/* Before it has happened, and after: doing it twice is an error of the server. */
START_TEST(killed_while_verify_is_asked_it_is_done_once)
{
    const char *url, *db = own_prepared(&url), *made = arena_printf(test_arena(), "%s_made", db);
    PGconn *hold = test_connect(db, "app"), *super = test_connect(db, "postgres");
    const char *const advance[] = { "advance", "own", NULL };
    struct ran ran;

    url = test_url(db, "postgres");
    EXITS(own_start(url, "",
                    arena_printf(test_arena(),
                                 "    steps:\n      - concurrently: CREATE DATABASE %s\n"
                                 "        verify: SELECT CASE WHEN EXISTS (SELECT FROM pg_database"
                                 " WHERE datname = '%s') THEN %s ELSE %s END\n"
                                 "        undo: none\n",
                                 made, made, _i ? "public.stop(1) = 1" : "true",
                                 _i ? "false" : "public.stop(1) = 0")),
          0);
    test_sql(hold, "SELECT pg_advisory_lock(1)");
    ran = test_spawn(url, advance, NULL);
    test_wait(super, 60,
              "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objid ="
              " 1 AND NOT granted");
    kill(ran.pid, SIGKILL);
    test_finish(&ran, 20);
    test_sql(hold, "SELECT pg_advisory_unlock(1)");
    test_wait(super, 60,
              "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname ="
              " current_database() AND application_name LIKE 'orchestrate/%%'");
    ck_assert_int_eq(
        _i, test_count(super, "SELECT count(*) FROM pg_database WHERE datname = '%s'", made));
    ran = ORCHESTRATE(url, "advance", "own");
    test_sql(super, "DROP DATABASE IF EXISTS %s", made);
    EXITS(ran, 0);
    CONTAINS(ran.out, "complete");
}
END_TEST

/* An index that is not valid, as a REINDEX that somebody else gave up has left it. */
static void leave_copy(PGconn *super, const char *name)
{
    test_sql(super,
             "CREATE INDEX %s ON public.t (a); ALTER INDEX public.%s OWNER TO app;"
             "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'public.%s'::regclass",
             name, name, name);
}

START_TEST(a_copy_of_an_index_that_somebody_else_left_is_not_dropped)
{
    const char *url, *db = own_prepared(&url);
    PGconn *super = test_connect(db, "postgres");

    test_sql(test_connect(db, "app"), "CREATE INDEX t_a ON public.t (a)");
    leave_copy(super, "t_a_ccnew");
    EXITS(own_start(url, "",
                    "    steps:\n      - concurrently: REINDEX INDEX CONCURRENTLY t_a\n"
                    "        undo: none\n"),
          0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_str_eq(test_rows(super, "SELECT indexrelid::regclass FROM pg_index WHERE NOT"
                                      " indisvalid"),
                     "t_a_ccnew");
}
END_TEST

/* What it has built so far goes, what was there remains. */
START_TEST(a_reindex_that_fails_takes_only_its_own_copy_away)
{
    const char *url, *db = own_prepared(&url);
    PGconn *super = test_connect(db, "postgres"), *hold = test_connect(db, "app");
    const char *const advance[] = { "advance", "own", NULL };
    struct ran ran;

    test_sql(hold, "CREATE INDEX t_a ON public.t (a)");
    leave_copy(super, "t_a_ccnew");
    EXITS(own_start(url, "settings: {statement_timeout: 2s}\n",
                    "    steps:\n      - concurrently: REINDEX INDEX CONCURRENTLY t_a\n"
                    "        undo: none\n"),
          0);
    test_sql(hold, "BEGIN; LOCK TABLE public.t IN ROW EXCLUSIVE MODE");
    ran = test_spawn(url, advance, NULL);
    test_wait(super, 60, "SELECT count(*) = 2 FROM pg_index WHERE NOT indisvalid");
    test_wait(super, 60,
              "SELECT count(*) = 0 FROM pg_stat_activity WHERE query LIKE 'REINDEX%%'"
              " AND state = 'active'");
    test_sql(hold, "COMMIT");
    test_finish(&ran, 60);
    EXITS(ran, 1);
    ck_assert_str_eq(test_rows(super, "SELECT indexrelid::regclass FROM pg_index WHERE NOT"
                                      " indisvalid"),
                     "t_a_ccnew");
}
END_TEST

/* --- its backend is ended ------------------------------------------------------ */

#define LOCK(n) "SELECT pg_advisory_lock(" #n ")"
#define WAITS_FOR(n)                                                                               \
    "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objid = " #n                \
    " AND NOT granted"
#define WAITS                                                                                      \
    "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid() AND pid IN"   \
    " (SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'orchestrate/%%')"

/* A step, what holds it, how to see that it is held, and what is true once it is done. */
/* clang-format off */
static const struct {
    const char *step, *hold, *held, *done;
} ended[] = {
    { "sql: INSERT INTO ledger VALUES (1); SELECT stop(1); INSERT INTO ledger VALUES (2)\n        undo: none",
      LOCK(1), WAITS_FOR(1), "SELECT array_agg(n ORDER BY n) = '{1,2}' FROM public.ledger WHERE n < 100" },
    { "concurrently: CREATE INDEX CONCURRENTLY t_a ON t (a)\n        undo: none",
      "BEGIN; LOCK TABLE public.t IN ROW EXCLUSIVE MODE", WAITS, "SELECT count(*) = 1 FROM pg_index WHERE indrelid = 'public.t'::regclass AND NOT indisprimary AND indisvalid" },
    { "backfill: {table: t, set: {a: '-id'}, where: 'a > 0'}\n        undo: none",
      "BEGIN; UPDATE public.t SET a = a WHERE id = 2500", "SELECT count(*) > 1000 FROM public.t WHERE a < 0", "SELECT count(*) = 3000 FROM public.t WHERE a = -id" },
    { "check: SELECT 1 WHERE stop(1) IS NULL", LOCK(1), WAITS_FOR(1), "SELECT true" },
    /* In the statement; it is asked again whether it has happened. */
    { "concurrently: VACUUM t\n        verify: SELECT relallvisible > 0 FROM pg_class WHERE relname = 't'\n        undo: none",
      "BEGIN; LOCK TABLE public.t IN SHARE MODE", WAITS, "SELECT relallvisible > 0 FROM pg_class WHERE relname = 't'" },
};
/* clang-format on */

#define STEPS "    steps:\n"
#define LAST "\n      - sql: INSERT INTO ledger VALUES (100)\n        undo: none\n"

static void end_backends(PGconn *super)
{
    test_sql(super, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
                    " current_database() AND application_name LIKE 'orchestrate/%%'");
}

static void wait_for_backends(PGconn *super)
{
    test_wait(super, 60,
              "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database() AND"
              " application_name LIKE 'orchestrate/%%'");
}

START_TEST(when_its_backend_is_ended_it_says_so_and_goes_on)
{
    const char *url, *db = own_prepared(&url);
    PGconn *hold = test_connect(db, "app"), *super = test_connect(db, "postgres");
    struct ran ran;

    EXITS(own_start(url, "", arena_printf(test_arena(), STEPS "      - %s" LAST, ended[_i].step)),
          0);
    test_sql(hold, "%s", ended[_i].hold);
    ran = test_spawn(url, (const char *const[]){ "advance", "own", NULL }, NULL);
    test_wait(super, 60, "%s", ended[_i].held);
    end_backends(super);
    test_finish(&ran, 60);
    EXITS(ran, 69);
    CONTAINS(ran.err, "step one/1/1: ");
    CONTAINS(ran.err, "terminating connection due to administrator command");
    CONTAINS(ran.err, "hint: Nothing is half done: the same command again");
    test_sql(hold, "SELECT pg_advisory_unlock_all(); COMMIT");
    wait_for_backends(super);
    ck_assert_int_eq(0, test_count(super, "SELECT count(*) FROM public.ledger"));
    ck_assert_int_eq(0, test_count(super, "SELECT count(*) FROM orchestrate.step_record"));
    ran = ORCHESTRATE(url, "status", "own");
    EXITS(ran, 0);
    ck_assert_ptr_null(strstr(ran.out, "complete"));
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 0);
    CONTAINS(ran.out, "complete");
    ck_assert_str_eq("t", test_value(super, "%s", ended[_i].done));
    ck_assert_int_eq(0, test_count(super, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"));
    ck_assert_int_eq(1, test_count(super, "SELECT count(*) FROM public.ledger WHERE n = 100"));
    ck_assert_int_eq(2, test_count(super, "SELECT count(*) FROM orchestrate.step_record"));
}
END_TEST

/* --- a step that only `verify` tells of --------------------------------------- */

/* A statement that fails when it is done twice; `verify` waits before (0) or after (1) it. */
static void start_made(const char **url, const char *made, int after)
{
    EXITS(own_start(*url, "",
                    arena_printf(test_arena(),
                                 STEPS
                                 "      - concurrently: CREATE DATABASE %s\n"
                                 "        verify: SELECT CASE WHEN EXISTS (SELECT FROM pg_database"
                                 " WHERE datname = '%s') THEN %s ELSE %s END\n"
                                 "        undo: none" LAST,
                                 made, made, after ? "public.stop(1) = 1" : "true",
                                 after ? "false" : "public.stop(1) = 0")),
          0);
}

/* Who comes second while it is asked has nothing to do; it is made once. */
START_TEST(two_at_once_at_a_verify_make_it_once)
{
    static const char *const advance[] = { "advance", "own", "--json", NULL };
    const char *url, *db = own_prepared(&url), *made = arena_printf(test_arena(), "%s_made", db);
    PGconn *hold = test_connect(db, "app"), *super = test_connect(db, "postgres");
    struct ran first, second;

    url = test_url(db, "postgres");
    start_made(&url, made, _i);
    test_sql(hold, LOCK(1));
    first = test_spawn(url, advance, NULL);
    test_wait(super, 60, WAITS_FOR(1));
    second = test_spawn(url, advance, NULL);
    test_finish(&second, 60);
    EXITS(second, 0);
    CONTAINS(second.out, "\"code\":\"in_progress\"");
    test_sql(hold, "SELECT pg_advisory_unlock_all()");
    test_finish(&first, 60);
    test_sql(super, "DROP DATABASE IF EXISTS %s", made);
    EXITS(first, 0);
    CONTAINS(first.out, "\"code\":\"complete\"");
    ck_assert_int_eq(1, test_count(super, "SELECT count(*) FROM public.ledger WHERE n = 100"));
    second = ORCHESTRATE(url, "advance", "own", "--json");
    EXITS(second, 0);
    CONTAINS(second.out, "\"code\":\"nothing_to_do\"");
}
END_TEST

START_TEST(when_the_backend_that_asks_verify_is_ended_it_is_done_once)
{
    const char *url, *db = own_prepared(&url), *made = arena_printf(test_arena(), "%s_made", db);
    PGconn *hold = test_connect(db, "app"), *super = test_connect(db, "postgres");
    struct ran ran;

    url = test_url(db, "postgres");
    start_made(&url, made, _i);
    test_sql(hold, LOCK(1));
    ran = test_spawn(url, (const char *const[]){ "advance", "own", NULL }, NULL);
    test_wait(super, 60, WAITS_FOR(1));
    end_backends(super);
    test_finish(&ran, 60);
    EXITS(ran, 69);
    CONTAINS(ran.err, "asking whether it has happened: terminating connection");
    test_sql(hold, "SELECT pg_advisory_unlock_all()");
    wait_for_backends(super);
    ck_assert_int_eq(
        _i, test_count(super, "SELECT count(*) FROM pg_database WHERE datname = '%s'", made));
    ran = ORCHESTRATE(url, "advance", "own");
    test_sql(super, "DROP DATABASE IF EXISTS %s", made);
    EXITS(ran, 0);
    CONTAINS(ran.out, "complete");
    ck_assert_int_eq(1, test_count(super, "SELECT count(*) FROM public.ledger WHERE n = 100"));
}
END_TEST

/* A phase of several steps that gives up says what of it is done. */
START_TEST(a_step_that_gives_up_says_which_steps_are_done)
{
    const char *url, *db = own_prepared(&url);
    PGconn *hold = test_connect(db, "app");
    struct ran ran;

    EXITS(own_start(url, "settings: {lock_retry_for: 0}\n",
                    STEPS "      - sql: INSERT INTO ledger VALUES (1)\n        undo: none\n"
                          "      - sql: ALTER TABLE t ADD COLUMN b int\n        undo: none" LAST),
          0);
    test_sql(hold, "BEGIN; LOCK TABLE public.t IN ACCESS SHARE MODE");
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 6);
    CONTAINS(ran.err, "tried for 0, this step changed nothing (1 step before it is done, and "
                      "will not be done again)");
    test_sql(hold, "COMMIT");
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_str_eq(test_rows(hold, "SELECT n FROM public.ledger ORDER BY n"), "1\n100");
}
END_TEST

/* Somebody looks at the state with a lock that is too strong, or has left such a session open. */
START_TEST(a_row_of_the_state_that_is_locked_makes_it_busy_with_a_hint)
{
    const char *url, *db = own_prepared(&url);
    PGconn *hold = test_connect(db, "app");
    struct ran ran;

    EXITS(own_start(url, "", STEPS LAST), 0);
    test_sql(hold, "BEGIN; SELECT FROM orchestrate.plan FOR UPDATE");
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 6);
    CONTAINS(ran.err, "taking plan own over: could not obtain lock");
    CONTAINS(ran.err, "hint: Another session holds what this waits for");
    test_sql(hold, "COMMIT");
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("custom_attack");
    TCase *tc = support_case(s, "killed", 240);

    support_cases(tc, killed_at_a_statement_it_goes_on_and_does_nothing_twice, 0,
                  ARRAY_LEN(places));
    tcase_add_loop_test(tc, killed_while_verify_is_asked_it_is_done_once, 0, 2);
    tcase_add_test(tc, a_reindex_that_fails_takes_only_its_own_copy_away);
    tcase_add_test(tc, a_copy_of_an_index_that_somebody_else_left_is_not_dropped);
    tc = support_case(s, "ended", 240);
    support_cases(tc, when_its_backend_is_ended_it_says_so_and_goes_on, 0, ARRAY_LEN(ended));
    tcase_add_loop_test(tc, when_the_backend_that_asks_verify_is_ended_it_is_done_once, 0, 2);
    tc = support_case(s, "others", 240);
    tcase_add_test(tc, a_lock_that_is_not_granted_is_asked_for_again);
    tcase_add_test(tc, two_at_once_do_each_phase_once);
    tcase_add_loop_test(tc, two_at_once_at_a_verify_make_it_once, 0, 2);
    tcase_add_test(tc, a_step_that_gives_up_says_which_steps_are_done);
    tcase_add_test(tc, a_row_of_the_state_that_is_locked_makes_it_busy_with_a_hint);
    return support_run(s);
}
