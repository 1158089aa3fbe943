/*
 * The ways to call `advance`: several plans, workers, exit statuses, streams.
 */
#include <signal.h>

#include "flow_fixture.h"

static const char *db, *url;

static void setup(const char *more_of_p, int rows)
{
    db = flow_database(rows);
    url = test_url(db, test_migrator());
    flow_ok(ORCHESTRATE(url, "start", flow_p(more_of_p)));
}

#define RUN(...) ORCHESTRATE(url, __VA_ARGS__)

/* --- several plans ------------------------------------------------------------- */

START_TEST(an_app_advances_its_own_plans)
{
    struct ran ran;

    setup("app: shop\n", 10);
    flow_ok(RUN("start", flow_q("app: vet\n")));
    ran = RUN("advance", "--app", "shop", "--deploy-id", "d1");
    SAYS(ran, 0, "p: expand is done\n");
    ck_assert_ptr_null(strstr(ran.out, "q:"));
    ran = RUN("status", "--app", "vet");
    SAYS(ran, 0, "q: ready");
    ck_assert_ptr_null(strstr(ran.out, "p: ready"));
    SAYS(RUN("advance", "--app", "nobody"), 0,
         "nothing to do: no plan of app nobody is live in this database\n");
    SAYS(RUN("status", "--app", "nobody"), 0, "no plan of app nobody is live in this database\n");
    SAYS(RUN("advance", "p", "--app", "shop"), 64,
         "orchestrate: --app chooses among plans; p is named already\nhint: Leave one of them "
         "out.\n");
}
END_TEST

START_TEST(of_several_plans_the_worst_decides)
{
    PGconn *conn;

    setup(NULL, 10);
    flow_ok(RUN("start", flow_q(NULL)));
    flow_ok(RUN("pause", "q"));
    SAYS(RUN("advance", "--deploy-id", "d1"), 0, "q: expand is held\n");
    SAYS(RUN("advance", "--deploy-id", "d2", "--fail-if-held"), 3, "p: dual-write is done\n");
    conn = test_connect(db, "app");
    test_sql(conn, "ALTER TABLE shop.person RENAME TO human");
    SAYS(RUN("advance", "--deploy-id", "d3", "--fail-if-held"), 5, "q: expand is held\n");
    SAYS(RUN("advance", "--deploy-id", "d3", "--fail-if-held", "--json"), 5,
         "\"ok\":false,\"code\":\"check_failed\"");
    PQfinish(conn);
}
END_TEST

START_TEST(the_time_is_that_of_the_whole_call)
{
    struct ran ran;
    PGconn *conn;

    setup(SLOW, FLOW_ROWS);
    conn = test_connect(db, "app");
    test_sql(conn, "INSERT INTO shop.pet SELECT i, 'a' || i FROM generate_series(1, %d) i",
             FLOW_ROWS);
    flow_ok(RUN("start", flow_q(SLOW)));
    flow_ok(RUN("advance", "p", "--to", "dual-write"));
    flow_ok(RUN("advance", "q", "--to", "dual-write"));
    ran = RUN("advance", "--max-time", "3s", "--deploy-id", "d1");
    EXITS(ran, 0);
    CONTAINS(ran.out, "p: time is up in phase backfill");
    CONTAINS(ran.out, "q: time is up");
    ck_assert_int_lt((int)ran.ms, 4500);
    PQfinish(conn);
}
END_TEST

/* A statement that is cut short is no failure of its plan, and the other's turn comes. */
START_TEST(a_statement_that_the_time_cuts_short_is_no_failure)
{
    struct ran ran;

    setup(NULL, 10);
    flow_ok(RUN("start", test_write("nap.yaml", "plan: a-nap\nphases:\n  - name: one\n"
                                                "    steps:\n      - sql: SELECT pg_sleep(20)\n"
                                                "        undo: none\n")));
    ran = RUN("advance", "--max-time", "2s", "--deploy-id", "d1", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"ok\":true,\"code\":\"in_progress\"");
    CONTAINS(ran.out, "\"code\":\"in_progress\"");
    ran = RUN("advance", "a-nap", "--max-time", "1s", "--detailed-exitcode", "--json");
    SAYS(ran, 4, "\"code\":\"in_progress\"");
    CONTAINS(ran.out, "\"error\":null");
}
END_TEST

/* --- exit statuses --------------------------------------------------------------- */

START_TEST(whoever_asks_learns_by_the_exit_status_that_it_is_held)
{
    struct ran ran;

    setup(NULL, 10);
    flow_ok(RUN("pause", "p"));
    flow_ok(RUN("advance", "p"));
    ran = RUN("advance", "p", "--fail-if-held", "--json");
    SAYS(ran, 3, "\"ok\":false,\"code\":\"held\"");
    CONTAINS(ran.out, "\"error\":null");
}
END_TEST

START_TEST(whoever_asks_learns_by_the_exit_status_that_there_is_more_to_do)
{
    const char *const worker[] = { "advance", "p", "--continue", NULL };
    struct ran ran, work;

    setup(SLOW, FLOW_ROWS);
    SAYS(RUN("status", "--detailed-exitcode"), 2, "next: expand");
    ran = RUN("status", "--detailed-exitcode", "--json");
    SAYS(ran, 2, "\"ok\":false,\"code\":\"pending\"");
    flow_ok(RUN("pause", "p"));
    flow_ok(RUN("status", "--detailed-exitcode"));
    flow_ok(RUN("resume", "p"));
    flow_ok(RUN("advance", "p", "--to", "dual-write"));
    SAYS(RUN("advance", "p", "--max-time", "500ms", "--detailed-exitcode", "--json"), 4,
         "\"ok\":false,\"code\":\"in_progress\"");
    SAYS(RUN("status", "--detailed-exitcode"), 2, "to be finished: backfill");
    work = flow_worker(db, worker);
    test_wait(test_connect(db, "postgres"), 30,
              "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory'");
    SAYS(RUN("status", "--detailed-exitcode", "--json"), 4, "\"code\":\"in_progress\"");
    SAYS(RUN("advance", "p", "--detailed-exitcode"), 4, "is worked on by another process");
    kill(work.pid, SIGTERM);
    test_finish(&work, 30);
    EXITS(work, 143);
}
END_TEST

/* --- workers ---------------------------------------------------------------------- */

START_TEST(a_worker_finishes_what_is_under_way_and_starts_nothing)
{
    setup(SLOW, FLOW_ROWS);
    SAYS(RUN("advance", "p", "--continue"), 0, "p: no phase is under way\n");
    SAYS(RUN("advance", "--continue", "--json"), 0, "\"code\":\"nothing_to_do\"");
    flow_ok(RUN("advance", "p", "--to", "dual-write"));
    SAYS(RUN("advance", "p", "--max-time", "500ms"), 0, "time is up in phase backfill");
    SAYS(RUN("advance", "--continue", "--fast"), 0, "p: backfill is done\n");
    SAYS(RUN("advance", "--continue"), 0, "p: no phase is under way\n");
    SAYS(RUN("status", "p"), 0, "next: verify\n");
}
END_TEST

START_TEST(options_that_contradict_each_other_are_refused)
{
    setup(NULL, 10);
    SAYS(RUN("advance", "p", "--continue", "--to", "verify"), 64,
         "orchestrate: --continue finishes one phase; --to does not go with it\n"
         "hint: To carry on further: advance --to verify, without --continue.\n");
    SAYS(RUN("advance", "p", "--hold", "x", "--deploy-id", "d", "--to", "verify"), 64,
         "orchestrate: --hold starts nothing; --to does not go with it\n");
    SAYS(RUN("advance", "p", "--hold", "x", "--deploy-id", "d", "--continue"), 64,
         "orchestrate: --hold starts nothing; --continue does not go with it\n");
    SAYS(RUN("advance", "p", "--hold", "x", "--deploy-id", "d", "--confirm", "p"), 64,
         "orchestrate: --hold starts nothing; --confirm does not go with it\n");
}
END_TEST

/* --- the stream --------------------------------------------------------------------- */

/* Every line is an object; all but the last are events of plan p. */
static void check_stream(const char *out, size_t at_least)
{
    PGconn *conn = test_connect(db, "postgres");
    size_t lines = 0;

    while (*out) {
        size_t n = strcspn(out, "\n");
        const char *line = arena_strndup(test_arena(), out, n);

        ck_assert_msg(out[n] == '\n', "%s", line);
        ck_assert_str_eq("object", test_value(conn, "SELECT jsonb_typeof($j$%s$j$::jsonb)", line));
        ck_assert_msg(strstr(line, out[n + 1] ? "{\"event\":\"" : "{\"schema_version\":1,") == line,
                      "%s", line);
        if (out[n + 1])
            CONTAINS(line, "\"plan\":\"p\"");
        out += n + 1;
        lines++;
    }
    ck_assert_uint_gt(lines, at_least);
    PQfinish(conn);
}

START_TEST(a_stream_is_one_event_a_line_and_then_the_result)
{
    struct ran ran;

    setup(NULL, 10);
    ran = RUN("advance", "p", "--json=stream", "--to", "backfill");
    EXITS(ran, 0);
    check_stream(ran.out, 9);
    CONTAINS(ran.out, "{\"event\":\"phase_started\",\"plan\":\"p\",\"phase\":\"expand\"");
    CONTAINS(ran.out, "{\"event\":\"step_started\"");
    CONTAINS(ran.out, "\"code\":\"advanced\"");
    ran = RUN("rollback", "p", "--json=stream", "--to", "start");
    EXITS(ran, 0);
    check_stream(ran.out, 3);
    CONTAINS(ran.out, "{\"event\":\"phase_undone\",\"plan\":\"p\",\"phase\":\"backfill\"");
    ran = RUN("status", "p", "--json=stream");
    EXITS(ran, 0);
    check_stream(ran.out, 0);
}
END_TEST

/* --- waits ------------------------------------------------------------------------------ */

/* An index build that waits for the transaction of `old`, and says so. */
static struct ran waiting_build(PGconn **old)
{
    PGconn *conn;
    struct ran work;

    db = flow_database(10);
    url = test_url(db, test_migrator());
    conn = test_connect(db, "postgres");
    test_sql(conn, "CREATE UNIQUE INDEX person_email ON shop.person (email)");
    flow_ok(RUN("start", flow_p(NULL)));
    flow_ok(RUN("advance", "p", "--to", "backfill"));
    *old = test_connect(db, "app");
    test_sql(*old, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM shop.person");
    work = test_spawn(url, (const char *const[]){ "advance", "p", "--json=stream", NULL }, NULL);
    /* The second connection is there to look. */
    test_wait(conn, 30,
              "SELECT count(*) >= 2 FROM pg_stat_activity WHERE application_name LIKE "
              "'orchestrate/p%%' AND datname = current_database()");
    test_wait(
        conn, 30,
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%%pg_blocking_pids%%' AND"
        " pid <> pg_backend_pid() AND state = 'idle' AND datname = current_database()");
    PQfinish(conn);
    return work;
}

START_TEST(whom_an_index_build_waits_for_is_told)
{
    PGconn *old;
    struct ran work = waiting_build(&old);
    int pid = PQbackendPID(old);

    test_sql(old, "COMMIT");
    test_finish(&work, 60);
    EXITS(work, 0);
    CONTAINS(work.out, "{\"event\":\"wait\",\"plan\":\"p\",\"phase\":\"verify\"");
    CONTAINS(work.out, arena_printf(test_arena(), "\"text\":\"pid %d (app, ", pid));
    CONTAINS(work.err, arena_printf(test_arena(), " waits for pid %d (app, ", pid));
    PQfinish(old);
}
END_TEST

START_TEST(a_signal_during_a_statement_is_said_with_what_to_do)
{
    PGconn *old;
    struct ran work = waiting_build(&old);

    kill(work.pid, SIGTERM);
    test_finish(&work, 60);
    EXITS(work, 143);
    CONTAINS(work.out, "stopped by a signal, and the statement with it");
    CONTAINS(work.out, "The same command carries on.");
    PQfinish(old);
    flow_ok(RUN("advance", "p"));
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("advance");
    TCase *tc = support_case(suite, "advance", 120);

    tcase_add_test(tc, an_app_advances_its_own_plans);
    tcase_add_test(tc, of_several_plans_the_worst_decides);
    tcase_add_test(tc, the_time_is_that_of_the_whole_call);
    tcase_add_test(tc, a_statement_that_the_time_cuts_short_is_no_failure);
    tcase_add_test(tc, whoever_asks_learns_by_the_exit_status_that_it_is_held);
    tcase_add_test(tc, whoever_asks_learns_by_the_exit_status_that_there_is_more_to_do);
    tcase_add_test(tc, a_worker_finishes_what_is_under_way_and_starts_nothing);
    tcase_add_test(tc, options_that_contradict_each_other_are_refused);
    tcase_add_test(tc, a_stream_is_one_event_a_line_and_then_the_result);
    tcase_add_test(tc, whom_an_index_build_waits_for_is_told);
    tcase_add_test(tc, a_signal_during_a_statement_is_said_with_what_to_do);
    return suite;
}

int main(void)
{
    return support_run(suite());
}
