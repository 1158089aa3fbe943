/*
 * command.h - what a command is, and what it works with.
 *
 * A command is a row of commands[] and one function.  The function fills
 * cli->answer and writes lines for people into cli->text; it prints nothing.
 * On false cli_main reports the error; what was put into the answer before
 * that is shown all the same.
 */
#ifndef ORCHESTRATE_CLI_COMMAND_H
#define ORCHESTRATE_CLI_COMMAND_H

#include "options.h"
#include "orchestrate/base/buf.h"
#include "orchestrate/pg/pg.h"
#include "orchestrate/plan/config.h"
#include "orchestrate/report/report.h"
#include "orchestrate/state/event.h"
#include "orchestrate/state/run.h"

struct cli {
    struct arena *arena;
    int64_t began; /* clock_ms */
    const struct command *command;
    struct options options;
    const char *const *args; /* the words after the command */
    size_t n_args;
    const char *const *words; /* of `set`: key=value */
    size_t n_words;
    const char *url;       /* as resolved; NULL: plain libpq */
    const char *url_from;  /* "--url", "DATABASE_URL" ...; NULL: plain libpq */
    struct src_pos url_at; /* in orchestrate.yaml, when it comes from there */
    const char *env;       /* --env, or ORCHESTRATE_ENV; NULL: not said */
    bool gates_off;        /* that environment drops the gates of plans */
    struct plan *file;     /* NAMES_RUN: the argument was this file; else NULL */
    struct pg pg;
    bool connected;
    struct run run; /* NEEDS_RUN: the one that is meant */
    struct answer answer;
    struct buf text; /* the result for people: goes to stdout unless --json */
};

enum command_flags {
    NEEDS_DB = 1 << 0,    /* connects before the function is called */
    ONLY_READS = 1 << 1,  /* a standby will do, and the session is read-only */
    NAMES_RUN = 1 << 2,   /* the argument PLAN is a file or the name of a run */
    NEEDS_RUN = 1 << 3,   /* cli->run is loaded before: PLAN, or the only live one */
    USES_DB = 1 << 4,     /* connects by itself, when it has to */
    KEEPS_WORDS = 1 << 5, /* a file's description, owner and ticket are not taken over */
};

struct command {
    const char *name;
    const char *args;   /* as help shows them, or "" */
    size_t least, most; /* how many */
    unsigned flags;
    bool (*check)(struct cli *cli,
                  struct err *err); /* of its options, before it connects; or NULL */
    bool (*run)(struct cli *cli, struct err *err);
    const char *doc;  /* one line */
    const char *more; /* for `help COMMAND`: paragraphs, "\n" between them */
};

extern const struct command commands[]; /* sorted by name; ends with a NULL name */
const struct command *command_find(const char *name);
/* The command that may have been meant, or NULL: one that begins so before one that is like it. */
const char *command_nearest(const char *word);

enum { MANY = 1000 }; /* arguments */

/* help.c */
void help_all(struct buf *out);
void help_command(struct buf *out, const struct command *command);

/* Something worth knowing beside the result. */
void cli_diagnose(struct cli *cli, struct answer *answer, struct diagnostic diagnostic);
/* *message NULL: no publication will send the state schema, which is to be made. */
bool cli_published(struct cli *cli, const char **message, const char **hint, struct err *err);
void cli_warn(struct cli *cli, const char *code, const char *fmt, ...) PRINTF(3, 4);

/* Fills the members of an answer that say where a run stands. */
void answer_run(struct answer *answer, const struct run *run);

/* Connects; a second call does nothing.  plan: for application_name, or NULL. */
bool cli_connect(struct cli *cli, const char *plan, struct err *err);
/*
 * Finds cli->env and cli->url: --url, ORCHESTRATE_DATABASE_URL, the environment's of
 * orchestrate.yaml, DATABASE_URL.
 */
bool cli_find_url(struct cli *cli, struct err *err);
/*
 * The environment that is meant, of the file that is meant; *environment NULL: none.
 * False for a file or a name that cannot be used.
 */
bool cli_environment(struct cli *cli, const struct environment **environment, struct err *err);
/* Reads a configuration; every error of the file becomes a diagnostic. */
bool cli_load_config(struct cli *cli, const char *file, struct config *config, struct err *err);
/* A variable of the process; NULL when it is empty, too. */
const char *cli_variable(const char *name);
/* The first error of a file, or how many there are; each of them becomes a diagnostic. */
bool cli_file_errors(struct cli *cli, struct answer *answer, const char *file,
                     const struct plan_errors *errors, struct err *err);
/* Is there a state schema?  A newer one is ERR_CONFIG. */
bool cli_state(struct cli *cli, bool *exists, struct err *err);
/* Is there a database to ask at all: an URL, or one of libpq's own variables? */
bool cli_knows_database(const struct cli *cli);

/* Both standard input and standard error are a terminal: somebody can be asked. */
bool cli_interactive(void);
/*
 * Asks for the plan's name as consent to something that cannot be undone.
 * *given: what was typed, or NULL when nothing was.  A wrong name is ERR_CONSENT.
 */
bool cli_ask_consent(struct cli *cli, const char *question, const char *name, const char **given,
                     struct err *err);
/* --confirm, if given, is this plan's name; else ERR_CONSENT. */
bool cli_check_confirm(const struct cli *cli, const char *name, struct err *err);

/* Answers the gates that look at the folder in which the command was called. */
struct gate_local local_gate(struct cli *cli);

/* The deploy that this process belongs to: --deploy-id, or what the CI system says; NULL: none. */
const char *cli_deploy_id(const struct cli *cli);

bool check_advance(struct cli *cli, struct err *err);
bool check_approve(struct cli *cli, struct err *err);
bool check_confirm(struct cli *cli, struct err *err);
bool check_gate(struct cli *cli, struct err *err);
bool check_plan(struct cli *cli, struct err *err);
bool check_repair(struct cli *cli, struct err *err);
bool check_set(struct cli *cli, struct err *err);
bool check_status(struct cli *cli, struct err *err);

bool cmd_advance(struct cli *cli, struct err *err);
bool cmd_approve(struct cli *cli, struct err *err);
bool cmd_completion(struct cli *cli, struct err *err);
bool cmd_confirm(struct cli *cli, struct err *err);
bool cmd_demo(struct cli *cli, struct err *err);
bool cmd_docs(struct cli *cli, struct err *err);
bool cmd_gate(struct cli *cli, struct err *err);
bool cmd_doctor(struct cli *cli, struct err *err);
bool cmd_help(struct cli *cli, struct err *err);
bool cmd_history(struct cli *cli, struct err *err);
bool cmd_init(struct cli *cli, struct err *err);
bool cmd_new(struct cli *cli, struct err *err);
bool cmd_pause(struct cli *cli, struct err *err);
bool cmd_plan(struct cli *cli, struct err *err);
bool cmd_repair(struct cli *cli, struct err *err);
bool cmd_resume(struct cli *cli, struct err *err);
bool cmd_rollback(struct cli *cli, struct err *err);
bool cmd_set(struct cli *cli, struct err *err);
bool cmd_start(struct cli *cli, struct err *err);
bool cmd_status(struct cli *cli, struct err *err);
bool cmd_validate(struct cli *cli, struct err *err);
bool cmd_verify(struct cli *cli, struct err *err);
bool cmd_version(struct cli *cli, struct err *err);

#endif
