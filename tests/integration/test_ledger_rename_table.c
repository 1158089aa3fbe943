/*
 * A table gets another name while code that knows the old one and code that knows the new
 * one work, forward, back from each phase, and forward again.  Every other client has
 * prepared its statements, some before the first phase, some when the old name was the
 * table, some when it was a view, and goes on executing them: none of them may fail, or
 * see or write another row than it should.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "drop_stages.h"

enum { OLD = CREW_CODE(0), NEW = CREW_CODE(1), BESIDE = CREW_CODE(2), LATE = CREW_CODE(3) };
enum { ALL = OLD | NEW | BESIDE | LATE };

/* The first column, which is what a client sees of a whole row, is what it wrote. */
#define TABLES                                                                                     \
    "CREATE TABLE public.person (note text, id int PRIMARY KEY, a text, b text,"                   \
    " n int NOT NULL DEFAULT 1, k serial, kept text GENERATED ALWAYS AS (note) STORED);"           \
    "CREATE TABLE public.pet (owner int PRIMARY KEY REFERENCES public.person ON DELETE CASCADE);"
/* `writer` sees none of the rows below 0 by either name, and makes none. */
#define POLICY                                                                                     \
    "INSERT INTO public.person (note, id) SELECT 'hidden', -i FROM generate_series(1, 20) AS i;"   \
    "ALTER TABLE public.person ENABLE ROW LEVEL SECURITY;"                                         \
    "CREATE POLICY few ON public.person TO writer USING (id > 0 AND current_user = 'writer');"     \
    "GRANT SELECT, INSERT, UPDATE, DELETE ON public.person, public.pet TO writer;"                 \
    "GRANT USAGE ON SEQUENCE public.person_k_seq TO writer;"
#define SEED                                                                                       \
    "INSERT INTO public.person (note, id) SELECT 'seed', i FROM generate_series(1, 300) AS i;"     \
    "INSERT INTO test.told (id, what, value) SELECT id, 'r', note FROM public.person WHERE id > 0"

/* ---- the application ---- */

/* By one of the names; `cell` is the column of which this code owns its rows' cells. */
struct statements {
    const char *insert, *erase, *update, *cell, *read, *lock, *joined, *steal, *forge;
};
#define STATEMENTS(name, column)                                                                   \
    {                                                                                              \
        .insert = "INSERT INTO public." name " (id, note) VALUES ($1, $2)"                         \
                  " ON CONFLICT (id) DO UPDATE SET note = $2, n = DEFAULT RETURNING *",            \
        .erase = "DELETE FROM public." name " WHERE id = $1 RETURNING *",                          \
        .update = "UPDATE public." name " SET note = $2, n = DEFAULT WHERE id = $1 RETURNING *",   \
        .cell = "UPDATE public." name " SET " column " = $2 WHERE id = $1 RETURNING " column,      \
        .read = "SELECT * FROM public." name " WHERE id = $1",                                     \
        .lock = "SELECT * FROM public." name " WHERE id = $1 FOR UPDATE",                          \
        .joined = "WITH new AS (INSERT INTO public.pet VALUES ($1) ON CONFLICT DO NOTHING)"        \
                  " SELECT o.kept FROM public." name " o WHERE o.id = $1",                         \
        .steal = "UPDATE public." name " SET note = $2 WHERE id = -$1::int RETURNING *",           \
        .forge = "INSERT INTO public." name " (id) VALUES (-$1::int)",                             \
    }
static const struct statements by_old_name = STATEMENTS("person", "a");
static const struct statements by_new_name = STATEMENTS("human", "b");

/* What this client has put into its own rows, "" where there is none: each is a process. */
enum { OWN_ROWS = 50 };
static char mine[OWN_ROWS][32];
static bool bound_by_policy; /* set before they are born */

static bool sees(struct client *c, int id, const char *sql, const char *value, const char *wanted)
{
    const char *seen;

    return client_sql(c, &seen, sql, drop_number(c, id), value, NULL) &&
           (strcmp(seen, wanted) == 0 ||
            client_wrong(c, "%s: row %d is '%s', not '%s'", sql, id, seen, wanted));
}

static bool writes(struct client *c, int id, const char *sql, const char *value, const char *wanted)
{
    char *row = mine[id % OWN_ROWS];

    if (!client_begin(c) || !sees(c, id, sql, value, wanted))
        return false;
    client_note(c, id, 'r', *wanted && value ? value : NULL);
    if (!client_commit(c))
        return false;
    snprintf(row, sizeof mine[0], "%s", *wanted && value ? value : "");
    return true;
}

static bool own_row(struct client *c, const struct statements *s, int id)
{
    const char *row = mine[id % OWN_ROWS], *value = client_text(c, "v%d", client_turn(c));

    switch (client_random(c, 5)) {
    case 0:
        return writes(c, id, s->erase, NULL, row);
    case 1:
        return writes(c, id, s->update, value, *row ? value : "");
    case 2:
        return sees(c, id, s->read, NULL, row);
    case 3:
        return !*row || sees(c, id, s->joined, NULL, row);
    default:
        return writes(c, id, s->insert, value, value);
    }
}

static bool shared_row(struct client *c, const struct statements *s, char what)
{
    int id = drop_shared(c);
    const char *value = client_text(c, "%c%d", what, client_turn(c));

    if (!client_begin(c) || !sees(c, id, s->lock, NULL, "seed") ||
        !sees(c, id, s->cell, value, value))
        return false;
    client_note(c, id, what, value);
    return client_commit(c);
}

static bool others_row(struct client *c, const struct statements *s)
{
    int id = client_random(c, 20) + 1;

    return sees(c, id, s->steal, "stolen", "") &&
           (!bound_by_policy ||
            client_refused(c, "42501", s->forge, drop_number(c, id), NULL, NULL));
}

static bool any_row(struct client *c, const struct statements *s, int code)
{
    return client_random(c, 5) ? own_row(c, s, drop_own(c, code)) : others_row(c, s);
}

static bool old_code(struct client *c)
{
    return client_random(c, 2) ? any_row(c, &by_old_name, 0) : shared_row(c, &by_old_name, 'a');
}

static bool new_code(struct client *c)
{
    return client_random(c, 2) ? any_row(c, &by_new_name, 1) : shared_row(c, &by_new_name, 'b');
}

/* Old code, too: its sessions begin while the name is the table beside a view, or a view. */
static bool old_code_beside(struct client *c)
{
    return any_row(c, &by_old_name, 2);
}

static bool old_code_late(struct client *c)
{
    return any_row(c, &by_old_name, 3);
}

/* ---- what happens ---- */

static const struct drop_stage stages[] = {
    { "start", NULL, OLD },
    { "advance", "expand", OLD },
    { "deploy", NULL, OLD | NEW | BESIDE },
    { "advance", "switch", OLD | NEW | BESIDE },
    { "deploy", NULL, ALL },
    { "rollback", "expand", ALL },
    { "rollback", "start", OLD | BESIDE | LATE }, /* new code is gone */
    { "again", NULL, OLD | BESIDE | LATE },
    { "advance", "expand", OLD | BESIDE | LATE },
    { "advance", "switch", ALL },
    { "advance", "contract", NEW }, /* old code is gone */
    { "rollback", "switch", NEW },
    { "deploy", NULL, ALL },
    { "rollback", "expand", ALL },
    { "advance", "switch", ALL },
    { "advance", "contract", NEW },
};

static void nothing_lost(struct drop_scene *s, const char *where)
{
    const char *name = test_value(s->conn, "SELECT relname FROM pg_class WHERE relkind = 'r'"
                                           " AND relname IN ('person', 'human')");

    drop_compare(s, where,
                 arena_printf(test_arena(),
                              "SELECT l.*, t.* FROM test.last l FULL JOIN (SELECT * FROM public.%s"
                              " WHERE id > 0 OR note <> 'hidden') t USING (id)"
                              " WHERE t.n <> 1 OR t.kept IS DISTINCT FROM t.note OR CASE l.what"
                              " WHEN 'r' THEN t.note IS DISTINCT FROM l.value"
                              " WHEN 'a' THEN t.a IS DISTINCT FROM l.value"
                              " WHEN 'b' THEN t.b IS DISTINCT FROM l.value ELSE true END",
                              name));
}

static const struct {
    const char *name, *more, *role, *plans;
    bool killed;
} ways[] = {
    { "the owner", "", "app", "auto", false },
    { "plans for all values, the program killed each time", "", "app", "force_generic_plan", true },
    { "a role that a policy binds", POLICY, "writer", "auto", false },
};

static const char *database(const char *more, const char *seed)
{
    const char *db = drop_database(arena_printf(test_arena(), TABLES "%s%s", more, seed));

    test_sql(test_connect(db, "postgres"), "GRANT USAGE ON SCHEMA public TO writer");
    return db;
}

static void same_as_a_plain_rename(const struct drop_scene *s, const char *more)
{
    const char *twin = database(more, "");

    test_sql(test_connect(twin, "app"), "ALTER TABLE public.person RENAME TO human");
    test_same_schema(s->database, twin);
}

START_TEST(no_prepared_statement_fails_and_no_write_is_lost)
{
    static const struct crew_code codes[] = { { "old", old_code, DROP_CLIENTS },
                                              { "new", new_code, DROP_CLIENTS },
                                              { "old beside a view", old_code_beside, 2 },
                                              { "old by a view", old_code_late, 2 } };
    struct drop_scene s;

    bound_by_policy = strcmp(ways[_i].role, "app") != 0;
    if (bound_by_policy && test_server_major() < 15)
        TEST_SKIP(SKIP_OLD_SERVER); /* refused there: test_rename_table */
    printf("%s\n", ways[_i].name);
    s = drop_scene(database(ways[_i].more, SEED),
                   "rename_table: {table: public.person, to: human}");
    s.seed = ways[_i].killed ? (unsigned)time(NULL) : 0;
    s.crew = crew_start(arena_printf(test_arena(), "%s options='-c plan_cache_mode=%s'",
                                     test_url(s.database, ways[_i].role), ways[_i].plans),
                        codes, ARRAY_LEN(codes));
    for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
        drop_stage(&s, &stages[i]);
        nothing_lost(&s, arena_printf(test_arena(), "stage %zu, %s", i, stages[i].command));
    }
    crew_end(s.crew);
    same_as_a_plain_rename(&s, ways[_i].more);
    printf("rename_table, %s: %d commands, %d kills; %lld transactions in %lld statements,"
           " 0 errors; %lld facts compared, 0 wrong; slowest statement %.1f ms\n",
           ways[_i].name, s.commands, s.kills, (long long)s.transactions, (long long)s.statements,
           (long long)s.compared, s.slowest_ms);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("ledger_rename_table");

    support_long_cases(support_case(s, "ledger", 180),
                       no_prepared_statement_fails_and_no_write_is_lost, 0, ARRAY_LEN(ways));
    return s;
}

int main(void)
{
    return support_run(suite());
}
