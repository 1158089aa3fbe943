/*
 * Whether what an expression makes depends on when, or in which transaction, it runs: it is
 * STABLE, so the server sees nothing in it.
 */
#include <string.h>

#include "orchestrate/base/attr.h"
#include "tree.h"

static bool is_moment(const PgQuery__FuncCall *call)
{
    static const char *const names[] = {
        "now",       "transaction_timestamp", "statement_timestamp", "clock_timestamp",
        "timeofday", "txid_current",          "pg_current_xact_id",  "pg_backend_pid",
    };
    const PgQuery__Node *last = call->n_funcname ? call->funcname[call->n_funcname - 1] : NULL;

    for (size_t i = 0;
         last && last->node_case == PG_QUERY__NODE__NODE_STRING && i < ARRAY_LEN(names); i++)
        if (strcmp(last->string->sval, names[i]) == 0)
            return true;
    return false;
}

/* CURRENT_DATE and the like; CURRENT_USER and the like are of the same kind of node. */
static bool is_time(const PgQuery__SQLValueFunction *value)
{
    return value->op >= PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE &&
           value->op <= PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N;
}

static void find_moment(void *context, const ProtobufCMessage *m)
{
    if (m->descriptor == &pg_query__func_call__descriptor)
        *(bool *)context |= is_moment((const PgQuery__FuncCall *)m);
    if (m->descriptor == &pg_query__sqlvalue_function__descriptor)
        *(bool *)context |= is_time((const PgQuery__SQLValueFunction *)m);
}

bool names_moment(const PgQuery__Node *node)
{
    bool found = false;

    tree_walk(&node->base, find_moment, &found);
    return found;
}
