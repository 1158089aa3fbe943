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
    /* The first four are run always, the others when there is time. */

    /* Everything that can hang on a column: foreign keys both ways and to itself, a computed
       column, views, policies, statistics, a publication with a list (see after_rows). */
    { .schema = "shop", .name = "customer", .from = "email", .to = "email_address", .type = "text",
      .value = VALUE_EMAIL, .not_null = true, .unique = true, .rows = SHAPE_ROWS,
      .more = "ALTER TABLE {t} ADD CHECK (email LIKE '%@%'),"
              " ADD FOREIGN KEY (email) REFERENCES {t} (email),"
              " ADD COLUMN domain text GENERATED ALWAYS AS (split_part(email, '@', 2)) STORED,"
              " ADD COLUMN boss text REFERENCES {t} (email) ON UPDATE CASCADE ON DELETE SET NULL;"
              "CREATE INDEX ON {t} (boss);"
              "CREATE VIEW shop.address AS SELECT id, email AS mail, domain FROM {t};"
              "CREATE VIEW shop.address_few AS SELECT mail FROM shop.address WHERE id < 10;"
              "CREATE MATERIALIZED VIEW shop.domains AS SELECT domain, max(email) FROM {t} GROUP BY 1;"
              "ALTER TABLE {t} ENABLE ROW LEVEL SECURITY;"
              "CREATE POLICY own ON {t} USING (email = current_user) WITH CHECK (email <> '');"
              "CREATE STATISTICS shop.stat ON email, boss FROM {t}" },
    /* Partitioned, with partitions that come while it runs. */
    { .schema = "shop", .name = "invoice", .from = "state", .to = "status", .type = "text",
      .value = VALUE_TEXT, .preset = PRESET_FIXED, .preset_sql = "'it''s new'", .rows = SHAPE_ROWS,
      .divided_by = "PARTITION BY RANGE (id)",
      .more = "CREATE TABLE shop.invoice_1 PARTITION OF {t} FOR VALUES FROM (1) TO (1000);"
              "CREATE TABLE shop.invoice_2 (note text NOT NULL DEFAULT '', gone int, state text"
              " DEFAULT 'it''s new', id bigint NOT NULL DEFAULT nextval('shop.invoice_id_seq'));"
              "ALTER TABLE shop.invoice_2 DROP COLUMN gone;"
              "ALTER TABLE {t} ATTACH PARTITION shop.invoice_2 FOR VALUES FROM (1000) TO (2500);"
              "CREATE TABLE shop.invoice_3 PARTITION OF {t} FOR VALUES FROM (2500) TO (10000000)"
              " PARTITION BY HASH (id);"
              "CREATE TABLE shop.invoice_30 PARTITION OF shop.invoice_3 FOR VALUES WITH"
              " (MODULUS 2, REMAINDER 0);"
              "CREATE TABLE shop.invoice_31 PARTITION OF shop.invoice_3 FOR VALUES WITH"
              " (MODULUS 2, REMAINDER 1);"
              "CREATE TABLE shop.invoice_4 PARTITION OF {t} FOR VALUES FROM (900000000) TO"
              " (MAXVALUE);"
              "CREATE INDEX ON {t} (state) WHERE state <> ''" },
    /* Nothing to tell rows apart by. */
    { .schema = "shop", .name = "price", .from = "net", .to = "amount", .type = "numeric(12, 6)",
      .value = VALUE_NUMERIC, .not_null = true, .preset = PRESET_FIXED, .preset_sql = "1.0",
      .keyless = true, .more = "CREATE INDEX ON {t} (id)", .rows = SHAPE_ROWS },
    { .schema = "shop", .name = "badge", .from = "nr", .to = "number", .type = "bigint",
      .value = VALUE_INTEGER, .not_null = true, .preset = PRESET_VOLATILE, .identity = true,
      .rows = SHAPE_ROWS },

    { .schema = "shop", .name = "visitor", .from = "email", .to = "mail", .type = "text",
      .value = VALUE_EMAIL, .not_null = true, .unique = true, .rows = SHAPE_ROWS },
    { .schema = "shop", .name = "order", .from = "state", .to = "status", .type = "text",
      .value = VALUE_TEXT, .preset = PRESET_FIXED, .preset_sql = "'it''s new'", .rows = SHAPE_ROWS,
      .more = "CREATE INDEX ON {t} (state) WHERE state <> ''" },
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

enum { SHAPES_ALWAYS = 4 };

/* clang-format off */
static const struct extra extras[] = {
    { .name = "customer", .rows =
      "UPDATE shop.customer SET boss = (SELECT min(email) FROM shop.customer) WHERE id % 100 = 0;"
      "CREATE TABLE shop.letter (reader text REFERENCES shop.customer (email)"
      " ON UPDATE CASCADE ON DELETE CASCADE);"
      "INSERT INTO shop.letter SELECT email FROM shop.customer;"
      "CREATE INDEX ON shop.letter (reader);"
      "DO $$ BEGIN IF current_setting('server_version_num')::int >= 150000 THEN"
      " EXECUTE 'CREATE PUBLICATION away FOR TABLE shop.customer (id, email)'; END IF;"
      " IF current_setting('server_version_num')::int >= 140000 THEN"
      " EXECUTE 'CREATE FUNCTION shop.known(text) RETURNS bigint LANGUAGE sql"
      " RETURN (SELECT count(*) FROM shop.customer WHERE email = $1)'; END IF; END $$" },
    { .name = "invoice", .meanwhile =
      "CREATE TABLE shop.made_{i} PARTITION OF shop.invoice FOR VALUES FROM (1{i}00000) TO"
      " (1{i}50000);"
      "CREATE TABLE shop.apart_{i} (LIKE shop.invoice INCLUDING ALL);"
      "ALTER TABLE shop.invoice ATTACH PARTITION shop.apart_{i} FOR VALUES FROM (1{i}50000) TO"
      " (1{i}99999);"
      "SELECT setval('shop.invoice_id_seq', 1{i}49900)" }, /* both get rows from here on */
};
/* clang-format on */

#endif
