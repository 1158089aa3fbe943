/*
 * Plans that bring their own phases, against a server: there and back, equal to the
 * plain statements; what is refused before anything is touched; what a step that fails
 * leaves behind.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "orchestrate/base/attr.h"
#include "orchestrate/base/clock.h"
#include "plans.h"
#include "support.h"

#define ORDERS                                                                                     \
    "CREATE TABLE public.orders (id int PRIMARY KEY, total numeric NOT NULL);"                     \
    "INSERT INTO public.orders SELECT i, i * 1.01 FROM generate_series(1, 3000) AS i;"

static const char example[] = "plans/add-order-total.yaml";

static const char *database(const char *setup)
{
    const char *db = test_database("empty");

    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"), "%s", setup);
    return db;
}

static const char *written(const char *phases)
{
    return test_write("own.yaml", arena_printf(test_arena(), "plan: own\nphases:\n%s", phases));
}

/* Every phase; what is lost on the way needs consent, and gets it. */
static void advance_all(const char *url, const char *plan)
{
    for (int i = 0; i < 20; i++) {
        struct ran ran = ORCHESTRATE(url, "advance", plan, "--confirm", plan);

        EXITS(ran, 0);
        if (strstr(ran.out, "complete"))
            return;
    }
    ck_abort_msg("plan %s never ends", plan);
}

static void advance_to(const char *url, const char *plan, const char *phase)
{
    EXITS(ORCHESTRATE(url, "advance", plan, "--to", phase, "--confirm", plan), 0);
}

/* The other database, where the same was done by plain statements. */
static const char *plain_twin(void)
{
    const char *db = database(ORDERS);

    test_sql(test_connect(db, "app"), "ALTER TABLE public.orders ADD COLUMN total_cents bigint;"
                                      "UPDATE public.orders SET total_cents = round(total * 100);"
                                      "CREATE INDEX orders_total ON public.orders (total_cents)");
    return db;
}

static const char phases[][16] = { "expand", "backfill", "index" };

START_TEST(the_example_goes_there_and_back_from_every_phase)
{
    const char *db = database(ORDERS), *url = test_url(db, "app"), *before = test_fingerprint(db);
    PGconn *conn = test_connect(db, "app");

    EXITS(ORCHESTRATE(url, "start", test_path(example)), 0);
    for (size_t i = 0; i + 1 < ARRAY_LEN(phases); i++) {
        advance_to(url, "add-order-total", phases[i]);
        EXITS(ORCHESTRATE(url, "rollback", "add-order-total", "--to", "start", "--confirm",
                          "add-order-total"),
              0);
        test_same_text("what is back", test_fingerprint(db), before);
        EXITS(ORCHESTRATE(url, "start", "--again", test_path(example)), 0);
    }
    advance_all(url, "add-order-total");
    ck_assert_int_eq(3000, test_count(conn, "SELECT count(*) FROM public.orders WHERE total_cents"
                                            " = round(total * 100)"));
    test_same_schema(db, plain_twin());
}
END_TEST

START_TEST(an_undo_that_drops_a_column_asks_for_consent)
{
    const char *db = database(ORDERS), *url = test_url(db, "app");

    EXITS(ORCHESTRATE(url, "start", test_path(example)), 0);
    advance_to(url, "add-order-total", "expand");
    EXITS(ORCHESTRATE(url, "rollback", "add-order-total"), 77);
    EXITS(ORCHESTRATE(url, "rollback", "add-order-total", "--confirm", "add-order-total"), 0);
}
END_TEST

/* The last step of the last phase looks at the rows. */
START_TEST(a_check_that_finds_a_row_stops_the_phase_until_it_is_mended)
{
    const char *db = database(ORDERS), *url = test_url(db, "app");
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    EXITS(ORCHESTRATE(url, "start", test_path(example)), 0);
    advance_to(url, "add-order-total", "backfill");
    test_sql(conn, "UPDATE public.orders SET total_cents = 0 WHERE id = 7");
    ran = ORCHESTRATE(url, "advance", "add-order-total");
    EXITS(ran, 1);
    CONTAINS(ran.err, "id = 7");
    test_sql(conn, "UPDATE public.orders SET total_cents = round(total * 100) WHERE id = 7");
    EXITS(ORCHESTRATE(url, "advance", "add-order-total"), 0);
    test_same_schema(db, plain_twin());
}
END_TEST

#define EVERYTHING                                                                                 \
    "  - name: make\n"                                                                             \
    "    role: app\n"                                                                              \
    "    steps:\n"                                                                                 \
    "      - sql: |\n"                                                                             \
    "          -- one; two\n"                                                                      \
    "          CREATE TABLE line (id int PRIMARY KEY, \"Odd name\" text, n int);\n"                \
    "          INSERT INTO line SELECT i, NULL, i % 5 FROM generate_series(1, 700) AS i;\n"        \
    "          CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $x$\n"             \
    "          BEGIN -- ;\n"                                                                       \
    "            RETURN $1 + 1;\n"                                                                 \
    "          END $x$;\n"                                                                         \
    "        undo: DROP FUNCTION f(int); DROP TABLE line\n"                                        \
    "  - name: fill\n"                                                                             \
    "    steps:\n"                                                                                 \
    "      - backfill: {table: line, set: {\"Odd name\": \"'it''s ' || f(id) -- why\"}}\n"         \
    "        undo: none\n"                                                                         \
    "      - backfill: {table: line, set: {n: n + 5}, where: n < 5}\n"                             \
    "        undo: UPDATE line SET n = n - 5 WHERE n >= 5\n"                                       \
    "  - name: build\n"                                                                            \
    "    steps:\n"                                                                                 \
    "      - concurrently: create unique index concurrently \"Line i\" on only line (id)\n"        \
    "        undo: DROP INDEX CONCURRENTLY \"Line i\"\n"                                           \
    "      - concurrently: CREATE INDEX CONCURRENTLY IF NOT EXISTS line_n ON line (n)\n"           \
    "        undo: |\n"                                                                            \
    "          SELECT 1;\n"                                                                        \
    "          DROP INDEX CONCURRENTLY line_n;\n"                                                  \
    "          SELECT 2;\n"                                                                        \
    "      - concurrently: REINDEX TABLE CONCURRENTLY line\n"                                      \
    "        undo: none\n"                                                                         \
    "      - concurrently: VACUUM (ANALYZE) line\n"                                                \
    "        verify: SELECT count(*) > 0 FROM pg_stats WHERE tablename = 'line'\n"                 \
    "        undo: none\n"                                                                         \
    "      - check: SELECT id FROM line WHERE \"Odd name\" IS NULL OR n < 5\n"                     \
    "  - name: end\n"                                                                              \
    "    steps:\n"                                                                                 \
    "      - concurrently: DROP INDEX CONCURRENTLY line_n\n"                                       \
    "        undo: never\n"

/* Names without a schema are found by the search_path of `start`. */
START_TEST(every_kind_of_step_goes_there_and_back)
{
    const char *db = database("CREATE SCHEMA own; CREATE SCHEMA other"), *url, *before;
    PGconn *conn = test_connect(db, "app");

    test_sql(test_connect(db, "postgres"), "ALTER ROLE app IN DATABASE %s SET search_path = own",
             db);
    url = test_url(db, "app");
    before = test_fingerprint(db);
    EXITS(ORCHESTRATE(url, "start", written(EVERYTHING)), 0);
    test_sql(test_connect(db, "postgres"), "ALTER ROLE app IN DATABASE %s SET search_path = other",
             db);
    advance_to(url, "own", "build");
    ck_assert_int_eq(700, test_count(conn, "SELECT count(*) FROM own.line WHERE n BETWEEN 5 AND 9"
                                           " AND \"Odd name\" = 'it''s ' || id + 1"));
    ck_assert_str_eq("Line i\nline_n\nline_pkey",
                     test_rows(conn, "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid ="
                                     " indexrelid WHERE indrelid = 'own.line'::regclass AND"
                                     " indisvalid ORDER BY c.relname COLLATE \"C\""));
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "start", "--confirm", "own"), 0);
    test_same_text("what is back", test_fingerprint(db), before);
    test_sql(test_connect(db, "postgres"), "ALTER ROLE app IN DATABASE %s SET search_path = own",
             db);
    EXITS(ORCHESTRATE(url, "start", "--again", written(EVERYTHING)), 0);
    advance_to(url, "own", "build");
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_int_eq(1, test_count(conn, "SELECT count(*) FROM pg_class WHERE relname = 'line_n'"));
    EXITS(ORCHESTRATE(url, "advance", "own", "--confirm", "own"), 0);
    ck_assert_int_eq(0, test_count(conn, "SELECT count(*) FROM pg_class WHERE relname = 'line_n'"));
    EXITS(ORCHESTRATE(url, "rollback", "own", "--confirm", "own"), 5);
}
END_TEST

/* clang-format off */
static const struct {
    const char *setup, *phases;
    const char *words; /* each stands in what is said */
} refused[] = {
    { "SELECT 1",
      "  - name: a\n    steps:\n      - sql: ALTER TABLE public.ordres ADD COLUMN a int\n        undo: none\n"
      "      - backfill: {table: nowhere, set: {a: \"1\"}}\n        undo: none\n", "ordres nowhere" },
    { "CREATE TABLE t (a int); CREATE INDEX i ON t (a)",
      "  - name: a\n    steps:\n      - concurrently: CREATE INDEX CONCURRENTLY i ON t (a)\n        undo: none\n", "schema" },
    { "SELECT 1",
      "  - name: a\n    role: nobody_here\n    steps:\n      - sql: SELECT 1\n        undo: none\n"
      "  - name: b\n    role: postgres\n    steps:\n      - sql: SELECT 1\n        undo: none\n", "nobody_here GRANT" },
};
/* clang-format on */

START_TEST(what_cannot_work_is_refused_at_once)
{
    const char *db = database(refused[_i].setup), *url = test_url(db, "app"),
               *before = test_fingerprint(db);
    struct ran ran = ORCHESTRATE(url, "start", written(refused[_i].phases));
    char *words = arena_strdup(test_arena(), refused[_i].words);

    EXITS(ran, 5);
    for (char *word = strsep(&words, " "); word; word = strsep(&words, " "))
        CONTAINS(ran.err, word);
    test_same_text("the database", test_fingerprint(db), before);
    ck_assert_int_eq(0,
                     test_count(test_connect(db, "postgres"),
                                "SELECT count(*) FROM pg_namespace WHERE nspname = 'orchestrate'"));
}
END_TEST

/* clang-format off */
static const struct {
    const char *step; /* fails */
    const char *error;
} failing[] = {
    { "sql: |\n          ALTER TABLE public.orders ADD COLUMN a int;\n          SELECT 1 / 0;\n          ALTER TABLE public.orders ADD COLUMN b int", "division by zero" },
    { "sql: |\n          ALTER TABLE public.orders ADD COLUMN a int;\n          DO $$ BEGIN COMMIT; END $$", "invalid transaction termination" },
    { "sql: |\n          CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; CREATE TABLE public.made (a int); END $$;\n          CALL p()", "invalid transaction termination" },
    { "sql: |\n          CREATE VIEW v AS TABLE public.orders;\n          DROP TABLE public.orders", "view v depends on table" },
    { "sql: |\n          DO $$ BEGIN CREATE TYPE y AS (a int); CREATE TABLE typed OF y; ALTER TYPE y ADD ATTRIBUTE b int; END $$", "Drop what depends on it" },
    { "sql: |\n          CREATE TABLE item (id int REFERENCES public.orders);\n          TRUNCATE public.orders", "Let the statement name" },
    { "concurrently: CREATE UNIQUE INDEX CONCURRENTLY i ON public.orders ((id / id))", "duplicat" },
    { "concurrently: CREATE INDEX CONCURRENTLY i ON public.orders (nothing)", "nothing" },
    { "backfill: {table: public.orders, set: {id: \"nothing()\"}}", "nothing" },
};
/* clang-format on */

START_TEST(a_step_that_fails_leaves_nothing_behind)
{
    const char *db = database(ORDERS), *url = test_url(db, "app"), *before = test_fingerprint(db);
    struct ran ran;

    EXITS(ORCHESTRATE(url, "start",
                      written(arena_printf(
                          test_arena(), "  - name: a\n    steps:\n      - %s\n        undo: none\n",
                          failing[_i].step))),
          0);
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 1);
    CONTAINS(ran.err, failing[_i].error);
    ck_assert_ptr_null(strstr(ran.err, "CASCADE")); /* as the server would have it */
    test_same_text("the database", test_fingerprint(db), before);
    EXITS(ORCHESTRATE(url, "rollback", "own"), 0);
    test_same_text("the database", test_fingerprint(db), before);
}
END_TEST

/* Not the partition is missing, but what the plan's own function reads. */
START_TEST(a_backfill_of_partitions_that_misses_a_table_fails_and_does_not_try_for_ever)
{
    const char *db = database("CREATE TABLE public.sale (id int, n int) PARTITION BY RANGE (id);"
                              "CREATE TABLE public.sale_1 PARTITION OF public.sale DEFAULT;"
                              "INSERT INTO public.sale SELECT i FROM generate_series(1, 10) AS i;"
                              "CREATE FUNCTION public.rate() RETURNS int LANGUAGE plpgsql AS"
                              " 'BEGIN RETURN (SELECT max(n) FROM public.rates); END'");
    const char *url = test_url(db, "app");
    struct ran ran;

    EXITS(ORCHESTRATE(url, "start",
                      written("  - name: fill\n    steps:\n      - backfill: {table: public.sale,"
                              " set: {n: public.rate()}, where: n IS NULL}\n        undo: none\n")),
          0);
    ran = test_spawn(url, (const char *const[]){ "advance", "own", NULL }, NULL);
    test_finish(&ran, 20);
    EXITS(ran, 1);
    CONTAINS(ran.err, "relation \"public.rates\" does not exist");
    test_sql(test_connect(db, "app"), "CREATE TABLE public.rates AS SELECT 7 AS n");
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_int_eq(
        10, test_count(test_connect(db, "app"), "SELECT count(*) FROM public.sale WHERE n = 7"));
}
END_TEST

START_TEST(a_table_that_is_changed_is_claimed)
{
    const char *db = database(ORDERS), *url = test_url(db, "app");
    struct ran ran;

    EXITS(ORCHESTRATE(url, "start", test_path(example)), 0);
    advance_to(url, "add-order-total", "expand");
    EXITS(
        ORCHESTRATE(url, "start", test_rename_plan("other", "public.orders", "total", "sum", NULL)),
        0);
    ran = ORCHESTRATE(url, "advance", "other");
    EXITS(ran, 7);
    CONTAINS(ran.err, "add-order-total");
}
END_TEST

/* Its tables are not where they were, and that is its own doing. */
START_TEST(a_plan_may_rename_and_drop_its_tables)
{
    const char *db = database(ORDERS "CREATE TABLE public.old (a int)"), *url = test_url(db, "app");

    EXITS(ORCHESTRATE(url, "start",
                      written("  - name: move\n    steps:\n"
                              "      - sql: ALTER TABLE public.orders RENAME TO sales\n"
                              "        undo: ALTER TABLE public.sales RENAME TO orders\n"
                              "  - name: use\n    steps:\n"
                              "      - sql: ALTER TABLE public.sales ADD COLUMN a int\n"
                              "        undo: ALTER TABLE public.sales DROP COLUMN a\n"
                              "  - name: drop\n    steps:\n"
                              "      - sql: DROP TABLE public.old\n        undo: never\n"
                              "  - name: after\n    steps:\n"
                              "      - sql: ALTER TABLE public.sales RENAME a TO b\n"
                              "        undo: ALTER TABLE public.sales RENAME b TO a\n")),
          0);
    advance_to(url, "own", "use");
    EXITS(ORCHESTRATE(url, "verify", "own"), 0);
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "move", "--confirm", "own"), 0);
    EXITS(ORCHESTRATE(url, "resume", "own"), 0);
    advance_to(url, "own", "drop");
    EXITS(ORCHESTRATE(url, "verify", "own"), 0);
    EXITS(ORCHESTRATE(url, "status", "own"), 0);
    EXITS(ORCHESTRATE(url, "plan", "own"), 0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_int_eq(0, test_count(test_connect(db, "app"), "SELECT count(b) FROM public.sales"));
}
END_TEST

/* --- restored --------------------------------------------------------------------- */

/* A table that the plan has renamed, one that is as it was, and an index of the plan's. */
START_TEST(a_restored_dump_is_adopted_and_goes_on)
{
    const char *db = database(ORDERS "CREATE TABLE public.other (a int)"), *copy;
    const char *url = test_url(db, "app");
    struct ran ran;

    EXITS(ORCHESTRATE(url, "start",
                      written("  - name: move\n    steps:\n"
                              "      - sql: ALTER TABLE public.orders RENAME TO sales\n"
                              "        undo: ALTER TABLE public.sales RENAME TO orders\n"
                              "      - concurrently: CREATE INDEX CONCURRENTLY i ON public.other"
                              " (a)\n"
                              "        undo: DROP INDEX CONCURRENTLY public.i\n"
                              "  - name: use\n    steps:\n"
                              "      - sql: ALTER TABLE public.sales ADD COLUMN a int\n"
                              "        undo: none\n")),
          0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    /* Other oids than there. */
    copy = test_restored(db);
    if (!copy)
        TEST_SKIP(SKIP_NO_PG_DUMP);
    url = test_url(copy, "app");
    ran = ORCHESTRATE(url, "repair", "own", "--adopt", "--confirm", "own");
    EXITS(ran, 0);
    ck_assert_int_eq(1, test_count(test_connect(copy, "postgres"),
                                   "SELECT count(*) FROM orchestrate.claim WHERE relid ="
                                   " 'public.other'::regclass"));
    EXITS(ORCHESTRATE(url, "verify", "own"), 0);
    if (_i)
        EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "start", "--confirm", "own"), 0);
    else
        EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_int_eq(_i ? 0 : 1, test_count(test_connect(copy, "app"),
                                            "SELECT count(*) FROM pg_class WHERE relname = 'i'"));
}
END_TEST

/* --- killed ----------------------------------------------------------------------- */

enum { KILL_MS = 60, KILLS_WANTED = 25, ROUNDS = 20 };

/* What is done twice is seen: rows in a table without a key, and a number that grows. */
#define COUNTED                                                                                    \
    "  - name: make\n"                                                                             \
    "    steps:\n"                                                                                 \
    "      - sql: CREATE TABLE public.made (n int); INSERT INTO public.made VALUES (1)\n"          \
    "        undo: DROP TABLE public.made\n"                                                       \
    "      - sql: INSERT INTO public.made VALUES (2); INSERT INTO public.made VALUES (3)\n"        \
    "        undo: DELETE FROM public.made WHERE n > 1\n"                                          \
    "  - name: fill\n"                                                                             \
    "    steps:\n"                                                                                 \
    "      - sql: ALTER TABLE public.orders ADD COLUMN n int NOT NULL DEFAULT 1\n"                 \
    "        undo: ALTER TABLE public.orders DROP COLUMN n\n"                                      \
    "      - backfill: {table: public.orders, set: {n: n + 5}, where: n < 5}\n"                    \
    "        undo: none\n"                                                                         \
    "  - name: build\n"                                                                            \
    "    steps:\n"                                                                                 \
    "      - concurrently: CREATE INDEX CONCURRENTLY orders_n ON public.orders (n)\n"              \
    "        undo: DROP INDEX CONCURRENTLY public.orders_n\n"                                      \
    "      - check: SELECT id FROM public.orders WHERE n <> 6\n"                                   \
    "settings: {batch_rows: {start: 100, max: 200}}\n"

static bool is_over(PGconn *conn, const char *state)
{
    return strcmp(state, test_value(conn, "SELECT to_phase || ' ' || to_state FROM"
                                          " orchestrate.transition WHERE run = (SELECT max(run)"
                                          " FROM orchestrate.plan) ORDER BY seq DESC LIMIT 1")) ==
           0;
}

/* Again and again, until the run stands there. */
static void killed_until(const char *url, PGconn *conn, const char *const *args, const char *state,
                         unsigned *seed, int *kills)
{
    for (unsigned in_a_row = 0; !is_over(conn, state);) {
        struct ran ran = test_spawn(url, args, NULL);

        clock_sleep((int)((unsigned)rand_r(seed) % (KILL_MS + KILL_MS * in_a_row / 4)));
        kill(ran.pid, SIGKILL);
        test_finish(&ran, 60);
        in_a_row = ran.status == 128 + SIGKILL ? in_a_row + 1 : 0;
        *kills += ran.status == 128 + SIGKILL;
        ck_assert_msg(ran.status == 128 + SIGKILL || ran.status == 0 || ran.status == 6,
                      "exit %d\n%s\n%s", ran.status, ran.out, ran.err);
    }
}

START_TEST(killed_anywhere_nothing_is_done_twice)
{
    static const char *const on[] = { "advance", "own", "--to", "build", "--fast", NULL };
    static const char *const back[] = {
        "rollback", "own", "--to", "start", "--confirm", "own", NULL
    };
    const char *db = database(ORDERS), *url = test_url(db, "app"), *before = test_fingerprint(db);
    PGconn *conn = test_connect(db, "app");
    unsigned seed = (unsigned)time(NULL);
    int kills = 0;

    printf("seed %u\n", seed);
    EXITS(ORCHESTRATE(url, "start", written(COUNTED)), 0);
    for (int round = 0; round < ROUNDS; round++) {
        killed_until(url, conn, on, "2 done", &seed, &kills);
        ck_assert_str_eq("1\n2\n3", test_rows(conn, "SELECT n FROM public.made ORDER BY n"));
        ck_assert_str_eq("6|3000",
                         test_rows(conn, "SELECT n, count(*) FROM public.orders GROUP BY n"));
        ck_assert_int_eq(1, test_count(conn, "SELECT count(*) FROM pg_index WHERE indrelid ="
                                             " 'public.orders'::regclass AND NOT indisprimary AND"
                                             " indisvalid"));
        if (kills >= KILLS_WANTED)
            break;
        killed_until(url, conn, back, "0 undone", &seed, &kills);
        test_same_text("what is back", test_fingerprint(db), before);
        EXITS(ORCHESTRATE(url, "start", "--again", written(COUNTED)), 0);
    }
    printf("killed %d times\n", kills);
    ck_assert_int_ge(kills, KILLS_WANTED);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("own");
    TCase *tc = support_case(s, "own", 120);

    tcase_add_test(tc, the_example_goes_there_and_back_from_every_phase);
    tcase_add_test(tc, an_undo_that_drops_a_column_asks_for_consent);
    tcase_add_test(tc, a_check_that_finds_a_row_stops_the_phase_until_it_is_mended);
    tcase_add_test(tc, every_kind_of_step_goes_there_and_back);
    support_cases(tc, what_cannot_work_is_refused_at_once, 0, ARRAY_LEN(refused));
    support_cases(tc, a_step_that_fails_leaves_nothing_behind, 0, ARRAY_LEN(failing));
    tcase_add_test(tc,
                   a_backfill_of_partitions_that_misses_a_table_fails_and_does_not_try_for_ever);
    tcase_add_test(tc, a_table_that_is_changed_is_claimed);
    tcase_add_test(tc, a_plan_may_rename_and_drop_its_tables);
    tcase_add_loop_test(tc, a_restored_dump_is_adopted_and_goes_on, 0, 2);
    tcase_add_test(tc, killed_anywhere_nothing_is_done_twice);
    return s;
}

int main(void)
{
    return support_run(suite());
}
