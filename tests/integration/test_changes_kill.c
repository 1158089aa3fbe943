/*
 * Several changes in one plan, killed between two of them, and of tables of two owners.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "operation_scene.h"
#include "orchestrate/base/clock.h"
#include "plans.h"
#include "two_tables.h"

/* --- two owners ------------------------------------------------------------ */

#define SHOP "CREATE SCHEMA shop; GRANT USAGE, CREATE ON SCHEMA shop TO writer;"
#define TO_WRITER "ALTER TABLE shop.other OWNER TO writer;"

/* clang-format off */
static const struct op_test owners[] = {
    { .setup = THING SHOP OTHER("shop") TO_WRITER, .change = CHANGES("shop"), .plain = PLAIN("shop"),
      .overrides = "old_name_idle", .also_locks = "public.thing shop.other" },
    /* A foreign key of the one owner's table on that of the other. */
    { .setup = THING SHOP OTHER("shop") "ALTER TABLE shop.other ADD CONSTRAINT of_thing FOREIGN KEY (id) REFERENCES public.thing;" "GRANT REFERENCES, SELECT ON public.thing TO writer;" TO_WRITER,
      .change = "- drop_table: {table: public.thing}\n  - rename_column: {table: shop.other, from: a, to: x}\n",
      .plain = "ALTER TABLE shop.other DROP CONSTRAINT of_thing; DROP TABLE public.thing; ALTER TABLE shop.other RENAME COLUMN a TO x",
      .overrides = "old_name_idle function_bodies", .also_locks = "public.thing shop.other" },
};
/* clang-format on */

START_TEST(tables_of_two_owners_go_there_and_back)
{
    test_sql(test_connect(test_database("empty"), "postgres"), "GRANT writer TO app");
    op_there_and_back(&owners[_i]);
}
END_TEST

/* --- killed between two changes -------------------------------------------- */

static const struct op_test two_tables = { .setup = THING OTHER("public"),
                                           .change = CHANGES("public"),
                                           .plain = PLAIN("public"),
                                           .overrides = "old_name_idle",
                                           .also_locks = "public.thing public.other" };

static struct ran command(const struct scene *s, bool undo, size_t phase, bool wait)
{
    const char *const forward[] = { "advance",   SCENE_PLAN, "--to",   phases[phase],
                                    "--confirm", SCENE_PLAN, "--fast", NULL };
    const char *const back[] = { "rollback", SCENE_PLAN, "--confirm", SCENE_PLAN, NULL };
    struct ran ran =
        test_spawn(s->url, undo ? back : test_with_overrides(forward, s->test->overrides), NULL);

    if (wait)
        test_finish(&ran, 60);
    return ran;
}

/* What the program has said so far. */
static const char *said(const struct ran *ran)
{
    enum { MOST = 1 << 16 };
    char *text = arena_alloc(test_arena(), MOST);
    ssize_t n = pread(ran->err_fd, text, MOST - 1, 0);

    ck_assert_int_ge(n, 0);
    return text;
}

/*
 * Killed when it waits for the table of which it has nothing done in this phase yet,
 * while all is done for the other one.
 */
static void kill_between(struct scene *s, bool undo, size_t phase)
{
    PGconn *hold = test_connect(s->db, "app");
    struct ran ran;
    int ms = 0;

    test_sql(hold, HOLD, undo ? "thing" : "other");
    ran = command(s, undo, phase, false);
    for (const char *text = ""; !strstr(text, "waiting for a lock") && !strstr(text, "waits for");
         text = said(&ran)) {
        ck_assert_msg(ms < 30000, "it does not wait: %s", text);
        clock_sleep(20);
        ms += 20;
    }
    kill(ran.pid, SIGKILL);
    test_finish(&ran, 20);
    ck_assert_int_eq(ran.status, 128 + SIGKILL);
    test_sql(hold, "COMMIT");
    PQfinish(hold);
    test_wait(s->conn, 60,
              "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database() AND"
              " application_name LIKE 'orchestrate/%%'");
}

/* The changes of which something was recorded since, "1" or "2,3": it was killed between them. */
static const char *recorded(const struct scene *s, size_t phase, bool undo)
{
    return test_value(s->conn,
                      "SELECT string_agg(DISTINCT split_part(step, '/', 2), ',') FROM"
                      " orchestrate.step_record r WHERE phase = %zu AND undo = %s AND cycle ="
                      " orchestrate.cycle(run, phase, undo)",
                      phase, undo ? "true" : "false");
}

START_TEST(killed_between_two_changes_it_goes_on)
{
    struct scene s = scene_of(&two_tables);

    scene_start(&s, false);
    scene_phases(&s);
    if (_i > 0)
        EXITS(command(&s, false, (size_t)_i - 1, true), 0);
    kill_between(&s, false, (size_t)_i);
    ck_assert_str_eq(recorded(&s, (size_t)_i, false), "1");
    EXITS(command(&s, false, CONTRACT, true), 0);
    scene_end(&s);
}
END_TEST

/* Undone from there; or, once more forward. */
START_TEST(killed_between_two_changes_it_is_undone)
{
    struct scene s = scene_of(&two_tables);

    scene_start(&s, false);
    scene_phases(&s);
    if (_i > 0)
        EXITS(command(&s, false, (size_t)_i - 1, true), 0);
    kill_between(&s, false, (size_t)_i);
    EXITS(ORCHESTRATE(s.url, "rollback", SCENE_PLAN, "--to", "start"), 0);
    scene_untouched(&s, (size_t)_i);
    scene_start(&s, true);
    EXITS(command(&s, false, CONTRACT, true), 0);
    scene_end(&s);
}
END_TEST

/* A phase that has something to undo, the one it is undone to, and the changes that come first. */
static const struct {
    size_t phase;
    const char *first;
} undone[] = {
    { EXPAND, "2,3" }, { DUAL_WRITE, "2,3" }, { VERIFY, "2" }, { SWITCH, "2" }, { RETIRE, "2,3" }
};

START_TEST(an_undo_killed_between_two_changes_is_finished)
{
    struct scene s = scene_of(&two_tables);
    size_t phase = undone[_i].phase;

    scene_start(&s, false);
    scene_phases(&s);
    EXITS(command(&s, false, phase, true), 0);
    kill_between(&s, true, phase);
    ck_assert_str_eq(recorded(&s, phase, true), undone[_i].first);
    EXITS(command(&s, true, phase, true), 0);
    if (phase > DUAL_WRITE) { /* goes on from there */
        EXITS(ORCHESTRATE(s.url, "resume", SCENE_PLAN), 0);
        EXITS(command(&s, false, CONTRACT, true), 0);
    } else {
        scene_untouched(&s, phase);
        scene_start(&s, true);
        EXITS(command(&s, false, CONTRACT, true), 0);
    }
    scene_end(&s);
}
END_TEST

START_TEST(a_table_that_one_change_has_dropped_does_not_stop_the_others)
{
    const char *url,
        *db =
            test_scene("CREATE TABLE public.one (id int); CREATE TABLE public.two (id int)", &url);
    PGconn *conn = test_connect(db, "app"), *reader = test_connect(db, "app");

    EXITS(ORCHESTRATE(url, "start",
                      test_write("p.yaml", "plan: p\nchanges:\n"
                                           "  - drop_table: {table: public.one}\n"
                                           "  - drop_table: {table: public.two}\n"
                                           "settings: {lock_retry_for: 1s}\n"
                                           "gates: {retire: [{old_name_idle: 0s}]}\n")),
          0);
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", "retire"), 0);
    test_sql(reader, "BEGIN; SELECT FROM public._orch_1_2_tombstone");
    EXITS(ORCHESTRATE(url, "advance", "p", "--confirm", "p"), 6);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_class WHERE relkind = 'r'"
                                      " AND relname ~ '^_orch_'"),
                     1);
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    test_sql(reader, "COMMIT");
    EXITS(ORCHESTRATE(url, "advance", "p", "--confirm", "p"), 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_class WHERE relname ~ '^_orch_'"),
                     0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("changes_kill");
    TCase *tc = support_case(s, "owners", 300);

    support_long_cases(tc, tables_of_two_owners_go_there_and_back, 0, ARRAY_LEN(owners));
    tc = support_case(s, "killed", 300);
    support_long_cases(tc, killed_between_two_changes_it_goes_on, 0, ARRAY_LEN(phases));
    support_long_cases(tc, killed_between_two_changes_it_is_undone, 0, CONTRACT);
    support_long_cases(tc, an_undo_killed_between_two_changes_is_finished, 0, ARRAY_LEN(undone));
    tcase_add_test(support_case(s, "dropped", 120),
                   a_table_that_one_change_has_dropped_does_not_stop_the_others);
    return support_run(s);
}
