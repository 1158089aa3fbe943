/*
 * rename_column end to end: forward, back from every phase, forward again; the
 * end equals that of a plain ALTER TABLE ... RENAME COLUMN.
 */
#include <stdlib.h>
#include <string.h>

#include "orchestrate/base/buf.h"
#include "plans.h"
#include "support.h"

static const char *const phases[] = { "expand", "dual-write", "backfill", "verify",
                                      "switch", "retire",     "contract" };
enum { PHASES = ARRAY_LEN(phases) };

static const char plan_name[] = "rename-email";

/* `migrator` may set session_replication_role from 15 on; before, only a superuser may. */
static const char *who(void)
{
    return test_server_major() >= 15 ? "migrator" : "postgres";
}

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

START_TEST(undone_from_any_phase_nothing_has_happened_and_it_can_go_forward_again)
{
    const char *db = test_database("fixture"), *twin = test_database("fixture");
    const char *before = contents(db, "email"), *url = start(db);
    struct ran ran;

    forward(db, url, phases[_i]);
    if (strcmp(phases[_i], "retire") == 0) {
        ran = ORCHESTRATE(url, "rollback", plan_name);
        EXITS(ran, 0);
        teach_functions(db, "email_address", "email");
    }
    ran = ORCHESTRATE(url, "rollback", plan_name, "--to", "start", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"undone\"");
    test_same_schema(db, twin);
    ck_assert_str_eq(contents(db, "email"), before);

    ran = ORCHESTRATE(url, "start",
                      test_rename_plan(plan_name, "shop.customer", "email", "email_address", NULL),
                      "--again");
    EXITS(ran, 0);
    forward(db, url, "contract");
    plain_rename(twin);
    test_same_schema(db, twin);
    ck_assert_str_eq(contents(db, "email_address"), before);
}
END_TEST

START_TEST(one_phase_undone_is_done_again_by_the_next_advance)
{
    const char *db = test_database("fixture"), *twin = test_database("fixture");
    const char *before = contents(db, "email"), *url = start(db);
    struct ran ran;

    forward(db, url, phases[_i]);
    ran = ORCHESTRATE(url, "rollback", plan_name, "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"rolled_back\"");
    /* Paused, so that the next hook does not redo what somebody undid. */
    ran = advance(url, "contract");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"gate\":\"paused\"");
    ran = ORCHESTRATE(url, "resume", plan_name);
    EXITS(ran, 0);
    if (strcmp(phases[_i], "retire") == 0)
        teach_functions(db, "email_address", "email");
    forward(db, url, "contract");
    plain_rename(twin);
    test_same_schema(db, twin);
    ck_assert_str_eq(contents(db, "email_address"), before);
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

/* ---- every column of a schema ---- */

struct tally {
    int renamed, refused, held, left_out;
};

/* ORCHESTRATE_SHARE=3 takes every third column: for runs that are one of several. */
static int share(void)
{
    const char *given = getenv("ORCHESTRATE_SHARE");

    return given && atoi(given) > 0 ? atoi(given) : 1;
}

/* Every error says what to do about it. */
static void must_be_actionable(const struct ran *ran, const char *table, const char *column)
{
    static const char error[] = "\"severity\":\"error\"";
    const char *at = strstr(ran->out, error), *hint;

    ck_assert_msg(ran->status == 5 && at, "%s.%s: exit %d\n%.2000s\n%.2000s", table, column,
                  ran->status, ran->out, ran->err);
    for (; at; at = strstr(at + 1, error)) {
        hint = strstr(at, "\"hint\":");
        ck_assert_msg(hint && strncmp(hint + 7, "null", 4) != 0 &&
                          strncmp(hint + 7, "\"\"", 2) != 0,
                      "%s.%s: no hint: %.600s", table, column, at);
    }
}

static const char *replaced(const char *text, const char *old, const char *new)
{
    struct buf out = BUF_IN(test_arena());
    const char *at;

    for (; (at = strstr(text, old)); text = at + strlen(old)) {
        buf_addn(&out, text, (size_t)(at - text));
        buf_add(&out, new);
    }
    buf_add(&out, text);
    return buf_text(&out);
}

/*
 * What the second, independent fingerprint says; "" where it is absent.  Two
 * things are set right on the way: it reads the column list of a publication as
 * a text with blanks, but as JSON it is an array; and some builds of the server
 * stamp each column with a number when it is made, which differs between any
 * two tables.
 */
static const char *oracle(const char *database)
{
    static const char path[] = "../shared/oracle/fingerprint.sql";
    static const char stamp[] = "pg_attver=";
    struct buf out = BUF_IN(test_arena());
    const char *text, *at;
    struct ran ran;

    if (!test_file_exists(path))
        return "";
    text = replaced(test_file(path), "string_to_array(to_jsonb(pr) ->> 'prattrs', ' ')::int2[]",
                    "ARRAY(SELECT x::int2 FROM jsonb_array_elements_text(CASE "
                    "jsonb_typeof(to_jsonb(pr) -> 'prattrs')"
                    " WHEN 'array' THEN to_jsonb(pr) -> 'prattrs' ELSE '[]' END) x)");
    ran = test_command((const char *const[]){ "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-f",
                                              test_write("oracle.sql", text),
                                              test_url(database, "postgres"), NULL },
                       60);
    EXITS(ran, 0);
    CONTAINS(ran.out, "column ");
    for (text = ran.out; (at = strstr(text, stamp));
         text = at + strlen(stamp) + strspn(at + strlen(stamp), "0123456789"))
        buf_addn(&out, text, (size_t)(at - text));
    buf_add(&out, text);
    return buf_text(&out);
}

static void plainly(const char *db, const char *table, const char *from, const char *to)
{
    PGconn *conn = test_connect(db, "postgres");

    test_sql(conn, "ALTER TABLE %s RENAME COLUMN %s TO %s", table, pg_ident(test_arena(), from),
             pg_ident(test_arena(), to));
    PQfinish(conn);
}

static void same(const char *db, const char *twin, const char *what)
{
    test_same_text(what, test_fingerprint(db), test_fingerprint(twin));
    test_same_text(what, oracle(db), oracle(twin));
}

static void rename_one(const char *db, const char *twin, const char *table, const char *column,
                       int number, struct tally *tally)
{
    const char *new_name = arena_printf(test_arena(), "Renamed \xc3\xa9 %d", number);
    const char *url = test_url(db, who());
    const char *name = arena_printf(test_arena(), "column-%d", number);
    const char *what = arena_printf(test_arena(), "%s.%s", table, column);
    const char *plan = test_rename_plan(name, table, column, new_name,
                                        "accept: [{rule: published-table, because: a test}]\n");
    struct ran ran = ORCHESTRATE(url, "start", plan, "--json");

    if (ran.status) {
        must_be_actionable(&ran, table, column);
        tally->refused++;
        return;
    }
    ran = ORCHESTRATE(url, "advance", name, "--to", "contract", "--confirm", name, "--fast",
                      "--override", "function_bodies", "--because", "a test", "--json");
    ck_assert_msg(ran.status == 0, "%s: exit %d\n%s\n%s", what, ran.status, ran.out, ran.err);
    if (strstr(ran.out, "\"gate\":\"trigger_functions\"")) {
        /* Whoever owns that function has to change it first; we give the column back. */
        ran = ORCHESTRATE(url, "rollback", name, "--to", "start");
        EXITS(ran, 0);
        tally->held++;
        return;
    }
    ck_assert_msg(strstr(ran.out, "\"code\":\"complete\""), "%s:\n%.3000s", what, ran.out);
    plainly(twin, table, column, new_name);
    tally->renamed++;
}

static struct tally rename_all(const char *db, const char *twin)
{
    PGconn *conn = test_connect(db, "postgres");
    struct tally tally = { 0 };
    CLEANUP(pg_result)
    PGresult *columns = PQexec(
        conn, "SELECT format('%I.%I', n.nspname, c.relname), a.attname FROM pg_class c JOIN "
              "pg_namespace n ON "
              "n.oid = c.relnamespace"
              " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
              " WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> "
              "'information_schema'"
              " AND n.nspname <> 'orchestrate' ORDER BY 1, a.attnum");

    ck_assert_int_eq(PQresultStatus(columns), PGRES_TUPLES_OK);
    for (int i = 0; i < PQntuples(columns); i++) {
        const char *table = PQgetvalue(columns, i, 0);

        if (i % share() == 0)
            rename_one(db, twin, table, PQgetvalue(columns, i, 1), i, &tally);
        else
            tally.left_out++;
        if (i + 1 == PQntuples(columns) || strcmp(table, PQgetvalue(columns, i + 1, 0)) != 0)
            same(db, twin, table);
    }
    ck_assert_int_eq(tally.renamed + tally.refused + tally.held + tally.left_out,
                     PQntuples(columns));
    PQfinish(conn);
    return tally;
}

static void tell(const char *schema, const struct tally *t)
{
    printf("%s: %d columns renamed with an equal end, %d refused by start with a reason, "
           "%d held before retire by a trigger function and given back, %d not in this share\n",
           schema, t->renamed, t->refused, t->held, t->left_out);
}

START_TEST(every_column_of_the_fixture_is_renamed_or_refused_with_a_reason)
{
    struct tally tally = rename_all(test_database("fixture"), test_database("fixture"));

    tell("fixture", &tally);
    ck_assert_int_gt(tally.renamed, 60 / share());
}
END_TEST

/* The sample database belongs to `postgres` in its dump; here an ordinary role owns it. */
static void load_pagila(const char *database)
{
    const char *script = arena_printf(
        test_arena(),
        "sed 's/OWNER TO postgres/OWNER TO app/; /^ALTER SCHEMA/d' %s %s | PGOPTIONS='-c "
        "client_min_messages=warning' psql -Xq -v ON_ERROR_STOP=1 '%s' >/dev/null",
        test_path("../shared/data/pagila/schema.sql"), test_path("../shared/data/pagila/data.sql"),
        test_url(database, "postgres"));
    struct ran ran = test_command((const char *const[]){ "sh", "-c", script, NULL }, 120);
    PGconn *conn;

    EXITS(ran, 0);
    conn = test_connect(database, "postgres");
    test_sql(conn, "GRANT CREATE ON SCHEMA public TO app");
    PQfinish(conn);
}

START_TEST(every_column_of_pagila_is_renamed_or_refused_with_a_reason)
{
    const char *db, *twin;
    struct tally tally;

    if (!test_file_exists("../shared/data/pagila/schema.sql"))
        TEST_SKIP(SKIP_NO_PAGILA);
    db = test_database("empty");
    twin = test_database("empty");
    load_pagila(db);
    load_pagila(twin);
    tally = rename_all(db, twin);
    tell("pagila", &tally);
    ck_assert_int_gt(tally.renamed, 40 / share());
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("rename");
    TCase *steps = support_case(s, "phases", 120), *columns = support_case(s, "columns", 550);

    tcase_add_test(steps, each_advance_is_one_phase);
    tcase_add_test(steps, the_end_is_that_of_a_plain_rename);
    tcase_add_test(steps, triggers_that_know_only_the_old_name_hold_retire);
    tcase_add_loop_test(steps,
                        undone_from_any_phase_nothing_has_happened_and_it_can_go_forward_again, 0,
                        PHASES - 1);
    tcase_add_loop_test(steps, one_phase_undone_is_done_again_by_the_next_advance, 2, PHASES - 1);
    tcase_add_test(steps, dual_write_and_expand_are_undone_together);
    tcase_add_test(steps, past_the_point_of_no_return_there_is_no_way_back);
    tcase_add_test(steps, contract_waits_for_consent_by_name);
    tcase_add_test(steps, the_example_plan_runs_as_its_comments_say);
    tcase_add_test(columns, every_column_of_the_fixture_is_renamed_or_refused_with_a_reason);
    tcase_add_test(columns, every_column_of_pagila_is_renamed_or_refused_with_a_reason);
    return s;
}

int main(void)
{
    return support_run(suite());
}
