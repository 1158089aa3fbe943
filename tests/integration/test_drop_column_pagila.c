/*
 * drop_column on each column of pagila.
 */
#include "plans.h"
#include "support.h"
#include "sweep.h"

static const char *drop_change(const struct sweep_item *item)
{
    return arena_printf(test_arena(), "drop_column: {table: %s, column: %s}",
                        test_yaml(item->table), test_yaml(item->name));
}

static const char *drop_plainly(const struct sweep_item *item)
{
    return arena_printf(test_arena(), "ALTER TABLE %s DROP COLUMN %s", item->table,
                        pg_ident(test_arena(), item->name));
}

START_TEST(every_column_of_pagila_is_dropped_or_refused_with_a_reason)
{
    struct sweep_tally tally;

    if (!test_file_exists(PAGILA))
        TEST_SKIP(SKIP_NO_PAGILA);
    tally = sweep(&(struct sweep){ .title = "pagila, drop_column",
                                   .template = "pagila",
                                   .items = SWEEP_COLUMNS,
                                   .change = drop_change,
                                   .plain = drop_plainly,
                                   .overrides = "function_bodies",
                                   .held_by = "trigger_functions",
                                   .apart = true });
    /* Of a small share all may be refused. */
    ck_assert_int_gt(tally.done + tally.refused, 0);
    if (test_share() == 1)
        ck_assert_int_gt(tally.done, 20);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("drop_column_pagila");

    tcase_add_test(support_case(s, "pagila", SWEEP_SECONDS),
                   every_column_of_pagila_is_dropped_or_refused_with_a_reason);
    return s;
}

int main(void)
{
    return support_run(suite());
}
