/*
 * The database itself refuses what may not happen: every rule here is tried
 * with SQL written by hand, as somebody with psql would.
 *
 * `app` ran init and owns the state, `writer` was let in as a runner, and the
 * superuser comes with session_replication_role = replica, which switches
 * foreign keys and ordinary triggers off.
 */
#include "guards_fixture.h"

/* ---- moves ---- */

START_TEST(the_table_of_moves_equals_that_of_the_program)
{
    struct buf wanted = BUF_IN(test_arena());
    size_t count;
    const struct transition *rows = machine_rows(&count);

    for (size_t i = 0; i < count; i++)
        buf_addf(&wanted, "%d|%s|%s|%u|%u|%s|%d|%s\n", rows[i].id, phase_state_name(rows[i].from),
                 run_event_name(rows[i].on), rows[i].must, rows[i].must_not,
                 phase_state_name(rows[i].to), rows[i].move, rows[i].why);
    test_same_text("orchestrate.fsm",
                   arena_printf(test_arena(), "%s\n",
                                test_rows(app, "SELECT rule, from_state, on_event, must, must_not,"
                                               " to_state, move, why FROM orchestrate.fsm"
                                               " ORDER BY rule")),
                   buf_text(&wanted));
}
END_TEST

struct link {
    int64_t seq, epoch;
    int from_phase, to_phase;
    int from, to; /* states */
};

static const char *insert_sql(const struct run *run, const struct link *l)
{
    return arena_printf(
        test_arena(),
        "INSERT INTO orchestrate.transition (run, seq, from_phase, from_state, to_phase, to_state,"
        " rule, epoch, attempt) SELECT %" PRId64 ", %" PRId64 ", %d, '%s', %d, '%s',"
        " COALESCE((SELECT rule FROM orchestrate.fsm WHERE from_state = '%s' AND to_state = '%s'"
        " AND move = %d), 10), %" PRId64 ", '%s'",
        run->id, l->seq, l->from_phase, phase_state_name((enum phase_state)l->from), l->to_phase,
        phase_state_name((enum phase_state)l->to), phase_state_name((enum phase_state)l->from),
        phase_state_name((enum phase_state)l->to), l->to_phase - l->from_phase, l->epoch,
        store_uuid(test_arena()));
}

static const char *try_link(PGconn *conn, const struct run *run, const struct link *l)
{
    const char *state;

    test_sql(conn, "BEGIN");
    state = test_sqlstate(conn, "%s", insert_sql(run, l));
    test_sql(conn, "ROLLBACK");
    return state;
}

static bool is_refusal(const char *state)
{
    return strcmp(state, "OR003") == 0 || strcmp(state, "23503") == 0 ||
           strcmp(state, "23505") == 0 || strcmp(state, "23514") == 0;
}

static bool is_legal(const struct run *run, const struct link *l)
{
    size_t count;
    const struct transition *rows = machine_rows(&count);

    if (l->from_phase != run->phase || l->from != (int)run->phase_state || l->to_phase < 0 ||
        l->to_phase >= PHASES)
        return false;
    for (size_t i = 0; i < count; i++)
        if ((int)rows[i].from == l->from && (int)rows[i].to == l->to &&
            rows[i].move == l->to_phase - l->from_phase &&
            transition_applies(&rows[i], run->phase_state, rows[i].on, facts_of(run)))
            return true;
    return false;
}

/* All 6 x 6 pairs of states, from this phase or the one before, with jumps of up to two. */
static int try_all(PGconn *conn, const struct run *run)
{
    int legal = 0;
    struct link l = { .seq = run->seq + 1, .epoch = run->epoch };

    for (l.from = 0; l.from < PHASE_STATE_COUNT; l.from++)
        for (l.to = 0; l.to < PHASE_STATE_COUNT; l.to++)
            for (l.from_phase = run->phase - 1; l.from_phase <= run->phase; l.from_phase++)
                for (l.to_phase = l.from_phase - 2; l.to_phase <= l.from_phase + 2; l.to_phase++) {
                    const char *state = try_link(conn, run, &l);
                    bool allowed = is_legal(run, &l);

                    legal += allowed;
                    ck_assert_msg(allowed ? !*state : is_refusal(state),
                                  "at %d %s: %d %s -> %d %s gave '%s'", run->phase,
                                  phase_state_name(run->phase_state), l.from_phase,
                                  phase_state_name((enum phase_state)l.from), l.to_phase,
                                  phase_state_name((enum phase_state)l.to), state);
                }
    return legal;
}

static void try_everywhere(PGconn *conn, enum undo_kind last_undo)
{
    for (int phase = 0; phase < PHASES; phase++)
        for (int state = 0; state < PHASE_STATE_COUNT; state++) {
            struct run *run;

            if (!can_stand_at(phase, (enum phase_state)state, last_undo))
                continue;
            run = start_run(
                pg, (struct start){ .name = arena_printf(test_arena(), "p%d%d", phase, state),
                                    .last_undo = last_undo });
            stand_at(pg, run, phase, (enum phase_state)state);
            try_all(conn, run);
        }
}

START_TEST(every_illegal_move_is_refused_to_a_runner)
{
    try_everywhere(writer, UNDO_INSTANT);
}
END_TEST

START_TEST(every_illegal_move_is_refused_without_foreign_keys_too)
{
    try_everywhere(super, UNDO_INSTANT);
}
END_TEST

START_TEST(nothing_goes_back_past_the_point_of_no_return)
{
    try_everywhere(writer, UNDO_NEVER);
}
END_TEST

START_TEST(a_second_start_meets_the_row_of_the_first)
{
    struct run *run = start_run(pg, (struct start){ .name = "twice" });
    struct link l = { 1, 0, 0, 0, PHASE_PENDING, PHASE_RUNNING };

    move(pg, run, EV_ADVANCE);
    ck_assert_str_eq(try_link(writer, run, &l), "23505");
    ck_assert_str_eq(try_link(super, run, &l), "23505");
}
END_TEST

START_TEST(a_row_cannot_follow_one_that_is_not_there)
{
    struct run *run = start_run(pg, (struct start){ .name = "gap" });
    struct link l = { 2, 0, 0, 0, PHASE_PENDING, PHASE_RUNNING };

    ck_assert(is_refusal(try_link(writer, run, &l)));
    ck_assert(is_refusal(try_link(super, run, &l)));
    l.seq = -1;
    ck_assert(is_refusal(try_link(writer, run, &l)));
    ck_assert(is_refusal(try_link(super, run, &l)));
}
END_TEST

START_TEST(a_history_begins_once_and_with_the_first_phase_pending)
{
    static const char *const first[] = { "0, 'pending'", "0, 'running'", "0, 'done'",
                                         "1, 'pending'", "2, 'done'",    "3, 'pending'" };
    struct run *run = start_run(pg, (struct start){ .name = "first" });

    /* A plan without a history, made by hand as far as that goes. */
    test_sql(writer,
             "INSERT INTO orchestrate.plan (run, name, source, canonical, checksum,"
             " n_phases, search_path) SELECT 900, 'by-hand', source, canonical, checksum,"
             " n_phases, search_path FROM orchestrate.plan WHERE run = %" PRId64,
             run->id);
    for (size_t i = 0; i < ARRAY_LEN(first); i++)
        for (int k = 0; k < 2; k++) {
            const char *state = test_sqlstate(
                k ? super : writer,
                "INSERT INTO orchestrate.transition (run, seq, to_phase, to_state, epoch, attempt)"
                " VALUES (%s, 0, %s, 0, gen_random_uuid())",
                i == 0 ? arena_printf(test_arena(), "%" PRId64, run->id) : "900", first[i]);

            ck_assert_msg(is_refusal(state), "%s: %s", first[i], state);
        }
}
END_TEST

/* Into run 901, by hand: rows of a table as they are in another run, changed like this. */
static void copy(const struct run *run, const char *table, const char *where, const char *changes)
{
    test_sql(writer,
             "INSERT INTO orchestrate.%s SELECT (jsonb_populate_record(r, '%s')).*"
             " FROM orchestrate.%s r WHERE run = %" PRId64 " AND %s",
             table, changes, table, run->id, where);
}

static const char *seal(void)
{
    return test_sqlstate(writer,
                         "INSERT INTO orchestrate.transition (run, seq, to_phase, to_state, epoch,"
                         " attempt) VALUES (901, 0, 0, 'pending', 0, gen_random_uuid())");
}

static const char run901[] = "{\"run\": 901}";

static void register901(const struct run *run)
{
    test_sql(writer,
             "INSERT INTO orchestrate.plan (run, name, source, canonical, checksum, n_phases,"
             " search_path) SELECT 901, 'partly', source, canonical, checksum, n_phases,"
             " search_path FROM orchestrate.plan WHERE run = %" PRId64,
             run->id);
}

START_TEST(a_plan_starts_only_with_all_its_phases)
{
    struct run *run = start_run(pg, (struct start){ .name = "whole" });

    register901(run);
    copy(run, "phase", "ord < 2", run901);
    ck_assert_str_eq(seal(), "OR003");
    copy(run, "phase", "ord = 2", run901);
    ck_assert_str_eq(seal(), "OR003");
    copy(run, "step", "true", run901);
    ck_assert_str_eq(seal(), "OR003");
    copy(run, "gate", "true", run901);
    ck_assert_str_eq(seal(), "");
}
END_TEST

/* All rows, the first one with a lie if that is the table. */
static void copy_but(const struct run *run, const char *table, const char *lying, const char *lie)
{
    const char *first = strcmp(table, "phase") ? "phase = 0 AND ord = 0" : "ord = 0";

    copy(run, table, first, strcmp(table, lying) ? run901 : lie);
    copy(run, table, arena_printf(test_arena(), "NOT (%s)", first), run901);
}

START_TEST(a_phase_is_what_its_checksum_says_field_by_field)
{
    static const struct {
        const char *table, *changes;
    } lies[] = {
        { "phase", "{\"run\": 901, \"note\": \"x\"}" },
        { "phase", "{\"run\": 901, \"undo_until\": \"x\"}" },
        { "phase", "{\"run\": 901, \"deploy_before\": true}" },
        { "step", "{\"run\": 901, \"sql\": \"x\"}" },
        { "step", "{\"run\": 901, \"role\": \"x\"}" },
        { "step", "{\"run\": 901, \"guard\": \"x\"}" },
        { "step", "{\"run\": 901, \"moment\": \"SHARE\"}" },
        { "gate", "{\"run\": 901, \"args\": \"x\"}" },
        { "gate", "{\"run\": 901, \"change\": 7}" },
        { "gate", "{\"run\": 901, \"must_hold\": true, \"overridable\": false}" },
    };
    struct run *run = start_run(pg, (struct start){ .name = "fields" });

    for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
        test_sql(writer, "BEGIN");
        register901(run);
        copy_but(run, "phase", lies[i].table, lies[i].changes);
        copy_but(run, "step", lies[i].table, lies[i].changes);
        copy_but(run, "gate", lies[i].table, lies[i].changes);
        ck_assert_msg(strcmp(seal(), "OR003") == 0, "%s %s", lies[i].table, lies[i].changes);
        test_sql(writer, "ROLLBACK");
    }
}
END_TEST

START_TEST(a_row_says_who_and_when_whatever_its_writer_claims)
{
    struct run *run = start_run(pg, (struct start){ .name = "stamped" });

    test_sql(writer,
             "INSERT INTO orchestrate.transition (run, seq, from_phase, from_state, to_phase,"
             " to_state, rule, epoch, attempt, actor, at, xid, prev_hash, hash) VALUES (%" PRId64
             ", 1, 0, 'pending', 0, 'running', 10, 0, gen_random_uuid(), 'boss', '2001-01-01',"
             " '3', '', '')",
             run->id);
    ck_assert_str_eq(test_value(app,
                                "SELECT actor || (now() - at < '1 h')::text ||"
                                " length(hash)::text FROM orchestrate.transition WHERE seq = 1"),
                     "writertrue32");
}
END_TEST

START_TEST(an_attempt_enters_a_state_of_a_phase_only_once)
{
    struct run *run = start_run(pg, (struct start){ .name = "attempts" });
    const char *sql = "INSERT INTO orchestrate.transition (run, seq, from_phase, from_state,"
                      " to_phase, to_state, rule, epoch, attempt) SELECT %" PRId64 ", seq + 1,"
                      " to_phase, to_state, 0, '%s', %d, 0,"
                      " '11111111-1111-4111-8111-111111111111' FROM orchestrate.transition"
                      " WHERE run = %" PRId64 " ORDER BY seq DESC LIMIT 1";

    ck_assert_str_eq(test_sqlstate(writer, sql, run->id, "running", 10, run->id), "");
    ck_assert_str_eq(test_sqlstate(writer, sql, run->id, "failed", 21, run->id), "");
    ck_assert_str_eq(test_sqlstate(writer, sql, run->id, "running", 30, run->id), "23505");
}
END_TEST

/* ---- epochs, steps ---- */

START_TEST(a_stale_process_writes_nothing)
{
    struct run *run = start_run(pg, (struct start){ .name = "stale" });
    struct run old;
    PGconn *conns[] = { writer, super };

    stand_at(pg, run, 0, PHASE_RUNNING);
    old = *run;
    take(pg, run);
    for (size_t i = 0; i < ARRAY_LEN(conns); i++) {
        struct link l = { old.seq + 1, old.epoch, 0, 0, PHASE_RUNNING, PHASE_DONE };
        const char *uuid = store_uuid(test_arena());
        struct checkpoint cp = { "x", 1, 2 };

        ck_assert_str_eq(try_link(conns[i], &old, &l), "OR001");
        ck_assert_str_eq(
            test_sqlstate(conns[i], "%s", store_step_sql(test_arena(), &old, false, 0, uuid)),
            "OR001");
        ck_assert_str_eq(
            test_sqlstate(conns[i], "%s", store_checkpoint_sql(test_arena(), &old, false, 0, &cp)),
            "OR001");
        ck_assert_str_eq(test_sqlstate(conns[i], "%s", store_fence_sql(test_arena(), &old)),
                         "OR001");
        ck_assert_str_eq(
            test_sqlstate(conns[i],
                          "INSERT INTO orchestrate.attempt (run, attempt, phase, undo, ord, epoch,"
                          " backend_pid) VALUES (%" PRId64 ", '%s', 0, false, 0, %" PRId64 ", 1)",
                          old.id, uuid, old.epoch),
            "OR001");
    }
    ck_assert_str_eq(
        test_sqlstate(writer, "UPDATE orchestrate.plan SET epoch = epoch - 1 WHERE run = %" PRId64,
                      run->id),
        "OR002");
}
END_TEST

START_TEST(a_step_is_recorded_once_and_in_its_phase_only)
{
    struct run *run = start_run(pg, (struct start){ .name = "steps" });
    const char *uuid = store_uuid(test_arena());
    struct run other;

    ck_assert_str_eq(test_sqlstate(writer, "%s", store_step_sql(test_arena(), run, false, 0, uuid)),
                     "OR003");
    stand_at(pg, run, 0, PHASE_RUNNING);
    ck_assert_str_eq(test_sqlstate(writer, "%s", store_step_sql(test_arena(), run, false, 0, uuid)),
                     "");
    ck_assert_str_eq(test_sqlstate(writer, "%s", store_step_sql(test_arena(), run, false, 0, uuid)),
                     "23505");
    ck_assert_str_eq(test_sqlstate(writer, "%s", store_step_sql(test_arena(), run, true, 0, uuid)),
                     "OR003");
    ck_assert_str_eq(test_sqlstate(writer, "%s", store_step_sql(test_arena(), run, false, 9, uuid)),
                     "OR003");
    other = *run;
    other.phase = 1;
    ck_assert_str_eq(
        test_sqlstate(super, "%s", store_step_sql(test_arena(), &other, false, 0, uuid)), "OR003");
    move(pg, run, EV_PHASE_OVER);
    ck_assert_str_eq(test_sqlstate(writer, "%s", store_step_sql(test_arena(), run, false, 1, uuid)),
                     "OR003");
}
END_TEST

/* ---- claims ---- */

static const char *claim_of(struct run *run)
{
    return store_claim_sql(test_arena(), run);
}

START_TEST(a_table_belongs_to_one_plan_at_a_time)
{
    struct run *a = start_run(pg, (struct start){ .name = "a", .claim = oid_of("shop.t") });
    struct run *b = start_run(pg, (struct start){ .name = "b", .claim = oid_of("shop.t") });
    struct run *c = start_run(pg, (struct start){ .name = "c", .claim = oid_of("shop.u") });

    ck_assert_str_eq(test_sqlstate(writer, "%s", claim_of(a)), "");
    ck_assert_str_eq(test_sqlstate(writer, "%s", claim_of(c)), "");
    ck_assert_str_eq(test_sqlstate(writer, "%s", claim_of(a)), "");
    ck_assert_str_eq(test_sqlstate(writer, "%s", claim_of(b)), "OR004");
    ck_assert_str_eq(test_sqlstate(super, "%s", claim_of(b)), "OR004");
    FAILS(pg_run(pg, claim_of(b), PG_NO_ARGS, &err), ERR_CONFLICT,
          "table shop.t is claimed by plan a");
}
END_TEST

START_TEST(a_table_can_be_shared_by_those_that_only_share_it)
{
    struct start start = { .claim = oid_of("shop.t"), .shared = true };
    struct run *a, *b, *c;

    start.name = "a";
    a = start_run(pg, start);
    start.name = "b";
    b = start_run(pg, start);
    start.name = "c";
    start.shared = false;
    c = start_run(pg, start);
    ck_assert_str_eq(test_sqlstate(writer, "%s", claim_of(a)), "");
    ck_assert_str_eq(test_sqlstate(writer, "%s", claim_of(b)), "");
    ck_assert_str_eq(test_sqlstate(writer, "%s", claim_of(c)), "OR004");
}
END_TEST

START_TEST(two_that_claim_at_the_same_moment_see_each_other)
{
    struct run *a =
        start_run(pg, (struct start){ .name = "a", .claim = oid_of("shop.t"), .shared = true });
    struct run *b = start_run(pg, (struct start){ .name = "b", .claim = oid_of("shop.t") });
    PGresult *res;

    test_sql(app, "BEGIN; %s", claim_of(a));
    ck_assert(PQsendQuery(writer, claim_of(b)));
    test_wait(super, 10,
              "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory'"
              " AND NOT granted");
    test_sql(app, "COMMIT");
    res = PQgetResult(writer);
    ck_assert_str_eq(PQresultErrorField(res, PG_DIAG_SQLSTATE), "OR004");
    PQclear(res);
    ck_assert_ptr_null(PQgetResult(writer));
}
END_TEST

START_TEST(a_run_keeps_its_tables_until_it_has_ended)
{
    struct run *a = start_run(pg, (struct start){ .name = "a", .claim = oid_of("shop.t") });
    struct run *b = start_run(pg, (struct start){ .name = "b", .claim = oid_of("shop.t") });

    test_sql(writer, "%s", claim_of(a));
    refused(app, "OR003",
            "UPDATE orchestrate.claim SET released_at = now() WHERE taken_at IS NOT NULL");
    refused(app, "OR002",
            "UPDATE orchestrate.claim SET taken_at = NULL WHERE taken_at IS NOT NULL");
    refused(super, "OR002", "UPDATE orchestrate.claim SET shared = true");
    for (int i = 0; i < PHASES; i++) {
        ck_assert_str_eq(test_sqlstate(writer, "%s", claim_of(b)), "OR004");
        finish_phase(pg, a, NULL);
    }
    ck_assert_str_eq(test_sqlstate(writer, "%s", claim_of(b)), "");
    /* The last phase of `a` cannot be taken back while `b` has the table. */
    FAILS(try_move(pg, a, EV_UNDO, NULL, &err), ERR_CONFLICT, "is claimed by plan b");
}
END_TEST

START_TEST(a_name_has_one_live_run)
{
    struct run *run = start_run(pg, (struct start){ .name = "once" });

    refused(writer, "23505",
            "INSERT INTO orchestrate.plan (run, name, source, canonical, checksum, n_phases,"
            " search_path) SELECT 902, name, source, canonical, checksum, n_phases, search_path"
            " FROM orchestrate.plan");
    stand_at(pg, run, 0, PHASE_UNDONE);
    test_sql(writer, "INSERT INTO orchestrate.plan (run, name, source, canonical, checksum,"
                     " n_phases, search_path) SELECT 902, name, source, canonical, checksum,"
                     " n_phases, search_path FROM orchestrate.plan");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("store_guards");
    TCase *t = support_case(s, "store_guards", 120);

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, the_table_of_moves_equals_that_of_the_program);
    tcase_add_test(t, every_illegal_move_is_refused_to_a_runner);
    tcase_add_test(t, every_illegal_move_is_refused_without_foreign_keys_too);
    tcase_add_test(t, nothing_goes_back_past_the_point_of_no_return);
    tcase_add_test(t, a_second_start_meets_the_row_of_the_first);
    tcase_add_test(t, a_row_cannot_follow_one_that_is_not_there);
    tcase_add_test(t, a_history_begins_once_and_with_the_first_phase_pending);
    tcase_add_test(t, a_plan_starts_only_with_all_its_phases);
    tcase_add_test(t, a_phase_is_what_its_checksum_says_field_by_field);
    tcase_add_test(t, a_row_says_who_and_when_whatever_its_writer_claims);
    tcase_add_test(t, an_attempt_enters_a_state_of_a_phase_only_once);
    tcase_add_test(t, a_stale_process_writes_nothing);
    tcase_add_test(t, a_step_is_recorded_once_and_in_its_phase_only);
    tcase_add_test(t, a_table_belongs_to_one_plan_at_a_time);
    tcase_add_test(t, a_table_can_be_shared_by_those_that_only_share_it);
    tcase_add_test(t, two_that_claim_at_the_same_moment_see_each_other);
    tcase_add_test(t, a_run_keeps_its_tables_until_it_has_ended);
    tcase_add_test(t, a_name_has_one_live_run);
    return s;
}

int main(void)
{
    return support_run(suite());
}
