/*
 * phases.c - `phases:`, which a plan lists that brings its own SQL.
 */
#include <string.h>

#include "orchestrate/base/attr.h"
#include "own_step.h"
#include "sections.h"
#include "validate.h"

enum { MOST_PHASES = 1000, MOST_STEPS = 1000 };

static const char *const taken[] = { "start", "deploy" };

static void read_name(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char *text = bind_text(l, name, value, false);

    if (text && (!name_is_valid(text) || strchr(text, '.')))
        complain(l, value->at,
                 "small letters, digits, `_` and `-`; 63 at most, the first one a letter or digit",
                 "`%s` is no name: `%s`", name, shown(l, text));
    for (size_t i = 0; text && i < ARRAY_LEN(taken); i++)
        if (strcmp(text, taken[i]) == 0)
            complain(l, value->at, "choose another name",
                     "a phase cannot be called `%s`: `--to %s` means something else", text, text);
    *(const char **)to = text;
}

static void read_role(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char *text = bind_text(l, name, value, false);

    if (text)
        check_ident(l, name, text, value->at);
    *(const char **)to = text;
}

static void read_flag(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char *text = bind_text(l, name, value, false);

    if (text && strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        complain(l, value->at, NULL, "`%s` must be true or false, not `%s`", name, shown(l, text));
    *(bool *)to = text && strcmp(text, "true") == 0;
}

static void read_steps(struct loading *l, const char *name, const struct node *value, void *to)
{
    struct own_phase *phase = (struct own_phase *)to;

    if (!bind_kind(l, name, value, NODE_LIST))
        return;
    if (value->n == 0)
        complain(l, value->at, "write `- ` before each step", "`%s` is empty", name);
    if (value->n > MOST_STEPS)
        complain(l, value->at, NULL, "`%s` has more than %d items", name, MOST_STEPS);
    for (size_t i = 0; i < value->n && i < MOST_STEPS; i++)
        own_step_read(l, value->items[i].value, ARENA_PUSH(l->arena, phase->steps, phase->n_steps));
}

static void read_one(struct loading *l, const struct node *node)
{
    static const struct key keys[] = {
        { "name", true, read_name, offsetof(struct own_phase, name), NULL, NULL },
        { "note", false, read_prose, offsetof(struct own_phase, note), NULL, NULL },
        { "role", false, read_role, offsetof(struct own_phase, role), NULL, NULL },
        { "deploy_before", false, read_flag, offsetof(struct own_phase, deploy_before), NULL,
          NULL },
        { "steps", true, read_steps, 0, NULL, NULL },
        { 0 },
    };
    struct own_phase phase = { .at = node->at };
    struct plan *plan = l->plan;

    if (!bind_item(l, "phases", node, NODE_MAP) || operation_instead(l, "a phase", node))
        return;
    bind_map(l, node, &(struct key_table){ "key", "a phase", keys, NULL }, &phase);
    for (size_t i = 0; phase.name && i < plan->n_phases; i++)
        if (strcmp(plan->phases[i].name, phase.name) == 0) {
            complain(l, node->at, "choose another name",
                     "there is a phase `%s` already, on line %d", shown(l, phase.name),
                     plan->phases[i].at.line);
            return;
        }
    if (phase.name)
        *ARENA_PUSH(l->arena, plan->phases, plan->n_phases) = phase;
}

void read_phases(struct loading *l, const char *name, const struct node *value, void *to)
{
    (void)to;
    if (!bind_kind(l, name, value, NODE_LIST))
        return;
    if (value->n == 0)
        complain(l, value->at, "write `- ` before each phase", "`%s` is empty", name);
    if (value->n > MOST_PHASES)
        complain(l, value->at, "write several plans", "`%s` has more than %d items", name,
                 MOST_PHASES);
    for (size_t i = 0; i < value->n && i < MOST_PHASES; i++)
        read_one(l, value->items[i].value);
}
