/*
 * rename_column - a column gets a new name while old and new code run.
 *
 * A twin column bears the new name for the time of the transition; triggers keep
 * the two in step, a check proves it.  Then the names are exchanged: the original,
 * with everything that hangs on it, has the new one, and the twin goes.
 * docs/operations/rename_column.md explains it; so does each file of
 * src/sql/rename_column.
 */
#include "orchestrate/ops/operation.h"
#include "sql_common.h"        /* generated from src/sql/common */
#include "sql_rename_column.h" /* generated from src/sql/rename_column */

extern const struct operation op_rename_column;

#define UNTIL "until contract starts"

/* clang-format off */
static const struct field fields[] = {
    { "table", FIELD_TABLE, true, "table that owns the column" },
    { "from",  FIELD_IDENT, true, "the column's present name" },
    { "to",    FIELD_IDENT, true, "the name it shall have" },
    { 0 },
};

static const struct name_spec names[] = { { "from", "switch", "to" }, { 0 } };

static const struct phase_spec phases[] = {
    { "expand", false,
      "Statements prepared as SELECT * or RETURNING * fail once per session when the table gets a "
      "column. Nobody may write :\"to\" yet.",
      UNDO_INSTANT, UNTIL, false },
    { "dual-write", false,
      "Each name sees what is written by the other. New code has to wait for verify.",
      UNDO_INSTANT, UNTIL, true },
    { "backfill", false, NULL, UNDO_INSTANT, UNTIL, false },
    { "verify", false,
      "Deploy code that uses :\"to\" only. Old code may run beside it, and rolling back stays safe "
      "until retire.",
      UNDO_INSTANT, UNTIL, false },
    { "switch", true,
      "Both names still work. Functions and triggers of :rel that name :\"from\" should name "
      ":\"to\" before retire.",
      UNDO_INSTANT, UNTIL, false },
    { "retire", false,
      "The name :\"from\" is gone, its values are kept. Code that uses it may only come back after "
      "a rollback of this phase.",
      UNDO_CATCH_UP, UNTIL, false },
    { "contract", false, NULL, UNDO_NEVER, NULL, false },
    { 0 },
};

/* In the order of their lines: a variable of the templates and what it holds from there on. */
static const struct derived derived[] = {
    { "expand_check", sql_expand_check },
    { "last_body", sql_last_body },
    { "seen_body", sql_seen_body },
    { "filling_body", sql_filling_body },
    { "triggers_in_step", sql_triggers_in_step },
    { "item_below", sql_tree_index_below },
    { "equal_comment", sql_equal_comment },
    { "old", ":from" }, { "old_word", ":from_word" }, { "old_field", ":from_field" },
    { "instead", "let them name :\"to\" now, both are served" },
    { "counted_since", "the switch" },

    /* Before the switch. */
    { "original", ":from" }, { "twin", ":to" },
    { "guard", ":wait" }, { "proved", "" },
    { "same_default", "" },    { "expanded_check", sql_pair_check },
    { "same_default", "yes" }, { "dual_write_check", sql_pair_check },
    { "guard", ":equal_at_first" },
    { "same_default", "" },    { "paired_check", sql_pair_check },
    { "guard", ":equal" },
    { "same_default", "yes" }, { "proved", "yes" }, { "switch_check", sql_pair_check },
    { "sync_body_before", sql_sync_body },
    { "inserted", ":inserted_by_old_name" }, { "triggers_before", sql_triggers_by_name },
    { "guarded", "" }, { "both", "yes" }, { "user_triggers_before", sql_user_triggers },
    { "both", "" },    { "user_triggers_restored_before", sql_user_triggers },
    { "guarded", "yes" }, { "user_triggers_guarded_before", sql_user_triggers },

    /* After it. */
    { "original", ":to" }, { "twin", ":from" },
    { "same_default", "" },
    { "proved", "" },    { "switched_check", sql_pair_check },
    { "proved", "yes" }, { "retire_check", sql_pair_check },
    { "proved", "" }, { "guard", ":equal_at_first" }, { "returned_check", sql_pair_check },
    { "sync_body_after", sql_sync_body },
    { "inserted", sql_written_after }, { "triggers_after", sql_triggers_by_name },
    { "trigger_both", sql_trigger_both },
    { "guarded", "" }, { "both", "yes" }, { "user_triggers_after", sql_user_triggers },
    { "both", "" },    { "user_triggers_restored_after", sql_user_triggers },
    { "guarded", "yes" }, { "user_triggers_guarded_after", sql_user_triggers },
    { "name_free", "yes" }, { "retired_check", sql_gone_check },
    { "name_free", "" },    { "contract_check", sql_gone_check },

    { "both_promised", "" },    { "helpers_before", sql_promise_helpers },
    { "both_promised", "yes" }, { "helpers_after", sql_promise_helpers },
    { 0 },
};

static const struct step_spec steps[] = {
    { .phase = "expand", .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE, .risk = RISK_LOW,
      .title = "add the column :\"to\", closed to writers",
      .sql = sql_expand },
    { .phase = "expand", .undo = true, .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE,
      .title = "drop the column :\"to\"",
      .sql = sql_expand_undo },

    { .phase = "dual-write", .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE, .risk = RISK_MEDIUM,
      .title = "keep :\"from\" and :\"to\" in step by triggers",
      .prepare = sql_dual_write_prepare, .sql = sql_dual_write },
    { .phase = "dual-write", .undo = true, .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE,
      .title = "drop the triggers and the column :\"to\"",
      .sql = sql_dual_write_undo },

    { .phase = "backfill", .kind = STEP_BACKFILL, .lock = LOCK_ROW_EXCLUSIVE, .risk = RISK_LOW,
      .title = "copy :\"from\" to :\"to\" in the rows that nobody has written",
      .sql = ":\"to\" = :\"from\"", .guard = sql_differ, .done = ":filled" },
    { .phase = "backfill", .kind = STEP_DDL, .lock = LOCK_SHARE_UPDATE_EXCLUSIVE, .risk = RISK_LOW,
      .title = "statistics of :\"to\"",
      .sql = sql_analyze },

    { .phase = "verify", .when = "settle", .kind = STEP_DDL,
      .lock = LOCK_ACCESS_EXCLUSIVE, .risk = RISK_LOW,
      .title = "triggers of the table fire as always, and for :\"to\" as for :\"from\"",
      .sql = sql_settle },
    { .phase = "verify", .when = "settle", .undo = true, .kind = STEP_DDL,
      .lock = LOCK_ACCESS_EXCLUSIVE,
      .title = "triggers of the table are what dual-write had made of them",
      .sql = sql_settle_undo },
    { .phase = "verify", .each = "index", .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE, .risk = RISK_LOW,
      .title = "index for :\"to\" like :\"index_of\"",
      .sql = ":index_create", .done = ":index_exists", .publish = ":index_publish:'comment';",
      .leftovers = ":index_leftovers" },
    { .phase = "verify", .each = "index", .undo = true, .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE,
      .title = "drop the index for :\"to\" like :\"index_of\"",
      .sql = ":index_drop", .done = ":index_dropped", .leftovers = ":index_leftovers" },
    { .phase = "verify", .each = "tree_index", .kind = STEP_DDL,
      .lock = LOCK_ACCESS_EXCLUSIVE, .risk = RISK_LOW,
      .title = "index for :\"to\" like :\"item_of\", of the parent only",
      .sql = sql_tree_index },
    { .phase = "verify", .each = "tree_index", .undo = true, .kind = STEP_DDL,
      .lock = LOCK_ACCESS_EXCLUSIVE,
      .title = "drop the index for :\"to\" like :\"item_of\"",
      .sql = sql_tree_index_drop },
    { .phase = "verify", .each = "tree_index", .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE, .risk = RISK_LOW,
      .title = "index for :\"to\" like :\"item_of\", partition by partition",
      .moment = LOCK_ACCESS_EXCLUSIVE,
      .next = sql_tree_index_next, .done = sql_tree_index_done,
      .leftovers = sql_tree_index_leftovers },
    { .phase = "verify", .each = "tree_index", .undo = true, .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE,
      .title = "drop what was built of the index for :\"to\" like :\"item_of\"",
      .next = sql_tree_index_unbuild },
    { .phase = "verify", .when = "!partitioned", .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE, .risk = RISK_LOW,
      .title = "let the server prove that :\"from\" and :\"to\" are equal in every row",
      .sql = sql_validate, .done = sql_validated },
    { .phase = "verify", .when = "partitioned", .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE, .risk = RISK_LOW,
      .title = "let the server prove that :\"from\" and :\"to\" are equal in every row",
      .next = sql_validate_next, .sql = sql_validate, .done = sql_validated },

    { .phase = "switch", .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE, .risk = RISK_MEDIUM,
      .title = "exchange the names: the original is :\"to\" now",
      .sql = sql_switch },
    { .phase = "switch", .undo = true, .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE,
      .title = "exchange the names back: the original is :\"from\" again",
      .sql = sql_switch_undo },

    /* A unique index on values that nobody keeps up to date would refuse good rows. */
    { .phase = "retire", .each = "unique", .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE, .risk = RISK_LOW,
      .title = "drop the helper index like :\"unique_of\"",
      .sql = ":unique_drop", .done = ":unique_dropped", .leftovers = ":unique_leftovers" },
    { .phase = "retire", .each = "unique", .undo = true, .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE,
      .title = "index for :\"from\" like :\"unique_of\"",
      .sql = ":unique_create_again", .done = ":unique_exists",
      .publish = ":unique_publish:'comment';", .leftovers = ":unique_leftovers" },
    { .phase = "retire", .each = "tree_unique", .kind = STEP_DDL,
      .lock = LOCK_ACCESS_EXCLUSIVE, .risk = RISK_LOW,
      .title = "drop the helper index like :\"item_of\" with those of all partitions",
      .sql = sql_tree_index_drop },
    { .phase = "retire", .each = "tree_unique", .undo = true, .kind = STEP_DDL,
      .lock = LOCK_ACCESS_EXCLUSIVE,
      .title = "index for :\"from\" like :\"item_of\", of the parent only",
      .sql = sql_tree_index },
    { .phase = "retire", .each = "tree_unique", .undo = true, .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE,
      .title = "index for :\"from\" like :\"item_of\", partition by partition",
      .moment = LOCK_ACCESS_EXCLUSIVE,
      .next = sql_tree_index_next, .done = sql_tree_index_done,
      .leftovers = sql_tree_index_leftovers },
    { .phase = "retire", .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE, .risk = RISK_MEDIUM,
      .title = "set :\"from\" aside, drop the triggers",
      .sql = sql_retire },
    { .phase = "retire", .undo = true, .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE,
      .title = "bring :\"from\" back, with its triggers",
      .prepare = sql_retire_undo_prepare, .sql = sql_retire_undo },
    { .phase = "retire", .undo = true, .kind = STEP_BACKFILL, .lock = LOCK_ROW_EXCLUSIVE,
      .title = "copy to :\"from\" what was written since",
      .sql = ":\"from\" = :\"to\"", .guard = sql_differ, .done = ":filled" },
    { .phase = "retire", .when = "settle", .undo = true, .kind = STEP_DDL,
      .lock = LOCK_ACCESS_EXCLUSIVE,
      .title = "triggers of the table fire as always, and for :\"from\" as for :\"to\"",
      .sql = sql_settle_again },
    { .phase = "retire", .when = "!partitioned", .undo = true, .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE,
      .title = "let the server prove that both are equal again",
      .sql = sql_validate, .done = sql_validated, .publish = sql_meter_reset },
    { .phase = "retire", .when = "partitioned", .undo = true, .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE,
      .title = "let the server prove that both are equal again",
      .next = sql_validate_next, .sql = sql_validate, .done = sql_validated,
      .publish = sql_meter_reset },

    { .phase = "contract", .each = "plain", .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE, .risk = RISK_LOW,
      .title = "drop the helper index like :\"plain_of\"",
      .sql = ":plain_drop", .done = ":plain_dropped", .leftovers = ":plain_leftovers" },
    { .phase = "contract", .each = "tree_plain", .kind = STEP_DDL,
      .lock = LOCK_ACCESS_EXCLUSIVE, .risk = RISK_LOW,
      .title = "drop the helper index like :\"item_of\" with those of all partitions",
      .sql = sql_tree_index_drop },
    { .phase = "contract", .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE, .risk = RISK_HIGH,
      .title = "drop the column that was set aside",
      .sql = sql_contract },
    { 0 },
};

/* The checks are those that later steps make under the lock. */
static const struct promise_spec promises[] = {
    { "expand", "column :\"to\" of :rel is there, closed to writers", "DO :'expanded_check'", NULL },
    { "dual-write", "columns :\"from\" and :\"to\" of :rel are a pair", "DO :'paired_check'", NULL },
    { "dual-write", "helpers", ":helpers_before", NULL },
    { "backfill", "columns :\"from\" and :\"to\" of :rel are a pair", "DO :'paired_check'", NULL },
    { "backfill", "helpers", ":helpers_before", NULL },
    { "verify", "columns :\"from\" and :\"to\" of :rel are proved to be equal", "DO :'switch_check'", NULL },
    { "verify", "helpers", ":helpers_before", NULL },
    { "switch", "columns :\"to\" (the original) and :\"from\" of :rel are proved to be equal", "DO :'retire_check'", NULL },
    { "switch", "helpers", ":helpers_after", NULL },
    { "retire", "column :\"gone\" of :rel is set aside, :\"to\" is the original", "DO :'retired_check'", NULL },
    { 0 },
};

static const struct rebind_spec rebinds[] = {
    { "dual-write", sql_rebind_before },
    { "backfill", sql_rebind_before },
    { "verify", sql_rebind_before },
    { "switch", sql_rebind_after },
    { 0 },
};

static const struct gate_spec gates[] = {
    { "backfill", "user_triggers",     sql_gate_user_triggers,     true,  false, NULL },
    { "verify",   "trigger_lists",     sql_gate_trigger_lists,     true,  false, "!settle" },
    { "verify",   "snapshot",          sql_gate_snapshot_note,     false, false, NULL },
    { "switch",   "proof",             sql_gate_proof,             false, true,  NULL },
    { "switch",   "snapshot",          sql_gate_snapshot,          false, false, NULL },
    { "switch",   "dependents",        sql_gate_dependents,        false, true,  NULL },
    { "retire",   "proof",             sql_gate_proof,             false, true,  NULL },
    { "retire",   "function_bodies",   sql_gate_function_bodies,   true,  false, NULL },
    { "retire",   "trigger_functions", sql_gate_trigger_functions, false, false, NULL },
    { "retire",   "old_name_idle",     sql_gate_old_name_idle,     true,  false, NULL },
    { "contract", "tombstone",         sql_gate_tombstone,         false, true,  NULL },
    { "contract", "dependents",        sql_gate_dependents,        false, true,  NULL },
    { 0 },
};

static const struct gate_advice advice[] = {
    { "switch", "deploy", "confirmed",
      "The code that uses only the new name is out: the pipeline said so, by `orchestrate confirm` "
      "after the rollout." },
    { "retire", "soak", "24h",
      "Time to notice trouble while both names work and the way back takes milliseconds." },
    { "retire", "old_name_idle", "1h",
      "Nobody has written by the old name for so long." },
    { "contract", "soak", "7d",
      "The last days in which a rollback still finds the values of the old name." },
    { 0 },
};
/* clang-format on */

const struct operation op_rename_column = {
    .name = "rename_column",
    .doc = "Give a column a new name; both names work until the old one is retired.",
    .fields = fields,
    .old_name = "from",
    .names = names,
    .phases = phases,
    .steps = steps,
    .gates = gates,
    .promises = promises,
    .advice = advice,
    .plan_name = "rename :table :from",
    .plan_description = ":table.:from becomes :table.:to",
    .rebinds = rebinds,
    .derived = derived,
    .facts = sql_facts,
    .findings = sql_findings,
};
