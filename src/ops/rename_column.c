/*
 * rename_column - a column gets a new name while old and new code run.
 */
#include "orchestrate/ops/operation.h"

extern const struct operation op_rename_column;

/* clang-format off */
static const struct field fields[] = {
    { "table", FIELD_TABLE, true, "table that owns the column" },
    { "from",  FIELD_IDENT, true, "the column's present name" },
    { "to",    FIELD_IDENT, true, "the name it shall have" },
    { 0 },
};

static const struct phase_spec phases[] = {
    { "expand",     false, NULL, UNDO_INSTANT,  "until contract starts", false },
    { "dual-write", false, NULL, UNDO_INSTANT,  "until contract starts", true },
    { "backfill",   false, NULL, UNDO_INSTANT,  "until contract starts", false },
    { "verify",     false, NULL, UNDO_INSTANT,  "until contract starts", false },
    { "switch",     true,  NULL, UNDO_INSTANT,  "until contract starts", false },
    { "retire",     false, NULL, UNDO_CATCH_UP, "until contract starts", false },
    { "contract",   false, NULL, UNDO_NEVER,    NULL,                    false },
    { 0 },
};

static const struct step_spec steps[] = { { 0 } };
static const struct gate_spec gates[] = { { 0 } };
static const struct derived derived[] = { { 0 } };
/* clang-format on */

const struct operation op_rename_column = {
    .name = "rename_column",
    .doc = "Give a column a new name; both names work until the old one is retired.",
    .fields = fields,
    .phases = phases,
    .steps = steps,
    .gates = gates,
    .derived = derived,
    .facts = "",
    .findings = "",
};
