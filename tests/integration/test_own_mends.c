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

/* Steps of their own transactions: what is undone is, and the rest stays as it was said. */
START_TEST(an_undo_that_is_done_in_part_is_not_mended)
{
    static const char twice[] = PHASE("one", WRITES("one", "DELETE FROM shop.nowhere")
                                                 WRITES("more", "DELETE FROM shop.log"));
    static const char edited[] = PHASE("one", WRITES("one", "DELETE FROM shop.third")
                                                  WRITES("more", "DELETE FROM shop.log"));
    struct ran ran;

    started(arena_printf(test_arena(), "%s%s", twice, TWO));
    advanced();
    ran = ORCHESTRATE(url, "rollback", "own", "--to", "start", "--confirm", "own");
    EXITS(ran, 1);
    ck_assert_ptr_null(strstr(ran.err, "Nothing was undone"));
    ck_assert_str_eq(test_value(super, "SELECT to_state FROM orchestrate.transition"
                                       " ORDER BY seq DESC LIMIT 1"),
                     "undoing");
    refused(arena_printf(test_arena(), "%s%s", edited, TWO), 5,
            "has done already, or is doing: phase one", "");
    test_sql(super, "CREATE TABLE shop.nowhere (); GRANT ALL ON shop.nowhere TO PUBLIC");
    EXITS(ORCHESTRATE(url, "rollback", "own", "--to", "start", "--confirm", "own"), 0);
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

/* With psql, and the rights of a runner. */
START_TEST(a_mere_runner_mends_no_more_than_that)
{
    static const char *const edits[] = {
        "DELETE FROM orchestrate.step WHERE phase = 0 AND NOT undo",
        "UPDATE orchestrate.phase SET undo = 'never' WHERE ord = 0",
        "DELETE FROM orchestrate.gate WHERE phase = 0",
        "DELETE FROM orchestrate.step WHERE phase = 0 AND undo",
        "UPDATE orchestrate.phase SET undo = 'lossy' WHERE ord = 0",
    };
    PGconn *runner;

    test_sql(test_connect(db, "app"), "SELECT orchestrate.admit('writer', true)");
    runner = test_connect(db, "writer");
    started(PHASE("one", WRITES("one", "SELECT 1 / 0")) TWO);
    advanced();
    for (int failed = 0; failed < 2; failed++) {
        for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
            ck_assert_str_eq(
                test_sqlstate(runner,
                              "BEGIN; INSERT INTO orchestrate.amendment (run, epoch, kind,"
                              " checksum, canonical) SELECT run, epoch, 'plan', repeat('0', 64),"
                              " 'x' FROM orchestrate.plan; %s",
                              edits[i]),
                failed && i >= 3 ? "" : "OR002");
            test_sql(runner, "ROLLBACK");
        }
        if (!failed)
            stuck("division by zero");
    }
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
    tcase_add_test(tc, an_undo_that_is_done_in_part_is_not_mended);
    tcase_add_test(tc, a_mended_undo_wants_the_consent_that_it_needs);
    tcase_add_test(tc, a_mere_runner_mends_no_more_than_that);
    return s;
}

int main(void)
{
    return support_run(suite());
}
