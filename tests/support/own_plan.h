/*
 * own_plan.h - plans of one's own for tests: tables, and runs of one phase.
 */
#ifndef ORCHESTRATE_TESTS_OWN_PLAN_H
#define ORCHESTRATE_TESTS_OWN_PLAN_H

#include "support.h"

/* stop(n) waits where the test wants it to: for an advisory lock of that number. */
#define OWN_SETUP                                                                                  \
    "CREATE TABLE public.ledger (n int); CREATE TABLE public.t (id int PRIMARY KEY, a int);"       \
    "INSERT INTO public.t SELECT i, i FROM generate_series(1, 3000) AS i;"                         \
    "CREATE FUNCTION public.stop(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN"                  \
    " PERFORM pg_advisory_lock_shared(n); PERFORM pg_advisory_unlock_shared(n); RETURN n;"         \
    " END $$;"

/* A database with these, where `app`, a member of `writer`, may make tables; returns its name. */
const char *own_prepared(const char **url);

/* Starts the plan `own` of one phase, `one`; `head` are keys of the plan and `rest` of the phase.
 */
struct ran own_start(const char *url, const char *head, const char *rest);

#endif
