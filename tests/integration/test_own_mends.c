/*
 * An `undo` of a plan's own that turns out to be wrong when it is needed: it can be mended
 * in the plan, and nothing else can with it.
 */
#include "own_fixture.h"

#define WRITES(what, undo) SQL("INSERT INTO shop.log VALUES ('" what "')", undo)
#define WRONG PHASE("one", WRITES("one", "DELETE FROM shop.nowhere"))
#define RIGHT PHASE("one", WRITES("one", "DELETE FROM shop.log WHERE what = 'one'"))

/* The undo fails for its words, which the answer says can be mended. */
static void stuck(const char *server_says)
{
    struct ran ran =
        ORCHESTRATE(url, "rollback", "own", "--to", "start", "--confirm", "own", "--because", "x");

    EXITS(ran, 1);
    CONTAINS(ran.err, server_says);
    CONTAINS(ran.err, "Nothing was undone. If `undo` is wrong in the plan, mend it there");
    CONTAINS(ran.err, "`orchestrate start FILE --accept-plan-change`");
}

static void mended(const char *phases)
{
    EXITS(ORCHESTRATE(url, "start", file(phases), "--accept-plan-change"), 0);
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "start", "--confirm", "own"), 0);
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM shop.log"), 0);
}

START_TEST(a_wrong_undo_is_mended_when_it_has_failed)
{
    struct ran ran;

    started(WRONG TWO);
    advanced();
    refused(RIGHT TWO, 5, "has done already, or is doing: phase one", "Take the edit back");
    stuck("relation \"shop.nowhere\" does not exist");
    ran = ORCHESTRATE(url, "start", file(RIGHT TWO));
    EXITS(ran, 5);
    CONTAINS(ran.err, "has not begun yet: undo of phase one");
    mended(RIGHT TWO);
    CONTAINS(ORCHESTRATE(url, "history", "own").out, "the plan was changed: undo of phase one");
}
END_TEST

START_TEST(nothing_is_mended_but_the_undo_that_failed)
{
    started(WRONG PHASE("two", WRITES("two", "DELETE FROM shop.log WHERE what = 'two'")) TWO_MORE);
    advanced();
    advanced();
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "one", "--confirm", "own"), 0);
    refused(RIGHT TWO TWO_MORE, 5, "has done already, or is doing: phase one",
            "Take the edit back");
    stuck("relation \"shop.nowhere\" does not exist");
    refused(PHASE("one", WRITES("other", "DELETE FROM shop.log")) TWO TWO_MORE, 5,
            "has done already, or is doing: phase one", "Take the edit back");
    refused(PHASE("one", WRITES("one", "never")) TWO TWO_MORE, 5,
            "the undo of phase one of own is to be mended, not taken away", "Write SQL");
    /* What comes later is exchanged in the same edit. */
    mended(RIGHT PHASE("better", SQL("SELECT 1", "none")));
}
END_TEST

/* What went on meanwhile is another thing than an undo that failed. */
START_TEST(an_undo_that_failed_before_the_run_went_on_is_not_mended)
{
    started(WRONG TWO TWO_MORE);
    advanced();
    stuck("relation \"shop.nowhere\" does not exist");
    advanced();
    refused(RIGHT TWO TWO_MORE, 5, "has done already, or is doing: phase one",
            "Take the edit back");
}
END_TEST

/* --- an undo that is done in part -------------------------------------------------- */

/* Two steps, of which the second is undone first; that leaves a mark. */
#define TWO_STEPS(one, more) PHASE("one", WRITES("one", one) WRITES("more", more))
#define MARKS "INSERT INTO shop.other VALUES (2)"
#define INDEXED(last) "DELETE FROM shop.third; DROP INDEX CONCURRENTLY shop.log_what; " last

static int marks(void)
{
    return (int)test_count(super, "SELECT count(*) FROM shop.other");
}

static int undone(void)
{
    return (int)test_count(super, "SELECT count(*) FROM orchestrate.step_record WHERE undo");
}

static void stuck_after(int steps, const char *server_says)
{
    struct ran ran = ORCHESTRATE(url, "rollback", "own", "--to", "start", "--confirm", "own");

    EXITS(ran, 1);
    CONTAINS(ran.err, server_says);
    CONTAINS(ran.err, arena_printf(test_arena(), "What is undone stays so (%d step%s)", steps,
                                   steps == 1 ? "" : "s"));
    CONTAINS(ran.err, "`orchestrate start FILE --accept-plan-change`");
    ck_assert_int_eq(undone(), steps);
}

/* Steps of their own transactions: what is undone is, and the rest can be mended. */
START_TEST(an_undo_that_is_done_in_part_is_mended_in_the_rest)
{
    started(TWO_STEPS("DELETE FROM shop.nowhere", MARKS) TWO);
    advanced();
    stuck_after(1, "relation \"shop.nowhere\" does not exist");
    refused(TWO_STEPS("DELETE FROM shop.log", "INSERT INTO shop.other VALUES (3)") TWO, 5,
            "has done already, or is doing: phase one", "`undo` of what is not undone yet");
    refused(TWO_STEPS("DELETE FROM shop.log", "none") TWO, 5,
            "has done already, or is doing: phase one", "`undo` of what is not undone yet");
    mended(TWO_STEPS("DELETE FROM shop.log", MARKS) TWO);
    ck_assert_int_eq(marks(), 1);
    ck_assert_int_eq(undone(), 2);
    CONTAINS(ORCHESTRATE(url, "history", "own").out, "the plan was changed: undo of phase one");
}
END_TEST

/* What is done keeps its place, whatever becomes of the rest. */
START_TEST(what_is_left_of_an_undo_may_become_more_steps_or_none)
{
    static const struct {
        const char *undo;
        int steps, left; /* of all that are undone; rows of the log */
    } rests[] = { { INDEXED("DELETE FROM shop.log"), 4, 0 }, { "none", 1, 2 } };

    test_sql(super, "CREATE INDEX log_what ON shop.log (what)");
    started(TWO_STEPS("DELETE FROM shop.nowhere", MARKS) TWO);
    advanced();
    stuck_after(1, "relation \"shop.nowhere\" does not exist");
    EXITS(ORCHESTRATE(url, "start",
                      file(arena_printf(test_arena(), TWO_STEPS("%s", MARKS) TWO, rests[_i].undo)),
                      "--accept-plan-change"),
          0);
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "start", "--confirm", "own"), 0);
    ck_assert_int_eq(marks(), 1);
    ck_assert_int_eq(undone(), rests[_i].steps);
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM shop.log"), rests[_i].left);
}
END_TEST

/* One `undo` that is several steps, since an index goes alone. */
START_TEST(within_one_undo_what_is_done_stays_as_it_was)
{
    test_sql(super, "CREATE INDEX log_what ON shop.log (what)");
    started(TWO_STEPS(INDEXED("DELETE FROM shop.nowhere"), MARKS) TWO);
    advanced();
    stuck_after(3, "relation \"shop.nowhere\" does not exist");
    refused(TWO_STEPS("DELETE FROM shop.log", MARKS) TWO, 5,
            "one/1/1/undo/1, which is undone already", "Leave the statements as they are");
    refused(TWO_STEPS("none", MARKS) TWO, 5, "one/1/1/undo/1, which is undone already",
            "Leave the statements as they are");
    mended(TWO_STEPS(INDEXED("DELETE FROM shop.log"), MARKS) TWO);
    ck_assert_int_eq(marks(), 1);
    ck_assert_int_eq(undone(), 4);
}
END_TEST

/* What had failed is done by now, and the next has not failed. */
START_TEST(an_undo_that_went_on_since_it_failed_is_not_mended)
{
    PGconn *other = test_connect(db, "postgres");

    started(TWO_STEPS("DELETE FROM shop.third", "DELETE FROM shop.nowhere") TWO);
    advanced();
    stuck("relation \"shop.nowhere\" does not exist");
    test_sql(super, "CREATE TABLE shop.nowhere (); GRANT ALL ON shop.nowhere TO PUBLIC");
    EXITS(ORCHESTRATE(url, "set", "own", "lock_retry_for=1s"), 0);
    test_sql(other, "BEGIN; LOCK shop.third");
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "start", "--confirm", "own"), 6);
    ck_assert_int_eq(undone(), 1);
    refused(TWO_STEPS("DELETE FROM shop.log", "DELETE FROM shop.nowhere") TWO, 5,
            "has done already, or is doing: phase one", "goes on with the run's own copy");
    test_sql(other, "ROLLBACK");
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "start", "--confirm", "own"), 0);
}
END_TEST

/* --- after the last phase ---------------------------------------------------------- */

START_TEST(the_undo_of_a_run_that_is_complete_is_mended_when_it_has_failed)
{
    static const char ended[] = "is not what run 1 of plan own was, which has ended (complete)";

    started(WRONG);
    advanced();
    refused(RIGHT, 5, ended, "Give the changed plan a name of its own");
    stuck("relation \"shop.nowhere\" does not exist");
    refused(RIGHT TWO, 5, ended, "");
    refused(PHASE("one", WRITES("other", "DELETE FROM shop.log")), 5, ended, "");
    ck_assert_str_eq(test_value(super, "SELECT ended_at IS NOT NULL FROM orchestrate.plan"), "t");
    mended(RIGHT);
    EXITS(ORCHESTRATE(url, "start", "--again", file(RIGHT)), 0);
}
END_TEST

/* An undo that could be done without consent becomes one that destroys something. */
START_TEST(a_mended_undo_wants_the_consent_that_it_needs)
{
    started(PHASE("one", WRITES("one", "SELECT 1 / 0")) TWO);
    advanced();
    stuck("division by zero");
    EXITS(ORCHESTRATE(url, "start", file(PHASE("one", WRITES("one", "DELETE FROM shop.log")) TWO),
                      "--accept-plan-change"),
          0);
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "start"), 77);
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "start", "--confirm", "own"), 0);
}
END_TEST

/* --- with psql, and the rights of a runner ------------------------------------------ */

static PGconn *runner(void)
{
    test_sql(test_connect(db, "app"), "SELECT orchestrate.admit('writer', true)");
    return test_connect(db, "writer");
}

/* As an edit of the plan it is refused, or is not. */
static void edits(PGconn *conn, const char *edit, const char *sqlstate)
{
    ck_assert_str_eq(test_sqlstate(conn,
                                   "BEGIN; INSERT INTO orchestrate.amendment (run, epoch, kind,"
                                   " checksum, canonical) SELECT run, epoch, 'plan',"
                                   " repeat('0', 64), 'x' FROM orchestrate.plan; %s",
                                   edit),
                     sqlstate);
    test_sql(conn, "ROLLBACK");
}

START_TEST(a_mere_runner_mends_no_more_than_that)
{
    static const char *const tries[] = {
        "DELETE FROM orchestrate.step WHERE phase = 0 AND NOT undo",
        "UPDATE orchestrate.phase SET undo = 'never' WHERE ord = 0",
        "DELETE FROM orchestrate.gate WHERE phase = 0",
        "DELETE FROM orchestrate.step WHERE phase = 0 AND undo",
        "UPDATE orchestrate.phase SET undo = 'lossy' WHERE ord = 0",
    };
    PGconn *conn = runner();

    started(PHASE("one", WRITES("one", "SELECT 1 / 0")) TWO);
    advanced();
    for (size_t i = 0; i < ARRAY_LEN(tries); i++)
        edits(conn, tries[i], "OR002");
    stuck("division by zero");
    for (size_t i = 0; i < ARRAY_LEN(tries); i++)
        edits(conn, tries[i], i < 3 ? "OR002" : "");
}
END_TEST

START_TEST(a_mere_runner_exchanges_no_undo_that_is_done)
{
    static const char again[] =
        "INSERT INTO orchestrate.step (run, phase, undo, ord, id, kind, custom, lock, risk)"
        " VALUES (1, 0, true, %d, 'new', 'sql', true, 'none', 'LOW')";
    PGconn *conn = runner();

    started(TWO_STEPS("DELETE FROM shop.nowhere", MARKS) TWO);
    advanced();
    stuck_after(1, "relation \"shop.nowhere\" does not exist");
    edits(conn, "DELETE FROM orchestrate.step WHERE phase = 0 AND undo", "OR002");
    edits(conn, "DELETE FROM orchestrate.step WHERE phase = 0 AND undo AND ord = 0", "OR002");
    edits(conn, "DELETE FROM orchestrate.step WHERE phase = 0 AND undo AND ord = 1", "");
    edits(conn, arena_printf(test_arena(), again, 0), "OR002");
    edits(conn, arena_printf(test_arena(), again, 2), "");
}
END_TEST

/* A run that has ended gets nothing more to do by it. */
START_TEST(a_mere_runner_makes_nothing_more_of_a_run_that_is_complete)
{
    static const char more[] =
        "INSERT INTO orchestrate.phase (run, ord, name, deploy_before, undo, undo_with_previous,"
        " checksum) VALUES (1, 1, 'more', false, 'never', false, '');"
        " UPDATE orchestrate.plan SET n_phases = 2, checksum = repeat('0', 64), canonical = 'x'";
    static const char same[] =
        "UPDATE orchestrate.plan SET checksum = repeat('0', 64), canonical = 'x'";
    PGconn *conn = runner();

    started(WRONG);
    advanced();
    edits(conn, same, "OR003");
    stuck("relation \"shop.nowhere\" does not exist");
    edits(conn, same, "");
    edits(conn, more, "OR003");
}
END_TEST

START_TEST(what_was_given_up_is_not_mended)
{
    PGconn *conn = runner();

    started(TWO_STEPS("DELETE FROM shop.nowhere", MARKS));
    advanced();
    stuck_after(1, "relation \"shop.nowhere\" does not exist");
    edits(conn, "SELECT 1", "");
    test_sql(super, "INSERT INTO orchestrate.amendment (run, epoch, kind)"
                    " SELECT run, epoch, 'forget' FROM orchestrate.plan");
    edits(conn, "SELECT 1", "OR003");
    refused(TWO_STEPS("DELETE FROM shop.log", MARKS), 5, "which has ended", "");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("own_mends");
    TCase *tc = support_case(s, "own mends", 120);

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, a_wrong_undo_is_mended_when_it_has_failed);
    tcase_add_test(tc, nothing_is_mended_but_the_undo_that_failed);
    tcase_add_test(tc, an_undo_that_failed_before_the_run_went_on_is_not_mended);
    tcase_add_test(tc, an_undo_that_is_done_in_part_is_mended_in_the_rest);
    tcase_add_loop_test(tc, what_is_left_of_an_undo_may_become_more_steps_or_none, 0, 2);
    tcase_add_test(tc, within_one_undo_what_is_done_stays_as_it_was);
    tcase_add_test(tc, an_undo_that_went_on_since_it_failed_is_not_mended);
    tcase_add_test(tc, the_undo_of_a_run_that_is_complete_is_mended_when_it_has_failed);
    tcase_add_test(tc, a_mended_undo_wants_the_consent_that_it_needs);
    tcase_add_test(tc, a_mere_runner_mends_no_more_than_that);
    tcase_add_test(tc, a_mere_runner_exchanges_no_undo_that_is_done);
    tcase_add_test(tc, a_mere_runner_makes_nothing_more_of_a_run_that_is_complete);
    tcase_add_test(tc, what_was_given_up_is_not_mended);
    return s;
}

int main(void)
{
    return support_run(suite());
}
