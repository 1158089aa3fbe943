/*
 * options.h - the options of the command line, as one table.
 *
 * A row says how an option is written, what it takes, where its value goes and
 * which commands know it.  Parsing, help and the tests read the same rows.
 * Names are not abbreviated: a script that says --conf today must not mean
 * something else when an option is added.
 */
#ifndef ORCHESTRATE_CLI_OPTIONS_H
#define ORCHESTRATE_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "orchestrate/base/arena.h"
#include "orchestrate/base/err.h"

/* For options that may be given several times. */
struct option_list {
    const char **items;
    size_t n;
};

/* Texts are NULL when not given. */
struct options {
    const char *url;
    const char
        *json; /* NULL: lines for people; "": one object; "stream": events, then the object */
    bool quiet;
    int64_t verbose; /* how often */
    const char *color;
    const char *env, *config;
    const char *name, *owner, *ticket, *description, *output;
    bool force;
    bool help, version;

    const char *to;
    int64_t max_time; /* ms */
    const char *deploy_id;
    const char *confirm;
    struct option_list overrides;
    const char *because;
    bool revoke;
    bool fast, dry_run, again;
    bool accept_plan_change;
    bool history, adopt, forget;
    bool finish; /* --continue */
    const char *hold;
    bool fail_if_held, detailed_exitcode;
    const char *phase, *done, *rollback_to;
    int64_t wait; /* ms */
    const char *format, *fail_on;
    const char *status, *app, *app_version;
};

enum option_kind {
    OPTION_FLAG,
    OPTION_COUNT, /* a flag that means more when repeated */
    OPTION_TEXT,
    OPTION_CHOICE, /* one of `choices` */
    OPTION_MAYBE,  /* a flag that may have one of `choices` behind a "=" */
    OPTION_DURATION,
    OPTION_LIST, /* text, repeatable */
};

struct option_row {
    const char *name;
    char letter; /* 0: none */
    enum option_kind kind;
    const char *arg;      /* what help calls the value */
    const char *choices;  /* separated by '|' */
    size_t at;            /* offset in struct options */
    const char *commands; /* names with a space between them; NULL: every command */
    const char *doc;
};

const struct option_row *options_table(size_t *count);

/* Does this row belong to the command?  Global rows belong to all. */
bool option_is_for(const struct option_row *row, const char *command);

/* What was typed. */
struct cli_words {
    const char *command; /* the first word that is neither an option nor its value, or NULL */
    const char **args;   /* the words after it */
    size_t n_args;
    /* Seen anywhere, for answers to commands that cannot be understood. */
    const char *json;
    bool help, version;
};

/*
 * Finds the command among the words.  Never fails: what is wrong with options
 * is said by options_parse, when the command is known.
 */
void options_scan(struct arena *arena, int argc, char **argv, struct cli_words *words);

/*
 * Reads the options of `command` (NULL: only global ones are known).  The value
 * of --url is overwritten in argv, so that no process list shows it.
 * Errors: ERR_USAGE.
 */
bool options_parse(struct arena *arena, int argc, char **argv, const char *command,
                   struct options *options, struct err *err);

#endif
