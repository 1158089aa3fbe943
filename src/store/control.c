/*
 * What a person may change while a run is under way, and how the process that
 * works on it learns of that.
 */
#include <string.h>

#include "orchestrate/base/json.h"
#include "sql_store.h" /* generated from src/sql/store */
#include "store_private.h"

bool store_control(struct pg *pg, struct run *run, struct control *control, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_result) PGresult *res = NULL;
    const char *mark;

    if (!pg_query(pg, &res, sql_control, PG_ARGS(arg_int(&arena, run->id)), err))
        return false;
    control->stop = pg_bool(res, 0, "stop");
    control->paused = pg_bool(res, 0, "paused");
    mark = pg_text(&arena, res, 0, "mark");
    control->changed = strcmp(mark, control->mark) != 0;
    if (!control->changed)
        return true;
    snprintf(control->mark, sizeof control->mark, "%s", mark);
    return store_settings(pg, run, err);
}

static const char *values(struct arena *arena, const struct live_setting *changes, size_t n)
{
    struct buf out = BUF_IN(arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '{');
    for (size_t i = 0; i < n; i++)
        json_text(&j, changes[i].key, changes[i].text);
    json_close(&j, '}');
    return buf_text(&out);
}

static const char *events(struct arena *arena, const struct live_setting *changes, size_t n)
{
    struct buf out = BUF_IN(arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '[');
    for (size_t i = 0; i < n; i++) {
        if (strcmp(changes[i].before, changes[i].after) == 0)
            continue;
        json_open(&j, NULL, '{');
        json_text(&j, "key", changes[i].key);
        json_text(&j, "old", changes[i].before);
        json_text(&j, "new", changes[i].after);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    return buf_text(&out);
}

bool store_set(struct pg *pg, const struct run *run, const struct live_setting *changes, size_t n,
               struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };

    return pg_run(pg, sql_set,
                  PG_ARGS(arg_int(&arena, run->id), values(&arena, changes, n),
                          events(&arena, changes, n)),
                  err) ||
           store_denied(pg, true, err);
}
