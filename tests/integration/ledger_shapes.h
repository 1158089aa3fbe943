/*
 * ledger_shapes.h - columns of every shape that changes who must have written:
 * with and without a default of each kind, NULL or not, unique or not, of types
 * whose equal values are not always the same.
 */
#ifndef ORCHESTRATE_TESTS_LEDGER_SHAPES_H
#define ORCHESTRATE_TESTS_LEDGER_SHAPES_H

#include "orchestrate/cluster/traffic.h"

enum { SHAPE_ROWS = 3000 };

/* clang-format off */
static const struct traffic_table shapes[] = {
    /* The first three are run always, the others when there is time. */
    { .schema = "shop", .name = "customer", .from = "email", .to = "email_address", .type = "text",
      .value = VALUE_EMAIL, .not_null = true, .unique = true, .rows = SHAPE_ROWS,
      .more = "ALTER TABLE {t} ADD CHECK (email LIKE '%@%')" },
    { .schema = "shop", .name = "invoice", .from = "state", .to = "status", .type = "text",
      .value = VALUE_TEXT, .preset = PRESET_FIXED, .preset_sql = "'it''s new'", .rows = SHAPE_ROWS,
      .more = "CREATE INDEX ON {t} (state) WHERE state <> ''" },
    { .schema = "shop", .name = "price", .from = "net", .to = "amount", .type = "numeric(12, 6)",
      .value = VALUE_NUMERIC, .not_null = true, .preset = PRESET_FIXED, .preset_sql = "1.0",
      .rows = SHAPE_ROWS },

    { .schema = "shop", .name = "nick", .from = "nick", .to = "nickname", .type = "varchar(80)",
      .value = VALUE_TEXT, .rows = SHAPE_ROWS },
    { .schema = "shop", .name = "rate", .from = "rate", .to = "ratio", .type = "numeric",
      .value = VALUE_NUMERIC, .rows = SHAPE_ROWS },
    { .schema = "shop", .name = "visit", .from = "since", .to = "first_seen", .type = "timestamptz",
      .value = VALUE_TIMESTAMP, .preset = PRESET_FIXED, .preset_sql = "now()", .rows = SHAPE_ROWS },
    { .schema = "shop", .name = "options", .from = "opts", .to = "options", .type = "jsonb",
      .value = VALUE_JSONB, .not_null = true, .preset = PRESET_FIXED, .preset_sql = "'{}'::jsonb",
      .rows = SHAPE_ROWS },
    { .schema = "shop", .name = "token", .from = "tok", .to = "token", .type = "text",
      .value = VALUE_TEXT, .not_null = true, .unique = true, .preset = PRESET_VOLATILE,
      .preset_sql = "gen_random_uuid()::text", .rows = SHAPE_ROWS },
    { .schema = "shop", .name = "lot", .from = "lot", .to = "batch", .type = "bigint",
      .value = VALUE_INTEGER, .preset = PRESET_VOLATILE,
      .preset_sql = "(random() * 1000000)::bigint", .rows = SHAPE_ROWS },
    { .schema = "shop", .name = "author", .from = "author", .to = "written_by", .type = "text",
      .value = VALUE_TEXT, .preset = PRESET_FIXED, .preset_sql = "CURRENT_USER",
      .rows = SHAPE_ROWS },
    { .schema = "shop", .name = "alias", .from = "alias", .to = "aka", .type = "text",
      .value = VALUE_TEXT, .unique = true, .rows = SHAPE_ROWS },
    { .schema = "Shop \"1\"", .name = "SELECT", .from = "old", .to = "new", .type = "text",
      .value = VALUE_TEXT, .preset = PRESET_FIXED, .preset_sql = "''", .rows = SHAPE_ROWS },
};
/* clang-format on */

enum { SHAPES_ALWAYS = 3 };

#endif
