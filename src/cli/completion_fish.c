/*
 * Completion for fish: one line for each command, option and argument.
 */
#include "docs.h"

/* Between single quotes. */
static const char *quoted(struct arena *arena, const char *text)
{
    struct buf out = BUF_IN(arena);

    for (; *text; text++)
        buf_addf(&out, "%s%c", *text == '\'' || *text == '\\' ? "\\" : "", *text);
    return buf_text(&out);
}

static void option(struct buf *out, const struct option_row *row)
{
    buf_add(out, "complete -c orchestrate");
    if (row->commands)
        buf_addf(out, " -n '__fish_seen_subcommand_from %s'", row->commands);
    if (row->letter)
        buf_addf(out, " -s %c", row->letter);
    buf_addf(out, " -l %s", row->name);
    if (complete_files(row->arg))
        buf_add(out, " -r -F");
    else if (complete_takes_word(row))
        buf_addf(out, " -x -a '%s'", complete_value(out->arena, row));
    buf_addf(out, " -d '%s'\n", quoted(out->arena, row->doc));
}

static void arguments(struct buf *out, const struct command *c)
{
    const char *arg;
    bool last = false;

    for (size_t i = 0; !last && (arg = complete_argument(out->arena, c, i, &last)); i++) {
        const char *words = complete_words(out->arena, arg);

        if (strcmp(arg, "PLAN") == 0)
            words = "(__orchestrate_plans)";
        if (*words)
            buf_addf(out, "complete -c orchestrate -n '__fish_seen_subcommand_from %s' -a '%s'\n",
                     c->name, words);
        if (complete_files(arg))
            buf_addf(out, "complete -c orchestrate -n '__fish_seen_subcommand_from %s' -F\n",
                     c->name);
    }
}

void completion_fish(struct buf *out)
{
    size_t n;
    const struct option_row *rows = options_table(&n);

    buf_add(out,
            "# Completion of orchestrate for fish, made by `orchestrate completion fish`.\n"
            "# No database is asked: names of plans are those of the files in this folder.\n"
            "\n"
            "function __orchestrate_plans\n"
            "    set -l files *.yaml *.yml\n" /* elsewhere a pattern without a match is an error */
            "    test -n \"$files\"; and cat $files 2>/dev/null |\n"
            "        string replace -r -f '^plan: *([a-z0-9._-]+).*' '$1'\n"
            "end\n"
            "\n"
            "complete -c orchestrate -f\n");
    for (const struct command *c = commands; c->name; c++)
        buf_addf(out, "complete -c orchestrate -n __fish_use_subcommand -a %s -d '%s'\n", c->name,
                 quoted(out->arena, c->doc));
    for (size_t i = 0; i < n; i++)
        option(out, &rows[i]);
    for (const struct command *c = commands; c->name; c++)
        arguments(out, c);
}
