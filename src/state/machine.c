#include "orchestrate/state/machine.h"

#define FIRST FACT_FIRST_PHASE
#define LAST FACT_LAST_PHASE
#define STUCK FACT_NO_RETURN

/*
 * The ids are permanent: they stand in histories.  The same rows are in
 * src/sql/store/fsm.sql, where the database judges each move by them.
 */
/* clang-format off */
static const struct transition rows[] = {
    /* id  from           on             must   not            to            move why */
    {  10, PHASE_PENDING, EV_ADVANCE,    0,     0,             PHASE_RUNNING, 0, "the phase starts" },
    {  11, PHASE_PENDING, EV_UNDO,       FIRST, STUCK,         PHASE_UNDOING, 0, "called off before anything began" },
    {  20, PHASE_RUNNING, EV_PHASE_OVER, 0,     0,             PHASE_DONE,    0, "the phase has no step left" },
    {  21, PHASE_RUNNING, EV_FAILED,     0,     0,             PHASE_FAILED,  0, "a step failed" },
    {  22, PHASE_RUNNING, EV_UNDO,       0,     STUCK,         PHASE_UNDOING, 0, "called off half-way" },
    {  30, PHASE_FAILED,  EV_ADVANCE,    0,     0,             PHASE_RUNNING, 0, "the failed step is tried again" },
    {  31, PHASE_FAILED,  EV_UNDO,       0,     STUCK,         PHASE_UNDOING, 0, "called off after a failure" },
    {  40, PHASE_DONE,    EV_ADVANCE,    0,     LAST,          PHASE_PENDING, 1, "the next phase is due" },
    {  41, PHASE_DONE,    EV_UNDO,       0,     STUCK,         PHASE_UNDOING, 0, "the phase is taken back" },
    {  50, PHASE_UNDOING, EV_UNDO_OVER,  0,     0,             PHASE_UNDONE,  0, "the phase has nothing left to undo" },
    {  60, PHASE_UNDONE,  EV_ADVANCE,    0,     FIRST,         PHASE_RUNNING, 0, "the phase starts anew" },
    {  61, PHASE_UNDONE,  EV_UNDO,       0,     FIRST | STUCK, PHASE_UNDOING, -1, "the phase before is taken back too" },
};

static const char *const events[] = {
    [EV_ADVANCE] = "advance", [EV_PHASE_OVER] = "phase over", [EV_FAILED] = "step failed",
    [EV_UNDO] = "rollback",   [EV_UNDO_OVER] = "undo over",
};
/* clang-format on */
_Static_assert(ARRAY_LEN(events) == RUN_EVENT_COUNT, "a name for every event of a run");

const struct transition *machine_rows(size_t *count)
{
    *count = ARRAY_LEN(rows);
    return rows;
}

bool transition_applies(const struct transition *t, enum phase_state from, enum run_event on,
                        unsigned facts)
{
    return t->from == from && t->on == on && (facts & t->must) == t->must && !(facts & t->must_not);
}

const struct transition *machine_find(enum phase_state from, enum run_event on, unsigned facts)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (transition_applies(&rows[i], from, on, facts))
            return &rows[i];
    return NULL;
}

enum run_state machine_run_state(enum phase_state last, bool first_phase, bool last_phase)
{
    switch (last) {
    case PHASE_RUNNING:
        return RUN_RUNNING;
    case PHASE_FAILED:
        return RUN_FAILED;
    case PHASE_UNDOING:
        return RUN_UNDOING;
    case PHASE_DONE:
        return last_phase ? RUN_COMPLETE : RUN_READY;
    case PHASE_UNDONE:
        return first_phase ? RUN_UNDONE : RUN_READY;
    default:
        return RUN_READY;
    }
}

bool run_state_is_live(enum run_state state)
{
    return state != RUN_COMPLETE && state != RUN_UNDONE;
}

const char *run_event_name(enum run_event event)
{
    return events[event];
}

/* "advance, in the next phase, unless it is the last": what an arrow is labelled with. */
static void arrow(struct buf *out, const struct transition *t)
{
    static const struct {
        unsigned fact;
        const char *must, *must_not;
    } words[] = {
        { FACT_FIRST_PHASE, " [in the first phase]", " [not in the first phase]" },
        { FACT_LAST_PHASE, " [in the last phase]", " [not in the last phase]" },
        { FACT_NO_RETURN, " [no way back]", " [before the point of no return]" },
    };
    static const char *const moves[] = { ", of the phase before", "", ", of the next phase" };

    buf_addf(out, "    %s --> %s: %s%s", phase_state_name(t->from), phase_state_name(t->to),
             run_event_name(t->on), moves[t->move + 1]);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (t->must & words[i].fact)
            buf_add(out, words[i].must);
        if (t->must_not & words[i].fact)
            buf_add(out, words[i].must_not);
    }
    buf_add(out, "\n");
}

void machine_mermaid(struct buf *out)
{
    buf_add(out, "stateDiagram-v2\n    [*] --> pending: start\n");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        arrow(out, &rows[i]);
    buf_add(out, "    done --> [*]: complete [in the last phase]\n"
                 "    undone --> [*]: undone [in the first phase]\n");
}

void machine_page(struct buf *out)
{
    buf_add(
        out,
        "# States\n\n"
        "Made from `src/state/machine.c`; the database holds the same moves in "
        "`orchestrate.fsm` and refuses all others.\n"
        "A run stands where its last history row says: in a phase, in one of these states.\n\n");
    buf_add(out, "```mermaid\n");
    machine_mermaid(out);
    buf_add(out, "```\n");
    buf_add(out,
            "\n| id | from | on | to | phase | why |\n| --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        buf_addf(out, "| %d | %s | %s | %s | %s | %s |\n", rows[i].id,
                 phase_state_name(rows[i].from), run_event_name(rows[i].on),
                 phase_state_name(rows[i].to),
                 rows[i].move > 0   ? "next"
                 : rows[i].move < 0 ? "the one before"
                                    : "same",
                 rows[i].why);
}
