#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/base/clock.h"
#include "orchestrate/base/log.h"
#include "orchestrate/base/text.h"
#include "orchestrate/report/report.h"
#include "output.h"
#include "sql_cli.h"

enum { LINE_MS = 10000, BAR_MS = 200, BAR_WIDTH = 24 };

/* "45 %, 12,345 rows, 3,210 rows/s, 12 s left; slowed by replica lag" */
static const char *how_far(const struct progress *p, struct arena *arena, const struct event *e)
{
    struct buf out = BUF_IN(arena);

    if (e->total > e->rows) /* else the table was never counted */
        buf_addf(&out, "%d %%, ", (int)(e->rows * 100 / e->total));
    buf_addf(&out, "%s rows", report_thousands(arena, e->rows));
    if (e->ms > p->first.ms) {
        double seconds = (e->ms - p->first.ms) / 1000.0;
        double rate = (double)(e->rows - p->first.rows) / seconds;

        buf_addf(&out, ", %s rows/s", report_thousands(arena, (int64_t)rate));
        if (e->total > e->rows && rate > 0)
            buf_addf(&out, ", %s left",
                     text_elapsed(arena, (double)(e->total - e->rows) / rate * 1000.0));
    }
    if (e->text && *e->text)
        buf_addf(&out, "; %s", e->text);
    return buf_text(&out);
}

static void show_bar(struct progress *p, const struct event *e)
{
    CLEANUP(arena) struct arena arena = { 0 }; /* shown many times a minute */
    char bar[BAR_WIDTH + 1];
    int full = e->total > e->rows ? (int)(e->rows * BAR_WIDTH / e->total) : 0;

    for (int i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < full ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, e->total > e->rows ? "\r[%s] %s\033[K" : "\r%.0s%s\033[K", bar,
            how_far(p, &arena, e));
    p->bar = true;
}

static void show_progress(struct progress *p, const struct event *e)
{
    CLEANUP(arena) struct arena arena = { 0 };
    bool terminal = isatty(STDERR_FILENO);
    int64_t now = clock_ms();

    /* Counted from the first one: what an earlier call wrote says nothing about speed. */
    if (!text_same(p->first.step, e->step)) {
        p->first = *e;
        p->first.step = e->step ? arena_strdup(p->arena, e->step) : NULL;
        p->last_line = now;
        return;
    }
    if (log_level_get() < LOG_NORMAL || now - p->last_line < (terminal ? BAR_MS : LINE_MS))
        return;
    p->last_line = now;
    if (terminal)
        show_bar(p, e);
    else
        log_info("%s/%s: %s", p->plan, e->phase ? e->phase : "-", how_far(p, &arena, e));
}

void progress_end(struct progress *p)
{
    if (p->bar)
        fputs("\r\033[K", stderr);
    p->bar = false;
}

static const char *measures(struct arena *arena, const struct event *e)
{
    struct buf out = BUF_IN(arena);

    buf_addf(&out, "in %s", text_elapsed(arena, e->ms));
    if (e->lock_ms >= 0)
        buf_addf(&out, ", strong lock held for %s", text_elapsed(arena, e->lock_ms));
    if (e->rows > 0)
        buf_addf(&out, ", %s rows written", report_thousands(arena, e->rows));
    return buf_text(&out);
}

static void show(struct progress *p, const struct event *e)
{
    const char *text = report_moments(p->arena, e->text);

    switch (e->kind) {
    case EVENT_PHASE_STARTED:
        log_info("%s: %s%sphase %s", p->plan, text, *text ? " of " : "", e->phase);
        break;
    case EVENT_PHASE_DONE:
        log_info("%s: phase %s done %s", p->plan, e->phase, measures(p->arena, e));
        break;
    case EVENT_PHASE_UNDONE:
        log_info("%s: phase %s undone %s", p->plan, e->phase, measures(p->arena, e));
        break;
    case EVENT_STEP_STARTED:
        log_verbose("%s: step %s%s%s", p->plan, e->step, *text ? ": " : "", text);
        break;
    case EVENT_STEP_DONE:
        log_info("%s: %s%s%s, %s", p->plan, e->step, *text ? " " : "", text, measures(p->arena, e));
        break;
    case EVENT_LOCK_WAIT:
        log_info("%s: waiting for a lock, try %d: %s", p->plan, e->tries, text);
        break;
    case EVENT_WAIT:
        log_info("%s: %s waits for %s", p->plan, e->step, text);
        break;
    case EVENT_HELD:
        log_verbose("%s: phase %s is held by %s: %s", p->plan, e->phase, e->step, text);
        break;
    default:
        log_warn("%s: %s", p->plan, text);
        break;
    }
}

/* The event belongs to whoever made it; what is kept is a copy. */
static void keep(struct progress *p, const struct event *e)
{
    struct event *copy = ARENA_PUSH(p->arena, p->events, p->n_events);

    *copy = *e;
    copy->phase = e->phase ? arena_strdup(p->arena, e->phase) : NULL;
    copy->step = e->step ? arena_strdup(p->arena, e->step) : NULL;
    copy->text = e->text ? arena_strdup(p->arena, e->text) : NULL;
}

/* Between phases no transaction is open.  A lost connection is noticed by whoever needs it. */
static void show_in_activity(struct progress *p, const char *phase)
{
    struct err ignored;

    pg_run(p->pg, sql_application,
           PG_ARGS(arena_printf(p->arena, "orchestrate/%s/%s", p->plan, phase)), &ignored);
}

struct progress progress_of(struct cli *cli, const char *plan)
{
    return (struct progress){ .arena = cli->arena,
                              .stream = text_same(cli->options.json, "stream"),
                              .pg = &cli->pg,
                              .plan = plan };
}

static void hear(void *context, const struct event *e)
{
    struct progress *p = context;

    if (p->stream)
        output_event(p->plan, e);
    if (e->kind == EVENT_PROGRESS) {
        show_progress(p, e);
        return;
    }
    progress_end(p);
    if (e->kind == EVENT_PHASE_STARTED)
        show_in_activity(p, e->phase);
    show(p, e);
    /* Somebody is waited for many times; the first few tell the story. */
    if (e->kind != EVENT_STEP_STARTED &&
        ((e->kind != EVENT_LOCK_WAIT && e->kind != EVENT_WAIT) || e->tries <= 3))
        keep(p, e);
}

struct listener progress_listener(struct progress *p)
{
    return (struct listener){ .hear = hear, .context = p };
}
