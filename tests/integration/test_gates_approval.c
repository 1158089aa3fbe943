/*
 * approve: who may, what it opens, and what makes it void.
 *
 * `reader` and `writer` are release managers here; so is who starts the plans,
 * which must not help.
 */
#include <string.h>

#include "orchestrate/base/text.h"
#include "plans.h"
#include "support.h"

static const char *db;
static PGconn *super;

static const char two[] = "gates:\n"
                          "  expand: [{approval: {count: 2, role: release_manager}}]\n"
                          "  backfill: [{approval: {role: release_manager}}]\n";

static const char *url_of(const char *role)
{
    return test_url(db, role);
}

static void works(struct ran ran)
{
    EXITS(ran, 0);
}

static void start(const char *gates)
{
    struct ran ran = ORCHESTRATE(url_of(test_migrator()), "start",
                                 test_rename_plan("p", "shop.person", "email", "address", gates));

    EXITS(ran, 0);
    test_sql(super, "SELECT orchestrate.admit_approver('release_manager')");
}

static void setup(void)
{
    PGconn *app;

    db = test_database("empty");
    super = test_connect(db, "postgres");
    app = test_connect(db, "app");
    test_sql(super,
             "DO $$ BEGIN IF to_regrole('release_manager') IS NULL THEN"
             " CREATE ROLE release_manager; GRANT release_manager TO reader, writer, migrator;"
             " END IF; END $$");
    test_sql(app, "CREATE SCHEMA shop; CREATE TABLE shop.person (id int PRIMARY KEY, email text)");
}

#define APPROVE(role, ...) ORCHESTRATE(url_of(role), "approve", "p", __VA_ARGS__)

static void approves(const char *role, const char *phase, const char *text)
{
    struct ran ran = APPROVE(role, phase);

    EXITS(ran, 0);
    ck_assert_str_eq(ran.out, text);
}

/* Refused: the exit status, the message and the hint. */
static void refused(struct ran ran, int status, const char *message, const char *hint)
{
    EXITS(ran, status);
    CONTAINS(ran.err, arena_printf(test_arena(), "orchestrate: %s\n", message));
    CONTAINS(ran.err, hint);
}

static struct ran advance(void)
{
    return ORCHESTRATE(url_of(test_migrator()), "advance", "p", "--json");
}

static void is_held(const char *reason)
{
    struct ran ran = advance();

    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"held\"");
    CONTAINS(ran.out, arena_printf(test_arena(), "\"reason\":\"%s\"", reason));
}

static void advances(void)
{
    struct ran ran = advance();

    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"advanced\"");
}

START_TEST(a_phase_begins_when_enough_have_approved)
{
    struct ran ran;

    start(two);
    ran = advance();
    CONTAINS(ran.out,
             "{\"gate\":\"approval\",\"phase\":\"expand\",\"reason\":\"0 of 2 approvals by "
             "members of release_manager\",\"until\":null,\"evidence\":{\"role\": "
             "\"release_manager\", \"given\": 0, \"wanted\": 2, \"approvals\": []},"
             "\"overridable\":true,\"next_command\":\"orchestrate approve p expand\"}");
    approves("reader", "expand",
             "reader approves expand of p\n"
             "  still held by approval: 1 of 2 approvals by members of release_manager (reader)\n");
    is_held("1 of 2 approvals by members of release_manager (reader)");
    approves("writer", "expand", "writer approves expand of p\n");
    advances();
    works(ORCHESTRATE(url_of(test_migrator()), "advance", "p", "--json"));
}
END_TEST

START_TEST(status_says_who_has_to_do_what)
{
    struct ran ran;

    start(two);
    ran = ORCHESTRATE(url_of(test_migrator()), "status", "p");
    CONTAINS(ran.out, "held by approval: 0 of 2 approvals by members of release_manager\n");
    CONTAINS(ran.out, "    orchestrate approve p expand\n    orchestrate advance p\n");
    CONTAINS(ran.out, "    orchestrate advance p --override approval --because TEXT\n");
}
END_TEST

START_TEST(approving_twice_counts_once)
{
    start(two);
    approves("reader", "expand",
             "reader approves expand of p\n"
             "  still held by approval: 1 of 2 approvals by members of release_manager (reader)\n");
    approves("reader", "expand",
             "reader has approved expand of p already\n"
             "  still held by approval: 1 of 2 approvals by members of release_manager (reader)\n");
    CONTAINS(APPROVE("reader", "expand", "--json").out, "\"code\":\"nothing_to_do\"");
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM orchestrate.approval"), 1);
}
END_TEST

START_TEST(an_approval_can_be_taken_back_and_given_again)
{
    struct ran ran;

    start(two);
    refused(APPROVE("reader", "expand", "--revoke", "--confirm", "p"), 64,
            "--revoke and --confirm contradict each other", "--revoke takes consent back, too.");
    ran = APPROVE("reader", "expand", "--revoke");
    EXITS(ran, 0);
    ck_assert_str_eq(ran.out, "reader has not approved expand of p\n");
    works(APPROVE("reader", "expand", "--because", "read it"));
    works(APPROVE("writer", "expand"));
    ran = APPROVE("reader", "expand", "--revoke", "--because", "read it again");
    EXITS(ran, 0);
    ck_assert_str_eq(
        ran.out,
        "reader takes back the approval of expand of p\n"
        "  still held by approval: 1 of 2 approvals by members of release_manager (writer)\n");
    is_held("1 of 2 approvals by members of release_manager (writer)");
    works(APPROVE("reader", "expand"));
    advances();
    ran = ORCHESTRATE(url_of(test_migrator()), "history", "p");
    CONTAINS(ran.out, "reader        expand approved: read it\n");
    CONTAINS(ran.out, "reader        approval of expand taken back: read it again\n");
    CONTAINS(ran.out, "writer        expand approved\n");
}
END_TEST

START_TEST(whoever_started_the_plan_does_not_approve_it)
{
    start(two);
    if (test_server_major() >= 15)
        refused(APPROVE(test_migrator(), "expand"), 77,
                "migrator has started p, and may not approve it",
                "Another member of release_manager has to.");
    else
        refused(APPROVE(test_migrator(), "expand"), 77,
                "postgres has started p, and may not approve it",
                "Another member of release_manager has to.");
}
END_TEST

START_TEST(who_is_no_member_gets_the_grant_to_run)
{
    start(two);
    test_sql(super, "SELECT orchestrate.admit_approver('app')");
    refused(APPROVE("app", "expand"), 77,
            "app is no member of release_manager, whose approval phase expand of p wants",
            "GRANT release_manager TO app;");
}
END_TEST

START_TEST(a_superuser_is_no_release_manager_by_that)
{
    if (strcmp(test_migrator(), "postgres") == 0)
        TEST_SKIP(SKIP_OLD_SERVER); /* there it is the superuser who starts plans */
    start(two);
    refused(APPROVE("postgres", "expand"), 77,
            "postgres is no member of release_manager, whose approval phase expand of p wants",
            "GRANT release_manager TO postgres;");
}
END_TEST

START_TEST(who_was_not_let_in_is_told_how)
{
    start(two);
    refused(APPROVE("stranger", "expand"), 77, "permission denied for schema orchestrate",
            "SELECT orchestrate.admit_approver('stranger');");
    test_sql(super, "SELECT orchestrate.admit('stranger', false);"
                    "GRANT release_manager TO stranger; SET ROLE postgres");
    test_sql(super, "REVOKE INSERT (run, phase, phase_checksum, because, consent, revokes)"
                    " ON orchestrate.approval FROM release_manager");
    refused(APPROVE("stranger", "expand"), 77, "permission denied for table approval",
            "SELECT orchestrate.admit_approver('stranger');");
    test_sql(super, "REVOKE release_manager FROM stranger");
}
END_TEST

START_TEST(an_approver_can_do_nothing_else)
{
    static const char *const writes[] = { "event", "transition", "control", "gate_evidence" };
    PGconn *reader;

    start(two);
    reader = test_connect(db, "reader");
    for (size_t i = 0; i < ARRAY_LEN(writes); i++)
        ck_assert_str_eq(
            test_sqlstate(reader, "INSERT INTO orchestrate.%s (run) VALUES (1)", writes[i]),
            "42501");
    refused(ORCHESTRATE(url_of("reader"), "pause", "p"), 77, "permission denied for table event",
            "SELECT orchestrate.admit('reader', true);");
}
END_TEST

START_TEST(what_nobody_wants_cannot_be_approved)
{
    start(two);
    refused(APPROVE("reader", "expnd"), 64, "plan p has no phase expnd", "Did you mean expand?");
    refused(APPROVE("reader", "switch"), 64, "phase switch of p has no gate `approval`",
            "Approvals are wanted by: expand, backfill.");
    refused(APPROVE("reader", "contract"), 64, "phase contract of p has no gate `approval`",
            "It cannot be undone; to consent beforehand: --confirm p");
    refused(APPROVE("reader", "expand", "--confirm", "p"), 64,
            "phase expand of p can be undone: it wants no consent", "Leave out --confirm.");
    refused(ORCHESTRATE(url_of("reader"), "approve", "q", "expand"), 66,
            "there is no plan q in this database", "Did you mean p?");
    refused(ORCHESTRATE(url_of("reader"), "approve", "p"), 64,
            "approve wants an argument: PLAN PHASE", "See `orchestrate help approve`.");
}
END_TEST

START_TEST(a_phase_that_is_done_needs_no_approval)
{
    start(two);
    works(APPROVE("reader", "expand"));
    works(APPROVE("writer", "expand"));
    advances();
    approves("reader", "expand", "phase expand of p is done: there is nothing to approve\n");
    CONTAINS(APPROVE("reader", "expand", "--json").out, "\"code\":\"nothing_to_do\"");
}
END_TEST

START_TEST(an_undo_makes_approvals_void)
{
    struct ran ran;

    start(two);
    works(APPROVE("reader", "expand"));
    works(APPROVE("writer", "expand"));
    works(APPROVE("writer", "backfill"));
    advances();
    advances();
    ran = ORCHESTRATE(url_of(test_migrator()), "rollback", "p", "--to", "start");
    EXITS(ran, 0);
    ran = ORCHESTRATE(url_of(test_migrator()), "start", "--again",
                      test_rename_plan("p", "shop.person", "email", "address", two));
    EXITS(ran, 0);
    is_held("0 of 2 approvals by members of release_manager");
}
END_TEST

START_TEST(an_undo_of_any_phase_makes_those_of_later_ones_void)
{
    struct ran ran;

    start("gates: {switch: [{approval: {role: release_manager}}]}\n");
    works(ORCHESTRATE(url_of(test_migrator()), "advance", "p", "--to", "verify"));
    works(APPROVE("writer", "switch"));
    ran = ORCHESTRATE(url_of(test_migrator()), "rollback", "p");
    EXITS(ran, 0);
    works(ORCHESTRATE(url_of(test_migrator()), "resume", "p"));
    advances();
    is_held("0 of 1 approval by members of release_manager; not counted: writer gave it before an "
            "undo");
    approves("writer", "switch", "writer approves switch of p\n");
    advances();
}
END_TEST

/* Nobody else has looked at what he wrote. */
START_TEST(who_has_edited_the_plan_does_not_approve_it)
{
    static const char edited[] = "gates:\n  expand: [{approval: {role: release_manager}}]\n";

    start(two);
    test_sql(super, "SELECT orchestrate.admit('writer', true); GRANT app TO writer");
    works(ORCHESTRATE(url_of("writer"), "advance",
                      test_rename_plan("p", "shop.person", "email", "address", edited),
                      "--accept-plan-change"));
    refused(APPROVE("writer", "expand"), 77, "writer has edited p, and may not approve it",
            "Another member of release_manager has to.");
    test_sql(super, "ALTER TABLE orchestrate.approval DISABLE TRIGGER guard;"
                    "INSERT INTO orchestrate.approval (run, phase, phase_name, phase_checksum,"
                    " approver, at) SELECT run, ord, name, checksum, 'writer', clock_timestamp()"
                    " FROM orchestrate.phase WHERE name = 'expand'");
    is_held("0 of 1 approval by members of release_manager; not counted: writer has edited the "
            "run");
    test_sql(super, "ALTER TABLE orchestrate.approval ENABLE ALWAYS TRIGGER guard");
    approves("reader", "expand", "reader approves expand of p\n");
    advances();
    test_sql(super, "REVOKE app FROM writer");
}
END_TEST

START_TEST(an_edit_of_the_phase_makes_its_approvals_void)
{
    static const char edited[] = "gates:\n"
                                 "  expand: [{approval: {count: 2, role: release_manager}},"
                                 " {soak: 0}]\n"
                                 "  backfill: [{approval: {role: release_manager}}]\n";
    struct ran ran;

    start(two);
    works(APPROVE("reader", "expand"));
    works(APPROVE("reader", "backfill"));
    ran = ORCHESTRATE(url_of(test_migrator()), "pause",
                      test_rename_plan("p", "shop.person", "email", "address", edited),
                      "--accept-plan-change");
    EXITS(ran, 0);
    works(ORCHESTRATE(url_of(test_migrator()), "resume", "p"));
    is_held("0 of 2 approvals by members of release_manager; not counted: reader gave it before "
            "the plan was edited");
    CONTAINS(APPROVE("reader", "backfill", "--json").out, "\"code\":\"nothing_to_do\"");
}
END_TEST

START_TEST(who_is_no_member_any_more_does_not_count)
{
    start(two);
    works(APPROVE("writer", "expand"));
    test_sql(super, "REVOKE release_manager FROM writer");
    is_held("0 of 2 approvals by members of release_manager; not counted: writer is no member");
    test_sql(super, "GRANT release_manager TO writer");
    is_held("1 of 2 approvals by members of release_manager (writer)");
}
END_TEST

START_TEST(an_approval_can_be_overridden_and_that_is_on_record)
{
    struct ran ran;

    start(two);
    ran = ORCHESTRATE(url_of(test_migrator()), "advance", "p", "--override", "approval",
                      "--because", "both are on holiday");
    EXITS(ran, 0);
    ran = ORCHESTRATE(url_of(test_migrator()), "history", "p");
    CONTAINS(ran.out, "gate approval of expand overridden, because: both are on holiday; "
                      "it said: 0 of 2 approvals by members of release_manager\n");
}
END_TEST

/* ---- consent ---- */

START_TEST(consent_may_be_given_beforehand_by_somebody_else)
{
    struct ran ran;

    start("gates: {contract: [{approval: {role: release_manager}}]}\n");
    works(ORCHESTRATE(url_of(test_migrator()), "advance", "p", "--to", "retire"));
    refused(APPROVE("writer", "contract", "--confirm", "q"), 77,
            "consent was given to q, but this plan is p",
            "Consent is the plan's name: --confirm p");
    approves("writer", "contract",
             "writer approves contract of p\n"
             "  still held by consent: phase contract is the point of no return: what it drops "
             "cannot be brought back\n");
    ran = APPROVE("writer", "contract", "--confirm", "p", "--because", "backup is there");
    EXITS(ran, 0);
    ck_assert_str_eq(ran.out, "writer consents to contract of p\n");
    ran = ORCHESTRATE(url_of(test_migrator()), "history", "p");
    CONTAINS(ran.out,
             "writer        consent to contract, which cannot be undone: backup is there\n");
    ran = advance();
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"complete\"");
    approves("writer", "contract", "phase contract of p is done: there is nothing to approve\n");
}
END_TEST

START_TEST(consent_of_who_started_the_plan_is_no_approval)
{
    start("gates: {contract: [{approval: {role: release_manager}}]}\n");
    works(ORCHESTRATE(url_of(test_migrator()), "advance", "p", "--to", "retire"));
    works(APPROVE(test_migrator(), "contract", "--confirm", "p"));
    is_held(arena_printf(test_arena(),
                         "0 of 1 approval by members of release_manager; not counted: %s has "
                         "started the run",
                         test_migrator()));
    approves("writer", "contract", "writer approves contract of p\n");
    CONTAINS(advance().out, "\"code\":\"complete\"");
}
END_TEST

/* ---- the database ---- */

START_TEST(nobody_approves_in_another_s_name)
{
    const char *insert = "INSERT INTO orchestrate.approval (run, phase, phase_checksum, approver,"
                         " at) SELECT run, ord, checksum, '%s', '2001-01-01' FROM"
                         " orchestrate.phase WHERE ord = 0";

    start(two);
    ck_assert_str_eq(test_sqlstate(test_connect(db, "reader"), insert, "writer"), "42501");
    test_sql(super, "GRANT INSERT ON orchestrate.approval TO reader");
    test_sql(test_connect(db, "reader"), insert, "writer");
    ck_assert_str_eq(test_rows(super, "SELECT approver, now() - at < '1 min' FROM"
                                      " orchestrate.approval"),
                     "reader|t");
}
END_TEST

START_TEST(the_table_itself_refuses_what_does_not_count)
{
    const char *insert = "INSERT INTO orchestrate.approval (run, phase, phase_checksum, consent)"
                         " SELECT run, ord, %s, %s FROM orchestrate.phase WHERE name = '%s'";
    PGconn *reader, *starter;

    start(two);
    reader = test_connect(db, "reader");
    starter = test_connect(db, test_migrator());
    ck_assert_str_eq(test_sqlstate(reader, insert, "'x'", "false", "expand"), "OR003");
    ck_assert_str_eq(test_sqlstate(reader, insert, "checksum", "false", "switch"), "OR003");
    ck_assert_str_eq(test_sqlstate(reader, insert, "checksum", "true", "expand"), "OR003");
    ck_assert_str_eq(test_sqlstate(starter, insert, "checksum", "false", "expand"), "OR005");
    /* Whatever role it takes on: it is still who has connected. */
    test_sql(starter, "SET ROLE release_manager");
    ck_assert_str_eq(test_sqlstate(starter, insert, "checksum", "false", "expand"), "OR005");
    works(APPROVE("reader", "expand"));
    works(APPROVE("writer", "expand"));
    advances();
    ck_assert_str_eq(test_sqlstate(reader, insert, "checksum", "false", "expand"), "OR003");
}
END_TEST

/* ---- start ---- */

START_TEST(a_role_that_nobody_has_is_warned_of)
{
    struct ran ran = ORCHESTRATE(
        url_of(test_migrator()), "start",
        test_rename_plan("p", "shop.person", "email", "address",
                         "gates:\n  expand: [{approval: {role: nobody_has_it}}]\n"
                         "  switch: [{approval: {count: 9, role: release_manager}}]\n"));

    EXITS(ran, 0);
    CONTAINS(ran.err, "gate approval of expand: there is no role nobody_has_it here: nobody can "
                      "approve");
    CONTAINS(ran.err, "CREATE ROLE nobody_has_it; GRANT it to those who approve.");
    CONTAINS(ran.err, "gate approval of switch: 9 approvals are wanted, but besides ");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("gates_approval");
    TCase *t = support_case(s, "gates_approval", 120);

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, a_phase_begins_when_enough_have_approved);
    tcase_add_test(t, status_says_who_has_to_do_what);
    tcase_add_test(t, approving_twice_counts_once);
    tcase_add_test(t, an_approval_can_be_taken_back_and_given_again);
    tcase_add_test(t, whoever_started_the_plan_does_not_approve_it);
    tcase_add_test(t, who_is_no_member_gets_the_grant_to_run);
    tcase_add_test(t, a_superuser_is_no_release_manager_by_that);
    tcase_add_test(t, who_was_not_let_in_is_told_how);
    tcase_add_test(t, an_approver_can_do_nothing_else);
    tcase_add_test(t, what_nobody_wants_cannot_be_approved);
    tcase_add_test(t, a_phase_that_is_done_needs_no_approval);
    tcase_add_test(t, an_undo_makes_approvals_void);
    tcase_add_test(t, an_undo_of_any_phase_makes_those_of_later_ones_void);
    tcase_add_test(t, who_has_edited_the_plan_does_not_approve_it);
    tcase_add_test(t, an_edit_of_the_phase_makes_its_approvals_void);
    tcase_add_test(t, who_is_no_member_any_more_does_not_count);
    tcase_add_test(t, an_approval_can_be_overridden_and_that_is_on_record);
    tcase_add_test(t, consent_may_be_given_beforehand_by_somebody_else);
    tcase_add_test(t, consent_of_who_started_the_plan_is_no_approval);
    tcase_add_test(t, nobody_approves_in_another_s_name);
    tcase_add_test(t, the_table_itself_refuses_what_does_not_count);
    tcase_add_test(t, a_role_that_nobody_has_is_warned_of);
    return s;
}

int main(void)
{
    return support_run(suite());
}
