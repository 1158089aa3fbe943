/*
 * verify: what the finished phases promise is looked at piece by piece, and what
 * was changed by hand is found.
 */
#include <string.h>

#include "orchestrate/base/buf.h"
#include "plans.h"
#include "support.h"

static const char *db, *url;
static PGconn *super;

static void setup(void)
{
    PGconn *app;
    struct ran ran;

    db = test_database("empty");
    url = test_url(db, test_migrator());
    app = test_connect(db, "app");
    super = test_connect(db, "postgres");
    test_sql(app, "CREATE SCHEMA shop; CREATE TABLE shop.person (id int PRIMARY KEY, email text"
                  " UNIQUE); CREATE INDEX ON shop.person (lower(email));"
                  "INSERT INTO shop.person SELECT i, 'a' || i FROM generate_series(1, 100) i");
    ran = ORCHESTRATE(url, "start", test_rename_plan("p", "shop.person", "email", "address", NULL));
    EXITS(ran, 0);
}

static void advance(const char *to)
{
    struct ran ran = ORCHESTRATE(url, "advance", "p", "--to", to, "--confirm", "p", "--fast");

    EXITS(ran, 0);
}

static void holds(const char *headline)
{
    struct ran ran = ORCHESTRATE(url, "verify", "p");

    EXITS(ran, 0);
    CONTAINS(ran.out, headline);
    ck_assert_msg(!strstr(ran.out, "wrong"), "%s", ran.out);
}

/* In JSON, where no line is broken. */
static void wrong(const char *says)
{
    struct ran ran = ORCHESTRATE(url, "verify", "p", "--json");
    struct buf text = BUF_IN(test_arena());

    for (; *says; says++)
        buf_addf(&text, *says == '"' ? "\\%c" : "%c", *says);
    EXITS(ran, 5);
    CONTAINS(ran.out,
             arena_printf(test_arena(), "\"verdict\":\"wrong\",\"text\":\"%s", buf_text(&text)));
}

static const char *const phases[] = { "expand", "dual-write", "backfill", "verify",
                                      "switch", "retire",     "contract" };

START_TEST(each_phase_holds_what_it_promises)
{
    holds("p (run 1), not begun\n  ok     nothing of this run is in the database\n");
    for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
        bool last = i + 1 == ARRAY_LEN(phases);

        advance(phases[i]);
        holds(last ? "p (run 1), complete\n  ok     nothing of this run is in the database\n"
                   : arena_printf(test_arena(), "p (run 1), after %s\n", phases[i]));
    }
}
END_TEST

START_TEST(a_partitioned_table_holds_them_too)
{
    PGconn *app = test_connect(db, "app");
    struct ran ran;

    test_sql(app,
             "CREATE TABLE shop.event (id int, at int, name text, UNIQUE (at, name))"
             " PARTITION BY RANGE (at);"
             "CREATE TABLE shop.event_1 PARTITION OF shop.event FOR VALUES FROM (0) TO (10);"
             "INSERT INTO shop.event SELECT i, i %% 10, 'n' || i FROM generate_series(1, 50) i");
    ran = ORCHESTRATE(url, "start", test_rename_plan("q", "shop.event", "name", "title", NULL));
    EXITS(ran, 0);
    for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
        ran = ORCHESTRATE(url, "advance", "q", "--confirm", "q", "--fast");
        EXITS(ran, 0);
        ran = ORCHESTRATE(url, "verify", "q");
        EXITS(ran, 0);
    }
}
END_TEST

START_TEST(each_undo_leaves_what_the_phase_before_promises)
{
    struct ran ran;

    advance(phases[_i]);
    ran = ORCHESTRATE(url, "rollback", "p");
    EXITS(ran, 0);
    /* Dual-write and expand are one undo. */
    holds(_i < 2 ? "p (run 1), undone\n  ok     nothing of this run is in the database\n"
                 : arena_printf(test_arena(), "p (run 1), after %s\n", phases[_i - 1]));
}
END_TEST

/* What somebody did by hand, after which phase, and what is said of it. */
static const struct {
    const char *after, *done, *says;
} deeds[] = {
    { "expand", "ALTER TABLE shop.person DROP COLUMN address",
      "table shop.person has lost the twin column address" },
    { "expand", "ALTER TABLE shop.person DROP CONSTRAINT _orch_1_wait",
      "table shop.person has lost the check _orch_1_wait on column address" },
    { "dual-write", "ALTER TABLE shop.person DISABLE TRIGGER \"!orchestrate_1\"",
      "trigger \"!orchestrate_1\" of shop.person is not ENABLE ALWAYS" },
    { "backfill", "DROP TRIGGER \"~orchestrate_1\" ON shop.person",
      "trigger \"~orchestrate_1\" of shop.person is missing" },
    { "expand", "ALTER TABLE shop.person ALTER COLUMN email TYPE varchar(40)",
      "column email of shop.person is not the one that the plan was started for (number 2, type "
      "text)" },
    { "verify", "DROP INDEX shop._orch_1_u1",
      "step verify/1/1 does not hold any more: index for \"address\" like \"person_email_key\"" },
    { "verify", "ALTER TABLE shop.person DROP COLUMN address CASCADE",
      "table shop.person has lost the twin column address" },
    { "switch", "DROP TRIGGER \"! orchestrate_1_sync_both\" ON shop.person",
      "trigger \"! orchestrate_1_sync_both\" of shop.person is missing" },
    { "retire", "ALTER TABLE shop.person DROP COLUMN _orch_1_tombstone",
      "table shop.person has no column _orch_1_tombstone any more" },
    { "retire", "ALTER TABLE shop.person ADD COLUMN email text",
      "table shop.person has a new column email: the old name cannot come back" },
    { "backfill", "ALTER TABLE shop.person RENAME TO people",
      "plan p was started for the table shop.person with oid " },
};

START_TEST(what_was_done_by_hand_is_found)
{
    advance(deeds[_i].after);
    test_sql(super, "%s", deeds[_i].done);
    wrong(deeds[_i].says);
}
END_TEST

START_TEST(the_answer_names_the_plan_and_what_to_do)
{
    struct ran ran;

    advance("backfill");
    test_sql(super, "DROP TRIGGER \"~orchestrate_1\" ON shop.person");
    ran = ORCHESTRATE(url, "verify");
    EXITS(ran, 5);
    CONTAINS(ran.err, "1 thing is not as p left it");
    CONTAINS(ran.err, "What can be done: orchestrate repair p");
    ran = ORCHESTRATE(url, "verify", "--json");
    EXITS(ran, 5);
    CONTAINS(ran.out, "\"code\":\"check_failed\"");
    CONTAINS(ran.out, "{\"plan\":\"p\",\"run\":1,\"phase\":\"backfill\",\"verdict\":\"wrong\","
                      "\"text\":\"trigger \\\"~orchestrate_1\\\" of shop.person is missing\"}");
    test_sql(super, "DROP TRIGGER \"!orchestrate_1\" ON shop.person");
    ran = ORCHESTRATE(url, "verify");
    EXITS(ran, 5);
    CONTAINS(ran.err, "2 things are not as p left them");
}
END_TEST

START_TEST(a_record_that_somebody_changed_is_found)
{
    struct ran ran;

    advance("backfill");
    ran = ORCHESTRATE(url, "verify", "--history");
    EXITS(ran, 0);
    CONTAINS(ran.out, "the record is whole: 9 rows, each with the hash of those before it");
    test_sql(super, "ALTER TABLE orchestrate.transition DISABLE TRIGGER kept;"
                    "UPDATE orchestrate.transition SET actor = 'boss' WHERE seq = 4");
    ran = ORCHESTRATE(url, "verify", "p");
    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "verify", "p", "--history");
    EXITS(ran, 5);
    CONTAINS(ran.out, "wrong  row 4 of the record is missing, or is not what was written");
}
END_TEST

START_TEST(the_record_stays_whole_when_the_plan_was_edited)
{
    struct ran ran;

    advance("expand");
    ran = ORCHESTRATE(url, "pause",
                      test_rename_plan("p", "shop.person", "email", "address",
                                       "gates:\n  retire: [{soak: 1h}]\n"),
                      "--accept-plan-change");
    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "verify", "p", "--history");
    EXITS(ran, 0);
    CONTAINS(ran.out, "the record is whole");
}
END_TEST

START_TEST(nothing_started_is_nothing_wrong)
{
    struct ran ran = ORCHESTRATE(test_url(test_database("empty"), "app"), "verify", "--history");

    EXITS(ran, 0);
    CONTAINS(ran.out, "no plan is live in this database");
}
END_TEST

/* A copy with other oids; NULL when pg_dump does not fit this server. */
static bool restored(void)
{
    const char *copy = test_restored(db);

    if (copy)
        url = test_url(copy, test_migrator());
    return copy != NULL;
}

START_TEST(what_has_ended_is_not_wrong_in_another_database)
{
    struct ran ran;

    advance("contract");
    if (!restored())
        TEST_SKIP(SKIP_NO_PG_DUMP);
    ran = ORCHESTRATE(url, "verify", "p", "--history");
    EXITS(ran, 0);
    CONTAINS(ran.out, "  note   run 1 of plan p belongs to another database: ");
    CONTAINS(ran.out, "  ok     nothing of this run is in the database");
    ran = ORCHESTRATE(url, "repair", "p");
    EXITS(ran, 0);
    CONTAINS(ran.out, "p has ended (complete): nothing to repair");
}
END_TEST

START_TEST(what_has_ended_goes_back_only_where_it_was_carried_out)
{
    static const char rename_table[] = "plan: q\nchange:\n  rename_table: {table: shop.animal, to: "
                                       "pet}\n";
    struct ran ran;

    test_sql(test_connect(db, "app"), "CREATE TABLE shop.animal (id int)");
    EXITS(ORCHESTRATE(url, "start", test_write("q.yaml", rename_table)), 0);
    EXITS(ORCHESTRATE(url, "advance", "q", "--to", "contract"), 0);
    if (!restored())
        TEST_SKIP(SKIP_NO_PG_DUMP);
    EXITS(ORCHESTRATE(url, "verify", "q"), 0);
    ran = ORCHESTRATE(url, "rollback", "q");
    EXITS(ran, 5);
    CONTAINS(ran.err, "run 2 of plan q belongs to another database: ");
    CONTAINS(ran.err, "Nothing was changed. The run has ended, and goes back only where it was "
                      "carried out; write a new plan for the way back.");
    EXITS(ORCHESTRATE(test_url(db, test_migrator()), "rollback", "q"), 0);
}
END_TEST

START_TEST(what_a_run_that_was_given_up_has_left_both_say)
{
    struct ran ran;

    advance("expand");
    EXITS(ORCHESTRATE(url, "repair", "p", "--forget", "--confirm", "p"), 0);
    ran = ORCHESTRATE(url, "verify", "p");
    EXITS(ran, 5);
    CONTAINS(ran.out, "wrong  left over: ");
    CONTAINS(ran.err, "What can be done: orchestrate repair p");
    ran = ORCHESTRATE(url, "repair", "p", "--forget", "--confirm", "p");
    EXITS(ran, 5);
    CONTAINS(ran.out, "p has ended (given up); this is still in the schema:\n    ALTER TABLE");
    CONTAINS(ran.err, "Look at each, then run the statement that drops it.");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("verify");
    TCase *tc = support_case(s, "verify", 120);

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, each_phase_holds_what_it_promises);
    tcase_add_test(tc, a_partitioned_table_holds_them_too);
    tcase_add_loop_test(tc, each_undo_leaves_what_the_phase_before_promises, 0, 6);
    support_cases(tc, what_was_done_by_hand_is_found, 0, ARRAY_LEN(deeds));
    tcase_add_test(tc, the_answer_names_the_plan_and_what_to_do);
    tcase_add_test(tc, a_record_that_somebody_changed_is_found);
    tcase_add_test(tc, the_record_stays_whole_when_the_plan_was_edited);
    tcase_add_test(tc, nothing_started_is_nothing_wrong);
    tcase_add_test(tc, what_has_ended_is_not_wrong_in_another_database);
    tcase_add_test(tc, what_has_ended_goes_back_only_where_it_was_carried_out);
    tcase_add_test(tc, what_a_run_that_was_given_up_has_left_both_say);
    return s;
}

int main(void)
{
    return support_run(suite());
}
