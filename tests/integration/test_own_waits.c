/*
 * A step of a plan's own that waits for a lock: whoever pauses the plan, or rolls it back, does
 * not wait with it.
 */
#include <unistd.h>

#include "own_fixture.h"

/* clang-format off */
static const char *const waiting[] = {
    "      - backfill: {table: shop.log, set: {what: \"'x'\"}}\n        undo: none\n",
    "      - sql: VACUUM FULL shop.log\n        verify: SELECT false\n        undo: none\n",
    "      - sql: ALTER TABLE shop.log ADD COLUMN n int\n        undo: none\n",
};
/* clang-format on */

/* Somebody has the table for as long as his session lasts. */
static struct ran wait_for_it(const char *step)
{
    struct ran ran;

    started(arena_printf(test_arena(), "%s  - name: two\n    steps:\n%s",
                         PHASE("one", SQL("SELECT 1", "none")), step));
    advanced();
    test_sql(test_connect(db, "app"), "BEGIN; LOCK TABLE shop.log IN ACCESS EXCLUSIVE MODE");
    ran = test_spawn(url, (const char *const[]){ "advance", "own", NULL }, NULL);
    test_wait(super, 10, "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory')");
    sleep(1);
    return ran;
}

START_TEST(whoever_pauses_is_obeyed)
{
    struct ran ran = wait_for_it(waiting[_i]);

    EXITS(ORCHESTRATE(url, "pause", "own"), 0);
    test_finish(&ran, 5);
    EXITS(ran, 0);
    CONTAINS(ran.out, "held by paused");
}
END_TEST

START_TEST(whoever_rolls_back_is_let_in)
{
    struct ran ran = wait_for_it(waiting[_i]);

    EXITS(ORCHESTRATE(url, "rollback", "own"), 0);
    test_finish(&ran, 5);
    EXITS(ran, 6);
    CONTAINS(ran.err, "another process takes plan own over");
}
END_TEST

/* The list of the partitions is read again at the end, and waits for the lock, too. */
START_TEST(a_partition_that_somebody_has_locked_is_waited_for)
{
    PGconn *holder = test_connect(db, "app");
    struct ran ran;

    test_sql(holder,
             "CREATE TABLE shop.tree (id int, n int) PARTITION BY RANGE (id);"
             "CREATE TABLE shop.few PARTITION OF shop.tree FOR VALUES FROM (0) TO (10);"
             "CREATE TABLE shop.many PARTITION OF shop.tree FOR VALUES FROM (10) TO (30000);"
             "INSERT INTO shop.tree SELECT generate_series(0, 29999)");
    started(PHASE("one", "      - backfill: {table: shop.tree, set: {n: id}, where: n IS NULL}\n"
                         "        undo: none\n"
                         "settings: {duty: 10%, batch_rows: {start: 100, max: 100}}\n"));
    ran = test_spawn(url, (const char *const[]){ "advance", "own", NULL }, NULL);
    test_wait(super, 10, "SELECT count(*) > 0 FROM shop.many WHERE n IS NOT NULL");
    test_sql(holder, "BEGIN; LOCK TABLE shop.few IN ACCESS EXCLUSIVE MODE");
    test_wait(super, 30, "SELECT count(*) = 29990 FROM shop.many WHERE n IS NOT NULL");
    sleep(4);
    test_sql(holder, "COMMIT");
    test_finish(&ran, 20);
    EXITS(ran, 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("own_waits");
    TCase *tc = support_case(s, "own_waits", 60);

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_loop_test(tc, whoever_pauses_is_obeyed, 0, ARRAY_LEN(waiting));
    tcase_add_loop_test(tc, whoever_rolls_back_is_let_in, 0, ARRAY_LEN(waiting));
    tcase_add_test(tc, a_partition_that_somebody_has_locked_is_waited_for);
    return s;
}

int main(void)
{
    return support_run(suite());
}
