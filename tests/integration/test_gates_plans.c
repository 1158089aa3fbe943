/*
 * The gates that ask other things than our own history: a query of the plan's
 * author, other plans, replicas.
 */
#include "store_fixture.h"

static const char *db;
static struct pg *pg;
static PGconn *app;

static void setup(void)
{
    int before;

    db = test_database("empty");
    pg = open_as(db, "app");
    WORKS(store_init(pg, NULL, &before, &err));
    app = test_connect(db, "app");
    test_sql(app, "CREATE SCHEMA audit; CREATE TABLE audit.open_cases (id int)");
}

static const struct gate_answer *ask_as(struct pg *c, const struct run *run, const char *gate)
{
    struct gate_answer *answers;
    struct gate_query query = { 0 };
    size_t n;

    WORKS(store_gates(test_arena(), c, run, PHASES - 1, &query, &answers, &n, &err));
    for (size_t i = 0; i < n; i++)
        if (strcmp(answers[i].gate, gate) == 0)
            return &answers[i];
    ck_abort_msg("no gate %s was asked", gate);
}

static struct run *run_with(const char *name, const char *gate, const char *value)
{
    return start_run(pg, (struct start){ .name = name, .gate = gate, .gate_value = value });
}

static void is_open(const struct gate_answer *a)
{
    ck_assert_msg(a->open, "%s is closed: %s", a->gate, a->reason);
}

static void is_closed(const struct gate_answer *a, const char *reason)
{
    ck_assert_msg(!a->open, "%s is open", a->gate);
    ck_assert_str_eq(a->reason, reason);
}

/* ---- query ---- */

/* A query gate with this SQL, asked as app. */
static const struct gate_answer *query(const char *sql)
{
    static int n;
    const char *value = test_value(
        app, "SELECT jsonb_build_object('sql', $q$%s$q$::text, 'because', 'cases are open')", sql);

    return ask_as(pg, run_with(arena_printf(test_arena(), "q%d", ++n), "query", value), "query");
}

START_TEST(a_query_opens_with_true_and_gives_its_reason_with_false)
{
    const struct gate_answer *a = query("SELECT count(*) = 0 FROM audit.open_cases");

    is_open(a);
    ck_assert_ptr_null(a->reason);
    test_sql(app, "INSERT INTO audit.open_cases VALUES (1)");
    a = query("SELECT count(*) = 0 FROM audit.open_cases");
    is_closed(a, "cases are open");
    CONTAINS(a->evidence, "\"answer\": false");
    ck_assert(a->overridable);
}
END_TEST

START_TEST(what_is_no_boolean_is_no_answer)
{
#define SAYS(what) "its query " what "; it is there because: cases are open"
    is_closed(query("SELECT NULL::boolean"), SAYS("returned NULL"));
    is_closed(query("SELECT true WHERE false"), SAYS("returned no row"));
    is_closed(query("VALUES (true), (true)"), SAYS("returned more than one row"));
    is_closed(query("SELECT true AS a, true AS b"), SAYS("returned more than one column"));
    is_closed(query("SELECT 1"), SAYS("returned 1, which is no boolean"));
    is_closed(query("SELECT 't'::text"), SAYS("returned \"t\", which is no boolean"));
    is_closed(query("SELECT"), SAYS("returned more than one column"));
}
END_TEST

START_TEST(a_query_that_fails_is_closed_and_says_why)
{
    const struct gate_answer *a = query("SELECT true FROM audit.gone");

    is_closed(a, SAYS("failed: relation \"audit.gone\" does not exist (42P01)"));
    CONTAINS(a->evidence, "\"answer\": null");
    CONTAINS(query("SELECT tru")->reason, "(42703)");
    CONTAINS(query("SELEC true")->reason, "(42601)");
    CONTAINS(query("SELECT 1 / 0 = 1")->reason, "(22012)");
}
END_TEST

START_TEST(a_query_cannot_change_anything)
{
    test_sql(app, "CREATE FUNCTION audit.note() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN"
                  " INSERT INTO audit.open_cases VALUES (2); RETURN true; END $$;"
                  "CREATE FUNCTION audit.sly() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN"
                  " SET LOCAL transaction_read_only = off;"
                  " INSERT INTO audit.open_cases VALUES (2); RETURN true; END $$");
    CONTAINS(query("SELECT audit.note()")->reason, "(25006)");
    ck_assert(!query("SELECT audit.sly()")->open);
    ck_assert(!query("DELETE FROM audit.open_cases RETURNING true")->open);
    ck_assert(!query("COMMIT")->open);
    ck_assert(!query("SELECT true; DROP TABLE audit.open_cases")->open);
    ck_assert(!query("SELECT true FROM audit.open_cases FOR UPDATE")->open);
    ck_assert_int_eq(test_count(app, "SELECT count(*) FROM audit.open_cases"), 0);
    /* The session is as before. */
    WORKS(pg_run(pg, "CREATE TABLE audit.more (id int)", PG_NO_ARGS, &err));
}
END_TEST

START_TEST(a_query_finds_tables_as_the_plan_s_search_path_says)
{
    struct run *run;

    test_sql(app, "CREATE TABLE public.here (ok boolean); INSERT INTO public.here VALUES (true)");
    run = run_with("path", "query", "{\"sql\": \"SELECT ok FROM here\", \"because\": \"x\"}");
    is_open(ask_as(pg, run, "query"));
    /* And ours as ever, whatever it set. */
    is_open(query("SELECT set_config('search_path', 'audit', false) IS NOT NULL"));
    is_open(ask_as(pg, run, "paused"));
}
END_TEST

START_TEST(a_query_runs_with_the_rights_of_who_asks)
{
    struct run *run = run_with("rights", "query",
                               "{\"sql\": \"SELECT count(*) = 0 FROM audit.open_cases\","
                               " \"because\": \"x\"}");

    test_sql(app, "SELECT orchestrate.admit('reader', false)");
    is_open(ask_as(pg, run, "query"));
    CONTAINS(ask_as(open_as(db, "reader"), run, "query")->reason,
             "its query failed: permission denied for schema audit (42501)");
}
END_TEST

START_TEST(a_query_that_takes_too_long_is_closed)
{
    const struct gate_answer *a = query("SELECT pg_sleep(600) IS NOT NULL");

    is_closed(a, "it did not answer within 10 s");
    ck_assert(a->overridable);
    ck_assert_ptr_nonnull(a->next_command);
    /* The session goes on. */
    is_open(query("SELECT true"));
}
END_TEST

/* ---- after ---- */

START_TEST(a_plan_waits_until_another_is_complete)
{
    struct run *second = run_with("second", "after", "[\"first\"]"), *first;
    const struct gate_answer *a = ask_as(pg, second, "after");

    is_closed(a, "plan first was never started in this database");
    ck_assert_str_eq(a->next_command, "orchestrate status");
    first = start_run(pg, (struct start){ .name = "first" });
    is_closed(ask_as(pg, second, "after"),
              "plan first is not complete: its phase expand is pending");
    take(pg, first);
    finish_phase(pg, first, NULL);
    finish_phase(pg, first, NULL);
    a = ask_as(pg, second, "after");
    is_closed(a, "plan first is not complete: its phase switch is done");
    ck_assert_str_eq(a->evidence, "{\"first\": \"switch done\"}");
    finish_phase(pg, first, NULL);
    a = ask_as(pg, second, "after");
    is_open(a);
    ck_assert_str_eq(a->evidence, "{\"first\": \"complete\"}");
}
END_TEST

START_TEST(a_plan_that_was_undone_is_not_complete)
{
    struct run *second = run_with("second", "after", "[\"first\"]"),
               *first = start_run(pg, (struct start){ .name = "first" });

    take(pg, first);
    stand_at(pg, first, 0, PHASE_UNDONE);
    is_closed(ask_as(pg, second, "after"), "plan first was undone");
    first = start_run(pg, (struct start){ .name = "first" });
    is_closed(ask_as(pg, second, "after"),
              "plan first is not complete: its phase expand is pending");
}
END_TEST

START_TEST(each_plan_that_is_waited_for_is_named)
{
    struct run *third = run_with("third", "after", "[\"b\", \"a\"]");

    start_run(pg, (struct start){ .name = "a" });
    is_closed(ask_as(pg, third, "after"), "plan b was never started in this database; "
                                          "plan a is not complete: its phase expand is pending");
}
END_TEST

START_TEST(plans_that_wait_for_each_other_are_told)
{
    struct run *a = run_with("a", "after", "[\"c\"]"), *c;

    run_with("b", "after", "[\"a\"]");
    is_closed(ask_as(pg, a, "after"), "plan c was never started in this database");
    c = run_with("c", "after", "[\"b\"]");
    is_closed(ask_as(pg, a, "after"), "plan c is not complete: its phase expand is pending, and it "
                                      "waits for this plan");
    is_closed(ask_as(pg, c, "after"), "plan b is not complete: its phase expand is pending, and it "
                                      "waits for this plan");
}
END_TEST

/* ---- replica_lag ---- */

/* What pg_stat_replication would show, without replicas. */
static void replicas(const char *rows)
{
    test_sql(app,
             "CREATE OR REPLACE FUNCTION orchestrate.replicas() RETURNS TABLE (name text,"
             " state text, lag interval, behind bigint) LANGUAGE sql STABLE AS"
             " $$ SELECT * FROM (VALUES %s) AS r (name, state, lag, behind)"
             " WHERE r.name <> '' $$",
             rows);
}

START_TEST(no_replica_may_be_further_behind)
{
    struct run *run = run_with("lagging", "replica_lag", "10s");

    is_open(ask_as(pg, run, "replica_lag"));
    replicas("('one', 'streaming', '10 s'::interval, 5000::bigint), ('two', 'streaming', NULL, 0)");
    is_open(ask_as(pg, run, "replica_lag"));
    CONTAINS(ask_as(pg, run, "replica_lag")->evidence, "\"lag_ms\": 10000");
    replicas("('one', 'streaming', '10.25 s'::interval, 5000::bigint),"
             " ('two', 'streaming', '1 h', 5000)");
    is_closed(
        ask_as(pg, run, "replica_lag"),
        "replica one is 10.3 s behind; at most 10s is allowed; replica two is 3600.0 s behind;"
        " at most 10s is allowed");
}
END_TEST

START_TEST(a_replica_that_catches_up_is_waited_for)
{
    struct run *run = run_with("lagging", "replica_lag", "10s");

    replicas("('one', 'catchup', '1 s'::interval, 5000::bigint)");
    is_closed(ask_as(pg, run, "replica_lag"), "replica one does not stream yet (catchup)");
    replicas("('one', 'streaming', NULL::interval, 209715200::bigint)");
    is_closed(ask_as(pg, run, "replica_lag"),
              "replica one is 200 MB behind, nobody knows since when");
}
END_TEST

START_TEST(a_lag_that_may_not_be_seen_is_too_much)
{
    struct run *run = run_with("lagging", "replica_lag", "10s");
    PGconn *super = test_connect(db, "postgres"),
           *replica = PQconnectdb(arena_printf(test_arena(),
                                               "%s replication=true application_name=standby",
                                               test_url("postgres", "postgres")));

    ck_assert_msg(PQstatus(replica) == CONNECTION_OK, "%s", PQerrorMessage(replica));
    test_wait(super, 20, "SELECT count(*) = 1 FROM pg_stat_replication");
    is_closed(ask_as(pg, run, "replica_lag"),
              "role app may not see how far a replica is behind: GRANT pg_monitor TO app");
    CONTAINS(ask_as(pg, run, "replica_lag")->evidence, "\"unseen\": 1");
    is_closed(ask_as(open_as(db, "postgres"), run, "replica_lag"),
              "replica standby does not stream yet (startup)");
    PQfinish(replica);
    test_wait(super, 20, "SELECT count(*) = 0 FROM pg_stat_replication");
    is_open(ask_as(pg, run, "replica_lag"));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("gates_plans");
    TCase *t = support_case(s, "gates_plans", 60);

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, a_query_opens_with_true_and_gives_its_reason_with_false);
    tcase_add_test(t, what_is_no_boolean_is_no_answer);
    tcase_add_test(t, a_query_that_fails_is_closed_and_says_why);
    tcase_add_test(t, a_query_cannot_change_anything);
    tcase_add_test(t, a_query_finds_tables_as_the_plan_s_search_path_says);
    tcase_add_test(t, a_query_runs_with_the_rights_of_who_asks);
    tcase_add_test(t, a_query_that_takes_too_long_is_closed);
    tcase_add_test(t, a_plan_waits_until_another_is_complete);
    tcase_add_test(t, a_plan_that_was_undone_is_not_complete);
    tcase_add_test(t, each_plan_that_is_waited_for_is_named);
    tcase_add_test(t, plans_that_wait_for_each_other_are_told);
    tcase_add_test(t, no_replica_may_be_further_behind);
    tcase_add_test(t, a_replica_that_catches_up_is_waited_for);
    tcase_add_test(t, a_lag_that_may_not_be_seen_is_too_much);
    return s;
}

int main(void)
{
    return support_run(suite());
}
