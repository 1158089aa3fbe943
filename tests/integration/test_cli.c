/*
 * The command line against a real server: bad plans, arguments, URLs and states
 * cost nothing, and every answer can be read by a program.
 */
#include <stdlib.h>
#include <string.h>

#include "orchestrate/base/buf.h"
#include "plans.h"
#include "support.h"

/* --- states a database can be in ------------------------------------------- */

enum state {
    NOTHING,  /* a table, no state schema */
    INIT,     /* ... and an empty state schema */
    STARTED,  /* plan p is registered */
    EXPANDED, /* ... and its first phase is done */
    PAUSED,
    TWO,      /* p and q are registered */
    UNDONE,   /* p is registered, expanded, undone */
    VERIFIED, /* up to the deploy mark */
    COMPLETE,
    NEWER, /* the state schema is of a newer version */
};

static const char *p_yaml(void)
{
    return test_rename_plan("p", "shop.person", "email", "address", NULL);
}

static const char *q_yaml(void)
{
    return test_rename_plan("q", "shop.pet", "name", "label", NULL);
}

static void make_tables(const char *database)
{
    PGconn *conn = test_connect(database, "app");

    test_sql(conn, "CREATE SCHEMA shop;"
                   "CREATE TABLE shop.person (id int PRIMARY KEY, email text, born date);"
                   "CREATE TABLE shop.pet (id int PRIMARY KEY, name text);"
                   "CREATE TABLE shop.measure (at date, value int) PARTITION BY RANGE (at);"
                   "CREATE VIEW shop.adult AS SELECT id FROM shop.person;"
                   "INSERT INTO shop.person SELECT i, 'a' || i FROM generate_series(1, 100) i");
    PQfinish(conn);
}

static void ok(struct ran ran)
{
    EXITS(ran, 0);
}

static void make_newer(const char *database)
{
    PGconn *conn = test_connect(database, "postgres");

    test_sql(conn, "ALTER TABLE orchestrate.meta DISABLE TRIGGER USER;"
                   "UPDATE orchestrate.meta SET version = version + 100");
    PQfinish(conn);
}

/* Brings a new database there; returns its name. */
static const char *database_in(enum state state)
{
    const char *db = test_database("empty"), *url = test_url(db, test_migrator());

    make_tables(db);
    if (state >= INIT)
        ok(ORCHESTRATE(url, "init"));
    if (state >= STARTED && state != NEWER)
        ok(ORCHESTRATE(url, "start", p_yaml()));
    if (state == EXPANDED || state == UNDONE)
        ok(ORCHESTRATE(url, "advance", "p"));
    if (state == PAUSED)
        ok(ORCHESTRATE(url, "pause", "p", "--because", "a test"));
    if (state == TWO)
        ok(ORCHESTRATE(url, "start", q_yaml()));
    if (state == UNDONE)
        ok(ORCHESTRATE(url, "rollback", "p", "--to", "start"));
    if (state == VERIFIED)
        ok(ORCHESTRATE(url, "advance", "p", "--to", "deploy", "--fast"));
    if (state == COMPLETE)
        ok(ORCHESTRATE(url, "advance", "p", "--to", "contract", "--confirm", "p", "--fast"));
    if (state == NEWER)
        make_newer(db);
    return db;
}

/* Every row of ours: a command that was refused must have left none behind. */
static const char *state_rows(const char *database)
{
    static const char *const tables[] = { "plan",  "transition", "step",    "claim",
                                          "event", "deploy",     "control", "deploy_target" };
    PGconn *conn = test_connect(database, "postgres");
    struct buf out = BUF_IN(test_arena());
    bool there =
        test_count(conn, "SELECT count(*) FROM pg_namespace WHERE nspname = 'orchestrate'");

    for (size_t i = 0; there && i < ARRAY_LEN(tables); i++)
        buf_addf(
            &out, "%s: %s\n", tables[i],
            test_value(conn,
                       "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY "
                       "t::text)), '') FROM orchestrate.%s t",
                       tables[i]));
    PQfinish(conn);
    return there ? buf_text(&out) : "no state schema";
}

/* The database as an URL with these parameters, as an application has it. */
static const char *url_with(const char *database, const char *parameters)
{
    PQconninfoOption *options = PQconninfoParse(test_url(database, test_migrator()), NULL);
    const char *host = "", *port = "", *user = "";

    for (PQconninfoOption *o = options; o && o->keyword; o++) {
        const char *value = o->val ? arena_strdup(test_arena(), o->val) : "";

        host = strcmp(o->keyword, "host") == 0 ? value : host;
        port = strcmp(o->keyword, "port") == 0 ? value : port;
        user = strcmp(o->keyword, "user") == 0 ? value : user;
    }
    PQconninfoFree(options);
    return arena_printf(test_arena(), "postgresql://%s@/%s?host=%s&port=%s&%s", user, database,
                        host, port, parameters);
}

/* --- bad input ------------------------------------------------------------- */

enum { MOST_ARGS = 8 };

/* Words in args: "@p" the file of plan p, "@plan" a file with `plan`, "@url" that of the database.
 */
struct bad {
    const char *what;
    enum state state;
    const char *args[MOST_ARGS];
    int exit;
    const char *says; /* on stderr */
    const char *plan; /* the text of "@plan" */
    const char *url;  /* instead of the database's; "?x=y" only adds to it */
};

#define CHANGE(table, from, to)                                                                    \
    "plan: p\nchange:\n  rename_column: {table: " table ", from: " from ", to: " to "}\n"
#define GOOD CHANGE("shop.person", "email", "address")

/* clang-format off */
static const struct bad bad[] = {
    /* plans */
    { "no such file", NOTHING, { "start", "/nowhere/x.yaml" }, 66, "/nowhere/x.yaml", NULL, NULL },
    { "not a plan", NOTHING, { "start", "@plan" }, 65, "", "just a text\n", NULL },
    { "an unknown key", NOTHING, { "start", "@plan" }, 65, ":1:1: ", "paln: p\n", NULL },
    { "an unknown setting", NOTHING, { "start", "@plan" }, 65, "lock_timeout", GOOD "settings: {lock_timout: 5s}\n", NULL },
    { "a bad duration", NOTHING, { "start", "@plan" }, 65, ":5:", GOOD "settings:\n  lock_timeout: soon\n", NULL },
    { "an unknown phase", NOTHING, { "start", "@plan" }, 65, "swich", GOOD "gates: {swich: [{soak: 1h}]}\n", NULL },
    { "a gate that nobody knows", NOTHING, { "start", "@plan" }, 65, "unknown gate `weather`", GOOD "gates: {switch: [{weather: fine}]}\n", NULL },
    { "a plan that waits for itself", NOTHING, { "start", "@plan" }, 65, "waits for itself", GOOD "after: [p]\n", NULL },
    { "a long name", NOTHING, { "start", "@plan" }, 65, "63", CHANGE("shop.person", "email", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), NULL },
    { "two errors at once", NOTHING, { "validate", "@plan" }, 65, "has 2 errors", "plan: p\nowner: [a]\nchange: {rename_column: {table: shop.person, from: email, to: address, too: x}}\n", NULL },
    { "the same plan twice", NOTHING, { "start", "@p", "@plan" }, 64, "are both plan p", GOOD, NULL },
    { "one bad plan of two", NOTHING, { "start", "@p", "@plan" }, 65, "", "paln: p\n", NULL },
    /* what the database refuses */
    { "no such table", NOTHING, { "start", "@plan" }, 5, "Did you mean shop.person?", CHANGE("shop.persn", "email", "address"), NULL },
    { "no such schema", NOTHING, { "start", "@plan" }, 5, "no table person in schema shpo", CHANGE("shpo.person", "email", "address"), NULL },
    { "no such column", NOTHING, { "start", "@plan" }, 5, "emial", CHANGE("shop.person", "emial", "address"), NULL },
    { "the new name is taken", NOTHING, { "start", "@plan" }, 5, "born", CHANGE("shop.person", "email", "born"), NULL },
    { "a view", NOTHING, { "start", "@plan" }, 5, "adult", CHANGE("shop.adult", "id", "nr"), NULL },
    { "the key of a partitioned table", NOTHING, { "start", "@plan" }, 5, "partition key", CHANGE("shop.measure", "at", "day"), NULL },
    { "a system column", NOTHING, { "plan", "@plan" }, 5, "ctid", CHANGE("shop.person", "ctid", "address"), NULL },
    { "a dry run is refused like the real one", NOTHING, { "start", "--dry-run", "@plan" }, 5, "emial", CHANGE("shop.person", "emial", "address"), NULL },
    { "the risk is too high", NOTHING, { "plan", "--fail-on", "LOW", "@p" }, 5, "--fail-on LOW", NULL, NULL },
    /* arguments */
    { "no command", NOTHING, { NULL }, 64, "no command", NULL, NULL },
    { "an unknown command", NOTHING, { "advnce" }, 64, "Did you mean advance?", NULL, NULL },
    { "half a command", NOTHING, { "stat" }, 64, "Did you mean status?", NULL, NULL },
    { "help for an unknown command", NOTHING, { "help", "advanse" }, 64, "Did you mean advance?", NULL, NULL },
    { "an unknown option", NOTHING, { "status", "--jason" }, 64, "Did you mean --json?", NULL, NULL },
    { "an abbreviated option", EXPANDED, { "advance", "p", "--conf", "p" }, 64, "Did you mean --confirm?", NULL, NULL },
    { "an option of another command", EXPANDED, { "status", "--to", "expand" }, 64, "status has no option --to", NULL, NULL },
    { "an option without its value", EXPANDED, { "advance", "p", "--to" }, 64, "--to wants a value", NULL, NULL },
    { "an empty value", EXPANDED, { "advance", "p", "--deploy-id=" }, 64, "--deploy-id is empty", NULL, NULL },
    { "an empty argument", EXPANDED, { "advance", "" }, 64, "an argument is empty", NULL, NULL },
    { "too many arguments", EXPANDED, { "advance", "p", "q" }, 64, "does not know what to do with q", NULL, NULL },
    { "too few arguments", NOTHING, { "start" }, 64, "start wants an argument", NULL, NULL },
    { "a bad duration on the command line", EXPANDED, { "advance", "p", "--max-time", "5" }, 64, "is not a duration", NULL, NULL },
    { "an unknown phase in --to", EXPANDED, { "advance", "p", "--to", "swtch" }, 64, "Did you mean switch?", NULL, NULL },
    { "an unknown phase, with a deploy", EXPANDED, { "advance", "p", "--to", "swtch", "--deploy-id", "8" }, 64, "Did you mean switch?", NULL, NULL },
    { "an unknown phase to go back to", EXPANDED, { "rollback", "p", "--to", "nowhere" }, 64, "has no phase nowhere", NULL, NULL },
    { "an unknown gate", EXPANDED, { "advance", "p", "--override", "pausd", "--because", "x" }, 64, "Did you mean paused?", NULL, NULL },
    { "a gate that cannot be overridden", EXPANDED, { "advance", "p", "--override", "consent", "--because", "x" }, 64, "cannot be overridden", NULL, NULL },
    { "an override without a reason", EXPANDED, { "advance", "p", "--override", "paused" }, 64, "--because", NULL, NULL },
    { "confirm without an id", EXPANDED, { "confirm", "--status", "success" }, 64, "--deploy-id", NULL, NULL },
    { "confirm without a status", EXPANDED, { "confirm", "--deploy-id", "8" }, 64, "--status", NULL, NULL },
    { "confirm with an unknown status", EXPANDED, { "confirm", "--deploy-id", "8", "--status", "good" }, 64, "success|failed", NULL, NULL },
    { "two formats", NOTHING, { "plan", "@p", "--json", "--format", "markdown" }, 64, "contradict", NULL, NULL },
    /* URLs */
    { "not an URL", NOTHING, { "status" }, 64, "neither an URL", NULL, "somewhere" },
    { "another database", NOTHING, { "status" }, 64, "scheme", NULL, "mysql://root@localhost/db" },
    { "an unescaped @", NOTHING, { "status" }, 64, "%40", NULL, "postgres://u:s3c@ret@localhost/db" },
    { "an unescaped /", NOTHING, { "status" }, 64, "%2F", NULL, "postgres://u:s3c/ret@localhost/db" },
    { "an unknown parameter", NOTHING, { "status" }, 64, "Did you mean sslmode?", NULL, "postgres://localhost/db?ssl_mode=require" },
    { "Prisma Accelerate", NOTHING, { "status" }, 64, "DIRECT_URL", NULL, "prisma+postgres://accelerate.prisma-data.net/?api_key=s3cret" },
    { "nobody there", NOTHING, { "status" }, 69, "cannot connect", NULL, "postgres://u:s3cret@localhost:1/db" },
    { "no such host", NOTHING, { "advance" }, 69, "cannot connect", NULL, "postgres://u:s3cret@no-such-host.invalid/db" },
    { "a pooler by its own word", NOTHING, { "init" }, 78, "pooler", NULL, "?pgbouncer=true" },
    /* states */
    { "a plan nobody started", NOTHING, { "advance", "p" }, 66, "no plan p", NULL, NULL },
    { "a plan nobody started, by its file", INIT, { "advance", "@p" }, 66, "orchestrate start", NULL, NULL },
    { "a misspelt plan", TWO, { "status", "pp" }, 66, "Did you mean p?", NULL, NULL },
    { "nothing to pause", INIT, { "pause" }, 66, "no plan is live", NULL, NULL },
    { "which of two", TWO, { "rollback" }, 64, "2 plans are live", NULL, NULL },
    { "an edited plan", EXPANDED, { "advance", "@plan" }, 5, "+ ", CHANGE("shop.person", "email", "mail"), NULL },
    { "an edited plan, started again", EXPANDED, { "start", "@plan" }, 5, "+ ", CHANGE("shop.person", "email", "mail"), NULL },
    { "an edited setting", STARTED, { "status", "@plan" }, 5, "lock_timeout", GOOD "settings: {lock_timeout: 70ms}\n", NULL },
    { "undone, not again", UNDONE, { "start", "@p" }, 5, "--again", NULL, NULL },
    { "consent to another plan", EXPANDED, { "advance", "p", "--confirm", "q" }, 77, "consent was given to q", NULL, NULL },
    { "consent to no plan at all", TWO, { "advance", "--confirm", "x" }, 77, "no live plan is called x", NULL, NULL },
    { "past the point of no return", COMPLETE, { "rollback", "p" }, 5, "point of no return", NULL, NULL },
    { "past the point of no return, dry", COMPLETE, { "rollback", "p", "--dry-run" }, 5, "point of no return", NULL, NULL },
    { "half of two phases that are one", VERIFIED, { "rollback", "p", "--to", "expand" }, 5, "dual-write", NULL, NULL },
    { "a newer state schema", NEWER, { "status" }, 78, "newer", NULL, NULL },
    { "a newer state schema, to write to", NEWER, { "start", "@p" }, 78, "newer", NULL, NULL },
};
/* clang-format on */

static const char *filled_in(const struct bad *b, const char *arg)
{
    if (strcmp(arg, "@p") == 0)
        return p_yaml();
    if (strcmp(arg, "@plan") == 0)
        return test_write("bad.yaml", b->plan);
    return arg;
}

static struct ran run_bad(const struct bad *b, const char *database, bool json)
{
    const char *args[MOST_ARGS + 2] = { 0 };
    size_t n = 0;

    for (size_t i = 0; i < MOST_ARGS && b->args[i]; i++)
        args[n++] = filled_in(b, b->args[i]);
    if (json)
        args[n++] = "--json";
    if (b->url && *b->url == '?')
        return test_orchestrate(url_with(database, b->url + 1), args);
    return test_orchestrate(b->url ? b->url : test_url(database, test_migrator()), args);
}

START_TEST(bad_input_costs_nothing)
{
    const struct bad *b = &bad[_i];
    const char *db = database_in(b->state);
    const char *schema = test_fingerprint(db), *rows = state_rows(db);
    struct ran ran = run_bad(b, db, false);

    ck_assert_msg(ran.status == b->exit && strstr(ran.err, b->says),
                  "%s: exit %d, wanted %d and \"%s\"\n%.1000s\n%.1000s", b->what, ran.status,
                  b->exit, b->says, ran.out, ran.err);
    ck_assert_msg(!strstr(ran.err, "s3c"), "%s shows a password: %s", b->what, ran.err);
    ran = run_bad(b, db, true);
    EXITS(ran, b->exit);
    CONTAINS(ran.out, "{\"schema_version\":1,");
    CONTAINS(ran.out, "\"ok\":false");
    ck_assert_msg(!strstr(ran.out, "s3c"), "%s shows a password: %s", b->what, ran.out);
    test_same_text("schema", test_fingerprint(db), schema);
    test_same_text("state", state_rows(db), rows);
}
END_TEST

/* --- what is not bad -------------------------------------------------------- */

/* Answers with exit status 0 that change nothing, either. */
static const struct quiet {
    const char *what;
    enum state state;
    const char *args[MOST_ARGS];
    const char *code;
} quiet[] = {
    /* clang-format off */
    { "status without a state schema", NOTHING, { "status" }, "ok" },
    { "advance without a state schema", NOTHING, { "advance" }, "nothing_to_do" },
    { "history without a state schema", NOTHING, { "history" }, "ok" },
    { "confirm without a state schema", NOTHING, { "confirm", "--deploy-id", "8", "--status", "success" }, "nothing_to_do" },
    { "a dry start", NOTHING, { "start", "--dry-run", "@p" }, "ok" },
    { "the report", NOTHING, { "plan", "@p" }, "ok" },
    { "init again", INIT, { "init" }, "nothing_to_do" },
    { "start again", STARTED, { "start", "@p" }, "nothing_to_do" },
    { "the report of a run", EXPANDED, { "plan", "p" }, "ok" },
    { "the report of its file", EXPANDED, { "plan", "@p" }, "ok" },
    { "a dry advance", EXPANDED, { "advance", "p", "--dry-run" }, "ok" },
    { "a dry rollback", EXPANDED, { "rollback", "p", "--dry-run" }, "ok" },
    { "status of a file", EXPANDED, { "status", "@p" }, "ok" },
    { "advance while paused", PAUSED, { "advance", "p" }, "held" },
    { "pause again", PAUSED, { "pause", "p" }, "paused" },
    { "resume what is not paused", STARTED, { "resume", "p" }, "nothing_to_do" },
    { "advance what is undone", UNDONE, { "advance", "p" }, "nothing_to_do" },
    { "rollback of what is undone", UNDONE, { "rollback", "p" }, "nothing_to_do" },
    { "advance what is complete", COMPLETE, { "advance", "p" }, "nothing_to_do" },
    { "start again what is under way", EXPANDED, { "start", "--again", "@p" }, "nothing_to_do" },
    { "go back to where it has not been", EXPANDED, { "rollback", "p", "--to", "switch" }, "nothing_to_do" },
    { "start what is complete", COMPLETE, { "start", "@p" }, "nothing_to_do" },
    { "pause what is complete", COMPLETE, { "pause", "p" }, "nothing_to_do" },
    { "carry on to where it is", VERIFIED, { "advance", "p", "--to", "verify" }, "nothing_to_do" },
    /* clang-format on */
};

START_TEST(what_has_nothing_to_do_changes_nothing)
{
    const struct quiet *q = &quiet[_i];
    struct bad b = { .what = q->what, .state = q->state };
    const char *db = database_in(q->state), *schema = test_fingerprint(db), *rows = state_rows(db);
    struct ran ran;

    for (size_t i = 0; i < MOST_ARGS; i++)
        b.args[i] = q->args[i];
    ran = run_bad(&b, db, true);
    EXITS(ran, 0);
    CONTAINS(ran.out, arena_printf(test_arena(), "\"ok\":true,\"code\":\"%s\"", q->code));
    test_same_text("schema", test_fingerprint(db), schema);
    test_same_text("state", state_rows(db), rows);
}
END_TEST

/* What people are told of that, on stdout or stderr. */
static const struct told {
    enum state state;
    const char *args[MOST_ARGS];
    const char *says, *hides; /* hides: NULL or what must not be there */
} told[] = {
    /* clang-format off */
    { VERIFIED, { "advance", "p", "--to", "expand" }, "p: expand is done already", NULL },
    { VERIFIED, { "advance", "p", "--to", "verify", "--dry-run" }, "p: verify is done already", NULL },
    { VERIFIED, { "advance", "p", "--dry-run" }, "ACCESS EXCLUSIVE on shop.person", "LOCK TABLE" },
    { VERIFIED, { "advance", "p", "--dry-run", "-v" }, "LOCK TABLE", NULL },
    { EXPANDED, { "rollback", "p", "--to", "switch" }, "switch has not been done", NULL },
    { UNDONE, { "advance", "p" }, "orchestrate start --again FILE", NULL },
    { EXPANDED, { "start", "--again", "@p" }, "--again was ignored", NULL },
    { VERIFIED, { "status", "p" }, "undo is possible until contract starts", "instant, until" },
    { VERIFIED, { "status", "p" }, "catch_up: data written since is copied back first", "note:" },
    { VERIFIED, { "status", "p", "-v" }, "note: gate proof is open", NULL },
    { PAUSED, { "status", "p" }, "to go on:\n    orchestrate resume p\n    orchestrate advance p\n", NULL },
    { STARTED, { "plan", "p" }, "star-statements", NULL },
    { EXPANDED, { "plan", "@p" }, "star-statements", "REFUSED" },
    { STARTED, { "history", "p" }, "the plan is started", "{" },
    /* clang-format on */
};

START_TEST(answers_are_plain)
{
    const struct told *t = &told[_i];
    struct bad b = { .what = "", .state = t->state };
    const char *both;
    struct ran ran;

    for (size_t i = 0; i < MOST_ARGS; i++)
        b.args[i] = t->args[i];
    ran = run_bad(&b, database_in(t->state), false);
    EXITS(ran, 0);
    both = arena_printf(test_arena(), "%s%s", ran.out, ran.err);
    CONTAINS(both, t->says);
    ck_assert_msg(!t->hides || !strstr(ran.out, t->hides), "%s", ran.out);
}
END_TEST

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
    ok(ORCHESTRATE(url, "pause", "p", "--because", "a \"quoted\" reason"));
    ok(ORCHESTRATE(url, "confirm", "--deploy-id", "d3", "--status", "success"));
    ok(ORCHESTRATE(url, "resume", "p"));
    ok(ORCHESTRATE(url, "advance", "p", "--to", "backfill", "--fast"));
    ok(ORCHESTRATE(url, "rollback", "p", "--to", "start", "--because", "oops"));
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
    struct ran ran = ORCHESTRATE(NULL, "plan", p_yaml());

    EXITS(ran, 0);
    CONTAINS(ran.out, "Offline: no database was asked");
    CONTAINS(ran.out, "warnings need a database");
    CONTAINS(ran.out, "CHECKLIST");
    ran = ORCHESTRATE(NULL, "plan", p_yaml(), "--format", "markdown");
    EXITS(ran, 0);
    CONTAINS(ran.out, "## Plan `p`");
    ran = ORCHESTRATE(NULL, "plan", p_yaml(), "--format", "json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"phases\":[{\"name\":\"expand\"");
}
END_TEST

START_TEST(with_a_database_the_report_shows_the_very_statements)
{
    const char *url = test_url(database_in(NOTHING), test_migrator());
    struct ran ran = ORCHESTRATE(url, "plan", p_yaml());

    EXITS(ran, 0);
    CONTAINS(ran.out, "Checked against the database");
    CONTAINS(ran.out, "ADD COLUMN");
    CONTAINS(ran.out, "LOCK TABLE");
    CONTAINS(ran.out, "IN ACCESS EXCLUSIVE MODE");
    ck_assert_ptr_null(strstr(ran.out, "{attempt}"));
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
    TCase *tc = support_case(suite, "bad input", 120);

    tcase_add_loop_test(tc, bad_input_costs_nothing, 0, ARRAY_LEN(bad));
    tc = support_case(suite, "nothing to do", 120);
    tcase_add_loop_test(tc, what_has_nothing_to_do_changes_nothing, 0, ARRAY_LEN(quiet));
    tcase_add_loop_test(tc, answers_are_plain, 0, ARRAY_LEN(told));
    tc = support_case(suite, "commands", 120);
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
