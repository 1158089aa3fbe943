/*
 * A dump of a run of drop_column and drop_table, restored elsewhere at each phase: it is
 * adopted, or refused with what can be done, and goes on to the same end or back to
 * the start.
 */
#include <stdio.h>

#include "support.h"

/*
 * `plain`: the statements that the change stands for.  A column was dropped before: after
 * a restore the others have other numbers.
 */
static const struct drop {
    const char *name, *setup, *change, *plain;
} drops[] = {
    { "a column", "CREATE TABLE public.thing (gone int, id int PRIMARY KEY, note text);",
      "drop_column: {table: public.thing, column: note}",
      "ALTER TABLE public.thing DROP COLUMN "
      "note" },
    { "a column, NOT NULL, with an index of its own",
      "CREATE TABLE public.thing (gone int, id int PRIMARY KEY, note text NOT NULL);"
      "CREATE INDEX lone ON public.thing (note);",
      "drop_column: {table: public.thing, column: note}",
      "ALTER TABLE public.thing DROP COLUMN note" },
    { "a column, NOT NULL, with a placeholder",
      "CREATE TABLE public.thing (gone int, id int PRIMARY KEY, note text NOT NULL);",
      "drop_column: {table: public.thing, column: note, placeholder: \"'none'\"}",
      "ALTER TABLE public.thing DROP COLUMN note" },
    { "a column with a default, and another placeholder",
      "CREATE TABLE public.thing (gone int, id int PRIMARY KEY, note text DEFAULT upper('a'));",
      "drop_column: {table: public.thing, column: note, placeholder: \"'none'\"}",
      "ALTER TABLE public.thing DROP COLUMN note" },
    { "a table", "CREATE TABLE public.thing (gone int, id int PRIMARY KEY, note text);",
      "drop_table: {table: public.thing}", "DROP TABLE public.thing" },
    { "a column that refers to another table",
      "CREATE TABLE public.other (id int PRIMARY KEY);"
      "CREATE TABLE public.thing (gone int, id int PRIMARY KEY, note text,"
      " other int CONSTRAINT out REFERENCES public.other);",
      "drop_column: {table: public.thing, column: other}",
      "ALTER TABLE public.thing DROP COLUMN other" },
    { "a table that refers to another one",
      "CREATE TABLE public.other (id int PRIMARY KEY);"
      "CREATE TABLE public.thing (gone int, id int PRIMARY KEY, note text,"
      " other int CONSTRAINT out REFERENCES public.other);",
      "drop_table: {table: public.thing}", "DROP TABLE public.thing" },
    { "a table with a foreign key of a partitioned one",
      "CREATE TABLE public.thing (gone int, id int PRIMARY KEY, note text);"
      "CREATE TABLE public.part (id int, thing int) PARTITION BY LIST (id);"
      "CREATE TABLE public.part_a PARTITION OF public.part FOR VALUES IN (1);"
      "CREATE TABLE public.part_b PARTITION OF public.part DEFAULT PARTITION BY LIST (thing);"
      "CREATE TABLE public.part_ba PARTITION OF public.part_b DEFAULT;"
      "ALTER TABLE public.part ADD CONSTRAINT part_of FOREIGN KEY (thing) REFERENCES public.thing"
      " ON DELETE CASCADE;"
      "COMMENT ON CONSTRAINT part_of ON public.part IS 'it''s of all';",
      "drop_table: {table: public.thing}",
      "ALTER TABLE public.part DROP CONSTRAINT part_of; DROP TABLE public.thing" },
    { "a table with foreign keys",
      "CREATE TABLE public.thing (gone int, id int PRIMARY KEY, note text);"
      "CREATE TABLE public.part (id int PRIMARY KEY, thing int CONSTRAINT part_of REFERENCES"
      " public.thing ON DELETE CASCADE, other int CONSTRAINT other REFERENCES public.thing"
      " DEFERRABLE);"
      "CREATE TABLE public.rest (thing int CONSTRAINT rest_of REFERENCES public.thing);"
      "COMMENT ON CONSTRAINT other ON public.part IS 'it''s another';",
      "drop_table: {table: public.thing}",
      "ALTER TABLE public.part DROP CONSTRAINT part_of, DROP CONSTRAINT other;"
      "ALTER TABLE public.rest DROP CONSTRAINT rest_of;"
      "DROP TABLE public.thing" },
};

static const char *const phases[] = { "expand", "retire" };
enum { PHASES = ARRAY_LEN(phases), CASES = ARRAY_LEN(drops) * (PHASES + 1) };

static const char *db, *url;
static const struct drop *it;
static PGconn *super;

static const char *make(void)
{
    const char *database = test_database("empty");
    PGconn *app;

    test_sql(test_connect(database, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    app = test_connect(database, "app");
    test_sql(app, "%s", it->setup);
    test_sql(app, "ALTER TABLE public.thing DROP COLUMN gone;"
                  "INSERT INTO public.thing SELECT i, 'note ' || i FROM generate_series(1, 100) i");
    PQfinish(app);
    return database;
}

static void advance(const char *to)
{
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", to, "--confirm", "p", "--override",
                      "old_name_idle", "--because", "a test"),
          0);
}

/* Drop number `i` after so many of its phases, restored; false: there is no pg_dump. */
static bool restored(int i)
{
    const char *copy, *plan;
    int done = i % (PHASES + 1);

    it = &drops[i / (PHASES + 1)];
    printf("%s, after %s\n", it->name, done ? phases[done - 1] : "start");
    db = make();
    url = test_url(db, "app");
    plan = test_write("p.yaml", arena_printf(test_arena(), "plan: p\nchange:\n  %s\n", it->change));
    EXITS(ORCHESTRATE(url, "start", plan), 0);
    if (done)
        advance(phases[done - 1]);
    copy = test_restored(db);
    if (!copy)
        return false;
    db = copy;
    url = test_url(db, "app");
    super = test_connect(db, "postgres");
    return true;
}

static void adopt(void)
{
    EXITS(ORCHESTRATE(url, "advance", "p"), 5);
    EXITS(ORCHESTRATE(url, "repair", "p", "--adopt", "--confirm", "p"), 0);
    EXITS(ORCHESTRATE(url, "verify", "p", "--history"), 0);
}

START_TEST(a_restored_dump_goes_on_to_the_same_end)
{
    const char *plain;

    if (!restored(_i))
        TEST_SKIP(SKIP_NO_PG_DUMP);
    adopt();
    advance("contract");
    plain = make();
    test_sql(test_connect(plain, "app"), "%s", it->plain);
    test_same_schema(db, plain);
}
END_TEST

START_TEST(a_restored_dump_can_be_undone)
{
    if (!restored(_i))
        TEST_SKIP(SKIP_NO_PG_DUMP);
    adopt();
    if (_i % (PHASES + 1))
        EXITS(ORCHESTRATE(url, "rollback", "p", "--to", "start"), 0);
    test_same_schema(db, make());
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM public.thing WHERE note = 'note ' ||"
                                       " id"),
                     100);
}
END_TEST

/* One foreign key is gone, the other one is still there. */
START_TEST(a_dump_from_the_middle_of_retire_goes_on)
{
    const char *plan, *copy, *plain;
    PGconn *blocker;

    it = &drops[ARRAY_LEN(drops) - 1];
    db = make();
    url = test_url(db, "app");
    plan = test_write("p.yaml", arena_printf(test_arena(),
                                             "plan: p\nchange:\n  %s\nsettings:\n"
                                             "  lock_retry_for: 100ms\n",
                                             it->change));
    EXITS(ORCHESTRATE(url, "start", plan), 0);
    advance("expand");
    blocker = test_connect(db, "app");
    test_sql(blocker, "BEGIN; LOCK TABLE public.rest IN ROW EXCLUSIVE MODE");
    EXITS(ORCHESTRATE(url, "advance", "p", "--override", "old_name_idle", "--because", "a test"),
          6);
    PQfinish(blocker);
    ck_assert_int_eq(test_count(test_connect(db, "app"),
                                "SELECT count(*) FROM pg_constraint WHERE confrelid ="
                                " 'public.thing'::regclass"),
                     1);
    copy = test_restored(db);
    if (!copy)
        TEST_SKIP(SKIP_NO_PG_DUMP);
    db = copy;
    url = test_url(db, "app");
    adopt();
    if (_i == 0) {
        advance("contract");
        plain = make();
        test_sql(test_connect(plain, "app"), "%s", it->plain);
        test_same_schema(db, plain);
    } else {
        EXITS(ORCHESTRATE(url, "rollback", "p", "--to", "start"), 0);
        test_same_schema(db, make());
    }
}
END_TEST

/* What its owner wrote into the meter would be done by the owner of the other table. */
START_TEST(statements_on_tables_of_others_are_those_of_the_start)
{
    struct ran ran;

    if (!restored(CASES - 1))
        TEST_SKIP(SKIP_NO_PG_DUMP);
    test_sql(
        super,
        "DO $$ BEGIN EXECUTE format('COMMENT ON SEQUENCE public._orch_1_meter IS %%L', replace("
        "obj_description('public._orch_1_meter'::regclass, 'pg_class'),"
        " 'ADD CONSTRAINT part_of', 'DISABLE TRIGGER ALL; SELECT')); END $$");
    ran = ORCHESTRATE(url, "repair", "p", "--adopt", "--confirm", "p");
    EXITS(ran, 5);
    CONTAINS(ran.err, "phase retire would have other steps");
}
END_TEST

/* So would statements on its own: in the transaction of who steps the plan, who may be more. */
static const struct forged {
    const char *name, *is, *becomes;
    int of; /* which drop, after its phase expand */
} forgeries[] = {
    { "the default", "upper(''a''::text)", "1; RESET ROLE; ALTER ROLE app SUPERUSER", 3 },
    { "the index", "\"public.lone\"", "\"public.lone; RESET ROLE; ALTER ROLE app SUPERUSER\"", 1 },
    { "the key of a column", "\"rel\": \"public.thing\"",
      "\"rel\": \"public.thing ENABLE ROW LEVEL SECURITY; RESET ROLE; ALTER TABLE public.thing\"",
      5 },
    { "the key of a table", "\"name\": \"out\"", "\"name\": \"other\"", 6 },
};

static int with_meter(int of)
{
    return of * (PHASES + 1) + 1;
}

START_TEST(what_the_owner_wrote_into_the_meter_is_no_statement)
{
    const struct forged *f = &forgeries[_i];
    struct ran ran;

    if (!restored(with_meter(f->of)))
        TEST_SKIP(SKIP_NO_PG_DUMP);
    puts(f->name);
    test_sql(
        super,
        "DO $$ DECLARE was text = obj_description('public._orch_1_meter'::regclass, 'pg_class');"
        " BEGIN ASSERT strpos(was, '%s') > 0, was;"
        " EXECUTE format('COMMENT ON SEQUENCE public._orch_1_meter IS %%L',"
        " replace(was, '%s', '%s')); END $$",
        f->is, f->is, f->becomes);
    ran = ORCHESTRATE(url, "repair", "p", "--adopt", "--confirm", "p");
    EXITS(ran, 5);
    CONTAINS(ran.err, "the comment of the sequence public._orch_1_meter, which says what was there "
                      "before, is not the one");
}
END_TEST

/* The meter is still its maker's; what it says is what the run has given it. */
START_TEST(a_table_that_was_given_to_another_owner_gets_its_default_back)
{
    if (!restored(with_meter(3)))
        TEST_SKIP(SKIP_NO_PG_DUMP);
    test_sql(super, "CREATE ROLE heir SUPERUSER; GRANT heir TO app; GRANT CREATE, USAGE ON SCHEMA "
                    "public TO heir;"
                    "ALTER TABLE public.thing OWNER TO heir");
    adopt();
    EXITS(ORCHESTRATE(url, "rollback", "p", "--to", "start"), 0);
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM pg_attrdef WHERE adrelid ="
                                       " 'public.thing'::regclass AND"
                                       " pg_get_expr(adbin, adrelid) LIKE 'upper(%%'"),
                     1);
    test_sql(super, "ALTER TABLE public.thing OWNER TO app; DROP OWNED BY heir; DROP ROLE heir");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("adopt_drops");
    TCase *tc = support_case(s, "drops", 120);

    support_long_cases(tc, a_restored_dump_goes_on_to_the_same_end, 0, CASES);
    support_long_cases(tc, a_restored_dump_can_be_undone, 0, CASES);
    tcase_add_loop_test(tc, a_dump_from_the_middle_of_retire_goes_on, 0, 2);
    tcase_add_test(tc, statements_on_tables_of_others_are_those_of_the_start);
    tcase_add_loop_test(tc, what_the_owner_wrote_into_the_meter_is_no_statement, 0,
                        ARRAY_LEN(forgeries));
    tcase_add_test(tc, a_table_that_was_given_to_another_owner_gets_its_default_back);
    return s;
}

int main(void)
{
    return support_run(suite());
}
