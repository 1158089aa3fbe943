/*
 * rename_column on partitioned tables: there and back, with partitions that come
 * meanwhile; what is refused.
 */
#include <string.h>

#include "partitions_fixture.h"

static const char *const phases[] = { "expand", "dual-write", "backfill", "verify",
                                      "switch", "retire",     "contract" };
enum { PHASES = ARRAY_LEN(phases) };

START_TEST(the_end_is_that_of_a_plain_rename_of_the_parent)
{
    struct scene s = started();

    forward(&s, "contract");
    ends_as_a_plain_rename(&s);
}
END_TEST

START_TEST(undone_from_any_phase_the_tree_is_as_it_was_and_it_can_go_forward_again)
{
    struct scene s = started();
    struct ran ran;

    forward(&s, phases[_i]);
    ran = ORCHESTRATE(s.url, "rollback", PLAN, "--to", "start", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"undone\"");
    test_same_schema(s.db, s.twin);
    rows_are_right(&s, "a");
    ran = ORCHESTRATE(s.url, "start", plan(NULL), "--again");
    EXITS(ran, 0);
    forward(&s, "contract");
    ends_as_a_plain_rename(&s);
}
END_TEST

START_TEST(one_phase_undone_is_done_again_by_the_next_advance)
{
    struct scene s = started();
    struct ran ran;

    forward(&s, phases[_i]);
    ran = ORCHESTRATE(s.url, "rollback", PLAN);
    EXITS(ran, 0);
    ran = ORCHESTRATE(s.url, "resume", PLAN);
    EXITS(ran, 0);
    forward(&s, "contract");
    ends_as_a_plain_rename(&s);
}
END_TEST

static void add_rows(const struct scene *s, int n, const char *column)
{
    test_sql(s->conn,
             "INSERT INTO shop.part (id, k, %s, note)"
             " SELECT 1000 * %d + g, 100 + 30 * %d + g, 'v' || 1000 * %d + g, ''"
             " FROM generate_series(0, 29) g",
             column, n, n, n);
}

START_TEST(partitions_may_come_before_and_after_each_phase)
{
    struct scene s = started();
    bool switched = false;

    for (int n = 0; n <= PHASES; n++) {
        if (n > 0)
            forward(&s, phases[n - 1]);
        if (n > 0 && strcmp(phases[n - 1], "switch") == 0) {
            in_twin(&s, "ALTER TABLE shop.part RENAME COLUMN a TO b");
            switched = true;
        }
        test_sql(s.conn, "%s", new_partitions(n + 1));
        in_twin(&s, new_partitions(n + 1));
        /* The new name may be written from verify on, the old one until retire. */
        add_rows(&s, n + 1, n > 3 ? "b" : "a");
    }
    ck_assert(switched);
    test_same_schema(s.db, s.twin);
    ck_assert_int_eq(ROWS + 30 * (PHASES + 1),
                     test_count(s.conn, "SELECT count(*) FROM shop.part WHERE b = 'v' || id"));
}
END_TEST

START_TEST(a_table_that_lacks_the_check_cannot_be_attached_and_the_plan_says_so)
{
    struct scene s = scene_make();
    struct ran ran = ORCHESTRATE(s.url, "start", plan(NULL), "--json");

    EXITS(ran, 0);
    CONTAINS(ran.out,
             "\"message\":\"until contract a table can be attached to shop.part only if it has the "
             "column b and the check _orch_1_equal (before dual-write: _orch_1_wait), so a "
             "partition manager must know both\"");
    forward(&s, "dual-write");
    test_sql(s.conn, "CREATE TABLE shop.bare (id bigint NOT NULL, k int NOT NULL, a text,"
                     " note text, b text)");
    ck_assert_str_eq("42804",
                     test_sqlstate(s.conn, "ALTER TABLE shop.part ATTACH PARTITION shop.bare"
                                           " FOR VALUES FROM (100) TO (110)"));
}
END_TEST

START_TEST(a_partition_that_was_filled_apart_and_does_not_fit_is_found_by_verify)
{
    struct scene s = started();
    struct ran ran;

    forward(&s, "backfill");
    test_sql(s.conn, "CREATE TABLE shop.bare (LIKE shop.part INCLUDING ALL);"
                     "ALTER TABLE shop.bare DROP CONSTRAINT _orch_1_equal;"
                     "INSERT INTO shop.bare VALUES (1, 100, 'x', '', 'y');"
                     "ALTER TABLE shop.bare ADD CONSTRAINT _orch_1_equal CHECK "
                     "(pg_catalog.record_image_eq(ROW(b), ROW(a))) NOT VALID;"
                     "ALTER TABLE shop.part ATTACH PARTITION shop.bare"
                     " FOR VALUES FROM (100) TO (110)");
    ran = ORCHESTRATE(s.url, "advance", PLAN, "--json");
    EXITS(ran, 1);
    CONTAINS(ran.out, "\"sqlstate\":\"23514\"");
    ran = ORCHESTRATE(s.url, "rollback", PLAN, "--to", "dual-write");
    EXITS(ran, 0);
    ran = ORCHESTRATE(s.url, "resume", PLAN);
    EXITS(ran, 0);
    forward(&s, "verify");
    ck_assert_int_eq(1, test_count(s.conn, "SELECT count(*) FROM shop.bare WHERE b = 'x'"));
}
END_TEST

START_TEST(writes_to_a_partition_by_its_own_name_are_kept_in_step_and_metered)
{
    struct scene s = started();
    const char *uses = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM"
                       " shop._orch_1_meter";

    forward(&s, "switch");
    test_sql(s.conn, "UPDATE shop.p31 SET b = 'by new' WHERE id = 20");
    test_sql(s.conn, "INSERT INTO shop.p1 (id, k, b) VALUES (5000, 5, 'by new')");
    ck_assert_int_eq(0, test_count(s.conn, "%s", uses));
    test_sql(s.conn, "UPDATE shop.p31 SET a = 'by old' WHERE id = 20");
    ck_assert_int_eq(1, test_count(s.conn, "%s", uses));
    test_sql(s.conn, "INSERT INTO shop.p1 (id, k, a) VALUES (5001, 5, 'by old')");
    ck_assert_int_eq(2, test_count(s.conn, "%s", uses));
    /* From one partition to another; the rows that both names know are the same. */
    test_sql(s.conn, "UPDATE shop.part SET k = 15, b = 'moved' WHERE id = 20");
    ck_assert_str_eq(
        "moved|moved|shop.p2",
        test_rows(s.conn, "SELECT a, b, tableoid::regclass FROM shop.part WHERE id = 20"));
    ck_assert_int_eq(0, test_count(s.conn, "SELECT count(*) FROM shop.part"
                                           " WHERE a IS DISTINCT FROM b"));
}
END_TEST

START_TEST(on_conflict_by_the_new_name_works_on_the_parent_from_verify_on)
{
    struct scene s = started();
    const char *upsert = "INSERT INTO shop.part (id, k, b) VALUES (1, 1, 'V1')"
                         " ON CONFLICT (lower(b), k, id) DO UPDATE SET note = 'again'";

    forward(&s, "backfill");
    ck_assert_str_eq("42P10", test_sqlstate(s.conn, "%s", upsert));
    forward(&s, "verify");
    test_sql(s.conn, "%s", upsert);
    ck_assert_str_eq("v1|v1|again",
                     test_rows(s.conn, "SELECT a, b, note FROM shop.part WHERE id = 1"));
    forward(&s, "switch");
    test_sql(s.conn, "%s", upsert);
}
END_TEST

/* ---- what is refused ---- */

static void refused(const struct scene *s, const char *code, const char *message)
{
    struct ran ran = ORCHESTRATE(s->url, "start", plan(NULL), "--json");

    EXITS(ran, 5);
    CONTAINS(ran.out,
             arena_printf(test_arena(), "\"code\":\"%s\",\"message\":\"%s\"", code, message));
}

START_TEST(a_foreign_table_among_the_partitions_is_refused_by_name)
{
    struct scene s = { .db = test_database("empty") };
    PGconn *conn = test_connect(s.db, "postgres");

    s.url = test_url(s.db, "app");
    test_sql(conn, "CREATE FOREIGN DATA WRAPPER none; CREATE SERVER away FOREIGN DATA WRAPPER none;"
                   "GRANT USAGE ON FOREIGN SERVER away TO app; SET ROLE app;"
                   "CREATE SCHEMA shop; CREATE TABLE shop.part (id int, a text)"
                   " PARTITION BY RANGE (id);"
                   "CREATE FOREIGN TABLE shop.far PARTITION OF shop.part FOR VALUES FROM (0) TO (9)"
                   " SERVER away");
    refused(&s, "foreign-partition",
            "partitions of shop.part are foreign tables, which cannot be filled or checked from "
            "here: shop.far");
}
END_TEST

START_TEST(a_partition_of_somebody_else_is_refused_by_name)
{
    struct scene s = scene_make();
    PGconn *conn = test_connect(s.db, "postgres");

    test_sql(conn, "ALTER TABLE shop.p31 OWNER TO stranger");
    refused(&s, "partition-owner",
            "partitions of shop.part belong to roles that app may not act for: shop.p31");
}
END_TEST

START_TEST(a_partition_that_came_with_another_owner_is_named_with_what_to_do)
{
    struct scene s = started();
    PGconn *conn = test_connect(s.db, "postgres");
    struct ran ran;

    forward(&s, "expand");
    test_sql(conn, "CREATE TABLE shop.p4 PARTITION OF shop.part FOR VALUES FROM (30) TO (40);"
                   "ALTER TABLE shop.p4 OWNER TO stranger");
    ran = ORCHESTRATE(s.url, "advance", PLAN);
    EXITS(ran, 77);
    CONTAINS(ran.err, "permission denied for table p4");
    CONTAINS(ran.err,
             "Role app has to own what the step alters: the table, and each partition, those made "
             "since `start` too (ALTER TABLE ... OWNER TO app). Then try again.");
    test_sql(conn, "ALTER TABLE shop.p4 OWNER TO app");
    in_twin(&s, "CREATE TABLE shop.p4 PARTITION OF shop.part FOR VALUES FROM (30) TO (40)");
    forward(&s, "contract");
    ends_as_a_plain_rename(&s);
}
END_TEST

START_TEST(a_partition_with_another_default_is_refused_by_name)
{
    struct scene s = scene_make();

    test_sql(s.conn, "ALTER TABLE shop.p2 ALTER COLUMN a SET DEFAULT 'two'");
    refused(&s, "partition-default",
            "partitions of shop.part have another default of a than it has: shop.p2; rows that new "
            "code inserts into them directly, not through shop.part, might get it");
}
END_TEST

START_TEST(a_column_that_a_partition_is_divided_by_is_refused)
{
    struct scene s = scene_make();
    struct ran ran;

    test_sql(s.conn, "CREATE TABLE shop.wide (id int, note text) PARTITION BY RANGE (id);"
                     "CREATE TABLE shop.deep PARTITION OF shop.wide DEFAULT"
                     " PARTITION BY LIST (lower(note))");
    ran = ORCHESTRATE(s.url, "start", test_rename_plan("note", "shop.wide", "note", "remark", NULL),
                      "--json");
    EXITS(ran, 5);
    CONTAINS(ran.out, "\"code\":\"partition-key\",\"message\":\"column note is part of the "
                      "partition key of shop.wide: rows written by the new name could not be "
                      "routed\"");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("partitions");
    TCase *steps = support_case(s, "phases", 180), *others = support_case(s, "others", 120);

    tcase_add_test(steps, the_end_is_that_of_a_plain_rename_of_the_parent);
    tcase_add_loop_test(steps,
                        undone_from_any_phase_the_tree_is_as_it_was_and_it_can_go_forward_again, 0,
                        PHASES - 1);
    tcase_add_loop_test(steps, one_phase_undone_is_done_again_by_the_next_advance, 2, PHASES - 1);
    tcase_add_test(steps, partitions_may_come_before_and_after_each_phase);
    tcase_add_test(others, a_table_that_lacks_the_check_cannot_be_attached_and_the_plan_says_so);
    tcase_add_test(others, a_partition_that_was_filled_apart_and_does_not_fit_is_found_by_verify);
    tcase_add_test(others, writes_to_a_partition_by_its_own_name_are_kept_in_step_and_metered);
    tcase_add_test(others, on_conflict_by_the_new_name_works_on_the_parent_from_verify_on);
    tcase_add_test(others, a_foreign_table_among_the_partitions_is_refused_by_name);
    tcase_add_test(others, a_partition_of_somebody_else_is_refused_by_name);
    tcase_add_test(others, a_partition_that_came_with_another_owner_is_named_with_what_to_do);
    tcase_add_test(others, a_partition_with_another_default_is_refused_by_name);
    tcase_add_test(others, a_column_that_a_partition_is_divided_by_is_refused);
    return s;
}

int main(void)
{
    return support_run(suite());
}
