/*
 * doctor: what is in the way is said, with the statement that mends it; nothing is
 * changed.
 */
#include <string.h>

#include "plans.h"
#include "support.h"

static const char *db;
static PGconn *super, *app;

static void setup(void)
{
    db = test_database("empty");
    super = test_connect(db, "postgres");
    app = test_connect(db, "app");
    test_sql(app, "CREATE SCHEMA shop; CREATE TABLE shop.person (id int PRIMARY KEY, email text)");
}

/* In JSON, where no line is broken. */
static void says(const char *role, int status, const char *severity, const char *code,
                 const char *text, const char *hint)
{
    struct ran ran = ORCHESTRATE(test_url(db, role), "doctor", "--json");

    EXITS(ran, status);
    CONTAINS(ran.out,
             arena_printf(test_arena(), "{\"severity\":\"%s\",\"code\":\"%s\",\"message\":\"%s",
                          severity, code, text));
    if (hint)
        CONTAINS(ran.out, arena_printf(test_arena(), "\"hint\":\"%s", hint));
}

START_TEST(a_role_that_can_work_has_only_notes)
{
    struct ran ran = ORCHESTRATE(test_url(db, "app"), "doctor");

    EXITS(ran, 0);
    CONTAINS(ran.out, arena_printf(test_arena(), "ok       PostgreSQL %d", test_server_major()));
    CONTAINS(ran.out, "ok       the clocks here and of the server agree");
    CONTAINS(ran.out, "ok       tables of schema shop owned by app can be changed");
    CONTAINS(ran.out, "ok       no plan was started here yet: `start` makes the state schema");
    ck_assert_msg(!strstr(ran.out, "problem"), "%s", ran.out);
    ck_assert_int_eq(
        test_count(super, "SELECT count(*) FROM pg_namespace WHERE nspname = 'orchestrate'"), 0);
}
END_TEST

/* Before there is a state schema, in every answer that comes before it; then in doctor's. */
START_TEST(who_publishes_all_tables_is_told_that_the_state_is_sent_too)
{
    static const char warning[] =
        "\"code\":\"published-state\",\"message\":\"publication everything is FOR ALL TABLES";
    const char *plan, *url;

    setup();
    plan = test_rename_plan("p", "shop.person", "email", "address",
                            "accept: [{rule: published-table, because: a test}]\n");
    url = test_url(db, "app");
    ck_assert_ptr_null(strstr(ORCHESTRATE(url, "plan", plan, "--json").out, warning));
    test_sql(super, "CREATE PUBLICATION everything FOR ALL TABLES");
    ck_assert_ptr_nonnull(strstr(ORCHESTRATE(url, "plan", plan, "--json").out, warning));
    CONTAINS(ORCHESTRATE(url, "plan", plan).out, "FOR ALL TABLES");
    says("app", 0, "warning", "published-state",
         "publication everything is FOR ALL TABLES: it will",
         "Run `orchestrate init` on each subscriber");
    CONTAINS(ORCHESTRATE(url, "init", "--json").out, warning);
    CONTAINS(ORCHESTRATE(url, "init").out, "already");
    says("app", 0, "note", "published-state", "publication everything is FOR ALL TABLES: it sends",
         NULL);
    ck_assert_ptr_null(strstr(ORCHESTRATE(url, "start", plan, "--json").out, warning));
}
END_TEST

START_TEST(a_role_without_rights_is_told_what_to_grant)
{
    struct ran ran = ORCHESTRATE(test_url(db, "stranger"), "doctor");

    EXITS(ran, 77);
    CONTAINS(ran.err, "2 things are in the way: no plan can be carried out with this connection");
    CONTAINS(ran.err, "They are the lines that begin with `problem`.");
    says("stranger", 77, "error", "create",
         "there is no state schema yet, and role stranger may not create one",
         arena_printf(test_arena(),
                      "GRANT CREATE ON DATABASE %s TO stranger; or let somebody else run "
                      "`orchestrate init`.",
                      db));
    says("stranger", 77, "error", "owner",
         "tables of schema shop owned by app cannot be changed by role stranger",
         "GRANT app TO stranger;");
}
END_TEST

START_TEST(what_the_role_cannot_see_is_said)
{
    says("app", 0, "warning", "stats",
         "sessions of others and the lag of standbys cannot be seen: where there are standbys a "
         "backfill stops, and the switch waits for more than it has to",
         "GRANT pg_monitor TO app;");
    says("postgres", 0, "note", "stats", "sessions of others and the lag of standbys can be seen",
         NULL);
    says("postgres", 0, "note", "superuser",
         "this role is a superuser; one that is a member of the tables' owner is enough",
         "A step acts as the owner of its table, whose functions it may call (checks, generated "
         "columns, triggers): one with RESET ROLE in it is a superuser then.");
    EXITS(ORCHESTRATE(test_url(db, "app"), "init"), 0);
    says("postgres", 0, "note", "state-owner",
         "the state schema belongs to role app, which is no superuser: it can put a function of "
         "its own in the place of ours, and this role would call it",
         "Call orchestrate as app, or as another role that is no superuser.");
    says("postgres", 0, "note", "replica-role",
         "a backfill can keep triggers of the user still by its session", NULL);
    says("app", 0, "note", "replica-role",
         "session_replication_role may not be set: triggers of the user get a condition while a "
         "backfill runs",
         NULL);
}
END_TEST

START_TEST(an_owner_that_may_not_create_in_the_schema_is_told)
{
    test_sql(super,
             "CREATE SCHEMA shut; CREATE TABLE shut.t (id int); ALTER TABLE shut.t OWNER TO app");
    says("app", 0, "warning", "schema-create",
         "app, the owner of tables in schema shut, may not create in it",
         "GRANT CREATE ON SCHEMA shut TO app;");
}
END_TEST

START_TEST(settings_of_the_role_that_matter_are_said)
{
    static const char *const reset = "ALTER ROLE app RESET ALL; ALTER ROLE app CONNECTION LIMIT -1";

    test_sql(super, "ALTER ROLE app CONNECTION LIMIT 3");
    says("app", 0, "note", "sessions",
         "role app may have 3 session(s) at a time; a look at locks beside a step takes a second "
         "one",
         "ALTER ROLE app CONNECTION LIMIT 5;");
    test_sql(super, "%s; ALTER ROLE app SET default_transaction_read_only = on", reset);
    says("app", 78, "error", "read-only",
         "sessions of this role only read (default_transaction_read_only)",
         "Use a role or a database whose transactions may write.");
    test_sql(super, "%s", reset);
    if (test_server_major() < 14)
        TEST_SKIP(SKIP_OLD_SERVER);
    test_sql(super, "ALTER ROLE app SET idle_session_timeout = '20s'");
    says("app", 0, "warning", "timeout",
         "idle_session_timeout is 20000 ms for this role: a backfill that pauses may lose its "
         "session",
         "ALTER ROLE app SET idle_session_timeout = 0;");
    test_sql(super, "%s", reset);
    if (test_server_major() < 17)
        TEST_SKIP(SKIP_OLD_SERVER);
    test_sql(super, "ALTER ROLE app SET transaction_timeout = '20s'");
    says("app", 0, "warning", "timeout",
         "transaction_timeout is 20000 ms for this role: it ends index builds and other long steps",
         "ALTER ROLE app SET transaction_timeout = 0;");
    test_sql(super, "%s", reset);
}
END_TEST

START_TEST(what_waits_on_the_server_is_said)
{
    test_sql(super, "BEGIN; CREATE TABLE shop.x (id int); PREPARE TRANSACTION 'forgotten'");
    says("app", 0, "warning", "prepared",
         "prepared transaction forgotten of postgres is open since ",
         "COMMIT PREPARED or ROLLBACK PREPARED it.");
    test_sql(super, "ROLLBACK PREPARED 'forgotten'");
    test_sql(super, "CREATE FUNCTION shop.seen() RETURNS event_trigger LANGUAGE plpgsql AS"
                    " 'BEGIN END'; CREATE EVENT TRIGGER looks ON ddl_command_end EXECUTE FUNCTION"
                    " shop.seen()");
    says("app", 0, "note", "event-triggers",
         "event trigger looks runs at ddl_command_end, under the locks of our statements",
         "See that it is quick and does not refuse DDL.");
    test_sql(super, "SELECT pg_create_physical_replication_slot('idle', true)");
    says("app", 0, "warning", "slot", "replication slot idle is not in use and keeps ",
         "Drop it, or let its reader catch up.");
    test_sql(super, "SELECT pg_drop_replication_slot('idle')");
    says("app", 0, "note", "wal",
         "wal_level is logical: subscribers of a published table need the new column first", NULL);
}
END_TEST

START_TEST(a_server_that_hides_its_identity_is_noted)
{
    test_sql(super, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
    says("app", 0, "note", "system",
         "the system identifier may not be asked for: copies are told apart by the database's oid "
         "alone",
         "GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO app;");
}
END_TEST

/* What each of them leaves in a database, and what is said of it. */
static const struct {
    const char *made, *severity, *says;
} tools[] = {
    { "CREATE TABLE public._prisma_migrations ()", "warning",
      "Prisma is used here (public._prisma_migrations): `migrate deploy` does no harm; `db push` "
      "drops columns that are not in its schema" },
    { "CREATE SCHEMA prisma_contract", "warning",
      "Prisma 8 is used here (schema prisma_contract): " },
    { "CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations ()", "warning",
      "Drizzle is used here (drizzle.__drizzle_migrations): `migrate` does no harm; `push` drops "
      "columns" },
    { "CREATE SCHEMA supabase_migrations; CREATE TABLE supabase_migrations.schema_migrations ()",
      "warning", "Supabase is used here (supabase_migrations.schema_migrations): " },
    { "CREATE TABLE public.alembic_version ()", "note",
      "Alembic is used here (public.alembic_version): `revision --autogenerate` writes a migration "
      "that drops columns" },
    { "CREATE TABLE public.django_migrations ()", "note",
      "Django is used here (public.django_migrations): " },
    { "CREATE TABLE public.schema_migrations ()", "note",
      "Rails, Ecto, golang-migrate or dbmate is used here (public.schema_migrations): " },
    { "CREATE TABLE public.flyway_schema_history ()", "note",
      "Flyway is used here (public.flyway_schema_history): " },
    { "CREATE TABLE public.databasechangelog ()", "note",
      "Liquibase is used here (public.databasechangelog): " },
};

START_TEST(tools_that_would_drop_a_twin_are_named)
{
    test_sql(super, "%s", tools[_i].made);
    says("app", 0, tools[_i].severity, "tool", tools[_i].says, NULL);
}
END_TEST

START_TEST(copies_and_strays_are_found)
{
    const char *copy = arena_printf(test_arena(), "%s_copy", db);
    PGconn *conn = test_connect("postgres", "postgres");
    struct ran ran = ORCHESTRATE(test_url(db, "app"), "start",
                                 test_rename_plan("p", "shop.person", "email", "address", NULL));

    EXITS(ran, 0);
    ran = ORCHESTRATE(test_url(db, "app"), "advance", "p", "--to", "dual-write");
    EXITS(ran, 0);
    says("app", 0, "note", "state", "the state schema is version 1", NULL);
    PQfinish(super);
    PQfinish(app);
    test_wait(conn, 10, "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = '%s'", db);
    test_sql(conn, "CREATE DATABASE %s TEMPLATE %s OWNER app", copy, db);
    db = copy;
    says("app", 0, "warning", "copy",
         "run 1 of plan p belongs to another database: ", "See: orchestrate repair p");
    super = test_connect(db, "postgres");
    test_sql(super, "ALTER SCHEMA orchestrate RENAME TO elsewhere");
    says("app", 0, "warning", "stray",
         "there are things named _orch_1_..., and no run 1 is recorded here: tables that were "
         "restored without the schema orchestrate?",
         "Restore that schema, too; or drop them when nobody needs them: they are not part of the "
         "application.");
    PQfinish(super);
    test_sql(conn, "DROP DATABASE %s WITH (FORCE)", copy);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("doctor");
    TCase *tc = support_case(s, "doctor", 120);

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, who_publishes_all_tables_is_told_that_the_state_is_sent_too);
    tcase_add_test(tc, a_role_that_can_work_has_only_notes);
    tcase_add_test(tc, a_role_without_rights_is_told_what_to_grant);
    tcase_add_test(tc, what_the_role_cannot_see_is_said);
    tcase_add_test(tc, an_owner_that_may_not_create_in_the_schema_is_told);
    tcase_add_test(tc, settings_of_the_role_that_matter_are_said);
    tcase_add_test(tc, what_waits_on_the_server_is_said);
    tcase_add_test(tc, a_server_that_hides_its_identity_is_noted);
    support_cases(tc, tools_that_would_drop_a_twin_are_named, 0, ARRAY_LEN(tools));
    tcase_add_test(tc, copies_and_strays_are_found);
    return s;
}

int main(void)
{
    static const char *const settings[] = { "max_prepared_transactions = 5", "wal_level = logical",
                                            "max_wal_senders = 2", "max_replication_slots = 4",
                                            NULL };

    support_settings(settings);
    return support_run(suite());
}
