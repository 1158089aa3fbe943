/*
 * Never two at once: however many invocations start, a phase runs once.
 */
#include <stdlib.h>
#include <string.h>

#include "orchestrate/base/text.h"
#include "plans.h"
#include "support.h"

enum { AT_ONCE = 8, ROUNDS = 50, RUN_LOCK = 0x6f726368 };

static const char *db, *url;
static PGconn *conn;

static void setup(void)
{
    db = test_database("empty");
    url = test_url(db, "app");
    conn = test_connect(db, "app");
    test_sql(conn, "CREATE SCHEMA shop;"
                   "CREATE TABLE shop.item (id int PRIMARY KEY, a text NOT NULL UNIQUE);"
                   "INSERT INTO shop.item SELECT g, 'row ' || g FROM generate_series(1, 2000) g");
}

static void start(int n)
{
    bool forth = n % 2 == 0;
    const char *name = arena_printf(test_arena(), "forth-%d", n);
    struct ran ran = ORCHESTRATE(
        url, "start",
        test_rename_plan(name, "shop.item", forth ? "a" : "b", forth ? "b" : "a", NULL));

    EXITS(ran, 0);
}

/* Eight at once; returns how many say that they did something. */
static int round_of(const char *name)
{
    struct ran ran[AT_ONCE];
    int did = 0;

    for (int i = 0; i < AT_ONCE; i++)
        ran[i] = test_spawn(
            url, (const char *const[]){ "advance", name, "--confirm", name, "--json", NULL }, NULL);
    for (int i = 0; i < AT_ONCE; i++) {
        test_finish(&ran[i], 60);
        /* 6: it met another one in the middle of a commit. */
        ck_assert_msg(ran[i].status == 0 || ran[i].status == 6, "exit %d\n%s\n%s", ran[i].status,
                      ran[i].out, ran[i].err);
        did += strstr(ran[i].out, "\"code\":\"advanced\"") ||
               strstr(ran[i].out, "\"code\":\"complete\"");
    }
    return did;
}

START_TEST(eight_at_once_run_each_phase_exactly_once)
{
    int run = 0, did = 0;
    const char *name;

    setup();
    start(run);
    for (int i = 0; i < ROUNDS; i++) {
        name = arena_printf(test_arena(), "forth-%d", run);
        did += round_of(name);
        if (strcmp(test_value(conn,
                              "SELECT ended_at IS NOT NULL FROM orchestrate.plan WHERE name = '%s'",
                              name),
                   "t") == 0)
            start(++run);
    }
    ck_assert_int_gt(run, 2);
    /* Everyone who says so did a phase of his own, and nobody did one again. */
    ck_assert_int_eq(
        did,
        test_count(conn, "SELECT count(*) FROM orchestrate.transition WHERE to_state = 'done'"));
    ck_assert_int_eq(
        0, test_count(conn, "SELECT count(*) FROM (SELECT run, to_phase FROM orchestrate.transition"
                            " WHERE to_state = 'done' GROUP BY 1, 2 HAVING count(*) > 1) x"));
    ck_assert_int_eq(
        0,
        test_count(conn, "SELECT count(*) FROM orchestrate.transition WHERE to_state = 'failed'"));
    ck_assert_int_eq(2000, test_count(conn, "SELECT count(*) FROM shop.item"));
}
END_TEST

START_TEST(eight_starts_at_once_register_one_run)
{
    struct ran ran[AT_ONCE];
    const char *plan;

    setup();
    plan = test_rename_plan("once", "shop.item", "a", "b", NULL);
    for (int i = 0; i < AT_ONCE; i++)
        ran[i] = test_spawn(url, (const char *const[]){ "start", plan, NULL }, NULL);
    for (int i = 0; i < AT_ONCE; i++) {
        test_finish(&ran[i], 60);
        ck_assert_msg(ran[i].status == 0, "exit %d\n%s", ran[i].status, ran[i].err);
    }
    ck_assert_int_eq(1, test_count(conn, "SELECT count(*) FROM orchestrate.plan"));
}
END_TEST

START_TEST(a_phase_live_in_another_process_is_in_progress_and_says_who)
{
    struct ran first, second;
    PGconn *blocker;

    setup();
    blocker = test_connect(db, "app");
    start(0);
    /* The first one cannot have its lock, and keeps trying. */
    test_sql(blocker, "BEGIN; SELECT * FROM shop.item LIMIT 1");
    first = test_spawn(url, (const char *const[]){ "advance", "forth-0", NULL }, NULL);
    test_wait(conn, 20, "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory'");
    second = ORCHESTRATE(url, "advance", "forth-0", "--json");
    EXITS(second, 0);
    CONTAINS(second.out, "\"code\":\"in_progress\"");
    test_sql(blocker, "COMMIT");
    test_finish(&first, 60);
    EXITS(first, 0);
}
END_TEST

/*
 * From switch; and from expand, where nothing is left behind it.  All have read where the
 * run stands, and wait for its lock (the run's number is 1), before the first one has it.
 */
START_TEST(rollbacks_at_once_undo_one_phase)
{
    static const char *const targets[] = { "switch", "expand" };
    PGconn *holder;
    struct ran ran[3];
    int did = 0, late = 0;

    setup();
    start(0);
    EXITS(ORCHESTRATE(url, "advance", "forth-0", "--to", targets[_i]), 0);
    holder = test_connect(db, "app");
    ck_assert_int_eq(
        1, test_count(holder, "SELECT count(pg_advisory_lock(%d, run::int)) FROM orchestrate.plan",
                      RUN_LOCK));
    for (size_t i = 0; i < ARRAY_LEN(ran); i++)
        ran[i] = test_spawn(url, (const char *const[]){ "rollback", "forth-0", NULL }, NULL);
    test_wait(conn, 20,
              "SELECT count(*) = %d FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
              " AND datname = current_database() AND query LIKE '%%pg_try_advisory_lock%%'",
              (int)ARRAY_LEN(ran));
    PQfinish(holder);
    for (size_t i = 0; i < ARRAY_LEN(ran); i++) {
        test_finish(&ran[i], 60);
        /* 6: another one took over before it had undone anything. */
        ck_assert_msg(ran[i].status == 0 || ran[i].status == 6, "exit %d\n%s\n%s", ran[i].status,
                      ran[i].out, ran[i].err);
        did += text_starts(ran[i].out, "forth-0: undone");
        late += strstr(ran[i].out, "nothing to undo: another process has just done it") != NULL;
    }
    ck_assert_int_eq(did, 1);
    ck_assert_int_ge(late, 1);
    ck_assert_int_eq(1, test_count(conn, "SELECT count(*) FROM orchestrate.transition"
                                         " WHERE to_state = 'undone'"));
}
END_TEST

/* What the two agree on is that switch is undone, and nothing else done. */
START_TEST(an_advance_beside_a_rollback_does_not_say_that_it_was_done)
{
    struct ran back, forth;
    int64_t done;

    setup();
    start(0);
    EXITS(ORCHESTRATE(url, "advance", "forth-0", "--to", "verify"), 0);
    back = test_spawn(url, (const char *const[]){ "rollback", "forth-0", NULL }, NULL);
    forth = test_spawn(url, (const char *const[]){ "advance", "forth-0", NULL }, NULL);
    test_finish(&back, 60);
    test_finish(&forth, 60);
    done = test_count(conn, "SELECT count(*) FROM orchestrate.transition"
                            " WHERE to_state = 'done' AND to_phase > 3");
    if (strstr(forth.out, "done"))
        ck_assert_msg(done == 1, "%s\n%s", forth.out, back.out);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("concurrency");
    TCase *tcase = support_case(s, "concurrency", 300);

    tcase_add_test(tcase, eight_at_once_run_each_phase_exactly_once);
    tcase_add_test(tcase, eight_starts_at_once_register_one_run);
    tcase_add_loop_test(tcase, rollbacks_at_once_undo_one_phase, 0, 2);
    tcase_add_test(tcase, an_advance_beside_a_rollback_does_not_say_that_it_was_done);
    tcase_add_test(tcase, a_phase_live_in_another_process_is_in_progress_and_says_who);
    return s;
}

int main(void)
{
    return support_run(suite());
}
