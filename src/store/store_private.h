/*
 * store_private.h - what the files of store/ share.
 */
#ifndef ORCHESTRATE_STORE_PRIVATE_H
#define ORCHESTRATE_STORE_PRIVATE_H

#include "orchestrate/store/store.h"

/* Advisory locks: of runs (class, run), and of making the schema. */
enum { LOCK_CLASS = 0x6f726368 };

/* Numbers and truths as arguments of a statement. */
const char *arg_int(struct arena *arena, int64_t value);
const char *arg_bool(bool value);

/* All phases of a program, each with all that it consists of. */
const char *store_phases_json(struct arena *arena, const struct program *program,
                              const char *code_new);

const char *store_claims_json(struct arena *arena, const struct program *program);

/* The phases of that JSON from `first` on, with all that they consist of. */
bool store_register_phases(struct pg *pg, const char *run, const char *phases, const char *first,
                           struct err *err);

/* A missing permission comes with the statement that grants it.  Returns false. */
bool store_denied(struct pg *pg, bool may_run, struct err *err);

/* What is not found in a stored program; a newer tool wrote it.  Returns false. */
bool store_unknown(const struct run *run, const char *what, const char *word, struct err *err);

#endif
