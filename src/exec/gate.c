#include "gate.h"

#include <string.h>

#include "orchestrate/base/json.h"

static void hold(struct work *w, const struct gate_answer *answer)
{
    struct gate_answer *held = ARENA_PUSH(w->arena, w->result->held_by, w->result->n_held_by);

    *held = *answer;
    work_tell(w, (struct event){ .kind = EVENT_HELD,
                                 .phase = answer->phase,
                                 .step = answer->gate,
                                 .text = answer->reason });
}

static bool record_override(struct work *w, const struct gate_answer *answer, struct err *err)
{
    struct buf out = BUF_IN(w->arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '{');
    json_text(&j, "gate", answer->gate);
    json_text(&j, "reason", answer->reason);
    json_text(&j, "because", w->options->because);
    json_close(&j, '}');
    return store_event(w->pg, w->run, "override", answer->phase, NULL, buf_text(&out), err);
}

/*
 * A phase that was begun goes on without asking again whether it may begin: when
 * the plan wanted it, whether the deploy was out, whether somebody consented.
 * What has to be true of the database is asked again, however long ago that was.
 */
static bool asked_again(const struct run *run, int phase, const char *name)
{
    const struct phase *p = &run->program.phases[phase];

    if (strcmp(name, "deploy") == 0 || strcmp(name, "consent") == 0)
        return false;
    for (size_t i = 0; i < p->n_gates; i++)
        if (strcmp(p->gates[i].name, name) == 0)
            return p->gates[i].always;
    return true;
}

bool gates_ask(struct work *w, int phase, struct gate_answer **answers, size_t *n, struct err *err)
{
    struct gate_query query = { .overrides = w->options->overrides,
                                .n_overrides = w->options->n_overrides,
                                .consent = w->options->confirm,
                                .local = w->options->local };

    w->result->n_held_by = 0;
    w->result->held_by = NULL;
    if (!store_gates(w->arena, w->pg, w->run, phase, &query, answers, n, err))
        return false;
    for (size_t i = 0; i < *n; i++) {
        const struct gate_answer *a = &(*answers)[i];
        bool resumes = w->run->state == RUN_RUNNING && !asked_again(w->run, phase, a->gate);

        if (!a->open && !a->overridden && !resumes)
            hold(w, a);
    }
    return true;
}

/* What an open gate has to say: that nobody ever confirmed a deploy, for one. */
static void warn(struct work *w, const struct gate_answer *answer)
{
    if (answer->open && answer->reason && strcmp(answer->gate, "deploy") == 0)
        work_tell(w, (struct event){ .kind = EVENT_WARNING,
                                     .phase = answer->phase,
                                     .step = answer->gate,
                                     .text = answer->reason });
}

bool gates_record(struct work *w, int phase, const struct gate_answer *answers, size_t n,
                  struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        warn(w, &answers[i]);
        if (answers[i].overridden && !record_override(w, &answers[i], err))
            return false;
    }
    return store_gate_evidence(w->pg, w->run, phase, answers, n, err);
}

bool gates_verdict(struct work *w, struct err *err)
{
    for (size_t i = 0; i < w->result->n_held_by; i++) {
        const struct gate_answer *a = &w->result->held_by[i];

        if (!a->check)
            continue;
        err_set(err, ERR_CHECK, "phase %s of %s may not start: %s: %s", a->phase, w->run->name,
                a->gate, a->reason);
        return err_hint(err,
                        "Mend what it says and advance again, or go back: orchestrate rollback %s",
                        w->run->name);
    }
    w->result->outcome = OUT_HELD;
    return true;
}
