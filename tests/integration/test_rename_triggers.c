/*
 * rename_column on a table with triggers of every kind, by a role that is the
 * table's owner and nothing more: the backfill fires none of them, everybody
 * else fires all of them as always, and in the end they are what they were.
 */
#include <string.h>

#include "plans.h"
#include "support.h"

static const char *const phases[] = { "expand", "dual-write", "backfill", "verify",
                                      "switch", "retire",     "contract" };
enum { PHASES = ARRAY_LEN(phases), VERIFY = 3, SWITCH = 4, RETIRE = 5 };

static const char plan[] = "rename-email";

/* Each trigger notes that it fired, in a table that nothing else writes to. */
static const char shop[] =
    "CREATE SCHEMA shop;"
    "CREATE TABLE shop.t (id int PRIMARY KEY, email text, note text NOT NULL DEFAULT '',"
    "    version int NOT NULL DEFAULT 0, \"x FOR EACH ROW \"\"y\" int,"
    "    shout text GENERATED ALWAYS AS (upper(email)) STORED);"
    "CREATE TABLE shop.fired (seq int GENERATED ALWAYS AS IDENTITY, name text, op text);"
    "INSERT INTO shop.t (id, email) SELECT g, 'a' || g FROM generate_series(1, 500) g;"
    "CREATE FUNCTION shop.fires() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
    "    INSERT INTO shop.fired (name, op) VALUES (TG_NAME, TG_OP); RETURN NEW; END $$;"
    "CREATE FUNCTION shop.bumps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    "    NEW.version := NEW.version + 1; RETURN NEW; END $$;"
    "CREATE FUNCTION shop.skips() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    "    IF OLD.id = 7 THEN RETURN NULL; END IF;"
    "    IF OLD.id = 8 THEN RAISE 'this row is frozen'; END IF; RETURN NEW; END $$;"
    "CREATE TRIGGER bumps BEFORE UPDATE ON shop.t FOR EACH ROW EXECUTE FUNCTION shop.bumps();"
    "CREATE TRIGGER skips BEFORE UPDATE ON shop.t FOR EACH ROW EXECUTE FUNCTION shop.skips();"
    "CREATE TRIGGER \"row\" AFTER UPDATE ON shop.t FOR EACH ROW"
    "    WHEN (OLD.version <> NEW.version AND NEW.id < 100 AND NEW.note LIKE '%' OR NEW.id IS NULL)"
    "    EXECUTE FUNCTION shop.fires('it''s) EXECUTE FUNCTION \\x(', 'y');"
    "CREATE TRIGGER whole AFTER INSERT OR DELETE OR UPDATE ON shop.t FOR EACH ROW"
    "    EXECUTE FUNCTION shop.fires();"
    "CREATE TRIGGER always AFTER UPDATE ON shop.t FOR EACH ROW"
    "    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION shop.fires();"
    "ALTER TABLE shop.t ENABLE ALWAYS TRIGGER always;"
    "COMMENT ON TRIGGER always ON shop.t IS 'Asked for by the auditors';"
    "CREATE TRIGGER statement BEFORE INSERT OR UPDATE OR TRUNCATE ON shop.t FOR EACH STATEMENT"
    "    EXECUTE FUNCTION shop.fires();"
    "CREATE TRIGGER transition AFTER UPDATE ON shop.t REFERENCING OLD TABLE AS \"was FOR EACH ROW "
    "\""
    "    NEW TABLE AS is_now FOR EACH STATEMENT EXECUTE FUNCTION shop.fires();"
    "CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON shop.t DEFERRABLE INITIALLY DEFERRED"
    "    FOR EACH ROW WHEN (NEW.id < 100) EXECUTE FUNCTION shop.fires();"
    "COMMENT ON CONSTRAINT late ON shop.t IS 'At the end of the transaction';"
    "CREATE TRIGGER cases AFTER UPDATE ON shop.t FOR EACH ROW"
    "    WHEN (CASE WHEN NEW.id < 0 THEN OLD.id < 0 ELSE false END) EXECUTE FUNCTION shop.fires();"
    "CREATE TRIGGER \"of\"\"old\" AFTER UPDATE OF note, \"x FOR EACH ROW \"\"y\", email ON shop.t"
    "    FOR EACH ROW EXECUTE FUNCTION shop.fires();"
    "CREATE TRIGGER of_shout AFTER UPDATE OF shout ON shop.t FOR EACH ROW"
    "    EXECUTE FUNCTION shop.fires();"
    "CREATE TRIGGER replica AFTER UPDATE ON shop.t FOR EACH ROW EXECUTE FUNCTION shop.fires();"
    "ALTER TABLE shop.t ENABLE REPLICA TRIGGER replica;"
    "CREATE TRIGGER asleep AFTER UPDATE OF email ON shop.t FOR EACH ROW"
    "    EXECUTE FUNCTION shop.fires();"
    "ALTER TABLE shop.t DISABLE TRIGGER asleep;"
    "GRANT USAGE ON SCHEMA shop TO writer;"
    "GRANT SELECT, INSERT, UPDATE ON shop.t TO writer;";

static const char *database_with(const char *sql)
{
    const char *db = test_database("empty");
    PGconn *conn = test_connect(db, "app");

    test_sql(conn, "%s", sql);
    PQfinish(conn);
    return db;
}

static const char *plan_with(const char *more)
{
    return test_rename_plan(plan, "shop.t", "email", "email_address", more);
}

static struct ran advance(const char *url, const char *to)
{
    return ORCHESTRATE(url, "advance", plan, "--to", to, "--confirm", plan, "--fast", "--json",
                       "--override", "old_name_idle", "--because", "a test");
}

static void forward(const char *url, const char *to)
{
    struct ran ran = advance(url, to);

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

static const char *started(const char *db)
{
    const char *url = test_url(db, "app");
    struct ran ran = ORCHESTRATE(url, "start", plan_with(NULL));

    EXITS(ran, 0);
    return url;
}

START_TEST(undone_from_any_phase_the_triggers_are_what_they_were)
{
    const char *db = database_with(shop), *twin = database_with(shop), *url = started(db);
    PGconn *conn = test_connect(twin, "app");
    struct ran ran;

    forward(url, phases[_i]);
    back(url, "start");
    test_same_schema(db, twin);

    ran = ORCHESTRATE(url, "start", plan_with(NULL), "--again");
    EXITS(ran, 0);
    forward(url, "contract");
    test_sql(conn, "ALTER TABLE shop.t RENAME COLUMN email TO email_address");
    test_same_schema(db, twin);
}
END_TEST

START_TEST(a_phase_done_again_leaves_no_trace_in_them_either)
{
    const char *db = database_with(shop), *twin = database_with(shop), *url = started(db);
    PGconn *conn = test_connect(twin, "app");

    forward(url, phases[_i]);
    back(url, phases[_i - 1]);
    forward(url, phases[_i]);
    forward(url, "contract");
    test_sql(conn, "ALTER TABLE shop.t RENAME COLUMN email TO email_address");
    test_same_schema(db, twin);
}
END_TEST

static const char all[] = "always late of\"old of_shout row statement transition whole";

/* What one statement fired, once each, in the order of names. */
static const char *fired_by(PGconn *conn, const char *fmt, const char *column)
{
    test_sql(conn, "TRUNCATE shop.fired");
    test_sql(conn, fmt, column);
    return test_value(conn, "SELECT string_agg(name, ' ' ORDER BY name COLLATE \"C\") FROM"
                            " shop.fired WHERE op <> 'TRUNCATE'");
}

START_TEST(only_the_backfill_does_not_fire_them)
{
    static const char write[] = "UPDATE shop.t SET %s = 'b' || version WHERE id = 1";
    const char *db = database_with(shop), *url = started(db);
    PGconn *conn = test_connect(db, "app");
    int writes = 0;

    test_sql(conn, "TRUNCATE shop.fired");
    for (size_t i = 0; i < PHASES; i++) {
        forward(url, phases[i]);
        ck_assert_str_eq(test_rows(conn, "SELECT name, op FROM shop.fired"), "");
        ck_assert_int_eq(test_count(conn, "SELECT sum(version) FROM shop.t"), writes);
        if (i < RETIRE) {
            ck_assert_str_eq(fired_by(conn, write, "email"), all);
            writes++;
        }
        if (i >= VERIFY) {
            ck_assert_str_eq(fired_by(conn, write, "email_address"), all);
            writes++;
        }
        test_sql(conn, "TRUNCATE shop.fired");
        if (i == RETIRE) { /* the catch-up is a backfill, too */
            test_sql(conn, "ALTER TABLE shop.t DISABLE TRIGGER USER");
            test_sql(conn, "UPDATE shop.t SET email_address = 'c' || id WHERE id BETWEEN 5 AND 50");
            test_sql(conn, "ALTER TABLE shop.t ENABLE TRIGGER USER,"
                           " DISABLE TRIGGER asleep, ENABLE REPLICA TRIGGER replica,"
                           " ENABLE ALWAYS TRIGGER always");
            back(url, "switch");
            ck_assert_str_eq(test_rows(conn, "SELECT name, op FROM shop.fired"), "");
            ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM shop.t"
                                              " WHERE email = email_address"),
                             500);
            ck_assert_str_eq(fired_by(conn, write, "email"), all);
            writes++;
            test_sql(conn, "TRUNCATE shop.fired");
            forward(url, "retire");
        }
    }
}
END_TEST

START_TEST(whoever_is_not_the_owner_cannot_pass_for_the_backfill)
{
    static const char write[] = "UPDATE shop.t SET %s = 'b' || version WHERE id = 1";
    static const char by_writer[] = "SELECT shop.writes(); -- %s";
    const char *db = database_with(shop), *url = started(db);
    PGconn *conn = test_connect(db, "app"), *writer = test_connect(db, "writer");
    const char *seen;

    forward(url, "dual-write");
    test_sql(conn, "CREATE FUNCTION shop.writes() RETURNS void LANGUAGE sql SECURITY DEFINER AS"
                   " $$UPDATE shop.t SET email = 'c' || version WHERE id = 1$$");
    test_sql(writer, "SET orchestrate.backfill = '1'");
    test_sql(conn, "TRUNCATE shop.fired");
    test_sql(writer, write, "email");
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM shop.fired"), 8);
    test_sql(conn, "TRUNCATE shop.fired");
    test_sql(writer, by_writer, "");
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM shop.fired"), 8);

    /* The owner could switch the triggers off as well; his write is not lost by it. */
    test_sql(conn, "SET orchestrate.backfill = '2'");
    ck_assert_str_eq(fired_by(conn, write, "email"), all);
    test_sql(conn, "SET orchestrate.backfill = '1'");
    seen = fired_by(conn, write, "email");
    ck_assert_str_eq(seen, "of\"old");
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM shop.t WHERE id = 1"
                                      " AND email = 'b3' AND email_address = 'b3'"),
                     1);
}
END_TEST

/* ---- what cannot be done ---- */

static const char foreign_function[] =
    "CREATE SCHEMA theirs;"
    "CREATE FUNCTION theirs.fires() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
    "    INSERT INTO shop.fired (name, op) VALUES (TG_NAME, TG_OP); RETURN NEW; END $$;"
    "GRANT USAGE ON SCHEMA theirs TO app;"
    "CREATE TRIGGER theirs AFTER UPDATE ON shop.t FOR EACH ROW EXECUTE FUNCTION theirs.fires();"
    "REVOKE EXECUTE ON FUNCTION theirs.fires() FROM PUBLIC;";

START_TEST(a_trigger_that_may_not_be_made_anew_is_refused_or_accepted)
{
    const char *db = database_with(shop), *url = test_url(db, "app");
    PGconn *super = test_connect(db, "postgres");
    struct ran ran;

    test_sql(super, "%s", foreign_function);
    ran = ORCHESTRATE(url, "start", plan_with(NULL));
    EXITS(ran, 5);
    CONTAINS(ran.err,
             "the backfill would fire triggers of shop.t that app may not make anew with a "
             "condition against it: theirs (theirs.fires())");
    CONTAINS(ran.err, "GRANT EXECUTE ON FUNCTION ... TO app (and USAGE on their schema)");
    ran = ORCHESTRATE(url, "start",
                      plan_with("accept: [{rule: backfill-fires-triggers, because: a test}]\n"));
    EXITS(ran, 0);
    test_sql(super, "TRUNCATE shop.fired");
    forward(url, "contract");
    ck_assert_str_eq(test_rows(super, "SELECT name, count(*) FROM shop.fired GROUP BY 1"),
                     "theirs|500");
}
END_TEST

START_TEST(a_trigger_made_after_dual_write_holds_the_backfill)
{
    const char *db = database_with(shop), *url = started(db);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    forward(url, "dual-write");
    test_sql(conn, "CREATE TRIGGER young AFTER UPDATE ON shop.t FOR EACH ROW"
                   " EXECUTE FUNCTION shop.fires()");
    ran = advance(url, "backfill");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"gate\":\"user_triggers\"");
    CONTAINS(ran.out, "the backfill would fire triggers of shop.t for each row: young "
                      "(shop.fires()); drop them until verify, or roll the plan back and start it "
                      "again: dual-write keeps them still");
    back(url, "start");
    ran = ORCHESTRATE(url, "start", plan_with(NULL), "--again");
    EXITS(ran, 0);
    test_sql(conn, "TRUNCATE shop.fired");
    forward(url, "verify");
    ck_assert_str_eq(test_rows(conn, "SELECT name FROM shop.fired"), "");
}
END_TEST

START_TEST(a_trigger_on_the_old_name_made_after_start_holds_verify)
{
    const char *db = database_with("CREATE SCHEMA shop; CREATE TABLE shop.t (email text);"
                                   "CREATE FUNCTION shop.f() RETURNS trigger LANGUAGE plpgsql AS"
                                   " $$ BEGIN RETURN NEW; END $$");
    const char *url = started(db);
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    forward(url, "backfill");
    test_sql(conn, "CREATE TRIGGER young AFTER UPDATE OF email ON shop.t FOR EACH ROW"
                   " EXECUTE FUNCTION shop.f()");
    ran = advance(url, "verify");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"gate\":\"trigger_lists\"");
    CONTAINS(ran.out, "triggers on UPDATE OF email would not fire when email_address is written: "
                      "young (shop.f()); make them anew on UPDATE OF email, email_address");
    test_sql(conn, "DROP TRIGGER young ON shop.t; CREATE TRIGGER young AFTER UPDATE OF email,"
                   " email_address ON shop.t FOR EACH ROW EXECUTE FUNCTION shop.f()");
    forward(url, "contract");
    CONTAINS(test_value(conn, "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
                              " WHERE tgname = 'young'"),
             "AFTER UPDATE OF email_address ON");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rename_triggers");
    TCase *tc = support_case(suite, "triggers", 120);

    tcase_add_loop_test(tc, undone_from_any_phase_the_triggers_are_what_they_were, 0, PHASES - 1);
    tcase_add_loop_test(tc, a_phase_done_again_leaves_no_trace_in_them_either, 2, PHASES - 1);
    tcase_add_test(tc, only_the_backfill_does_not_fire_them);
    tcase_add_test(tc, whoever_is_not_the_owner_cannot_pass_for_the_backfill);
    tcase_add_test(tc, a_trigger_that_may_not_be_made_anew_is_refused_or_accepted);
    tcase_add_test(tc, a_trigger_made_after_dual_write_holds_the_backfill);
    tcase_add_test(tc, a_trigger_on_the_old_name_made_after_start_holds_verify);
    return support_run(suite);
}
