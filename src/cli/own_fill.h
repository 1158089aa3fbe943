/*
 * own_fill.h - what speaks against a backfill of a plan's own, where its table is there.
 */
#ifndef ORCHESTRATE_CLI_OWN_FILL_H
#define ORCHESTRATE_CLI_OWN_FILL_H

#include "prepare_own.h"

/* The step of that number in the phase of that number, both from 1, fills `relation`. */
bool own_fill_look(struct cli *cli, const struct own_look *look, size_t phase, size_t step,
                   const char *relation, struct catalog *cat, struct err *err);

#endif
