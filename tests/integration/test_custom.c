/*
 * A plan of one's own, killed at each of its statements: the same command again comes to
 * the same end, and nothing has happened twice.
 */
#include <signal.h>
#include <string.h>

#include "operation.h"
#include "orchestrate/base/clock.h"
#include "plans.h"
#include "support.h"

/* Waits where the test wants it to: for an advisory lock of that number. */
#define SETUP                                                                                      \
    "CREATE TABLE public.ledger (n int); CREATE TABLE public.t (id int PRIMARY KEY, a int);"       \
    "INSERT INTO public.t SELECT i, i FROM generate_series(1, 3000) AS i;"                         \
    "CREATE FUNCTION public.stop(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN"                  \
    " PERFORM pg_advisory_lock_shared(n); PERFORM pg_advisory_unlock_shared(n); RETURN n;"         \
    " END $$;"

/* clang-format off */
static const char plan[] =
    "plan: own\n"
    "phases:\n"
    "  - name: first\n"
    "    steps:\n"
    "      - sql: |\n"
    "          -- a comment; with a semicolon\n"
    "          INSERT INTO ledger SELECT stop(1);\n"
    "          ALTER TABLE t ADD COLUMN b int;\n"
    "          INSERT INTO ledger SELECT stop(2);\n"
    "          DO $x$ BEGIN PERFORM stop(3); END; $x$\n"
    "        undo: ALTER TABLE t DROP COLUMN b; DELETE FROM ledger WHERE n < 4\n"
    "      - sql: INSERT INTO ledger SELECT stop(4)\n"
    "        undo: DELETE FROM ledger WHERE n = 4\n"
    "  - name: second\n"
    "    steps:\n"
    "      - backfill: {table: t, set: {b: 'a * 2'}, where: 'b IS DISTINCT FROM a * 2'}\n"
    "        undo: none\n"
    "      - concurrently: CREATE INDEX CONCURRENTLY t_b ON t (b)\n"
    "        undo: DROP INDEX CONCURRENTLY t_b\n"
    "      - check: SELECT id FROM t WHERE b IS DISTINCT FROM a * 2 OR stop(5) IS NULL\n"
    "      - sql: INSERT INTO ledger SELECT stop(6)\n"
    "        undo: DELETE FROM ledger WHERE n = 6\n";
/* clang-format on */

static const char *started(const char **url)
{
    const char *db = test_database("empty");

    *url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"), "%s", SETUP);
    EXITS(ORCHESTRATE(*url, "start", test_write("own.yaml", plan)), 0);
    return db;
}

static void ends_well(const char *db, const char *url)
{
    const char *twin_url, *twin = started(&twin_url);
    PGconn *conn = test_connect(db, "app");

    EXITS(ORCHESTRATE(url, "advance", "own", "--to", "second"), 0);
    EXITS(ORCHESTRATE(twin_url, "advance", "own", "--to", "second"), 0);
    ck_assert_str_eq(test_rows(conn, "SELECT n FROM public.ledger ORDER BY n"), "1\n2\n4\n6");
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.t WHERE b = a * 2"), 3000);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 0);
    op_same("killed", db, twin);
    /* And all the way back. */
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "start", "--confirm", "own"), 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.ledger"), 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_attribute WHERE attrelid ="
                                      " 'public.t'::regclass AND attname IN ('b')"),
                     0);
}

/* What stops it where it is to be killed, how to see that it has stopped, and what lets go. */
static const struct {
    const char *hold, *stopped, *release;
} places[] = {
#define AT(n)                                                                                      \
    {                                                                                              \
        "SELECT pg_advisory_lock(" #n ")",                                                         \
            "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objid = " #n        \
            " AND NOT granted",                                                                    \
            "SELECT pg_advisory_unlock(" #n ")"                                                    \
    }
    AT(1),
    AT(2),
    AT(3),
    AT(4),
    AT(5),
    AT(6),
    { "BEGIN; UPDATE public.t SET a = a WHERE id = 2500", /* the rows around it are filled */
      "SELECT count(*) > 1000 FROM public.t WHERE b = a * 2", "COMMIT" },
    { "BEGIN; SELECT pg_current_xact_id(); SELECT count(*) FROM public.ledger",
      "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted", "COMMIT" },
};

START_TEST(killed_at_a_statement_it_goes_on_and_does_nothing_twice)
{
    const char *url, *db = started(&url);
    PGconn *hold = test_connect(db, "app"), *look = test_connect(db, "app");
    const char *const advance[] = { "advance", "own", "--to", "second", NULL };
    struct ran ran;

    /* What an old snapshot holds up comes later than the phase before. */
    if (_i >= 6)
        EXITS(ORCHESTRATE(url, "advance", "own", "--to", "first"), 0);
    if (_i == 7)
        test_sql(hold, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");
    test_sql(hold, "%s", places[_i].hold);
    ran = test_spawn(url, advance, NULL);
    test_wait(look, 60, "%s", places[_i].stopped);
    kill(ran.pid, SIGKILL);
    test_finish(&ran, 20);
    test_sql(hold, "%s", places[_i].release);
    test_wait(test_connect(db, "postgres"), 60,
              "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database() AND"
              " application_name LIKE 'orchestrate/%%'");
    ends_well(db, url);
}
END_TEST

START_TEST(a_statement_that_fails_takes_its_step_back_with_it)
{
    const char *url, *db = test_database("empty");
    struct ran ran;

    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"), "%s", SETUP);
    EXITS(ORCHESTRATE(url, "start",
                      test_write("own.yaml",
                                 "plan: own\nphases:\n  - name: one\n    steps:\n"
                                 "      - sql: INSERT INTO ledger VALUES (1); SELECT 1 / 0\n"
                                 "        undo: none\n")),
          0);
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 1);
    CONTAINS(ran.err, "statement 2 (SELECT 1 / 0)");
    CONTAINS(ran.err, "division by zero");
    ck_assert_int_eq(test_count(test_connect(db, "app"), "SELECT count(*) FROM public.ledger"), 0);
}
END_TEST

START_TEST(a_lock_that_is_not_granted_is_asked_for_again)
{
    const char *url, *db = started(&url);
    PGconn *hold = test_connect(db, "app");
    struct ran ran;

    test_sql(hold, "BEGIN; LOCK TABLE public.t IN ACCESS SHARE MODE");
    ran = test_spawn(url, (const char *const[]){ "advance", "own", NULL }, NULL);
    clock_sleep(2500); /* more than one try */
    test_sql(hold, "COMMIT");
    test_finish(&ran, 60);
    EXITS(ran, 0);
    ck_assert_str_eq(test_rows(hold, "SELECT n FROM public.ledger ORDER BY n"), "1\n2\n4");
}
END_TEST

START_TEST(two_at_once_do_each_phase_once)
{
    const char *url, *db = started(&url);
    const char *const advance[] = { "advance", "own", "--to", "second", NULL };
    struct ran a = test_spawn(url, advance, NULL), b = test_spawn(url, advance, NULL);

    test_finish(&a, 60);
    test_finish(&b, 60);
    ends_well(db, url);
}
END_TEST

START_TEST(verify_tells_whether_it_has_happened)
{
    static const char own[] = "plan: own\nphases:\n  - name: one\n    steps:\n"
                              "      - concurrently: VACUUM t\n"
                              "        verify: SELECT count(*) = 1 FROM ledger\n"
                              "        undo: none\n";
    const char *url, *db = test_database("empty");
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(conn, "%s", SETUP);
    EXITS(ORCHESTRATE(url, "start", test_write("own.yaml", own)), 0);
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 1);
    CONTAINS(ran.err, "verify");
    test_sql(conn, "INSERT INTO public.ledger VALUES (1)");
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
}
END_TEST

/* `words` is one step, in YAML; what the step behind it finds of the session is noted. */
static const char *const setters[] = {
    "sql: SELECT set_config('role', 'writer', false)",
    "sql: SELECT set_config('search_path', 'evil, public', false)",
    ("sql: SELECT set_config('statement_timeout', '1ms', false), set_config('work_mem', '1MB', "
     "false)"),
    "sql: SELECT pg_advisory_unlock_all()",
    "check: SELECT 1 WHERE set_config('role', 'writer', false) IS NULL",
    "check: SELECT 1 WHERE pg_advisory_unlock_all() IS NULL",
    ("backfill: {table: t, set: {a: '0 * length(set_config(''work_mem'', ''1MB'', false))'}, "
     "where: "
     "a = 1}"),
};

START_TEST(what_a_statement_sets_ends_with_its_step)
{
    const char *url, *db = test_database("empty");
    PGconn *conn = test_connect(db, "app");
    const char *undo = strncmp(setters[_i], "check", 5) == 0 ? "" : "        undo: none\n";

    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"),
             "GRANT CREATE ON SCHEMA public TO app; GRANT writer TO app");
    test_sql(
        conn,
        "%s CREATE TABLE public.found (who text, path text, timeout text, memory text, locks int)",
        SETUP);
    EXITS(ORCHESTRATE(url, "start",
                      test_write("own.yaml",
                                 arena_printf(test_arena(),
                                              "plan: own\nphases:\n  - name: one\n    steps:\n"
                                              "      - %s\n%s"
                                              "      - sql: INSERT INTO found SELECT current_user,"
                                              " current_setting('search_path'),"
                                              " current_setting('statement_timeout'),"
                                              " current_setting('work_mem'), (SELECT count(*) FROM"
                                              " pg_locks WHERE locktype = 'advisory' AND pid ="
                                              " pg_backend_pid())\n"
                                              "        undo: none\n",
                                              setters[_i], undo))),
          0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_str_eq(test_rows(conn, "SELECT who, timeout, memory, locks FROM public.found"),
                     "app|0|4MB|1");
    CONTAINS(test_value(conn, "SELECT path FROM public.found"), "$user");
}
END_TEST

/* A trigger that is deferred sees what the statements of the step see. */
START_TEST(what_is_deferred_is_done_with_the_names_of_the_plan)
{
    const char *url, *db = test_database("empty");
    PGconn *conn = test_connect(db, "app");

    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(conn,
             "%s CREATE FUNCTION public.late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
             " INSERT INTO ledger VALUES (99); RETURN NULL; END $$;"
             "CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON public.t DEFERRABLE INITIALLY"
             " DEFERRED FOR EACH ROW EXECUTE FUNCTION public.late()",
             SETUP);
    EXITS(ORCHESTRATE(url, "start",
                      test_write("own.yaml", "plan: own\nphases:\n  - name: one\n    steps:\n"
                                             "      - sql: UPDATE t SET a = 0 WHERE id = 1\n"
                                             "        undo: none\n")),
          0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_str_eq(test_rows(conn, "SELECT n FROM public.ledger"), "99");
}
END_TEST

/* A run of one phase; `head` are keys of the plan and `rest` of the phase. */
static struct ran start_one(const char *url, const char *head, const char *rest)
{
    return ORCHESTRATE(url, "start",
                       test_write("own.yaml", arena_printf(test_arena(),
                                                           "plan: own\n%sphases:\n"
                                                           "  - name: one\n%s",
                                                           head, rest)));
}

static const char *prepared(const char **url)
{
    const char *db = test_database("empty");

    *url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app, writer;"
                                           "GRANT writer TO app");
    test_sql(test_connect(db, "app"), "%s", SETUP);
    return db;
}

/* clang-format off */
static const struct {
    const char *step, *says;
} placed[] = {
    { "sql: |\n          SELECT 1;\n          UPDATE t SET a = 1,\n            \"\u00e4\" = nowhere\n        undo: none", "statement 2 (UPDATE t SET a = 1,   \"\u00e4\" = nowhere), line 2, column 9: column" },
    { "sql: SELECT '\u00e4\u00f6', nope(a) FROM t\n        undo: none", ", line 1, column 14: function nope(integer) does not exist" },
    { "check: |\n          SELECT 1 FROM t\n          WHERE nope = 1", "the check, line 2, column 7: column" },
};
/* clang-format on */

START_TEST(an_error_says_where_in_the_statement_it_is)
{
    const char *url;
    struct ran ran;

    prepared(&url);
    EXITS(
        start_one(url, "", arena_printf(test_arena(), "    steps:\n      - %s\n", placed[_i].step)),
        0);
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 1);
    CONTAINS(ran.err, placed[_i].says);
}
END_TEST

/* Cut anywhere, it is still a text that JSON and the history can hold. */
START_TEST(an_error_that_is_too_long_is_cut_between_letters)
{
    const char *url, *db = prepared(&url);
    struct ran ran;

    EXITS(start_one(url, "",
                    arena_printf(
                        test_arena(),
                        "    steps:\n"
                        "      - sql: DO $$ BEGIN /* "
                        "\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac"
                        "\u20ac\u20ac\u20ac\u20ac */ RAISE EXCEPTION '%%', repeat('x', %d) ||"
                        " repeat('\u20ac', 5000); END $$\n"
                        "        undo: none\n",
                        _i)),
          0);
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 1);
    ck_assert_int_eq(1, test_count(test_connect(db, "app"),
                                   "SELECT count(*) FROM orchestrate.transition WHERE to_state ="
                                   " 'failed' AND detail ->> 'error' LIKE '%%\u20ac%%'"
                                   " AND detail ->> 'error' NOT LIKE '%%\ufffd%%'"));
    EXITS(ORCHESTRATE(url, "status", "own", "--json"), 0);
}
END_TEST

START_TEST(what_looks_like_a_mark_of_ours_is_sent_as_it_is_written)
{
    const char *url, *db = prepared(&url);
    PGconn *conn = test_connect(db, "app");

    EXITS(start_one(url, "",
                    "    steps:\n"
                    "      - concurrently: CREATE INDEX CONCURRENTLY \"i{attempt}\" ON t (a) WHERE"
                    " a::text <> '{attempt}'\n"
                    "        undo: DROP INDEX CONCURRENTLY \"i{attempt}\"\n"
                    "      - concurrently: VACUUM t\n"
                    "        verify: SELECT '{attempt}' = '{' || 'attempt}'\n"
                    "        undo: none\n"),
          0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    CONTAINS(test_value(conn, "SELECT indexdef FROM pg_indexes WHERE indexname = 'i{attempt}'"),
             "'{attempt}'");
    EXITS(ORCHESTRATE(url, "rollback", "own"), 0);
    ck_assert_int_eq(0, test_count(conn, "SELECT count(*) FROM pg_class WHERE relname = "
                                         "'i{attempt}'"));
}
END_TEST

START_TEST(an_undo_runs_as_the_role_of_its_phase)
{
    const char *url, *db = prepared(&url);
    PGconn *conn = test_connect(db, "app");

    test_sql(conn, "CREATE TABLE public.found (what text, who text);"
                   "GRANT ALL ON public.found TO writer");
    EXITS(
        start_one(url, "",
                  "    role: writer\n    steps:\n"
                  "      - sql: CREATE TABLE made (a int); INSERT INTO found VALUES ('do',"
                  " current_user)\n"
                  "        undo: INSERT INTO found VALUES ('undo', current_user); DROP TABLE made\n"
                  "      - concurrently: CREATE INDEX CONCURRENTLY made_a ON made (a)\n"
                  "        undo: INSERT INTO found VALUES ('index', current_user); DROP INDEX"
                  " CONCURRENTLY made_a\n"),
        0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_str_eq(test_rows(conn, "SELECT tableowner FROM pg_tables WHERE tablename = 'made'"),
                     "writer");
    EXITS(ORCHESTRATE(url, "rollback", "own", "--confirm", "own"), 0);
    ck_assert_str_eq(test_rows(conn, "SELECT what, who FROM public.found ORDER BY what"),
                     "do|writer\nindex|writer\nundo|writer");
    ck_assert_int_eq(0, test_count(conn, "SELECT count(*) FROM pg_class WHERE relname LIKE "
                                         "'made%%'"));
}
END_TEST

/* Before it has happened, and after: doing it twice is an error of the server. */
START_TEST(killed_while_verify_is_asked_it_is_done_once)
{
    const char *url, *db = prepared(&url), *made = arena_printf(test_arena(), "%s_made", db);
    PGconn *hold = test_connect(db, "app"), *super = test_connect(db, "postgres");
    const char *const advance[] = { "advance", "own", NULL };
    struct ran ran;

    url = test_url(db, "postgres");
    EXITS(start_one(url, "",
                    arena_printf(test_arena(),
                                 "    steps:\n      - concurrently: CREATE DATABASE %s\n"
                                 "        verify: SELECT CASE WHEN EXISTS (SELECT FROM pg_database"
                                 " WHERE datname = '%s') THEN %s ELSE %s END\n"
                                 "        undo: none\n",
                                 made, made, _i ? "public.stop(1) = 1" : "true",
                                 _i ? "false" : "public.stop(1) = 0")),
          0);
    test_sql(hold, "SELECT pg_advisory_lock(1)");
    ran = test_spawn(url, advance, NULL);
    test_wait(super, 60,
              "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objid ="
              " 1 AND NOT granted");
    kill(ran.pid, SIGKILL);
    test_finish(&ran, 20);
    test_sql(hold, "SELECT pg_advisory_unlock(1)");
    test_wait(super, 60,
              "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname ="
              " current_database() AND application_name LIKE 'orchestrate/%%'");
    ck_assert_int_eq(
        _i, test_count(super, "SELECT count(*) FROM pg_database WHERE datname = '%s'", made));
    ran = ORCHESTRATE(url, "advance", "own");
    test_sql(super, "DROP DATABASE IF EXISTS %s", made);
    EXITS(ran, 0);
    CONTAINS(ran.out, "complete");
}
END_TEST

/* An index that is not valid, as a REINDEX that somebody else gave up has left it. */
static void leave_copy(PGconn *super, const char *name)
{
    test_sql(super,
             "CREATE INDEX %s ON public.t (a); ALTER INDEX public.%s OWNER TO app;"
             "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'public.%s'::regclass",
             name, name, name);
}

START_TEST(a_copy_of_an_index_that_somebody_else_left_is_not_dropped)
{
    const char *url, *db = prepared(&url);
    PGconn *super = test_connect(db, "postgres");

    test_sql(test_connect(db, "app"), "CREATE INDEX t_a ON public.t (a)");
    leave_copy(super, "t_a_ccnew");
    EXITS(start_one(url, "",
                    "    steps:\n      - concurrently: REINDEX INDEX CONCURRENTLY t_a\n"
                    "        undo: none\n"),
          0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_str_eq(test_rows(super, "SELECT indexrelid::regclass FROM pg_index WHERE NOT"
                                      " indisvalid"),
                     "t_a_ccnew");
}
END_TEST

/* What it has built so far goes, what was there remains. */
START_TEST(a_reindex_that_fails_takes_only_its_own_copy_away)
{
    const char *url, *db = prepared(&url);
    PGconn *super = test_connect(db, "postgres"), *hold = test_connect(db, "app");
    const char *const advance[] = { "advance", "own", NULL };
    struct ran ran;

    test_sql(hold, "CREATE INDEX t_a ON public.t (a)");
    leave_copy(super, "t_a_ccnew");
    EXITS(start_one(url, "settings: {statement_timeout: 2s}\n",
                    "    steps:\n      - concurrently: REINDEX INDEX CONCURRENTLY t_a\n"
                    "        undo: none\n"),
          0);
    test_sql(hold, "BEGIN; LOCK TABLE public.t IN ROW EXCLUSIVE MODE");
    ran = test_spawn(url, advance, NULL);
    test_wait(super, 60, "SELECT count(*) = 2 FROM pg_index WHERE NOT indisvalid");
    test_wait(super, 60,
              "SELECT count(*) = 0 FROM pg_stat_activity WHERE query LIKE 'REINDEX%%'"
              " AND state = 'active'");
    test_sql(hold, "COMMIT");
    test_finish(&ran, 60);
    EXITS(ran, 1);
    ck_assert_str_eq(test_rows(super, "SELECT indexrelid::regclass FROM pg_index WHERE NOT"
                                      " indisvalid"),
                     "t_a_ccnew");
}
END_TEST

START_TEST(a_step_accepts_what_is_found_about_it)
{
    static const char step[] = "    steps:\n      - sql: ALTER TABLE later ADD b int\n"
                               "        undo: none\n%s";
    const char *url;

    prepared(&url);
    EXITS(start_one(url, "", arena_printf(test_arena(), step, "")), 5);
    EXITS(start_one(
              url, "",
              arena_printf(test_arena(), step, "        accept: [{rule: no-role, because: x}]\n")),
          5);
    EXITS(start_one(url, "",
                    arena_printf(test_arena(), step,
                                 "        accept: [{rule: no-table, because: it is made by"
                                 " then}]\n")),
          0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("custom");
    TCase *tc = support_case(s, "custom", 240);

    tcase_add_loop_test(tc, killed_at_a_statement_it_goes_on_and_does_nothing_twice, 0,
                        ARRAY_LEN(places));
    tcase_add_test(tc, a_statement_that_fails_takes_its_step_back_with_it);
    tcase_add_test(tc, a_lock_that_is_not_granted_is_asked_for_again);
    tcase_add_test(tc, two_at_once_do_each_phase_once);
    tcase_add_test(tc, verify_tells_whether_it_has_happened);
    tcase_add_loop_test(tc, what_a_statement_sets_ends_with_its_step, 0, ARRAY_LEN(setters));
    tcase_add_test(tc, what_is_deferred_is_done_with_the_names_of_the_plan);
    tcase_add_loop_test(tc, an_error_says_where_in_the_statement_it_is, 0, ARRAY_LEN(placed));
    tcase_add_loop_test(tc, an_error_that_is_too_long_is_cut_between_letters, 0, 3);
    tcase_add_test(tc, what_looks_like_a_mark_of_ours_is_sent_as_it_is_written);
    tcase_add_test(tc, an_undo_runs_as_the_role_of_its_phase);
    tcase_add_loop_test(tc, killed_while_verify_is_asked_it_is_done_once, 0, 2);
    tcase_add_test(tc, a_copy_of_an_index_that_somebody_else_left_is_not_dropped);
    tcase_add_test(tc, a_reindex_that_fails_takes_only_its_own_copy_away);
    tcase_add_test(tc, a_step_accepts_what_is_found_about_it);
    return support_run(s);
}
