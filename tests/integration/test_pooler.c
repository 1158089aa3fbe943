/*
 * Through PgBouncer: a pooler that hands sessions out by the transaction is refused,
 * one that gives each client a session of its own is as good as none.
 */
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrate/base/clock.h"
#include "plans.h"
#include "support.h"
#include "support_private.h"

enum { PORT = 6432, START_SECONDS = 10 };

static const char *const places[] = { "/usr/sbin/pgbouncer", "/usr/bin/pgbouncer",
                                      "/usr/local/bin/pgbouncer" };

static pid_t pooler;

static const char *find_pgbouncer(void)
{
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        if (access(places[i], X_OK) == 0)
            return places[i];
    return NULL;
}

/* It does not run as root, and it ends with the test. */
static void run_pgbouncer(const char *program, const char *config)
{
    const char *user = support_cluster()->user;

    pooler = fork();
    ck_assert_int_ge(pooler, 0);
    if (pooler)
        return;
    if (user) {
        const struct passwd *pw = getpwnam(user);

        if (!pw || setgroups(0, NULL) || setgid(pw->pw_gid) || setuid(pw->pw_uid))
            _exit(1);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execl(program, program, "-q", config, (char *)NULL);
    _exit(1);
}

/* Where the pooler listens, as a conninfo of the database. */
static const char *start_pooler(const char *database, const char *mode)
{
    const char *program = find_pgbouncer(), *dir, *users, *config, *url;
    int64_t end = clock_ms() + START_SECONDS * 1000;

    if (!program)
        return NULL;
    users = test_write("users.txt", "\"migrator\" \"\"\n\"postgres\" \"\"\n");
    dir = arena_strndup(test_arena(), users, (size_t)(strrchr(users, '/') - users));
    config = test_write("pgbouncer.ini",
                        arena_printf(test_arena(),
                                     "[databases]\n* = host=%s port=%d\n[pgbouncer]\n"
                                     "listen_addr =\nlisten_port = %d\nunix_socket_dir = %s\n"
                                     "auth_type = trust\nauth_file = %s\npool_mode = %s\n"
                                     "logfile = %s/pgbouncer.log\npidfile =\n",
                                     support_cluster()->dir, support_cluster()->port, PORT, dir,
                                     users, mode, dir));
    url = arena_printf(test_arena(), "host=%s port=%d dbname=%s user=%s", dir, PORT, database,
                       test_migrator());
    run_pgbouncer(program, config);
    while (PQping(url) != PQPING_OK) {
        ck_assert_msg(clock_ms() < end, "pgbouncer does not answer");
        ck_assert_int_eq(waitpid(pooler, NULL, WNOHANG), 0);
        clock_sleep(20);
    }
    return url;
}

static void stop_pooler(void)
{
    if (pooler > 0) {
        kill(pooler, SIGKILL);
        waitpid(pooler, NULL, 0);
    }
}

static const char *make(void)
{
    const char *database = test_database("empty");
    PGconn *app = test_connect(database, "app");

    test_sql(app, "CREATE SCHEMA shop; CREATE TABLE shop.person (id int PRIMARY KEY, email text"
                  " UNIQUE); INSERT INTO shop.person SELECT i, 'a' || i FROM"
                  " generate_series(1, 2000) i");
    PQfinish(app);
    return database;
}

START_TEST(sharing_by_transaction_is_refused)
{
    const char *db = make(), *url = start_pooler(db, "transaction");
    PGconn *super = test_connect(db, "postgres");
    struct ran ran;

    if (!url)
        TEST_SKIP(SKIP_NO_PGBOUNCER);
    ran = ORCHESTRATE(url, "start", test_rename_plan("p", "shop.person", "email", "address", NULL));
    EXITS(ran, 78);
    CONTAINS(ran.err, "this connection goes through a transaction pooler");
    CONTAINS(ran.err, "Give the direct connection (for PgBouncer: a database with "
                      "pool_mode=session; for Supabase: port 5432 instead of 6543).");
    ran = ORCHESTRATE(url, "status", "--json");
    EXITS(ran, 78);
    CONTAINS(ran.out, "\"code\":\"config\"");
    ck_assert_int_eq(
        test_count(super, "SELECT count(*) FROM pg_namespace WHERE nspname = 'orchestrate'"), 0);
    stop_pooler();
}
END_TEST

START_TEST(sharing_by_session_is_fine)
{
    const char *db = make(), *twin = make(), *url = start_pooler(db, "session");
    PGconn *app = test_connect(twin, "app");
    struct ran ran;

    if (!url)
        TEST_SKIP(SKIP_NO_PGBOUNCER);
    ran = ORCHESTRATE(url, "start", test_rename_plan("p", "shop.person", "email", "address", NULL));
    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "advance", "p", "--to", "switch", "--fast");
    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "rollback", "p");
    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "resume", "p");
    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "advance", "p", "--to", "contract", "--confirm", "p", "--fast");
    EXITS(ran, 0);
    test_sql(app, "ALTER TABLE shop.person RENAME COLUMN email TO address");
    stop_pooler();
    test_same_schema(db, twin);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("pooler");
    TCase *tc = support_case(s, "pgbouncer", 120);

    tcase_add_test(tc, sharing_by_transaction_is_refused);
    tcase_add_test(tc, sharing_by_session_is_fine);
    return s;
}

int main(void)
{
    return support_run(suite());
}
