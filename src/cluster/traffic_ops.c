/*
 * What applications do to a table, as rows.
 *
 * Only what is promised to go on working (documented exceptions are left out:
 * an explicit NULL where the default is volatile, two different values in one
 * INSERT there).  A client that is told "both" knows {c} as the new name.
 */
#include "orchestrate/base/buf.h"
#include "traffic_app.h"

#define ONE (TRAFFIC_OLD | TRAFFIC_NEW)
#define ANY TRAFFIC_ALL
#define BOTH TRAFFIC_BOTH
#define ANSWERS " RETURNING {k}, {c}::text"

/* clang-format off */
const struct op traffic_ops[] = {
    /* inserts */
    { "insert", ONE, 8, 0, LOOK_NOT, EXPECT_VALUE,
      "INSERT INTO {t} ({c}, note) VALUES ($1, $2)" ANSWERS, { ARG_VALUE, ARG_NOTE } },
    { "insert_omitted", ANY, 5, NEED_OMIT, LOOK_NOT, EXPECT_PRESET,
      "INSERT INTO {t} (note) VALUES ($1)" ANSWERS, { ARG_NOTE } },
    { "insert_default", ONE, 3, NEED_OMIT, LOOK_NOT, EXPECT_PRESET,
      "INSERT INTO {t} ({c}, note) VALUES (DEFAULT, $1)" ANSWERS, { ARG_NOTE } },
    { "insert_null", ONE, 5, NEED_NULL | NEED_STEADY, LOOK_NOT, EXPECT_NULL,
      "INSERT INTO {t} ({c}, note) VALUES (NULL, $1)" ANSWERS, { ARG_NOTE } },
    { "insert_both", BOTH, 8, 0, LOOK_NOT, EXPECT_VALUE,
      "INSERT INTO {t} ({o}, {n}, note) VALUES ($1, $2, $3)" ANSWERS,
      { ARG_VALUE, ARG_VALUE, ARG_NOTE } },
    { "insert_both_null", BOTH, 4, NEED_NULL, LOOK_NOT, EXPECT_NULL,
      "INSERT INTO {t} ({o}, {n}, note) VALUES (NULL, NULL, $1)" ANSWERS, { ARG_NOTE } },
    { "insert_both_differ", BOTH, 4, NEED_STEADY | NEED_DISTINCT, LOOK_NOT, EXPECT_VALUE,
      "INSERT INTO {t} ({o}, {n}, note) VALUES ($1, $2, $3)" ANSWERS,
      { ARG_JUNK, ARG_VALUE, ARG_NOTE } },

    /* upserts */
    { "upsert", ONE, 8, NEED_KEY, LOOK_NOT, EXPECT_VALUE,
      "INSERT INTO {t} ({k}, {c}, note) VALUES ($1, $2, $3) ON CONFLICT ({k}) DO UPDATE"
      " SET {c} = EXCLUDED.{c}, note = EXCLUDED.note" ANSWERS, { ARG_ANY_KEY, ARG_VALUE, ARG_NOTE } },
    { "upsert_omitted", ONE, 3, NEED_OMIT | NEED_KEY, LOOK_NOT, EXPECT_PRESET,
      "INSERT INTO {t} ({k}, note) VALUES ($1, $2) ON CONFLICT ({k}) DO UPDATE"
      " SET {c} = EXCLUDED.{c}, note = EXCLUDED.note" ANSWERS, { ARG_ANY_KEY, ARG_NOTE } },
    { "upsert_nothing", ONE, 2, NEED_KEY, LOOK_NOT, EXPECT_VALUE,
      "INSERT INTO {t} ({k}, {c}, note) VALUES ($1, $2, $3) ON CONFLICT ({k}) DO NOTHING" ANSWERS,
      { ARG_ANY_KEY, ARG_VALUE, ARG_NOTE } },
    { "upsert_by_value", ANY, 6, NEED_UNIQUE, LOOK_FREE, EXPECT_READ,
      "INSERT INTO {t} ({c}, note) VALUES ($1, $2) ON CONFLICT ({c}) DO UPDATE"
      " SET note = EXCLUDED.note" ANSWERS, { ARG_READ, ARG_NOTE } },
    { "upsert_both", BOTH, 6, NEED_KEY, LOOK_NOT, EXPECT_VALUE,
      "INSERT INTO {t} ({k}, {o}, {n}, note) VALUES ($1, $2, $3, $4) ON CONFLICT ({k}) DO UPDATE"
      " SET {o} = EXCLUDED.{o}, {n} = EXCLUDED.{n}, note = EXCLUDED.note" ANSWERS,
      { ARG_ANY_KEY, ARG_VALUE, ARG_VALUE, ARG_NOTE } },

    /* updates */
    { "update", ONE, 16, 0, LOOK_NOT, EXPECT_VALUE,
      "UPDATE {t} SET {c} = $2 WHERE {k} = $1" ANSWERS, { ARG_KEY, ARG_VALUE } },
    { "update_null", ONE, 6, NEED_NULL, LOOK_NOT, EXPECT_NULL,
      "UPDATE {t} SET {c} = NULL WHERE {k} = $1" ANSWERS, { ARG_KEY } },
    { "update_default", ONE, 3, NEED_OMIT | NEED_STEADY, LOOK_NOT, EXPECT_PRESET,
      "UPDATE {t} SET {c} = DEFAULT WHERE {k} = $1" ANSWERS, { ARG_KEY } },
    { "update_itself", ANY, 2, 0, LOOK_NOT, EXPECT_SAME,
      "UPDATE {t} SET {c} = {c} WHERE {k} = $1" ANSWERS, { ARG_KEY } },
    { "update_note", ANY, 12, 0, LOOK_NOT, EXPECT_SAME,
      "UPDATE {t} SET note = $2 WHERE {k} = $1" ANSWERS, { ARG_KEY, ARG_NOTE } },
    { "update_note_where", ANY, 4, 0, LOOK_FREE, EXPECT_SAME,
      "UPDATE {t} SET note = $2 WHERE {k} = $1 AND {c} = $3" ANSWERS,
      { ARG_KEY, ARG_NOTE, ARG_READ } },
    { "update_both", BOTH, 12, 0, LOOK_NOT, EXPECT_VALUE,
      "UPDATE {t} SET {o} = $2, {n} = $3 WHERE {k} = $1" ANSWERS, { ARG_KEY, ARG_VALUE, ARG_VALUE } },
    { "update_both_null", BOTH, 4, NEED_NULL, LOOK_NOT, EXPECT_NULL,
      "UPDATE {t} SET {o} = NULL, {n} = NULL WHERE {k} = $1" ANSWERS, { ARG_KEY } },
    { "update_both_differ", BOTH, 3, NEED_DISTINCT, LOOK_NOT, EXPECT_VALUE,
      "UPDATE {t} SET {o} = $2, {n} = $3 WHERE {k} = $1" ANSWERS, { ARG_KEY, ARG_JUNK, ARG_VALUE } },

    /* a whole row read, changed in memory, and saved with all of its columns */
    { "save_unchanged", ONE, 8, 0, LOOK_LOCKED, EXPECT_READ,
      "UPDATE {t} SET {c} = $2, note = $3 WHERE {k} = $1" ANSWERS, { ARG_KEY, ARG_READ, ARG_NOTE } },
    { "save_stale", ONE, 5, NEED_FREE, LOOK_FREE, EXPECT_READ,
      "UPDATE {t} SET {c} = $2, note = $3 WHERE {k} = $1" ANSWERS, { ARG_KEY, ARG_READ, ARG_NOTE } },
    { "save_both_unchanged", BOTH, 4, 0, LOOK_LOCKED, EXPECT_READ,
      "UPDATE {t} SET {o} = $2, {n} = $3, note = $4 WHERE {k} = $1" ANSWERS,
      { ARG_KEY, ARG_READ, ARG_READ, ARG_NOTE } },
    { "save_both_new", BOTH, 4, 0, LOOK_LOCKED, EXPECT_VALUE,
      "UPDATE {t} SET {o} = $2, {n} = $3, note = $4 WHERE {k} = $1" ANSWERS,
      { ARG_KEY, ARG_READ, ARG_VALUE, ARG_NOTE } },
    { "save_both_new_stale", BOTH, 5, NEED_DISTINCT, LOOK_FREE, EXPECT_VALUE,
      "UPDATE {t} SET {o} = $2, {n} = $3, note = $4 WHERE {k} = $1" ANSWERS,
      { ARG_KEY, ARG_READ, ARG_VALUE, ARG_NOTE } },
    { "save_both_old", BOTH, 6, 0, LOOK_LOCKED, EXPECT_VALUE,
      "UPDATE {t} SET {o} = $2, {n} = $3, note = $4 WHERE {k} = $1" ANSWERS,
      { ARG_KEY, ARG_VALUE, ARG_READ, ARG_NOTE } },

    { "delete", ANY, 2, 0, LOOK_NOT, EXPECT_GONE,
      "DELETE FROM {t} WHERE {k} = $1" ANSWERS, { ARG_KEY } },

    /* reads, which are told at once whether they agree with the ledger */
    { "read", ONE, 16, 0, LOOK_NOT, EXPECT_MATCH,
      "SELECT t.{c}::text IS NOT DISTINCT FROM l.value AND NOT l.gone, t.note"
      " FROM {t} AS t JOIN {l} AS l USING (id) WHERE t.{k} = $1", { ARG_KEY } },
    { "read_both", BOTH, 16, 0, LOOK_NOT, EXPECT_MATCH,
      "SELECT t.{o}::text IS NOT DISTINCT FROM l.value AND NOT l.gone"
      " AND t.{n}::text IS NOT DISTINCT FROM l.value, t.note"
      " FROM {t} AS t JOIN {l} AS l USING (id) WHERE t.{k} = $1", { ARG_KEY } },
    { "read_by_value", ANY, 4, NEED_UNIQUE, LOOK_FREE, EXPECT_MATCH,
      "SELECT coalesce(bool_and(l.value = t.{c}::text AND NOT l.gone), true)"
      " FROM {t} AS t JOIN {l} AS l USING (id) WHERE t.{c} = $1", { ARG_READ } },
    { 0 },
};

/* The write of the ledger that goes with each kind of expectation: $1 the key, $2 the value. */
#define KEEP                                                                                      \
    " ON CONFLICT (id) DO UPDATE SET value = EXCLUDED.value, gone = false, writes = l.writes + 1"

static const char *const ledger_sql[EXPECT_COUNT] = {
    [EXPECT_VALUE] = "INSERT INTO {l} AS l (id, value, writes) VALUES ($1, ($2::{y})::text, 1)" KEEP,
    [EXPECT_NULL] = "INSERT INTO {l} AS l (id, value, writes) VALUES ($1, NULL, 1)" KEEP,
    [EXPECT_PRESET] = "INSERT INTO {l} AS l (id, value, writes) VALUES ($1, ({d})::text, 1)" KEEP,
    [EXPECT_READ] = "INSERT INTO {l} AS l (id, value, writes) VALUES ($1, $2, 1)" KEEP,
    [EXPECT_SAME] = "UPDATE {l} SET writes = writes + 1 WHERE id = $1",
    [EXPECT_GONE] = "UPDATE {l} SET gone = true, writes = writes + 1 WHERE id = $1",
};
/* clang-format on */

static unsigned offers(const struct traffic_table *table)
{
    unsigned has = table->unique ? NEED_UNIQUE : NEED_FREE;

    if (!table->keyless)
        has |= NEED_KEY;
    if (!table->not_null)
        has |= NEED_NULL;
    if (!table->not_null || table->preset != PRESET_NONE)
        has |= NEED_OMIT;
    if (table->preset != PRESET_VOLATILE)
        has |= NEED_STEADY;
    if (value_distinct(table->value))
        has |= NEED_DISTINCT;
    return has;
}

static const char *variable(struct arena *arena, const struct traffic_table *table,
                            enum client_kind kind, char letter)
{
    const char *own = kind == CLIENT_OLD ? table->from : table->to;

    switch (letter) {
    case 't':
        return arena_printf(arena, "%s.%s", pg_ident(arena, table->schema),
                            pg_ident(arena, table->name));
    case 'l':
        return arena_printf(arena, "traffic.%s", pg_ident(arena, table->name));
    case 'k':
        return "id";
    case 'c':
        return pg_ident(arena, own);
    case 'o':
        return pg_ident(arena, table->from);
    case 'n':
        return pg_ident(arena, table->to);
    case 'y':
        return table->type;
    case 'd':
        return table->preset_sql ? arena_printf(arena, "(%s)::%s", table->preset_sql, table->type)
                                 : "NULL";
    default:
        return NULL;
    }
}

const char *app_render(struct arena *arena, const struct traffic_table *table,
                       enum client_kind kind, const char *text)
{
    struct buf out = BUF_IN(arena);

    for (const char *c = text; *c; c++) {
        const char *value =
            c[0] == '{' && c[1] && c[2] == '}' ? variable(arena, table, kind, c[1]) : NULL;

        if (value) {
            buf_add(&out, value);
            c += 2;
        } else {
            buf_addn(&out, c, 1);
        }
    }
    return buf_text(&out);
}

static struct statement statement(struct arena *arena, const struct traffic_table *table,
                                  struct app *app, const char *name, const char *sql)
{
    return (struct statement){ name, app_render(arena, table, app->kind, sql),
                               app->n_statements++ };
}

void app_make(struct arena *arena, const struct traffic_table *table, enum client_kind kind,
              struct app *app)
{
    static const char look[] = "SELECT {c}::text, note FROM {t} WHERE {k} = $1";
    static const char look_locked[] = "SELECT {c}::text, note FROM {t} WHERE {k} = $1 FOR UPDATE";
    unsigned has = offers(table);

    *app = (struct app){ .kind = kind };
    for (const struct op *op = traffic_ops; op->name; op++) {
        struct work *work;

        if (!(op->kinds & 1U << kind) || (op->needs & has) != op->needs)
            continue;
        work = ARENA_PUSH(arena, app->works, app->n_works);
        work->op = op;
        work->statement = statement(arena, table, app, op->name, op->sql);
        app->weight += op->weight;
    }
    app->look = statement(arena, table, app, "look", look);
    app->look_locked = statement(arena, table, app, "look_locked", look_locked);
    for (int e = 0; e < EXPECT_COUNT; e++)
        if (ledger_sql[e])
            app->ledger[e] =
                statement(arena, table, app, arena_printf(arena, "ledger_%d", e), ledger_sql[e]);
}
