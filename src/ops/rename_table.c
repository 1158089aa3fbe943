/*
 * rename_table - a table gets a new name while old and new code run.
 *
 * One of the two names is a view that can be written to: first the new one, after
 * the switch the old one.  docs/operations/rename_table.md explains it; so does each
 * file of src/sql/rename_table.
 */
#include "orchestrate/ops/operation.h"
#include "sql_common.h"       /* generated from src/sql/common */
#include "sql_rename_table.h" /* generated from src/sql/rename_table */

extern const struct operation op_rename_table;

/* clang-format off */
static const struct field fields[] = {
    { "table", FIELD_TABLE, true, "the table, by its present name" },
    { "to",    FIELD_IDENT, true, "the name it shall have, in the same schema" },
    { 0 },
};

static const struct name_spec names[] = { { "table", "switch", "to" }, { 0 } };

static const struct phase_spec phases[] = {
    { "expand", false,
      "Deploy code that uses :\"to\" only. Old code may run beside it, and rolling back stays safe "
      "until contract.",
      UNDO_INSTANT, NULL, false },
    { "switch", true,
      "Both names still work. Functions that name :\"table\" should name :\"to\" before contract.",
      UNDO_INSTANT, NULL, false },
    { "contract", false,
      "The name :\"table\" is gone. A rollback of this phase brings it back at once.",
      UNDO_INSTANT, NULL, false },
    { 0 },
};

/* In the order of their lines: a variable of the templates and what it holds from there on. */
static const struct derived derived[] = {
    /* Before the switch. */
    { "partial_readers", sql_partial_readers }, { "invoker_needed", sql_invoker_needed },
    { "at", ":rel" }, { "view", ":later" }, { "stays", "it once it is the table" },
    { "with_view", "" },    { "check_expand", sql_table_check },
    { "with_view", "yes" }, { "check_expanded", sql_table_check },
    { "copy_rights", sql_copy_rights }, { "copy_defaults", sql_copy_defaults }, { "owner_rights", sql_owner_rights },
    { "view_of_new_name", sql_make_view }, { "like_table_expanded", sql_promise_like_table },
    { "dependents_of_new_name", sql_gate_dependents },
    { "view", ":made" },
    { "copy_rights", sql_copy_rights }, { "copy_defaults", sql_copy_defaults }, { "owner_rights", sql_owner_rights },
    { "view_for_old_name", sql_make_view },

    /* After it. */
    { "at", ":later" },
    { "copy_rights", sql_copy_rights }, { "copy_defaults", sql_copy_defaults }, { "owner_rights", sql_owner_rights },
    { "view_for_new_name", sql_make_view },
    { "view", ":rel" }, { "stays", ":later" },
    { "check_switched", sql_table_check },
    { "copy_rights", sql_copy_rights }, { "copy_defaults", sql_copy_defaults }, { "owner_rights", sql_owner_rights },
    { "view_of_old_name", sql_make_view }, { "like_table_switched", sql_promise_like_table },
    { "dependents_of_old_name", sql_gate_dependents },
    { "with_view", "" },    { "check_contracted", sql_table_check },
    { "check_policies", sql_policies_check },
    { 0 },
};

/* What is checked under a lock has been checked before it: then it is quick. */
static const struct step_spec steps[] = {
    { .phase = "expand", .kind = STEP_DDL, .lock = LOCK_ACCESS_SHARE, .risk = RISK_LOW,
      .title = "make a view :\"to\" of the table, with its privileges",
      .sql = sql_expand },
    { .phase = "expand", .undo = true, .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE,
      .relation = ":later",
      .title = "drop the view :\"to\"",
      .prepare = "DO :'check_expanded';", .sql = sql_expand_undo },

    /* Locking a view locks the table below it, in the order in which queries do, and no partition. */
    { .phase = "switch", .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE, .risk = RISK_MEDIUM,
      .relation = ":later",
      .title = "rename the table to :\"to\", make a view :\"table\"",
      .prepare = sql_switch_prepare, .sql = sql_switch },
    { .phase = "switch", .undo = true, .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE,
      .relation = ":rel",
      .title = "rename the table back to :\"table\", make a view :\"to\"",
      .prepare = sql_switch_undo_prepare, .sql = sql_switch_undo },

    { .phase = "contract", .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE, .risk = RISK_MEDIUM,
      .relation = ":rel",
      .title = "drop the view :\"table\"",
      .prepare = "DO :'check_switched';", .sql = sql_contract },
    { .phase = "contract", .undo = true, .kind = STEP_DDL, .lock = LOCK_ACCESS_SHARE,
      .relation = ":later",
      .title = "make the view :\"table\" again",
      .sql = sql_contract_undo },
    { 0 },
};

/* The checks are those that later steps make under the lock. */
static const struct promise_spec promises[] = {
    { "expand",   "view :later shows the table :rel", "DO :'check_expanded'", NULL },
    { "expand",   "view :later has the columns of :rel", ":like_table_expanded", NULL },
    { "switch",   "the table is :later, view :rel shows it", "DO :'check_switched'", NULL },
    { "switch",   "view :rel has the columns of :later", ":like_table_switched", NULL },
    { "contract", "the table is :later", "DO :'check_contracted'", NULL },
    { 0 },
};

static const struct gate_spec gates[] = {
    { "expand",   "row_security",    sql_gate_row_security,     false, true,  NULL },
    { "switch",   "row_security",    sql_gate_row_security,     false, true,  NULL },
    { "switch",   "since_start",     sql_gate_since_start,      true,  true,  NULL },
    { "switch",   "dependents",      ":dependents_of_new_name", false, true,  NULL },
    { "contract", "dependents",      ":dependents_of_old_name", false, true,  NULL },
    { "contract", "view_security",   sql_gate_view_security,    true,  false, NULL },
    { "contract", "function_bodies", sql_gate_table_in_functions,  true,  false, NULL },
    { 0 },
};

static const struct gate_advice advice[] = {
    { "switch", "deploy", "confirmed",
      "The code that uses only the new name is out: the pipeline said so, by `orchestrate confirm` "
      "after the rollout." },
    { "contract", "soak", "7d",
      "Time for what is left of the old name, in reports and scripts, to turn up while it still works." },
    { 0 },
};

static const struct demo_spec demo = {
    .story = "A busy table gets a new name. Old code knows the one, new code the other, both at once.",
    .schema = "CREATE SCHEMA shop;"
              "CREATE TABLE shop.customer (id bigserial PRIMARY KEY, name text NOT NULL, visits bigint NOT NULL DEFAULT 0);"
              "INSERT INTO shop.customer (name) SELECT 'name ' || i FROM generate_series(1, 50000) i;",
    .plan = "rename-customer",
    .change = "change:\n  rename_table:\n    table: shop.customer\n    to: client\n",
    .plain = "ALTER TABLE shop.customer RENAME TO client",
    .old_code = "INSERT INTO shop.customer (name) VALUES ('old $client'); "
                "UPDATE shop.customer SET visits = visits + 1 WHERE id = $client",
    .new_code = "INSERT INTO shop.client (name) VALUES ('new $client'); "
                "UPDATE shop.client SET visits = visits + 1 WHERE id = $client",
    .new_from = "switch", .old_until = "contract", .back = "switch",
    .intact = "SELECT sum(visits) = (SELECT last_value FROM demo.old) + (SELECT last_value FROM demo.new) AS intact FROM shop.client",
};
/* clang-format on */

const struct operation op_rename_table = {
    .name = "rename_table",
    .doc = "Give a table a new name; both names work until contract.",
    .fields = fields,
    .old_name = "table",
    .names = names,
    .makes = "to",
    .phases = phases,
    .steps = steps,
    .gates = gates,
    .promises = promises,
    .advice = advice,
    .plan_name = "rename table :table",
    .plan_description = ":table becomes :to",
    .derived = derived,
    .demo = &demo,
    .facts = sql_facts,
    .findings = sql_findings,
};
