/*
 * Killed while it renames a column of a partitioned table: at each point between
 * two effects, where the program was built with them, and at random moments.
 * The same command again comes to the same end.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "orchestrate/base/clock.h"
#include "plans.h"
#include "support.h"

enum { KILLS = 25, ROWS = 5000 };

static const char tables[] =
    "CREATE SCHEMA shop;"
    "CREATE TABLE shop.part (id bigint, k int, a text DEFAULT 'none', PRIMARY KEY (id, k))"
    " PARTITION BY RANGE (k);"
    "CREATE TABLE shop.p1 PARTITION OF shop.part FOR VALUES FROM (0) TO (10);"
    "CREATE TABLE shop.p2 PARTITION OF shop.part FOR VALUES FROM (10) TO (20)"
    " PARTITION BY RANGE (id);"
    "CREATE TABLE shop.p21 PARTITION OF shop.p2 FOR VALUES FROM (0) TO (3000);"
    "CREATE TABLE shop.p22 PARTITION OF shop.p2 DEFAULT;"
    "CREATE INDEX part_a ON shop.part (a);"
    "CREATE UNIQUE INDEX part_u ON shop.part (a, k, id);";

static const char *db, *url;
static PGconn *conn;

static void setup(void)
{
    db = test_database("empty");
    url = test_url(db, "app");
    conn = test_connect(db, "app");
    test_sql(conn,
             "%s INSERT INTO shop.part SELECT g, g %% 20, 'v' || g FROM generate_series(1, %d) g",
             tables, ROWS);
}

static bool over(const char *name)
{
    return test_count(conn,
                      "SELECT count(*) FROM orchestrate.plan WHERE name = '%s'"
                      " AND ended_at IS NOT NULL",
                      name) > 0;
}

static const char *start(int n)
{
    const char *name = arena_printf(test_arena(), "part-%d", n);
    struct ran ran = ORCHESTRATE(
        url, "start",
        test_rename_plan(name, "shop.part", n % 2 ? "b" : "a", n % 2 ? "a" : "b", NULL));

    EXITS(ran, 0);
    return name;
}

/* Nothing is lost, nothing of ours is left, and what is there is what a plain rename makes. */
static void check_end(int n)
{
    const char *twin = test_database("empty");
    PGconn *other = test_connect(twin, "app");

    ck_assert_int_eq(ROWS, test_count(conn, "SELECT count(*) FROM shop.part WHERE %s = 'v' || id",
                                      n % 2 ? "a" : "b"));
    test_sql(other, "%s", tables);
    if (n % 2 == 0)
        test_sql(other, "ALTER TABLE shop.part RENAME COLUMN a TO b");
    test_same_schema(db, twin);
    PQfinish(other);
}

static void never_failed(void)
{
    ck_assert_int_eq(
        0,
        test_count(conn, "SELECT count(*) FROM orchestrate.transition WHERE to_state = 'failed'"));
}

/* The connection of a killed process may live on for a moment. */
static void wait_for_backends(void)
{
    test_wait(conn, 30,
              "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name LIKE"
              " 'orchestrate%%' AND pid <> pg_backend_pid()");
}

/*
 * The third or fourth point of each call: then it gets on by at least one effect,
 * as a step outside a transaction passes two before it does anything.
 */
START_TEST(killed_at_every_point_it_goes_on_where_it_was)
{
    const char *const fault[] = { arena_printf(test_arena(), "ORCHESTRATE_FAULT=*:%d", _i), NULL };
    int kills = 0;

    setup();
    for (int n = 0; n < 2; n++) {
        const char *name = start(n);
        const char *advance[] = { "advance",   name, "--to",   "contract", "--fast",
                                  "--confirm", name, "--json", NULL };

        while (!over(name)) {
            struct ran ran = test_spawn(url, advance, fault);

            test_finish(&ran, 60);
            if (ran.status == 0 && kills == 0)
                TEST_SKIP(SKIP_NO_FAULTS);
            ck_assert_msg(ran.status == 0 || ran.status == 128 + SIGKILL, "exit %d\n%s\n%s",
                          ran.status, ran.out, ran.err);
            kills += ran.status != 0;
            ck_assert_int_lt(kills, 500);
            wait_for_backends();
        }
        check_end(n);
        never_failed();
    }
    printf("%d kills\n", kills);
    ck_assert_int_gt(kills, 20);
}
END_TEST

static bool killed(const char *const *args, unsigned *seed, int longest_ms, int *kills)
{
    struct ran ran = test_spawn(url, args, NULL);

    clock_sleep(rand_r(seed) % longest_ms);
    kill(ran.pid, SIGKILL);
    test_finish(&ran, 60);
    if (ran.status == 128 + SIGKILL)
        return (*kills)++, true;
    ck_assert_msg(ran.status == 0 || ran.status == 6, "exit %d\n%s\n%s", ran.status, ran.out,
                  ran.err);
    return false;
}

START_TEST(killed_at_random_moments_forward_and_back_it_comes_to_the_same_end)
{
    const char *given = getenv("ORCHESTRATE_SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
    int kills = 0, n = 0;

    printf("seed %u (ORCHESTRATE_SEED=%u repeats it)\n", seed, seed);
    setup();
    for (; kills < KILLS; n++) {
        const char *name = start(n);
        const char *verify[] = { "advance", name, "--to", "verify", "--fast", NULL };
        const char *rollback[] = { "rollback", name, "--to", "dual-write", NULL };
        const char *advance[] = { "advance", name,        "--to", "contract",
                                  "--fast",  "--confirm", name,   NULL };
        struct ran ran;

        while (killed(verify, &seed, 400, &kills))
            wait_for_backends();
        while (killed(rollback, &seed, 150, &kills))
            wait_for_backends();
        ran = ORCHESTRATE(url, "resume", name);
        EXITS(ran, 0);
        while (!over(name)) {
            killed(advance, &seed, 700, &kills);
            wait_for_backends();
        }
        check_end(n);
        never_failed();
    }
    printf("%d kills over %d renames\n", kills, n);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("kill_partitions");
    TCase *tcase = support_case(s, "kill", 280);

    tcase_add_loop_test(tcase, killed_at_every_point_it_goes_on_where_it_was, 3, 5);
    tcase_add_test(tcase, killed_at_random_moments_forward_and_back_it_comes_to_the_same_end);
    return s;
}

int main(void)
{
    return support_run(suite());
}
