/*
 * Gates: when they open, and what they say while they do not.
 */
#include "gates_fixture.h"

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
    return s;
}

int main(void)
{
    return support_run(suite());
}
