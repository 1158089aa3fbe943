#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "operation_scene.h"
#include "orchestrate/base/clock.h"

enum { AT_ONCE = 4, SAYS_MS = 3000 };

/* How often somebody was in the way. */
struct tally {
    int busy, waited;
};

#define THIS_RUN "(SELECT max(run) FROM orchestrate.plan)"

static const char *const *advance_args(const struct scene *s, size_t phase)
{
    const char **args = arena_alloc(test_arena(), 9 * sizeof *args);
    const char *const list[] = { "advance",        SCENE_PLAN,  "--to",
                                 s->phases[phase], "--confirm", SCENE_PLAN,
                                 "--fast",         "--json",    NULL };

    memcpy(args, list, sizeof list);
    return test_with_overrides(args, s->test->overrides);
}

static const char *const back[] = {
    "rollback", SCENE_PLAN, "--confirm", SCENE_PLAN, "--json", NULL
};

/* What the run is, and whatever is in the database. */
static const char *all(const struct scene *s)
{
    return arena_printf(test_arena(), "%s\n%s", test_fingerprint(s->db),
                        test_rows(s->conn, "SELECT run, to_phase, to_state FROM"
                                           " orchestrate.transition WHERE to_state IN ('done',"
                                           " 'undone') ORDER BY run, seq"));
}

/* Every row of the history, of what failed too. */
static const char *history(const struct scene *s)
{
    return test_rows(s->conn, "SELECT run, seq, to_phase, to_state FROM orchestrate.transition"
                              " ORDER BY run, seq");
}

static struct scene begun(const struct op_test *test)
{
    struct scene s = scene_of(test);

    scene_report(&s);
    scene_start(&s, false);
    scene_phases(&s);
    return s;
}

/* ---- somebody holds a lock ---- */

/*
 * Whether steps wait for a writer: "" no, "at once" the first one does and gives up soon,
 * "later" another one, "patient" the first that waits does it without a strong lock, as long
 * as it takes.
 */
static const char *waits(struct scene *s, size_t phase, bool undo)
{
    return test_value(s->conn,
                      "SELECT CASE WHEN (array_agg(patient ORDER BY ord) FILTER (WHERE patient OR"
                      " strong))[1] THEN 'patient' WHEN bool_or(strong) IS NOT TRUE THEN ''"
                      " WHEN (array_agg(strong ORDER BY ord))[1] THEN 'at once' ELSE 'later' END"
                      " FROM orchestrate.step, LATERAL (SELECT kind = 'ddl' AND lock IN ('SHARE ROW"
                      " EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'), kind = 'alone' AND sql ~"
                      " 'CONCURRENTLY') AS l (strong, patient)"
                      " WHERE run = " THIS_RUN " AND phase = %zu AND undo = %s"
                      " AND id !~ '/0/undo/'", /* due only with the phase before */
                      phase, undo ? "true" : "false");
}

static PGconn *writer(struct scene *s)
{
    PGconn *conn = test_connect(s->db, "app");

    test_sql(
        conn, "SET application_name = 'the writer'; BEGIN; LOCK TABLE %s IN ROW EXCLUSIVE MODE",
        test_value(s->conn, "SELECT string_agg(oid::regclass::text, ', ') FROM pg_class WHERE"
                            " relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"));
    return conn;
}

/* The backend that waits for the writer to end. */
#define WAITING                                                                                    \
    "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"        \
    " AND application_name LIKE 'orchestrate/%%' AND query ~ 'CONCURRENTLY'"

static int64_t unfinished(struct scene *s)
{
    return test_count(s->conn, "SELECT count(*) FROM pg_index WHERE NOT indisvalid");
}

/* The program and its backend, while an index is half made, or half gone. */
static void killed_while_it_waits(struct scene *s, const char *const *args)
{
    struct ran ran = test_spawn(s->url, args, NULL);

    test_wait(s->conn, 20, "SELECT EXISTS (SELECT " WAITING ")");
    kill(ran.pid, SIGKILL);
    test_finish(&ran, 20);
    ck_assert_int_eq(ran.status, 128 + SIGKILL);
    /* Before 14 it does not notice by itself that its client has gone. */
    test_sql(s->conn, "SELECT pg_terminate_backend(pid) " WAITING);
    test_wait(s->conn, 20, "SELECT NOT EXISTS (SELECT " WAITING ")");
    ck_assert_int_eq(unfinished(s), 1);
}

/* Longer than any lock may take: it says for whom it waits, and what it waits for is done. */
static void says_for_whom_it_waits(struct scene *s, const char *const *args)
{
    PGconn *conn = writer(s);
    struct ran ran;

    killed_while_it_waits(s, args);
    ran = test_spawn(s->url, args, NULL);
    clock_sleep(SAYS_MS);
    ck_assert_int_eq(test_count(s->conn, "SELECT count(*) " WAITING), 1);
    PQfinish(conn);
    test_finish(&ran, 60);
    EXITS(ran, 0);
    CONTAINS(ran.err, "the writer");
    ck_assert_int_eq(unfinished(s), 0);
}

/* Busy, with the name of who is in the way; done when he has gone. */
static void gives_up(struct scene *s, const char *const *args, bool at_once)
{
    const char *before = all(s);
    PGconn *conn = writer(s);
    struct ran ran = test_orchestrate(s->url, args);

    PQfinish(conn);
    EXITS(ran, 6);
    CONTAINS(ran.out, "\"code\":\"busy\"");
    CONTAINS(ran.out, "\"retryable\":true");
    CONTAINS(ran.out, "the writer");
    if (at_once)
        test_same_text("busy, and yet", all(s), before);
    EXITS(test_orchestrate(s->url, args), 0);
}

static void against_a_writer(struct scene *s, const char *const *args, const char *when,
                             struct tally *tally)
{
    if (!*when) {
        EXITS(test_orchestrate(s->url, args), 0);
    } else if (strcmp(when, "patient") == 0) {
        says_for_whom_it_waits(s, args);
        tally->waited++;
    } else {
        gives_up(s, args, strcmp(when, "at once") == 0);
        tally->busy++;
    }
}

static void done_again(struct scene *s, size_t phase)
{
    if (scene_done(s) > 0)
        EXITS(ORCHESTRATE(s->url, "resume", SCENE_PLAN), 0);
    else
        scene_start(s, true);
    for (size_t i = scene_done(s); i <= phase; i++)
        EXITS(test_orchestrate(s->url, advance_args(s, i)), 0);
}

void op_blocked(const struct op_test *test)
{
    struct op_test impatient = *test;
    struct scene s;
    struct tally tally = { 0 };

    impatient.more = "settings:\n  lock_retry_for: 100ms\n";
    s = begun(&impatient);
    for (size_t i = 0; i < s.n; i++) {
        against_a_writer(&s, advance_args(&s, i), waits(&s, i, false), &tally);
        ck_assert_uint_eq(scene_done(&s), i + 1);
        if (i >= s.no_return)
            continue;
        against_a_writer(&s, back, waits(&s, i, true), &tally);
        done_again(&s, i);
    }
    printf("%s: %d times busy, waited %d times\n", test->change, tally.busy, tally.waited);
    scene_end(&s);
}

/* ---- somebody who may not ---- */

/* By name: the schema that he may not see, the role that he may not be. */
static void may_not(struct scene *s, const char *const *args)
{
    struct ran ran = test_orchestrate(test_url(s->db, "stranger"), args);

    EXITS(ran, 77);
    CONTAINS(ran.out, "permission denied for schema orchestrate");
    CONTAINS(ran.out, "orchestrate.admit('stranger', true)");
    ran = test_orchestrate(test_url(s->db, "writer"), args);
    ck_assert_msg(ran.status == 77 || ran.status == 5, "exit %d\n%s", ran.status, ran.out);
    CONTAINS(ran.out, "GRANT app TO writer");
}

static void may_only_read(struct scene *s, const char *const *args)
{
    struct ran ran;

    test_sql(s->conn, "ALTER ROLE app SET default_transaction_read_only = on");
    ran = test_orchestrate(s->url, args);
    test_sql(s->conn, "ALTER ROLE app RESET default_transaction_read_only");
    EXITS(ran, 78);
    CONTAINS(ran.out, "this connection is read-only (default_transaction_read_only)");
}

void op_trespassed(const struct op_test *test)
{
    struct scene s = begun(test);

    test_sql(s.conn, "SELECT orchestrate.admit('writer', true)");
    for (size_t i = 0; i < s.n; i++) {
        const char *const *args = advance_args(&s, i), *before = all(&s), *moves = history(&s);

        may_not(&s, args);
        may_only_read(&s, args);
        test_same_text("refused, and yet", all(&s), before);
        test_same_text("refused, and yet", history(&s), moves);
        EXITS(test_orchestrate(s.url, args), 0);
        ck_assert_uint_eq(scene_done(&s), i + 1);
    }
    scene_end(&s);
}

/* ---- several at once ---- */

static void at_once(struct scene *s, const char *const *args)
{
    struct ran ran[AT_ONCE];
    int did = 0;

    for (int i = 0; i < AT_ONCE; i++)
        ran[i] = test_spawn(s->url, args, NULL);
    for (int i = 0; i < AT_ONCE; i++) {
        test_finish(&ran[i], 60);
        /* 6: it met another one in the middle of a commit. */
        ck_assert_msg(ran[i].status == 0 || ran[i].status == 6, "exit %d\n%s\n%s", ran[i].status,
                      ran[i].out, ran[i].err);
        did += strstr(ran[i].out, "\"code\":\"advanced\"") ||
               strstr(ran[i].out, "\"code\":\"complete\"");
    }
    ck_assert_int_eq(did, 1);
}

void op_at_once(const struct op_test *test)
{
    struct scene s = begun(test);

    for (size_t i = 0; i < s.n; i++) {
        at_once(&s, advance_args(&s, i));
        ck_assert_uint_eq(scene_done(&s), i + 1);
    }
    ck_assert_int_eq(test_count(s.conn, "SELECT count(*) FROM orchestrate.transition WHERE to_state"
                                        " = 'done'"),
                     (int64_t)s.n);
    ck_assert_int_eq(test_count(s.conn, "SELECT count(*) FROM orchestrate.transition WHERE to_state"
                                        " = 'failed'"),
                     0);
    scene_end(&s);
}
