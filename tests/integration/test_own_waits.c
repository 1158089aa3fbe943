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

static Suite *suite(void)
{
    Suite *s = suite_create("own_waits");
    TCase *tc = support_case(s, "own_waits", 60);

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_loop_test(tc, whoever_pauses_is_obeyed, 0, ARRAY_LEN(waiting));
    tcase_add_loop_test(tc, whoever_rolls_back_is_let_in, 0, ARRAY_LEN(waiting));
    return s;
}

int main(void)
{
    return support_run(suite());
}
