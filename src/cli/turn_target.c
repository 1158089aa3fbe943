/*
 * How far a turn goes, and which gates it is to pass: the options, against the plan.
 */
#include "orchestrate/base/text.h"
#include "turn_private.h"

/* The gate of this name in any phase of the plan: an override may be meant for one further on. */
static const struct gate *find_gate(const struct run *run, const char *name)
{
    for (size_t p = 0; p < run->program.n_phases; p++)
        for (size_t g = 0; g < run->program.phases[p].n_gates; g++)
            if (strcmp(run->program.phases[p].gates[g].name, name) == 0)
                return &run->program.phases[p].gates[g];
    return NULL;
}

static bool unknown_gate(struct cli *cli, const struct run *run, const char *name, struct err *err)
{
    const char **names = NULL, *near;
    size_t n = 0;

    for (size_t p = 0; p < run->program.n_phases; p++)
        for (size_t g = 0; g < run->program.phases[p].n_gates; g++)
            *ARENA_PUSH(cli->arena, names, n) = run->program.phases[p].gates[g].name;
    *ARENA_PUSH(cli->arena, names, n) = NULL;
    near = text_nearest(name, names);
    err_set(err, ERR_USAGE, "plan %s has no gate %s", run->name, name);
    if (near)
        return err_hint(err, "Did you mean %s?", near);
    return err_hint(err, "`orchestrate status %s` names the gates that hold it.", run->name);
}

/* Asked before anything is written, even the target of a deploy. */
bool turn_check_overrides(struct turn *t, struct err *err)
{
    const struct option_list *list = &t->cli->options.overrides;

    for (size_t i = 0; i < list->n; i++) {
        const struct gate *gate = find_gate(t->run, list->items[i]);

        if (!gate)
            return unknown_gate(t->cli, t->run, list->items[i], err);
        if (!gate->overridable) {
            err_set(err, ERR_USAGE, "gate %s cannot be overridden", gate->name);
            return err_hint(err, "It stands for something that has to be true.");
        }
    }
    return true;
}

/* The last phase before the deploy mark that follows phase `next`. */
static int before_mark(const struct program *program, int next)
{
    int target = next;

    while (target + 1 < (int)program->n_phases && !program->phases[target + 1].deploy_before)
        target++;
    return target;
}

static bool unknown_phase(const struct run *run, const char *name, struct err *err)
{
    const char *names[66], *near;
    size_t n = 0;

    for (size_t i = 0; i < run->program.n_phases && n < 64; i++)
        names[n++] = run->program.phases[i].name;
    names[n++] = "deploy";
    names[n] = NULL;
    near = text_nearest(name, names);
    err_set(err, ERR_USAGE, "plan %s has no phase %s", run->name, name);
    if (near)
        return err_hint(err, "Did you mean %s?", near);
    return err_hint(err, "`orchestrate status %s` lists its phases.", run->name);
}

bool turn_find_target(struct turn *t, struct err *err)
{
    const char *to = t->cli->options.to;
    const struct program *program = &t->run->program;
    int next = run_next_phase(t->run);

    t->target = next;
    if (!to)
        return true;
    t->target = strcmp(to, "deploy") == 0 ? before_mark(program, next) : program_phase(program, to);
    if (t->target < 0)
        return unknown_phase(t->run, to, err);
    t->options.to = program->phases[t->target].name;
    return true;
}
