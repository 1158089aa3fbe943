/*
 * Bad plans, arguments, URLs and states cost nothing; what has nothing to do
 * does nothing, and says so.
 */
#include "cli_fixture.h"

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
        return flow_p(NULL);
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

/* A database in a state, and all that it held before anybody typed anything. */
struct untouched {
    const char *db, *schema, *rows;
};

static struct untouched untouched(enum state state)
{
    const char *db = database_in(state);

    return (struct untouched){ db, test_fingerprint(db), state_rows(db) };
}

static void must_be_unchanged(const struct untouched *u, const char *what)
{
    test_same_text(what, test_fingerprint(u->db), u->schema);
    test_same_text(what, state_rows(u->db), u->rows);
}

static void must_be_refused(const struct bad *b, const char *db)
{
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
}

/* One database for all rows of a state, which it costs nothing. */
START_TEST(bad_input_costs_nothing)
{
    struct untouched u = untouched((enum state)_i);

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if ((int)bad[i].state == _i) {
            must_be_refused(&bad[i], u.db);
            must_be_unchanged(&u, bad[i].what);
        }
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
    { "a dry rollback of what has not begun", STARTED, { "rollback", "p", "--dry-run" }, "ok" },
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

static void must_do_nothing(const struct quiet *q, const char *db)
{
    struct bad b = { .what = q->what, .state = q->state };
    struct ran ran;

    memcpy(b.args, q->args, sizeof b.args);
    ran = run_bad(&b, db, true);
    EXITS(ran, 0);
    CONTAINS(ran.out, arena_printf(test_arena(), "\"ok\":true,\"code\":\"%s\"", q->code));
}

START_TEST(what_has_nothing_to_do_changes_nothing)
{
    struct untouched u = untouched((enum state)_i);

    for (size_t i = 0; i < ARRAY_LEN(quiet); i++)
        if ((int)quiet[i].state == _i) {
            must_do_nothing(&quiet[i], u.db);
            must_be_unchanged(&u, quiet[i].what);
        }
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
    { STARTED, { "rollback", "p", "--dry-run" }, "p: a dry run; the run would be called off", "undone" },
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

static void must_say(const struct told *t, const char *db)
{
    struct bad b = { .what = t->says, .state = t->state };
    struct ran ran;

    memcpy(b.args, t->args, sizeof b.args);
    ran = run_bad(&b, db, false);
    EXITS(ran, 0);
    CONTAINS(arena_printf(test_arena(), "%s%s", ran.out, ran.err), t->says);
    ck_assert_msg(!t->hides || !strstr(ran.out, t->hides), "%s", ran.out);
}

START_TEST(answers_are_plain)
{
    const char *db = database_in((enum state)_i);

    for (size_t i = 0; i < ARRAY_LEN(told); i++)
        if ((int)told[i].state == _i)
            must_say(&told[i], db);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("cli_input");
    TCase *tc = support_case(suite, "states", 400);

    support_cases(tc, bad_input_costs_nothing, 0, STATE_COUNT);
    support_cases(tc, what_has_nothing_to_do_changes_nothing, 0, STATE_COUNT);
    support_cases(tc, answers_are_plain, 0, STATE_COUNT);
    return suite;
}

int main(void)
{
    return support_run(suite());
}
