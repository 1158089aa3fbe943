/*
 * Times of the week, at many moments: the clock is an argument here.  The days
 * on which clocks change are those of 2026.
 */
#include "store_fixture.h"

static PGconn *conn;

static void setup(void)
{
    const char *db = test_database("empty");
    int before;

    WORKS(store_init(open_as(db, "app"), NULL, &before, &err));
    conn = test_connect(db, "app");
    test_sql(conn, "SET TimeZone = 'Asia/Tokyo'"); /* whose clock does not matter */
}

struct window {
    const char *allow; /* as JSON */
    const char *zone;
};

static const struct window office = { "\"Mon-Thu 09:00-16:00\", \"Fri 09:00-12:00\"",
                                      "Europe/Berlin" };

static const char *args_of(struct window w)
{
    return arena_printf(test_arena(), "'{\"allow\": [%s], \"zone\": \"%s\"}'", w.allow, w.zone);
}

static void is_open(struct window w, const char *at)
{
    ck_assert_msg(
        strcmp(test_value(conn, "SELECT orchestrate.window_open(%s, '%s')", args_of(w), at), "t") ==
            0,
        "%s in %s is closed at %s", w.allow, w.zone, at);
}

/* ... and opens next at `until` ("": not within 15 days), where it is open. */
static void is_closed(struct window w, const char *at, const char *until)
{
    const char *next;

    ck_assert_msg(
        strcmp(test_value(conn, "SELECT orchestrate.window_open(%s, '%s')", args_of(w), at), "f") ==
            0,
        "%s in %s is open at %s", w.allow, w.zone, at);
    next = test_value(conn,
                      "SELECT to_char(orchestrate.window_opens(%s, '%s') AT TIME ZONE 'UTC',"
                      " 'YYYY-MM-DD HH24:MI:SSZ')",
                      args_of(w), at);
    ck_assert_str_eq(next, until);
    if (*next)
        is_open(w, next);
}

START_TEST(it_is_open_from_its_first_minute_to_before_its_last)
{
    /* A Wednesday in winter: Berlin is one hour ahead. */
    is_closed(office, "2026-01-14 07:59:59.999Z", "2026-01-14 08:00:00Z");
    is_open(office, "2026-01-14 08:00:00Z");
    is_open(office, "2026-01-14 14:59:59.999Z");
    is_closed(office, "2026-01-14 15:00:00Z", "2026-01-15 08:00:00Z");
}
END_TEST

START_TEST(each_day_has_its_own_times)
{
    is_open(office, "2026-01-16 10:59:00Z");
    is_closed(office, "2026-01-16 11:00:00Z", "2026-01-19 08:00:00Z");
    is_closed(office, "2026-01-17 10:00:00Z", "2026-01-19 08:00:00Z");
    is_closed(office, "2026-01-18 23:30:00Z", "2026-01-19 08:00:00Z");
}
END_TEST

START_TEST(a_window_that_ends_before_it_begins_ends_on_the_day_after)
{
    const struct window night = { "\"Fri 22:00-04:00\"", "Europe/Berlin" };

    is_closed(night, "2026-01-16 02:00:00Z", "2026-01-16 21:00:00Z");
    is_open(night, "2026-01-16 21:00:00Z");
    is_open(night, "2026-01-17 00:00:00Z");
    is_open(night, "2026-01-17 02:59:59Z");
    is_closed(night, "2026-01-17 03:00:00Z", "2026-01-23 21:00:00Z");
    is_closed(night, "2026-01-17 21:30:00Z", "2026-01-23 21:00:00Z");
}
END_TEST

START_TEST(days_may_go_round_the_week)
{
    const struct window weekend = { "\"Sat-Mon 22:00-04:00\"", "UTC" };

    is_open(weekend, "2026-01-17 22:00Z");
    is_open(weekend, "2026-01-19 03:00Z");
    is_open(weekend, "2026-01-19 22:00Z");
    is_open(weekend, "2026-01-20 03:59Z");
    is_closed(weekend, "2026-01-20 22:00Z", "2026-01-24 22:00:00Z");
    is_closed(weekend, "2026-01-17 03:00Z", "2026-01-17 22:00:00Z");
}
END_TEST

START_TEST(a_whole_day_ends_with_the_day)
{
    const struct window sunday = { "\"Sun 00:00-24:00\"", "Asia/Kathmandu" };

    /* 5 hours 45 minutes ahead, all year. */
    is_closed(sunday, "2026-07-04 18:14:59Z", "2026-07-04 18:15:00Z");
    is_open(sunday, "2026-07-04 18:15:00Z");
    is_open(sunday, "2026-07-05 18:14:59Z");
    is_closed(sunday, "2026-07-05 18:15:00Z", "2026-07-11 18:15:00Z");
}
END_TEST

START_TEST(it_follows_the_zone_through_the_year)
{
    is_open(office, "2026-07-15 07:00Z");
    is_closed(office, "2026-07-15 14:00Z", "2026-07-16 07:00:00Z");
    /* From Friday before the change to Monday after it. */
    is_closed(office, "2026-03-27 11:00Z", "2026-03-30 07:00:00Z");
    is_closed(office, "2026-10-23 10:00Z", "2026-10-26 08:00:00Z");
}
END_TEST

/* On 29 March 2026 it is 02:00 in Berlin, and then 03:00, at 01:00 UTC. */
START_TEST(a_window_in_the_hour_that_is_skipped_does_not_open_that_day)
{
    const struct window gap = { "\"Mon-Sun 02:15-02:45\"", "Europe/Berlin" },
                        sundays = { "\"Sun 02:15-02:45\"", "Europe/Berlin" };

    is_open(gap, "2026-03-28 01:30Z");
    is_closed(gap, "2026-03-28 02:00Z", "2026-03-30 00:15:00Z");
    is_closed(gap, "2026-03-29 00:59:59Z", "2026-03-30 00:15:00Z");
    is_closed(gap, "2026-03-29 01:00Z", "2026-03-30 00:15:00Z");
    is_closed(sundays, "2026-03-22 01:45Z", "2026-04-05 00:15:00Z");
}
END_TEST

START_TEST(a_window_that_begins_in_the_skipped_hour_opens_when_the_hour_was_skipped)
{
    const struct window into = { "\"Sun 02:30-05:00\"", "Europe/Berlin" },
                        out = { "\"Sun 01:00-02:30\"", "Europe/Berlin" };

    is_closed(into, "2026-03-29 00:59:59Z", "2026-03-29 01:00:00Z");
    is_open(into, "2026-03-29 02:59:59Z");
    is_closed(into, "2026-03-29 03:00Z", "2026-04-05 00:30:00Z");
    is_open(out, "2026-03-29 00:59:59Z");
    is_closed(out, "2026-03-29 01:00Z", "2026-04-04 23:00:00Z");
}
END_TEST

/* On 25 October 2026 it is 02:00 to 03:00 in Berlin twice, from 00:00 and from 01:00 UTC. */
START_TEST(a_window_in_the_hour_that_comes_twice_opens_twice)
{
    const struct window twice = { "\"Sun 02:15-02:45\"", "Europe/Berlin" };

    is_closed(twice, "2026-10-25 00:00Z", "2026-10-25 00:15:00Z");
    is_open(twice, "2026-10-25 00:44:59Z");
    is_closed(twice, "2026-10-25 00:45Z", "2026-10-25 01:15:00Z");
    is_open(twice, "2026-10-25 01:15Z");
    is_closed(twice, "2026-10-25 01:45Z", "2026-11-01 01:15:00Z");
}
END_TEST

START_TEST(a_window_that_closes_in_the_hour_that_comes_twice_opens_again_with_it)
{
    const struct window early = { "\"Sun 01:30-02:30\"", "Europe/Berlin" };

    is_open(early, "2026-10-25 00:29:59Z");
    is_closed(early, "2026-10-25 00:30Z", "2026-10-25 01:00:00Z");
    is_open(early, "2026-10-25 01:29:59Z");
    is_closed(early, "2026-10-25 01:30Z", "2026-11-01 00:30:00Z");
}
END_TEST

START_TEST(a_night_with_a_change_is_an_hour_shorter_or_longer)
{
    const struct window night = { "\"Sat 22:00-06:00\"", "Europe/Berlin" };
    const char *minutes = "SELECT count(*) FROM generate_series('%s'::timestamptz,"
                          " '%s'::timestamptz, '1 minute') g WHERE orchestrate.window_open(%s, g)";

    ck_assert_int_eq(
        test_count(conn, minutes, "2026-03-21 12:00Z", "2026-03-22 12:00Z", args_of(night)),
        8 * 60);
    ck_assert_int_eq(
        test_count(conn, minutes, "2026-03-28 12:00Z", "2026-03-29 12:00Z", args_of(night)),
        7 * 60);
    ck_assert_int_eq(
        test_count(conn, minutes, "2026-10-24 12:00Z", "2026-10-25 12:00Z", args_of(night)),
        9 * 60);
}
END_TEST

/* The clocks there change by half an hour: on 5 April back, on 4 October forward. */
START_TEST(half_an_hour_that_comes_twice_or_not_at_all)
{
    const struct window w = { "\"Sun 01:40-01:50\"", "Australia/Lord_Howe" },
                        gap = { "\"Sun 02:10-02:20\"", "Australia/Lord_Howe" };

    is_open(w, "2026-04-04 14:40Z");
    is_closed(w, "2026-04-04 14:50Z", "2026-04-04 15:10:00Z");
    is_open(w, "2026-04-04 15:19:59Z");
    is_closed(w, "2026-04-04 15:20Z", "2026-04-11 15:10:00Z");
    is_closed(gap, "2026-09-26 15:50Z", "2026-10-10 15:10:00Z");
}
END_TEST

/* There the day began at one o'clock: on 4 November 2018 midnight was skipped. */
START_TEST(a_midnight_that_is_skipped)
{
    const struct window w = { "\"Sun 00:00-02:00\"", "America/Sao_Paulo" },
                        over = { "\"Sat 23:00-00:30\"", "America/Sao_Paulo" };

    is_closed(w, "2018-11-04 02:59:59Z", "2018-11-04 03:00:00Z");
    is_open(w, "2018-11-04 03:59:59Z");
    is_closed(w, "2018-11-04 04:00Z", "2018-11-11 02:00:00Z");
    is_open(over, "2018-11-04 02:59:59Z");
    is_closed(over, "2018-11-04 03:00Z", "2018-11-11 01:00:00Z");
    /* Since then they stay where they are. */
    is_closed(w, "2026-11-01 02:59Z", "2026-11-01 03:00:00Z");
}
END_TEST

START_TEST(at_every_moment_of_two_weeks_it_is_open_or_says_when_it_will_be)
{
    const struct window w = { "\"Mon-Fri 22:45-01:15\", \"Sun 02:30-03:30\"", "Europe/Berlin" };

    test_sql(conn,
             "CREATE TEMP TABLE moment AS SELECT g AS at, orchestrate.window_open(a, g) AS open,"
             " orchestrate.window_opens(a, g) AS next, a AS args FROM generate_series("
             "'2026-10-19 00:00Z'::timestamptz, '2026-11-02 00:00Z', '7 minutes') g,"
             " CAST(%s AS jsonb) a",
             args_of(w));
    ck_assert_str_eq(test_rows(conn,
                               "SELECT count(*) > 2000, bool_and((next = at) = open),"
                               " bool_and(orchestrate.window_open(args, next)),"
                               " bool_and(open OR next - at < '1 minute' OR"
                               " NOT orchestrate.window_open(args, next - '1 minute'::interval))"
                               " FROM moment"),
                     "t|t|t|t");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("gates_window");
    TCase *t = support_case(s, "gates_window", 60);

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, it_is_open_from_its_first_minute_to_before_its_last);
    tcase_add_test(t, each_day_has_its_own_times);
    tcase_add_test(t, a_window_that_ends_before_it_begins_ends_on_the_day_after);
    tcase_add_test(t, days_may_go_round_the_week);
    tcase_add_test(t, a_whole_day_ends_with_the_day);
    tcase_add_test(t, it_follows_the_zone_through_the_year);
    tcase_add_test(t, a_window_in_the_hour_that_is_skipped_does_not_open_that_day);
    tcase_add_test(t, a_window_that_begins_in_the_skipped_hour_opens_when_the_hour_was_skipped);
    tcase_add_test(t, a_window_in_the_hour_that_comes_twice_opens_twice);
    tcase_add_test(t, a_window_that_closes_in_the_hour_that_comes_twice_opens_again_with_it);
    tcase_add_test(t, a_night_with_a_change_is_an_hour_shorter_or_longer);
    tcase_add_test(t, half_an_hour_that_comes_twice_or_not_at_all);
    tcase_add_test(t, a_midnight_that_is_skipped);
    tcase_add_test(t, at_every_moment_of_two_weeks_it_is_open_or_says_when_it_will_be);
    return s;
}

int main(void)
{
    return support_run(suite());
}
