/*
 * A dump of a run of a plan's own phases, restored elsewhere: the tables that it claims
 * are found by what its statements have made of them, or it is refused by name.
 */
#include <stdio.h>

#include "own_fixture.h"

#define RENAME SQL("ALTER TABLE shop.log RENAME TO story", "ALTER TABLE shop.story RENAME TO log")
#define END PHASE("end", SQL("CREATE TABLE shop.ended ()", "DROP TABLE shop.ended"))

/* What is done before the dump, and what the claims are of then; "" is no table. */
static const struct moved {
    const char *name, *phases, *claims, *gone;
    int status; /* of the last `advance` before the dump */
} moved[] = {
    { "renamed", PHASE("one", RENAME) END, "shop.story", "0", 0 },
    { "renamed, and a view under the name that was",
      PHASE("one", RENAME SQL("CREATE VIEW shop.log AS SELECT * FROM shop.story",
                              "DROP VIEW shop.log")) END,
      "shop.story", "0", 0 },
    { "renamed, and another one under the name that was",
      PHASE("one", SQL("ALTER TABLE shop.log RENAME TO story; CREATE TABLE shop.log (a int)",
                       "DROP TABLE shop.log; ALTER TABLE shop.story RENAME TO log")) END,
      "shop.story", "0", 0 },
    { "two have exchanged their names",
      PHASE("one", SQL("ALTER TABLE shop.log RENAME TO x; ALTER TABLE shop.other RENAME TO log;"
                       " ALTER TABLE shop.x RENAME TO other",
                       "ALTER TABLE shop.log RENAME TO x; ALTER TABLE shop.other RENAME TO log;"
                       " ALTER TABLE shop.x RENAME TO other")) END,
      "shop.log shop.other", "0", 0 },
    { "moved, and renamed there",
      PHASE("one", SQL("CREATE SCHEMA \"Old one\"; GRANT ALL ON SCHEMA \"Old one\" TO PUBLIC",
                       "DROP SCHEMA \"Old one\"") SQL("ALTER TABLE shop.log SET SCHEMA \"Old one\"",
                                                      "ALTER TABLE \"Old one\".log SET SCHEMA shop")
                       SQL("ALTER TABLE \"Old one\".log RENAME TO \"a.b\"",
                           "ALTER TABLE \"Old one\".\"a.b\" RENAME TO log")) END,
      "\"Old one\".\"a.b\"", "0", 0 },
    { "dropped",
      PHASE("one", SQL("DROP TABLE shop.log; INSERT INTO shop.other VALUES (1)",
                       "CREATE TABLE shop.log (what text); DELETE FROM shop.other")) END,
      "shop.other", "1", 0 },
    { "renamed in a phase that failed afterwards",
      PHASE("one", RENAME SQL("SELECT count(*) / 0 FROM shop.story", "none")) END, "shop.story",
      "0", 1 },
    { "to be renamed behind what failed",
      PHASE("one", SQL("SELECT 1 / count(*) FROM shop.log", "none") RENAME) END, "shop.log", "0",
      1 },
};

/* The plan, as far as it gets, and what was restored of that; false: there is no pg_dump. */
static bool restored(const char *phases, int status)
{
    const char *copy;

    started(phases);
    EXITS(ORCHESTRATE(url, "advance", "own"), status);
    copy = test_restored(db);
    if (!copy)
        return false;
    db = copy;
    url = test_url(db, "app");
    super = test_connect(db, "postgres");
    return true;
}

static struct ran adopt(void)
{
    return ORCHESTRATE(url, "repair", "own", "--adopt", "--confirm", "own");
}

static const char *claimed(void)
{
    return test_value(super, "SELECT string_agg(relid::regclass::text, ' ' ORDER BY"
                             " relid::regclass::text) FROM"
                             " orchestrate.claim WHERE relid IN (SELECT oid FROM pg_class)");
}

static const char *gone(void)
{
    return test_value(super, "SELECT count(*) FROM orchestrate.claim WHERE relid NOT IN (SELECT"
                             " oid FROM pg_class)");
}

START_TEST(claims_follow_the_tables_that_the_plan_has_renamed)
{
    const struct moved *it = &moved[_i];

    printf("%s\n", it->name);
    if (!restored(it->phases, it->status))
        TEST_SKIP(SKIP_NO_PG_DUMP);
    EXITS(adopt(), 0);
    ck_assert_str_eq(claimed(), it->claims);
    ck_assert_str_eq(gone(), it->gone);
    EXITS(ORCHESTRATE(url, "verify", "own", "--history"), 0);
    EXITS(ORCHESTRATE(test_url(db, test_migrator()), "rollback", "own", "--to", "start",
                      "--confirm", "own"),
          0);
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM shop.log"), 0);
}
END_TEST

/* Another plan meets the claim under the new name, and under that name only. */
START_TEST(who_wants_the_renamed_table_is_told_of_the_adopted_run)
{
    struct ran ran;
    const char *second;

    if (!restored(moved[1].phases, 0))
        TEST_SKIP(SKIP_NO_PG_DUMP);
    EXITS(adopt(), 0);
    second =
        test_write("second.yaml", "plan: second\nchange:\n"
                                  "  add_index: {table: shop.story, name: i, columns: [what]}\n");
    EXITS(ORCHESTRATE(url, "start", second), 0);
    ran = ORCHESTRATE(url, "advance", "second");
    EXITS(ran, 7);
    CONTAINS(ran.err, "is claimed by plan own");
}
END_TEST

/* By a statement in which nobody looks for one, or by hand. */
START_TEST(a_table_that_cannot_be_followed_is_refused_by_name)
{
    static const char hidden[] =
        PHASE("one", SQL("ALTER TABLE shop.log ADD n int", "none")
                         SQL("DO 'BEGIN ALTER TABLE shop.log RENAME TO story; END'",
                             "ALTER TABLE shop.story RENAME TO log")) END;
    struct ran ran;

    if (!restored(hidden, 0))
        TEST_SKIP(SKIP_NO_PG_DUMP);
    ran = adopt();
    EXITS(ran, 5);
    CONTAINS(ran.err, "there is no table shop.log here");
    CONTAINS(ran.err, "give it that name until the run is adopted");
    test_sql(super, "ALTER TABLE shop.story RENAME TO log");
    EXITS(adopt(), 0);
    test_sql(super, "ALTER TABLE shop.log RENAME TO story");
    ck_assert_str_eq(claimed(), "shop.story");
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
}
END_TEST

START_TEST(a_table_that_was_lost_is_refused_by_the_name_that_it_would_have)
{
    struct ran ran;

    if (!restored(moved[0].phases, 0))
        TEST_SKIP(SKIP_NO_PG_DUMP);
    test_sql(super, "DROP TABLE shop.story");
    ran = adopt();
    EXITS(ran, 5);
    CONTAINS(ran.err, "there is no table shop.story here, as the plan has named shop.log;");
}
END_TEST

/* Nobody may change claims; a server gives oids as it likes. */
static void claim_is(const char *relation, const char *relid)
{
    test_sql(super,
             "ALTER TABLE orchestrate.claim DISABLE TRIGGER USER;"
             "UPDATE orchestrate.claim SET relid = %s WHERE relation = '%s';"
             "ALTER TABLE orchestrate.claim ENABLE ALWAYS TRIGGER guard, ENABLE ALWAYS TRIGGER"
             " kept, ENABLE ALWAYS TRIGGER sealed",
             relid, relation);
}

/* Oids of a new server begin where those of the old one did: each is that of another table. */
START_TEST(oids_that_have_changed_places_are_adopted)
{
    if (!restored(moved[3].phases, 0))
        TEST_SKIP(SKIP_NO_PG_DUMP);
    claim_is("shop.log", "1");
    claim_is("shop.other", "'shop.other'::regclass");
    claim_is("shop.log", "'shop.log'::regclass");
    EXITS(adopt(), 0);
    ck_assert_str_eq(test_rows(super, "SELECT relation, relid::regclass FROM orchestrate.claim"
                                      " ORDER BY 1"),
                     "shop.log|shop.other\nshop.other|shop.log");
}
END_TEST

START_TEST(runs_that_have_each_others_oids_are_adopted_in_any_order)
{
    const char *second =
        test_write("second.yaml", "plan: second\nphases:\n" PHASE(
                                      "one", SQL("INSERT INTO shop.other VALUES (1)", "none")) END);

    EXITS(ORCHESTRATE(url, "start", second), 0);
    EXITS(ORCHESTRATE(url, "advance", "second"), 0);
    if (!restored(moved[0].phases, 0))
        TEST_SKIP(SKIP_NO_PG_DUMP);
    claim_is("shop.log", "1");
    claim_is("shop.other", "'shop.story'::regclass");
    claim_is("shop.log", "'shop.other'::regclass");
    if (_i)
        EXITS(adopt(), 0);
    EXITS(ORCHESTRATE(url, "repair", "second", "--adopt", "--confirm", "second"), 0);
    if (!_i)
        EXITS(adopt(), 0);
    ck_assert_str_eq(test_rows(super, "SELECT relation, relid::regclass FROM orchestrate.claim"
                                      " ORDER BY 1"),
                     "shop.log|shop.story\nshop.other|shop.other");
    EXITS(ORCHESTRATE(url, "verify", "second", "--history"), 0);
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("adopt_own");
    TCase *tc = support_case(s, "own", 120);

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_loop_test(tc, claims_follow_the_tables_that_the_plan_has_renamed, 0,
                        ARRAY_LEN(moved));
    tcase_add_test(tc, who_wants_the_renamed_table_is_told_of_the_adopted_run);
    tcase_add_test(tc, a_table_that_cannot_be_followed_is_refused_by_name);
    tcase_add_test(tc, a_table_that_was_lost_is_refused_by_the_name_that_it_would_have);
    tcase_add_test(tc, oids_that_have_changed_places_are_adopted);
    tcase_add_loop_test(tc, runs_that_have_each_others_oids_are_adopted_in_any_order, 0, 2);
    return s;
}

int main(void)
{
    return support_run(suite());
}
