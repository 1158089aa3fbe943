/*
 * A plan with phases of its own that is edited after `start`: what has not begun, or was
 * undone, is exchanged when somebody says so; what happened stays on record as it was.
 */
#include "own_fixture.h"

START_TEST(an_edit_of_phases_to_come_wants_the_flag)
{
    const char *before;

    started(ONE TWO);
    before = state();
    for (int advances = 0; advances < 2; advances++) {
        struct ran ran =
            ORCHESTRATE(url, "advance",
                        file(ONE PHASE("two", SQL("INSERT INTO shop.log VALUES ('2')", "none"))));

        EXITS(ran, 5);
        CONTAINS(ran.err, "own.yaml changes what run 1 of plan own has not begun yet: phase two");
        CONTAINS(ran.err, "To take it over: --accept-plan-change");
        CONTAINS(ran.err, "- phases.2.steps.1.sql = INSERT INTO shop.log VALUES ('two')");
        CONTAINS(ran.err, "+ phases.2.steps.1.sql = INSERT INTO shop.log VALUES ('2')");
        ck_assert_str_eq(state(), before);
        if (advances == 0)
            advanced();
        before = state();
    }
}
END_TEST

START_TEST(all_of_a_plan_that_has_not_begun_is_exchanged)
{
    started(ONE TWO);
    ck_assert_str_eq(claims(), "shop.log");
    accepted(PHASE("first", SQL("INSERT INTO shop.other VALUES (1)", "none"))
                 PHASE("second", SQL("INSERT INTO shop.third VALUES (1)", "none"))
                     PHASE("third", SQL("INSERT INTO shop.other VALUES (2)", "none")));
    ck_assert_str_eq(claims(), "shop.other taken, shop.third taken");
    advanced();
    advanced();
    ck_assert_str_eq(test_rows(super, "SELECT (SELECT count(*) FROM shop.other),"
                                      " (SELECT count(*) FROM shop.third),"
                                      " (SELECT count(*) FROM shop.log)"),
                     "2|1|0");
    CONTAINS(ORCHESTRATE(url, "status", "own").out, "complete");
}
END_TEST

/* One more, others, and one less. */
START_TEST(phases_are_added_exchanged_and_left_out)
{
    started(ONE TWO);
    advanced();
    accepted(ONE PHASE("between", SQL("INSERT INTO shop.log VALUES ('between')", "none"))
                 PHASE("two", SQL("INSERT INTO shop.log VALUES ('2')", "none"))
                     PHASE("three", SQL("INSERT INTO shop.log VALUES ('three')", "none")));
    ck_assert_str_eq(logged(), "one between");
    accepted(ONE PHASE("between", SQL("INSERT INTO shop.log VALUES ('between')", "none"))
                 PHASE("last", SQL("INSERT INTO shop.log VALUES ('last')", "none")));
    ck_assert_str_eq(logged(), "one between last");
    CONTAINS(ORCHESTRATE(url, "status", "own").out, "complete");
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM orchestrate.amendment"), 2);
    EXITS(ORCHESTRATE(url, "verify", "own"), 0);
}
END_TEST

START_TEST(what_was_undone_is_exchanged_and_stays_on_record_as_it_was)
{
    struct ran ran;

    started(ONE BROKEN);
    advanced();
    EXITS(ORCHESTRATE(url, "advance", "own"), 1);
    refused(ONE TWO, 5,
            "own.yaml changes what run 1 of plan own has done already, or is doing: "
            "phase two",
            "Or go back first (`orchestrate rollback own --to one`): what is undone can be "
            "exchanged.");
    EXITS(ORCHESTRATE(url, "rollback", "own"), 0);
    EXITS(ORCHESTRATE(
              url, "resume",
              file(ONE PHASE("better", SQL("INSERT INTO shop.log VALUES ('better')", "none"))),
              "--accept-plan-change"),
          0);
    CONTAINS(ORCHESTRATE(url, "status", "own").out, "better       pending");
    advanced();
    CONTAINS(ORCHESTRATE(url, "status", "own").out, "complete");
    ck_assert_str_eq(test_rows(super, "SELECT phase_name, to_state FROM orchestrate.transition"
                                      " WHERE to_phase = 1 ORDER BY seq"),
                     "two|pending\ntwo|running\ntwo|failed\ntwo|undoing\ntwo|undone\n"
                     "better|running\nbetter|done");
    ck_assert_str_eq(test_rows(super, "SELECT step, title FROM orchestrate.step_record"
                                      " WHERE phase = 1 AND NOT undo ORDER BY cycle, ord"),
                     "two/1/1|INSERT shop.log\nbetter/1/1|INSERT shop.log");
    ran = ORCHESTRATE(url, "history", "own");
    EXITS(ran, 0);
    CONTAINS(ran.out, "two");
    CONTAINS(ran.out, "better");
    EXITS(ORCHESTRATE(url, "verify", "own"), 0);
}
END_TEST

START_TEST(phases_that_were_done_stay_as_they_are)
{
    started(ONE TWO);
    advanced();
    refused(PHASE("one", SQL("INSERT INTO shop.log VALUES ('1')", "DELETE FROM shop.log")) TWO, 5,
            "has done already, or is doing: phase one",
            "Take the edit back, or undo all phases, which calls the run off");
    refused(TWO, 5, "has done already, or is doing: phase one", "Take the edit back");
    refused(ONE, 5, "own.yaml has no phase after those that run 1 of plan own has done",
            "Leave one, if only with a check that always holds: `- check: SELECT 1 WHERE false`.");
    accepted(ONE PHASE("rest", "      - check: SELECT 1 WHERE false\n"));
    CONTAINS(ORCHESTRATE(url, "status", "own").out, "complete");
}
END_TEST

START_TEST(an_edit_is_looked_at_like_a_plan)
{
    started(ONE TWO);
    advanced();
    refused(ONE PHASE("two", SQL("INSERT INTO shop.nothing VALUES (1)", "none")), 5,
            "step 1 of two works on a table shop.nothing, which is not there",
            "Names are taken as SQL takes them");
    refused(ONE "  - name: two\n    role: nobody\n    steps:\n" SQL("SELECT 1", "none"), 5,
            "phase two runs as role nobody, which does not exist", "taken literally");
}
END_TEST

START_TEST(a_table_of_another_plan_is_a_conflict)
{
    const char *other = test_write(
        "other.yaml",
        "plan: other\nphases:\n" PHASE("a", SQL("INSERT INTO shop.other VALUES (1)", "none"))
            PHASE("b", SQL("SELECT 1", "none")));
    static const char edit[] = ONE PHASE("two", SQL("INSERT INTO shop.other VALUES (1)", "none"));

    started(ONE TWO);
    advanced();
    EXITS(ORCHESTRATE(url, "start", other), 0);
    EXITS(ORCHESTRATE(url, "advance", "other"), 0);
    refused(edit, 7,
            "table shop.other is claimed by plan other: the changed plan was not taken over",
            "Take it over when other is complete or undone.");
    EXITS(ORCHESTRATE(url, "advance", "other"), 0);
    accepted(edit);
    ck_assert_str_eq(claims(), "shop.log taken, shop.other taken");
}
END_TEST

START_TEST(phases_that_stay_keep_their_approvals)
{
    static const char gates[] = "gates:\n  two: [{approval: {count: 1, role: release_manager}}]\n"
                                "  three: [{approval: {count: 1, role: release_manager}}]\n";
    static const char void_sql[] = "SELECT f.name, a.void IS NULL FROM orchestrate.phase f,"
                                   " LATERAL orchestrate.approvals(f.run, f.ord) a ORDER BY f.ord";
    const char *reader = test_url(db, "reader");

    test_sql(super, "DROP ROLE IF EXISTS release_manager");
    test_sql(super, "CREATE ROLE release_manager; GRANT release_manager TO reader");
    test_sql(test_connect(db, "app"), "SELECT orchestrate.admit_approver('release_manager')");
    started(
        arena_printf(test_arena(), "%s%s", ONE TWO PHASE("three", SQL("SELECT 3", "none")), gates));
    advanced();
    EXITS(ORCHESTRATE(reader, "approve", "own", "two"), 0);
    EXITS(ORCHESTRATE(reader, "approve", "own", "three"), 0);
    EXITS(ORCHESTRATE(url, "pause",
                      file(arena_printf(test_arena(), "%s%s",
                                        ONE TWO PHASE("three", SQL("SELECT 4", "none")), gates)),
                      "--accept-plan-change"),
          0);
    ck_assert_str_eq(test_rows(super, void_sql), "two|t\nthree|f");
    test_sql(super, "DROP OWNED BY release_manager; DROP ROLE release_manager");
}
END_TEST

/* A deploy that was told to go as far as a phase goes as far as that in the edited plan. */
START_TEST(a_deploy_under_way_goes_as_far_as_it_was_told)
{
    const char *before = "app: shop\n";

    started(arena_printf(test_arena(), "%s%s",
                         ONE TWO PHASE("three", SQL("SELECT 3", "none")) TWO_MORE, before));
    EXITS(ORCHESTRATE(url, "pause", "own"), 0);
    EXITS(ORCHESTRATE(url, "advance", "own", "--deploy-id", "d1", "--to", "three"), 0);
    EXITS(ORCHESTRATE(url, "pause",
                      file(arena_printf(test_arena(), "%s%s",
                                        ONE TWO PHASE("between", SQL("SELECT 0", "none"))
                                            PHASE("three", SQL("SELECT 3", "none")) TWO_MORE,
                                        before)),
                      "--accept-plan-change"),
          0);
    EXITS(ORCHESTRATE(url, "resume", "own"), 0);
    EXITS(ORCHESTRATE(url, "advance", "own", "--deploy-id", "d1"), 0);
    ck_assert_str_eq(test_rows(super, "SELECT phase_name, to_state FROM orchestrate.transition"
                                      " ORDER BY seq DESC LIMIT 1"),
                     "three|done");
}
END_TEST

START_TEST(a_dry_run_exchanges_nothing)
{
    const char *before;
    struct ran ran;

    started(ONE TWO);
    before = state();
    ran = ORCHESTRATE(url, "advance", file(ONE PHASE("two", SQL("SELECT 2", "none"))),
                      "--accept-plan-change", "--dry-run");
    EXITS(ran, 0);
    CONTAINS(ran.err, "+ phases.2.steps.1.sql = SELECT 2");
    ck_assert_str_eq(state(), before);
}
END_TEST

/* With the triggers of ordinary tables switched off, as a superuser may. */
START_TEST(the_database_keeps_phases_that_have_begun)
{
    static const char amend[] =
        "INSERT INTO orchestrate.amendment (run, epoch, kind, checksum, canonical)"
        " SELECT run, epoch, 'plan', repeat('0', 64), 'x' FROM orchestrate.plan";
    static const struct {
        const char *sql, *state;
    } edits[] = {
        { "DELETE FROM orchestrate.step WHERE phase = 0", "OR002" },
        { "DELETE FROM orchestrate.phase WHERE ord = 0", "OR002" },
        { "UPDATE orchestrate.step SET sql = 'x' WHERE phase = 1", "OR002" },
        { "DELETE FROM orchestrate.claim", "OR002" },
        { "UPDATE orchestrate.plan SET canonical = 'x', checksum = repeat('0', 64), n_phases = 3",
          "OR003" },
        { "UPDATE orchestrate.plan SET canonical = 'x', checksum = repeat('0', 64);"
          "DELETE FROM orchestrate.step WHERE phase = 1",
          "OR002" },
        { "DELETE FROM orchestrate.step WHERE phase = 1", "OR003" },
        { "DELETE FROM orchestrate.step WHERE phase = 1;"
          "UPDATE orchestrate.plan SET canonical = 'x', checksum = repeat('0', 64)",
          "OR003" },
        { "DELETE FROM orchestrate.step WHERE phase = 1;"
          "CREATE TEMP TABLE other AS SELECT (jsonb_populate_record(p, to_jsonb(c))).*"
          " FROM orchestrate.phase p JOIN orchestrate.phase_checksums(run, NULL) c USING (ord)"
          " WHERE ord = 1;"
          "DELETE FROM orchestrate.phase WHERE ord = 1;"
          "INSERT INTO orchestrate.phase SELECT * FROM other;"
          "UPDATE orchestrate.plan SET canonical = 'x', checksum = repeat('0', 64)",
          "" },
    };

    started(ONE TWO);
    advanced();
    test_sql(super, "SET session_replication_role = replica");
    for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
        ck_assert_msg(strcmp(test_sqlstate(super, "%s; %s", amend, edits[i].sql), edits[i].state) ==
                          0,
                      "%s", edits[i].sql);
        if (*edits[i].state == '\0')
            break;
        ck_assert_str_eq(test_sqlstate(super, "DELETE FROM orchestrate.step WHERE phase = 1"),
                         "OR002");
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("own_edits");
    TCase *tc = support_case(s, "own edits", 120);

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, an_edit_of_phases_to_come_wants_the_flag);
    tcase_add_test(tc, all_of_a_plan_that_has_not_begun_is_exchanged);
    tcase_add_test(tc, phases_are_added_exchanged_and_left_out);
    tcase_add_test(tc, what_was_undone_is_exchanged_and_stays_on_record_as_it_was);
    tcase_add_test(tc, phases_that_were_done_stay_as_they_are);
    tcase_add_test(tc, an_edit_is_looked_at_like_a_plan);
    tcase_add_test(tc, a_table_of_another_plan_is_a_conflict);
    tcase_add_test(tc, phases_that_stay_keep_their_approvals);
    tcase_add_test(tc, a_deploy_under_way_goes_as_far_as_it_was_told);
    tcase_add_test(tc, a_dry_run_exchanges_nothing);
    tcase_add_test(tc, the_database_keeps_phases_that_have_begun);
    return s;
}

int main(void)
{
    return support_run(suite());
}
