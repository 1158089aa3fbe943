/*
 * settings.c - `settings:`, read by the table of state/settings.h.
 */
#include "sections.h"

/*
 * The rows of one mapping: those of settings_table that begin with `prefix`.
 * "batch_rows.start" is the row `start` of the mapping `batch_rows`; the group
 * itself is one row of the mapping above.
 */
static const struct key *rows(struct loading *l, const char *prefix, bool grouped);

static void read_group(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char *prefix = arena_printf(l->arena, "%s.", name);
    const struct key_table table = { "key", arena_printf(l->arena, "`%s`", name),
                                     rows(l, prefix, true), NULL };

    if (bind_kind(l, name, value, NODE_MAP))
        bind_map(l, value, &table, to);
}

static bool is_known(const struct key *keys, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(keys[i].name, name) == 0)
            return true;
    return false;
}

static const struct key *rows(struct loading *l, const char *prefix, bool grouped)
{
    size_t count, n = 0;
    const struct setting *settings = settings_table(&count);
    struct key *keys = NULL;

    for (size_t i = 0; i < count; i++) {
        const char *name = settings[i].key, *dot = strchr(name, '.');
        struct key row = { .read = read_node, .at = i * sizeof(struct node *) };

        if (strncmp(name, prefix, strlen(prefix)) != 0)
            continue;
        row.name = name + strlen(prefix);
        if (dot && !grouped)
            row = (struct key){ .name = arena_strndup(l->arena, name, (size_t)(dot - name)),
                                .read = read_group };
        if (!is_known(keys, n, row.name))
            *ARENA_PUSH(l->arena, keys, n) = row;
    }
    *ARENA_PUSH(l->arena, keys, n) = (struct key){ 0 };
    return keys;
}

static void read_setting(struct loading *l, const struct setting *setting, const struct node *node)
{
    const char *text = bind_text(l, setting->key, node, false);
    struct err err;

    if (!text)
        return;
    if (!setting_parse(setting, text, &l->plan->settings, &err)) {
        complain(l, node->at, err.hint, "%s", err.text);
        return;
    }
    *ARENA_PUSH(l->arena, l->plan->setting_texts, l->plan->n_setting_texts) =
        (struct plan_setting){ setting->key, text };
}

void read_settings(struct loading *l, const char *name, const struct node *value, void *to)
{
    size_t count;
    const struct setting *settings = settings_table(&count);
    const struct node **found = arena_alloc(l->arena, count * sizeof(struct node *));
    const struct key_table table = { "key", "`settings`", rows(l, "", false), NULL };
    struct err err;

    (void)to;
    if (!bind_kind(l, name, value, NODE_MAP))
        return;
    bind_map(l, value, &table, found);
    for (size_t i = 0; i < count; i++)
        if (found[i])
            read_setting(l, &settings[i], found[i]);
    if (!settings_check(&l->plan->settings, &err))
        complain(l, value->at, err.hint, "%s", err.text);
}
