/*
 * around.h - what else an UPDATE of a table sets going, for a backfill in a plan's own words:
 * its author knows what the words do, not what hangs on the table.
 */
#ifndef ORCHESTRATE_BACKFILL_AROUND_H
#define ORCHESTRATE_BACKFILL_AROUND_H

#include "orchestrate/base/arena.h"
#include "orchestrate/pg/pg.h"

/* Under which a plan accepts that triggers fire. */
#define BACKFILL_FIRES "backfill-fires-triggers"

/* The hint for a `set` that makes another value each time; %s: its column. */
#define BACKFILL_VOLATILE_HINT                                                                     \
    "It has a function that is VOLATILE, which is what one is that was not declared. Say which "   \
    "rows still need it, for instance `where: %s IS NULL`; or declare the function STABLE or "     \
    "IMMUTABLE, if that is so."

struct backfill_around {
    const char *rules;    /* names; NULL: none */
    const char *keys;     /* constraints that a replica would not keep; NULL: none */
    const char *triggers; /* of users, that the backfill fires; NULL: none */
    bool as_replica;      /* it has to be one, so that ordinary ones do not fire */
    const char *why;      /* the others of them fire, as a sentence */
};

/* relation: quoted and qualified; columns: those that are set, a JSON array. */
bool backfill_look_around(struct arena *arena, struct pg *pg, const char *relation,
                          const char *columns, struct backfill_around *around, struct err *err);

/*
 * *yes: the expression has a function that is VOLATILE, so it makes another value of the same
 * row each time.  What the server does not take is not; that is said when it is sent.
 * role, search_path: with which it runs; role NULL: ours.
 */
bool backfill_is_volatile(struct arena *arena, struct pg *pg, const char *role,
                          const char *search_path, const char *relation, const char *expression,
                          bool *yes, struct err *err);

#endif
