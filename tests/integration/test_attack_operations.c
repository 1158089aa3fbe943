/*
 * Each operation, with others in the way: a session that holds a lock, roles that may not
 * do it, several at once.
 */
#include "operation.h"
#include "support.h"

#define TABLE                                                                                      \
    "CREATE TABLE public.thing (id int PRIMARY KEY, note text NOT NULL, n int NOT NULL DEFAULT "   \
    "1);"                                                                                          \
    "CREATE INDEX t_note ON public.thing (note); CREATE INDEX t_n ON public.thing (n, id);"        \
    "CREATE TABLE public.part (t int CONSTRAINT part_of REFERENCES public.thing (id));"            \
    "INSERT INTO public.thing SELECT i, 'note ' || i FROM generate_series(1, 2000) AS i;"          \
    "INSERT INTO public.part SELECT i FROM generate_series(1, 500) AS i"

static const struct op_test tests[] = {
    { .setup = TABLE,
      .change = "add_index: {table: public.thing, name: thing_n, columns: [n, note]}",
      .plain = "CREATE INDEX thing_n ON public.thing (n, note)" },
    { .setup = TABLE,
      .change = "rename_column: {table: public.thing, from: note, to: remark}",
      .plain = "ALTER TABLE public.thing RENAME COLUMN note TO remark" },
    { .setup = TABLE,
      .change = "drop_column: {table: public.thing, column: note}",
      .plain = "ALTER TABLE public.thing DROP COLUMN note",
      .overrides = "old_name_idle" },
    { .setup = TABLE,
      .change = "rename_table: {table: public.thing, to: u}",
      .plain = "ALTER TABLE public.thing RENAME TO u" },
    { .setup = TABLE,
      .change = "drop_table: {table: public.thing}",
      .plain = "ALTER TABLE public.part DROP CONSTRAINT part_of; DROP TABLE public.thing",
      .overrides = "old_name_idle",
      .also_locks = "public.thing public.part" },
    { .setup = TABLE,
      .change = "- rename_column: {table: public.thing, from: note, to: remark}\n"
                "  - drop_column: {table: public.thing, column: n, also_drops: [t_n]}\n"
                "  - rename_column: {table: public.part, from: t, to: thing}\n",
      .plain = "ALTER TABLE public.thing RENAME COLUMN note TO remark;"
               "ALTER TABLE public.thing DROP COLUMN n; ALTER TABLE public.part RENAME t TO thing",
      .overrides = "old_name_idle",
      .also_locks = "public.thing public.part" },
};

START_TEST(busy_while_somebody_writes_and_goes_on_afterwards)
{
    op_blocked(&tests[_i]);
}
END_TEST

START_TEST(who_may_not_do_it_is_refused_and_changes_nothing)
{
    op_trespassed(&tests[_i]);
}
END_TEST

START_TEST(of_several_at_once_one_does_it)
{
    op_at_once(&tests[_i]);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("attack_operations");
    TCase *tc = support_case(s, "operations", 120);

    support_long_cases(tc, busy_while_somebody_writes_and_goes_on_afterwards, 0, ARRAY_LEN(tests));
    support_long_cases(tc, who_may_not_do_it_is_refused_and_changes_nothing, 0, ARRAY_LEN(tests));
    support_long_cases(tc, of_several_at_once_one_does_it, 0, ARRAY_LEN(tests));
    return s;
}

int main(void)
{
    return support_run(suite());
}
