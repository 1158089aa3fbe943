/*
 * change.c - `change:`, read by the field tables of the operations.
 */
#include "orchestrate/base/json.h"
#include "own_sql.h"
#include "sections.h"
#include "validate.h"

struct arg {
    const char *text;
    struct src_pos at;
};

/* A comment at its end would swallow the bracket that it is put into. */
static void read_sql(struct loading *l, const char *name, const struct node *value, void *to)
{
    struct parse_statement parsed;
    const char *text = own_expression_read(l, name, value, &parsed);

    if (text && strstr(text, "--"))
        text = arena_printf(l->arena, "%s\n", text);
    *(struct arg *)to = (struct arg){ text, value->at };
}

static void read_ident(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char *text = bind_text(l, name, value, false);

    if (text)
        check_ident(l, name, text, value->at);
    *(struct arg *)to = (struct arg){ text, value->at };
}

/* Kept in its shortest form: "public".customer and public.customer are one table. */
static void read_table(struct loading *l, const char *name, const struct node *value, void *to)
{
    struct change *change = &l->plan->changes[l->plan->n_changes - 1];
    const char *text = bind_text(l, name, value, false), *why;

    *(struct arg *)to = (struct arg){ text, value->at };
    if (!text)
        return;
    if (!table_parse(l->arena, text, &change->schema, &change->table, &why)) {
        complain(l, value->at,
                 "write schema.table; a part that contains a dot in double quotes: "
                 "'\"a.b\".c'",
                 "`%s` is no table name: %s", name, why);
        return;
    }
    if (change->schema)
        check_ident(l, name, change->schema, value->at);
    check_ident(l, name, change->table, value->at);
    ((struct arg *)to)->text = table_text(l->arena, change->schema, change->table);
}

/* Has the change that is being read to have this key? */
static bool is_required(const struct loading *l, const char *name)
{
    const struct field *f = l->plan->changes[l->plan->n_changes - 1].op->fields;

    while (f->key && strcmp(f->key, name) != 0)
        f++;
    return f->key && f->required;
}

/* As the queries of an operation take it: a JSON array. */
static void read_names(struct loading *l, const char *name, const struct node *value, void *to)
{
    enum { MOST = GATE_MOST };
    struct buf out = BUF_IN(l->arena);
    struct json j = { .out = &out };
    const char **seen = arena_alloc(l->arena, (value->n + 1) * sizeof *seen);

    ((struct arg *)to)->at = value->at;
    if (!bind_kind(l, name, value, NODE_LIST))
        return;
    if (value->n == 0)
        complain(l, value->at,
                 is_required(l, name) ? "write at least one name: `[name]`" : "leave it out",
                 "`%s` is empty", name);
    if (value->n > MOST)
        complain(l, value->at, NULL, "`%s` has more than %d items", name, MOST);
    json_open(&j, NULL, '[');
    for (size_t i = 0; i < value->n && i < MOST; i++) {
        const struct node *item = value->items[i].value;

        seen[i] = bind_item(l, name, item, NODE_TEXT) ? bind_text(l, name, item, false) : NULL;
        if (!seen[i])
            continue;
        check_ident(l, name, seen[i], item->at);
        for (size_t k = 0; k < i; k++)
            if (seen[k] && strcmp(seen[k], seen[i]) == 0)
                complain(l, item->at, NULL, "`%s` names `%s` twice", name, shown(l, seen[i]));
        json_text(&j, NULL, seen[i]);
    }
    json_close(&j, ']');
    ((struct arg *)to)->text = buf_text(&out);
}

static void (*const readers[])(struct loading *, const char *, const struct node *, void *) = {
    [FIELD_TABLE] = read_table,
    [FIELD_IDENT] = read_ident,
    [FIELD_SQL] = read_sql,
    [FIELD_NAMES] = read_names,
};

/* Two names in one change are never the same: there would be nothing to do. */
static void check_names_differ(struct loading *l, const struct change *change)
{
    const struct field *fields = change->op->fields;

    for (size_t j = 1; fields[j].key; j++)
        for (size_t i = 0; i < j; i++)
            if (fields[i].kind == FIELD_IDENT && fields[j].kind == FIELD_IDENT && change->args[i] &&
                change->args[j] && strcmp(change->args[i], change->args[j]) == 0)
                complain(l, change->at[j], "there would be nothing to do",
                         "`%s` and `%s` are both `%s`", fields[i].key, fields[j].key,
                         shown(l, change->args[j]));
}

/* `to: public.client` is meant as it is for tables, and would be a name with a dot in it. */
static void check_names_are_bare(struct loading *l, const struct change *change)
{
    const struct field *fields = change->op->fields;
    size_t n = change->schema ? strlen(change->schema) : 0;

    for (size_t i = 0; n && fields[i].key; i++) {
        const char *text = fields[i].kind == FIELD_IDENT ? change->args[i] : NULL;

        if (text && strncmp(text, change->schema, n) == 0 && text[n] == '.' && text[n + 1])
            complain(l, change->at[i], arena_printf(l->arena, "write `%s`", shown(l, text + n + 1)),
                     "`%s` is a name without a schema: that of the table is meant", fields[i].key);
    }
}

static void read_operation(struct loading *l, const char *name, const struct node *value, void *to)
{
    const struct operation *op = operation_find(name);
    struct change *change = ARENA_PUSH(l->arena, l->plan->changes, l->plan->n_changes);
    struct key keys[OP_MAX_FIELDS + 1] = { 0 };
    struct arg args[OP_MAX_FIELDS] = { 0 };
    const struct key_table table = { "key", arena_printf(l->arena, "`%s`", name), keys, NULL };

    (void)to;
    change->op = op;
    change->pos = value->at;
    if (!bind_kind(l, name, value, NODE_MAP))
        return;
    for (size_t i = 0; i < OP_MAX_FIELDS && op->fields[i].key; i++)
        keys[i] = (struct key){ .name = op->fields[i].key,
                                .required = op->fields[i].required,
                                .read = readers[op->fields[i].kind],
                                .at = i * sizeof(struct arg) };
    bind_map(l, value, &table, args);
    for (size_t i = 0; i < OP_MAX_FIELDS; i++) {
        change->args[i] = change->written[i] = args[i].text;
        change->at[i] = args[i].at;
    }
    check_names_differ(l, change);
    check_names_are_bare(l, change);
}

bool operation_instead(struct loading *l, const char *what, const struct node *map)
{
    for (size_t i = 0; i < map->n; i++) {
        const struct node *key = map->items[i].key;

        if (!operation_find(key->text))
            continue;
        complain(l, key->at,
                 "write it as `change:` of a plan of its own, and tie the two together with "
                 "`after:` and the first one's name",
                 "`%s` in %s: an operation brings its own phases and steps", key->text, what);
        return true;
    }
    return false;
}

/* Words of a plan's own, which do not stand beside operations: one mistake, however many they are.
 */
static bool is_own(struct loading *l, const char *where, const struct node *value)
{
    static const char *const words[] = { "phases",       "steps",    "sql",
                                         "concurrently", "backfill", "check" };

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        const struct item *item = bind_find(value, words[i]);

        if (!item)
            continue;
        complain(l, item->key->at,
                 "write them as `phases:` of a plan of their own, and tie the two together with "
                 "`after:` and the first one's name",
                 "`%s` in %s: steps of your own are no operation", words[i], where);
        return true;
    }
    return false;
}

/* The operations, and beside them nothing. */
static void read_one(struct loading *l, const char *where, const char *several,
                     const struct node *value, void *to)
{
    struct key *keys = NULL;
    size_t n = 0;

    if (is_own(l, where, value))
        return;
    for (size_t i = 0; operations[i]; i++)
        *ARENA_PUSH(l->arena, keys, n) =
            (struct key){ .name = operations[i]->name, .read = read_operation };
    *ARENA_PUSH(l->arena, keys, n) = (struct key){ 0 };
    bind_map(l, value, &(struct key_table){ "operation", where, keys, several }, to);
}

void read_change(struct loading *l, const char *name, const struct node *value, void *to)
{
    if (value->kind == NODE_LIST && !value->broken)
        complain(l, value->at, "write `changes:` before a list", "`change` is one operation");
    else if (bind_kind(l, name, value, NODE_MAP))
        read_one(l, "`change`", "write a list of `changes` for several", value, to);
}

void read_changes(struct loading *l, const char *name, const struct node *value, void *to)
{
    if (value->kind == NODE_MAP && !value->broken) {
        complain(l, value->at, "write `- ` before each change, or `change:` for a single one",
                 "`changes` is a list of operations");
        return;
    }
    if (!bind_kind(l, name, value, NODE_LIST))
        return;
    if (value->n == 0)
        complain(l, value->at, "write `- ` before each change", "`%s` is empty", name);
    if (value->n > PLAN_MOST_CHANGES)
        complain(l, value->at, "write several plans", "`%s` has more than %d items", name,
                 PLAN_MOST_CHANGES);
    for (size_t i = 0; i < value->n && i < PLAN_MOST_CHANGES; i++)
        if (bind_item(l, name, value->items[i].value, NODE_MAP))
            read_one(l, "an item of `changes`", "write `- ` before it, too", value->items[i].value,
                     to);
    check_changes(l);
}

static bool has_phase(const struct plan *plan, const char *name)
{
    for (size_t c = 0; c < plan->n_changes; c++)
        for (const struct phase_spec *p = plan->changes[c].op->phases; p->name; p++)
            if (strcmp(p->name, name) == 0)
                return true;
    return false;
}

size_t plan_catalogs(const struct plan *plan)
{
    return plan->n_phases ? 1 : plan->n_changes;
}

const char *const *plan_phases(struct arena *arena, const struct plan *plan)
{
    const char **names = NULL, *end = NULL;
    size_t n = 0;

    for (size_t i = 0; i < plan->n_phases; i++)
        *ARENA_PUSH(arena, names, n) = plan->phases[i].name;
    for (const char *const *p = operation_phases; *p; p++)
        if (has_phase(plan, *p))
            *ARENA_PUSH(arena, names, n) = *p;
    *ARENA_PUSH(arena, names, n) = end;
    return names;
}
