/*
 * Help, made from the tables of commands and options.
 */
#include "command.h"

static const char *spelled(struct arena *arena, const struct option_row *row)
{
    char letter[] = { '-', row->letter, ',', ' ', '\0' };

    return arena_printf(arena, "%s--%s%s%s", row->letter ? letter : "", row->name,
                        row->arg ? " " : "", row->arg ? row->arg : "");
}

static void option_line(struct buf *out, const struct option_row *row)
{
    const char *first = arena_printf(out->arena, "  %-22s ", spelled(out->arena, row));

    report_wrap(out, first, "                         ", row->doc);
    if (row->choices)
        buf_addf(out, "                         %s\n", row->choices);
}

static void options(struct buf *out, const char *command)
{
    size_t n;
    const struct option_row *rows = options_table(&n);
    bool any = false;

    for (size_t i = 0; command && i < n; i++)
        if (rows[i].commands && option_is_for(&rows[i], command)) {
            buf_add(out, any ? "" : "\nOptions:\n");
            option_line(out, &rows[i]);
            any = true;
        }
    buf_add(out, "\nOptions of every command:\n");
    for (size_t i = 0; i < n; i++)
        if (!rows[i].commands)
            option_line(out, &rows[i]);
}

void help_all(struct buf *out)
{
    buf_add(out,
            "orchestrate changes a live Postgres schema without downtime, one phase per deploy.\n"
            "\nUsage: orchestrate [OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]\n\nCommands:\n");
    for (const struct command *c = commands; c->name; c++)
        report_wrap(out, arena_printf(out->arena, "  %-22s ", c->name), "                         ",
                    c->doc);
    options(out, NULL);
    buf_add(out,
            "\nPLAN is a file when it has a / in it or ends in .yaml or .yml, else the name of "
            "a run.\n`orchestrate help COMMAND` tells more.\n");
}

void help_command(struct buf *out, const struct command *command)
{
    buf_addf(out, "Usage: orchestrate %s [OPTIONS]%s%s\n\n", command->name,
             *command->args ? " " : "", command->args);
    report_wrap(out, "", "", command->doc);
    buf_add(out, "\n");
    report_wrap(out, "", "", command->more);
    options(out, command->name);
}

bool cmd_help(struct cli *cli, struct err *err)
{
    const struct command *command = cli->n_args ? command_find(cli->args[0]) : NULL;
    struct buf more = BUF_IN(cli->arena);
    struct json j = { .out = &more };

    if (cli->n_args && !command) {
        err_set(err, ERR_USAGE, "there is no command %s", cli->args[0]);
        return err_hint(err, "`orchestrate help` lists them.");
    }
    if (command)
        help_command(&cli->text, command);
    else
        help_all(&cli->text);
    json_text(&j, "text", buf_text(&cli->text));
    cli->answer.more = buf_text(&more);
    return true;
}
