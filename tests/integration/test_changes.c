/*
 * Several changes in one plan: phases of one name are one, and what they do together
 * is what the plain statements do one after the other.
 */
#include <string.h>

#include "operation.h"
#include "plans.h"
#include "support.h"

#define T                                                                                          \
    "CREATE TABLE public.t (id int PRIMARY KEY, a text NOT NULL, b int DEFAULT 7, c text NOT "     \
    "NULL, d int);"
#define ROWS                                                                                       \
    "INSERT INTO public.t SELECT i, 'v' || i % 7, i, 'c' || i, i FROM generate_series(1, 500) AS " \
    "i;"
#define U                                                                                          \
    "CREATE TABLE public.u (id int PRIMARY KEY, a text, t int REFERENCES public.t); INSERT INTO "  \
    "public.u SELECT i, 'u' || i, i FROM generate_series(1, 50) AS i;"
#define A_TO_X "- rename_column: {table: public.t, from: a, to: x}\n  "
#define B_TO_Y "- rename_column: {table: public.t, from: b, to: y}\n  "
#define A_PLAIN "ALTER TABLE public.t RENAME COLUMN a TO x;"
#define B_PLAIN "ALTER TABLE public.t RENAME COLUMN b TO y;"
#define TOUCH                                                                                      \
    "CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.d := "          \
    "coalesce(NEW.d, 0) + 1; RETURN NEW; END';"

/* clang-format off */
static const struct op_test there_and_backs[] = {
    { .setup = T ROWS, .change = A_TO_X B_TO_Y, .plain = A_PLAIN B_PLAIN },
    { .setup = T ROWS U, .change = A_TO_X "- rename_column: {table: public.u, from: a, to: x}\n  ",
      .plain = A_PLAIN "ALTER TABLE public.u RENAME COLUMN a TO x" },
    { .setup = T ROWS, .change = A_TO_X "- drop_column: {table: public.t, column: c}\n  ", .plain = A_PLAIN "ALTER TABLE public.t DROP COLUMN c" },
    { .setup = T ROWS, .change = "- drop_column: {table: public.t, column: c}\n  " A_TO_X, .plain = A_PLAIN "ALTER TABLE public.t DROP COLUMN c" },
    { .setup = T ROWS U "ALTER TABLE public.u DROP COLUMN t", .change = "- rename_table: {table: public.u, to: w}\n  " A_TO_X,
      .plain = A_PLAIN "ALTER TABLE public.u RENAME TO w", .overrides = "function_bodies" },
    { .setup = T ROWS U, .change = "- drop_table: {table: public.u}\n  " A_TO_X, .plain = A_PLAIN "DROP TABLE public.u",
      .overrides = "old_name_idle", .also_locks = "public.t" },
    { .setup = T ROWS U, .change = A_TO_X "- drop_table: {table: public.u}\n  ", .plain = A_PLAIN "DROP TABLE public.u",
      .overrides = "old_name_idle", .also_locks = "public.t" },
    { .setup = T ROWS, .change = A_TO_X "- add_index: {table: public.t, name: t_x, columns: [x, d]}\n  ",
      .plain = A_PLAIN "CREATE INDEX t_x ON public.t (x, d)" },
    /* Triggers of the user: on all columns, on both of them, with conditions. */
    { .setup = T ROWS TOUCH "CREATE TRIGGER everything BEFORE UPDATE ON public.t FOR EACH ROW EXECUTE FUNCTION public.touch();"
               "CREATE TRIGGER sometimes AFTER UPDATE ON public.t FOR EACH ROW WHEN (NOT OLD.d = 5) EXECUTE FUNCTION public.touch();"
               "CREATE TRIGGER ored AFTER UPDATE ON public.t FOR EACH ROW WHEN (OLD.d = 5 OR NEW.b = 1) EXECUTE FUNCTION public.touch();"
               "CREATE TRIGGER cased AFTER UPDATE ON public.t FOR EACH ROW WHEN (CASE WHEN OLD.d = 5 THEN true ELSE NEW.b = 1 END) EXECUTE FUNCTION public.touch();"
               "CREATE TRIGGER of_both AFTER UPDATE OF b, a ON public.t FOR EACH ROW EXECUTE FUNCTION public.touch()",
      .change = A_TO_X B_TO_Y, .plain = A_PLAIN B_PLAIN },
    /* Both in a check, in statistics, in a list of grants. */
    { .setup = T ROWS "ALTER TABLE public.t ADD CHECK (a <> b::text); CREATE STATISTICS st ON a, b FROM public.t; GRANT SELECT (a, b), UPDATE (b) ON public.t TO PUBLIC",
      .change = A_TO_X B_TO_Y, .plain = A_PLAIN B_PLAIN },
    { .setup = "CREATE TABLE public.t (id int PRIMARY KEY, a text NOT NULL, b int DEFAULT 7, c text, d int) PARTITION BY RANGE (id);"
               "CREATE TABLE public.t1 PARTITION OF public.t FOR VALUES FROM (0) TO (100); CREATE TABLE public.t2 PARTITION OF public.t DEFAULT;"
               ROWS "CREATE INDEX on_a ON public.t (a); CREATE INDEX on_b ON public.t (b)",
      .change = A_TO_X B_TO_Y "- drop_column: {table: public.t, column: c}\n  ", .plain = A_PLAIN B_PLAIN "ALTER TABLE public.t DROP COLUMN c" },
};
/* clang-format on */

START_TEST(there_and_back)
{
    op_there_and_back(&there_and_backs[_i]);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("changes");
    TCase *tc = support_case(s, "changes", 300);

    tcase_add_loop_test(tc, there_and_back, 0, ARRAY_LEN(there_and_backs));
    return s;
}

int main(void)
{
    return support_run(suite());
}
