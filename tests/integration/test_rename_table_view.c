/*
 * rename_table, asked through both names: the same may be done by the same people at any
 * time, and what a view cannot do is what the page of the operation says.
 */
#include <string.h>

#include "operation.h"
#include "rename_table_fixture.h"

START_TEST(row_level_security_is_obeyed_through_both_names_or_refused)
{
    static const char setup[] =
        TABLE "ALTER TABLE public.t ENABLE ROW LEVEL SECURITY; GRANT SELECT ON public.t TO writer;"
              "CREATE POLICY few ON public.t USING (id <= 10)";
    const char *url, *db;
    PGconn *conn;

    if (PQserverVersion(test_connect("postgres", "postgres")) < 150000) {
        op_refused(&(struct op_test){ .setup = setup, .change = CHANGE }, "row-security");
        return;
    }
    db = started(setup, &url);
    conn = test_connect(db, "writer");
    test_sql(test_connect(db, "postgres"), "GRANT USAGE ON SCHEMA public TO writer");
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.u"), 10);
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.u"), 10);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.t"), 10);
}
END_TEST

static const char *rights(PGconn *conn, const char *table)
{
    return test_rows(
        conn,
        "SELECT r.rolname, p.name, has_table_privilege(r.oid, t.oid, p.name),"
        " has_table_privilege(r.oid, t.oid, p.name || ' WITH GRANT OPTION'),"
        " has_column_privilege(r.oid, t.oid, 'a', p.name),"
        " has_column_privilege(r.oid, t.oid, 'n', p.name)"
        " FROM pg_roles r, (VALUES ('SELECT'), ('INSERT'), ('UPDATE')) AS p (name), pg_class t"
        " WHERE r.rolname IN ('app', 'writer') AND t.oid = '%s'::regclass ORDER BY 1, 2",
        table);
}

/* Who may do what, by either name and column: the same before, between and after. */
START_TEST(everybody_has_the_same_privileges_by_both_names)
{
    const char *url,
        *db = started(TABLE "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO writer;"
                            "GRANT SELECT (a), UPDATE (n) ON public.t TO writer WITH GRANT OPTION;"
                            "GRANT INSERT ON public.t TO writer",
                      &url);
    PGconn *conn = test_connect(db, "postgres");
    const char *before = rights(conn, "public.t");

    CONTAINS(before, "writer|UPDATE|f|f|f|t");
    for (int i = 0; i < 2; i++) {
        EXITS(ORCHESTRATE(url, "advance", "p"), 0);
        ck_assert_str_eq(rights(conn, "public.t"), before);
        ck_assert_str_eq(rights(conn, "public.u"), before);
    }
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    ck_assert_str_eq(rights(conn, "public.u"), before);
}
END_TEST

/* --- who may do what with some columns only ---------------------------------------- */

#define SOME_COLUMNS "GRANT SELECT (id, a), INSERT (id, a), UPDATE (n) ON public.t TO writer;"
#define FEW                                                                                        \
    "ALTER TABLE public.t ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON public.t USING (id <= "  \
    "10)"

/* clang-format off */
static const struct {
    const char *sql;
    bool may;
} by_columns[] = {
    { "SELECT count(a) FROM public.%s", true },
    { "SELECT count(*) FROM public.%s WHERE id > 3", true },
    { "INSERT INTO public.%s (id, a) VALUES (-1, 'x')", true },
    { "INSERT INTO public.%s (id, a) VALUES (-2, 'y') RETURNING id, a", true },
    { "INSERT INTO public.%s AS x (id, a) VALUES (7, 'z') ON CONFLICT (id) DO UPDATE SET n = 3 WHERE x.id = 7 RETURNING x.a", true },
    { "UPDATE public.%s SET n = 4 WHERE id = 9", true },
    { "UPDATE public.%s SET n = 4 WHERE a = 'v9' RETURNING id", true },
    { "SELECT n FROM public.%s", false },
    { "SELECT * FROM public.%s", false },
    { "UPDATE public.%s SET n = n + 1", false },
    { "UPDATE public.%s SET a = 'x'", false },
    { "INSERT INTO public.%s (id, n) VALUES (-3, 1)", false },
    { "DELETE FROM public.%s WHERE id = 1", false },
};
/* clang-format on */

static void may_by_columns(PGconn *conn, const char *when)
{
    test_sql(conn, "BEGIN");
    for (size_t i = 0; i < 2 * ARRAY_LEN(by_columns); i++) {
        const char *state, *name = i % 2 ? "u" : "t";

        test_sql(conn, "SAVEPOINT s");
        state = test_sqlstate(conn, by_columns[i / 2].sql, name);
        ck_assert_msg(strcmp(state, by_columns[i / 2].may ? "" : "42501") == 0, "%s, %s by %s: %s",
                      when, by_columns[i / 2].sql, name, state);
        test_sql(conn, "ROLLBACK TO SAVEPOINT s");
    }
    test_sql(conn, "ROLLBACK");
}

/* With real statements: since 15 a view can deny what its privileges promise. */
START_TEST(who_may_use_some_columns_may_by_both_names)
{
    const char *url, *db = started(TABLE SOME_COLUMNS, &url);
    PGconn *conn = test_connect(db, "writer"), *later = test_connect(db, "stranger");

    test_sql(test_connect(db, "postgres"), "GRANT USAGE ON SCHEMA public TO PUBLIC");
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    may_by_columns(conn, "expanded");
    test_sql(test_connect(db, "app"), "GRANT SELECT (id) ON public.t TO stranger;"
                                      "GRANT SELECT (id) ON public.u TO stranger");
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    may_by_columns(conn, "switched");
    ck_assert_int_eq(test_count(later, "SELECT count(id) FROM public.t"), 200);
    ck_assert_int_eq(test_count(later, "SELECT count(id) FROM public.u"), 200);
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    may_by_columns(conn, "switched back");
    EXITS(ORCHESTRATE(url, "resume", "p"), 0);
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    EXITS(ORCHESTRATE(url, "advance", "p", "--override", "function_bodies", "--because", "a test"),
          0);
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    may_by_columns(conn, "contract undone");
}
END_TEST

START_TEST(who_may_read_some_columns_only_is_named)
{
    bool invoker = PQserverVersion(test_connect("postgres", "postgres")) >= 150000;
    const char *db = test_database("empty"), *url = test_url(db, "app"), *plan;
    struct ran ran;

    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"), "%s", TABLE SOME_COLUMNS);
    plan = test_write("p.yaml", "plan: p\nchange:\n  " CHANGE "\n");
    ran = ORCHESTRATE(url, "plan", plan);
    EXITS(ran, 0);
    ck_assert(!strstr(ran.out, "column-privileges") == !invoker);
    test_sql(test_connect(db, "app"), FEW);
    ran = ORCHESTRATE(url, "start", plan);
    EXITS(ran, 5);
    CONTAINS(ran.err, invoker ? "writer may read only some columns of public.t, which has policies"
                              : "row level security");
    if (!invoker)
        return;
    test_sql(test_connect(db, "app"), "GRANT SELECT ON public.t TO writer");
    EXITS(ORCHESTRATE(url, "start", plan), 0);
}
END_TEST

/* --- what has changed since the start ------------------------------------------------ */

START_TEST(row_level_security_that_comes_later_is_obeyed_or_stops_the_switch)
{
    bool invoker = PQserverVersion(test_connect("postgres", "postgres")) >= 150000;
    const char *url, *db = started(TABLE SOME_COLUMNS "GRANT SELECT ON public.t TO stranger", &url);
    PGconn *conn = test_connect(db, "stranger");
    struct ran ran;

    test_sql(test_connect(db, "postgres"), "GRANT USAGE ON SCHEMA public TO PUBLIC");
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    test_sql(test_connect(db, "app"), FEW);
    ran = ORCHESTRATE(url, "verify", "p");
    EXITS(ran, 5);
    CONTAINS(ran.out, "row level security");
    ran = ORCHESTRATE(url, "advance", "p");
    EXITS(ran, 5);
    CONTAINS(ran.err, invoker ? "writer may read some of its columns only" : "row_security");
    ran = ORCHESTRATE(url, "advance", "p", "--override", invoker ? "since_start" : "row_security",
                      "--because", "a test");
    EXITS(ran, invoker ? 0 : 64);
    if (!invoker) {
        test_sql(test_connect(db, "app"), "ALTER TABLE public.t DISABLE ROW LEVEL SECURITY");
        EXITS(ORCHESTRATE(url, "advance", "p"), 0);
        EXITS(ORCHESTRATE(url, "verify", "p"), 0);
        return;
    }
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.t"), 10);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.u"), 10);
    ck_assert_str_eq(
        test_sqlstate(test_connect(db, "writer"), "SELECT count(id) FROM public.%s", "t"), "42501");
}
END_TEST

START_TEST(an_undone_contract_shows_nobody_what_policies_hide)
{
    const char *url, *db = started(TABLE, &url);
    bool invoker = PQserverVersion(test_connect(db, "app")) >= 150000;
    struct ran ran;

    for (int i = 0; i < 3; i++)
        EXITS(ORCHESTRATE(url, "advance", "p", "--override", "function_bodies", "--because", "x"),
              0);
    test_sql(test_connect(db, "app"), "ALTER TABLE public.u ENABLE ROW LEVEL SECURITY");
    ran = ORCHESTRATE(url, "rollback", "p");
    EXITS(ran, invoker ? 0 : 5);
    if (invoker)
        return;
    CONTAINS(ran.err, "DISABLE ROW LEVEL SECURITY");
    ck_assert_str_eq(test_sqlstate(test_connect(db, "app"), "SELECT FROM public.%s", "t"), "42P01");
    test_sql(test_connect(db, "app"), "ALTER TABLE public.u DISABLE ROW LEVEL SECURITY");
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
}
END_TEST

/* What would have been refused at the start is not switched over, unless somebody says so. */
START_TEST(what_has_come_since_the_start_stops_the_switch)
{
    static const struct {
        const char *sql, *named;
        int since;
    } rows[] = {
        { "CREATE PUBLICATION sent FOR TABLE public.t", "publication sent", 0 },
        { "CREATE PUBLICATION sent FOR ALL TABLES", "publication sent", 0 },
        { "CREATE PUBLICATION sent FOR TABLES IN SCHEMA public", "publication sent", 150000 },
        { "CREATE TABLE public.child () INHERITS (public.t)", "child inherits", 0 },
        { "CREATE SUBSCRIPTION s CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false);"
          "SET allow_system_table_mods = on; INSERT INTO pg_subscription_rel (srsubid, srrelid,"
          " srsubstate) SELECT oid, 'public.t'::regclass, 'r' FROM pg_subscription",
          "subscription", 0 },
    };
    const char *url, *db = started(TABLE, &url);
    PGconn *conn = test_connect(db, "postgres");
    struct ran ran;

    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    if (PQserverVersion(conn) < rows[_i].since)
        return;
    test_sql(conn, "%s", rows[_i].sql);
    ran = ORCHESTRATE(url, "advance", "p");
    EXITS(ran, 5);
    CONTAINS(ran.err, "since_start");
    CONTAINS(ran.err, rows[_i].named);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_class WHERE relname = 't' AND "
                                      "relkind = 'r'"),
                     1);
    EXITS(ORCHESTRATE(url, "advance", "p", "--override", "since_start", "--because", "a test"), 0);
}
END_TEST

/* Either way: who has lost it on the table, and who has got it. */
START_TEST(verify_says_who_may_more_by_one_name_than_by_the_other)
{
    static const char *const changes[] = {
        "REVOKE SELECT ON public.t FROM writer",
        "GRANT UPDATE ON public.t TO stranger",
        "GRANT UPDATE (n) ON public.t TO PUBLIC",
        "REVOKE SELECT ON public.u FROM writer",
    };
    static const char *const named[] = { "writer", "stranger", "PUBLIC", "writer" };
    const char *url, *db = started(TABLE "GRANT SELECT ON public.t TO writer", &url);
    struct ran ran;

    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    test_sql(test_connect(db, "app"), "%s", changes[_i]);
    ran = ORCHESTRATE(url, "verify", "p");
    EXITS(ran, 5);
    CONTAINS(ran.out, named[_i]);
    EXITS(ORCHESTRATE(url, "advance", "p"), 0); /* makes it anew */
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
}
END_TEST

/* Where default privileges take something from the owner, the view has it all the same. */
START_TEST(the_owner_may_write_through_the_view_whatever_default_privileges_say)
{
    const char *url, *db = started(TABLE, &url);
    PGconn *conn = test_connect(db, "app");

    test_sql(conn, "ALTER DEFAULT PRIVILEGES REVOKE INSERT, UPDATE ON TABLES FROM app");
    for (int i = 0; i < 2; i++) {
        EXITS(ORCHESTRATE(url, "advance", "p"), 0);
        test_sql(conn, "INSERT INTO public.t (a) VALUES ('t%d'); UPDATE public.t SET n = 3", i);
        test_sql(conn, "INSERT INTO public.u (a) VALUES ('u%d'); UPDATE public.u SET n = 4", i);
    }
}
END_TEST

/* A view has no defaults of its own: SET n = DEFAULT through it would write NULL. */
START_TEST(what_is_set_to_its_default_gets_it_by_both_names)
{
    static const char *const names[] = { "t", "u" };
    const char *url, *db = started(TABLE, &url);
    PGconn *conn = test_connect(db, "app");

    for (int i = 0; i < 4; i++) {
        const char *name = names[i % 2];

        if (i % 2 == 0)
            EXITS(ORCHESTRATE(url, "advance", "p"), 0);
        test_sql(conn, "UPDATE public.%s SET n = 9", name);
        test_sql(conn, "UPDATE public.%s SET n = DEFAULT WHERE id <= 10", name);
        test_sql(conn,
                 "INSERT INTO public.%s (a) VALUES ('v11')"
                 " ON CONFLICT (a) DO UPDATE SET n = DEFAULT",
                 name);
        ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.%s WHERE n = 1", name), 11);
        ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.%s WHERE n = 9", name), 189);
    }
}
END_TEST

START_TEST(who_takes_rows_of_the_table_is_named)
{
    const char *db = test_database("empty"), *url = test_url(db, "app");
    struct ran ran;

    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"),
             TABLE "CREATE FUNCTION public.shown(public.t) RETURNS text LANGUAGE sql AS 'SELECT "
                   "$1.a'; CREATE TABLE public.o (kept public.t[])");
    ran = ORCHESTRATE(url, "plan", test_write("p.yaml", "plan: p\nchange:\n  " CHANGE "\n"));
    EXITS(ran, 0);
    CONTAINS(ran.out, "row-type");
    CONTAINS(ran.out, "shown(");
    CONTAINS(ran.out, "column kept of");
}
END_TEST

/* What takes rows of the table takes them by the name that is the table, and no others. */
START_TEST(rows_are_given_by_the_name_that_is_the_table)
{
    static const char *const takers[] = {
        "SELECT public.shown(x) FROM public.%s x",
        "INSERT INTO public.o (kept) SELECT x FROM public.%s x",
    };
    const char *url,
        *db = started(TABLE "CREATE FUNCTION public.shown(public.t) RETURNS text LANGUAGE sql AS"
                            " 'SELECT $1.a'; CREATE TABLE public.o (kept public.t);"
                            "CREATE FUNCTION public.listed() RETURNS SETOF public.t LANGUAGE sql AS"
                            " 'SELECT 1000, ''listed'', 5'",
                      &url);
    PGconn *conn = test_connect(db, "app");

    for (int switched = 0; switched < 2; switched++) {
        EXITS(ORCHESTRATE(url, "advance", "p"), 0);
        for (size_t i = 0; i < ARRAY_LEN(takers); i++) {
            ck_assert_str_eq(test_sqlstate(conn, takers[i], switched ? "u" : "t"), "");
            ck_assert_str_eq(test_sqlstate(conn, takers[i], switched ? "t" : "u"),
                             i == 0 ? "42883" : "42804");
        }
        for (int i = 0; i < 2; i++)
            test_sql(conn,
                     "INSERT INTO public.%s SELECT * FROM public.listed()"
                     " ON CONFLICT (id) DO UPDATE SET n = EXCLUDED.n",
                     i ? "u" : "t");
    }
    EXITS(ORCHESTRATE(url, "advance", "p", "--override", "function_bodies", "--because", "a test"),
          0);
    ck_assert_int_gt(test_count(conn, "SELECT count(*) FROM public.o"), 0);
    ck_assert_str_eq(test_sqlstate(conn, takers[0], "u"), "");
}
END_TEST

/* Two names for what a statement is answered, "" when it is carried out: the table, the view. */
START_TEST(identity_and_generated_columns_do_by_both_names_what_the_page_says)
{
    /* clang-format off */
    static const struct {
        const char *sql, *by_table, *by_view;
    } rows[] = {
        { "INSERT INTO public.%s (a) VALUES ('x')", "", "" },
        { "INSERT INTO public.%s VALUES (DEFAULT, DEFAULT, 'x')", "", "" },
        { "INSERT INTO public.%s (id, a) VALUES (1, 'x')", "428C9", "428C9" },
        { "INSERT INTO public.%s (id, a) OVERRIDING SYSTEM VALUE VALUES (-1, 'x') ON CONFLICT (id) DO UPDATE SET a = 'y'", "", "" },
        { "INSERT INTO public.%s (id, a) OVERRIDING USER VALUE VALUES (1, 'x')", "", "" },
        { "INSERT INTO public.%s (k, a) VALUES (-1, 'x'), (-2, 'x')", "", "" },
        { "UPDATE public.%s SET a = 'z', k = -3 WHERE id = 2", "", "" },
        { "UPDATE public.%s SET id = 5", "428C9", "428C9" },
        { "UPDATE public.%s SET id = DEFAULT WHERE id = 2", "", "428C9" },
        { "UPDATE public.%s SET k = DEFAULT", "", "23502" },
        { "UPDATE public.%s SET d = DEFAULT", "", "428C9" },
    };
    /* clang-format on */
    const char *url,
        *db = started("CREATE TABLE public.t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                      " k int GENERATED BY DEFAULT AS IDENTITY, a text,"
                      " d text GENERATED ALWAYS AS (a) STORED);"
                      "INSERT INTO public.t (a) SELECT 'x' FROM generate_series(1, 3)",
                      &url);
    PGconn *conn = test_connect(db, "app");

    for (int switched = 0; switched < 2; switched++) {
        EXITS(ORCHESTRATE(url, "advance", "p"), 0);
        for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
            bool view = i % 2;
            const char *sql = rows[i / 2].sql, *name = switched == view ? "t" : "u";
            const char *wanted = view ? rows[i / 2].by_view : rows[i / 2].by_table;
            const char *state = test_sqlstate(conn, sql, name);

            if (strcmp(wanted, "428C9") == 0 && strcmp(state, "42601") == 0)
                state = wanted; /* a generated column before 14 */
            ck_assert_msg(strcmp(state, wanted) == 0, "%s by %s: '%s'", sql, name, state);
        }
    }
    /* Seven each time, all of them with numbers of the sequence but one. */
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.t"), 3 + 1 + 4 * 5);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.t WHERE k IS NULL"
                                      " OR d IS DISTINCT FROM a OR id < -1"),
                     0);
}
END_TEST

/*
 * Prepared before the switch; "" or what it is refused with afterwards.  The old name is
 * the same table again after the way back, the new name another view.
 */
START_TEST(a_prepared_statement_goes_on_unless_it_returns_whole_rows)
{
    /* clang-format off */
    static const struct {
        const char *sql, *old_name, *new_name; /* NULL: nothing for a view */
    } rows[] = {
        { "SELECT * FROM public.%s x WHERE id = 7 FOR UPDATE", "", "" },
        { "SELECT * FROM ONLY public.%s x", "", "" },
        { "SELECT count(x), min(x.a), min(x::text) FROM public.%s x", "", "" },
        { "SELECT row_to_json(x) FROM public.%s x", "", "" },
        { "UPDATE public.%s x SET n = DEFAULT WHERE id = 7 RETURNING *", "", "" },
        { "INSERT INTO public.%s AS x (a) VALUES ('v7') ON CONFLICT (a) DO UPDATE SET n = 8 RETURNING x.*", "", "" },
        { "DELETE FROM public.%s x WHERE id = 0 RETURNING *", "", "" },
        { "SELECT x FROM public.%s x", "0A000", "0A000" },
        { "SELECT array_agg(x) FROM public.%s x", "0A000", "0A000" },
        { "UPDATE public.%s x SET n = 3 WHERE id = 7 RETURNING x", "0A000", "0A000" },
        { "SELECT ctid FROM public.%s x", "42703", NULL },
        { "SELECT id, a FROM public.%s x GROUP BY id", "42803", NULL },
        { "INSERT INTO public.%s (a) VALUES ('v7') ON CONFLICT ON CONSTRAINT t_a_key DO NOTHING", "42704", NULL },
    };
    /* clang-format on */
    const char *url, *db = started(TABLE, &url);
    PGconn *conn = test_connect(db, "app");

    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    for (int i = 0; i < (int)ARRAY_LEN(rows); i++) {
        test_sql(conn, "PREPARE t%d AS %s", i, arena_printf(test_arena(), rows[i].sql, "t"));
        if (rows[i].new_name)
            test_sql(conn, "PREPARE u%d AS %s", i, arena_printf(test_arena(), rows[i].sql, "u"));
    }
    for (int round = 0; round < 3; round++) { /* before, switched, and back again */
        for (int i = 0; i < 2 * (int)ARRAY_LEN(rows); i++) {
            const char *wanted = i % 2 ? rows[i / 2].new_name : rows[i / 2].old_name, *state;
            bool changed = round == 1 || (round == 2 && i % 2);

            for (int again = 0; wanted && again < 7; again++) {
                state = test_sqlstate(conn, "EXECUTE %s%d", i % 2 ? "u" : "t", i / 2);
                ck_assert_msg(strcmp(state, changed ? wanted : "") == 0, "%s as %s: '%s'",
                              rows[i / 2].sql, i % 2 ? "u" : "t", state);
            }
        }
        if (round < 2)
            EXITS(round ? ORCHESTRATE(url, "rollback", "p") : ORCHESTRATE(url, "advance", "p"), 0);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("rename_table_view");
    TCase *tc = support_case(s, "view", 120);

    tcase_add_test(tc, row_level_security_is_obeyed_through_both_names_or_refused);
    tcase_add_test(tc, everybody_has_the_same_privileges_by_both_names);
    tcase_add_test(tc, who_may_use_some_columns_may_by_both_names);
    tcase_add_test(tc, who_may_read_some_columns_only_is_named);
    tcase_add_test(tc, row_level_security_that_comes_later_is_obeyed_or_stops_the_switch);
    tcase_add_test(tc, an_undone_contract_shows_nobody_what_policies_hide);
    tcase_add_loop_test(tc, what_has_come_since_the_start_stops_the_switch, 0, 5);
    tcase_add_loop_test(tc, verify_says_who_may_more_by_one_name_than_by_the_other, 0, 4);
    tcase_add_test(tc, the_owner_may_write_through_the_view_whatever_default_privileges_say);
    tcase_add_test(tc, what_is_set_to_its_default_gets_it_by_both_names);
    tcase_add_test(tc, who_takes_rows_of_the_table_is_named);
    tcase_add_test(tc, rows_are_given_by_the_name_that_is_the_table);
    tcase_add_test(tc, identity_and_generated_columns_do_by_both_names_what_the_page_says);
    tcase_add_test(tc, a_prepared_statement_goes_on_unless_it_returns_whole_rows);
    return s;
}

int main(void)
{
    return support_run(suite());
}
