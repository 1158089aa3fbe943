/*
 * Help, made from the tables of commands and options.
 */
#include "docs.h"

static void option_line(struct buf *out, const struct option_row *row)
{
    const char *first = arena_printf(out->arena, "  %-22s ", docs_option(out->arena, row));

    report_wrap(out, first, "                         ", row->doc);
    if (row->choices && row->kind == OPTION_CHOICE)
        buf_addf(out, "                         %s\n", row->choices);
}

/* Its own. */
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
}

static void global_options(struct buf *out)
{
    size_t n;
    const struct option_row *rows = options_table(&n);

    buf_add(out, "\nGlobal options, for every command:\n");
    for (size_t i = 0; i < n; i++)
        if (!rows[i].commands)
            option_line(out, &rows[i]);
}

static const char about_plan[] =
    "PLAN is a file when it has a / in it or ends in .yaml or .yml, else the name of a run.";

static const char *left_out(const struct command *command)
{
    if (*command->args != '[')
        return "";
    return command->flags & NEEDS_RUN ? " Left out, it is the only live run; with several it has "
                                        "to be given."
                                      : "";
}

void help_all(struct buf *out)
{
    buf_add(out,
            "orchestrate changes a live Postgres schema without downtime, one phase per deploy.\n"
            "\nUsage: orchestrate [OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]\n\nCommands:\n");
    for (const struct command *c = commands; c->name; c++)
        report_wrap(out, arena_printf(out->arena, "  %-22s ", c->name), "                         ",
                    c->doc);
    global_options(out);
    buf_add(out, "\n");
    report_wrap(out, "", "", about_plan);
    report_wrap(
        out, "", "",
        "Left out, advance, gate and status take every live run, each as if called alone, history "
        "every run; pause, resume, rollback and set take the only live one, and want PLAN when "
        "there are several.");
    buf_add(out, "`orchestrate help COMMAND` tells more.\n");
}

static void operation_lines(struct buf *out)
{
    buf_add(out, "\nOperations, and their fields:\n");
    for (size_t i = 0; operations[i]; i++) {
        report_wrap(out, arena_printf(out->arena, "  %-22s ", operations[i]->name),
                    "                         ", operations[i]->doc);
        for (const struct field *f = operations[i]->fields; f->key; f++)
            report_wrap(out, arena_printf(out->arena, "    %-20s ", f->key),
                        "                         ",
                        arena_printf(out->arena, "%s%s", f->doc, f->required ? "" : " (optional)"));
    }
}

void help_command(struct buf *out, const struct command *command)
{
    buf_addf(out, "Usage: orchestrate %s [OPTIONS]%s%s\n\n", command->name,
             *command->args ? " " : "", command->args);
    report_wrap(out, "", "", command->doc);
    buf_add(out, "\n");
    report_wrap(out, "", "", command->more);
    if (strstr(command->args, "PLAN")) {
        buf_add(out, "\n");
        report_wrap(out, "", "", arena_printf(out->arena, "%s%s", about_plan, left_out(command)));
    }
    if (strstr(command->args, "OPERATION"))
        operation_lines(out);
    options(out, command->name);
    buf_add(out, "\nGlobal options (--url, --json, -q, -v ...): see `orchestrate help`.\n");
}

bool cmd_help(struct cli *cli, struct err *err)
{
    const struct command *command = cli->n_args ? command_find(cli->args[0]) : NULL;
    struct buf more = BUF_IN(cli->arena);
    struct json j = { .out = &more };
    const char *near;

    if (cli->n_args && !command) {
        near = command_nearest(cli->args[0]);
        err_set(err, ERR_USAGE, "there is no command %s", cli->args[0]);
        if (near)
            return err_hint(err, "Did you mean %s?", near);
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
