/* Tables and columns that are not there, or are something else: refused by every operation
   before anything is done.  Another operation is another row. */
#include <string.h>

#include "operation.h"
#include "support.h"

enum { SECONDS = 120 };

/* clang-format off */
#define THINGS                                                                                     \
    "CREATE TABLE public.real (id int PRIMARY KEY, note text, n int);"                             \
    "CREATE TYPE public.pair AS (id int, note text);"                                              \
    "CREATE DOMAIN public.short AS text CHECK (length(VALUE) < 9);"                                \
    "CREATE VIEW public.looks AS SELECT id, note, n FROM public.real;"                             \
    "CREATE MATERIALIZED VIEW public.copied AS SELECT id, note, n FROM public.real;"               \
    "CREATE SEQUENCE public.counter; CREATE INDEX listed ON public.real (note, n);"                \
    "CREATE FUNCTION public.does() RETURNS int LANGUAGE sql AS 'SELECT 1';"

/* Each one in place of its table, `%s`, and of its column. */
static const struct {
    const char *table, *column;
} operations[] = {
    { "rename_column: {table: '%s', from: note, to: remark}", "rename_column: {table: public.real, from: '%s', to: remark}" },
    { "drop_column: {table: '%s', column: note}", "drop_column: {table: public.real, column: '%s'}" },
    { "drop_table: {table: '%s'}", NULL },
    { "rename_table: {table: '%s', to: other}", NULL },
    { "add_index: {table: '%s', name: fresh, columns: [note]}", "add_index: {table: public.real, name: fresh, columns: ['%s']}" },
    { "- rename_column: {table: public.real, from: note, to: remark}\n  - drop_column: {table: '%s', column: n}",
      "- rename_column: {table: public.real, from: note, to: remark}\n  - drop_column: {table: public.real, column: '%s'}" },
};

/* What stands there instead, and the reason that is given. */
static const struct {
    const char *name, *rule;
} tables[] = {
    { "public.rael", "no-table" },
    { "publik.real", "no-table" },
    { "public.REAL", "no-table" },
    { "public.does", "no-table" },
    { "public.short", "no-table" },
    { "public.pair", "no-table" },
    { "public.looks", "not-a-table" },
    { "public.copied", "not-a-table" },
    { "public.counter", "not-a-table" },
    { "public.listed", "no-table" },
};

static const char *const columns[] = { "nota", "NOTE", "note ", "id, note", "note; DROP TABLE public.real", "Größe" };
/* clang-format on */

static void refused(const char *change, const char *name, const char *rule)
{
    const char *at = strstr(change, "%s");

    op_refused(
        &(struct op_test){ .setup = THINGS,
                           .change = arena_printf(test_arena(), "%.*s%s%s", (int)(at - change),
                                                  change, name, at + 2) },
        rule);
}

START_TEST(what_is_no_table_is_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        refused(operations[_i].table, tables[i].name, tables[i].rule);
}
END_TEST

START_TEST(what_is_no_column_is_refused)
{
    for (size_t i = 0; operations[_i].column && i < ARRAY_LEN(columns); i++)
        refused(operations[_i].column, columns[i], "no-column");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("wrong_objects");
    TCase *tc = support_case(s, "refused", SECONDS);

    support_long_cases(tc, what_is_no_table_is_refused, 0, ARRAY_LEN(operations));
    support_long_cases(tc, what_is_no_column_is_refused, 0, ARRAY_LEN(operations));
    return support_run(s);
}
