/*
 * rename_sweep.h - rename_column of every column of a template, for two programs.
 */
#ifndef ORCHESTRATE_TESTS_RENAME_SWEEP_H
#define ORCHESTRATE_TESTS_RENAME_SWEEP_H

#include "plans.h"
#include "support.h"
#include "sweep.h"

static const char *new_name(const struct sweep_item *item)
{
    return arena_printf(test_arena(), "Renamed \xc3\xa9 %d", item->number);
}

static const char *rename_change(const struct sweep_item *item)
{
    return arena_printf(test_arena(), "rename_column: {table: %s, from: %s, to: %s}",
                        test_yaml(item->table), test_yaml(item->name), test_yaml(new_name(item)));
}

static const char *rename_plainly(const struct sweep_item *item)
{
    return arena_printf(test_arena(), "ALTER TABLE %s RENAME COLUMN %s TO %s", item->table,
                        pg_ident(test_arena(), item->name), pg_ident(test_arena(), new_name(item)));
}

static inline struct sweep_tally rename_every_column(const char *template)
{
    return sweep(&(struct sweep){
        .title = arena_printf(test_arena(), "%s, rename_column", template),
        .template = template,
        .items = SWEEP_COLUMNS,
        .change = rename_change,
        .plain = rename_plainly,
        .more = "accept: [{rule: published-table, because: a test}]\n",
        .overrides = "function_bodies",
        .held_by = "trigger_functions",
    });
}

#endif
