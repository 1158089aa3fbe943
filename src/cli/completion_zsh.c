/*
 * Completion for zsh: _arguments, first for the command, then for what it takes.
 */
#include "docs.h"

/* In single quotes, between brackets of a specification. */
static const char *described(struct arena *arena, const char *text)
{
    struct buf out = BUF_IN(arena);

    for (; *text; text++)
        if (*text == '\'')
            buf_add(&out, "'\\''");
        else
            buf_addf(&out, "%s%c", strchr("[]:\\", *text) ? "\\" : "", *text);
    return buf_text(&out);
}

/* ":PHASE:(expand verify)", ":FILE:_files" */
static const char *action(struct arena *arena, const char *arg, const char *words)
{
    if (strcmp(arg, "PLAN") == 0)
        return ":plan:_orchestrate_plans";
    if (complete_files(arg))
        return ":file:_files";
    if (!*words)
        return arena_printf(arena, ":%s: ", described(arena, arg));
    return arena_printf(arena, ":%s:(%s)", described(arena, arg), words);
}

static void option(struct buf *out, const struct option_row *row)
{
    const char *repeat = row->kind == OPTION_LIST || row->kind == OPTION_COUNT ? "*" : "";
    bool maybe = row->kind == OPTION_MAYBE;

    buf_addf(out, "        '%s--%s%s[%s]%s%s'\n", repeat, row->name,
             maybe      ? "=-"
             : row->arg ? "="
                        : "",
             described(out->arena, row->doc), maybe ? ":" : "",
             row->arg ? action(out->arena, row->arg, complete_value(out->arena, row)) : "");
    if (row->letter)
        buf_addf(out, "        '%s-%c[%s]'\n", repeat, row->letter,
                 described(out->arena, row->doc));
}

static void arguments(struct buf *out, const struct command *c)
{
    const char *arg;
    bool last = false;

    for (size_t i = 0; !last && (arg = complete_argument(out->arena, c, i, &last)); i++)
        buf_addf(out, "        '%s%s'\n", last ? "*" : arena_printf(out->arena, "%zu", i + 1),
                 action(out->arena, arg, complete_words(out->arena, arg)));
}

static void one_command(struct buf *out, const struct command *c)
{
    size_t n;
    const struct option_row *rows = options_table(&n);

    buf_addf(out, "    %s) specs+=(\n", c->name);
    for (size_t i = 0; i < n; i++)
        if (rows[i].commands && option_is_for(&rows[i], c->name))
            option(out, &rows[i]);
    arguments(out, c);
    buf_add(out, "    ) ;;\n");
}

void completion_zsh(struct buf *out)
{
    size_t n;
    const struct option_row *rows = options_table(&n);

    buf_add(out,
            "#compdef orchestrate\n"
            "# Made by `orchestrate completion zsh`.  No database is asked: names of plans are\n"
            "# those of the files in this folder.\n"
            "\n"
            "_orchestrate_plans() {\n"
            "    local -a plans\n"
            "    plans=(${(f)\"$(sed -n 's/^plan: *\\([a-z0-9._-]*\\).*/\\1/p' *.yaml(N) *.yml(N) "
            "/dev/null)\"})\n"
            "    compadd -a plans\n"
            "    _files\n"
            "}\n"
            "\n"
            "_orchestrate() {\n"
            "    local context state state_descr line\n"
            "    typeset -A opt_args\n"
            "    local -a names specs\n"
            "    specs=(\n");
    for (size_t i = 0; i < n; i++)
        if (!rows[i].commands)
            option(out, &rows[i]);
    buf_add(out,
            "    )\n    _arguments -C $specs '1:command:->command' '*::argument:->argument' && "
            "return\n"
            "    if [[ $state == command ]]; then\n        names=(\n");
    for (const struct command *c = commands; c->name; c++)
        buf_addf(out, "            '%s:%s'\n", c->name, described(out->arena, c->doc));
    buf_add(out, "        )\n        _describe command names\n        return\n    fi\n"
                 "    case $words[1] in\n");
    for (const struct command *c = commands; c->name; c++)
        one_command(out, c);
    buf_add(out, "    esac\n    _arguments $specs\n}\n\n"
                 "if [[ $funcstack[1] == _orchestrate ]]; then\n    _orchestrate \"$@\"\nelse\n"
                 "    compdef _orchestrate orchestrate\nfi\n");
}
