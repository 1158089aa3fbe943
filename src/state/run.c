#include "orchestrate/state/run.h"

int run_next_phase(const struct run *run)
{
    switch (run->state) {
    case RUN_READY:
        return run->phase_state == PHASE_DONE ? run->phase + 1 : run->phase;
    case RUN_RUNNING:
    case RUN_FAILED:
        return run->phase;
    default:
        return -1;
    }
}

int run_last_phase(const struct run *run)
{
    /* A phase that is pending or undone does not count; those before it are done. */
    if (run->phase_state == PHASE_PENDING || run->phase_state == PHASE_UNDONE)
        return run->phase - 1;
    return run->phase;
}
