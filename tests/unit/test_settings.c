/*
 * The table of settings.
 */
#include <check.h>
#include <stdint.h>

#include "orchestrate/state/settings.h"
#include "unit.h"

static struct arena arena;

static void forget(void)
{
    arena_cleanup(&arena);
}

/* Loop tests: each row is a case. */
static const struct setting *row(int i)
{
    size_t count;

    return &settings_table(&count)[i];
}

static int64_t value_of(const struct setting *setting, const struct settings *settings)
{
    int64_t value;

    memcpy(&value, (const char *)settings + setting->at, sizeof value);
    return value;
}

START_TEST(a_default_is_valid_and_in_its_normal_form)
{
    struct settings settings;
    struct err err;

    settings_preset(&settings);
    ck_assert_str_eq(setting_text(&arena, row(_i), &settings), row(_i)->preset);
    ck_assert(settings_check(&settings, &err));
}
END_TEST

START_TEST(a_key_is_found_and_documented_and_has_a_place_of_its_own)
{
    size_t count;
    const struct setting *table = settings_table(&count);

    ck_assert_ptr_eq(setting_find(row(_i)->key), row(_i));
    ck_assert_uint_gt(strlen(row(_i)->doc), 0);
    ck_assert_int_le(row(_i)->least, row(_i)->most);
    for (size_t i = 0; i < count; i++)
        ck_assert(&table[i] == row(_i) || table[i].at != row(_i)->at);
}
END_TEST

START_TEST(both_limits_are_allowed_and_nothing_beyond_them)
{
    const struct setting *s = row(_i);
    struct settings settings = { 0 }, edge;
    struct err err;
    const int64_t limits[] = { s->least, s->most };

    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        memcpy((char *)&settings + s->at, &limits[i], sizeof limits[i]);
        ck_assert_msg(setting_parse(s, setting_text(&arena, s, &settings), &edge, &err), "%s",
                      err.text);
        ck_assert_int_eq(value_of(s, &edge), limits[i]);
    }
    settings_preset(&settings);
    settings_preset(&edge);
    ck_assert(!setting_parse(s, "99999999999999999999", &settings, &err));
    ck_assert(!setting_parse(s, "9999999999d", &settings, &err));
    ck_assert(!setting_parse(s, "999999999GB/s", &settings, &err));
    ck_assert(!setting_parse(s, "101%", &settings, &err));
    ck_assert_msg(memcmp(&settings, &edge, sizeof edge) == 0, "a refused value has left a trace");
}
END_TEST

START_TEST(what_is_no_value_is_refused_with_the_key_and_what_is_wanted)
{
    static const char *const wrong[] = { "",    " ",    "word", "-1",    "1.5s", "+1",
                                         "1 s", "0x10", "1e3",  "1_000", "1S",   "%",
                                         "ms",  "MB/s", "None", "1ms ",  " 1ms" };
    struct settings settings;
    struct err err;

    settings_preset(&settings);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        ck_assert_msg(!setting_parse(row(_i), wrong[i], &settings, &err), "%s: '%s'", row(_i)->key,
                      wrong[i]);
        ck_assert_int_eq(err.code, ERR_PLAN);
        ck_assert_ptr_nonnull(strstr(err.text, row(_i)->key));
        ck_assert_ptr_nonnull(strstr(err.text, "must be"));
    }
}
END_TEST

START_TEST(a_value_has_one_normal_form)
{
    static const char *const forms[][3] = {
        { "lock_timeout", "60000ms", "1m" },
        { "lock_timeout", "50ms", "50ms" },
        { "lock_retry_for", "168h", "7d" },
        { "statement_timeout", "0s", "0" },
        { "duty", "050%", "50%" },
        { "jobs", "01", "1" },
        { "max_replica_lag", "none", "none" },
        { "max_wal_rate", "none", "none" },
        { "max_wal_rate", "2048kB/s", "2MB/s" },
        { "max_wal_rate", "1025kB/s", "1025kB/s" },
        { "max_wal_rate", "1024MB/s", "1GB/s" },
    };
    struct settings settings;
    struct err err;

    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        const struct setting *s = setting_find(forms[i][0]);

        ck_assert_msg(setting_parse(s, forms[i][1], &settings, &err), "%s", err.text);
        ck_assert_str_eq(setting_text(&arena, s, &settings), forms[i][2]);
    }
}
END_TEST

START_TEST(the_first_batch_is_not_larger_than_the_largest)
{
    struct settings settings;
    struct err err;

    settings_preset(&settings);
    settings.batch_rows_max = settings.batch_rows_start;
    ck_assert(settings_check(&settings, &err));
    settings.batch_rows_max--;
    ck_assert(!settings_check(&settings, &err));
    ck_assert_int_eq(err.code, ERR_PLAN);
}
END_TEST

START_TEST(the_defaults_are_those_of_the_manual)
{
    struct settings s;

    settings_preset(&s);
    ck_assert_int_eq(s.lock_timeout, 50);
    ck_assert_int_eq(s.lock_retry_for, 600000);
    ck_assert_int_eq(s.statement_timeout, 0);
    ck_assert_int_eq(s.batch_target, 10);
    ck_assert_int_eq(s.batch_rows_start, 1000);
    ck_assert_int_eq(s.batch_rows_max, 5000);
    ck_assert_int_eq(s.duty, 50);
    ck_assert_int_eq(s.jobs, 1);
    ck_assert_int_eq(s.max_replica_lag, 10000);
    ck_assert_int_eq(s.max_wal_rate, -1);
    ck_assert_ptr_null(setting_find("batch_rows"));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("settings");
    TCase *t = tcase_create("settings");
    size_t count;

    settings_table(&count);
    tcase_add_checked_fixture(t, NULL, forget);
    tcase_add_loop_test(t, a_default_is_valid_and_in_its_normal_form, 0, (int)count);
    tcase_add_loop_test(t, a_key_is_found_and_documented_and_has_a_place_of_its_own, 0, (int)count);
    tcase_add_loop_test(t, both_limits_are_allowed_and_nothing_beyond_them, 0, (int)count);
    tcase_add_loop_test(t, what_is_no_value_is_refused_with_the_key_and_what_is_wanted, 0,
                        (int)count);
    tcase_add_test(t, a_value_has_one_normal_form);
    tcase_add_test(t, the_first_batch_is_not_larger_than_the_largest);
    tcase_add_test(t, the_defaults_are_those_of_the_manual);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return unit_run(suite());
}
