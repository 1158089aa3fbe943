#include "watch.h"

#include "orchestrate/base/clock.h"

enum {
    PATIENCE_MS = 1500, /* shorter waits are not worth a connection */
    AGAIN_MS = 10000,   /* the same wait is told again after so long */
};

static bool see(struct watch *watch, struct arena *arena, const char **whom)
{
    struct pg *pg = watch->sw->work->pg;
    struct err ignored;

    if (!watch->connected) {
        watch->connected = true;
        watch->failed = !pg_connect(watch->sw->work->arena, pg->url, pg->application, true,
                                    &watch->second, &ignored);
    }
    watch->failed =
        watch->failed || !lock_waited_for(arena, &watch->second, pg->pid, whom, &ignored);
    return !watch->failed;
}

static void look(void *context)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct watch *watch = context;
    struct step_work *sw = watch->sw;
    const char *whom = "";
    int64_t now = clock_ms();

    /* Without a second connection the wait is only silent, as it would be anyway. */
    if (watch->failed || now - watch->began < PATIENCE_MS || !see(watch, &arena, &whom) || !*whom)
        return;
    if (watch->told && now - watch->told_at < AGAIN_MS)
        return;
    watch->told_at = now;
    work_tell(sw->work, (struct event){ .kind = EVENT_WAIT,
                                        .phase = sw->phase->name,
                                        .step = sw->step->id,
                                        .text = whom,
                                        .ms = (double)(now - watch->began),
                                        .tries = ++watch->told });
}

void watch_begin(struct watch *watch, struct step_work *sw)
{
    *watch = (struct watch){ .sw = sw, .began = clock_ms() };
    sw->work->pg->idle = look;
    sw->work->pg->idle_context = watch;
}

void watch_end(struct watch *watch)
{
    watch->sw->work->pg->idle = NULL;
    pg_cleanup(&watch->second);
}
