/*
 * The command line against a real server: what commands answer, to people and to
 * programs.
 */
#include "cli_fixture.h"

START_TEST(a_plan_that_is_refused_ends_with_that)
{
    const char *url = test_url(database_in(NOTHING), test_migrator());
    const char *file = test_write("bad.yaml", CHANGE("shop.person", "emial", "born"));
    struct ran ran = ORCHESTRATE(url, "plan", file);

    EXITS(ran, 5);
    CONTAINS(ran.out, "\nVerdict: refused: 2 reasons, nothing was changed\n");
    ck_assert_ptr_null(strstr(ran.out, "SQL"));
    ck_assert_ptr_null(strstr(ran.out, "<"));
}
END_TEST

START_TEST(a_table_that_another_plan_has_is_said_beforehand)
{
    const char *url = test_url(database_in(VERIFIED), test_migrator());
    const char *file = test_write(
        "r.yaml", "plan: r\nchange:\n  rename_column: {table: shop.person, from: born, to: day}\n");
    const char *said = "table shop.person is claimed by plan p";
    struct ran ran = ORCHESTRATE(url, "plan", file);

    EXITS(ran, 0);
    CONTAINS(ran.out, "claimed: table shop.person");
    ran = ORCHESTRATE(url, "start", file);
    EXITS(ran, 0);
    CONTAINS(ran.err, said);
    ran = ORCHESTRATE(url, "status", "r", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"claimed\"");
    CONTAINS(ran.out, said);
    ran = ORCHESTRATE(url, "advance", "r");
    EXITS(ran, 7);
    ran = ORCHESTRATE(url, "rollback", "p", "--to", "start");
    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "status", "r");
    EXITS(ran, 0);
    ck_assert_ptr_null(strstr(ran.err, "claimed"));
}
END_TEST

START_TEST(the_history_reads_like_a_diary)
{
    const char *db = database_in(STARTED), *url = test_url(db, test_migrator());
    struct ran ran = ORCHESTRATE(url, "advance", "p", "--deploy-id", "d3");

    EXITS(ran, 0);
    flow_ok(ORCHESTRATE(url, "pause", "p", "--because", "a \"quoted\" reason"));
    flow_ok(ORCHESTRATE(url, "confirm", "--deploy-id", "d3", "--status", "success"));
    flow_ok(ORCHESTRATE(url, "resume", "p"));
    flow_ok(ORCHESTRATE(url, "advance", "p", "--to", "backfill", "--fast"));
    flow_ok(ORCHESTRATE(url, "rollback", "p", "--to", "start", "--because", "oops"));
    ran = ORCHESTRATE(url, "history", "p");
    EXITS(ran, 0);
    CONTAINS(ran.out, "strong lock held for ");
    CONTAINS(ran.out, ", deploy d3)");
    CONTAINS(ran.out, "paused: a \"quoted\" reason\n");
    CONTAINS(ran.out, "deploy d3 ended: success\n");
    CONTAINS(ran.out, "100 rows written");
    CONTAINS(ran.out, "because: oops)");
    ck_assert_ptr_null(strchr(ran.out, '{'));
    ck_assert_ptr_null(strstr(ran.out, "_"));
}
END_TEST

START_TEST(whoever_named_no_database_is_told)
{
    const char *const args[] = { "status", NULL };
    const char *const named[] = { "PGHOST=/nowhere", NULL };
    struct ran ran = test_spawn(NULL, args, named);

    test_finish(&ran, 60);
    EXITS(ran, 69);
    CONTAINS(ran.err, "Check host, port, user, password and database");
}
END_TEST

START_TEST(an_edited_description_is_recorded_and_no_drift)
{
    const char *db = database_in(STARTED), *url = test_url(db, test_migrator());
    const char *file = test_write("p2.yaml", GOOD "description: better words\nticket: OPS-1\n");
    struct ran ran = ORCHESTRATE(url, "advance", file, "--json");

    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"advanced\"");
    ran = ORCHESTRATE(url, "history", "p", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "plan_edited");
    CONTAINS(ran.out, "better words");
    ran = ORCHESTRATE(url, "status", "p");
    CONTAINS(ran.out, "better words");
}
END_TEST

START_TEST(one_deploy_takes_one_step_however_often_it_calls)
{
    const char *url = test_url(database_in(STARTED), test_migrator());
    struct ran ran = ORCHESTRATE(url, "advance", "p", "--deploy-id", "8", "--json");

    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"advanced\"");
    CONTAINS(ran.out, "\"phase\":\"expand\"");
    CONTAINS(ran.out, "\"deploy_id\":\"8\"");
    ran = ORCHESTRATE(url, "advance", "p", "--deploy-id", "8", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"already_advanced\"");
    ran = ORCHESTRATE(url, "advance", "p", "--deploy-id", "8", "--to", "backfill");
    EXITS(ran, 5);
    ran = ORCHESTRATE(url, "advance", "p", "--deploy-id", "9", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"phase\":\"dual-write\"");
}
END_TEST

START_TEST(the_id_of_the_deploy_comes_from_the_ci_system)
{
    const char *url = test_url(database_in(STARTED), test_migrator());
    const char *const args[] = { "advance", "p", "--json", NULL };
    const char *const variables[] = { "GITHUB_RUN_ID=4711", NULL };
    struct ran ran = test_spawn(url, args, variables);

    test_finish(&ran, 60);
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"deploy_id\":\"4711\"");
    ran = test_spawn(url, args, variables);
    test_finish(&ran, 60);
    CONTAINS(ran.out, "\"code\":\"already_advanced\"");
}
END_TEST

START_TEST(without_an_id_nobody_is_left_in_doubt)
{
    const char *url = test_url(database_in(STARTED), test_migrator());
    struct ran ran = ORCHESTRATE(url, "advance", "p", "--json");

    CONTAINS(ran.out, "\"code\":\"no-deploy-id\"");
    ran = ORCHESTRATE(url, "advance", "p", "--json", "--deploy-id", "none");
    ck_assert_ptr_null(strstr(ran.out, "no-deploy-id"));
    ran = ORCHESTRATE(url, "advance", "p", "--json", "--to", "backfill", "--fast");
    ck_assert_ptr_null(strstr(ran.out, "no-deploy-id"));
}
END_TEST

START_TEST(without_a_plan_every_live_one_is_advanced)
{
    const char *url = test_url(database_in(TWO), test_migrator());
    struct ran ran = ORCHESTRATE(url, "advance", "--json");

    EXITS(ran, 0);
    CONTAINS(ran.out, "\"results\":[{");
    CONTAINS(ran.out, "\"plan\":\"p\"");
    CONTAINS(ran.out, "\"plan\":\"q\"");
    ran = ORCHESTRATE(url, "pause", "q");
    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "advance");
    EXITS(ran, 0);
    CONTAINS(ran.out, "p: dual-write is done");
    CONTAINS(ran.out, "q: dual-write is held");
}
END_TEST

START_TEST(a_deploy_can_be_confirmed_and_taken_back_but_not_the_other_way_round)
{
    const char *url = test_url(database_in(STARTED), test_migrator());
    struct ran ran = ORCHESTRATE(url, "advance", "p", "--deploy-id", "8");

    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "confirm", "--deploy-id", "8", "--status", "success", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"confirmed\"");
    ran = ORCHESTRATE(url, "confirm", "--deploy-id", "8", "--status", "success");
    EXITS(ran, 0);
    CONTAINS(ran.out, "as before");
    ran = ORCHESTRATE(url, "confirm", "--deploy-id", "8", "--status", "rolled_back");
    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "confirm", "--deploy-id", "8", "--status", "success");
    EXITS(ran, 5);
    ran = ORCHESTRATE(url, "confirm", "--deploy-id", "unheard-of", "--status", "failed", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"unknown-deploy\"");
}
END_TEST

START_TEST(time_that_is_up_is_no_failure)
{
    const char *url = test_url(database_in(STARTED), test_migrator());
    struct ran ran = ORCHESTRATE(url, "advance", "p", "--max-time", "1ms", "--json");

    EXITS(ran, 0);
    ck_assert(strstr(ran.out, "\"code\":\"in_progress\"") ||
              strstr(ran.out, "\"code\":\"advanced\""));
    ran = ORCHESTRATE(url, "advance", "p", "--to", "dual-write", "--json");
    EXITS(ran, 0);
}
END_TEST

START_TEST(offline_the_report_says_so)
{
    struct ran ran = ORCHESTRATE(NULL, "plan", flow_p(NULL));

    EXITS(ran, 0);
    CONTAINS(ran.out, "Offline: no database was asked");
    CONTAINS(ran.out, "warnings need a database");
    CONTAINS(ran.out, "CHECKLIST");
    ran = ORCHESTRATE(NULL, "plan", flow_p(NULL), "--format", "markdown");
    EXITS(ran, 0);
    CONTAINS(ran.out, "## Plan `p`");
    ran = ORCHESTRATE(NULL, "plan", flow_p(NULL), "--format", "json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"phases\":[{\"name\":\"expand\"");
}
END_TEST

START_TEST(with_a_database_the_report_shows_the_very_statements)
{
    const char *url = test_url(database_in(NOTHING), test_migrator());
    struct ran ran = ORCHESTRATE(url, "plan", flow_p(NULL));

    EXITS(ran, 0);
    CONTAINS(ran.out, "Checked against the database");
    CONTAINS(ran.out, "ADD COLUMN");
    CONTAINS(ran.out, "LOCK TABLE");
    CONTAINS(ran.out, "IN ACCESS EXCLUSIVE MODE");
    ck_assert_ptr_null(strstr(ran.out, "{attempt}"));
}
END_TEST

START_TEST(sql_is_shown_to_who_asks_twice)
{
    const char *url = test_url(database_in(STARTED), test_migrator());

    ck_assert_ptr_null(strstr(ORCHESTRATE(url, "status", "p", "-v").err, "sql: "));
    CONTAINS(ORCHESTRATE(url, "status", "p", "-v", "-v").err, "sql: ");
}
END_TEST

START_TEST(json_is_all_that_is_on_stdout)
{
    static const char *const commands[][3] = {
        { "status", "p", NULL },  { "history", "p", NULL },  { "plan", "p", NULL },
        { "advance", "p", NULL }, { "version", NULL, NULL }, { "help", NULL, NULL },
    };
    const char *db = database_in(STARTED), *url = test_url(db, test_migrator());
    PGconn *conn = test_connect(db, "postgres");

    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        const char *args[] = { "--json", "-v", commands[i][0], commands[i][1], NULL };
        struct ran ran = test_orchestrate(url, args);

        EXITS(ran, 0);
        /* The server is a strict reader. */
        ck_assert_str_eq(test_value(conn, "SELECT jsonb_typeof($j$%s$j$::jsonb)", ran.out),
                         "object");
    }
    PQfinish(conn);
}
END_TEST

START_TEST(an_url_may_be_written_as_an_orm_does)
{
    const char *orm = url_with(database_in(STARTED), "schema=shop&connection_limit=1");
    struct ran ran = ORCHESTRATE(orm, "status", "p");

    EXITS(ran, 0);
    ran = ORCHESTRATE("postgres://nobody@localhost:1/x", "status", "--url", orm);
    EXITS(ran, 0);
}
END_TEST

START_TEST(the_nearest_word_about_the_database_counts)
{
    const char *good = test_url(database_in(STARTED), test_migrator());
    const char *bad_url = "postgres://nobody@localhost:1/x";
    const char *const args[] = { "status", "p", NULL };
    const char *const second[] = { arena_printf(test_arena(), "DATABASE_URL=%s", good), NULL };
    const char *const ignored[] = { arena_printf(test_arena(), "DATABASE_URL=%s", bad_url), NULL };
    struct ran ran = test_spawn(NULL, args, second);

    test_finish(&ran, 60);
    EXITS(ran, 0);
    ran = test_spawn(good, args, ignored);
    test_finish(&ran, 60);
    EXITS(ran, 0);
    ran = test_spawn(bad_url, args, second);
    test_finish(&ran, 60);
    EXITS(ran, 69);
}
END_TEST

START_TEST(without_rights_it_is_consent_that_is_missing)
{
    const char *db = database_in(NOTHING);
    struct ran ran = ORCHESTRATE(test_url(db, "stranger"), "init");

    EXITS(ran, 77);
    ck_assert_str_eq(state_rows(db), "no state schema");
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("cli");
    TCase *tc = support_case(suite, "commands", 120);

    tcase_add_test(tc, a_plan_that_is_refused_ends_with_that);
    tcase_add_test(tc, a_table_that_another_plan_has_is_said_beforehand);
    tcase_add_test(tc, the_history_reads_like_a_diary);
    tcase_add_test(tc, whoever_named_no_database_is_told);
    tcase_add_test(tc, an_edited_description_is_recorded_and_no_drift);
    tcase_add_test(tc, one_deploy_takes_one_step_however_often_it_calls);
    tcase_add_test(tc, the_id_of_the_deploy_comes_from_the_ci_system);
    tcase_add_test(tc, without_an_id_nobody_is_left_in_doubt);
    tcase_add_test(tc, without_a_plan_every_live_one_is_advanced);
    tcase_add_test(tc, a_deploy_can_be_confirmed_and_taken_back_but_not_the_other_way_round);
    tcase_add_test(tc, time_that_is_up_is_no_failure);
    tcase_add_test(tc, offline_the_report_says_so);
    tcase_add_test(tc, with_a_database_the_report_shows_the_very_statements);
    tcase_add_test(tc, sql_is_shown_to_who_asks_twice);
    tcase_add_test(tc, json_is_all_that_is_on_stdout);
    tcase_add_test(tc, an_url_may_be_written_as_an_orm_does);
    tcase_add_test(tc, the_nearest_word_about_the_database_counts);
    tcase_add_test(tc, without_rights_it_is_consent_that_is_missing);
    return suite;
}

int main(void)
{
    return support_run(suite());
}
