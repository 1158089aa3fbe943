/*
 * A table is dropped that others reference, while code that uses it and code that does
 * without work, forward, back from each phase, and forward again.  What each client was
 * told is committed is compared with the tables.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "drop_stages.h"

enum { ORPHAN = 7 };
enum { OLD = CREW_CODE(0), NEW = CREW_CODE(1), BOTH = OLD | NEW };

/* child.thing goes with its thing, child.other is left without. */
#define TABLES                                                                                     \
    "CREATE TABLE public.thing (id int PRIMARY KEY, note text);"                                   \
    "CREATE TABLE public.child (id int PRIMARY KEY, thing int REFERENCES public.thing ON DELETE "  \
    "CASCADE, other int CONSTRAINT other_key REFERENCES public.thing ON DELETE SET NULL "          \
    "DEFERRABLE"                                                                                   \
    " INITIALLY DEFERRED, n int);"                                                                 \
    "CREATE TABLE public.apart (id int PRIMARY KEY REFERENCES public.thing);"
#define SEED                                                                                       \
    "INSERT INTO public.thing SELECT i, i FROM generate_series(1, 300) AS i;"                      \
    "INSERT INTO public.child SELECT i, i, i, i FROM generate_series(1, 300) AS i;"                \
    "INSERT INTO public.apart SELECT i FROM generate_series(1, 300) AS i;"                         \
    "INSERT INTO test.told (id, what, value)"                                                      \
    " SELECT id, 't', note FROM public.thing UNION ALL SELECT id, 'c', thing::text FROM"           \
    " public.child UNION ALL SELECT id, 'n', n::text FROM public.child"

/* ---- the application ---- */

/* A thing with its child, in one transaction: both are there or neither is. */
static bool old_insert(struct client *c, int id)
{
    const char *key = drop_number(c, id), *note = client_text(c, "note %d", client_turn(c));

    if (!client_begin(c) ||
        !client_sql(c, NULL,
                    "INSERT INTO public.child (id, other, n) VALUES ($1, $1, 0)"
                    " ON CONFLICT (id) DO UPDATE SET other = $1",
                    key, NULL, NULL) ||
        !client_sql(c, NULL,
                    "INSERT INTO public.thing VALUES ($1, $2)"
                    " ON CONFLICT (id) DO UPDATE SET note = $2",
                    key, note, NULL) ||
        !client_sql(c, NULL, "UPDATE public.child SET thing = $1 WHERE id = $1", key, NULL, NULL))
        return false;
    client_note(c, id, 't', note);
    client_note(c, id, 'c', key);
    return client_commit(c);
}

static bool old_delete(struct client *c, int id)
{
    if (!client_begin(c) || !client_sql(c, NULL, "DELETE FROM public.thing WHERE id = $1",
                                        drop_number(c, id), NULL, NULL))
        return false;
    client_note(c, id, 't', NULL);
    client_note(c, id, 'c', NULL);
    return client_commit(c);
}

static bool old_update(struct client *c, int id)
{
    const char *note = client_text(c, "client %d, %d", client_number(c), client_turn(c)), *seen;

    if (!client_begin(c) ||
        !client_sql(c, NULL, "UPDATE public.thing SET note = $2 WHERE id = $1", drop_number(c, id),
                    note, NULL) ||
        !client_sql(c, &seen,
                    "SELECT t.note FROM public.child c JOIN public.thing t ON t.id = c.thing"
                    " WHERE c.id = $1",
                    drop_number(c, id), NULL, NULL))
        return false;
    if (strcmp(seen, note) != 0)
        return client_wrong(c, "row %d has %s, not %s", id, seen, note);
    client_note(c, id, 't', note);
    return client_commit(c);
}

/* Wherever old code may work, each foreign key is in force. */
static bool old_is_refused(struct client *c)
{
    static const char *const orphans[] = { "INSERT INTO public.child (id, thing) VALUES (-1, -1)",
                                           "INSERT INTO public.child (id, other) VALUES (-1, -1)",
                                           "INSERT INTO public.apart VALUES (-1)" };

    return client_refused(c, "23503", orphans[client_random(c, 3)], NULL, NULL, NULL);
}

static bool old_code(struct client *c)
{
    switch (client_random(c, 6)) {
    case 0:
        return old_insert(c, drop_own(c, 0));
    case 1:
        return old_delete(c, drop_own(c, 0));
    case 2:
        return old_is_refused(c);
    default:
        return old_update(c, drop_shared(c));
    }
}

static bool new_insert(struct client *c, int id)
{
    const char *n = drop_number(c, client_turn(c));

    if (!client_begin(c) || !client_sql(c, NULL,
                                        "INSERT INTO public.child (id, n) VALUES ($1, $2)"
                                        " ON CONFLICT (id) DO UPDATE SET n = $2",
                                        drop_number(c, id), n, NULL))
        return false;
    client_note(c, id, 'n', n);
    return client_commit(c);
}

static bool new_delete(struct client *c, int id)
{
    if (!client_begin(c) || !client_sql(c, NULL, "DELETE FROM public.child WHERE id = $1",
                                        drop_number(c, id), NULL, NULL))
        return false;
    client_note(c, id, 'n', NULL);
    return client_commit(c);
}

/* A row that references a thing: the reference is not touched, and not looked at. */
static bool new_update(struct client *c, int id)
{
    const char *n = drop_number(c, client_turn(c)), *seen;

    if (!client_begin(c) ||
        !client_sql(c, &seen, "UPDATE public.child SET n = $2 WHERE id = $1 RETURNING n",
                    drop_number(c, id), n, NULL))
        return false;
    if (strcmp(seen, n) != 0)
        return client_wrong(c, "row %d has %s, not %s", id, seen, n);
    client_note(c, id, 'n', n);
    return client_commit(c);
}

static bool new_code(struct client *c)
{
    switch (client_random(c, 4)) {
    case 0:
        return new_insert(c, drop_own(c, 1));
    case 1:
        return new_delete(c, drop_own(c, 1));
    default:
        return new_update(c, drop_shared(c));
    }
}

/* ---- what happens ---- */

static const struct drop_stage stages[] = {
    { "start", NULL, OLD },
    { "advance", "expand", OLD },
    { "rollback", "start", OLD },
    { "again", NULL, BOTH },
    { "advance", "expand", BOTH },
    { "held", "retire", BOTH },
    /* old code is gone: the statistics stand still, although new code works */
    { "advance", "retire", NEW },
    { "rollback", "expand", NEW },
    { "deploy", NULL, BOTH },
    { "held", "retire", BOTH },
    { "advance", "retire", NEW },
    /* a row without a partner has come meanwhile */
    { "stopped", "start", NEW },
    { "rollback", "start", NEW },
    { "deploy", NULL, BOTH },
    { "again", NULL, BOTH },
    { "advance", "expand", BOTH },
    { "advance", "retire", NEW },
    { "advance", "contract", NEW },
};

static const char *name_of_the_table(PGconn *conn)
{
    return test_value(conn, "SELECT relname FROM pg_class WHERE relkind = 'r' AND (relname = "
                            "'thing' OR relname ~ '^_orch_[0-9]+_tombstone$')");
}

static const char wrong_children[] =
    "SELECT l.*, c.* FROM test.last l FULL JOIN (SELECT * FROM public.child WHERE id"
    " > 0) c USING (id) WHERE CASE l.what"
    " WHEN 'c' THEN c.thing::text IS DISTINCT FROM l.value"
    "  OR (l.value IS NOT NULL AND c.other IS DISTINCT FROM c.thing)"
    " WHEN 'n' THEN c.n::text IS DISTINCT FROM l.value WHEN 't' THEN false"
    " ELSE true END";

static const char *wrong_things(const char *name)
{
    return arena_printf(test_arena(),
                        "SELECT l.*, t.* FROM (SELECT * FROM test.last WHERE what = 't')"
                        " l FULL JOIN public.%s t USING (id) WHERE l.value IS DISTINCT FROM t.note",
                        name);
}

static void nothing_lost(struct drop_scene *s, const char *where)
{
    const char *name = name_of_the_table(s->conn);

    drop_compare(s, where, wrong_children);
    if (*name)
        drop_compare(s, where, wrong_things(name));
    ck_assert_int_eq(test_count(s->conn, "SELECT count(*) FROM public.apart"), DROP_ROWS);
}

/* Rows and values that went: not without being seen. */
static void damage_is_noticed(struct drop_scene *s)
{
    static const char *const children[] = {
        "UPDATE public.child SET n = n - 1 WHERE id = 2",
        "DELETE FROM public.child WHERE id = 3",
        "UPDATE public.child SET id = 1000000 WHERE id = 4",
        NULL,
    };
    const char *name = name_of_the_table(s->conn);
    const char *const things[] = {
        arena_printf(test_arena(), "UPDATE public.%s SET note = 'other' WHERE id = 1", name),
        arena_printf(test_arena(), "INSERT INTO public.%s (id, note) VALUES (-7, 'x')", name),
        NULL,
    };

    drop_would_notice(s, wrong_children, children);
    drop_would_notice(s, wrong_things(name), things);
}

/* New code that is wrong: nothing refuses this row any longer. */
static void orphan(struct drop_scene *s, bool come)
{
    test_sql(s->conn,
             come ? "INSERT INTO public.child (id, other) VALUES (-%d, 999999)"
                  : "DELETE FROM public.child WHERE id = -%d",
             ORPHAN);
}

static void same_as_a_plain_drop(const struct drop_scene *s)
{
    const char *twin = drop_database(TABLES);

    test_sql(test_connect(twin, "app"),
             "ALTER TABLE public.child DROP CONSTRAINT child_thing_fkey, DROP CONSTRAINT other_key;"
             "ALTER TABLE public.apart DROP CONSTRAINT apart_id_fkey; DROP TABLE public.thing");
    test_same_schema(s->database, twin);
}

/* The second time the program is killed before each command, and called again. */
START_TEST(no_write_is_lost_and_no_client_fails)
{
    static const struct crew_code codes[] = { { "old", old_code, DROP_CLIENTS },
                                              { "new", new_code, DROP_CLIENTS } };
    struct drop_scene s =
        drop_scene(drop_database(TABLES SEED), "drop_table: {table: public.thing}" DROP_WHEN_IDLE);

    s.seed = _i ? (unsigned)time(NULL) : 0;
    s.crew = crew_start(s.url, codes, ARRAY_LEN(codes));
    for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
        bool stopped = strcmp(stages[i].command, "stopped") == 0;

        if (stopped)
            orphan(&s, true);
        drop_stage(&s, &stages[i]);
        nothing_lost(&s, arena_printf(test_arena(), "stage %zu, %s", i, stages[i].command));
        if (i == 0 || stopped)
            damage_is_noticed(&s);
        if (stopped)
            orphan(&s, false);
    }
    crew_end(s.crew);
    same_as_a_plain_drop(&s);
    printf("drop_table: %d commands, %d kills; %lld transactions in %lld statements, 0 errors;"
           " %lld facts compared, 0 wrong; slowest statement %.1f ms\n",
           s.commands, s.kills, (long long)s.transactions, (long long)s.statements,
           (long long)s.compared, s.slowest_ms);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("ledger_drop_table");

    tcase_add_loop_test(support_case(s, "ledger", 180), no_write_is_lost_and_no_client_fails, 0, 2);
    return s;
}

int main(void)
{
    return support_run(suite());
}
