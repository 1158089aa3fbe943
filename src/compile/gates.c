/*
 * gates.c - the gates of every phase, and those that a plan writes.
 */
#include "gates.h"

#include <string.h>

#include "orchestrate/base/json.h"
#include "orchestrate/base/text.h"
#include "orchestrate/compile/compile.h"

/* Those of every phase, before those of the operations. */
static void standing_gates(struct arena *arena, struct phase *phase)
{
    struct gate *own = phase->gates;
    size_t n = phase->n_gates;

    phase->gates = NULL;
    phase->n_gates = 0;
    for (const struct gate_kind *k = gate_kinds; k->name; k++)
        if (k->always)
            *ARENA_PUSH(arena, phase->gates, phase->n_gates) =
                (struct gate){ .name = k->name,
                               .sql = k->sql,
                               .always = true,
                               .overridable = k->overridable,
                               .check = k->check };
    for (size_t i = 0; i < n; i++)
        *ARENA_PUSH(arena, phase->gates, phase->n_gates) = own[i];
}

/* Who is to blame when a gate has nothing to look at. */
static const char *subject(const struct plan *plan)
{
    return plan->n_changes == 1 ? plan->changes[0].op->name : "the plan";
}

/* The name that goes away with the change, or NULL. */
static const char *old_name(const struct change *change)
{
    const char *key = change->op->old_name;

    for (size_t i = 0; key && change->op->fields[i].key; i++)
        if (strcmp(change->op->fields[i].key, key) == 0)
            return change->op->fields[i].kind == FIELD_TABLE ? change->table : change->args[i];
    return NULL;
}

/* {"paths": ...} becomes {"name": ..., "paths": ...}, where that is what is looked for. */
static const char *gate_args(struct arena *arena, const char *name, const struct plan_gate *gate)
{
    struct buf out = BUF_IN(arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '{');
    json_text(&j, "name", name);
    buf_addf(&out, ",%s", gate->value + 1);
    return buf_text(&out);
}

static void add_plan_gate(struct arena *arena, struct phase *phase, const struct plan_gate *g,
                          const char *args)
{
    for (size_t i = 0; i < phase->n_gates; i++)
        if (strcmp(phase->gates[i].name, g->kind->name) == 0 &&
            text_same(phase->gates[i].args, args))
            return;
    *ARENA_PUSH(arena, phase->gates, phase->n_gates) =
        (struct gate){ .name = g->kind->name,
                       .sql = g->kind->sql,
                       .args = args,
                       .overridable = g->kind->overridable,
                       .check = g->kind->check };
}

/* One gate for each name that goes away; false: none does. */
static bool old_name_gates(struct arena *arena, const struct plan *plan, struct phase *phase,
                           const struct plan_gate *g)
{
    bool any = false;

    for (size_t c = 0; c < plan->n_changes; c++) {
        const char *name = old_name(&plan->changes[c]);

        if (name)
            add_plan_gate(arena, phase, g, gate_args(arena, name, g));
        any |= name != NULL;
    }
    return any;
}

/* A plan's value for a gate that is there anyway only tunes it, for every change that has it. */
static bool tune(struct phase *phase, const struct plan_gate *g)
{
    bool any = false;

    for (size_t i = 0; i < phase->n_gates; i++)
        if (phase->gates[i].always && strcmp(phase->gates[i].name, g->kind->name) == 0) {
            phase->gates[i].args = g->value;
            any = true;
        }
    return any;
}

static bool plan_gates(struct arena *arena, const struct plan *plan, struct phase *phase,
                       struct err *err)
{
    for (size_t i = 0; i < plan->n_gates; i++) {
        const struct plan_gate *g = &plan->gates[i];

        if (strcmp(g->phase, phase->name) != 0)
            continue;
        if (g->kind->old_name ? old_name_gates(arena, plan, phase, g) : tune(phase, g))
            continue;
        if (!g->kind->sql || g->kind->old_name) {
            err_set(err, ERR_PLAN, "phase %s of %s has nothing for the gate %s to look at",
                    phase->name, subject(plan), g->kind->name);
            err->at = g->at;
            return false;
        }
        add_plan_gate(arena, phase, g, g->value);
    }
    return true;
}

bool compile_gates(struct arena *arena, const struct plan *plan, struct program *program,
                   size_t first, struct err *err)
{
    for (size_t i = first; i < program->n_phases; i++) {
        struct phase *phase = &program->phases[i];
        size_t kept = 0;

        for (size_t g = 0; g < phase->n_gates; g++)
            if (phase->gates[g].always) {
                phase->gates[kept] = phase->gates[g];
                phase->gates[kept++].args = NULL;
            }
        phase->n_gates = kept;
        if (!plan_gates(arena, plan, phase, err))
            return false;
    }
    return true;
}

bool gates_add(struct arena *arena, const struct plan *plan, struct program *program,
               struct err *err)
{
    for (size_t i = 0; i < program->n_phases; i++) {
        standing_gates(arena, &program->phases[i]);
        if (!plan_gates(arena, plan, &program->phases[i], err))
            return false;
    }
    return true;
}
