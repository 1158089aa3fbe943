/*
 * Expressions of a plan, of every operation that takes them: what the server would not
 * take is refused before anything is registered, with its place in the plan; what it would
 * take is, and the phase that needs it goes through.
 */
#include <string.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/ops/operation.h"
#include "support.h"

#define SETUP                                                                                      \
    "CREATE TABLE public.thing (id int PRIMARY KEY, a text, b int, c timestamptz, yes boolean,"    \
    " \"Odd name\" int, d date, w varchar(3), j jsonb, l int[]);"                                  \
    "INSERT INTO public.thing (id, b) SELECT i, i FROM generate_series(1, 50) AS i;"               \
    "CREATE TABLE public.other (b int);"                                                           \
    "CREATE SEQUENCE public.numbers;"                                                              \
    "CREATE FUNCTION public.same(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';"          \
    "CREATE FUNCTION public.stable(int) RETURNS int LANGUAGE plpgsql STABLE AS"                    \
    " 'BEGIN RETURN $1; END';"                                                                     \
    "CREATE FUNCTION public.wrong() RETURNS int LANGUAGE plpgsql IMMUTABLE AS"                     \
    " 'BEGIN RAISE EXCEPTION ''never''; END'"

/* Every field of FIELD_SQL has a row: the change up to that field. */
static const struct taker {
    const char *operation, *field, *change;
} takers[] = {
    { "add_index", "where",
      "add_index:\n    table: public.thing\n    name: t_b\n    columns: [b]\n" },
    { "drop_column", "placeholder", "drop_column:\n    table: public.thing\n" },
};

/* clang-format off */
static const struct row {
    int taker;
    const char *column; /* of the placeholder; NULL: of none */
    const char *sql;
    const char *refused; /* NULL: it is good */
} rows[] = {
    { 0, NULL, "b > 0", NULL },
    { 0, NULL, "b > 0 -- but not for long", NULL },
    { 0, NULL, "b IN (1, 2, 3) AND a LIKE 'x%' AND NOT yes", NULL },
    { 0, NULL, "yes", NULL },
    { 0, NULL, "\"Odd name\" IS NOT NULL OR d < '2024-01-01' OR j @> '{}'", NULL },
    { 0, NULL, "c > '2024-01-01 00:00+00' AND public.same(b) = 1 AND b = ANY (l)", NULL },
    { 0, NULL, "public.thing.b > 0 AND thing IS NOT NULL", NULL },
    { 0, NULL, "true", NULL },
    { 0, NULL, "(a = 'x' AND b = 1) OR (a = 'x' AND b = 2)", NULL },
    { 0, NULL, "(b = 1 AND a = 'x') OR (b = 1 AND a IS NULL)", NULL },
    { 0, NULL, "b > 0 AND (SELECT true)", "subquery" },
    { 0, NULL, "b + 1", "it must be type boolean, not type integer" },
    { 0, NULL, "'abc'", "invalid input syntax for type boolean" },
    { 0, NULL, "nope()", "function nope() does not exist" },
    { 0, NULL, "same(b) = 1", "function same(integer) does not exist" },
    { 0, NULL, "missing > 0", "column \"missing\" does not exist" },
    { 0, NULL, "other.b > 0", "other" },
    { 0, NULL, "b > (SELECT 1)", "subquery" },
    { 0, NULL, "b IN (SELECT o.b FROM public.other o)", "subquery" },
    { 0, NULL, "EXISTS (SELECT FROM public.other)", "subquery" },
    { 0, NULL, "max(b) > 1", "aggregate functions are not allowed in it" },
    { 0, NULL, "row_number() OVER () > 1", "window functions are not allowed in it" },
    { 0, NULL, "generate_series(1, 2) = 1", "set-returning functions are not allowed in it" },
    { 0, NULL, "random() > 0.5", "not IMMUTABLE" },
    { 0, NULL, "c > now()", "not IMMUTABLE" },
    { 0, NULL, "b > 0 AND c > current_timestamp", "not IMMUTABLE" },
    { 0, NULL, "c::date = '2024-01-01'", "not IMMUTABLE" },
    { 0, NULL, "public.stable(b) = 1 OR b > 0", "not IMMUTABLE" },
    { 0, NULL, "b > public.wrong()", "never" },
    { 0, NULL, "b > $1", "there is no parameter $1" },
    { 0, NULL, "b > 1 / 0", "division by zero" },
    { 1, "b", "1", NULL },
    { 1, "b", "1 -- for now", NULL },
    { 1, "b", "'17'", NULL },
    { 1, "b", "1.5", NULL }, /* rounded, as in any INSERT */
    { 1, "b", "NULL", NULL },
    { 1, "b", "public.stable(3)", NULL },
    { 1, "b", "nextval('public.numbers')", NULL },
    { 1, "b", "CASE WHEN random() > 0.5 THEN 1 ELSE 2 END", NULL },
    { 1, "Odd name", "7", NULL },
    { 1, "a", "now()", NULL },
    { 1, "a", "current_user || 'x'", NULL },
    { 1, "c", "now()", NULL },
    { 1, "w", "'abc'", NULL },
    { 1, "j", "'{}'", NULL },
    { 1, "l", "ARRAY[1, 2]", NULL },
    { 1, "b", "'abc'", "invalid input syntax for type integer" },
    { 1, "b", "'1' || '2'", "it must be type integer, not type text" },
    { 1, "b", "now()", "it must be type integer, not type timestamp" },
    { 1, "b", "id", "column \"id\" does not exist" },
    { 1, "b", "nope()", "function nope() does not exist" },
    { 1, "b", "nextval('numbers')", "relation \"numbers\" does not exist" },
    { 1, "b", "(SELECT 1)", "subquery" },
    { 1, "b", "(SELECT max(o.b) FROM public.other o)", "subquery" },
    { 1, "b", "count(*)", "aggregate functions are not allowed in it" },
    { 1, "b", "rank() OVER ()", "window functions are not allowed in it" },
    { 1, "b", "generate_series(1, 2)", "must not return a set" },
    { 1, "b", "ROW(1)", "it must be type integer, not type record" },
    { 1, "b", "DEFAULT", "DEFAULT is not allowed" },
    { 1, "b", "9999999999", "integer out of range" },
    { 1, "w", "'abcdef'", "value too long" },
    { 1, "j", "'{'", "invalid input syntax for type json" },
    { 1, "yes", "1", "it must be type boolean, not type integer" },
};
/* clang-format on */

static const char *plan_of(const struct row *row)
{
    struct arena *arena = test_arena();
    struct buf out = BUF_IN(arena);

    buf_addf(&out, "plan: p\nchange:\n  %s", takers[row->taker].change);
    if (row->column)
        buf_addf(&out, "    column: %s\n", row->column);
    buf_addf(&out, "    %s: |-\n      %s\n", takers[row->taker].field, row->sql);
    return test_write("p.yaml", buf_text(&out));
}

/* What could be seen of it from outside, if something had been done. */
static const char *state_of(PGconn *conn)
{
    return test_rows(conn, "SELECT (SELECT count(*) FROM pg_class), (SELECT last_value FROM"
                           " public.numbers), (SELECT is_called FROM public.numbers),"
                           " to_regclass('orchestrate.run') IS NULL OR NOT EXISTS (SELECT FROM"
                           " pg_stat_all_tables WHERE relid = to_regclass('orchestrate.run') AND"
                           " n_tup_ins > 0)");
}

static void is_refused(const char *url, const struct row *row, const char *plan)
{
    static const char *const commands[] = { "plan", "start" };

    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        struct ran ran = ORCHESTRATE(url, commands[i], plan);

        EXITS(ran, 5);
        CONTAINS(i ? ran.err : ran.out, takers[row->taker].field);
        if (i == 0) {
            CONTAINS(ran.out, "expression: `");
            CONTAINS(ran.out, "hint: ");
            continue;
        }
        CONTAINS(ran.err, row->refused);
        CONTAINS(ran.err, row->taker ? "p.yaml:6:18" : "p.yaml:7:12"); /* where it stands */
        CONTAINS(ran.err, "hint: ");
    }
}

START_TEST(what_the_server_would_not_take_is_refused_and_what_it_would_goes_through)
{
    const struct row *row = &rows[_i];
    const char *db = test_database("empty"), *url = test_url(db, "app"), *plan, *before;
    PGconn *conn = test_connect(db, "postgres");

    test_sql(conn, "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"), "%s", SETUP);
    plan = plan_of(row);
    before = state_of(conn);
    if (row->refused) {
        is_refused(url, row, plan);
        ck_assert_str_eq(state_of(conn), before);
        return;
    }
    EXITS(ORCHESTRATE(url, "plan", plan), 0);
    ck_assert_str_eq(state_of(conn), before);
    EXITS(ORCHESTRATE(url, "start", plan), 0);
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    if (row->taker) /* what is omitted is what the plan says */
        test_sql(test_connect(db, "app"), "INSERT INTO public.thing (id) VALUES (-1)");
}
END_TEST

START_TEST(every_field_that_takes_an_expression_has_its_rows)
{
    for (size_t o = 0; operations[o]; o++)
        for (const struct field *f = operations[o]->fields; f->key; f++) {
            bool found = f->kind != FIELD_SQL;

            for (size_t i = 0; i < ARRAY_LEN(takers); i++)
                found |= strcmp(takers[i].operation, operations[o]->name) == 0 &&
                         strcmp(takers[i].field, f->key) == 0;
            ck_assert_msg(found, "%s of %s", f->key, operations[o]->name);
        }
}
END_TEST

/* Asking takes no lock that an application's own query would not take. */
START_TEST(nobody_who_writes_is_waited_for)
{
    const char *db = test_database("empty"), *url = test_url(db, "app");
    PGconn *busy = test_connect(db, "app");

    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(busy, "%s", SETUP);
    test_sql(busy, "BEGIN; LOCK TABLE public.thing IN EXCLUSIVE MODE");
    EXITS(ORCHESTRATE(url, "plan", plan_of(&rows[0])), 0);
    EXITS(ORCHESTRATE(url, "plan", plan_of(&(struct row){ 1, "b", "1", NULL })), 0);
    test_sql(busy, "ROLLBACK");
}
END_TEST

/* Who may not look cannot say that it is wrong. */
START_TEST(without_the_right_to_ask_nothing_is_said)
{
    const char *db = test_database("empty"), *url = test_url(db, "app");

    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"), SETUP "; REVOKE ALL ON public.thing FROM app");
    EXITS(ORCHESTRATE(url, "plan", plan_of(&rows[0])), 0);
    EXITS(ORCHESTRATE(url, "plan", plan_of(&(struct row){ 0, NULL, "missing > 0", NULL })), 5);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("expressions");
    TCase *tc = support_case(s, "expressions", 120);

    support_cases(tc, what_the_server_would_not_take_is_refused_and_what_it_would_goes_through, 0,
                  ARRAY_LEN(rows));
    tcase_add_test(tc, every_field_that_takes_an_expression_has_its_rows);
    tcase_add_test(tc, nobody_who_writes_is_waited_for);
    tcase_add_test(tc, without_the_right_to_ask_nothing_is_said);
    return s;
}

int main(void)
{
    return support_run(suite());
}
