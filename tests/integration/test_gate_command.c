/*
 * `gate`: what a pipeline asks, and what it is told at each point of a rename.
 */
#include <signal.h>

#include "flow_fixture.h"

static const char *db, *url;

static void setup(const char *more)
{
    db = flow_database(10);
    url = test_url(db, test_migrator());
    flow_ok(ORCHESTRATE(url, "start", flow_p(more)));
}

#define RUN(...) ORCHESTRATE(url, __VA_ARGS__)
#define GATE(...) ORCHESTRATE(url, "gate", "p", __VA_ARGS__)
#define SHOP "app: shop\ncode: {new: '>=2.0'}\n"

/* Asserts exit status and the whole text on stdout. */
static void answers(struct ran ran, int status, const char *text)
{
    EXITS(ran, status);
    ck_assert_str_eq(ran.out, text);
}

/* Whoever keeps the answer keeps the question with it. */
START_TEST(the_answer_in_json_repeats_the_question)
{
    static const char next[] = "\"asked\":{\"phase\":\"expand\",\"done\":null,"
                               "\"app_version\":null,\"rollback_to\":null}";

    setup(SHOP);
    SAYS(RUN("gate", "p", "--json"), 0, next);
    SAYS(RUN("gate", "--json"), 0, next);
    SAYS(GATE("--app-version", "2.0", "--done", "switch", "--json"), 3,
         "\"asked\":{\"phase\":null,\"done\":\"switch\",\"app_version\":\"2.0\","
         "\"rollback_to\":null}");
    SAYS(GATE("--rollback-to", "1.9", "--phase", "verify", "--json"), 3,
         "\"asked\":{\"phase\":\"verify\",\"done\":null,\"app_version\":null,"
         "\"rollback_to\":\"1.9\"}");
}
END_TEST

/* --- phases ------------------------------------------------------------------------ */

START_TEST(may_the_next_phase_start)
{
    setup(NULL);
    answers(RUN("gate", "p"), 0, "p: expand may start\n");
    flow_ok(RUN("pause", "p"));
    SAYS(RUN("gate", "p"), 3, "p: expand may not start\n  held by paused: paused by ");
    SAYS(RUN("gate", "p", "--json"), 3, "\"ok\":false,\"code\":\"held\",\"plan\":\"p\"");
    SAYS(RUN("gate", "p", "--json"), 3, "\"held_by\":[{\"gate\":\"paused\",\"phase\":\"expand\"");
    flow_ok(RUN("resume", "p"));
    SAYS(RUN("gate", "p", "--json"), 0, "\"ok\":true,\"code\":\"ok\"");
}
END_TEST

START_TEST(may_a_certain_phase_start_and_is_it_done)
{
    setup(NULL);
    flow_ok(RUN("advance", "p", "--to", "dual-write"));
    answers(GATE("--phase", "expand"), 0, "p: expand is done already\n");
    answers(GATE("--phase", "backfill"), 0, "p: backfill may start\n");
    SAYS(GATE("--phase", "verify"), 3, "p: verify may not start\n  held by predecessor: ");
    answers(GATE("--done", "dual-write"), 0, "p: dual-write is done\n");
    answers(GATE("--done", "verify"), 3, "p: verify is not done: it is pending\n");
    SAYS(GATE("--done", "verify", "--json"), 3,
         "\"held_by\":[{\"gate\":\"done\",\"phase\":\"verify\",\"reason\":\"verify is not done: it "
         "is "
         "pending\",\"until\":null,\"evidence\":{},\"overridable\":false,"
         "\"next_command\":\"orchestrate advance p --to verify\"}]");
    /* Several questions: all of them. */
    answers(GATE("--done", "expand", "--phase", "backfill"), 0,
            "p: backfill may start\np: expand is done\n");
    answers(GATE("--done", "verify", "--phase", "backfill"), 3,
            "p: backfill may start\np: verify is not done: it is pending\n");
}
END_TEST

START_TEST(a_plan_that_has_ended_starts_nothing)
{
    setup(NULL);
    flow_ok(RUN("advance", "p"));
    flow_ok(RUN("rollback", "p", "--to", "start"));
    answers(
        RUN("gate", "p"), 3,
        "p: nothing may start: all of the plan is undone; none of its phases starts any more\n");
    answers(GATE("--done", "expand"), 3, "p: expand is not done: it is undone\n");
    flow_ok(RUN("start", "--again", flow_p(NULL)));
    flow_ok(RUN("advance", "p", "--to", "contract", "--confirm", "p", "--fast"));
    answers(RUN("gate", "p"), 0, "p: nothing is left to start: the plan is complete\n");
    SAYS(RUN("gate", "p", "--json"), 0, "\"code\":\"nothing_to_do\"");
    answers(GATE("--done", "contract"), 0, "p: contract is done\n");
}
END_TEST

/* --- versions ------------------------------------------------------------------------ */

static const struct {
    const char *to; /* brings the run there first; NULL: it stays */
    const char *option, *version;
    int status;
    const char *says;
} week[] = {
    /* clang-format off */
    { NULL, "--app-version", "1.9", 0, "p: version 1.9 may ship: it is old code, which is served until retire begins\n" },
    { NULL, "--app-version", "2.0", 3, "p: version 2.0 may not ship: it is new code, which has to wait for verify, and that is pending\n" },
    { "backfill", "--app-version", "2.0", 3, "p: version 2.0 may not ship: it is new code, which has to wait for verify, and that is pending\n" },
    { "backfill", "--rollback-to", "1.8", 0, "p: version 1.8 may come back: it is old code, which is served until retire begins\n" },
    { "verify", "--app-version", "2.0", 0, "p: version 2.0 may ship: it is new code, and verify is done\n" },
    { "verify", "--app-version", "1.9", 0, "p: version 1.9 may ship: it is old code, which is served until retire begins\n" },
    { "switch", "--rollback-to", "1.9", 0, "p: version 1.9 may come back: it is old code, which is served until retire begins\n" },
    { "retire", "--rollback-to", "1.9", 3, "p: version 1.9 may not come back: it is old code, which is not served any more: retire is done\n" },
    { "retire", "--app-version", "2.1", 0, "p: version 2.1 may ship: it is new code, and verify is done\n" },
    { "retire", "--app-version", "latest", 3, "p: version latest may not ship: it cannot be compared with >=2.0\n" },
    { "contract", "--app-version", "1.9", 3, "p: version 1.9 may not ship: it is old code, which is not served any more: retire is done\n" },
    { "contract", "--rollback-to", "2.0", 0, "p: version 2.0 may come back: it is new code, and verify is done\n" },
    /* clang-format on */
};

START_TEST(which_versions_may_ship_and_come_back_follows_the_phases)
{
    const char *at = "";

    setup(SHOP);
    for (size_t i = 0; i < ARRAY_LEN(week); i++) {
        if (week[i].to && strcmp(week[i].to, at) != 0)
            flow_ok(RUN("advance", "p", "--to", week[i].to, "--confirm", "p", "--fast"));
        at = week[i].to ? week[i].to : at;
        answers(GATE(week[i].option, week[i].version), week[i].status, week[i].says);
    }
}
END_TEST

START_TEST(the_answer_in_json_says_what_to_do)
{
    setup(SHOP);
    SAYS(GATE("--app-version", "2.0", "--json"), 3,
         "\"held_by\":[{\"gate\":\"app_version\",\"phase\":\"verify\",\"reason\":\"version 2.0: it "
         "is "
         "new code, which has to wait for verify, and that is pending\",\"until\":null,"
         "\"evidence\":{\"version\":\"2.0\",\"new\":\">=2.0\",\"uses\":\"new\"},"
         "\"overridable\":false,\"next_command\":\"orchestrate advance p --to verify\"}]");
    flow_ok(RUN("advance", "p", "--to", "retire", "--fast"));
    SAYS(GATE("--rollback-to", "1.9", "--json"), 3,
         "\"next_command\":\"orchestrate rollback p --to switch\"");
    flow_ok(RUN("rollback", "p", "--to", "switch"));
    SAYS(GATE("--rollback-to", "1.9"), 0, "version 1.9 may come back");
    flow_ok(RUN("resume", "p"));
    flow_ok(RUN("advance", "p", "--to", "contract", "--confirm", "p"));
    SAYS(GATE("--rollback-to", "1.9", "--json"), 3, "\"next_command\":null");
}
END_TEST

START_TEST(the_plan_says_until_when_old_code_is_served)
{
    setup("code: {new: '>=2.0', old_until: switch}\n");
    flow_ok(RUN("advance", "p", "--to", "verify", "--fast"));
    answers(GATE("--app-version", "1.9"), 0,
            "p: version 1.9 may ship: it is old code, which is served until switch begins\n");
    flow_ok(RUN("advance", "p"));
    SAYS(GATE("--app-version", "1.9"), 3, "not served any more: switch is done");
}
END_TEST

START_TEST(a_plan_that_names_no_versions_holds_none_and_says_so)
{
    struct ran ran;

    setup(NULL);
    ran = GATE("--app-version", "7");
    answers(ran, 0, "p: version 7 may ship: the plan says nothing against it\n");
    CONTAINS(ran.err, "warning: plan p does not say which versions are new code, so none is held\n"
                      "hint: Write `code: {new: \">=VERSION\"}` into the plan.\n");
    SAYS(GATE("--app-version", "7", "--json"), 0, "\"code\":\"code-unknown\"");
}
END_TEST

/* --- several, and waiting --------------------------------------------------------------- */

START_TEST(without_a_plan_every_live_one_is_asked_about)
{
    struct ran ran;

    setup(SHOP);
    flow_ok(RUN("start", flow_q("app: vet\ncode: {new: '>=7'}\n")));
    ran = RUN("gate", "--app-version", "3.0", "--json");
    SAYS(ran, 3, "\"results\":[{\"schema_version\":1,\"command\":\"gate\",\"ok\":false");
    CONTAINS(ran.out, "\"ok\":true,\"code\":\"ok\",\"plan\":\"q\"");
    answers(RUN("gate", "--app", "vet", "--app-version", "3.0"), 0,
            "q: version 3.0 may ship: it is old code, which is served until retire begins\n");
    answers(RUN("gate", "--app", "nobody", "--app-version", "3.0"), 0,
            "nothing to ask about: no plan of app nobody is live in this database\n");
    SAYS(RUN("gate", "--app", "vet", "--json"), 0, "\"results\":[{");
}
END_TEST

START_TEST(waiting_ends_when_it_opens)
{
    struct ran wait;

    setup(NULL);
    wait = test_spawn(
        url, (const char *const[]){ "gate", "p", "--done", "expand", "--wait", "1m", NULL }, NULL);
    test_wait(test_connect(db, "postgres"), 30,
              "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'orchestrate/p'"
              " AND state = 'idle' AND datname = current_database()");
    flow_ok(RUN("advance", "p"));
    test_finish(&wait, 30);
    answers(wait, 0, "p: expand is done\n");
    ck_assert_int_lt((int)wait.ms, 30000);
}
END_TEST

START_TEST(waiting_ends_with_the_time_or_a_signal)
{
    struct ran wait;

    setup(NULL);
    answers(GATE("--done", "expand", "--wait", "600ms"), 3,
            "p: expand is not done: it is pending\n");
    wait = test_spawn(
        url, (const char *const[]){ "gate", "p", "--done", "expand", "--wait", "1m", NULL }, NULL);
    test_wait(test_connect(db, "postgres"), 30,
              "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'orchestrate/p'"
              " AND state = 'idle' AND datname = current_database()");
    kill(wait.pid, SIGINT);
    test_finish(&wait, 10);
    SAYS(wait, 130, "orchestrate: stopped while waiting for a gate\n");
}
END_TEST

/* --- nothing is changed ----------------------------------------------------------------- */

START_TEST(bad_questions_are_usage_and_questions_change_nothing)
{
    PGconn *conn;
    const char *before;

    setup(SHOP);
    conn = test_connect(db, "postgres");
    before = test_value(conn,
                        "SELECT count(*) || '/' || (SELECT count(*) FROM orchestrate.gate_evidence)"
                        " FROM orchestrate.event");
    SAYS(GATE("--phase", "swtch"), 64,
         "orchestrate: plan p has no phase swtch\nhint: Did you mean switch?\n");
    SAYS(GATE("--done", "nowhere"), 64,
         "orchestrate: plan p has no phase nowhere\nhint: `orchestrate status p` lists its "
         "phases.\n");
    SAYS(RUN("gate", "--done", "nowhere"), 64, "orchestrate: p: plan p has no phase nowhere\n");
    SAYS(RUN("gate", "x"), 66, "there is no plan x in this database");
    SAYS(GATE("--app", "shop"), 64, "--app chooses among plans; p is named already");
    SAYS(GATE("--phase", "contract"), 3, "held by predecessor: phase ");
    ck_assert_ptr_null(strstr(GATE("--phase", "contract").out, "tombstone"));
    SAYS(GATE("--phase", "switch"), 3, "held by predecessor");
    ck_assert_str_eq(
        before,
        test_value(conn,
                   "SELECT count(*) || '/' || (SELECT count(*) FROM orchestrate.gate_evidence)"
                   " FROM orchestrate.event"));
    PQfinish(conn);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("gate_command");
    TCase *tc = support_case(suite, "gate", 120);

    tcase_add_test(tc, may_the_next_phase_start);
    tcase_add_test(tc, the_answer_in_json_repeats_the_question);
    tcase_add_test(tc, may_a_certain_phase_start_and_is_it_done);
    tcase_add_test(tc, a_plan_that_has_ended_starts_nothing);
    tcase_add_test(tc, which_versions_may_ship_and_come_back_follows_the_phases);
    tcase_add_test(tc, the_answer_in_json_says_what_to_do);
    tcase_add_test(tc, the_plan_says_until_when_old_code_is_served);
    tcase_add_test(tc, a_plan_that_names_no_versions_holds_none_and_says_so);
    tcase_add_test(tc, without_a_plan_every_live_one_is_asked_about);
    tcase_add_test(tc, waiting_ends_when_it_opens);
    tcase_add_test(tc, waiting_ends_with_the_time_or_a_signal);
    tcase_add_test(tc, bad_questions_are_usage_and_questions_change_nothing);
    return suite;
}

int main(void)
{
    return support_run(suite());
}
