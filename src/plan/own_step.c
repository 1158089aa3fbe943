#include "own_step.h"

#include <string.h>
#include <strings.h>

#include "orchestrate/base/attr.h"
#include "own_sql.h"
#include "sections.h"
#include "validate.h"

#define AT(member) offsetof(struct nodes, member)

/* The values, before it is known which go together. */
struct nodes {
    const struct node *sql, *concurrently, *backfill, *check;
    const struct node *undo, *verify, *accept;
};

/* clang-format off */
static const struct {
    const char *name;
    size_t at;
} actions[] = {
    [OWN_SQL] = { "sql", AT(sql) },
    [OWN_CONCURRENTLY] = { "concurrently", AT(concurrently) },
    [OWN_BACKFILL] = { "backfill", AT(backfill) },
    [OWN_CHECK] = { "check", AT(check) },
};
/* clang-format on */

static const struct node *action_of(const struct nodes *nodes, size_t kind)
{
    return *(const struct node *const *)(const void *)((const char *)nodes + actions[kind].at);
}

/* --- what is done ----------------------------------------------------------------- */

static void refuse_index(struct loading *l, const struct node *node,
                         const struct parse_statement *s)
{
    complain(l, own_sql_place(l, node, s), "make it a step of its own: `concurrently:`",
             "%s CONCURRENTLY in `sql` cannot run in a transaction", s->tag);
}

/* Only who can ask whether it has happened may send what shares no transaction with its record. */
static void check_alone(struct loading *l, const char *name, const struct node *node,
                        const struct own_sql *sql, const struct parse_statement *s, bool verify)
{
    if (sql->n > 1)
        complain(l, own_sql_place(l, node, s), "make it a step of its own, with `verify:`",
                 "%s in `%s` cannot run in a transaction with others", s->tag, name);
    else if (!verify)
        complain(l, own_sql_place(l, node, s),
                 "add `verify:`, a query that tells whether it has happened",
                 "%s in `%s` cannot run in a transaction with the record that it is done", s->tag,
                 name);
}

/* What they do, or to which kind of table, is out of sight; with `verify` they are sent outside a
 * transaction. */
static bool may_commit(const struct parse_statement *s)
{
    return strcmp(s->tag, "CALL") == 0 || strcmp(s->tag, "DO") == 0 ||
           strcmp(s->tag, "CLUSTER") == 0;
}

static void read_sql(struct loading *l, const struct node *node, const struct nodes *nodes,
                     struct own_step *step)
{
    bool alone = false;

    if (!own_sql_read(l, "sql", node, &step->sql) || !own_sql_allowed(l, "sql", node, &step->sql))
        return;
    for (size_t i = 0; i < step->sql.n; i++) {
        const struct parse_statement *s = &step->sql.statements[i];

        if (s->kind == PARSE_INDEX)
            refuse_index(l, node, s);
        else if (s->kind == PARSE_ALONE)
            check_alone(l, "sql", node, &step->sql, s, nodes->verify);
        else if (nodes->verify && may_commit(s))
            check_alone(l, "sql", node, &step->sql, s, true);
        alone |=
            s->kind == PARSE_ALONE || s->kind == PARSE_INDEX || (nodes->verify && may_commit(s));
    }
    if (nodes->verify && !alone)
        complain(l, nodes->verify->at, "leave it out",
                 "`verify` is not needed: the step commits together with its record");
    else if (alone)
        step->kind = OWN_CONCURRENTLY;
}

static void check_one(struct loading *l, const char *name, const struct node *node,
                      const struct parse_statement *s)
{
    if (s->index.several)
        complain(l, own_sql_place(l, node, s), "write a DROP INDEX CONCURRENTLY for each",
                 "DROP INDEX CONCURRENTLY in `%s` drops several indexes, and Postgres takes one",
                 name);
}

static void check_index(struct loading *l, const struct node *node, const struct nodes *nodes,
                        const struct parse_statement *s)
{
    const char *name = s->index.index.name;

    check_one(l, "concurrently", node, s);
    if (s->index.verb == INDEX_CREATE && !name)
        complain(l, own_sql_place(l, node, s),
                 "give it a name: CREATE INDEX CONCURRENTLY name ON ...",
                 "the index of `concurrently` has no name, so it could not be found again");
    if (s->index.verb == INDEX_CREATE && name && strlen(name) > IDENT_MAX)
        complain(l, own_sql_place(l, node, s), NULL,
                 "the name of the index is longer than %d bytes", IDENT_MAX);
    if (nodes->verify)
        complain(l, nodes->verify->at, "leave it out",
                 "`verify` is not needed: whether the index is there can be seen");
}

static void read_concurrently(struct loading *l, const struct node *node, const struct nodes *nodes,
                              struct own_step *step)
{
    static const char name[] = "concurrently";
    const struct parse_statement *s;

    if (!own_sql_read(l, name, node, &step->sql) || !own_sql_allowed(l, name, node, &step->sql))
        return;
    s = step->sql.statements;
    if (step->sql.n > 1)
        complain(l, own_sql_place(l, node, &s[1]), "make it a step of its own",
                 "`%s` has a second statement", name);
    else if (s->kind == PARSE_INDEX)
        check_index(l, node, nodes, s);
    else if (s->kind == PARSE_ALONE)
        check_alone(l, name, node, &step->sql, s, nodes->verify);
    else
        complain(l, own_sql_place(l, node, s), "write what may run in a transaction under `sql`",
                 "`%s` takes CREATE, DROP or REINDEX INDEX CONCURRENTLY; this is %s%s", name,
                 s->tag, strstr(s->tag, "INDEX") ? " without that word" : "");
}

static void read_check(struct loading *l, const struct node *node, const struct nodes *nodes,
                       struct own_step *step)
{
    own_query_read(l, "check", node, &step->sql);
    if (nodes->verify)
        complain(l, nodes->verify->at, "leave it out", "`verify` of a check says nothing");
    if (nodes->undo)
        complain(l, nodes->undo->at, "leave it out", "a check has nothing to undo");
}

/* --- backfill --------------------------------------------------------------------- */

struct fill {
    const struct node *table, *set, *where;
};

static void read_table(struct loading *l, const struct node *node, struct own_step *step)
{
    const char *text = bind_text(l, "table", node, false), *why;

    if (!text)
        return;
    if (!table_parse(l->arena, text, &step->schema, &step->table, &why)) {
        complain(l, node->at, "write schema.table", "`table` is no table name: %s", why);
        return;
    }
    if (step->schema)
        check_ident(l, "table", step->schema, node->at);
    check_ident(l, "table", step->table, node->at);
}

/* Rows that are filled must not be found to need it again. */
static void check_lasts(struct loading *l, const struct node *node, const char *column,
                        const struct parse_statement *parsed)
{
    if (parsed->moment)
        complain(
            l, node->at,
            arena_printf(l->arena, "add `where:`, for instance `%s IS NULL`", shown(l, column)),
            "`set` makes `%s` of the time or transaction in which it is written: nothing "
            "tells which rows are done",
            shown(l, column));
}

static void check_settled(struct loading *l, const struct node *node, const struct own_step *step,
                          const struct parse_statement *parsed)
{
    for (size_t i = 0; i < parsed->n_columns; i++)
        for (size_t k = 0; k < step->n_set; k++)
            if (strcmp(parsed->columns[i], step->set[k].column) == 0) {
                complain(l, node->at, "add `where:`, which no row meets any more once it is filled",
                         "`set` makes `%s` of itself: nothing tells which rows are done",
                         shown(l, parsed->columns[i]));
                return;
            }
}

static void read_set(struct loading *l, const struct node *node, bool where, struct own_step *step)
{
    struct parse_statement *parsed;

    if (!bind_kind(l, "set", node, NODE_MAP))
        return;
    if (node->n == 0)
        complain(l, node->at, "write column: expression", "`set` is empty");
    parsed = arena_alloc(l->arena, (node->n + 1) * sizeof *parsed);
    for (size_t i = 0; i < node->n; i++) {
        const char *column = node->items[i].key->text;
        struct own_set *set = ARENA_PUSH(l->arena, step->set, step->n_set);

        if (!*column)
            complain(l, node->items[i].key->at, NULL, "a column of `set` has no name");
        check_ident(l, "set", column, node->items[i].key->at);
        *set = (struct own_set){ column, NULL, node->items[i].key->at, node->items[i].value->at };
        if (!node->items[i].value->broken)
            set->expression =
                own_expression_read(l, shown(l, column), node->items[i].value, &parsed[i]);
    }
    for (size_t i = 0; !where && i < node->n; i++) {
        check_settled(l, node->items[i].value, step, &parsed[i]);
        check_lasts(l, node->items[i].value, step->set[i].column, &parsed[i]);
    }
}

static void read_backfill(struct loading *l, const struct node *node, const struct nodes *nodes,
                          struct own_step *step)
{
    static const struct key keys[] = {
        { "table", true, read_node, offsetof(struct fill, table), NULL, NULL },
        { "set", true, read_node, offsetof(struct fill, set), NULL, NULL },
        { "where", false, read_node, offsetof(struct fill, where), NULL, NULL },
        { 0 },
    };
    struct fill fill = { 0 };
    struct parse_statement parsed;

    if (!bind_kind(l, "backfill", node, NODE_MAP))
        return;
    bind_map(l, node, &(struct key_table){ "key", "`backfill`", keys, NULL }, &fill);
    if (fill.table)
        read_table(l, fill.table, step);
    if (fill.set)
        read_set(l, fill.set, fill.where, step);
    if (fill.where) {
        step->where = own_expression_read(l, "where", fill.where, &parsed);
        step->where_at = fill.where->at;
    }
    if (nodes->verify)
        complain(l, nodes->verify->at, "leave it out; a `check` behind it compares the data",
                 "`verify` is not needed: a backfill knows how far it is");
}

/* --- undo ------------------------------------------------------------------------- */

/* It runs like the step itself, but nothing can be asked of it. */
static void check_undo(struct loading *l, const struct node *node, const struct own_sql *sql)
{
    for (size_t i = 0; i < sql->n; i++) {
        const struct parse_statement *s = &sql->statements[i];

        check_one(l, "undo", node, s);
        if (s->kind == PARSE_ALONE)
            complain(l, own_sql_place(l, node, s), "undo it by statements that can",
                     "%s in `undo` cannot run in a transaction", s->tag);
        if (s->kind == PARSE_INDEX && s->index.verb == INDEX_CREATE && !s->index.index.name)
            complain(l, own_sql_place(l, node, s), "give it a name",
                     "the index of `undo` has no name, so it could not be found again");
    }
}

static const char undo_hint[] =
    "write `undo:` with SQL, `undo: none` (there is nothing to undo) or `undo: never` (the point "
    "of no return)";

static void read_undo(struct loading *l, const struct node *node, struct own_step *step)
{
    if (bind_is_null(node))
        complain(l, node->at, undo_hint, "`undo` has no value");
    else if (node->kind == NODE_TEXT && strcmp(node->text, "none") == 0)
        step->undoes = OWN_UNDO_NONE;
    else if (node->kind == NODE_TEXT && strcmp(node->text, "never") == 0)
        step->undoes = OWN_UNDO_NEVER;
    else if (node->kind == NODE_TEXT &&
             (strcasecmp(node->text, "none") == 0 || strcasecmp(node->text, "never") == 0))
        complain(l, node->at,
                 strcasecmp(node->text, "none") == 0 ? "write `undo: none`" : "write `undo: never`",
                 "`undo: %s`: this word is written in small letters", shown(l, node->text));
    else if (own_sql_read(l, "undo", node, &step->undo) &&
             own_sql_allowed(l, "undo", node, &step->undo))
        check_undo(l, node, &step->undo);
}

/* --- the step --------------------------------------------------------------------- */

static void (*const readers[])(struct loading *, const struct node *, const struct nodes *,
                               struct own_step *) = {
    [OWN_SQL] = read_sql,
    [OWN_CONCURRENTLY] = read_concurrently,
    [OWN_BACKFILL] = read_backfill,
    [OWN_CHECK] = read_check,
};

/* The one thing that it does; false: none, or several. */
static bool find_action(struct loading *l, const struct node *node, const struct nodes *nodes,
                        enum own_kind *kind)
{
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        const struct node *action = action_of(nodes, i);

        if (!action)
            continue;
        if (n++ > 0)
            complain(l, action->at, "make it a step of its own",
                     "`%s` is a second thing to do in one step", actions[i].name);
        else
            *kind = (enum own_kind)i;
    }
    if (n == 0)
        complain(l, node->at, "write one of sql, concurrently, backfill, check",
                 "a step that does nothing");
    return n == 1;
}

void own_step_read(struct loading *l, const struct node *node, struct own_step *step)
{
    static const struct key keys[] = {
        { "sql", false, read_node, AT(sql), NULL, NULL },
        { "concurrently", false, read_node, AT(concurrently), NULL, NULL },
        { "backfill", false, read_node, AT(backfill), NULL, NULL },
        { "check", false, read_node, AT(check), NULL, NULL },
        { "undo", false, read_node, AT(undo), NULL, NULL },
        { "verify", false, read_node, AT(verify), NULL, NULL },
        { "accept", false, read_node, AT(accept), NULL, NULL },
        { 0 },
    };
    struct nodes nodes = { 0 };

    *step = (struct own_step){ .at = node->at, .undoes = OWN_UNDO_SQL };
    if (!bind_item(l, "steps", node, NODE_MAP) || operation_instead(l, "a step", node))
        return;
    bind_map(l, node, &(struct key_table){ "key", "a step", keys, NULL }, &nodes);
    if (!find_action(l, node, &nodes, &step->kind))
        return;
    readers[step->kind](l, action_of(&nodes, step->kind), &nodes, step);
    if (nodes.verify && step->kind == OWN_CONCURRENTLY)
        own_query_read(l, "verify", nodes.verify, &step->verify);
    if (nodes.accept)
        read_accepts(l, "accept", nodes.accept, &step->accepts, &step->n_accepts);
    if (nodes.undo && step->kind != OWN_CHECK)
        read_undo(l, nodes.undo, step);
    else if (!nodes.undo && step->kind != OWN_CHECK)
        complain(l, node->at, undo_hint, "a step has no `undo`: whoever rolls it back has to know");
}
