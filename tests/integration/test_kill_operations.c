/*
 * Each operation, killed at random moments: forward, back to the start, forward again.
 */
#include "every_operation.h"
#include "support.h"

START_TEST(killed_at_any_moment_it_comes_to_the_same_end)
{
    op_killed(&every_operation[_i]);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("kill_operations");

    tcase_add_loop_test(support_case(s, "operations", 300),
                        killed_at_any_moment_it_comes_to_the_same_end, 0,
                        ARRAY_LEN(every_operation));
    return s;
}

int main(void)
{
    return support_run(suite());
}
