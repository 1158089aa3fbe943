/*
 * drop_column: what a row holds whose writer omits the column, and who else is surprised by
 * that: a constraint, a subscriber, a trigger that copies whole rows.
 */
#include <string.h>

#include "drop_column_fixture.h"
#include "operation.h"
#include "refusal.h"

#define CODES "CREATE DOMAIN public.code AS varchar(5) DEFAULT 'x';"

/* --- DEFAULT NULL -------------------------------------------------------------- */

/* However it is stored, it is no default; an expression that only begins with it is one. */
static const struct {
    const char *type;
    bool none;
} presets[] = {
    { "varchar(5) DEFAULT NULL", true },
    { "numeric(5, 2) DEFAULT NULL::numeric", true },
    { "bit(3) DEFAULT CAST(NULL AS bit(3))", true },
    { "public.code DEFAULT NULL", true },
    { "varchar(5)[] DEFAULT NULL", true },
    { "text DEFAULT NULL", true },
    { "bool DEFAULT (NULL::int IS NULL)", false },
    { "varchar(5) DEFAULT coalesce(NULL, 'y')", false },
    { "public.code", false },
};

START_TEST(a_default_of_null_is_none)
{
    const char *url,
        *db = test_scene(arena_printf(test_arena(),
                                      CODES "CREATE TABLE public.thing (id int, c %s NOT NULL)",
                                      presets[_i].type),
                         &url);
    PGconn *conn = test_connect(db, "app");
    struct ran ran = start(url, CHANGE "}");

    EXITS(ran, 0);
    ck_assert_int_eq(strstr(ran.out, "null-may-come") != NULL, presets[_i].none);
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    test_sql(conn, "INSERT INTO public.thing (id) VALUES (1)");
    ck_assert_str_eq(test_value(conn, "SELECT c IS NULL FROM public.thing"),
                     presets[_i].none ? "t" : "f");
    test_sql(conn, "DELETE FROM public.thing");
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    ck_assert_str_eq(test_sqlstate(conn, "INSERT INTO public.thing (id) VALUES (1)"),
                     presets[_i].none ? "23502" : "");
}
END_TEST

START_TEST(a_default_of_null_may_come_twice)
{
    const char *url;
    struct ran ran;

    test_scene(
        "CREATE TABLE public.thing (id int, c varchar(5) DEFAULT NULL UNIQUE, UNIQUE (id, c))",
        &url);
    ran = start(url, CHANGE ", also_drops: [thing_c_key, thing_id_c_key]}");
    EXITS(ran, 0);
    ck_assert_ptr_null(strstr(ran.out, "unique-with-others"));
}
END_TEST

/* --- what is refused ------------------------------------------------------------ */

#define AUDIT "CREATE TABLE public.audit (id int, c int, d int);"
#define COPIES(body)                                                                               \
    AUDIT "CREATE FUNCTION public.copy() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN " body        \
          "; RETURN NULL; END$$;"

static const struct {
    const char *setup, *change, *rule, *says;
} refusals[] = {
    { "CREATE TABLE public.thing (id int, c varchar(5) DEFAULT NULL CHECK (c IS NOT NULL))",
      CHANGE ", also_drops: [thing_c_check]}", "omitted-check", "thing_c_check" },
    { "CREATE DOMAIN public.filled AS varchar(5) NOT NULL;"
      "CREATE TABLE public.thing (id int, c public.filled DEFAULT NULL)",
      CHANGE "}", "domain-not-null", "public.filled" },
    { COPIES("INSERT INTO public.audit VALUES (new.*)") "CREATE TABLE public.thing (id int, c int, "
                                                        "d int);"
                                                        "CREATE TRIGGER kept AFTER INSERT ON "
                                                        "public.thing FOR EACH ROW EXECUTE "
                                                        "FUNCTION public.copy()",
      CHANGE "}", "trigger-whole-row", "kept (public.copy())" },
    { COPIES("INSERT INTO public.audit SELECT (OLD).*") "CREATE TABLE public.thing (id int, c int, "
                                                        "d int) PARTITION BY LIST (id);"
                                                        "CREATE TABLE public.p1 PARTITION OF "
                                                        "public.thing DEFAULT;"
                                                        "CREATE TRIGGER kept AFTER DELETE ON "
                                                        "public.p1 FOR EACH ROW EXECUTE FUNCTION "
                                                        "public.copy()",
      CHANGE "}", "trigger-whole-row", "kept (public.copy()) of public.p1" },
    /* A default that is there to be refused: the meter asks for it, whatever is given. */
    { "CREATE DOMAIN public.filled AS text CHECK (VALUE <> '');"
      "CREATE TABLE public.thing (id int, c public.filled DEFAULT '')",
      CHANGE "}", "expression", "has no value: value for domain public.filled" },
    { "CREATE DOMAIN public.filled AS text DEFAULT '' CHECK (VALUE <> '');"
      "CREATE TABLE public.thing (id int, c public.filled)",
      CHANGE "}", "expression", "has no value: value for domain public.filled" },
    { "CREATE TABLE public.thing (id int, c int DEFAULT 1 / length(''))", CHANGE "}", "expression",
      "has no value: division by zero" },
    { "CREATE DOMAIN public.filled AS text CHECK (VALUE <> '');"
      "CREATE TABLE public.thing (id int, c public.filled)",
      CHANGE ", placeholder: \"''\"}", "expression",
      "has no value: value for domain public.filled" },
};

START_TEST(what_would_go_wrong_is_refused)
{
    const char *url;
    struct ran ran;

    test_scene(refusals[_i].setup, &url);
    ran = start(url, refusals[_i].change);
    refusal_is_actionable(&ran, refusals[_i].setup);
    CONTAINS(ran.out, refusals[_i].rule);
    CONTAINS(ran.out, refusals[_i].says);
}
END_TEST

/* --- subscribers ---------------------------------------------------------------- */

/* _i = 1: with a placeholder, it is contract from which on rows come without the column. */
START_TEST(a_subscriber_is_told_when_its_column_must_take_null)
{
    const char *url;
    struct ran ran;

    test_scene("CREATE TABLE public.thing (id int PRIMARY KEY, c text NOT NULL);"
               "CREATE PUBLICATION sent FOR TABLE public.thing",
               &url);
    ran = start(url, _i ? CHANGE ", placeholder: \"''\"}" : CHANGE "}");
    EXITS(ran, 0);
    CONTAINS(ran.out,
             _i ? "Before contract, on each subscriber" : "Before expand, on each subscriber");
    CONTAINS(ran.out, "ALTER TABLE public.thing ALTER COLUMN c DROP NOT NULL");
}
END_TEST

/* clang-format off */
static const struct op_test there_and_backs[] = {
    { .setup = CODES "CREATE TABLE public.thing (id int, c varchar(5) DEFAULT NULL NOT NULL, d int); INSERT INTO public.thing VALUES (1, 'a', 2)",
      .change = CHANGE "}", .plain = PLAIN },
    { .setup = "CREATE TABLE public.thing (id int, c varchar(5) DEFAULT NULL, d int); INSERT INTO public.thing VALUES (1, 'a', 2)",
      .change = CHANGE ", placeholder: \"'new'\"}", .plain = PLAIN },
    /* A key of this column alone goes with it, to wherever it leads. */
    { .setup = "CREATE TABLE public.thing (id int PRIMARY KEY, c int REFERENCES public.thing, d int); INSERT INTO public.thing VALUES (1, 1, 2)",
      .change = CHANGE "}", .plain = PLAIN },
};
/* clang-format on */

START_TEST(there_and_back)
{
    op_there_and_back(&there_and_backs[_i]);
}
END_TEST

/* --- NOT NULL since 18 ---------------------------------------------------------- */

#define TREE                                                                                       \
    "CREATE TABLE public.thing (id int, c int NOT NULL) PARTITION BY LIST (id);"                   \
    "CREATE TABLE public.thing1 PARTITION OF public.thing DEFAULT;"

static const char *const unlike[][2] = {
    { ("CREATE TABLE public.thing (id int, c int); INSERT INTO public.thing VALUES (1, NULL);"
       "ALTER TABLE public.thing ADD CONSTRAINT cn NOT NULL c NOT VALID"),
      "constraint cn of public.thing is NOT VALID" },
    { TREE "CREATE TABLE public.thing2 (id int, c int CONSTRAINT mine NOT NULL);"
           "ALTER TABLE public.thing ATTACH PARTITION public.thing2 FOR VALUES IN (2)",
      "constraint mine of public.thing2 has a name of its own" },
    { TREE "COMMENT ON CONSTRAINT thing_c_not_null ON public.thing1 IS 'mine'",
      "constraint thing_c_not_null of public.thing1 has a comment" },
};

START_TEST(a_not_null_that_would_come_back_otherwise_is_asked_about)
{
    const char *url;
    struct ran ran;

    if (test_server_major() < 18)
        TEST_SKIP(SKIP_OLD_SERVER);
    test_scene(unlike[_i][0], &url);
    ran = start(url, CHANGE "}");
    EXITS(ran, 5);
    CONTAINS(ran.out, "not-null-unlike");
    CONTAINS(ran.out, unlike[_i][1]);
    EXITS(start(url, CHANGE "}\naccept: [{rule: not-null-unlike, because: a test}]"), 0);
}
END_TEST

START_TEST(a_not_null_that_somebody_has_set_again_gets_its_name_back)
{
    const char *url, *db;
    PGconn *conn;

    if (test_server_major() < 18)
        TEST_SKIP(SKIP_OLD_SERVER);
    db = test_scene("CREATE TABLE public.thing (id int, c int CONSTRAINT mynn NOT NULL)", &url);
    conn = test_connect(db, "app");
    EXITS(start(url, CHANGE "}"), 0);
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    test_sql(conn, "ALTER TABLE public.thing ALTER COLUMN c SET NOT NULL");
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    ck_assert_str_eq(test_rows(conn, "SELECT conname, convalidated FROM pg_constraint"
                                     " WHERE conrelid = 'public.thing'::regclass"),
                     "mynn|t");
}
END_TEST

/* --- a default that not everybody may ask for ------------------------------------ */

static const struct {
    const char *preset, *more;
} askings[] = {
    { "current_setting('app.tenant')", "" },
    { "current_setting('app.tenant', true)::int::text", "" },
    { "public.f()", "" },
    { "'x'", ", placeholder: \"current_setting('app.tenant')\"" },
    { "'x'", ", placeholder: \"public.f()\"" },
};

START_TEST(who_gives_a_value_is_not_stopped_by_a_default_that_fails)
{
    const char *url,
        *db = test_scene(arena_printf(test_arena(),
                                      "CREATE FUNCTION public.f() RETURNS text LANGUAGE sql"
                                      " IMMUTABLE AS 'SELECT ''f''::text';"
                                      "REVOKE EXECUTE ON FUNCTION public.f() FROM PUBLIC;"
                                      "CREATE TABLE public.thing (id int, c text DEFAULT %s);"
                                      "GRANT ALL ON public.thing TO writer",
                                      askings[_i].preset),
                         &url);
    PGconn *writer = test_connect(db, "writer");
    struct ran ran = start(url, arena_printf(test_arena(), "%s%s}", CHANGE, askings[_i].more));

    EXITS(ran, 0);
    CONTAINS(ran.out, "inserts-not-counted");
    if (_i == 1)
        test_sql(writer, "SET app.tenant = ''"); /* as a pool leaves it behind */
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    test_sql(writer, "INSERT INTO public.thing VALUES (1, 'given')");
    test_sql(writer, "UPDATE public.thing SET c = 'other'");
    CONTAINS(ORCHESTRATE(url, "gate", "p", "--phase", "retire").out, "once written by the name c");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("drop_column omitted");
    TCase *tc = support_case(s, "drop_column omitted", 300);

    support_cases(tc, a_default_of_null_is_none, 0, ARRAY_LEN(presets));
    tcase_add_test(tc, a_default_of_null_may_come_twice);
    support_cases(tc, what_would_go_wrong_is_refused, 0, ARRAY_LEN(refusals));
    support_cases(tc, who_gives_a_value_is_not_stopped_by_a_default_that_fails, 0,
                  ARRAY_LEN(askings));
    tcase_add_loop_test(tc, a_subscriber_is_told_when_its_column_must_take_null, 0, 2);
    tcase_add_loop_test(tc, a_not_null_that_would_come_back_otherwise_is_asked_about, 0, 3);
    tcase_add_test(tc, a_not_null_that_somebody_has_set_again_gets_its_name_back);
    support_long_cases(tc, there_and_back, 0, ARRAY_LEN(there_and_backs));
    return s;
}

int main(void)
{
    return support_run(suite());
}
