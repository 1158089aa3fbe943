#include "drop_stages.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrate/base/clock.h"

enum { WORK_MS = 400, HELD_MS = 30000, KILL_MS = 60, BLOCKED_MS = 3000, OWN = 100000 };

int drop_own(struct client *c, int code)
{
    return (code * DROP_CLIENTS + client_number(c) + 1) * OWN + client_random(c, 50);
}

int drop_shared(struct client *c)
{
    return client_random(c, DROP_ROWS / DROP_CLIENTS) * DROP_CLIENTS + client_number(c) + 1;
}

const char *drop_number(struct client *c, int n)
{
    return client_text(c, "%d", n);
}

const char *drop_database(const char *setup)
{
    const char *db = test_database("empty");

    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"), CREW_TOLD "%s", setup);
    return db;
}

struct drop_scene drop_scene(const char *database, const char *change)
{
    return (struct drop_scene){
        .database = database,
        .url = test_url(database, "app"),
        .conn = test_connect(database, "app"),
        .plan =
            test_write("drop.yaml",
                       arena_printf(test_arena(), "plan: " DROP_PLAN "\nchange:\n  %s\n", change)),
    };
}

static bool says(const struct ran *ran, const char *code)
{
    return strstr(ran->out, arena_printf(test_arena(), "\"code\":\"%s\"", code)) != NULL;
}

/* Which phase is done, "start" for none. */
static const char *at(const struct drop_scene *s)
{
    return test_value(s->conn,
                      "SELECT coalesce((SELECT p.name FROM orchestrate.phase p WHERE p.run = t.run"
                      " AND p.ord = t.to_phase - (t.to_state = 'undone')::int), 'start')"
                      " FROM orchestrate.transition t WHERE t.run = (SELECT max(run) FROM"
                      " orchestrate.plan) AND t.to_state IN ('done', 'undone')"
                      " ORDER BY t.seq DESC LIMIT 1");
}

static bool is_under_way(const struct drop_scene *s)
{
    return test_count(s->conn,
                      "SELECT count(*) FROM (SELECT to_state FROM orchestrate.transition WHERE run"
                      " = (SELECT max(run) FROM orchestrate.plan) ORDER BY seq DESC LIMIT 1) t"
                      " WHERE to_state NOT IN ('done', 'undone', 'pending')") > 0;
}

static void kill_it_first(struct drop_scene *s, const char *const *args)
{
    struct ran ran;

    if (s->seed == 0)
        return;
    ran = test_spawn(s->url, args, NULL);
    clock_sleep((int)((unsigned)rand_r(&s->seed) % KILL_MS));
    kill(ran.pid, SIGKILL);
    test_finish(&ran, 60);
    s->kills += ran.status == 128 + SIGKILL;
    /* Its backend may still commit: what is recorded is looked at when that is over. */
    test_wait(s->conn, 20,
              "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database()"
              " AND application_name ~ '^orchestrate/'");
}

/* Until it is neither held nor kept out by the backend of one that was killed. */
static struct ran until_done(const struct drop_scene *s, const char *const *args)
{
    int64_t end = clock_ms() + HELD_MS;
    struct ran ran;

    do
        ran = test_orchestrate(s->url, args);
    while ((says(&ran, "held") || says(&ran, "in_progress") || ran.status == 6) &&
           clock_ms() < end && clock_sleep(100));
    return ran;
}

static void advance(struct drop_scene *s, const char *to)
{
    const char *args[] = { "advance", DROP_PLAN, "--to",   to,  "--confirm",
                           DROP_PLAN, "--fast",  "--json", NULL };

    kill_it_first(s, args);
    if (is_under_way(s) || strcmp(at(s), to) != 0)
        EXITS(until_done(s, args), 0);
}

static void held(const struct drop_scene *s, const char *to)
{
    struct ran ran = ORCHESTRATE(s->url, "advance", DROP_PLAN, "--json");

    EXITS(ran, 0); /* it only takes time */
    ck_assert(says(&ran, "held"));
    CONTAINS(ran.out,
             arena_printf(test_arena(), "\"gate\":\"old_name_idle\",\"phase\":\"%s\"", to));
}

static void rollback(struct drop_scene *s, const char *to, bool stops)
{
    const char *args[] = { "rollback", DROP_PLAN, "--to", to, "--json", NULL };
    struct ran ran;

    if (!stops)
        kill_it_first(s, args);
    if (is_under_way(s) || strcmp(at(s), to) != 0) {
        ran = until_done(s, args);
        EXITS(ran, stops ? 1 : 0);
    }
    if (!stops && strcmp(to, "start") != 0)
        EXITS(ORCHESTRATE(s->url, "resume", DROP_PLAN), 0);
}

static void command(struct drop_scene *s, const struct drop_stage *stage)
{
    if (strcmp(stage->command, "start") == 0)
        EXITS(ORCHESTRATE(s->url, "start", s->plan), 0);
    else if (strcmp(stage->command, "again") == 0)
        EXITS(ORCHESTRATE(s->url, "start", s->plan, "--again"), 0);
    else if (strcmp(stage->command, "advance") == 0)
        advance(s, stage->to);
    else if (strcmp(stage->command, "held") == 0)
        held(s, stage->to);
    else if (strcmp(stage->command, "rollback") == 0)
        rollback(s, stage->to, false);
    else if (strcmp(stage->command, "stopped") == 0)
        rollback(s, stage->to, true);
    else
        return;
    if (strcmp(stage->command, "advance") == 0 || strcmp(stage->command, "rollback") == 0)
        ck_assert_str_eq(at(s), stage->to);
    s->commands++;
}

void drop_stage(struct drop_scene *s, const struct drop_stage *stage)
{
    const char *to = stage->to ? stage->to : "";
    struct crew_stats stats;

    crew_allow(s->crew, stage->codes);
    if (strcmp(stage->command, "held") == 0)
        clock_sleep(2 * WORK_MS); /* for statistics to be told */
    command(s, stage);
    clock_sleep(WORK_MS);
    crew_allow(s->crew, 0);
    crew_told(s->crew, s->conn);
    stats = crew_stats(s->crew);
    printf("  %-8s %-8s %6lld transactions, slowest statement %6.1f ms\n", stage->command, to,
           (long long)stats.transactions, stats.slowest_ms);
    fflush(stdout);
    ck_assert_msg(stats.slowest_ms < BLOCKED_MS, "%s %s: %.0f ms", stage->command, to,
                  stats.slowest_ms);
    s->statements += stats.statements;
    s->transactions += stats.transactions;
    s->slowest_ms = stats.slowest_ms > s->slowest_ms ? stats.slowest_ms : s->slowest_ms;
}

void drop_compare(struct drop_scene *s, const char *where, const char *wrong)
{
    const char *rows = test_rows(s->conn, "%s LIMIT 5", wrong);

    ck_assert_msg(!*rows, "%s: wrong:\n%s", where, rows);
    s->compared += test_count(s->conn, "SELECT count(*) FROM test.last");
}

void drop_would_notice(struct drop_scene *s, const char *wrong, const char *const *damages)
{
    for (; *damages; damages++) {
        test_sql(s->conn, "BEGIN; %s", *damages);
        ck_assert_msg(*test_rows(s->conn, "%s LIMIT 1", wrong), "not noticed: %s", *damages);
        test_sql(s->conn, "ROLLBACK");
    }
}
