/*
 * demo: a rename on a Postgres of its own, with applications at work.
 *
 * What is shown is real: `start`, `advance`, `rollback` and `resume` are the
 * commands themselves, called as cli_main would call them.
 */
#include "demo.h"
#include "orchestrate/base/clock.h"
#include "orchestrate/base/log.h"
#include "target.h"

#define PLAN DEMO_PLAN

enum {
    WATCH_MS = 1000, /* clients go on for this long after a step */
    HELD_MS = 60000,
    ASK_AGAIN_MS = 250,
};

/* What is done, what is to be seen, and who is at work. */
struct act {
    const char *command, *phase;
    const char *news; /* what happened to the applications before it */
    unsigned kinds;   /* at work while and after */
    unsigned names;   /* that have to show every write afterwards */
    const char *text;
};

#define O TRAFFIC_OLD
#define N TRAFFIC_NEW

static const struct act acts[] = {
    { "advance", "expand", NULL, O, O,
      "A second column gets the new name: the twin. It is empty, and a check keeps everybody from "
      "writing to it too early." },
    { "advance", "dual-write", NULL, O, O,
      "Triggers keep the two columns equal from now on, whichever of them is written. A constraint "
      "makes any write fail that would leave them different." },
    { "advance", "backfill", NULL, O, O | N,
      "Rows from before get their value in the twin, in batches of a few milliseconds that nobody "
      "has to wait for." },
    { "advance", "verify", NULL, O, O | N,
      "Indexes for the new name are built while everybody works. Then Postgres checks every row: "
      "that the columns are equal is now proved, not believed." },
    { "advance", "switch",
      "New code is deployed, which knows only email_address. Old code goes on, and some code "
      "writes both names.",
      TRAFFIC_ALL, O | N,
      "The two columns exchange their names, in one transaction. The original, with everything "
      "that hangs on it (constraint, indexes, view, comment), is called email_address now." },
    { "rollback", "switch",
      "Second thoughts: is the new release to blame for something? Then back, with everything "
      "running.",
      TRAFFIC_ALL, O | N, "The names are exchanged again, as fast as before." },
    { "advance", "switch", "It was not the release. Once more.", TRAFFIC_ALL, O | N,
      "The same switch again." },
    { "advance", "retire", "Old code, and code that writes both names, is shut down.", N, N,
      "Nobody has used the old name for a while, so it goes: triggers and constraint are dropped, "
      "and the twin is put aside under a name that nobody knows. Even now it could come back." },
    { "advance", "contract", NULL, N, N,
      "The twin is dropped. There is no way back from here, so this phase wants consent: the "
      "plan's name." },
};

/* ---- the commands ---- */

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
static bool call(struct demo *d, const char *name, const char *arg, const char *confirm,
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

static bool start(struct demo *d, struct err *err)
{
    struct buf plan = BUF_IN(d->arena);
    struct cli sub;

    demo_title(&d->show, "The plan");
    for (const char *line = demo_plan; *line; line += strcspn(line, "\n") + 1)
        buf_addf(&plan, "    %.*s\n", (int)strcspn(line, "\n"), line);
    demo_say(&d->show, "%s\n", buf_text(&plan));
    demo_typed(&d->show, "start " PLAN ".yaml");
    return call(d, "start", d->file, NULL, &sub, err);
}

static bool interrupted(struct err *err)
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
static bool advance(struct demo *d, const char *phase, struct cli *sub, struct err *err)
{
    const char *confirm = strcmp(phase, "contract") == 0 ? PLAN : NULL;
    int64_t end = clock_ms() + HELD_MS;
    bool told = false;

    for (;;) {
        if (!call(d, "advance", PLAN, confirm, sub, err))
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
            return interrupted(err);
    }
}

static bool rollback(struct demo *d, struct cli *sub, struct err *err)
{
    struct cli resume;
    double took;

    /* A roll-back pauses the plan, so that the next deploy does not do it again. */
    if (!call(d, "rollback", PLAN, NULL, sub, err))
        return false;
    took = d->took;
    demo_typed(&d->show, "resume " PLAN);
    if (!call(d, "resume", PLAN, NULL, &resume, err))
        return false;
    d->took = took;
    return true;
}

/* ---- one act ---- */

static void read_events(const struct cli *sub, struct demo_step *step)
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

static bool play(struct demo *d, const struct act *act, struct err *err)
{
    struct demo_step *step = ARENA_PUSH(d->arena, d->show.steps, d->show.n_steps);
    bool back = strcmp(act->command, "rollback") == 0;
    struct cli sub;

    step->command = act->command;
    step->phase = act->phase;
    if (!traffic_allow(d->traffic, act->kinds, err))
        return false;
    traffic_mark(d->traffic);
    demo_typed(&d->show, "%s " PLAN "%s", act->command,
               strcmp(act->phase, "contract") == 0 ? " --confirm " PLAN : "");
    if (back ? !rollback(d, &sub, err) : !advance(d, act->phase, &sub, err))
        return false;
    step->ms = d->took;
    read_events(&sub, step);
    if (!clock_sleep(WATCH_MS))
        return interrupted(err);
    /* Not paused for it: one statement sees one moment. */
    traffic_read(d->traffic, &step->stats);
    return traffic_compare(d->arena, &d->pg, &demo_table, act->names, &step->ledger, err);
}

static bool play_all(struct demo *d, struct err *err)
{
    int n = 0;

    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        const struct act *act = &acts[i];
        bool back = strcmp(act->command, "rollback") == 0;
        bool again = i && strcmp(acts[i - 1].command, "rollback") == 0;

        if (act->news) {
            demo_say(&d->show, "\n");
            demo_explain(&d->show, act->news);
        }
        n += !back && !again;
        demo_title(&d->show, back    ? arena_printf(d->arena, "Back from %s", act->phase)
                             : again ? arena_printf(d->arena, "Phase %d again: %s", n, act->phase)
                                     : arena_printf(d->arena, "Phase %d of 7: %s", n, act->phase));
        demo_explain(&d->show, act->text);
        if (!play(d, act, err))
            return false;
        demo_measured(&d->show, &d->show.steps[d->show.n_steps - 1]);
    }
    return true;
}

/* ---- the end ---- */

static void show_errors(const struct demo *d)
{
    struct traffic_error errors[TRAFFIC_FIRST_ERRORS];
    size_t n = traffic_errors(d->traffic, errors);

    for (size_t i = 0; i < n; i++)
        demo_say(&d->show, "           %s code, %s protocol: %s %s\n             %s\n",
                 client_kind_name(errors[i].kind), client_protocol_name(errors[i].protocol),
                 errors[i].sqlstate, errors[i].message, errors[i].statement);
}

static bool verdict(struct demo *d, bool equal, struct err *err)
{
    struct comparison ledger;
    int64_t errors = 0, wrong = 0, writes;

    if (!traffic_allow(d->traffic, TRAFFIC_NONE, err) ||
        !traffic_compare(d->arena, &d->pg, &demo_table, N, &ledger, err))
        return false;
    writes = traffic_writes(d->traffic);
    for (size_t i = 0; i < d->show.n_steps; i++) {
        errors += d->show.steps[i].stats.errors;
        wrong += d->show.steps[i].stats.wrong_reads + d->show.steps[i].ledger.wrong;
    }
    wrong += ledger.wrong + (writes != ledger.writes);
    demo_say(&d->show, "  writes   %s were committed, %s are missing or wrong\n",
             demo_count(d->arena, writes), demo_count(d->arena, wrong));
    demo_say(&d->show, "  clients  saw %s errors\n", demo_count(d->arena, errors));
    show_errors(d);
    if (errors || wrong || !equal) {
        err_set(err, ERR_FAILED, "the demo did not go as it should: see above");
        return err_hint(err, "This is a bug of orchestrate; please report it with the output.");
    }
    demo_say(&d->show,
             "\n  All this took %.0f s. For a table of yours: write a plan, and "
             "`orchestrate plan FILE` shows\n  what it would do.\n",
             (clock_ms_exact() - d->began) / 1000);
    return true;
}

static bool perform(struct demo *d, struct err *err)
{
    struct buf json = BUF_IN(d->arena);
    bool equal = false, ok;

    if (!demo_scene(d, err) || !start(d, err) || !play_all(d, err))
        return false;
    demo_title(&d->show, "The end");
    demo_summary(&d->show);
    demo_say(&d->show, "\n");
    if (!demo_schema(d, &equal, err))
        return false;
    ok = verdict(d, equal, err);
    demo_json(&json, &d->show, equal);
    d->cli->answer.more = buf_text(&json);
    return ok;
}

bool cmd_demo(struct cli *cli, struct err *err)
{
    struct demo d = {
        .cli = cli, .arena = cli->arena, .cluster = { .lock = -1 }, .began = clock_ms_exact()
    };
    int level = log_level_get();
    bool ok;

    demo_show_init(&d.show, cli);
    demo_say(&d.show, "A column of a busy table gets a new name, and nobody notices.\n");
    /* The story is told here; -v shows the log of the commands as well. */
    if (level == LOG_NORMAL)
        log_level_set(LOG_QUIET);
    ok = perform(&d, err);
    log_level_set(level);
    if (!ok && clock_signal())
        interrupted(err);
    traffic_cleanup(&d.traffic);
    pg_cleanup(&d.pg);
    cluster_cleanup(&d.cluster);
    return ok;
}
