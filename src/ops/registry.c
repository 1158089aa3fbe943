/*
 * registry.c - every operation that a plan may name: one for each file of this folder.
 */
#include <string.h>

#include "orchestrate/ops/operation.h"

#define OPERATION(name) extern const struct operation op_##name;
#include "operations.inc"
#undef OPERATION

const struct operation *const operations[] = {
#define OPERATION(name) &op_##name,
#include "operations.inc"
#undef OPERATION
    NULL,
};

const char *const operation_phases[] = {
    "expand", "dual-write", "backfill", "verify", "switch", "retire", "contract", NULL,
};

size_t operation_phase_order(const char *name)
{
    size_t i = 0;

    while (operation_phases[i] && strcmp(operation_phases[i], name) != 0)
        i++;
    return i;
}

const struct operation *operation_find(const char *name)
{
    for (size_t i = 0; operations[i]; i++)
        if (strcmp(operations[i]->name, name) == 0)
            return operations[i];
    return NULL;
}
