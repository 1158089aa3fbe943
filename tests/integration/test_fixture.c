/* What the other tests rest on: the template databases, and a fingerprint that sees every change.
 */
#include <string.h>

#include "support.h"

enum { SECONDS = 60 };

static const char *fingerprint(PGconn *conn)
{
    return test_rows(conn, "%s", test_file("src/sql/cluster/fingerprint.sql"));
}

/* Each changes one thing that pg_dump shows; `from` is the first version that has it. */
static const struct {
    const char *sql;
    int from;
} changes[] = {
    { "ALTER TABLE shop.customer RENAME COLUMN email TO e_mail", 13 },
    { "ALTER TABLE shop.customer ADD COLUMN more text", 13 },
    { "ALTER TABLE shop.customer ADD CHECK (email <> '') NOT VALID", 13 },
    { "ALTER TABLE shop.review ALTER CONSTRAINT review_product DEFERRABLE", 13 },
    { "ALTER TABLE shop.customer ALTER COLUMN name DROP NOT NULL", 13 },
    { "ALTER TABLE shop.customer ALTER COLUMN region DROP DEFAULT", 13 },
    { "ALTER TABLE shop.customer ALTER COLUMN region SET DEFAULT 'us'", 13 },
    { "ALTER TABLE shop.product ALTER COLUMN title TYPE varchar(41)", 13 },
    { "ALTER TABLE shop.empty ALTER COLUMN label TYPE text COLLATE \"C\"", 13 },
    { "ALTER TABLE shop.customer ALTER COLUMN email SET STATISTICS 251", 13 },
    { "ALTER TABLE shop.customer ALTER COLUMN email SET STORAGE MAIN", 13 },
    { "ALTER TABLE shop.customer ALTER COLUMN email SET (n_distinct = -0.5)", 13 },
    { "ALTER TABLE shop.document ALTER COLUMN title SET COMPRESSION pglz", 14 },
    { "ALTER TABLE shop.subscriber ALTER COLUMN id SET GENERATED ALWAYS", 13 },
    { "ALTER TABLE shop.subscriber ALTER COLUMN id SET INCREMENT BY 5", 13 },
    { "ALTER SEQUENCE shop.order_number OWNED BY NONE", 13 },
    { "ALTER TABLE shop.customer SET (fillfactor = 91)", 13 },
    { "ALTER TABLE shop.document SET (toast.autovacuum_enabled = off)", 13 },
    { "ALTER TABLE shop.customer SET WITHOUT CLUSTER", 13 },
    { "ALTER TABLE shop.replicated REPLICA IDENTITY FULL", 13 },
    { "ALTER TABLE shop.customer DISABLE ROW LEVEL SECURITY", 13 },
    { "ALTER TABLE shop.customer FORCE ROW LEVEL SECURITY", 13 },
    { "ALTER POLICY customer_write ON shop.customer USING (region = 'us')", 13 },
    { "ALTER POLICY customer_write ON shop.customer TO reader", 13 },
    { "ALTER TABLE shop.customer DISABLE TRIGGER customer_email_lower", 13 },
    { "ALTER TABLE shop.customer ENABLE ALWAYS TRIGGER customer_email_lower", 13 },
    { "ALTER TABLE shop.customer DISABLE TRIGGER USER", 13 },
    { "ALTER TRIGGER customer_statement ON shop.customer RENAME TO other", 13 },
    { "CREATE TRIGGER t BEFORE INSERT ON shop.empty EXECUTE FUNCTION shop.nothing_to_do()", 13 },
    { "DROP INDEX shop.customer_email_eu", 13 },
    { "ALTER INDEX shop.customer_email_hash RENAME TO other", 13 },
    { "ALTER INDEX shop.customer_email_domain ALTER COLUMN 1 SET STATISTICS 501", 13 },
    { "DROP STATISTICS shop.customer_email_region", 13 },
    { "ALTER STATISTICS shop.customer_email_region SET STATISTICS 7", 13 },
    { "GRANT UPDATE (nickname) ON shop.customer TO reader", 13 },
    { "REVOKE GRANT OPTION FOR UPDATE (email) ON shop.customer FROM reader", 13 },
    { "REVOKE SELECT ON shop.customer FROM reader", 13 },
    { "REVOKE USAGE ON SCHEMA shop FROM reader", 13 },
    { "REVOKE EXECUTE ON FUNCTION shop.newest(int) FROM PUBLIC", 13 },
    { "ALTER DEFAULT PRIVILEGES IN SCHEMA shop REVOKE SELECT ON TABLES FROM reader", 13 },
    { "COMMENT ON COLUMN shop.customer.email IS 'other'", 13 },
    { "COMMENT ON TABLE shop.customer IS 'other'", 13 },
    { "COMMENT ON CONSTRAINT customer_visits_are_counted ON shop.customer IS 'other'", 13 },
    { "COMMENT ON TRIGGER customer_statement ON shop.customer IS 'other'", 13 },
    { "COMMENT ON POLICY customer_write ON shop.customer IS 'other'", 13 },
    { "COMMENT ON INDEX shop.customer_email_hash IS 'other'", 13 },
    { "COMMENT ON STATISTICS shop.customer_email_region IS 'other'", 13 },
    { "COMMENT ON FUNCTION shop.newest(int) IS 'other'", 13 },
    { "COMMENT ON TYPE shop.status IS 'other'", 13 },
    { "CREATE OR REPLACE VIEW shop.address AS SELECT id, email || '' AS mail FROM shop.customer",
      13 },
    { "ALTER VIEW shop.mailing_list SET (security_barrier)", 13 },
    { "DROP RULE address_update ON shop.address", 13 },
    { "CREATE OR REPLACE FUNCTION shop.customer_by_email(wanted text) RETURNS integer"
      " LANGUAGE sql STABLE AS 'SELECT 1'",
      13 },
    { "ALTER FUNCTION shop.newest(int) SET search_path = shop", 13 },
    { "ALTER FUNCTION shop.newest(int) VOLATILE", 13 },
    { "ALTER TABLE shop.truck NO INHERIT shop.vehicle", 13 },
    { "ALTER TABLE shop.event DETACH PARTITION shop.event_2024", 13 },
    { "ALTER TYPE shop.status RENAME VALUE 'new' TO 'fresh'", 13 },
    { "ALTER DOMAIN shop.percent SET DEFAULT 1", 13 },
    { "ALTER DOMAIN shop.percent ADD CHECK (VALUE <> 50) NOT VALID", 13 },
    { "ALTER PUBLICATION some_tables DROP TABLE shop.replicated", 13 },
    { "ALTER PUBLICATION some_columns SET TABLE shop.published_part (id)", 15 },
    { "ALTER PUBLICATION some_columns SET TABLE shop.published_part (id, visible) WHERE (id > 11)",
      15 },
    { "ALTER TABLE shop.scratch SET LOGGED", 13 },
    { "CREATE SCHEMA other", 13 },
    { "CREATE TABLE shop.other ()", 13 },
    { "REFRESH MATERIALIZED VIEW shop.domains WITH NO DATA", 13 },
};

START_TEST(the_fingerprint_sees_every_change)
{
    PGconn *conn = test_connect(test_database("fixture"), "app");
    const char *before;

    test_sql(conn, "SET search_path = pg_catalog");
    before = fingerprint(conn);
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        if (test_server_major() < changes[i].from)
            continue;
        test_sql(conn, "BEGIN");
        test_sql(conn, "%s", changes[i].sql);
        ck_assert_msg(strcmp(before, fingerprint(conn)) != 0, "not seen: %s", changes[i].sql);
        test_sql(conn, "ROLLBACK");
    }
    test_same_text("after all the rollbacks", fingerprint(conn), before);
    PQfinish(conn);
}
END_TEST

START_TEST(databases_of_one_template_are_alike)
{
    test_same_schema(test_database("fixture"), test_database("fixture"));
}
END_TEST

START_TEST(the_order_of_columns_is_not_seen)
{
    const char *one = test_database("empty"), *two = test_database("empty");
    PGconn *a = test_connect(one, "app"), *b = test_connect(two, "app");

    test_sql(a, "CREATE TABLE t (x int, y text)");
    test_sql(b, "CREATE TABLE t (z int, y text); ALTER TABLE t DROP COLUMN z, ADD COLUMN x int");
    test_same_text("fingerprint", test_fingerprint(one), test_fingerprint(two));
    PQfinish(a);
    PQfinish(b);
}
END_TEST

START_TEST(what_is_ours_is_not_seen)
{
    const char *one = test_database("empty"), *two = test_database("empty");
    PGconn *conn = test_connect(one, "app");

    test_sql(conn, "CREATE SCHEMA orchestrate; CREATE TABLE orchestrate.meta (version int)");
    test_same_schema(one, two);
    PQfinish(conn);
}
END_TEST

START_TEST(every_table_of_the_fixture_has_rows_or_is_meant_to_be_empty)
{
    PGconn *conn = test_connect(test_database("fixture"), "app");

    ck_assert_str_eq(test_rows(conn, "SELECT n.nspname, c.relname FROM pg_class AS c"
                                     " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
                                     " WHERE c.relkind = 'r' AND c.reltuples <= 0"
                                     " AND n.nspname IN ('shop', 'audit', 'public', 'Odd Names')"
                                     " ORDER BY 1, 2"),
                     "audit|email_change\nshop|empty\nshop|typed");
    PQfinish(conn);
}
END_TEST

START_TEST(the_owner_is_as_ordinary_as_can_be)
{
    PGconn *conn = test_connect(test_database("fixture"), "app");

    ck_assert_str_eq(test_rows(conn, "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication,"
                                     " rolbypassrls FROM pg_roles WHERE rolname = current_user"),
                     "f|f|f|f|f");
    ck_assert_str_eq(test_sqlstate(conn, "SET session_replication_role = replica"), "42501");
    PQfinish(conn);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("fixture");
    TCase *tc = support_case(s, "fixture", SECONDS);

    tcase_add_test(tc, the_fingerprint_sees_every_change);
    tcase_add_test(tc, databases_of_one_template_are_alike);
    tcase_add_test(tc, the_order_of_columns_is_not_seen);
    tcase_add_test(tc, what_is_ours_is_not_seen);
    tcase_add_test(tc, every_table_of_the_fixture_has_rows_or_is_meant_to_be_empty);
    tcase_add_test(tc, the_owner_is_as_ordinary_as_can_be);
    return s;
}

int main(void)
{
    return support_run(suite());
}
