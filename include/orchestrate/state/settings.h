/*
 * settings.h - the `settings:` of a plan: one table for the loader, for the
 * store (which keeps the texts) and for the manual.
 */
#ifndef ORCHESTRATE_STATE_SETTINGS_H
#define ORCHESTRATE_STATE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "orchestrate/base/arena.h"
#include "orchestrate/base/err.h"

struct settings {
    int64_t lock_timeout;      /* ms; longest wait in a lock queue */
    int64_t lock_retry_for;    /* ms; then give up with `busy` */
    int64_t statement_timeout; /* ms; 0: none; steps that hold no strong lock */
    int64_t batch_target;      /* ms a batch should take */
    int64_t batch_rows_start, batch_rows_max;
    int64_t duty;            /* percent of the time that the backfill works */
    int64_t jobs;            /* connections of a backfill */
    int64_t max_replica_lag; /* ms; -1: do not look */
    int64_t max_wal_rate;    /* bytes a second; -1: no limit */
};

enum setting_kind {
    SETTING_DURATION,
    SETTING_DURATION_OR_NONE,
    SETTING_COUNT,
    SETTING_PERCENT,
    SETTING_RATE_OR_NONE, /* 20MB/s */
};

struct setting {
    const char *key; /* "batch_rows.start" is the key `start` of the mapping `batch_rows` */
    enum setting_kind kind;
    size_t at; /* offset in struct settings, of an int64_t */
    int64_t least, most;
    const char *preset; /* the default, as written in a plan */
    const char *doc;
};

const struct setting *settings_table(size_t *count);
const struct setting *setting_find(const char *key);
void settings_preset(struct settings *settings);

/* Parses `text` for `setting` into *settings.  The error says what is wanted (no position). */
bool setting_parse(const struct setting *setting, const char *text, struct settings *settings,
                   struct err *err);

/* The value in its one normal form: "60000ms" was written, "1m" is returned. */
const char *setting_text(struct arena *arena, const struct setting *setting,
                         const struct settings *settings);

/* What must hold between the values, once all are parsed (no position). */
bool settings_check(const struct settings *settings, struct err *err);

#endif
