/*
 * Which environment is meant, and what orchestrate.yaml says about it.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"

const char *cli_variable(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

static bool exists(struct arena *arena, const char *folder, const char *name)
{
    return access(arena_printf(arena, "%s/%s", folder, name), F_OK) == 0;
}

/* The folder above, or NULL. */
static const char *above(struct arena *arena, const char *folder)
{
    const char *slash = strrchr(folder, '/');

    if (!slash || !slash[1])
        return NULL;
    return slash == folder ? "/" : arena_strndup(arena, folder, (size_t)(slash - folder));
}

/* Is this folder in a repository?  Outside of one only the folder itself is looked at. */
static bool in_repository(struct arena *arena, const char *folder)
{
    for (; folder; folder = above(arena, folder))
        if (exists(arena, folder, ".git"))
            return true;
    return false;
}

/*
 * The file of the working directory, or of the nearest folder above it up to the
 * root of the repository; NULL: there is none.
 */
static const char *find_file(struct arena *arena)
{
    char start[4096];
    const char *folder = getcwd(start, sizeof start);
    bool climb = folder && in_repository(arena, folder);

    if (access(CONFIG_FILE, F_OK) == 0)
        return CONFIG_FILE;
    while (climb && folder && !exists(arena, folder, ".git")) {
        folder = above(arena, folder);
        if (folder && exists(arena, folder, CONFIG_FILE))
            return arena_printf(arena, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder,
                                CONFIG_FILE);
    }
    return NULL;
}

bool cli_load_config(struct cli *cli, const char *file, struct config *config, struct err *err)
{
    struct plan_errors *errors = arena_alloc(cli->arena, sizeof *errors);

    return config_load(cli->arena, file, config, errors) ||
           cli_file_errors(cli, &cli->answer, file, errors, err);
}

/* A name alone is of use when the database is known: to give it to one, and to check it. */
static bool without_file(const struct cli *cli, struct err *err)
{
    if (cli->url)
        return true;
    err_set(err, ERR_CONFIG, "there is no %s here to look environment %s up in", CONFIG_FILE,
            cli->env);
    return err_hint(err, "Give --config FILE, or name the database with --url.");
}

static bool bad_name(const struct cli *cli, struct err *err)
{
    err_set(err, ERR_USAGE, "%s is no name for an environment: %s",
            cli->options.env ? "--env" : "ORCHESTRATE_ENV", cli->env);
    return err_hint(err, "Small letters, digits, `.`, `_` and `-`; 63 at most, the first one a "
                         "letter or digit.");
}

bool cli_environment(struct cli *cli, const struct environment **environment, struct err *err)
{
    bool uses = cli->command->flags & (NEEDS_DB | USES_DB);
    const char *file = cli->options.config;
    struct config *config = arena_alloc(cli->arena, sizeof *config);

    *environment = NULL;
    cli->env = cli->options.env;
    if (!cli->env && uses)
        cli->env = cli_variable("ORCHESTRATE_ENV");
    if (file && !cli_load_config(cli, file, config, err))
        return false;
    if (!cli->env)
        return true;
    if (!environment_name_is_valid(cli->env))
        return bad_name(cli, err);
    if (!file) {
        file = find_file(cli->arena);
        if (!file)
            return without_file(cli, err);
        if (!cli_load_config(cli, file, config, err))
            return false;
    }
    return config_environment(cli->arena, config, cli->env, environment, err);
}
