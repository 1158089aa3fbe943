/*
 * settings.c - the rows of settings.h.
 */
#include "orchestrate/state/settings.h"

#include <inttypes.h>
#include <string.h>

#include "orchestrate/base/text.h"

#define AT(member) offsetof(struct settings, member)

enum {
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    HOUR = 60 * MINUTE,
    DAY = 24 * HOUR,
    KB = 1024, /* as Postgres counts in its own settings */
    MB = 1024 * KB,
    GB = 1024 * MB,
};

static const int64_t none = -1;

/* clang-format off */
static const struct setting table[] = {
    { "lock_timeout",      SETTING_DURATION,         AT(lock_timeout),      1, MINUTE, "50ms",
      "longest wait in a lock queue" },
    { "lock_retry_for",    SETTING_DURATION,         AT(lock_retry_for),    0, 7 * DAY, "10m",
      "how long a step tries again to get its lock; then it gives up as busy, nothing changed" },
    { "statement_timeout", SETTING_DURATION,         AT(statement_timeout), 0, 24 * DAY, "0",
      "longest time for a statement that holds no strong lock; 0: no limit" },
    { "batch_target",      SETTING_DURATION,         AT(batch_target),      1, 10 * SECOND, "10ms",
      "the backfill adapts its batch size so that a batch takes this long" },
    { "batch_rows.start",  SETTING_COUNT,            AT(batch_rows_start),  1, 1000000, "1000",
      "rows in the first batch of a backfill" },
    { "batch_rows.max",    SETTING_COUNT,            AT(batch_rows_max),    1, 1000000, "5000",
      "most rows in a batch of a backfill" },
    { "duty",              SETTING_PERCENT,          AT(duty),              1, 100, "50%",
      "share of the time that the backfill works; 100% = no pause" },
    { "jobs",              SETTING_COUNT,            AT(jobs),              1, 64, "1",
      "connections that a backfill uses" },
    { "max_replica_lag",   SETTING_DURATION_OR_NONE, AT(max_replica_lag),   1, DAY, "10s",
      "the backfill stops while a replica is further behind, or its lag is unknown; none: it does not look" },
    { "max_wal_rate",      SETTING_RATE_OR_NONE,     AT(max_wal_rate),      64 * KB, INT64_C(100) * GB, "none",
      "most WAL a second that the server may write while the backfill works; none: no limit" },
};

/* clang-format on */

const struct setting *settings_table(size_t *count)
{
    *count = ARRAY_LEN(table);
    return table;
}

const struct setting *setting_find(const char *key)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (strcmp(table[i].key, key) == 0)
            return &table[i];
    return NULL;
}

/* "<number><unit>" */
static bool number_with(const char *text, const char *unit, int64_t *value)
{
    char digits[20] = "";
    size_t n = strspn(text, "0123456789");

    if (!n || n >= sizeof digits || strcmp(text + n, unit) != 0)
        return false;
    memcpy(digits, text, n);
    return text_int(digits, value);
}

static bool count_parse(const char *text, int64_t *value)
{
    return number_with(text, "", value);
}

static bool percent_parse(const char *text, int64_t *value)
{
    return number_with(text, "%", value);
}

static const struct {
    const char *unit;
    int64_t bytes;
} rates[] = { { "GB/s", GB }, { "MB/s", MB }, { "kB/s", KB } };

static bool rate_parse(const char *text, int64_t *value)
{
    int64_t n;

    for (size_t i = 0; i < ARRAY_LEN(rates); i++)
        if (number_with(text, rates[i].unit, &n)) {
            if (n > INT64_MAX / rates[i].bytes)
                return false;
            return *value = n * rates[i].bytes, true;
        }
    return false;
}

/* clang-format off */
static const struct {
    bool (*parse)(const char *text, int64_t *value);
    bool may_be_none;
    const char *wanted;
} kinds[] = {
    [SETTING_DURATION]         = { text_duration, false, "a duration such as 50ms, 10s, 5m, 24h or 7d" },
    [SETTING_DURATION_OR_NONE] = { text_duration, true,  "a duration such as 10s, or none" },
    [SETTING_COUNT]            = { count_parse,   false, "a whole number" },
    [SETTING_PERCENT]          = { percent_parse, false, "a percentage such as 50%" },
    [SETTING_RATE_OR_NONE]     = { rate_parse,    true,  "a rate such as 20MB/s (kB/s, MB/s, GB/s), or none" },
};
/* clang-format on */

static bool value_parse(enum setting_kind kind, const char *text, int64_t *value)
{
    if (kinds[kind].may_be_none && strcmp(text, "none") == 0)
        return *value = none, true;
    return kinds[kind].parse(text, value);
}

static const char *value_text(struct arena *arena, enum setting_kind kind, int64_t value)
{
    if (kinds[kind].may_be_none && value == none)
        return "none";
    if (kind == SETTING_DURATION || kind == SETTING_DURATION_OR_NONE)
        return text_from_duration(arena, value);
    for (size_t i = 0; kind == SETTING_RATE_OR_NONE && i < ARRAY_LEN(rates); i++)
        if (value % rates[i].bytes == 0)
            return arena_printf(arena, "%" PRId64 "%s", value / rates[i].bytes, rates[i].unit);
    return arena_printf(arena, "%" PRId64 "%s", value, kind == SETTING_PERCENT ? "%" : "");
}

bool setting_parse(const struct setting *setting, const char *text, struct settings *settings,
                   struct err *err)
{
    CLEANUP(arena) struct arena scratch = { 0 };
    int64_t value;

    if (!value_parse(setting->kind, text, &value))
        return err_set(err, ERR_PLAN, "`%s` must be %s, not `%.60s`", setting->key,
                       kinds[setting->kind].wanted, text);
    if (!(kinds[setting->kind].may_be_none && value == none) &&
        (value < setting->least || value > setting->most))
        return err_set(err, ERR_PLAN, "`%s` must be from %s to %s, not `%.60s`", setting->key,
                       value_text(&scratch, setting->kind, setting->least),
                       value_text(&scratch, setting->kind, setting->most), text);
    memcpy((char *)settings + setting->at, &value, sizeof value);
    return true;
}

const char *setting_text(struct arena *arena, const struct setting *setting,
                         const struct settings *settings)
{
    int64_t value;

    memcpy(&value, (const char *)settings + setting->at, sizeof value);
    return value_text(arena, setting->kind, value);
}

void settings_preset(struct settings *settings)
{
    struct err err;

    *settings = (struct settings){ 0 };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (!setting_parse(&table[i], table[i].preset, settings, &err))
            abort(); /* a row contradicts itself; test_settings would have said so */
}

bool settings_check(const struct settings *settings, struct err *err)
{
    if (settings->batch_rows_start <= settings->batch_rows_max)
        return true;
    err_set(err, ERR_PLAN,
            "`batch_rows.start` (%" PRId64 ") is more than `batch_rows.max` (%" PRId64 ")",
            settings->batch_rows_start, settings->batch_rows_max);
    return err_hint(err, "set both");
}
