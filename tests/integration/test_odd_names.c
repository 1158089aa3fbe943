/*
 * Tables that are called like words of SQL, or with other letters than most: which functions
 * name them; and placeholders that are another value each time: who writes the column.
 */
#include <string.h>

#include "support.h"

static const char *db, *url, *file;
static PGconn *conn;

static void started(const char *setup, const char *change)
{
    db = test_database("empty");
    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    conn = test_connect(db, "app");
    test_sql(conn, "%s", setup);
    file = test_write("p.yaml", arena_printf(test_arena(), "plan: p\nchange:\n  %s\n", change));
    EXITS(ORCHESTRATE(url, "start", file), 0);
}

/* --- names ------------------------------------------------------------------------- */

#define LONG "a_name_of_63_bytes_which_is_as_long_as_postgres_lets_names_be_x"

/* How it stands in the plan; a body that does not name the table, and one that does. */
static const struct {
    const char *name, *quoted, *without, *with;
} names[] = {
    { "order", "\"order\"", "SELECT 1 ORDER BY 1", "SELECT count(*) FROM \"order\"" },
    { "order", "\"order\"", "SELECT 1 ORDER BY 1", "SELECT count(*) FROM public.order" },
    { "user", "\"user\"", "SELECT length(user)", "SELECT count(*) FROM public . \"user\"" },
    { "Order", "\"Order\"", "SELECT 1 Order BY 1", "SELECT count(*) FROM \"Order\"" },
    { "Order", "\"Order\"", "SELECT count(*) FROM public.\"order\"",
      "SELECT count(*) FROM public.\"Order\"" },
    { "größe", "größe", "SELECT length('größer')", "SELECT count(*) FROM größe" },
    { "\\\"it's \\\"\\\"odd\\\"\\\"\\\"", "\"it's \"\"odd\"\"\"", "SELECT length('it''s odd')",
      "SELECT count(*) FROM \"it's \"\"odd\"\"\"" },
    { LONG, LONG, "SELECT length('" LONG "x')", "SELECT count(*) FROM " LONG },
};

static const char *const changes[] = { "drop_table: {table: \"%s\"}",
                                       "rename_table: {table: \"%s\", to: thing}" };
enum { NAMES = ARRAY_LEN(names) };

/* Of a body that may not be one of SQL: it is text. */
static void function(const char *name, const char *body)
{
    test_sql(conn,
             "CREATE FUNCTION public.%s() RETURNS bigint LANGUAGE plpgsql AS $f$ BEGIN PERFORM * "
             "FROM (%s) AS q; RETURN 1; END $f$",
             name, body);
}

START_TEST(functions_that_name_the_table_are_found_and_no_others)
{
    const char *first = _i < NAMES ? "expand" : "switch";
    const char *change = arena_printf(test_arena(), changes[_i / NAMES], names[_i % NAMES].name);
    struct ran ran;

    started(arena_printf(test_arena(), "CREATE TABLE public.%s (id int PRIMARY KEY)",
                         names[_i % NAMES].quoted),
            change);
    function("without", names[_i % NAMES].without);
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", first), 0);
    function("says_it", names[_i % NAMES].with);
    ran = ORCHESTRATE(url, "advance", "p", "--fail-if-held");
    EXITS(ran, 3);
    CONTAINS(ran.out, "function_bodies");
    CONTAINS(ran.out, "says_it()");
    ck_assert_ptr_null(strstr(ran.out, "without()"));
    test_sql(conn, "DROP FUNCTION public.says_it()");
    if (_i < NAMES) /* making the functions may have counted */
        EXITS(ORCHESTRATE(url, "advance", "p", "--to", "retire", "--fail-if-held", "--override",
                          "old_name_idle", "--because", "a test"),
              0);
    else
        EXITS(ORCHESTRATE(url, "advance", "p", "--to", "contract", "--fail-if-held"), 0);
}
END_TEST

START_TEST(the_report_names_them_too)
{
    struct ran ran;

    db = test_database("empty");
    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    conn = test_connect(db, "app");
    test_sql(conn, "CREATE TABLE public.%s (id int PRIMARY KEY)", names[_i % NAMES].quoted);
    function("without", names[_i % NAMES].without);
    function("says_it", names[_i % NAMES].with);
    ran = ORCHESTRATE(
        url, "plan",
        test_write("p.yaml", arena_printf(test_arena(), "plan: p\nchange:\n  %s\n",
                                          arena_printf(test_arena(), changes[_i / NAMES],
                                                       names[_i % NAMES].name))),
        "--json");
    CONTAINS(ran.out, "says_it()");
    ck_assert_ptr_null(strstr(ran.out, "without()"));
}
END_TEST

/* --- columns ----------------------------------------------------------------------- */

static const struct {
    const char *change, *column, *without, *with;
} columns[] = {
    { "drop_column: {table: thing, column: %s}", "order", "SELECT count(*) FROM thing ORDER BY 1",
      "SELECT thing . order FROM thing" },
    { "rename_column: {table: thing, from: %s, to: rank}", "order",
      "SELECT count(*) FROM thing ORDER BY 1", "SELECT thing . order FROM thing" },
    { "rename_column: {table: thing, from: %s, to: rank}", "order",
      "SELECT count(*) FROM thing ORDER BY 1", "SELECT \"order\" FROM thing" },
    { "rename_column: {table: thing, from: %s, to: who}", "user",
      "SELECT count(*) FROM thing WHERE user = 'x'", "SELECT thing.user FROM thing" },
};

START_TEST(functions_that_name_the_column_are_found_and_no_others)
{
    struct ran ran;

    started(arena_printf(test_arena(),
                         "CREATE TABLE public.thing (id int PRIMARY KEY, \"%s\" text)",
                         columns[_i].column),
            arena_printf(test_arena(), columns[_i].change, columns[_i].column));
    function("without", columns[_i].without);
    function("says_it", columns[_i].with);
    ran = ORCHESTRATE(url, "plan", file, "--json");
    CONTAINS(ran.out, "says_it()");
    ck_assert_ptr_null(strstr(ran.out, "without()"));
    ran = ORCHESTRATE(url, "advance", "p", "--to", "retire", "--fail-if-held");
    CONTAINS(ran.out, "held by function_bodies");
    CONTAINS(ran.out, "says_it()");
    ck_assert_ptr_null(strstr(ran.out, "without()"));
}
END_TEST

/* A trigger's function, of which each field has to be seen. */
START_TEST(a_column_that_is_called_like_a_word_is_seen_in_a_trigger)
{
    started("CREATE TABLE public.thing (id int PRIMARY KEY, \"order\" text);"
            "CREATE FUNCTION public.fires() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN IF new . order IS NULL THEN RETURN NULL; END IF; RETURN new; END';"
            "CREATE TRIGGER fires BEFORE INSERT ON public.thing FOR EACH ROW"
            " EXECUTE FUNCTION public.fires()",
            "drop_column: {table: thing, column: order}");
    CONTAINS(ORCHESTRATE(url, "advance", "p", "--to", "retire", "--fail-if-held").out, "fires()");
}
END_TEST

/* --- placeholders ------------------------------------------------------------------ */

#define COUNTED "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM public._orch_1_meter"

/* Is an INSERT that gives the column told from one that does not? */
static const struct {
    const char *placeholder, *value;
    int told;
} placeholders[] = {
    { "clock_timestamp()", "'2001-01-01'", 0 },
    { "Clock_Timestamp ( ) - interval '1 day'", "'2001-01-01'", 0 },
    { "pg_catalog.clock_timestamp()", "'2001-01-01'", 0 },
    { "public.\"My time\"('x')", "'2001-01-01'", 0 },
    { "now()", "'2001-01-01'", 1 },
    { "CURRENT_TIMESTAMP", "'2001-01-01'", 1 },
    { "public.fixed()", "'2001-01-01'", 1 },
    { "to_timestamp(length('clock_timestamp()'))", "'2001-01-01'", 1 },
};

START_TEST(the_placeholder_is_not_taken_for_somebody_who_writes)
{
    const char *change = arena_printf(test_arena(),
                                      "drop_column: {table: public.thing, column: at, "
                                      "placeholder: '%s'}",
                                      test_rows(test_connect("postgres", "postgres"),
                                                "SELECT replace($x$%s$x$, '''', '''''')",
                                                placeholders[_i].placeholder));

    started("CREATE FUNCTION public.\"My time\"(text) RETURNS timestamptz LANGUAGE sql AS 'SELECT "
            "clock_timestamp()';"
            "CREATE FUNCTION public.fixed() RETURNS timestamptz IMMUTABLE LANGUAGE sql AS 'SELECT "
            "timestamptz ''2000-01-01 00:00 UTC''';"
            "CREATE TABLE public.thing (id int, at timestamptz NOT NULL)",
            change);
    ck_assert_int_eq(
        strstr(ORCHESTRATE(url, "plan", file, "--json").out, "\"inserts-not-counted\"") == NULL,
        placeholders[_i].told);
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    test_sql(conn, "INSERT INTO public.thing (id) SELECT generate_series(1, 100)");
    ck_assert_int_eq(test_count(conn, COUNTED), 0);
    test_sql(conn, "INSERT INTO public.thing VALUES (1, %s)", placeholders[_i].value);
    ck_assert_int_eq(test_count(conn, COUNTED), placeholders[_i].told);
    test_sql(conn, "UPDATE public.thing SET at = %s WHERE id = 2", placeholders[_i].value);
    ck_assert_int_eq(test_count(conn, COUNTED), placeholders[_i].told + 1);
    CONTAINS(ORCHESTRATE(url, "status", "p").out, "old_name_idle");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("odd_names");
    TCase *tables = support_case(s, "tables", 120), *cols = support_case(s, "columns", 120);

    support_long_cases(tables, functions_that_name_the_table_are_found_and_no_others, 0, 2 * NAMES);
    support_long_cases(tables, the_report_names_them_too, 0, 2 * NAMES);
    tcase_add_loop_test(cols, functions_that_name_the_column_are_found_and_no_others, 0,
                        ARRAY_LEN(columns));
    tcase_add_test(cols, a_column_that_is_called_like_a_word_is_seen_in_a_trigger);
    tcase_add_loop_test(cols, the_placeholder_is_not_taken_for_somebody_who_writes, 0,
                        ARRAY_LEN(placeholders));
    return s;
}

int main(void)
{
    return support_run(suite());
}
