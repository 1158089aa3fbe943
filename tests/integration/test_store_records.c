/*
 * What happened stays on record: rows of the history can be neither changed nor
 * taken away, and the chain of hashes shows where somebody did it all the same.
 */
#include "guards_fixture.h"

/* What a runner may write, because an edit of the plan does: the triggers refuse it alone. */
static const char *runner_gets(const char *what)
{
    static const char *const granted[] = { "phase",
                                           "step",
                                           "gate",
                                           "claim",
                                           "n_phases = 9",
                                           "code_new = '>=1'",
                                           "canonical = 'x'",
                                           "checksum = repeat('f', 64)" };

    for (size_t i = 0; i < ARRAY_LEN(granted); i++)
        if (strcmp(granted[i], what) == 0)
            return "OR002";
    return "42501";
}

static const char *const kept[] = { "transition",    "step_record", "event", "attempt",
                                    "gate_evidence", "approval",    "phase", "step",
                                    "gate",          "fsm",         "plan",  "claim" };

/* A row in every table. */
static struct run *fill(void)
{
    struct run *run = start_run(
        pg, (struct start){ .name = "kept", .last_undo = UNDO_NEVER, .claim = oid_of("shop.t") });
    struct gate_answer answer = { .gate = "soak", .evidence = "{\"a\": 1}" };

    stand_at(pg, run, 0, PHASE_RUNNING);
    WORKS(pg_run(pg, store_step_sql(test_arena(), run, false, 0, store_uuid(test_arena())),
                 PG_NO_ARGS, &err));
    WORKS(store_attempt(pg, run, false, 1, store_uuid(test_arena()), &err));
    WORKS(store_event(pg, run, "note", NULL, NULL, NULL, &err));
    WORKS(store_gate_evidence(pg, run, 1, &answer, 1, &err));
    test_sql(app,
             "INSERT INTO orchestrate.approval (run, phase, phase_checksum, consent) SELECT run,"
             " ord, checksum, true FROM orchestrate.phase WHERE run = %" PRId64 " AND ord = 2",
             run->id);
    return run;
}

START_TEST(nobody_deletes_or_truncates_a_record)
{
    fill();
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        const char *delete = arena_printf(test_arena(), "DELETE FROM orchestrate.%s", kept[i]);
        const char *truncate =
            arena_printf(test_arena(), "TRUNCATE orchestrate.%s CASCADE", kept[i]);

        refused(writer, runner_gets(kept[i]), delete);
        refused(writer, "42501", truncate);
        refused(app, "OR002", delete);
        refused(app, "OR002", truncate);
        refused(super, "OR002", delete);
        refused(super, "OR002", truncate);
    }
}
END_TEST

START_TEST(nobody_changes_a_record)
{
    static const struct {
        const char *table, *column;
    } columns[] = {
        { "transition", "to_state = 'done'" },
        { "transition", "detail = '{}'" },
        { "step_record", "ord = 1" },
        { "event", "kind = 'x'" },
        { "attempt", "backend_pid = 0" },
        { "gate_evidence", "at = '2001-01-01'" },
        { "approval", "consent = true" },
        { "phase", "undo = 'instant'" },
        { "step", "sql = 'DROP TABLE x'" },
        { "gate", "sql = 'SELECT true'" },
        { "fsm", "must_not = 0" },
    };

    fill();
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        const char *update = arena_printf(test_arena(), "UPDATE orchestrate.%s SET %s",
                                          columns[i].table, columns[i].column);

        /* A runner may mend an undo that has failed; otherwise the guard says no. */
        refused(writer, strcmp(columns[i].column, "undo = 'instant'") == 0 ? "OR002" : "42501",
                update);
        refused(app, "OR002", update);
        refused(super, "OR002", update);
    }
}
END_TEST

START_TEST(what_a_plan_is_cannot_be_changed)
{
    static const char *const changes[] = {
        "name = 'other'",     "app = 'other'",
        "code_new = '>=1'",   "canonical = 'x'",
        "n_phases = 9",       "search_path = 'x'",
        "run = 999",          "started_by = 'boss'",
        "started_at = now()", "checksum = repeat('f', 64)",
    };

    fill();
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        const char *update =
            arena_printf(test_arena(), "UPDATE orchestrate.plan SET %s", changes[i]);

        refused(writer, runner_gets(changes[i]), update);
        refused(app, "OR002", update);
        refused(super, "OR002", update);
    }
    refused(writer, "42501", "UPDATE orchestrate.plan SET ended_at = now()");
    refused(app, "OR003", "UPDATE orchestrate.plan SET ended_at = now()");
    refused(super, "OR003", "UPDATE orchestrate.plan SET ended_at = now()");
}
END_TEST

START_TEST(nothing_can_be_added_to_a_registered_plan)
{
    static const char *const additions[] = {
        "phase (run, ord, name, deploy_before, undo, undo_with_previous, checksum)"
        " VALUES (%s, 3, 'more', false, 'instant', false, 'x')",
        "step (run, phase, undo, ord, id, kind, lock, risk)"
        " VALUES (%s, 0, false, 7, 'x', 'ddl', 'none', 'LOW')",
        "gate (run, phase, ord, name, sql, always, overridable, must_hold)"
        " VALUES (%s, 0, 9, 'x', 'SELECT true', true, true, false)",
        "claim (run, relid, relation, shared) VALUES (%s, 1, 'x', true)",
    };
    const char *id = arena_printf(test_arena(), "%" PRId64, fill()->id);

    for (size_t i = 0; i < ARRAY_LEN(additions); i++) {
        char sql[512] = "INSERT INTO orchestrate.";
        size_t n = strlen(sql);

        snprintf(sql + n, sizeof sql - n, additions[i], id);
        refused(writer, "OR002", sql);
        refused(super, "OR002", sql);
    }
}
END_TEST

START_TEST(a_runner_cannot_take_the_guards_away)
{
    static const char *const attempts[] = {
        "ALTER TABLE orchestrate.transition DISABLE TRIGGER guard",
        "ALTER TABLE orchestrate.transition DISABLE TRIGGER ALL",
        "ALTER TABLE orchestrate.transition DROP CONSTRAINT transition_pkey",
        "DROP TRIGGER kept ON orchestrate.transition",
        "DROP TABLE orchestrate.transition CASCADE",
        "DROP SCHEMA orchestrate CASCADE",
        "CREATE TABLE orchestrate.mine (x int)",
        "CREATE OR REPLACE FUNCTION orchestrate.utc(t timestamptz) RETURNS text LANGUAGE sql AS ''",
        "INSERT INTO orchestrate.fsm VALUES (99, 'done', 'x', 0, 0, 'running', 0, 'x')",
        "UPDATE orchestrate.meta SET version = 0",
        "SET session_replication_role = replica",
    };

    fill();
    for (size_t i = 0; i < ARRAY_LEN(attempts); i++)
        refused(writer, "42501", attempts[i]);
}
END_TEST

START_TEST(a_runner_cannot_borrow_what_the_guards_may_do)
{
    test_sql(super, "GRANT CREATE ON DATABASE \"%s\" TO writer", db);
    test_sql(writer, "CREATE SCHEMA mine; CREATE TABLE mine.transition (LIKE"
                     " orchestrate.transition)");
    refused(writer, "42501",
            "CREATE TRIGGER t AFTER INSERT ON mine.transition FOR EACH ROW"
            " EXECUTE FUNCTION orchestrate.transition_inserted()");
    refused(writer, "42501", "SELECT orchestrate.own(1, 0)");
    refused(writer, "42501", "SELECT orchestrate.admit('stranger', true)");
}
END_TEST

START_TEST(every_guard_fires_always_and_has_a_pinned_search_path)
{
    ck_assert_str_eq(test_rows(app, "SELECT tgrelid::regclass, tgname FROM pg_trigger"
                                    " JOIN pg_class c ON c.oid = tgrelid"
                                    " WHERE relnamespace = 'orchestrate'::regnamespace"
                                    " AND NOT tgisinternal AND tgenabled <> 'A'"),
                     "");
    ck_assert_str_eq(test_rows(app, "SELECT proname FROM pg_proc"
                                    " WHERE pronamespace = 'orchestrate'::regnamespace"
                                    " AND (prosecdef OR prolang <> (SELECT oid FROM pg_language"
                                    " WHERE lanname = 'sql'))"
                                    " AND NOT 'search_path=pg_catalog, pg_temp' = ANY"
                                    " (COALESCE(proconfig, '{}'))"),
                     "");
}
END_TEST

/* ---- the chain of hashes ---- */

static int64_t bad_row(const struct run *run)
{
    int64_t bad = -2;

    WORKS(store_history_check(pg, run->id, &bad, &err));
    return bad;
}

START_TEST(meddling_with_a_row_is_found_at_that_row)
{
    static const char *const edits[] = {
        "actor = 'boss'",
        "at = at + interval '1 microsecond'",
        "detail = '{\"a\": 1}'",
        "epoch = epoch + 1",
        "attempt = gen_random_uuid()",
        "xid = '3'",
        "rule = 21",
        "hash = sha256('x')",
        "prev_hash = sha256('x')",
    };
    struct run *run = start_run(pg, (struct start){ .name = "chain" });

    for (int i = 0; i < PHASES - 1; i++)
        finish_phase(pg, run, "{\"n\": 1.50}");
    ck_assert_int_eq(bad_row(run), -1);
    test_sql(super, "ALTER TABLE orchestrate.transition DISABLE TRIGGER ALL");
    for (int64_t seq = 1; seq <= run->seq; seq += 2)
        for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
            test_sql(super,
                     "CREATE TEMP TABLE was AS SELECT * FROM orchestrate.transition;"
                     "UPDATE orchestrate.transition SET %s WHERE run = %" PRId64
                     " AND seq = %" PRId64,
                     edits[i], run->id, seq);
            ck_assert_msg(bad_row(run) == seq, "%s in row %" PRId64 ": %" PRId64, edits[i], seq,
                          bad_row(run));
            test_sql(super, "UPDATE orchestrate.transition t SET actor = w.actor, at = w.at,"
                            " detail = w.detail, epoch = w.epoch, attempt = w.attempt,"
                            " xid = w.xid, rule = w.rule, hash = w.hash,"
                            " prev_hash = w.prev_hash FROM was w WHERE t.run = w.run"
                            " AND t.seq = w.seq; DROP TABLE was");
            ck_assert_int_eq(bad_row(run), -1);
        }
}
END_TEST

START_TEST(a_missing_row_and_a_well_forged_one_are_found)
{
    struct run *run = start_run(pg, (struct start){ .name = "forged" });

    finish_phase(pg, run, NULL);
    finish_phase(pg, run, NULL);
    test_sql(super, "ALTER TABLE orchestrate.transition DISABLE TRIGGER ALL");
    test_sql(super, "UPDATE orchestrate.transition SET actor = 'boss' WHERE seq = 2;"
                    "UPDATE orchestrate.transition t SET hash = orchestrate.transition_hash(t)"
                    " WHERE seq = 2");
    ck_assert_int_eq(bad_row(run), 3);
    test_sql(super, "DELETE FROM orchestrate.transition WHERE seq = 2");
    ck_assert_int_eq(bad_row(run), 2);
    test_sql(super, "DELETE FROM orchestrate.transition WHERE seq = 0");
    ck_assert_int_eq(bad_row(run), 0);
}
END_TEST

START_TEST(the_hash_does_not_depend_on_settings)
{
    struct run *run = start_run(pg, (struct start){ .name = "settings" });

    finish_phase(pg, run, NULL);
    test_sql(super, "SET TimeZone = 'Asia/Kathmandu'; SET DateStyle = 'German';"
                    "SET bytea_output = 'escape'; SET IntervalStyle = 'iso_8601'");
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM orchestrate.transition t"
                                       " WHERE t.hash <> orchestrate.transition_hash(t)"),
                     0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("store_records");
    TCase *t = support_case(s, "store_records", 120);

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, nobody_deletes_or_truncates_a_record);
    tcase_add_test(t, nobody_changes_a_record);
    tcase_add_test(t, what_a_plan_is_cannot_be_changed);
    tcase_add_test(t, nothing_can_be_added_to_a_registered_plan);
    tcase_add_test(t, a_runner_cannot_take_the_guards_away);
    tcase_add_test(t, a_runner_cannot_borrow_what_the_guards_may_do);
    tcase_add_test(t, every_guard_fires_always_and_has_a_pinned_search_path);
    tcase_add_test(t, meddling_with_a_row_is_found_at_that_row);
    tcase_add_test(t, a_missing_row_and_a_well_forged_one_are_found);
    tcase_add_test(t, the_hash_does_not_depend_on_settings);
    return s;
}

int main(void)
{
    return support_run(suite());
}
