/*
 * What goes into somebody else's transaction: moves, records, claims, the fence
 * of a batch.  Statements as text, without the semicolon at the end.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "store_private.h"

const char *store_move_sql(struct arena *arena, const struct run *run, const struct transition *t,
                           const char *attempt, const char *detail)
{
    return arena_printf(
        arena,
        "INSERT INTO orchestrate.transition (run, seq, from_phase, from_state, to_phase, to_state,"
        " rule, epoch, attempt, detail) VALUES (%" PRId64 ", %" PRId64
        ", %d, '%s', %d, '%s', %d, %" PRId64 ", %s, %s)",
        run->id, run->seq + 1, run->phase, phase_state_name(t->from), run->phase + t->move,
        phase_state_name(t->to), t->id, run->epoch, pg_literal(arena, attempt),
        pg_literal(arena, detail ? detail : "{}"));
}

void store_moved(struct run *run, const struct transition *t)
{
    run->seq++;
    run->phase += t->move;
    run->phase_state = t->to;
    run->state =
        machine_run_state(t->to, run->phase == 0, (size_t)run->phase + 1 == run->program.n_phases);
    run->records[run->phase].state = t->to;
    if (t->to == PHASE_RUNNING)
        run->records[run->phase].finished_at = NULL;
}

static int by_relid(const void *a, const void *b)
{
    uint32_t x = (*(const struct claim *const *)a)->relid;
    uint32_t y = (*(const struct claim *const *)b)->relid;

    return (x > y) - (x < y);
}

const char *store_claim_sql(struct arena *arena, const struct run *run)
{
    size_t n = run->program.n_claims;
    const struct claim **sorted = arena_alloc(arena, (n + 1) * sizeof *sorted);
    struct buf out = BUF_IN(arena);

    /* One order for all runs, so that two that start at once cannot deadlock. */
    for (size_t i = 0; i < n; i++)
        sorted[i] = &run->program.claims[i];
    qsort(sorted, n, sizeof *sorted, by_relid);
    for (size_t i = 0; i < n; i++)
        buf_addf(&out,
                 "%sUPDATE orchestrate.claim SET taken_at = pg_catalog.clock_timestamp()"
                 " WHERE run = %" PRId64 " AND relid = %" PRIu32 " AND taken_at IS NULL",
                 i ? ";\n" : "", run->id, sorted[i]->relid);
    return buf_text(&out);
}

const char *store_step_sql(struct arena *arena, const struct run *run, bool undo, size_t ord,
                           const char *attempt)
{
    return arena_printf(
        arena,
        "INSERT INTO orchestrate.step_record (run, phase, undo, ord, epoch, attempt)"
        " VALUES (%" PRId64 ", %d, %s, %zu, %" PRId64 ", %s)",
        run->id, run->phase, arg_bool(undo), ord, run->epoch, pg_literal(arena, attempt));
}

const char *store_checkpoint_sql(struct arena *arena, const struct run *run, bool undo, size_t ord,
                                 const struct checkpoint *cp)
{
    return arena_printf(
        arena,
        "INSERT INTO orchestrate.checkpoint (run, phase, undo, ord, epoch, cursor, rows, total)"
        " VALUES (%" PRId64 ", %d, %s, %zu, %" PRId64 ", %s, %" PRId64 ", %" PRId64 ")"
        " ON CONFLICT (run, phase, undo, ord, job) DO UPDATE SET epoch = EXCLUDED.epoch,"
        " cursor = EXCLUDED.cursor, rows = EXCLUDED.rows, total = EXCLUDED.total",
        run->id, run->phase, arg_bool(undo), ord, run->epoch, pg_literal(arena, cp->cursor),
        cp->rows, cp->total);
}

const char *store_fence_sql(struct arena *arena, const struct run *run)
{
    return arena_printf(arena,
                        "SELECT f.stop, f.paused, f.epoch_ok"
                        " FROM orchestrate.fence(%" PRId64 ", %" PRId64 ") AS f",
                        run->id, run->epoch);
}
