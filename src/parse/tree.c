#include "tree.h"

#include <string.h>
#include <strings.h>

/* One member of `m`; NULL: it is not set, or no message. */
static void walk_field(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f,
                       tree_visit *visit, void *context)
{
    const char *at = (const char *)m + f->offset, *count = (const char *)m + f->quantifier_offset;
    const ProtobufCMessage *one;

    if (f->type != PROTOBUF_C_TYPE_MESSAGE)
        return;
    if (f->label == PROTOBUF_C_LABEL_REPEATED) {
        ProtobufCMessage *const *items = *(ProtobufCMessage *const *const *)(const void *)at;
        size_t n = *(const size_t *)(const void *)count;

        for (size_t i = 0; i < n; i++)
            tree_walk(items[i], visit, context);
        return;
    }
    if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) && *(const uint32_t *)(const void *)count != f->id)
        return;
    one = *(const ProtobufCMessage *const *)(const void *)at;
    if (one)
        tree_walk(one, visit, context);
}

void tree_walk(const ProtobufCMessage *message, tree_visit *visit, void *context)
{
    visit(context, message);
    for (unsigned i = 0; i < message->descriptor->n_fields; i++)
        walk_field(message, &message->descriptor->fields[i], visit, context);
}

const char *tree_text(struct arena *arena, const char *text)
{
    return text && *text ? arena_strdup(arena, text) : NULL;
}

struct parse_table tree_table(struct arena *arena, const PgQuery__RangeVar *range)
{
    if (!range)
        return (struct parse_table){ 0 };
    return (struct parse_table){ tree_text(arena, range->schemaname),
                                 tree_text(arena, range->relname) };
}

struct parse_table tree_name(struct arena *arena, const PgQuery__Node *node)
{
    struct parse_table table = { 0 };

    if (node->node_case != PG_QUERY__NODE__NODE_LIST)
        return table;
    for (size_t i = 0; i < node->list->n_items; i++) {
        const PgQuery__Node *item = node->list->items[i];

        if (item->node_case != PG_QUERY__NODE__NODE_STRING)
            continue;
        table.schema = table.name;
        table.name = tree_text(arena, item->string->sval);
    }
    return table;
}

const PgQuery__DefElem *tree_option(PgQuery__Node *const *options, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (options[i]->node_case == PG_QUERY__NODE__NODE_DEF_ELEM &&
            strcmp(options[i]->def_elem->defname, name) == 0)
            return options[i]->def_elem;
    return NULL;
}

bool tree_option_on(PgQuery__Node *const *options, size_t n, const char *name, bool otherwise)
{
    const PgQuery__DefElem *option = tree_option(options, n, name);
    const PgQuery__Node *value = option ? option->arg : NULL;

    if (!option)
        return otherwise;
    if (!value)
        return true;
    if (value->node_case == PG_QUERY__NODE__NODE_INTEGER)
        return value->integer->ival != 0;
    if (value->node_case == PG_QUERY__NODE__NODE_BOOLEAN)
        return value->boolean->boolval;
    return value->node_case != PG_QUERY__NODE__NODE_STRING ||
           (strcasecmp(value->string->sval, "false") != 0 &&
            strcasecmp(value->string->sval, "off") != 0);
}
