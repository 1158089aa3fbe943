/*
 * The commands that a demo shows: they are the real ones, called as cli_main would
 * call them.
 */
#include "demo.h"
#include "orchestrate/base/clock.h"
#include "target.h"

enum { HELD_MS = 60000, ASK_AGAIN_MS = 250 };

/* What the command would have written to stderr. */
static void tell_diagnostics(struct demo *d, const struct answer *answer)
{
    for (size_t i = 0; i < answer->n_diagnostics; i++) {
        struct buf out = BUF_IN(d->arena);

        report_wrap(&out, arena_printf(d->arena, "    %-8s ", answer->diagnostics[i].severity),
                    "             ", answer->diagnostics[i].message);
        demo_say(&d->show, "%s", buf_text(&out));
    }
}

/* As cli_main does it, on a connection of its own. */
bool demo_call(struct demo *d, const char *name, const char *arg, const char *confirm,
               struct cli *sub, struct err *err)
{
    const char **args = arena_alloc(d->arena, sizeof *args);
    bool ok;

    args[0] = arg;
    *sub = (struct cli){ .arena = d->arena,
                         .command = command_find(name),
                         .options = { .deploy_id = "none", .confirm = confirm },
                         .args = args,
                         .n_args = 1,
                         .url = d->url,
                         .answer = { .command = name },
                         .text = BUF_IN(d->arena) };
    d->took = clock_ms_exact();
    ok = (!(sub->command->flags & NEEDS_DB) || cli_connect(sub, arg, err)) &&
         (!(sub->command->flags & NEEDS_RUN) || target_one(sub, &sub->run, err)) &&
         sub->command->run(sub, err);
    pg_cleanup(&sub->pg);
    d->took = clock_ms_exact() - d->took;
    tell_diagnostics(d, &sub->answer);
    return ok || err_wrap(err, "%s", name);
}

bool demo_start(struct demo *d, struct err *err)
{
    struct buf plan = BUF_IN(d->arena);
    struct cli sub;

    demo_title(&d->show, "The plan");
    for (const char *line = d->plan_text; *line; line += strcspn(line, "\n") + 1)
        buf_addf(&plan, "    %.*s\n", (int)strcspn(line, "\n"), line);
    demo_say(&d->show, "%s\n", buf_text(&plan));
    demo_typed(&d->show, "start %s.yaml", d->plan);
    return demo_call(d, "start", d->file, NULL, &sub, err);
}

bool demo_interrupted(struct err *err)
{
    err_set(err, ERR_INTERRUPTED, "the demo was interrupted; nothing is left of it");
    err->signal = clock_signal();
    return false;
}

static void tell_held(struct demo *d, const struct answer *answer)
{
    struct buf out = BUF_IN(d->arena);

    for (size_t i = 0; i < answer->n_held_by; i++) {
        const struct gate_answer *gate = &answer->held_by[i];

        if (!gate->open && !gate->overridden)
            report_wrap(&out, "    held     ", "             ",
                        arena_printf(d->arena, "by %s: %s; so it is asked again", gate->gate,
                                     gate->reason));
    }
    demo_say(&d->show, "%s", buf_text(&out));
}

/* Gates that only time can open are waited for; the first time they are told. */
bool demo_advance(struct demo *d, const char *phase, const char *confirm, struct cli *sub,
                  struct err *err)
{
    int64_t end = clock_ms() + HELD_MS;
    bool told = false;

    for (;;) {
        if (!demo_call(d, "advance", d->plan, confirm, sub, err))
            return false;
        if (sub->answer.outcome == OUT_ADVANCED || sub->answer.outcome == OUT_COMPLETE)
            return true;
        if (!told)
            tell_held(d, &sub->answer);
        told = true;
        if (sub->answer.outcome != OUT_HELD || clock_ms() > end)
            return err_set(err, ERR_FAILED, "phase %s was not carried out: %s", phase,
                           outcome_name(sub->answer.outcome));
        if (!clock_sleep(ASK_AGAIN_MS))
            return demo_interrupted(err);
    }
}

bool demo_rollback(struct demo *d, struct cli *sub, struct err *err)
{
    struct cli resume;
    double took;

    /* A roll-back pauses the plan, so that the next deploy does not do it again. */
    if (!demo_call(d, "rollback", d->plan, NULL, sub, err))
        return false;
    took = d->took;
    demo_typed(&d->show, "resume %s", d->plan);
    if (!demo_call(d, "resume", d->plan, NULL, &resume, err))
        return false;
    d->took = took;
    return true;
}

void demo_read_events(const struct cli *sub, struct demo_step *step)
{
    step->lock_ms = -1;
    for (size_t i = 0; i < sub->answer.n_events; i++) {
        const struct event *e = &sub->answer.events[i];

        if (e->kind != EVENT_STEP_DONE)
            continue;
        step->rows += e->rows;
        if (e->lock_ms > step->lock_ms)
            step->lock_ms = e->lock_ms;
    }
}
