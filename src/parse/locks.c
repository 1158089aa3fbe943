/*
 * Which lock a statement takes on the table that it is about: the strongest, as
 * Postgres 13 and later do it.
 */
#include <string.h>

#include "orchestrate/base/attr.h"
#include "tree.h"

static const char share_update[] = "SHARE UPDATE EXCLUSIVE", share[] = "SHARE",
                  share_row[] = "SHARE ROW EXCLUSIVE", row[] = "ROW EXCLUSIVE",
                  access[] = "ACCESS EXCLUSIVE", none[] = "none";

/* clang-format off */
static const struct {
    PgQuery__Node__NodeCase node;
    const char *lock;
} locks[] = {
    { PG_QUERY__NODE__NODE_SELECT_STMT,           "ACCESS SHARE" },
    { PG_QUERY__NODE__NODE_INSERT_STMT,           row },
    { PG_QUERY__NODE__NODE_UPDATE_STMT,           row },
    { PG_QUERY__NODE__NODE_DELETE_STMT,           row },
    { PG_QUERY__NODE__NODE_MERGE_STMT,            row },
    { PG_QUERY__NODE__NODE_TRUNCATE_STMT,         access },
    { PG_QUERY__NODE__NODE_RENAME_STMT,           access },
    { PG_QUERY__NODE__NODE_RULE_STMT,             access },
    { PG_QUERY__NODE__NODE_CREATE_POLICY_STMT,    access },
    { PG_QUERY__NODE__NODE_ALTER_POLICY_STMT,     access },
    { PG_QUERY__NODE__NODE_CREATE_TRIG_STMT,      share_row },
    { PG_QUERY__NODE__NODE_CREATE_STATS_STMT,     share_update },
    { PG_QUERY__NODE__NODE_COMMENT_STMT,          share_update },
    { PG_QUERY__NODE__NODE_CLUSTER_STMT,          access },
    { PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT, access },
    { PG_QUERY__NODE__NODE_CREATE_STMT,           none },
    { PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT,  none },
    { PG_QUERY__NODE__NODE_CREATE_SEQ_STMT,       none },
    { PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT,    none },
    { PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT,  none },
    { PG_QUERY__NODE__NODE_CREATE_ENUM_STMT,      none },
    { PG_QUERY__NODE__NODE_ALTER_ENUM_STMT,       none },
    { PG_QUERY__NODE__NODE_COMPOSITE_TYPE_STMT,   none },
    { PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT,    none },
    { PG_QUERY__NODE__NODE_CREATE_EXTENSION_STMT, none },
    { PG_QUERY__NODE__NODE_CREATE_ROLE_STMT,      none },
    { PG_QUERY__NODE__NODE_ALTER_ROLE_STMT,       none },
    { PG_QUERY__NODE__NODE_GRANT_ROLE_STMT,       none },
    { PG_QUERY__NODE__NODE_GRANT_STMT,            none },
    { PG_QUERY__NODE__NODE_NOTIFY_STMT,           none },
    { PG_QUERY__NODE__NODE_VARIABLE_SET_STMT,     none },
    { PG_QUERY__NODE__NODE_VIEW_STMT,             none },
};

/* What ALTER TABLE does with less than ACCESS EXCLUSIVE. */
static const struct {
    PgQuery__AlterTableType type;
    const char *lock;
} lesser[] = {
    { PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint, share_update },
    { PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics,      share_update },
    { PG_QUERY__ALTER_TABLE_TYPE__AT_SetOptions,         share_update },
    { PG_QUERY__ALTER_TABLE_TYPE__AT_ResetOptions,       share_update },
    { PG_QUERY__ALTER_TABLE_TYPE__AT_ClusterOn,          share_update },
    { PG_QUERY__ALTER_TABLE_TYPE__AT_DropCluster,        share_update },
    { PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition,    share_update },
    { PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrig,         share_row },
    { PG_QUERY__ALTER_TABLE_TYPE__AT_EnableAlwaysTrig,   share_row },
    { PG_QUERY__ALTER_TABLE_TYPE__AT_EnableReplicaTrig,  share_row },
    { PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrig,        share_row },
    { PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigAll,      share_row },
    { PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll,     share_row },
    { PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigUser,     share_row },
    { PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigUser,    share_row },
};

/* As LOCK TABLE numbers them. */
static const char *const modes[] = {
    NULL, "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", share_update, share, share_row, "EXCLUSIVE", access,
};
/* clang-format on */

static const char *of_command(const PgQuery__AlterTableCmd *cmd)
{
    bool foreign = cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint && cmd->def &&
                   cmd->def->node_case == PG_QUERY__NODE__NODE_CONSTRAINT &&
                   cmd->def->constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN;

    bool concurrently = cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition &&
                        cmd->def && cmd->def->node_case == PG_QUERY__NODE__NODE_PARTITION_CMD &&
                        cmd->def->partition_cmd->concurrent;

    if (concurrently)
        return share_update;
    for (size_t i = 0; i < ARRAY_LEN(lesser); i++)
        if (lesser[i].type == cmd->subtype)
            return lesser[i].lock;
    return foreign ? share_row : access;
}

/* The strongest of its commands. */
static const char *of_alter(const PgQuery__AlterTableStmt *s)
{
    const char *strongest = share_update;

    for (size_t i = 0; i < s->n_cmds; i++) {
        const char *one = s->cmds[i]->node_case == PG_QUERY__NODE__NODE_ALTER_TABLE_CMD
                              ? of_command(s->cmds[i]->alter_table_cmd)
                              : access;

        if (one == access || (one == share_row && strongest == share_update))
            strongest = one;
    }
    return strongest;
}

static const char *of_vacuum(const PgQuery__VacuumStmt *s)
{
    return tree_option_on(s->options, s->n_options, "full", false) ? access : share_update;
}

static const char *of_drop(const PgQuery__DropStmt *s)
{
    static const PgQuery__ObjectType tables[] = {
        PG_QUERY__OBJECT_TYPE__OBJECT_TABLE,  PG_QUERY__OBJECT_TYPE__OBJECT_INDEX,
        PG_QUERY__OBJECT_TYPE__OBJECT_VIEW,   PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW,
        PG_QUERY__OBJECT_TYPE__OBJECT_POLICY, PG_QUERY__OBJECT_TYPE__OBJECT_TRIGGER,
        PG_QUERY__OBJECT_TYPE__OBJECT_RULE,   PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_TABLE,
    };

    if (s->concurrent)
        return share_update;
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        if (s->remove_type == tables[i])
            return access;
    return none;
}

/* What only changes the catalog. */
static const PgQuery__AlterTableType quick_commands[] = {
    PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn,
    PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault,
    PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull,
    PG_QUERY__ALTER_TABLE_TYPE__AT_DropExpression,
    PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage,
    PG_QUERY__ALTER_TABLE_TYPE__AT_SetCompression,
    PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint,
    PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner,
    PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrig,
    PG_QUERY__ALTER_TABLE_TYPE__AT_EnableAlwaysTrig,
    PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrig,
    PG_QUERY__ALTER_TABLE_TYPE__AT_EnableReplicaTrig,
    PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions,
    PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions,
    PG_QUERY__ALTER_TABLE_TYPE__AT_ReplicaIdentity,
    PG_QUERY__ALTER_TABLE_TYPE__AT_EnableRowSecurity,
    PG_QUERY__ALTER_TABLE_TYPE__AT_DropIdentity,
    PG_QUERY__ALTER_TABLE_TYPE__AT_DisableRowSecurity,
    PG_QUERY__ALTER_TABLE_TYPE__AT_DropInherit,
    PG_QUERY__ALTER_TABLE_TYPE__AT_AddIndexConstraint,
};

/* serial, bigserial ...: a default in disguise. */
static bool is_serial(const PgQuery__TypeName *type)
{
    const PgQuery__Node *last = type && type->n_names ? type->names[type->n_names - 1] : NULL;

    return last && last->node_case == PG_QUERY__NODE__NODE_STRING &&
           strstr(last->string->sval, "serial");
}

/* A default may have to be computed for each row, a constraint be checked. */
static bool quick_column(const PgQuery__AlterTableCmd *cmd)
{
    const PgQuery__ColumnDef *column =
        cmd->def && cmd->def->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF ? cmd->def->column_def
                                                                           : NULL;

    for (size_t i = 0; column && i < column->n_constraints; i++)
        if (column->constraints[i]->node_case != PG_QUERY__NODE__NODE_CONSTRAINT ||
            column->constraints[i]->constraint->contype != PG_QUERY__CONSTR_TYPE__CONSTR_NULL)
            return false;
    return column && !is_serial(column->type_name);
}

static bool quick_command(const PgQuery__AlterTableCmd *cmd)
{
    if (cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn)
        return quick_column(cmd);
    if (cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint)
        return cmd->def && cmd->def->node_case == PG_QUERY__NODE__NODE_CONSTRAINT &&
               cmd->def->constraint->skip_validation;
    for (size_t i = 0; i < ARRAY_LEN(quick_commands); i++)
        if (quick_commands[i] == cmd->subtype)
            return true;
    return false;
}

bool is_quick(const PgQuery__Node *node)
{
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
        for (size_t i = 0; i < node->alter_table_stmt->n_cmds; i++)
            if (!quick_command(node->alter_table_stmt->cmds[i]->alter_table_cmd))
                return false;
        return true;
    case PG_QUERY__NODE__NODE_RENAME_STMT:
    case PG_QUERY__NODE__NODE_DROP_STMT:
    case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT:
    case PG_QUERY__NODE__NODE_CREATE_POLICY_STMT:
    case PG_QUERY__NODE__NODE_ALTER_POLICY_STMT:
    case PG_QUERY__NODE__NODE_RULE_STMT:
    case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT:
        return true;
    default:
        return false;
    }
}

const char *lock_of(const PgQuery__Node *node)
{
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
        return of_alter(node->alter_table_stmt);
    case PG_QUERY__NODE__NODE_VACUUM_STMT:
        return of_vacuum(node->vacuum_stmt);
    case PG_QUERY__NODE__NODE_DROP_STMT:
        return of_drop(node->drop_stmt);
    case PG_QUERY__NODE__NODE_INDEX_STMT:
        return node->index_stmt->concurrent ? share_update : share;
    case PG_QUERY__NODE__NODE_REINDEX_STMT:
        return tree_option_on(node->reindex_stmt->params, node->reindex_stmt->n_params,
                              "concurrently", false)
                   ? share_update
                   : access;
    case PG_QUERY__NODE__NODE_REFRESH_MAT_VIEW_STMT:
        return node->refresh_mat_view_stmt->concurrent ? "EXCLUSIVE" : access;
    case PG_QUERY__NODE__NODE_LOCK_STMT:
        return node->lock_stmt->mode > 0 && (size_t)node->lock_stmt->mode < ARRAY_LEN(modes)
                   ? modes[node->lock_stmt->mode]
                   : access;
    default:
        for (size_t i = 0; i < ARRAY_LEN(locks); i++)
            if (locks[i].node == node->node_case)
                return locks[i].lock;
        return NULL;
    }
}
