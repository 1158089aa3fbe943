/*
 * The owner of a database chooses its search_path, and may put a schema before pg_catalog.
 * What stands in there is called by nobody who only steps plans: a superuser perhaps.
 */
#include "support.h"

/* An operator that says who was caught. */
#define TRAP(op, type)                                                                             \
    "CREATE FUNCTION trap.\"" op "\"(" type ", " type ") RETURNS boolean LANGUAGE plpgsql AS"      \
    " 'BEGIN RAISE EXCEPTION ''trapped by " op " of " type "''; END';"                             \
    "CREATE OPERATOR trap." op " (leftarg = " type ", rightarg = " type ", function = trap.\"" op  \
    "\");"

static const char *db, *url;

static void set(const char *traps)
{
    db = test_database("empty");
    url = test_url(db, "postgres");
    test_sql(test_connect(db, "postgres"),
             "CREATE TABLE public.thing (id int PRIMARY KEY, old text, n int);"
             "CREATE SCHEMA trap; %s ALTER DATABASE %s SET search_path = trap, pg_catalog, public",
             traps, db);
}

static void goes_all_the_way(const char *plan, const char *last)
{
    const char *file = test_write("p.yaml", plan);

    EXITS(ORCHESTRATE(url, "init"), 0);
    EXITS(ORCHESTRATE(url, "plan", file), 0);
    EXITS(ORCHESTRATE(url, "start", file), 0);
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", last, "--confirm", "p"), 0);
    EXITS(ORCHESTRATE(url, "status", "p"), 0);
    EXITS(ORCHESTRATE(url, "doctor"), 0);
}

START_TEST(nothing_of_it_is_called_before_the_session_is_pinned)
{
    set(TRAP("=", "pg_catalog.text") TRAP("=", "name") TRAP("=", "oid") TRAP(">=", "int")
            TRAP("=", "int") TRAP("=", "bigint")
                TRAP("=", "\"char\"") "CREATE FUNCTION trap.caught(pg_catalog.text) RETURNS "
                                      "boolean LANGUAGE plpgsql AS"
                                      " 'BEGIN RAISE EXCEPTION ''trapped by text''; END';"
                                      "CREATE DOMAIN trap.text AS pg_catalog.text CHECK "
                                      "(trap.caught(VALUE));");
    goes_all_the_way("plan: p\nchange:\n"
                     "  rename_column: {table: public.thing, from: old, to: new}\n",
                     "contract");
}
END_TEST

/* Words of the plan are looked up along that path; ours beside them are not. */
START_TEST(nothing_of_it_is_called_beside_the_words_of_a_plan)
{
    set(TRAP("=", "name") TRAP("=", "oid") TRAP("=", "\"char\"") TRAP("=", "bigint"));
    goes_all_the_way("plan: p\nphases:\n"
                     "  - name: all\n"
                     "    steps:\n"
                     "      - sql: ALTER TABLE public.thing ADD COLUMN m int\n"
                     "        undo: never\n"
                     "      - backfill: {table: thing, set: {m: '1'}, where: m IS NULL}\n"
                     "        undo: never\n"
                     "      - concurrently: CREATE INDEX CONCURRENTLY thing_m ON public.thing (m)\n"
                     "        undo: never\n"
                     "      - sql: VACUUM FULL public.thing\n"
                     "        verify: SELECT true\n"
                     "        undo: never\n"
                     "      - check: SELECT FROM public.thing WHERE m IS NULL\n",
                     "all");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("search_path");
    TCase *tc = support_case(s, "search_path", 60);

    tcase_add_test(tc, nothing_of_it_is_called_before_the_session_is_pinned);
    tcase_add_test(tc, nothing_of_it_is_called_beside_the_words_of_a_plan);
    return s;
}

int main(void)
{
    return support_run(suite());
}
