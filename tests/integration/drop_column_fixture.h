/*
 * drop_column_fixture.h - a plan that drops column c of public.thing.
 */
#ifndef ORCHESTRATE_TESTS_DROP_COLUMN_FIXTURE_H
#define ORCHESTRATE_TESTS_DROP_COLUMN_FIXTURE_H

#include "plans.h"
#include "support.h"

#define CHANGE "drop_column: {table: public.thing, column: c"
#define PLAIN "ALTER TABLE public.thing DROP COLUMN c"

static inline struct ran start(const char *url, const char *change)
{
    return ORCHESTRATE(
        url, "start",
        test_write("p.yaml", arena_printf(test_arena(), "plan: p\nchange:\n  %s\n", change)),
        "--json");
}

#endif
