#include "merge.h"

#include <string.h>

#include "orchestrate/ops/operation.h"

static const struct phase *phase_of(const struct program *part, const char *name)
{
    int i = program_phase(part, name);

    return i < 0 ? NULL : &part->phases[i];
}

static bool same(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Two changes may ask the very same. */
static void add_gate(struct arena *arena, struct phase *to, const struct gate *gate)
{
    for (size_t i = 0; i < to->n_gates; i++)
        if (same(to->gates[i].name, gate->name) && same(to->gates[i].sql, gate->sql)) {
            to->gates[i].change = gate->change;
            return;
        }
    *ARENA_PUSH(arena, to->gates, to->n_gates) = *gate;
}

static const char *joined(struct arena *arena, const char *a, const char *b, const char *between)
{
    return !a || !b ? (a ? a : b) : arena_printf(arena, "%s%s%s", a, between, b);
}

/* The undo of the whole costs what the dearest part costs. */
static void add_forward(struct arena *arena, const struct phase *part, struct phase *to)
{
    to->deploy_before |= part->deploy_before;
    to->undo_with_previous |= part->undo_with_previous;
    to->undo = part->undo > to->undo ? part->undo : to->undo;
    to->undo_until = to->undo_until ? to->undo_until : part->undo_until;
    if (!to->note || !part->note || !strstr(to->note, part->note))
        to->note = joined(arena, to->note, part->note, " ");
    for (size_t i = 0; i < part->n_rebinds; i++)
        *ARENA_PUSH(arena, to->rebinds, to->n_rebinds) = part->rebinds[i];
    for (size_t i = 0; i < part->n_steps; i++)
        *ARENA_PUSH(arena, to->steps, to->n_steps) = part->steps[i];
    for (size_t i = 0; i < part->n_gates; i++)
        add_gate(arena, to, &part->gates[i]);
    for (size_t i = 0; i < part->n_promises; i++)
        *ARENA_PUSH(arena, to->promises, to->n_promises) = part->promises[i];
}

static void add_undo(struct arena *arena, const struct phase *part, struct phase *to)
{
    for (size_t i = 0; part && i < part->n_undo_steps; i++)
        *ARENA_PUSH(arena, to->undo_steps, to->n_undo_steps) = part->undo_steps[i];
}

/*
 * Where a phase is undone only together with the one before, its undo has to take
 * back what the other changes did there, too: see step_stands_in().
 */
static void add_previous(struct arena *arena, const struct phase *previous, size_t change,
                         bool otherwise, struct phase *to)
{
    size_t n = 0;

    for (size_t i = 0; previous && i < previous->n_undo_steps; i++) {
        struct step *step = ARENA_PUSH(arena, to->undo_steps, to->n_undo_steps);

        *step = previous->undo_steps[i];
        if (otherwise)
            step->title = arena_printf(arena, "where %s was not done: %s", to->name, step->title);
        step->id = arena_printf(arena, "%s/%zu/0/undo/%zu", to->name, change, ++n);
    }
}

static bool merge_undo(struct arena *arena, const struct program *parts, size_t n,
                       const char *previous, struct phase *to, struct err *err)
{
    for (size_t c = n; c > 0; c--) {
        const struct phase *part = phase_of(&parts[c - 1], to->name);

        add_undo(arena, part, to);
        if (!to->undo_with_previous || n == 1 || !previous)
            continue;
        if (part && part->n_steps && !part->undo_with_previous)
            return err_set(err, ERR_BUG, "%s of change %zu is undone alone, that of others is not",
                           to->name, c);
        add_previous(arena, phase_of(&parts[c - 1], previous), c, part && part->n_steps, to);
    }
    return true;
}

static bool merge_phase(struct arena *arena, const struct program *parts, size_t n,
                        const char *name, struct program *program, struct err *err)
{
    const struct phase *before = program->n_phases ? &program->phases[program->n_phases - 1] : NULL;
    struct phase phase = { .name = name };
    bool found = false;

    for (size_t c = 0; c < n; c++) {
        const struct phase *part = phase_of(&parts[c], name);

        found |= part != NULL;
        if (part)
            add_forward(arena, part, &phase);
    }
    if (!found)
        return true;
    if (phase.undo_with_previous && before && before->undo > phase.undo)
        phase.undo = before->undo;
    if (!merge_undo(arena, parts, n, before ? before->name : NULL, &phase, err))
        return false;
    *ARENA_PUSH(arena, program->phases, program->n_phases) = phase;
    return true;
}

/* A table that one change has for itself and another shares belongs to the run. */
static void merge_claim(struct arena *arena, const struct claim *claim, struct program *program)
{
    for (size_t i = 0; i < program->n_claims; i++) {
        struct claim *c = &program->claims[i];

        if (c->relid != claim->relid || !claim->relid)
            continue;
        c->shared &= claim->shared;
        c->later = c->later ? c->later : claim->later;
        return;
    }
    *ARENA_PUSH(arena, program->claims, program->n_claims) = *claim;
}

bool merge_programs(struct arena *arena, const struct program *parts, size_t n,
                    struct program *program, struct err *err)
{
    *program = (struct program){ 0 };
    for (const char *const *name = operation_phases; *name; name++)
        if (!merge_phase(arena, parts, n, *name, program, err))
            return false;
    for (size_t c = 0; c < n; c++)
        for (size_t i = 0; i < parts[c].n_claims; i++)
            merge_claim(arena, &parts[c].claims[i], program);
    return true;
}
