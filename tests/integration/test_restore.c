/*
 * Databases that are not the one a run was started in: clones, restored dumps,
 * tables that came without the state or the other way round.  Each is noticed
 * before anything is touched, and goes on only after `repair`.
 */
#include <string.h>

#include "orchestrate/base/buf.h"
#include "plans.h"
#include "support.h"

static const char *db, *url;
static PGconn *super;

static const char *const phases[] = { "expand", "dual-write", "backfill", "verify",
                                      "switch", "retire",     "contract" };
enum { PHASES = ARRAY_LEN(phases) };

static const char *plan(void)
{
    return test_rename_plan("p", "shop.person", "email", "address", NULL);
}

static bool in_partitions; /* the table of this test */

static const char whole[] = "CREATE TABLE shop.person (gone int, id int PRIMARY KEY,"
                            " email text DEFAULT 'none' UNIQUE);";
/* Without keys: pg_dump restores those of partitions in another way than they were made. */
static const char parted[] =
    "CREATE TABLE shop.person (gone int, id int, email text DEFAULT 'none')"
    " PARTITION BY HASH (id);"
    "CREATE TABLE shop.p0 PARTITION OF shop.person FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
    "CREATE TABLE shop.p1 PARTITION OF shop.person FOR VALUES WITH (MODULUS 2, REMAINDER 1);";

/* A column was dropped: after a restore the others have other numbers. */
static const char *make(void)
{
    const char *database = test_database("empty");
    PGconn *app = test_connect(database, "app");

    test_sql(app, "CREATE SCHEMA shop; %s", in_partitions ? parted : whole);
    test_sql(app, "CREATE INDEX ON shop.person (lower(email));"
                  "ALTER TABLE shop.person DROP COLUMN gone;"
                  "INSERT INTO shop.person SELECT i, 'a' || i FROM generate_series(1, 500) i");
    PQfinish(app);
    return database;
}

static void setup(void)
{
    struct ran ran;

    db = make();
    url = test_url(db, test_migrator());
    ran = ORCHESTRATE(url, "start", plan());
    EXITS(ran, 0);
}

static void setup_partitions(void)
{
    in_partitions = true;
    setup();
}

static void advance(const char *to)
{
    struct ran ran = ORCHESTRATE(url, "advance", "p", "--to", to, "--confirm", "p", "--fast");

    EXITS(ran, 0);
}

/* From here on the tests look at another database. */
static void go_to(const char *database)
{
    db = database;
    url = test_url(db, test_migrator());
    super = test_connect(db, "postgres");
}

/* With the same oids, as a file-level copy has them. */
static void clone(void)
{
    const char *copy = arena_printf(test_arena(), "%s_copy", db);
    PGconn *conn = test_connect("postgres", "postgres");

    test_wait(conn, 10, "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = '%s'", db);
    test_sql(conn, "CREATE DATABASE %s TEMPLATE %s OWNER app", copy, db);
    go_to(copy);
}

static void drop_clone(void)
{
    PGconn *conn = test_connect("postgres", "postgres");

    PQfinish(super);
    test_sql(conn, "DROP DATABASE %s WITH (FORCE)", db);
    PQfinish(conn);
}

static void adopt(void)
{
    struct ran ran = ORCHESTRATE(url, "repair", "p", "--adopt", "--confirm", "p");

    EXITS(ran, 0);
    CONTAINS(ran.out,
             arena_printf(test_arena(), "p: adopted by database %s; approvals given ", db));
    ran = ORCHESTRATE(url, "verify", "p", "--history");
    EXITS(ran, 0);
}

static const char *same_as_plain(void)
{
    const char *plain = make();
    PGconn *app = test_connect(plain, "app");

    test_sql(app, "ALTER TABLE shop.person RENAME COLUMN email TO address");
    PQfinish(app);
    return plain;
}

/* ---- clones ---- */

START_TEST(a_clone_is_noticed_and_goes_on_after_adoption)
{
    struct ran ran;
    const char *says;

    advance("verify");
    says = arena_printf(test_arena(), "run 1 of plan p belongs to another database: %s (oid ", db);
    clone();
    for (int back = 0; back < 2; back++) {
        ran = ORCHESTRATE(url, back ? "rollback" : "advance", "p");
        EXITS(ran, 5);
        CONTAINS(ran.err, says);
        CONTAINS(ran.err, arena_printf(test_arena(), "), and this is %s (oid ", db));
        CONTAINS(ran.err, "Nothing was changed. A restored dump, a clone and a server after "
                          "pg_upgrade look like this. See what is here, and what can be done: "
                          "orchestrate repair p");
    }
    ran = ORCHESTRATE(url, "repair", "p");
    EXITS(ran, 5);
    CONTAINS(ran.out, "can be adopted, what is here is what was left: orchestrate repair p --adopt "
                      "--confirm p");
    CONTAINS(ran.err, "plan p is not as it was left: 1 thing is wrong; nothing was changed");
    CONTAINS(ran.err, "What is here is what was left, in another place: orchestrate repair p "
                      "--adopt --confirm p");
    adopt();
    advance("contract");
    ran = ORCHESTRATE(url, "history", "p");
    CONTAINS(ran.out, "adopted by database");
    drop_clone();
}
END_TEST

START_TEST(adoption_wants_the_name_of_the_plan)
{
    struct ran ran;

    advance("expand");
    clone();
    ran = ORCHESTRATE(url, "repair", "p", "--adopt");
    EXITS(ran, 77);
    CONTAINS(ran.err, "the adoption of p wants its name: nothing was changed");
    CONTAINS(ran.err, "If what was found is understood: --confirm p");
    ran = ORCHESTRATE(url, "repair", "p", "--adopt", "--confirm", "q");
    EXITS(ran, 77);
    CONTAINS(ran.err, "consent was given to q, but this plan is p");
    ran = ORCHESTRATE(url, "repair", "p", "--forget");
    EXITS(ran, 77);
    CONTAINS(ran.err, "giving up the run of p wants its name: nothing was changed");
    ran = ORCHESTRATE(url, "repair", "p", "--forget", "--adopt");
    EXITS(ran, 64);
    CONTAINS(ran.err, "--adopt and --forget are two ways to end the same trouble");
    CONTAINS(ran.err, "Without either, `orchestrate repair` says which one fits.");
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM orchestrate.amendment"), 0);
    drop_clone();
}
END_TEST

/* As after a point-in-time recovery: the same system and oids, an earlier state of all. */
START_TEST(restored_in_place_the_same_command_goes_on)
{
    PGconn *conn = test_connect("postgres", "postgres");
    const char *oid = test_value(conn, "SELECT oid FROM pg_database WHERE datname = '%s'", db);
    const char *name = db;
    struct ran ran;

    if (test_server_major() < 15) /* no database of a given oid */
        TEST_SKIP(SKIP_OLD_SERVER);
    advance("verify");
    clone();
    PQfinish(super);
    db = name;
    url = test_url(db, test_migrator());
    advance("retire");
    test_wait(conn, 10, "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname ^@ '%s'", db);
    test_sql(conn, "DROP DATABASE %s", db);
    test_sql(conn, "CREATE DATABASE %s TEMPLATE %s_copy OWNER app OID = %s", db, db, oid);
    test_sql(conn, "DROP DATABASE %s_copy", db);
    ran = ORCHESTRATE(url, "verify", "p", "--history");
    EXITS(ran, 0);
    CONTAINS(ran.out, "p (run 1), after verify");
    ran = ORCHESTRATE(url, "advance", "p", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"advanced\"");
    CONTAINS(ran.out, "\"phase\":\"switch\"");
    advance("contract");
    test_same_schema(db, same_as_plain());
}
END_TEST

START_TEST(a_database_with_another_name_is_the_same)
{
    PGconn *conn = test_connect("postgres", "postgres");
    const char *before = db;
    struct ran ran;

    advance("expand");
    test_wait(conn, 10, "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = '%s'", db);
    test_sql(conn, "ALTER DATABASE %s RENAME TO renamed", before);
    ran = ORCHESTRATE(test_url("renamed", test_migrator()), "advance", "p");
    EXITS(ran, 0);
    test_sql(conn, "ALTER DATABASE renamed RENAME TO %s", before);
}
END_TEST

START_TEST(another_system_is_noticed_unless_it_may_not_be_asked)
{
    struct ran ran;

    go_to(db);
    test_sql(super, "SET session_replication_role = replica;"
                    "ALTER TABLE orchestrate.plan DISABLE TRIGGER guard_update;"
                    "UPDATE orchestrate.plan SET system_id = '42'");
    ran = ORCHESTRATE(url, "advance", "p");
    EXITS(ran, 5);
    CONTAINS(ran.err, " of system 42), and this is ");
    test_sql(super, "UPDATE orchestrate.plan SET system_id = NULL");
    ran = ORCHESTRATE(url, "advance", "p");
    EXITS(ran, 0);
}
END_TEST

START_TEST(a_role_that_may_not_ask_for_the_system_can_work)
{
    const char *other = make();
    struct ran ran;

    if (test_server_major() < 15)
        TEST_SKIP(SKIP_OLD_SERVER);
    go_to(other);
    test_sql(super, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
    ran = ORCHESTRATE(url, "start", plan());
    EXITS(ran, 0);
    ck_assert_str_eq(test_value(super, "SELECT coalesce(system_id, 'none') FROM orchestrate.plan"),
                     "none");
    advance("verify");
}
END_TEST

/* ---- restored dumps ---- */

/* Restored after this many phases; returns false when that cannot be done here. */
static bool restore_after(int done)
{
    const char *copy;

    if (done)
        advance(phases[done - 1]);
    copy = test_restored(db);
    if (copy)
        go_to(copy);
    return copy != NULL;
}

START_TEST(a_restored_dump_goes_on_to_the_same_end)
{
    struct ran ran;

    if (!restore_after(_i))
        TEST_SKIP(SKIP_NO_PG_DUMP);
    ran = ORCHESTRATE(url, "advance", "p");
    EXITS(ran, 5);
    adopt();
    advance("contract");
    test_same_schema(db, same_as_plain());
    ck_assert_int_eq(
        test_count(super, "SELECT count(*) FROM shop.person WHERE address = 'a' || id"), 500);
}
END_TEST

START_TEST(a_restored_dump_can_be_undone)
{
    struct ran ran;

    if (!restore_after(_i))
        TEST_SKIP(SKIP_NO_PG_DUMP);
    adopt();
    ran = ORCHESTRATE(url, "rollback", "p", "--to", "start");
    EXITS(ran, 0);
    test_same_schema(db, make());
}
END_TEST

START_TEST(both_names_serve_after_adoption)
{
    if (!restore_after(_i))
        TEST_SKIP(SKIP_NO_PG_DUMP);
    adopt();
    test_sql(super, "INSERT INTO shop.person (id, email) VALUES (901, 'old');"
                    "INSERT INTO shop.person (id, address) VALUES (902, 'new');"
                    "INSERT INTO shop.person (id, email, address) VALUES (903, 'old3', 'new3');"
                    "UPDATE shop.person SET email = 'upd' WHERE id = 902");
    ck_assert_str_eq(test_rows(super, "SELECT id, email, address FROM shop.person WHERE id > 900"
                                      " ORDER BY id"),
                     "901|old|old\n902|upd|upd\n903|new3|new3");
}
END_TEST

START_TEST(what_is_not_as_it_was_left_is_not_adopted)
{
    struct ran ran;

    if (!restore_after(3))
        TEST_SKIP(SKIP_NO_PG_DUMP);
    test_sql(super, "DROP TRIGGER \"~orchestrate_1\" ON shop.person");
    ran = ORCHESTRATE(url, "repair", "p", "--adopt", "--confirm", "p");
    EXITS(ran, 5);
    CONTAINS(ran.err, "run 1 of plan p cannot be adopted here: trigger \"~orchestrate_1\" of "
                      "shop.person is missing");
    CONTAINS(ran.err, "Nothing was changed. Mend that and try again, or give the run up: "
                      "orchestrate repair p --forget --confirm p");
    test_sql(super, "ALTER TABLE shop.person DROP COLUMN email CASCADE");
    ran = ORCHESTRATE(url, "repair", "p", "--adopt", "--confirm", "p");
    EXITS(ran, 5);
    CONTAINS(ran.err, "the table here is not like the one that it was started for: phase expand "
                      "would have other steps");
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM orchestrate.amendment"), 0);
}
END_TEST

START_TEST(adoption_is_for_the_role_that_ran_init)
{
    struct ran ran;

    if (test_server_major() < 15 || !restore_after(1))
        TEST_SKIP(SKIP_NO_PG_DUMP);
    test_sql(super, "SET ROLE migrator; SELECT orchestrate.admit('writer', true); RESET ROLE;"
                    "GRANT app TO writer");
    ran = ORCHESTRATE(test_url(db, "writer"), "repair", "p", "--adopt", "--confirm", "p");
    test_sql(super, "REVOKE app FROM writer");
    EXITS(ran, 77);
    CONTAINS(ran.err, "Adopting a run is for the role that ran `orchestrate init`.");
}
END_TEST

START_TEST(a_state_schema_without_its_table_is_explained)
{
    struct ran ran;

    advance("backfill");
    clone();
    test_sql(super, "DROP TABLE shop.person");
    ran = ORCHESTRATE(url, "repair", "p", "--json");
    EXITS(ran, 5);
    CONTAINS(ran.out,
             "\"adoptable\":false,\"why_not\":\"there is no table shop.person here; bring it back "
             "(restore it, too, or give it its name back)");
    drop_clone();
}
END_TEST

/* ---- by hand ---- */

START_TEST(what_was_changed_by_hand_has_to_be_put_back)
{
    struct ran ran;

    advance("verify");
    go_to(db);
    test_sql(super, "ALTER TABLE shop.person DISABLE TRIGGER \"!orchestrate_1\"");
    ran = ORCHESTRATE(url, "repair", "p");
    EXITS(ran, 5);
    CONTAINS(ran.out, "cannot be adopted: it is the same database and the same table: put back "
                      "what is wrong");
    CONTAINS(ran.err, "Put it back, or give the run up: orchestrate repair p --forget --confirm p");
    test_sql(super, "ALTER TABLE shop.person ENABLE ALWAYS TRIGGER \"!orchestrate_1\"");
    ran = ORCHESTRATE(url, "repair", "p", "--adopt", "--confirm", "p", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"nothing_to_do\"");
    CONTAINS(ran.out, "\"adoptable\":false");
}
END_TEST

/* Runs the statements that `--forget` has shown. */
static void carry_out(const char *out)
{
    for (const char *at = out; (at = strstr(at, "\n    ")); at++)
        if (at[5] != '-')
            test_sql(super, "%.*s", (int)strcspn(at + 5, "\n"), at + 5);
}

START_TEST(a_run_that_is_given_up_leaves_a_list_that_works)
{
    struct ran ran;

    if (_i)
        advance(phases[_i - 1]);
    go_to(db);
    ran = ORCHESTRATE(url, "repair", "p", "--forget", "--confirm", "p", "--because", "too old");
    EXITS(ran, 0);
    CONTAINS(ran.out, "p: given up; its record stays, its table is free");
    carry_out(ran.out);
    ran = ORCHESTRATE(url, "verify", "p");
    EXITS(ran, 0);
    CONTAINS(ran.out, "p (run 1), given up\n  ok     nothing of this run is in the database");
    if (_i < 5)
        test_same_schema(db, make());
    ran = ORCHESTRATE(url, "history", "p");
    CONTAINS(ran.out, "given up as it stands: too old");
    ran = ORCHESTRATE(url, "advance", "p", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"nothing_to_do\"");
    ran = ORCHESTRATE(url, "repair", "p");
    EXITS(ran, 0);
    CONTAINS(ran.out, "p has ended (given up): nothing to repair");
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM orchestrate.claim WHERE taken_at IS"
                                       " NOT NULL AND released_at IS NULL"),
                     0);
}
END_TEST

START_TEST(nothing_happens_to_a_run_that_was_given_up)
{
    struct ran ran;

    advance("expand");
    go_to(db);
    ran = ORCHESTRATE(url, "repair", "p", "--forget", "--confirm", "p", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"undone\",\"plan\":\"p\",\"run\":1,\"state\":\"undone\"");
    ck_assert_ptr_null(strstr(ORCHESTRATE(url, "status", "p").out, "undo is possible"));
    test_sql(super, "SET session_replication_role = replica");
    ck_assert_str_eq(
        test_sqlstate(super,
                      "INSERT INTO orchestrate.transition (run, seq, from_phase, from_state,"
                      " to_phase, to_state, rule, epoch, attempt) SELECT run, 3, 0, 'done', 1,"
                      " 'pending', 40, epoch, '00000000-0000-4000-8000-000000000000'"
                      " FROM orchestrate.plan"),
        "OR003");
    ck_assert_str_eq(test_sqlstate(super, "INSERT INTO orchestrate.amendment (run, epoch, kind)"
                                          " SELECT run, epoch, 'adopt' FROM orchestrate.plan"),
                     "OR003");
    ck_assert_str_eq(test_sqlstate(super, "UPDATE orchestrate.plan SET ended_at = NULL"), "OR003");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("restore");
    TCase *tc = support_case(s, "clone", 120), *dump = support_case(s, "dump", 120),
          *hand = support_case(s, "hand", 120), *parts = support_case(s, "partitions", 120);

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, a_clone_is_noticed_and_goes_on_after_adoption);
    tcase_add_test(tc, adoption_wants_the_name_of_the_plan);
    tcase_add_test(tc, restored_in_place_the_same_command_goes_on);
    tcase_add_test(tc, a_database_with_another_name_is_the_same);
    tcase_add_test(tc, another_system_is_noticed_unless_it_may_not_be_asked);
    tcase_add_test(tc, a_role_that_may_not_ask_for_the_system_can_work);
    tcase_add_test(tc, a_state_schema_without_its_table_is_explained);
    tcase_add_checked_fixture(dump, setup, NULL);
    support_long_cases(dump, a_restored_dump_goes_on_to_the_same_end, 0, PHASES);
    support_long_cases(dump, a_restored_dump_can_be_undone, 1, PHASES);
    tcase_add_loop_test(dump, both_names_serve_after_adoption, 2, 6);
    tcase_add_test(dump, what_is_not_as_it_was_left_is_not_adopted);
    tcase_add_test(dump, adoption_is_for_the_role_that_ran_init);
    tcase_add_checked_fixture(parts, setup_partitions, NULL);
    support_long_cases(parts, a_restored_dump_goes_on_to_the_same_end, 0, PHASES);
    support_long_cases(parts, a_restored_dump_can_be_undone, 1, PHASES);
    tcase_add_checked_fixture(hand, setup, NULL);
    tcase_add_test(hand, what_was_changed_by_hand_has_to_be_put_back);
    support_long_cases(hand, a_run_that_is_given_up_leaves_a_list_that_works, 0, PHASES);
    tcase_add_test(hand, nothing_happens_to_a_run_that_was_given_up);
    return s;
}

int main(void)
{
    return support_run(suite());
}
