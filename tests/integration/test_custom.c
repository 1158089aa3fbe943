/*
 * Steps of a plan's own: what they may do to the session, whose they are, and what is
 * said when the server does not like them.
 */
#include <string.h>

#include "own_plan.h"
#include "plans.h"
#include "support.h"

START_TEST(a_statement_that_fails_takes_its_step_back_with_it)
{
    const char *url, *db = test_database("empty");
    struct ran ran;

    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"), "%s", OWN_SETUP);
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
    test_sql(conn, "%s", OWN_SETUP);
    EXITS(ORCHESTRATE(url, "start", test_write("own.yaml", own)), 0);
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 1);
    CONTAINS(ran.err, "verify");
    test_sql(conn, "INSERT INTO public.ledger VALUES (1)");
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
}
END_TEST

/* What is found is found, whatever its column is called. */
START_TEST(a_column_of_a_query_may_have_any_name)
{
    const char *url;
    struct ran ran;

    own_prepared(&url);
    EXITS(own_start(url, "",
                    "    steps:\n"
                    "      - sql: VACUUM t\n        verify: SELECT true AS updated\n"
                    "        undo: none\n"
                    "      - check: SELECT a AS updated FROM t LIMIT 1\n"),
          0);
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 1);
    CONTAINS(ran.err, "the check does not hold: the query returned 1 row(s), e.g. updated = ");
}
END_TEST

/* `words` is one step, in YAML; what the step behind it finds of the session is noted. */
static const char *const setters[] = {
    "sql: SELECT set_config('role', 'writer', false)",
    "sql: SELECT set_config('search_path', 'evil, public', false)",
    /* Long enough for what is sent before it is taken back, also on a slow machine. */
    ("sql: SELECT set_config('statement_timeout', '9s', false), set_config('work_mem', '1MB', "
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
        OWN_SETUP);
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
    ck_assert_str_eq(test_value(conn, "SELECT path FROM public.found"), "app, public");
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
             OWN_SETUP);
    EXITS(ORCHESTRATE(url, "start",
                      test_write("own.yaml", "plan: own\nphases:\n  - name: one\n    steps:\n"
                                             "      - sql: UPDATE t SET a = 0 WHERE id = 1\n"
                                             "        undo: none\n")),
          0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_str_eq(test_rows(conn, "SELECT n FROM public.ledger"), "99");
}
END_TEST

/* clang-format off */
static const struct {
    const char *step, *says;
} placed[] = {
    { "sql: |\n          SELECT 1;\n          UPDATE t SET a = 1,\n            \"\u00e4\" = nowhere\n        undo: none", "statement 2 (UPDATE t SET a = 1,   \"\u00e4\" = nowhere), line 2, column 9: column" },
    { "sql: SELECT '\u00e4\u00f6', nope(a) FROM t\n        undo: none", ", line 1, column 14: function nope(integer) does not exist" },
    { "check: |\n          SELECT 1 FROM t\n          WHERE nope = 1", "the check, line 2, column 7: column" },
    /* What is sent has another name there, longer or shorter, in front of the place or behind it. */
    { "concurrently: |\n          CREATE INDEX CONCURRENTLY \"a much longer name than that of an attempt ä\" ON t (a) WHERE\n            nope > 1\n        undo: none", "the statement, line 2, column 3: column" },
    { "concurrently: CREATE INDEX CONCURRENTLY i ON t (nope(a))\n        undo: none", "the statement, line 1, column 35: function nope(integer) does not exist" },
    { "concurrently: VACUUM t\n        verify: SELECT 1 = nope FROM t\n        undo: none", "asking whether it has happened, line 1, column 12: column" },
    { "backfill: {table: t, set: {a: 'a + 1', id: '\"ä\" +  1'}, where: 'a > 1'}\n        undo: none", "`set` of id, line 1, column 1: column" },
    { "backfill: {table: t, set: {a: 'a + 1'}, where: 'a > 1 AND a < nope(a)'}\n        undo: none", "`where`, line 1, column 15: function nope(integer) does not exist" },
    { "backfill: {table: t, set: {a: 'id + nope(id) -- more'}}\n        undo: none", "`set` of a, line 1, column 6: function nope(integer) does not exist" },
};
/* clang-format on */

START_TEST(an_error_says_where_in_the_statement_it_is)
{
    const char *url;
    struct ran ran;

    own_prepared(&url);
    EXITS(own_start(url, "accept: [{rule: no-column, because: test}]\n",
                    arena_printf(test_arena(), "    steps:\n      - %s\n", placed[_i].step)),
          0);
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 1);
    CONTAINS(ran.err, placed[_i].says);
}
END_TEST

/*
 * What is written behind `- name: one`, and the place in the file; after "undo" that of what
 * fails on the way back.
 */
/* clang-format off */
static const struct {
    const char *steps, *place;
} in_file[] = {
    { "      - sql: |\n          SELECT 1;\n\n          -- two\n          UPDATE t SET a = 1,\n            nowhere = 2\n        undo: none\n", "10:13" },
    { "      - sql: SELECT 1; SELECT nope FROM t\n        undo: none\n", "5:31" },
    { "      - sql: 'SELECT ''ä'', nope FROM t'\n        undo: none\n", "5:29" },
    { "      - sql: SELECT 1\n        undo: none\n      - sql: SELECT 2; SELECT 1 / 0\n        undo: none\n", "7:24" },
    { "      - concurrently: CREATE INDEX CONCURRENTLY i ON t (nope(a))\n        undo: none\n", "5:57" },
    { "      - check: |\n          SELECT 1 FROM t\n          WHERE nope = 1\n", "7:17" },
    { "      - backfill: {table: t, set: {a: 'id / 0'}}\n        undo: none\n", "5:9" },
    { "      - sql: SELECT 1\n        undo: |\n          SELECT 1;\n          DROP INDEX CONCURRENTLY IF EXISTS public.none;\n          SELECT 2; SELECT 1 /\n          0\n", "undo 9:21" },
    { "      - sql: SELECT 1\n        undo: |\n          SELECT 1;\n          CREATE INDEX CONCURRENTLY i ON t (a);\n          SELECT 2; SELECT nope\n", "undo 9:28" },
};
/* clang-format on */

START_TEST(an_error_says_where_in_the_file_it_is)
{
    const char *url, *place = in_file[_i].place, *file;
    bool back = strncmp(place, "undo ", 5) == 0;
    struct ran ran;
    int line, column;

    place += back ? 5 : 0;
    ck_assert_int_eq(sscanf(place, "%d:%d", &line, &column), 2);
    own_prepared(&url);
    EXITS(own_start(url, "", arena_printf(test_arena(), "    steps:\n%s", in_file[_i].steps)), 0);
    file = test_write("own.yaml", arena_printf(test_arena(),
                                               "plan: own\nphases:\n  - name: one\n    steps:\n%s",
                                               in_file[_i].steps));
    if (back)
        EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ran = back ? ORCHESTRATE(url, "rollback", file, "--confirm", "own")
               : ORCHESTRATE(url, "advance", file);
    EXITS(ran, 1);
    CONTAINS(ran.err, arena_printf(test_arena(), "%s:%s: ", file, place));
    ran = back ? ORCHESTRATE(url, "rollback", "own", "--confirm", "own")
               : ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 1);
    CONTAINS(ran.err,
             arena_printf(test_arena(), "hint: It is in line %d, column %d of the plan file. ",
                          line, column));
}
END_TEST

/* Cut anywhere, it is still a text that JSON and the history can hold. */
START_TEST(an_error_that_is_too_long_is_cut_between_letters)
{
    const char *url, *db = own_prepared(&url);
    struct ran ran;

    EXITS(own_start(url, "",
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
    const char *url, *db = own_prepared(&url);
    PGconn *conn = test_connect(db, "app");

    EXITS(own_start(url, "",
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
    const char *url, *db = own_prepared(&url);
    PGconn *conn = test_connect(db, "app");

    test_sql(conn, "CREATE TABLE public.found (what text, who text);"
                   "GRANT ALL ON public.found TO writer");
    EXITS(
        own_start(url, "",
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

START_TEST(a_step_accepts_what_is_found_about_it)
{
    static const char step[] = "    steps:\n      - sql: ALTER TABLE later ADD b int\n"
                               "        undo: none\n%s";
    const char *url;

    own_prepared(&url);
    EXITS(own_start(url, "", arena_printf(test_arena(), step, "")), 5);
    EXITS(own_start(
              url, "",
              arena_printf(test_arena(), step, "        accept: [{rule: no-role, because: x}]\n")),
          5);
    EXITS(own_start(url, "",
                    arena_printf(test_arena(), step,
                                 "        accept: [{rule: no-table, because: it is made by"
                                 " then}]\n")),
          0);
}
END_TEST

/* A membership that was taken back since `start`: nobody has begun anything. */
static const char *const firsts[] = {
    "      - sql: INSERT INTO public.ledger VALUES (1)\n        undo: none\n",
    ("      - concurrently: CREATE INDEX CONCURRENTLY ledger_n ON public.ledger (n)\n"
     "        undo: none\n"),
    ("      - backfill: {table: public.ledger, set: {n: '7'}, where: 'n <> 7'}\n"
     "        undo: none\n"),
    "      - check: SELECT 1 WHERE false\n",
};

static const char *stands(PGconn *conn)
{
    return test_value(conn, "SELECT string_agg(to_state, ' ' ORDER BY seq)"
                            " FROM orchestrate.transition");
}

START_TEST(who_may_not_be_the_role_leaves_the_run_as_it_was)
{
    const char *url, *db = test_database("empty");
    PGconn *super = test_connect(db, "postgres");
    struct ran ran;

    if (test_server_major() < 15)
        TEST_SKIP(SKIP_OLD_SERVER); /* there it is a superuser who starts plans */
    url = test_url(db, test_migrator());
    test_sql(super,
             "CREATE TABLE public.ledger (n int); INSERT INTO public.ledger VALUES (1);"
             "ALTER TABLE public.ledger OWNER TO app; GRANT CREATE ON SCHEMA public TO app;"
             "GRANT CREATE ON DATABASE %s TO migrator",
             db);
    EXITS(ORCHESTRATE(
              url, "start",
              test_write("own.yaml", arena_printf(test_arena(),
                                                  "plan: own\nphases:\n  - name: zero\n    steps:\n"
                                                  "      - check: SELECT 1 WHERE false\n"
                                                  "  - name: one\n    role: app\n    steps:\n%s",
                                                  firsts[_i]))),
          0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    test_sql(super, "REVOKE app FROM migrator");
    ran = ORCHESTRATE(url, "advance", "own");
    test_sql(super, "GRANT app TO migrator");
    EXITS(ran, 77);
    CONTAINS(ran.err, "GRANT app TO migrator");
    ck_assert_str_eq(stands(super), "pending running done");
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
    ck_assert_str_eq(stands(super), "pending running done pending running done");
}
END_TEST

/* Said of each run, whether it was named or not. */
START_TEST(what_the_role_lacks_is_looked_up_by_doctor)
{
    static const char hint[] = "What role migrator lacks: orchestrate doctor";
    const char *url, *db = test_database("empty");
    PGconn *super = test_connect(db, "postgres");

    if (test_server_major() < 15)
        TEST_SKIP(SKIP_OLD_SERVER); /* there it is a superuser who starts plans */
    url = test_url(db, test_migrator());
    test_sql(super, "CREATE TABLE public.ledger (n int); GRANT CREATE ON DATABASE %s TO migrator",
             db);
    EXITS(ORCHESTRATE(url, "start",
                      test_write("own.yaml", "plan: own\nphases:\n  - name: one\n    steps:\n"
                                             "      - sql: INSERT INTO public.ledger VALUES (1)\n"
                                             "        undo: none\n")),
          0);
    CONTAINS(ORCHESTRATE(url, "advance", "own").err, hint);
    CONTAINS(ORCHESTRATE(url, "advance").err, hint);
    CONTAINS(ORCHESTRATE(url, "advance", "--json").out, hint);
    EXITS(ORCHESTRATE(url, "advance"), 77);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("custom");
    TCase *tc = support_case(s, "custom", 240);

    tcase_add_test(tc, a_statement_that_fails_takes_its_step_back_with_it);
    tcase_add_test(tc, verify_tells_whether_it_has_happened);
    tcase_add_test(tc, a_column_of_a_query_may_have_any_name);
    support_cases(tc, what_a_statement_sets_ends_with_its_step, 0, ARRAY_LEN(setters));
    tcase_add_test(tc, what_is_deferred_is_done_with_the_names_of_the_plan);
    support_cases(tc, an_error_says_where_in_the_statement_it_is, 0, ARRAY_LEN(placed));
    support_cases(tc, an_error_says_where_in_the_file_it_is, 0, ARRAY_LEN(in_file));
    tcase_add_loop_test(tc, an_error_that_is_too_long_is_cut_between_letters, 0, 3);
    tcase_add_test(tc, what_looks_like_a_mark_of_ours_is_sent_as_it_is_written);
    tcase_add_test(tc, an_undo_runs_as_the_role_of_its_phase);
    tcase_add_test(tc, what_the_role_lacks_is_looked_up_by_doctor);
    support_cases(tc, who_may_not_be_the_role_leaves_the_run_as_it_was, 0, ARRAY_LEN(firsts));
    tcase_add_test(tc, a_step_accepts_what_is_found_about_it);
    return support_run(s);
}
