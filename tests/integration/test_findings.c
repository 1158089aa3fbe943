/*
 * Findings by name: what is asked of the server, its roles and what surrounds the table,
 * the same for all operations, and what only warns.
 */
#include <string.h>

#include "support.h"

#define ADD_INDEX "add_index: {table: public.thing, name: thing_note, columns: [note]}"
#define DROP_COLUMN "drop_column: {table: public.thing, column: note}"
#define DROP_TABLE "drop_table: {table: public.thing}"
#define RENAME_TABLE "rename_table: {table: public.thing, to: item}"

#define THING                                                                                      \
    "CREATE TABLE public.thing (id int PRIMARY KEY, note text NOT NULL CHECK (note <> 'x'), n "    \
    "serial);"
#define FUNCTION                                                                                   \
    "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM note FROM"    \
    " public.thing; RETURN NEW; END $$;"
#define CHILD "CREATE TABLE public.child (id int PRIMARY KEY REFERENCES public.thing);"

/* It never connects to anything. */
#define SUBSCRIBED                                                                                 \
    "CREATE SUBSCRIPTION s CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false);"      \
    "SET allow_system_table_mods = on; INSERT INTO pg_subscription_rel (srsubid, srrelid,"         \
    " srsubstate) SELECT oid, 'public.thing'::regclass, 'r' FROM pg_subscription"
#define NO_CREATE                                                                                  \
    "ALTER SCHEMA public OWNER TO postgres; REVOKE CREATE ON SCHEMA public FROM app, PUBLIC"
#define NO_RIGHTS "REVOKE ALL ON public.thing FROM app"
#define ELSEWHERE                                                                                  \
    "CREATE SCHEMA other AUTHORIZATION app; CREATE TABLE other.thing (id int, note text);"         \
    "ALTER TABLE other.thing OWNER TO app"
#define TAKEN "CREATE SEQUENCE public._orch_1_meter"
#define NO_LANGUAGE "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC"
#define EVENT_TRIGGER                                                                              \
    "CREATE FUNCTION public.e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"            \
    "CREATE EVENT TRIGGER seen ON ddl_command_end EXECUTE FUNCTION public.e()"

/* clang-format off */
static const struct {
    const char *change, *codes;
    const char *setup, *super; /* by app, who owns the table; then by the superuser */
    const char *role;          /* who asks; NULL: app */
    int before;                /* only on versions before this one, if not 0 */
} rows[] = {
    { ADD_INDEX, "not-owner", THING, "", "stranger", 0 },
    { DROP_COLUMN, "not-owner", THING, "", "stranger", 0 },
    { DROP_TABLE, "not-owner", THING, "", "stranger", 0 },
    { RENAME_TABLE, "not-owner", THING, "", "stranger", 0 },
    { DROP_TABLE, "not-owner", THING CHILD, "ALTER TABLE public.child OWNER TO writer", NULL, 0 },
    { ADD_INDEX, "schema-privilege", THING, NO_CREATE, NULL, 0 },
    { DROP_COLUMN, "schema-privilege", THING, NO_CREATE, NULL, 0 },
    { DROP_TABLE, "schema-privilege", THING, NO_CREATE, NULL, 0 },
    { RENAME_TABLE, "schema-privilege", THING, NO_CREATE, NULL, 0 },
    { DROP_COLUMN, "table-privilege", THING, NO_RIGHTS, NULL, 0 },
    { DROP_TABLE, "table-privilege", THING, NO_RIGHTS, NULL, 0 },
    { DROP_TABLE, "table-privilege", THING CHILD, "REVOKE UPDATE ON public.child FROM app", NULL, 0 },
    { "add_index: {table: other.thing, name: i, columns: [id]}", "schema-privilege", "", ELSEWHERE, "stranger", 0 },
    { "drop_column: {table: other.thing, column: note}", "schema-privilege", "", ELSEWHERE, "stranger", 0 },
    { "rename_table: {table: other.thing, to: item}", "schema-privilege", "", ELSEWHERE, "stranger", 0 },
    { "rename_column: {table: other.thing, from: note, to: remark}", "schema-privilege", "", ELSEWHERE, "stranger", 0 },
    { DROP_TABLE, "schema-privilege", THING CHILD,
      "CREATE SCHEMA other AUTHORIZATION app; ALTER TABLE public.child SET SCHEMA other", "stranger", 0 },
    { DROP_COLUMN, "helper-exists", THING, TAKEN, NULL, 0 },
    { DROP_TABLE, "helper-exists", THING, TAKEN, NULL, 0 },
    { RENAME_TABLE, "helper-exists", THING, TAKEN, NULL, 0 },
    { "rename_column: {table: public.thing, from: n, to: m}", "default-may-fail",
      "CREATE TABLE public.thing (id int, n text DEFAULT current_setting('app.tenant'))", "", NULL, 0 },
    { DROP_TABLE, "table-privilege", THING CHILD,
      "GRANT REFERENCES ON public.thing TO writer; ALTER TABLE public.child OWNER TO writer", NULL, 0 },
    { RENAME_TABLE, "table-privilege", THING, NO_RIGHTS, NULL, 0 },
    { DROP_COLUMN, "language-privilege", THING, NO_LANGUAGE, NULL, 0 },
    { DROP_TABLE, "language-privilege", THING, NO_LANGUAGE, NULL, 0 },
    { RENAME_TABLE, "language-privilege", THING, NO_LANGUAGE, NULL, 0 },
    { DROP_COLUMN, "subscription-target", THING, SUBSCRIBED, NULL, 0 },
    { DROP_TABLE, "subscription-target", THING, SUBSCRIBED, NULL, 0 },
    { RENAME_TABLE, "subscription-target", THING, SUBSCRIBED, NULL, 0 },
    { DROP_COLUMN, "extension-member", THING, "ALTER EXTENSION plpgsql ADD TABLE public.thing", NULL, 0 },
    { DROP_TABLE, "extension-member", THING, "ALTER EXTENSION plpgsql ADD TABLE public.thing", NULL, 0 },
    { RENAME_TABLE, "extension-member", THING, "ALTER EXTENSION plpgsql ADD TABLE public.thing", NULL, 0 },
    { "add_index: {table: pg_catalog.pg_class, name: i, columns: [relname]}", "system-table", "", "", "postgres", 0 },
    { "drop_column: {table: pg_catalog.pg_class, column: relname}", "system-table", "", "", "postgres", 0 },
    { "drop_table: {table: pg_catalog.pg_class}", "system-table", "", "", "postgres", 0 },
    { "rename_table: {table: pg_catalog.pg_class, to: c}", "system-table", "", "", "postgres", 0 },
    { DROP_TABLE, "references-privilege not-owner", THING CHILD, "ALTER TABLE public.child OWNER TO writer", NULL, 0 },
    { DROP_TABLE, "no-statistics", THING, "ALTER ROLE app SET track_counts = off", NULL, 0 },
    { DROP_TABLE, "partitioned-foreign-key",
      "CREATE TABLE public.thing (id int PRIMARY KEY) PARTITION BY LIST (id); CREATE TABLE public.o (id int REFERENCES public.thing) PARTITION BY LIST (id)",
      "", NULL, 180000 },
    { DROP_TABLE, "partition-owner",
      THING "CREATE TABLE public.o (id int REFERENCES public.thing) PARTITION BY LIST (id); CREATE TABLE public.o1 PARTITION OF public.o DEFAULT",
      "ALTER TABLE public.o1 OWNER TO writer", NULL, 180000 },
    { DROP_TABLE, "many-partitions",
      THING "CREATE TABLE public.o (id int REFERENCES public.thing) PARTITION BY LIST (id);"
            "DO $$ BEGIN FOR i IN 1..21 LOOP EXECUTE format('CREATE TABLE public.o%s PARTITION OF public.o FOR VALUES IN (%s)', i, i); END LOOP; END $$",
      "", NULL, 180000 },
    { DROP_COLUMN, "trigger-argument", THING FUNCTION "CREATE TRIGGER tr AFTER INSERT ON public.thing FOR EACH ROW EXECUTE FUNCTION public.f('note')", "", NULL, 0 },
    /* what only warns */
    { DROP_COLUMN, "checks-stay null-may-come reads-not-counted star-statements space-stays event-triggers function-bodies published-table also-drops",
      THING FUNCTION "CREATE PUBLICATION p FOR TABLE public.thing", EVENT_TRIGGER, NULL, 0 },
    { DROP_COLUMN, "default-foreign-key", "CREATE TABLE public.r (id int PRIMARY KEY); CREATE TABLE public.thing (id int, note int DEFAULT 1 REFERENCES public.r)", "", NULL, 0 },
    { "drop_column: {table: public.thing, column: note, placeholder: \"''\"}", "unique-with-others", "CREATE TABLE public.thing (id int, note text, UNIQUE (id, note))", "", NULL, 0 },
    { DROP_COLUMN, "many-partitions",
      "CREATE TABLE public.thing (id int, note text) PARTITION BY LIST (id);"
      "DO 'BEGIN FOR i IN 1..21 LOOP EXECUTE format(''CREATE TABLE public.t%s PARTITION OF public.thing FOR VALUES IN (%s)'', i, i); END LOOP; END'", "", NULL, 0 },
    { DROP_COLUMN, "published-table", "CREATE TABLE public.thing (id int, note text) PARTITION BY LIST (id); CREATE PUBLICATION p FOR TABLE public.thing", "", NULL, 0 },
    { DROP_COLUMN, "forced-row-security", THING "ALTER TABLE public.thing ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY", "", NULL, 0 },
    { "drop_column: {table: public.thing, column: n}", "inserts-not-counted", THING, "", NULL, 0 },
    { DROP_TABLE, "foreign-keys what-is-not-counted event-triggers function-bodies", THING CHILD FUNCTION, EVENT_TRIGGER, NULL, 0 },
    { RENAME_TABLE, "through-the-view names-kept rights-later event-triggers function-bodies", THING CHILD FUNCTION, EVENT_TRIGGER, NULL, 0 },
    { RENAME_TABLE, "trigger-table-name",
      THING "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE LOG ''%'', tg_table_name; RETURN NULL; END';"
            "CREATE TRIGGER tr AFTER INSERT ON public.thing FOR EACH ROW EXECUTE FUNCTION public.f()", "", NULL, 0 },
    { RENAME_TABLE, "partition-tools", "CREATE TABLE public.thing (id int) PARTITION BY LIST (id)", "", NULL, 0 },
    { RENAME_TABLE, "partition-tools",
      "CREATE TABLE public.whole (id int) PARTITION BY LIST (id); CREATE TABLE public.thing PARTITION OF public.whole DEFAULT", "", NULL, 0 },
    { ADD_INDEX, "same-columns", THING "CREATE INDEX other ON public.thing (note)", "", NULL, 0 },
};
/* clang-format on */

static void names(const char *url, const char *change, const char *codes)
{
    struct ran ran = ORCHESTRATE(
        url, "plan",
        test_write("p.yaml", arena_printf(test_arena(), "plan: p\nchange:\n  %s\n", change)),
        "--json");

    for (const char *at = codes; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");

        CONTAINS(ran.out, arena_printf(test_arena(), "\"code\":\"%.*s\"", (int)len, at));
        at += len;
    }
}

START_TEST(what_is_found_has_its_name)
{
    const char *db = test_database("empty");
    PGconn *super = test_connect(db, "postgres");

    if (rows[_i].before && PQserverVersion(super) >= rows[_i].before)
        return;
    test_sql(super, "GRANT CREATE ON SCHEMA public TO app");
    if (*rows[_i].setup)
        test_sql(test_connect(db, "app"), "%s", rows[_i].setup);
    if (*rows[_i].super)
        test_sql(super, "%s", rows[_i].super);
    names(test_url(db, rows[_i].role ? rows[_i].role : "app"), rows[_i].change, rows[_i].codes);
    test_sql(super, "ALTER ROLE app RESET track_counts");
}
END_TEST

/* Its schema has another name in each session. */
START_TEST(a_temporary_table_is_refused)
{
    static const struct {
        const char *change, *code;
    } ops[] = {
        { "add_index: {table: %s.thing, name: i, columns: [note]}", "temporary-table" },
        { "drop_column: {table: %s.thing, column: note}", "temporary" },
        { "drop_table: {table: %s.thing}", "temporary" },
        { "rename_table: {table: %s.thing, to: item}", "temporary" },
    };
    const char *db = test_database("empty"), *at;
    PGconn *conn = test_connect(db, "postgres");

    test_sql(conn, "CREATE TEMPORARY TABLE thing (id int, note text)");
    at = strstr(ops[_i].change, "%s");
    names(test_url(db, "postgres"),
          arena_printf(test_arena(), "%.*s%s%s", (int)(at - ops[_i].change), ops[_i].change,
                       test_value(conn, "SELECT nspname FROM pg_namespace WHERE oid ="
                                        " pg_my_temp_schema()"),
                       at + 2),
          ops[_i].code);
}
END_TEST

/* Whoever may make things in the schema can guess the name of a meter, whose comment is read. */
START_TEST(what_others_write_becomes_no_statement)
{
    static const char *const changes[] = {
        "drop_column: {table: public.thing, column: n, placeholder: \"1\"}", DROP_TABLE
    };
    const char *db = test_database("empty");
    PGconn *super = test_connect(db, "postgres");
    struct ran ran;

    test_sql(super, "GRANT CREATE ON SCHEMA public TO app, writer");
    test_sql(test_connect(db, "app"),
             "CREATE TABLE public.thing (id int PRIMARY KEY, n int);" CHILD);
    test_sql(
        test_connect(db, "writer"),
        "CREATE SEQUENCE public._orch_1_meter; COMMENT ON SEQUENCE public._orch_1_meter IS"
        " 'x: {\"default\": \"1; SET ROLE evil\", \"keys\": [{\"schema\": \"public\", \"relation\":"
        " \"child\", \"name\": \"child_id_fkey\", \"columns\": [], \"create\": \"SET ROLE "
        "evil\"}]}'");
    ran = ORCHESTRATE(
        test_url(db, "postgres"), "plan",
        test_write("p.yaml", arena_printf(test_arena(), "plan: p\nchange:\n  %s\n", changes[_i])),
        "--json");
    EXITS(ran, 5);
    CONTAINS(ran.out, "\"code\":\"helper-exists\"");
    ck_assert_ptr_null(strstr(ran.out, "evil"));
}
END_TEST

/* Default privileges may take from the owner what is made for him: it works all the same. */
START_TEST(what_default_privileges_take_from_the_owner_is_not_missed)
{
    static const char *const changes[] = {
        ("drop_column: {table: public.thing, column: note, also_drops: [thing_note_check]}"),
        DROP_TABLE, RENAME_TABLE
    };
    const char *db = test_database("empty"), *url = test_url(db, "app");
    PGconn *conn = test_connect(db, "app");

    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(conn, THING "INSERT INTO public.thing VALUES (1, 'a'), (2, 'b')");
    EXITS(ORCHESTRATE(url, "start",
                      test_write("p.yaml", arena_printf(test_arena(), "plan: p\nchange:\n  %s\n",
                                                        changes[_i]))),
          0);
    test_sql(conn, "ALTER DEFAULT PRIVILEGES REVOKE UPDATE ON SEQUENCES FROM app;"
                   "ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;"
                   "ALTER DEFAULT PRIVILEGES REVOKE SELECT, INSERT, UPDATE ON TABLES FROM app");
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
    if (_i == 0)
        test_sql(conn, "UPDATE public.thing SET note = 'c' WHERE id = 1");
    EXITS(ORCHESTRATE(url, "rollback", "p", "--to", "start"), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("findings");
    TCase *tc = support_case(s, "findings", 120);

    support_cases(tc, what_is_found_has_its_name, 0, ARRAY_LEN(rows));
    tcase_add_loop_test(tc, a_temporary_table_is_refused, 0, 4);
    tcase_add_loop_test(tc, what_others_write_becomes_no_statement, 0, 2);
    tcase_add_loop_test(tc, what_default_privileges_take_from_the_owner_is_not_missed, 0, 3);
    return s;
}

int main(void)
{
    return support_run(suite());
}
