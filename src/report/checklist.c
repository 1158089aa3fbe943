/*
 * The checklist of the safety report: what has to be true before the first
 * deploy.  What the tool has looked at itself is ticked.
 */
#include <inttypes.h>

#include "orchestrate/base/text.h"
#include "safety.h"

static void add(struct safety *s, enum check_state state, const char *text)
{
    *ARENA_PUSH(s->arena, s->checks, s->n_checks) = (struct check){ state, text };
}

static bool has_gate(const struct safety *s, const char *name)
{
    for (size_t i = 0; !s->report->gates_off && i < s->plan->n_gates; i++)
        if (strcmp(s->plan->gates[i].kind->name, name) == 0)
            return true;
    return false;
}

static void about_database(struct safety *s)
{
    if (!s->asked) {
        add(s, CHECK_OPEN,
            "Run `orchestrate plan` with the database's URL: refusals and warnings "
            "come from there.");
        return;
    }
    if (s->registered)
        add(s, CHECK_DONE, "The plan is registered in the database.");
    else if (s->n_refused)
        add(s, CHECK_BAD,
            arena_printf(s->arena, "The database refuses the plan (%zu %s).", s->n_refused,
                         s->n_refused == 1 ? "reason" : "reasons"));
    else
        add(s, CHECK_DONE, "The database was looked at and nothing speaks against the plan.");
    if (s->n_warned)
        add(s, CHECK_OPEN,
            arena_printf(s->arena, "What the plan is warned of has been read (%zu).", s->n_warned));
}

static void about_code(struct safety *s)
{
    const struct program *p = s->program;

    for (size_t i = 1; i < p->n_phases; i++)
        if (p->phases[i].deploy_before)
            add(s, CHECK_OPEN,
                arena_printf(s->arena, "The code to roll out between %s and %s is ready.",
                             p->phases[i - 1].name, p->phases[i].name));
    if (s->plan->app || has_gate(s, "deploy"))
        add(s, CHECK_OPEN,
            "The pipeline reports how each rollout of the app ended: `orchestrate "
            "confirm --deploy-id ID --status success`.");
    add(s, CHECK_OPEN,
        "The pipeline passes an id of the deploy (`--deploy-id`), or its CI system "
        "gives one: a repeated hook then does not take a second step.");
}

static void about_the_end(struct safety *s)
{
    for (size_t i = 0; i < s->program->n_phases; i++) {
        const struct phase *phase = &s->program->phases[i];

        if (phase->undo != UNDO_NEVER)
            continue;
        add(s, CHECK_OPEN,
            arena_printf(s->arena,
                         "It is known who consents to %s, which cannot be undone (`orchestrate "
                         "advance %s --confirm %s`).",
                         phase->name, s->plan->name, s->plan->name));
        add(s, CHECK_OPEN,
            arena_printf(s->arena, "A backup from before %s can be restored.", phase->name));
        return;
    }
}

void safety_checklist(struct safety *s)
{
    add(s, CHECK_DONE, "The plan file is well formed.");
    about_database(s);
    about_code(s);
    add(s, CHECK_OPEN,
        "Nothing else changes the table meanwhile: no other migration, no ORM that "
        "drops columns it does not know.");
    about_the_end(s);
}
