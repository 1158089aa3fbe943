#include "bind.h"

#include "orchestrate/base/text.h"
#include "rune.h"

static const struct {
    const char *is, *want;
} kinds[] = {
    [NODE_TEXT] = { "text", "text" },
    [NODE_LIST] = { "a list", "a list (`- ` before each item)" },
    [NODE_MAP] = { "a mapping", "a mapping (`key: value`)" },
};

bool bind_is_null(const struct node *node)
{
    static const char *const words[] = { "", "~", "null", "Null", "NULL" };

    for (size_t i = 0; node->kind == NODE_TEXT && node->plain && i < ARRAY_LEN(words); i++)
        if (strcmp(node->text, words[i]) == 0)
            return true;
    return false;
}

static void complain_null(struct loading *l, const char *what, const char *hint,
                          const struct node *node)
{
    complain(l, node->at,
             *node->text ? arena_printf(l->arena, "to mean the word, quote it: \"%s\"", node->text)
                         : hint,
             "%s has no value", what);
}

static const char no_value_hint[] = "write a value, or leave the key out";

/* What belongs into an item of a list, where that is more than a name. */
static const struct {
    const char *list, *belongs;
} lists[] = {
    { "changes", "an operation with its keys" },
    { "phases", "`name:` and `steps:`" },
    { "steps", "one of sql, concurrently, backfill, check, and `undo:`" },
};

static const char *item_hint(struct loading *l, const char *list, const struct node *node)
{
    const char *belongs = "a value";

    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (strcmp(list, lists[i].list) == 0)
            belongs = lists[i].belongs;
    if (!bind_is_null(node))
        return strcmp(belongs, "a value") == 0 ? NULL : arena_printf(l->arena, "write %s", belongs);
    return arena_printf(l->arena, "write %s behind the `- `, or take it away", belongs);
}

bool bind_kind(struct loading *l, const char *name, const struct node *node, enum node_kind kind)
{
    if (node->broken || node->kind == kind)
        return !node->broken;
    if (bind_is_null(node))
        complain_null(l, arena_printf(l->arena, "`%s`", shown(l, name)), no_value_hint, node);
    else
        complain(l, node->at, NULL, "`%s` must be %s, not %s", shown(l, name), kinds[kind].want,
                 kinds[node->kind].is);
    return false;
}

bool bind_item(struct loading *l, const char *name, const struct node *node, enum node_kind kind)
{
    if (node->broken || node->kind == kind)
        return !node->broken;
    if (bind_is_null(node) && kind == NODE_TEXT)
        complain_null(l, arena_printf(l->arena, "an item of `%s`", shown(l, name)),
                      item_hint(l, name, node), node);
    else if (bind_is_null(node))
        complain(l, node->at, item_hint(l, name, node), "an item of `%s` has no value",
                 shown(l, name));
    else
        complain(l, node->at, item_hint(l, name, node), "an item of `%s` must be %s, not %s",
                 shown(l, name), kinds[kind].want, kinds[node->kind].is);
    return false;
}

const char *bind_text(struct loading *l, const char *name, const struct node *node,
                      bool several_lines)
{
    const char *p;

    if (!bind_kind(l, name, node, NODE_TEXT))
        return NULL;
    if (bind_is_null(node)) {
        complain_null(l, arena_printf(l->arena, "`%s`", name), no_value_hint, node);
        return NULL;
    }
    if (!node->text[strspn(node->text, " \t\n")]) {
        complain(l, node->at, NULL, "`%s` is empty", name);
        return NULL;
    }
    for (p = node->text; *p;) {
        unsigned rune = rune_next(&p);
        const char *what = rune_refused(rune, several_lines ? RUNE_IN_PROSE : RUNE_IN_NAME);

        if (what) {
            complain(l, node->at, NULL, "`%s` contains %s (U+%04X)", name, what, rune);
            return NULL;
        }
    }
    return node->text;
}

void read_line(struct loading *l, const char *name, const struct node *value, void *to)
{
    *(const char **)to = bind_text(l, name, value, false);
}

void read_prose(struct loading *l, const char *name, const struct node *value, void *to)
{
    *(const char **)to = bind_text(l, name, value, true);
}

void read_node(struct loading *l, const char *name, const struct node *value, void *to)
{
    (void)l;
    (void)name;
    *(const struct node **)to = value;
}

const struct item *bind_find(const struct node *map, const char *name)
{
    for (size_t i = 0; i < map->n; i++)
        if (!map->items[i].repeated && strcmp(map->items[i].key->text, name) == 0)
            return &map->items[i];
    return NULL;
}

static const struct key *find_row(const struct key *keys, const char *name)
{
    for (; keys->name; keys++)
        if (strcmp(keys->name, name) == 0)
            return keys;
    return NULL;
}

/* The names that work here; `left`: those that the mapping does not have yet. */
static const char *const *names_of(struct loading *l, const struct node *map,
                                   const struct key *keys, bool left)
{
    const char **names = NULL, *end = NULL;
    size_t n = 0;

    for (; keys->name; keys++)
        if (keys->read && !(left && bind_find(map, keys->name)))
            *ARENA_PUSH(l->arena, names, n) = keys->name;
    *ARENA_PUSH(l->arena, names, n) = end;
    return names;
}

/* What was likely meant by a wrong key is not missed as well: meant[row]. */
static void check_unknown(struct loading *l, const struct node *map, const struct key_table *table,
                          bool *meant)
{
    const char *const *names = NULL, *const *left = NULL, *nearest;

    for (size_t i = 0; i < map->n; i++) {
        const struct item *item = &map->items[i];

        if (item->repeated || find_row(table->keys, item->key->text))
            continue;
        if (!names) {
            names = names_of(l, map, table->keys, false);
            left = names_of(l, map, table->keys, true);
        }
        complain_unknown(l, item->key->at, table->noun, item->key->text, table->where, names, left);
        nearest = complaint_fits(l, item->key->at) ? text_nearest(item->key->text, left) : NULL;
        if (nearest)
            meant[find_row(table->keys, nearest) - table->keys] = true;
    }
}

static void check_single(struct loading *l, const struct node *map, const struct key_table *table)
{
    if (map->n == 0)
        complain(l, map->at, NULL, "%s is empty where one %s is expected", table->where,
                 table->noun);
    if (map->n > 1)
        complain(l, map->items[1].key->at, table->single,
                 "`%s` is a second %s where one is expected", shown(l, map->items[1].key->text),
                 table->noun);
}

static void complain_refused(struct loading *l, const struct key_table *table,
                             const struct key *row, struct src_pos at)
{
    bool plain = strcmp(table->noun, "key") == 0;

    complain(l, at, row->hint, "%s%s`%s` %s", plain ? "" : table->noun, plain ? "" : " ", row->name,
             row->refused);
}

void bind_map(struct loading *l, const struct node *map, const struct key_table *table, void *out)
{
    size_t n = 0;
    bool *meant;

    while (table->keys[n].name)
        n++;
    meant = arena_alloc(l->arena, n * sizeof *meant + 1);
    check_unknown(l, map, table, meant);
    if (table->single)
        check_single(l, map, table);
    for (size_t i = 0; i < n; i++) {
        const struct key *row = &table->keys[i];
        const struct item *item = bind_find(map, row->name);

        if (item && row->refused)
            complain_refused(l, table, row, item->key->at);
        else if (item && row->required && bind_is_null(item->value))
            complain_null(l, arena_printf(l->arena, "`%s`", row->name), "write a value",
                          item->value);
        else if (item && !item->value->broken)
            row->read(l, row->name, item->value, (char *)out + row->at);
        else if (!item && row->required && !meant[i])
            complain(l, map->at, NULL, "%s has no `%s`", table->where, row->name);
    }
}
