/*
 * rename_column on partitioned tables that are in use: partitions that somebody holds, and
 * that are made, attached, detached and dropped under the backfill.
 */
#include <signal.h>

#include "orchestrate/base/clock.h"
#include "partitions_fixture.h"

/* ---- locks ---- */

START_TEST(who_holds_one_partition_is_waited_for_and_nobody_else_waits_for_long)
{
    struct scene s = started();
    PGconn *holder = test_connect(s.db, "app");
    struct ran ran;
    double longest = 0;

    test_sql(holder, "BEGIN; SELECT count(*) FROM shop.p32");
    ran = test_spawn(s.url, (const char *const[]){ "advance", PLAN, "--json", NULL }, NULL);
    for (int64_t end = clock_ms() + 4000; clock_ms() < end;) {
        double begun = clock_ms_exact(), ms;

        test_sql(s.conn, "UPDATE shop.part SET note = note WHERE id = 1 AND k = 1");
        ms = clock_ms_exact() - begun;
        longest = ms > longest ? ms : longest;
    }
    test_sql(holder, "COMMIT");
    test_finish(&ran, 60);
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"advanced\"");
    CONTAINS(ran.err, "shop.p32");
    /* lock_timeout is 50 ms; the rest is for a machine that does other things, too. */
    ck_assert_msg(longest < 400, "a statement waited for %.0f ms", longest);
}
END_TEST

START_TEST(several_held_partitions_share_one_lock_timeout)
{
    struct scene s = started();
    PGconn *holders[4];
    static const char *const leaves[] = { "p1", "p2", "p31", "p32" };
    struct ran ran;
    int64_t end = clock_ms() + 20000;
    bool seen = false;

    /* Fresh transactions, again and again: the tool does queue behind those. */
    for (int i = 0; i < 4; i++)
        holders[i] = test_connect(s.db, "app");
    ran = test_spawn(
        s.url, (const char *const[]){ "advance", PLAN, "--to", "switch", "--json", NULL }, NULL);
    while (clock_ms() < end && !seen) {
        for (int i = 0; i < 4; i++)
            test_sql(holders[i], "BEGIN; SELECT count(*) FROM shop.%s", leaves[i]);
        clock_sleep(40);
        for (int i = 0; i < 4; i++)
            test_sql(holders[i], "COMMIT");
        seen = test_count(s.conn, "SELECT count(*) FROM orchestrate.plan p JOIN"
                                  " orchestrate.transition t USING (run) WHERE t.to_state = 'done'"
                                  " AND t.to_phase = 4") > 0;
    }
    test_finish(&ran, 60);
    EXITS(ran, 0);
    rows_are_right(&s, "b");
}
END_TEST

/* ---- the backfill ---- */

START_TEST(partitions_are_dropped_detached_renamed_and_attached_under_the_backfill)
{
    static const char slow[] = "settings:\n  batch_rows: {start: 10, max: 10}\n  duty: 5%\n";
    struct scene s = scene_make();
    struct ran ran;

    test_sql(s.conn,
             "INSERT INTO shop.part SELECT g, g %% 30, 'v' || g, ''"
             " FROM generate_series(%d, 20000) g",
             ROWS + 1);
    ran = ORCHESTRATE(s.url, "start", plan(slow));
    EXITS(ran, 0);
    ran = ORCHESTRATE(s.url, "advance", PLAN, "--to", "dual-write");
    EXITS(ran, 0);
    ran = test_spawn(s.url, (const char *const[]){ "advance", PLAN, "--json", NULL }, NULL);
    test_wait(s.conn, 30, "SELECT EXISTS (SELECT FROM shop.part WHERE b IS NOT NULL)");
    test_sql(s.conn, "ALTER TABLE shop.p31 RENAME TO p31_renamed");
    test_sql(s.conn, "ALTER TABLE shop.p3 DETACH PARTITION shop.p32");
    test_sql(s.conn, "DROP TABLE shop.p2");
    test_sql(s.conn, "%s", new_partitions(1));
    test_sql(s.conn, "INSERT INTO shop.part (id, k, a) VALUES (50000, 131, 'late')");
    kill(ran.pid, SIGTERM);
    test_finish(&ran, 60);
    EXITS(ran, 143);
    forward(&s, "switch");
    ck_assert_int_eq(0, test_count(s.conn, "SELECT count(*) FROM shop.part"
                                           " WHERE a IS DISTINCT FROM b OR b IS NULL"));
    ck_assert_int_gt(test_count(s.conn, "SELECT count(*) FROM shop.part"), ROWS);
}
END_TEST

START_TEST(what_was_attached_while_a_backfill_lay_still_is_swept_whatever_its_age)
{
    static const char slow[] = "settings:\n  batch_rows: {start: 10, max: 10}\n  duty: 5%\n";
    struct scene s = scene_make();
    struct ran ran;

    test_sql(s.conn, "CREATE TABLE shop.apart (LIKE shop.p1 INCLUDING DEFAULTS)");
    test_sql(s.conn, "INSERT INTO shop.apart (id, k, a) VALUES (1, 40, 'apart')");
    test_sql(s.conn, "ALTER TABLE shop.part DETACH PARTITION shop.p1; DROP TABLE shop.p1;"
                     "CREATE TABLE shop.p1 PARTITION OF shop.part FOR VALUES FROM (0) TO (10);"
                     "INSERT INTO shop.part SELECT g, 1, 'v' FROM generate_series(1, 30000) g;"
                     "DROP TABLE shop.p2, shop.p3");
    ran = ORCHESTRATE(s.url, "start", plan(slow));
    EXITS(ran, 0);
    forward(&s, "dual-write");
    ran = test_spawn(s.url, (const char *const[]){ "advance", PLAN, "--json", NULL }, NULL);
    test_wait(s.conn, 30, "SELECT count(*) > 0 FROM orchestrate.checkpoint");
    kill(ran.pid, SIGTERM);
    test_finish(&ran, 60);
    EXITS(ran, 143);
    test_sql(s.conn,
             "ALTER TABLE shop.apart ADD COLUMN b text;"
             "ALTER TABLE shop.apart ADD CONSTRAINT _orch_1_equal"
             " CHECK (record_image_eq(ROW(b), ROW(a))) NOT VALID;"
             "ALTER TABLE shop.part ATTACH PARTITION shop.apart FOR VALUES FROM (40) TO (50)");
    forward(&s, "switch");
    ck_assert_int_eq(test_count(s.conn, "SELECT count(*) FROM shop.part WHERE a = b"), 30001);
}
END_TEST

/* ---- several connections ---- */

#define FILLING                                                                                    \
    "FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE"           \
    " 'orchestrate/%%' AND query LIKE '%%UPDATE%%'"

/* A row that were filled twice would have 2; one that was missed, 0. */
START_TEST(two_jobs_fill_each_row_of_the_partitions_once_also_when_they_are_killed)
{
    static const char filling[] =
        "plan: fill\nphases:\n  - name: one\n    steps:\n"
        "      - backfill: {table: shop.part, set: {n: n + 1}, where: n < 1}\n"
        "        undo: none\n"
        "settings: {jobs: 2, batch_rows: {start: 20, max: 20}, duty: 10%}\n";
    struct scene s = scene_make();
    const char *const args[] = { "advance", "fill", NULL };
    struct ran ran;

    test_sql(s.conn, "INSERT INTO shop.part SELECT g, g %% 30, 'v', '' FROM generate_series(601,"
                     " 6000) g; ALTER TABLE shop.part ADD n int NOT NULL DEFAULT 0");
    EXITS(ORCHESTRATE(s.url, "start", test_write("fill.yaml", filling)), 0);
    for (int kills = 0; kills < 3; kills++) {
        int64_t before = test_count(s.conn, "SELECT sum(n) FROM shop.part");

        ran = test_spawn(s.url, args, NULL);
        test_wait(s.conn, 30, "SELECT count(DISTINCT pid) = 2 " FILLING);
        test_wait(s.conn, 30, "SELECT sum(n) > %d FROM shop.part", (int)before + 100);
        kill(ran.pid, SIGKILL);
        test_finish(&ran, 20);
        ck_assert_int_eq(ran.status, 128 + SIGKILL);
        test_wait(s.conn, 30, "SELECT count(*) = 0 " FILLING);
    }
    EXITS(ORCHESTRATE(s.url, "advance", "fill", "--fast"), 0);
    ck_assert_str_eq(test_rows(s.conn, "SELECT n, count(*) FROM shop.part GROUP BY n"), "1|6000");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("partitions_busy");
    TCase *tc = support_case(s, "busy", 120);

    tcase_add_test(tc, who_holds_one_partition_is_waited_for_and_nobody_else_waits_for_long);
    tcase_add_test(tc, several_held_partitions_share_one_lock_timeout);
    tcase_add_test(tc, partitions_are_dropped_detached_renamed_and_attached_under_the_backfill);
    tcase_add_test(tc, what_was_attached_while_a_backfill_lay_still_is_swept_whatever_its_age);
    tcase_add_test(tc, two_jobs_fill_each_row_of_the_partitions_once_also_when_they_are_killed);
    return s;
}

int main(void)
{
    return support_run(suite());
}
