/*
 * loader_fixture.h - what the tests of the loader share: one plan at a time, and
 * what every answer looks like.
 */
#ifndef ORCHESTRATE_TESTS_LOADER_FIXTURE_H
#define ORCHESTRATE_TESTS_LOADER_FIXTURE_H

#include "orchestrate/plan/plan.h"
#include "unit.h"

static struct arena arena;
static struct plan plan;
static struct plan_errors errors;

static void forget(void)
{
    arena_cleanup(&arena);
}

static bool parse(const char *text)
{
    return plan_parse(&arena, "p.yaml", text, strlen(text), &plan, &errors);
}

/* Whatever the input was: a whole plan, or errors in order, each with a text and a position. */
static void check_answer(bool ok)
{
    ck_assert_int_eq(ok, errors.n == 0);
    if (ok) {
        ck_assert_ptr_nonnull(plan.name);
        ck_assert_uint_ge(plan.n_changes + plan.n_phases, 1);
        ck_assert_uint_eq(strlen(plan.checksum), 64);
        return;
    }
    ck_assert_uint_le(errors.n, PLAN_MAX_ERRORS);
    for (size_t i = 0; i < errors.n; i++) {
        const struct err *e = &errors.errs[i];

        ck_assert_int_eq(e->code, ERR_PLAN);
        ck_assert_ptr_nonnull(e->at.file);
        ck_assert_msg(e->at.line >= 1 && e->at.column >= 1, "no position: %s", e->text);
        ck_assert_msg(*e->text, "no text");
        ck_assert(i == 0 || e[-1].at.line < e->at.line ||
                  (e[-1].at.line == e->at.line && e[-1].at.column <= e->at.column));
    }
}

#endif
