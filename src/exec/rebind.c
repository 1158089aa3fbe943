/*
 * What stands in the database and knows oids, made anew after a restore: of each
 * change what belongs to the phase that it is behind.
 */
#include "orchestrate/base/buf.h"
#include "work.h"

/* Of the phase under way; NULL: there is none. */
static const struct phase *under_way(const struct run *run, const struct program *program)
{
    bool is = run->phase_state == PHASE_RUNNING || run->phase_state == PHASE_FAILED;

    return is ? &program->phases[run->phase] : NULL;
}

/* Has this change nothing left to do in the phase, and had it something? */
static bool is_behind(const struct phase *phase, const bool *done, size_t change)
{
    bool any = false;

    for (size_t i = 0; phase && i < phase->n_steps; i++) {
        if (step_change(&phase->steps[i]) != change)
            continue;
        if (!done[i])
            return false;
        any = true;
    }
    return any;
}

static void add(struct buf *out, const struct phase *of, const struct phase *now, const bool *done,
                bool behind)
{
    for (size_t i = 0; of && i < of->n_rebinds; i++)
        if (is_behind(now, done, of->rebinds[i].change) == behind)
            buf_addf(out, "%s\n", of->rebinds[i].sql);
}

bool exec_rebind(struct arena *arena, struct pg *pg, const struct run *run,
                 const struct program *program, const char **sql, struct err *err)
{
    const char *last = exec_verified_phase(run);
    const struct phase *before = last ? &program->phases[program_phase(program, last)] : NULL;
    const struct phase *now = under_way(run, program);
    struct buf out = BUF_IN(arena);
    bool *done = arena_alloc(arena, now ? now->n_steps + 1 : 1);

    if (now && !store_steps_done(pg, run, false, done, now->n_steps, err))
        return false;
    add(&out, before, now, done, false);
    add(&out, now, now, done, true);
    *sql = out.len ? buf_text(&out) : NULL;
    return true;
}
