/*
 * child.h - programs that are run as the user who may run Postgres.
 *
 * Postgres refuses to run as root.  As root we become `postgres` where that
 * user exists, else `nobody`, in the child and for good; as anybody else we
 * stay who we are.
 */
#ifndef ORCHESTRATE_CLUSTER_CHILD_H
#define ORCHESTRATE_CLUSTER_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "orchestrate/base/err.h"

struct child_user {
    uid_t uid;
    gid_t gid;
    const char *name; /* NULL: no change of user is needed */
};

struct child {
    const char *const *argv; /* argv[0] is a path; ends with NULL */
    const char *dir;         /* working directory */
    const char *log;         /* gets stdout and stderr, at its end; NULL: nobody does */
    bool dies_with_us;       /* SIGQUIT when the thread that starts it is gone */
};

bool child_user_find(struct child_user *user, struct err *err);

/* Starts in a session of its own: ctrl-C on our terminal does not reach it. */
bool child_start(const struct child *child, const struct child_user *user, pid_t *pid,
                 struct err *err);

/* Starts, waits, and wants exit status 0.  A signal to us ends it: ERR_INTERRUPTED. */
bool child_run(const struct child *child, const struct child_user *user, struct err *err);

/* Waits without looking at signals; false when it still runs after `ms`. */
bool child_ended(pid_t pid, int64_t ms);

/* SIGQUIT, some seconds of patience, SIGKILL.  Reaps it. */
void child_stop(pid_t pid);

#endif
