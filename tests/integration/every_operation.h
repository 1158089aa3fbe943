/*
 * every_operation.h - each operation once, and several in one plan, for what all of them
 * have to stand: another operation is another row.
 */
#ifndef ORCHESTRATE_TESTS_EVERY_OPERATION_H
#define ORCHESTRATE_TESTS_EVERY_OPERATION_H

#include "operation.h"

#define EVERY_TABLE                                                                                \
    "CREATE TABLE public.thing (id int PRIMARY KEY, note text NOT NULL, n int NOT NULL DEFAULT "   \
    "1);"                                                                                          \
    "CREATE INDEX t_note ON public.thing (note); CREATE INDEX t_n ON public.thing (n, id);"        \
    "CREATE TABLE public.part (t int CONSTRAINT part_of REFERENCES public.thing (id));"            \
    "INSERT INTO public.thing SELECT i, 'note ' || i FROM generate_series(1, 2000) AS i;"          \
    "INSERT INTO public.part SELECT i FROM generate_series(1, 500) AS i"

static const struct op_test every_operation[] = {
    { .setup = EVERY_TABLE,
      .change = "add_index: {table: public.thing, name: thing_n, columns: [n, note]}",
      .plain = "CREATE INDEX thing_n ON public.thing (n, note)" },
    { .setup = EVERY_TABLE,
      .change = "rename_column: {table: public.thing, from: note, to: remark}",
      .plain = "ALTER TABLE public.thing RENAME COLUMN note TO remark" },
    { .setup = EVERY_TABLE,
      .change = "drop_column: {table: public.thing, column: note}",
      .plain = "ALTER TABLE public.thing DROP COLUMN note",
      .overrides = "old_name_idle" },
    { .setup = EVERY_TABLE,
      .change = "rename_table: {table: public.thing, to: u}",
      .plain = "ALTER TABLE public.thing RENAME TO u" },
    { .setup = EVERY_TABLE,
      .change = "drop_table: {table: public.thing}",
      .plain = "ALTER TABLE public.part DROP CONSTRAINT part_of; DROP TABLE public.thing",
      .overrides = "old_name_idle",
      .also_locks = "public.thing public.part" },
    { .setup = EVERY_TABLE,
      .change = "- rename_column: {table: public.thing, from: note, to: remark}\n"
                "  - drop_column: {table: public.thing, column: n, also_drops: [t_n]}\n"
                "  - rename_column: {table: public.part, from: t, to: thing}\n",
      .plain = "ALTER TABLE public.thing RENAME COLUMN note TO remark;"
               "ALTER TABLE public.thing DROP COLUMN n; ALTER TABLE public.part RENAME t TO thing",
      .overrides = "old_name_idle",
      .also_locks = "public.thing public.part" },
};

#endif
