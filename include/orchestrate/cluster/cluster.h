/*
 * cluster.h - a throwaway Postgres, for `demo` and for the tests.
 *
 * It lives in one folder, under /tmp if its starter names no other place,
 * listens on a socket in that folder only, trusts whoever can reach the socket
 * (the folder is mode 0700), and is not durable.  Started as root it runs as an
 * unprivileged user.
 *
 * It ends with the process that started it: cluster_cleanup stops it and
 * removes the folder; if that process is killed, the kernel stops the server
 * and the next cluster_start removes the folder.  The kernel looks at the
 * *thread* that started it, so start it from one that stays.
 */
#ifndef ORCHESTRATE_CLUSTER_CLUSTER_H
#define ORCHESTRATE_CLUSTER_CLUSTER_H

#include <sys/types.h>

#include "orchestrate/base/arena.h"
#include "orchestrate/base/err.h"

#define CLUSTER_SUPERUSER "postgres"

/* Where a cluster's folder may be: on disk, and in memory. */
#define CLUSTER_ON_DISK "/tmp"
#define CLUSTER_IN_MEMORY "/dev/shm"

struct cluster_options {
    const char *bindir; /* NULL: as cluster_find says */
    const char *place;  /* CLUSTER_ON_DISK (so is NULL) or CLUSTER_IN_MEMORY */
    const char *const
        *settings; /* lines of postgresql.conf that overrule ours; ends with NULL; may be NULL */
};

struct cluster {
    const char *bindir; /* of initdb and postgres */
    const char *dir;    /* holds data/, log and the socket; NULL when there is no cluster */
    const char *user;   /* the operating-system user it runs as, when we are root; else NULL */
    int port;           /* part of the socket's name; nothing listens on TCP */
    int major;          /* 13, 14, ... */
    pid_t pid;          /* of the server */
    pid_t owner;        /* of the process that started it: only there cleanup does anything */
    int lock;           /* the folder, locked as long as the owner lives */
};

/*
 * Where initdb and postgres are: PG_BINDIR, what pg_config says, the usual
 * places (the newest), PATH.  ERR_CONFIG when nowhere, or when PG_BINDIR is set
 * and wrong.
 */
bool cluster_find(struct arena *arena, const char **bindir, struct err *err);

/*
 * initdb, start, and wait until it takes connections: one or two seconds.
 * `options` may be NULL.  On false nothing is left behind, and the message ends
 * with the tail of the server's log when that is where the cause is.
 */
bool cluster_start(struct arena *arena, const struct cluster_options *options,
                   struct cluster *cluster, struct err *err);

/* A conninfo string for libpq and for --url. */
const char *cluster_url(struct arena *arena, const struct cluster *cluster, const char *database,
                        const char *role);

/* Stops the server at once and removes the folder; harmless when called twice. */
void cluster_cleanup(struct cluster *cluster);

/* Removes what dead owners left behind; returns how many folders. */
int cluster_sweep(void);

#endif
