/*
 * Indexes of a plan's own, built and dropped CONCURRENTLY: their names are looked at by
 * `start`, and one that was never there is not taken for dropped.
 */
#include <signal.h>
#include <string.h>

#include "orchestrate/base/attr.h"
#include "own_plan.h"
#include "plans.h"
#include "support.h"

/* --- what Postgres does not do ------------------------------------------------------ */

#define PARTED                                                                                     \
    "CREATE TABLE parted (a int) PARTITION BY RANGE (a); CREATE INDEX parted_a ON parted (a);"     \
    "CREATE TABLE parted_1 PARTITION OF parted DEFAULT; CREATE INDEX have ON t (id)"

/* clang-format off */
static const struct {
    const char *step;
    const char *says; /* refused with these words; NULL: it goes through */
    int before;       /* ... before this version; 0: always */
} indexes[] = {
    { "concurrently: CREATE INDEX CONCURRENTLY have ON t (a)", "name: CREATE INDEX have ON public.t USING btree (id)", 0 },
    { "concurrently: CREATE INDEX CONCURRENTLY IF NOT EXISTS have ON t (a)", "IF NOT EXISTS would build nothing", 0 },
    { "concurrently: CREATE INDEX CONCURRENTLY IF NOT EXISTS ledger ON t (a)", "no index", 0 },
    { "concurrently: CREATE INDEX CONCURRENTLY IF NOT EXISTS fresh ON t (a)", NULL, 0 },
    { "concurrently: CREATE INDEX CONCURRENTLY x ON parted (a)", "public.parted, which is partitioned", 0 },
    { "concurrently: DROP INDEX CONCURRENTLY parted_a", "public.parted_a, which is partitioned", 0 },
    { "concurrently: REINDEX TABLE CONCURRENTLY parted", "public.parted, which is partitioned", 14 },
    { "concurrently: REINDEX INDEX CONCURRENTLY parted_a", "public.parted_a, which is partitioned", 14 },
    { "sql: REINDEX TABLE parted", "in a transaction public.parted", 0 },
    { "sql: REINDEX INDEX parted_a", "in a transaction public.parted_a", 0 },
    { "sql: REINDEX INDEX have", NULL, 0 },
    { "sql: REINDEX TABLE t", NULL, 0 },
    { "sql: ALTER INDEX have RENAME TO had", NULL, 0 },
    { "sql: CREATE TYPE pair AS (a int); ALTER TYPE pair ADD ATTRIBUTE b int", NULL, 0 },
};
/* clang-format on */

START_TEST(what_postgres_does_not_do_to_an_index_is_refused_and_the_rest_is_not)
{
    const char *url, *db = own_prepared(&url), *before;
    bool refuses =
        indexes[_i].says && (!indexes[_i].before || test_server_major() < indexes[_i].before);
    struct ran ran;

    test_sql(test_connect(db, "app"), PARTED);
    before = test_fingerprint(db);
    ran = own_start(url, "",
                    arena_printf(test_arena(), "    steps:\n      - %s\n        undo: none\n",
                                 indexes[_i].step));
    EXITS(ran, refuses ? 5 : 0);
    if (refuses) {
        CONTAINS(ran.err, indexes[_i].says);
        test_same_text("the database", test_fingerprint(db), before);
    } else
        EXITS(ORCHESTRATE(url, "advance", "own"), 0);
}
END_TEST

/* It is not taken for the plan's, and nothing of what was built stays. */
START_TEST(an_index_whose_name_is_taken_meanwhile_leaves_nothing_behind)
{
    const char *url, *db = own_prepared(&url), *before;
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    EXITS(own_start(url, "",
                    "    steps:\n"
                    "      - sql: SELECT 1\n"
                    "        undo: none\n"
                    "      - sql: SELECT 1 / count(*) FROM ledger\n"
                    "        undo: none\n"
                    "      - concurrently: CREATE INDEX CONCURRENTLY IF NOT EXISTS have ON t (a)\n"
                    "        undo: DROP INDEX CONCURRENTLY have\n"),
          0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 1);
    test_sql(conn, "INSERT INTO public.ledger VALUES (1); CREATE INDEX have ON public.ledger (n)");
    before = test_fingerprint(db);
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 1);
    CONTAINS(ran.err, "\"have\" already exists");
    CONTAINS(ran.err, "Rename or drop the other");
    test_same_text("the database", test_fingerprint(db), before);
    test_sql(conn, "ALTER INDEX public.have RENAME TO other");
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_str_eq(test_value(conn, "SELECT indrelid::regclass FROM pg_index WHERE indexrelid ="
                                      " 'public.have'::regclass"),
                     "t");
}
END_TEST

/* --- names ------------------------------------------------------------------------- */

#define SQL(sql) "      - sql: " sql "\n        undo: none\n"
#define ALONE(sql) "      - concurrently: " sql "\n        undo: none\n"
#define DROP(name) ALONE("DROP INDEX CONCURRENTLY " name)
#define MAKE(name) ALONE("CREATE INDEX CONCURRENTLY " name " ON t (a)")
#define NEXT_PHASE "  - name: two\n    steps:\n"

#define HAVE "CREATE INDEX have ON t (a); CREATE TABLE kept (a int CONSTRAINT lone UNIQUE)"

/* clang-format off */
static const struct {
    const char *steps;
    const char *says; /* refused with these words; NULL: it goes through */
    const char *hint;
} names[] = {
    { DROP("hvae"), "step 1 of one drops CONCURRENTLY an index hvae, which is not there", "DROP INDEX CONCURRENTLY IF EXISTS" },
    { DROP("public.hvae"), "drops CONCURRENTLY an index public.hvae, which is not there", "Names are taken as SQL takes them" },
    { DROP("HAVE"), NULL, NULL },
    { DROP("\"Have\""), NULL, NULL },
    { ALONE("REINDEX INDEX CONCURRENTLY hvae"), "step 1 of one rebuilds an index hvae, which is not there", "Names" },
    { DROP("IF EXISTS hvae"), NULL, NULL },
    { DROP("fresh") MAKE("fresh"), "step 1 of one drops CONCURRENTLY an index fresh", "" },
    { MAKE("fresh") NEXT_PHASE DROP("fresh"), NULL, NULL },
    { SQL("CREATE INDEX fresh ON t (a)") DROP("fresh"), NULL, NULL },
    { SQL("CREATE INDEX ON t (a, id)") DROP("t_a_id_idx"), NULL, NULL },
    { SQL("ALTER INDEX have RENAME TO had") DROP("had"), NULL, NULL },
    { SQL("ALTER TABLE kept RENAME CONSTRAINT lone TO sole") ALONE("REINDEX INDEX CONCURRENTLY sole"), NULL, NULL },
    { SQL("ALTER TABLE kept ADD CONSTRAINT other UNIQUE (a)") ALONE("REINDEX INDEX CONCURRENTLY other"), NULL, NULL },
    { SQL("CREATE TABLE like_t (LIKE t INCLUDING INDEXES)") ALONE("REINDEX INDEX CONCURRENTLY like_t_pkey"), NULL, NULL },
    { "      - concurrently: CREATE INDEX CONCURRENTLY fresh ON t (a)\n        undo: DROP INDEX CONCURRENTLY fersh\n",
      "the undo of step 1 of one drops CONCURRENTLY an index fersh, which is not there", "DROP INDEX CONCURRENTLY IF EXISTS" },
    { "      - concurrently: CREATE INDEX CONCURRENTLY fresh ON t (a)\n        undo: DROP INDEX CONCURRENTLY fresh\n", NULL, NULL },
    { "      - concurrently: DROP INDEX CONCURRENTLY have\n        undo: CREATE INDEX CONCURRENTLY have ON t (a)\n", NULL, NULL },
    { MAKE("have"), "step 1 of one makes an index have", "Choose another name" },
    { MAKE("have") DROP("have"), "step 1 of one makes an index have", "Choose another name" },
    { DROP("have") MAKE("have"), NULL, NULL },
    { DROP("have") NEXT_PHASE MAKE("have"), NULL, NULL },
    { DROP("have") NEXT_PHASE MAKE("IF NOT EXISTS have"), NULL, NULL },
    { SQL("DROP INDEX IF EXISTS none, have") MAKE("have"), NULL, NULL },
    { SQL("ALTER INDEX have RENAME TO had") MAKE("have"), NULL, NULL },
    { SQL("DROP TABLE kept, ledger") MAKE("ledger"), NULL, NULL },
    { SQL("ALTER TABLE kept DROP CONSTRAINT lone") MAKE("lone"), NULL, NULL },
    { SQL("DROP TABLE kept") MAKE("lone"), NULL, NULL },
};
/* clang-format on */

START_TEST(the_names_of_indexes_are_looked_at_in_the_order_of_the_plan)
{
    const char *url, *db = own_prepared(&url), *before;
    bool two = strstr(names[_i].steps, NEXT_PHASE);
    struct ran ran;

    test_sql(test_connect(db, "app"), HAVE);
    if (strstr(names[_i].steps, "\"Have\""))
        test_sql(test_connect(db, "app"), "CREATE INDEX \"Have\" ON t (a)");
    before = test_fingerprint(db);
    ran = own_start(url, "", arena_printf(test_arena(), "    steps:\n%s", names[_i].steps));
    EXITS(ran, names[_i].says ? 5 : 0);
    if (names[_i].says) {
        CONTAINS(ran.err, names[_i].says);
        CONTAINS(ran.err, names[_i].hint);
        CONTAINS(ran.err, "accept:");
        test_same_text("the database", test_fingerprint(db), before);
    } else
        EXITS(ORCHESTRATE(url, "advance", "own", "--to", two ? "two" : "one"), 0);
}
END_TEST

/* --- what was never there ----------------------------------------------------------- */

/* Accepted, or dropped by somebody since. */
START_TEST(an_index_that_was_never_there_is_not_taken_for_dropped)
{
    const char *url, *db = own_prepared(&url);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    EXITS(own_start(url, "accept: [{rule: no-index, because: test}]\n",
                    "    steps:\n" DROP("public.hvae")),
          0);
    for (int again = 0; again < 2; again++) {
        ran = ORCHESTRATE(url, "advance", "own");
        EXITS(ran, 1);
        CONTAINS(ran.err, "there is no index public.hvae, and this step has not dropped one");
        CONTAINS(ran.err, "DROP INDEX CONCURRENTLY IF EXISTS");
    }
    test_sql(conn, "CREATE INDEX hvae ON public.t (a)");
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_str_eq(test_value(conn, "SELECT to_regclass('public.hvae') IS NULL"), "t");
}
END_TEST

/* The same of an undo, which can be mended. */
START_TEST(an_undo_does_not_take_an_index_for_dropped_that_is_not_there)
{
    static const char *const undos[] = { "fresh", "IF EXISTS fresh" };
    const char *url, *db = own_prepared(&url), *phase[2];
    struct ran ran;

    for (int i = 0; i < 2; i++)
        phase[i] = arena_printf(test_arena(),
                                "    steps:\n"
                                "      - concurrently: CREATE INDEX CONCURRENTLY fresh ON t (a)\n"
                                "        undo: DROP INDEX CONCURRENTLY %s\n",
                                undos[i]);
    EXITS(own_start(url, "", phase[0]), 0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    test_sql(test_connect(db, "app"), "ALTER INDEX fresh RENAME TO other");
    for (int again = 0; again < 2; again++) {
        ran = ORCHESTRATE(url, "rollback", "own");
        EXITS(ran, 1);
        CONTAINS(ran.err, "there is no index fresh, and this step has not dropped one");
        CONTAINS(ran.err, "Nothing was undone. If `undo` is wrong in the plan, mend it there");
    }
    EXITS(ORCHESTRATE(url, "start",
                      test_write("own.yaml",
                                 arena_printf(test_arena(), "plan: own\nphases:\n  - name: one\n%s",
                                              phase[1])),
                      "--accept-plan-change"),
          0);
    EXITS(ORCHESTRATE(url, "rollback", "own"), 0);
}
END_TEST

/* What was not built does not have to be there to be undone. */
START_TEST(the_undo_of_an_index_that_was_not_built_has_nothing_to_drop)
{
    const char *url, *db = own_prepared(&url), *before;

    test_sql(test_connect(db, "app"), "INSERT INTO public.ledger VALUES (1), (1)");
    before = test_fingerprint(db);
    EXITS(own_start(url, "",
                    "    steps:\n"
                    "      - concurrently: CREATE UNIQUE INDEX CONCURRENTLY fresh ON ledger (n)\n"
                    "        undo: DROP INDEX CONCURRENTLY fresh\n"),
          0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 1);
    EXITS(ORCHESTRATE(url, "rollback", "own"), 0);
    test_same_text("the database", test_fingerprint(db), before);
}
END_TEST

/* Dropped, and killed before the record of it. */
START_TEST(an_index_that_was_dropped_before_it_was_killed_is_dropped)
{
    const char *url, *db = own_prepared(&url);
    PGconn *old = test_connect(db, "app"), *plan = test_connect(db, "postgres");
    struct ran ran;

    test_sql(old, HAVE);
    EXITS(own_start(url, "", "    steps:\n" DROP("have")), 0);
    test_sql(old, "BEGIN; SELECT FROM public.t LIMIT 1");
    ran = test_spawn(url, (const char *const[]){ "advance", "own", NULL }, NULL);
    test_wait(plan, 60,
              "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted");
    test_sql(plan, "BEGIN; SELECT FROM orchestrate.plan FOR UPDATE");
    test_sql(old, "COMMIT");
    test_wait(old, 60, "SELECT to_regclass('public.have') IS NULL");
    kill(ran.pid, SIGKILL);
    test_finish(&ran, 20);
    test_sql(plan, "ROLLBACK");
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
}
END_TEST

/* The statement was ended while it waited: the index is not used any more, and still there. */
START_TEST(an_index_that_was_half_dropped_comes_back_whole)
{
    static const char *const undo[] = { "CREATE INDEX CONCURRENTLY have ON t (a)", "none" };
    const char *url, *db = own_prepared(&url), *before;
    PGconn *old = test_connect(db, "app"), *plan = test_connect(db, "postgres");
    struct ran ran;

    test_sql(old, HAVE);
    before = test_fingerprint(db);
    EXITS(own_start(url, "",
                    arena_printf(test_arena(),
                                 "    steps:\n      - concurrently: DROP INDEX CONCURRENTLY have\n"
                                 "        undo: %s\n",
                                 undo[_i])),
          0);
    test_sql(old, "BEGIN; SELECT FROM public.t LIMIT 1");
    ran = test_spawn(url, (const char *const[]){ "advance", "own", NULL }, NULL);
    test_wait(plan, 60,
              "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted");
    kill(ran.pid, SIGINT);
    test_finish(&ran, 20);
    test_sql(old, "COMMIT");
    ck_assert_str_eq(test_value(plan, "SELECT indisvalid FROM pg_index"
                                      " WHERE indexrelid = 'public.have'::regclass"),
                     "f");
    EXITS(ORCHESTRATE(url, "rollback", "own"), 0);
    if (_i == 0)
        test_same_text("the database", test_fingerprint(db), before);
    ck_assert_str_eq(test_value(plan, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("own_indexes");
    TCase *tc = support_case(s, "own_indexes", 120);

    support_cases(tc, what_postgres_does_not_do_to_an_index_is_refused_and_the_rest_is_not, 0,
                  ARRAY_LEN(indexes));
    tcase_add_test(tc, an_index_whose_name_is_taken_meanwhile_leaves_nothing_behind);
    support_cases(tc, the_names_of_indexes_are_looked_at_in_the_order_of_the_plan, 0,
                  ARRAY_LEN(names));
    tcase_add_test(tc, an_index_that_was_never_there_is_not_taken_for_dropped);
    tcase_add_test(tc, an_undo_does_not_take_an_index_for_dropped_that_is_not_there);
    tcase_add_test(tc, the_undo_of_an_index_that_was_not_built_has_nothing_to_drop);
    tcase_add_test(tc, an_index_that_was_dropped_before_it_was_killed_is_dropped);
    tcase_add_loop_test(tc, an_index_that_was_half_dropped_comes_back_whole, 0, 2);
    return s;
}

int main(void)
{
    return support_run(suite());
}
