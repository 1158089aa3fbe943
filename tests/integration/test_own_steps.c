/*
 * Steps of a plan's own that fail, or did not happen: what can be taken back of them, and what
 * there is to say.
 */
#include "own_fixture.h"

#define FAILS "VACUUM (FULL, PARALLEL 2) shop.log" /* which Postgres refuses when it is sent */
#define MARK "INSERT INTO shop.other VALUES (99)"
#define ALONE(sql, verify, undo)                                                                   \
    "      - sql: " sql "\n        verify: " verify "\n        undo: " undo "\n"
#define INDEX(sql, undo) "      - concurrently: " sql "\n        undo: " undo "\n"
#define FILL(set, undo)                                                                            \
    "      - backfill: {table: shop.third, set: {id: " set "}, where: id = 1}\n"                   \
    "        undo: " undo "\n"
#define TYPO SQL("ALTER TABLE shop.log DROP COLUMN nope", "never")

static int marks(void)
{
    return (int)test_count(super, "SELECT count(*) FROM shop.other");
}

static struct ran fails(const char *says)
{
    struct ran ran = ORCHESTRATE(url, "advance", "own");

    EXITS(ran, 1);
    CONTAINS(ran.err, says);
    return ran;
}

/* Without consent, and without a mark of an undo that was not due. */
static struct ran goes_back(void)
{
    struct ran ran = ORCHESTRATE(url, "rollback", "own");

    EXITS(ran, 0);
    ck_assert_int_eq(marks(), 0);
    return ran;
}

/* --- what did not happen is not undone ----------------------------------------------- */

START_TEST(a_statement_that_failed_is_not_undone)
{
    struct ran ran;

    started(PHASE("one", ALONE(FAILS, "SELECT false", MARK)) TWO);
    fails("VACUUM FULL cannot be performed in parallel");
    ran = goes_back();
    CONTAINS(ran.err, "one/1/1/undo/1");
    CONTAINS(ran.err, "not needed: step one/1/1 did not happen");
    CONTAINS(ORCHESTRATE(url, "history", "own").out, "not needed: step one/1/1 did not happen");
}
END_TEST

START_TEST(an_index_that_was_not_built_is_not_dropped)
{
    test_sql(super, "INSERT INTO shop.log VALUES ('twice'), ('twice')");
    started(PHASE("one", INDEX("CREATE UNIQUE INDEX CONCURRENTLY log_what ON shop.log (what)",
                               "DROP INDEX shop.log_what")) TWO);
    fails("could not create unique index");
    goes_back();
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM pg_index i JOIN pg_class c"
                                       " ON c.oid = i.indrelid WHERE c.relname = 'log'"),
                     0);
}
END_TEST

START_TEST(an_index_that_was_not_dropped_is_not_built)
{
    test_sql(super, "CREATE TABLE shop.unique_one (id int CONSTRAINT kept UNIQUE);"
                    "ALTER TABLE shop.unique_one OWNER TO app");
    started(PHASE("one", INDEX("DROP INDEX CONCURRENTLY shop.kept",
                               "CREATE INDEX CONCURRENTLY kept ON shop.unique_one (id)")) TWO);
    fails("constraint kept on table shop.unique_one requires it");
    goes_back();
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM pg_index i WHERE indrelid ="
                                       " 'shop.unique_one'::regclass"),
                     1);
}
END_TEST

START_TEST(a_partition_that_was_not_detached_is_not_attached)
{
    if (PQserverVersion(super) < 140000)
        return;
    test_sql(super, "CREATE TABLE shop.tree (id int) PARTITION BY LIST (id);"
                    "CREATE TABLE shop.leaf PARTITION OF shop.tree FOR VALUES IN (1);"
                    "CREATE TABLE shop.rest PARTITION OF shop.tree DEFAULT;"
                    "ALTER TABLE shop.tree OWNER TO app; ALTER TABLE shop.leaf OWNER TO app");
    started(PHASE("one", ALONE("ALTER TABLE shop.tree DETACH PARTITION shop.leaf CONCURRENTLY",
                               "SELECT NOT relispartition FROM pg_class WHERE relname = 'leaf'",
                               "ALTER TABLE shop.tree ATTACH PARTITION shop.leaf FOR VALUES IN "
                               "(1)")) TWO);
    fails("cannot detach partitions concurrently when a default partition exists");
    goes_back();
}
END_TEST

/* What comes behind a step that failed has not begun, whatever its `verify` says. */
START_TEST(a_step_that_was_not_reached_is_not_undone)
{
    started(PHASE("one", SQL("INSERT INTO shop.log VALUES (1 / 0)", MARK)
                             ALONE("VACUUM shop.log", "SELECT true", MARK) FILL("2", MARK)
                                 INDEX("CREATE INDEX CONCURRENTLY log_what ON shop.log (what)",
                                       "DROP INDEX shop.log_what")) TWO);
    fails("division by zero");
    goes_back();
}
END_TEST

/* It was not recorded, and happened all the same. */
START_TEST(a_step_in_doubt_is_undone_when_verify_says_that_it_happened)
{
    started(PHASE("one", ALONE("VACUUM shop.log", "SELECT EXISTS (SELECT FROM shop.log)",
                               "DELETE FROM shop.log")) TWO);
    fails("its `verify` does not say that it happened");
    test_sql(super, "INSERT INTO shop.log VALUES ('late')");
    EXITS(ORCHESTRATE(url, "rollback", "own"), 77);
    EXITS(ORCHESTRATE(url, "rollback", "own", "--confirm", "own"), 0);
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM shop.log"), 0);
}
END_TEST

/* Asked once: what is undone after it may be what `verify` looks at. */
START_TEST(what_was_found_not_to_be_needed_stays_so)
{
    started(PHASE("one", SQL("CREATE TABLE shop.made AS SELECT false AS yes",
                             "DROP TABLE shop.made; DELETE FROM shop.nowhere")
                             ALONE(FAILS, "SELECT yes FROM shop.made", MARK)) TWO);
    fails("VACUUM FULL cannot be performed in parallel");
    EXITS(ORCHESTRATE(url, "rollback", "own", "--confirm", "own"), 1);
    test_sql(super, "DROP TABLE shop.made; CREATE TABLE shop.made (no int);"
                    "ALTER TABLE shop.made OWNER TO app;"
                    "CREATE TABLE shop.nowhere (id int); GRANT ALL ON shop.nowhere TO PUBLIC");
    EXITS(ORCHESTRATE(url, "rollback", "own", "--confirm", "own"), 0);
    ck_assert_int_eq(marks(), 0);
}
END_TEST

/* --- the point of no return is where something of it has happened --------------------- */

START_TEST(a_typo_before_the_point_of_no_return_can_be_mended)
{
    struct ran ran;

    started(ONE PHASE("two", TYPO));
    advanced();
    ran = ORCHESTRATE(url, "advance", "own", "--confirm", "own");
    EXITS(ran, 1);
    CONTAINS(ran.err, "orchestrate rollback own");
    refused(ONE PHASE("two", SQL("ALTER TABLE shop.log DROP COLUMN what", "never")), 5,
            "has done already, or is doing: phase two", "Or go back first");
    CONTAINS(ORCHESTRATE(url, "rollback", "own", "--dry-run").out, "this would be undone");
    goes_back();
    EXITS(ORCHESTRATE(url, "resume",
                      file(ONE PHASE("two", SQL("ALTER TABLE shop.log DROP COLUMN what", "never"))),
                      "--accept-plan-change"),
          0);
    EXITS(ORCHESTRATE(url, "advance", "own", "--confirm", "own"), 0);
    ran = ORCHESTRATE(url, "rollback", "own");
    EXITS(ran, 5);
    CONTAINS(ran.err, "past the point of no return");
}
END_TEST

/* What was done before it, in its phase, is undone. */
START_TEST(a_phase_is_undone_up_to_a_never_that_did_not_happen)
{
    static const char *const never[] = {
        TYPO,
        ALONE(FAILS, "SELECT false", "never"),
        ALONE("VACUUM shop.log", "SELECT 1 FROM shop.nowhere", "never"),
        ALONE("VACUUM shop.log", "SELECT false", "never"),
    };

    test_sql(super, "INSERT INTO shop.third VALUES (1)");
    started(arena_printf(
        test_arena(),
        PHASE("one",
              SQL("CREATE TABLE shop.made ()", "DROP SCHEMA nowhere; DROP TABLE shop.made")
                  FILL("2", "INSERT INTO shop.log VALUES ('back')") "%s" SQL("SELECT 1", MARK)) TWO,
        never[_i]));
    EXITS(ORCHESTRATE(url, "advance", "own", "--confirm", "own"), 1);
    EXITS(ORCHESTRATE(url, "rollback", "own"), 77);
    EXITS(ORCHESTRATE(url, "rollback", "own", "--confirm", "own"), 1);
    test_sql(super, "CREATE SCHEMA nowhere AUTHORIZATION app");
    EXITS(ORCHESTRATE(url, "rollback", "own", "--confirm", "own"), 0);
    ck_assert_str_eq(logged(), "back");
    ck_assert_int_eq(marks(), 0);
    ck_assert_str_eq(test_value(super, "SELECT to_regclass('shop.made') IS NULL"), "t");
}
END_TEST

START_TEST(behind_a_never_that_is_done_the_answer_says_what_is_left)
{
    struct ran ran;

    started(PHASE("one", SQL("DROP TABLE shop.third", "never")
                             SQL("INSERT INTO shop.log VALUES (1 / 0)", "none")) TWO);
    ran = ORCHESTRATE(url, "advance", "own", "--confirm", "own");
    EXITS(ran, 1);
    CONTAINS(ran.err, "there is no way back any more");
    ran = ORCHESTRATE(url, "rollback", "own");
    EXITS(ran, 5);
    CONTAINS(ran.err, "past the point of no return");
    CONTAINS(ran.err, "orchestrate repair own --forget --confirm own");
    refused(PHASE("one", SQL("DROP TABLE shop.third", "never") SQL("SELECT 1", "none")) TWO, 5,
            "has done already, or is doing: phase one",
            "orchestrate repair own --forget --confirm own");
    ran = ORCHESTRATE(url, "rollback", "own", "--dry-run");
    EXITS(ran, 5);
    CONTAINS(ran.err, "hint: What it dropped cannot be brought back");
}
END_TEST

/* The database judges by its records, whoever asks. */
START_TEST(the_guard_lets_nobody_back_behind_a_never_that_is_recorded)
{
    started(PHASE("one", SQL("DROP TABLE shop.third", "never")
                             SQL("INSERT INTO shop.log VALUES (1 / 0)", "none")) TWO);
    EXITS(ORCHESTRATE(url, "advance", "own", "--confirm", "own"), 1);
    ck_assert_str_eq(
        test_sqlstate(super, "INSERT INTO orchestrate.transition (run, seq, from_phase,"
                             " from_state, to_phase, to_state, rule, epoch, attempt)"
                             " SELECT t.run, t.seq + 1, 0, 'failed', 0, 'undoing', 31, p.epoch,"
                             " gen_random_uuid() FROM orchestrate.transition t"
                             " JOIN orchestrate.plan p USING (run) ORDER BY t.seq DESC LIMIT 1"),
        "OR003");
}
END_TEST

/* --- consent is for what is undone ---------------------------------------------------- */

START_TEST(a_run_that_has_not_begun_is_called_off_without_consent)
{
    static const char *const firsts[] = {
        PHASE("one", SQL("DROP TABLE shop.third", "never")),
        PHASE("one", SQL("CREATE TABLE shop.made ()", "DROP TABLE shop.made")),
    };

    started(arena_printf(test_arena(), "%s" TWO, firsts[_i]));
    CONTAINS(goes_back().out, "called off; no phase had begun");
}
END_TEST

START_TEST(what_leaves_nothing_to_undo_wants_no_consent)
{
    started(PHASE("one", SQL("INSERT INTO shop.log VALUES ('one')", "none")
                             ALONE(FAILS, "SELECT false", "DELETE FROM shop.log")
                                 SQL("SELECT 1", "DROP TABLE shop.other")) TWO);
    fails("VACUUM FULL cannot be performed in parallel");
    goes_back();
    ck_assert_str_eq(logged(), "one");
}
END_TEST

/* --- a lock that keeps others waiting is not waited for ------------------------------- */

#define FOR_2S "settings:\n  lock_retry_for: 2s\n"

START_TEST(a_strong_lock_is_waited_for_as_in_other_steps)
{
    static const struct {
        const char *sql, *says, *more;
    } rows[] = {
        { "VACUUM FULL shop.log", "no ACCESS EXCLUSIVE lock on shop.log within 2s",
          "in the way: " },
        { "VACUUM FULL log", "no ACCESS EXCLUSIVE lock on shop.log within 2s", "in the way: " },
        { "REINDEX SCHEMA shop", "tried for 2s", "see in pg_locks" },
    };
    PGconn *reader = test_connect(db, "postgres");
    struct ran ran;

    test_sql(super,
             "ALTER DATABASE %s SET search_path = shop; CREATE INDEX log_what ON shop.log (what)",
             db);
    started(arena_printf(test_arena(), PHASE("one", ALONE("%s", "SELECT false", "none")) TWO FOR_2S,
                         rows[_i].sql));
    test_sql(reader, "BEGIN; SELECT count(*) FROM shop.log");
    ran = ORCHESTRATE(url, "advance", "own", "--max-time", "20s");
    EXITS(ran, 6);
    CONTAINS(ran.err, rows[_i].says);
    CONTAINS(ran.err, rows[_i].more);
    test_sql(reader, "COMMIT");
    fails("its `verify` does not say that it happened");
}
END_TEST

START_TEST(a_check_is_tried_again_and_says_who_is_in_the_way)
{
    PGconn *other = test_connect(db, "postgres");
    struct ran ran;

    started(PHASE("one", "      - check: SELECT 1 FROM shop.log\n") TWO FOR_2S);
    test_sql(other, "BEGIN; LOCK TABLE shop.log");
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 6);
    CONTAINS(ran.err, "tried for 2s");
    CONTAINS(ran.err, arena_printf(test_arena(), "pid %d", PQbackendPID(other)));
    test_sql(other, "COMMIT");
    advanced();
}
END_TEST

/* --- what `verify` says ---------------------------------------------------------------- */

#define AS_APP "    role: app\n"

START_TEST(verify_is_asked_as_the_role_of_the_phase)
{
    struct ran ran;

    started(PHASE("one", ALONE("VACUUM shop.log", "SELECT current_user = 'app'", "none") AS_APP)
                TWO);
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 0);
    CONTAINS(ran.err, "VACUUM shop.log: it had happened already");
    CONTAINS(ORCHESTRATE(url, "history", "own").out, "it had happened already");
    advanced();
}
END_TEST

START_TEST(a_verify_that_is_no_answer_is_said_before_the_statement_is_sent)
{
    static const struct {
        const char *verify, *says;
    } rows[] = {
        { "SELECT id FROM shop.made", "it returned 1 row of 1 column, which is no boolean" },
        { "SELECT id, id FROM shop.made", "it returned 1 row of 2 columns" },
        { "SELECT true FROM generate_series(1, 2)", "it returned 2 rows of 1 column" },
        { "SELECT true WHERE false", "it returned 0 rows of 1 column" },
    };
    struct ran ran;

    started(arena_printf(test_arena(),
                         PHASE("zero", SQL("CREATE TABLE shop.made AS SELECT 1 AS id", "none"))
                             PHASE("one", ALONE("VACUUM shop.log", "%s", "never")) TWO,
                         rows[_i].verify));
    advanced();
    ran = ORCHESTRATE(url, "advance", "own", "--confirm", "own");
    EXITS(ran, 1);
    CONTAINS(ran.err, rows[_i].says);
    CONTAINS(ran.err, "undo this phase, mend the plan");
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM orchestrate.attempt"), 0);
    goes_back();
}
END_TEST

START_TEST(a_verify_that_is_no_boolean_is_refused_at_start)
{
    static const char *const verifies[] = { "SELECT 1", "SELECT true, true", "SHOW work_mem" };
    struct ran ran = ORCHESTRATE(
        url, "start",
        file(arena_printf(test_arena(), PHASE("one", ALONE("VACUUM shop.log", "%s", "none")),
                          verifies[_i])));

    EXITS(ran, 5);
    CONTAINS(ran.err, "`verify` of step 1 of one does not return one boolean");
    CONTAINS(ran.err, "SELECT EXISTS (...)");
}
END_TEST

START_TEST(a_misspelt_rule_of_a_step_is_warned_of)
{
    struct ran ran = ORCHESTRATE(
        url, "start",
        file(PHASE("one",
                   SQL("SELECT 1", "none") "        accept: [{rule: no-tabel, because: x}]\n")));

    EXITS(ran, 0);
    CONTAINS(ran.err, "step 1 of one accepts no-tabel, but nothing here asks for that");
}
END_TEST

/* --- words that are wrong --------------------------------------------------------------- */

START_TEST(words_that_are_wrong_are_no_bug_of_ours)
{
    static const struct {
        const char *step, *says, *hint;
    } rows[] = {
        { SQL("CREATE FUNCTION shop.f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETUR 1; END'",
              "none"),
          "syntax error", "Mend the cause and advance again, or go back" },
        { SQL("DO 'BEGIN NONSENSE; END'", "none"), "syntax error", "or go back" },
        { SQL("INSERT INTO shop.other SELECT 1, 2", "none"), "more expressions than target columns",
          "or go back" },
        { SQL("SELECT 1 UNION SELECT 1, 2", "none"), "same number of columns", "or go back" },
        { "      - check: SELECT nextval('shop.seq')\n", "read-only transaction",
          "A check may only read" },
        { SQL("CALL shop.commits()", "none"), "invalid transaction termination",
          "Make it a step of its own, with `verify`" },
        { SQL("CLUSTER shop.parted USING parted_pkey", "none"), "cannot run inside a transaction",
          "Make it a step of its own, with `verify`" },
        { ALONE("DROP DATABASE nowhere", "SELECT false", "none"), "does not exist",
          "Mend the cause and advance again, or go back" },
    };
    struct ran ran;

    test_sql(super, "CREATE SEQUENCE shop.seq; GRANT ALL ON shop.seq TO PUBLIC;"
                    "CREATE PROCEDURE shop.commits() LANGUAGE plpgsql AS 'BEGIN COMMIT; END';"
                    "CREATE TABLE shop.parted (a int PRIMARY KEY) PARTITION BY RANGE (a);"
                    "ALTER TABLE shop.parted OWNER TO migrator");
    if (strstr(rows[_i].step, "CLUSTER") && test_server_major() < 15)
        return; /* of a partitioned table from 15 on */
    started(arena_printf(test_arena(), "%s" TWO,
                         arena_printf(test_arena(), PHASE("one", "%s"), rows[_i].step)));
    ran = ORCHESTRATE(url, "advance", "own");
    EXITS(ran, 1);
    CONTAINS(ran.err, rows[_i].says);
    CONTAINS(ran.err, rows[_i].hint);
    goes_back();
}
END_TEST

START_TEST(a_call_that_commits_runs_outside_a_transaction_with_verify)
{
    static const char *const calls[] = {
        "CALL shop.commits()",
        "DO 'BEGIN INSERT INTO shop.log VALUES (1); COMMIT; INSERT INTO shop.log VALUES (2); END'",
    };

    test_sql(super,
             "CREATE PROCEDURE shop.commits() LANGUAGE plpgsql AS 'BEGIN INSERT INTO shop.log"
             " VALUES (1); COMMIT; INSERT INTO shop.log VALUES (2); END'");
    started(arena_printf(
        test_arena(),
        PHASE("one", ALONE("%s", "SELECT count(*) = 2 FROM shop.log", "TRUNCATE shop.log")) TWO,
        calls[_i]));
    advanced();
    ck_assert_str_eq(logged(), "1 2");
    EXITS(ORCHESTRATE(url, "rollback", "own", "--confirm", "own"), 0);
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM shop.log"), 0);
}
END_TEST

/* Only the server knows that it is partitioned, and then CLUSTER commits for each partition. */
START_TEST(a_partitioned_table_is_clustered_with_verify)
{
    test_sql(super,
             "CREATE TABLE shop.parted (a int PRIMARY KEY) PARTITION BY RANGE (a);"
             "CREATE TABLE shop.part PARTITION OF shop.parted DEFAULT;"
             "ALTER TABLE shop.parted OWNER TO migrator; ALTER TABLE shop.part OWNER TO migrator");
    if (test_server_major() < 15)
        return;
    started(PHASE("one", ALONE("CLUSTER shop.parted USING parted_pkey",
                               "SELECT indisclustered FROM pg_index WHERE indexrelid ="
                               " 'shop.part_pkey'::regclass",
                               "none")) TWO);
    advanced();
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM pg_index WHERE indisclustered"), 1);
}
END_TEST

START_TEST(none_and_never_are_written_in_small_letters)
{
    struct ran ran = ORCHESTRATE(url, "validate", file(PHASE("one", SQL("SELECT 1", "None"))));

    EXITS(ran, 65);
    CONTAINS(ran.err, "write `undo: none`");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("own_steps");
    TCase *tc = support_case(s, "own steps", 120);

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, a_statement_that_failed_is_not_undone);
    tcase_add_test(tc, an_index_that_was_not_built_is_not_dropped);
    tcase_add_test(tc, an_index_that_was_not_dropped_is_not_built);
    tcase_add_test(tc, a_partition_that_was_not_detached_is_not_attached);
    tcase_add_test(tc, a_step_that_was_not_reached_is_not_undone);
    tcase_add_test(tc, a_step_in_doubt_is_undone_when_verify_says_that_it_happened);
    tcase_add_test(tc, what_was_found_not_to_be_needed_stays_so);
    tcase_add_test(tc, a_typo_before_the_point_of_no_return_can_be_mended);
    tcase_add_loop_test(tc, a_phase_is_undone_up_to_a_never_that_did_not_happen, 0, 4);
    tcase_add_test(tc, behind_a_never_that_is_done_the_answer_says_what_is_left);
    tcase_add_test(tc, the_guard_lets_nobody_back_behind_a_never_that_is_recorded);
    tcase_add_loop_test(tc, a_run_that_has_not_begun_is_called_off_without_consent, 0, 2);
    tcase_add_test(tc, what_leaves_nothing_to_undo_wants_no_consent);
    tcase_add_loop_test(tc, a_strong_lock_is_waited_for_as_in_other_steps, 0, 3);
    tcase_add_test(tc, a_check_is_tried_again_and_says_who_is_in_the_way);
    tcase_add_test(tc, verify_is_asked_as_the_role_of_the_phase);
    tcase_add_loop_test(tc, a_verify_that_is_no_answer_is_said_before_the_statement_is_sent, 0, 4);
    tcase_add_loop_test(tc, a_verify_that_is_no_boolean_is_refused_at_start, 0, 3);
    tcase_add_test(tc, a_misspelt_rule_of_a_step_is_warned_of);
    tcase_add_loop_test(tc, words_that_are_wrong_are_no_bug_of_ours, 0, 8);
    tcase_add_loop_test(tc, a_call_that_commits_runs_outside_a_transaction_with_verify, 0, 2);
    tcase_add_test(tc, a_partitioned_table_is_clustered_with_verify);
    tcase_add_test(tc, none_and_never_are_written_in_small_letters);
    return s;
}

int main(void)
{
    return support_run(suite());
}
