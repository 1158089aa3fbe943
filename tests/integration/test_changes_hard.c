/*
 * Several changes in one plan, when something comes between two of them: held, edited,
 * restored.  Each comes to the same end all the same.
 */
#include <string.h>

#include "operation.h"
#include "support.h"
#include "two_tables.h"

/* --- by hand ---------------------------------------------------------------- */

static const char *db, *url;
static PGconn *conn;

static const char *plan(const char *changes, const char *more)
{
    return test_write("p.yaml",
                      arena_printf(test_arena(), "plan: p\nchanges:\n  %s%s", changes, more));
}

static void start_on(const char *setup, const char *changes, const char *more)
{
    db = test_database("empty");
    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    conn = test_connect(db, "app");
    test_sql(conn, "%s", setup);
    EXITS(ORCHESTRATE(url, "start", plan(changes, more)), 0);
}

static void start(const char *changes, const char *more)
{
    start_on(THING OTHER("public"), changes, more);
}

static struct ran advance(const char *to)
{
    return ORCHESTRATE(url, "advance", "p", "--to", to, "--confirm", "p", "--fast", "--override",
                       "old_name_idle", "--because", "nobody");
}

/* The end is that of the plain statements. */
static void ends_as_plain(void)
{
    const char *twin = test_database("empty");

    EXITS(advance("contract"), 0);
    test_sql(test_connect(twin, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(twin, "app"), "%s", THING OTHER("public") PLAIN("public"));
    op_same("the end", db, twin);
}

/* Who gives up says what is done: earlier changes have had their steps of the phase. */
START_TEST(a_phase_that_gives_up_says_which_steps_are_done)
{
    static const char settings[] = "settings: {lock_retry_for: 0}\n";
    PGconn *hold;
    struct ran ran;

    start(CHANGES("public"), settings);
    hold = test_connect(db, "app");
    test_sql(hold, HOLD, "thing");
    ran = advance("expand");
    EXITS(ran, 6);
    CONTAINS(ran.err, "step expand/1/1: no ACCESS EXCLUSIVE lock on public.thing within 0, "
                      "nothing was changed");
    test_sql(hold, "COMMIT");
    test_sql(hold, HOLD, "other");
    for (int again = 0; again < 2; again++) { /* also those of the call before count */
        ran = advance("expand");
        EXITS(ran, 6);
        CONTAINS(ran.err, "step expand/2/1: no ACCESS EXCLUSIVE lock on public.other within 0, "
                          "this step changed nothing (1 step before it is done, and will not be "
                          "done again)");
    }
    test_sql(hold, "COMMIT");
    EXITS(advance("expand"), 0);
    test_sql(hold, HOLD, "thing");
    ran = ORCHESTRATE(url, "rollback", "p");
    EXITS(ran, 6);
    CONTAINS(ran.err, "this step changed nothing (3 steps before it are done, and will not be "
                      "done again)");
    test_sql(hold, "COMMIT");
    EXITS(ORCHESTRATE(url, "rollback", "p"), 0);
    EXITS(ORCHESTRATE(url, "start", plan(CHANGES("public"), settings), "--again"), 0);
    /* Phases before it in the same call are something, too. */
    EXITS(advance("backfill"), 0);
    test_sql(hold, "BEGIN; LOCK TABLE public.other IN ACCESS SHARE MODE");
    ran = ORCHESTRATE(url, "rollback", "p", "--to", "start");
    EXITS(ran, 6);
    CONTAINS(ran.err, "undo of phase dual-write of p: step dual-write/3/0/undo/1: ");
    CONTAINS(ran.err, "within 0, nothing of this phase was changed");
    test_sql(hold, "COMMIT");
    EXITS(ORCHESTRATE(url, "rollback", "p", "--to", "start"), 0);
    EXITS(ORCHESTRATE(url, "start", plan(CHANGES("public"), settings), "--again"), 0);
    ends_as_plain();
}
END_TEST

/* --- edited ------------------------------------------------------------------ */

#define TWO                                                                                        \
    "- rename_column: {table: public.thing, from: a, to: x}\n"                                     \
    "  - rename_column: {table: public.other, from: a, to: x}\n"

static const struct {
    const char *changes, *more, *flag;
    int status;
    const char *says;
} edits[] = {
    /* Another argument, another order, one less, one more. */
    { "- rename_column: {table: public.thing, from: a, to: x}\n"
      "  - rename_column: {table: public.other, from: a, to: y}\n"
      "  - drop_column: {table: public.other, column: c}\n",
      "", "--accept-plan-change", 5, "does at all: change.2.rename_column.to" },
    { "- rename_column: {table: public.other, from: a, to: x}\n"
      "  - rename_column: {table: public.thing, from: a, to: x}\n"
      "  - drop_column: {table: public.other, column: c}\n",
      "", "--accept-plan-change", 5,
      "does at all: change.1.rename_column.table, change.2.rename_column.table" },
    { TWO, "", "--accept-plan-change", 5, "does at all: change.3.drop_column.table" },
    { CHANGES("public") "  - drop_column: {table: public.thing, column: n}\n", "",
      "--accept-plan-change", 5, "does at all: change.4.drop_column.table" },
    /* What has not begun. */
    { CHANGES("public"), "settings: {duty: 40%}\n", "--quiet", 5, "has not begun yet: settings" },
    { CHANGES("public"), "settings: {duty: 40%}\n", "--accept-plan-change", 0, "duty = 40%" },
    { CHANGES("public"), "gates:\n  retire: [{soak: 1h}]\n", "--quiet", 5,
      "has not begun yet: gates of retire" },
    { CHANGES("public"), "gates:\n  retire: [{soak: 1h}]\n", "--accept-plan-change", 0,
      "gates.retire.1.soak = 1h" },
    { CHANGES("public"), "gates:\n  retire: [{old_name_idle: 1h}]\n", "--accept-plan-change", 0,
      "gates.retire.1.old_name_idle = 1h" },
    /* What was done. */
    { CHANGES("public"), "gates:\n  expand: [{soak: 1s}]\n", "--accept-plan-change", 5,
      "has done already, or is doing: gates of expand" },
    { CHANGES("public"), "description: other words\n", "--quiet", 0, "" },
};

START_TEST(an_edit_of_the_plan_is_taken_or_refused_as_a_whole)
{
    static const char state[] =
        "SELECT checksum, canonical, (SELECT string_agg(md5(g::text), ',' ORDER BY phase, ord)"
        " FROM orchestrate.gate g), (SELECT string_agg(md5(s::text), ',' ORDER BY phase, undo, ord)"
        " FROM orchestrate.step s) FROM orchestrate.plan";
    const char *before;
    struct ran ran;

    start(CHANGES("public"), "");
    EXITS(advance("expand"), 0);
    before = test_rows(conn, "%s", state);
    ran = ORCHESTRATE(url, "pause", plan(edits[_i].changes, edits[_i].more), edits[_i].flag);
    EXITS(ran, edits[_i].status);
    CONTAINS(ran.err, edits[_i].says);
    if (edits[_i].status)
        ck_assert_str_eq(test_rows(conn, "%s", state), before);
    else
        EXITS(ORCHESTRATE(url, "resume", "p"), 0);
    EXITS(advance("switch"), 0);
    if (!edits[_i].status && strstr(edits[_i].more, "soak")) {
        ran = advance("retire");
        EXITS(ran, 0);
        CONTAINS(ran.out, "held by soak: has to soak for 1h");
        EXITS(ORCHESTRATE(url, "advance", "p", "--override", "soak", "--override", "old_name_idle",
                          "--because", "a test"),
              0);
    }
    ends_as_plain();
}
END_TEST

/* --- held -------------------------------------------------------------------- */

/* One change's gate holds all of them in this phase: it says whose it is. */
START_TEST(a_gate_of_one_change_holds_the_phase_of_all)
{
    struct ran ran;

    start(CHANGES("public"), "");
    EXITS(advance("switch"), 0);
    test_sql(conn, "CREATE VIEW public.looks AS SELECT c FROM public.other;"
                   "CREATE FUNCTION public.f() RETURNS text LANGUAGE plpgsql AS"
                   " 'BEGIN RETURN (SELECT c FROM public.other LIMIT 1); END'");
    ran = advance("retire");
    EXITS(ran, 5);
    CONTAINS(ran.err, "phase retire of p may not start: dependents: on column c of public.other "
                      "others have built: view public.looks");
    ck_assert_int_eq(test_count(conn,
                                "SELECT count(*) FROM orchestrate.step_record WHERE phase ="
                                " %d",
                                RETIRE),
                     0);
    test_sql(conn, "DROP VIEW public.looks");
    ran = advance("retire");
    EXITS(ran, 0);
    CONTAINS(ran.out, "held by function_bodies: functions whose text still names c of "
                      "public.other, and would fail");
    ran = ORCHESTRATE(url, "gate", "p", "--phase", "retire", "--json");
    EXITS(ran, 3);
    CONTAINS(ran.out, "\"functions\": [\"public.f()\"]");
    test_sql(conn, "DROP FUNCTION public.f()");
    ran = advance("retire");
    EXITS(ran, 0);
    CONTAINS(ran.out, "p: retire is done");
    ends_as_plain();
}
END_TEST

/* Two tables have a column of that name: it is said which one. */
START_TEST(a_gate_says_of_which_table_it_speaks)
{
    struct ran ran;

    start(CHANGES("public"), "");
    EXITS(advance("switch"), 0);
    test_sql(conn, "UPDATE public.other SET a = 'z' WHERE id = 1;"
                   "CREATE FUNCTION public.f() RETURNS text LANGUAGE plpgsql AS"
                   " 'BEGIN RETURN (SELECT a FROM public.thing LIMIT 1); END'");
    ran = ORCHESTRATE(url, "gate", "p", "--phase", "retire", "--json");
    EXITS(ran, 3);
    CONTAINS(ran.out, "once written by the name a of public.other since the switch");
    CONTAINS(ran.out, "still names a of public.thing, and would fail: public.f()");
    ck_assert_ptr_null(strstr(ran.out, "by the name a of public.thing"));
    ck_assert_ptr_null(strstr(ran.out, "names a of public.other"));
}
END_TEST

/* --- restored ---------------------------------------------------------------- */

/* Whichever of its names is written, the other one has it, too; of both, the new one wins. */
static void both_names_are_served(const char *table)
{
    test_sql(conn,
             "INSERT INTO public.%s (id, a) VALUES (1000, 'old'); INSERT INTO public.%s (id, x)"
             " VALUES (1001, 'new'); INSERT INTO public.%s (id, a, x) VALUES (1002, 'old', 'both');"
             "UPDATE public.%s SET a = 'up' WHERE id = 1; UPDATE public.%s SET x = 'up' WHERE id ="
             " 2",
             table, table, table, table, table);
    ck_assert_str_eq(test_rows(conn,
                               "SELECT a, x FROM public.%s WHERE id IN (1, 2, 1000, 1001, 1002)"
                               " ORDER BY id",
                               table),
                     "up|up\nup|up\nold|old\nnew|new\nboth|both");
    test_sql(conn, "DELETE FROM public.%s WHERE id >= 1000", table);
}

/* Restored, the numbers of columns are others. */
#define MADE_LONG_AGO                                                                              \
    THING_WITH("gone int, ")                                                                       \
    OTHER_WITH("public", "gone int, ")                                                             \
    "ALTER TABLE public.thing DROP COLUMN gone; ALTER TABLE public.other DROP COLUMN gone;"

/*
 * A dump that was taken between two changes of one phase: adopted, it goes on, or back.
 * What each change has in the database is made anew as that change stands.
 */
START_TEST(a_dump_taken_between_two_changes_is_adopted)
{
    static const int stops[] = { EXPAND, DUAL_WRITE, VERIFY, SWITCH, RETIRE };
    bool back = _i >= (int)ARRAY_LEN(stops);
    int stop = stops[_i % (int)ARRAY_LEN(stops)];
    const char *dump;
    PGconn *hold;

    start_on(MADE_LONG_AGO, CHANGES("public"),
             "settings: {lock_retry_for: 0, statement_timeout: 1s}\n");
    if (stop > 0)
        EXITS(advance(phases[stop - 1]), 0);
    hold = test_connect(db, "app");
    test_sql(hold, HOLD, "other");
    EXITS(advance(phases[stop]), stop == VERIFY ? 1 : 6);
    test_sql(hold, "COMMIT");
    PQfinish(hold);
    PQfinish(conn);
    dump = test_restored(db);
    if (!dump)
        TEST_SKIP(SKIP_NO_PG_DUMP);
    db = dump;
    url = test_url(db, "app");
    conn = test_connect(db, "app");
    EXITS(ORCHESTRATE(url, "advance", "p"), 5);
    EXITS(ORCHESTRATE(url, "repair", "p", "--adopt", "--confirm", "p"), 0);
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    if (stop >= DUAL_WRITE && stop < RETIRE)
        both_names_are_served("thing");
    if (stop > DUAL_WRITE)
        both_names_are_served("other");
    if (back) {
        const char *twin = test_database("empty");

        EXITS(ORCHESTRATE(url, "rollback", "p", "--to", "start"), 0);
        test_sql(test_connect(twin, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
        test_sql(test_connect(twin, "app"), "%s", THING OTHER("public"));
        test_same_schema(db, twin);
    } else {
        ends_as_plain();
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("changes_hard");
    TCase *tc = support_case(s, "by hand", 300);

    tcase_add_test(tc, a_phase_that_gives_up_says_which_steps_are_done);
    support_cases(tc, an_edit_of_the_plan_is_taken_or_refused_as_a_whole, 0, ARRAY_LEN(edits));
    tcase_add_test(tc, a_gate_of_one_change_holds_the_phase_of_all);
    tcase_add_test(tc, a_gate_says_of_which_table_it_speaks);
    tc = support_case(s, "restored", 300);
    support_long_cases(tc, a_dump_taken_between_two_changes_is_adopted, 0, 10);
    return support_run(s);
}
