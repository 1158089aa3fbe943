/*
 * What a statement is, as far as it decides how it can be sent.
 */
#include <string.h>

#include "orchestrate/base/attr.h"
#include "tree.h"

enum { CURSOR_HOLD = 0x0020 }; /* CURSOR_OPT_HOLD of the server's parsenodes.h */

/* clang-format off */
static const struct {
    PgQuery__Node__NodeCase node;
    enum parse_kind kind;
} kinds[] = {
    { PG_QUERY__NODE__NODE_TRANSACTION_STMT,         PARSE_TRANSACTION },
    { PG_QUERY__NODE__NODE_CREATEDB_STMT,            PARSE_ALONE },
    { PG_QUERY__NODE__NODE_DROPDB_STMT,              PARSE_ALONE },
    { PG_QUERY__NODE__NODE_CREATE_TABLE_SPACE_STMT,  PARSE_ALONE },
    { PG_QUERY__NODE__NODE_DROP_TABLE_SPACE_STMT,    PARSE_ALONE },
    { PG_QUERY__NODE__NODE_ALTER_SYSTEM_STMT,        PARSE_ALONE },
    { PG_QUERY__NODE__NODE_ALTER_SUBSCRIPTION_STMT,  PARSE_ALONE },
    { PG_QUERY__NODE__NODE_DROP_SUBSCRIPTION_STMT,   PARSE_ALONE },
    { PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT,       PARSE_QUERY },
    { PG_QUERY__NODE__NODE_DISCARD_STMT,             PARSE_SESSION },
    { PG_QUERY__NODE__NODE_LISTEN_STMT,              PARSE_SESSION },
    { PG_QUERY__NODE__NODE_UNLISTEN_STMT,            PARSE_SESSION },
    { PG_QUERY__NODE__NODE_PREPARE_STMT,             PARSE_SESSION },
    { PG_QUERY__NODE__NODE_EXECUTE_STMT,             PARSE_SESSION },
    { PG_QUERY__NODE__NODE_DEALLOCATE_STMT,          PARSE_SESSION },
    { PG_QUERY__NODE__NODE_LOAD_STMT,                PARSE_SESSION },
};
/* clang-format on */

static enum parse_kind of_set(const PgQuery__VariableSetStmt *s)
{
    static const char *const acting[] = { "role", "session_authorization" };

    if (!s->is_local)
        return PARSE_SESSION;
    for (size_t i = 0; i < ARRAY_LEN(acting); i++)
        if (strcmp(s->name, acting[i]) == 0)
            return PARSE_SESSION;
    return PARSE_PLAIN;
}

static enum parse_kind of_alter(const PgQuery__AlterTableStmt *s)
{
    for (size_t i = 0; i < s->n_cmds; i++) {
        const PgQuery__AlterTableCmd *cmd = s->cmds[i]->alter_table_cmd;

        if (cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition && cmd->def &&
            cmd->def->node_case == PG_QUERY__NODE__NODE_PARTITION_CMD &&
            cmd->def->partition_cmd->concurrent)
            return PARSE_ALONE;
    }
    return PARSE_PLAIN;
}

static enum parse_kind of_reindex(const PgQuery__ReindexStmt *s)
{
    return s->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_INDEX ||
                   s->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_TABLE
               ? PARSE_PLAIN
               : PARSE_ALONE;
}

static enum parse_kind of_subscription(const PgQuery__CreateSubscriptionStmt *s)
{
    return tree_option_on(s->options, s->n_options, "connect", true) &&
                   tree_option_on(s->options, s->n_options, "create_slot", true)
               ? PARSE_ALONE
               : PARSE_PLAIN;
}

static bool outlasts(const PgQuery__RangeVar *made, PgQuery__OnCommitAction on_commit)
{
    return made &&
           (strcmp(made->relpersistence, "t") == 0 || strcmp(made->schemaname, "pg_temp") == 0) &&
           on_commit != PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_DROP;
}

static enum parse_kind of_table_as(const PgQuery__IntoClause *into)
{
    return into && outlasts(into->rel, into->on_commit) ? PARSE_SESSION : PARSE_PLAIN;
}

/* Does a SELECT write all the same: WITH x AS (DELETE ...), INTO, FOR UPDATE? */
static void find_write(void *context, const ProtobufCMessage *m)
{
    static const ProtobufCMessageDescriptor *const writes[] = {
        &pg_query__insert_stmt__descriptor, &pg_query__update_stmt__descriptor,
        &pg_query__delete_stmt__descriptor, &pg_query__merge_stmt__descriptor,
        &pg_query__into_clause__descriptor, &pg_query__locking_clause__descriptor,
    };

    for (size_t i = 0; i < ARRAY_LEN(writes); i++)
        *(bool *)context |= m->descriptor == writes[i];
}

static enum parse_kind of_select(const PgQuery__SelectStmt *s)
{
    bool writes = false;

    if (s->into_clause && of_table_as(s->into_clause) == PARSE_SESSION)
        return PARSE_SESSION;
    tree_walk(&s->base, find_write, &writes);
    return writes ? PARSE_PLAIN : PARSE_QUERY;
}

static enum parse_kind kind_of(const PgQuery__Node *node)
{
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
        return of_select(node->select_stmt);
    case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
        return of_set(node->variable_set_stmt);
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
        return of_alter(node->alter_table_stmt);
    case PG_QUERY__NODE__NODE_REINDEX_STMT:
        return of_reindex(node->reindex_stmt);
    case PG_QUERY__NODE__NODE_VACUUM_STMT:
        return node->vacuum_stmt->is_vacuumcmd ? PARSE_ALONE : PARSE_PLAIN;
    case PG_QUERY__NODE__NODE_CLUSTER_STMT:
        return node->cluster_stmt->relation ? PARSE_PLAIN : PARSE_ALONE;
    case PG_QUERY__NODE__NODE_CREATE_SUBSCRIPTION_STMT:
        return of_subscription(node->create_subscription_stmt);
    case PG_QUERY__NODE__NODE_ALTER_DATABASE_STMT:
        return tree_option(node->alter_database_stmt->options, node->alter_database_stmt->n_options,
                           "tablespace")
                   ? PARSE_ALONE
                   : PARSE_PLAIN;
    case PG_QUERY__NODE__NODE_COPY_STMT:
        return *node->copy_stmt->filename ? PARSE_PLAIN : PARSE_COPY;
    case PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT:
        return node->declare_cursor_stmt->options & CURSOR_HOLD ? PARSE_SESSION : PARSE_PLAIN;
    case PG_QUERY__NODE__NODE_CREATE_STMT:
        return outlasts(node->create_stmt->relation, node->create_stmt->oncommit) ? PARSE_SESSION
                                                                                  : PARSE_PLAIN;
    case PG_QUERY__NODE__NODE_VIEW_STMT:
        return outlasts(node->view_stmt->view,
                        PG_QUERY__ON_COMMIT_ACTION__ON_COMMIT_ACTION_UNDEFINED)
                   ? PARSE_SESSION
                   : PARSE_PLAIN;
    case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
        return outlasts(node->create_seq_stmt->sequence,
                        PG_QUERY__ON_COMMIT_ACTION__ON_COMMIT_ACTION_UNDEFINED)
                   ? PARSE_SESSION
                   : PARSE_PLAIN;
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
        return of_table_as(node->create_table_as_stmt->into);
    default:
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
            if (kinds[i].node == node->node_case)
                return kinds[i].kind;
        return PARSE_PLAIN;
    }
}

/* --- names ------------------------------------------------------------------------ */

struct names {
    struct arena *arena;
    struct parse_statement *s;
    const char **with; /* what WITH defines */
    size_t n_with;
};

static void find_with(void *context, const ProtobufCMessage *m)
{
    struct names *names = context;

    if (m->descriptor == &pg_query__common_table_expr__descriptor)
        *ARENA_PUSH(names->arena, names->with, names->n_with) =
            arena_strdup(names->arena, ((const PgQuery__CommonTableExpr *)m)->ctename);
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void add_table(struct names *names, struct parse_table table)
{
    struct parse_statement *s = names->s;

    if (!table.name)
        return;
    for (size_t i = 0; !table.schema && i < names->n_with; i++)
        if (strcmp(names->with[i], table.name) == 0)
            return;
    for (size_t i = 0; i < s->n_tables; i++)
        if (same_text(s->tables[i].schema, table.schema) &&
            strcmp(s->tables[i].name, table.name) == 0)
            return;
    *ARENA_PUSH(names->arena, s->tables, s->n_tables) = table;
}

static void find_table(void *context, const ProtobufCMessage *m)
{
    struct names *names = context;

    if (m->descriptor == &pg_query__range_var__descriptor)
        add_table(names, tree_table(names->arena, (const PgQuery__RangeVar *)m));
}

/* DROP has lists of words where others have tables. */
static void find_dropped(struct names *names, const PgQuery__DropStmt *drop)
{
    static const PgQuery__ObjectType types[] = { PG_QUERY__OBJECT_TYPE__OBJECT_TABLE,
                                                 PG_QUERY__OBJECT_TYPE__OBJECT_VIEW,
                                                 PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW,
                                                 PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_TABLE,
                                                 PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE };

    for (size_t t = 0; t < ARRAY_LEN(types); t++)
        for (size_t i = 0; drop->remove_type == types[t] && i < drop->n_objects; i++)
            add_table(names, tree_name(names->arena, drop->objects[i]));
}

static const PgQuery__RangeVar *made_by(const PgQuery__Node *node)
{
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_CREATE_STMT:
        return node->create_stmt->relation;
    case PG_QUERY__NODE__NODE_CREATE_FOREIGN_TABLE_STMT:
        return node->create_foreign_table_stmt->base_stmt->relation;
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
        return node->create_table_as_stmt->into->rel;
    case PG_QUERY__NODE__NODE_SELECT_STMT:
        return node->select_stmt->into_clause ? node->select_stmt->into_clause->rel : NULL;
    case PG_QUERY__NODE__NODE_VIEW_STMT:
        return node->view_stmt->view;
    case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
        return node->create_seq_stmt->sequence;
    default:
        return NULL;
    }
}

/* The name that counts in "table.column" is the last one. */
static void find_column(void *context, const ProtobufCMessage *m)
{
    struct names *names = context;
    const PgQuery__ColumnRef *ref = (const PgQuery__ColumnRef *)m;
    const PgQuery__Node *last;

    if (m->descriptor != &pg_query__column_ref__descriptor || ref->n_fields == 0)
        return;
    last = ref->fields[ref->n_fields - 1];
    if (last->node_case == PG_QUERY__NODE__NODE_STRING)
        *ARENA_PUSH(names->arena, names->s->columns, names->s->n_columns) =
            arena_strdup(names->arena, last->string->sval);
}

static bool is_expression(const PgQuery__Node *node)
{
    const PgQuery__SelectStmt *s = node->select_stmt;

    return node->node_case == PG_QUERY__NODE__NODE_SELECT_STMT && s->n_target_list == 1 &&
           !s->n_from_clause && !s->where_clause && !s->n_group_clause && !s->having_clause &&
           !s->n_window_clause && !s->n_values_lists && !s->n_sort_clause && !s->limit_offset &&
           !s->limit_count && !s->n_locking_clause && !s->with_clause && !s->into_clause &&
           !s->n_distinct_clause && s->op == PG_QUERY__SET_OPERATION__SETOP_NONE &&
           s->target_list[0]->node_case == PG_QUERY__NODE__NODE_RES_TARGET &&
           !*s->target_list[0]->res_target->name && s->target_list[0]->res_target->val;
}

static bool has_if_exists(const PgQuery__Node *node)
{
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
        return node->alter_table_stmt->missing_ok;
    case PG_QUERY__NODE__NODE_DROP_STMT:
        return node->drop_stmt->missing_ok;
    case PG_QUERY__NODE__NODE_RENAME_STMT:
        return node->rename_stmt->missing_ok;
    default:
        return false;
    }
}

void classify(struct arena *arena, const PgQuery__Node *node, struct parse_statement *s)
{
    struct names names = { .arena = arena, .s = s };

    tree_walk(&node->base, find_with, &names);
    tree_walk(&node->base, find_table, &names);
    if (node->node_case == PG_QUERY__NODE__NODE_DROP_STMT)
        find_dropped(&names, node->drop_stmt);
    find_schemas(arena, node, s);
    find_given(arena, node, s);
    s->made = tree_table(arena, made_by(node));
    if (node->node_case == PG_QUERY__NODE__NODE_RENAME_STMT && node->rename_stmt->relation &&
        !*node->rename_stmt->subname)
        s->made = (struct parse_table){ tree_text(arena, node->rename_stmt->relation->schemaname),
                                        tree_text(arena, node->rename_stmt->newname) };
    if (node->node_case == PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT &&
        node->alter_object_schema_stmt->relation)
        s->made =
            (struct parse_table){ tree_text(arena, node->alter_object_schema_stmt->newschema),
                                  tree_text(arena,
                                            node->alter_object_schema_stmt->relation->relname) };
    s->lock = lock_of(node);
    s->quick = is_quick(node);
    s->if_exists = has_if_exists(node);
    /* The first table that a statement names is the one that it is about. */
    if (s->n_tables)
        s->target = s->tables[0];
    tree_walk(&node->base, find_column, &names);
    s->expression = is_expression(node);
    s->moment = names_moment(node);
    s->destroys = may_destroy(node);
    s->kind = index_statement(arena, node, &s->index) ? PARSE_INDEX : kind_of(node);
}
