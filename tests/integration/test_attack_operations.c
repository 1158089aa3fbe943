/*
 * Each operation, with others in the way: a session that holds a lock, roles that may not
 * do it, several at once.
 */
#include "every_operation.h"
#include "support.h"

START_TEST(busy_while_somebody_writes_and_goes_on_afterwards)
{
    op_blocked(&every_operation[_i]);
}
END_TEST

START_TEST(who_may_not_do_it_is_refused_and_changes_nothing)
{
    op_trespassed(&every_operation[_i]);
}
END_TEST

START_TEST(of_several_at_once_one_does_it)
{
    op_at_once(&every_operation[_i]);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("attack_operations");
    TCase *tc = support_case(s, "operations", 120);

    support_long_cases(tc, busy_while_somebody_writes_and_goes_on_afterwards, 0,
                       ARRAY_LEN(every_operation));
    support_long_cases(tc, who_may_not_do_it_is_refused_and_changes_nothing, 0,
                       ARRAY_LEN(every_operation));
    support_long_cases(tc, of_several_at_once_one_does_it, 0, ARRAY_LEN(every_operation));
    return s;
}

int main(void)
{
    return support_run(suite());
}
