/*
 * What a person changes while a run is under way: settings, pause, resume.
 */
#include "flow_fixture.h"

static const char *db, *url;

static void setup(const char *more, int rows)
{
    db = flow_database(rows);
    url = test_url(db, test_migrator());
    flow_ok(ORCHESTRATE(url, "start", flow_p(more)));
}

#define RUN(...) ORCHESTRATE(url, __VA_ARGS__)

static const char *const backfill[] = { "advance", "p", NULL };

/* --- obeyed ---------------------------------------------------------------------- */

START_TEST(a_running_backfill_obeys_another_duty)
{
    struct ran work;

    setup(SLOW, FLOW_ROWS);
    flow_ok(RUN("advance", "p", "--to", "dual-write"));
    work = flow_worker(db, backfill);
    SAYS(RUN("set", "p", "duty=100%"), 0, "p: duty is 100%; it was 1%\n");
    test_finish(&work, 10);
    SAYS(work, 0, "p: backfill is done\n");
}
END_TEST

START_TEST(a_pause_is_obeyed_within_a_second_even_in_a_long_rest)
{
    PGconn *conn;
    struct ran work;

    setup("settings: {batch_rows: {start: 5000, max: 5000}, batch_target: 10s, duty: 1%}\n", 40000);
    conn = test_connect(db, "postgres");
    flow_ok(RUN("advance", "p", "--to", "dual-write"));
    work = flow_worker(db, backfill);
    flow_ok(RUN("pause", "p"));
    test_wait(conn, 5, "SELECT count(*) = 0 FROM pg_locks WHERE locktype = 'advisory'");
    /* From the pause until the run was given back, by the server's clock. */
    ck_assert_int_lt(
        test_count(conn, "SELECT (extract(epoch FROM clock_timestamp() - max(at)) * 1000)::int"
                         " FROM orchestrate.event WHERE kind = 'paused'"),
        1000);
    test_finish(&work, 10);
    SAYS(work, 0, "p: backfill is held\n");
    SAYS(RUN("advance", "p"), 0, "held by paused");
    flow_ok(RUN("resume", "p"));
    flow_ok(RUN("set", "p", "duty=100%"));
    SAYS(RUN("advance", "p"), 0, "p: backfill is done\n");
    PQfinish(conn);
}
END_TEST

/* Starts `advance` while somebody holds the table; returns when it waits. */
static struct ran waiting(PGconn *holder)
{
    struct ran work;

    test_sql(holder, "BEGIN; LOCK TABLE shop.person IN ACCESS SHARE MODE");
    work = test_spawn(url, (const char *const[]){ "advance", "p", "--json=stream", NULL }, NULL);
    test_wait(test_connect(db, "postgres"), 30,
              "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory'");
    return work;
}

START_TEST(who_waits_for_a_lock_obeys_too)
{
    PGconn *holder;
    struct ran work;

    setup(NULL, 10);
    holder = test_connect(db, "app");
    work = waiting(holder);
    flow_ok(RUN("set", "p", "lock_retry_for=0"));
    test_finish(&work, 10);
    EXITS(work, 6);
    test_sql(holder, "COMMIT");
    flow_ok(RUN("set", "p", "lock_retry_for="));
    work = waiting(holder);
    flow_ok(RUN("pause", "p"));
    test_finish(&work, 10);
    SAYS(work, 0, "\"code\":\"held\"");
    CONTAINS(work.out, "{\"gate\":\"paused\",\"phase\":\"expand\"");
    test_sql(holder, "COMMIT");
    flow_ok(RUN("resume", "p"));
    SAYS(RUN("advance", "p"), 0, "p: expand is done\n");
    PQfinish(holder);
}
END_TEST

START_TEST(an_undo_is_not_held_by_a_pause)
{
    setup("settings: {batch_rows: {start: 100, max: 200}}\n", 4000);
    flow_ok(RUN("advance", "p", "--to", "retire", "--fast"));
    flow_ok(RUN("pause", "p"));
    SAYS(RUN("rollback", "p", "--to", "switch"), 0, "p: undone retire\n");
}
END_TEST

/* --- recorded -------------------------------------------------------------------- */

START_TEST(what_was_set_is_recorded_and_shown_until_it_is_given_back)
{
    setup("settings: {duty: 30%}\n", 10);
    SAYS(RUN("set", "p", "duty=80%", "batch_rows.max=100", "batch_rows.start=50"), 0,
         "p: duty is 80%; it was 30%\n"
         "p: batch_rows.max is 100; it was 5000\n"
         "p: batch_rows.start is 50; it was 1000\n");
    SAYS(RUN("status", "p"), 0, "  set: duty is 80%; the plan says 30%\n");
    SAYS(RUN("status", "p", "--json"), 0,
         "\"set\":{\"batch_rows.start\":\"50\",\"batch_rows.max\":\"100\",\"duty\":\"80%\"}");
    SAYS(RUN("history", "p"), 0, "duty is set to 80%; it was 30%\n");
    SAYS(RUN("history", "p", "--json"), 0,
         "{\"key\": \"duty\", \"new\": \"80%\", \"old\": \"30%\"}");
    SAYS(RUN("set", "p", "duty=80%"), 0, "p: duty is 80%; so it was before\n");
    SAYS(RUN("set", "p", "duty=80%", "--json"), 0, "\"code\":\"nothing_to_do\"");
    SAYS(RUN("set", "duty=", "batch_rows.max=default", "batch_rows.start="), 0,
         "p: duty is 30%, as the plan says; it was 80%\n");
    SAYS(RUN("status", "p", "--json"), 0, "\"set\":{}");
}
END_TEST

START_TEST(a_plan_that_has_ended_has_nothing_to_set)
{
    setup(NULL, 10);
    flow_ok(RUN("advance", "p"));
    flow_ok(RUN("rollback", "p", "--to", "start"));
    SAYS(RUN("set", "p", "duty=80%"), 0, "p is undone: nothing to set\n");
}
END_TEST

START_TEST(a_run_that_has_not_begun_is_called_off)
{
    struct ran ran;

    setup(NULL, 10);
    ran = RUN("rollback", "p");
    SAYS(ran, 0, "p: called off; no phase had begun, so there was nothing to undo\n");
    ck_assert_ptr_null(strstr(ran.out, "undone"));
}
END_TEST

/* --- refused --------------------------------------------------------------------- */

static const struct {
    const char *first, *second;
    const char *says;
} wrong[] = {
    /* clang-format off */
    { "p", NULL, "orchestrate: set wants key=value\nhint: For example: orchestrate set p duty=100%\n" },
    { "p", "duty", "orchestrate: set wants key=value, not duty\nhint: For example: orchestrate set PLAN duty=100%\n" },
    { "p", "dutty=10%", "orchestrate: there is no setting dutty\nhint: Did you mean duty?\n" },
    { "p", "speed=10%", "orchestrate: there is no setting speed\nhint: There are: lock_timeout, lock_retry_for, statement_timeout, " },
    { "p", "duty=100", "orchestrate: `duty` must be a percentage such as 50%, not `100`\n" },
    { "p", "duty=0%", "orchestrate: `duty` must be from 1% to 100%, not `0%`\n" },
    { "duty=1%", "duty=2%", "orchestrate: duty is given twice\n" },
    { "p", "batch_rows.max=10", "orchestrate: `batch_rows.start` (1000) is more than `batch_rows.max` (10)\nhint: set both\n" },
    { "p", "max_wal_rate=20MB", "orchestrate: `max_wal_rate` must be a rate such as 20MB/s (kB/s, MB/s, GB/s), or none, not `20MB`\n" },
    /* clang-format on */
};

START_TEST(what_cannot_be_set_is_usage_and_changes_nothing)
{
    PGconn *conn;

    setup(NULL, 10);
    conn = test_connect(db, "postgres");
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        SAYS(RUN("set", wrong[i].first, wrong[i].second), 64, wrong[i].says);
    ck_assert_str_eq("{}", test_value(conn, "SELECT live FROM orchestrate.control"));
    SAYS(RUN("set", "max_wal_rate=20MB/s"), 0, "p: max_wal_rate is 20MB/s; it was none\n");
    SAYS(RUN("set", "nobody", "duty=1%"), 66, "there is no plan nobody in this database");
    PQfinish(conn);
}
END_TEST

START_TEST(a_reason_does_not_steer_the_terminal)
{
    setup(NULL, 10);
    flow_ok(RUN("pause", "p", "--because", "now \033[31mred"));
    SAYS(RUN("status", "p"), 0, "  paused: now ?[31mred\n");
    SAYS(RUN("status", "p", "--json"), 0, "\"paused_because\":\"now \\u001b[31mred\"");
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("set");
    TCase *tc = support_case(suite, "set", 120);

    tcase_add_test(tc, a_running_backfill_obeys_another_duty);
    tcase_add_test(tc, a_pause_is_obeyed_within_a_second_even_in_a_long_rest);
    tcase_add_test(tc, who_waits_for_a_lock_obeys_too);
    tcase_add_test(tc, an_undo_is_not_held_by_a_pause);
    tcase_add_test(tc, what_was_set_is_recorded_and_shown_until_it_is_given_back);
    tcase_add_test(tc, a_plan_that_has_ended_has_nothing_to_set);
    tcase_add_test(tc, a_run_that_has_not_begun_is_called_off);
    tcase_add_test(tc, what_cannot_be_set_is_usage_and_changes_nothing);
    tcase_add_test(tc, a_reason_does_not_steer_the_terminal);
    return suite;
}

int main(void)
{
    return support_run(suite());
}
