/*
 * The safety report: what is known, gathered from plan, program and catalog.
 */
#include "safety.h"

#include <inttypes.h>

#include "orchestrate/base/text.h"

/* What a table lock keeps others from. */
static const char *const blocks[] = {
    [LOCK_NONE] = "nothing",
    [LOCK_ACCESS_SHARE] = "nothing but ACCESS EXCLUSIVE locks of others",
    [LOCK_ROW_SHARE] = "nothing but strong locks of others",
    [LOCK_ROW_EXCLUSIVE] = "neither reads nor writes",
    [LOCK_SHARE_UPDATE_EXCLUSIVE] = "neither reads nor writes, only vacuum and schema changes",
    [LOCK_SHARE] = "writes",
    [LOCK_SHARE_ROW_EXCLUSIVE] = "writes",
    [LOCK_EXCLUSIVE] = "writes",
    [LOCK_ACCESS_EXCLUSIVE] = "reads and writes",
};
_Static_assert(ARRAY_LEN(blocks) == LOCK_MODE_COUNT, "an effect for every lock mode");

static const struct plan_accept *accepted_by_step(const struct plan *plan,
                                                  const struct finding *finding)
{
    const struct own_step *step = &plan->phases[finding->phase - 1].steps[finding->step - 1];

    for (size_t i = 0; i < step->n_accepts; i++)
        if (strcmp(step->accepts[i].rule, finding->code) == 0)
            return &step->accepts[i];
    return NULL;
}

const struct plan_accept *finding_accepted(const struct plan *plan, const struct finding *finding)
{
    for (size_t i = 0; i < plan->n_accepts; i++)
        if (finding->acceptable && strcmp(plan->accepts[i].rule, finding->code) == 0)
            return &plan->accepts[i];
    return finding->acceptable && finding->step ? accepted_by_step(plan, finding) : NULL;
}

/* The plan's own statements: only of some is it known that they are quick. */
static bool while_it_works(const struct step *step)
{
    return step->kind == STEP_ALONE || (step->kind == STEP_SQL && step->risk > RISK_LOW);
}

const char *report_step_lock(struct arena *arena, const struct step *step,
                             const struct settings *settings)
{
    const char *on = step->relation ? step->relation : "the table";

    if (step->kind == STEP_CHECK)
        return "reads only";
    if (step->kind == STEP_BACKFILL)
        return arena_printf(arena,
                            "locks the rows of one batch on %s, about %" PRId64
                            " ms each; blocks neither reads nor other writes",
                            on, settings->batch_target);
    if (step->lock == LOCK_NONE)
        return "locks no table";
    if (step->moment != LOCK_NONE)
        return arena_printf(
            arena,
            "%s on %s while it works: blocks %s; and %s on %s, for milliseconds: "
            "blocks %s",
            lock_mode_name(step->lock), on, blocks[step->lock], lock_mode_name(step->moment),
            step->sql && *step->sql ? on : "a partition at a time", blocks[step->moment]);
    return arena_printf(arena, "%s on %s%s: blocks %s", lock_mode_name(step->lock), on,
                        while_it_works(step)              ? " while it works"
                        : lock_mode_is_strong(step->lock) ? " for milliseconds"
                                                          : "",
                        blocks[step->lock]);
}

const char *safety_step_lock(const struct safety *s, const struct step *step)
{
    return report_step_lock(s->arena, step, &s->plan->settings);
}

static enum lock_mode strongest_of(const struct step *step)
{
    return step->moment > step->lock ? step->moment : step->lock;
}

const char *safety_phase_lock(const struct safety *s, const struct phase *phase)
{
    const struct step *strongest = NULL;

    for (size_t i = 0; i < phase->n_steps; i++)
        if (!strongest || strongest_of(&phase->steps[i]) > strongest_of(strongest))
            strongest = &phase->steps[i];
    if (!strongest || strongest->lock == LOCK_NONE)
        return "none";
    if (strongest->kind == STEP_BACKFILL)
        return "rows, a batch at a time";
    return arena_printf(s->arena, "%s%s", lock_mode_name(strongest_of(strongest)),
                        lock_mode_is_strong(strongest->moment) ? ", ms"
                        : while_it_works(strongest)            ? ", while it works"
                        : lock_mode_is_strong(strongest->lock) ? ", ms"
                                                               : "");
}

const char *safety_undo(const struct safety *s, size_t index)
{
    const struct phase *phase = &s->program->phases[index];

    if (phase->undo == UNDO_NEVER)
        return "never: the point of no return";
    return arena_printf(s->arena, "%s%s%s%s%s", undo_kind_name(phase->undo),
                        phase->undo_until ? ", " : "", phase->undo_until ? phase->undo_until : "",
                        phase->undo_with_previous && index ? ", together with " : "",
                        phase->undo_with_previous && index ? s->program->phases[index - 1].name
                                                           : "");
}

bool safety_undoes(const struct step *undo, const struct step *step)
{
    size_t len = strlen(step->id);

    return strncmp(undo->id, step->id, len) == 0 && text_starts(undo->id + len, "/undo/");
}

bool safety_gate_off(const struct safety *s, const struct plan_gate *gate)
{
    return s->report->gates_off && !gate->kind->order;
}

static void add_break(struct safety *s, const char *text)
{
    *ARENA_PUSH(s->arena, s->breaks, s->n_breaks) = text;
}

/* What cannot be kept from happening is said in every report. */
static void find_breaks(struct safety *s)
{
    bool strong = false;

    for (size_t i = 0; i < s->program->n_phases; i++)
        for (size_t k = 0; k < s->program->phases[i].n_steps; k++) {
            const struct step *step = &s->program->phases[i].steps[k];

            bool quick =
                step->kind == STEP_DDL || (step->kind == STEP_SQL && !while_it_works(step));

            strong |=
                lock_mode_is_strong(step->moment) || (quick && lock_mode_is_strong(step->lock));
            if (!quick && lock_mode_is_strong(step->lock))
                add_break(s, arena_printf(s->arena, "step %s holds %s for as long as it works",
                                          step->id, lock_mode_name(step->lock)));
        }
    s->n_serious = s->n_breaks;
    s->zero_downtime = s->n_serious == 0 && s->n_refused == 0;
    if (!strong)
        return;
    add_break(s,
              "Sessions that hold a named prepared statement with SELECT * or RETURNING * on the "
              "table fail once each when its columns change (\"cached plan must not change result "
              "type\"); most drivers prepare again by themselves.");
    add_break(s, "On standbys, queries that run while a strong lock is replayed can be cancelled "
                 "(max_standby_streaming_delay).");
}

static void sort_findings(struct safety *s, const struct safety_report *r)
{
    for (size_t c = 0; c < plan_catalogs(r->plan); c++)
        for (size_t i = 0; !r->unread && i < r->cats[c].n_findings; i++) {
            const struct finding *f = &r->cats[c].findings[i];
            struct noted noted = { f, finding_accepted(r->plan, f) };

            if (f->level == FINDING_REFUSE && !noted.accept)
                *ARENA_PUSH(s->arena, s->refused, s->n_refused) = noted;
            else
                *ARENA_PUSH(s->arena, s->warned, s->n_warned) = noted;
        }
}

static const char *counted(struct arena *arena, size_t n, const char *one, const char *many)
{
    return n ? arena_printf(arena, "%zu %s", n, n == 1 ? one : many)
             : arena_printf(arena, "no %s", many);
}

/* Which phase is to blame for the risk. */
static const char *because(const struct safety *s)
{
    for (size_t i = 0; s->risk > RISK_LOW && i < s->program->n_phases; i++)
        if (phase_risk(&s->program->phases[i]) == s->risk)
            return arena_printf(s->arena, " (%s)", s->program->phases[i].name);
    return "";
}

static const char *warnings(const struct safety *s)
{
    if (!s->asked)
        return "warnings need a database";
    return s->report->unread ? "warnings were not looked for"
                             : counted(s->arena, s->n_warned, "warning", "warnings");
}

static const char *verdict(struct safety *s)
{
    if (s->n_refused)
        return arena_printf(s->arena, "refused: %s, nothing was changed",
                            counted(s->arena, s->n_refused, "reason", "reasons"));
    return arena_printf(s->arena, "risk %s%s, %s; %s", risk_name(s->risk), because(s),
                        s->zero_downtime ? "no downtime" : "NOT without downtime", warnings(s));
}

/* Facts that are missing because of a refusal would stand as gaps in every statement. */
static bool no_plan(const struct safety *s)
{
    const struct safety_report *r = s->report;

    for (size_t i = 0; s->asked && !s->registered && s->n_refused && i < plan_catalogs(r->plan);
         i++)
        if (!r->cats[i].known)
            return true;
    return false;
}

/* How a strong lock is come by: the same for every step. */
static const char *waits(const struct safety *s)
{
    const struct settings *set = &s->plan->settings;

    return arena_printf(s->arena,
                        "A lock that blocks reads or writes is waited for %s at a time, so that "
                        "nobody queues behind it for longer; after %s it is given up, and nothing "
                        "has changed.",
                        text_from_duration(s->arena, set->lock_timeout),
                        text_from_duration(s->arena, set->lock_retry_for));
}

static const char *origin(struct safety *s)
{
    if (!s->asked)
        return "Offline: no database was asked. What only a database can tell stands as <name>; "
               "what it would refuse is not known.";
    if (s->registered)
        return arena_printf(s->arena, "As registered: run %" PRId64 ".", s->run);
    return "Checked against the database.";
}

static const char *source(struct safety *s)
{
    const char *off = s->report->gates_off;

    if (!off)
        return origin(s);
    return arena_printf(s->arena,
                        "%s The plan's own gates are off in environment %s; those that are always "
                        "on stay.",
                        origin(s), off);
}

static const char *names(struct safety *s)
{
    if (!s->asked || s->registered)
        return NULL;
    return arena_printf(s->arena,
                        "Names are made from the number of the run, which will be %" PRId64
                        " if no other plan is started first.",
                        s->run);
}

void safety_collect(struct arena *arena, const struct safety_report *report, struct safety *s)
{
    *s = (struct safety){ .arena = arena,
                          .plan = report->plan,
                          .program = report->program,
                          .report = report,
                          .run = report->run,
                          .registered = report->registered,
                          .asked = report->run != 0,
                          .risk = program_risk(report->program) };
    sort_findings(s, report);
    find_breaks(s);
    s->verdict = verdict(s);
    s->waits = waits(s);
    s->source = source(s);
    s->names = names(s);
    s->no_plan = no_plan(s);
    safety_sizes(s);
    safety_checklist(s);
}

void report_safety(struct buf *out, const struct safety_report *report, enum report_format format)
{
    static void (*const forms[])(struct buf *, const struct safety *) = {
        [REPORT_TEXT] = safety_text,
        [REPORT_MARKDOWN] = safety_markdown,
        [REPORT_JSON] = safety_json,
    };
    struct safety safety;

    safety_collect(out->arena, report, &safety);
    forms[format](out, &safety);
}
