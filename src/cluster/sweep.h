/*
 * sweep.h - the folder of a cluster: who owns it, and how it goes away.
 *
 * The owner keeps the folder locked (flock).  The lock ends with the process,
 * however it ends, and unlike a process id in a file it cannot be mistaken for
 * that of a later process, or of one in another container.
 */
#ifndef ORCHESTRATE_CLUSTER_SWEEP_H
#define ORCHESTRATE_CLUSTER_SWEEP_H

#include "child.h"

#define CLUSTER_FOLDER                                                                             \
    "/tmp/orchestrate-XXXXXX" /* for mkdtemp; short: a socket's path has 107 bytes */
#define CLUSTER_FOLDERS "/tmp/orchestrate-*"
#define CLUSTER_SETTINGS "postgresql.conf" /* the first file in it, made under the lock */

/* Makes the folder, locks it and gives it to `user`. dir: at least sizeof CLUSTER_FOLDER. */
bool folder_make(const struct child_user *user, char *dir, int *lock, struct err *err);

/* Removes the folder with all that is in it, as `user`. */
bool folder_remove(const char *dir, const struct child_user *user);

#endif
