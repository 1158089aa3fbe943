/*
 * Documents that are made from the tables of the program do not drift:
 * docs/states.md as a whole, and the drawing in docs/operations.
 * ORCHESTRATE_BLESS=1 writes them anew.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrate/plan/plan.h"
#include "orchestrate/state/machine.h"
#include "unit.h"

#define BEGIN_MARK "<!-- states: made from src/state/machine.c -->\n"
#define END_MARK "<!-- end of states -->\n"

static struct arena arena;

static void teardown(void)
{
    arena_cleanup(&arena);
}

static void add_drawing(struct buf *out)
{
    buf_add(out, "```mermaid\n");
    machine_mermaid(out);
    buf_add(out, "```\n");
}

START_TEST(the_page_of_the_states_is_made_from_the_rows)
{
    struct buf page = BUF_IN(&arena);

    machine_page(&page);
    unit_golden(&arena, "docs/states.md", buf_text(&page));
}
END_TEST

START_TEST(the_drawing_in_the_page_of_an_operation_is_made_from_the_rows)
{
    static const char path[] = "docs/operations/rename_column.md";
    const char *old = unit_file(&arena, path, NULL), *begin = strstr(old, BEGIN_MARK),
               *end = strstr(old, END_MARK);
    struct buf page = BUF_IN(&arena);

    ck_assert_msg(begin && end && begin < end, "%s lacks the marks", path);
    buf_addn(&page, old, (size_t)(begin - old) + strlen(BEGIN_MARK));
    add_drawing(&page);
    buf_add(&page, end);
    unit_golden(&arena, path, buf_text(&page));
}
END_TEST

/* --- docs/gates.md is written by hand, but about all gates ------------------- */

static const char gates_page[] = "docs/gates.md";

START_TEST(the_page_of_the_gates_has_a_section_for_each_kind_and_for_nothing_else)
{
    const char *page = unit_file(&arena, gates_page, NULL);
    size_t sections = 0, kinds = 0;

    for (const char *at = page; (at = strstr(at, "\n### ")); at++)
        sections++;
    for (const struct gate_kind *k = gate_kinds; k->name; k++, kinds++)
        ck_assert_msg(strstr(page, arena_printf(&arena, "\n### %s\n", k->name)) != NULL,
                      "%s has no section", k->name);
    ck_assert_uint_eq(sections, kinds);
}
END_TEST

START_TEST(every_example_in_the_page_of_the_gates_is_part_of_a_plan)
{
    static const char begin[] = "```yaml\n", rest[] = "plan: x\nchange: {rename_column: {table: t, "
                                                      "from: a, to: b}}\n";
    struct plan_errors errors;
    struct plan plan;
    int examples = 0;

    for (const char *at = unit_file(&arena, gates_page, NULL); (at = strstr(at, begin));
         examples++) {
        const char *text, *end = strstr(at, "\n```\n");

        at += strlen(begin);
        text = arena_printf(&arena, "%s%.*s\n", rest, (int)(end - at), at);
        ck_assert_msg(plan_parse(&arena, "example", text, strlen(text), &plan, &errors), "%s\n%s",
                      text, errors.errs[0].text);
        ck_assert_uint_ge(plan.n_gates, 1);
    }
    ck_assert_int_ge(examples, 8);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("docs");
    TCase *tcase = tcase_create("docs");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, the_page_of_the_states_is_made_from_the_rows);
    tcase_add_test(tcase, the_drawing_in_the_page_of_an_operation_is_made_from_the_rows);
    tcase_add_test(tcase, the_page_of_the_gates_has_a_section_for_each_kind_and_for_nothing_else);
    tcase_add_test(tcase, every_example_in_the_page_of_the_gates_is_part_of_a_plan);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
