/*
 * err.h - the one way a function here reports failure.
 *
 * A function that can fail returns bool and takes `struct err *err` last.  On
 * false, *err was filled in once, by the place that knows the cause; callers
 * may put context in front of it (err_wrap), never replace it.  On true, *err
 * is untouched.  Nothing below cli/ prints an error.
 */
#ifndef ORCHESTRATE_BASE_ERR_H
#define ORCHESTRATE_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

#include "orchestrate/base/attr.h"

/*
 * X(code, exit status, name in JSON, retryable, meaning).  The first block are
 * failures; the second are the ways to succeed.  The exit statuses from 64 on
 * are those of sysexits(3).
 */
/* clang-format off */
#define ERR_CODES(X)                                                                              \
    X(ERR_FAILED,       1, "failed",       false, "a step failed; the state says how far")        \
    X(ERR_CHECK,        5, "check_failed", false, "drift, missing proof, or refused beforehand")  \
    X(ERR_BUSY,         6, "busy",         true,  "contention; the step changed nothing, try again") \
    X(ERR_CONFLICT,     7, "conflict",     false, "another plan claims the same object")          \
    X(ERR_USAGE,       64, "usage",        false, "the command line is wrong")                    \
    X(ERR_PLAN,        65, "invalid_plan", false, "the plan is wrong; the message says where")        \
    X(ERR_NO_INPUT,    66, "no_input",     false, "no such file, or no such run")                 \
    X(ERR_UNREACHABLE, 69, "unreachable",  true,  "the server cannot be reached")                 \
    X(ERR_BUG,         70, "bug",          false, "one of our own invariants is broken")          \
    X(ERR_CONSENT,     77, "consent",      false, "consent or a permission is missing")           \
    X(ERR_CONFIG,      78, "config",       false, "the environment cannot be worked with")        \
    X(ERR_INTERRUPTED, 130, "interrupted", true,  "stopped by a signal at a safe point")
/* clang-format on */

enum err_code {
    ERR_NONE,
#define X(code, status, name, retryable, meaning) code,
    ERR_CODES(X)
#undef X
        ERR_CODE_COUNT
};

struct src_pos {
    const char *file; /* NULL when not in a file */
    int line, column; /* from 1; 0 when unknown */
};

struct err {
    enum err_code code;
    struct src_pos at;   /* in a plan */
    char sqlstate[6];    /* "" when not from the server */
    int position;        /* where in the statement, in characters from 1; 0: not known */
    int statement;       /* which one of a step of the plan's own, from 1; 0: not known */
    char text[1024];     /* "outer context: inner context: cause" */
    char hint[512];      /* what the operator can do next, or "" */
    char blockers[2048]; /* JSON array of who holds the lock, or "" */
    int signal;          /* for ERR_INTERRUPTED: SIGINT or SIGTERM */
};

/* All return false, so that a failing branch is one line. */
bool err_set(struct err *err, enum err_code code, const char *fmt, ...) PRINTF(3, 4);
bool err_wrap(struct err *err, const char *fmt, ...) PRINTF(2, 3);
bool err_hint(struct err *err, const char *fmt, ...) PRINTF(2, 3);

/* Exit status, JSON name, whether a retry of the same command can help. */
int err_status(const struct err *err);
const char *err_name(enum err_code code);
bool err_retryable(enum err_code code);
const char *err_meaning(enum err_code code);

#endif
