/*
 * Plans of one's own that would not do what they say: where rows are hidden from them, and
 * where an undo destroys what nobody has a copy of.
 */
#include <string.h>

#include "own_plan.h"
#include "plans.h"
#include "support.h"

/* --- rows that are hidden --------------------------------------------------------- */

#define HIDDEN                                                                                     \
    "CREATE TABLE public.person (id int PRIMARY KEY, tenant text NOT NULL, n int);"                \
    "INSERT INTO public.person VALUES (1, 'seen', NULL), (2, 'hidden', NULL);"                     \
    "GRANT ALL ON public.person TO writer;"                                                        \
    "CREATE POLICY seen ON public.person USING (tenant = 'seen');"                                 \
    "CREATE TABLE public.rate (n int); INSERT INTO public.rate VALUES (7);"                        \
    "GRANT ALL ON public.rate TO writer;"

#define ENABLE "ALTER TABLE public.person ENABLE ROW LEVEL SECURITY;"
#define FORCE "ALTER TABLE public.person FORCE ROW LEVEL SECURITY;"

#define FILL                                                                                       \
    "    steps:\n"                                                                                 \
    "      - backfill: {table: public.person, set: {n: '7'}, where: n IS NULL}\n"                  \
    "        undo: none\n"

/* clang-format off */
static const struct {
    const char *hide, *phase;
    const char *says; /* of the step, and by whom it is hidden */
} hiding[] = {
    { ENABLE, "    role: writer\n" FILL, "step 1 of one fills public.person" },
    { ENABLE FORCE, FILL, "step 1 of one fills public.person" },
    { ENABLE, "    role: writer\n    steps:\n      - check: SELECT id FROM public.person WHERE tenant = 'hidden'\n",
      "step 1 of one checks public.person" },
    { ENABLE FORCE, "    steps:\n      - check: SELECT n FROM public.rate WHERE n <> (SELECT 6 + count(*) FROM person)\n",
      "step 1 of one checks public.person" },
};
/* clang-format on */

static const char *hidden(const char **url, const char *more)
{
    const char *db = own_prepared(url);

    test_sql(test_connect(db, "app"), HIDDEN "%s", more);
    return db;
}

START_TEST(a_step_that_would_not_see_all_rows_is_refused)
{
    const char *url, *db = hidden(&url, hiding[_i].hide), *before = test_fingerprint(db);
    struct ran ran = own_start(url, "", hiding[_i].phase);

    EXITS(ran, 5);
    CONTAINS(ran.err, hiding[_i].says);
    CONTAINS(ran.err, "row level security");
    CONTAINS(ran.err, "BYPASSRLS");
    test_same_text("the database", test_fingerprint(db), before);
}
END_TEST

/* Accepted, because a step before it changes that, say; else the server stops it. */
START_TEST(a_step_that_does_not_see_all_rows_fails)
{
    const char *url, *db = hidden(&url, hiding[_i].hide);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    EXITS(own_start(url, "accept: [{rule: row-security, because: test}]\n", hiding[_i].phase), 0);
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 77);
    CONTAINS(ran.err, "\"person\"");
    CONTAINS(ran.err, "hides rows");
    CONTAINS(ran.err, "BYPASSRLS");
    test_sql(conn, "ALTER TABLE public.person DISABLE ROW LEVEL SECURITY");
    ck_assert_int_eq(test_count(conn, "SELECT count(n) FROM public.person"), 0);
    test_sql(conn, "DELETE FROM public.person WHERE tenant = 'hidden'");
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
}
END_TEST

/* An expression may read another table. */
START_TEST(rows_that_an_expression_reads_are_not_hidden_either)
{
    const char *url, *db = hidden(&url, "");
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    EXITS(
        own_start(url, "",
                  "    role: writer\n    steps:\n"
                  "      - backfill: {table: public.person, set: {n: (SELECT n FROM public.rate)},"
                  " where: n IS NULL}\n        undo: none\n"),
        0);
    test_sql(conn, "ALTER TABLE public.rate ENABLE ROW LEVEL SECURITY");
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 77);
    CONTAINS(ran.err, "\"rate\"");
    ck_assert_int_eq(test_count(conn, "SELECT count(n) FROM public.person"), 0);
}
END_TEST

/* Whoever may see all: the owner, and whom policies do not bind. */
START_TEST(who_sees_all_rows_may_fill_them)
{
    const char *url, *db = hidden(&url, ENABLE);
    PGconn *conn = test_connect(db, "app");

    if (_i) {
        test_sql(conn, FORCE);
        test_sql(test_connect(db, "postgres"), "ALTER ROLE app BYPASSRLS");
    }
    EXITS(own_start(url, "", FILL), 0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    if (_i)
        test_sql(test_connect(db, "postgres"), "ALTER ROLE app NOBYPASSRLS");
    test_sql(conn, "ALTER TABLE public.person NO FORCE ROW LEVEL SECURITY");
    ck_assert_int_eq(test_count(conn, "SELECT count(n) FROM public.person"), 2);
}
END_TEST

/* `sql` is what its author wrote; he is told of what he may not have known. */
START_TEST(a_statement_that_does_not_see_all_rows_is_warned_of)
{
    const char *url, *db = hidden(&url, ENABLE);
    struct ran ran = own_start(url, "",
                               "    role: writer\n    steps:\n"
                               "      - sql: UPDATE public.person SET n = 1\n"
                               "        undo: none\n");

    EXITS(ran, 0);
    CONTAINS(ran.err, "step 1 of one changes public.person as role writer");
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_int_eq(test_count(test_connect(db, "app"), "SELECT count(n) FROM public.person"), 1);
}
END_TEST

/* Of the plan's gates, and of what only the plan knows. */
START_TEST(a_question_of_the_plan_is_not_answered_from_some_of_the_rows)
{
    static const char *const questions[] = {
        ("gates:\n  one:\n    - query: {sql: \"SELECT count(*) < 2 FROM public.person\", because:"
         " rows}\n"),
        "",
    };
    static const char *const phases[] = {
        "    steps:\n      - sql: SELECT 1\n        undo: none\n",
        ("    steps:\n      - concurrently: VACUUM t\n"
         "        verify: SELECT count(*) < 2 FROM public.person\n        undo: none\n"),
    };
    const char *url, *db = hidden(&url, ENABLE FORCE);
    struct ran ran;

    EXITS(own_start(url, questions[_i], phases[_i]), 0);
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, _i ? 77 : 0);
    CONTAINS(_i ? ran.err : ran.out, "row-level security policy");
    ck_assert_int_eq(0, test_count(test_connect(db, "postgres"),
                                   "SELECT count(*) FROM orchestrate.transition WHERE to_state ="
                                   " 'done'"));
}
END_TEST

/* --- an undo that destroys -------------------------------------------------------- */

/* clang-format off */
static const struct {
    const char *step, *undo;
    const char *meanwhile; /* what the application does between the two */
    const char *kept;      /* is true until the undo is consented to, and not afterwards */
} undos[] = {
    { "CREATE SCHEMA app; CREATE TABLE app.note (a int)", "DROP SCHEMA app CASCADE",
      "INSERT INTO app.note VALUES (1)", "SELECT to_regclass('app.note') IS NOT NULL" },
    { "CREATE TYPE mood AS ENUM ('sad', 'ok')", "DROP TYPE mood CASCADE",
      "ALTER TABLE public.t ADD COLUMN m mood DEFAULT 'ok'",
      "SELECT count(*) = 1 FROM pg_attribute WHERE attrelid = 'public.t'::regclass AND attname = 'm'" },
    { "ALTER TABLE t ADD COLUMN b int", "UPDATE t SET b = NULL",
      "UPDATE public.t SET b = 7 WHERE id <= 100", "SELECT count(b) = 100 FROM public.t" },
    { "ALTER TABLE t ALTER a TYPE numeric", "ALTER TABLE t ALTER a TYPE int",
      "UPDATE public.t SET a = 0.4 WHERE id = 1", "SELECT sum(a) <> round(sum(a)) FROM public.t" },
    { "SELECT 1", "DO $$ BEGIN DELETE FROM t; END $$", "SELECT 1", "SELECT count(*) = 3000 FROM public.t" },
    { "CREATE FUNCTION gone() RETURNS int LANGUAGE sql AS 'DELETE FROM public.t RETURNING id'", "SELECT gone()",
      "SELECT 1", "SELECT count(*) = 3000 FROM public.t" },
};
/* clang-format on */

START_TEST(an_undo_that_may_destroy_asks_for_consent)
{
    const char *url, *db = own_prepared(&url);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    EXITS(own_start(url, "",
                    arena_printf(test_arena(),
                                 "    steps:\n      - sql: \"%s\"\n        undo: \"%s\"\n",
                                 undos[_i].step, undos[_i].undo)),
          0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    test_sql(conn, "%s", undos[_i].meanwhile);
    ran = ORCHESTRATE(url, "rollback", "own", "--to", "start");
    EXITS(ran, 77);
    CONTAINS(ran.err, "may destroy values that are held nowhere else");
    CONTAINS(ran.err, "--confirm own");
    ck_assert_str_eq(test_value(conn, "%s", undos[_i].kept), "t");
    CONTAINS(ORCHESTRATE(url, "status", "own", "--json").out, "\"undo\":\"lossy\"");
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "start", "--confirm", "own"), 0);
    ck_assert_str_eq(test_value(conn, "%s", undos[_i].kept), "f");
}
END_TEST

/* Consent is asked for where it means something. */
START_TEST(an_undo_that_destroys_nothing_asks_for_none)
{
    const char *url, *db = own_prepared(&url), *before = test_fingerprint(db);

    EXITS(own_start(url, "",
                    "    steps:\n"
                    "      - sql: CREATE SCHEMA app; CREATE TYPE mood AS ENUM ('sad', 'ok')\n"
                    "        undo: DROP TYPE mood; DROP SCHEMA app; SELECT 1\n"),
          0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "start"), 0);
    test_same_text("what is back", test_fingerprint(db), before);
}
END_TEST

/* What failed in its first statement has nothing that an undo could destroy. */
START_TEST(a_phase_that_failed_before_it_did_anything_goes_back_without_consent)
{
    static const struct {
        const char *steps;
        int status; /* of the rollback without consent */
    } phases[] = {
        { "      - sql: CREATE TABLE made AS SELECT 1 / 0\n        undo: DROP TABLE made\n", 0 },
        { ("      - sql: CREATE TABLE made (a int)\n        undo: DROP TABLE made\n"
           "      - sql: SELECT 1 / 0\n        undo: none\n"),
          77 },
        { ("      - backfill: {table: t, set: {a: a / (id - 2000)}, where: id > 0}\n"
           "        undo: UPDATE t SET a = NULL\n"),
          77 },
    };
    const char *url, *db = own_prepared(&url);

    EXITS(own_start(url, "settings: {batch_rows: {start: 100, max: 100}}\n",
                    arena_printf(test_arena(), "    steps:\n%s", phases[_i].steps)),
          0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 1);
    EXITS(ORCHESTRATE(url, "rollback", "own"), phases[_i].status);
    if (phases[_i].status)
        EXITS(ORCHESTRATE(url, "rollback", "own", "--confirm", "own"), 0);
    ck_assert_str_eq(
        test_value(test_connect(db, "app"), "SELECT to_regclass('public.made') IS NULL"), "t");
}
END_TEST

/* --- what is said ----------------------------------------------------------------- */

#define PARTED                                                                                     \
    "CREATE TABLE parted (a int) PARTITION BY RANGE (a);"                                          \
    "CREATE TABLE parted_1 PARTITION OF parted DEFAULT"

/* clang-format off */
static const struct {
    const char *rest;
    int status;
    const char *says, *hint;
} sayings[] = {
    { "    steps:\n      - backfill: {table: ledger, set: {nothing: '1'}}\n        undo: none\n", 1,
      "column \"nothing\"", "" },
    { "    steps:\n      - backfill: {table: ledger, set: {n: \"'x'::text\"}, where: n > 0}\n        undo: none\n", 1,
      "is of type integer but expression is of type text", "" },
    { "    steps:\n      - backfill: {table: parted, set: {a: '1'}, where: b > 0}\n        undo: none\n", 1,
      "`where`, line 1, column 1: column \"b\" does not exist", "" },
    { "    steps:\n      - check: SELECT id FROM t LIMIT 10\n", 1, "the query returned 10 row(s), e.g. id =", "Mend the data" },
    { "    steps:\n      - check: SELECT id AS \"limit\" FROM t WHERE id < 4\n", 1, "the query returned 3 row(s), e.g. limit =", "Mend the data" },
    { "    steps:\n      - check: SELECT id FROM t WHERE id < 4\n", 1, "the query returned 3 row(s)", "Mend the data" },
    { "    role: reader\n    steps:\n      - sql: CREATE TABLE shut.a (a int)\n        undo: DROP TABLE shut.a\n", 77,
      "permission denied for schema", "GRANT USAGE, CREATE ON SCHEMA ... TO reader" },
    { "    role: reader\n    steps:\n      - check: SELECT n FROM ledger\n", 77,
      "permission denied for table", "GRANT SELECT" },
};
/* clang-format on */

START_TEST(what_is_wrong_is_said_with_what_to_do)
{
    const char *url, *db = own_prepared(&url);
    struct ran ran;

    test_sql(test_connect(db, "postgres"),
             "GRANT reader TO app; GRANT USAGE ON SCHEMA public TO reader; CREATE SCHEMA shut;"
             "REVOKE ALL ON public.ledger FROM reader");
    test_sql(test_connect(db, "app"), PARTED);
    EXITS(own_start(url, "accept: [{rule: no-column, because: test}]\n", sayings[_i].rest), 0);
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, sayings[_i].status);
    CONTAINS(ran.err, sayings[_i].says);
    CONTAINS(ran.err, sayings[_i].hint);
}
END_TEST

/* clang-format off */
static const struct {
    const char *steps;
    const char *says, *at; /* refused; NULL: nobody knows beforehand */
} columns[] = {
    { "      - backfill: {table: ledger, set: {nothing: '1'}}\n        undo: none\n",
      "step 1 of one fills public.ledger: `set`: column \"nothing\" does not exist", "own.yaml:5:41: " },
    { "      - backfill: {table: ledger, set: {n: '1'}, where: n < 5 AND m > 0}\n        undo: none\n",
      "`where`, line 1, column 11: column \"m\" does not exist", "own.yaml:5:67: " },
    { "      - backfill:\n          table: ledger\n          set: {n: 'ledger.n + nn'}\n          where: n > 0 -- all\n        undo: none\n",
      "`set` of n, line 1, column 12: column \"nn\" does not exist", "own.yaml:7:32: " },
    { "      - sql: INSERT INTO t VALUES (0, 0)\n        undo: none\n"
      "      - backfill: {table: ledger, set: {n: '1'}, where: m > 0}\n        undo: none\n",
      "step 2 of one fills public.ledger", "own.yaml:7:57: " },
    { "      - sql: ALTER TABLE ledger ADD COLUMN m int\n        undo: none\n"
      "      - backfill: {table: ledger, set: {m: '1'}, where: m IS NULL}\n        undo: none\n", NULL, NULL },
    { "      - sql: ALTER TABLE t ADD COLUMN m int\n        undo: none\n"
      "      - backfill: {table: ledger, set: {n: (SELECT max(m) FROM t)}, where: n IS NULL}\n        undo: none\n", NULL, NULL },
    { "      - sql: DO $$ BEGIN EXECUTE 'ALTER TABLE ledger ADD COLUMN m int'; END $$\n        undo: none\n"
      "      - backfill: {table: ledger, set: {m: '1'}, where: m IS NULL}\n        undo: none\n", NULL, NULL },
    { "      - sql: CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'\n        undo: none\n"
      "      - backfill: {table: ledger, set: {n: f()}, where: n IS NULL -- m\n          }\n        undo: none\n", NULL, NULL },
};
/* clang-format on */

START_TEST(a_column_that_a_backfill_names_is_there_unless_the_plan_may_make_it)
{
    const char *url, *db = own_prepared(&url), *before = test_fingerprint(db);
    struct ran ran =
        own_start(url, "", arena_printf(test_arena(), "    steps:\n%s", columns[_i].steps));

    EXITS(ran, columns[_i].says ? 5 : 0);
    if (columns[_i].says) {
        CONTAINS(ran.err, columns[_i].says);
        CONTAINS(ran.err, columns[_i].at);
        test_same_text("the database", test_fingerprint(db), before);
    } else
        EXITS(ORCHESTRATE(url, "advance", "own"), 0);
}
END_TEST

/* --- what cannot be filled ----------------------------------------------------------- */

#define FILLS(what) "    steps:\n      - backfill: {" what "}\n        undo: none\n"

/* clang-format off */
static const struct {
    const char *phase, *says, *hint;
} unfit[] = {
    { FILLS("table: public.seen, set: {n: 1}"), "fills public.seen, which is a view", "name the one that holds the rows" },
    { FILLS("table: public.kept, set: {n: 1}"), "fills public.kept, which is a materialized view", "name the one that holds the rows" },
    { FILLS("table: public.odd, set: {j: \"'{}'\"}"), "whose column j cannot be compared: operator does not exist: json = json", "`where: j IS NULL`" },
    { FILLS("table: public.odd, set: {g: 1}"), "whose column g is generated", "leave it out" },
    { FILLS("table: public.odd, set: {\"I\": 1}"), "whose column \"I\" is GENERATED ALWAYS AS IDENTITY", "ALTER COLUMN \"I\" SET GENERATED BY DEFAULT" },
    { "    role: writer\n" FILLS("table: public.odd, set: {n: 1, g: 2}"), "which role writer may not: it lacks UPDATE of g", "GRANT SELECT, UPDATE ON public.odd TO writer" },
};
/* clang-format on */

START_TEST(what_cannot_be_filled_is_refused)
{
    const char *url, *db = own_prepared(&url);
    struct ran ran;

    test_sql(test_connect(db, "app"),
             "CREATE TABLE public.odd (n int, j json, g int GENERATED ALWAYS AS (n * 2) STORED,"
             " \"I\" int GENERATED ALWAYS AS IDENTITY); GRANT SELECT, UPDATE (n) ON public.odd TO "
             "writer;"
             "CREATE VIEW public.seen AS SELECT 1 AS n;"
             "CREATE MATERIALIZED VIEW public.kept AS SELECT 1 AS n");
    ran = own_start(url, "", unfit[_i].phase);
    EXITS(ran, 5);
    CONTAINS(ran.err, unfit[_i].says);
    CONTAINS(ran.err, unfit[_i].hint);
    CONTAINS(ran.err, "accept: [{rule: cannot-fill");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("own_guards");
    TCase *tc = support_case(s, "own_guards", 120);

    tcase_add_loop_test(tc, what_cannot_be_filled_is_refused, 0, ARRAY_LEN(unfit));
    support_cases(tc, a_step_that_would_not_see_all_rows_is_refused, 0, ARRAY_LEN(hiding));
    support_cases(tc, a_step_that_does_not_see_all_rows_fails, 0, ARRAY_LEN(hiding));
    tcase_add_test(tc, rows_that_an_expression_reads_are_not_hidden_either);
    tcase_add_loop_test(tc, who_sees_all_rows_may_fill_them, 0, 2);
    tcase_add_test(tc, a_statement_that_does_not_see_all_rows_is_warned_of);
    tcase_add_loop_test(tc, a_question_of_the_plan_is_not_answered_from_some_of_the_rows, 0, 2);
    support_cases(tc, an_undo_that_may_destroy_asks_for_consent, 0, ARRAY_LEN(undos));
    tcase_add_test(tc, an_undo_that_destroys_nothing_asks_for_none);
    tcase_add_loop_test(tc, a_phase_that_failed_before_it_did_anything_goes_back_without_consent, 0,
                        3);
    support_cases(tc, what_is_wrong_is_said_with_what_to_do, 0, ARRAY_LEN(sayings));
    tcase_add_loop_test(tc, a_column_that_a_backfill_names_is_there_unless_the_plan_may_make_it, 0,
                        (int)ARRAY_LEN(columns));
    return s;
}

int main(void)
{
    return support_run(suite());
}
