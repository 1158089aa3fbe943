/*
 * ledger_hard.h - tables that make it harder: triggers of the user's own, which the
 * backfill must not fire and nobody else may escape, and values stored out of line.
 * Whoever runs the plan owns the table and is nothing more: no replica role.
 */
#ifndef ORCHESTRATE_TESTS_LEDGER_HARD_H
#define ORCHESTRATE_TESTS_LEDGER_HARD_H

#include "orchestrate/cluster/traffic.h"

enum { SHAPE_ROWS = 3000 };

#define VERSIONED                                                                                  \
    "ALTER TABLE {t} ADD COLUMN version int NOT NULL DEFAULT 0;"                                   \
    "CREATE FUNCTION shop.versioned() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"                \
    " NEW.version := CASE TG_OP WHEN 'UPDATE' THEN OLD.version + 1 ELSE 0 END;"                    \
    " RETURN NEW; END $$;"                                                                         \
    "CREATE TRIGGER versioned BEFORE INSERT OR UPDATE ON {t} FOR EACH ROW"                         \
    " EXECUTE FUNCTION shop.versioned();"
#define AUDITED                                                                                    \
    "CREATE TABLE shop.audit (seq bigint GENERATED ALWAYS AS IDENTITY, id bigint, op text);"       \
    "CREATE INDEX ON shop.audit (id);"                                                             \
    "CREATE FUNCTION shop.audited() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$"       \
    " BEGIN INSERT INTO shop.audit (id, op) VALUES (coalesce(NEW.id, OLD.id), TG_OP);"             \
    " RETURN NULL; END $$;"                                                                        \
    "CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON {t} FOR EACH ROW"                  \
    " EXECUTE FUNCTION shop.audited();"

/* clang-format off */
static const struct traffic_table shapes[] = {
    { .schema = "shop", .name = "customer", .from = "email", .to = "email_address", .type = "text",
      .value = VALUE_EMAIL, .not_null = true, .unique = true, .rows = SHAPE_ROWS,
      .more = VERSIONED AUDITED },
    { .schema = "shop", .name = "page", .from = "body", .to = "content", .type = "text",
      .value = VALUE_WIDE, .rows = SHAPE_ROWS,
      .more = "ALTER TABLE {t} ALTER COLUMN body SET STORAGE EXTERNAL" },
    /* Partitioned, and all of it at once: triggers of the parent, of one leaf, switched off in one. */
    { .schema = "shop", .name = "parcel", .from = "state", .to = "status", .type = "text",
      .value = VALUE_TEXT, .preset = PRESET_FIXED, .preset_sql = "'it''s new'", .rows = SHAPE_ROWS,
      .divided_by = "PARTITION BY RANGE (id)",
      .more = "ALTER TABLE {t} ADD COLUMN loud text GENERATED ALWAYS AS (upper(state)) STORED;"
              "CREATE TABLE shop.parcel_1 PARTITION OF {t} FOR VALUES FROM (1) TO (1000);"
              "CREATE TABLE shop.parcel_2 PARTITION OF {t} FOR VALUES FROM (1000) TO (MAXVALUE)"
              " PARTITION BY HASH (id);"
              "CREATE TABLE shop.parcel_20 PARTITION OF shop.parcel_2 FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
              "CREATE TABLE shop.parcel_21 PARTITION OF shop.parcel_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
              "CREATE INDEX ON {t} (state) WHERE state <> '';"
              "ALTER TABLE {t} ENABLE ROW LEVEL SECURITY;"
              "CREATE POLICY own ON {t} USING (state <> 'hidden') WITH CHECK (loud <> 'FORBIDDEN');"
              VERSIONED AUDITED
              "CREATE FUNCTION shop.nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;"
              "CREATE TRIGGER own_of_leaf BEFORE UPDATE ON shop.parcel_1 FOR EACH ROW"
              " WHEN (CASE WHEN NEW.id > 10 THEN NEW.state <> '' ELSE false END) EXECUTE FUNCTION shop.nothing();"
              "CREATE TRIGGER of_state AFTER UPDATE OF state ON {t} FOR EACH ROW"
              " WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION shop.nothing();"
              "ALTER TABLE shop.parcel_2 DISABLE TRIGGER of_state;"
              "ALTER TABLE shop.parcel_20 ENABLE ALWAYS TRIGGER of_state" },

    /* Written by somebody whom policies bind, to a table that is published whole, with a
       default that is another one each time. */
    { .schema = "shop", .name = "token", .from = "tok", .to = "token", .type = "text",
      .value = VALUE_TEXT, .not_null = true, .unique = true, .preset = PRESET_VOLATILE,
      .preset_sql = "gen_random_uuid()::text", .rows = SHAPE_ROWS,
      .more = "ALTER TABLE {t} ENABLE ROW LEVEL SECURITY;"
              "CREATE POLICY seen ON {t} FOR SELECT TO writer USING (tok <> 'hidden');"
              "CREATE POLICY changed ON {t} FOR UPDATE TO writer USING (tok <> 'hidden') WITH CHECK (length(tok) < 10000);"
              "CREATE POLICY made ON {t} FOR INSERT TO writer WITH CHECK (tok <> 'forbidden');"
              "CREATE POLICY gone ON {t} FOR DELETE TO writer USING (tok IS NOT NULL);"
              "CREATE PUBLICATION everything FOR TABLE {t}" },
    /* A partitioned table that another one refers to by the column, and follows. */
    { .schema = "shop", .name = "box", .from = "state", .to = "status", .type = "text",
      .value = VALUE_TEXT, .not_null = true, .preset = PRESET_FIXED, .preset_sql = "'it''s new'", .rows = SHAPE_ROWS,
      .divided_by = "PARTITION BY HASH (id)",
      .more = "CREATE TABLE shop.box_0 PARTITION OF {t} FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
              "CREATE TABLE shop.box_1 PARTITION OF {t} FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
              "ALTER TABLE {t} ADD UNIQUE (id, state);"
              "CREATE TABLE shop.label (box bigint, state text,"
              " FOREIGN KEY (box, state) REFERENCES {t} (id, state) ON UPDATE CASCADE ON DELETE CASCADE);"
              "CREATE INDEX ON shop.label (box)" },
    /* Long values in partitions. */
    { .schema = "shop", .name = "scroll", .from = "body", .to = "content", .type = "text",
      .value = VALUE_WIDE, .rows = SHAPE_ROWS, .divided_by = "PARTITION BY HASH (id)",
      .more = "CREATE TABLE shop.scroll_0 PARTITION OF {t} FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
              "CREATE TABLE shop.scroll_1 PARTITION OF {t} FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
              "ALTER TABLE {t} ALTER COLUMN body SET STORAGE EXTERNAL" },

    /* When there is time. */
    { .schema = "shop", .name = "invoice", .from = "state", .to = "status", .type = "text",
      .value = VALUE_TEXT, .preset = PRESET_FIXED, .preset_sql = "'it''s new'", .rows = SHAPE_ROWS,
      .more = "CREATE FUNCTION shop.trims() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;"
              "CREATE TRIGGER trims BEFORE INSERT OR UPDATE OF state ON {t} FOR EACH ROW EXECUTE FUNCTION shop.trims();"
              "CREATE TRIGGER statement AFTER UPDATE ON {t} REFERENCING NEW TABLE AS is_now FOR EACH STATEMENT EXECUTE FUNCTION shop.trims();"
              "CREATE CONSTRAINT TRIGGER late AFTER UPDATE OF state ON {t} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION shop.trims()" },
    { .schema = "shop", .name = "letter", .from = "body", .to = "content", .type = "text",
      .value = VALUE_WIDE, .not_null = true, .preset = PRESET_FIXED, .preset_sql = "''", .rows = SHAPE_ROWS,
      .more = "ALTER TABLE {t} ALTER COLUMN body SET STORAGE EXTERNAL;" VERSIONED AUDITED },
};
/* clang-format on */

enum { SHAPES_ALWAYS = 6 };

static const struct extra extras[] = {
    { .name = "customer",
      .rows = "COMMENT ON TRIGGER audited ON shop.customer IS 'Asked for by the auditors';"
              "ALTER TABLE shop.customer ENABLE ALWAYS TRIGGER audited" },
    { .name = "box", .rows = "INSERT INTO shop.label SELECT id, state FROM shop.box" },
    { .name = "token",
      .rows = "GRANT USAGE ON SCHEMA shop, traffic TO writer;"
              "GRANT ALL ON ALL TABLES IN SCHEMA shop, traffic TO writer;"
              "GRANT ALL ON ALL SEQUENCES IN SCHEMA shop, traffic TO writer",
      .role = "writer",
      .plan = "accept:\n"
              "  - {rule: published-table, because: the subscriber has the column}\n" },
};

#endif
