/*
 * Deploys: what one does is fixed by its first call, repeats carry on with that,
 * and how it ended decides whether the next phase may start.
 */
#include <signal.h>

#include "flow_fixture.h"

static const char *db, *url;

static void setup(const char *more, int rows)
{
    db = flow_database(rows);
    url = test_url(db, test_migrator());
    flow_ok(ORCHESTRATE(url, "start", flow_p(more)));
}

#define ADVANCE(...) ORCHESTRATE(url, "advance", "p", __VA_ARGS__)
#define CONFIRM(id, status, ...)                                                                   \
    flow_ok(ORCHESTRATE(url, "confirm", "--deploy-id", id, "--status", status, __VA_ARGS__))

/* --- one deploy, one target --------------------------------------------------- */

START_TEST(a_deploy_that_was_held_carries_on_when_the_gate_opens)
{
    setup(NULL, 10);
    flow_ok(ORCHESTRATE(url, "pause", "p"));
    SAYS(ADVANCE("--deploy-id", "d1"), 0, "p: expand is held\n");
    flow_ok(ORCHESTRATE(url, "resume", "p"));
    SAYS(ADVANCE("--deploy-id", "d1"), 0, "p: expand is done\n");
    SAYS(ADVANCE("--deploy-id", "d1"), 0, "p: deploy d1 has had its phase already: expand\n");
    SAYS(ADVANCE("--deploy-id", "d1", "--json"), 0, "\"code\":\"already_advanced\"");
}
END_TEST

START_TEST(a_deploy_that_was_busy_carries_on_with_the_same_phase)
{
    PGconn *conn;

    setup("settings: {lock_retry_for: 0}\n", 10);
    conn = test_connect(db, "app");
    test_sql(conn, "BEGIN; LOCK TABLE shop.person IN ACCESS SHARE MODE");
    SAYS(ADVANCE("--deploy-id", "d1"), 6, "nothing was changed");
    test_sql(conn, "COMMIT");
    SAYS(ADVANCE("--deploy-id", "d1"), 0, "p: expand is done\n");
    SAYS(ADVANCE("--deploy-id", "d1"), 0, "p: deploy d1 has had its phase already: expand\n");
    PQfinish(conn);
}
END_TEST

START_TEST(a_deploy_does_not_change_its_mind)
{
    setup(NULL, 10);
    SAYS(ADVANCE("--deploy-id", "d1", "--to", "dual-write"), 0, "p: dual-write is done\n");
    SAYS(ADVANCE("--deploy-id", "d1", "--to", "backfill"), 5,
         "orchestrate: deploy d1 carries plan p through phase dual-write; now backfill is asked "
         "for\nhint: Leave --to out, or use another deploy id.\n");
    SAYS(ADVANCE("--deploy-id", "d1"), 0, "p: deploy d1 has had its phase already: dual-write\n");
}
END_TEST

START_TEST(to_the_deploy_mark_means_the_same_mark_when_it_is_said_again)
{
    setup(NULL, 10);
    SAYS(ADVANCE("--deploy-id", "d1", "--to", "deploy"), 0, "p: verify is done\n");
    SAYS(ADVANCE("--deploy-id", "d1", "--to", "deploy"), 0,
         "p: deploy d1 has had its phase already: verify\n");
    /* The next deploy goes on from there. */
    SAYS(ADVANCE("--deploy-id", "d2", "--to", "deploy", "--dry-run"), 0, "switch");
}
END_TEST

START_TEST(what_was_undone_is_not_redone_by_the_deploy_that_did_it)
{
    setup(NULL, 10);
    SAYS(ADVANCE("--deploy-id", "d1"), 0, "p: expand is done\n");
    SAYS(ADVANCE("--deploy-id", "d2"), 0, "p: dual-write is done\n");
    SAYS(ADVANCE("--deploy-id", "d3"), 0, "p: backfill is done\n");
    flow_ok(ORCHESTRATE(url, "rollback", "p"));
    flow_ok(ORCHESTRATE(url, "resume", "p"));
    SAYS(ADVANCE("--deploy-id", "d3"), 0,
         "p: deploy d3 has had its phase already: backfill, which was undone since\n");
    SAYS(ADVANCE("--deploy-id", "d4"), 0, "p: backfill is done\n");
}
END_TEST

START_TEST(another_deploy_that_comes_meanwhile_is_told_who_is_at_work)
{
    const char *const first[] = { "advance", "p", "--deploy-id", "d2", NULL };
    struct ran work;

    setup(SLOW, FLOW_ROWS);
    SAYS(ADVANCE("--deploy-id", "d1", "--to", "dual-write"), 0, "dual-write is done");
    work = flow_worker(db, first);
    SAYS(ADVANCE("--deploy-id", "d3", "--json"), 0, "\"code\":\"in_progress\"");
    SAYS(ADVANCE("--deploy-id", "d3", "--json"), 0, "\"holder\":{\"pid\":");
    SAYS(ADVANCE("--deploy-id", "d3"), 0, "p: backfill is worked on by another process: pid ");
    kill(work.pid, SIGTERM);
    test_finish(&work, 100);
    EXITS(work, 143);
    SAYS(ADVANCE("--deploy-id", "d2", "--fast"), 0, "p: backfill is done\n");
    SAYS(ADVANCE("--deploy-id", "d3"), 0,
         "p: backfill is done already, by deploy d2; deploy d3 takes no step of its own\n");
    SAYS(ADVANCE("--deploy-id", "d2"), 0, "p: deploy d2 has had its phase already: backfill\n");
    SAYS(ADVANCE("--deploy-id", "d4"), 0, "p: verify is done\n");
}
END_TEST

/* --- holding ------------------------------------------------------------------ */

START_TEST(a_hotfix_is_recorded_and_takes_no_step)
{
    setup(NULL, 10);
    SAYS(ADVANCE("--hold", "hotfix OPS-7", "--deploy-id", "d1"), 0,
         "p: deploy d1 takes no step: hotfix OPS-7\n");
    SAYS(ADVANCE("--hold", "hotfix OPS-7", "--deploy-id", "d1", "--json"), 0, "\"code\":\"ok\"");
    SAYS(ADVANCE("--deploy-id", "d1"), 0, "p: deploy d1 takes no step: hotfix OPS-7\n");
    SAYS(ADVANCE("--deploy-id", "d1", "--json"), 0, "\"code\":\"already_advanced\"");
    SAYS(ORCHESTRATE(url, "history", "p"), 0, "deploy d1 takes no step: hotfix OPS-7\n");
    SAYS(ORCHESTRATE(url, "status", "p"), 0, "next: expand\n");
}
END_TEST

START_TEST(holding_wants_a_deploy_that_has_not_begun)
{
    setup(NULL, 10);
    SAYS(ADVANCE("--hold", "hotfix"), 64,
         "orchestrate: --hold wants a deploy: --deploy-id ID\nhint: It is recorded for one deploy; "
         "to hold the plan itself: orchestrate pause PLAN\n");
    SAYS(ADVANCE("--deploy-id", "d1"), 0, "expand is done");
    SAYS(ADVANCE("--hold", "hotfix", "--deploy-id", "d1"), 5,
         "orchestrate: deploy d1 carries plan p through phase expand; it cannot be held any more\n"
         "hint: To keep later deploys from stepping: orchestrate pause p\n");
}
END_TEST

/* --- how deploys ended ---------------------------------------------------------- */

/* What `advance` would say now about the phase `switch`. */
static void next_is(const char *word, const char *reason)
{
    struct ran ran = ADVANCE("--dry-run", "--json", "--deploy-id", "none");

    EXITS(ran, 0);
    CONTAINS(ran.out, arena_printf(test_arena(), "\"code\":\"%s\"", word));
    CONTAINS(ran.out, reason);
}

START_TEST(the_gate_follows_how_the_latest_deploy_ended)
{
    setup("app: shop\ncode: {new: '>=2.0'}\ngates: {switch: [{deploy: confirmed}]}\n", 10);
    SAYS(ADVANCE("--deploy-id", "d1", "--to", "verify"), 0, "verify is done");
    next_is("held", "no deploy of shop has ended since phase verify was done");
    CONFIRM("d1", "success", "--app-version", "1.9");
    next_is("held", "deploy d1 of shop has version 1.9, which is not >=2.0");
    CONFIRM("d2", "success", "--app", "shop", "--app-version", "2.0");
    next_is("ok", "\"held_by\":[]");
    CONFIRM("d3", "failed", "--app", "shop", "--app-version", "2.1");
    next_is("held", "deploy d3 of shop ended as failed");
    /* The job is tried again. */
    CONFIRM("d3", "success", "--app", "shop", "--app-version", "2.1");
    next_is("ok", "\"held_by\":[]");
    CONFIRM("d3", "rolled_back", "--app", "shop");
    next_is("held", "deploy d3 of shop ended as rolled_back");
    SAYS(ORCHESTRATE(url, "confirm", "--deploy-id", "d3", "--status", "success", "--app", "shop"),
         5,
         "orchestrate: deploy d3 was rolled back; it cannot end as success any more\n"
         "hint: A new rollout needs a deploy id of its own.\n");
    CONFIRM("d4", "success", "--app", "shop", "--app-version", "2.2");
    next_is("ok", "\"held_by\":[]");
    CONFIRM("d5", "skipped", "--app", "shop", "--app-version", "1.9");
    next_is("ok", "\"held_by\":[]");
}
END_TEST

START_TEST(a_hotfix_of_the_old_code_closes_the_gate_by_its_version)
{
    setup("app: shop\ncode: {new: '>=2.0'}\ngates: {switch: [{deploy: confirmed}]}\n", 10);
    SAYS(ADVANCE("--deploy-id", "d1", "--to", "verify"), 0, "verify is done");
    CONFIRM("d2", "success", "--app", "shop", "--app-version", "2.0");
    next_is("ok", "\"held_by\":[]");
    SAYS(ADVANCE("--hold", "hotfix", "--deploy-id", "h1"), 0, "takes no step");
    next_is("ok", "\"held_by\":[]"); /* it is not out yet */
    CONFIRM("h1", "success", "--app-version", "1.9.1");
    next_is("held", "deploy h1 of shop has version 1.9.1, which is not >=2.0");
    SAYS(ADVANCE("--hold", "hotfix of the new code", "--deploy-id", "h2"), 0, "takes no step");
    CONFIRM("h2", "success", "--app-version", "2.0.1");
    next_is("ok", "\"held_by\":[]");
}
END_TEST

START_TEST(what_a_worker_finishes_counts_for_the_deploy_that_began_it_once_it_is_out)
{
    setup("app: shop\ngates: {verify: [{deploy: confirmed}]}\n" SLOW, FLOW_ROWS);
    SAYS(ADVANCE("--deploy-id", "d1", "--to", "dual-write"), 0, "dual-write is done");
    SAYS(ADVANCE("--deploy-id", "d2", "--max-time", "500ms"), 0,
         "p: time is up in phase backfill; the same command goes on\n");
    CONFIRM("d2", "success", NULL);
    SAYS(ADVANCE("--continue", "--fast", "--deploy-id", "worker"), 0, "p: backfill is done\n");
    SAYS(ADVANCE("--deploy-id", "d2"), 0, "p: deploy d2 has had its phase already: backfill\n");
    /* It was out before the backfill was done: its code has not waited for that. */
    next_is("held", "no deploy of shop has ended since phase backfill was done");
    CONFIRM("d3", "success", "--app", "shop");
    next_is("ok", "\"held_by\":[]");
}
END_TEST

/* --- where the id comes from ------------------------------------------------------ */

static const struct {
    const char *first, *second; /* variables */
    const char *id;             /* NULL: none is found */
} systems[] = {
    /* clang-format off */
    { "GITHUB_RUN_ID=1", "GITHUB_RUN_ATTEMPT=2", "1" },
    { "CI_PIPELINE_ID=2", NULL, "2" },
    { "RAILWAY_DEPLOYMENT_ID=3", NULL, "3" },
    { "BUILDKITE_BUILD_ID=4", NULL, "4" },
    { "CIRCLE_WORKFLOW_ID=5", NULL, "5" },
    { "BUILD_BUILDID=6", NULL, "6" },
    { "BITBUCKET_PIPELINE_UUID={7}", NULL, "{7}" },
    { "BUILD_TAG=jenkins-shop-8", "JENKINS_URL=http://ci/", "jenkins-shop-8" },
    { "BUILD_TAG=anybody", NULL, NULL },
    { "BUILD_NUMBER=9", "TEAMCITY_VERSION=2025", "9" },
    { "BUILD_NUMBER=9", NULL, NULL },
    { "CODEBUILD_BUILD_ID=shop:10", NULL, "shop:10" },
    { "DRONE_BUILD_NUMBER=11", NULL, "11" },
    { "SEMAPHORE_WORKFLOW_ID=12", NULL, "12" },
    { "TRAVIS_BUILD_ID=13", NULL, "13" },
    { "APPVEYOR_BUILD_ID=14", NULL, "14" },
    { "HEROKU_RELEASE_VERSION=v15", NULL, "v15" },
    { "FLY_IMAGE_REF=shop:deployment-16", NULL, "shop:deployment-16" },
    { "VERCEL_DEPLOYMENT_ID=17", NULL, "17" },
    { "DEPLOY_ID=18", "NETLIFY=true", "18" },
    { "DEPLOY_ID=18", NULL, NULL },
    { "GITHUB_RUN_ID=", NULL, NULL },
    { "GITHUB_RUN_ID=1", "CI_PIPELINE_ID=2", "1" },
    /* clang-format on */
};

START_TEST(every_ci_system_names_its_deploys)
{
    const char *const args[] = { "advance", "--json", "--dry-run", NULL };

    db = flow_database(1);
    url = test_url(db, test_migrator());
    for (size_t i = 0; i < ARRAY_LEN(systems); i++) {
        const char *const variables[] = { systems[i].first, systems[i].second, NULL };
        struct ran ran = test_spawn(url, args, variables);

        test_finish(&ran, 60);
        EXITS(ran, 0);
        CONTAINS(ran.out, systems[i].id
                              ? arena_printf(test_arena(), "\"deploy_id\":\"%s\"", systems[i].id)
                              : "\"deploy_id\":null");
    }
}
END_TEST

START_TEST(an_id_that_is_given_goes_before_that_of_the_ci_system)
{
    const char *const given[] = { "advance", "--json", "--deploy-id", "8", NULL };
    const char *const none[] = { "advance", "--json", "--deploy-id", "none", NULL };
    const char *const variables[] = { "GITHUB_RUN_ID=1", NULL };
    struct ran ran;

    url = test_url(flow_database(1), test_migrator());
    ran = test_spawn(url, given, variables);
    test_finish(&ran, 60);
    SAYS(ran, 0, "\"deploy_id\":\"8\"");
    ran = test_spawn(url, none, variables);
    test_finish(&ran, 60);
    SAYS(ran, 0, "\"deploy_id\":null");
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("deploys");
    TCase *tc = support_case(suite, "deploys", 200);

    tcase_add_test(tc, a_deploy_that_was_held_carries_on_when_the_gate_opens);
    tcase_add_test(tc, a_deploy_that_was_busy_carries_on_with_the_same_phase);
    tcase_add_test(tc, a_deploy_does_not_change_its_mind);
    tcase_add_test(tc, to_the_deploy_mark_means_the_same_mark_when_it_is_said_again);
    tcase_add_test(tc, what_was_undone_is_not_redone_by_the_deploy_that_did_it);
    tcase_add_test(tc, another_deploy_that_comes_meanwhile_is_told_who_is_at_work);
    tcase_add_test(tc, a_hotfix_is_recorded_and_takes_no_step);
    tcase_add_test(tc, holding_wants_a_deploy_that_has_not_begun);
    tcase_add_test(tc, the_gate_follows_how_the_latest_deploy_ended);
    tcase_add_test(tc, a_hotfix_of_the_old_code_closes_the_gate_by_its_version);
    tcase_add_test(tc, what_a_worker_finishes_counts_for_the_deploy_that_began_it_once_it_is_out);
    tcase_add_test(tc, every_ci_system_names_its_deploys);
    tcase_add_test(tc, an_id_that_is_given_goes_before_that_of_the_ci_system);
    return suite;
}

int main(void)
{
    return support_run(suite());
}
