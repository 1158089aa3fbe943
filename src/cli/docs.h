/*
 * docs.h - documents and completions, made from the tables of commands and options.
 */
#ifndef ORCHESTRATE_CLI_DOCS_H
#define ORCHESTRATE_CLI_DOCS_H

#include "command.h"

/* A document that `orchestrate docs` prints. */
struct topic {
    const char *name, *doc;
    void (*print)(struct buf *out);
    const char *file; /* where a copy of it is kept in the source */
};
extern const struct topic topics[]; /* sorted; ends with a NULL name */

/* Variables that are looked at, and files; both end with a NULL name. */
struct named {
    const char *name, *doc;
};
extern const struct named docs_variables[];

void docs_commands(struct buf *out);
void docs_man(struct buf *out);

/* As it is written: "--to PHASE", "-h, --help", "--json[=stream]". */
const char *docs_option(struct arena *arena, const struct option_row *row);

struct shell {
    const char *name;
    void (*print)(struct buf *out);
};
extern const struct shell shells[]; /* ends with a NULL name */

void completion_bash(struct buf *out);
void completion_fish(struct buf *out);
void completion_zsh(struct buf *out);

/*
 * What may stand for an argument or value that help calls `arg` ("PHASE", "[PLAN]"),
 * as words with a blank between them; "" when nothing is known of it.
 */
const char *complete_words(struct arena *arena, const char *arg);
/* Is it a file (also: may be one)? */
bool complete_files(const char *arg);
/*
 * The argument at position n (from 0) as help calls it, without brackets; NULL: none.
 * *last: it stands for all that follow, too.
 */
const char *complete_argument(struct arena *arena, const struct command *command, size_t n,
                              bool *last);
/* The choices of an option, or what may stand for its value, with blanks between them. */
const char *complete_value(struct arena *arena, const struct option_row *row);
/* Its value may be the next word. */
bool complete_takes_word(const struct option_row *row);

#endif
