/*
 * rename_column of every column of the fixture, which has one of everything that
 * can hang on a column.
 */
#include "rename_sweep.h"

START_TEST(every_column_of_the_fixture_is_renamed_or_refused_with_a_reason)
{
    ck_assert_int_gt(rename_every_column("fixture").done, 60 / test_share());
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("rename_sweep");

    tcase_add_test(support_case(s, "columns", SWEEP_SECONDS),
                   every_column_of_the_fixture_is_renamed_or_refused_with_a_reason);
    return s;
}

int main(void)
{
    return support_run(suite());
}
