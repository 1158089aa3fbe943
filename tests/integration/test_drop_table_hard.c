/*
 * drop_table: what others do to the tables meanwhile, tables that policies hide rows of, and
 * the locks on tables at the other end of foreign keys.
 */
#include <string.h>

#include "drop_table_fixture.h"
#include "operation.h"

#define TABLE                                                                                      \
    "CREATE TABLE public.thing (id int PRIMARY KEY);"                                              \
    "INSERT INTO public.thing SELECT i FROM generate_series(1, 10) AS i;"
#define CHILD                                                                                      \
    "CREATE TABLE public.child (id int PRIMARY KEY, thing int REFERENCES public.thing);"           \
    "INSERT INTO public.child SELECT i, i FROM generate_series(1, 10) AS i;"
#define NEPHEW                                                                                     \
    "CREATE TABLE public.nephew (thing int REFERENCES public.thing ON DELETE CASCADE);"            \
    "INSERT INTO public.nephew VALUES (1);"
#define PARENTS                                                                                    \
    "CREATE TABLE public.parent (id int PRIMARY KEY); INSERT INTO public.parent VALUES (1);"       \
    "CREATE TABLE public.\"Gran, \"\"pa\" (id int PRIMARY KEY) PARTITION BY LIST (id);"            \
    "CREATE TABLE public.gran_1 PARTITION OF public.\"Gran, \"\"pa\" FOR VALUES IN (1);"           \
    "CREATE TABLE public.gran_2 PARTITION OF public.\"Gran, \"\"pa\" DEFAULT;"                     \
    "INSERT INTO public.\"Gran, \"\"pa\" VALUES (1), (2);"
#define KEYS                                                                                       \
    " parent int CONSTRAINT \"Odd \"\"key\" REFERENCES public.parent,"                             \
    " gran int REFERENCES public.\"Gran, \"\"pa\" ON DELETE CASCADE"

/* clang-format off */
static const struct op_test there_and_backs[] = {
    { .setup = PARENTS "CREATE TABLE public.thing (id int PRIMARY KEY," KEYS "); INSERT INTO public.thing VALUES (1, 1, 2);"
               "CREATE TABLE public.child (thing int REFERENCES public.thing)",
      .change = CHANGE, .overrides = "old_name_idle",
      .plain = "ALTER TABLE public.child DROP CONSTRAINT child_thing_fkey; DROP TABLE public.thing",
      .contents = "SELECT count(*) FROM public.parent" },
    { .setup = PARENTS "CREATE TABLE public.thing (id int," KEYS ") PARTITION BY LIST (id);"
               "CREATE TABLE public.t1 PARTITION OF public.thing FOR VALUES IN (1);"
               "CREATE TABLE public.t2 PARTITION OF public.thing DEFAULT; ALTER TABLE public.t2 ADD CONSTRAINT own FOREIGN KEY (id) REFERENCES public.parent NOT VALID",
      .change = CHANGE, .more = "accept: [{rule: partitions, because: a test}]\n", .plain = "DROP TABLE public.thing" },
};
/* clang-format on */

START_TEST(no_lock_that_the_report_does_not_name)
{
    op_there_and_back(&there_and_backs[_i]);
}
END_TEST

/* --- locks --------------------------------------------------------------------- */

#define HURRY "settings: {lock_retry_for: 1s}\n"

START_TEST(who_reads_the_other_table_is_named)
{
    static const struct {
        const char *before, *phase, *table;
    } ways[] = { { "expand", "retire", "public.thing" },
                 { "retire", "contract", "public.parent" } };
    const char *url;
    const char *db = started("CREATE TABLE public.parent (id int PRIMARY KEY);"
                             "CREATE TABLE public.thing (id int PRIMARY KEY, parent int REFERENCES "
                             "public.parent);"
                             "CREATE TABLE public.child (thing int REFERENCES public.thing)",
                             HURRY, &url);
    PGconn *reader = test_connect(db, "app");
    struct ran ran;

    EXITS(advance_to(url, ways[_i].before), 0);
    test_sql(reader, "BEGIN; SELECT FROM %s", ways[_i].table);
    ran = advance_to(url, ways[_i].phase);
    EXITS(ran, 6);
    CONTAINS(ran.err, ways[_i].table);
    CONTAINS(ran.err, arena_printf(test_arena(), "in the way: pid %d", PQbackendPID(reader)));
    CONTAINS(ran.err, arena_printf(test_arena(), "SELECT FROM %s", ways[_i].table));
    ck_assert_ptr_null(strstr(ran.err, "somebody took it"));
    test_sql(reader, "COMMIT");
    EXITS(advance_to(url, ways[_i].phase), 0);
}
END_TEST

/* --- rows that are hidden ----------------------------------------------------- */

#define ROLES                                                                                      \
    "DO $$ BEGIN CREATE ROLE partner; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"          \
    "GRANT partner TO app; GRANT CREATE ON SCHEMA public TO partner;"

static const struct {
    const char *by_app, *by_super;
} hidden[] = {
    /* A policy of the table hides its rows from who owns the other one. */
    { "ALTER TABLE public.thing ENABLE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON public.thing USING (id > 5); GRANT SELECT, REFERENCES ON public.thing TO "
      "partner",
      "ALTER TABLE public.child OWNER TO partner" },
    /* Or from its own owner; or those of the other table. */
    { "ALTER TABLE public.thing ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON public.thing USING (id > 5)",
      "SELECT" },
    { "ALTER TABLE public.child ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON public.child USING (id > 5)",
      "SELECT" },
};

START_TEST(a_role_that_does_not_see_all_rows_is_refused)
{
    const char *db = test_database("empty"), *url = test_url(db, "app");
    const char *plan = test_write("p.yaml", "plan: p\nchange:\n  " CHANGE "\n");
    PGconn *super = test_connect(db, "postgres"), *conn = test_connect(db, "app");
    struct ran ran;

    test_sql(super, "GRANT CREATE ON SCHEMA public TO app; " ROLES);
    test_sql(conn, TABLE CHILD "%s", hidden[_i].by_app);
    test_sql(super, "%s", hidden[_i].by_super);
    ran = ORCHESTRATE(url, "start", plan);
    EXITS(ran, 5);
    CONTAINS(ran.err, "does not see all rows of public.");
    /* Without such a policy there is nothing against it. */
    test_sql(super, "ALTER TABLE public.thing DISABLE ROW LEVEL SECURITY; ALTER TABLE public.child "
                    "DISABLE ROW LEVEL SECURITY");
    EXITS(ORCHESTRATE(url, "start", plan), 0);
}
END_TEST

START_TEST(rows_that_are_hidden_meanwhile_are_not_taken_for_lost)
{
    const char *url, *db = started(TABLE CHILD, "", &url);
    PGconn *super = test_connect(db, "postgres"), *conn = test_connect(db, "app");
    struct ran ran;

    EXITS(advance_to(url, "retire"), 0);
    test_sql(super, ROLES "ALTER TABLE public.child OWNER TO partner");
    test_sql(conn, "DO $$ BEGIN EXECUTE format('ALTER TABLE public.%%I ENABLE ROW LEVEL SECURITY, "
                   "FORCE ROW LEVEL SECURITY', (SELECT relname FROM pg_class WHERE relname ~ "
                   "'_tombstone$')); END $$");
    ran = ORCHESTRATE(url, "rollback", "p");
    EXITS(ran, 77);
    CONTAINS(ran.err, "row-level security policy for table \"thing\"");
    CONTAINS(ran.err, "BYPASSRLS");
    ck_assert_ptr_null(strstr(ran.err, "Mend the data"));
    test_sql(conn, "ALTER TABLE public.thing DISABLE ROW LEVEL SECURITY");
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
}
END_TEST

/* --- what others drop ---------------------------------------------------------- */

/* What is gone by then, and what verify says of it. */
static const struct {
    const char *gone, *said;
} drops[] = {
    { "ALTER TABLE public.child DROP CONSTRAINT child_thing_fkey",
      "the foreign key child_thing_fkey of public.child is gone" },
    { "DROP TABLE public.child", "the foreign key child_thing_fkey of public.child is gone" },
    { "DROP TABLE public.child, public.nephew", "the table public.nephew is gone" },
    { "DROP SEQUENCE public._orch_1_meter", NULL },
};

START_TEST(what_is_gone_before_retire_counts_as_dropped)
{
    const char *url, *db = started(TABLE CHILD NEPHEW, "", &url), *before;
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    EXITS(advance_to(url, "expand"), 0);
    before = drops[_i].said ? "" : test_fingerprint(db);
    test_sql(conn, "%s", drops[_i].gone);
    if (drops[_i].said)
        before = test_fingerprint(db);
    ran = ORCHESTRATE(url, "verify", "p");
    EXITS(ran, 0);
    if (drops[_i].said)
        CONTAINS(ran.out, drops[_i].said);
    EXITS(advance_to(url, "retire"), 0);
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    if (drops[_i].said)
        test_same_text("the way back", test_fingerprint(db), before);
    EXITS(ORCHESTRATE(url, "resume", "p"), 0);
    EXITS(advance_to(url, "contract"), 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_class WHERE relname ~ 'orch_|thing'"
                                      " AND relnamespace = 'public'::regnamespace"),
                     0);
}
END_TEST

START_TEST(what_goes_after_retire_does_not_come_back)
{
    const char *url, *db = started(TABLE CHILD NEPHEW, "", &url);
    PGconn *conn = test_connect(db, "app");

    EXITS(advance_to(url, "retire"), 0);
    test_sql(conn, "DROP TABLE public.child");
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_constraint WHERE confrelid ="
                                      " 'public.thing'::regclass AND convalidated"),
                     1);
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
}
END_TEST

START_TEST(a_meter_that_was_dropped_is_no_dead_end)
{
    const char *url, *db = started(TABLE CHILD NEPHEW, "", &url);

    EXITS(advance_to(url, "retire"), 0);
    test_sql(test_connect(db, "app"), "DROP SEQUENCE public.\"_orch_1_meter\"");
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    EXITS(ORCHESTRATE(url, "resume", "p"), 0);
    EXITS(advance_to(url, "retire"), 0);
    test_sql(test_connect(db, "app"), "DROP SEQUENCE public.\"_orch_1_meter\"");
    EXITS(advance_to(url, "contract"), 0);
}
END_TEST

START_TEST(a_partner_that_is_called_otherwise_is_no_partner_that_is_gone)
{
    const char *url, *db = started(TABLE CHILD, "", &url);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    EXITS(advance_to(url, "expand"), 0);
    test_sql(conn, "ALTER TABLE public.child RENAME TO kid");
    ran = advance_to(url, "retire");
    EXITS(ran, 5);
    CONTAINS(ran.err, "public.child");
    test_sql(conn, "ALTER TABLE public.kid RENAME TO child");
    EXITS(advance_to(url, "retire"), 0);
}
END_TEST

/* --- what others make ---------------------------------------------------------- */

#define BURIED "\"_orch_1_tombstone\""

/* Before which phase it is made, what the gate says, and how it is taken back. */
static const struct {
    const char *before, *phase, *made, *gate, *said, *undone;
} makes[] = {
    { "expand", "retire", "CREATE PUBLICATION sent FOR TABLE public.thing", "since_start",
      "publication sent has it", "DROP PUBLICATION sent" },
    { "retire", "contract", "CREATE PUBLICATION sent FOR TABLE public." BURIED, "since_start",
      "publication sent has it", "DROP PUBLICATION sent" },
    { "retire", "contract",
      "ALTER TABLE public." BURIED
      " ADD CONSTRAINT extra FOREIGN KEY (id) REFERENCES public.other NOT VALID",
      "since_start", "its foreign key extra locks public.other",
      "ALTER TABLE public." BURIED " DROP CONSTRAINT extra" },
    { "expand", "retire", "ALTER TABLE public.thing INHERIT public.other", "since_start",
      "it is a part of public.other", "ALTER TABLE public.thing NO INHERIT public.other" },
    { "expand", "retire", "CREATE VIEW public.shown AS SELECT id FROM public.thing", "dependents",
      "view public.shown", "DROP VIEW public.shown" },
    { "retire", "contract", "CREATE VIEW public.shown AS SELECT id FROM public." BURIED,
      "dependents", "view public.shown", "DROP VIEW public.shown" },
    { "expand", "retire",
      "ALTER TABLE public.other ADD CONSTRAINT fresh FOREIGN KEY (id) REFERENCES public.thing",
      "dependents", "constraint fresh on table public.other",
      "ALTER TABLE public.other DROP CONSTRAINT fresh" },
    { "retire", "contract",
      "ALTER TABLE public.other ADD CONSTRAINT fresh FOREIGN KEY (id) REFERENCES public." BURIED,
      "dependents", "constraint fresh on table public.other",
      "ALTER TABLE public.other DROP CONSTRAINT fresh" },
    { "expand", "retire",
      "CREATE FUNCTION public.f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM "
      "public.thing'",
      "function_bodies", "f()", "DROP FUNCTION public.f()" },
};

START_TEST(what_is_made_meanwhile_is_seen_and_named)
{
    const char *url;
    const char *db = started(TABLE "CREATE TABLE public.other (id int PRIMARY KEY)", "", &url);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    EXITS(advance_to(url, makes[_i].before), 0);
    test_sql(conn, "%s", makes[_i].made);
    ran = ORCHESTRATE(url, "gate", "p", "--phase", makes[_i].phase, "--json");
    CONTAINS(ran.out, arena_printf(test_arena(), "\"gate\":\"%s\"", makes[_i].gate));
    CONTAINS(ran.out, makes[_i].said);
    advance_to(url, makes[_i].phase);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_class WHERE relname IN ('thing', "
                                      "'_orch_1_tombstone') AND relkind = 'r'"),
                     1);
    test_sql(conn, "%s", makes[_i].undone);
    EXITS(advance_to(url, makes[_i].phase), 0);
    CONTAINS(ORCHESTRATE(url, "status", "p").out, makes[_i].phase);
}
END_TEST

/* A statement that the server refused has dropped nothing: the point of no return is not passed. */
START_TEST(a_contract_that_was_refused_can_still_be_left)
{
    const char *url, *db = started(THING ODD_CHILD, "", &url);
    PGconn *super = test_connect(db, "postgres");
    struct ran ran;

    test_sql(super, "CREATE FUNCTION public.no() RETURNS event_trigger LANGUAGE plpgsql AS"
                    " $$ BEGIN RAISE 'not on a Friday'; END $$");
    EXITS(advance_to(url, "retire"), 0);
    test_sql(super, "CREATE EVENT TRIGGER no ON sql_drop WHEN TAG IN ('DROP TABLE')"
                    " EXECUTE FUNCTION public.no()");
    ran = advance_to(url, "contract");
    EXITS(ran, 1);
    CONTAINS(ran.err, "not on a Friday");
    CONTAINS(ran.err, "orchestrate rollback p");
    CONTAINS(ORCHESTRATE(url, "status", "p").out,
             "possible only as long as contract has not done what cannot be undone");
    EXITS(ORCHESTRATE(url, "rollback", "p", "--to", "expand"), 0);
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM public.thing"), 100);
    test_sql(super, "DROP EVENT TRIGGER no");
    EXITS(ORCHESTRATE(url, "resume", "p"), 0);
    EXITS(advance_to(url, "contract"), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("drop_table_hard");
    TCase *locks = support_case(s, "locks", 300), *rows = support_case(s, "rows", 120);
    TCase *others = support_case(s, "others", 300);

    support_cases(locks, no_lock_that_the_report_does_not_name, 0, ARRAY_LEN(there_and_backs));
    tcase_add_loop_test(locks, who_reads_the_other_table_is_named, 0, 2);
    support_cases(rows, a_role_that_does_not_see_all_rows_is_refused, 0, ARRAY_LEN(hidden));
    tcase_add_test(rows, rows_that_are_hidden_meanwhile_are_not_taken_for_lost);
    support_cases(others, what_is_gone_before_retire_counts_as_dropped, 0, ARRAY_LEN(drops));
    tcase_add_test(others, what_goes_after_retire_does_not_come_back);
    tcase_add_test(others, a_contract_that_was_refused_can_still_be_left);
    tcase_add_test(others, a_meter_that_was_dropped_is_no_dead_end);
    tcase_add_test(others, a_partner_that_is_called_otherwise_is_no_partner_that_is_gone);
    support_cases(others, what_is_made_meanwhile_is_seen_and_named, 0, ARRAY_LEN(makes));
    return s;
}

int main(void)
{
    return support_run(suite());
}
