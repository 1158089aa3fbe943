/*
 * The machine is a table, and is tested as one.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrate/state/machine.h"
#include "unit.h"

/* These are loop tests: each state is a case, and a line of the report. */
#define STATE ((enum phase_state)_i)

static struct arena arena;

static void forget(void)
{
    arena_cleanup(&arena);
}

/* What the facts can be together: undoing is always possible before a phase has begun. */
static bool possible(enum phase_state state, unsigned facts)
{
    return !(state == PHASE_PENDING && (facts & FACT_NO_RETURN));
}

/* Does the run end in this state of a phase with these facts? */
static bool ends(enum phase_state state, unsigned facts)
{
    return !run_state_is_live(
        machine_run_state(state, (facts & FACT_FIRST_PHASE) != 0, (facts & FACT_LAST_PHASE) != 0));
}

START_TEST(at_most_one_row_applies)
{
    size_t count;
    const struct transition *rows = machine_rows(&count);

    for (int on = 0; on < RUN_EVENT_COUNT; on++)
        for (unsigned facts = 0; facts <= FACT_ALL; facts++) {
            int hits = 0;

            for (size_t r = 0; r < count; r++)
                hits += transition_applies(&rows[r], STATE, (enum run_event)on, facts);
            ck_assert_msg(hits <= 1, "state %d, event %d, facts %u: %d rows", _i, on, facts, hits);
        }
}
END_TEST

START_TEST(ids_are_unique_and_ascend)
{
    size_t count;
    const struct transition *rows = machine_rows(&count);

    for (size_t r = 1; r < count; r++)
        ck_assert_int_lt(rows[r - 1].id, rows[r].id);
}
END_TEST

START_TEST(an_edge_stands_in_one_row_only)
{
    size_t count;
    const struct transition *rows = machine_rows(&count);

    for (size_t a = 0; a < count; a++)
        for (size_t b = a + 1; b < count; b++)
            ck_assert_msg(rows[a].from != rows[b].from || rows[a].to != rows[b].to ||
                              rows[a].move != rows[b].move,
                          "rows %d and %d", rows[a].id, rows[b].id);
}
END_TEST

START_TEST(every_row_can_apply_and_is_found)
{
    size_t count;
    const struct transition *rows = machine_rows(&count);

    for (size_t r = 0; r < count; r++) {
        ck_assert_uint_eq(rows[r].must & rows[r].must_not, 0);
        ck_assert_ptr_eq(machine_find(rows[r].from, rows[r].on, rows[r].must), &rows[r]);
    }
}
END_TEST

START_TEST(a_run_can_end_from_every_state)
{
    bool can_end[PHASE_STATE_COUNT] = { [PHASE_DONE] = true, [PHASE_UNDONE] = true };
    size_t count;
    const struct transition *rows = machine_rows(&count);

    for (int round = 0; round < PHASE_STATE_COUNT; round++)
        for (size_t r = 0; r < count; r++)
            can_end[rows[r].from] |= can_end[rows[r].to];
    ck_assert(can_end[STATE]);
}
END_TEST

START_TEST(every_state_but_the_first_is_reached)
{
    size_t count;
    const struct transition *rows = machine_rows(&count);
    bool reached = STATE == PHASE_PENDING;

    for (size_t r = 0; r < count; r++)
        reached |= rows[r].to == STATE;
    ck_assert(reached);
}
END_TEST

START_TEST(an_ended_run_moves_only_when_its_last_phase_is_taken_back)
{
    for (unsigned facts = 0; facts <= FACT_ALL; facts++)
        for (int on = 0; on < RUN_EVENT_COUNT; on++) {
            const struct transition *t = machine_find(STATE, (enum run_event)on, facts);

            if (!ends(STATE, facts) || !t)
                continue;
            ck_assert_int_eq(STATE, PHASE_DONE);
            ck_assert_int_eq(on, EV_UNDO);
        }
}
END_TEST

START_TEST(no_way_back_past_the_point_of_no_return)
{
    for (unsigned facts = 0; facts <= FACT_ALL; facts++)
        if (facts & FACT_NO_RETURN)
            ck_assert_ptr_null(machine_find(STATE, EV_UNDO, facts));
}
END_TEST

START_TEST(whatever_has_begun_can_be_undone_before_the_point_of_no_return)
{
    for (unsigned facts = 0; facts <= FACT_ALL; facts++) {
        bool nothing_left = STATE == PHASE_UNDONE && (facts & FACT_FIRST_PHASE);
        bool not_begun = STATE == PHASE_PENDING && !(facts & FACT_FIRST_PHASE);

        if (facts & FACT_NO_RETURN || STATE == PHASE_UNDOING || nothing_left || not_begun)
            continue;
        ck_assert_ptr_nonnull(machine_find(STATE, EV_UNDO, facts));
    }
}
END_TEST

START_TEST(advance_always_finds_a_move_unless_it_ended_or_is_under_way)
{
    for (unsigned facts = 0; facts <= FACT_ALL; facts++) {
        bool under_way = STATE == PHASE_RUNNING || STATE == PHASE_UNDOING;
        bool found = machine_find(STATE, EV_ADVANCE, facts) != NULL;

        if (possible(STATE, facts))
            ck_assert_int_eq(found, !under_way && !ends(STATE, facts));
    }
}
END_TEST

START_TEST(a_failed_undo_stays_an_undo)
{
    for (unsigned facts = 0; facts <= FACT_ALL; facts++) {
        ck_assert_ptr_null(machine_find(PHASE_UNDOING, EV_FAILED, facts));
        ck_assert_ptr_null(machine_find(PHASE_UNDOING, EV_ADVANCE, facts));
    }
}
END_TEST

START_TEST(a_move_to_another_phase_goes_to_the_next_one_or_the_one_before)
{
    size_t count;
    const struct transition *rows = machine_rows(&count);

    for (size_t r = 0; r < count; r++) {
        const struct transition *t = &rows[r];

        ck_assert_int_eq(t->move == 1, t->from == PHASE_DONE && t->to == PHASE_PENDING);
        ck_assert_int_eq(t->move == -1, t->from == PHASE_UNDONE && t->to == PHASE_UNDOING);
        ck_assert(t->move >= -1 && t->move <= 1);
        if (t->move == 1)
            ck_assert(t->must_not & FACT_LAST_PHASE);
        if (t->move == -1)
            ck_assert(t->must_not & FACT_FIRST_PHASE);
    }
}
END_TEST

START_TEST(a_done_phase_is_never_run_again_without_an_undo)
{
    for (unsigned facts = 0; facts <= FACT_ALL; facts++)
        for (int on = 0; on < RUN_EVENT_COUNT; on++) {
            const struct transition *t = machine_find(PHASE_DONE, (enum run_event)on, facts);

            ck_assert(!t || t->move == 1 || t->to == PHASE_UNDOING);
        }
}
END_TEST

START_TEST(the_state_of_a_run_follows_from_its_last_row)
{
    static const struct {
        enum phase_state last;
        bool first_phase, last_phase;
        enum run_state run;
    } cases[] = {
        { PHASE_PENDING, true, false, RUN_READY },  { PHASE_PENDING, true, true, RUN_READY },
        { PHASE_RUNNING, true, true, RUN_RUNNING }, { PHASE_FAILED, false, true, RUN_FAILED },
        { PHASE_UNDOING, true, true, RUN_UNDOING }, { PHASE_DONE, false, false, RUN_READY },
        { PHASE_DONE, true, false, RUN_READY },     { PHASE_DONE, false, true, RUN_COMPLETE },
        { PHASE_DONE, true, true, RUN_COMPLETE },   { PHASE_UNDONE, false, true, RUN_READY },
        { PHASE_UNDONE, false, false, RUN_READY },  { PHASE_UNDONE, true, false, RUN_UNDONE },
        { PHASE_UNDONE, true, true, RUN_UNDONE },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        ck_assert_int_eq(
            machine_run_state(cases[i].last, cases[i].first_phase, cases[i].last_phase),
            cases[i].run);
}
END_TEST

START_TEST(the_diagram_has_an_arrow_for_every_row_and_shows_both_ends)
{
    struct buf out = BUF_IN(&arena);
    size_t count, arrows = 0;
    const struct transition *rows = machine_rows(&count);

    machine_mermaid(&out);
    for (const char *p = buf_text(&out); (p = strstr(p, " --> ")); p++)
        arrows++;
    ck_assert_uint_eq(arrows, count + 3);
    for (size_t r = 0; r < count; r++)
        ck_assert_ptr_nonnull(
            strstr(buf_text(&out),
                   arena_printf(&arena, "    %s --> %s: %s", phase_state_name(rows[r].from),
                                phase_state_name(rows[r].to), run_event_name(rows[r].on))));
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "[*] --> pending"));
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "done --> [*]"));
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "undone --> [*]"));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("machine");
    TCase *t = tcase_create("machine");

    tcase_add_checked_fixture(t, NULL, forget);
    tcase_add_loop_test(t, at_most_one_row_applies, 0, PHASE_STATE_COUNT);
    tcase_add_test(t, ids_are_unique_and_ascend);
    tcase_add_test(t, an_edge_stands_in_one_row_only);
    tcase_add_test(t, every_row_can_apply_and_is_found);
    tcase_add_loop_test(t, a_run_can_end_from_every_state, 0, PHASE_STATE_COUNT);
    tcase_add_loop_test(t, every_state_but_the_first_is_reached, 0, PHASE_STATE_COUNT);
    tcase_add_loop_test(t, an_ended_run_moves_only_when_its_last_phase_is_taken_back, 0,
                        PHASE_STATE_COUNT);
    tcase_add_loop_test(t, no_way_back_past_the_point_of_no_return, 0, PHASE_STATE_COUNT);
    tcase_add_loop_test(t, whatever_has_begun_can_be_undone_before_the_point_of_no_return, 0,
                        PHASE_STATE_COUNT);
    tcase_add_loop_test(t, advance_always_finds_a_move_unless_it_ended_or_is_under_way, 0,
                        PHASE_STATE_COUNT);
    tcase_add_test(t, a_failed_undo_stays_an_undo);
    tcase_add_test(t, a_move_to_another_phase_goes_to_the_next_one_or_the_one_before);
    tcase_add_test(t, a_done_phase_is_never_run_again_without_an_undo);
    tcase_add_test(t, the_state_of_a_run_follows_from_its_last_row);
    tcase_add_test(t, the_diagram_has_an_arrow_for_every_row_and_shows_both_ends);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return unit_run(suite());
}
