/*
 * drop_stages.h - what ledger tests of drops (and of the name that a table gets instead of
 * another) do, stage by stage, while a crew works.
 *
 * For test programs that include it once: the stages are a table there, what is compared
 * is theirs, the commands are the same.
 */
#ifndef ORCHESTRATE_TESTS_DROP_STAGES_H
#define ORCHESTRATE_TESTS_DROP_STAGES_H

#include <stdbool.h>

#include "crew.h"

/*
 * `command`: "start", "again", "advance", "rollback", "held" (an advance that the gate
 * old_name_idle holds), "stopped" (a rollback that people have to do something for),
 * "deploy" (nothing: other code works).  `to`: the phase that is done then, or "start".
 * `codes` work while the command does, and for a while afterwards.
 */
struct drop_stage {
    const char *command, *to;
    unsigned codes;
};

struct drop_scene {
    const char *database, *url, *plan; /* plan: the file */
    PGconn *conn;                      /* of `app` */
    struct crew *crew;
    unsigned seed; /* not 0: the program is killed at a random moment first, each time */
    int kills, commands;
    int64_t statements, transactions, compared;
    double slowest_ms;
};

#define DROP_PLAN "drop"
/* Behind a change: without it nobody waits for the old name to be out of use. */
#define DROP_WHEN_IDLE "\ngates:\n  retire:\n    - old_name_idle: 1s"

/* Of each table, and of each code. */
enum { DROP_ROWS = 300, DROP_CLIENTS = 3 };

/* A row that only this client inserts and deletes; every code has its own range. */
int drop_own(struct client *c, int code);

/* One that was always there, whose cells of one column only this client writes. */
int drop_shared(struct client *c);

/* As a parameter. */
const char *drop_number(struct client *c, int n);

/* A database with CREW_TOLD and these statements by `app`. */
const char *drop_database(const char *setup);
struct drop_scene drop_scene(const char *database, const char *change);

/* Does the stage, lets them work, stops them, and has told what they were told. */
void drop_stage(struct drop_scene *s, const struct drop_stage *stage);

/* The query has no row: what is wrong; the table test.last is what is true. */
void drop_compare(struct drop_scene *s, const char *where, const char *wrong);

/* Control of the ledger itself: after each of these statements, rolled back, it has one. */
void drop_would_notice(struct drop_scene *s, const char *wrong, const char *const *damages);

#endif
