/*
 * A plan file that was edited after `start`: words are kept, what has not begun
 * can be exchanged when somebody says so, what was done cannot.
 */
#include <string.h>

#include "orchestrate/base/buf.h"
#include "plans.h"
#include "support.h"

static const char *db, *url;
static PGconn *super;

static const char *plan(const char *more)
{
    return test_rename_plan("p", "shop.person", "email", "address", more);
}

static const char first[] = "description: words\n"
                            "settings: {lock_timeout: 70ms, duty: 40%}\n"
                            "gates:\n  dual-write: [{soak: 1s}]\n  retire: [{soak: 1h}]\n";

static void setup(void)
{
    PGconn *app;
    struct ran ran;

    db = test_database("empty");
    url = test_url(db, test_migrator());
    app = test_connect(db, "app");
    super = test_connect(db, "postgres");
    test_sql(app, "CREATE SCHEMA shop; CREATE TABLE shop.person (id int PRIMARY KEY, email text)");
    ran = ORCHESTRATE(test_url(db, "app"), "init");
    EXITS(ran, 0);
    test_sql(app, "SELECT orchestrate.admit('migrator', true)");
    ran = ORCHESTRATE(url, "start", plan(first));
    EXITS(ran, 0);
}

static void advance(void)
{
    struct ran ran = ORCHESTRATE(url, "advance", "p", "--override", "soak", "--because", "a test");

    EXITS(ran, 0);
}

static const char *state(void)
{
    return test_rows(super, "SELECT p.checksum, md5(p.source), c.settings,"
                            " (SELECT string_agg(md5(g::text), ',' ORDER BY g.phase, g.ord)"
                            "    FROM orchestrate.gate g),"
                            " (SELECT count(*) FROM orchestrate.amendment)"
                            " FROM orchestrate.plan p JOIN orchestrate.control c USING (run)");
}

/* The edit is refused with these words, and nothing has changed. */
static void refused(const char *file, const char *flag, const char *says, const char *hint)
{
    const char *before = state();
    struct ran ran = ORCHESTRATE(url, "pause", file, flag ? flag : "--quiet");
    EXITS(ran, 5);
    CONTAINS(ran.err, says);
    CONTAINS(ran.err, hint);
    ck_assert_str_eq(state(), before);
    ck_assert_str_eq(test_value(super, "SELECT paused FROM orchestrate.control"), "f");
}

START_TEST(other_words_are_kept_and_said)
{
    struct ran ran = ORCHESTRATE(url, "advance",
                                 plan("description: better words\nowner: us\n"
                                      "# a comment\n"
                                      "settings: {duty: 40%, lock_timeout: 70ms}\n"
                                      "gates:\n  dual-write: [{soak: 1000ms}]\n"
                                      "  retire: [{soak: 60m}]\n"));

    EXITS(ran, 0);
    CONTAINS(ran.err, "p.yaml has other words (description, owner, ticket, comments) and does the "
                      "same: kept with run 1");
    ck_assert_str_eq(test_rows(super, "SELECT description, owner FROM orchestrate.plan"),
                     "better words|us");
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM orchestrate.amendment"), 0);
}
END_TEST

START_TEST(what_has_not_begun_wants_the_flag)
{
    refused(plan("settings: {lock_timeout: 70ms, duty: 90%}\n"
                 "gates:\n  dual-write: [{soak: 1s}]\n  retire: [{soak: 2h}]\n"),
            NULL,
            "p.yaml changes what run 1 of plan p has not begun yet: settings, gates of retire",
            "To take it over: --accept-plan-change; approvals of the phases it changes count no "
            "more. Or take the edit back: the run keeps its own copy.");
}
END_TEST

START_TEST(the_difference_is_shown_line_by_line)
{
    struct ran ran = ORCHESTRATE(url, "advance",
                                 plan("settings: {lock_timeout: 70ms}\n"
                                      "gates:\n  dual-write: [{soak: 1s}]\n"
                                      "  retire: [{soak: 2h}]\n"));

    EXITS(ran, 5);
    CONTAINS(ran.err, "between run 1 (-) and ");
    CONTAINS(ran.err, "- settings.duty = 40%");
    CONTAINS(ran.err, "- gates.retire.1.soak = 1h");
    CONTAINS(ran.err, "+ gates.retire.1.soak = 2h");
}
END_TEST

START_TEST(with_the_flag_it_is_taken_over_and_recorded)
{
    const char *file = plan("code: {new: '>=2'}\nsettings: {lock_timeout: 90ms}\n"
                            "gates:\n  dual-write: [{soak: 1s}]\n"
                            "  retire: [{soak: 2h}, {deploy: confirmed}]\n");
    struct ran ran;

    advance();
    test_sql(super, "UPDATE orchestrate.control SET settings = settings || '{\"jobs\": \"2\"}'");
    ran = ORCHESTRATE(url, "pause", file, "--accept-plan-change", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"plan-change-accepted\"");
    ck_assert_str_eq(test_value(super, "SELECT settings FROM orchestrate.control"),
                     "{\"jobs\": \"2\", \"lock_timeout\": \"90ms\"}");
    ck_assert_str_eq(test_rows(super, "SELECT name, args FROM orchestrate.gate"
                                      " WHERE phase = 5 AND args IS NOT NULL ORDER BY ord"),
                     "deploy|confirmed\nsoak|2h");
    ck_assert_str_eq(test_rows(super, "SELECT code_new FROM orchestrate.plan"), ">=2");
    ck_assert_str_eq(test_rows(super, "SELECT kind, actor, detail ->> 'diff' LIKE"
                                      " '%%+ gates.retire.1.soak = 2h%%' FROM orchestrate.event"
                                      " WHERE kind = 'plan_changed'"),
                     arena_printf(test_arena(), "plan_changed|%s|t", test_migrator()));
    ran = ORCHESTRATE(url, "resume", file);
    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "history", "p");
    EXITS(ran, 0);
    CONTAINS(ran.out, "the plan was changed: settings, gates of retire, code");
}
END_TEST

START_TEST(only_phases_that_change_lose_their_approvals)
{
    static const char sums[] = "SELECT string_agg(checksum, '|' ORDER BY ord) FROM"
                               " orchestrate.phase WHERE ord %s";
    const char *retire = test_value(super, sums, "= 5"), *others = test_value(super, sums, "<> 5");
    struct ran ran = ORCHESTRATE(
        url, "pause", plan("settings: {lock_timeout: 90ms}\ngates:\n  dual-write: [{soak: 1s}]\n"),
        "--accept-plan-change");

    EXITS(ran, 0);
    ck_assert_str_ne(test_value(super, sums, "= 5"), retire);
    ck_assert_str_eq(test_value(super, sums, "<> 5"), others);
}
END_TEST

START_TEST(what_was_done_cannot_be_changed_even_with_the_flag)
{
    const char *file = plan("settings: {lock_timeout: 70ms, duty: 40%}\n"
                            "gates:\n  dual-write: [{soak: 2s}]\n  retire: [{soak: 1h}]\n");

    advance();
    advance();
    for (int flag = 0; flag < 2; flag++)
        refused(file, flag ? "--accept-plan-change" : NULL,
                "p.yaml changes what run 1 of plan p has done already, or is doing: gates of "
                "dual-write",
                "That cannot be accepted any more. Take the edit back; `orchestrate advance p` "
                "goes on with the run's own copy.");
}
END_TEST

START_TEST(what_the_run_does_at_all_cannot_be_changed)
{
    const char *file = test_rename_plan("p", "shop.person", "email", "mail", first);

    refused(file, "--accept-plan-change",
            "p.yaml changes what run 1 of plan p does at all: change.1.rename_column.to",
            "No phase has begun: `orchestrate rollback p` calls the run off, `orchestrate start "
            "--again");
    advance();
    refused(file, "--accept-plan-change", "does at all: change.1.rename_column.to",
            "Phases that have begun rest on it, so it cannot be accepted. Take the edit back; "
            "`orchestrate advance p` goes on with the run's own copy.");
}
END_TEST

START_TEST(a_run_that_has_ended_is_not_edited)
{
    struct ran ran = ORCHESTRATE(url, "rollback", "p", "--to", "start");

    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "pause", plan(NULL), "--accept-plan-change");
    EXITS(ran, 5);
    CONTAINS(ran.err, "p.yaml is not what run 1 of plan p was, which has ended (undone)");
    CONTAINS(ran.err, "Give the changed plan a name of its own.");
}
END_TEST

START_TEST(a_run_that_somebody_works_on_is_not_edited)
{
    const char *before = state();
    struct ran ran;

    test_sql(super, "SELECT pg_advisory_lock(1869767528, 1)");
    ran = ORCHESTRATE(url, "pause", plan(NULL), "--accept-plan-change");
    EXITS(ran, 6);
    CONTAINS(ran.err, arena_printf(test_arena(),
                                   "plan p is being worked on by pid %d: the changed plan was not "
                                   "taken over",
                                   PQbackendPID(super)));
    CONTAINS(ran.err, "Try again when it is done, or pause it first: orchestrate pause p");
    ck_assert_str_eq(state(), before);
}
END_TEST

START_TEST(a_dry_run_shows_the_change_and_keeps_nothing)
{
    const char *before = state();
    struct ran ran = ORCHESTRATE(url, "advance", plan(NULL), "--accept-plan-change", "--dry-run");

    EXITS(ran, 0);
    CONTAINS(ran.err, "- settings.duty = 40%");
    ck_assert_str_eq(state(), before);
}
END_TEST

START_TEST(start_takes_an_edit_over_too)
{
    struct ran ran = ORCHESTRATE(url, "start", plan(NULL), "--accept-plan-change");

    EXITS(ran, 0);
    CONTAINS(ran.out, "p: started already (run 1)");
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM orchestrate.gate WHERE NOT always"),
                     0);
}
END_TEST

/* With the triggers of ordinary tables switched off, as a superuser may. */
START_TEST(the_database_refuses_edits_without_an_amendment)
{
    static const char *const edits[] = {
        "UPDATE orchestrate.plan SET canonical = 'x'",
        "UPDATE orchestrate.plan SET checksum = repeat('0', 64)",
        "UPDATE orchestrate.plan SET code_new = '>=9'",
        "UPDATE orchestrate.plan SET database_oid = 1",
        "UPDATE orchestrate.phase SET checksum = 'x' WHERE ord = 5",
        "UPDATE orchestrate.step SET sql = 'x' WHERE phase = 5",
        "DELETE FROM orchestrate.gate WHERE phase = 5",
        "UPDATE orchestrate.claim SET relid = 1",
        "UPDATE orchestrate.amendment SET n = 7",
        "DELETE FROM orchestrate.amendment",
    };
    static const char amend[] =
        "INSERT INTO orchestrate.amendment (run, epoch, kind, checksum, canonical)"
        " SELECT run, epoch, 'plan', repeat('0', 64), 'x' FROM orchestrate.plan";
    static const char become[] =
        "UPDATE orchestrate.plan SET canonical = 'x', checksum = repeat('0', 64)";

    advance();
    test_sql(super, "INSERT INTO orchestrate.amendment (run, epoch, kind, checksum, canonical)"
                    " SELECT run, epoch, 'plan', repeat('1', 64), 'w' FROM orchestrate.plan;"
                    "UPDATE orchestrate.plan SET canonical = 'w', checksum = repeat('1', 64)");
    test_sql(super, "SET session_replication_role = replica");
    for (size_t i = 0; i < ARRAY_LEN(edits); i++)
        ck_assert_msg(strcmp(test_sqlstate(super, "%s", edits[i]), "OR002") == 0, "%s", edits[i]);
    /* One for the plan permits nothing about phases that have begun, or about texts. */
    ck_assert_str_eq(
        test_sqlstate(super, "%s; DELETE FROM orchestrate.gate WHERE phase = 0", amend), "OR002");
    ck_assert_str_eq(test_sqlstate(super, "%s; UPDATE orchestrate.step SET sql = 'x'", amend),
                     "OR002");
    ck_assert_str_eq(
        test_sqlstate(super, "%s; UPDATE orchestrate.plan SET canonical = 'other'", amend),
        "OR002");
    ck_assert_str_eq(
        test_sqlstate(super, "%s; DELETE FROM orchestrate.gate WHERE phase = 5; %s", amend, become),
        "OR003");
    ck_assert_str_eq(test_sqlstate(super, "%s; %s", amend, become), "");
    ck_assert_str_eq(test_sqlstate(super, "INSERT INTO orchestrate.amendment (run, epoch, kind)"
                                          " SELECT run, epoch - 1, 'adopt' FROM orchestrate.plan"),
                     "OR001");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("plan_edits");
    TCase *tc = support_case(s, "edits", 120);

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, other_words_are_kept_and_said);
    tcase_add_test(tc, what_has_not_begun_wants_the_flag);
    tcase_add_test(tc, the_difference_is_shown_line_by_line);
    tcase_add_test(tc, with_the_flag_it_is_taken_over_and_recorded);
    tcase_add_test(tc, only_phases_that_change_lose_their_approvals);
    tcase_add_test(tc, what_was_done_cannot_be_changed_even_with_the_flag);
    tcase_add_test(tc, what_the_run_does_at_all_cannot_be_changed);
    tcase_add_test(tc, a_run_that_has_ended_is_not_edited);
    tcase_add_test(tc, a_run_that_somebody_works_on_is_not_edited);
    tcase_add_test(tc, a_dry_run_shows_the_change_and_keeps_nothing);
    tcase_add_test(tc, start_takes_an_edit_over_too);
    tcase_add_test(tc, the_database_refuses_edits_without_an_amendment);
    return s;
}

int main(void)
{
    return support_run(suite());
}
