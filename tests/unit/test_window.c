/*
 * Times of the week as they are written in a plan.
 */
#include <check.h>
#include <string.h>

#include "orchestrate/base/arena.h"
#include "orchestrate/base/text.h"
#include "orchestrate/gates/window.h"
#include "unit.h"

static struct arena arena;
static const char **windows, *why;
static size_t n;

static void forget(void)
{
    arena_cleanup(&arena);
}

static bool parse(const char *text)
{
    windows = NULL;
    n = 0;
    why = NULL;
    return windows_parse(&arena, text, &windows, &n, &why);
}

START_TEST(each_window_is_kept_in_its_shortest_form)
{
    static const struct {
        const char *text, *kept;
    } cases[] = {
        { "Mon-Thu 09:00-16:00", "Mon-Thu 09:00-16:00" },
        { "  Mon-Thu   09:00-16:00  ", "Mon-Thu 09:00-16:00" },
        { "Fri-Fri 09:00-12:00", "Fri 09:00-12:00" },
        { "22:00-04:00", "Mon-Sun 22:00-04:00" },
        { "Sat-Mon 00:00-24:00", "Sat-Mon 00:00-24:00" },
        { "Sun 23:59-00:00", "Sun 23:59-00:00" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        ck_assert_msg(parse(cases[i].text), "%s: %s", cases[i].text, why);
        ck_assert_uint_eq(n, 1);
        ck_assert_str_eq(windows[0], cases[i].kept);
        ck_assert(parse(windows[0]));
        ck_assert_str_eq(windows[0], cases[i].kept);
    }
}
END_TEST

START_TEST(several_are_separated_by_commas)
{
    ck_assert(parse("Mon-Thu 09:00-16:00,Fri 09:00-12:00 , 22:00-23:00"));
    ck_assert_uint_eq(n, 3);
    ck_assert_str_eq(windows[0], "Mon-Thu 09:00-16:00");
    ck_assert_str_eq(windows[1], "Fri 09:00-12:00");
    ck_assert_str_eq(windows[2], "Mon-Sun 22:00-23:00");
}
END_TEST

START_TEST(what_is_wrong_is_said)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        { "", "a window is missing" },
        { ",", "a window is missing" },
        { "Mon 09:00-10:00,", "a window is missing" },
        { "Mo 09:00-10:00", "days are Mon, Tue, Wed, Thu, Fri, Sat, Sun" },
        { "Mon- 09:00-10:00", "days are Mon, Tue, Wed, Thu, Fri, Sat, Sun" },
        { "Mon-Tue-Wed 09:00-10:00", "behind the days come a blank and the times" },
        { "Mon", "behind the days come a blank and the times" },
        { "Mon ", "times are written 09:00-16:00" },
        { "Mon 9:00-10:00", "times are written 09:00-16:00" },
        { "Mon 09:00 - 10:00", "times are written 09:00-16:00" },
        { "Mon 09:00-10", "times are written 09:00-16:00" },
        { "Mon 09:00-25:00", "times are written 09:00-16:00" },
        { "Mon 24:00-02:00", "a window begins at 23:59 at the latest" },
        { "Mon 09:00-09:00", "it ends when it begins; the whole day is 00:00-24:00" },
        { "Mon 09:00-10:00:00", "several windows are separated by commas" },
        { "Mon 09:00-10:00; Tue 09:00-10:00", "several windows are separated by commas" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        ck_assert_msg(!parse(cases[i].text), "%s was taken", cases[i].text);
        ck_assert_str_eq(why, cases[i].why);
    }
}
END_TEST

/* Whatever the bytes: an answer, and nothing read beyond the end. */
START_TEST(no_beginning_of_a_window_is_taken_for_one)
{
    static const char whole[] = "Mon-Thu 09:00-16:00";

    for (size_t len = 0; len < strlen(whole); len++)
        ck_assert_msg(!parse(arena_strndup(&arena, whole, len)), "%zu letters were taken", len);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("window");
    TCase *t = tcase_create("window");

    tcase_add_checked_fixture(t, NULL, forget);
    tcase_add_test(t, each_window_is_kept_in_its_shortest_form);
    tcase_add_test(t, several_are_separated_by_commas);
    tcase_add_test(t, what_is_wrong_is_said);
    tcase_add_test(t, no_beginning_of_a_window_is_taken_for_one);
    suite_add_tcase(s, t);
    return unit_run(s);
}
