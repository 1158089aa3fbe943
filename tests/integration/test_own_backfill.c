/*
 * Backfills in a plan's own words: what the server keeps right is kept right, triggers fire
 * only where the plan says so, and none is done while a row still needs it.
 */
#include <string.h>

#include "own_plan.h"
#include "support.h"

static const char *db, *url, *app_url;
static PGconn *conn;

/* Tables of `app`; `url` is of a superuser, who may keep triggers still. */
static void prepared(const char *tables)
{
    db = own_prepared(&app_url);
    url = test_url(db, "postgres");
    conn = test_connect(db, "app");
    test_sql(conn, "%s", tables);
    EXITS(ORCHESTRATE(app_url, "init"), 0);
}

#define STEPS "    steps:\n"
#define SQL(sql) "      - sql: " sql "\n        undo: none\n"
#define BACKFILL(backfill) "      - backfill: {" backfill "}\n        undo: none\n"
#define FILL(backfill) STEPS BACKFILL(backfill)
#define FIRES "        accept: [{rule: backfill-fires-triggers, because: it is meant}]\n"

static int64_t count(const char *what)
{
    return test_count(conn, "SELECT count(*) FROM %s", what);
}

static struct ran advance(void)
{
    return ORCHESTRATE(url, "advance", "own");
}

/* --- triggers --------------------------------------------------------------------- */

#define FAMILY                                                                                     \
    "CREATE TABLE public.parent (id int PRIMARY KEY, code int UNIQUE, seen int);"                  \
    "CREATE TABLE public.child (id int PRIMARY KEY, p int REFERENCES public.parent,"               \
    " c int REFERENCES public.parent (code) ON UPDATE CASCADE, n int,"                             \
    " once int UNIQUE DEFERRABLE);"                                                                \
    "INSERT INTO public.parent SELECT i, i FROM generate_series(1, 10) AS i;"                      \
    "INSERT INTO public.child SELECT i, NULL, i, NULL, i FROM generate_series(1, 10) AS i;"        \
    "INSERT INTO public.child SELECT i, NULL, NULL, NULL, i FROM generate_series(11, 90) AS i;"    \
    "CREATE TABLE public.fired (id int);"                                                          \
    "CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"                   \
    " INSERT INTO public.fired VALUES (NEW.id); RETURN NEW; END $$;"                               \
    "CREATE TRIGGER noted BEFORE UPDATE ON public.child FOR EACH ROW EXECUTE FUNCTION"             \
    " public.note();"                                                                              \
    "CREATE TRIGGER seen BEFORE UPDATE ON public.parent FOR EACH ROW EXECUTE FUNCTION"             \
    " public.note();"

/* clang-format off */
static const struct {
    const char *fill, *trigger, *key;
    const char *says;  /* when it is carried out */
    const char *wrong; /* rows that the server does not allow */
} kept[] = {
    { FILL("table: public.child, set: {p: id}"), "noted", "child_p_fkey", "child_p_fkey",
      "public.child WHERE NOT EXISTS (SELECT FROM public.parent WHERE parent.id = p) AND p IS NOT NULL" },
    { FILL("table: public.child, set: {once: '7'}"), "noted", "child_once_key", "child_once_key",
      "(SELECT FROM public.child GROUP BY once HAVING count(*) > 1) AS g" },
    { FILL("table: public.parent, set: {code: id + 100}"), "seen", "child_c_fkey", NULL,
      "public.child WHERE NOT EXISTS (SELECT FROM public.parent WHERE parent.code = c) AND c IS NOT NULL" },
};
/* clang-format on */

START_TEST(what_the_server_keeps_right_is_kept_right)
{
    struct ran ran;

    prepared(FAMILY);
    ran = own_start(url, "", kept[_i].fill);
    EXITS(ran, 5);
    CONTAINS(ran.err, arena_printf(test_arena(), "fire its triggers: %s", kept[_i].trigger));
    CONTAINS(ran.err, kept[_i].key);
    CONTAINS(ran.err, "accept: [{rule: backfill-fires-triggers");
    EXITS(own_start(url, "", arena_printf(test_arena(), "%s" FIRES, kept[_i].fill)), 0);
    ran = advance();
    EXITS(ran, kept[_i].says ? 1 : 0);
    if (kept[_i].says)
        CONTAINS(ran.err, kept[_i].says);
    else
        ck_assert_int_gt(count("public.fired"), 0);
    ck_assert_int_eq(count(kept[_i].wrong), 0);
}
END_TEST

/* A step before it makes the key: nobody has accepted anything. */
START_TEST(what_has_to_be_kept_since_the_start_stops_it)
{
    struct ran ran;

    prepared(FAMILY);
    EXITS(own_start(url, "",
                    STEPS SQL("ALTER TABLE public.child ADD FOREIGN KEY (n) REFERENCES"
                              " public.parent") BACKFILL("table: public.child, set: {n: id}")),
          0);
    ran = advance();
    EXITS(ran, 1);
    CONTAINS(ran.err, "fire its triggers: noted");
    CONTAINS(ran.err, "child_n_fkey");
    ck_assert_int_eq(count("public.child WHERE n IS NOT NULL"), 0);
    test_sql(conn, "ALTER TABLE public.child DROP CONSTRAINT child_n_fkey");
    EXITS(advance(), 0);
    ck_assert_int_eq(count("public.child WHERE n = id"), 90);
    ck_assert_int_eq(count("public.fired"), 0);
}
END_TEST

/* While it fills, too: in no batch is a key left unchecked. */
START_TEST(what_has_to_be_kept_since_then_stops_it_in_the_midst)
{
    struct ran ran;

    prepared(FAMILY "INSERT INTO public.child SELECT i FROM generate_series(91, 9000) AS i");
    EXITS(own_start(url, "settings: {duty: 1%, jobs: 2, batch_rows: {start: 100, max: 100}}\n",
                    FILL("table: public.child, set: {n: id}, where: n IS NULL")),
          0);
    ran = test_spawn(url, (const char *const[]){ "advance", "own", NULL }, NULL);
    test_wait(conn, 20, "SELECT count(*) > 0 FROM public.child WHERE n IS NOT NULL");
    if (_i)
        test_sql(conn, "ALTER TABLE public.child ENABLE ALWAYS TRIGGER noted");
    else
        test_sql(conn, "ALTER TABLE public.child ADD FOREIGN KEY (n) REFERENCES public.parent NOT"
                       " VALID");
    test_value(conn, "SELECT set_config('test.n', count(*)::text, false) FROM public.child"
                     " WHERE n IS NOT NULL");
    test_finish(&ran, 60);
    EXITS(ran, 1);
    CONTAINS(ran.err, "fire its triggers: noted");
    CONTAINS(ran.err, _i ? "ENABLE ALWAYS" : "child_n_fkey");
    ck_assert_str_eq(test_value(conn, "SELECT current_setting('test.n')::int = count(*)"
                                      " FROM public.child WHERE n IS NOT NULL"),
                     "t");
    ck_assert_int_eq(count("public.fired"), 0);
}
END_TEST

START_TEST(triggers_fire_only_where_the_plan_says_so)
{
    static const char *const makes[] = {
        "SELECT 1",
        "ALTER TABLE public.child ENABLE ALWAYS TRIGGER noted",
        "ALTER TABLE public.child DISABLE TRIGGER noted",
        ("DROP TRIGGER noted ON public.child; CREATE TRIGGER noted BEFORE UPDATE OF p ON"
         " public.child FOR EACH ROW EXECUTE FUNCTION public.note()"),
    };
    static const struct {
        int make;
        bool superuser, fires;
    } rows[] = { { 0, true, false }, { 0, false, true },  { 1, true, true },
                 { 1, false, true }, { 2, false, false }, { 3, false, false } };
    const char *who;
    struct ran ran;

    prepared(FAMILY);
    who = rows[_i].superuser ? url : app_url;
    test_sql(conn, "%s", makes[rows[_i].make]);
    ran = own_start(who, "", FILL("table: public.child, set: {n: id}"));
    EXITS(ran, rows[_i].fires ? 5 : 0);
    if (rows[_i].fires) {
        CONTAINS(ran.err, "fire its triggers: noted");
        EXITS(own_start(who, "", FILL("table: public.child, set: {n: id}") FIRES), 0);
    }
    EXITS(ORCHESTRATE(who, "advance", "own"), 0);
    ck_assert_int_eq(count("public.child WHERE n = id"), 90);
    ck_assert_int_eq(count("public.fired"), rows[_i].fires ? 90 : 0);
}
END_TEST

/* Before 15 those of partitions look like the server's own. */
START_TEST(a_trigger_of_the_parent_fires_on_its_partition)
{
    struct ran ran;

    prepared("CREATE TABLE public.whole (id int, n int) PARTITION BY RANGE (id);"
             "CREATE TABLE public.some PARTITION OF public.whole FOR VALUES FROM (0) TO (100);"
             "CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
             " RETURN NEW; END $$;"
             "CREATE TRIGGER noted BEFORE UPDATE ON public.whole FOR EACH ROW EXECUTE FUNCTION"
             " public.note();");
    ran = own_start(app_url, "", FILL("table: public.some, set: {n: id}"));
    EXITS(ran, 5);
    CONTAINS(ran.err, "fire its triggers: noted");
}
END_TEST

/* As the role of the phase, with the names of the plan: not as whoever commits. */
START_TEST(what_is_deferred_is_done_as_the_rest)
{
    prepared("CREATE TABLE public.fired (who text); CREATE TABLE public.slow (id int, n int);"
             "INSERT INTO public.slow VALUES (1);"
             "CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
             " INSERT INTO fired VALUES (current_user); RETURN NULL; END $$;"
             "CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON public.slow DEFERRABLE INITIALLY"
             " DEFERRED FOR EACH ROW EXECUTE FUNCTION public.note();"
             "ALTER TABLE public.slow ENABLE ALWAYS TRIGGER late");
    EXITS(own_start(url, "",
                    "    role: app\n" FILL("table: slow, set: {n: \"1\"}, where: n IS NULL") FIRES),
          0);
    EXITS(advance(), 0);
    ck_assert_str_eq(test_rows(conn, "SELECT who FROM public.fired"), "app");
}
END_TEST

/* --- what does not come to an end -------------------------------------------------- */

#define MONEY                                                                                      \
    "CREATE TABLE public.money (id int PRIMARY KEY, bal numeric(10,2), active bool, u text,"       \
    " old text, d char(4)); INSERT INTO public.money SELECT i, i, i = 500, NULL, nullif(i, 500)"   \
    " FROM generate_series(1, 900) AS i;"

/* clang-format off */
static const struct {
    const char *fill, *says;
} endless[] = {
    { FILL("table: public.money, set: {bal: bal * 100}, where: active"), "`where` is as true of a row" },
    { FILL("table: public.money, set: {u: old}, where: u IS NULL -- not yet"), "`where` is as true of a row" },
};
/* clang-format on */

START_TEST(no_row_is_written_twice)
{
    struct ran ran;

    prepared(MONEY);
    EXITS(own_start(url, "", endless[_i].fill), 0);
    ran = advance();
    EXITS(ran, 1);
    CONTAINS(ran.err, endless[_i].says);
    CONTAINS(ran.err, "{\"id\": 500}");
    CONTAINS(ran.err, "mend the plan");
    ck_assert_int_eq(count("public.money WHERE id = 500 AND bal = 500 AND u IS NULL"), 1);
}
END_TEST

/* What the column makes of the value is what was meant. */
START_TEST(a_value_that_is_rounded_is_filled)
{
    prepared(MONEY);
    EXITS(own_start(url, "",
                    FILL("table: public.money, set: {bal: id * 1.2345, u: id::text,"
                         " d: '''x'''}")),
          0);
    EXITS(advance(), 0);
    ck_assert_int_eq(count("public.money WHERE bal = round(id * 1.2345, 2) AND d = 'x'"), 900);
}
END_TEST

START_TEST(what_makes_another_value_each_time_needs_where)
{
    struct ran ran;

    prepared(MONEY "CREATE FUNCTION public.pick() RETURNS text LANGUAGE sql AS"
                   " 'SELECT random()::text';");
    ran = own_start(url, "", FILL("table: public.money, set: {u: pick()}"));
    EXITS(ran, 5);
    CONTAINS(ran.err, "sets u to another value of the same row each time");
    CONTAINS(ran.err, "where: u IS NULL");
    EXITS(own_start(url, "", FILL("table: public.money, set: {u: pick()}, where: u IS NULL")), 0);
    EXITS(advance(), 0);
    ck_assert_int_eq(count("public.money WHERE u IS NOT NULL"), 900);
}
END_TEST

START_TEST(what_makes_another_value_each_time_is_seen_when_it_runs)
{
    struct ran ran;

    prepared(MONEY "CREATE FUNCTION public.pick() RETURNS text IMMUTABLE LANGUAGE plpgsql AS"
                   " 'BEGIN RETURN 1; END';");
    EXITS(own_start(url, "",
                    STEPS SQL("ALTER FUNCTION public.pick() VOLATILE")
                        BACKFILL("table: public.money, set: {u: pick()}")),
          0);
    ran = advance();
    EXITS(ran, 1);
    CONTAINS(ran.err, "`set` of u makes another value of the same row each time");
    ck_assert_int_eq(count("public.money WHERE u IS NULL"), 900);
}
END_TEST

/* --- nothing is left ---------------------------------------------------------------- */

#define ITEMS                                                                                      \
    "CREATE TABLE public.item (id int PRIMARY KEY, n int, filler text);"                           \
    "INSERT INTO public.item SELECT i, NULL, repeat('x', 500) FROM generate_series(1, 3000) AS i;"

START_TEST(a_rule_that_does_something_else_is_refused)
{
    struct ran ran;

    prepared(ITEMS "CREATE RULE nothing AS ON UPDATE TO public.item DO INSTEAD NOTHING");
    ran = own_start(url, "", FILL("table: public.item, set: {n: id}"));
    EXITS(ran, 5);
    CONTAINS(ran.err, "rule on UPDATE");
    CONTAINS(ran.err, "nothing");
    /* Accepted, but no step before it disables the rule. */
    EXITS(own_start(url, "",
                    FILL("table: public.item, set: {n: id}") "        accept: [{rule: "
                                                             "backfill-rule, because: test}]\n"),
          0);
    ran = advance();
    EXITS(ran, 1);
    CONTAINS(ran.err, "rule on UPDATE");
    test_sql(conn, "ALTER TABLE public.item DISABLE RULE nothing");
    EXITS(advance(), 0);
    ck_assert_int_eq(count("public.item WHERE n = id"), 3000);
}
END_TEST

START_TEST(a_row_that_a_trigger_keeps_is_not_done)
{
    static const char *const wheres[] = { "", ", where: n IS NULL" };
    struct ran ran;

    prepared(ITEMS "CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS"
                   " 'BEGIN RETURN NULL; END';"
                   "CREATE TRIGGER kept BEFORE UPDATE ON public.item FOR EACH ROW WHEN (OLD.id ="
                   " 2000) EXECUTE FUNCTION public.keep()");
    EXITS(own_start(app_url, "",
                    arena_printf(test_arena(), FILL("table: public.item, set: {n: id}%s") FIRES,
                                 wheres[_i])),
          0);
    ran = ORCHESTRATE(app_url, "advance", "own");
    EXITS(ran, 1);
    CONTAINS(ran.err, "cannot be written");
    CONTAINS(ran.err, arena_printf(test_arena(), "ctid %s",
                                   test_value(conn, "SELECT ctid FROM public.item WHERE n IS"
                                                    " NULL")));
    ck_assert_int_eq(count("public.item WHERE n = id"), 2999);
    CONTAINS(ORCHESTRATE(app_url, "status", "own").out, "2,999 rows");
    test_sql(conn, "DROP TRIGGER kept ON public.item");
    EXITS(ORCHESTRATE(app_url, "advance", "own"), 0);
    ck_assert_int_eq(count("public.item WHERE n = id"), 3000);
}
END_TEST

/* What the application goes on to write is filled, too, but not for ever. */
START_TEST(rows_that_are_written_meanwhile_do_not_keep_it_from_an_end)
{
    struct ran ran;

    prepared(ITEMS "CREATE TABLE public.stop (x int)");
    EXITS(own_start(url, "", FILL("table: public.item, set: {n: id}, where: n IS NULL")), 0);
    test_sql(conn, "CREATE PROCEDURE public.write() LANGUAGE plpgsql AS $$ BEGIN"
                   " FOR i IN 10001..100000 LOOP"
                   "   INSERT INTO public.item VALUES (i); COMMIT; PERFORM pg_sleep(0.002);"
                   "   EXIT WHEN EXISTS (SELECT FROM public.stop);"
                   " END LOOP; END $$");
    ck_assert_int_eq(PQsendQuery(conn, "CALL public.write()"), 1);
    ran = test_spawn(url, (const char *const[]){ "advance", "own", NULL }, NULL);
    test_finish(&ran, 60);
    EXITS(ran, 0);
    CONTAINS(ran.err, "are being written all the time");
    test_sql(test_connect(db, "app"), "INSERT INTO public.stop VALUES (1)");
    PQclear(PQgetResult(conn));
    ck_assert_int_eq(test_count(test_connect(db, "app"),
                                "SELECT count(*) FROM public.item WHERE id <= 3000 AND n = id"),
                     3000);
}
END_TEST

/* By the name of the table that the plan has, which its words may use. */
START_TEST(tables_that_inherit_are_filled_too)
{
    prepared(ITEMS "CREATE TABLE public.more () INHERITS (public.item);"
                   "INSERT INTO public.more SELECT i, NULL, repeat('x', 500) FROM"
                   " generate_series(1, 9000) AS i");
    EXITS(own_start(url, "",
                    FILL("table: public.item, set: {n: (SELECT item.id)}, where: item.n IS NULL")),
          0);
    EXITS(advance(), 0);
    ck_assert_int_eq(count("public.item WHERE n = id"), 12000);
    ck_assert_int_eq(count("ONLY public.item WHERE n = id"), 3000);
}
END_TEST

/* --- what people are told ----------------------------------------------------------- */

START_TEST(a_row_that_fails_can_be_found)
{
    const char *query;
    struct ran ran;

    prepared(ITEMS);
    EXITS(own_start(url, "settings: {batch_rows: {start: 100, max: 100}}\n",
                    FILL("table: public.item, set: {n: 10 / (id - 1000)}, where: n IS NULL")),
          0);
    ran = advance();
    EXITS(ran, 1);
    CONTAINS(ran.err, "`set` of n, in pages ");
    CONTAINS(ran.err, "division by zero");
    query = strstr(ran.err, "SELECT * FROM public.item");
    ck_assert_ptr_nonnull(query);
    ck_assert_int_eq(1, test_count(conn, "SELECT count(*) FROM (%.*s) AS rows WHERE id = 1000",
                                   (int)(strstr(query, "'.") - query) + 1, query));
}
END_TEST

START_TEST(rows_that_were_committed_are_counted)
{
    const char *status;

    prepared(ITEMS);
    EXITS(own_start(url, "settings: {jobs: 4, batch_rows: {start: 100, max: 100}}\n",
                    FILL("table: public.item, set: {n: 10 / (id - 2000)}, where: n IS NULL")),
          0);
    EXITS(advance(), 1);
    ck_assert_int_gt(count("public.item WHERE n IS NOT NULL"), 1000);
    status = ORCHESTRATE(url, "status", "own", "--json").out;
    CONTAINS(status, arena_printf(test_arena(), "\"rows\":%lld",
                                  (long long)count("public.item WHERE n IS NOT NULL")));
    test_sql(conn, "DELETE FROM public.item WHERE id = 2000");
    EXITS(advance(), 0);
    CONTAINS(ORCHESTRATE(url, "history", "own").out, "2,999 rows written");
}
END_TEST

START_TEST(one_name_is_one_table)
{
    prepared(ITEMS);
    test_sql(test_connect(db, "postgres"),
             "CREATE SCHEMA writer AUTHORIZATION writer; CREATE TABLE writer.item (id int, n int);"
             "ALTER TABLE writer.item OWNER TO writer; GRANT ALL ON public.item TO writer");
    EXITS(own_start(app_url, "",
                    "    role: writer\n" STEPS SQL("UPDATE item SET filler = 'seen'")
                        BACKFILL("table: item, set: {n: id}")),
          0);
    EXITS(ORCHESTRATE(app_url, "advance", "own"), 0);
    ck_assert_int_eq(count("public.item WHERE n = id AND filler = 'seen'"), 3000);
}
END_TEST

START_TEST(whoever_holds_the_table_is_named_and_waited_for)
{
    PGconn *holder;
    struct ran ran;

    prepared(ITEMS);
    holder = test_connect(db, "app");
    EXITS(own_start(url, "settings: {lock_retry_for: 6s}\n",
                    STEPS SQL("SELECT 1") BACKFILL("table: public.item, set: {n: id}")),
          0);
    test_sql(holder, "BEGIN; LOCK TABLE public.item IN ACCESS EXCLUSIVE MODE");
    ran = advance();
    EXITS(ran, 6);
    CONTAINS(ran.err, arena_printf(test_arena(), "%d", PQbackendPID(holder)));
    CONTAINS(ran.err, "within 6s");
    test_sql(holder, "COMMIT");
    EXITS(advance(), 0);
    ck_assert_int_eq(count("public.item WHERE n = id"), 3000);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("own_backfill");
    TCase *tc = support_case(s, "own_backfill", 120);

    tcase_add_loop_test(tc, what_the_server_keeps_right_is_kept_right, 0, ARRAY_LEN(kept));
    tcase_add_test(tc, what_has_to_be_kept_since_the_start_stops_it);
    tcase_add_loop_test(tc, what_has_to_be_kept_since_then_stops_it_in_the_midst, 0, 2);
    tcase_add_loop_test(tc, triggers_fire_only_where_the_plan_says_so, 0, 6);
    tcase_add_test(tc, a_trigger_of_the_parent_fires_on_its_partition);
    tcase_add_test(tc, what_is_deferred_is_done_as_the_rest);
    tcase_add_loop_test(tc, no_row_is_written_twice, 0, ARRAY_LEN(endless));
    tcase_add_test(tc, a_value_that_is_rounded_is_filled);
    tcase_add_test(tc, what_makes_another_value_each_time_needs_where);
    tcase_add_test(tc, what_makes_another_value_each_time_is_seen_when_it_runs);
    tcase_add_test(tc, a_rule_that_does_something_else_is_refused);
    tcase_add_loop_test(tc, a_row_that_a_trigger_keeps_is_not_done, 0, 2);
    tcase_add_test(tc, rows_that_are_written_meanwhile_do_not_keep_it_from_an_end);
    tcase_add_test(tc, tables_that_inherit_are_filled_too);
    tcase_add_test(tc, a_row_that_fails_can_be_found);
    tcase_add_test(tc, rows_that_were_committed_are_counted);
    tcase_add_test(tc, one_name_is_one_table);
    tcase_add_test(tc, whoever_holds_the_table_is_named_and_waited_for);
    return s;
}

int main(void)
{
    return support_run(suite());
}
