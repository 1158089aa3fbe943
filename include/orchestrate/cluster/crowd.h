/*
 * crowd.h - applications that do one thing over and over, for a demo: each client is a
 * session in which the server itself repeats a statement, a transaction each time.
 */
#ifndef ORCHESTRATE_CLUSTER_CROWD_H
#define ORCHESTRATE_CLUSTER_CROWD_H

#include "orchestrate/base/arena.h"
#include "orchestrate/pg/pg.h"

enum { CROWD_CLIENTS = 3 };

struct crowd {
    const char *name; /* of the code: "old", "new" */
    struct pg clients[CROWD_CLIENTS];
    bool at_work;
};

/* What the crowds of a database need: tables of their own, in schema demo.  Once. */
bool crowd_prepare(struct pg *pg, struct err *err);

/* Clients begin to repeat `statement`, which may use $client (a number) and random(). */
bool crowd_start(struct arena *arena, const char *url, const char *name, const char *statement,
                 struct crowd *crowd, struct err *err);

/*
 * They end, after the statement under way.  *error: what one of them failed with, or NULL;
 * a client that fails has stopped at that.
 */
bool crowd_stop(struct arena *arena, struct pg *pg, struct crowd *crowd, const char **error,
                struct err *err);

/* How many statements crowds of this name have done. */
bool crowd_count(struct arena *arena, struct pg *pg, const char *name, int64_t *n, struct err *err);

void crowd_cleanup(struct crowd *crowd);

#endif
