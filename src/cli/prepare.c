#include "prepare.h"

#include <inttypes.h>

#include "orchestrate/store/store.h"
#include "prepare_own.h"
#include "target.h"
#include "together.h"

/* The arguments behind the table, as the operation's queries take them. */
static size_t field_args(const struct change *change, const char **args)
{
    size_t n = 0;

    for (size_t i = 1; change->op->fields[i].key; i++)
        args[n++] = change->args[i];
    return n;
}

/* What helpers of a change are named by: those of the first one as if it were alone. */
static const char *number(struct arena *arena, int64_t run, size_t change)
{
    return change ? arena_printf(arena, "%" PRId64 "_%zu", run, change + 1)
                  : arena_printf(arena, "%" PRId64, run);
}

static bool read_catalog(struct cli *cli, const struct plan *plan, size_t which, int64_t run,
                         struct catalog *cat, struct err *err)
{
    const struct change *change = &plan->changes[which];
    const char *args[OP_MAX_FIELDS];
    struct catalog_query query = { .facts = change->op->facts,
                                   .findings = change->op->findings,
                                   .tries = change->op->tries,
                                   .schema = change->schema,
                                   .table = change->table,
                                   .args = args,
                                   .n_args = field_args(change, args),
                                   .number = number(cli->arena, run, which) };

    return catalog_read(cli->arena, &cli->pg, &query, cat, err);
}

static bool read_catalogs(struct cli *cli, const struct plan *plan, int64_t run,
                          const char *search_path, struct catalog **cats, struct err *err)
{
    const struct own_look look = { plan, run, search_path, 0 };

    *cats = arena_alloc(cli->arena, (plan->n_changes + 1) * sizeof **cats);
    for (size_t i = 0; run && i < plan->n_changes; i++)
        if (!read_catalog(cli, plan, i, run, &(*cats)[i], err))
            return false;
    if (run && plan->n_phases)
        return read_own_catalog(cli, &look, *cats, err);
    return !run || read_together(cli, plan, *cats, err);
}

/* The same plan, of whose gates only those stay that are always on. */
static const struct plan *without_gates(struct cli *cli, const struct plan *plan)
{
    struct plan *copy = arena_alloc(cli->arena, sizeof *copy);

    *copy = *plan;
    copy->gates = NULL;
    copy->n_gates = 0;
    for (size_t i = 0; i < plan->n_gates; i++)
        if (plan->gates[i].kind->order)
            *ARENA_PUSH(cli->arena, copy->gates, copy->n_gates) = plan->gates[i];
    return copy;
}

/* A gate that is wrong is wrong everywhere: it is compiled before it is dropped. */
bool prepare(struct cli *cli, const struct plan *plan, int64_t run, struct prepared *p,
             struct err *err)
{
    *p = (struct prepared){ .plan = plan, .run = run };
    return read_catalogs(cli, plan, run, cli->pg.search_path, &p->cats, err) &&
           compile(cli->arena, plan, p->cats, &p->program, err) &&
           (!cli->gates_off ||
            compile(cli->arena, without_gates(cli, plan), p->cats, &p->program, err));
}

bool prepare_anew(struct cli *cli, const struct plan *plan, const struct run *run,
                  const uint32_t *relids, struct program *program, const char **why_not,
                  struct err *err)
{
    struct catalog *cats = arena_alloc(cli->arena, (plan->n_changes + 1) * sizeof *cats);

    /* Its statements are the plan's own; only names of ours bear the number of the run. */
    if (plan->n_phases)
        cats[0] =
            (struct catalog){ .known = true, .facts = own_run_fact(cli, run->id), .n_facts = 1 };
    for (size_t i = 0; i < plan->n_changes; i++) {
        const struct change *change = &plan->changes[i];
        const char *args[OP_MAX_FIELDS];
        struct catalog_query query = { .facts = change->op->facts,
                                       .args = args,
                                       .n_args = field_args(change, args),
                                       .number = number(cli->arena, run->id, i) };
        int claim = claim_of_change(&run->program, change, i + 1);

        if (claim < 0) /* of another version of the program */
            return *program = (struct program){ 0 }, true;
        if (!catalog_read_facts(cli->arena, &cli->pg, &query, relids[claim], &cats[i], err))
            return false;
        if (!catalog_fact(&cats[i], "rel")) /* there is no such column: nothing can be made of it */
            return *program = (struct program){ 0 }, true;
        if (!compile_remembered(cli->arena, &run->program, &cats[i]))
            *why_not = arena_printf(cli->arena,
                                    "the comment of the sequence %s, which says what was there "
                                    "before, is not the one that the run has given it; write that "
                                    "one again, from a dump of the database it comes from",
                                    catalog_fact(&cats[i], "meter"));
    }
    return compile(cli->arena, run->gates_off ? without_gates(cli, plan) : plan, cats, program,
                   err);
}

/* The plans that the first phase waits for; while it waits, it claims nothing. */
static const char *waits_for(const struct program *program)
{
    const struct phase *first = &program->phases[0];

    for (size_t i = 0; i < first->n_gates; i++)
        if (strcmp(first->gates[i].name, "after") == 0)
            return first->gates[i].args;
    return NULL;
}

bool claim_conflict(struct cli *cli, const struct program *program, const struct claim *claim,
                    int64_t own, const char **message, struct err *err)
{
    struct claimant who = { 0 };

    *message = NULL;
    if (claim->shared)
        return true;
    if (!store_claimant(cli->arena, &cli->pg, claim->relid, own, waits_for(program), &who, err))
        return false;
    if (who.plan)
        *message = arena_printf(
            cli->arena,
            who.taken ? "table %s is claimed by plan %s until that is complete or undone; advance "
                        "will answer conflict (7) until then"
                      : "table %s is in plan %s, too, which is started but has not begun: the one "
                        "that begins first has it until it is complete or undone",
            who.relation, who.plan);
    return true;
}

/* What decides when the plan can run is more urgent than what it costs. */
static void put_first(struct cli *cli, struct catalog *cat, struct finding finding)
{
    size_t n = cat->n_findings;

    ARENA_PUSH(cli->arena, cat->findings, cat->n_findings);
    memmove(&cat->findings[1], &cat->findings[0], n * sizeof finding);
    cat->findings[0] = finding;
}

bool prepare_claims(struct cli *cli, struct prepared *p, struct err *err)
{
    const char *message, *hint;
    bool state = false;

    if (!plan_catalogs(p->plan) || p->unread)
        return true;
    if (!cli_state(cli, &state, err) || !cli_published(cli, &message, &hint, err))
        return false;
    if (message)
        put_first(cli, &p->cats[0],
                  (struct finding){ .level = FINDING_WARN,
                                    .code = "published-state",
                                    .message = message,
                                    .hint = hint });
    for (size_t i = 0; state && i < p->program.n_claims; i++) {
        if (!claim_conflict(cli, &p->program, &p->program.claims[i], p->run, &message, err))
            return false;
        if (message)
            put_first(
                cli, &p->cats[0],
                (struct finding){
                    .level = FINDING_WARN, .code = "claimed", .message = message, .hint = "" });
    }
    return true;
}

static bool has_begun(const struct run *run)
{
    return run->phase > 0 || run->phase_state != PHASE_PENDING;
}

static void keep_warnings(const struct plan *plan, struct catalog *cat)
{
    size_t kept = 0;

    for (size_t i = 0; i < cat->n_findings; i++)
        if (cat->findings[i].level == FINDING_WARN || finding_accepted(plan, &cat->findings[i]))
            cat->findings[kept++] = cat->findings[i];
    cat->n_findings = kept;
}

bool prepare_again(struct cli *cli, const struct plan *plan, const struct run *run,
                   struct prepared *p, struct err *err)
{
    *p = (struct prepared){ .plan = plan,
                            .run = run->id,
                            .program = run->program,
                            .registered = true,
                            .unread = !plan_catalogs(plan) || !run_state_is_live(run->state) };
    if (!read_catalogs(cli, plan, p->unread ? 0 : run->id, run->search_path, &p->cats, err))
        return false;
    for (size_t i = 0; !p->unread && has_begun(run) && i < plan_catalogs(plan); i++)
        keep_warnings(plan, &p->cats[i]);
    return has_begun(run) || prepare_claims(cli, p, err);
}

/* Where the plan says what the finding is about. */
static struct src_pos place_of(const struct plan *plan, size_t change, const struct finding *f)
{
    const struct change *c = change < plan->n_changes ? &plan->changes[change] : NULL;

    for (size_t i = 0; c && f->field && c->op->fields[i].key; i++)
        if (strcmp(c->op->fields[i].key, f->field) == 0)
            return c->at[i];
    if (f->at.line)
        return f->at;
    return c ? c->pos : (struct src_pos){ plan->file, 0, 0 };
}

static void diagnose(struct cli *cli, struct answer *answer, struct src_pos at,
                     const struct finding *f, bool refuses, const struct plan_accept *accept)
{
    const char *hint = f->hint;

    if (refuses && f->acceptable)
        hint = arena_printf(cli->arena,
                            "%s%sIf it is known and meant: accept: [{rule: %s, "
                            "because: \"...\"}]",
                            hint, *hint ? " " : "", f->code);
    cli_diagnose(cli, answer,
                 (struct diagnostic){ .severity = refuses  ? "error"
                                                  : accept ? "note"
                                                           : "warning",
                                      .code = f->code,
                                      .message = accept
                                                     ? arena_printf(cli->arena, "%s (accepted: %s)",
                                                                    f->message, accept->because)
                                                     : f->message,
                                      .hint = accept ? NULL : hint,
                                      .at = at });
}

/* An acceptance that nothing asks for may be a misspelt one. */
static void check_accept(struct cli *cli, struct answer *answer, const struct prepared *p,
                         const char *who, const struct plan_accept *accept)
{
    for (size_t c = 0; c < plan_catalogs(p->plan); c++)
        for (size_t i = 0; i < p->cats[c].n_findings; i++)
            if (finding_accepted(p->plan, &p->cats[c].findings[i]) == accept)
                return;
    cli_diagnose(
        cli, answer,
        (struct diagnostic){ .severity = "warning",
                             .code = "accept-unused",
                             .message = arena_printf(cli->arena,
                                                     "%s accepts %s, but nothing here asks "
                                                     "for that",
                                                     who, accept->rule),
                             .at = accept->at });
}

static void check_accepts(struct cli *cli, struct answer *answer, const struct prepared *p)
{
    for (size_t a = 0; a < p->plan->n_accepts; a++)
        check_accept(cli, answer, p, "the plan", &p->plan->accepts[a]);
    for (size_t i = 0; i < p->plan->n_phases; i++)
        for (size_t k = 0; k < p->plan->phases[i].n_steps; k++) {
            const struct own_step *step = &p->plan->phases[i].steps[k];

            for (size_t a = 0; a < step->n_accepts; a++)
                check_accept(
                    cli, answer, p,
                    arena_printf(cli->arena, "step %zu of %s", k + 1, p->plan->phases[i].name),
                    &step->accepts[a]);
        }
}

bool prepare_verdict(struct cli *cli, struct answer *answer, const struct prepared *p,
                     struct err *err)
{
    size_t refusals = 0;
    const struct finding *only = NULL;

    for (size_t c = 0; c < plan_catalogs(p->plan); c++)
        for (size_t i = 0; i < p->cats[c].n_findings; i++) {
            const struct finding *f = &p->cats[c].findings[i];
            const struct plan_accept *accept = finding_accepted(p->plan, f);
            bool refuses = f->level == FINDING_REFUSE && !accept;

            diagnose(cli, answer, place_of(p->plan, c, f), f, refuses, accept);
            only = refuses ? f : only;
            refusals += refuses;
        }
    if (p->run && !p->registered)
        check_accepts(cli, answer, p);
    if (!refusals)
        return true;
    if (refusals == 1) {
        err_set(err, ERR_CHECK, "%s", only->message);
        return err_hint(err, "%s", only->hint);
    }
    err_set(err, ERR_CHECK, "%zu reasons speak against plan %s; nothing was changed", refusals,
            p->plan->name);
    return err_hint(err, "Each is listed with what can be done about it.");
}

static void keep_refusals(const struct plan *plan, struct catalog *cat)
{
    size_t kept = 0;

    for (size_t i = 0; i < cat->n_findings; i++)
        if (cat->findings[i].level == FINDING_REFUSE && !finding_accepted(plan, &cat->findings[i]))
            cat->findings[kept++] = cat->findings[i];
    cat->n_findings = kept;
}

/* The database has changed, or it is another role that looks. */
static bool would_differ(const struct run *run, const struct step *step, struct err *err)
{
    err_set(err, ERR_CHECK,
            "what plan %s was made for has changed since it was started; now it would do another "
            "thing in step %s: %s",
            run->name, step->id, step->title);
    return err_hint(err,
                    "Nothing was changed. Call it off and start it anew, as the role that will "
                    "advance it: `orchestrate rollback %s`, `orchestrate start --again FILE`.",
                    run->name);
}

/* A table of the program that another run has taken; who->plan NULL: there is none. */
static bool find_taken(struct cli *cli, const struct program *program, int64_t own,
                       struct claimant *who, struct err *err)
{
    for (size_t i = 0; i < program->n_claims; i++) {
        *who = (struct claimant){ 0 };
        if (!program->claims[i].shared &&
            !store_claimant(cli->arena, &cli->pg, program->claims[i].relid, own, NULL, who, err))
            return false;
        if (who->plan && who->taken)
            return true;
    }
    *who = (struct claimant){ 0 };
    return true;
}

bool prepare_first(struct cli *cli, struct answer *answer, const struct run *run, struct err *err)
{
    struct plan_errors *errors = arena_alloc(cli->arena, sizeof *errors);
    struct plan *plan = arena_alloc(cli->arena, sizeof *plan);
    const struct step *step;
    struct program program;
    struct prepared p;
    const char *source = NULL;
    struct claimant who;

    /* Another plan has a table: that is `conflict`, whatever its columns look like meanwhile. */
    if (!find_taken(cli, &run->program, run->id, &who, err) ||
        (!who.plan && !store_source(cli->arena, &cli->pg, run->id, &source, err)))
        return false;
    /* Of another version of the format: then the run's own copy is all there is. */
    if (!source || !plan_parse(cli->arena, run->name, source, strlen(source), plan, errors))
        return true;
    if (!prepare_again(cli, plan, run, &p, err))
        return false;
    for (size_t i = 0; i < plan_catalogs(plan); i++)
        keep_refusals(plan, &p.cats[i]);
    if (!prepare_verdict(cli, answer, &p, err) || !compile(cli->arena, plan, p.cats, &program, err))
        return false;
    step = program_difference(&run->program, &program);
    return !step || would_differ(run, step, err);
}

/* Phases of `from`, from the first one on that has not begun, behind those of `run`. */
static void splice(struct arena *arena, const struct run *run, size_t first,
                   const struct program *from, struct program *program)
{
    *program = (struct program){ .claims = from->claims, .n_claims = from->n_claims };
    for (size_t i = 0; i < first; i++)
        *ARENA_PUSH(arena, program->phases, program->n_phases) = run->program.phases[i];
    for (size_t i = first; i < from->n_phases; i++)
        *ARENA_PUSH(arena, program->phases, program->n_phases) = from->phases[i];
}

static bool can_be_undone(const struct run *run, const struct phase *phase,
                          const struct phase *from, struct err *err)
{
    /* A point of no return that was not reached may stay one. */
    if (from->undo != UNDO_NEVER || phase->undo == UNDO_NEVER)
        return true;
    err_set(err, ERR_CHECK, "the undo of phase %s of %s is to be mended, not taken away",
            from->name, run->name);
    return err_hint(err, "Write SQL that undoes it, or `undo: none` if nothing is to be done.");
}

/* An index goes alone, so one `undo` may be several steps, of which some are done. */
static bool keeps_undone(const struct run *run, const struct phase *phase, const struct phase *from,
                         size_t undone, struct err *err)
{
    size_t n = undone < from->n_undo_steps ? undone : from->n_undo_steps;
    const struct step *other = steps_difference(phase->undo_steps, from->undo_steps, n);

    if (!other && n < undone)
        other = &phase->undo_steps[n];
    if (!other)
        return true;
    err_set(err, ERR_CHECK, "the edit of plan %s changes %s, which is undone already", run->name,
            other->id);
    return err_hint(err,
                    "Leave the statements as they are up to the one that failed (`orchestrate "
                    "history %s` lists what is undone); it and what comes after it can be "
                    "mended.",
                    run->name);
}

static bool mend(const struct run *run, struct phase *phase, const struct phase *from,
                 size_t undone, struct err *err)
{
    if (!can_be_undone(run, phase, from, err) || !keeps_undone(run, phase, from, undone, err))
        return false;
    phase->undo = from->undo;
    phase->undo_until = from->undo_until;
    phase->undo_steps = from->undo_steps;
    phase->n_undo_steps = from->n_undo_steps;
    return true;
}

/* A run that has begun takes the tables of an edit at once. */
static bool claims_are_free(struct cli *cli, const struct run *run, const struct program *program,
                            struct err *err)
{
    struct claimant who = { 0 };

    if (has_begun(run) && !find_taken(cli, program, run->id, &who, err))
        return false;
    if (!who.plan)
        return true;
    err_set(err, ERR_CONFLICT,
            "table %s is claimed by plan %s: the changed plan was not taken over", who.relation,
            who.plan);
    return err_hint(err, "Take it over when %s is complete or undone.", who.plan);
}

bool prepare_edit(struct cli *cli, struct answer *answer, const struct plan *plan,
                  const struct run *run, const struct edit_scope *scope, struct program *program,
                  struct err *err)
{
    const struct own_look look = { plan, run->id, run->search_path, scope->first };
    struct catalog cat;
    struct prepared p = { .plan = plan, .run = run->id, .registered = true, .cats = &cat };

    if (!plan->n_phases) {
        *program = run->program;
        return run->gates_off || compile_gates(cli->arena, plan, program, scope->first, err);
    }
    if (!read_own_catalog(cli, &look, &cat, err) || !prepare_verdict(cli, answer, &p, err) ||
        !compile(cli->arena, run->gates_off ? without_gates(cli, plan) : plan, &cat, &p.program,
                 err))
        return false;
    splice(cli->arena, run, scope->first, &p.program, program);
    if (scope->mended >= 0 && !mend(run, &program->phases[scope->mended],
                                    &p.program.phases[scope->mended], scope->undone, err))
        return false;
    return claims_are_free(cli, run, program, err);
}
