/*
 * What every operation brings along: whatever is missing when one is added is missed
 * here, by name.  docs/contributing.md tells it to people.
 */
#include <check.h>
#include <glob.h>
#include <string.h>
#include <unistd.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/plan/plan.h"
#include "unit.h"

#define BEGIN_MARK "<!-- operations: made from src/ops -->\n"
#define END_MARK "<!-- end of operations -->\n"

static const char *const headings[] = { "Phases", "Locks", "Undo", "Refusals" };

static struct arena arena;

static void teardown(void)
{
    arena_cleanup(&arena);
}

static const char *file(const char *format, const char *name)
{
    return arena_printf(&arena, format, name);
}

static int phase_of(const struct operation *op, const char *name)
{
    for (int i = 0; op->phases[i].name; i++)
        if (strcmp(op->phases[i].name, name) == 0)
            return i;
    ck_abort_msg("%s has no phase %s", op->name, name);
}

START_TEST(it_has_a_folder_of_sql)
{
    for (size_t i = 0; operations[i]; i++) {
        const char *name = operations[i]->name;

        ck_assert_msg(access(file("src/ops/%s.c", name), R_OK) == 0, "%s: its file", name);
        ck_assert_msg(access(file("src/sql/%s/facts.sql", name), R_OK) == 0, "%s: facts", name);
        ck_assert_msg(access(file("src/sql/%s/findings.sql", name), R_OK) == 0, "%s: findings",
                      name);
    }
}
END_TEST

START_TEST(it_has_a_page_with_phases_locks_undo_and_refusals)
{
    for (size_t i = 0; operations[i]; i++) {
        const struct operation *op = operations[i];
        const char *page = unit_file(&arena, file("docs/operations/%s.md", op->name), NULL);

        ck_assert_msg(strncmp(page, "# ", 2) == 0 &&
                          strncmp(page + 2, op->name, strlen(op->name)) == 0,
                      "%s has no page", op->name);
        for (size_t h = 0; h < ARRAY_LEN(headings); h++)
            ck_assert_msg(strstr(page, file("\n## %s\n", headings[h])) != NULL,
                          "the page of %s has no section %s", op->name, headings[h]);
        for (const struct phase_spec *p = op->phases; p->name; p++)
            ck_assert_msg(strstr(page, file("| `%s` |", p->name)) != NULL,
                          "the page of %s says nothing of the phase %s", op->name, p->name);
        for (const struct gate_spec *g = op->gates; g && g->phase; g++)
            ck_assert_msg(strstr(page, file("`%s`", g->name)) != NULL,
                          "the page of %s says nothing of the gate %s", op->name, g->name);
    }
}
END_TEST

static bool is_example_of(const char *path, const struct operation *op)
{
    struct plan_errors errors;
    struct plan plan;

    ck_assert_msg(plan_load(&arena, path, &plan, &errors), "%s: %s", path, errors.errs[0].text);
    for (size_t i = 0; i < plan.n_changes; i++)
        if (plan.changes[i].op == op)
            return true;
    return false;
}

START_TEST(it_has_an_example_that_loads)
{
    glob_t plans;

    ck_assert_int_eq(glob("plans/*.yaml", 0, NULL, &plans), 0);
    for (size_t i = 0; operations[i]; i++) {
        int examples = 0;

        for (size_t p = 0; p < plans.gl_pathc; p++)
            examples += is_example_of(plans.gl_pathv[p], operations[i]);
        ck_assert_msg(examples > 0, "no plan in plans/ shows %s", operations[i]->name);
    }
    globfree(&plans);
}
END_TEST

START_TEST(it_has_a_test_there_and_back)
{
    glob_t tests;

    ck_assert_int_eq(glob("tests/integration/test_*.c", 0, NULL, &tests), 0);
    for (size_t i = 0; operations[i]; i++) {
        int found = 0;

        for (size_t t = 0; t < tests.gl_pathc; t++) {
            const char *text = unit_file(&arena, tests.gl_pathv[t], NULL);

            found += strstr(text, "op_there_and_back(") &&
                     strstr(text, file("%s: {", operations[i]->name));
        }
        ck_assert_msg(found > 0, "no test calls op_there_and_back for %s", operations[i]->name);
    }
    globfree(&tests);
}
END_TEST

START_TEST(new_plans_get_a_name_a_description_and_gates)
{
    for (size_t i = 0; operations[i]; i++) {
        const struct operation *op = operations[i];

        ck_assert_msg(op->plan_name && op->plan_description, "%s", op->name);
        ck_assert_msg(op->advice && op->advice[0].phase, "%s advises no gates", op->name);
        for (const struct gate_advice *a = op->advice; a->phase; a++) {
            phase_of(op, a->phase);
            ck_assert_msg(gate_find(a->gate) && *a->value && *a->because, "%s: %s", op->name,
                          a->gate);
        }
    }
}
END_TEST

/* One of them may leave it to the demo that has no argument. */
START_TEST(the_demo_shows_it)
{
    int without = 0;

    for (size_t i = 0; operations[i]; i++) {
        const struct demo_spec *demo = operations[i]->demo;

        without += !demo;
        ck_assert_msg(!demo || (demo->story && demo->schema && demo->plan && demo->plain &&
                                demo->old_code && demo->intact),
                      "the demo of %s", operations[i]->name);
        ck_assert_msg(!demo || strstr(demo->change, operations[i]->name), "%s",
                      operations[i]->name);
    }
    ck_assert_int_le(without, 1);
}
END_TEST

START_TEST(its_rows_name_its_phases_in_order)
{
    for (size_t i = 0; operations[i]; i++) {
        const struct operation *op = operations[i];
        int last = 0;

        ck_assert_int_eq(op->fields[0].kind, FIELD_TABLE);
        ck_assert_msg(op->doc[strlen(op->doc) - 1] == '.', "%s: a sentence", op->name);
        ck_assert_msg(op->facts && op->findings, "%s", op->name);
        for (const struct step_spec *s = op->steps; s->phase; s++) {
            ck_assert_msg(phase_of(op, s->phase) >= last, "%s: %s", op->name, s->phase);
            last = phase_of(op, s->phase);
            ck_assert_msg(s->title && (s->sql || s->next), "%s: a step of %s", op->name, s->phase);
        }
        for (const struct gate_spec *g = op->gates; g && g->phase; g++)
            phase_of(op, g->phase);
        for (const struct promise_spec *p = op->promises; p && p->phase; p++)
            phase_of(op, p->phase);
        for (const struct rebind_spec *r = op->rebinds; r && r->phase; r++)
            phase_of(op, r->phase);
    }
}
END_TEST

/* What cannot be undone says so, and what can has the steps for it. */
START_TEST(what_may_be_undone_has_steps_that_undo_it)
{
    for (size_t i = 0; operations[i]; i++)
        for (const struct phase_spec *p = operations[i]->phases; p->name; p++) {
            int undo = 0, forward = 0;

            for (const struct step_spec *s = operations[i]->steps; s->phase; s++)
                if (strcmp(s->phase, p->name) == 0) {
                    undo += s->undo;
                    /* What a backfill has written goes with where it was written to. */
                    forward += !s->undo && lock_mode_is_strong(s->lock);
                }
            ck_assert_msg(p->undo == UNDO_NEVER ? undo == 0 : undo > 0 || forward == 0, "%s: %s",
                          operations[i]->name, p->name);
        }
}
END_TEST

START_TEST(the_readme_lists_them)
{
    static const char path[] = "README.md";
    const char *old = unit_file(&arena, path, NULL), *begin = strstr(old, BEGIN_MARK),
               *end = strstr(old, END_MARK);
    struct buf page = BUF_IN(&arena);

    ck_assert_msg(begin && end && begin < end, "%s lacks the marks", path);
    buf_addn(&page, old, (size_t)(begin - old) + strlen(BEGIN_MARK));
    buf_add(&page, "| operation | |\n| --- | --- |\n");
    for (size_t i = 0; operations[i]; i++)
        buf_addf(&page, "| [%s](docs/operations/%s.md) | %s |\n", operations[i]->name,
                 operations[i]->name, operations[i]->doc);
    buf_add(&page, end);
    unit_golden(&arena, path, buf_text(&page));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("operations");
    TCase *tcase = tcase_create("operations");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, it_has_a_folder_of_sql);
    tcase_add_test(tcase, it_has_a_page_with_phases_locks_undo_and_refusals);
    tcase_add_test(tcase, it_has_an_example_that_loads);
    tcase_add_test(tcase, it_has_a_test_there_and_back);
    tcase_add_test(tcase, new_plans_get_a_name_a_description_and_gates);
    tcase_add_test(tcase, the_demo_shows_it);
    tcase_add_test(tcase, its_rows_name_its_phases_in_order);
    tcase_add_test(tcase, what_may_be_undone_has_steps_that_undo_it);
    tcase_add_test(tcase, the_readme_lists_them);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
