/*
 * load.c - the plan as a whole: its keys, and the way from a file to a struct.
 */
#include "checksum.h"
#include "orchestrate/base/text.h"
#include "sections.h"
#include "validate.h"

#define AT(member) offsetof(struct plan, member)

/* --- names -------------------------------------------------------------- */

static const char name_rule[] = "small letters, digits, `.`, `_` and `-`; 63 at most, the first "
                                "one a letter or digit";

static void read_app(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char *text = bind_text(l, name, value, false);

    if (text && !name_is_valid(text))
        complain(l, value->at, name_rule, "`%s` is no name: `%s`", name, shown(l, text));
    *(const char **)to = text;
}

static void read_plan(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char **text = to;

    read_app(l, name, value, text);
    if (*text && (text_ends(*text, ".yaml") || text_ends(*text, ".yml")))
        complain(l, value->at, "leave out the ending",
                 "`%s` looks like a file; commands would take it for one", name);
}

/* --- code: which versions of the application know which name ------------- */

static void read_version(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char *text = bind_text(l, name, value, false);
    const char *tight = text ? version_constraint(l->arena, text) : NULL;

    if (text && !tight)
        complain(l, value->at, "write it like \">=2.4.0\" or \">=2.4, <3\"",
                 "`%s` is no version constraint: `%s`", name, shown(l, text));
    *(const char **)to = tight;
}

static void read_phase(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char *text = bind_text(l, name, value, false);
    const char *const *names = plan_phases(l->arena, l->plan);

    *(const char **)to = text;
    for (size_t i = 0; names[i]; i++)
        if (text && strcmp(names[i], text) == 0)
            return;
    if (text && *names)
        complain_unknown(l, value->at, "phase", text, arena_printf(l->arena, "`%s`", name), names,
                         names);
}

static void read_code(struct loading *l, const char *name, const struct node *value, void *to)
{
    static const struct key keys[] = {
        { "new", false, read_version, AT(code_new), NULL, NULL },
        { "old_until", false, read_phase, AT(code_old_until), NULL, NULL },
        { 0 },
    };

    if (!bind_kind(l, name, value, NODE_MAP))
        return;
    if (value->n == 0)
        complain(l, value->at, "leave it out", "`%s` is empty", name);
    bind_map(l, value, &(struct key_table){ "key", "`code`", keys, NULL }, to);
}

/* --- accept: findings that the author knows ------------------------------ */

static void read_rule(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char *text = bind_text(l, name, value, false);

    if (text && !name_is_valid(text))
        complain(l, value->at, "copy it from the report of `orchestrate plan`",
                 "`%s` is no rule: `%s`", name, shown(l, text));
    *(const char **)to = text;
}

static void read_one_accept(struct loading *l, const struct node *node,
                            struct plan_accept **accepts, size_t *n)
{
    static const struct key keys[] = {
        { "rule", true, read_rule, offsetof(struct plan_accept, rule), NULL, NULL },
        { "because", true, read_prose, offsetof(struct plan_accept, because), NULL, NULL },
        { 0 },
    };
    struct plan_accept accept = { .at = node->at };

    if (!bind_item(l, "accept", node, NODE_MAP))
        return;
    bind_map(l, node, &(struct key_table){ "key", "an item of `accept`", keys, NULL }, &accept);
    for (size_t i = 0; accept.rule && i < *n; i++)
        if (strcmp((*accepts)[i].rule, accept.rule) == 0) {
            complain(l, node->at, NULL, "rule `%s` is accepted already, on line %d", accept.rule,
                     (*accepts)[i].at.line);
            return;
        }
    if (accept.rule && accept.because)
        *ARENA_PUSH(l->arena, *accepts, *n) = accept;
}

void read_accepts(struct loading *l, const char *name, const struct node *value,
                  struct plan_accept **accepts, size_t *n)
{
    enum { MOST = 100 }; /* there are not that many rules */

    if (!bind_kind(l, name, value, NODE_LIST))
        return;
    if (value->n == 0)
        complain(l, value->at, "leave it out", "`%s` is empty", name);
    if (value->n > MOST)
        complain(l, value->at, NULL, "`%s` has more than %d items", name, MOST);
    for (size_t i = 0; i < value->n && i < MOST; i++)
        read_one_accept(l, value->items[i].value, accepts, n);
}

static void read_accept(struct loading *l, const char *name, const struct node *value, void *to)
{
    (void)to;
    read_accepts(l, name, value, &l->plan->accepts, &l->plan->n_accepts);
}

/* --- the plan ------------------------------------------------------------ */

static void read_keys(struct loading *l, const struct node *root)
{
    static const char *const others[] = { "change", "changes" };
    const struct item *several = bind_find(root, "changes"), *own = bind_find(root, "phases");
    bool one = !several && !own;
    /* clang-format off */
    /* What is changed comes before what talks about its phases. */
    const struct key keys[] = {
        { "plan",        true,  read_plan,     AT(name),        NULL, NULL },
        { "description", false, read_prose,    AT(description), NULL, NULL },
        { "owner",       false, read_line,     AT(owner),       NULL, NULL },
        { "ticket",      false, read_line,     AT(ticket),      NULL, NULL },
        { "app",         false, read_app,      AT(app),         NULL, NULL },
        { "change",      one,   read_change,   0,               NULL, NULL },
        { "changes",     false, read_changes,  0,               NULL, NULL },
        { "phases",      false, read_phases,   0,               NULL, NULL },
        { "code",        false, read_code,     0,               NULL, NULL },
        { "settings",    false, read_settings, 0,               NULL, NULL },
        { "after",       false, read_after,    0,               NULL, NULL },
        { "gates",       false, read_gates,    0,               NULL, NULL },
        { "accept",      false, read_accept,   0,               NULL, NULL },
        { 0 },
    };
    /* clang-format on */

    if (several && bind_find(root, "change"))
        complain(l, several->key->at, "put that one into the list",
                 "`changes` stands beside `change`");
    for (size_t i = 0; own && i < ARRAY_LEN(others); i++)
        if (bind_find(root, others[i]))
            complain(l, own->key->at, "a plan has one of them", "`phases` stands beside `%s`",
                     others[i]);
    bind_map(l, root, &(struct key_table){ "key", "the plan", keys, NULL }, l->plan);
}

static void read_root(struct loading *l, const struct node *root)
{
    static const char hint[] = "begin with `plan: NAME`";

    if (!root || bind_is_null(root))
        complain(l, (struct src_pos){ l->plan->file, 1, 1 }, hint, "there is no plan in it");
    else if (root->kind != NODE_MAP)
        complain(l, root->at, hint, "a plan is a mapping (`key: value`)");
    else
        read_keys(l, root);
}

bool plan_parse(struct arena *arena, const char *file, const char *text, size_t len,
                struct plan *plan, struct plan_errors *errors)
{
    struct loading l = { arena, "plan", plan, errors };
    struct source source;
    const struct node *root;

    *errors = (struct plan_errors){ 0 };
    *plan = (struct plan){ .file = arena_strdup(arena, file) };
    settings_preset(&plan->settings);
    if (!source_check(&l, plan->file, text, len, &source))
        return false;
    plan->text = arena_strndup(arena, text, len);
    if (yaml_read(&l, &source, &root))
        read_root(&l, root);
    if (errors->n)
        return false;
    plan->canonical = plan_canonical(arena, plan);
    plan->checksum = text_sha256(arena, plan->canonical);
    return true;
}

bool plan_load(struct arena *arena, const char *file, struct plan *plan, struct plan_errors *errors)
{
    const char *text, *label = strcmp(file, "-") == 0 ? "<stdin>" : file;
    size_t len;

    *plan = (struct plan){ 0 };
    *errors = (struct plan_errors){ 0 };
    if (source_read(arena, file, &text, &len, &errors->errs[0]))
        return plan_parse(arena, label, text, len, plan, errors);
    errors->errs[0].at.file = arena_strdup(arena, label);
    errors->n = 1;
    return false;
}
