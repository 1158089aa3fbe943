/*
 * What is kept within a round of a phase: records of steps, attempts, checkpoints; and
 * the history that tells of all.
 */
#include "store_fixture.h"

static struct pg *pg;
static PGconn *app;

static void setup(void)
{
    const char *db = test_database("empty");
    int before;

    pg = open_as(db, "app");
    WORKS(store_init(pg, NULL, &before, &err));
    app = test_connect(db, "app");
}

/* ---- steps ---- */

static const char *done_steps(const struct run *run, bool undo)
{
    bool done[3];

    WORKS(store_steps_done(pg, run, undo, done, 3, &err));
    return arena_printf(test_arena(), "%d%d%d", done[0], done[1], done[2]);
}

static void record(const struct run *run, bool undo, size_t ord)
{
    WORKS(pg_run(pg, store_step_sql(test_arena(), run, undo, ord, store_uuid(test_arena())),
                 PG_NO_ARGS, &err));
}

START_TEST(steps_count_in_their_round_only)
{
    struct run *run = start_run(pg, (struct start){ .name = "rounds" });

    stand_at(pg, run, 0, PHASE_RUNNING);
    record(run, false, 0);
    move(pg, run, EV_FAILED);
    move(pg, run, EV_ADVANCE);
    ck_assert_str_eq(done_steps(run, false), "100");
    record(run, false, 1);
    ck_assert_str_eq(done_steps(run, false), "110");
    move(pg, run, EV_PHASE_OVER);
    ck_assert_str_eq(done_steps(run, false), "110");
}
END_TEST

START_TEST(an_undo_and_a_new_start_begin_a_round)
{
    struct run *run = start_run(pg, (struct start){ .name = "undone" });

    finish_phase(pg, run, NULL);
    move(pg, run, EV_ADVANCE);
    move(pg, run, EV_ADVANCE);
    record(run, false, 0);
    move(pg, run, EV_UNDO);
    ck_assert_str_eq(done_steps(run, false), "100");
    ck_assert_str_eq(done_steps(run, true), "000");
    record(run, true, 0);
    ck_assert_str_eq(done_steps(run, true), "100");
    move(pg, run, EV_UNDO_OVER);
    move(pg, run, EV_ADVANCE);
    ck_assert_str_eq(done_steps(run, false), "000");
    record(run, false, 0);
    move(pg, run, EV_UNDO);
    ck_assert_str_eq(done_steps(run, true), "000");
}
END_TEST

START_TEST(between_two_undos_the_phase_before_is_meant)
{
    struct run *run = start_run(pg, (struct start){ .name = "between" });

    move(pg, run, EV_ADVANCE);
    record(run, false, 1);
    move(pg, run, EV_PHASE_OVER);
    move(pg, run, EV_ADVANCE);
    move(pg, run, EV_ADVANCE);
    record(run, false, 0);
    move(pg, run, EV_UNDO);
    move(pg, run, EV_UNDO_OVER);
    ck_assert_str_eq(done_steps(run, false), "010");
    move(pg, run, EV_UNDO);
    ck_assert_int_eq(run->phase, 0);
    ck_assert_str_eq(done_steps(run, false), "010");
}
END_TEST

START_TEST(an_attempt_is_found_when_anything_of_it_was_committed)
{
    struct run *run = start_run(pg, (struct start){ .name = "doubt" });
    const char *uuid = store_uuid(test_arena());
    bool recorded = true;

    stand_at(pg, run, 0, PHASE_RUNNING);
    for (int i = 0; i < 2; i++)
        WORKS(store_attempt(pg, run, false, 1, uuid, &err));
    WORKS(store_attempt_recorded(pg, run, uuid, &recorded, &err));
    ck_assert(!recorded);
    WORKS(pg_run(pg, store_step_sql(test_arena(), run, false, 1, uuid), PG_NO_ARGS, &err));
    WORKS(store_attempt_recorded(pg, run, uuid, &recorded, &err));
    ck_assert(recorded);
    ck_assert_str_ne(uuid, store_uuid(test_arena()));
}
END_TEST

START_TEST(a_backfill_goes_on_from_its_checkpoint_and_begins_anew_after_an_undo)
{
    struct run *run = start_run(pg, (struct start){ .name = "cursor" });
    struct checkpoint cp;

    stand_at(pg, run, 0, PHASE_RUNNING);
    WORKS(store_checkpoint_load(test_arena(), pg, run, false, 0, &cp, &err));
    ck_assert_ptr_null(cp.cursor);
    for (int64_t i = 1; i <= 2; i++) {
        cp = (struct checkpoint){ arena_printf(test_arena(), "it's %" PRId64, i), i * 10, 99 };
        WORKS(pg_run(pg, store_checkpoint_sql(test_arena(), run, false, 0, &cp), PG_NO_ARGS, &err));
    }
    WORKS(store_checkpoint_load(test_arena(), pg, run, false, 0, &cp, &err));
    ck_assert_str_eq(cp.cursor, "it's 2");
    ck_assert_int_eq(cp.rows, 20);
    ck_assert_int_eq(cp.total, 99);
    move(pg, run, EV_PHASE_OVER);
    move(pg, run, EV_ADVANCE);
    move(pg, run, EV_ADVANCE);
    WORKS(pg_run(pg, store_checkpoint_sql(test_arena(), run, false, 0, &cp), PG_NO_ARGS, &err));
    move(pg, run, EV_UNDO);
    move(pg, run, EV_UNDO_OVER);
    move(pg, run, EV_ADVANCE);
    WORKS(store_checkpoint_load(test_arena(), pg, run, false, 0, &cp, &err));
    ck_assert_ptr_null(cp.cursor);
    ck_assert_int_eq(cp.rows, 0);
}
END_TEST

START_TEST(history_lists_moves_and_events_in_order)
{
    struct run *run = start_run(pg, (struct start){ .name = "history" });
    struct history_row *rows;
    size_t n;

    WORKS(store_pause(pg, run, true, "lunch", &err));
    WORKS(store_pause(pg, run, true, "lunch", &err));
    WORKS(store_pause(pg, run, false, NULL, &err));
    WORKS(store_event(pg, run, "note", "expand", "expand/1/1", "{\"a\": 1}", &err));
    WORKS(try_move(pg, run, EV_ADVANCE, "{\"tool\": \"x\"}", &err));
    WORKS(store_history(test_arena(), pg, run->id, &rows, &n, &err));
    ck_assert_uint_eq(n, 5);
    ck_assert_str_eq(rows[0].kind, "transition");
    ck_assert_ptr_null(rows[0].from);
    ck_assert_str_eq(rows[0].to, "pending");
    ck_assert_uint_eq(strlen(rows[0].hash), 64);
    ck_assert_str_eq(rows[1].kind, "paused");
    ck_assert_str_eq(rows[1].detail, "{\"because\": \"lunch\"}");
    ck_assert_int_eq(rows[1].seq, -1);
    ck_assert_str_eq(rows[2].kind, "resumed");
    ck_assert_str_eq(rows[3].step, "expand/1/1");
    ck_assert_int_eq(rows[4].seq, 1);
    ck_assert_str_eq(rows[4].phase, "expand");
    ck_assert_str_eq(rows[4].from, "pending");
    ck_assert_str_eq(rows[4].actor, "app");
    ck_assert_str_eq(rows[4].detail, "{\"tool\": \"x\"}");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("store_rounds");
    TCase *t = support_case(s, "store_rounds", 60);

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, steps_count_in_their_round_only);
    tcase_add_test(t, an_undo_and_a_new_start_begin_a_round);
    tcase_add_test(t, between_two_undos_the_phase_before_is_meant);
    tcase_add_test(t, an_attempt_is_found_when_anything_of_it_was_committed);
    tcase_add_test(t, a_backfill_goes_on_from_its_checkpoint_and_begins_anew_after_an_undo);
    tcase_add_test(t, history_lists_moves_and_events_in_order);
    return s;
}

int main(void)
{
    return support_run(suite());
}
