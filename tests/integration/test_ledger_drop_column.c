/*
 * A column is dropped while code that writes it, code that does without and code that
 * has nothing to do with it work all the time, forward, back from each phase, and forward
 * again.  What each client was told is committed is compared with the table.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "drop_stages.h"

enum { OLD = CREW_CODE(0), NEW = CREW_CODE(1), ANY = CREW_CODE(2), ALL = OLD | NEW | ANY };

/*
 * `omitted`: what :note holds in a row of code that omits it.  `demanded`: before expand
 * that code fails, and the way back has to be helped by `fill`, where that is not NULL.
 */
static const struct shape {
    const char *name, *column, *more, *change, *omitted, *fill;
    bool demanded, killed, partitioned;
} shapes[] = {
    { .name = "NOT NULL",
      .column = "text NOT NULL",
      .more = "CREATE INDEX lone ON public.t (note);",
      .omitted = "IS NULL OR note = 'filled ' || id",
      .fill = "UPDATE public.t SET note = 'filled ' || id WHERE note IS NULL",
      .demanded = true },
    { .name = "NOT NULL with a placeholder",
      .column = "text NOT NULL",
      .change = ", placeholder: \"'none'\"",
      .omitted = "= 'none'",
      .demanded = true },
    { .name = "a default",
      .column = "text DEFAULT 'nothing'",
      .more = "CREATE INDEX lone ON public.t (lower(note)) WHERE note <> '';",
      .omitted = "= 'nothing'" },
    { .name = "NOT NULL and a default, another placeholder",
      .column = "text NOT NULL DEFAULT 'nothing'",
      .change = ", placeholder: upper('none')",
      .omitted = "IN ('nothing', 'NONE')" },
    { .name = "NOT NULL and unique",
      .column = "bigint NOT NULL UNIQUE",
      .change = ", also_drops: [t_note_key]",
      .omitted = "IS NULL OR note = -id",
      .fill = "UPDATE public.t SET note = -id WHERE note IS NULL",
      .demanded = true },
    { .name = "a sequence",
      .column = "bigserial",
      .more = "ALTER SEQUENCE public.t_note_seq START 1000000000000 RESTART;",
      .change = ", also_drops: [t_note_seq]",
      .omitted = "> 0" },
    { .name = "NOT NULL, partitioned",
      .column = "text NOT NULL",
      .more = "CREATE TABLE public.t1 PARTITION OF public.t FOR VALUES FROM (0) TO (150);"
              "CREATE TABLE public.t2 PARTITION OF public.t DEFAULT;",
      .omitted = "IS NULL OR note = 'filled ' || id",
      .fill = "UPDATE public.t SET note = 'filled ' || id WHERE note IS NULL",
      .demanded = true,
      .partitioned = true },
    { .name = "NOT NULL with a placeholder, published",
      .column = "text NOT NULL",
      .more = "CREATE PUBLICATION shop FOR TABLE public.t;",
      .change = ", placeholder: \"'none'\"",
      .omitted = "= 'none'",
      .demanded = true },
    { .name = "NOT NULL, the program killed each time",
      .column = "text NOT NULL",
      .more = "CREATE INDEX lone ON public.t (note);",
      .omitted = "IS NULL OR note = 'filled ' || id",
      .fill = "UPDATE public.t SET note = 'filled ' || id WHERE note IS NULL",
      .demanded = true,
      .killed = true },
};

/* ---- the application ---- */

/* No other client ever writes it, nor this one once more. */
static const char *fresh(struct client *c)
{
    return client_text(c, "%d%07d", client_number(c) + 1, client_turn(c));
}

static bool delete_own(struct client *c, int id)
{
    if (!client_begin(c) ||
        !client_sql(c, NULL, "DELETE FROM public.t WHERE id = $1", drop_number(c, id), NULL, NULL))
        return false;
    client_note(c, id, 'r', NULL);
    return client_commit(c);
}

static bool old_insert(struct client *c, int id)
{
    const char *note = fresh(c), *n = drop_number(c, client_turn(c));

    if (!client_begin(c) || !client_sql(c, NULL,
                                        "INSERT INTO public.t (id, note, n) VALUES ($1, $2, $3)"
                                        " ON CONFLICT (id) DO UPDATE SET note = EXCLUDED.note,"
                                        " n = EXCLUDED.n",
                                        drop_number(c, id), note, n))
        return false;
    client_note(c, id, 'r', "is there");
    client_note(c, id, 'c', note);
    client_note(c, id, 'n', n);
    return client_commit(c);
}

static bool old_update(struct client *c, int id)
{
    const char *note = fresh(c), *seen;

    if (!client_begin(c) ||
        !client_sql(c, NULL, "UPDATE public.t SET note = $2 WHERE id = $1", drop_number(c, id),
                    note, NULL) ||
        !client_sql(c, &seen, "SELECT note FROM public.t WHERE id = $1", drop_number(c, id), NULL,
                    NULL))
        return false;
    if (strcmp(seen, note) != 0)
        return client_wrong(c, "row %d has %s, not %s", id, seen, note);
    client_note(c, id, 'c', note);
    return client_commit(c);
}

static bool old_code(struct client *c)
{
    switch (client_random(c, 4)) {
    case 0:
        return old_insert(c, drop_own(c, 0));
    case 1:
        return delete_own(c, drop_own(c, 0));
    default:
        return old_update(c, drop_shared(c));
    }
}

static bool new_insert(struct client *c, int id)
{
    const char *n = drop_number(c, client_turn(c));

    if (!client_begin(c) || !client_sql(c, NULL,
                                        "INSERT INTO public.t (id, n) VALUES ($1, $2)"
                                        " ON CONFLICT (id) DO UPDATE SET n = EXCLUDED.n",
                                        drop_number(c, id), n, NULL))
        return false;
    client_note(c, id, 'r', "is there");
    client_note(c, id, 'o', "omitted");
    client_note(c, id, 'n', n);
    return client_commit(c);
}

/* A column of a row whose :note is old code's. */
static bool set(struct client *c, const char *sql, char what)
{
    const char *value = fresh(c), *seen;
    int id = drop_shared(c);

    if (!client_begin(c) || !client_sql(c, &seen, sql, drop_number(c, id), value, NULL))
        return false;
    if (strcmp(seen, value) != 0)
        return client_wrong(c, "row %d has %s, not %s", id, seen, value);
    client_note(c, id, what, value);
    return client_commit(c);
}

static bool new_code(struct client *c)
{
    switch (client_random(c, 4)) {
    case 0:
        return new_insert(c, drop_own(c, 1));
    case 1:
        return delete_own(c, drop_own(c, 1));
    default:
        return set(c, "UPDATE public.t SET n = $2 WHERE id = $1 RETURNING n", 'n');
    }
}

/* It neither knows the column nor makes rows: it never has to stop. */
static bool any_code(struct client *c)
{
    return set(c, "UPDATE public.t SET m = $2 WHERE id = $1 RETURNING m", 'm');
}

/* ---- what happens ---- */

static const struct drop_stage stages[] = {
    { "start", NULL, OLD | ANY },
    { "advance", "expand", OLD | ANY },
    { "rollback", "start", OLD | ANY },
    { "again", NULL, OLD | ANY },
    { "advance", "expand", OLD | ANY },
    { "deploy", NULL, ALL },
    { "held", "retire", ALL },
    /* back to old code from expand */
    { "stopped", "start", OLD | ANY },
    { "rollback", "start", OLD | ANY },
    { "again", NULL, OLD | ANY },
    { "advance", "expand", OLD | ANY },
    { "deploy", NULL, ALL },
    { "advance", "retire", NEW | ANY },
    /* back from retire to where both may write, and on */
    { "rollback", "expand", NEW | ANY },
    { "deploy", NULL, ALL },
    { "held", "retire", ALL },
    { "advance", "retire", NEW | ANY },
    /* back from retire to the start */
    { "stopped", "start", ANY },
    { "rollback", "start", ANY },
    { "deploy", NULL, OLD | ANY },
    { "again", NULL, OLD | ANY },
    { "advance", "expand", OLD | ANY },
    { "deploy", NULL, ALL },
    { "advance", "retire", NEW | ANY },
    { "advance", "contract", NEW | ANY },
};

static const char *setup(const struct shape *shape, bool with_rows)
{
    return arena_printf(
        test_arena(),
        "CREATE TABLE public.t (id int PRIMARY KEY, note %s, n int DEFAULT 0, m int)%s;%s%s",
        shape->column, shape->partitioned ? " PARTITION BY RANGE (id)" : "",
        shape->more ? shape->more : "",
        with_rows
            ? arena_printf(test_arena(),
                           "INSERT INTO public.t SELECT i, i + 10, i, i FROM generate_series(1, %d)"
                           " AS i; INSERT INTO test.told (id, what, value)"
                           " SELECT id, 'r', 'is there' FROM public.t UNION ALL SELECT id, 'c',"
                           " note::text FROM public.t UNION ALL SELECT id, 'n', n::text FROM"
                           " public.t UNION ALL SELECT id, 'm', m::text FROM public.t",
                           DROP_ROWS)
            : "");
}

/* Under whatever name it is by now; "" when it is gone. */
static const char *name_of_the_column(PGconn *conn)
{
    return test_value(conn, "SELECT attname FROM pg_attribute WHERE attrelid = 'public.t'::regclass"
                            " AND (attname = 'note' OR attname ~ '^_orch_[0-9]+_tombstone$')");
}

/* A query for what is not as somebody was told that it is. */
static const char *wrong(struct drop_scene *s, const struct shape *shape)
{
    const char *name = name_of_the_column(s->conn);

    return arena_printf(test_arena(),
                        "SELECT l.id, l.what, l.value, t.* FROM (SELECT id, %s AS note, n, m FROM"
                        " public.t) t FULL JOIN test.last l USING (id) WHERE CASE l.what"
                        " WHEN 'r' THEN (t.id IS NULL) <> (l.value IS NULL)"
                        " WHEN 'c' THEN %s AND t.note::text IS DISTINCT FROM l.value"
                        " WHEN 'o' THEN %s AND (note %s) IS NOT TRUE"
                        " WHEN 'n' THEN t.n::text IS DISTINCT FROM l.value"
                        " WHEN 'm' THEN t.m::text IS DISTINCT FROM l.value"
                        " ELSE true END AND (l.what IS NULL OR l.what = 'r' OR t.id IS NOT NULL)",
                        *name ? name : "NULL::text", *name ? "true" : "false",
                        *name ? "true" : "false", *name ? shape->omitted : "IS NULL");
}

/* Values, and rows, that went: not without being seen. */
static void damage_is_noticed(struct drop_scene *s, const struct shape *shape)
{
    const char *const damages[] = {
        arena_printf(test_arena(), "UPDATE public.t SET %s = 12345 WHERE id = 2",
                     name_of_the_column(s->conn)),
        "UPDATE public.t SET n = n - 1 WHERE id = 3",
        "UPDATE public.t SET m = NULL WHERE id = 4",
        "DELETE FROM public.t WHERE id = 5",
        "UPDATE public.t SET id = -6 WHERE id = 6",
        NULL,
    };

    drop_would_notice(s, wrong(s, shape), damages);
}

static void same_as_a_plain_drop(const struct drop_scene *s, const struct shape *shape)
{
    const char *twin = drop_database(setup(shape, false));

    test_sql(test_connect(twin, "app"), "ALTER TABLE public.t DROP COLUMN note");
    test_same_schema(s->database, twin);
}

START_TEST(no_write_is_lost_and_no_client_fails)
{
    static const struct crew_code codes[] = { { "old", old_code, DROP_CLIENTS },
                                              { "new", new_code, DROP_CLIENTS },
                                              { "any", any_code, DROP_CLIENTS } };
    const struct shape *shape = &shapes[_i];
    struct drop_scene s;

    printf("%s\n", shape->name);
    s = drop_scene(drop_database(setup(shape, true)),
                   arena_printf(test_arena(),
                                "drop_column: {table: public.t, column: note%s}" DROP_WHEN_IDLE,
                                shape->change ? shape->change : ""));
    s.seed = shape->killed ? (unsigned)time(NULL) : 0;
    s.crew = crew_start(s.url, codes, ARRAY_LEN(codes));
    for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
        struct drop_stage stage = stages[i];
        const char *where = arena_printf(test_arena(), "stage %zu, %s %s", i, stage.command,
                                         stage.to ? stage.to : "");

        if (strcmp(stage.command, "stopped") == 0 && !shape->fill)
            continue;
        drop_stage(&s, &stage);
        drop_compare(&s, where, wrong(&s, shape));
        if (i == 0 || strcmp(stage.command, "stopped") == 0)
            damage_is_noticed(&s, shape);
        if (strcmp(stage.command, "stopped") == 0)
            test_sql(s.conn, "%s", shape->fill);
    }
    crew_end(s.crew);
    same_as_a_plain_drop(&s, shape);
    printf("drop_column, %s: %d commands, %d kills; %lld transactions in %lld statements, 0 errors;"
           " %lld cells and rows compared, 0 wrong; slowest statement %.1f ms\n",
           shape->name, s.commands, s.kills, (long long)s.transactions, (long long)s.statements,
           (long long)s.compared, s.slowest_ms);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("ledger_drop_column");

    support_long_cases(support_case(s, "ledger", 180), no_write_is_lost_and_no_client_fails, 0,
                       ARRAY_LEN(shapes));
    return s;
}

int main(void)
{
    return support_run(suite());
}
