/*
 * drop_table: what others do while it is under way - to the statistics, to the tables that
 * reference it, to its old name - and who must be asked before it begins.
 */
#include <string.h>

#include "drop_table_fixture.h"

#define TABLE                                                                                      \
    "CREATE TABLE public.thing (id int CONSTRAINT thing_key PRIMARY KEY);"                         \
    "INSERT INTO public.thing SELECT i FROM generate_series(1, 10) AS i;"
#define CHILD                                                                                      \
    "CREATE TABLE public.child (id int PRIMARY KEY, thing int CONSTRAINT key REFERENCES "          \
    "public.thing); INSERT INTO public.child VALUES (1, 1);"
#define NEPHEW                                                                                     \
    "CREATE TABLE public.nephew (thing int REFERENCES public.thing ON DELETE CASCADE);"            \
    "INSERT INTO public.nephew VALUES (1);"
#define TREE                                                                                       \
    "CREATE TABLE public.child (id int, thing int CONSTRAINT key REFERENCES public.thing)"         \
    " PARTITION BY LIST (id);"                                                                     \
    "CREATE TABLE public.child_a PARTITION OF public.child DEFAULT;"                               \
    "INSERT INTO public.child VALUES (1, 1);"
#define BURIED "public.\"_orch_1_tombstone\""

#define STANDING                                                                                   \
    "SELECT count(*) FROM pg_constraint WHERE confrelid = 'public.thing'::regclass AND"            \
    " conparentid = 0 AND convalidated"

static const char *const children[] = { CHILD, TREE };

static const char *db, *url;
static PGconn *conn;

static struct ran advance(const char *phase)
{
    return advance_to(url, phase);
}

static struct ran rollback(void)
{
    return ORCHESTRATE(url, "rollback", "p");
}

static void begun(const char *setup, const char *phase, const char *more)
{
    db = started(setup, more, &url);
    conn = test_connect(db, "app");
    EXITS(advance(phase), 0);
}

/* --- statistics ------------------------------------------------------------------ */

static void settles(PGconn *look, int uses)
{
    test_wait(look, 20,
              "SELECT pg_stat_clear_snapshot() IS NOT NULL AND seq_scan + coalesce(idx_scan, 0) +"
              " n_tup_ins = %d FROM pg_stat_all_tables WHERE relid = 'public.thing'::regclass",
              uses);
}

static struct ran gate(void)
{
    return ORCHESTRATE(url, "gate", "p", "--phase", "retire");
}

/* Nothing was counted before expand, so that no count can be below that. */
START_TEST(statistics_that_were_reset_are_noticed_from_a_baseline_of_nothing)
{
    static const char *const ways[] = { "SELECT pg_stat_reset()",
                                        "SELECT pg_stat_reset_single_table_counters("
                                        "'public.thing'::regclass)" };
    PGconn *super, *user;
    bool noted = _i & 1;

    db = started("CREATE TABLE public.thing (id int)", "gates: {retire: [{old_name_idle: 1h}]}\n",
                 &url);
    super = test_connect(db, "postgres");
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    EXITS(gate(), 0);
    user = test_connect(db, "app");
    test_sql(user, "INSERT INTO public.thing SELECT generate_series(1, 5)");
    PQfinish(user);
    settles(super, 5);
    if (noted)
        CONTAINS(gate().out, "5 uses of public.thing since expand");
    test_sql(super, "%s", ways[_i / 2]);
    settles(super, 0);
    CONTAINS(gate().out, "0 uses of public.thing since they were reset");
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", "retire"), 0);
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM pg_class WHERE relname = 'thing'"), 1);
    /* And it stays so when the count is above the baseline again. */
    user = test_connect(db, "app");
    test_sql(user, "INSERT INTO public.thing SELECT generate_series(1, 7)");
    PQfinish(user);
    settles(super, 7);
    CONTAINS(gate().out, "7 uses of public.thing since they were reset");
}
END_TEST

/* --- foreign keys that cannot come back ------------------------------------------ */

START_TEST(a_column_that_is_dropped_after_retire_takes_its_foreign_key_with_it)
{
    begun(arena_printf(test_arena(), "%s%s%s", TABLE, children[_i], NEPHEW), "retire", "");
    test_sql(conn, "ALTER TABLE public.child DROP COLUMN thing");
    EXITS(rollback(), 0);
    ck_assert_int_eq(test_count(conn, STANDING), 1);
    CONTAINS(ORCHESTRATE(url, "verify", "p").out, "the foreign key key of public.child is gone");
    EXITS(ORCHESTRATE(url, "resume", "p"), 0);
    EXITS(advance("contract"), 0);
}
END_TEST

/* What somebody does after retire, what rollback says of it, and how it is taken back. */
static const struct {
    const char *done, *said, *advice, *undone;
} ways[] = {
    { "ALTER TABLE public.child RENAME COLUMN thing TO \"Other\"",
      "public.child has no column thing by now, which its foreign key key consisted of; "
      "\"Other\" was called so",
      "ALTER TABLE public.child RENAME COLUMN \"Other\" TO thing",
      "ALTER TABLE public.child RENAME COLUMN \"Other\" TO thing" },
    { "ALTER TABLE " BURIED " RENAME COLUMN id TO other",
      "_orch_1_tombstone has no column id by now", "RENAME COLUMN other TO id",
      "ALTER TABLE " BURIED " RENAME COLUMN other TO id" },
    { "ALTER TABLE " BURIED " DROP CONSTRAINT thing_key",
      "_orch_1_tombstone has no unique index on (id) by now", "ADD UNIQUE (id)",
      "ALTER TABLE " BURIED " ADD UNIQUE (id)" },
    { "ALTER TABLE public.child ADD CONSTRAINT key CHECK (thing > 0)",
      "public.child has another constraint key by now: CHECK", "RENAME CONSTRAINT key TO",
      "ALTER TABLE public.child DROP CONSTRAINT key" },
    { "CREATE TYPE public.thing AS ENUM ('a')", "there is something called public.thing now",
      "ALTER TYPE public.thing RENAME TO", "ALTER TYPE public.thing RENAME TO odd" },
    { "CREATE DOMAIN public.thing AS int", "there is something called public.thing now",
      "ALTER DOMAIN public.thing RENAME TO", "DROP DOMAIN public.thing" },
    { "CREATE VIEW public.thing AS SELECT 1 AS id", "there is something called public.thing now",
      "ALTER VIEW public.thing RENAME TO", "ALTER VIEW public.thing RENAME TO odd" },
};

/* What somebody does with a table at the other end, and how it gets its name back. */
static const struct {
    const char *done, *says, *back;
} renamed[] = {
    { "ALTER TABLE public.child RENAME TO \"Kid\"", "it is called public.\"Kid\" by now",
      "ALTER TABLE public.\"Kid\" RENAME TO child" },
    { "CREATE SCHEMA aside; ALTER TABLE public.child SET SCHEMA aside; CREATE TABLE public.child "
      "(other int)",
      "it is called aside.child by now, and another one has its name",
      "ALTER TABLE aside.child SET SCHEMA public" },
};

START_TEST(a_table_at_the_other_end_that_is_called_otherwise_is_named_with_the_way_back)
{
    struct ran ran;

    begun(TABLE CHILD, "retire", "");
    test_sql(conn, "%s", renamed[_i].done);
    ran = ORCHESTRATE(url, "verify", "p");
    EXITS(ran, 5);
    CONTAINS(ran.out, "  wrong  plan p was started for the table public.child");
    ran = rollback();
    EXITS(ran, 5);
    CONTAINS(ran.err, renamed[_i].says);
    CONTAINS(ran.err, renamed[_i].back);
    test_sql(conn, "DROP TABLE IF EXISTS public.child; %s", renamed[_i].back);
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    EXITS(rollback(), 0);
    ck_assert_int_eq(test_count(conn, STANDING), 1);
}
END_TEST

START_TEST(what_is_in_the_way_is_named_before_anything_is_undone)
{
    const char *child = children[_i % 2];
    int way = _i / 2;
    struct ran ran;

    begun(arena_printf(test_arena(), "%s%s%s", TABLE, child, NEPHEW), "retire", "");
    test_sql(conn, "%s", ways[way].done);
    for (int again = 0; again < 2; again++) {
        ran = rollback();
        EXITS(ran, 5);
        CONTAINS(ran.err, ways[way].said);
        CONTAINS(ran.err, ways[way].advice);
        ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_class WHERE relname = "
                                          "'_orch_1_tombstone'"),
                         1);
    }
    test_sql(conn, "%s", ways[way].undone);
    EXITS(rollback(), 0);
    ck_assert_int_eq(test_count(conn, STANDING), 2);
}
END_TEST

/* --- the old name, taken again ---------------------------------------------------- */

START_TEST(another_table_of_the_old_name_does_not_hold_contract)
{
    begun(TABLE CHILD, "retire", "");
    test_sql(conn, "CREATE TABLE public.thing (new int); INSERT INTO public.thing VALUES (7)");
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    EXITS(advance("contract"), 0);
    ck_assert_int_eq(test_count(conn, "SELECT new FROM public.thing"), 7);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_class WHERE relname ~ '^_orch_'"),
                     0);
}
END_TEST

/* A foreign key of its own is dropped first, under the same look. */
START_TEST(nor_that_of_a_table_with_foreign_keys)
{
    struct ran ran;

    begun("CREATE TABLE public.parent (id int PRIMARY KEY);"
          "CREATE TABLE public.thing (id int PRIMARY KEY, parent int REFERENCES public.parent)",
          "retire", "");
    test_sql(conn, "CREATE TABLE public.thing (new int)");
    ran = rollback();
    EXITS(ran, 5);
    CONTAINS(ran.err, "there is something called public.thing now");
    CONTAINS(ran.err, "ALTER TABLE public.thing RENAME TO ...");
    test_sql(conn, "ALTER TABLE public.thing RENAME TO fresh");
    EXITS(rollback(), 0);
    EXITS(ORCHESTRATE(url, "resume", "p"), 0);
    EXITS(advance("retire"), 0);
    test_sql(conn, "ALTER TABLE public.fresh RENAME TO thing");
    EXITS(advance("contract"), 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM public.thing"), 0);
}
END_TEST

/* --- publications ------------------------------------------------------------------ */

static const char *const publications[] = { "FOR ALL TABLES", "FOR TABLES IN SCHEMA public" };

#define ACCEPTED "accept: [{rule: published-table, because: a test}]\n"

START_TEST(a_publication_that_does_not_name_the_table_is_asked_about)
{
    const char *plan = "plan: p\nchange:\n  " CHANGE "\n";
    PGconn *super;
    struct ran ran;

    if (_i && test_server_major() < 15)
        TEST_SKIP(SKIP_OLD_SERVER);
    db = test_database("empty");
    url = test_url(db, "app");
    super = test_connect(db, "postgres");
    test_sql(super, "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"), TABLE);
    test_sql(super, "CREATE PUBLICATION \"All of it\" %s", publications[_i]);
    ran = ORCHESTRATE(url, "start", test_write("p.yaml", plan));
    EXITS(ran, 5);
    CONTAINS(ran.err, "public.thing is published (\"All of it\")");
    CONTAINS(ran.err, "accept this");
    EXITS(ORCHESTRATE(url, "start",
                      test_write("p.yaml", arena_printf(test_arena(), "%s" ACCEPTED, plan))),
          0);
    EXITS(advance("contract"), 0);
}
END_TEST

START_TEST(a_publication_of_all_that_comes_meanwhile_closes_a_gate)
{
    PGconn *super;
    struct ran ran;

    if (_i && test_server_major() < 15)
        TEST_SKIP(SKIP_OLD_SERVER);
    begun(TABLE, "retire", "");
    super = test_connect(db, "postgres");
    test_sql(super, "CREATE PUBLICATION sent %s", publications[_i]);
    ran = advance("contract");
    EXITS(ran, 5);
    CONTAINS(ran.err, "publication sent has it");
    test_sql(super, "DROP PUBLICATION sent");
    EXITS(advance("contract"), 0);
}
END_TEST

/* --- owners and schemas ------------------------------------------------------------- */

#define OWNERS                                                                                     \
    "DO $$ BEGIN CREATE ROLE partner; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"          \
    "GRANT partner TO app; CREATE SCHEMA here AUTHORIZATION app; CREATE SCHEMA there "             \
    "AUTHORIZATION partner; SET ROLE app; CREATE TABLE here.thing (id int PRIMARY KEY);"           \
    "GRANT ALL ON here.thing TO partner; GRANT USAGE ON SCHEMA here TO partner; RESET ROLE;"       \
    "SET ROLE partner; CREATE TABLE there.other (id int PRIMARY KEY);"                             \
    "GRANT ALL ON there.other TO app; GRANT USAGE ON SCHEMA there TO app; RESET ROLE;"

/* The key between both, what is taken away, and what has to be given back. */
static const struct {
    const char *key, *taken, *given;
} schemas[] = {
    { "ALTER TABLE there.other ADD FOREIGN KEY (id) REFERENCES here.thing",
      "REVOKE USAGE ON SCHEMA here FROM partner", "GRANT USAGE ON SCHEMA here TO partner" },
    { "ALTER TABLE there.other ADD FOREIGN KEY (id) REFERENCES here.thing",
      "REVOKE USAGE ON SCHEMA there FROM partner", "GRANT USAGE ON SCHEMA there TO partner" },
    { "ALTER TABLE here.thing ADD FOREIGN KEY (id) REFERENCES there.other",
      "REVOKE partner FROM app; REVOKE USAGE ON SCHEMA there FROM app",
      "GRANT USAGE ON SCHEMA there TO app" },
};

START_TEST(an_owner_without_usage_on_the_other_schema_is_refused)
{
    const char *plan = test_write("p.yaml", "plan: p\nchange:\n  drop_table: {table: "
                                            "here.thing}\n");
    PGconn *super;
    struct ran ran;

    db = test_database("empty");
    url = test_url(db, "app");
    super = test_connect(db, "postgres");
    test_sql(super, OWNERS "%s", schemas[_i].key);
    test_sql(super, "%s", schemas[_i].taken);
    ran = ORCHESTRATE(url, "start", plan);
    EXITS(ran, 5);
    CONTAINS(ran.err, "has no USAGE on schema");
    CONTAINS(ran.err, schemas[_i].given);
    test_sql(super, "%s", schemas[_i].given);
    EXITS(ORCHESTRATE(url, "start", plan), 0);
    EXITS(advance("retire"), 0);
    EXITS(rollback(), 0);
    EXITS(ORCHESTRATE(url, "resume", "p"), 0);
    EXITS(advance("contract"), 0);
}
END_TEST

/* --- its own foreign keys ----------------------------------------------------------- */

START_TEST(what_its_own_foreign_keys_do_until_contract_is_said)
{
    struct ran ran;

    db = test_database("empty");
    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"),
             "CREATE TABLE public.parent (id int PRIMARY KEY);"
             "CREATE TABLE public.thing (parent int CONSTRAINT \"Own\" REFERENCES public.parent)");
    ran = ORCHESTRATE(url, "plan", test_write("p.yaml", "plan: p\nchange:\n  " CHANGE "\n"),
                      "--format", "json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "own-foreign-keys");
    CONTAINS(ran.out, "\\\"Own\\\" references public.parent");
}
END_TEST

/* --- what would come back otherwise ------------------------------------------------- */

static const char *odd_plan(void)
{
    return test_write("p.yaml", "plan: p\nchange:\n  " CHANGE
                                "\naccept: [{rule: partitions, because: a test}]\n");
}

static struct ran start_of(const char *setup, const char *by_super)
{
    PGconn *super;

    db = test_database("empty");
    url = test_url(db, "app");
    super = test_connect(db, "postgres");
    test_sql(super, "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"), "%s", setup);
    test_sql(super, "%s", by_super);
    return ORCHESTRATE(url, "start", odd_plan());
}

#define PARTED                                                                                     \
    "CREATE TABLE public.thing (id int PRIMARY KEY) PARTITION BY LIST (id);"                       \
    "CREATE TABLE public.t1 PARTITION OF public.thing DEFAULT;"
#define PARTED_CHILD                                                                               \
    "CREATE TABLE public.child (thing int) PARTITION BY LIST (thing);"                             \
    "CREATE TABLE public.c1 (thing int CONSTRAINT mine REFERENCES public.thing);"                  \
    "ALTER TABLE public.child ADD CONSTRAINT key FOREIGN KEY (thing) REFERENCES public.thing;"     \
    "ALTER TABLE public.child ATTACH PARTITION public.c1 DEFAULT;"

/* From which version on; what is there, and what makes it as it would come back. */
static const struct {
    int version;
    const char *setup, *by_super, *said, *undone;
} odd[] = {
    { 13, TABLE CHILD, "ALTER TABLE public.child DISABLE TRIGGER ALL",
      "foreign key key of public.child do not fire",
      "ALTER TABLE public.child ENABLE TRIGGER ALL" },
    { 13, TABLE CHILD, "ALTER TABLE public.thing DISABLE TRIGGER ALL",
      "foreign key key of public.child do not fire",
      "ALTER TABLE public.thing ENABLE TRIGGER ALL" },
    { 13, TABLE TREE, "ALTER TABLE public.child_a DISABLE TRIGGER ALL",
      "foreign key key of public.child do not fire",
      "ALTER TABLE public.child_a ENABLE TRIGGER ALL" },
    { 18, PARTED PARTED_CHILD, "SELECT", "foreign key key as a whole",
      "ALTER TABLE public.c1 RENAME CONSTRAINT mine TO key" },
};

START_TEST(a_foreign_key_that_would_come_back_otherwise_is_refused)
{
    struct ran ran;

    if (test_server_major() < odd[_i].version)
        TEST_SKIP(SKIP_OLD_SERVER);
    ran = start_of(odd[_i].setup, odd[_i].by_super);
    EXITS(ran, 5);
    CONTAINS(ran.err, odd[_i].said);
    test_sql(test_connect(db, "postgres"), "%s", odd[_i].undone);
    EXITS(ORCHESTRATE(url, "start", odd_plan()), 0);
}
END_TEST

/* --- dropped by hand ---------------------------------------------------------------- */

START_TEST(a_table_that_somebody_has_dropped_is_called_gone)
{
    struct ran ran;

    begun("CREATE TABLE public.thing (id int)", "expand", "");
    test_sql(conn, "DROP TABLE public.thing");
    ran = gate();
    EXITS(ran, 3);
    CONTAINS(ran.out, "public.thing is gone");
    CONTAINS(ran.out, "--forget");
    ck_assert_ptr_null(strstr(ran.out, "wait until"));
    EXITS(ORCHESTRATE(url, "repair", "p", "--forget", "--confirm", "p"), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("drop_table_others");
    TCase *statistics = support_case(s, "statistics", 120), *keys = support_case(s, "keys", 300);
    TCase *rights = support_case(s, "rights", 120);

    tcase_add_loop_test(statistics,
                        statistics_that_were_reset_are_noticed_from_a_baseline_of_nothing, 0, 4);
    tcase_add_loop_test(
        keys, a_table_at_the_other_end_that_is_called_otherwise_is_named_with_the_way_back, 0,
        ARRAY_LEN(renamed));
    tcase_add_loop_test(keys, a_column_that_is_dropped_after_retire_takes_its_foreign_key_with_it,
                        0, 2);
    support_cases(keys, what_is_in_the_way_is_named_before_anything_is_undone, 0,
                  2 * ARRAY_LEN(ways));
    tcase_add_test(keys, another_table_of_the_old_name_does_not_hold_contract);
    tcase_add_test(keys, nor_that_of_a_table_with_foreign_keys);
    tcase_add_loop_test(rights, a_publication_that_does_not_name_the_table_is_asked_about, 0, 2);
    tcase_add_loop_test(rights, a_publication_of_all_that_comes_meanwhile_closes_a_gate, 0, 2);
    tcase_add_loop_test(rights, an_owner_without_usage_on_the_other_schema_is_refused, 0,
                        ARRAY_LEN(schemas));
    tcase_add_loop_test(rights, a_foreign_key_that_would_come_back_otherwise_is_refused, 0,
                        ARRAY_LEN(odd));
    tcase_add_test(statistics, a_table_that_somebody_has_dropped_is_called_gone);
    tcase_add_test(rights, what_its_own_foreign_keys_do_until_contract_is_said);
    return s;
}

int main(void)
{
    return support_run(suite());
}
