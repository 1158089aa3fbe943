/*
 * An edit that is taken over, killed at each of its statements: it happened whole or not
 * at all, and the same command again takes it over.
 */
#include "own_fixture.h"

#include <signal.h>
#include <sys/wait.h>

enum { MOST = 60 };

/* The n-th statement that writes to the state waits for a lock that we hold. */
static const char stops[] =
    "CREATE SEQUENCE public.written;"
    "CREATE TABLE public.stop (n bigint);"
    "INSERT INTO public.stop VALUES (0);"
    "CREATE FUNCTION public.stops() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
    " IF nextval('public.written') = (SELECT n FROM public.stop) THEN"
    " PERFORM pg_advisory_xact_lock(4711); END IF; RETURN NULL; END $$;"
    "DO $$ DECLARE t name; BEGIN FOR t IN SELECT relname FROM pg_class"
    " WHERE relnamespace = 'orchestrate'::regnamespace AND relkind = 'r' LOOP"
    " EXECUTE format('CREATE TRIGGER stops AFTER INSERT OR UPDATE OR DELETE ON orchestrate.%I"
    " FOR EACH STATEMENT EXECUTE FUNCTION public.stops()', t); END LOOP; END $$";

static bool has_ended(pid_t pid)
{
    siginfo_t info = { 0 };

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

/* Killed where it waits; false: it came to its end before. */
static bool killed_at(int n, const char *edit)
{
    static const char waits[] = "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory'"
                                " AND objid = 4711 AND NOT granted";
    struct ran ran;
    bool stopped = false;

    test_sql(super,
             "ALTER SEQUENCE public.written RESTART; UPDATE public.stop SET n = %d;"
             "SELECT pg_advisory_lock(4711)",
             n);
    ran =
        test_spawn(url, (const char *const[]){ "start", edit, "--accept-plan-change", NULL }, NULL);
    while (!stopped && !has_ended(ran.pid))
        stopped = strcmp(test_value(super, waits), "t") == 0;
    if (stopped)
        kill(ran.pid, SIGKILL);
    test_finish(&ran, 60);
    test_sql(super, "SELECT pg_advisory_unlock_all()");
    test_wait(super, 30,
              "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name LIKE"
              " 'orchestrate/%%'");
    return stopped;
}

START_TEST(an_edit_that_is_killed_is_whole_or_not_there)
{
    static const char wrong[] =
        PHASE("one", SQL("INSERT INTO shop.log VALUES ('one')", "DELETE FROM shop.nowhere"));
    const char *edit = arena_strdup(
        test_arena(), file(ONE PHASE("two", SQL("INSERT INTO shop.other VALUES (1)", "none"))
                               TWO_MORE "settings: {lock_timeout: 90ms}\ngates:\n"
                                        "  two: [{soak: 0}]\n"));
    const char *before;
    int n = 1;

    edit = test_write("edited.yaml", test_file(edit));
    started(arena_printf(test_arena(), "%s%s", wrong, TWO));
    advanced();
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "start", "--confirm", "own"), 1);
    test_sql(super, "%s", stops);
    for (before = state(); killed_at(n, edit); n++) {
        ck_assert_str_eq(state(), before);
        ck_assert_int_lt(n, MOST);
    }
    printf("killed %d times\n", n - 1);
    ck_assert_int_gt(n, 12);
    ck_assert_str_ne(state(), before);
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM orchestrate.amendment"), 1);
    test_sql(super, "DROP FUNCTION public.stops() CASCADE");
    EXITS(ORCHESTRATE(url, "advance", edit, "--to", "five"), 0);
    EXITS(ORCHESTRATE(url, "verify", "own"), 0);
    ck_assert_str_eq(logged(), "one");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("own_edits_killed");
    TCase *tc = support_case(s, "own edits, killed", 240);

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, an_edit_that_is_killed_is_whole_or_not_there);
    return s;
}

int main(void)
{
    return support_run(suite());
}
