/*
 * config.c - the keys of orchestrate.yaml.
 */
#include "orchestrate/plan/config.h"

#include "bind.h"
#include "orchestrate/base/buf.h"
#include "orchestrate/base/text.h"
#include "validate.h"

const struct config_key config_keys[] = {
    { "environments", "the databases, by the name that `--env` takes" },
    { 0 },
};

const struct config_key environment_keys[] = {
    { "url",
      "where the database is: `postgresql://USER@HOST/DATABASE`, better without a password" },
    { "url_env", "the variable that holds the URL" },
    { "service", "a service of libpq's `pg_service.conf`" },
    { "gates", "`off`: gates that are written in a plan are dropped when it is started here" },
    { 0 },
};

#define AT(member) offsetof(struct reading, environment.member)

/* One environment, and which of its keys say where it is. */
struct reading {
    struct environment environment;
    const char *where; /* the key, or NULL */
};

/* It may hold a password: no message shows it. */
static bool check_url(struct loading *l, const char *text, struct src_pos at)
{
    if (strstr(text, "${") || *text == '$')
        complain(l, at, "name a variable that holds the whole URL: `url_env: PROD_URL`",
                 "`url` is taken as it stands; nothing is filled in for `$`");
    else if (!text_starts(text, "postgresql://") && !text_starts(text, "postgres://") &&
             !strchr(text, '='))
        complain(l, at,
                 "write postgresql://USER@HOST/DATABASE; the name of a variable goes under "
                 "`url_env`, that of a service under `service`",
                 "`url` is no URL");
    else
        return true;
    return false;
}

static bool check_variable(struct loading *l, const char *text, struct src_pos at)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

    if (strspn(text, letters) && !text[strspn(text, all)])
        return true;
    complain(l, at,
             strstr(text, "://") ? "a URL goes under `url`"
             : *text == '$'      ? "leave out the `$`"
                                 : "write only the name, as in `url_env: PROD_URL`",
             "`url_env` is no name of a variable");
    return false;
}

static const struct {
    const char *key;
    bool (*check)(struct loading *l, const char *text, struct src_pos at); /* NULL: any text */
} places[] = {
    { "url", check_url },
    { "url_env", check_variable },
    { "service", NULL },
};

static void read_place(struct loading *l, const char *name, const struct node *value, void *to)
{
    struct reading *reading = to;
    const char *text = bind_text(l, name, value, false);
    const char **members[] = { &reading->environment.url, &reading->environment.url_env,
                               &reading->environment.service };
    _Static_assert(ARRAY_LEN(members) == ARRAY_LEN(places), "a member for each key");

    for (size_t i = 0; text && i < ARRAY_LEN(places); i++) {
        if (strcmp(places[i].key, name) != 0 ||
            (places[i].check && !places[i].check(l, text, value->at)))
            continue;
        if (reading->where)
            complain(l, value->at, "keep one of them", "`%s` and `%s` both say where it is",
                     reading->where, name);
        reading->where = name;
        reading->environment.where = value->at;
        *members[i] = text;
    }
}

static void read_gates_word(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char *text = bind_text(l, name, value, false);

    if (text && strcmp(text, "on") != 0 && strcmp(text, "off") != 0)
        complain(l, value->at, "`off` drops the gates that plans name, never those always on",
                 "`%s` must be `on` or `off`, not `%s`", name, shown(l, text));
    *(bool *)to = text && strcmp(text, "off") == 0;
}

static void read_environment(struct loading *l, struct config *config, const struct item *item)
{
    static const struct key keys[] = {
        { "url", false, read_place, 0, NULL, NULL },
        { "url_env", false, read_place, 0, NULL, NULL },
        { "service", false, read_place, 0, NULL, NULL },
        { "gates", false, read_gates_word, AT(gates_off), NULL, NULL },
        { 0 },
    };
    const char *name = item->key->text;
    struct reading reading = { .environment = { .name = name, .at = item->key->at } };

    if (!name_is_valid(name))
        complain(l, item->key->at,
                 "small letters, digits, `.`, `_` and `-`; 63 at most, the first one a letter or "
                 "digit",
                 "no name for an environment: `%s`", shown(l, name));
    if (item->value->kind == NODE_TEXT && !bind_is_null(item->value) && !item->value->broken) {
        complain(l, item->value->at, "write `{url: ...}`, `{url_env: ...}` or `{service: ...}`",
                 "environment `%s` must be a mapping (`key: value`), not text", shown(l, name));
        return;
    }
    if (!bind_kind(l, name, item->value, NODE_MAP))
        return;
    bind_map(l, item->value,
             &(struct key_table){ "key", arena_printf(l->arena, "environment `%s`", shown(l, name)),
                                  keys, NULL },
             &reading);
    *ARENA_PUSH(l->arena, config->environments, config->n_environments) = reading.environment;
}

static void read_environments(struct loading *l, const char *name, const struct node *value,
                              void *to)
{
    struct config *config = to;

    if (!bind_kind(l, name, value, NODE_MAP))
        return;
    if (value->n == 0)
        complain(l, value->at, "leave it out", "`%s` is empty", name);
    for (size_t i = 0; i < value->n; i++)
        if (!value->items[i].repeated)
            read_environment(l, config, &value->items[i]);
}

static void read_root(struct loading *l, const struct node *root, struct config *config)
{
    static const struct key keys[] = {
        { "environments", false, read_environments, 0, NULL, NULL },
        { 0 },
    };

    if (!root || bind_is_null(root))
        return; /* nothing but comments */
    if (root->kind != NODE_MAP)
        complain(l, root->at, "begin with `environments:`", "%s is a mapping (`key: value`)",
                 CONFIG_FILE);
    else
        bind_map(l, root, &(struct key_table){ "key", CONFIG_FILE, keys, NULL }, config);
}

bool config_parse(struct arena *arena, const char *file, const char *text, size_t len,
                  struct config *config, struct plan_errors *errors)
{
    struct loading l = { .arena = arena, .noun = "configuration", .errors = errors };
    struct source source;
    const struct node *root;

    *errors = (struct plan_errors){ 0 };
    *config = (struct config){ .file = arena_strdup(arena, file) };
    if (source_check(&l, config->file, text, len, &source) && yaml_read(&l, &source, &root))
        read_root(&l, root, config);
    for (size_t i = 0; i < errors->n; i++)
        errors->errs[i].code = ERR_CONFIG;
    return errors->n == 0;
}

bool config_load(struct arena *arena, const char *file, struct config *config,
                 struct plan_errors *errors)
{
    const char *text;
    size_t len;

    *errors = (struct plan_errors){ 0 };
    if (source_read(arena, file, &text, &len, &errors->errs[0]))
        return config_parse(arena, file, text, len, config, errors);
    errors->errs[0].at.file = arena_strdup(arena, file);
    errors->n = 1;
    return false;
}

bool environment_name_is_valid(const char *name)
{
    return name_is_valid(name);
}

bool config_environment(struct arena *arena, const struct config *config, const char *name,
                        const struct environment **environment, struct err *err)
{
    const char **names = arena_alloc(arena, (config->n_environments + 1) * sizeof *names);
    struct buf list = BUF_IN(arena);
    const char *near;

    for (size_t i = 0; i < config->n_environments; i++) {
        *environment = &config->environments[i];
        if (strcmp((*environment)->name, name) == 0)
            return true;
        names[i] = (*environment)->name;
        buf_addf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    near = text_nearest(name, names);
    err_set(err, ERR_CONFIG, "%s has no environment %s", config->file, name);
    if (!config->n_environments)
        return err_hint(err, "It has none at all; write `environments: {%s: {url_env: ...}}`.",
                        name);
    if (near)
        return err_hint(err, "Did you mean %s? It has: %s.", near, buf_text(&list));
    return err_hint(err, "It has: %s.", buf_text(&list));
}
