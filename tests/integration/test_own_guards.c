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

static Suite *suite(void)
{
    Suite *s = suite_create("own_guards");
    TCase *tc = support_case(s, "own_guards", 120);

    tcase_add_loop_test(tc, a_step_that_would_not_see_all_rows_is_refused, 0,
                        (int)ARRAY_LEN(hiding));
    tcase_add_loop_test(tc, a_step_that_does_not_see_all_rows_fails, 0, (int)ARRAY_LEN(hiding));
    tcase_add_test(tc, rows_that_an_expression_reads_are_not_hidden_either);
    tcase_add_loop_test(tc, who_sees_all_rows_may_fill_them, 0, 2);
    tcase_add_test(tc, a_statement_that_does_not_see_all_rows_is_warned_of);
    tcase_add_loop_test(tc, a_question_of_the_plan_is_not_answered_from_some_of_the_rows, 0, 2);
    return s;
}

int main(void)
{
    return support_run(suite());
}
