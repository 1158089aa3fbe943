/*
 * drop_column: as every operation, and what is its own: who still writes the column is
 * counted, rows that lack a value stop the way back, what would go along is named.
 */
#include <string.h>

#include "operation.h"
#include "plans.h"
#include "support.h"

#define ROWS "INSERT INTO public.t SELECT i, 'v' || i % 7, i FROM generate_series(1, 500) AS i;"
#define TABLE "CREATE TABLE public.t (id int PRIMARY KEY, note text NOT NULL, n int);" ROWS
#define NOTE "drop_column: {table: public.t, column: note"
#define PLAIN "ALTER TABLE public.t DROP COLUMN note"
#define CONTENTS "SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM public.t"
#define AFTER "SELECT md5(string_agg(id || ' ' || n, ',' ORDER BY id)) FROM public.t"

/* clang-format off */
static const struct op_test there_and_backs[] = {
    { .setup = TABLE, .change = NOTE "}", .plain = PLAIN, .contents_after = AFTER },
    { .setup = TABLE, .change = NOTE ", placeholder: \"'none'\"}", .plain = PLAIN, .contents_after = AFTER },
    { .setup = "CREATE TABLE public.t (id int PRIMARY KEY, note text DEFAULT 'x' || current_user, n int);" ROWS,
      .change = NOTE "}", .plain = PLAIN },
    { .setup = "CREATE TABLE public.t (id int PRIMARY KEY, note text DEFAULT 'old' NOT NULL, n int);" ROWS,
      .change = NOTE ", placeholder: \"upper('new')\"}", .plain = PLAIN },
    /* What goes along silently, named. */
    { .setup = "CREATE TABLE public.t (id int PRIMARY KEY, note text CHECK (note <> 'never'), n int, UNIQUE (n, note));" ROWS
               "CREATE INDEX lone ON public.t (note); CREATE INDEX \"Lower\" ON public.t (lower(note)) WHERE note <> '';"
               "CREATE INDEX together ON public.t (n) INCLUDE (note); CREATE STATISTICS st ON note, n FROM public.t",
      .change = NOTE ", also_drops: [t_note_check, t_n_note_key, together, st]}", .plain = PLAIN },
    { .setup = "CREATE TABLE public.t (id int PRIMARY KEY, note serial, n int); INSERT INTO public.t (id) VALUES (1), (2)",
      .change = NOTE ", also_drops: [t_note_seq]}", .plain = PLAIN },
    { .setup = "CREATE TABLE public.t (id int PRIMARY KEY, note int GENERATED ALWAYS AS IDENTITY, n int); INSERT INTO public.t (id) VALUES (1)",
      .change = NOTE "}", .plain = PLAIN },
    { .setup = "CREATE TABLE public.t (id int PRIMARY KEY, note int GENERATED ALWAYS AS (id * 2) STORED, n int); INSERT INTO public.t (id) VALUES (1)",
      .change = NOTE "}", .plain = PLAIN },
    { .setup = "CREATE TABLE public.r (id int PRIMARY KEY);"
               "CREATE TABLE public.t (id int PRIMARY KEY, note int REFERENCES public.r, n int)",
      .change = NOTE "}", .plain = PLAIN },
    { .setup = "CREATE TABLE public.r (id int PRIMARY KEY, n int, UNIQUE (id, n)); CREATE TABLE public.\"R, 2\" (id int PRIMARY KEY) PARTITION BY LIST (id);"
               "CREATE TABLE public.r2 PARTITION OF public.\"R, 2\" DEFAULT;"
               "CREATE TABLE public.t (id int, note int REFERENCES public.\"R, 2\", n int, FOREIGN KEY (note, n) REFERENCES public.r (id, n)) PARTITION BY LIST (n);"
               "CREATE TABLE public.t1 PARTITION OF public.t DEFAULT; ALTER TABLE public.t1 ADD CONSTRAINT own FOREIGN KEY (note) REFERENCES public.r NOT VALID",
      .change = NOTE ", also_drops: [t_note_n_fkey]}", .plain = PLAIN },
    { .setup = "CREATE DOMAIN public.d AS text DEFAULT 'd' CHECK (VALUE <> ''); CREATE TYPE public.c AS (a int, b int);"
               "CREATE TABLE public.t (id int PRIMARY KEY, note public.d NOT NULL, n public.c); INSERT INTO public.t (id) VALUES (1)",
      .change = NOTE "}", .plain = PLAIN },
    { .setup = "CREATE TABLE public.t (id int, note text NOT NULL, n int, PRIMARY KEY (id)) PARTITION BY RANGE (id);"
               "CREATE TABLE public.t1 PARTITION OF public.t FOR VALUES FROM (0) TO (100);"
               "CREATE TABLE public.t2 PARTITION OF public.t DEFAULT;" ROWS "CREATE INDEX on_note ON public.t (note)",
      .change = NOTE "}", .plain = PLAIN, .contents_after = AFTER },
    { .setup = TABLE "CREATE PUBLICATION sent FOR TABLE public.t", .change = NOTE "}", .plain = PLAIN },
    { .setup = "CREATE TABLE public.\"Order\" (id int PRIMARY KEY, \"user\" text NOT NULL, \"Größe \"\"x\"\"\" jsonb NOT NULL);"
               "INSERT INTO public.\"Order\" VALUES (1, 'a', '{}')",
      .change = "drop_column: {table: public.Order, column: 'Größe \"x\"'}",
      .plain = "ALTER TABLE public.\"Order\" DROP COLUMN \"Größe \"\"x\"\"\"" },
    { .setup = "CREATE TABLE public.t (id int, a23456789012345678901234567890123456789012345678901234567890123 json NOT NULL)",
      .change = "drop_column: {table: public.t, column: a23456789012345678901234567890123456789012345678901234567890123}",
      .plain = "ALTER TABLE public.t DROP COLUMN a23456789012345678901234567890123456789012345678901234567890123" },
};

static const struct {
    const char *setup, *change, *rules;
} refusals[] = {
    { TABLE, "drop_column: {table: public.t, column: nothing}", "no-column" },
    { TABLE, "drop_column: {table: public.t, column: id}", "primary-key" },
    { TABLE "CREATE VIEW public.v AS SELECT note FROM public.t", NOTE "}", "dependents" },
    { TABLE "CREATE MATERIALIZED VIEW public.v AS SELECT note FROM public.t", NOTE "}", "dependents" },
    { TABLE "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
            "CREATE TRIGGER tr BEFORE UPDATE OF note ON public.t FOR EACH ROW EXECUTE FUNCTION public.f()", NOTE "}", "dependents" },
    { TABLE "CREATE POLICY p ON public.t USING (note <> '')", NOTE "}", "dependents" },
    { TABLE "DELETE FROM public.t; ALTER TABLE public.t ADD UNIQUE (note)", NOTE "}", "also-drops" },
    { TABLE "ALTER TABLE public.t ADD CHECK (note <> '')", NOTE ", also_drops: [x]}", "also-drops also-drops-unknown" },
    { TABLE, NOTE ", also_drops: [x]}", "also-drops-unknown" },
    { TABLE "DELETE FROM public.t; CREATE UNIQUE INDEX u ON public.t (note)", NOTE ", placeholder: '1', also_drops: [u]}", "placeholder-unique" },
    { "CREATE TABLE public.t (id int, note int GENERATED ALWAYS AS IDENTITY)", NOTE ", placeholder: '1'}", "placeholder" },
    { "CREATE DOMAIN public.d AS text NOT NULL; CREATE TABLE public.t (id int, note public.d)", NOTE "}", "domain-not-null" },
    { "CREATE TABLE public.t (id int, note int) PARTITION BY LIST (note)", NOTE "}", "partition-key" },
    { "CREATE TABLE public.p (note int); CREATE TABLE public.t () INHERITS (public.p)", NOTE "}", "inherited-column" },
    { "CREATE TABLE public.t (note int); CREATE TABLE public.k () INHERITS (public.t)", NOTE "}", "inheritance-children" },
    { "CREATE TYPE public.c AS (note int); CREATE TABLE public.t OF public.c", NOTE "}", "typed-table" },
    { "CREATE VIEW public.t AS SELECT 1 AS note", NOTE "}", "not-a-table" },
    { "CREATE TABLE public.t (id int PRIMARY KEY, note int NOT NULL UNIQUE); CREATE TABLE public.o (n int REFERENCES public.t (note))",
      NOTE ", also_drops: [t_note_key]}", "dependents" },
    { "CREATE TABLE public.t (id int PRIMARY KEY, note int NOT NULL UNIQUE); ALTER TABLE public.t REPLICA IDENTITY USING INDEX t_note_key",
      NOTE ", also_drops: [t_note_key]}", "replica-identity" },
    /* Code could not omit it. */
    { TABLE, NOTE ", placeholder: '( null )::text'}", "placeholder-null" },
    { TABLE "DELETE FROM public.t; CREATE UNIQUE INDEX u ON public.t (lower(note))", NOTE ", placeholder: '1', also_drops: [u]}", "placeholder-unique" },
    { "CREATE TABLE public.r (id int PRIMARY KEY); CREATE TABLE public.t (id int, note int NOT NULL REFERENCES public.r)", NOTE ", placeholder: '0'}", "placeholder-foreign-key" },
    { "CREATE TABLE public.t (id int, note text DEFAULT 'x' UNIQUE)", NOTE ", also_drops: [t_note_key]}", "omitted-unique" },
    { "CREATE TABLE public.r (a int, b int, UNIQUE (a, b)); CREATE TABLE public.t (id int, note int, FOREIGN KEY (id, note) REFERENCES public.r (a, b) MATCH FULL)",
      NOTE ", also_drops: [t_id_note_fkey]}", "omitted-foreign-key" },
    { "CREATE TABLE public.t (id int, note text CHECK (note IS NOT NULL AND length(note) > 2))", NOTE ", also_drops: [t_note_check]}", "omitted-check" },
    { "CREATE DOMAIN public.d AS text CHECK (VALUE IS NOT NULL); CREATE TABLE public.t (id int, note public.d)", NOTE "}", "omitted-check" },
    { "CREATE TABLE public.t (id int, note int) PARTITION BY RANGE (id); CREATE TABLE public.t1 PARTITION OF public.t DEFAULT; ALTER TABLE public.t1 ALTER note SET NOT NULL",
      NOTE "}", "partition-not-null" },
};
/* clang-format on */

START_TEST(there_and_back)
{
    op_there_and_back(&there_and_backs[_i]);
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
    op_refused(&(struct op_test){ .setup = refusals[_i].setup, .change = refusals[_i].change },
               refusals[_i].rules);
}
END_TEST

START_TEST(what_may_be_null_in_one_row_only_cannot_be_omitted)
{
    if (PQserverVersion(test_connect("postgres", "postgres")) < 150000)
        return;
    op_refused(
        &(struct op_test){
            .setup = "CREATE TABLE public.t (id int, note text UNIQUE NULLS NOT DISTINCT)",
            .change = NOTE ", also_drops: [t_note_key]}" },
        "omitted-unique");
}
END_TEST

/* A database with the table, and the plan `p` started on it; *url: of who runs it. */
static const char *started(const char *setup, const char *change, const char *more,
                           const char **url)
{
    const char *db = test_scene(setup, url);

    EXITS(ORCHESTRATE(*url, "start",
                      test_write("p.yaml", arena_printf(test_arena(), "plan: p\nchange:\n  %s\n%s",
                                                        change, more))),
          0);
    EXITS(ORCHESTRATE(*url, "advance", "p"), 0);
    return db;
}

static bool held_by_use(const char *url)
{
    struct ran ran = ORCHESTRATE(url, "gate", "p", "--phase", "retire", "--json");

    return strstr(ran.out, "\"gate\":\"old_name_idle\"") != NULL;
}

START_TEST(who_writes_the_column_is_counted)
{
    static const struct {
        const char *sql;
        bool counts;
    } rows[] = {
        { "INSERT INTO public.t (id, n) VALUES (1000, 1)", false },
        { "UPDATE public.t SET n = n + 1", false },
        { "INSERT INTO public.t (id, note) VALUES (1000, 'given')", true },
        { "UPDATE public.t SET note = note WHERE id = 1", true },
        { "INSERT INTO public.t (id, n) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET note = 'x'",
          true },
        { "DELETE FROM public.t WHERE note = 'v1'", false },
    };
    const char *url, *db = started(TABLE, NOTE "}", "", &url);

    test_sql(test_connect(db, "app"), "%s", rows[_i].sql);
    ck_assert_int_eq(held_by_use(url), rows[_i].counts);
}
END_TEST

START_TEST(rows_without_a_value_stop_the_way_back_before_anything_is_changed)
{
    const char *url, *db = started(TABLE, NOTE "}", "", &url);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    test_sql(conn, "INSERT INTO public.t (id) VALUES (1000)");
    ran = ORCHESTRATE(url, "rollback", "p");
    EXITS(ran, 1);
    CONTAINS(ran.err, "a row of public.t whose note is NULL");
    /* Whoever writes goes on as before, to that row, too; and so may the plan. */
    test_sql(conn, "UPDATE public.t SET n = 2 WHERE id = 1000");
    test_sql(conn, "INSERT INTO public.t (id) VALUES (1001)");
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    if (_i == 1) {
        EXITS(ORCHESTRATE(url, "advance", "p"), 0);
        EXITS(ORCHESTRATE(url, "rollback", "p", "--to", "expand"), 0);
        EXITS(ORCHESTRATE(url, "rollback", "p"), 1);
    }
    test_sql(conn, "UPDATE public.t SET note = 'filled' WHERE note IS NULL");
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    ck_assert_str_eq(test_value(conn, "SELECT attnotnull FROM pg_attribute WHERE attrelid ="
                                      " 'public.t'::regclass AND attname = 'note'"),
                     "t");
}
END_TEST

/* The row is there for the server's proof, but was not yet when we looked. */
START_TEST(a_check_that_cannot_be_proved_does_not_stay)
{
    const char *url, *db = started(TABLE, NOTE "}", "settings: {lock_retry_for: 1s}\n", &url);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    test_sql(conn, "BEGIN; INSERT INTO public.t (id) VALUES (1000)");
    EXITS(ORCHESTRATE(url, "rollback", "p"), 6);
    test_sql(conn, "COMMIT");
    for (int i = 0; i < 2; i++) {
        ran = ORCHESTRATE(url, "rollback", "p");
        EXITS(ran, 1);
        CONTAINS(ran.err, "rows of public.t were written without note");
        CONTAINS(ran.err, "UPDATE public.t SET note = ... WHERE note IS NULL");
        test_sql(conn, "UPDATE public.t SET n = 2 WHERE id = 1000");
    }
    test_sql(conn, "UPDATE public.t SET note = 'filled' WHERE note IS NULL");
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    ck_assert_str_eq(test_sqlstate(conn, "INSERT INTO public.t (id) VALUES (1001)"), "23502");
}
END_TEST

/* Its owner would not see the rows that stop the way back. */
START_TEST(rows_that_a_policy_hides_are_not_taken_for_none)
{
    const char *url,
        *db = started(TABLE "ALTER TABLE public.t ENABLE ROW LEVEL SECURITY, FORCE ROW"
                            " LEVEL SECURITY; CREATE POLICY p ON public.t USING (id < 900)"
                            " WITH CHECK (true)",
                      NOTE "}", "", &url);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    test_sql(conn, "INSERT INTO public.t (id) VALUES (1000)");
    ran = ORCHESTRATE(url, "rollback", "p");
    EXITS(ran, 77);
    CONTAINS(ran.err, "row-level security");
    CONTAINS(ran.err, "ROW LEVEL SECURITY");
    test_sql(conn, "ALTER TABLE public.t NO FORCE ROW LEVEL SECURITY");
    ran = ORCHESTRATE(url, "rollback", "p");
    EXITS(ran, 1);
    CONTAINS(ran.err, "a row of public.t whose note is NULL");
    test_sql(conn, "UPDATE public.t SET note = 'filled' WHERE note IS NULL");
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
}
END_TEST

/* What comes between two phases is looked at again. */
static const struct {
    const char *phase, *sql, *gate;
    bool overridable;
    int since;
} later[] = {
    { "retire", "CREATE VIEW public.later AS SELECT note FROM public.t", "dependents", 0, 0 },
    { "retire", "CREATE POLICY later ON public.t USING (note <> '')", "dependents", 0, 0 },
    { "retire", "ALTER TABLE public.t ADD later text GENERATED ALWAYS AS (note) STORED",
      "dependents", 0, 150000 },
    { "retire", "CREATE PUBLICATION later FOR TABLE public.t (id, note)", "dependents", 0, 150000 },
    { "retire", "CREATE PUBLICATION later FOR TABLE public.t", "replication", true, 0 },
    { "retire", "CREATE PUBLICATION later FOR ALL TABLES", "replication", true, 0 },
    { "retire", "CREATE PUBLICATION later FOR TABLES IN SCHEMA public", "replication", true,
      150000 },
    { "retire",
      "UPDATE public.t SET note = id; ALTER TABLE public.t ALTER note SET NOT NULL;"
      "CREATE UNIQUE INDEX later ON public.t (note);"
      "ALTER TABLE public.t REPLICA IDENTITY USING INDEX later",
      "dependents", 0, 0 },
    { "retire", "CREATE TABLE public.later () INHERITS (public.t)", "inherit from public.t", 0, 0 },
    { "contract", "CREATE VIEW public.later AS SELECT _orch_1_tombstone FROM public.t",
      "dependents", 0, 0 },
    { "contract", "CREATE PUBLICATION later FOR TABLE public.t", "replication", true, 0 },
    { "contract", "CREATE INDEX later ON public.t (n, _orch_1_tombstone)", "also_drops", 0, 0 },
    { "contract", "CREATE STATISTICS later ON n, _orch_1_tombstone FROM public.t", "also_drops", 0,
      0 },
    { "contract",
      "UPDATE public.t SET _orch_1_tombstone = id;"
      "CREATE UNIQUE INDEX later ON public.t (_orch_1_tombstone)",
      "also_drops", 0, 0 },
    { "contract",
      "ALTER TABLE public.t DROP CONSTRAINT t_pkey; UPDATE public.t SET _orch_1_tombstone = id;"
      "ALTER TABLE public.t ADD CONSTRAINT later PRIMARY KEY (_orch_1_tombstone)",
      "also_drops", 0, 0 },
    { "contract", "CREATE TABLE public.later () INHERITS (public.t)", "inherit from public.t", 0,
      0 },
};

START_TEST(what_came_to_hang_on_it_later_stops_the_next_phase)
{
    const char *url, *db;
    PGconn *super = test_connect("postgres", "postgres");
    struct ran ran;

    if (PQserverVersion(super) < later[_i].since)
        return;
    db = started(TABLE, NOTE "}", "", &url);
    super = test_connect(db, "postgres");
    if (strcmp(later[_i].phase, "contract") == 0)
        EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    test_sql(super, "%s", later[_i].sql);
    ran = ORCHESTRATE(url, "advance", "p", "--confirm", "p");
    EXITS(ran, later[_i].overridable ? 0 : 5);
    CONTAINS(later[_i].overridable ? ran.out : ran.err, later[_i].gate);
    CONTAINS(later[_i].overridable ? ran.out : ran.err, "later");
    if (later[_i].overridable)
        CONTAINS(ran.out, strcmp(later[_i].phase, "retire") == 0 ? "the name that retire"
                                                                 : "do without the column");
}
END_TEST

START_TEST(meters_that_are_switched_off_are_noticed)
{
    static const char *const off[] = { "ALTER TABLE public.t DISABLE TRIGGER ALL",
                                       "ALTER TABLE public.t ENABLE TRIGGER USER",
                                       "DROP TRIGGER \"! orchestrate_1_used\" ON public.t" };
    const char *url, *db = started(TABLE, NOTE "}", "", &url);
    PGconn *conn = test_connect(db, "postgres");
    struct ran ran;

    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    test_sql(conn, "%s", off[_i]);
    test_sql(conn, "UPDATE public.t SET note = 'unseen'");
    ran = ORCHESTRATE(url, "verify", "p");
    EXITS(ran, 5);
    CONTAINS(ran.out, "! orchestrate_1_used");
    ran = ORCHESTRATE(url, "advance", "p");
    EXITS(ran, 5);
    CONTAINS(ran.err, "meters");
    if (_i == 2) {
        CONTAINS(ran.err, "roll expand back");
        EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
        EXITS(ORCHESTRATE(url, "resume", "p"), 0);
        EXITS(ORCHESTRATE(url, "advance", "p"), 0);
        EXITS(ORCHESTRATE(url, "verify", "p"), 0);
        return;
    }
    CONTAINS(ran.err, "ALTER TABLE public.t ENABLE ALWAYS TRIGGER \"! orchestrate_1_seen\", ENABLE"
                      " ALWAYS TRIGGER \"! orchestrate_1_used\"");
    test_sql(conn, "ALTER TABLE public.t ENABLE ALWAYS TRIGGER \"! orchestrate_1_seen\", ENABLE"
                   " ALWAYS TRIGGER \"! orchestrate_1_used\"");
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    test_sql(conn, "UPDATE public.t SET note = 'seen'");
    ck_assert(held_by_use(url));
}
END_TEST

START_TEST(counters_that_were_dropped_are_no_dead_end)
{
    const char *url, *db = started(TABLE, NOTE "}", "", &url);
    struct ran ran;

    EXITS(ORCHESTRATE(url, "advance", "p", "--override", "old_name_idle", "--because", "a test"),
          0);
    test_sql(test_connect(db, "app"), "DROP SEQUENCE public.\"_orch_1_meter\"");
    ran = ORCHESTRATE(url, "advance", "p", "--confirm", "p");
    EXITS(ran, 0);
    CONTAINS(ORCHESTRATE(url, "status", "p").out, "complete");
}
END_TEST

START_TEST(checks_that_take_no_value_in_one_of_several_columns_are_no_reason_to_refuse)
{
    static const char *const checks[] = {
        "CHECK ((note IS NOT NULL) <> (n IS NOT NULL))",
        "CHECK ((note IS NOT NULL)::int + (n IS NOT NULL)::int >= 1)",
        "CHECK (note IS NOT NULL OR n > 0)",
    };
    const char *url,
        *setup = arena_printf(test_arena(), "CREATE TABLE public.t (id int, note text, n int, %s)",
                              checks[_i]);
    const char *db = started(setup, NOTE ", also_drops: [t_check]}", "", &url);

    test_sql(test_connect(db, "app"), "INSERT INTO public.t (id, n) VALUES (1, 1)");
}
END_TEST

START_TEST(a_meter_of_one_partition_is_missed_too)
{
    const char *url,
        *db = started("CREATE TABLE public.t (id int, note text) PARTITION BY LIST (id);"
                      "CREATE TABLE public.t1 PARTITION OF public.t DEFAULT",
                      NOTE "}", "", &url);
    struct ran ran;

    test_sql(test_connect(db, "app"), "ALTER TABLE public.t1 DISABLE TRIGGER ALL");
    ran = ORCHESTRATE(url, "advance", "p");
    EXITS(ran, 5);
    CONTAINS(ran.err, "public.t1 is switched off");
}
END_TEST

/* A table may have the name of a word of SQL, which is not meant wherever it stands. */
START_TEST(a_function_that_orders_does_not_name_the_table_order)
{
    static const struct {
        const char *body;
        bool names;
    } rows[] = {
        { "SELECT max(note) FROM public.other GROUP BY note ORDER BY note", false },
        { "SELECT max(note) FROM public.\"order\"", true },
        { "SELECT max(note) FROM public.order", true },
    };
    const char *url, *db = started("CREATE TABLE public.order (id int, note text);"
                                   "CREATE TABLE public.other (id int, note text)",
                                   "drop_column: {table: public.order, column: note}", "", &url);
    struct ran ran;

    test_sql(test_connect(db, "app"),
             "CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS $$%s$$", rows[_i].body);
    ran = ORCHESTRATE(url, "gate", "p", "--phase", "retire", "--json");
    ck_assert_int_eq(strstr(ran.out, "\"gate\":\"function_bodies\"") != NULL, rows[_i].names);
}
END_TEST

/* Names are free for others once what bore them has gone. */
START_TEST(an_index_of_another_table_is_not_dropped_for_its_name)
{
    static const char *const instead[] = {
        "DROP INDEX public.t_note; CREATE TABLE public.other (x int);"
        "CREATE INDEX t_note ON public.other (x)",
        "DROP INDEX public.t_note; CREATE INDEX t_note ON public.t (n)",
    };
    const char *url,
        *db = started(TABLE "CREATE INDEX t_note ON public.t (note)", NOTE "}", "", &url);
    PGconn *conn = test_connect(db, "app");

    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    test_sql(conn, "%s", instead[_i]);
    EXITS(ORCHESTRATE(url, "advance", "p", "--confirm", "p"), 0);
    ck_assert_str_eq(test_value(conn, "SELECT to_regclass('public.t_note')"), "t_note");
}
END_TEST

/* What the server refused has not happened; what was begun has. */
START_TEST(a_contract_whose_first_index_stands_can_be_left)
{
    const char *url,
        *db = started(TABLE "CREATE INDEX t_note ON public.t (note)", NOTE "}", "", &url);
    PGconn *super = test_connect(db, "postgres");
    struct ran ran;

    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    test_sql(super, "CREATE FUNCTION public.no() RETURNS event_trigger LANGUAGE plpgsql AS"
                    " $$ BEGIN RAISE 'not on a Friday'; END $$;"
                    "CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('DROP INDEX')"
                    " EXECUTE FUNCTION public.no()");
    ran = ORCHESTRATE(url, "advance", "p", "--confirm", "p");
    EXITS(ran, 1);
    CONTAINS(ran.err, "not on a Friday");
    test_sql(super, "DROP EVENT TRIGGER no");
    if (_i) { /* as DROP INDEX CONCURRENTLY leaves it, when it is ended while it waits */
        test_sql(super, "UPDATE pg_index SET indisvalid = false"
                        " WHERE indexrelid = 'public.t_note'::regclass");
        ran = ORCHESTRATE(url, "rollback", "p");
        EXITS(ran, 5);
        CONTAINS(ran.err, "past the point of no return");
        EXITS(ORCHESTRATE(url, "advance", "p", "--confirm", "p"), 0);
        return;
    }
    EXITS(ORCHESTRATE(url, "rollback", "p", "--to", "expand"), 0);
    ck_assert_int_eq(test_count(super, "SELECT count(note) FROM public.t"), 500);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("drop_column");
    TCase *tc = support_case(s, "drop_column", 300);

    support_long_cases(tc, there_and_back, 0, ARRAY_LEN(there_and_backs));
    support_cases(tc, what_cannot_be_is_refused, 0, ARRAY_LEN(refusals));
    tcase_add_test(tc, what_may_be_null_in_one_row_only_cannot_be_omitted);
    tcase_add_loop_test(tc, who_writes_the_column_is_counted, 0, 6);
    tcase_add_loop_test(tc, rows_without_a_value_stop_the_way_back_before_anything_is_changed, 0,
                        2);
    tcase_add_test(tc, a_check_that_cannot_be_proved_does_not_stay);
    tcase_add_test(tc, rows_that_a_policy_hides_are_not_taken_for_none);
    support_cases(tc, what_came_to_hang_on_it_later_stops_the_next_phase, 0, ARRAY_LEN(later));
    tcase_add_loop_test(tc, meters_that_are_switched_off_are_noticed, 0, 3);
    tcase_add_test(tc, a_meter_of_one_partition_is_missed_too);
    tcase_add_test(tc, counters_that_were_dropped_are_no_dead_end);
    tcase_add_loop_test(
        tc, checks_that_take_no_value_in_one_of_several_columns_are_no_reason_to_refuse, 0, 3);
    tcase_add_loop_test(tc, a_function_that_orders_does_not_name_the_table_order, 0, 3);
    tcase_add_loop_test(tc, a_contract_whose_first_index_stands_can_be_left, 0, 2);
    tcase_add_loop_test(tc, an_index_of_another_table_is_not_dropped_for_its_name, 0, 2);
    return s;
}

int main(void)
{
    return support_run(suite());
}
