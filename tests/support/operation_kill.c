#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "operation_scene.h"
#include "orchestrate/base/clock.h"

enum { KILL_MS = 60, KILLS_WANTED = 15, ROUNDS_MAX = 20, HELD_MAX = 20 };

/*
 * Kills it at a random moment; true: it had ended before.  Each kill in a row leaves
 * the next one more time: else it would be killed for ever on a machine that is busy.
 */
static bool survives(struct scene *s, const char *const *args, int *kills)
{
    struct ran ran = test_spawn(s->url, args, NULL);

    clock_sleep((int)((unsigned)rand_r(&s->seed) % (KILL_MS + KILL_MS * s->in_a_row / 4)));
    kill(ran.pid, SIGKILL);
    test_finish(&ran, 60);
    if (ran.status == 128 + SIGKILL) {
        ++*kills;
        s->in_a_row++;
        return false;
    }
    /* Nothing was done while the backend of the one before still lives, or holds a lock. */
    ck_assert_msg(ran.status == 0 || ran.status == 6, "exit %d\n%.3000s\n%.3000s", ran.status,
                  ran.out, ran.err);
    clock_sleep(ran.status == 6 ? KILL_MS : 0);
    s->in_a_row = 0;
    ck_assert_msg(!strstr(ran.out, "\"code\":\"held\"") || s->held++ < HELD_MAX, "%.6000s",
                  ran.out);
    return ran.status == 0;
}

static void advance_killed(struct scene *s, size_t phase, int *kills)
{
    const char *const args[] = { "advance",        SCENE_PLAN,  "--to",
                                 s->phases[phase], "--confirm", SCENE_PLAN,
                                 "--fast",         "--json",    NULL };

    scene_by_hand(s, s->db, phase, false);
    while (scene_done(s) <= phase)
        survives(s, test_with_overrides(args, s->test->overrides), kills);
}

/* A run that went to its end has ended, too, and may be undone where nothing is in the way. */
static bool is_undone(struct scene *s)
{
    return strcmp("0 undone",
                  test_value(s->conn,
                             "SELECT to_phase || ' ' || to_state FROM orchestrate.transition"
                             " WHERE run = (SELECT max(run) FROM orchestrate.plan)"
                             " ORDER BY seq DESC LIMIT 1")) == 0;
}

void op_killed(const struct op_test *test)
{
    static const char *const back[] = { "rollback",  SCENE_PLAN, "--to", "start",
                                        "--confirm", SCENE_PLAN, NULL };
    struct scene s = scene_of(test);
    int kills = 0;

    s.seed = (unsigned)time(NULL);
    printf("seed %u\n", s.seed);
    scene_report(&s);
    scene_start(&s, false);
    scene_phases(&s);
    for (int round = 0; round < ROUNDS_MAX && kills < KILLS_WANTED; round++) {
        for (size_t i = scene_done(&s); i < s.no_return; i++)
            advance_killed(&s, i, &kills);
        if (test->by_hand)
            break;
        while (!is_undone(&s))
            survives(&s, back, &kills);
        scene_untouched(&s, s.no_return - 1);
        scene_start(&s, true);
    }
    for (size_t i = scene_done(&s); i < s.n; i++)
        advance_killed(&s, i, &kills);
    printf("killed %d times\n", kills);
    scene_end(&s);
    scene_locks(&s);
}
