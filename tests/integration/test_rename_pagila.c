/*
 * rename_column of every column of the sample database pagila: a schema that
 * somebody else made.
 */
#include "rename_sweep.h"

START_TEST(every_column_of_pagila_is_renamed_or_refused_with_a_reason)
{
    if (!test_file_exists(PAGILA))
        TEST_SKIP(SKIP_NO_PAGILA);
    ck_assert_int_gt(rename_every_column("pagila").done, 40 / test_share());
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("rename_pagila");

    tcase_add_test(support_case(s, "columns", SWEEP_SECONDS),
                   every_column_of_pagila_is_renamed_or_refused_with_a_reason);
    return s;
}

int main(void)
{
    return support_run(suite());
}
