#include "orchestrate/state/program.h"

#include <stdlib.h>
#include <string.h>

size_t step_change(const struct step *step)
{
    const char *at = strchr(step->id, '/');

    return at ? strtoul(at + 1, NULL, 10) : 0;
}

size_t step_number(const struct step *step)
{
    const char *at = strchr(step->id, '/');

    at = at ? strchr(at + 1, '/') : NULL;
    return at ? strtoul(at + 1, NULL, 10) : 0;
}

size_t step_stands_in(const struct step *step)
{
    const char *change = strchr(step->id, '/');
    const char *ordinal = change ? strchr(change + 1, '/') : NULL;

    return ordinal && strncmp(ordinal, "/0/", 3) == 0 ? (size_t)(ordinal - step->id) + 1 : 0;
}

/* "_orch_7_own_1_1{attempt}" */
static bool behind_our_name(const char *text, const char *mark)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_<>", ours[] = "\"_orch_";
    const char *from = mark;

    while (from > text && strchr(letters, from[-1]))
        from--;
    return from > text && strncmp(from - 1, ours, strlen(ours)) == 0;
}

const char *step_attempt(const struct step *step, const char *text)
{
    const char *at = text;

    while ((at = strstr(at, "{attempt}")) && step->custom && !behind_our_name(text, at))
        at += STEP_ATTEMPT_LEN;
    return at;
}

enum risk phase_risk(const struct phase *phase)
{
    enum risk risk = RISK_LOW;

    for (size_t i = 0; i < phase->n_steps; i++)
        if (phase->steps[i].risk > risk)
            risk = phase->steps[i].risk;
    return risk;
}

enum risk program_risk(const struct program *program)
{
    enum risk risk = RISK_LOW;

    for (size_t i = 0; i < program->n_phases; i++)
        if (phase_risk(&program->phases[i]) > risk)
            risk = phase_risk(&program->phases[i]);
    return risk;
}

bool program_is_own(const struct program *program)
{
    for (size_t i = 0; i < program->n_phases; i++)
        for (size_t k = 0; k < program->phases[i].n_steps; k++)
            if (program->phases[i].steps[k].custom)
                return true;
    return false;
}

int program_phase(const struct program *program, const char *name)
{
    for (size_t i = 0; i < program->n_phases; i++)
        if (strcmp(program->phases[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* What is not there and what is empty are one: so they are stored. */
static bool same(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool same_step(const struct step *a, const struct step *b)
{
    return a->kind == b->kind && a->lock == b->lock && a->moment == b->moment &&
           same(a->id, b->id) && same(a->sql, b->sql) && same(a->prepare, b->prepare) &&
           same(a->next, b->next) && same(a->done, b->done) && same(a->publish, b->publish) &&
           same(a->leftovers, b->leftovers) && same(a->guard, b->guard) &&
           same(a->relation, b->relation) && same(a->role, b->role) && same(a->parts, b->parts) &&
           a->custom == b->custom;
}

const struct step *steps_difference(const struct step *a, const struct step *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!same_step(&a[i], &b[i]))
            return &b[i];
    return NULL;
}

static const struct step *steps_differ(const struct step *a, size_t n, const struct step *b,
                                       size_t m)
{
    const struct step *found = steps_difference(a, b, n < m ? n : m);

    return found || n == m ? found : n < m ? &b[n] : &a[m];
}

const struct step *program_difference(const struct program *a, const struct program *b)
{
    const struct step *found = NULL;

    for (size_t i = 0; !found && i < a->n_phases && i < b->n_phases; i++) {
        const struct phase *p = &a->phases[i], *q = &b->phases[i];

        found = steps_differ(p->steps, p->n_steps, q->steps, q->n_steps);
        if (!found)
            found = steps_differ(p->undo_steps, p->n_undo_steps, q->undo_steps, q->n_undo_steps);
    }
    return found;
}
