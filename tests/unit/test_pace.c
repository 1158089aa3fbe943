/*
 * How large a batch of a backfill, and how long a rest (backfill/pace.h).
 */
#include "../../src/backfill/pace.h"

#include <check.h>
#include <stdlib.h>

#include "orchestrate/base/attr.h"
#include "unit.h"

static struct settings settings(void)
{
    struct settings s;

    settings_preset(&s);
    return s;
}

START_TEST(the_first_batch_has_the_rows_that_the_plan_says)
{
    struct settings s = settings();
    struct pace pace;

    pace_start(&pace, &s, 50);
    ck_assert_int_eq(pace.pages, s.batch_rows_start / 50);
    ck_assert_int_eq(pace.most, s.batch_rows_max / 50);
}
END_TEST

START_TEST(a_batch_has_at_least_one_page)
{
    struct settings s = settings();
    struct pace pace;

    s.batch_rows_start = 1;
    s.batch_rows_max = 1;
    pace_start(&pace, &s, 100);
    pace_adapt(&pace, &s, 1e6);
    ck_assert_int_eq(pace.pages, 1);
}
END_TEST

START_TEST(a_slow_batch_makes_the_next_one_smaller_and_a_quick_one_larger)
{
    struct settings s = settings();
    struct pace pace;
    int64_t before;

    pace_start(&pace, &s, 50);
    before = pace.pages;
    pace_adapt(&pace, &s, (double)s.batch_target * 100);
    ck_assert_int_le(pace.pages, before / 2 + 1);
    before = pace.pages;
    pace_adapt(&pace, &s, (double)s.batch_target / 100);
    ck_assert_int_gt(pace.pages, before);
}
END_TEST

START_TEST(a_batch_never_exceeds_the_plan)
{
    struct settings s = settings();
    struct pace pace;

    pace_start(&pace, &s, 50);
    for (int i = 0; i < 50; i++)
        pace_adapt(&pace, &s, 0);
    ck_assert_int_eq(pace.pages, pace.most);
}
END_TEST

START_TEST(duty_is_the_share_of_time_that_is_worked)
{
    static const struct {
        int64_t duty, rest;
    } rows[] = { { 100, 0 }, { 50, 10 }, { 25, 30 }, { 1, 990 } };
    struct settings s = settings();

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        s.duty = rows[i].duty;
        ck_assert_int_eq(pace_rest(&s, 10), rows[i].rest);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pace");
    TCase *tcase = tcase_create("pace");

    tcase_add_test(tcase, the_first_batch_has_the_rows_that_the_plan_says);
    tcase_add_test(tcase, a_batch_has_at_least_one_page);
    tcase_add_test(tcase, a_slow_batch_makes_the_next_one_smaller_and_a_quick_one_larger);
    tcase_add_test(tcase, a_batch_never_exceeds_the_plan);
    tcase_add_test(tcase, duty_is_the_share_of_time_that_is_worked);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
