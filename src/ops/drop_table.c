/*
 * drop_table - a table goes, after everybody could notice that it is gone.
 *
 * Its uses are counted, then it is set aside under another name, with everything in
 * it; only the last phase drops it.  docs/operations/drop_table.md explains it; so
 * does each file of src/sql/drop_table.
 */
#include "orchestrate/ops/operation.h"
#include "sql_common.h"     /* generated from src/sql/common */
#include "sql_drop_table.h" /* generated from src/sql/drop_table */

extern const struct operation op_drop_table;

#define UNTIL "until contract starts"

/* clang-format off */
static const struct field fields[] = {
    { "table", FIELD_TABLE, true, "the table to be dropped" },
    { 0 },
};

static const struct name_spec names[] = { { "table", "retire", NULL }, { 0 } };

static const struct phase_spec phases[] = {
    { "expand", false,
      "Deploy code that does not use :rel. Nothing has changed for code that does.",
      UNDO_INSTANT, UNTIL, false },
    { "retire", true,
      "The name :\"table\" is gone, the table is kept. Code that uses it may only come back after a "
      "rollback of this phase.",
      UNDO_CATCH_UP, UNTIL, false },
    { "contract", false, NULL, UNDO_NEVER, NULL, false },
    { 0 },
};

static const struct derived derived[] = {
    { "uses", sql_uses },
    { "going", sql_going },
    { "separator", ": " }, { "meter_comment", ":comment:separator:memory" },
    { "at", ":rel" }, { "free", ":later" },
    { "check_expand", sql_table_check },
    { "dependents_before", sql_gate_dependents },
    { "since_start_before", sql_gate_since_start },
    { "at", ":later" }, { "free", "" }, { "known_keys", "{}" },
    { "check_retired", sql_table_check },
    { "dependents_after", sql_gate_dependents },
    { "since_start_after", sql_gate_since_start },
    { "note_body", sql_note_body },
    { "key_noted", sql_key_noted }, { "key_is_gone", sql_key_is_gone }, { "key_stands", sql_key_stands }, { "key_problems", sql_key_problems },
    { "way_back", sql_way_back },
    { "item_gone", sql_key_gone }, { "item_standing", sql_key_standing }, { "item_free", sql_key_check },
    { "item_drop", sql_drop_key_body },
    { "item_add", sql_add_key_body },
    { "item_drop_out", sql_drop_leaving_key },
    { "item_members", sql_tree_members },
    { "item_check", sql_tree_check },
    { "item_stage", "made" }, { "item_make", sql_tree_next },
    { "item_stage", "proved" }, { "item_prove", sql_tree_next },
    { "item_stage", "whole" }, { "item_join", sql_tree_next },
    { 0 },
};

static const struct step_spec steps[] = {
    { .phase = "expand", .kind = STEP_DDL, .lock = LOCK_ACCESS_SHARE, .risk = RISK_LOW,
      .title = "note how often :\"table\" has been used so far",
      .sql = sql_expand },
    { .phase = "expand", .undo = true, .kind = STEP_DDL, .lock = LOCK_NONE,
      .title = "drop the note",
      .sql = sql_expand_undo },

    { .phase = "retire", .when = "keys", .kind = STEP_DDL, .lock = LOCK_NONE, .risk = RISK_LOW,
      .title = "note which foreign keys reference :rel by now",
      .sql = "DO :'note_body';" },
    { .phase = "retire", .when = "keys", .undo = true, .kind = STEP_DDL, .lock = LOCK_NONE,
      .title = "forget that again",
      .sql = sql_note_undo },
    /* Writers lock the referencing table first, so do we. */
    { .phase = "retire", .each = "key", .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE,
      .risk = RISK_MEDIUM, .relation = ":item_both", .role = ":item_owner",
      .title = "drop the foreign key :\"item_name\" of :item_rel, which locks :rel, too",
      .prepare = sql_drop_key_prepare, .sql = sql_drop_key },
    { .phase = "retire", .each = "key", .undo = true, .kind = STEP_DDL,
      .lock = LOCK_SHARE_ROW_EXCLUSIVE, .relation = ":item_both", .role = ":item_owner",
      .title = "foreign key :\"item_name\" of :item_rel again, for what is written from now on; locks :rel, too",
      .prepare = sql_add_key_prepare, .sql = sql_add_key },
    { .phase = "retire", .each = "key", .undo = true, .kind = STEP_CHECK,
      .relation = ":item_rel", .role = ":item_owner",
      .title = "rows of :item_rel that have lost their partner",
      .sql = ":item_orphans", .done = sql_key_gone_done },
    { .phase = "retire", .each = "key", .undo = true, .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE, .relation = ":item_rel", .role = ":item_owner",
      .title = "let the server prove the foreign key :\"item_name\" of :item_rel",
      .sql = ":item_validate", .done = sql_key_proved },
    /* Of a partitioned table it would be proved under its locks, if it came at once. */
    { .phase = "retire", .each = "tree_key", .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE,
      .risk = RISK_MEDIUM, .relation = ":item_both", .role = ":item_owner",
      .title = "drop the foreign key :\"item_name\" of :item_rel and its partitions, which locks :rel, too",
      .prepare = sql_drop_key_prepare, .sql = sql_drop_key },
    { .phase = "retire", .each = "tree_key", .undo = true, .kind = STEP_ALONE,
      .lock = LOCK_ACCESS_SHARE, .moment = LOCK_SHARE_ROW_EXCLUSIVE,
      .relation = ":item_rel", .role = ":item_owner",
      .title = "foreign key :\"item_name\" of :item_rel again in each partition, for what is written from now on; locks :rel, too",
      .next = ":item_make" },
    { .phase = "retire", .each = "tree_key", .undo = true, .kind = STEP_CHECK,
      .relation = ":item_rel", .role = ":item_owner",
      .title = "rows of :item_rel that have lost their partner",
      .sql = ":item_orphans", .done = sql_key_gone_done },
    { .phase = "retire", .each = "tree_key", .undo = true, .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE, .moment = LOCK_SHARE_ROW_EXCLUSIVE,
      .relation = ":item_rel", .role = ":item_owner",
      .title = "let the server prove the foreign key :\"item_name\" of :item_rel, partition by partition",
      .next = ":item_prove" },
    { .phase = "retire", .each = "tree_key", .undo = true, .kind = STEP_ALONE,
      .lock = LOCK_SHARE_UPDATE_EXCLUSIVE, .moment = LOCK_ACCESS_EXCLUSIVE,
      .relation = ":item_rel", .role = ":item_owner",
      .title = "foreign key :\"item_name\" of :item_rel again, made of those of its partitions; locks those for writers, and :rel",
      .next = ":item_join", .done = sql_tree_whole },
    { .phase = "retire", .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE, .risk = RISK_MEDIUM,
      .title = "set :rel aside as :\"tombstone\"",
      .sql = sql_retire },
    { .phase = "retire", .undo = true, .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE,
      .relation = ":later",
      .title = "bring :rel back",
      .prepare = sql_retire_undo_prepare, .sql = sql_retire_undo },

    { .phase = "contract", .each = "out", .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE,
      .risk = RISK_MEDIUM, .relation = ":item_both",
      .title = "drop the foreign key :\"item_name\" of :item_rel, which locks :item_target, too",
      .sql = sql_drop_out_key },
    { .phase = "contract", .kind = STEP_DDL, .lock = LOCK_ACCESS_EXCLUSIVE, .risk = RISK_HIGH,
      .relation = ":later",
      .title = "drop the table that was set aside",
      .sql = sql_contract },
    { 0 },
};

static const struct promise_spec promises[] = {
    { "expand", "the name for what is set aside is free", "DO :'check_expand'", NULL },
    { "expand", "what has become of the foreign keys", sql_promise_keys, "keys" },
    { "retire", ":rel is set aside as :\"tombstone\"", "DO :'check_retired'", NULL },
    { 0 },
};

static const struct gate_spec gates[] = {
    { "retire",   "dependents",      ":dependents_before",     false, true,  NULL },
    { "retire",   "since_start",     ":since_start_before",    true,  true,  NULL },
    { "retire",   "function_bodies", sql_gate_table_in_functions, true,  false, NULL },
    { "retire",   "old_name_idle",   sql_gate_table_idle,   true,  false, NULL },
    { "contract", "tombstone",       sql_gate_tombstone,       false, true,  NULL },
    { "contract", "dependents",      ":dependents_after",      false, true,  NULL },
    { "contract", "since_start",     ":since_start_after",     true,  true,  NULL },
    { 0 },
};

static const struct gate_advice advice[] = {
    { "retire", "deploy", "confirmed",
      "The code that does without the table is out: the pipeline said so, by `orchestrate confirm` "
      "after the rollout." },
    { "retire", "old_name_idle", "24h",
      "Nobody has read or written it for so long, the nightly jobs included." },
    { "contract", "soak", "7d",
      "The last days in which a rollback still finds the rows." },
    { 0 },
};

static const struct demo_spec demo = {
    .story = "A table goes that another one references. Old code uses it, new code does not.",
    .schema = "CREATE SCHEMA shop;"
              "CREATE TABLE shop.legacy_session (id bigserial PRIMARY KEY, token text NOT NULL);"
              "CREATE TABLE shop.visit (id bigserial PRIMARY KEY, page text NOT NULL, session bigint REFERENCES shop.legacy_session);"
              "INSERT INTO shop.legacy_session (token) SELECT md5(i::text) FROM generate_series(1, 50000) i;",
    .plan = "drop-legacy-session",
    .change = "change:\n  drop_table:\n    table: shop.legacy_session\n"
              "gates:\n  retire:\n    - old_name_idle: 2s # left out it is 10m; a demo is in a hurry\n",
    .plain = "ALTER TABLE shop.visit DROP CONSTRAINT visit_session_fkey; DROP TABLE shop.legacy_session",
    .old_code = "WITH s AS (INSERT INTO shop.legacy_session (token) VALUES ('old $client') RETURNING id)"
                " INSERT INTO shop.visit (page, session) SELECT '/', 1 + floor(random() * 50000) FROM s",
    .new_code = "INSERT INTO shop.visit (page) VALUES ('/')",
    .new_from = "retire", .old_until = "retire", .back = "retire",
    .intact = "SELECT count(*) = (SELECT last_value FROM demo.old) + (SELECT last_value FROM demo.new) AS intact FROM shop.visit",
};
/* clang-format on */

const struct operation op_drop_table = {
    .name = "drop_table",
    .doc = "Drop a table; until the last phase it is only set aside.",
    .fields = fields,
    .old_name = "table",
    .names = names,
    .phases = phases,
    .steps = steps,
    .gates = gates,
    .promises = promises,
    .advice = advice,
    .plan_name = "drop table :table",
    .plan_description = ":table is dropped",
    .derived = derived,
    .demo = &demo,
    .facts = sql_facts,
    .findings = sql_findings,
};
