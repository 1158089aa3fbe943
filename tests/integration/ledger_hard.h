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

enum { SHAPES_ALWAYS = 3 };

/* As in ledger_shapes.h. */
struct extra {
    const char *name, *rows, *meanwhile;
};

static const struct extra extras[] = {
    { "customer",
      "COMMENT ON TRIGGER audited ON shop.customer IS 'Asked for by the auditors';"
      "ALTER TABLE shop.customer ENABLE ALWAYS TRIGGER audited",
      NULL },
};

#endif
