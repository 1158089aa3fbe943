/*
 * drop_table: foreign keys that partitioned tables have on it.  They come back from below
 * upwards, the names of all parts as before, whatever was done to the partitions meanwhile.
 */
#include <signal.h>
#include <string.h>

#include "drop_table_fixture.h"
#include "operation.h"
#include "orchestrate/base/clock.h"

/* Keys of partitions have other names than that of the whole, a comment, columns in another order.
 */
#define TREE                                                                                       \
    "CREATE TABLE public.tree (t int, id int, x int, y int) PARTITION BY RANGE (t);"               \
    "CREATE TABLE public.tree_a PARTITION OF public.tree FOR VALUES FROM (0) TO (100);"            \
    "CREATE TABLE public.tree_b (x int, junk int, y int, id int, t int);"                          \
    "ALTER TABLE public.tree_b DROP COLUMN junk;"                                                  \
    "ALTER TABLE public.tree_b ADD CONSTRAINT \"Own \"\"key\" FOREIGN KEY (id) REFERENCES "        \
    "public.thing ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;"                                \
    "COMMENT ON CONSTRAINT \"Own \"\"key\" ON public.tree_b IS 'it''s kept';"                      \
    "CREATE TABLE public.tree_c PARTITION OF public.tree FOR VALUES FROM (200) TO (300)"           \
    " PARTITION BY LIST (x);"                                                                      \
    "CREATE TABLE public.tree_ca PARTITION OF public.tree_c DEFAULT;"                              \
    "CREATE TABLE public.tree_cb (t int, id int, y int, x int CONSTRAINT whole CHECK (x = 1));"    \
    "ALTER TABLE public.tree_c ATTACH PARTITION public.tree_cb FOR VALUES IN (1);"                 \
    "ALTER TABLE public.tree_c ADD CONSTRAINT middle FOREIGN KEY (id) REFERENCES public.thing"     \
    " ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;"                                            \
    "ALTER TABLE public.tree ADD CONSTRAINT whole FOREIGN KEY (id) REFERENCES public.thing"        \
    " ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;"                                            \
    "ALTER TABLE public.tree ATTACH PARTITION public.tree_b FOR VALUES FROM (100) TO (200);"       \
    "COMMENT ON CONSTRAINT whole ON public.tree IS 'of all';"                                      \
    "INSERT INTO public.tree SELECT i, 1 + i % 100, i % 3, 1 + i % 100 FROM"                       \
    " generate_series(0, 299) i; SET CONSTRAINTS ALL IMMEDIATE;"
/* Others that are like it: of the whole, of a part, of one partition; and one on several columns.
 */
#define MORE_KEYS                                                                                  \
    "ALTER TABLE public.thing ADD UNIQUE (id, \"Other\");"                                         \
    "ALTER TABLE public.tree_b ADD CONSTRAINT again_b FOREIGN KEY (id) REFERENCES public.thing "   \
    "ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;"                                             \
    "ALTER TABLE public.tree ADD CONSTRAINT again FOREIGN KEY (id) REFERENCES public.thing ON "    \
    "DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;"                                                \
    "ALTER TABLE public.tree_c ADD CONSTRAINT alone_c FOREIGN KEY (id) REFERENCES public.thing "   \
    "ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;"                                             \
    "ALTER TABLE public.tree_b ADD CONSTRAINT alone_b FOREIGN KEY (id) REFERENCES public.thing "   \
    "ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;"                                             \
    "ALTER TABLE public.tree ADD CONSTRAINT many FOREIGN KEY (id, y) REFERENCES public.thing "     \
    "(id, \"Other\") MATCH FULL ON UPDATE CASCADE;"                                                \
    "ALTER TABLE public.tree ADD CONSTRAINT self_id PRIMARY KEY (t, x, id), ADD CONSTRAINT self "  \
    "FOREIGN KEY (t, x, id) REFERENCES public.tree;"
#define TREES                                                                                      \
    "public.thing public.tree public.tree_a public.tree_b public.tree_c public.tree_ca "           \
    "public.tree_cb"
#define KEYS "FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace"

/* clang-format off */
static const struct op_test there_and_backs[] = {
    { .setup = THING TREE, .change = CHANGE, .overrides = "old_name_idle", .also_locks = TREES,
      .plain = "ALTER TABLE public.tree DROP CONSTRAINT whole; DROP TABLE public.thing",
      .contents = "SELECT count(*) FROM public.tree" },
    { .setup = THING ODD_CHILD TREE MORE_KEYS, .change = CHANGE, .overrides = "old_name_idle", .also_locks = TREES " public.child",
      .plain = "ALTER TABLE public.child DROP CONSTRAINT \"Odd \"\"key\", DROP CONSTRAINT child_b_fkey, DROP CONSTRAINT late;"
               "ALTER TABLE public.tree DROP CONSTRAINT whole, DROP CONSTRAINT again, DROP CONSTRAINT many;"
               "ALTER TABLE public.tree_c DROP CONSTRAINT alone_c; ALTER TABLE public.tree_b DROP CONSTRAINT alone_b; DROP TABLE public.thing",
      .contents = "SELECT count(*) FROM public.tree" },
};

/* From 18 on the key of a partitioned table, too, may be NOT VALID, or not enforced. */
static const struct op_test from_18[] = {
    { .setup = THING TREE "ALTER TABLE public.tree ADD CONSTRAINT late FOREIGN KEY (id) REFERENCES public.thing NOT VALID;"
                          "ALTER TABLE public.tree_a VALIDATE CONSTRAINT late;"
                          "ALTER TABLE public.tree ADD CONSTRAINT loose FOREIGN KEY (y) REFERENCES public.thing NOT ENFORCED;"
                          "COMMENT ON CONSTRAINT loose ON public.tree_ca IS 'loose';",
      .change = CHANGE, .overrides = "old_name_idle", .also_locks = TREES,
      .plain = "ALTER TABLE public.tree DROP CONSTRAINT whole, DROP CONSTRAINT late, DROP CONSTRAINT loose; DROP TABLE public.thing" },
    { .setup = "CREATE TABLE public.thing (id int PRIMARY KEY) PARTITION BY RANGE (id);"
               "CREATE TABLE public.thing_a PARTITION OF public.thing DEFAULT; INSERT INTO public.thing SELECT generate_series(1, 100);"
               "CREATE TABLE public.tree (t int, id int) PARTITION BY LIST (t); CREATE TABLE public.tree_a PARTITION OF public.tree DEFAULT;"
               "ALTER TABLE public.tree ADD CONSTRAINT whole FOREIGN KEY (id) REFERENCES public.thing; INSERT INTO public.tree VALUES (1, 1)",
      .change = CHANGE, .overrides = "old_name_idle", .also_locks = "public.thing public.thing_a public.tree public.tree_a",
      .more = "accept: [{rule: partitions, because: a test}]\n",
      .plain = "ALTER TABLE public.tree DROP CONSTRAINT whole; DROP TABLE public.thing" },
};
/* clang-format on */

START_TEST(there_and_back)
{
    op_there_and_back(&there_and_backs[_i]);
}
END_TEST

START_TEST(there_and_back_from_18_on)
{
    if (PQserverVersion(test_connect("postgres", "postgres")) < 180000)
        return;
    op_there_and_back(&from_18[_i]);
}
END_TEST

START_TEST(killed_at_any_moment_it_comes_to_the_same_end)
{
    op_killed(&there_and_backs[_i]);
}
END_TEST

START_TEST(a_lock_in_the_way_of_any_phase)
{
    op_blocked(&there_and_backs[_i]);
}
END_TEST

static const char *db, *url;
static PGconn *conn;

static void retired(void)
{
    db = test_database("empty");
    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    conn = test_connect(db, "app");
    test_sql(conn, "%s", THING TREE);
    EXITS(ORCHESTRATE(url, "start", test_write("p.yaml", "plan: p\nchange:\n  " CHANGE "\n")), 0);
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", "retire", "--override", "old_name_idle",
                      "--because", "a test"),
          0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) " KEYS), 0);
}

/* Every partition has its part of the key, and no table has another one. */
static void is_whole(void)
{
    ck_assert_str_eq(
        test_rows(conn, "SELECT t.relid::regclass FROM pg_partition_tree('public.tree') t WHERE NOT"
                        " EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = t.relid AND"
                        " k.contype = 'f' AND k.convalidated AND (k.conparentid <> 0) = (t.level > "
                        "0))"),
        "");
    ck_assert_int_eq(
        test_count(conn, "SELECT count(*) FROM pg_constraint k WHERE k.contype = 'f' AND"
                         " k.conrelid IN (SELECT relid FROM pg_partition_tree('public.tree'))"),
        test_count(conn, "SELECT count(*) FROM pg_partition_tree('public.tree')"));
}

static void stops_for(const char *orphan)
{
    struct ran ran = ORCHESTRATE(url, "rollback", "p");

    EXITS(ran, 1);
    CONTAINS(ran.err, orphan);
}

START_TEST(rows_without_a_partner_stop_the_way_back_until_they_are_mended)
{
    retired();
    test_sql(conn, "INSERT INTO public.tree VALUES (250, 999, 1, 1), (150, NULL, 0, 0)");
    stops_for("a row of public.tree whose id is (999), which public.thing has not got");
    CONTAINS(ORCHESTRATE(url, "status", "p").out, "undoing");
    /* What is written from here on is looked at already, in every partition. */
    for (int t = 0; t < 300; t += 100)
        ck_assert_str_eq(test_sqlstate(conn,
                                       "INSERT INTO public.tree VALUES (%d, 998, 1);"
                                       " SET CONSTRAINTS ALL IMMEDIATE",
                                       t),
                         "23503");
    stops_for("999");
    test_sql(conn, "DELETE FROM public.tree WHERE id = 999");
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    is_whole();
}
END_TEST

/* One was detached, one was made, one was attached with rows of its own: before and after the
   partitions have got their keys. */
START_TEST(partitions_that_come_and_go_meanwhile)
{
    const char *const changes =
        "CREATE TABLE public.tree_n PARTITION OF public.tree FOR VALUES FROM (300) TO (400);"
        "CREATE TABLE public.tree_m PARTITION OF public.tree FOR VALUES FROM (400) TO (500)"
        " PARTITION BY LIST (x);"
        "CREATE TABLE public.tree_ma (LIKE public.tree);"
        "ALTER TABLE public.tree_ma ADD CONSTRAINT whole CHECK (t > 0);"
        "INSERT INTO public.tree_ma VALUES (450, 777, 1, 1), (451, 1, 1, 1);"
        "ALTER TABLE public.tree_m ATTACH PARTITION public.tree_ma DEFAULT;"
        "ALTER TABLE public.tree DETACH PARTITION public.tree_b;"
        "ALTER TABLE public.tree_c DETACH PARTITION public.tree_cb";

    retired();
    if (_i == 0)
        test_sql(conn, "%s", changes);
    else {
        test_sql(conn, "INSERT INTO public.tree VALUES (250, 999, 1, 1)");
        stops_for("999");
        test_sql(conn, "%s; DELETE FROM public.tree_cb WHERE id = 999", changes);
    }
    stops_for("777");
    test_sql(conn, "DELETE FROM public.tree WHERE id = 777");
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    is_whole();
    /* What was detached with a key has it still, as from a whole one. */
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND"
                                      " conrelid IN ('public.tree_b'::regclass,"
                                      " 'public.tree_cb'::regclass)"),
                     _i == 0 ? 0 : 2);
}
END_TEST

/* Nobody has looked at its rows: they are not read under the lock either. */
START_TEST(a_partition_that_is_attached_while_the_last_lock_is_waited_for)
{
    const char *const args[] = { "rollback", "p", NULL };
    PGconn *blocker;
    struct ran ran;

    retired();
    blocker = test_connect(db, "app");
    test_sql(blocker, "BEGIN; LOCK TABLE ONLY public.tree IN ROW EXCLUSIVE MODE");
    ran = test_spawn(url, args, NULL);
    test_wait(conn, 20, "SELECT count(*) = 2 " KEYS " AND conparentid <> 0");
    clock_sleep(500);
    test_sql(blocker, "CREATE TABLE public.tree_n (LIKE public.tree);"
                      "INSERT INTO public.tree_n VALUES (301, 777, 1, 1);"
                      "ALTER TABLE public.tree ATTACH PARTITION public.tree_n FOR VALUES FROM (300)"
                      " TO (400); COMMIT");
    test_finish(&ran, 60);
    EXITS(ran, 5);
    CONTAINS(ran.err, "public.tree_n became a partition of public.tree just now");
    CONTAINS(ran.err, "Try again");
    ran = ORCHESTRATE(url, "rollback", "p");
    ck_assert_int_ne(ran.status, 0);
    CONTAINS(ran.err, "tree_n");
    CONTAINS(ran.err, "777");
    test_sql(conn, "DELETE FROM public.tree WHERE id = 777");
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    is_whole();
}
END_TEST

/* Killed between two partitions, between the stages, before the whole: it goes on from there. */
START_TEST(killed_between_two_partitions)
{
    static const char *const locked[] = { "public.tree_b", "public.tree_cb", "public.tree_c",
                                          "public.tree" };
    const char *const back[] = { "rollback", "p", NULL };
    PGconn *blocker;
    const char *before;
    struct ran ran;

    retired();
    blocker = test_connect(db, "app");
    test_sql(blocker, "BEGIN; LOCK TABLE ONLY %s IN ROW EXCLUSIVE MODE", locked[_i]);
    ran = test_spawn(url, back, NULL);
    test_wait(conn, 20, "SELECT count(*) = %d " KEYS, _i == 0 ? 1 : _i == 1 ? 3 : _i == 2 ? 4 : 5);
    clock_sleep(100);
    kill(ran.pid, SIGKILL);
    test_finish(&ran, 20);
    test_sql(blocker, "COMMIT");
    EXITS(ORCHESTRATE(url, "rollback", "p", "--to", "start"), 0);
    is_whole();
    before = test_database("empty");
    test_sql(test_connect(before, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(before, "app"), "%s", THING TREE);
    test_same_schema(db, before);
}
END_TEST

/* Since 18 it comes back as a whole where nothing of its partitions differs: only then does who
   owns them not matter. */
START_TEST(partitions_of_others_are_in_the_way_of_what_alters_them)
{
    const char *plan = test_write("p.yaml", "plan: p\nchange:\n  " CHANGE "\n");
    PGconn *super;
    struct ran ran;

    db = test_database("empty");
    url = test_url(db, "app");
    super = test_connect(db, "postgres");
    test_sql(super, "GRANT CREATE ON SCHEMA public TO app; DO $$ BEGIN CREATE ROLE landlord;"
                    " EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    conn = test_connect(db, "app");
    test_sql(conn, "%s",
             THING "CREATE TABLE public.tree (id int) PARTITION BY LIST (id);"
                   "CREATE TABLE public.tree_a PARTITION OF public.tree DEFAULT;"
                   "ALTER TABLE public.tree ADD CONSTRAINT whole FOREIGN KEY (id) REFERENCES "
                   "public.thing; INSERT INTO public.tree VALUES (1)");
    test_sql(super, "ALTER TABLE public.tree_a OWNER TO landlord");
    if (_i == 1)
        test_sql(super, "COMMENT ON CONSTRAINT whole ON public.tree_a IS 'of one'");
    ran = ORCHESTRATE(url, "start", plan);
    if (_i == 1 || PQserverVersion(conn) < 180000) {
        EXITS(ran, 5);
        CONTAINS(ran.err, "partitions of public.tree belong to roles that app may not act for: "
                          "public.tree_a");
        return;
    }
    EXITS(ran, 0);
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", "retire", "--override", "old_name_idle",
                      "--because", "a test"),
          0);
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    is_whole();
}
END_TEST

/* Is there an event of this part with a figure for its lock? */
static bool is_measured(const char *events, int part)
{
    const char *id = arena_printf(test_arena(), "/undo/%d\"", part);

    for (const char *at = strstr(events, id); at; at = strstr(at + 1, id)) {
        const char *figure = strstr(at, "\"lock_ms\":");

        if (figure && figure < at + strcspn(at, "\n") &&
            strncmp(figure, "\"lock_ms\":null", 14) != 0)
            return true;
    }
    return false;
}

/* The longest moment of those that lock tables; validating locks nobody out. */
START_TEST(how_long_each_part_of_the_way_back_locked_is_told)
{
    struct ran ran;

    retired();
    ran = ORCHESTRATE(url, "rollback", "p", "--json=stream");
    EXITS(ran, 0);
    for (int part = 1; part <= 4; part++)
        ck_assert_msg(is_measured(ran.out, part) == (part == 1 || part == 4), "part %d in %s", part,
                      ran.out);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("drop_table_trees");
    TCase *tc = support_case(s, "trees", 300);

    support_cases(tc, there_and_back, 0, ARRAY_LEN(there_and_backs));
    support_cases(tc, there_and_back_from_18_on, 0, ARRAY_LEN(from_18));
    support_long_cases(tc, killed_at_any_moment_it_comes_to_the_same_end, 0,
                       ARRAY_LEN(there_and_backs));
    support_long_cases(tc, a_lock_in_the_way_of_any_phase, 0, ARRAY_LEN(there_and_backs));
    tcase_add_test(tc, rows_without_a_partner_stop_the_way_back_until_they_are_mended);
    tcase_add_loop_test(tc, partitions_that_come_and_go_meanwhile, 0, 2);
    tcase_add_test(tc, a_partition_that_is_attached_while_the_last_lock_is_waited_for);
    tcase_add_loop_test(tc, killed_between_two_partitions, 0, 4);
    tcase_add_loop_test(tc, partitions_of_others_are_in_the_way_of_what_alters_them, 0, 2);
    tcase_add_test(tc, how_long_each_part_of_the_way_back_locked_is_told);
    return s;
}

int main(void)
{
    return support_run(suite());
}
