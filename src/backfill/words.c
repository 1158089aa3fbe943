#include "words.h"

#include <string.h>

#include "orchestrate/backfill/around.h"
#include "orchestrate/base/buf.h"
#include "orchestrate/base/json.h"
#include "orchestrate/base/json_read.h"
#include "orchestrate/base/text.h"
#include "sql_backfill.h"

/* --- what there is ------------------------------------------------------------------ */

static bool next(struct arena *arena, const char **list, const char **name, const char **words)
{
    return *list && json_item(arena, list, name) && json_item(arena, list, words);
}

/* The column of "`set` of n"; NULL: it is none. */
static const char *column_of(const char *name)
{
    return text_starts(name, BACKFILL_SET_OF) ? name + strlen(BACKFILL_SET_OF) : NULL;
}

const char *words_where(struct arena *arena, const char *words)
{
    const char *name, *text;

    while (next(arena, &words, &name, &text))
        if (strcmp(name, BACKFILL_WHERE) == 0)
            return text;
    return NULL;
}

static bool accepts(struct arena *arena, const char *words, const char *rule)
{
    const char *name, *text;

    while (next(arena, &words, &name, &text))
        if (strcmp(name, BACKFILL_ACCEPT) == 0 && strcmp(text, rule) == 0)
            return true;
    return false;
}

const char *words_columns(struct arena *arena, const char *words)
{
    struct buf out = BUF_IN(arena);
    const char *name, *text;

    while (next(arena, &words, &name, &text))
        if (column_of(name))
            buf_addf(&out, "%s%s", out.len ? ", " : "", column_of(name));
    return buf_text(&out);
}

static const char *columns_json(struct arena *arena, const char *words)
{
    struct buf out = BUF_IN(arena);
    struct json j = { .out = &out };
    const char *name, *text;

    json_open(&j, NULL, '[');
    while (next(arena, &words, &name, &text))
        if (column_of(name))
            json_text(&j, NULL, column_of(name));
    json_close(&j, ']');
    return buf_text(&out);
}

const char *words_table(struct arena *arena, const struct backfill_job *job, const char *relation)
{
    if (!job->name || strcmp(relation, job->relation) == 0)
        return relation;
    return arena_printf(arena, "%s AS %s", relation, job->name);
}

/* --- before the first batch --------------------------------------------------------- */

static bool look_at_triggers(struct arena *arena, struct pg *pg, const struct backfill_job *job,
                             bool *as_replica, struct err *err)
{
    struct backfill_around around;

    if (!backfill_look_around(arena, pg, job->relation, columns_json(arena, job->words), &around,
                              err))
        return false;
    *as_replica = around.as_replica;
    if (around.rules) {
        err_set(err, ERR_FAILED,
                "%s has a rule on UPDATE, by which something else may be done than to fill its "
                "rows: %s",
                job->relation, around.rules);
        return err_hint(err,
                        "Disable it meanwhile: ALTER TABLE %s DISABLE RULE ...; then give the same "
                        "command again.",
                        job->relation);
    }
    if (!around.triggers || accepts(arena, job->words, BACKFILL_FIRES))
        return true;
    err_set(err, ERR_FAILED, "to fill %s would fire its triggers: %s", job->relation,
            around.triggers);
    return err_hint(err,
                    "%s Disable them meanwhile and give the same command "
                    "again; or roll the phase back and accept in the plan that they fire "
                    "(%s).",
                    around.why, BACKFILL_FIRES);
}

static bool look_at_values(struct arena *arena, struct pg *pg, const struct backfill_job *job,
                           struct err *err)
{
    const char *list = job->words, *name, *text;

    while (next(arena, &list, &name, &text)) {
        bool yes;

        if (!column_of(name))
            continue;
        if (!backfill_is_volatile(arena, pg, job->role, job->search_path, job->relation, text, &yes,
                                  err))
            return false;
        if (!yes)
            continue;
        err_set(err, ERR_FAILED,
                "%s makes another value of the same row each time, so nothing tells which rows are "
                "done",
                name);
        return err_hint(err, BACKFILL_VOLATILE_HINT, column_of(name));
    }
    return true;
}

static const char *type_of(struct arena *arena, const PGresult *types, const char *column)
{
    for (int i = 0; i < PQntuples(types); i++)
        if (strcmp(PQgetvalue(types, i, 0), column) == 0)
            return pg_text(arena, types, i, "type");
    return NULL;
}

/*
 * A row is filled that holds what the column made of the value, rounded perhaps: the guard
 * compares with that.
 */
static bool find_guard(struct arena *arena, struct pg *pg, struct backfill_job *job,
                       struct err *err)
{
    CLEANUP(pg_result) PGresult *types = NULL;
    struct buf out = BUF_IN(arena);
    const char *list = job->words, *name, *text;

    if (!pg_query(pg, &types, sql_types, PG_ARGS(job->relation, columns_json(arena, list)), err))
        return false;
    while (next(arena, &list, &name, &text)) {
        const char *column = column_of(name), *type = column ? type_of(arena, types, column) : NULL;

        if (column)
            buf_addf(&out, "%s%s IS DISTINCT FROM %s(%s%s)%s%s%s", out.len ? " OR " : "(",
                     pg_ident(arena, column), type ? "CAST(" : "", text,
                     strstr(text, "--") ? "\n" : "", type ? " AS " : "", type ? type : "",
                     type ? ")" : "");
    }
    buf_add(&out, ")");
    job->guard = buf_text(&out);
    return true;
}

static bool find_key(struct arena *arena, struct pg *pg, struct backfill_job *job, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql_key, PG_ARGS(job->relation, job->role ? job->role : pg->role), err))
        return false;
    job->key = PQntuples(res) ? pg_text(arena, res, 0, "key") : "'?'";
    return true;
}

bool words_look(struct arena *arena, struct pg *pg, struct backfill_job *job, bool *as_replica,
                struct err *err)
{
    if (!look_at_triggers(arena, pg, job, as_replica, err) || !find_key(arena, pg, job, err))
        return false;
    return words_where(arena, job->words) ||
           (look_at_values(arena, pg, job, err) && find_guard(arena, pg, job, err));
}

/* --- errors ------------------------------------------------------------------------- */

/* The brackets that the plan's own words stand in: the one that `at` is in, or NULL. */
static const char *around(struct arena *arena, const char *text, const char *at, const char *words)
{
    const char *in = arena_printf(arena, "(%s%s)", words, strstr(words, "--") ? "\n" : "");

    for (const char *from = text; (from = strstr(from, in)); from++)
        if (at > from && at <= from + strlen(words))
            return from + 1;
    return NULL;
}

/* Which of the plan's own words the server did not like, and where in them. */
static bool told_by_words(struct arena *arena, const struct backfill_job *job, const char *message,
                          struct err *err)
{
    const char *list = job->words, *name, *words;
    const char *at = message + text_offset(message, err->position);

    while (err->position > 0 && next(arena, &list, &name, &words)) {
        const char *from = around(arena, message, at, words);

        if (!from)
            continue;
        err_wrap(err, "%s%s", name,
                 text_line_column(arena, words, text_position(from, (size_t)(at - from))));
        return true;
    }
    return false;
}

static const char *pages(struct arena *arena, const struct batch *b)
{
    return arena_printf(arena, "pages %lld to %lld of %s", (long long)b->from,
                        (long long)(b->to - 1), b->relation);
}

static bool still_due(struct arena *arena, const struct backfill_job *job, const struct batch *b,
                      struct err *err)
{
    const char *row = arena_strdup(arena, err->text);
    bool where = words_where(arena, job->words);

    if (strcmp(row, "?") == 0)
        row = arena_printf(arena, "one in %s", pages(arena, b));
    err_set(err, ERR_FAILED, "%s is as true of a row after `set` (%s) as before it: %s",
            where ? "`where`" : "that it needs `set`", words_columns(arena, job->words), row);
    return err_hint(
        err,
        where ? "Nothing would tell which rows are done, so they would be written again and again. "
                "Write a `where` that `set` makes false, and leave out rows of which it makes "
                "nothing: `n IS NULL AND old IS NOT NULL`. Its batch was rolled back. Roll the "
                "phase back, mend the plan, start again."
              : "A trigger makes something else of the value, perhaps. Its batch was rolled back. "
                "Give the backfill a `where` that a filled row does not meet: roll the phase back, "
                "mend the plan, start again.");
}

bool words_explain(const struct pg *pg, const struct backfill_job *job, const struct batch *b,
                   const char *message, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };

    if (pg_lost(pg) || err->code == ERR_INTERRUPTED || b->to <= b->from) {
        told_by_words(&arena, job, message, err);
        return false;
    }
    if (strcmp(err->sqlstate, BATCH_STILL_DUE) == 0)
        return still_due(&arena, job, b, err);
    if (told_by_words(&arena, job, message, err) || err->code != ERR_FAILED)
        return false;
    err_wrap(err, "`set` of %s, in %s", words_columns(&arena, job->words), pages(&arena, b));
    if (!*err->hint)
        err_hint(err,
                 "Its batch was rolled back. It is a row of these: SELECT * FROM %s WHERE ctid >= "
                 "'(%lld,0)' AND ctid < '(%lld,0)'.",
                 b->relation, (long long)b->from, (long long)b->to);
    return false;
}
