/*
 * The answer of a command as one JSON object, and its exit status.
 */
#include "orchestrate/report/report.h"

enum { SCHEMA_VERSION = 1 };

static const int best_to_worst[] = { 0, 2, 3, 4, 69, 6, 77, 7, 5, 64, 66, 65, 1, 78, 70, 130, 143 };

static int badness(int status)
{
    for (int i = 0; i < (int)ARRAY_LEN(best_to_worst); i++)
        if (best_to_worst[i] == status)
            return i;
    return (int)ARRAY_LEN(best_to_worst);
}

int status_worse(int a, int b)
{
    return badness(a) >= badness(b) ? a : b;
}

int answer_status(const struct answer *answer)
{
    int status = answer->err.code == ERR_NONE ? answer->exits : err_status(&answer->err);

    for (size_t i = 0; i < answer->n_results; i++)
        status = status_worse(status, answer_status(&answer->results[i]));
    return status;
}

/* The result whose status decides, or the answer itself. */
static const struct answer *deciding(const struct answer *answer)
{
    int status = answer_status(answer);

    if (answer->err.code != ERR_NONE || answer->exits || status == 0)
        return answer;
    for (size_t i = 0; i < answer->n_results; i++)
        if (answer_status(&answer->results[i]) == status)
            return &answer->results[i];
    return answer;
}

const char *answer_code(const struct answer *answer)
{
    const struct answer *a = deciding(answer);

    return a->err.code == ERR_NONE ? outcome_name(a->outcome) : err_name(a->err.code);
}

void report_held_json(struct json *j, const struct gate_answer *answers, size_t n)
{
    json_open(j, "held_by", '[');
    for (size_t i = 0; i < n; i++) {
        const struct gate_answer *a = &answers[i];

        if (a->open || a->overridden)
            continue;
        json_open(j, NULL, '{');
        json_text(j, "gate", a->gate);
        json_text(j, "phase", a->phase);
        json_text(j, "reason", a->reason);
        json_text(j, "until", a->until);
        json_raw(j, "evidence", a->evidence ? a->evidence : "{}");
        json_bool(j, "overridable", a->overridable);
        json_text(j, "next_command", a->next_command);
        json_close(j, '}');
    }
    json_close(j, ']');
}

/* plan: for events that do not stand in the answer of their plan; else NULL. */
static void event(struct json *j, const char *plan, const struct event *e)
{
    json_open(j, NULL, '{');
    json_text(j, "event", event_kind_name(e->kind));
    if (plan)
        json_text(j, "plan", plan);
    json_text(j, "phase", e->phase);
    json_text(j, "step", e->step);
    json_text(j, "text", e->text);
    json_raw(j, "ms", arena_printf(j->out->arena, "%.1f", e->ms));
    if (e->lock_ms >= 0)
        json_raw(j, "lock_ms", arena_printf(j->out->arena, "%.1f", e->lock_ms));
    else
        json_null(j, "lock_ms");
    json_int(j, "rows", e->rows);
    if (e->kind == EVENT_PROGRESS)
        json_int(j, "total", e->total);
    json_close(j, '}');
}

void report_event_json(struct buf *out, const char *plan, const struct event *e)
{
    struct json j = { .out = out };

    event(&j, plan, e);
    buf_add(out, "\n");
}

static void events(struct json *j, const struct answer *answer)
{
    if (answer->history) {
        json_raw(j, "events", answer->history);
        return;
    }
    json_open(j, "events", '[');
    for (size_t i = 0; i < answer->n_events; i++)
        event(j, NULL, &answer->events[i]);
    json_close(j, ']');
}

static void diagnostic(struct json *j, const struct diagnostic *d)
{
    json_open(j, NULL, '{');
    json_text(j, "severity", d->severity);
    json_text(j, "code", d->code);
    json_text(j, "message", d->message);
    json_text(j, "hint", d->hint && *d->hint ? d->hint : NULL);
    json_text(j, "file", d->at.file);
    if (d->at.line) {
        json_int(j, "line", d->at.line);
        json_int(j, "column", d->at.column);
    } else {
        json_null(j, "line");
        json_null(j, "column");
    }
    json_close(j, '}');
}

static void error(struct json *j, const struct err *err)
{
    if (err->code == ERR_NONE) {
        json_null(j, "error");
        return;
    }
    json_open(j, "error", '{');
    json_text(j, "code", err_name(err->code));
    json_text(j, "message", err->text);
    json_text(j, "hint", *err->hint ? err->hint : NULL);
    json_text(j, "sqlstate", *err->sqlstate ? err->sqlstate : NULL);
    json_raw(j, "blockers", *err->blockers ? err->blockers : "[]");
    json_close(j, '}');
}

static void members(struct json *j, const struct answer *answer)
{
    const struct answer *a = deciding(answer);

    json_int(j, "schema_version", SCHEMA_VERSION);
    json_text(j, "command", answer->command);
    json_bool(j, "ok", answer_status(answer) == 0);
    json_text(j, "code", answer_code(answer));
    json_text(j, "plan", answer->plan);
    if (answer->run)
        json_int(j, "run", answer->run);
    else
        json_null(j, "run");
    json_text(j, "state", answer->state);
    json_text(j, "phase", answer->phase);
    json_text(j, "next_phase", answer->next_phase);
    json_text(j, "deploy_id", answer->deploy_id);
    json_bool(j, "retryable", a->err.code != ERR_NONE && err_retryable(a->err.code));
    report_held_json(j, answer->held_by, answer->n_held_by);
    events(j, answer);
    json_open(j, "diagnostics", '[');
    for (size_t i = 0; i < answer->n_diagnostics; i++)
        diagnostic(j, &answer->diagnostics[i]);
    json_close(j, ']');
    error(j, &answer->err);
}

static void object(struct json *j, const struct answer *answer)
{
    json_open(j, NULL, '{');
    members(j, answer);
    if (answer->holder.pid)
        report_holder_json(j, &answer->holder);
    if (answer->more && *answer->more) {
        buf_addf(j->out, ",%s", answer->more);
        j->comma = true;
    }
    if (answer->many) {
        json_open(j, "results", '[');
        for (size_t i = 0; i < answer->n_results; i++)
            object(j, &answer->results[i]);
        json_close(j, ']');
    }
    json_close(j, '}');
}

void report_answer_json(struct buf *out, const struct answer *answer)
{
    struct json j = { .out = out };

    object(&j, answer);
    buf_add(out, "\n");
}
