/*
 * words.h - a backfill in a plan's own words: what has to be looked at before, and what
 * people are told of it.
 */
#ifndef ORCHESTRATE_BACKFILL_WORDS_H
#define ORCHESTRATE_BACKFILL_WORDS_H

#include "batch.h"

/*
 * Looks at the table, and fills in what depends on it: job->guard and job->key; *as_replica.
 * Errors: ERR_FAILED when the plan has not foreseen what is there by now: a rule, triggers
 * that fire, a `set` that makes another value each time; and those of the server.
 */
bool words_look(struct arena *arena, struct pg *pg, struct backfill_job *job, bool *as_replica,
                struct err *err);

/* "a, b": the columns that are set. */
const char *words_columns(struct arena *arena, const char *words);
/* `where`, or NULL. */
const char *words_where(struct arena *arena, const char *words);

/*
 * A table that is gone over, as it stands behind UPDATE or FROM: one that holds rows of the
 * plan's table bears its name, by which the words may call it.
 */
const char *words_table(struct arena *arena, const struct backfill_job *job, const char *relation);

/* The error of a batch of own words, told by the words or the rows that it is about. */
bool words_explain(const struct pg *pg, const struct backfill_job *job, const struct batch *b,
                   const char *message, struct err *err);

#endif
