#include "orchestrate/state/program.h"

#include <string.h>

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

int program_phase(const struct program *program, const char *name)
{
    for (size_t i = 0; i < program->n_phases; i++)
        if (strcmp(program->phases[i].name, name) == 0)
            return (int)i;
    return -1;
}
