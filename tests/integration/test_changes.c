/*
 * Several changes in one plan: phases of one name are one, and what they do together
 * is what the plain statements do one after the other.
 */
#include <string.h>

#include "operation.h"
#include "plans.h"
#include "support.h"

#define T                                                                                          \
    "CREATE TABLE public.t (id int PRIMARY KEY, a text NOT NULL, b int DEFAULT 7, c text NOT "     \
    "NULL, d int);"
#define ROWS                                                                                       \
    "INSERT INTO public.t SELECT i, 'v' || i % 7, i, 'c' || i, i FROM generate_series(1, 500) AS " \
    "i;"
#define U                                                                                          \
    "CREATE TABLE public.u (id int PRIMARY KEY, a text, t int REFERENCES public.t); INSERT INTO "  \
    "public.u SELECT i, 'u' || i, i FROM generate_series(1, 50) AS i;"
#define A_TO_X "- rename_column: {table: public.t, from: a, to: x}\n  "
#define B_TO_Y "- rename_column: {table: public.t, from: b, to: y}\n  "
#define A_PLAIN "ALTER TABLE public.t RENAME COLUMN a TO x;"
#define B_PLAIN "ALTER TABLE public.t RENAME COLUMN b TO y;"
#define TOUCH                                                                                      \
    "CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.d := "          \
    "coalesce(NEW.d, 0) + 1; RETURN NEW; END';"

/* clang-format off */
static const struct op_test there_and_backs[] = {
    { .setup = T ROWS, .change = A_TO_X B_TO_Y, .plain = A_PLAIN B_PLAIN },
    { .setup = T ROWS U, .change = A_TO_X "- rename_column: {table: public.u, from: a, to: x}\n  ",
      .plain = A_PLAIN "ALTER TABLE public.u RENAME COLUMN a TO x" },
    { .setup = T ROWS, .change = A_TO_X "- drop_column: {table: public.t, column: c}\n  ", .plain = A_PLAIN "ALTER TABLE public.t DROP COLUMN c" },
    { .setup = T ROWS, .change = "- drop_column: {table: public.t, column: c}\n  " A_TO_X, .plain = A_PLAIN "ALTER TABLE public.t DROP COLUMN c" },
    { .setup = T ROWS U "ALTER TABLE public.u DROP COLUMN t", .change = "- rename_table: {table: public.u, to: w}\n  " A_TO_X,
      .plain = A_PLAIN "ALTER TABLE public.u RENAME TO w", .also_locks = "public.u", .overrides = "function_bodies" },
    { .setup = T ROWS U, .change = "- drop_table: {table: public.u}\n  " A_TO_X, .plain = A_PLAIN "DROP TABLE public.u",
      .overrides = "old_name_idle", .also_locks = "public.u public.t" },
    { .setup = T ROWS U, .change = A_TO_X "- drop_table: {table: public.u}\n  ", .plain = A_PLAIN "DROP TABLE public.u",
      .overrides = "old_name_idle", .also_locks = "public.t public.u" },
    { .setup = T ROWS U, .change = "- drop_table: {table: public.t}\n  - drop_table: {table: public.u}\n  ", .plain = "DROP TABLE public.u, public.t",
      .overrides = "old_name_idle function_bodies", .also_locks = "public.t public.u" },
    /* Columns of the referencing table that are in no foreign key. */
    { .setup = T ROWS U "ALTER TABLE public.u ADD c int", .change = "- drop_table: {table: public.t}\n  - rename_column: {table: public.u, from: a, to: x}\n  - drop_column: {table: public.u, column: c}\n  ",
      .plain = "ALTER TABLE public.u DROP CONSTRAINT u_t_fkey; DROP TABLE public.t; ALTER TABLE public.u RENAME a TO x; ALTER TABLE public.u DROP COLUMN c",
      .overrides = "old_name_idle function_bodies", .also_locks = "public.t public.u" },
    { .setup = T ROWS U, .change = "- rename_column: {table: public.u, from: a, to: x}\n  - drop_table: {table: public.t}\n  ",
      .plain = "ALTER TABLE public.u DROP CONSTRAINT u_t_fkey; DROP TABLE public.t; ALTER TABLE public.u RENAME a TO x",
      .overrides = "old_name_idle function_bodies", .also_locks = "public.t public.u" },
    { .setup = T ROWS, .change = A_TO_X "- add_index: {table: public.t, name: t_x, columns: [x, d]}\n  ",
      .plain = A_PLAIN "CREATE INDEX t_x ON public.t (x, d)" },
    /* Triggers of the user: on all columns, on both of them, with conditions. */
    { .setup = T ROWS TOUCH "CREATE TRIGGER everything BEFORE UPDATE ON public.t FOR EACH ROW EXECUTE FUNCTION public.touch();"
               "CREATE TRIGGER sometimes AFTER UPDATE ON public.t FOR EACH ROW WHEN (NOT OLD.d = 5) EXECUTE FUNCTION public.touch();"
               "CREATE TRIGGER ored AFTER UPDATE ON public.t FOR EACH ROW WHEN (OLD.d = 5 OR NEW.b = 1) EXECUTE FUNCTION public.touch();"
               "CREATE TRIGGER cased AFTER UPDATE ON public.t FOR EACH ROW WHEN (CASE WHEN OLD.d = 5 THEN true ELSE NEW.b = 1 END) EXECUTE FUNCTION public.touch();"
               "CREATE TRIGGER of_both AFTER UPDATE OF b, a ON public.t FOR EACH ROW EXECUTE FUNCTION public.touch()",
      .change = A_TO_X B_TO_Y, .plain = A_PLAIN B_PLAIN },
    /* Both in a check, in statistics, in a list of grants. */
    { .setup = T ROWS "ALTER TABLE public.t ADD CHECK (a <> b::text); CREATE STATISTICS st ON a, b FROM public.t; GRANT SELECT (a, b), UPDATE (b) ON public.t TO PUBLIC",
      .change = A_TO_X B_TO_Y, .plain = A_PLAIN B_PLAIN },
    /* Indexes with both of them, which are not unique. */
    { .setup = T ROWS "CREATE INDEX i ON public.t (a, b); CREATE INDEX j ON public.t (b) INCLUDE (a); CREATE INDEX k ON public.t (lower(a)) WHERE b > 3;"
               "CREATE UNIQUE INDEX l ON public.t (a, d) INCLUDE (id); CREATE INDEX m ON public.t (c)",
      .change = A_TO_X B_TO_Y "- drop_column: {table: public.t, column: c}\n  ", .plain = A_PLAIN B_PLAIN "ALTER TABLE public.t DROP COLUMN c" },
    { .setup = "CREATE TABLE public.t (id int PRIMARY KEY, a text NOT NULL, b int DEFAULT 7, c text, d int) PARTITION BY RANGE (id);"
               "CREATE TABLE public.t1 PARTITION OF public.t FOR VALUES FROM (0) TO (100); CREATE TABLE public.t2 PARTITION OF public.t DEFAULT;"
               ROWS "CREATE INDEX on_a ON public.t (a); CREATE INDEX on_b ON public.t (b)",
      .change = A_TO_X B_TO_Y "- drop_column: {table: public.t, column: c}\n  ", .plain = A_PLAIN B_PLAIN "ALTER TABLE public.t DROP COLUMN c" },
};
/* clang-format on */

START_TEST(there_and_back)
{
    op_there_and_back(&there_and_backs[_i]);
}
END_TEST

/* clang-format off */
static const struct {
    const char *setup, *change, *rules;
} refusals[] = {
    { T "CREATE UNIQUE INDEX u ON public.t (d, b) INCLUDE (a)", A_TO_X B_TO_Y, "changed-together" },
    { T "ALTER TABLE public.t ADD UNIQUE (a, b)", A_TO_X B_TO_Y, "changed-together" },
    { T "CREATE UNIQUE INDEX u ON public.t (lower(a)) WHERE b > 1", A_TO_X B_TO_Y, "changed-together" },
    { T "CREATE INDEX i ON public.t (a, d)", A_TO_X "- drop_column: {table: public.t, column: d, also_drops: [i]}\n  ", "changed-together" },
    { "CREATE TABLE public.t (id int, a int, b int) PARTITION BY RANGE (id); CREATE TABLE public.t1 PARTITION OF public.t DEFAULT;"
      "CREATE UNIQUE INDEX u ON public.t1 (b, a)", A_TO_X B_TO_Y, "changed-together" },
    { T ROWS U, "- rename_column: {table: public.u, from: t, to: owner}\n  - drop_table: {table: public.t}\n  ", "changed-together" },
    { T ROWS U, "- drop_table: {table: public.t}\n  - drop_column: {table: public.u, column: t}\n  ", "changed-together" },
    { T ROWS "CREATE TABLE public.u (id int, t int, v int, PRIMARY KEY (id, t), UNIQUE (t, v)) PARTITION BY RANGE (t); CREATE TABLE public.u1 PARTITION OF public.u DEFAULT;"
      "ALTER TABLE public.u1 ADD CONSTRAINT k FOREIGN KEY (v) REFERENCES public.t", "- rename_column: {table: public.u, from: v, to: w}\n  - drop_table: {table: public.t}\n  ", "changed-together" },
    /* Foreign keys are gone for by the names of now. */
    { T ROWS U, "- rename_table: {table: public.u, to: w}\n  - drop_table: {table: public.t}\n  ", "changed-together" },
    { T ROWS U, "- drop_table: {table: public.t}\n  - rename_table: {table: public.u, to: w}\n  ", "changed-together" },
    { T ROWS U, "- drop_table: {table: public.u}\n  - drop_table: {table: public.t}\n  ", "changed-together" },
    /* Of a table that cannot be dropped nothing is known but what the plan says. */
    { T ROWS U "CREATE VIEW public.v AS SELECT * FROM public.u", "- drop_table: {table: public.u}\n  - drop_table: {table: public.t}\n  ", "dependents changed-together" },
    /* Indexes of two tables in one schema, which only the server knows. */
    { T ROWS U, "- add_index: {table: public.t, name: i, columns: [a]}\n  - add_index: {table: u, name: i, columns: [a]}\n  ", "made-twice" },
    { T, A_TO_X "- drop_column: {table: t, column: c}\n  ", "table-written-twice" },
    /* All reasons at once, of every change. */
    { T "CREATE TABLE public.somewhere ()", "- rename_column: {table: public.t, from: nothing, to: x}\n  - drop_column: {table: public.t, column: id}\n  "
         "- drop_table: {table: public.somewher}\n  ", "no-column primary-key no-table" },
};
/* clang-format on */

START_TEST(what_does_not_go_together_is_refused)
{
    op_refused(&(struct op_test){ .setup = refusals[_i].setup, .change = refusals[_i].change },
               refusals[_i].rules);
}
END_TEST

/* --- by hand --------------------------------------------------------------- */

static const char *db, *url, *file;
static PGconn *conn;

#define THREE A_TO_X "- drop_column: {table: public.t, column: c}\n  " B_TO_Y

/* A database with T, and the plan `p` started on it. */
static void start(const char *setup, const char *changes, const char *more)
{
    db = test_database("empty");
    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    conn = test_connect(db, "app");
    test_sql(conn, "%s", setup);
    file = test_write("p.yaml",
                      arena_printf(test_arena(), "plan: p\nchanges:\n  %s\n%s", changes, more));
    EXITS(ORCHESTRATE(url, "start", file), 0);
}

static struct ran advance(const char *to)
{
    return ORCHESTRATE(url, "advance", "p", "--to", to, "--confirm", "p", "--fast");
}

/* What makes a step of dual-write fail. */
static const char in_the_way[] = "CREATE FUNCTION public.%s() RETURNS trigger LANGUAGE plpgsql AS"
                                 " 'BEGIN RETURN NEW; END'";

/* One change has its dual writes, the last one fails: each is undone as far as it had come. */
START_TEST(a_phase_that_failed_between_two_changes_is_undone)
{
    struct ran ran;
    const char *before;

    start(T ROWS, THREE, "");
    before = test_fingerprint(db);
    EXITS(advance("expand"), 0);
    test_sql(conn, in_the_way, "_orch_1_3_sync");
    ran = advance("dual-write");
    EXITS(ran, 1);
    CONTAINS(ran.err, "dual-write/3/1");
    ran = ORCHESTRATE(url, "rollback", "p", "--to", "expand");
    EXITS(ran, 5);
    CONTAINS(ran.err, "dual-write cannot be undone without expand");
    if (_i) { /* it goes on, too */
        test_sql(conn, "DROP FUNCTION public._orch_1_3_sync()");
        EXITS(advance("switch"), 0);
        EXITS(ORCHESTRATE(url, "rollback", "p", "--to", "start"), 0);
    } else {
        EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
        test_sql(conn, "DROP FUNCTION public._orch_1_3_sync()");
    }
    test_same_text("undone", test_fingerprint(db), before);
    EXITS(ORCHESTRATE(url, "start", file, "--again"), 0);
    EXITS(advance("contract"), 0);
}
END_TEST

/* What had to be true before the first change's retire is not asked again behind it. */
START_TEST(a_phase_that_failed_between_two_changes_goes_on)
{
    struct ran ran;

    start(T ROWS, A_TO_X B_TO_Y, "");
    EXITS(advance("switch"), 0);
    test_sql(conn, "ALTER TABLE public.t ADD COLUMN _orch_1_2_tombstone int");
    EXITS(advance("retire"), 1);
    ran = ORCHESTRATE(url, "verify", "p");
    EXITS(ran, 0);
    CONTAINS(ran.out, "some changes have come further than others");
    test_sql(conn, "ALTER TABLE public.t DROP COLUMN _orch_1_2_tombstone");
    /* What the second change needs is asked. */
    test_sql(conn, "ALTER TABLE public.t DISABLE TRIGGER \"!orchestrate_1_2\"");
    ran = advance("retire");
    EXITS(ran, 5);
    CONTAINS(ran.err, "proof");
    test_sql(conn, "ALTER TABLE public.t ENABLE ALWAYS TRIGGER \"!orchestrate_1_2\"");
    if (_i) {
        EXITS(ORCHESTRATE(url, "rollback", "p", "--to", "start"), 0);
        EXITS(ORCHESTRATE(url, "start", file, "--again"), 0);
    }
    ran = advance("contract");
    EXITS(ran, 0);
    CONTAINS(ran.out, "complete");
}
END_TEST

/* Nothing of dual-write was done: it goes alone, and expand stays. */
START_TEST(a_phase_that_failed_at_its_first_change_goes_alone)
{
    start(T ROWS, B_TO_Y A_TO_X, "");
    EXITS(advance("expand"), 0);
    test_sql(conn, in_the_way, "_orch_1_sync");
    EXITS(advance("dual-write"), 1);
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    test_sql(conn, "DROP FUNCTION public._orch_1_sync()");
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_attribute WHERE attrelid ="
                                      " 'public.t'::regclass AND attname IN ('x', 'y')"),
                     2);
    EXITS(ORCHESTRATE(url, "resume", "p"), 0);
    EXITS(advance("contract"), 0);
}
END_TEST

/* Each name has its own meter; what the plan says of the gate counts for each. */
START_TEST(old_names_are_looked_for_one_by_one)
{
    struct ran ran;

    start(T ROWS, THREE, "gates:\n  retire:\n    - old_name_idle: 1h\n");
    EXITS(advance("switch"), 0);
    test_sql(conn,
             "UPDATE public.t SET b = 5 WHERE id = 1; UPDATE public.t SET c = 'x' WHERE id = 2");
    ran = advance("retire");
    EXITS(ran, 0);
    CONTAINS(ran.out, "by the name b of public.t since the switch");
    CONTAINS(ran.out, "by the name c of public.t since expand");
    ck_assert_ptr_null(strstr(ran.out, "by the name a"));
    /* Looking again, each goes by what was noted of it. */
    test_sql(conn, "UPDATE public.t SET c = 'x' WHERE id = 2");
    ran = ORCHESTRATE(url, "gate", "p", "--phase", "retire", "--json");
    EXITS(ran, 3);
    CONTAINS(ran.out, "\"uses\": 1");
    CONTAINS(ran.out, "\"uses\": 2");
    ck_assert_int_eq(test_count(conn,
                                "SELECT count(DISTINCT evidence ->> 'meter')"
                                " FROM orchestrate.gate_evidence WHERE gate = 'old_name_idle'"),
                     3);
    EXITS(ORCHESTRATE(url, "advance", "p", "--override", "old_name_idle", "--because", "known"), 0);
}
END_TEST

/* Other oids and numbers of columns: all changes are read anew, and bound anew. */
START_TEST(a_restored_dump_goes_on_with_all_changes)
{
    static const char *const phases[] = { "dual-write", "verify", "switch", "retire" };
    const char *twin, *dump;
    struct ran ran;

    start("CREATE TABLE public.a0 (id int); CREATE TABLE public.t (gone int, id int PRIMARY KEY,"
          " a text NOT NULL, b int DEFAULT 7, c text NOT NULL, d int);"
          "ALTER TABLE public.t DROP COLUMN gone;" ROWS U,
          A_TO_X "- drop_table: {table: public.a0}\n  " B_TO_Y
                 "- rename_column: {table: public.u, from: a, to: x}\n  ",
          "");
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", phases[_i], "--override", "old_name_idle",
                      "--because", "nobody"),
          0);
    PQfinish(conn);
    dump = test_dump(db);
    if (!dump)
        TEST_SKIP(SKIP_NO_PG_DUMP);
    db = test_restored(db);
    url = test_url(db, "app");
    conn = test_connect(db, "app");
    EXITS(ORCHESTRATE(url, "repair", "p", "--adopt", "--confirm", "p"), 0);
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    test_sql(conn, "INSERT INTO public.t (id, c, %s) VALUES (1000, 'c', 'new', 1)",
             _i < 3 ? "a, b" : "x, y");
    ran = ORCHESTRATE(url, "advance", "p", "--to", "contract", "--confirm", "p", "--fast",
                      "--override", "old_name_idle", "--because", "nobody");
    EXITS(ran, 0);
    CONTAINS(ran.out, "complete");
    ck_assert_str_eq(test_value(conn, "SELECT x || y FROM public.t WHERE id = 1000"), "new1");
    twin = test_database("empty");
    test_sql(test_connect(twin, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(twin, "app"), "%s",
             T ROWS U A_PLAIN B_PLAIN "ALTER TABLE public.u RENAME COLUMN a TO x");
    test_same_schema(db, twin);
}
END_TEST

/* One statement may write an old and a new name, in every mixture. */
START_TEST(every_mixture_of_names_is_served)
{
    static const char *const sets[] = { "a, b", "a, y", "x, b", "x, y" };

    start(T ROWS, A_TO_X B_TO_Y, "");
    EXITS(advance(_i ? "switch" : "verify"), 0);
    for (int i = 0; i < 4; i++) {
        test_sql(conn, "INSERT INTO public.t (id, c, %s) VALUES (%d, 'c', 'in', 3)", sets[i],
                 1000 + i);
        test_sql(conn, "UPDATE public.t SET (%s) = ('up', id) WHERE id = %d", sets[i], 1 + i);
    }
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.t WHERE id >= 1000 AND a = 'in'"
                                      " AND x = 'in' AND b = 3 AND y = 3"),
                     4);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.t WHERE id <= 4 AND a = 'up'"
                                      " AND x = 'up' AND b = id AND y = id"),
                     4);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("changes");
    TCase *tc = support_case(s, "changes", 300);

    support_long_cases(tc, there_and_back, 0, ARRAY_LEN(there_and_backs));
    support_cases(tc, what_does_not_go_together_is_refused, 0, ARRAY_LEN(refusals));
    tcase_add_loop_test(tc, a_phase_that_failed_between_two_changes_is_undone, 0, 2);
    tcase_add_loop_test(tc, a_phase_that_failed_between_two_changes_goes_on, 0, 2);
    tcase_add_test(tc, a_phase_that_failed_at_its_first_change_goes_alone);
    tcase_add_test(tc, old_names_are_looked_for_one_by_one);
    tcase_add_loop_test(tc, a_restored_dump_goes_on_with_all_changes, 0, 4);
    tcase_add_loop_test(tc, every_mixture_of_names_is_served, 0, 2);
    return s;
}

int main(void)
{
    return support_run(suite());
}
