/*
 * Edits of a plan's own phases that somebody would rather not meet: two at once, mere
 * runners and what psql lets them do, deploys whose phases are left out.
 */
#include "own_fixture.h"

/* Gates of a phase that the run did not have come with it. */
START_TEST(phases_that_are_added_or_renamed_bring_gates)
{
    static const char wait[] = "gates:\n  between: [{soak: 1h}]\n  renamed: [{soak: 2h}]\n";

    started(arena_printf(test_arena(), "%s%s", ONE TWO, "gates:\n  two: [{soak: 2h}]\n"));
    advanced();
    EXITS(ORCHESTRATE(url, "pause",
                      file(arena_printf(test_arena(), "%s%s",
                                        ONE PHASE("between", SQL("SELECT 2", "none"))
                                            PHASE("renamed", SQL("SELECT 3", "none")),
                                        wait)),
                      "--accept-plan-change"),
          0);
    ck_assert_str_eq(test_rows(super, "SELECT phase, name FROM orchestrate.gate"
                                      " WHERE name = 'soak'"),
                     "1|soak\n2|soak");
}
END_TEST

/* What is left to do may be less while a phase is under way: that one is the last. */
START_TEST(what_comes_after_a_phase_that_failed_can_be_left_out)
{
    started(ONE BROKEN PHASE("three", SQL("SELECT 3", "none")));
    advanced();
    EXITS(ORCHESTRATE(url, "advance", "own"), 1);
    EXITS(ORCHESTRATE(url, "pause", file(ONE BROKEN), "--accept-plan-change"), 0);
    ck_assert_str_eq(test_value(super, "SELECT n_phases FROM orchestrate.plan"), "2");
    EXITS(ORCHESTRATE(url, "verify", "own"), 0);
}
END_TEST

/* The hint of a refusal leads to where the edit can be taken over. */
START_TEST(a_refusal_says_how_far_to_go_back)
{
    static const char changed[] = PHASE("two", SQL("INSERT INTO shop.log VALUES ('2')", "none"));

    started(ONE TWO PHASE("three", SQL("SELECT 3", "none")) TWO_MORE);
    advanced();
    advanced();
    advanced();
    refused(arena_printf(test_arena(), "%s%s%s%s", ONE, changed,
                         PHASE("three", SQL("SELECT 3", "none")), TWO_MORE),
            5, "has done already, or is doing: phase two", "`orchestrate rollback own --to one`");
    refused(PHASE("one", SQL("INSERT INTO shop.log VALUES ('1')", "DELETE FROM shop.log"))
                TWO PHASE("three", SQL("SELECT 3", "none")) TWO_MORE,
            5, "has done already, or is doing: phase one",
            "`orchestrate rollback own --to start`, `orchestrate start --again");
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "one"), 0);
    EXITS(ORCHESTRATE(url, "resume",
                      file(arena_printf(test_arena(), "%s%s%s%s", ONE, changed,
                                        PHASE("three", SQL("SELECT 3", "none")), TWO_MORE)),
                      "--accept-plan-change"),
          0);
}
END_TEST

START_TEST(past_the_point_of_no_return_no_way_back_is_named)
{
    static const char never[] = PHASE("two", SQL("INSERT INTO shop.log VALUES ('two')", "never"));

    started(arena_printf(test_arena(), "%s%s%s", ONE, never,
                         PHASE("three", SQL("SELECT 3", "none")) TWO_MORE));
    advanced();
    EXITS(ORCHESTRATE(url, "advance", "own", "--confirm", "own"), 0);
    advanced();
    refused(ONE TWO PHASE("three", SQL("SELECT 3", "none")) TWO_MORE, 5,
            "has done already, or is doing: phase two", "That cannot be accepted any more.");
}
END_TEST

/* A runner that has nothing but what `admit` gives. */
START_TEST(a_mere_runner_exchanges_phases_and_claims)
{
    const char *runner = test_url(db, "writer");

    test_sql(test_connect(db, "app"), "SELECT orchestrate.admit('writer', true)");
    EXITS(ORCHESTRATE(runner, "start", file(ONE TWO)), 0);
    EXITS(ORCHESTRATE(runner, "pause",
                      file(PHASE("two", SQL("INSERT INTO shop.other VALUES (1)", "none")) TWO_MORE),
                      "--accept-plan-change"),
          0);
    ck_assert_str_eq(claims(), "shop.other");
    EXITS(ORCHESTRATE(runner, "resume", "own"), 0);
    EXITS(ORCHESTRATE(runner, "advance", "own"), 0);
    EXITS(ORCHESTRATE(runner, "advance",
                      file(PHASE("two", SQL("INSERT INTO shop.other VALUES (1)", "none"))
                               PHASE("last", SQL("INSERT INTO shop.third VALUES (1)", "none"))),
                      "--accept-plan-change"),
          0);
    EXITS(ORCHESTRATE(runner, "verify", "own"), 0);
}
END_TEST

/* With psql, and no more rights than that. */
START_TEST(a_mere_runner_cannot_misuse_an_amendment)
{
    static const char amend[] =
        "INSERT INTO orchestrate.amendment (run, epoch, kind, checksum, canonical)"
        " SELECT run, epoch, 'plan', checksum, canonical FROM orchestrate.plan";
    static const char adopt[] = "INSERT INTO orchestrate.amendment (run, epoch, kind)"
                                " SELECT run, epoch, 'adopt' FROM orchestrate.plan";
    const char *before;
    PGconn *runner;

    test_sql(test_connect(db, "app"), "SELECT orchestrate.admit('writer', true)");
    runner = test_connect(db, "writer");
    started(arena_printf(test_arena(), "%s%s", ONE TWO TWO_MORE,
                         "gates:\n  one: [{query: {sql: SELECT true, because: x}}]\n"));
    advanced();
    before = state();
    /* Phases are taken away, and none put in their place. */
    ck_assert_str_eq(test_sqlstate(runner,
                                   "%s; DELETE FROM orchestrate.gate WHERE phase = 3; DELETE FROM "
                                   "orchestrate.step WHERE phase = 3;"
                                   "DELETE FROM orchestrate.phase WHERE ord = 3",
                                   amend),
                     "OR003");
    ck_assert_str_eq(test_sqlstate(runner,
                                   "%s; DELETE FROM orchestrate.gate WHERE phase > 0; DELETE FROM "
                                   "orchestrate.step WHERE phase > 0;"
                                   "DELETE FROM orchestrate.phase WHERE ord > 0;"
                                   "UPDATE orchestrate.plan SET n_phases = 1",
                                   amend),
                     "OR003");
    /* An amendment that says of the plan what it does not become. */
    ck_assert_str_eq(test_sqlstate(runner, "INSERT INTO orchestrate.amendment (run, epoch, kind,"
                                           " checksum, canonical) SELECT run, epoch, 'plan',"
                                           " repeat('0', 64), 'x' FROM orchestrate.plan"),
                     "OR003");
    ck_assert_str_eq(
        test_sqlstate(runner, "%s; DELETE FROM orchestrate.gate WHERE phase = 0", adopt), "42501");
    ck_assert_str_eq(state(), before);
}
END_TEST

/* Approving a phase approves its steps and gates, and no others under the same checksum. */
START_TEST(a_mere_runner_cannot_put_something_else_under_a_checksum)
{
    static const char *const changes[] = {
        "DELETE FROM orchestrate.step WHERE phase = 1;"
        "INSERT INTO orchestrate.step (run, phase, undo, ord, id, kind, sql, custom, lock, risk)"
        " SELECT run, 1, false, 0, 'two/1', 'sql', 'DROP TABLE shop.log', true, 'none', 'LOW'"
        " FROM orchestrate.plan",
        "DELETE FROM orchestrate.step WHERE phase = 1",
        "DELETE FROM orchestrate.gate WHERE phase = 1 AND NOT always",
        "INSERT INTO orchestrate.promise SELECT run, 1, 9, 'x', 'SELECT 1' FROM orchestrate.plan",
        "CREATE TEMP TABLE kept AS SELECT * FROM orchestrate.phase;"
        "DELETE FROM orchestrate.gate WHERE phase > 0; DELETE FROM orchestrate.step WHERE phase > "
        "0;"
        "DELETE FROM orchestrate.phase WHERE ord > 0;"
        "INSERT INTO orchestrate.phase SELECT * FROM kept WHERE ord > 0",
        ("UPDATE orchestrate.plan SET code_new = '>=2', checksum = repeat('0', 64),"
         " canonical = 'x'"),
    };
    const char *before;

    test_sql(test_connect(db, "app"), "SELECT orchestrate.admit('writer', true)");
    started(arena_printf(test_arena(), "%s%s", ONE TWO TWO_MORE,
                         "gates:\n  two: [{query: {sql: SELECT true, because: x}}]\n"));
    advanced();
    before = state();
    for (size_t i = 0; i < ARRAY_LEN(changes); i++)
        ck_assert_str_eq(
            test_sqlstate(test_connect(db, "writer"),
                          "INSERT INTO orchestrate.amendment (run, epoch, kind, checksum,"
                          " canonical) SELECT run, epoch, 'plan', repeat('0', 64), 'x' FROM"
                          " orchestrate.plan; %s; UPDATE orchestrate.plan SET"
                          " checksum = repeat('0', 64), canonical = 'x'",
                          changes[i]),
            "OR003");
    ck_assert_str_eq(state(), before);
}
END_TEST

/* `reader` is the only one. */
static void release_manager(void)
{
    test_sql(super, "DO $$ BEGIN IF to_regrole('release_manager') IS NULL THEN CREATE ROLE"
                    " release_manager; GRANT release_manager TO reader; END IF; END $$;"
                    "SELECT orchestrate.admit_approver('release_manager')");
}

/* The phases with the approvals that two of them want. */
static const char *approvable(const char *phases)
{
    return file(arena_printf(test_arena(), "%s%s", phases,
                             "gates:\n  one: [{approval: {role: release_manager}}]\n"
                             "  two: [{approval: {role: release_manager}}]\n"));
}

static void exchanged(const char *path)
{
    EXITS(ORCHESTRATE(url, "pause", path, "--accept-plan-change"), 0);
}

static const char *approvals(void)
{
    return test_rows(super, "SELECT f.name, coalesce(a.void, 'counts') FROM orchestrate.phase f,"
                            " orchestrate.approvals(f.run, f.ord) a ORDER BY f.ord");
}

/* Whoever approved saw what it was then; that it is so again nobody has looked at. */
START_TEST(an_edit_that_is_taken_back_brings_no_approval_back)
{
    static const char *const edits[] = {
        ONE PHASE("two", SQL("SELECT 2", "none")) TWO_MORE,
        ONE PHASE("before", SQL("SELECT 1", "none")) TWO TWO_MORE,
    };
    const char *first, *reader = test_url(db, "reader");

    release_manager();
    first = arena_strdup(test_arena(), approvable(ONE TWO TWO_MORE));
    EXITS(ORCHESTRATE(url, "start", first), 0);
    EXITS(ORCHESTRATE(reader, "approve", "own", "one"), 0);
    for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
        EXITS(ORCHESTRATE(reader, "approve", "own", "two"), 0);
        ck_assert_str_eq(approvals(), "one|counts\ntwo|counts");
        exchanged(approvable(edits[i]));
        exchanged(approvable(ONE TWO TWO_MORE));
        ck_assert_str_eq(approvals(), "one|counts\ntwo|gave it before the plan was edited");
    }
    /* Somebody else's edits leave it void, and one approval more is enough. */
    exchanged(approvable(ONE TWO));
    ck_assert_str_eq(approvals(), "one|counts\ntwo|gave it before the plan was edited");
    EXITS(ORCHESTRATE(reader, "approve", "own", "two"), 0);
    exchanged(approvable(ONE TWO TWO_MORE));
    ck_assert_str_eq(approvals(), "one|counts\ntwo|counts");
}
END_TEST

/* What has begun goes on as it was approved, whatever is edited about the rest. */
START_TEST(a_phase_that_failed_is_tried_again_under_its_approval)
{
    static const char plan[] =
        "app: shop\n%sgates:\n  two: [{approval: {role: release_manager}}]\n";

    release_manager();
    started(arena_printf(test_arena(), "%s%s", ONE BROKEN TWO_MORE,
                         arena_printf(test_arena(), plan, "")));
    advanced();
    EXITS(ORCHESTRATE(test_url(db, "reader"), "approve", "own", "two"), 0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 1);
    EXITS(ORCHESTRATE(url, "pause",
                      file(arena_printf(test_arena(), "%s%s", ONE BROKEN TWO_MORE,
                                        arena_printf(test_arena(), plan, "code: {new: '>=2'}\n"))),
                      "--accept-plan-change"),
          0);
    EXITS(ORCHESTRATE(url, "resume", "own"), 0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 1);
}
END_TEST

/* Somebody else's edit came between the comparison and the taking. */
START_TEST(of_two_edits_at_once_one_is_refused)
{
    static const char edit[] = ONE PHASE("two", SQL("SELECT 2", "none"));
    struct ran ran;

    started(ONE TWO);
    advanced();
    test_sql(super,
             "BEGIN; INSERT INTO orchestrate.amendment (run, epoch, kind, checksum, canonical)"
             " SELECT run, epoch, 'plan', repeat('0', 64), 'x' FROM orchestrate.plan;"
             "UPDATE orchestrate.plan SET checksum = repeat('0', 64), canonical = 'x'");
    ran = test_spawn(
        url, (const char *const[]){ "pause", file(edit), "--accept-plan-change", NULL }, NULL);
    test_wait(super, 30, "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory'");
    test_sql(super, "COMMIT");
    test_finish(&ran, 60);
    EXITS(ran, 6);
    CONTAINS(ran.err, "was edited meanwhile: the changed plan was not taken over");
    ck_assert_str_eq(test_value(super, "SELECT canonical FROM orchestrate.plan"), "x");
}
END_TEST

/* A deploy does not carry the run farther than it was told when that phase is left out. */
START_TEST(a_deploy_does_not_go_beyond_a_phase_that_is_left_out)
{
    started(ONE TWO PHASE("three", SQL("SELECT 3", "none")) TWO_MORE "app: shop\n");
    EXITS(ORCHESTRATE(url, "pause", "own"), 0);
    EXITS(ORCHESTRATE(url, "advance", "own", "--deploy-id", "d1", "--to", "three"), 0);
    EXITS(ORCHESTRATE(url, "pause", file(ONE TWO TWO_MORE "app: shop\n"), "--accept-plan-change"),
          0);
    EXITS(ORCHESTRATE(url, "resume", "own"), 0);
    EXITS(ORCHESTRATE(url, "advance", "own", "--deploy-id", "d1"), 0);
    ck_assert_str_eq(test_value(super, "SELECT phase_name FROM orchestrate.transition"
                                       " ORDER BY seq DESC LIMIT 1"),
                     "two");
}
END_TEST

/* What a deploy did it did, wherever that phase is now, or if it is left out. */
START_TEST(a_deploy_that_had_its_phase_does_not_begin_anew)
{
    static const char three[] = PHASE("three", SQL("SELECT 3", "none"));
    struct ran ran;

    started(arena_printf(test_arena(), "%s%s%s", ONE TWO, three, TWO_MORE "app: shop\n"));
    EXITS(ORCHESTRATE(url, "advance", "own", "--deploy-id", "d0"), 0);
    EXITS(ORCHESTRATE(url, "advance", "own", "--deploy-id", "d1", "--to", "three"), 0);
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "one"), 0);
    EXITS(ORCHESTRATE(url, "resume",
                      file(arena_printf(test_arena(), "%s%s%s",
                                        ONE PHASE("better", SQL("SELECT 0", "none")) TWO, three,
                                        TWO_MORE "app: shop\n")),
                      "--accept-plan-change"),
          0);
    ran = ORCHESTRATE(url, "advance", "own", "--deploy-id", "d1");
    EXITS(ran, 0);
    CONTAINS(ran.out, "deploy d1 has had its phase already");
    EXITS(ORCHESTRATE(url, "pause",
                      file(ONE PHASE("better", SQL("SELECT 0", "none")) "app: shop\n"),
                      "--accept-plan-change"),
          0);
    EXITS(ORCHESTRATE(url, "resume", "own"), 0);
    ran = ORCHESTRATE(url, "advance", "own", "--deploy-id", "d1");
    EXITS(ran, 0);
    CONTAINS(ran.out, "deploy d1 has had its phase already");
    ck_assert_str_eq(logged(), "one two");
}
END_TEST

/* Lines of a statement are not lines of the plan. */
START_TEST(statements_of_several_lines_are_exchanged)
{
    started(ONE TWO);
    accepted(ONE "  - name: two\n    steps:\n      - sql: |\n          SELECT 1\n"
                 "          -- gates.x = y\n          ;\n        undo: none\n");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("own_edits_hard");
    TCase *tc = support_case(s, "own edits, hard", 120);

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, phases_that_are_added_or_renamed_bring_gates);
    tcase_add_test(tc, what_comes_after_a_phase_that_failed_can_be_left_out);
    tcase_add_test(tc, a_refusal_says_how_far_to_go_back);
    tcase_add_test(tc, past_the_point_of_no_return_no_way_back_is_named);
    tcase_add_test(tc, a_mere_runner_exchanges_phases_and_claims);
    tcase_add_test(tc, a_mere_runner_cannot_misuse_an_amendment);
    tcase_add_test(tc, a_mere_runner_cannot_put_something_else_under_a_checksum);
    tcase_add_test(tc, an_edit_that_is_taken_back_brings_no_approval_back);
    tcase_add_test(tc, a_phase_that_failed_is_tried_again_under_its_approval);
    tcase_add_test(tc, of_two_edits_at_once_one_is_refused);
    tcase_add_test(tc, a_deploy_does_not_go_beyond_a_phase_that_is_left_out);
    tcase_add_test(tc, a_deploy_that_had_its_phase_does_not_begin_anew);
    tcase_add_test(tc, statements_of_several_lines_are_exchanged);
    return s;
}

int main(void)
{
    return support_run(suite());
}
