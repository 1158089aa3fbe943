#include "orchestrate/state/words.h"

#include <string.h>

#include "orchestrate/base/attr.h"

static const char *const phase_states[] = {
    [PHASE_PENDING] = "pending", [PHASE_RUNNING] = "running", [PHASE_DONE] = "done",
    [PHASE_FAILED] = "failed",   [PHASE_UNDOING] = "undoing", [PHASE_UNDONE] = "undone",
};
static const char *const run_states[] = {
    [RUN_READY] = "ready",     [RUN_RUNNING] = "running",   [RUN_FAILED] = "failed",
    [RUN_UNDOING] = "undoing", [RUN_COMPLETE] = "complete", [RUN_UNDONE] = "undone",
};
static const char *const step_kinds[] = {
    [STEP_DDL] = "ddl",     [STEP_ALONE] = "alone", [STEP_BACKFILL] = "backfill",
    [STEP_CHECK] = "check", [STEP_SQL] = "sql",
};
static const char *const lock_modes[] = {
    [LOCK_NONE] = "none",
    [LOCK_ACCESS_SHARE] = "ACCESS SHARE",
    [LOCK_ROW_SHARE] = "ROW SHARE",
    [LOCK_ROW_EXCLUSIVE] = "ROW EXCLUSIVE",
    [LOCK_SHARE_UPDATE_EXCLUSIVE] = "SHARE UPDATE EXCLUSIVE",
    [LOCK_SHARE] = "SHARE",
    [LOCK_SHARE_ROW_EXCLUSIVE] = "SHARE ROW EXCLUSIVE",
    [LOCK_EXCLUSIVE] = "EXCLUSIVE",
    [LOCK_ACCESS_EXCLUSIVE] = "ACCESS EXCLUSIVE",
};
static const char *const risks[] = {
    [RISK_LOW] = "LOW",
    [RISK_MEDIUM] = "MEDIUM",
    [RISK_HIGH] = "HIGH",
};
static const char *const undo_kinds[] = {
    [UNDO_INSTANT] = "instant",
    [UNDO_CATCH_UP] = "catch_up",
    [UNDO_LOSSY] = "lossy",
    [UNDO_NEVER] = "never",
};

_Static_assert(ARRAY_LEN(phase_states) == PHASE_STATE_COUNT, "a name for every phase state");
_Static_assert(ARRAY_LEN(run_states) == RUN_STATE_COUNT, "a name for every run state");
_Static_assert(ARRAY_LEN(step_kinds) == STEP_KIND_COUNT, "a name for every step kind");
_Static_assert(ARRAY_LEN(lock_modes) == LOCK_MODE_COUNT, "a name for every lock mode");
_Static_assert(ARRAY_LEN(risks) == RISK_COUNT, "a name for every risk");
_Static_assert(ARRAY_LEN(undo_kinds) == UNDO_KIND_COUNT, "a name for every kind of undo");

static int find(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

const char *phase_state_name(enum phase_state state)
{
    return phase_states[state];
}

const char *run_state_name(enum run_state state)
{
    return run_states[state];
}

const char *step_kind_name(enum step_kind kind)
{
    return step_kinds[kind];
}

const char *lock_mode_name(enum lock_mode mode)
{
    return lock_modes[mode];
}

const char *risk_name(enum risk risk)
{
    return risks[risk];
}

const char *undo_kind_name(enum undo_kind kind)
{
    return undo_kinds[kind];
}

bool phase_state_parse(const char *name, enum phase_state *state)
{
    int i = find(phase_states, PHASE_STATE_COUNT, name);

    return i >= 0 ? (*state = (enum phase_state)i, true) : false;
}

bool step_kind_parse(const char *name, enum step_kind *kind)
{
    int i = find(step_kinds, STEP_KIND_COUNT, name);

    return i >= 0 ? (*kind = (enum step_kind)i, true) : false;
}

bool lock_mode_parse(const char *name, enum lock_mode *mode)
{
    int i = find(lock_modes, LOCK_MODE_COUNT, name);

    return i >= 0 ? (*mode = (enum lock_mode)i, true) : false;
}

bool risk_parse(const char *name, enum risk *risk)
{
    int i = find(risks, RISK_COUNT, name);

    return i >= 0 ? (*risk = (enum risk)i, true) : false;
}

bool undo_kind_parse(const char *name, enum undo_kind *kind)
{
    int i = find(undo_kinds, UNDO_KIND_COUNT, name);

    return i >= 0 ? (*kind = (enum undo_kind)i, true) : false;
}

bool lock_mode_is_strong(enum lock_mode mode)
{
    return mode >= LOCK_SHARE;
}
