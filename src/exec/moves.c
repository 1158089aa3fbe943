#include "orchestrate/base/json.h"
#include "work.h"

static unsigned facts_of(const struct work *w, const struct run *run, bool undo)
{
    unsigned facts = 0;

    if (run->phase == 0)
        facts |= FACT_FIRST_PHASE;
    if ((size_t)run->phase + 1 == run->program.n_phases)
        facts |= FACT_LAST_PHASE;
    /* Undoing from `undone` concerns the phase before. */
    if (undo && run->phase_state != PHASE_PENDING) { /* what has not begun can be called off */
        int phase = run->phase_state == PHASE_UNDONE ? run->phase - 1 : run->phase;

        if (phase >= 0 && run->program.phases[phase].undo == UNDO_NEVER &&
            w->open != &run->program.phases[phase])
            facts |= FACT_NO_RETURN;
    }
    return facts;
}

/* A copy that can be changed without the original noticing. */
static struct run copy(struct arena *arena, const struct run *run)
{
    struct run c = *run;
    size_t n = run->program.n_phases;

    c.records = arena_alloc(arena, n * sizeof *c.records);
    for (size_t i = 0; i < n; i++)
        c.records[i] = run->records[i];
    return c;
}

void moves_begin(struct moves *moves, struct work *work)
{
    *moves = (struct moves){ .work = work,
                             .shadow = copy(work->arena, work->run),
                             .sql = BUF_IN(work->arena) };
}

void moves_follow(struct moves *moves, const struct moves *first)
{
    *moves = (struct moves){ .work = first->work,
                             .shadow = copy(first->work->arena, &first->shadow),
                             .sql = BUF_IN(first->work->arena) };
}

bool moves_add(struct moves *moves, enum run_event event, const char *detail, struct err *err)
{
    struct run *at = &moves->shadow;
    const struct transition *t =
        machine_find(at->phase_state, event, facts_of(moves->work, at, event == EV_UNDO));

    if (!t) {
        err_set(err, ERR_CHECK, "not possible now: phase %s of %s is %s",
                at->program.phases[at->phase].name, at->name, phase_state_name(at->phase_state));
        return err_hint(err, "See `orchestrate status %s`.", at->name);
    }
    moves_add_sql(moves, store_move_sql(moves->work->arena, at, t, moves->work->attempt, detail));
    store_moved(at, t);
    return true;
}

void moves_add_sql(struct moves *moves, const char *statement)
{
    if (statement && *statement)
        buf_addf(&moves->sql, "%s;\n", statement);
}

void moves_done(struct moves *moves)
{
    *moves->work->run = moves->shadow;
}

bool work_commit(struct work *work, const char *sql, PGresult **last, struct err *err)
{
    bool committed, ok;

    work->in_doubt = true;
    ok = pg_script(work->pg, sql, &committed, last, err);
    work->in_doubt = !ok && pg_lost(work->pg);
    return ok;
}

bool moves_commit(struct moves *moves, struct err *err)
{
    if (moves->sql.len == 0)
        return true;
    if (!work_commit(moves->work,
                     arena_printf(moves->work->arena, "BEGIN;\n%sCOMMIT;", buf_text(&moves->sql)),
                     NULL, err))
        return false;
    moves_done(moves);
    return true;
}

bool work_own_words_over(struct work *work, struct err *err)
{
    return pg_pin(work->pg, err) && store_keep(work->pg, work->run, err);
}

const char *work_detail(const struct work *work, const char *error)
{
    struct buf out = BUF_IN(work->arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '{');
    json_text(&j, "tool", ORCHESTRATE_VERSION);
    if (work->options->deploy_id)
        json_text(&j, "deploy_id", work->options->deploy_id);
    if (work->options->because)
        json_text(&j, "because", work->options->because);
    if (error)
        json_text(&j, "error", error);
    json_close(&j, '}');
    return buf_text(&out);
}
