/*
 * drop_column of a partitioned table: what hangs on the column of a partition only, at
 * whatever number and level, is seen as what hangs on the table's.
 */
#include <string.h>

#include "drop_column_fixture.h"
#include "operation.h"
#include "refusal.h"

/* Three levels; in none of them has the column the number that it has above. */
#define TREE                                                                                       \
    "CREATE TABLE public.thing (id int, c int, d int) PARTITION BY RANGE (id);"                    \
    "CREATE TABLE public.p1 (x int, d int, c int, id int) PARTITION BY RANGE (id);"                \
    "ALTER TABLE public.p1 DROP x;"                                                                \
    "CREATE TABLE public.p11 (x int, y int, id int NOT NULL, d int, c int);"                       \
    "ALTER TABLE public.p11 DROP x, DROP y;"                                                       \
    "CREATE TABLE public.p2 PARTITION OF public.thing DEFAULT;"                                    \
    "ALTER TABLE public.p1 ATTACH PARTITION public.p11 FOR VALUES FROM (1) TO (50);"               \
    "ALTER TABLE public.thing ATTACH PARTITION public.p1 FOR VALUES FROM (1) TO (100);"            \
    "INSERT INTO public.thing SELECT i, i, i FROM generate_series(1, 40) AS i;"
#define FUNCTION                                                                                   \
    "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"

/* :c: what the column is called by then. */
static const struct {
    const char *sql, *rule, *gate, *says;
} hanging[] = {
    { "CREATE VIEW public.later AS SELECT :c AS v FROM public.p11", "dependents", "dependents",
      "view public.later (on public.p11)" },
    { "CREATE VIEW public.later AS SELECT :c AS v FROM public.p1", "dependents", "dependents",
      "view public.later (on public.p1)" },
    { FUNCTION "CREATE TRIGGER later BEFORE UPDATE OF :c ON public.p11 FOR EACH ROW"
               " EXECUTE FUNCTION public.f()",
      "dependents", "dependents", "trigger later on table public.p11" },
    { "CREATE UNIQUE INDEX later ON public.p11 (:c);"
      "CREATE TABLE public.other (n int REFERENCES public.p11 (:c))",
      "dependents", "dependents", "constraint other_n_fkey on table public.other (on public.p11)" },
    { "CREATE POLICY later ON public.p11 USING (:c > 0)", "dependents", "dependents",
      "policy later on table public.p11" },
    { "CREATE UNIQUE INDEX later ON public.p11 (:c, d)", "also-drops", "also_drops",
      "unique index later of public.p11" },
    { "ALTER TABLE public.p11 ADD CONSTRAINT later UNIQUE (:c)", "also-drops", "also_drops",
      "UNIQUE later of public.p11" },
    { "ALTER TABLE public.p11 ADD CONSTRAINT later CHECK (:c > 0)", "also-drops", "also_drops",
      "CHECK later of public.p11" },
    { "CREATE STATISTICS public.later ON :c, d FROM public.p11", "also-drops", "also_drops",
      "statistics later of public.p11" },
    { "CREATE INDEX later ON public.p11 (d) WHERE :c > 5", "also-drops", "also_drops",
      "index later of public.p11" },
    { "ALTER TABLE public.p11 ALTER :c SET NOT NULL; CREATE UNIQUE INDEX later ON public.p11 (id, "
      ":c);"
      "ALTER TABLE public.p11 REPLICA IDENTITY USING INDEX later",
      "replica-identity", "dependents", "public.p11" },
};

static const char *with_name(const char *sql, const char *column)
{
    const char *out = "";

    for (const char *at; (at = strstr(sql, ":c")); sql = at + 2)
        out = arena_printf(test_arena(), "%s%.*s%s", out, (int)(at - sql), sql, column);
    return arena_printf(test_arena(), "%s%s", out, sql);
}

START_TEST(what_hangs_on_a_partition_is_refused)
{
    const char *url;
    struct ran ran;

    test_scene(arena_printf(test_arena(), TREE "%s", with_name(hanging[_i].sql, "c")), &url);
    ran = start(url, CHANGE "}");
    refusal_is_actionable(&ran, hanging[_i].sql);
    CONTAINS(ran.out, hanging[_i].rule);
    CONTAINS(ran.out, hanging[_i].says);
}
END_TEST

START_TEST(what_comes_to_hang_on_a_partition_later_is_seen_before_contract)
{
    const char *url, *db = test_scene(TREE, &url);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    EXITS(start(url, CHANGE "}"), 0);
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", "expand"), 0);
    if (_i % 2)
        EXITS(ORCHESTRATE(url, "advance", "p", "--to", "retire"), 0);
    test_sql(conn, "%s", with_name(hanging[_i].sql, _i % 2 ? "_orch_1_tombstone" : "c"));
    if (_i % 2 == 0 && strcmp(hanging[_i].gate, "also_drops") == 0)
        EXITS(ORCHESTRATE(url, "advance", "p", "--to", "retire"), 0);
    ran = ORCHESTRATE(url, "advance", "p", "--confirm", "p");
    EXITS(ran, 5);
    CONTAINS(ran.err, hanging[_i].gate);
    CONTAINS(ran.err, hanging[_i].says);
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
}
END_TEST

/* clang-format off */
static const struct op_test there_and_backs[] = {
    /* What partitions have from the table counts once, as the table's. */
    { .setup = TREE "CREATE INDEX thing_c ON public.thing (c); CREATE INDEX with_d ON public.thing (c, d);"
               "ALTER TABLE public.thing ADD CONSTRAINT above CHECK (c > 0), ADD CONSTRAINT pair UNIQUE (id, c);"
               FUNCTION "CREATE TRIGGER tr BEFORE UPDATE ON public.thing FOR EACH ROW EXECUTE FUNCTION public.f();"
               "CREATE TABLE public.other (n int PRIMARY KEY); INSERT INTO public.other SELECT i FROM generate_series(1, 40) AS i;"
               "ALTER TABLE public.thing ADD FOREIGN KEY (c) REFERENCES public.other",
      .change = CHANGE ", also_drops: [with_d, above, pair]}", .plain = PLAIN },
    /* And what is theirs may be named. */
    { .setup = TREE "CREATE UNIQUE INDEX one ON public.p11 (c, d); ALTER TABLE public.p1 ADD CONSTRAINT two CHECK (c > 0);"
               "CREATE STATISTICS three ON c, d FROM public.p11; CREATE INDEX four ON public.p2 (c)",
      .change = CHANGE ", also_drops: [one, two, three]}", .plain = PLAIN },
    /* Partitions get their own defaults back, or none. */
    { .setup = "CREATE TABLE public.thing (id int, c text DEFAULT 'all', d int) PARTITION BY RANGE (id);"
               "CREATE TABLE public.p1 PARTITION OF public.thing FOR VALUES FROM (1) TO (100) PARTITION BY RANGE (id);"
               "CREATE TABLE public.\"P 11\" PARTITION OF public.p1 FOR VALUES FROM (1) TO (100); CREATE TABLE public.p2 PARTITION OF public.thing DEFAULT;"
               "ALTER TABLE public.\"P 11\" ALTER c SET DEFAULT 'it''s'; ALTER TABLE ONLY public.p1 ALTER c DROP DEFAULT",
      .change = CHANGE ", placeholder: \"'new'\"}", .plain = PLAIN },
    { .setup = "CREATE TABLE public.thing (id int, c serial, d int) PARTITION BY RANGE (id);"
               "CREATE TABLE public.p1 PARTITION OF public.thing FOR VALUES FROM (1) TO (100);"
               "INSERT INTO public.thing SELECT i FROM generate_series(1, 40) AS i",
      .change = CHANGE ", also_drops: [thing_c_seq]}", .plain = PLAIN },
};
/* clang-format on */

START_TEST(there_and_back)
{
    op_there_and_back(&there_and_backs[_i]);
}
END_TEST

START_TEST(a_partition_that_wants_a_value_is_seen_before_retire)
{
    const char *url, *db = test_scene(TREE, &url);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    EXITS(start(url, CHANGE "}"), 0);
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", "expand"), 0);
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    test_sql(
        conn,
        "CREATE TABLE public.late (id int, c int NOT NULL, d int);"
        "ALTER TABLE public.thing ATTACH PARTITION public.late FOR VALUES FROM (100) TO (200)");
    ran = ORCHESTRATE(url, "verify", "p");
    EXITS(ran, 5);
    CONTAINS(ran.out, "ALTER TABLE public.late ALTER COLUMN c DROP NOT NULL");
    ran = ORCHESTRATE(url, "advance", "p");
    EXITS(ran, 5);
    CONTAINS(ran.err, "ALTER TABLE public.late ALTER COLUMN c DROP NOT NULL");
    test_sql(conn, "ALTER TABLE public.late ALTER COLUMN c DROP NOT NULL");
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", "retire"), 0);
}
END_TEST

/* _i = 1: after the way back. */
START_TEST(a_table_that_was_taken_out_while_the_column_was_set_aside_is_named)
{
    const char *url, *db = test_scene(TREE, &url);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    EXITS(start(url, CHANGE "}"), 0);
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", "retire"), 0);
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    test_sql(conn, "ALTER TABLE public.p1 DETACH PARTITION public.p11");
    if (_i)
        EXITS(ORCHESTRATE(url, "rollback", "p", "--to", "expand"), 0);
    ran = ORCHESTRATE(url, "verify", "p");
    EXITS(ran, 5);
    CONTAINS(ran.out, "public.p11, which is no partition of");
    ran = ORCHESTRATE(url, "advance", "p", "--confirm", "p");
    EXITS(ran, 5);
    CONTAINS(ran.err, "public.p11, which is no partition of");
    test_sql(conn, "ALTER TABLE public.p11 RENAME COLUMN _orch_1_tombstone TO c");
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    EXITS(ORCHESTRATE(url, "advance", "p", "--confirm", "p"), 0);
}
END_TEST

/* clang-format off */
static const struct kept {
    const char *column, *key; /* of the table, of the plan */
    const char *says;
} kept[] = {
    { "NOT NULL", "}", "it takes NULL; attach it again, or ALTER TABLE public.gone ALTER COLUMN c SET NOT NULL" },
    { "", ", placeholder: 7}", "its default is the placeholder; attach it again, or ALTER TABLE public.gone ALTER COLUMN c DROP DEFAULT" },
    { "DEFAULT 3", ", placeholder: 7}", "ALTER TABLE public.gone ALTER COLUMN c SET DEFAULT 3" },
};
/* clang-format on */

START_TEST(what_expand_did_to_a_partition_that_was_taken_out_since_is_named)
{
    const struct kept *k = &kept[_i];
    const char *url,
        *db = test_scene(
            arena_printf(test_arena(),
                         "CREATE TABLE public.thing (id int, c int %s) PARTITION BY RANGE (id);"
                         "CREATE TABLE public.gone PARTITION OF public.thing DEFAULT",
                         k->column),
            &url);
    PGconn *conn = test_connect(db, "app");
    const char *mend;
    struct ran ran;

    EXITS(start(url, arena_printf(test_arena(), CHANGE "%s", k->key)), 0);
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    test_sql(conn, "ALTER TABLE public.thing DETACH PARTITION public.gone");
    ran = ORCHESTRATE(url, "verify", "p");
    EXITS(ran, 5);
    CONTAINS(ran.out, "public.gone, which is no partition of public.thing any more");
    ran = ORCHESTRATE(url, "advance", "p");
    EXITS(ran, 5);
    CONTAINS(ran.err, "partitions: public.gone, which is no partition of public.thing any more");
    CONTAINS(ran.err, k->says);
    mend = strstr(ran.err, "ALTER TABLE public.gone");
    test_sql(conn, "%.*s", (int)strcspn(mend, "\n"), mend);
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("drop_column of trees");
    TCase *tc = support_case(s, "drop_column of trees", 300);

    support_cases(tc, what_hangs_on_a_partition_is_refused, 0, ARRAY_LEN(hanging));
    support_cases(tc, what_comes_to_hang_on_a_partition_later_is_seen_before_contract, 0,
                  ARRAY_LEN(hanging));
    tcase_add_test(tc, a_partition_that_wants_a_value_is_seen_before_retire);
    tcase_add_loop_test(tc, a_table_that_was_taken_out_while_the_column_was_set_aside_is_named, 0,
                        2);
    tcase_add_loop_test(tc, what_expand_did_to_a_partition_that_was_taken_out_since_is_named, 0,
                        ARRAY_LEN(kept));
    support_long_cases(tc, there_and_back, 0, ARRAY_LEN(there_and_backs));
    return s;
}

int main(void)
{
    return support_run(suite());
}
