/*
 * Consent to what cannot be undone: the plan's name, given with --confirm or
 * typed by somebody who has read what it means.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "command.h"
#include "orchestrate/base/clock.h"

bool cli_interactive(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static bool wrong_name(const char *given, const char *name, struct err *err)
{
    err_set(err, ERR_CONSENT, "consent was given to %s, but this plan is %s", given, name);
    return err_hint(err, "Consent is the plan's name: --confirm %s", name);
}

bool cli_check_confirm(const struct cli *cli, const char *name, struct err *err)
{
    const char *given = cli->options.confirm;

    return !given || strcmp(given, name) == 0 || wrong_name(given, name, err);
}

bool cli_ask_consent(struct cli *cli, const char *question, const char *name, const char **given,
                     struct err *err)
{
    char line[256];

    *given = NULL;
    fprintf(stderr, "%s\nType the plan's name to go on, or nothing to leave it: ", question);
    fflush(stderr);
    if (!fgets(line, sizeof line, stdin)) {
        if (!clock_signal())
            return true;
        err_set(err, ERR_INTERRUPTED, "stopped while waiting for consent; nothing was changed");
        return err->signal = clock_signal(), false;
    }
    line[strcspn(line, "\r\n")] = '\0';
    if (!*line)
        return true;
    if (strcmp(line, name) != 0)
        return wrong_name(line, name, err);
    *given = arena_strdup(cli->arena, line);
    return true;
}
