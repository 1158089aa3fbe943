/*
 * demo: a rename on a Postgres of its own, with applications at work.
 *
 * What is shown is real: `start`, `advance`, `rollback` and `resume` are the
 * commands themselves, called as cli_main would call them.
 */
#include "demo.h"
#include "orchestrate/base/clock.h"
#include "orchestrate/base/log.h"

#define PLAN DEMO_PLAN

enum {
    WATCH_MS = 1000, /* clients go on for this long after a step */
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

/* ---- one act ---- */

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
    if (back ? !demo_rollback(d, &sub, err)
             : !demo_advance(d, act->phase, strcmp(act->phase, "contract") == 0 ? PLAN : NULL, &sub,
                             err))
        return false;
    step->ms = d->took;
    demo_read_events(&sub, step);
    if (!clock_sleep(WATCH_MS))
        return demo_interrupted(err);
    /* Not paused for it: one statement sees one moment. */
    step->ledger_kept = true;
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

    if (!demo_scene(d, err) || !demo_start(d, err) || !play_all(d, err))
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

/* Names in a shell are written with hyphens; with underscores will do. */
static const struct operation *find(struct arena *arena, const char *word)
{
    char *name = arena_strdup(arena, word);

    for (char *c = name; *c; c++)
        *c = *c == '-' ? '_' : *c;
    return operation_find(name);
}

/* *op NULL: that of a column rename, which has the most to show. */
static bool choose(struct cli *cli, const struct operation **op, struct err *err)
{
    struct buf names = BUF_IN(cli->arena);

    *op = cli->n_args ? find(cli->arena, cli->args[0]) : NULL;
    if (*op && !(*op)->demo)
        *op = NULL;
    else if (cli->n_args && !*op) {
        for (size_t i = 0; operations[i]; i++) {
            buf_addf(&names, "%s", i ? ", " : "");
            for (const char *c = operations[i]->name; *c; c++)
                buf_addn(&names, *c == '_' ? "-" : c, 1);
        }
        err_set(err, ERR_USAGE, "there is no demo %s", cli->args[0]);
        return err_hint(err, "There are: %s.", buf_text(&names));
    }
    return true;
}

bool cmd_demo(struct cli *cli, struct err *err)
{
    struct demo d = { .cli = cli,
                      .arena = cli->arena,
                      .cluster = { .lock = -1 },
                      .began = clock_ms_exact(),
                      .plan = PLAN,
                      .plan_text = demo_plan };
    const struct operation *op;
    int level = log_level_get();
    bool ok;

    if (!choose(cli, &op, err))
        return false;
    demo_show_init(&d.show, cli);
    if (!op)
        demo_say(&d.show, "A column of a busy table gets a new name, and nobody notices.\n");
    /* The story is told here; -v shows the log of the commands as well. */
    if (level == LOG_NORMAL)
        log_level_set(LOG_QUIET);
    ok = op ? demo_play(&d, op, err) : perform(&d, err);
    log_level_set(level);
    if (!ok && clock_signal())
        demo_interrupted(err);
    traffic_cleanup(&d.traffic);
    pg_cleanup(&d.pg);
    cluster_cleanup(&d.cluster);
    return ok;
}
