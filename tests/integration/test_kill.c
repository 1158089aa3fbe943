/*
 * Killed anywhere, nothing lost: SIGKILL at random moments; the same command
 * again continues and ends in the same schema, the same rows, a truthful history.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "plans.h"
#include "support.h"

enum { KILLS = 100, ROWS = 20000 };

static const char *db, *twin, *url;
static PGconn *conn;
static unsigned seed;

/* Small batches and rests make the backfill long enough to be hit often. */
static const char slow[] = "settings:\n  batch_rows: {start: 100, max: 200}\n  duty: 30%\n";

static const char table[] =
    "CREATE SCHEMA shop;"
    "CREATE TABLE shop.item (id int PRIMARY KEY, a text NOT NULL DEFAULT 'none' UNIQUE, n int);"
    "CREATE INDEX item_n ON shop.item (n, a);"
    "COMMENT ON COLUMN shop.item.a IS 'what it is called'";

static void setup(void)
{
    const char *given = getenv("ORCHESTRATE_SEED");

    seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
    printf("seed %u (ORCHESTRATE_SEED=%u repeats it)\n", seed, seed);
    db = test_database("empty");
    twin = test_database("empty");
    url = test_url(db, "app");
    conn = test_connect(db, "app");
    test_sql(conn,
             "%s; INSERT INTO shop.item SELECT g, 'row ' || g, g FROM generate_series(1, %d) g",
             table, ROWS);
}

static void nap(unsigned ms)
{
    usleep(ms * 1000);
}

/*
 * Runs the command and kills it; true when it came to its end before.  Where the
 * machine is slow, each kill in a row leaves the next one more time: else it would
 * be killed for ever before it gets on.
 */
static bool killed_or_done(const char *const *args, unsigned longest_ms, unsigned in_a_row,
                           int *kills)
{
    struct ran ran = test_spawn(url, args, NULL);

    nap((unsigned)rand_r(&seed) % (longest_ms + longest_ms * in_a_row / 20));
    kill(ran.pid, SIGKILL);
    test_finish(&ran, 60);
    if (ran.status == 128 + SIGKILL) {
        (*kills)++;
        return false;
    }
    /* 0: done, held, or the backend of the one before still lives; 6: it holds a lock. */
    ck_assert_msg(ran.status == 0 || ran.status == 6, "exit %d\n%s\n%s", ran.status, ran.out,
                  ran.err);
    if (ran.status == 6 || strstr(ran.out, "\"code\":\"in_progress\"") ||
        strstr(ran.out, "\"code\":\"held\"")) {
        nap(100);
        return false;
    }
    return true;
}

static void check_rows(const char *column)
{
    ck_assert_int_eq(
        ROWS, test_count(conn, "SELECT count(*) FROM shop.item WHERE %s = 'row ' || id AND n = id",
                         column));
    ck_assert_int_eq(ROWS, test_count(conn, "SELECT count(*) FROM shop.item"));
}

static void check_history(const char *name)
{
    ck_assert_int_eq(
        7, test_count(
               conn,
               "SELECT count(*) FROM orchestrate.transition t JOIN orchestrate.plan p USING (run)"
               " WHERE p.name = '%s' AND t.to_state = 'done'",
               name));
    ck_assert_int_eq(
        0,
        test_count(conn, "SELECT count(*) FROM orchestrate.transition WHERE to_state = 'failed'"));
}

START_TEST(killed_at_random_moments_it_always_comes_to_the_same_end)
{
    int kills = 0, n = 0;

    setup();
    for (; kills < KILLS / test_share(); n++) {
        const char *from = n % 2 ? "b" : "a", *to = n % 2 ? "a" : "b";
        const char *name = arena_printf(test_arena(), "rename-%d", n);
        const char *start[] = { "start", test_rename_plan(name, "shop.item", from, to, slow),
                                NULL };
        const char *advance[] = { "advance",   name, "--to",   "contract",
                                  "--confirm", name, "--json", NULL };

        for (unsigned k = 0; !killed_or_done(start, 300, k, &kills); k++)
            continue;
        /* Mostly short ones; now and then long enough to come to an end. */
        for (unsigned k = 0;
             !killed_or_done(advance, rand_r(&seed) % 4 ? 150 : 1500, k, &kills) ||
             strcmp(test_value(
                        conn, "SELECT ended_at IS NOT NULL FROM orchestrate.plan WHERE name = '%s'",
                        name),
                    "t") != 0;
             k++)
            ck_assert_int_lt(kills, 20 * KILLS);
        check_rows(to);
        check_history(name);
    }
    printf("%d kills over %d renames\n", kills, n);
    conn = test_connect(twin, "app");
    test_sql(conn, "%s", table);
    if (n % 2)
        test_sql(conn, "ALTER TABLE shop.item RENAME COLUMN a TO b");
    test_same_schema(db, twin);
}
END_TEST

START_TEST(an_undo_killed_at_random_moments_is_finished_by_the_same_command)
{
    int kills = 0;

    setup();
    for (int n = 0; kills < KILLS / 4 / test_share(); n++) {
        const char *name = arena_printf(test_arena(), "back-%d", n);
        const char *rollback[] = { "rollback", name, "--to", "start", "--json", NULL };
        struct ran ran =
            ORCHESTRATE(url, "start", test_rename_plan(name, "shop.item", "a", "b", NULL));

        EXITS(ran, 0);
        ran = ORCHESTRATE(url, "advance", name, "--to", n % 2 ? "retire" : "switch", "--fast");
        EXITS(ran, 0);
        for (unsigned k = 0;
             !killed_or_done(rollback, 120, k, &kills) ||
             strcmp(test_value(
                        conn, "SELECT ended_at IS NOT NULL FROM orchestrate.plan WHERE name = '%s'",
                        name),
                    "t") != 0;
             k++)
            ck_assert_int_lt(kills, 20 * KILLS);
        check_rows("a");
    }
    conn = test_connect(twin, "app");
    test_sql(conn, "%s", table);
    test_same_schema(db, twin);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("kill");
    TCase *tcase = support_case(s, "kill", 500);

    tcase_add_test(tcase, killed_at_random_moments_it_always_comes_to_the_same_end);
    tcase_add_test(tcase, an_undo_killed_at_random_moments_is_finished_by_the_same_command);
    return s;
}

int main(void)
{
    return support_run(suite());
}
