/*
 * sweep.h - the folder of a cluster: who owns it, and how it goes away.
 *
 * The owner keeps the folder locked (flock).  The lock ends with the process,
 * however it ends, and unlike a process id in a file it cannot be mistaken for
 * that of a later process, or of one in another container.
 */
#ifndef ORCHESTRATE_CLUSTER_SWEEP_H
#define ORCHESTRATE_CLUSTER_SWEEP_H

#include "orchestrate/base/arena.h"

#include "child.h"

#define CLUSTER_SETTINGS "postgresql.conf" /* the first file in it, made under the lock */

/*
 * Makes the folder in `place` (/tmp, /dev/shm), locks it and gives it to `user`.  Its
 * name is short: a socket's path has 107 bytes.  NULL, with a message, when it cannot.
 */
const char *folder_make(struct arena *arena, const char *place, const struct child_user *user,
                        int *lock, struct err *err);

/* Removes the folder with all that is in it, as `user`. */
bool folder_remove(const char *dir, const struct child_user *user);

#endif
