/*
 * Names that a statement gives to tables, indexes and constraints, and takes from them; of
 * a constraint they are those of its index, too.
 */
#include "orchestrate/base/attr.h"
#include "tree.h"

struct giving {
    struct arena *arena;
    struct parse_statement *s;
};

/* "": the server makes one up. */
static void give(struct giving *g, const char *name)
{
    if (*name)
        *ARENA_PUSH(g->arena, g->s->gives, g->s->n_gives) = arena_strdup(g->arena, name);
    else
        g->s->makes_up = true;
}

static void take(struct giving *g, const char *name)
{
    if (name && *name)
        *ARENA_PUSH(g->arena, g->s->takes, g->s->n_takes) = arena_strdup(g->arena, name);
}

static void of_constraint(struct giving *g, const PgQuery__Constraint *c)
{
    if (c->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY ||
        c->contype == PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE ||
        c->contype == PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION)
        give(g, c->conname);
}

static bool shares_names(PgQuery__ObjectType type)
{
    static const PgQuery__ObjectType types[] = {
        PG_QUERY__OBJECT_TYPE__OBJECT_INDEX,    PG_QUERY__OBJECT_TYPE__OBJECT_TABLE,
        PG_QUERY__OBJECT_TYPE__OBJECT_VIEW,     PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW,
        PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE, PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_TABLE,
    };

    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (types[i] == type)
            return true;
    return false;
}

static void of_rename(struct giving *g, const PgQuery__RenameStmt *s)
{
    bool constraint = s->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT;

    if (!constraint && !(shares_names(s->rename_type) && s->relation))
        return;
    give(g, s->newname);
    take(g, constraint ? s->subname : s->relation->relname);
}

static void of_drop(struct giving *g, const PgQuery__DropStmt *s)
{
    for (size_t i = 0; shares_names(s->remove_type) && i < s->n_objects; i++)
        take(g, tree_name(g->arena, s->objects[i]).name);
}

/* To another schema, where it has the same name. */
static void of_move(struct giving *g, const PgQuery__AlterObjectSchemaStmt *s)
{
    if (!s->relation)
        return;
    give(g, s->relation->relname);
    take(g, s->relation->relname);
}

static void look(void *context, const ProtobufCMessage *m)
{
    struct giving *g = context;

    if (m->descriptor == &pg_query__index_stmt__descriptor)
        give(g, ((const PgQuery__IndexStmt *)m)->idxname);
    else if (m->descriptor == &pg_query__constraint__descriptor)
        of_constraint(g, (const PgQuery__Constraint *)m);
    else if (m->descriptor == &pg_query__table_like_clause__descriptor)
        give(g, "");
    else if (m->descriptor == &pg_query__rename_stmt__descriptor)
        of_rename(g, (const PgQuery__RenameStmt *)m);
    else if (m->descriptor == &pg_query__alter_object_schema_stmt__descriptor)
        of_move(g, (const PgQuery__AlterObjectSchemaStmt *)m);
    else if (m->descriptor == &pg_query__drop_stmt__descriptor)
        of_drop(g, (const PgQuery__DropStmt *)m);
    else if (m->descriptor == &pg_query__alter_table_cmd__descriptor &&
             ((const PgQuery__AlterTableCmd *)m)->subtype ==
                 PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint)
        take(g, ((const PgQuery__AlterTableCmd *)m)->name);
}

void find_given(struct arena *arena, const PgQuery__Node *node, struct parse_statement *s)
{
    struct giving g = { arena, s };

    tree_walk(&node->base, look, &g);
}
