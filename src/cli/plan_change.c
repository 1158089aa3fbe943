#include "plan_change.h"
#include "prepare.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrate/base/text.h"
#include "orchestrate/compile/compile.h"
#include "orchestrate/store/store.h"

enum { TAKE_WAIT_MS = 300 };

/* What an edit touches, as words with commas between them. */
struct scope {
    struct arena *arena;
    const struct run *run;
    size_t first;                  /* the first phase that has not begun */
    size_t from;                   /* the first phase that is changed */
    int stuck;                     /* the phase whose undo failed; -1: none */
    size_t undone;                 /* so many steps of that undo are done */
    bool past;                     /* ... is behind the point of no return, or a later one is */
    bool mends;                    /* how that one is undone */
    struct buf begun;              /* phases that have, and their gates */
    struct buf later;              /* what can still be exchanged */
    struct buf whole;              /* what the run does at all */
    struct setting_text *settings; /* changed ones; text NULL: gone */
    size_t n_settings;
};

static size_t first_not_begun(const struct run *run)
{
    bool open = run->phase_state == PHASE_PENDING || run->phase_state == PHASE_UNDONE;

    return (size_t)run->phase + !open;
}

/* Of the phase whose undo would come next: did it fail? */
static bool find_stuck(struct cli *cli, const struct plan *plan, const struct run *run, int *stuck,
                       size_t *undone, struct err *err)
{
    int phase = run->phase - (run->phase_state == PHASE_UNDONE);
    bool failed = false;

    *undone = 0;
    if (plan->n_phases && phase >= 0 && (size_t)phase < plan->n_phases &&
        !store_undo_failed(&cli->pg, run, phase, &failed, undone, err))
        return false;
    *stuck = failed ? phase : -1;
    return true;
}

static void name(struct buf *list, const char *what)
{
    const char *at = list->len ? strstr(buf_text(list), what) : NULL;
    size_t n = strlen(what);

    if (!at || (at[n] && at[n] != ','))
        buf_addf(list, "%s%s", list->len ? ", " : "", what);
}

static void name_phase(struct scope *s, size_t ordinal, const char *what)
{
    s->from = ordinal < s->from ? ordinal : s->from;
    name(ordinal < s->first ? &s->begun : &s->later, what);
}

/* "gates.retire.1.soak": of a phase of the run, or of one that the edit brings. */
static void sort_gate(struct scope *s, const struct plan *plan, const char *key)
{
    const char *rest = key + strlen("gates.");
    const char *phase = arena_printf(s->arena, "%.*s", (int)strcspn(rest, "."), rest);
    const char *what = arena_printf(s->arena, "gates of %s", phase);
    int ordinal = program_phase(&s->run->program, phase);

    for (size_t i = 0; ordinal < 0 && i < plan->n_phases; i++)
        if (strcmp(plan->phases[i].name, phase) == 0)
            ordinal = (int)i;
    if (ordinal < 0)
        name(&s->whole, key);
    else
        name_phase(s, (size_t)ordinal, what);
}

/* "phases.2.steps.1.undo", and what is accepted of it. */
static bool is_of_undo(const char *key)
{
    const char *member = strstr(key, ".steps.");

    member = member ? strchr(member + strlen(".steps."), '.') : NULL;
    return member && (strcmp(member, ".undo") == 0 || text_starts(member, ".accept"));
}

/*
 * "phases.2.steps.1.undo" of the phase whose undo failed: that of the step is over, as it is
 * of those behind it.  Of one that is done in part the rest is not.
 */
static bool is_undone(const struct scope *s, const char *key)
{
    const struct phase *phase = &s->run->program.phases[s->stuck];
    size_t step = strtoul(strstr(key, ".steps.") + strlen(".steps."), NULL, 10), last;

    if (!s->undone || s->undone > phase->n_undo_steps)
        return s->undone;
    last = step_number(&phase->undo_steps[s->undone - 1]);
    return step > last || (step == last && (s->undone == phase->n_undo_steps ||
                                            step_number(&phase->undo_steps[s->undone]) != last));
}

/* "phases.2.steps.1.sql": the phase by the name that it has in the run, or would have. */
static void sort_phase(struct scope *s, const struct plan *plan, const char *key)
{
    size_t ordinal = strtoul(key + strlen("phases."), NULL, 10);
    const char *phase = ordinal <= s->run->program.n_phases
                            ? s->run->program.phases[ordinal - 1].name
                            : plan->phases[ordinal - 1].name;

    if ((int)ordinal - 1 == s->stuck && is_of_undo(key) && !is_undone(s, key)) {
        s->mends = true;
        name(&s->later, arena_printf(s->arena, "undo of phase %s", phase));
        return;
    }
    name_phase(s, ordinal - 1, arena_printf(s->arena, "phase %s", phase));
}

static void sort_setting(struct scope *s, const struct plan *plan, const char *key)
{
    struct setting_text *setting;

    for (size_t i = 0; i < s->n_settings; i++)
        if (strcmp(s->settings[i].key, key) == 0)
            return;
    setting = ARENA_PUSH(s->arena, s->settings, s->n_settings);
    *setting = (struct setting_text){ .key = key };
    for (size_t i = 0; i < plan->n_setting_texts; i++)
        if (strcmp(plan->setting_texts[i].key, key) == 0)
            setting->text = plan->setting_texts[i].text;
    name(&s->later, "settings");
}

static void sort_line(struct scope *s, const struct plan *plan, const char *key)
{
    if (text_starts(key, "gates."))
        sort_gate(s, plan, key);
    else if (text_starts(key, "phases."))
        sort_phase(s, plan, key);
    else if (text_starts(key, "settings."))
        sort_setting(s, plan, key + strlen("settings."));
    else if (text_starts(key, "code."))
        name(&s->later, "code");
    else if (text_starts(key, "accept."))
        name(&s->later, "accept");
    else
        name(&s->whole, key);
}

static struct scope sort(struct cli *cli, const struct plan *plan, const struct run *run,
                         const char *diff, int stuck, size_t undone)
{
    struct scope s = { .arena = cli->arena,
                       .run = run,
                       .first = first_not_begun(run),
                       .from = SIZE_MAX,
                       .stuck = stuck,
                       .undone = undone,
                       .begun = BUF_IN(cli->arena),
                       .later = BUF_IN(cli->arena),
                       .whole = BUF_IN(cli->arena) };

    for (const char *line = diff; *line;) {
        size_t len = strcspn(line, "\n");
        const char *equals = strstr(line, " = ");
        size_t key = equals && equals < line + len ? (size_t)(equals - line) : len;

        if (key > 2) /* "- ", "+ " */
            sort_line(&s, plan, arena_printf(cli->arena, "%.*s", (int)key - 2, line + 2));
        line += len + (line[len] == '\n');
    }
    return s;
}

static void show(struct cli *cli, struct answer *answer, const struct plan *plan,
                 const struct run *run, const char *severity, const char *code, const char *diff)
{
    cli_diagnose(cli, answer,
                 (struct diagnostic){ .severity = severity,
                                      .code = code,
                                      .message = arena_printf(cli->arena,
                                                              "between run %" PRId64 " (-) and %s "
                                                              "(+):\n%s",
                                                              run->id, plan->file, diff),
                                      .at = { plan->file, 0, 0 } });
}

static bool begin_anew(const struct run *run, const struct plan *plan, struct err *err)
{
    return err_hint(err,
                    "No phase has begun: `orchestrate rollback %s` calls the run off, "
                    "`orchestrate start --again %s` begins anew with the changed plan.",
                    run->name, plan->file);
}

/* Whether something was done, from the first changed phase on, that cannot be undone. */
static bool find_past(struct cli *cli, struct scope *s, struct err *err)
{
    for (size_t i = s->from; !s->past && i < s->first; i++)
        if (!store_past_return(&cli->pg, s->run, (int)i, &s->past, err))
            return false;
    return true;
}

/* Of phases that can be undone an edit can be accepted when they are. */
static bool refuse_begun(const struct scope *s, const struct plan *plan, struct err *err)
{
    const struct run *run = s->run;

    err_set(err, ERR_CHECK,
            "%s changes what run %" PRId64 " of plan %s has done already, or is doing: %s",
            plan->file, run->id, run->name, buf_text(&s->begun));
    if (!plan->n_phases || s->past)
        return err_hint(err,
                        "That cannot be accepted any more. Take the edit back; `orchestrate "
                        "advance %s` goes on with the run's own copy. If that cannot succeed, "
                        "`orchestrate repair %s --forget --confirm %s` gives the run up as it "
                        "stands; then write a plan for the rest.",
                        run->name, run->name, run->name);
    if (run->state == RUN_UNDOING && s->stuck >= 0)
        return err_hint(err,
                        "Take the edit back. Of phase %s, whose undo failed, `undo` of what is not "
                        "undone yet can be mended; nothing else.",
                        run->program.phases[s->stuck].name);
    if (run->state == RUN_UNDOING)
        return err_hint(err,
                        "Take the edit back. An undo that is under way goes on with the run's own "
                        "copy: put right by hand what its next step wants, then "
                        "`orchestrate rollback %s`; or give the run up: `orchestrate repair %s "
                        "--forget --confirm %s`.",
                        run->name, run->name, run->name);
    if (s->from == 0)
        return err_hint(
            err,
            "Take the edit back, or undo all phases, which calls the run off, and begin "
            "anew: `orchestrate rollback %s --to start`, `orchestrate start --again "
            "%s`.",
            run->name, plan->file);
    return err_hint(err,
                    "Take the edit back; `orchestrate advance %s` goes on with the run's own copy. "
                    "Or go back first (`orchestrate rollback %s --to %s`): what is undone can be "
                    "exchanged.",
                    run->name, run->name, run->program.phases[s->from - 1].name);
}

/* The run stands at a phase; that one has to be there, and one more when it is done. */
static bool refuse_short(const struct scope *s, const struct plan *plan, struct err *err)
{
    err_set(err, ERR_CHECK,
            "%s has no phase after those that run %" PRId64 " of plan %s has done: nothing would "
            "be left to do",
            plan->file, s->run->id, s->run->name);
    return err_hint(err,
                    "Leave one, if only with a check that always holds: `- check: SELECT 1 WHERE "
                    "false`.");
}

/* Of a run that has ended: only how its last phase is undone, when that has failed. */
static bool only_mends(const struct scope *s, const struct plan *plan)
{
    return s->run->state == RUN_COMPLETE && s->mends && !s->begun.len && !s->whole.len &&
           plan->n_phases == s->run->program.n_phases;
}

/* Why it cannot be accepted; false, or true when it can. */
static bool refuse(const struct scope *s, const struct plan *plan, struct err *err)
{
    const struct run *run = s->run;
    bool none = s->first == 0;

    if (only_mends(s, plan))
        return true;
    if (!run_state_is_live(run->state)) {
        err_set(err, ERR_CHECK,
                "%s is not what run %" PRId64 " of plan %s was, which has ended (%s)", plan->file,
                run->id, run->name, run_state_name(run->state));
        return err_hint(err, "Give the changed plan a name of its own.");
    }
    if (s->whole.len) {
        err_set(err, ERR_CHECK, "%s changes what run %" PRId64 " of plan %s does at all: %s",
                plan->file, run->id, run->name, buf_text(&s->whole));
        return none ? begin_anew(run, plan, err)
                    : err_hint(err,
                               "Phases that have begun rest on it, so it cannot be accepted. Take "
                               "the edit back; `orchestrate advance %s` goes on with the run's own "
                               "copy.",
                               run->name);
    }
    if (s->begun.len)
        return refuse_begun(s, plan, err);
    return !plan->n_phases ||
           plan->n_phases > (size_t)run->phase + (run->phase_state == PHASE_DONE) ||
           refuse_short(s, plan, err);
}

static bool not_accepted(const struct scope *s, const struct plan *plan, struct err *err)
{
    err_set(err, ERR_CHECK, "%s changes what run %" PRId64 " of plan %s has not begun yet: %s",
            plan->file, s->run->id, s->run->name, buf_text(&s->later));
    return err_hint(err,
                    "To take it over: --accept-plan-change; approvals of the phases it changes "
                    "count no more. Or take the edit back: the run keeps its own copy.");
}

static bool in_use(const struct run *run, const struct holder *holder, struct err *err)
{
    err_set(err, ERR_BUSY,
            "plan %s is being worked on by pid %d: the changed plan was not taken over", run->name,
            holder->pid);
    return err_hint(err, "Try again when it is done, or pause it first: orchestrate pause %s",
                    run->name);
}

static bool amend(struct cli *cli, struct answer *answer, const struct scope *s,
                  const struct plan *plan, struct run *run, const char *diff, struct err *err)
{
    const char *before = run->checksum;
    struct program program;
    struct plan_edit edit = { .source = plan->text,
                              .description = plan->description,
                              .owner = plan->owner,
                              .ticket = plan->ticket,
                              .canonical = plan->canonical,
                              .checksum = plan->checksum,
                              .code_new = plan->code_new,
                              .changed = buf_text(&s->later),
                              .diff = diff,
                              .program = &program,
                              .settings = s->settings,
                              .n_settings = s->n_settings,
                              .mended = s->mends ? s->stuck : -1,
                              .undone = s->undone };
    struct edit_scope scope;
    size_t undone;
    int stuck;

    /* Somebody may have begun the next phase, edited it, or undone more, before the run was ours.
     */
    if (!store_refresh(cli->arena, &cli->pg, run, err) ||
        !find_stuck(cli, plan, run, &stuck, &undone, err))
        return false;
    edit.first = first_not_begun(run);
    if (edit.first != s->first || strcmp(run->checksum, before) != 0 || stuck != s->stuck ||
        undone != s->undone) {
        err_set(err, ERR_BUSY,
                "plan %s has moved, or was edited meanwhile: the changed plan was not taken over",
                run->name);
        return err_hint(err, "Run the same command again.");
    }
    scope = (struct edit_scope){ edit.first, edit.mended, edit.undone };
    return prepare_edit(cli, answer, plan, run, &scope, &program, err) &&
           store_amend_plan(&cli->pg, run, &edit, err);
}

bool plan_change(struct cli *cli, struct answer *answer, const struct plan *plan, struct run *run,
                 const char *diff, struct err *err)
{
    struct holder holder = { 0 };
    struct scope s;
    bool taken, ok;
    size_t undone;
    int stuck;

    if (!find_stuck(cli, plan, run, &stuck, &undone, err))
        return false;
    s = sort(cli, plan, run, diff, stuck, undone);
    if (!find_past(cli, &s, err))
        return false;
    if (!refuse(&s, plan, err) ||
        (!cli->options.accept_plan_change && !not_accepted(&s, plan, err)))
        return show(cli, answer, plan, run, "error", "plan-changed", diff), false;
    if ((cli->command->flags & ONLY_READS) || cli->options.dry_run)
        return show(cli, answer, plan, run, "warning", "plan-changed", diff), true;
    if (!prepare_gates(cli, answer, plan, err) ||
        !store_take(cli->arena, &cli->pg, run, false, TAKE_WAIT_MS, &taken, &holder, err))
        return false;
    if (!taken)
        return in_use(run, &holder, err);
    ok = amend(cli, answer, &s, plan, run, diff, err);
    store_release(&cli->pg, run);
    if (!ok)
        return false;
    show(cli, answer, plan, run, "note", "plan-change-accepted", diff);
    return store_load(cli->arena, &cli->pg, run->id, run, err);
}
