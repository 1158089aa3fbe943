/*
 * The SQL of a step, for people to read before it runs.
 */
#include <inttypes.h>

#include "orchestrate/report/report.h"

/* The suffix of an attempt is not known beforehand. */
static const char *first_attempt(struct arena *arena, const struct step *step, const char *text)
{
    struct buf out = BUF_IN(arena);
    const char *at;

    while ((at = step_attempt(step, text))) {
        buf_addn(&out, text, (size_t)(at - text));
        buf_add(&out, "__e1");
        text = at + STEP_ATTEMPT_LEN;
    }
    buf_add(&out, text);
    return buf_text(&out);
}

/* With exactly one semicolon and one line end behind it. */
static void statement(struct buf *out, const struct step *step, const char *text)
{
    size_t len;

    if (!text)
        return;
    text = first_attempt(out->arena, step, text);
    len = strlen(text);
    while (len && strchr(" \t\n;", text[len - 1]))
        len--;
    if (!len)
        return;
    buf_addn(out, text, len);
    buf_add(out, ";\n");
}

static void set_role(struct buf *out, const char *scope, const char *role)
{
    if (!role)
        return;
    buf_addf(out, "SET %sROLE \"", scope);
    for (; *role; role++)
        buf_addf(out, *role == '"' ? "\"%c" : "%c", *role);
    buf_add(out, "\";\n");
}

static void lock(struct buf *out, const struct step *step, const struct settings *settings)
{
    if (!step->relation || step->lock == LOCK_NONE)
        return;
    buf_addf(out, "SET LOCAL lock_timeout = %" PRId64 ";\n", settings->lock_timeout);
    if (lock_mode_is_strong(step->lock))
        buf_add(out, "SET LOCAL statement_timeout = 1000;\n"
                     "SET LOCAL idle_in_transaction_session_timeout = 1000;\n");
    buf_addf(out, "LOCK TABLE %s IN %s MODE; -- partitions, and what a view shows, one by one\n",
             step->relation, lock_mode_name(step->lock));
}

/* As exec/step_ddl.c and lock/acquire.c put it together, without the state rows. */
static void ddl(struct buf *out, const struct step *step, const struct settings *settings)
{
    buf_add(out, "BEGIN; -- one message; the record of the step is part of it\n");
    if (lock_mode_is_strong(step->lock))
        buf_add(out, "SET LOCAL synchronous_commit = off;\n");
    set_role(out, "LOCAL ", step->role);
    statement(out, step, step->prepare);
    lock(out, step, settings);
    statement(out, step, step->sql);
    buf_add(out, "COMMIT;\n");
}

/* As exec/step_alone.c. */
static void alone(struct buf *out, const struct step *step)
{
    if (step_attempt(step, step->sql ? step->sql : step->next))
        buf_add(out, "-- the 1 of __e1 stands for the number of the attempt\n");
    set_role(out, "", step->role);
    if (step->next && *step->next) {
        buf_add(out, "-- runs the statement that this query returns, until it returns none\n");
        statement(out, step, step->next);
    }
    statement(out, step, step->sql);
    if (step->publish && *step->publish) {
        buf_add(out, "BEGIN; -- with the record of the step\n");
        statement(out, step, step->publish);
        buf_add(out, "COMMIT;\n");
    }
}

/* As backfill/batch.c, for one range of pages. */
static void backfill(struct buf *out, const struct step *step, const struct settings *settings)
{
    buf_addf(out,
             "-- for one range of pages after the other (about %" PRId64 " ms each, %" PRId64
             " %% of the time),\n"
             "-- until no row needs it any more\n"
             "BEGIN;\nSET LOCAL synchronous_commit = off;\nSET LOCAL lock_timeout = 5;\n",
             settings->batch_target, settings->duty);
    set_role(out, "LOCAL ", step->role);
    buf_addf(out,
             "UPDATE %s SET %s\n WHERE ctid >= '(<first page>,0)' AND ctid < '(<last page>,0)'\n"
             "   AND %s;\nCOMMIT;\n",
             step->relation ? step->relation : "<table>", step->sql,
             step->guard ? step->guard : "true");
}

/* As exec/step_sql.c. */
static void own(struct buf *out, const struct step *step)
{
    buf_add(out, "BEGIN; -- with the record of the step; with the search_path of `start`\n");
    set_role(out, "LOCAL ", step->role);
    statement(out, step, step->sql);
    buf_add(out, "COMMIT;\n");
}

static void check(struct buf *out, const struct step *step)
{
    buf_add(out, "-- holds when it returns no row\n");
    statement(out, step, step->sql);
}

void report_step_sql(struct buf *out, const struct step *step, const struct settings *settings)
{
    switch (step->kind) {
    case STEP_DDL:
        ddl(out, step, settings);
        break;
    case STEP_SQL:
        own(out, step);
        break;
    case STEP_ALONE:
        alone(out, step);
        break;
    case STEP_BACKFILL:
        backfill(out, step, settings);
        break;
    default:
        check(out, step);
        break;
    }
}
