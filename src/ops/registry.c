/*
 * registry.c - every operation that a plan may name.
 */
#include <string.h>

#include "orchestrate/ops/operation.h"

extern const struct operation op_rename_column;

const struct operation *const operations[] = {
    &op_rename_column,
    NULL,
};

const struct operation *operation_find(const char *name)
{
    for (size_t i = 0; operations[i]; i++)
        if (strcmp(operations[i]->name, name) == 0)
            return operations[i];
    return NULL;
}
