#include "orchestrate/cli/cli.h"

#include <locale.h>

#include "command.h"
#include "orchestrate/base/clock.h"
#include "orchestrate/base/log.h"
#include "orchestrate/base/text.h"
#include "output.h"
#include "target.h"

static bool no_command(const char *word, struct err *err)
{
    const char *near;

    if (!word) {
        err_set(err, ERR_USAGE, "no command was given");
        return err_hint(err, "`orchestrate help` lists the commands.");
    }
    near = command_nearest(word);
    err_set(err, ERR_USAGE, "there is no command %s", word);
    if (near)
        return err_hint(err, "Did you mean %s?", near);
    return err_hint(err, "`orchestrate help` lists the commands.");
}

static bool check_arguments(const struct cli *cli, struct err *err)
{
    const struct command *c = cli->command;

    for (size_t i = 0; i < cli->n_args; i++)
        if (!*cli->args[i]) {
            err_set(err, ERR_USAGE, "%s: an argument is empty", c->name);
            return err_hint(err, "Is the variable set that it comes from?");
        }
    if (cli->n_args < c->least)
        err_set(err, ERR_USAGE, "%s wants an argument: %s", c->name, c->args);
    else if (cli->n_args > c->most)
        err_set(err, ERR_USAGE, "%s does not know what to do with %s", c->name, cli->args[c->most]);
    else
        return true;
    return err_hint(err, "See `orchestrate help %s`.", c->name);
}

static void set_log_level(const struct options *options)
{
    if (options->quiet)
        log_level_set(LOG_QUIET);
    else
        log_level_set(options->verbose > 1 ? LOG_SQL : (int)options->verbose);
}

/* What the row of the command asks for, before its function is called. */
static bool prepare_command(struct cli *cli, struct err *err)
{
    const struct command *c = cli->command;

    if (c->check && !c->check(cli, err))
        return false;
    if ((c->flags & NAMES_RUN) && cli->n_args && target_is_file(cli->args[0])) {
        cli->file = arena_alloc(cli->arena, sizeof *cli->file);
        if (!target_load_plan(cli, &cli->answer, cli->args[0], cli->file, err))
            return false;
        cli->answer.plan = cli->file->name;
    }
    if ((c->flags & NEEDS_DB) && !cli_connect(cli,
                                              cli->file     ? cli->file->name
                                              : cli->n_args ? cli->args[0]
                                                            : NULL,
                                              err))
        return false;
    return !(c->flags & NEEDS_RUN) || target_one(cli, &cli->run, err);
}

/* --help and --version are commands that can be written as options. */
static const char *command_word(struct cli_words *words)
{
    if (words->help) {
        words->args = &words->command;
        words->n_args = words->command ? 1 : 0;
        return "help";
    }
    return words->version && !words->command ? "version" : words->command;
}

static bool run(struct cli *cli, int argc, char **argv, struct err *err)
{
    struct cli_words words;
    const char *word;

    options_scan(cli->arena, argc, argv, &words);
    cli->options.json = words.json;
    word = command_word(&words);
    cli->answer.command = word;
    cli->command = word ? command_find(word) : NULL;
    if (!cli->command)
        return no_command(word, err);
    cli->args = words.args;
    cli->n_args = words.n_args;
    if (!options_parse(cli->arena, argc, argv, words.help ? words.command : word, &cli->options,
                       err)) {
        cli->options.json = words.json;
        return false;
    }
    set_log_level(&cli->options);
    return cli_find_url(cli, err) && check_arguments(cli, err) && prepare_command(cli, err) &&
           cli->command->run(cli, err);
}

int cli_main(int argc, char **argv)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct cli cli = { .arena = &arena, .text = BUF_IN(&arena) };
    struct err err = { 0 };
    int status;

    /* Names may be in any script; numbers stay as they are in C. */
    if (!setlocale(LC_CTYPE, ""))
        setlocale(LC_CTYPE, "C.UTF-8");
    clock_signals_catch();
    cli.began = clock_ms();
    if (!run(&cli, argc, argv, &err))
        cli.answer.err = err;
    status = output_result(&cli);
    pg_cleanup(&cli.pg);
    return status;
}
