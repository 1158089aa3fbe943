/*
 * Environments: which database `--env` leads to, that a database keeps its name,
 * and what `gates: off` drops.  What is refused stands, word for word, in
 * tests/golden/cli/environments.txt (ORCHESTRATE_BLESS=1 writes it anew).
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "orchestrate/base/buf.h"
#include "plans.h"
#include "support.h"
#include "transcript.h"

static const char *with_table(void)
{
    const char *db = test_database("empty");
    PGconn *conn = test_connect(db, "app");

    test_sql(conn, "CREATE SCHEMA shop; CREATE TABLE shop.person (id int PRIMARY KEY, email text)");
    PQfinish(conn);
    return db;
}

/* With these variables ("NAME=value", ended by NULL), and no URL of the test's own. */
static struct ran run(const char *const *args, const char *const *variables)
{
    struct ran ran = test_spawn(NULL, args, variables);

    test_finish(&ran, 120);
    return ran;
}
#define RUN(variables, ...) run((const char *const[]){ __VA_ARGS__, NULL }, (variables))
#define WITH(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* dev: the variable DEV_URL, gates off; prod: the variable PROD_URL. */
static const char *two_environments(void)
{
    return test_write("orchestrate.yaml", "environments:\n"
                                          "  dev: {url_env: DEV_URL, gates: off}\n"
                                          "  prod: {url_env: PROD_URL}\n"
                                          "  bare: {}\n");
}

static const char *variable(const char *name, const char *database)
{
    return arena_printf(test_arena(), "%s=%s", name, test_url(database, test_migrator()));
}

static const char *stored_name(const char *database)
{
    PGconn *conn = test_connect(database, "postgres");
    const char *name = test_value(conn, "SELECT environment FROM orchestrate.meta");

    PQfinish(conn);
    return name;
}

/* --- which database -------------------------------------------------------- */

START_TEST(an_environment_leads_to_its_database)
{
    const char *dev = test_database("empty"), *prod = test_database("empty");
    const char *config = two_environments();
    const char *const *vars = WITH(variable("DEV_URL", dev), variable("PROD_URL", prod));
    struct ran ran = RUN(vars, "init", "--env", "dev", "--config", config);

    EXITS(ran, 0);
    CONTAINS(ran.out,
             arena_printf(test_arena(), "database %s is environment dev from now on", dev));
    ran = RUN(WITH(vars[0], vars[1], "ORCHESTRATE_ENV=prod"), "init", "--config", config);
    EXITS(ran, 0);
    CONTAINS(ran.out, prod);
    ck_assert_str_eq(stored_name(dev), "dev");
    ck_assert_str_eq(stored_name(prod), "prod");
    /* The option is nearer than the variable. */
    ran = RUN(WITH(vars[0], vars[1], "ORCHESTRATE_ENV=prod"), "init", "--env", "dev", "--config",
              config);
    EXITS(ran, 0);
    CONTAINS(ran.out, dev);
}
END_TEST

START_TEST(the_nearest_word_about_the_database_counts)
{
    const char *a = test_database("empty"), *b = test_database("empty");
    const char *config = two_environments();
    struct ran ran;

    /* --url before the environment, the environment before DATABASE_URL. */
    ran = RUN(WITH(variable("DEV_URL", b), variable("DATABASE_URL", b)), "init", "--env", "dev",
              "--config", config, "--url", test_url(a, test_migrator()));
    EXITS(ran, 0);
    CONTAINS(ran.out, a);
    ck_assert_str_eq(ran.err, "");
    ran = RUN(WITH(variable("DEV_URL", a), variable("DATABASE_URL", b)), "status", "--env", "dev",
              "--config", config);
    EXITS(ran, 0);
    /* ORCHESTRATE_DATABASE_URL before the environment, and that is said. */
    ran = RUN(WITH(variable("ORCHESTRATE_DATABASE_URL", a), variable("DEV_URL", b)), "status",
              "--env", "dev", "--config", config, "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"environment-passed-over\"");
    /* One that says nothing about where leaves it to DATABASE_URL. */
    ran = RUN(WITH(variable("DATABASE_URL", b)), "init", "--env", "bare", "--config", config);
    EXITS(ran, 0);
    ck_assert_str_eq(stored_name(b), "bare");
}
END_TEST

START_TEST(a_url_and_a_service_can_stand_in_the_file)
{
    const char *db = test_database("empty"), *url = test_url(db, test_migrator());
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    struct buf service = BUF_IN(test_arena());
    const char *config;
    struct ran ran;

    buf_add(&service, "[it's mine]\n");
    for (PQconninfoOption *o = options; o && o->keyword; o++)
        if (o->val)
            buf_addf(&service, "%s=%s\n", o->keyword, o->val);
    PQconninfoFree(options);
    config = test_write("orchestrate.yaml", arena_printf(test_arena(),
                                                         "environments:\n  a: {url: \"%s\"}\n"
                                                         "  b: {service: \"it's mine\"}\n",
                                                         url));
    ran = RUN(NULL, "init", "--env", "a", "--config", config);
    EXITS(ran, 0);
    ran = RUN(WITH(arena_printf(test_arena(), "PGSERVICEFILE=%s",
                                test_write("service.conf", buf_text(&service)))),
              "status", "--env", "b", "--config", config);
    EXITS(ran, 78);
    CONTAINS(ran.err, arena_printf(test_arena(), "database %s is environment a, not b", db));
}
END_TEST

START_TEST(a_password_in_the_file_is_warned_about_and_not_shown)
{
    const char *config = test_write(
        "orchestrate.yaml", "environments:\n  p: {url: \"postgresql://me:geheim99@[bad/shop\"}\n");
    struct ran ran = RUN(NULL, "status", "--env", "p", "--config", config);

    EXITS(ran, 78);
    CONTAINS(ran.err, "orchestrate.yaml:2:12: the URL of environment p holds a password");
    CONTAINS(ran.err, "orchestrate.yaml:2:12: url: ");
    ck_assert_ptr_null(strstr(ran.err, "geheim99"));
    ran = RUN(NULL, "status", "--env", "p", "--config", config, "--json");
    EXITS(ran, 78);
    CONTAINS(ran.out, "\"code\":\"password-in-file\"");
    ck_assert_ptr_null(strstr(ran.out, "geheim99"));
}
END_TEST

/* --- where the file is ----------------------------------------------------- */

START_TEST(the_file_is_looked_for_up_to_the_root_of_the_repository)
{
    const char *db = test_database("empty");
    const char *config = two_environments(), *slash = strrchr(config, '/');
    const char *top = arena_strndup(test_arena(), config, (size_t)(slash - config));
    const char *inner = arena_printf(test_arena(), "%s/repo/a/b", top);
    const char *repository = arena_printf(test_arena(), "%s/repo", top);
    const char *const *vars = WITH(variable("DEV_URL", db));
    const char *git = arena_printf(test_arena(), "%s/.git", repository);
    struct ran ran;

    ck_assert_int_eq(mkdir(repository, 0755), 0);
    ck_assert_int_eq(mkdir(arena_printf(test_arena(), "%s/a", repository), 0755), 0);
    ck_assert_int_eq(mkdir(inner, 0755), 0);
    ck_assert_int_eq(chdir(inner), 0);

    /* No repository: only the folder itself. */
    ran = RUN(vars, "status", "--env", "dev");
    EXITS(ran, 78);
    CONTAINS(ran.err, "there is no orchestrate.yaml here");
    /* A repository that has none: what lies outside does not count. */
    ck_assert_int_eq(mkdir(git, 0755), 0);
    ran = RUN(vars, "status", "--env", "dev");
    EXITS(ran, 78);
    /* At its root, from two folders below. */
    ck_assert_int_eq(rename(config, arena_printf(test_arena(), "%s/orchestrate.yaml", repository)),
                     0);
    ran = RUN(vars, "status", "--env", "dev");
    EXITS(ran, 0);
    /* The nearest one counts. */
    test_write("repo/a/orchestrate.yaml", "environments: {near: {url_env: DEV_URL}}\n");
    ran = RUN(vars, "status", "--env", "dev");
    EXITS(ran, 78);
    CONTAINS(ran.err, "It has: near.");
    ran = RUN(vars, "status", "--env", "near");
    EXITS(ran, 0);
    /* A file that nobody asks for is not read. */
    test_write("repo/a/b/orchestrate.yaml", "[\n");
    ran = RUN(WITH("ORCHESTRATE_ENV=dev"), "version");
    EXITS(ran, 0);
    ran = RUN(WITH(variable("DATABASE_URL", db)), "status");
    EXITS(ran, 0);
}
END_TEST

/* --- the name that a database keeps ---------------------------------------- */

START_TEST(a_database_is_worked_on_under_its_name_only)
{
    static const char *const commands[][3] = {
        { "status", NULL, NULL }, { "history", NULL, NULL }, { "init", NULL, NULL },
        { "advance", "p", NULL }, { "pause", "p", NULL },    { "rollback", "p", NULL },
        { "plan", "FILE", NULL }, { "start", "FILE", NULL }, { "start", "--dry-run", "FILE" },
    };
    const char *db = with_table(), *url = test_url(db, test_migrator());
    const char *file = test_rename_plan("p", "shop.person", "email", "address", NULL);
    const char *says = arena_printf(test_arena(), "database %s is environment prod, not dev", db);
    struct ran ran = ORCHESTRATE(url, "init", "--env", "prod");

    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "init", "--env", "prod", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"nothing_to_do\"");
    ran = ORCHESTRATE(url, "start", "--env", "prod", file);
    EXITS(ran, 0);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        const char *args[] = {
            "--env", "dev", commands[i][0], commands[i][1], commands[i][2], NULL
        };

        for (size_t k = 3; k < 5; k++)
            if (args[k] && strcmp(args[k], "FILE") == 0)
                args[k] = file;
        ran = test_orchestrate(url, args);
        EXITS(ran, 78);
        CONTAINS(ran.err, says);
        CONTAINS(ran.err, "UPDATE orchestrate.meta SET environment = 'dev';");
    }
    ck_assert_str_eq(stored_name(db), "prod");
    /* Whoever names no environment is not asked. */
    ran = ORCHESTRATE(url, "status");
    EXITS(ran, 0);
}
END_TEST

START_TEST(a_database_without_a_name_gets_one_from_init_only)
{
    const char *db = with_table(), *url = test_url(db, test_migrator());
    const char *file = test_rename_plan("p", "shop.person", "email", "address", NULL);
    struct ran ran = ORCHESTRATE(url, "init");

    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "start", "--env", "dev", file);
    EXITS(ran, 0);
    ck_assert_str_eq(stored_name(db), "");
    ran = ORCHESTRATE(url, "init", "--env", "dev", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"ok\"");
    ck_assert_str_eq(stored_name(db), "dev");
}
END_TEST

START_TEST(start_names_the_database_whose_schema_it_makes)
{
    const char *db = with_table(), *url = test_url(db, test_migrator());
    const char *file = test_rename_plan("p", "shop.person", "email", "address", NULL);
    PGconn *conn = test_connect(db, "postgres");
    struct ran ran = ORCHESTRATE(url, "start", "--env", "dev", "--dry-run", file);

    EXITS(ran, 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_namespace WHERE nspname = "
                                      "'orchestrate'"),
                     0);
    ran = ORCHESTRATE(url, "start", "--env", "dev", file);
    EXITS(ran, 0);
    ck_assert_str_eq(stored_name(db), "dev");
    PQfinish(conn);
}
END_TEST

/* What the hint of the refusal says to do. */
START_TEST(a_copy_can_be_given_its_own_name)
{
    const char *db = test_database("empty"), *url = test_url(db, test_migrator());
    PGconn *conn;
    struct ran ran = ORCHESTRATE(url, "init", "--env", "prod");

    EXITS(ran, 0);
    conn = test_connect(db, test_migrator());
    test_sql(conn, "UPDATE orchestrate.meta SET environment = 'staging';");
    PQfinish(conn);
    ran = ORCHESTRATE(url, "status", "--env", "staging");
    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "status", "--env", "prod");
    EXITS(ran, 78);
}
END_TEST

/* --- gates: off ------------------------------------------------------------ */

static const char gates[] = "gates:\n  expand: [{soak: 1h}]\n  dual-write: [{soak: 7d}]\n"
                            "  switch: [{deploy: confirmed}]\n  retire: [{old_name_idle: 30d}]\n";

START_TEST(gates_of_a_plan_are_dropped_where_they_are_off_and_it_is_recorded)
{
    const char *db = with_table();
    const char *file = test_rename_plan("p", "shop.person", "email", "address", gates);
    const char *const *vars = WITH(variable("DEV_URL", db));
    const char *config = two_environments();
    PGconn *conn = test_connect(db, "postgres");
    struct ran ran = RUN(vars, "plan", file, "--env", "dev", "--config", config);

    EXITS(ran, 0);
    CONTAINS(ran.out, "The plan's own gates are off in environment dev");
    CONTAINS(ran.out, "gate soak: 7d (off)");
    ran = RUN(vars, "start", file, "--env", "dev", "--config", config);
    EXITS(ran, 0);
    CONTAINS(ran.out,
             "p: its gates are off in environment dev: soak of expand, soak of dual-write, "
             "deploy of switch, old_name_idle of retire\n");
    /* Exactly the plan's: a gate that is always on stays, without the plan's value. */
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM orchestrate.gate WHERE NOT always OR "
                                      "args IS NOT NULL"),
                     0);
    ck_assert_int_eq(
        test_count(conn, "SELECT count(*) FROM orchestrate.gate WHERE name = 'deploy'"), 7);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM orchestrate.gate WHERE name = "
                                      "'old_name_idle'"),
                     1);
    /* Known without --env, too. */
    ran = RUN(vars, "status", "--url", test_url(db, test_migrator()));
    EXITS(ran, 0);
    CONTAINS(ran.out, "gates of the plan are off: it was started in environment dev");
    ran = RUN(vars, "status", "--url", test_url(db, test_migrator()), "--json");
    CONTAINS(ran.out, "\"gates_off\":\"dev\"");
    ran = RUN(vars, "history", "p", "--url", test_url(db, test_migrator()));
    CONTAINS(ran.out, "gates of the plan are off in environment dev: soak of expand");
    ran = RUN(vars, "plan", "p", "--url", test_url(db, test_migrator()));
    CONTAINS(ran.out, "gates are off in environment dev");
    PQfinish(conn);
}
END_TEST

START_TEST(a_plan_whose_gates_are_off_is_unchanged_and_goes_through)
{
    const char *db = with_table();
    const char *file = test_rename_plan("p", "shop.person", "email", "address", gates);
    const char *const *vars = WITH(variable("DEV_URL", db));
    const char *config = two_environments();
    struct ran ran = RUN(vars, "start", file, "--env", "dev", "--config", config);

    EXITS(ran, 0);
    ran = RUN(vars, "start", file, "--env", "dev", "--config", config, "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"nothing_to_do\"");
    ran = RUN(vars, "start", file, "--url", test_url(db, test_migrator()), "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"nothing_to_do\"");
    ran = RUN(vars, "advance", file, "--env", "dev", "--config", config, "--to", "contract",
              "--confirm", "p", "--fast", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"complete\"");
}
END_TEST

START_TEST(gates_that_are_always_on_hold_where_those_of_plans_are_off)
{
    const char *db = with_table();
    const char *file = test_rename_plan("p", "shop.person", "email", "address", gates);
    const char *const *vars = WITH(variable("DEV_URL", db));
    const char *config = two_environments();
    struct ran ran = RUN(vars, "start", file, "--env", "dev", "--config", config);

    EXITS(ran, 0);
    ran = RUN(vars, "advance", "p", "--env", "dev", "--config", config, "--to", "contract",
              "--fast", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"gate\":\"consent\"");
    ran = RUN(vars, "pause", "p", "--env", "dev", "--config", config);
    EXITS(ran, 0);
    ran = RUN(vars, "advance", "p", "--env", "dev", "--config", config, "--confirm", "p", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"gate\":\"paused\"");
}
END_TEST

START_TEST(the_order_of_plans_is_kept_where_their_gates_are_off)
{
    const char *db = with_table();
    const char *const *vars = WITH(variable("DEV_URL", db));
    const char *config = two_environments();
    const char *file = test_rename_plan("p", "shop.person", "email", "address", "after: [first]\n");
    struct ran ran = RUN(vars, "start", file, "--env", "dev", "--config", config);

    EXITS(ran, 0);
    ck_assert_ptr_null(strstr(ran.out, "gates are off"));
    ran = RUN(vars, "advance", "p", "--env", "dev", "--config", config, "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"gate\":\"after\"");
}
END_TEST

START_TEST(where_gates_are_on_they_hold)
{
    const char *db = with_table();
    const char *file = test_rename_plan("p", "shop.person", "email", "address", gates);
    const char *const *vars = WITH(variable("PROD_URL", db));
    const char *config = two_environments();
    struct ran ran = RUN(vars, "start", file, "--env", "prod", "--config", config);

    EXITS(ran, 0);
    ran = RUN(vars, "advance", "p", "--env", "prod", "--config", config, "--to", "dual-write",
              "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"gate\":\"soak\"");
    ran = RUN(vars, "status", "--env", "prod", "--config", config, "--json");
    CONTAINS(ran.out, "\"gates_off\":null");
}
END_TEST

/* --- what is refused, word for word ----------------------------------------- */

/* clang-format off */
static const struct {
    const char *what, *config; /* NULL: there is no file */
    const char *args[8], *variables[4];
} refused[] = {
    { "an unknown environment", "environments: {dev: {url_env: U}, prod: {service: p}}\n", { "status", "--env", "prd" }, { 0 } },
    { "one that is like none", "environments: {dev: {url_env: U}, prod: {service: p}}\n", { "status", "--env", "uat" }, { 0 } },
    { "one from the variable", "environments: {dev: {url_env: U}}\n", { "status" }, { "ORCHESTRATE_ENV=dve" } },
    { "a file without any", "# empty\n", { "advance", "--env", "dev" }, { 0 } },
    { "no file", NULL, { "advance", "--env", "dev" }, { "DATABASE_URL=postgresql://localhost/x" } },
    { "no file, from the variable", NULL, { "start", "p.yaml" }, { "ORCHESTRATE_ENV=dev" } },
    { "no file where --config says", NULL, { "status", "--config", "nowhere.yaml" }, { 0 } },
    { "--config is read without --env", "environments: {dev: {ulr: x}}\n", { "version", "--config", "orchestrate.yaml" }, { 0 } },
    { "it is no plan, and validated as what it is", "environments: {dev: {url: postgresql://localhost/x}}\n", { "validate", "orchestrate.yaml" }, { 0 } },
    { "validated with an error in it", "environments: {dev: {ulr: x}}\n", { "validate", "orchestrate.yaml" }, { 0 } },
    { "several errors in the file", "environments:\n  dev: {ulr: x}\n  prod: {gates: maybe}\n", { "status", "--env", "dev" }, { 0 } },
    { "a variable that is not set", "environments: {dev: {url_env: DEV_URL}}\n", { "status", "--env", "dev" }, { 0 } },
    { "a variable that is empty", "environments: {dev: {url_env: DEV_URL}}\n", { "status", "--env", "dev" }, { "DEV_URL=" } },
    { "a variable that holds no URL", "environments: {dev: {url_env: DEV_URL}}\n", { "status", "--env", "dev" }, { "DEV_URL=postgresql://localhost/x?colour=red" } },
    { "a URL that is none", "environments: {dev: {url: \"postgresql://localhost/x?colour=red\"}}\n", { "status", "--env", "dev" }, { 0 } },
    { "a name that is none", "environments: {dev: {url_env: U}}\n", { "init", "--env", "My Env" }, { 0 } },
    { "a name that is none, from the variable", NULL, { "init", "--url", "postgresql://localhost/x" }, { "ORCHESTRATE_ENV=it's" } },
    { "an empty name", NULL, { "init", "--env=" }, { 0 } },
    { "two environments", NULL, { "status", "--env", "dev", "--env", "prod" }, { 0 } },
    { "a command that asks no database", "environments: {dev: {url_env: U}}\n", { "validate", "--env", "prod", "p.yaml" }, { 0 } },
};
/* clang-format on */

START_TEST(what_is_refused_is_said_in_these_words)
{
    struct transcript t = transcript_begin();

    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        unlink(arena_printf(test_arena(), "%s/orchestrate.yaml", t.folder));
        if (refused[i].config)
            test_write("orchestrate.yaml", refused[i].config);
        transcript_run(&t, refused[i].what, refused[i].args, refused[i].variables);
    }
    transcript_compare(&t, "tests/golden/cli/environments.txt");
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("environments");
    TCase *tc = support_case(suite, "databases", 120);

    tcase_add_test(tc, an_environment_leads_to_its_database);
    tcase_add_test(tc, the_nearest_word_about_the_database_counts);
    tcase_add_test(tc, a_url_and_a_service_can_stand_in_the_file);
    tcase_add_test(tc, a_password_in_the_file_is_warned_about_and_not_shown);
    tcase_add_test(tc, the_file_is_looked_for_up_to_the_root_of_the_repository);
    tcase_add_test(tc, what_is_refused_is_said_in_these_words);
    tc = support_case(suite, "names", 120);
    tcase_add_test(tc, a_database_is_worked_on_under_its_name_only);
    tcase_add_test(tc, a_database_without_a_name_gets_one_from_init_only);
    tcase_add_test(tc, start_names_the_database_whose_schema_it_makes);
    tcase_add_test(tc, a_copy_can_be_given_its_own_name);
    tc = support_case(suite, "gates", 120);
    tcase_add_test(tc, gates_of_a_plan_are_dropped_where_they_are_off_and_it_is_recorded);
    tcase_add_test(tc, a_plan_whose_gates_are_off_is_unchanged_and_goes_through);
    tcase_add_test(tc, gates_that_are_always_on_hold_where_those_of_plans_are_off);
    tcase_add_test(tc, the_order_of_plans_is_kept_where_their_gates_are_off);
    tcase_add_test(tc, where_gates_are_on_they_hold);
    return suite;
}

int main(void)
{
    return support_run(suite());
}
