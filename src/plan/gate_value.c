#include "gate_value.h"

#include <regex.h>

#include "orchestrate/base/json.h"
#include "orchestrate/base/text.h"
#include "orchestrate/gates/window.h"
#include "validate.h"
#include "zone.h"

enum { MOST_FIELDS = 8 };

/* --- parts ---------------------------------------------------------------- */

static const char *json_string(struct loading *l, const char *text)
{
    struct buf out = BUF_IN(l->arena);
    struct json j = { .out = &out };

    json_text(&j, NULL, text);
    return buf_text(&out);
}

static const char *json_list(struct loading *l, const char *const *items, size_t n)
{
    struct buf out = BUF_IN(l->arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '[');
    for (size_t i = 0; i < n; i++)
        json_text(&j, NULL, items[i]);
    json_close(&j, ']');
    return buf_text(&out);
}

static void read_count(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char *text = bind_text(l, name, value, false);
    int64_t count;

    if (!text)
        return;
    if (!text_int(text, &count) || count < 1 || count > GATE_MOST)
        complain(l, value->at, NULL, "`%s` must be a whole number from 1 to %d, not `%s`", name,
                 GATE_MOST, shown(l, text));
    else
        *(const char **)to = arena_printf(l->arena, "%d", (int)count);
}

static void read_role(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char *text = bind_text(l, name, value, false);

    if (!text)
        return;
    check_ident(l, name, text, value->at);
    *(const char **)to = json_string(l, text);
}

static void read_zone(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char *text = bind_text(l, name, value, false);

    if (!text)
        return;
    check_zone(l, name, text, value->at);
    *(const char **)to = json_string(l, text);
}

static void read_query(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char *text = bind_text(l, name, value, true);

    if (text)
        *(const char **)to = json_string(l, text);
}

/* --- lists ---------------------------------------------------------------- */

typedef bool item_check(struct loading *l, const char *name, const struct node *item);

/* The items as texts; false after a complaint. */
static bool read_texts(struct loading *l, const char *name, const struct node *node,
                       item_check *check, const char ***items, size_t *n)
{
    size_t before = l->errors->n + l->errors->more;

    if (!bind_kind(l, name, node, NODE_LIST))
        return false;
    if (node->n == 0)
        complain(l, node->at, NULL, "`%s` is empty", name);
    if (node->n > GATE_MOST)
        complain(l, node->at, NULL, "`%s` has more than %d items", name, GATE_MOST);
    for (size_t i = 0; i < node->n && i < GATE_MOST; i++) {
        const struct node *item = node->items[i].value;
        const char *text =
            bind_item(l, name, item, NODE_TEXT) ? bind_text(l, name, item, false) : NULL;

        if (!text || !check(l, name, item))
            continue;
        for (size_t k = 0; k < *n; k++)
            if (strcmp((*items)[k], text) == 0)
                complain(l, item->at, NULL, "`%s` stands in `%s` twice", shown(l, text), name);
        *ARENA_PUSH(l->arena, *items, *n) = text;
    }
    return l->errors->n + l->errors->more == before;
}

static bool check_regex(struct loading *l, const char *name, const struct node *item)
{
    char why[128];
    regex_t regex;
    int code = regcomp(&regex, item->text, REG_EXTENDED | REG_NOSUB);

    if (code == 0)
        return regfree(&regex), true;
    regerror(code, &regex, why, sizeof why);
    complain(l, item->at, "these are POSIX extended regular expressions",
             "`%s` in `%s` is no regular expression: %s", shown(l, item->text), name, why);
    return false;
}

/* Somebody else's home, or the root, is no part of a checkout. */
static bool check_path(struct loading *l, const char *name, const struct node *item)
{
    const char *p = item->text;
    bool climbs =
        strcmp(p, "..") == 0 || text_starts(p, "../") || text_ends(p, "/..") || strstr(p, "/../");

    if (*p != '/' && !climbs)
        return true;
    complain(l, item->at, "it is looked for in the folder in which `advance` is called",
             "`%s` in `%s` leads out of the checkout", shown(l, p), name);
    return false;
}

static bool check_plan(struct loading *l, const char *name, const struct node *item)
{
    if (!name_is_valid(item->text))
        complain(l, item->at, "the name behind `plan:` in the other file",
                 "`%s` in `%s` is no name of a plan", shown(l, item->text), name);
    else if (text_same(item->text, l->plan->name))
        complain(l, item->at, NULL, "the plan waits for itself in `%s`", name);
    else
        return true;
    return false;
}

const char *read_plans(struct loading *l, const char *name, const struct node *node)
{
    const char **items = NULL;
    size_t n = 0;

    return read_texts(l, name, node, check_plan, &items, &n) ? json_list(l, items, n) : NULL;
}

static void read_regexes(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char **items = NULL;
    size_t n = 0;

    if (read_texts(l, name, value, check_regex, &items, &n))
        *(const char **)to = json_list(l, items, n);
}

static void read_paths(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char **items = NULL;
    size_t n = 0;

    if (read_texts(l, name, value, check_path, &items, &n))
        *(const char **)to = json_list(l, items, n);
}

/* --- windows: one text, or a list ------------------------------------------ */

static bool add_windows(struct loading *l, const char *name, const struct node *node,
                        const char ***windows, size_t *n)
{
    const char *text = bind_text(l, name, node, false), *why;

    if (!text)
        return false;
    if (windows_parse(l->arena, text, windows, n, &why))
        return true;
    complain(l, node->at, "write it like \"Mon-Thu 09:00-16:00, Fri 09:00-12:00\"",
             "`%s` is no time of the week: `%s`: %s", name, shown(l, text), why);
    return false;
}

static void read_windows(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char **windows = NULL;
    size_t n = 0;
    bool ok = true;

    if (value->kind != NODE_LIST) {
        ok = add_windows(l, name, value, &windows, &n);
    } else {
        if (value->n == 0)
            complain(l, value->at, NULL, "`%s` is empty", name);
        for (size_t i = 0; i < value->n && i < GATE_MOST; i++)
            ok &= bind_item(l, name, value->items[i].value, NODE_TEXT) &&
                  add_windows(l, name, value->items[i].value, &windows, &n);
    }
    if (n > GATE_MOST)
        complain(l, value->at, NULL, "`%s` has more than %d items", name, GATE_MOST);
    if (ok && n)
        *(const char **)to = json_list(l, windows, n);
}

/* --- the value ------------------------------------------------------------- */

static void (*const readers[])(struct loading *, const char *, const struct node *, void *) = {
    [GATE_COUNT] = read_count, [GATE_ROLE] = read_role,       [GATE_WINDOWS] = read_windows,
    [GATE_ZONE] = read_zone,   [GATE_SQL] = read_query,       [GATE_PROSE] = read_query,
    [GATE_PATHS] = read_paths, [GATE_REGEXES] = read_regexes,
};

static const char *read_fields(struct loading *l, const struct gate_kind *kind,
                               const struct node *node)
{
    struct key keys[MOST_FIELDS + 1] = { 0 };
    const char *values[MOST_FIELDS] = { 0 };
    struct key_table table = { "key", arena_printf(l->arena, "`%s`", kind->name), keys, NULL };
    struct buf out = BUF_IN(l->arena);
    struct json j = { .out = &out };
    size_t before = l->errors->n + l->errors->more;

    if (!bind_kind(l, kind->name, node, NODE_MAP))
        return NULL;
    for (size_t i = 0; i < MOST_FIELDS && kind->fields[i].key; i++)
        keys[i] = (struct key){ .name = kind->fields[i].key,
                                .required = kind->fields[i].required,
                                .read = readers[kind->fields[i].kind],
                                .at = i * sizeof values[0] };
    bind_map(l, node, &table, values);
    if (l->errors->n + l->errors->more != before)
        return NULL;
    json_open(&j, NULL, '{');
    for (size_t i = 0; i < MOST_FIELDS && kind->fields[i].key; i++)
        if (values[i] || kind->fields[i].preset)
            json_raw(&j, kind->fields[i].key, values[i] ? values[i] : kind->fields[i].preset);
    json_close(&j, '}');
    return buf_text(&out);
}

static const char *read_duration(struct loading *l, const struct gate_kind *kind,
                                 const struct node *node)
{
    const char *text = bind_text(l, kind->name, node, false);
    int64_t ms;

    if (!text || text_duration(text, &ms))
        return text;
    complain(l, node->at, NULL,
             "`%s` must be a duration such as 50ms, 10s, 5m, 24h or 7d, not `%s`", kind->name,
             shown(l, text));
    return NULL;
}

static const char *read_word(struct loading *l, const struct gate_kind *kind,
                             const struct node *node)
{
    const char *text = bind_text(l, kind->name, node, false);

    if (!text || strcmp(text, kind->word) == 0)
        return text;
    complain(l, node->at, NULL, "`%s` must be `%s`, not `%s`", kind->name, kind->word,
             shown(l, text));
    return NULL;
}

const char *gate_value_read(struct loading *l, const struct gate_kind *kind,
                            const struct node *node)
{
    switch (kind->value) {
    case GATE_DURATION:
        return read_duration(l, kind, node);
    case GATE_WORD:
        return read_word(l, kind, node);
    case GATE_PLANS:
        return read_plans(l, kind->name, node);
    case GATE_MAP:
        return read_fields(l, kind, node);
    case GATE_NO_VALUE:
        break;
    }
    return NULL;
}
