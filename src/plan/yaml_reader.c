/*
 * yaml_reader.c - the one door to libyaml.
 *
 * Events are taken one by one, so that nesting is limited before libyaml's
 * cost of it grows with the square, and so that aliases are never followed.
 */
#include "yaml_reader.h"

#include <yaml.h>

#include "orchestrate/base/text.h"

struct reader {
    struct loading *l;
    const struct source *source;
    struct node *root;
    struct {
        struct node *node;
        struct node *key; /* read, its value is still to come */
    } open[YAML_MAX_DEPTH];
    size_t depth;
    int tab_line; /* the last line looked at */
    bool ended;   /* nothing more to be read */
    bool bad;     /* there is no tree */
};

static struct src_pos pos_of(const struct reader *r, yaml_mark_t mark)
{
    return (struct src_pos){ r->source->file, (int)mark.line + 1, (int)mark.column + 1 };
}

static void stop(struct reader *r)
{
    r->ended = r->bad = true;
}

/* --- what libyaml refuses ---------------------------------------------- */

/* clang-format off */
static const struct {
    const char *problem; /* libyaml's words */
    const char *say;
    bool at_context; /* better shown where the construct begins */
    const char *hint;
} problems[] = {
    { "did not find expected key",
      "a `key: value` is expected here", false,
      "keys of one mapping begin in the same column" },
    { "could not find expected ':'",
      "a key without `: ` behind it", true, NULL },
    { "mapping values are not allowed in this context",
      "a second `: ` in one value", false,
      "put a value that contains a colon in quotes" },
    { "found character that cannot start any token",
      "a value may not begin with this character", false,
      "put the value in quotes" },
    { "did not find expected '-' indicator",
      "a list item (`- `) is expected here", false,
      "items of one list begin in the same column" },
    { "block sequence entries are not allowed in this context",
      "a list item (`- `) may not stand here", false,
      "begin the list on a line of its own" },
    { "did not find expected ',' or ']'",
      "a `,` is missing, or this list is not closed by `]`", true, NULL },
    { "did not find expected ',' or '}'",
      "a `,` is missing, or this mapping is not closed by `}`", true, NULL },
    { "found unexpected end of stream",
      "quotes that begin here are not closed", true, NULL },
    { "found unexpected document indicator",
      "quotes that begin here are not closed before `---` or `...`", true, NULL },
    { "found unknown escape character",
      "an escape that YAML does not know", false,
      "in double quotes a backslash is written twice; single quotes take it as it is" },
    { "did not find expected hexdecimal number",
      "an escape needs hexadecimal digits", false, NULL },
    { "found invalid Unicode character escape code",
      "an escape that is no Unicode character", false, NULL },
    { "did not find expected comment or line break",
      "a value that begins with `>` or `|` has to be in quotes", false, NULL },
    { "did not find expected node content",
      "a value is expected here", false, NULL },
    { "did not find expected <document start>",
      "text behind the end of the document", false, NULL },
};
/* clang-format on */

static void complain_tab(struct reader *r, int line, int column)
{
    complain(r->l, (struct src_pos){ r->source->file, line, column }, "indent with spaces",
             "a tab in the indentation");
}

static void syntax_error(struct reader *r, const yaml_parser_t *p)
{
    struct src_pos at = pos_of(r, p->problem_mark);
    int tab = source_tab(r->source, at.line);

    stop(r);
    if (tab) {
        if (r->tab_line != at.line)
            complain_tab(r, at.line, tab);
        return;
    }
    for (size_t i = 0; p->problem && i < ARRAY_LEN(problems); i++)
        if (strcmp(p->problem, problems[i].problem) == 0) {
            if (problems[i].at_context && p->context)
                at = pos_of(r, p->context_mark);
            complain(r->l, at, problems[i].hint, "%s", problems[i].say);
            return;
        }
    complain(r->l, at, NULL, "%s%s%s", p->problem ? p->problem : "not YAML", p->context ? " " : "",
             p->context ? p->context : "");
}

/* --- duplicate keys ----------------------------------------------------- */

static int compare_items(const void *a, const void *b)
{
    const struct item *const *x = a, *const *y = b;
    int order = strcmp((*x)->key->text, (*y)->key->text);

    /* Both point into one array: the earlier one comes first. */
    return order ? order : (*x > *y) - (*x < *y);
}

/* Sorted, because a file of 1 MiB has room for 200,000 keys. */
static void find_repeated(struct reader *r, struct node *map)
{
    struct item **sorted, *first;

    if (map->kind != NODE_MAP || map->n < 2)
        return;
    sorted = arena_alloc(r->l->arena, map->n * sizeof(struct item *));
    for (size_t i = 0; i < map->n; i++)
        sorted[i] = &map->items[i];
    qsort(sorted, map->n, sizeof(struct item *), compare_items);
    first = sorted[0];
    for (size_t i = 1; i < map->n; i++) {
        if (strcmp(sorted[i]->key->text, first->key->text) != 0) {
            first = sorted[i];
            continue;
        }
        sorted[i]->repeated = true;
        complain(r->l, sorted[i]->key->at, NULL, "`%s` stands on line %d already",
                 shown(r->l, first->key->text), first->key->at.line);
    }
}

/* --- events ------------------------------------------------------------- */

static void check_key(struct reader *r, struct node *key)
{
    if (key->kind != NODE_TEXT)
        complain(r->l, key->at, NULL, "a key must be text, not a %s",
                 key->kind == NODE_LIST ? "list" : "mapping");
    else if (key->plain && strcmp(key->text, "<<") == 0)
        complain(r->l, key->at, "write the keys out", "merge keys (`<<`) are not allowed");
    else
        return;
    key->broken = true;
}

static void check_tab(struct reader *r, int line)
{
    int tab = line == r->tab_line ? 0 : source_tab(r->source, line);

    r->tab_line = line;
    if (tab)
        complain_tab(r, line, tab);
}

/* Puts a finished scalar, or a collection that now begins, where it belongs. */
static void place(struct reader *r, struct node *node)
{
    struct node *in = r->depth ? r->open[r->depth - 1].node : NULL;
    struct node **key = r->depth ? &r->open[r->depth - 1].key : NULL;

    check_tab(r, node->at.line);
    if (!in) {
        r->root = node;
    } else if (in->kind == NODE_LIST) {
        *ARENA_PUSH(r->l->arena, in->items, in->n) = (struct item){ .value = node };
    } else if (!*key) {
        *key = node;
        check_key(r, node);
    } else {
        if (!(*key)->broken)
            *ARENA_PUSH(r->l->arena, in->items, in->n) = (struct item){ *key, node, false };
        *key = NULL;
    }
}

static struct node *node_new(struct reader *r, enum node_kind kind, const yaml_event_t *e)
{
    struct node *node = arena_alloc(r->l->arena, sizeof *node);

    node->kind = kind;
    node->at = pos_of(r, e->start_mark);
    return node;
}

static void refuse_extras(struct reader *r, struct src_pos at, const yaml_char_t *anchor,
                          const yaml_char_t *tag)
{
    if (anchor)
        complain(r->l, at, "write the value out in each place",
                 "anchors (`&name`) are not allowed");
    if (tag)
        complain(r->l, at, "every value is read as text", "tags (`!name`) are not allowed");
}

static void on_scalar(struct reader *r, const yaml_event_t *e)
{
    struct node *node = node_new(r, NODE_TEXT, e);
    const char *text = (const char *)e->data.scalar.value;
    size_t len = e->data.scalar.length;

    refuse_extras(r, node->at, e->data.scalar.anchor, e->data.scalar.tag);
    node->text = arena_strndup(r->l->arena, text, len);
    node->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (memchr(text, '\0', len)) {
        complain(r->l, node->at, NULL, "a NUL character (`\\0`) in a value");
        node->broken = true;
    }
    place(r, node);
}

static void on_alias(struct reader *r, const yaml_event_t *e)
{
    struct node *node = node_new(r, NODE_TEXT, e);

    complain(r->l, node->at, "write the value out in each place",
             "aliases (`*name`) are not allowed");
    node->text = "";
    node->broken = true;
    place(r, node);
}

static void open_node(struct reader *r, struct node *node)
{
    if (r->depth == YAML_MAX_DEPTH) {
        complain(r->l, node->at, NULL, "nested deeper than %d levels", YAML_MAX_DEPTH);
        stop(r);
        return;
    }
    place(r, node);
    r->open[r->depth].node = node;
    r->open[r->depth++].key = NULL;
}

static void on_list(struct reader *r, const yaml_event_t *e)
{
    struct node *node = node_new(r, NODE_LIST, e);

    refuse_extras(r, node->at, e->data.sequence_start.anchor, e->data.sequence_start.tag);
    open_node(r, node);
}

static void on_map(struct reader *r, const yaml_event_t *e)
{
    struct node *node = node_new(r, NODE_MAP, e);

    refuse_extras(r, node->at, e->data.mapping_start.anchor, e->data.mapping_start.tag);
    open_node(r, node);
}

static void on_close(struct reader *r, const yaml_event_t *e)
{
    (void)e;
    find_repeated(r, r->open[--r->depth].node);
}

static void on_document(struct reader *r, const yaml_event_t *e)
{
    if (!r->root)
        return;
    complain(r->l, pos_of(r, e->start_mark),
             arena_printf(r->l->arena, "one file holds one %s", r->l->noun),
             "a second YAML document begins here");
    r->ended = true;
}

static void on_end(struct reader *r, const yaml_event_t *e)
{
    (void)e;
    r->ended = true;
}

static void (*const handlers[])(struct reader *, const yaml_event_t *) = {
    [YAML_STREAM_END_EVENT] = on_end,      [YAML_DOCUMENT_START_EVENT] = on_document,
    [YAML_ALIAS_EVENT] = on_alias,         [YAML_SCALAR_EVENT] = on_scalar,
    [YAML_SEQUENCE_START_EVENT] = on_list, [YAML_SEQUENCE_END_EVENT] = on_close,
    [YAML_MAPPING_START_EVENT] = on_map,   [YAML_MAPPING_END_EVENT] = on_close,
};

static void yaml_parser_cleanup(yaml_parser_t *parser)
{
    yaml_parser_delete(parser);
}

static void yaml_event_cleanup(yaml_event_t *event)
{
    yaml_event_delete(event);
}

bool yaml_read(struct loading *l, const struct source *source, const struct node **root)
{
    struct reader r = { .l = l, .source = source };
    CLEANUP(yaml_parser) yaml_parser_t parser;

    if (!yaml_parser_initialize(&parser))
        abort(); /* out of memory, as in base/arena */
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)source->text, source->len);
    while (!r.ended) {
        CLEANUP(yaml_event) yaml_event_t event = { 0 };

        if (!yaml_parser_parse(&parser, &event))
            syntax_error(&r, &parser);
        else if (event.type < ARRAY_LEN(handlers) && handlers[event.type])
            handlers[event.type](&r, &event);
    }
    *root = r.root;
    return !r.bad;
}
