/*
 * CREATE, DROP and REINDEX INDEX CONCURRENTLY.
 */
#include "tree.h"

static bool created(struct arena *arena, const PgQuery__IndexStmt *s, struct parse_index *index)
{
    if (!s->concurrent)
        return false;
    *index = (struct parse_index){ .verb = INDEX_CREATE,
                                   .table = tree_table(arena, s->relation),
                                   .if_not_exists = s->if_not_exists };
    index->index = (struct parse_table){ index->table.schema, tree_text(arena, s->idxname) };
    return true;
}

static bool dropped(struct arena *arena, const PgQuery__DropStmt *s, struct parse_index *index)
{
    if (!s->concurrent || s->n_objects == 0)
        return false;
    *index = (struct parse_index){ .verb = INDEX_DROP,
                                   .index = tree_name(arena, s->objects[0]),
                                   .several = s->n_objects > 1,
                                   .if_exists = s->missing_ok };
    return true;
}

static bool rebuilt(struct arena *arena, const PgQuery__ReindexStmt *s, struct parse_index *index)
{
    bool whole = s->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_TABLE;

    if (!tree_option_on(s->params, s->n_params, "concurrently", false) || !s->relation)
        return false;
    *index = (struct parse_index){ .verb = whole ? INDEX_REINDEX_TABLE : INDEX_REINDEX };
    if (whole)
        index->table = tree_table(arena, s->relation);
    else
        index->index = tree_table(arena, s->relation);
    return true;
}

bool index_statement(struct arena *arena, const PgQuery__Node *node, struct parse_index *index)
{
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_INDEX_STMT:
        return created(arena, node->index_stmt, index);
    case PG_QUERY__NODE__NODE_DROP_STMT:
        return dropped(arena, node->drop_stmt, index);
    case PG_QUERY__NODE__NODE_REINDEX_STMT:
        return rebuilt(arena, node->reindex_stmt, index);
    default:
        return false;
    }
}
