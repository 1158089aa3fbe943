#include <inttypes.h>
#include <string.h>

#include "orchestrate/base/clock.h"
#include "orchestrate/base/json.h"
#include "work.h"

static step_runner *const runners[] = {
    [STEP_DDL] = step_ddl,     [STEP_ALONE] = step_alone, [STEP_BACKFILL] = step_backfill,
    [STEP_CHECK] = step_check, [STEP_SQL] = step_sql,
};
_Static_assert(ARRAY_LEN(runners) == STEP_KIND_COUNT, "a runner for every kind of step");

void work_tell(const struct work *work, struct event event)
{
    if (event.kind != EVENT_STEP_DONE)
        event.lock_ms = -1;
    work->options->listener.hear(work->options->listener.context, &event);
}

/* What is left to do, in order, of the phase or of its undo. */
struct agenda {
    const struct step *steps;
    size_t n;
    bool *done;
    bool *unsure;  /* see struct step_work */
    bool *moot;    /* of an undo: the step was tried, and did not happen */
    size_t n_done; /* of those that were done, not only left out */
};

const char *work_so_far(const struct step_work *sw)
{
    if (!sw->earlier)
        return sw->work->n_phases ? "nothing of this phase was changed" : "nothing was changed";
    return arena_printf(sw->work->arena,
                        "this step changed nothing (%zu step%s before it %s done, and will not be "
                        "done again)",
                        sw->earlier, sw->earlier == 1 ? "" : "s", sw->earlier == 1 ? "is" : "are");
}

/*
 * What the phase before did for a change is taken back here only when something of
 * this phase is, and nothing of it for that change.
 */
static bool is_due(const struct phase *phase, const bool *forward, const struct step *undo)
{
    size_t len = step_stands_in(undo);
    bool any = false;

    for (size_t i = 0; i < phase->n_steps; i++) {
        any |= forward[i];
        if (forward[i] && strncmp(phase->steps[i].id, undo->id, len) == 0)
            return false;
    }
    return any;
}

/* Is there nothing to undo, because the step has not happened?  *moot: it was tried. */
static bool not_done(const struct step *forward, enum deed deed, const struct step *undo,
                     bool *moot)
{
    bool refuted = deed == DEED_REFUTED && !deeds_clears_up(undo);

    *moot = forward && refuted;
    return forward && deed == DEED_NOT;
}

/*
 * A transactional step that is not recorded did not happen, so it must not be
 * undone.  Others of an operation may have happened in part; their undo can cope with
 * that.  SQL of a plan's own cannot: of that it is asked (see deeds.c).
 */
static bool skip_undone(struct work *w, const struct phase *phase, struct agenda *a,
                        struct err *err)
{
    bool *forward = arena_alloc(w->arena, phase->n_steps + 1);
    enum deed *deeds;

    if (!deeds_read(w, phase, &deeds, err))
        return false;
    for (size_t i = 0; i < phase->n_steps; i++)
        forward[i] = deeds[i] == DEED_DONE;
    for (size_t i = 0; i < a->n; i++) {
        const struct step *f = deeds_forward(phase, &a->steps[i]);

        a->unsure[i] = f && !forward[f - phase->steps];
        if (not_done(f, f ? deeds[f - phase->steps] : DEED_DONE, &a->steps[i], &a->moot[i]))
            a->done[i] = true;
        if (step_stands_in(&a->steps[i]) && !is_due(phase, forward, &a->steps[i]))
            a->done[i] = true;
    }
    return true;
}

static bool make_agenda(struct work *w, const struct phase *phase, struct agenda *a,
                        struct err *err)
{
    enum phase_state under_way = w->undo ? PHASE_UNDOING : PHASE_RUNNING;
    bool resumed =
        w->run->phase_state == under_way || (!w->undo && w->run->phase_state == PHASE_FAILED);

    a->steps = w->undo ? phase->undo_steps : phase->steps;
    a->n = w->undo ? phase->n_undo_steps : phase->n_steps;
    a->done = arena_alloc(w->arena, a->n + 1);
    a->unsure = arena_alloc(w->arena, a->n + 1);
    a->moot = arena_alloc(w->arena, a->n + 1);
    if (resumed && !store_steps_done(w->pg, w->run, w->undo, a->done, a->n, err))
        return false;
    for (size_t i = 0; i < a->n; i++)
        a->n_done += a->done[i];
    return !w->undo || skip_undone(w, phase, a, err);
}

/* The moves that make the phase `running` (or `undoing`), as far as it is not yet. */
static bool enter(struct moves *m, struct err *err)
{
    struct work *w = m->work;
    const char *detail = work_detail(w, NULL);
    enum phase_state want = w->undo ? PHASE_UNDOING : PHASE_RUNNING;

    if (m->shadow.phase_state == want)
        return true;
    if (!w->undo && m->shadow.phase == 0 && m->shadow.phase_state == PHASE_PENDING)
        moves_add_sql(m, store_claim_sql(w->arena, w->run));
    if (!w->undo && m->shadow.phase_state == PHASE_DONE && !moves_add(m, EV_ADVANCE, detail, err))
        return false; /* to `pending` of the next phase */
    return moves_add(m, w->undo ? EV_UNDO : EV_ADVANCE, detail, err);
}

/* ... and those that end it; `both`: its undo was that of the phase before, too. */
static bool leave(struct moves *m, bool both, struct err *err)
{
    const char *detail = work_detail(m->work, NULL);

    if (!m->work->undo)
        return moves_add(m, EV_PHASE_OVER, detail, err);
    if (!moves_add(m, EV_UNDO_OVER, detail, err))
        return false;
    return !both || (moves_add(m, EV_UNDO, detail, err) && moves_add(m, EV_UNDO_OVER, detail, err));
}

/* Somebody made a partition meanwhile, perhaps, and owns it; or a grant was taken back. */
static void explain_denied(const struct step_work *sw, struct err *err)
{
    const char *role = sw->step->role, *self = sw->work->pg->role;
    const char *member = "";

    if (!role || strcmp(err->sqlstate, "42501") != 0 || *err->hint)
        return;
    if (strcmp(self, role) != 0)
        member = arena_printf(sw->work->arena,
                              "The step runs as role %s, of which %s has to be a member (GRANT %s "
                              "TO %s). ",
                              role, self, role, self);
    if (sw->step->custom) {
        err_hint(err,
                 "%sRole %s has to own what the step alters, or be a member of the owner; to make "
                 "something in a schema it needs GRANT USAGE, CREATE ON SCHEMA ... TO %s; for rows "
                 "GRANT SELECT, UPDATE ... ON the table. Then try again.",
                 member, role, role);
        return;
    }
    err_hint(err,
             "%sRole %s has to own what the step alters: the table, and each partition, those made "
             "since `start` too (ALTER TABLE ... OWNER TO %s). Then try again.",
             member, role, role);
}

/* What is wrong with words of the plan is not wrong with us. */
static void explain_words(const struct step_work *sw, struct err *err)
{
    const struct step *step = sw->step;

    if (!step->custom)
        return;
    if (strcmp(err->sqlstate, "42601") == 0)
        err->code = ERR_FAILED;
    if (step->kind == STEP_CHECK && strcmp(err->sqlstate, "25006") == 0) {
        err->code = ERR_FAILED;
        err_hint(err, "A check may only read: take out what writes, a function perhaps, or make it "
                      "a step of `sql`. Undo this phase, mend the plan, take it over "
                      "(--accept-plan-change).");
    }
    if (step->kind == STEP_SQL &&
        (strcmp(err->sqlstate, "2D000") == 0 || strcmp(err->sqlstate, "25001") == 0))
        err_hint(err, "It commits by itself, so it cannot share a transaction with the record that "
                      "the step is done. Make it a step of its own, with `verify`, a query that "
                      "tells whether it has happened: it is sent outside a transaction then.");
}

/* What is not done of it can be exchanged. */
static void explain_undo(const struct step_work *sw, struct err *err)
{
    const char *so_far = "Nothing was undone.";

    if (!sw->work->undo || !sw->step->custom || err->code != ERR_FAILED || *err->hint)
        return;
    if (sw->earlier)
        so_far = arena_printf(sw->work->arena,
                              "What is undone stays so (%zu step%s), and is not undone again.",
                              sw->earlier, sw->earlier == 1 ? "" : "s");
    err_hint(err,
             "%s If `undo` is wrong in the plan, mend it there and take it over: `orchestrate "
             "start FILE --accept-plan-change`; then roll back again.",
             so_far);
}

/*
 * The error, kept where `status` and `history` find it; for those that are the step's own.
 * Who was not allowed to begin has not: the run stays as it was.
 */
static bool record_failure(struct work *w, const struct err *cause)
{
    struct moves m;
    struct err ignored;

    if (cause->code != ERR_FAILED && cause->code != ERR_CONSENT && cause->code != ERR_BUG)
        return false;
    if (cause->code == ERR_CONSENT && !w->undo && w->run->phase_state != PHASE_RUNNING)
        return false;
    if (w->undo)
        return store_event(w->pg, w->run, "undo_failed", NULL, NULL, work_detail(w, cause->text),
                           &ignored);
    moves_begin(&m, w);
    return enter(&m, &ignored) && moves_add(&m, EV_FAILED, work_detail(w, cause->text), &ignored) &&
           moves_commit(&m, &ignored);
}

/* What was done, or that nothing had to be. */
static const char *outcome_of(const struct step_work *sw)
{
    const char *title = sw->step->title;

    if (!sw->instead)
        return title;
    return title ? arena_printf(sw->work->arena, "%s: %s", title, sw->instead) : sw->instead;
}

/* A synchronous commit: what went before it without waiting for the disk is safe then, too. */
static bool store_step_event(const struct step_work *sw, double ms, struct err *err)
{
    struct work *w = sw->work;
    struct buf out = BUF_IN(w->arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '{');
    json_int(&j, "ms", (int64_t)ms);
    json_text(&j, "instead", sw->instead);
    if (sw->lock_ms >= 0)
        json_raw(&j, "lock_ms", arena_printf(w->arena, "%.3f", sw->lock_ms));
    if (sw->step->kind == STEP_BACKFILL)
        json_int(&j, "rows", sw->rows);
    if (sw->tries > 1)
        json_int(&j, "tries", sw->tries);
    json_close(&j, '}');
    return store_event(w->pg, w->run, w->undo ? "step_undone" : "step_done", sw->phase->name,
                       sw->step->id, buf_text(&out), err);
}

/*
 * A step that does not share a transaction with the moves that begin its phase tries its
 * role before them; the others take back both.
 */
static bool may_begin(const struct step_work *sw, struct err *err)
{
    struct work *w = sw->work;
    const struct step *step = sw->step;

    if (!step->role || !sw->before.sql.len ||
        (step->kind != STEP_ALONE && step->kind != STEP_BACKFILL))
        return true;
    return pg_script(w->pg,
                     arena_printf(w->arena, "BEGIN;\nSET LOCAL ROLE %s;\nROLLBACK;",
                                  pg_ident(w->arena, step->role)),
                     NULL, NULL, err);
}

/* Recorded like one that was undone: what was asked may not be there to be asked any more. */
static bool step_moot(struct step_work *sw, struct err *err)
{
    sw->instead = arena_printf(sw->work->arena, "not needed: step %s did not happen",
                               deeds_forward(sw->phase, sw->step)->id);
    return moves_commit(&sw->before, err) && moves_commit(&sw->after, err);
}

static bool carry_out(struct step_work *sw, bool moot, struct err *err)
{
    return may_begin(sw, err) && (moot ? step_moot : runners[sw->step->kind])(sw, err);
}

static bool run_step(struct work *w, const struct phase *phase, struct agenda *a, size_t i,
                     bool last, struct err *err)
{
    struct step_work sw = { .work = w,
                            .phase = phase,
                            .step = &a->steps[i],
                            .ord = i,
                            .earlier = a->n_done,
                            .unsure = a->unsure[i],
                            .lock_ms = -1 };
    double start = clock_ms_exact(), ms;

    w->in_doubt = false;
    /* What was set since the last step holds for this one. */
    if (!store_settings(w->pg, w->run, err))
        return false;
    moves_begin(&sw.before, w);
    if (!enter(&sw.before, err))
        return false;
    moves_follow(&sw.after, &sw.before);
    moves_add_sql(&sw.after, store_step_sql(w->arena, &sw.after.shadow, w->undo, i, w->attempt));
    if (last && !leave(&sw.after, phase->undo_with_previous, err))
        return false;
    work_tell(w, (struct event){ .kind = EVENT_STEP_STARTED,
                                 .phase = phase->name,
                                 .step = sw.step->id,
                                 .text = sw.step->title });
    if (!carry_out(&sw, a->moot[i], err) && !(w->in_doubt && doubt_resolve(&sw, err))) {
        explain_words(&sw, err);
        explain_denied(&sw, err);
        explain_undo(&sw, err);
        w->result->failed = sw.step->id;
        if (!pg_lost(w->pg))
            record_failure(w, err);
        return err_wrap(err, "step %s", sw.step->id);
    }
    if (w->stopped)
        return true;
    a->n_done += !a->moot[i];
    ms = clock_ms_exact() - start;
    work_tell(w, (struct event){ .kind = EVENT_STEP_DONE,
                                 .phase = phase->name,
                                 .step = sw.step->id,
                                 .text = outcome_of(&sw),
                                 .ms = ms,
                                 .lock_ms = sw.lock_ms,
                                 .rows = sw.rows,
                                 .tries = sw.tries });
    return store_step_event(&sw, ms, err);
}

/* A phase with nothing (left) to do still has to be entered and left. */
static bool pass_through(struct work *w, struct err *err)
{
    struct moves m;

    moves_begin(&m, w);
    return enter(&m, err) && leave(&m, false, err) && moves_commit(&m, err);
}

static bool run(struct work *w, const struct phase *phase, struct err *err)
{
    struct agenda a = { 0 };
    size_t left = 0;

    if (!make_agenda(w, phase, &a, err))
        return false;
    for (size_t i = 0; i < a.n; i++)
        left += !a.done[i];
    if (!left)
        return pass_through(w, err);
    for (size_t i = 0; i < a.n && left; i++) {
        if (a.done[i])
            continue;
        if (!run_step(w, phase, &a, i, --left == 0, err))
            return false;
        if (w->stopped)
            return true;
    }
    return true;
}

bool phase_run(struct work *w, const struct phase *phase, struct err *err)
{
    w->attempt = store_uuid(w->arena);
    if (!run(w, phase, err))
        return false;
    w->n_phases += !w->stopped;
    return true;
}
