/*
 * add_index - an index is built while the table is in use.
 *
 * The smallest operation there is: docs/contributing.md walks through it, and
 * docs/operations/add_index.md says what it does.
 */
#include "orchestrate/ops/operation.h"
#include "sql_add_index.h" /* generated from src/sql/add_index */

extern const struct operation op_add_index;

/* clang-format off */
static const struct field fields[] = {
    { "table",   FIELD_TABLE, true,  "table that gets the index" },
    { "name",    FIELD_IDENT, true,  "name of the index" },
    { "columns", FIELD_NAMES, true,  "its columns, in their order" },
    { "method",  FIELD_IDENT, false, "btree, hash, gin, gist, brin ...; btree when left out" },
    { "where",   FIELD_SQL,   false, "a condition: only the rows that meet it are in the index" },
    { 0 },
};

static const struct name_spec names[] = { { "columns", NULL, NULL }, { 0 } };

static const struct phase_spec phases[] = {
    { "expand", false, "Queries may use the index :\"name\" from here on.", UNDO_INSTANT, NULL, false },
    { 0 },
};

static const struct derived derived[] = { { "alike", sql_alike }, { "check", sql_check }, { 0 } };

static const struct step_spec steps[] = {
    { .phase = "expand", .kind = STEP_ALONE, .lock = LOCK_SHARE_UPDATE_EXCLUSIVE, .risk = RISK_LOW,
      .title = "build the index :\"name\" while the table is in use",
      .sql = sql_build, .publish = sql_publish, .leftovers = sql_leftovers },
    { .phase = "expand", .undo = true, .kind = STEP_ALONE, .lock = LOCK_SHARE_UPDATE_EXCLUSIVE,
      .title = "drop the index :\"name\" while the table is in use",
      .next = sql_drop_next, .done = sql_dropped, .leftovers = sql_leftovers },
    { 0 },
};

static const struct promise_spec promises[] = {
    { "expand", "the index :\"name\" is there and valid", sql_standing, NULL },
    { 0 },
};

static const struct gate_advice advice[] = {
    { "expand", "replica_lag", "30s",
      "Building writes the whole index to the WAL: replicas that are behind catch up first." },
    { 0 },
};

static const struct demo_spec demo = {
    .story = "A busy table gets an index, while code goes on writing.",
    .schema = "CREATE SCHEMA shop;"
              "CREATE TABLE shop.customer (id bigserial PRIMARY KEY, name text NOT NULL);"
              "INSERT INTO shop.customer (name) SELECT 'name ' || i FROM generate_series(1, 200000) i;",
    .plan = "index-customer-name",
    .change = "change:\n  add_index:\n    table: shop.customer\n    name: customer_name\n    columns: [name]\n",
    .plain = "CREATE INDEX customer_name ON shop.customer (name)",
    .old_code = "INSERT INTO shop.customer (name) VALUES ('old $client')",
    .intact = "SELECT count(*) = 200000 + (SELECT last_value FROM demo.old) AS intact FROM shop.customer",
};
/* clang-format on */

const struct operation op_add_index = {
    .name = "add_index",
    .doc = "Add an index; the table is read and written while it is built.",
    .fields = fields,
    .names = names,
    .makes = "name",
    .phases = phases,
    .steps = steps,
    .promises = promises,
    .advice = advice,
    .plan_name = "index :name",
    .plan_description = ":table gets the index :name",
    .derived = derived,
    .demo = &demo,
    .facts = sql_facts,
    .findings = sql_findings,
    .tries = sql_tries,
};
