/*
 * partitions_fixture.h - a rename_column on a table whose partitions are of any depth.
 */
#ifndef ORCHESTRATE_TESTS_PARTITIONS_FIXTURE_H
#define ORCHESTRATE_TESTS_PARTITIONS_FIXTURE_H

#include "plans.h"
#include "support.h"

enum { ROWS = 600 };

#define PLAN "rename-part"
#define PART "shop.part"

/* Partitions of partitions, other orders of columns, a trigger and an index of one leaf only. */
static const char tables[] =
    "CREATE SCHEMA shop;"
    "CREATE TABLE shop.part (id bigint, k int, a text DEFAULT 'none', note text,"
    " PRIMARY KEY (id, k)) PARTITION BY RANGE (k);"
    "CREATE TABLE shop.p1 PARTITION OF shop.part FOR VALUES FROM (0) TO (10);"
    "CREATE TABLE shop.p2 (note text, gone int, a text DEFAULT 'none', k int NOT NULL,"
    " id bigint NOT NULL); ALTER TABLE shop.p2 DROP COLUMN gone;"
    "ALTER TABLE shop.part ATTACH PARTITION shop.p2 FOR VALUES FROM (10) TO (20);"
    "CREATE TABLE shop.p3 PARTITION OF shop.part FOR VALUES FROM (20) TO (30)"
    " PARTITION BY RANGE (id);"
    "CREATE TABLE shop.p31 PARTITION OF shop.p3 FOR VALUES FROM (0) TO (100);"
    "CREATE TABLE shop.p32 PARTITION OF shop.p3 DEFAULT;"
    "CREATE INDEX part_a ON shop.part (a);"
    "CREATE UNIQUE INDEX part_u ON shop.part (lower(a), k, id);"
    "CREATE INDEX p1_note ON shop.p1 (note, a) WHERE a <> '';"
    "CREATE VIEW shop.part_view AS SELECT a, k FROM shop.part;"
    "CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN NEW.note := ''touched''; RETURN NEW; END';"
    "CREATE TRIGGER touch BEFORE UPDATE OF a ON shop.p2 FOR EACH ROW"
    " EXECUTE FUNCTION shop.touch();"
    "GRANT SELECT (a), UPDATE (a) ON shop.p1 TO reader;"
    "COMMENT ON COLUMN shop.part.a IS 'what it is called';";

struct scene {
    const char *db, *twin, *url;
    PGconn *conn;
};

static inline const char *plan(const char *more)
{
    return test_rename_plan(PLAN, PART, "a", "b", more);
}

static inline struct scene scene_make(void)
{
    struct scene s = { .db = test_database("empty"), .twin = test_database("empty") };
    PGconn *twin = test_connect(s.twin, "app");

    s.url = test_url(s.db, "app");
    s.conn = test_connect(s.db, "app");
    test_sql(s.conn, "%s", tables);
    test_sql(twin, "%s", tables);
    test_sql(s.conn,
             "INSERT INTO shop.part SELECT g, g %% 30, 'v' || g, '' FROM generate_series(1, %d) g",
             ROWS);
    PQfinish(twin);
    return s;
}

static inline struct scene started(void)
{
    struct scene s = scene_make();
    struct ran ran = ORCHESTRATE(s.url, "start", plan(NULL));

    EXITS(ran, 0);
    return s;
}

static inline void forward(const struct scene *s, const char *to)
{
    struct ran ran =
        ORCHESTRATE(s->url, "advance", PLAN, "--to", to, "--confirm", PLAN, "--fast", "--json");

    EXITS(ran, 0);
    CONTAINS(ran.out, arena_printf(test_arena(), "\"phase\":\"%s\",\"next_phase\"", to));
}

static inline void in_twin(const struct scene *s, const char *sql)
{
    PGconn *conn = test_connect(s->twin, "app");

    test_sql(conn, "%s", sql);
    PQfinish(conn);
}

static inline void rows_are_right(const struct scene *s, const char *column)
{
    ck_assert_int_eq(ROWS, test_count(s->conn,
                                      "SELECT count(*) FROM shop.part WHERE %s = 'v' || id"
                                      " AND note = ''",
                                      column));
}

static inline void ends_as_a_plain_rename(const struct scene *s)
{
    in_twin(s, "ALTER TABLE shop.part RENAME COLUMN a TO b");
    test_same_schema(s->db, s->twin);
    rows_are_right(s, "b");
}

/* As an application and a partition manager do: one made in place, one made apart and attached. */
static inline const char *new_partitions(int n)
{
    return arena_printf(
        test_arena(),
        "CREATE TABLE shop.new%d PARTITION OF shop.part FOR VALUES FROM (%d) TO (%d);"
        "CREATE TABLE shop.apart%d (LIKE shop.part INCLUDING ALL);"
        "ALTER TABLE shop.part ATTACH PARTITION shop.apart%d FOR VALUES FROM (%d) TO (%d);"
        "CREATE TABLE shop.sub%d PARTITION OF shop.part FOR VALUES FROM (%d) TO (%d)"
        " PARTITION BY RANGE (id);"
        "CREATE TABLE shop.sub%d1 PARTITION OF shop.sub%d DEFAULT",
        n, 100 + 30 * n, 110 + 30 * n, n, n, 110 + 30 * n, 120 + 30 * n, n, 120 + 30 * n,
        130 + 30 * n, n, n);
}

#endif
