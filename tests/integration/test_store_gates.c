/*
 * Gates, and the deploys that they look at.
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
}

static const struct gate_answer *find(const struct gate_answer *answers, size_t n, const char *gate)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(answers[i].gate, gate) == 0)
            return &answers[i];
    ck_abort_msg("no gate %s was asked", gate);
}

static const struct gate_answer *ask_with(struct pg *c, const struct run *run, int phase,
                                          const char *gate, struct gate_query query)
{
    struct gate_answer *answers;
    size_t n;

    WORKS(store_gates(test_arena(), c, run, phase, &query, &answers, &n, &err));
    return find(answers, n, gate);
}

static const struct gate_answer *ask(const struct run *run, int phase, const char *gate)
{
    return ask_with(pg, run, phase, gate, (struct gate_query){ 0 });
}

static void is_open(const struct gate_answer *a)
{
    ck_assert_msg(a->open, "%s is closed: %s", a->gate, a->reason);
    ck_assert_ptr_null(a->next_command);
}

static void is_closed(const struct gate_answer *a, const char *because)
{
    ck_assert_msg(!a->open, "%s is open", a->gate);
    CONTAINS(a->reason, because);
    ck_assert_ptr_nonnull(a->next_command);
}

static void confirm(const char *id, const char *status, const char *the_app, const char *version)
{
    bool changed, known;

    WORKS(store_confirm(pg, id, status, the_app, version, &changed, &known, &err));
}

static void deploy(const struct run *run, const char *id, int target)
{
    struct deploy d;

    WORKS(store_deploy(test_arena(), pg, run, id, target, NULL, &d, &err));
}

/* A phase carried by this deploy, as advance records it. */
static void carry(struct run *run, const char *id)
{
    deploy(run, id, run_next_phase(run));
    finish_phase(pg, run, arena_printf(test_arena(), "{\"deploy_id\": \"%s\"}", id));
}

/* ---- gates ---- */

START_TEST(every_phase_asks_the_gates_of_all_plans_in_their_order)
{
    struct run *run = start_run(pg, (struct start){ .name = "order" });
    struct gate_answer *answers;
    size_t n, at = 0;

    WORKS(store_gates(test_arena(), pg, run, 1, &(struct gate_query){ 0 }, &answers, &n, &err));
    for (const struct gate_kind *k = gate_kinds; k->name; k++)
        if (k->always)
            ck_assert_str_eq(answers[at++].gate, k->name);
    ck_assert_uint_eq(n, at);
    ck_assert_str_eq(answers[0].phase, "switch");
}
END_TEST

START_TEST(predecessor_wants_the_phases_before_done)
{
    struct run *run = start_run(pg, (struct start){ .name = "before" });

    is_open(ask(run, 0, "predecessor"));
    is_closed(ask(run, 1, "predecessor"), "phase expand is pending");
    finish_phase(pg, run, NULL);
    is_open(ask(run, 1, "predecessor"));
    is_closed(ask(run, 2, "predecessor"), "phase switch is not done yet");
    ck_assert_str_eq(ask(run, 2, "predecessor")->next_command, "orchestrate advance before");
    move(pg, run, EV_ADVANCE);
    move(pg, run, EV_ADVANCE);
    is_open(ask(run, 1, "predecessor"));
    is_closed(ask(run, 2, "predecessor"), "phase switch is running");
    move(pg, run, EV_UNDO);
    move(pg, run, EV_UNDO_OVER);
    is_open(ask(run, 1, "predecessor"));
    move(pg, run, EV_UNDO);
    move(pg, run, EV_UNDO_OVER);
    is_closed(ask(run, 1, "predecessor"), "phase expand is undone");
}
END_TEST

START_TEST(paused_says_who_when_and_why)
{
    struct run *run = start_run(pg, (struct start){ .name = "break" });
    const struct gate_answer *a;

    is_open(ask(run, 0, "paused"));
    WORKS(store_pause(pg, run, true, "incident 7", &err));
    a = ask(run, 0, "paused");
    is_closed(a, "paused by app at 2");
    CONTAINS(a->reason, ": incident 7");
    CONTAINS(a->evidence, "\"because\": \"incident 7\"");
    ck_assert_str_eq(a->next_command, "orchestrate resume break");
    ck_assert(a->overridable);
    WORKS(store_pause(pg, run, false, NULL, &err));
    is_open(ask(run, 0, "paused"));
}
END_TEST

START_TEST(soak_counts_from_the_end_of_the_phase_before)
{
    struct run *run =
        start_run(pg, (struct start){ .name = "soaking", .gate = "soak", .gate_value = "24h" });
    const struct gate_answer *a;

    finish_phase(pg, run, NULL);
    finish_phase(pg, run, NULL);
    a = ask(run, 2, "soak");
    is_closed(a, "when phase switch was done");
    ck_assert_str_eq(a->until, test_value(app, "SELECT orchestrate.utc(at + '24h') FROM"
                                               " orchestrate.transition WHERE to_phase = 1"
                                               " AND to_state = 'done'"));
    ck_assert_str_eq(a->next_command, "orchestrate advance soaking");
}
END_TEST

START_TEST(soak_opens_when_its_time_is_over)
{
    struct run *run =
        start_run(pg, (struct start){ .name = "soaked", .gate = "soak", .gate_value = "0" });

    finish_phase(pg, run, NULL);
    finish_phase(pg, run, NULL);
    is_open(ask(run, 2, "soak"));
}
END_TEST

START_TEST(soak_counts_from_the_first_good_deploy_when_there_is_one)
{
    struct run *run =
        start_run(pg, (struct start){ .name = "live", .gate = "soak", .gate_value = "7d" });

    finish_phase(pg, run, NULL);
    carry(run, "d1");
    confirm("d1", "failed", NULL, NULL);
    is_closed(ask(run, 2, "soak"), "when phase switch was done");
    confirm("d2", "success", NULL, NULL);
    confirm("d3", "success", NULL, NULL);
    is_closed(ask(run, 2, "soak"), "when deploy d2 was confirmed");
    ck_assert_str_eq(ask(run, 2, "soak")->until,
                     test_value(app, "SELECT orchestrate.utc(ended_at + '7d') FROM"
                                     " orchestrate.deploy WHERE id = 'd2'"));
    confirm("d2", "rolled_back", NULL, NULL);
    is_closed(ask(run, 2, "soak"), "when deploy d3 was confirmed");
}
END_TEST

START_TEST(the_point_of_no_return_wants_the_name_of_the_plan)
{
    struct run *run = start_run(pg, (struct start){ .name = "final", .last_undo = UNDO_NEVER });
    struct gate_query query = { .consent = "final" };
    struct gate_answer *answers;
    size_t n;

    finish_phase(pg, run, NULL);
    is_open(ask(run, 1, "consent"));
    finish_phase(pg, run, NULL);
    is_closed(ask(run, 2, "consent"), "point of no return");
    ck_assert_str_eq(ask(run, 2, "consent")->next_command,
                     "orchestrate advance final --confirm final");
    ck_assert(!ask(run, 2, "consent")->overridable);
    is_open(ask_with(pg, run, 2, "consent", query));
    CONTAINS(ask_with(pg, run, 2, "consent", query)->evidence, "\"by\":\"app\"");
    query.consent = "finale";
    FAILS(store_gates(test_arena(), pg, run, 2, &query, &answers, &n, &err), ERR_CONSENT,
          "Its name is final");
}
END_TEST

START_TEST(consent_may_be_given_beforehand_for_the_very_text)
{
    struct run *run = start_run(pg, (struct start){ .name = "early", .last_undo = UNDO_NEVER });
    const char *approve = "INSERT INTO orchestrate.approval (run, phase, phase_checksum, consent,"
                          " revokes) SELECT run, ord, %s, true, %s FROM orchestrate.phase"
                          " WHERE ord = 2";

    finish_phase(pg, run, NULL);
    finish_phase(pg, run, NULL);
    ck_assert_str_eq(test_sqlstate(app, approve, "'another text'", "false"), "OR003");
    is_closed(ask(run, 2, "consent"), "point of no return");
    test_sql(app, approve, "checksum", "false");
    is_open(ask(run, 2, "consent"));
    test_sql(app, approve, "checksum", "true");
    is_closed(ask(run, 2, "consent"), "point of no return");
    test_sql(app, approve, "checksum", "false");
    is_open(ask(run, 2, "consent"));
    move(pg, run, EV_UNDO);
    move(pg, run, EV_UNDO_OVER);
    is_closed(ask(run, 2, "consent"), "point of no return");
}
END_TEST

START_TEST(a_closed_gate_can_be_overridden_where_that_is_allowed)
{
    struct run *run =
        start_run(pg, (struct start){ .name = "forced", .gate = "soak", .gate_value = "1h" });
    const char *names[] = { "paused", "soak" };
    struct gate_query query = { .overrides = names, .n_overrides = 2 };
    struct gate_answer *answers;
    size_t n;

    finish_phase(pg, run, NULL);
    finish_phase(pg, run, NULL);
    ck_assert(ask_with(pg, run, 2, "soak", query)->overridden);
    ck_assert(!ask_with(pg, run, 2, "soak", query)->open);
    /* An open one stays open, and is not said to be overridden. */
    ck_assert(!ask_with(pg, run, 2, "paused", query)->overridden);
    /* It may be meant for another phase. */
    WORKS(store_gates(test_arena(), pg, run, 1, &query, &answers, &n, &err));
    names[1] = "predecessor";
    WORKS(store_gates(test_arena(), pg, run, 2, &query, &answers, &n, &err));
    names[1] = "sook";
    FAILS(store_gates(test_arena(), pg, run, 2, &query, &answers, &n, &err), ERR_USAGE,
          "Did you mean soak?");
}
END_TEST

START_TEST(a_gate_that_must_hold_is_never_overridden)
{
    struct run *run = start_run(pg, (struct start){ .name = "never", .last_undo = UNDO_NEVER });
    const char *names[] = { "predecessor", "consent" };
    struct gate_query query = { .overrides = names, .n_overrides = 1 };
    struct gate_answer *answers;
    size_t n;

    FAILS(store_gates(test_arena(), pg, run, 1, &query, &answers, &n, &err), ERR_USAGE,
          "gate predecessor cannot be overridden: phase expand is pending");
    finish_phase(pg, run, NULL);
    finish_phase(pg, run, NULL);
    query.overrides = names + 1;
    FAILS(store_gates(test_arena(), pg, run, 2, &query, &answers, &n, &err), ERR_USAGE,
          "gate consent cannot be overridden");
}
END_TEST

START_TEST(evidence_is_kept_when_it_changes)
{
    struct run *run = start_run(pg, (struct start){ .name = "evidence" });
    struct gate_answer a[] = { { .gate = "old_name_idle", .evidence = "{\"uses\": 3}" },
                               { .gate = "paused" } };

    for (int i = 0; i < 2; i++)
        WORKS(store_gate_evidence(pg, run, 1, a, 2, &err));
    a[0].evidence = "{\"uses\": 4}";
    WORKS(store_gate_evidence(pg, run, 1, a, 2, &err));
    a[0].evidence = "{\"uses\":   4}";
    WORKS(store_gate_evidence(pg, run, 1, a, 2, &err));
    a[0].evidence = "{\"uses\": 3}";
    WORKS(store_gate_evidence(pg, run, 1, a, 2, &err));
    ck_assert_str_eq(test_rows(app,
                               "SELECT run = %" PRId64 ", phase, gate, evidence FROM"
                               " orchestrate.gate_evidence ORDER BY id",
                               run->id),
                     "t|1|old_name_idle|{\"uses\": 3}\n"
                     "t|1|old_name_idle|{\"uses\": 4}\n"
                     "t|1|old_name_idle|{\"uses\": 3}");
}
END_TEST

START_TEST(whoever_may_read_may_ask)
{
    struct run *run =
        start_run(pg, (struct start){ .name = "reading", .gate = "soak", .gate_value = "1h" });
    struct gate_answer *answers;
    struct pg *reader;
    size_t n;

    test_sql(app, "SELECT orchestrate.admit('reader', false)");
    reader = open_as(db, "reader");
    WORKS(pg_run(reader, "SET default_transaction_read_only = on", PG_NO_ARGS, &err));
    for (int phase = 0; phase < PHASES; phase++)
        WORKS(store_gates(test_arena(), reader, run, phase, &(struct gate_query){ 0 }, &answers, &n,
                          &err));
    WORKS(store_load(test_arena(), reader, run->id, run, &err));
}
END_TEST

/* ---- deploys ---- */

START_TEST(after_a_mark_the_code_must_be_out_once_deploys_are_confirmed_at_all)
{
    struct run *run = start_run(pg, (struct start){ .name = "mark" });

    confirm("other", "success", "another-app", NULL);
    carry(run, "d1");
    /* `switch` has the mark.  Nobody has confirmed a deploy of this app yet. */
    is_open(ask(run, 1, "deploy"));
    CONTAINS(ask(run, 1, "deploy")->reason, "no deploy was ever confirmed");
    is_open(ask(run, 2, "deploy"));
    ck_assert_ptr_null(ask(run, 2, "deploy")->reason);
    confirm("d1", "failed", NULL, NULL);
    is_closed(ask(run, 1, "deploy"), "deploy d1 ended as failed");
    is_open(ask(run, 2, "deploy"));
    confirm("d1", "success", NULL, NULL);
    is_open(ask(run, 1, "deploy"));
    ck_assert_ptr_null(ask(run, 1, "deploy")->reason);
}
END_TEST

static struct run *start_confirmed(const char *code_new)
{
    struct run *run = start_run(pg, (struct start){ .name = "confirmed",
                                                    .app = "shop-api",
                                                    .code_new = code_new,
                                                    .gate = "deploy",
                                                    .gate_value = "confirmed" });

    finish_phase(pg, run, NULL);
    return run;
}

START_TEST(a_deploy_counts_that_carried_the_phase_before_or_began_after_it)
{
    struct run *run = start_confirmed(NULL);

    /* d0 was under way before the phase; it did not carry it. */
    deploy(run, "d0", 1);
    carry(run, "d1");
    is_closed(ask(run, 2, "deploy"), "no deploy of shop-api has ended since phase switch was done");
    confirm("d0", "success", "shop-api", NULL);
    is_closed(ask(run, 2, "deploy"), "no deploy of shop-api has ended");
    confirm("d1", "success", "shop-api", NULL);
    is_open(ask(run, 2, "deploy"));
    CONTAINS(ask(run, 2, "deploy")->evidence, "\"deploy\": \"d1\"");
}
END_TEST

START_TEST(the_latest_ended_deploy_decides)
{
    struct run *run = start_confirmed(NULL);

    finish_phase(pg, run, NULL);
    confirm("d1", "success", "shop-api", NULL);
    is_open(ask(run, 2, "deploy"));
    confirm("d2", "failed", "shop-api", NULL);
    is_closed(ask(run, 2, "deploy"), "deploy d2 of shop-api ended as failed");
    confirm("d3", "success", "shop-api", NULL);
    is_open(ask(run, 2, "deploy"));
    /* A skipped one changed nothing, one of another app is none of ours. */
    confirm("d4", "skipped", "shop-api", NULL);
    confirm("d5", "failed", "other-app", NULL);
    is_open(ask(run, 2, "deploy"));
    confirm("d3", "rolled_back", "shop-api", NULL);
    is_closed(ask(run, 2, "deploy"), "deploy d3 of shop-api ended as rolled_back");
}
END_TEST

START_TEST(the_version_must_be_one_that_the_plan_counts_on)
{
    struct run *run = start_confirmed(">=2.4.0,<3");

    finish_phase(pg, run, NULL);
    confirm("d1", "success", "shop-api", NULL);
    is_closed(ask(run, 2, "deploy"), "did not say its version; it must be >=2.4.0,<3");
    confirm("d2", "success", "shop-api", "2.3.9");
    is_closed(ask(run, 2, "deploy"), "has version 2.3.9, which is not >=2.4.0,<3");
    confirm("d3", "success", "shop-api", "1f3a9c");
    is_closed(ask(run, 2, "deploy"), "cannot be compared");
    confirm("d4", "success", "shop-api", "v2.10.1");
    is_open(ask(run, 2, "deploy"));
}
END_TEST

START_TEST(versions_are_compared_as_numbers)
{
    static const struct {
        const char *version, *wanted, *holds;
    } cases[] = {
        { "2.4.0", ">=2.4.0", "t" },
        { "v2.4", ">=2.4.0", "t" },
        { "2.10", ">2.9", "t" },
        { "2.3.9", ">=2.4", "f" },
        { "3", ">=2.4,<3", "f" },
        { "2.4.0-rc1", ">=2.4.0", "f" },
        { "2.4.0-rc10", ">2.4.0-rc9", "t" },
        { "2.4.0+build.7", "=2.4", "t" },
        { "2.4.1", "<=2.4", "f" },
        { "abc", ">=2.4", "" },
        { "abc", "=abc", "t" },
        { "20240131", ">=20240101", "t" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        ck_assert_msg(strcmp(test_value(app, "SELECT orchestrate.version_satisfies('%s', '%s')",
                                        cases[i].version, cases[i].wanted),
                             cases[i].holds) == 0,
                      "%s %s", cases[i].version, cases[i].wanted);
}
END_TEST

START_TEST(the_first_call_of_a_deploy_fixes_how_far_it_carries)
{
    struct run *run = start_run(pg, (struct start){ .name = "fixed" });
    struct deploy d;

    WORKS(store_deploy(test_arena(), pg, run, "d1", -1, NULL, &d, &err));
    ck_assert_int_eq(d.target, -1);
    WORKS(store_deploy(test_arena(), pg, run, "d1", 1, "switch", &d, &err));
    ck_assert_int_eq(d.target, 1);
    ck_assert(!d.reached);
    WORKS(store_deploy(test_arena(), pg, run, "d1", 0, NULL, &d, &err));
    ck_assert_int_eq(d.target, 1);
    WORKS(store_deploy(test_arena(), pg, run, "d1", 1, "switch", &d, &err));
    FAILS(store_deploy(test_arena(), pg, run, "d1", 2, "contract", &d, &err), ERR_CHECK,
          "carries plan fixed through phase switch; now contract is asked for");
    /* What is not done cannot have been reached, whoever says so. */
    WORKS(store_deploy_reached(pg, run, "d1", &err));
    WORKS(store_deploy(test_arena(), pg, run, "d1", 2, NULL, &d, &err));
    ck_assert(!d.reached);
    carry(run, "d2");
    carry(run, "d2");
    WORKS(store_deploy_reached(pg, run, "d1", &err));
    WORKS(store_deploy(test_arena(), pg, run, "d1", 2, NULL, &d, &err));
    ck_assert_int_eq(d.target, 1);
    ck_assert(d.reached);
    ck_assert_str_eq(d.by, "d2");
}
END_TEST

START_TEST(a_deploy_whose_phase_is_done_has_reached_it_even_if_nobody_said_so)
{
    struct run *run = start_run(pg, (struct start){ .name = "killed" });
    struct deploy d;

    carry(run, "d1");
    WORKS(store_deploy(test_arena(), pg, run, "d1", 1, NULL, &d, &err));
    ck_assert_int_eq(d.target, 0);
    ck_assert(d.reached);
}
END_TEST

START_TEST(a_confirmation_is_idempotent)
{
    struct run *run = start_run(pg, (struct start){ .name = "twice", .app = "shop-api" });
    bool changed, known;

    deploy(run, "d1", 0);
    WORKS(store_confirm(pg, "d1", "success", NULL, "1.0", &changed, &known, &err));
    ck_assert(changed && known);
    WORKS(store_confirm(pg, "d1", "success", NULL, NULL, &changed, &known, &err));
    ck_assert(!changed && known);
    WORKS(store_confirm(pg, "d1", "success", "shop-api", "1.0", &changed, &known, &err));
    ck_assert(!changed && known);
    ck_assert_str_eq(test_rows(app, "SELECT app, id, status, version FROM orchestrate.deploy"),
                     "shop-api|d1|success|1.0");
    ck_assert_int_eq(test_count(app, "SELECT count(*) FROM orchestrate.event"
                                     " WHERE kind = 'deploy_confirmed'"),
                     1);
}
END_TEST

START_TEST(an_unknown_deploy_is_recorded)
{
    bool changed, known = true;

    for (int i = 0; i < 2; i++) {
        WORKS(store_confirm(pg, "d9", "success", "x", NULL, &changed, &known, &err));
        ck_assert_int_eq(changed, i == 0);
        ck_assert(!known);
    }
    ck_assert_str_eq(test_rows(app, "SELECT app, id, status FROM orchestrate.deploy"),
                     "x|d9|success");
}
END_TEST

START_TEST(what_was_rolled_back_stays_rolled_back)
{
    bool changed, known;

    confirm("d1", "failed", NULL, NULL);
    confirm("d1", "success", NULL, NULL);
    confirm("d1", "rolled_back", NULL, NULL);
    confirm("d1", "rolled_back", NULL, NULL);
    FAILS(store_confirm(pg, "d1", "success", NULL, NULL, &changed, &known, &err), ERR_CHECK,
          "deploy d1 was rolled back");
    FAILS(store_confirm(pg, "d1", "succes", NULL, NULL, &changed, &known, &err), ERR_USAGE,
          "Did you mean success?");
}
END_TEST

START_TEST(an_id_that_several_apps_have_wants_the_app)
{
    bool changed, known;

    confirm("d1", "success", "a", NULL);
    confirm("d1", "success", "b", NULL);
    FAILS(store_confirm(pg, "d1", "failed", NULL, NULL, &changed, &known, &err), ERR_USAGE,
          "several apps have a deploy d1: a, b");
    WORKS(store_confirm(pg, "d1", "failed", "b", NULL, &changed, &known, &err));
    ck_assert_str_eq(test_rows(app, "SELECT app, status FROM orchestrate.deploy ORDER BY app"),
                     "a|success\nb|failed");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("store_gates");
    TCase *t = support_case(s, "store_gates", 60);

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, every_phase_asks_the_gates_of_all_plans_in_their_order);
    tcase_add_test(t, predecessor_wants_the_phases_before_done);
    tcase_add_test(t, paused_says_who_when_and_why);
    tcase_add_test(t, soak_counts_from_the_end_of_the_phase_before);
    tcase_add_test(t, soak_opens_when_its_time_is_over);
    tcase_add_test(t, soak_counts_from_the_first_good_deploy_when_there_is_one);
    tcase_add_test(t, the_point_of_no_return_wants_the_name_of_the_plan);
    tcase_add_test(t, consent_may_be_given_beforehand_for_the_very_text);
    tcase_add_test(t, a_closed_gate_can_be_overridden_where_that_is_allowed);
    tcase_add_test(t, a_gate_that_must_hold_is_never_overridden);
    tcase_add_test(t, evidence_is_kept_when_it_changes);
    tcase_add_test(t, whoever_may_read_may_ask);
    tcase_add_test(t, after_a_mark_the_code_must_be_out_once_deploys_are_confirmed_at_all);
    tcase_add_test(t, a_deploy_counts_that_carried_the_phase_before_or_began_after_it);
    tcase_add_test(t, the_latest_ended_deploy_decides);
    tcase_add_test(t, the_version_must_be_one_that_the_plan_counts_on);
    tcase_add_test(t, versions_are_compared_as_numbers);
    tcase_add_test(t, the_first_call_of_a_deploy_fixes_how_far_it_carries);
    tcase_add_test(t, a_deploy_whose_phase_is_done_has_reached_it_even_if_nobody_said_so);
    tcase_add_test(t, a_confirmation_is_idempotent);
    tcase_add_test(t, an_unknown_deploy_is_recorded);
    tcase_add_test(t, what_was_rolled_back_stays_rolled_back);
    tcase_add_test(t, an_id_that_several_apps_have_wants_the_app);
    return s;
}

int main(void)
{
    return support_run(suite());
}
