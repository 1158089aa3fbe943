/*
 * Whether a statement destroys, or may destroy, values that are held nowhere else.
 *
 * Kinds of statements, not tables: what the plan itself has made may have been written by
 * others since.  What nobody can tell from the text, code that is called, may destroy.
 */
#include <string.h>

#include "orchestrate/base/attr.h"
#include "tree.h"

static bool overwrites(const ProtobufCMessage *m)
{
    const PgQuery__OnConflictClause *c = (const PgQuery__OnConflictClause *)m;

    return c->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE;
}

static bool merges_away(const ProtobufCMessage *m)
{
    const PgQuery__MergeWhenClause *c = (const PgQuery__MergeWhenClause *)m;

    return c->command_type == PG_QUERY__CMD_TYPE__CMD_UPDATE ||
           c->command_type == PG_QUERY__CMD_TYPE__CMD_DELETE;
}

/*
 * A schema, type or domain goes without CASCADE only when nothing is in it or of it; an
 * extension takes the tables along that are its members.
 */
static bool drops_values(const ProtobufCMessage *m)
{
    static const PgQuery__ObjectType types[] = { PG_QUERY__OBJECT_TYPE__OBJECT_TABLE,
                                                 PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW,
                                                 PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE,
                                                 PG_QUERY__OBJECT_TYPE__OBJECT_EXTENSION };

    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (((const PgQuery__DropStmt *)m)->remove_type == types[i])
            return true;
    return false;
}

static bool restarts(PgQuery__Node *const *options, size_t n)
{
    return tree_option(options, n, "restart");
}

/* A type can take digits, or a time of day, along; how far a sequence was is a value, too. */
static bool alters_values(const ProtobufCMessage *m)
{
    const PgQuery__AlterTableCmd *cmd = (const PgQuery__AlterTableCmd *)m;

    switch (cmd->subtype) {
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropIdentity:
        return true;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetIdentity:
        return cmd->def && cmd->def->node_case == PG_QUERY__NODE__NODE_LIST &&
               restarts(cmd->def->list->items, cmd->def->list->n_items);
    default:
        return false;
    }
}

static bool sequence_restarts(const ProtobufCMessage *m)
{
    const PgQuery__AlterSeqStmt *s = (const PgQuery__AlterSeqStmt *)m;

    return restarts(s->options, s->n_options);
}

/* A program does anything; a file that is there is overwritten. */
static bool copies_out(const ProtobufCMessage *m)
{
    const PgQuery__CopyStmt *s = (const PgQuery__CopyStmt *)m;

    return !s->is_from || s->is_program;
}

/* clang-format off */
static const struct {
    const ProtobufCMessageDescriptor *node;
    bool (*loses)(const ProtobufCMessage *m); /* NULL: always */
} losses[] = {
    { &pg_query__delete_stmt__descriptor,          NULL },
    { &pg_query__update_stmt__descriptor,          NULL },
    { &pg_query__truncate_stmt__descriptor,        NULL },
    { &pg_query__on_conflict_clause__descriptor,   overwrites },
    { &pg_query__merge_when_clause__descriptor,    merges_away },
    { &pg_query__drop_stmt__descriptor,            drops_values },
    { &pg_query__drop_owned_stmt__descriptor,      NULL },
    { &pg_query__dropdb_stmt__descriptor,          NULL },
    { &pg_query__alter_table_cmd__descriptor,      alters_values },
    { &pg_query__alter_seq_stmt__descriptor,       sequence_restarts },
    { &pg_query__do_stmt__descriptor,              NULL },
    { &pg_query__call_stmt__descriptor,            NULL },
    { &pg_query__alter_extension_stmt__descriptor, NULL }, /* runs a script */
    { &pg_query__copy_stmt__descriptor,            copies_out },
};

/* Functions of Postgres that a query may well call, and that change no values. */
static const char *const harmless[] = {
    "array_agg", "avg", "count", "current_setting", "format", "max", "min", "now", "pg_advisory_xact_lock",
    "pg_backend_pid", "pg_notify", "pg_sleep", "set_config", "string_agg", "sum", "to_regclass", "version",
};
/* clang-format on */

/* Whatever says so: of which nobody knows what it takes along. */
static bool cascades(const ProtobufCMessage *m)
{
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field_by_name(m->descriptor, "behavior");

    return f && f->type == PROTOBUF_C_TYPE_ENUM &&
           *(const int *)(const void *)((const char *)m + f->offset) ==
               PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
}

static void find_loss(void *context, const ProtobufCMessage *m)
{
    bool *found = context;

    *found = *found || cascades(m);
    for (size_t i = 0; i < ARRAY_LEN(losses) && !*found; i++)
        *found = losses[i].node == m->descriptor && (!losses[i].loses || losses[i].loses(m));
}

static bool is_harmless(const PgQuery__FuncCall *call)
{
    const PgQuery__Node *const *names = (const PgQuery__Node *const *)call->funcname;
    size_t n = call->n_funcname;

    if (n == 0 || names[n - 1]->node_case != PG_QUERY__NODE__NODE_STRING)
        return false;
    if (n > 1 && (names[0]->node_case != PG_QUERY__NODE__NODE_STRING ||
                  strcmp(names[0]->string->sval, "pg_catalog") != 0))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
        if (strcmp(names[n - 1]->string->sval, harmless[i]) == 0)
            return true;
    return false;
}

static void find_call(void *context, const ProtobufCMessage *m)
{
    bool *found = context;

    *found = *found || (m->descriptor == &pg_query__func_call__descriptor &&
                        !is_harmless((const PgQuery__FuncCall *)m));
}

bool may_destroy(const PgQuery__Node *node)
{
    bool found = false;

    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT: /* what it says is not done now */
    case PG_QUERY__NODE__NODE_RULE_STMT:
        return false;
    case PG_QUERY__NODE__NODE_SELECT_STMT: /* in others a call makes a value; here it may act */
        tree_walk(&node->base, find_call, &found);
        break;
    default:
        break;
    }
    tree_walk(&node->base, find_loss, &found);
    return found;
}
