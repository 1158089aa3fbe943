/*
 * The safety report as members of the JSON answer.
 */
#include "safety.h"

static const char *sql_of(const struct safety *s, const struct step *step)
{
    struct buf sql = BUF_IN(s->arena);

    report_step_sql(&sql, step, &s->plan->settings);
    return buf_text(&sql);
}

/* The undo of one step may take several. */
static const char *undo_of(const struct safety *s, const struct phase *phase,
                           const struct step *step)
{
    struct buf sql = BUF_IN(s->arena);

    for (size_t i = 0; i < phase->n_undo_steps; i++)
        if (safety_undoes(&phase->undo_steps[i], step))
            report_step_sql(&sql, &phase->undo_steps[i], &s->plan->settings);
    return sql.len ? buf_text(&sql) : NULL;
}

static void steps(struct json *j, const struct safety *s, const struct phase *phase)
{
    json_open(j, "steps", '[');
    for (size_t i = 0; i < phase->n_steps; i++) {
        const struct step *step = &phase->steps[i];

        json_open(j, NULL, '{');
        json_text(j, "id", step->id);
        json_text(j, "kind", step_kind_name(step->kind));
        json_text(j, "title", step->title);
        json_text(j, "sql", sql_of(s, step));
        json_text(j, "undo", undo_of(s, phase, step));
        json_text(j, "lock", step->lock == LOCK_NONE ? NULL : lock_mode_name(step->lock));
        json_text(j, "moment_lock",
                  step->moment == LOCK_NONE ? NULL : lock_mode_name(step->moment));
        json_text(j, "relation", step->relation);
        json_text(j, "risk", risk_name(step->risk));
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void phases(struct json *j, const struct safety *s)
{
    json_open(j, "phases", '[');
    for (size_t i = 0; i < s->program->n_phases; i++) {
        const struct phase *phase = &s->program->phases[i];

        json_open(j, NULL, '{');
        json_text(j, "name", phase->name);
        json_text(j, "note", phase->note);
        json_text(j, "risk", risk_name(phase_risk(phase)));
        json_bool(j, "deploy_before", phase->deploy_before);
        json_text(j, "undo", undo_kind_name(phase->undo));
        json_text(j, "undo_until", phase->undo_until);
        json_bool(j, "undo_with_previous", phase->undo_with_previous);
        steps(j, s, phase);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void findings(struct json *j, const char *key, const struct noted *noted, size_t n)
{
    json_open(j, key, '[');
    for (size_t i = 0; i < n; i++) {
        const struct finding *f = noted[i].finding;

        json_open(j, NULL, '{');
        json_text(j, "code", f->code);
        json_text(j, "message", f->message);
        json_text(j, "hint", *f->hint ? f->hint : NULL);
        json_bool(j, "acceptable", f->acceptable);
        json_text(j, "accepted_because", noted[i].accept ? noted[i].accept->because : NULL);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void checklist(struct json *j, const struct safety *s)
{
    static const char *const states[] = {
        [CHECK_OPEN] = "open", [CHECK_DONE] = "done", [CHECK_BAD] = "bad"
    };

    json_open(j, "checklist", '[');
    for (size_t i = 0; i < s->n_checks; i++) {
        json_open(j, NULL, '{');
        json_text(j, "state", states[s->checks[i].state]);
        json_text(j, "text", s->checks[i].text);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void tables(struct json *j, const struct safety *s)
{
    json_open(j, "tables", '[');
    for (size_t i = 0; i < s->report->n_sizes; i++) {
        const struct table_size *t = &s->report->sizes[i];

        json_open(j, NULL, '{');
        json_text(j, "relation", t->relation);
        if (t->rows >= 0)
            json_int(j, "rows", t->rows);
        else
            json_null(j, "rows");
        json_int(j, "bytes", t->bytes);
        json_int(j, "index_bytes", t->index_bytes);
        json_close(j, '}');
    }
    json_close(j, ']');
}

void safety_json(struct buf *out, const struct safety *s)
{
    struct json j = { .out = out };

    json_text(&j, "risk", risk_name(s->risk));
    json_bool(&j, "zero_downtime", s->zero_downtime);
    json_open(&j, "breaks", '[');
    for (size_t i = 0; i < s->n_breaks; i++)
        json_text(&j, NULL, s->breaks[i]);
    json_close(&j, ']');
    json_bool(&j, "database_asked", s->asked);
    json_text(&j, "gates_off", s->report->gates_off);
    tables(&j, s);
    phases(&j, s);
    findings(&j, "refusals", s->refused, s->n_refused);
    findings(&j, "warnings", s->warned, s->n_warned);
    checklist(&j, s);
}
