/*
 * rename_column of a column with long values: until the backfill is over nothing
 * compares them but writes that name the column; then the check proves them equal.
 */
#include <signal.h>
#include <string.h>

#include "plans.h"
#include "support.h"

static const char *const phases[] = { "expand", "dual-write", "backfill", "verify",
                                      "switch", "retire",     "contract" };
enum { PHASES = ARRAY_LEN(phases), SWITCH = 4 };

static const char plan[] = "rename-body";

static const char shop[] =
    "CREATE SCHEMA shop;"
    "CREATE TABLE shop.page (id int PRIMARY KEY, body text, note text NOT NULL DEFAULT '');"
    "ALTER TABLE shop.page ALTER COLUMN body SET STORAGE EXTERNAL;"
    "INSERT INTO shop.page (id, body) SELECT g, repeat(md5(g::text), 200)"
    "  FROM generate_series(1, 400) g;"
    "ANALYZE shop.page;";

/* It changes the column in statements that do not name it. */
static const char stamps[] =
    "CREATE FUNCTION shop.stamps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    "    IF NEW.note <> OLD.note THEN NEW.body := NEW.body || NEW.note; END IF;"
    "    RETURN NEW; END $$;"
    "CREATE TRIGGER stamps BEFORE UPDATE ON shop.page FOR EACH ROW EXECUTE FUNCTION shop.stamps();";

/* The same, but divided: an UPDATE of the region is a DELETE here and an INSERT there. */
static const char divided[] =
    "ALTER TABLE shop.page RENAME TO all_pages;"
    "CREATE TABLE shop.page (id int, region int NOT NULL DEFAULT 1, body text DEFAULT 'draft',"
    "    note text NOT NULL DEFAULT '') PARTITION BY LIST (region);"
    "ALTER TABLE shop.page ALTER COLUMN body SET STORAGE EXTERNAL;"
    "CREATE TABLE shop.page_1 PARTITION OF shop.page FOR VALUES IN (1);"
    "CREATE TABLE shop.page_2 PARTITION OF shop.page FOR VALUES IN (2);"
    "INSERT INTO shop.page (id, body) SELECT id, body FROM shop.all_pages;"
    "DROP TABLE shop.all_pages;"
    "ANALYZE shop.page;";

static const char *database_with(const char *more)
{
    const char *db = test_database("empty");
    PGconn *conn = test_connect(db, "app");

    test_sql(conn, "%s%s", shop, more);
    PQfinish(conn);
    return db;
}

static const char *started(const char *db)
{
    const char *url = test_url(db, "app");
    struct ran ran =
        ORCHESTRATE(url, "start", test_rename_plan(plan, "shop.page", "body", "content", NULL));

    EXITS(ran, 0);
    CONTAINS(ran.err, "values of body are long: from verify to retire each update of a row reads "
                      "and compares both copies");
    return url;
}

static void forward(const char *url, const char *to)
{
    struct ran ran = ORCHESTRATE(url, "advance", plan, "--to", to, "--confirm", plan, "--fast",
                                 "--override", "old_name_idle", "--because", "a test", "--json");

    EXITS(ran, 0);
    CONTAINS(ran.out, arena_printf(test_arena(), "\"phase\":\"%s\",\"next_phase\"", to));
}

static void back(const char *url, const char *to)
{
    struct ran ran = ORCHESTRATE(url, "rollback", plan, "--to", to);

    EXITS(ran, 0);
    if (strcmp(to, "start") != 0) {
        ran = ORCHESTRATE(url, "resume", plan);
        EXITS(ran, 0);
    }
}

START_TEST(undone_from_any_phase_nothing_is_left_and_it_goes_forward_again)
{
    const char *db = database_with(""), *twin = database_with(""), *url = started(db);
    PGconn *conn = test_connect(twin, "app");
    struct ran ran;

    forward(url, phases[_i]);
    back(url, "start");
    test_same_schema(db, twin);
    ran = ORCHESTRATE(url, "start", test_rename_plan(plan, "shop.page", "body", "content", NULL),
                      "--again");
    EXITS(ran, 0);
    forward(url, phases[_i]);
    if (_i >= 2) {
        back(url, phases[_i - 1]);
        forward(url, phases[_i]);
    }
    ran = ORCHESTRATE(url, "verify", plan);
    EXITS(ran, 0);
    forward(url, "contract");
    test_sql(conn, "ALTER TABLE shop.page RENAME COLUMN body TO content");
    test_same_schema(db, twin);
}
END_TEST

START_TEST(a_write_of_another_column_reads_no_long_value_before_verify)
{
    static const char check[] = "SELECT count(*) FROM pg_constraint WHERE conname ~ '_equal$'";
    static const char named[] =
        "SELECT string_agg(tgname || ' ' || cardinality(tgattr), ' ' ORDER BY tgname COLLATE \"C\")"
        " FROM pg_trigger WHERE tgname ~ '^[!~]orchestrate'";
    const char *db = database_with(""), *url = started(db);
    PGconn *conn = test_connect(db, "app");

    forward(url, "dual-write");
    ck_assert_str_eq(test_value(conn, named), "!orchestrate_1 2 ~orchestrate_1 2");
    test_sql(conn, "UPDATE shop.page SET note = 'x' WHERE id = 1");
    ck_assert_int_eq(test_count(conn, "SELECT count(content) FROM shop.page"), 1);
    test_sql(conn, "UPDATE shop.page SET body = body || 'y' WHERE id = 1");
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM shop.page WHERE content = body"), 1);
    forward(url, "backfill");
    ck_assert_int_eq(test_count(conn, check), 0);
    forward(url, "verify");
    ck_assert_int_eq(test_count(conn, check), 1);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM shop.page WHERE content = body"), 400);
    forward(url, "retire");
    test_sql(conn, "UPDATE shop.page SET content = 'short', note = 'z' WHERE id <= 100");
    back(url, "switch");
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM shop.page WHERE content = body"), 400);
    ck_assert_int_eq(test_count(conn, check), 1);
}
END_TEST

START_TEST(what_a_before_trigger_changes_on_its_own_is_carried_over)
{
    const char *db = database_with(stamps), *url = started(db);
    PGconn *conn = test_connect(db, "app");

    for (size_t i = 1; i <= 4; i++) {
        forward(url, phases[i]);
        test_sql(conn, "UPDATE shop.page SET note = note || '%s' WHERE id = %d", phases[i], (int)i);
        ck_assert_int_eq(test_count(conn,
                                    "SELECT count(*) FROM shop.page WHERE id = %d"
                                    " AND content = body AND body LIKE '%%' || note",
                                    (int)i),
                         1);
    }
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM shop.page WHERE content <> body"), 0);
}
END_TEST

START_TEST(a_long_value_survives_the_way_to_another_partition)
{
    static const char whole[] =
        "SELECT count(*) FROM shop.page WHERE %s = repeat(md5(id::text), 200)";
    const char *db = database_with(divided), *twin = database_with(divided), *url = started(db);
    PGconn *conn = test_connect(db, "app"), *plain = test_connect(twin, "app");

    for (size_t i = 0; i < PHASES; i++) {
        forward(url, phases[i]);
        test_sql(conn, "UPDATE shop.page SET region = 3 - region WHERE id > %d", (int)i * 50);
        ck_assert_int_eq(test_count(conn, whole, i < SWITCH ? "body" : "content"), 400);
    }
    test_sql(plain, "ALTER TABLE shop.page RENAME COLUMN body TO content");
    test_same_schema(db, twin);
}
END_TEST

START_TEST(a_row_that_moves_behind_the_backfill_is_filled_all_the_same)
{
    static const char slow[] = "settings: {batch_rows: {start: 1, max: 5}, duty: 1%}\n";
    const char *db = database_with(""), *url = test_url(db, "app");
    PGconn *conn = test_connect(db, "app");
    struct ran ran =
        ORCHESTRATE(url, "start", test_rename_plan(plan, "shop.page", "body", "content", slow));

    EXITS(ran, 0);
    forward(url, "dual-write");
    ran = test_spawn(url, (const char *const[]){ "advance", plan, NULL }, NULL);
    test_wait(conn, 30, "SELECT count(*) > 0 FROM orchestrate.checkpoint");
    test_sql(conn, "UPDATE shop.page SET note = 'moved'");
    kill(ran.pid, SIGTERM);
    test_finish(&ran, 60);
    EXITS(ran, 143);
    forward(url, "verify");
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM shop.page WHERE content = body"), 400);
}
END_TEST

START_TEST(drift_before_the_check_stands_is_found_by_verify_and_mended_by_a_new_backfill)
{
    const char *db = database_with(""), *url = started(db);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    forward(url, "backfill");
    test_sql(conn, "ALTER TABLE shop.page DISABLE TRIGGER ALL;"
                   "UPDATE shop.page SET body = 'drifted' WHERE id = 3;"
                   "ALTER TABLE shop.page ENABLE TRIGGER ALL");
    ran = ORCHESTRATE(url, "advance", plan, "--json");
    EXITS(ran, 1);
    CONTAINS(ran.out, "23514");
    ran = ORCHESTRATE(url, "rollback", plan, "--to", "start");
    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "start", test_rename_plan(plan, "shop.page", "body", "content", NULL),
                      "--again");
    EXITS(ran, 0);
    forward(url, "contract");
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM shop.page WHERE content = 'drifted'"),
                     1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rename_wide");
    TCase *tc = support_case(suite, "wide", 120);

    tcase_add_loop_test(tc, undone_from_any_phase_nothing_is_left_and_it_goes_forward_again, 0,
                        PHASES - 1);
    tcase_add_test(tc, a_write_of_another_column_reads_no_long_value_before_verify);
    tcase_add_test(tc, what_a_before_trigger_changes_on_its_own_is_carried_over);
    tcase_add_test(tc, a_long_value_survives_the_way_to_another_partition);
    tcase_add_test(tc, a_row_that_moves_behind_the_backfill_is_filled_all_the_same);
    tcase_add_test(tc,
                   drift_before_the_check_stands_is_found_by_verify_and_mended_by_a_new_backfill);
    return support_run(suite);
}
