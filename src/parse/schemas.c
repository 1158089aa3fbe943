/*
 * Which schemas a statement is about itself, by DROP SCHEMA say, and whose functions it
 * calls or makes.  The tables in them are found elsewhere.
 */
#include <string.h>

#include "tree.h"

struct schemas {
    struct arena *arena;
    struct parse_statement *s;
};

static void add(struct schemas *found, const char *name)
{
    if (name && *name)
        *ARENA_PUSH(found->arena, found->s->schemas, found->s->n_schemas) =
            arena_strdup(found->arena, name);
}

static void add_node(struct schemas *found, const PgQuery__Node *node)
{
    if (node && node->node_case == PG_QUERY__NODE__NODE_STRING)
        add(found, node->string->sval);
}

/* Of "schema.name". */
static void add_qualifier(struct schemas *found, PgQuery__Node *const *names, size_t n)
{
    if (n > 1)
        add_node(found, names[n - 2]);
}

static void add_nodes(struct schemas *found, PgQuery__Node *const *nodes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        add_node(found, nodes[i]);
}

static void of_grant(struct schemas *found, const PgQuery__GrantStmt *s)
{
    if (s->targtype == PG_QUERY__GRANT_TARGET_TYPE__ACL_TARGET_ALL_IN_SCHEMA ||
        s->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA)
        add_nodes(found, s->objects, s->n_objects);
}

static void visit(void *context, const ProtobufCMessage *m)
{
    struct schemas *found = context;

    if (m->descriptor == &pg_query__func_call__descriptor) {
        const PgQuery__FuncCall *call = (const PgQuery__FuncCall *)m;

        add_qualifier(found, call->funcname, call->n_funcname);
    }
    if (m->descriptor == &pg_query__object_with_args__descriptor) {
        const PgQuery__ObjectWithArgs *object = (const PgQuery__ObjectWithArgs *)m;

        add_qualifier(found, object->objname, object->n_objname);
    }
}

void find_schemas(struct arena *arena, const PgQuery__Node *node, struct parse_statement *s)
{
    const PgQuery__ObjectType schema = PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA;
    struct schemas found = { arena, s };

    tree_walk(&node->base, visit, &found);
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_DROP_STMT:
        if (node->drop_stmt->remove_type == schema)
            add_nodes(&found, node->drop_stmt->objects, node->drop_stmt->n_objects);
        break;
    case PG_QUERY__NODE__NODE_RENAME_STMT:
        if (node->rename_stmt->rename_type == schema)
            add(&found, node->rename_stmt->subname);
        break;
    case PG_QUERY__NODE__NODE_ALTER_OWNER_STMT:
        if (node->alter_owner_stmt->object_type == schema)
            add_node(&found, node->alter_owner_stmt->object);
        break;
    case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT:
        add(&found, node->alter_object_schema_stmt->newschema);
        break;
    case PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT:
        add(&found, node->create_schema_stmt->schemaname);
        break;
    case PG_QUERY__NODE__NODE_GRANT_STMT:
        of_grant(&found, node->grant_stmt);
        break;
    case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT:
        add_qualifier(&found, node->create_function_stmt->funcname,
                      node->create_function_stmt->n_funcname);
        break;
    default:
        break;
    }
}
