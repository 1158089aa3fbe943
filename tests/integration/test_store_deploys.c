/*
 * Deploys: which ones a gate counts, how far one carries a run, how it ended.
 */
#include "gates_fixture.h"

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
    Suite *s = suite_create("store_deploys");
    TCase *t = support_case(s, "store_deploys", 60);

    tcase_add_checked_fixture(t, setup, NULL);
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
