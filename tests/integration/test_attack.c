/*
 * What gets in the way of a rename in production: triggers of the user, locks of
 * others, long pauses in the middle of a phase, a restored dump, odd names.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plans.h"
#include "support.h"

static const char *db, *url;
static PGconn *conn;

static void setup(const char *role)
{
    db = test_database("empty");
    url = test_url(db, role);
    conn = test_connect(db, "app");
    test_sql(conn, "CREATE SCHEMA shop;"
                   "CREATE TABLE shop.item (id int PRIMARY KEY, a text UNIQUE, n int DEFAULT 0);"
                   "INSERT INTO shop.item SELECT g, 'Row ' || g FROM generate_series(1, 5000) g");
}

static void start(const char *from, const char *to, const char *more)
{
    struct ran ran = ORCHESTRATE(url, "start", test_rename_plan("p", "shop.item", from, to, more));

    EXITS(ran, 0);
}

static struct ran advance(const char *to)
{
    return ORCHESTRATE(url, "advance", "p", "--to", to, "--confirm", "p", "--json");
}

START_TEST(triggers_of_the_user_do_not_fire_on_what_we_copy)
{
    struct ran ran;

    setup(test_migrator());
    test_sql(
        conn,
        "CREATE TABLE shop.fired (what text);"
        "CREATE FUNCTION shop.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO shop.fired VALUES (TG_NAME); RETURN NEW; END $$;"
        "CREATE TRIGGER plain BEFORE UPDATE ON shop.item FOR EACH ROW EXECUTE FUNCTION shop.note();"
        "CREATE TRIGGER listed AFTER UPDATE OF a ON shop.item FOR EACH ROW EXECUTE FUNCTION "
        "shop.note();"
        "CREATE TRIGGER statement AFTER UPDATE ON shop.item FOR EACH STATEMENT EXECUTE FUNCTION "
        "shop.note()");
    start("a", "b", NULL);
    ran = advance("retire");
    EXITS(ran, 0);
    ck_assert_int_eq(0, test_count(conn, "SELECT count(*) FROM shop.fired"));
    test_sql(conn, "UPDATE shop.item SET b = 'new ' || id WHERE id <= 100; TRUNCATE shop.fired");
    /* The undo carries those hundred rows over to the old name. */
    ran = ORCHESTRATE(url, "rollback", "p");
    EXITS(ran, 0);
    ck_assert_int_eq(0, test_count(conn, "SELECT count(*) FROM shop.fired"));
    ck_assert_int_eq(5000, test_count(conn, "SELECT count(*) FROM shop.item WHERE a = b"));
    test_sql(conn, "UPDATE shop.item SET b = 'newer' WHERE id = 1");
    ck_assert_int_eq(3, test_count(conn, "SELECT count(*) FROM shop.fired"));
}
END_TEST

START_TEST(a_table_lock_of_somebody_else_makes_the_backfill_wait_not_fail)
{
    PGconn *other;
    struct ran ran;

    setup("app");
    other = test_connect(db, "app");
    start("a", "b", NULL);
    ran = advance("dual-write");
    EXITS(ran, 0);
    test_sql(other, "BEGIN; LOCK TABLE shop.item IN SHARE MODE");
    ran = test_spawn(url, (const char *const[]){ "advance", "p", NULL }, NULL);
    /* It asks, steps back, and asks again. */
    test_wait(conn, 20,
              "SELECT count(*) > 0 FROM orchestrate.transition WHERE to_phase = 2 AND to_state = "
              "'running'");
    usleep(1500000);
    test_sql(other, "COMMIT");
    test_finish(&ran, 60);
    EXITS(ran, 0);
    CONTAINS(ran.err, "waiting for a lock");
}
END_TEST

START_TEST(a_locked_row_is_left_to_a_later_pass)
{
    PGconn *other;
    struct ran ran;

    setup("app");
    other = test_connect(db, "app");
    start("a", "b", NULL);
    ran = advance("dual-write");
    EXITS(ran, 0);
    test_sql(other, "BEGIN; UPDATE shop.item SET n = 1 WHERE id = 77");
    ran = test_spawn(url, (const char *const[]){ "advance", "p", "--to", "verify", NULL }, NULL);
    test_wait(conn, 30, "SELECT count(*) >= 4999 FROM shop.item WHERE b = a");
    test_sql(other, "ROLLBACK");
    test_finish(&ran, 60);
    EXITS(ran, 0);
    ck_assert_int_eq(5000, test_count(conn, "SELECT count(*) FROM shop.item WHERE b = a"));
}
END_TEST

START_TEST(nobody_waits_behind_us_and_we_give_up_in_the_end)
{
    PGconn *other;
    struct ran ran;

    setup("app");
    other = test_connect(db, "app");
    start("a", "b", "settings: {lock_retry_for: 2s}\n");
    test_sql(other, "BEGIN; SELECT count(*) FROM shop.item");
    ran = ORCHESTRATE(url, "advance", "p", "--json");
    EXITS(ran, 6);
    CONTAINS(ran.out, "\"code\":\"busy\"");
    CONTAINS(ran.out, arena_printf(test_arena(), "\"pid\":%d", PQbackendPID(other)));
    ck_assert_int_eq(0,
                     test_count(conn, "SELECT count(*) FROM orchestrate.transition WHERE seq > 0"));
    test_sql(other, "COMMIT");
    ran = ORCHESTRATE(url, "advance", "p");
    EXITS(ran, 0);
}
END_TEST

START_TEST(a_phase_that_was_begun_does_not_go_on_past_what_has_become_untrue)
{
    PGconn *other;
    struct ran ran;

    setup("app");
    other = test_connect(db, "app");
    start("a", "b", NULL);
    ran = advance("switch");
    EXITS(ran, 0);
    /* retire begins by dropping an index concurrently, which waits for this one. */
    test_sql(other, "BEGIN; SELECT count(*) FROM shop.item");
    ran = test_spawn(url, (const char *const[]){ "advance", "p", NULL }, NULL);
    test_wait(conn, 20,
              "SELECT count(*) > 0 FROM orchestrate.transition WHERE to_phase = 5 AND to_state = "
              "'running'");
    kill(ran.pid, SIGKILL);
    test_finish(&ran, 20);
    test_sql(other, "COMMIT");
    test_sql(
        conn,
        "CREATE FUNCTION shop.low() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " NEW.a := lower(NEW.a); RETURN NEW; END $$;"
        "CREATE TRIGGER low BEFORE INSERT ON shop.item FOR EACH ROW EXECUTE FUNCTION shop.low()");
    test_wait(conn, 20, "SELECT count(*) = 0 FROM pg_locks WHERE locktype = 'advisory'");
    ran = ORCHESTRATE(url, "advance", "p", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"gate\":\"trigger_functions\"");
    test_sql(conn, "INSERT INTO shop.item (id, b) VALUES (9001, 'STILL WORKS')");
    test_sql(conn, "DROP TRIGGER low ON shop.item");
    ran = ORCHESTRATE(url, "advance", "p", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"advanced\"");
}
END_TEST

START_TEST(a_table_made_anew_is_recognised_before_anything_is_touched)
{
    struct ran ran;

    setup("app");
    start("a", "b", NULL);
    ran = advance("verify");
    EXITS(ran, 0);
    test_sql(conn, "ALTER TABLE shop.item RENAME TO item_before;"
                   "CREATE TABLE shop.item (id int PRIMARY KEY, a text, b text)");
    ran = ORCHESTRATE(url, "advance", "p", "--json");
    EXITS(ran, 5);
    CONTAINS(ran.out, "was started for the table");
    ran = ORCHESTRATE(url, "rollback", "p", "--json");
    EXITS(ran, 5);
    CONTAINS(ran.out, "was started for the table");
    test_sql(conn, "DROP TABLE shop.item; ALTER TABLE shop.item_before RENAME TO item");
    ran = ORCHESTRATE(url, "rollback", "p", "--to", "start");
    EXITS(ran, 0);
}
END_TEST

/* clang-format off */
static const struct { const char *table, *from, *to; } names[] = {
    { "\"Order\"",          "user",      "select"            },
    { "\"table\"",          "Mixed Case", "with \"quotes\""  },
    { "\"per%cent\"",       "a%sb",      ":colon $dollar$"   },
    { "\"back\\slash\"",    "it's",      "tab\\t"            },
    { "\"Ünïcödé ☃\"",      "größe",     "大きさ"             },
    { "plain",
      "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz01234567890",
      "zbcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz01234567890" },
};
/* clang-format on */

START_TEST(a_membership_taken_back_is_asked_for_by_the_statement_that_gives_it)
{
    PGconn *super;
    struct ran ran;

    setup("mover");
    super = test_connect(db, "postgres");
    test_sql(super, "CREATE ROLE mover LOGIN IN ROLE app");
    start("a", "b", NULL);
    ran = advance("expand");
    EXITS(ran, 0);
    test_sql(super, "REVOKE app FROM mover; GRANT CREATE, USAGE ON SCHEMA shop TO mover");
    ran = advance("dual-write");
    EXITS(ran, 77);
    CONTAINS(ran.err, "permission denied to set role \"app\"");
    CONTAINS(ran.err,
             "hint: The step runs as role app, of which mover has to be a member (GRANT app TO "
             "mover). Role app has to own what the step alters: the table, and each partition, "
             "those made since `start` too (ALTER TABLE ... OWNER TO app). Then try again.\n");
    test_sql(super, "GRANT app TO mover");
    ran = advance("contract");
    EXITS(ran, 0);
}
END_TEST

START_TEST(odd_names_are_names)
{
    const char *table = arena_printf(test_arena(), "shop.%s", names[_i].table);
    const char *from = pg_ident(test_arena(), names[_i].from);
    const char *to = pg_ident(test_arena(), names[_i].to);
    struct ran ran;

    setup("app");
    test_sql(conn,
             "CREATE TABLE %s (id int PRIMARY KEY, %s text NOT NULL DEFAULT 'x'); INSERT INTO %s "
             "SELECT generate_series(1, 50)",
             table, from, table);
    ran =
        ORCHESTRATE(url, "start", test_rename_plan("p", table, names[_i].from, names[_i].to, NULL));
    EXITS(ran, 0);
    ran = advance("switch");
    EXITS(ran, 0);
    test_sql(conn, "INSERT INTO %s (id, %s) VALUES (100, 'old')", table, from);
    test_sql(conn, "INSERT INTO %s (id, %s) VALUES (101, 'new')", table, to);
    ck_assert_int_eq(52,
                     test_count(conn, "SELECT count(*) FROM %s WHERE %s = %s", table, from, to));
    ran = advance("contract");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"gate\":\"old_name_idle\""); /* somebody has just used the old name */
    ran = ORCHESTRATE(url, "advance", "p", "--to", "contract", "--confirm", "p", "--override",
                      "old_name_idle", "--because", "a test", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"complete\"");
    ck_assert_int_eq(52, test_count(conn, "SELECT count(%s) FROM %s", to, table));
}
END_TEST

START_TEST(an_empty_table_is_renamed_too)
{
    struct ran ran;

    setup("app");
    test_sql(conn, "TRUNCATE shop.item");
    start("a", "b", NULL);
    ran = advance("contract");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"complete\"");
}
END_TEST

/* Of ours, as the server shows them. */
#define SESSIONS                                                                                   \
    "FROM pg_stat_activity WHERE datname = current_database()"                                     \
    " AND application_name ~ '^orchestrate/'"

START_TEST(jobs_fill_side_by_side)
{
    struct ran ran;

    setup("app");
    start("a", "b", "settings: {jobs: 4, duty: 20%, batch_rows: {start: 50, max: 50}}\n");
    advance("dual-write");
    ran = test_spawn(url, (const char *const[]){ "advance", "p", NULL }, NULL);
    test_wait(conn, 20, "SELECT count(DISTINCT pid) = 4 " SESSIONS " AND query ~ 'UPDATE'");
    test_finish(&ran, 60);
    EXITS(ran, 0);
    ck_assert_int_eq(5000, test_count(conn, "SELECT count(*) FROM shop.item WHERE b = a"));
    test_wait(conn, 5, "SELECT count(*) = 0 " SESSIONS);
}
END_TEST

/* What the others had to do is done by those that are left. */
START_TEST(jobs_go_on_when_a_connection_is_lost)
{
    struct ran ran;

    setup("app");
    start("a", "b", "settings: {jobs: 3, duty: 5%, batch_rows: {start: 50, max: 50}}\n");
    advance("dual-write");
    ran = test_spawn(url, (const char *const[]){ "advance", "p", NULL }, NULL);
    test_wait(conn, 20, "SELECT count(DISTINCT pid) = 3 " SESSIONS " AND query ~ 'UPDATE'");
    test_sql(conn, "SELECT pg_terminate_backend(pid) " SESSIONS
                   " AND pid NOT IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')");
    test_finish(&ran, 60);
    EXITS(ran, 0);
    CONTAINS(ran.err, "was lost; it goes on without");
    ck_assert_int_eq(5000, test_count(conn, "SELECT count(*) FROM shop.item WHERE b = a"));
}
END_TEST

/* The test's own session and one more is all that the role may have. */
START_TEST(jobs_that_cannot_connect_are_said_and_done_without)
{
    PGconn *super;
    struct ran ran;

    setup("app");
    super = test_connect(db, "postgres");
    start("a", "b", "settings: {jobs: 4}\n");
    advance("dual-write");
    test_sql(super, "ALTER ROLE app CONNECTION LIMIT 2");
    ran = advance("backfill");
    test_sql(super, "ALTER ROLE app CONNECTION LIMIT -1");
    EXITS(ran, 0);
    CONTAINS(ran.err, "`jobs` is 4, but only 1 could connect");
    CONTAINS(ran.out, "too many connections");
    PQfinish(super);
}
END_TEST

START_TEST(who_may_only_read_sees_status_and_changes_nothing)
{
    struct ran ran;

    setup("app");
    start("a", "b", NULL);
    test_sql(conn, "SELECT orchestrate.admit('reader', false)");
    ran = ORCHESTRATE(test_url(db, "reader"), "status", "p", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"state\":\"ready\"");
    ran = ORCHESTRATE(test_url(db, "reader"), "advance", "p", "--json");
    EXITS(ran, 77);
    ck_assert_int_eq(0,
                     test_count(conn, "SELECT count(*) FROM orchestrate.transition WHERE seq > 0"));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("attack");
    TCase *tcase = support_case(s, "attack", 120);

    tcase_add_test(tcase, triggers_of_the_user_do_not_fire_on_what_we_copy);
    tcase_add_test(tcase, a_table_lock_of_somebody_else_makes_the_backfill_wait_not_fail);
    tcase_add_test(tcase, a_locked_row_is_left_to_a_later_pass);
    tcase_add_test(tcase, nobody_waits_behind_us_and_we_give_up_in_the_end);
    tcase_add_test(tcase, a_phase_that_was_begun_does_not_go_on_past_what_has_become_untrue);
    tcase_add_test(tcase, a_table_made_anew_is_recognised_before_anything_is_touched);
    tcase_add_test(tcase, a_membership_taken_back_is_asked_for_by_the_statement_that_gives_it);
    support_cases(tcase, odd_names_are_names, 0, ARRAY_LEN(names));
    tcase_add_test(tcase, an_empty_table_is_renamed_too);
    tcase_add_test(tcase, jobs_fill_side_by_side);
    tcase_add_test(tcase, jobs_go_on_when_a_connection_is_lost);
    tcase_add_test(tcase, jobs_that_cannot_connect_are_said_and_done_without);
    tcase_add_test(tcase, who_may_only_read_sees_status_and_changes_nothing);
    return s;
}

int main(void)
{
    return support_run(suite());
}
