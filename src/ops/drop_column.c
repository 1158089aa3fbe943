/*
 * drop_column - a column goes, after everybody could notice that it is gone.
 *
 * At first code may omit it, and who still writes it is counted; then it is set aside
 * under another name, with its values; only the last phase drops it.
 * docs/operations/drop_column.md explains it; so does each file of src/sql/drop_column.
 */
#include "orchestrate/ops/operation.h"
#include "sql_common.h"      /* generated from src/sql/common */
#include "sql_drop_column.h" /* generated from src/sql/drop_column */

extern const struct operation op_drop_column;

#define UNTIL "until contract starts"

/* clang-format off */
static const struct field fields[] = {
    { "table",       FIELD_TABLE, true,  "table that owns the column" },
    { "column",      FIELD_IDENT, true,  "the column to be dropped" },
    { "placeholder", FIELD_SQL,   false, "what it holds in rows of code that omits it: an SQL expression; left out, a NOT NULL column without a default takes NULL" },
    { "also_drops",  FIELD_NAMES, false, "what goes along without a word: constraints, indexes, statistics, sequences, by name" },
    { 0 },
};

static const struct name_spec names[] = { { "column", "retire", NULL }, { 0 } };

static const struct phase_spec phases[] = {
    { "expand", false,
      "Deploy code that neither reads nor writes :\"column\". Old code may run beside it, and rolling "
      "back stays safe until retire.",
      UNDO_CATCH_UP, UNTIL, false },
    { "retire", true,
      "The name :\"column\" is gone (for a table that is published whole: from contract on), its values "
      "are kept. Code that uses it may only come back after a rollback of this phase.",
      UNDO_INSTANT, UNTIL, false },
    { "contract", false, NULL, UNDO_NEVER, NULL, false },
    { 0 },
};

/* In the order of their lines: a variable of the templates and what it holds from there on. */
static const struct derived derived[] = {
    { "seen_body", sql_seen_body },
    { "parts", sql_parts },
    { "strays", sql_partitions },
    { "old", ":column" },
    { "instead", "let them do without it now" },
    { "counted_since", "expand" },
    { "separator", ": " }, { "meter_comment", ":comment:separator:memory" },
    { "make_meters", sql_meters }, { "remove_meters", sql_drop_meters },
    { "named", ":column" }, { "name_free", "" }, { "present_check", sql_column_check },
    { "not_null_body", sql_not_null_body },
    { "burying", "yes" }, { "replication_before", sql_gate_replication },
    { "burying", "" },    { "replication_after", sql_gate_replication },
    { "named", ":gone" },                        { "buried_check", sql_column_check },
    { "name_free", "yes" },                      { "gone_check", sql_column_check },
    { "item_drop", sql_drop_leaving_key },
    { 0 },
};

static const struct step_spec steps[] = {
    { .phase = "expand", .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE, .risk = RISK_LOW,
      .title = "let code omit :\"column\", count who writes it",
      .prepare = sql_expand_prepare, .sql = sql_expand },
    /* A check that cannot be proved would make unrelated writes to rows without a value fail. */
    { .phase = "expand", .when = "not_null", .undo = true, .kind = STEP_CHECK,
      .title = "rows of code that left :\"column\" out; fill them",
      .sql = sql_without_value },
    { .phase = "expand", .when = "not_null", .undo = true, .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE, .moment = LOCK_ACCESS_EXCLUSIVE,
      .title = "let the server prove that no row lacks :\"column\"; without proof the check goes again",
      .next = sql_not_null_next, .sql = "DO :'not_null_body'", .done = sql_not_null_validated,
      .leftovers = sql_not_null_leftovers },
    { .phase = "expand", .undo = true, .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE,
      .title = "demand :\"column\" again as before, drop the triggers of the meters",
      .prepare = "DO :'present_check';", .sql = sql_expand_undo },
    { .phase = "expand", .undo = true, .kind = STEP_DDL, .lock = LOCK_NONE,
      .title = "drop the meters",
      .sql = sql_drop_counters },

    { .phase = "retire", .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE, .risk = RISK_MEDIUM,
      .title = "set :\"column\" aside, drop the meters",
      .prepare = "DO :'present_check';", .sql = sql_retire },
    { .phase = "retire", .undo = true, .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE,
      .title = "bring :\"column\" back, with its meters",
      .prepare = "DO :'gone_check';", .sql = sql_retire_undo },

    { .phase = "contract", .each = "index", .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE, .risk = RISK_LOW,
      .title = "drop the index :item_name, which serves only :\"column\"",
      .sql = "DROP INDEX CONCURRENTLY :item_name",
      .done = sql_index_gone },
    { .phase = "contract", .each = "key", .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE,
      .risk = RISK_MEDIUM, .relation = ":item_both",
      .title = "drop the foreign key :\"item_name\" of :item_rel, which locks :item_target, too",
      .sql = sql_drop_key },
    { .phase = "contract", .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE, .risk = RISK_HIGH,
      .title = "drop the column :\"column\", which was set aside",
      .sql = sql_contract },
    { 0 },
};

/* The checks are those that later steps make under the lock. */
static const struct promise_spec promises[] = {
    { "expand", "column :\"column\" of :rel is there, and may be omitted", "DO :'present_check'", NULL },
    { "expand", "meters", sql_promise_meters, NULL },
    { "expand", "partitions that others have taken out, or put in", sql_promise_partitions, NULL },
    { "retire", "column :\"gone\" of :rel is set aside", "DO :'gone_check'", NULL },
    { "retire", "partitions that others have taken out, or put in", sql_promise_partitions, NULL },
    { 0 },
};

static const struct gate_spec gates[] = {
    { "retire",   "dependents",        sql_gate_dependents,        false, true,  NULL },
    { "retire",   "replication",       ":replication_before",      true,  false, NULL },
    { "retire",   "function_bodies",   sql_gate_function_bodies,   true,  false, NULL },
    { "retire",   "trigger_functions", sql_gate_trigger_functions, false, false, NULL },
    { "retire",   "meters",            sql_gate_meters,            false, true,  NULL },
    { "retire",   "partitions",        sql_gate_partitions,        true,  true,  NULL },
    { "retire",   "old_name_idle",     sql_gate_old_name_idle,     true,  false, NULL },
    { "contract", "tombstone",         sql_gate_tombstone,         false, true,  NULL },
    { "contract", "partitions",        sql_gate_partitions,        true,  true,  NULL },
    { "contract", "dependents",        sql_gate_dependents,        false, true,  NULL },
    { "contract", "replication",       ":replication_after",       true,  false, NULL },
    { "contract", "also_drops",        sql_gate_also_drops,        false, true,  NULL },
    { 0 },
};

static const struct gate_advice advice[] = {
    { "retire", "deploy", "confirmed",
      "The code that does without the column is out: the pipeline said so, by `orchestrate confirm` "
      "after the rollout." },
    { "retire", "old_name_idle", "24h",
      "Nobody has written the column for so long, the nightly jobs included." },
    { "contract", "soak", "7d",
      "The last days in which a rollback still finds the values." },
    { 0 },
};

static const struct demo_spec demo = {
    .story = "A column of a busy table goes. Old code writes it, new code does not know it.",
    .schema = "CREATE SCHEMA shop;"
              "CREATE TABLE shop.customer (id bigserial PRIMARY KEY, name text NOT NULL, fax text NOT NULL);"
              "CREATE INDEX customer_fax ON shop.customer (fax);"
              "INSERT INTO shop.customer (name, fax) SELECT 'name ' || i, '+49 ' || i FROM generate_series(1, 50000) i;",
    .plan = "drop-customer-fax",
    .change = "change:\n  drop_column:\n    table: shop.customer\n    column: fax\n    placeholder: \"''\"\n"
              "gates:\n  retire:\n    - old_name_idle: 2s # left out it is 10m; a demo is in a hurry\n",
    .plain = "ALTER TABLE shop.customer DROP COLUMN fax",
    .old_code = "INSERT INTO shop.customer (name, fax) VALUES ('old $client', '+1 555'); "
                "UPDATE shop.customer SET fax = '+1 556' WHERE id = $client",
    .new_code = "INSERT INTO shop.customer (name) VALUES ('new $client')",
    .new_from = "retire", .old_until = "retire", .back = "retire",
    .intact = "SELECT count(*) FILTER (WHERE name LIKE 'old %') = (SELECT last_value FROM demo.old)"
              " AND count(*) FILTER (WHERE name LIKE 'new %') = (SELECT last_value FROM demo.new) AS intact FROM shop.customer",
};
/* clang-format on */

const struct operation op_drop_column = {
    .name = "drop_column",
    .doc = "Drop a column; until the last phase it is only set aside.",
    .fields = fields,
    .old_name = "column",
    .names = names,
    .phases = phases,
    .steps = steps,
    .gates = gates,
    .promises = promises,
    .advice = advice,
    .plan_name = "drop :table :column",
    .plan_description = ":table.:column is dropped",
    .derived = derived,
    .demo = &demo,
    .facts = sql_facts,
    .findings = sql_findings,
    .tries = sql_tries,
};
