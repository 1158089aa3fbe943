/*
 * support.h - what integration tests share.
 *
 * A test program is one cluster.  main() is
 *
 *     int main(void) { return support_run(suite()); }
 *
 * and each test makes the databases it needs from a template, runs statements
 * and the program against them, and forgets about them: they go with the test,
 * the cluster with the program.  Everything here ends the test when it fails,
 * so that a test reads as the rule it states.
 */
#ifndef ORCHESTRATE_TESTS_SUPPORT_H
#define ORCHESTRATE_TESTS_SUPPORT_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "orchestrate/base/arena.h"
#include "orchestrate/base/attr.h"
#include "orchestrate/pg/pg.h"

/* ---- the program ---- */

/* Starts the cluster, runs the suite, prints what was skipped, cleans up; returns main's status. */
int support_run(Suite *suite);

/* Further lines of postgresql.conf, ended by NULL; to be called before support_run. */
void support_settings(const char *const *lines);

/* A test case with a watchdog: a test that takes longer is killed with all it started. */
TCase *support_case(Suite *suite, const char *name, int seconds);

/*
 * ORCHESTRATE_SHARE=3 takes every third case, 3:1 the others of them: for runs that are one
 * of several.  1 when unset.
 */
int test_share(void);
/* Of a sweep over many cases. */
bool test_is_in_share(int which);
/*
 * Adds the cases [from, to) of a loop test.  Of a table of many, and of a few that each take
 * long, a third is enough for one run of several: the others of them are in another share.
 */
#define support_cases(tc, test, from, to) support_share_cases((tc), (test), (from), (int)(to), 16)
#define support_long_cases(tc, test, from, to)                                                     \
    support_share_cases((tc), (test), (from), (int)(to), 8)
/* smallest: the share from which on a third of them is taken. */
void support_share_cases(TCase *tc, const TTest *test, int from, int to, int smallest);

/* ---- one test ---- */

/* Memory that lives as long as the test. */
struct arena *test_arena(void);

/*
 * Reasons for which a test may be left out; there are no others.  They are
 * counted and printed at the end.  X(name, text)
 */
/* clang-format off */
#define SKIPS(X)                                                                       \
    X(SKIP_OLD_SERVER,  "this server version does not have the feature")               \
    X(SKIP_NO_PG_DUMP,  "there is no pg_dump for this server version")                 \
    X(SKIP_NO_PAGILA,   "the sample database pagila is not beside the source")         \
    X(SKIP_NO_ORACLE,   "the second fingerprint is not beside the source")             \
    X(SKIP_NO_FAULTS,   "the program was built without -DORCHESTRATE_FAULTS=ON")       \
    X(SKIP_NO_JSONSCHEMA, "python3 has no jsonschema and yaml")                        \
    X(SKIP_NO_MAN,      "there is no man")                                             \
    X(SKIP_NO_ZSH,      "there is no zsh")                                             \
    X(SKIP_NO_FISH,     "there is no fish")                                            \
    X(SKIP_NO_PGBOUNCER, "there is no pgbouncer (Debian: package pgbouncer)")          \
    X(SKIP_NOT_ROOT,    "needs root, to become other users")
/* clang-format on */
enum skip {
#define X(name, text) name,
    SKIPS(X)
#undef X
        SKIP_COUNT
};
void test_skipped(enum skip why, const char *test);

/* Leaves the test: if (!possible) TEST_SKIP(SKIP_NO_PG_DUMP); */
#define TEST_SKIP(why)                                                                             \
    do {                                                                                           \
        test_skipped((why), __func__);                                                             \
        return;                                                                                    \
    } while (0)

/* ---- databases ---- */

/*
 * Roles: `app` owns every database and table and is as ordinary as can be;
 * `migrator` is a member of app and may set session_replication_role (from
 * Postgres 15 on); `stranger` may connect and nothing else; `reader` and
 * `writer` hold grants.  `postgres` is the superuser.
 *
 * Templates: "empty"; "fixture": tests/fixture/schema*.sql with its rows;
 * "loaded": tests/fixture/loaded*.sql; "pagila": the sample database, where
 * test_file_exists(PAGILA).
 */
#define PAGILA "../shared/data/pagila/schema.sql"
const char *test_database(const char *template);
/* Before the test ends, where it makes many. */
void test_database_drop(const char *database);
const char *test_url(const char *database, const char *role);

/* The least role that may set session_replication_role: `migrator`; before 15, `postgres`. */
const char *test_migrator(void);
int test_server_major(void);

PGconn *test_connect(const char *database, const char *role);
void test_sql(PGconn *conn, const char *fmt, ...) PRINTF(2, 3); /* one or more statements */
const char *test_value(PGconn *conn, const char *fmt, ...)
    PRINTF(2, 3); /* "" for NULL, or no row */
int64_t test_count(PGconn *conn, const char *fmt, ...) PRINTF(2, 3);
const char *test_rows(PGconn *conn, const char *fmt, ...) PRINTF(2, 3); /* a|b\nc|d */
const char *test_sqlstate(PGconn *conn, const char *fmt, ...)
    PRINTF(2, 3); /* "" when it succeeded */

/* Waits until the query's first value is true; the test fails after `seconds`. */
void test_wait(PGconn *conn, int seconds, const char *fmt, ...) PRINTF(3, 4);

/* The catalog as text, without what is in our own schema (src/sql/cluster/fingerprint.sql). */
const char *test_fingerprint(const char *database);
/* What a second, independent fingerprint says; "" where it is absent, which counts as skipped. */
const char *test_oracle(const char *database);
void test_same_text(const char *what, const char *got,
                    const char *wanted); /* shows the first difference */
void test_same_schema(const char *database, const char *twin);

/* pg_dump --schema-only without our schema; NULL when no pg_dump fits this server. */
const char *test_dump(const char *database);

/* A new database, restored from a pg_dump of this one; NULL when no pg_dump fits this server. */
const char *test_restored(const char *database);

/* ---- files; relative ones are relative to the root of the source ---- */

const char *test_path(const char *path);
bool test_file_exists(const char *path);
const char *test_file(const char *path);
/* A new file with this text in the test's own folder; returns its path. */
const char *test_write(const char *name, const char *text);

/* ---- programs ---- */

struct ran {
    pid_t pid;
    int out_fd, err_fd;
    int status; /* exit status; 128 + n when signal n ended it, as a shell says it */
    double ms;  /* how long it took */
    const char *out, *err;
};

/*
 * The binary under test with these arguments, and with ORCHESTRATE_DATABASE_URL
 * set to `url` (NULL: not set).  No other PG* or DATABASE_URL variable reaches
 * it; stdin is empty.  Longer than `seconds`: the test fails.
 *
 *     struct ran ran = ORCHESTRATE(url, "advance", "--json");
 */
struct ran test_orchestrate(const char *url, const char *const *args);
#define ORCHESTRATE(url, ...) test_orchestrate((url), (const char *const[]){ __VA_ARGS__, NULL })

/* The list with --override for each gate (split by blanks; NULL: none) and --because. */
const char *const *test_with_overrides(const char *const *args, const char *gates);

/* The same in two halves, to do something to it meanwhile.  Variables: "NAME=value", ended by NULL.
 */
struct ran test_spawn(const char *url, const char *const *args, const char *const *variables);
void test_finish(struct ran *ran, int seconds);

/*
 * A script of sh in which `orchestrate` is the binary under test; the environment
 * is that of test_spawn.  To be ended by test_finish.
 */
struct ran test_shell(const char *url, const char *script, const char *const *variables);

/* Any other program: argv[0] is looked up in PATH; with the environment of the test. */
struct ran test_command(const char *const *argv, int seconds);

/* Asserts an exit status; shows stdout and stderr when it is another. */
void test_exit(const struct ran *ran, int status, const char *file, int line);
#define EXITS(how, status)                                                                         \
    do {                                                                                           \
        struct ran ran_ = (how);                                                                   \
                                                                                                   \
        test_exit(&ran_, (status), __FILE__, __LINE__);                                            \
    } while (0)

/* Asserts that the text contains this. */
void test_contains(const char *text, const char *part, const char *file, int line);
#define CONTAINS(text, part) test_contains((text), (part), __FILE__, __LINE__)

#endif
