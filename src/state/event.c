#include "orchestrate/state/event.h"

#include "orchestrate/base/attr.h"

static const char *const events[] = {
    [EVENT_PHASE_STARTED] = "phase_started",
    [EVENT_PHASE_DONE] = "phase_done",
    [EVENT_PHASE_UNDONE] = "phase_undone",
    [EVENT_STEP_STARTED] = "step_started",
    [EVENT_STEP_DONE] = "step_done",
    [EVENT_LOCK_WAIT] = "lock_wait",
    [EVENT_WAIT] = "wait",
    [EVENT_PROGRESS] = "progress",
    [EVENT_HELD] = "held",
    [EVENT_WARNING] = "warning",
};
_Static_assert(ARRAY_LEN(events) == EVENT_KIND_COUNT, "a name for every event");

static const char *const outcomes[] = {
#define X(code, name) [code] = name,
    OUTCOMES(X)
#undef X
};

const char *event_kind_name(enum event_kind kind)
{
    return events[kind];
}

const char *outcome_name(enum outcome outcome)
{
    return outcomes[outcome];
}
