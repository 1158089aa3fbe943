/*
 * Durations, near words, UTF-8.
 */
#include <check.h>
#include <stdint.h>

#include "orchestrate/base/text.h"
#include "unit.h"

static struct arena arena;

static void forget(void)
{
    arena_cleanup(&arena);
}

/* --- durations ------------------------------------------------------------- */

/* clang-format off */
static const struct {
    const char *text;
    int64_t ms;
    const char *normal;
} durations[] = {
    { "0",       0,           "0" },
    { "0s",      0,           "0" },
    { "000",     0,           "0" },
    { "1ms",     1,           "1ms" },
    { "50ms",    50,          "50ms" },
    { "1000ms",  1000,        "1s" },
    { "10s",     10000,       "10s" },
    { "90s",     90000,       "90s" },
    { "60s",     60000,       "1m" },
    { "5m",      300000,      "5m" },
    { "24h",     86400000,    "1d" },
    { "25h",     90000000,    "25h" },
    { "7d",      604800000,   "7d" },
    { "36525d",  INT64_C(3155760000000), "36525d" },
};
/* clang-format on */

START_TEST(a_duration_is_read_and_written_in_its_largest_unit)
{
    int64_t ms = -1;

    ck_assert(text_duration(durations[_i].text, &ms));
    ck_assert_int_eq(ms, durations[_i].ms);
    ck_assert_str_eq(text_from_duration(&arena, ms), durations[_i].normal);
}
END_TEST

START_TEST(what_is_no_duration_is_refused)
{
    static const char *const wrong[] = { "",
                                         "5",
                                         "s",
                                         "-1s",
                                         "+1s",
                                         "1.5s",
                                         "1 s",
                                         " 1s",
                                         "1s ",
                                         "1S",
                                         "1M",
                                         "1h30m",
                                         "1w",
                                         "1y",
                                         "none",
                                         "36526d",
                                         "9223372036854775807ms",
                                         "99999999999999999999999s" };
    int64_t ms;

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        ck_assert_msg(!text_duration(wrong[i], &ms), "'%s'", wrong[i]);
}
END_TEST

START_TEST(an_integer_has_only_digits_and_fits)
{
    static const char *const wrong[] = { "",
                                         "-1",
                                         "+1",
                                         " 1",
                                         "1 ",
                                         "1_000",
                                         "0x1",
                                         "1e3",
                                         "9223372036854775808",
                                         "99999999999999999999" };
    int64_t value = -1;

    ck_assert(text_int("0", &value) && value == 0);
    ck_assert(text_int("007", &value) && value == 7);
    ck_assert(text_int("922337203685477579", &value) && value == INT64_C(922337203685477579));
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        ck_assert_msg(!text_int(wrong[i], &value), "'%s'", wrong[i]);
}
END_TEST

START_TEST(people_read_a_time_in_the_units_that_matter)
{
    ck_assert_str_eq(text_elapsed(&arena, 1.25), "1.2 ms");
    ck_assert_str_eq(text_elapsed(&arena, 12.4), "12 ms");
    ck_assert_str_eq(text_elapsed(&arena, 1200), "1.2 s");
    ck_assert_str_eq(text_elapsed(&arena, 200000), "3 m 20 s");
    ck_assert_str_eq(text_elapsed(&arena, 7500000), "2 h 5 m");
    ck_assert_str_eq(text_elapsed(&arena, 176400000.0), "2 d 1 h");
}
END_TEST

/* --- near words -------------------------------------------------------------- */

START_TEST(the_distance_counts_letters_added_lost_changed_and_swapped)
{
    ck_assert_uint_eq(text_distance("", ""), 0);
    ck_assert_uint_eq(text_distance("from", "from"), 0);
    ck_assert_uint_eq(text_distance("form", "from"), 1);
    ck_assert_uint_eq(text_distance("fro", "from"), 1);
    ck_assert_uint_eq(text_distance("fromm", "from"), 1);
    ck_assert_uint_eq(text_distance("frum", "from"), 1);
    ck_assert_uint_eq(text_distance("", "from"), 4);
    ck_assert_uint_eq(text_distance("From", "fROM"), 0);
    ck_assert_uint_eq(text_distance("kitten", "sitting"), 3);
}
END_TEST

START_TEST(the_distance_is_the_same_both_ways)
{
    static const char *const words[] = {
        "",         "a",     "form",   "from",    "settings",
        "sittengs", "gates", "change", "changes", "rename_column"
    };

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        for (size_t k = 0; k < ARRAY_LEN(words); k++)
            ck_assert_uint_eq(text_distance(words[i], words[k]), text_distance(words[k], words[i]));
}
END_TEST

START_TEST(a_near_word_is_offered_and_a_far_one_is_not)
{
    static const char *const names[] = { "plan", "change", "changes", "settings", "gates", NULL };
    static const char *const none[] = { NULL };

    ck_assert_str_eq(text_nearest("plna", names), "plan");
    ck_assert_str_eq(text_nearest("setings", names), "settings");
    ck_assert_str_eq(text_nearest("chnage", names), "change");
    ck_assert_str_eq(text_nearest("PLAN", names), "plan");
    ck_assert_str_eq(text_nearest("changes", names), "changes");
    ck_assert_ptr_null(text_nearest("version", names));
    ck_assert_ptr_null(text_nearest("zzzzzzzzzzzzzzzzzz", names));
    ck_assert_ptr_null(text_nearest("plan", none));
}
END_TEST

START_TEST(words_beyond_64_letters_are_far_and_cost_nothing)
{
    char *word = arena_alloc(&arena, 1000001);
    static const char *const names[] = { "plan", NULL };

    memset(word, 'p', 1000000);
    ck_assert_uint_eq(text_distance(word, "plan"), 1000000);
    ck_assert_ptr_null(text_nearest(word, names));
}
END_TEST

/* --- UTF-8 -------------------------------------------------------------------- */

/* clang-format off */
static const struct {
    const char *text;
    size_t len;
    int bad; /* offset, or -1 */
} utf8[] = {
    { "", 0, -1 },
    { "plain", 5, -1 },
    { "a\0b", 3, 1 },                       /* NUL */
    { "\xc3\xa4", 2, -1 },                  /* U+00E4 */
    { "\xe2\x82\xac", 3, -1 },              /* U+20AC */
    { "\xf0\x9f\x90\x98", 4, -1 },          /* U+1F418 */
    { "\xf4\x8f\xbf\xbf", 4, -1 },          /* U+10FFFF */
    { "\xf4\x90\x80\x80", 4, 0 },           /* beyond it */
    { "a\xe4", 2, 1 },                      /* Latin-1 */
    { "\x80", 1, 0 },                       /* continuation alone */
    { "\xc3", 1, 0 },                       /* cut off */
    { "\xe2\x82", 2, 0 },
    { "ab\xf0\x9f\x90", 5, 2 },
    { "\xc3(", 2, 0 },                      /* no continuation */
    { "\xc0\xaf", 2, 0 },                   /* overlong */
    { "\xc1\xbf", 2, 0 },
    { "\xe0\x9f\xbf", 3, 0 },
    { "\xf0\x8f\xbf\xbf", 4, 0 },
    { "\xed\xa0\x80", 3, 0 },               /* surrogate */
    { "\xed\x9f\xbf", 3, -1 },
    { "\xee\x80\x80", 3, -1 },
    { "\xf5\x80\x80\x80", 4, 0 },
    { "\xfe", 1, 0 },
    { "\xff", 1, 0 },
};
/* clang-format on */

START_TEST(utf8_is_valid_or_the_first_bad_byte_is_named)
{
    size_t bad = 99;
    bool ok = text_utf8(utf8[_i].text, utf8[_i].len, &bad);

    ck_assert_int_eq(ok, utf8[_i].bad < 0);
    ck_assert(ok || bad == (size_t)utf8[_i].bad);
}
END_TEST

/* --- beginnings, ends, nothing -------------------------------------------------- */

START_TEST(null_is_the_same_as_null_only)
{
    ck_assert(text_same(NULL, NULL));
    ck_assert(text_same("a", "a"));
    ck_assert(!text_same("a", "b"));
    ck_assert(!text_same(NULL, "a"));
    ck_assert(!text_same("", NULL));
}
END_TEST

START_TEST(a_place_is_counted_in_letters_and_lines)
{
    static const char text[] = "aäb\n€cd";

    ck_assert_str_eq(text_line_column(&arena, text, 0), "");
    ck_assert_str_eq(text_line_column(&arena, text, 1), ", line 1, column 1");
    ck_assert_str_eq(text_line_column(&arena, text, 3), ", line 1, column 3");
    ck_assert_str_eq(text_line_column(&arena, text, 5), ", line 2, column 1");
    ck_assert_str_eq(text_line_column(&arena, text, 6), ", line 2, column 2");
    ck_assert_str_eq(text_line_column(&arena, text, 99), ", line 2, column 4");
    for (int position = 1; position <= 7; position++)
        ck_assert_int_eq(text_position(text, text_offset(text, position)), position);
    ck_assert_uint_eq(text_offset(text, 3), 3);
    ck_assert_uint_eq(text_offset(text, 6), 8);
}
END_TEST

START_TEST(beginnings_and_ends_are_compared_whole)
{
    ck_assert(text_starts("plan.yaml", "plan"));
    ck_assert(text_starts("plan", ""));
    ck_assert(!text_starts("pla", "plan"));
    ck_assert(text_ends("plan.yaml", ".yaml"));
    ck_assert(text_ends("plan", ""));
    ck_assert(!text_ends("yaml", ".yaml"));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("text");
    TCase *t = tcase_create("text");

    tcase_add_checked_fixture(t, NULL, forget);
    tcase_add_loop_test(t, a_duration_is_read_and_written_in_its_largest_unit, 0,
                        ARRAY_LEN(durations));
    tcase_add_test(t, what_is_no_duration_is_refused);
    tcase_add_test(t, an_integer_has_only_digits_and_fits);
    tcase_add_test(t, people_read_a_time_in_the_units_that_matter);
    tcase_add_test(t, the_distance_counts_letters_added_lost_changed_and_swapped);
    tcase_add_test(t, the_distance_is_the_same_both_ways);
    tcase_add_test(t, a_near_word_is_offered_and_a_far_one_is_not);
    tcase_add_test(t, words_beyond_64_letters_are_far_and_cost_nothing);
    tcase_add_loop_test(t, utf8_is_valid_or_the_first_bad_byte_is_named, 0, ARRAY_LEN(utf8));
    tcase_add_test(t, null_is_the_same_as_null_only);
    tcase_add_test(t, a_place_is_counted_in_letters_and_lines);
    tcase_add_test(t, beginnings_and_ends_are_compared_whole);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return unit_run(suite());
}
