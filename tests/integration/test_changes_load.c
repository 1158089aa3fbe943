/*
 * Two renames on one table, a drop beside them: clients of old code, of new code and
 * of code that has one of the new names write all the time, and note in the same
 * transaction what they wrote; the program is killed at random.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support.h"

enum { ROWS = 3000, CLIENTS = 3, ID_MOST = 200, KILLS = 40 };

static const char *db, *url, *file;
static PGconn *conn;
static unsigned seed;

#define TABLE                                                                                      \
    "CREATE TABLE public.t (id int PRIMARY KEY, a text NOT NULL UNIQUE, b int DEFAULT 7, c text);"

static const char changes[] = "plan: p\nchanges:\n"
                              "  - rename_column: {table: public.t, from: a, to: x}\n"
                              "  - drop_column: {table: public.t, column: c}\n"
                              "  - rename_column: {table: public.t, from: b, to: y}\n"
                              "settings:\n  batch_rows: {start: 100, max: 200}\n";

static void setup(void)
{
    const char *given = getenv("ORCHESTRATE_SEED");

    seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
    printf("seed %u (ORCHESTRATE_SEED=%u repeats it)\n", seed, seed);
    db = test_database("empty");
    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    conn = test_connect(db, "app");
    test_sql(conn,
             TABLE "INSERT INTO public.t SELECT i, 'row ' || i, i FROM generate_series(1, %d) i;"
                   "CREATE TABLE public.ledger (id int PRIMARY KEY, a text, b int);"
                   "INSERT INTO public.ledger SELECT id, a, b FROM public.t;"
                   "CREATE SEQUENCE public.next_id START %d",
             ROWS, ROWS + 1);
    file = test_write("p.yaml", changes);
    EXITS(ORCHESTRATE(url, "start", file), 0);
}

/* --- the application ---------------------------------------------------------- */

static volatile sig_atomic_t ended;

static void end(int signal)
{
    (void)signal;
    ended = 1;
}

/* One write and its note; what is not committed counts for nothing. */
static bool write_one(PGconn *own, const char *a, const char *b, int n)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    char sql[600];
    int id = rand() % ID_MOST + 1;

    switch (rand() % 4) {
    case 0:
        snprintf(sql, sizeof sql,
                 "BEGIN; WITH w AS (INSERT INTO public.t (id, %s, %s) VALUES (nextval('next_id'),"
                 " 'new %d %d', %d) RETURNING id, %s, %s) INSERT INTO public.ledger SELECT * FROM"
                 " w; COMMIT",
                 a, b, (int)getpid(), n, n, a, b);
        break;
    case 1:
        snprintf(sql, sizeof sql,
                 "BEGIN; UPDATE public.t SET %s = 'up %d %d' WHERE id = %d;"
                 "UPDATE public.ledger SET a = 'up %d %d' WHERE id = %d; COMMIT",
                 a, (int)getpid(), n, id, (int)getpid(), n, id);
        break;
    case 2:
        snprintf(sql, sizeof sql,
                 "BEGIN; UPDATE public.t SET %s = %d WHERE id = %d;"
                 "UPDATE public.ledger SET b = %d WHERE id = %d; COMMIT",
                 b, n, id, n, id);
        break;
    default:
        snprintf(sql, sizeof sql,
                 "BEGIN; UPDATE public.t SET %s = 'both %d %d', %s = -%d WHERE id = %d;"
                 "UPDATE public.ledger SET a = 'both %d %d', b = -%d WHERE id = %d; COMMIT",
                 a, (int)getpid(), n, b, n, id, (int)getpid(), n, n, id);
    }
    res = PQexec(own, sql);
    if (PQresultStatus(res) == PGRES_COMMAND_OK)
        return true;
    fprintf(stderr, "%s\n%s", sql, PQerrorMessage(own));
    return false;
}

/* A process that writes by these two names until it is told to end. */
static pid_t client(const char *a, const char *b)
{
    pid_t pid = fork();
    PGconn *own;

    ck_assert_int_ge(pid, 0);
    if (pid)
        return pid;
    signal(SIGTERM, end);
    srand((unsigned)getpid());
    own = PQconnectdb(url);
    if (PQstatus(own) != CONNECTION_OK)
        _exit(2);
    for (int n = 1; !ended; n++) {
        if (!write_one(own, a, b, n))
            _exit(1);
        usleep(2000);
    }
    _exit(0);
}

enum code { OLD = 1, NEW = 2, MIXED = 4 };

static pid_t clients[CLIENTS];

static void go(unsigned codes)
{
    clients[0] = codes & OLD ? client("a", "b") : 0;
    clients[1] = codes & NEW ? client("x", "y") : 0;
    clients[2] = codes & MIXED ? client("a", "y") : 0;
}

static void stop(const char *where)
{
    for (int i = 0; i < CLIENTS; i++) {
        int status;

        if (!clients[i])
            continue;
        kill(clients[i], SIGTERM);
        ck_assert_int_eq(waitpid(clients[i], &status, 0), clients[i]);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: client %d: %d", where, i,
                      status);
    }
}

static void compare(const char *where, const char *a, const char *b)
{
    const char *wrong = test_rows(conn,
                                  "SELECT coalesce(t.id, l.id), t.%s, l.a, t.%s, l.b FROM public.t"
                                  " FULL JOIN public.ledger l ON l.id = t.id WHERE (t.%s, t.%s)"
                                  " IS DISTINCT FROM (l.a, l.b) LIMIT 5",
                                  a, b, a, b);

    ck_assert_msg(!*wrong, "%s, by %s and %s:\n%s", where, a, b, wrong);
}

/* --- phase by phase ------------------------------------------------------------ */

static const struct {
    const char *const args[6];
    const char *phase;
    unsigned codes; /* that work meanwhile and afterwards */
    bool old_names, new_names;
} stages[] = {
    { { "advance", "p" }, "expand", OLD, true, false },
    { { "advance", "p" }, "dual-write", OLD, true, false },
    { { "advance", "p" }, "backfill", OLD, true, true },
    { { "rollback", "p", "--to", "start" }, "", OLD, true, false },
    { { "start", NULL, "--again" }, "", OLD, true, false },
    { { "advance", "p", "--to", "backfill", "--fast" }, "backfill", OLD, true, true },
    { { "advance", "p" }, "verify", OLD, true, true },
    { { "advance", "p" }, "switch", OLD | NEW | MIXED, true, true },
    { { "rollback", "p" }, "verify", OLD | NEW | MIXED, true, true },
    { { "resume", "p" }, "verify", OLD | NEW | MIXED, true, true },
    { { "advance", "p" }, "switch", OLD | NEW | MIXED, true, true },
    { { "advance", "p", "--override", "old_name_idle", "--because", "x" },
      "retire",
      NEW,
      false,
      true },
    { { "rollback", "p" }, "switch", NEW, true, true },
    { { "resume", "p" }, "switch", OLD | NEW | MIXED, true, true },
    { { "advance", "p", "--override", "old_name_idle", "--because", "x" },
      "retire",
      NEW,
      false,
      true },
    { { "advance", "p", "--confirm", "p" }, "contract", NEW, false, true },
};

START_TEST(every_committed_write_is_seen_by_both_pairs_of_names)
{
    setup();
    for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
        const char *args[8] = { NULL };
        const char *where = arena_printf(test_arena(), "stage %zu (%s)", i, stages[i].phase);
        struct ran ran;

        for (size_t k = 0; k < 6 && (stages[i].args[k] || k == 1); k++)
            args[k] = stages[i].args[k] ? stages[i].args[k] : file;
        go(stages[i].codes);
        ran = test_orchestrate(url, args);
        usleep(200000);
        stop(where);
        EXITS(ran, 0);
        if (*stages[i].phase)
            ck_assert_str_eq(
                test_value(conn, "SELECT p.name FROM orchestrate.transition t JOIN"
                                 " orchestrate.phase p ON p.run = t.run AND p.ord = t.to_phase -"
                                 " (t.to_state = 'undone')::int ORDER BY t.run DESC, t.seq DESC"
                                 " LIMIT 1"),
                stages[i].phase);
        if (stages[i].old_names)
            compare(where, "a", "b");
        if (stages[i].new_names)
            compare(where, "x", "y");
    }
}
END_TEST

/* --- killed ----------------------------------------------------------------- */

/* Each kill in a row leaves the next one more time, so that a slow machine gets on. */
static bool killed_or_done(const char *const *args, unsigned in_a_row, int *kills)
{
    struct ran ran = test_spawn(url, args, NULL);

    usleep((unsigned)rand_r(&seed) % (300 + 60 * in_a_row) * 1000);
    kill(ran.pid, SIGKILL);
    test_finish(&ran, 60);
    *kills += ran.status == 128 + SIGKILL;
    ck_assert_msg(ran.status == 0 || ran.status == 6 || ran.status == 128 + SIGKILL,
                  "exit %d\n%s\n%s", ran.status, ran.out, ran.err);
    return ran.status == 0 && !strstr(ran.out, "\"code\":\"in_progress\"") &&
           !strstr(ran.out, "\"code\":\"held\"");
}

/* There to a phase, back to the start, and so on; at last to the end. */
START_TEST(killed_in_the_middle_it_comes_to_the_same_end)
{
    static const char *const phases[] = { "dual-write", "verify", "switch", "retire" };
    const char *twin, *before;
    int kills = 0, rounds = 0;

    setup();
    before = test_fingerprint(db);
    for (; kills < KILLS / test_share(); rounds++) {
        const char *there[] = {
            "advance", "p", "--to", phases[rounds % 4], "--fast", "--json", NULL
        };
        const char *back[] = { "rollback", "p", "--to", "start", "--json", NULL };
        const char *again[] = { "start", file, "--again", NULL };

        for (unsigned k = 0; !killed_or_done(there, k, &kills); k++)
            continue;
        for (unsigned k = 0; !killed_or_done(back, k, &kills); k++)
            continue;
        test_same_text("undone", test_fingerprint(db), before);
        compare("undone", "a", "b");
        EXITS(test_orchestrate(url, again), 0);
    }
    printf("%d kills in %d rounds\n", kills, rounds);
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", "contract", "--confirm", "p", "--fast"), 0);
    compare("the end", "x", "y");
    twin = test_database("empty");
    test_sql(test_connect(twin, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(twin, "app"),
             TABLE
             "CREATE TABLE public.ledger (id int PRIMARY KEY, a text, b int);"
             "CREATE SEQUENCE public.next_id START %d;"
             "ALTER TABLE public.t RENAME COLUMN a TO x; ALTER TABLE public.t RENAME COLUMN b TO y;"
             "ALTER TABLE public.t DROP COLUMN c",
             ROWS + 1);
    test_same_schema(db, twin);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("changes_load");
    TCase *tc = support_case(s, "changes_load", 500);

    tcase_add_test(tc, every_committed_write_is_seen_by_both_pairs_of_names);
    tcase_add_test(tc, killed_in_the_middle_it_comes_to_the_same_end);
    return s;
}

int main(void)
{
    return support_run(suite());
}
