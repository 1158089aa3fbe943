/*
 * rename_column end to end: forward, back from every phase, forward again; the
 * end equals that of a plain ALTER TABLE ... RENAME COLUMN.
 */
#include <string.h>

#include "operation.h"
#include "plans.h"
#include "support.h"

static const char *const phases[] = { "expand", "dual-write", "backfill", "verify",
                                      "switch", "retire",     "contract" };
enum { PHASES = ARRAY_LEN(phases) };

static const char plan_name[] = "rename-email";

static struct ran advance(const char *url, const char *to)
{
    return ORCHESTRATE(url, "advance", plan_name, "--to", to, "--confirm", plan_name, "--fast",
                       "--json");
}

/* What a developer does between switch and retire: functions learn the new name (or the old one).
 */
static void teach_functions(const char *database, const char *from, const char *to)
{
    PGconn *conn = test_connect(database, "app");

    test_sql(conn,
             "DO $$ DECLARE f oid; BEGIN FOR f IN SELECT oid FROM pg_proc"
             " WHERE proname IN ('email_lower', 'email_changed', 'email_is_not_shared', "
             "'customer_by_email')"
             " LOOP EXECUTE regexp_replace(pg_get_functiondef(f), '((NEW|OLD)[.]|WHERE )%s\\M', "
             "'\\1%s', 'g');"
             " END LOOP; END $$",
             from, to);
    PQfinish(conn);
}

/* Forward to a phase, with the deploys and the functions that it takes. */
static void forward(const char *database, const char *url, const char *to)
{
    bool far = strcmp(to, "retire") == 0 || strcmp(to, "contract") == 0;
    struct ran ran = advance(url, far ? "switch" : to);

    EXITS(ran, 0);
    if (!far)
        return;
    teach_functions(database, "email", "email_address");
    ran = advance(url, to);
    EXITS(ran, 0);
    CONTAINS(ran.out, arena_printf(test_arena(), "\"phase\":\"%s\"", to));
}

/* By the owner of the table, who is nothing more: no replica role keeps its triggers still. */
static const char *start(const char *database)
{
    const char *url = test_url(database, "app");
    struct ran ran = ORCHESTRATE(
        url, "start", test_rename_plan(plan_name, "shop.customer", "email", "email_address", NULL));

    EXITS(ran, 0);
    return url;
}

static const char *contents(const char *database, const char *column)
{
    PGconn *conn = test_connect(database, "postgres");
    const char *sum =
        test_value(conn,
                   "SELECT count(*) || ' ' || md5(string_agg(id || '=' || %s, ',' ORDER BY id))"
                   " FROM shop.customer",
                   column);

    PQfinish(conn);
    return sum;
}

static void plain_rename(const char *database)
{
    PGconn *conn = test_connect(database, "app");

    test_sql(conn, "ALTER TABLE shop.customer RENAME COLUMN email TO email_address");
    PQfinish(conn);
    teach_functions(database, "email", "email_address");
}

START_TEST(each_advance_is_one_phase)
{
    const char *db = test_database("fixture"), *url = start(db);

    for (size_t i = 0; i < PHASES; i++) {
        struct ran ran = ORCHESTRATE(url, "advance", plan_name, "--confirm", plan_name, "--json");

        EXITS(ran, 0);
        CONTAINS(ran.out, arena_printf(test_arena(), "\"phase\":\"%s\"", phases[i]));
        CONTAINS(ran.out, i + 1 < PHASES ? "\"code\":\"advanced\"" : "\"code\":\"complete\"");
        if (strcmp(phases[i], "switch") == 0)
            teach_functions(db, "email", "email_address");
    }
}
END_TEST

START_TEST(the_end_is_that_of_a_plain_rename)
{
    const char *db = test_database("fixture"), *twin = test_database("fixture");
    const char *before = contents(db, "email");

    forward(db, start(db), "contract");
    plain_rename(twin);
    test_same_schema(db, twin);
    ck_assert_str_eq(contents(db, "email_address"), before);
}
END_TEST

START_TEST(triggers_that_know_only_the_old_name_hold_retire)
{
    const char *url = start(test_database("fixture"));
    struct ran ran = advance(url, "contract");

    EXITS(ran, 0);
    CONTAINS(ran.out, "\"next_phase\":\"retire\"");
    CONTAINS(ran.out, "\"gate\":\"function_bodies\"");
    CONTAINS(ran.out, "shop.email_lower()");
    ran =
        ORCHESTRATE(url, "advance", plan_name, "--override", "trigger_functions", "--because", "x");
    ck_assert_int_ne(ran.status, 0);
}
END_TEST

/* Functions are told the other name by whom they belong to. */
static void by_hand(const char *database, const char *phase, bool undone)
{
    if (strcmp(phase, "retire") == 0)
        teach_functions(database, undone ? "email_address" : "email",
                        undone ? "email" : "email_address");
}

START_TEST(there_and_back_from_every_phase)
{
    op_there_and_back(&(struct op_test){
        .template = "fixture",
        .change = "rename_column: {table: shop.customer, from: email, to: email_address}",
        .plain = "ALTER TABLE shop.customer RENAME COLUMN email TO email_address",
        .by_hand = by_hand,
        .contents = "SELECT count(*) || md5(string_agg(id || '=' || email, ',' ORDER BY id))"
                    " FROM shop.customer",
        .contents_after =
            "SELECT count(*) || md5(string_agg(id || '=' || email_address, ',' ORDER BY id))"
            " FROM shop.customer",
    });
}
END_TEST

START_TEST(there_and_back_with_partitions_and_their_indexes)
{
    op_there_and_back(&(struct op_test){
        .setup = "CREATE TABLE public.t (id int, code text NOT NULL) PARTITION BY RANGE (id);"
                 "CREATE TABLE public.t_low PARTITION OF public.t FOR VALUES FROM (0) TO (100);"
                 "CREATE TABLE public.t_high PARTITION OF public.t FOR VALUES FROM (100) TO (200)"
                 " PARTITION BY RANGE (id);"
                 "CREATE TABLE public.t_higher PARTITION OF public.t_high DEFAULT;"
                 "CREATE UNIQUE INDEX t_code ON public.t (id, code);"
                 "INSERT INTO public.t SELECT i, 'c' || i FROM generate_series(0, 199) AS i",
        .change = "rename_column: {table: public.t, from: code, to: token}",
        .plain = "ALTER TABLE public.t RENAME COLUMN code TO token",
    });
}
END_TEST

START_TEST(dual_write_and_expand_are_undone_together)
{
    const char *url = start(test_database("fixture"));
    struct ran ran = advance(url, "dual-write");

    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "rollback", plan_name, "--to", "expand");
    EXITS(ran, 5);
    CONTAINS(ran.err, "cannot be undone without");
    ran = ORCHESTRATE(url, "rollback", plan_name, "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"undone\"");
}
END_TEST

/* No trigger holds it between retire and its undo: who owns the schema may have made another. */
START_TEST(a_function_of_somebody_else_is_not_called_after_the_way_back)
{
    const char *db = test_database("fixture"), *url = start(db);
    PGconn *super = test_connect(db, "postgres");
    struct ran ran;

    forward(db, url, "retire");
    test_sql(super,
             "DO $$ DECLARE f text; BEGIN SELECT oid::regprocedure INTO STRICT f FROM pg_proc"
             " WHERE proname = '_orch_1_sync'; EXECUTE 'DROP FUNCTION ' || f; EXECUTE"
             " 'CREATE FUNCTION ' || f || ' RETURNS trigger LANGUAGE plpgsql AS ''BEGIN RETURN"
             " NULL; END'''; END $$");
    ran = ORCHESTRATE(url, "rollback", plan_name);
    EXITS(ran, 77);
    CONTAINS(ran.err, "must be owner of function");
    test_sql(super, "DO $$ BEGIN EXECUTE (SELECT 'DROP FUNCTION ' || oid::regprocedure FROM pg_proc"
                    " WHERE proname = '_orch_1_sync'); END $$");
    EXITS(ORCHESTRATE(url, "rollback", plan_name), 0);
    EXITS(ORCHESTRATE(url, "verify", plan_name), 0);
}
END_TEST

START_TEST(past_the_point_of_no_return_there_is_no_way_back)
{
    const char *db = test_database("fixture"), *url = start(db);
    struct ran ran;

    forward(db, url, "contract");
    ran = ORCHESTRATE(url, "rollback", plan_name, "--json");
    EXITS(ran, 5);
    CONTAINS(ran.out, "\"code\":\"check_failed\"");
    CONTAINS(ran.out, "point of no return");
}
END_TEST

START_TEST(contract_waits_for_consent_by_name)
{
    const char *db = test_database("fixture"), *url = start(db);
    struct ran ran;

    forward(db, url, "retire");
    ran = ORCHESTRATE(url, "advance", plan_name, "--to", "contract", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"gate\":\"consent\"");
    ran = ORCHESTRATE(url, "advance", plan_name, "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"held\"");
    ran = ORCHESTRATE(url, "advance", plan_name, "--confirm", "another", "--json");
    EXITS(ran, 77);
    ran = ORCHESTRATE(url, "advance", plan_name, "--confirm", plan_name, "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"complete\"");
}
END_TEST

START_TEST(the_example_plan_runs_as_its_comments_say)
{
    static const char example[] = "plans/rename-customer-email.yaml",
                      name[] = "rename-customer-email";
    const char *db = test_database("empty"), *url = test_url(db, "app");
    PGconn *conn = test_connect(db, "postgres");
    struct ran ran;

    test_sql(
        conn,
        "GRANT CREATE ON SCHEMA public TO app; SET ROLE app;"
        "CREATE TABLE public.customer (id int PRIMARY KEY, email text NOT NULL);"
        "INSERT INTO public.customer SELECT g, g || '@example' FROM generate_series(1, 100) g");
    ran = ORCHESTRATE(url, "start", test_path(example));
    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "advance", name, "--to", "verify", "--deploy-id", "d1");
    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "advance", name, "--deploy-id", "d2", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"gate\":\"deploy\"");
    ran = ORCHESTRATE(url, "confirm", "--deploy-id", "d1", "--status", "success", "--app-version",
                      "2.4.0");
    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "advance", name, "--deploy-id", "d2", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"phase\":\"switch\"");
    ran = ORCHESTRATE(url, "advance", name, "--deploy-id", "d3", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"gate\":\"soak\"");
    ran = ORCHESTRATE(url, "advance", name, "--deploy-id", "d3", "--override", "soak", "--because",
                      "a test", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"phase\":\"retire\"");
    ran = ORCHESTRATE(url, "advance", name, "--deploy-id", "d4", "--override", "soak", "--because",
                      "a test", "--confirm", name, "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"complete\"");
    ck_assert_int_eq(
        100,
        test_count(conn,
                   "SELECT count(*) FROM public.customer WHERE email_address = id || '@example'"));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("rename");
    TCase *steps = support_case(s, "phases", 120);

    tcase_add_test(steps, each_advance_is_one_phase);
    tcase_add_test(steps, the_end_is_that_of_a_plain_rename);
    tcase_add_test(steps, triggers_that_know_only_the_old_name_hold_retire);
    tcase_add_test(steps, there_and_back_from_every_phase);
    tcase_add_test(steps, there_and_back_with_partitions_and_their_indexes);
    tcase_add_test(steps, dual_write_and_expand_are_undone_together);
    tcase_add_test(steps, a_function_of_somebody_else_is_not_called_after_the_way_back);
    tcase_add_test(steps, past_the_point_of_no_return_there_is_no_way_back);
    tcase_add_test(steps, contract_waits_for_consent_by_name);
    tcase_add_test(steps, the_example_plan_runs_as_its_comments_say);
    return s;
}

int main(void)
{
    return support_run(suite());
}
