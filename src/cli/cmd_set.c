/*
 * set: settings of a run while it is under way.
 *
 * They take the place of the plan's until they are given back; a backfill obeys
 * within a second, other steps when they begin or wait.
 */
#include "command.h"
#include "orchestrate/base/text.h"
#include "orchestrate/store/store.h"

/* One word of the command line. */
struct assignment {
    const struct setting *setting;
    const char *text; /* NULL: back to the plan's value */
};

/* "duty=100%", but not a file whose name has a "=" in it. */
static bool is_assignment(const char *word)
{
    size_t key = strcspn(word, "=/");

    return word[key] == '=';
}

static bool no_setting(struct cli *cli, const char *key, struct err *err)
{
    size_t count;
    const struct setting *rows = settings_table(&count);
    const char **names = arena_alloc(cli->arena, (count + 1) * sizeof *names), *near;
    struct buf list = BUF_IN(cli->arena);

    for (size_t i = 0; i < count; i++) {
        names[i] = rows[i].key;
        buf_addf(&list, "%s%s", i ? ", " : "", rows[i].key);
    }
    near = text_nearest(key, names);
    err_set(err, ERR_USAGE, "there is no setting %s", key);
    if (near)
        return err_hint(err, "Did you mean %s?", near);
    return err_hint(err, "There are: %s.", buf_text(&list));
}

static bool read_word(struct cli *cli, const char *word, struct assignment *a, struct err *err)
{
    size_t len = strcspn(word, "=");
    const char *key = arena_strndup(cli->arena, word, len);
    const char *text = word[len] ? word + len + 1 : NULL;
    struct settings scratch;

    if (!text || !*key) {
        err_set(err, ERR_USAGE, "set wants key=value, not %s", word);
        return err_hint(err, "For example: orchestrate set PLAN duty=100%%");
    }
    a->setting = setting_find(key);
    if (!a->setting)
        return no_setting(cli, key, err);
    a->text = *text && strcmp(text, "default") != 0 ? text : NULL;
    settings_preset(&scratch);
    if (!a->text || setting_parse(a->setting, a->text, &scratch, err))
        return true;
    err->code = ERR_USAGE; /* there is no plan file that would be wrong */
    return false;
}

static bool read_words(struct cli *cli, struct assignment *list, struct err *err)
{
    for (size_t i = 0; i < cli->n_words; i++) {
        if (!read_word(cli, cli->words[i], &list[i], err))
            return false;
        for (size_t k = 0; k < i; k++)
            if (list[k].setting == list[i].setting)
                return err_set(err, ERR_USAGE, "%s is given twice", list[i].setting->key);
    }
    return true;
}

/* Takes the words apart: a first one that sets nothing is the plan. */
bool check_set(struct cli *cli, struct err *err)
{
    size_t plan = cli->n_args && !is_assignment(cli->args[0]);

    cli->words = cli->args + plan;
    cli->n_words = cli->n_args - plan;
    cli->n_args = plan;
    if (!cli->n_words) {
        err_set(err, ERR_USAGE, "set wants key=value");
        return err_hint(err, "For example: orchestrate set %s duty=100%%",
                        plan ? cli->args[0] : "PLAN");
    }
    return read_words(cli, arena_alloc(cli->arena, cli->n_words * sizeof(struct assignment)), err);
}

/* The settings as they will be, and what that changes. */
static bool apply(struct cli *cli, const struct assignment *list, struct live_setting *changes,
                  struct err *err)
{
    struct settings after = cli->run.settings;

    for (size_t i = 0; i < cli->n_words; i++) {
        const struct setting *s = list[i].setting;
        const char *text =
            list[i].text ? list[i].text : setting_text(cli->arena, s, &cli->run.plan_settings);

        if (!setting_parse(s, text, &after, err))
            return false;
        changes[i] =
            (struct live_setting){ .key = s->key,
                                   .text = list[i].text,
                                   .before = setting_text(cli->arena, s, &cli->run.settings),
                                   .after = setting_text(cli->arena, s, &after) };
    }
    if (settings_check(&after, err))
        return true;
    err->code = ERR_USAGE;
    return false;
}

static void say(struct cli *cli, const struct live_setting *c)
{
    struct buf *out = &cli->text;

    buf_addf(out, "%s: %s is %s%s", cli->run.name, c->key, c->after,
             c->text ? "" : ", as the plan says");
    if (text_same(c->before, c->after)) {
        buf_add(out, "; so it was before\n");
        return;
    }
    buf_addf(out, "; it was %s\n", c->before);
    cli->answer.outcome = OUT_OK;
}

bool cmd_set(struct cli *cli, struct err *err)
{
    struct assignment *list = arena_alloc(cli->arena, cli->n_words * sizeof *list);
    struct live_setting *changes = arena_alloc(cli->arena, cli->n_words * sizeof *changes);

    cli->answer.outcome = OUT_NOTHING_TO_DO;
    if (!run_state_is_live(cli->run.state)) {
        buf_addf(&cli->text, "%s is %s: nothing to set\n", cli->run.name,
                 run_state_name(cli->run.state));
        return true;
    }
    if (!read_words(cli, list, err) || !apply(cli, list, changes, err) ||
        !store_set(&cli->pg, &cli->run, changes, cli->n_words, err))
        return false;
    for (size_t i = 0; i < cli->n_words; i++)
        say(cli, &changes[i]);
    return true;
}
