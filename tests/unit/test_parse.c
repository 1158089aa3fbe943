/*
 * SQL as the parser reads it: statements with their place, and what each is.
 */
#include <check.h>

#include "orchestrate/base/attr.h"
#include "orchestrate/base/buf.h"
#include "orchestrate/parse/parse.h"
#include "unit.h"

static struct arena arena;
static struct parse_statement *found;
static size_t n_found;
static struct parse_error error;

static void forget(void)
{
    arena_cleanup(&arena);
}

static bool parse(const char *text)
{
    return parse_statements(&arena, text, &found, &n_found, &error);
}

static const struct parse_statement *one(const char *text)
{
    ck_assert_msg(parse(text), "%s: %s", text, error.text);
    ck_assert_msg(n_found == 1, "%s: %zu statements", text, n_found);
    return &found[0];
}

/* clang-format off */
static const struct {
    const char *sql;
    enum parse_kind kind;
    const char *tag, *lock; /* NULL: not known */
} statements[] = {
    { "SELECT 1", PARSE_QUERY, "SELECT", "ACCESS SHARE" },
    { "TABLE t", PARSE_QUERY, "TABLE", "ACCESS SHARE" },
    { "VALUES (1), (2)", PARSE_QUERY, "VALUES", "ACCESS SHARE" },
    { "WITH x AS (SELECT 1) SELECT * FROM x", PARSE_QUERY, "WITH", "ACCESS SHARE" },
    { "WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x", PARSE_PLAIN, "WITH", "ACCESS SHARE" },
    { "SELECT * FROM t FOR UPDATE", PARSE_PLAIN, "SELECT", "ACCESS SHARE" },
    { "SELECT 1 INTO t", PARSE_PLAIN, "SELECT", "ACCESS SHARE" },
    { "SELECT 1 INTO TEMP t", PARSE_SESSION, "SELECT", "ACCESS SHARE" },
    { "BEGIN", PARSE_TRANSACTION, "BEGIN", NULL },
    { "COMMIT", PARSE_TRANSACTION, "COMMIT", NULL },
    { "ROLLBACK TO SAVEPOINT a", PARSE_TRANSACTION, "ROLLBACK", NULL },
    { "SAVEPOINT a", PARSE_TRANSACTION, "SAVEPOINT", NULL },
    { "PREPARE TRANSACTION 'a'", PARSE_TRANSACTION, "PREPARE", NULL },
    { "COMMIT PREPARED 'a'", PARSE_TRANSACTION, "COMMIT", NULL },
    { "CREATE INDEX CONCURRENTLY i ON s.t (a)", PARSE_INDEX, "CREATE INDEX", "SHARE UPDATE EXCLUSIVE" },
    { "create unique index concurrently on t (a)", PARSE_INDEX, "CREATE UNIQUE INDEX", "SHARE UPDATE EXCLUSIVE" },
    { "CREATE INDEX i ON t (a)", PARSE_PLAIN, "CREATE INDEX", "SHARE" },
    { "DROP INDEX CONCURRENTLY s.i", PARSE_INDEX, "DROP INDEX", "SHARE UPDATE EXCLUSIVE" },
    { "DROP INDEX i, j", PARSE_PLAIN, "DROP INDEX", "ACCESS EXCLUSIVE" },
    { "REINDEX INDEX CONCURRENTLY i", PARSE_INDEX, "REINDEX INDEX", "SHARE UPDATE EXCLUSIVE" },
    { "REINDEX (CONCURRENTLY) TABLE t", PARSE_INDEX, "REINDEX", "SHARE UPDATE EXCLUSIVE" },
    { "REINDEX (CONCURRENTLY FALSE) TABLE t", PARSE_PLAIN, "REINDEX", "ACCESS EXCLUSIVE" },
    { "REINDEX SCHEMA CONCURRENTLY s", PARSE_ALONE, "REINDEX SCHEMA", "SHARE UPDATE EXCLUSIVE" },
    { "VACUUM t", PARSE_ALONE, "VACUUM", "SHARE UPDATE EXCLUSIVE" },
    { "VACUUM (FULL) t", PARSE_ALONE, "VACUUM", "ACCESS EXCLUSIVE" },
    { "ANALYZE t", PARSE_PLAIN, "ANALYZE", "SHARE UPDATE EXCLUSIVE" },
    { "CREATE DATABASE d", PARSE_ALONE, "CREATE DATABASE", NULL },
    { "DROP DATABASE d", PARSE_ALONE, "DROP DATABASE", NULL },
    { "CREATE TABLESPACE x LOCATION '/x'", PARSE_ALONE, "CREATE TABLESPACE", NULL },
    { "ALTER SYSTEM SET work_mem = '1MB'", PARSE_ALONE, "ALTER SYSTEM", NULL },
    { "ALTER DATABASE d SET TABLESPACE x", PARSE_ALONE, "ALTER DATABASE", NULL },
    { "ALTER DATABASE d SET work_mem = '1MB'", PARSE_PLAIN, "ALTER DATABASE", NULL },
    { "CLUSTER", PARSE_ALONE, "CLUSTER", "ACCESS EXCLUSIVE" },
    { "CLUSTER t USING i", PARSE_PLAIN, "CLUSTER", "ACCESS EXCLUSIVE" },
    { "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", PARSE_ALONE, "CREATE SUBSCRIPTION", NULL },
    { "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = false)", PARSE_PLAIN, "CREATE SUBSCRIPTION", NULL },
    { "ALTER TABLE t DETACH PARTITION p CONCURRENTLY", PARSE_ALONE, "ALTER TABLE", "SHARE UPDATE EXCLUSIVE" },
    { "ALTER TABLE t DETACH PARTITION p FINALIZE", PARSE_PLAIN, "ALTER TABLE", "ACCESS EXCLUSIVE" },
    { "ALTER TABLE t DETACH PARTITION p", PARSE_PLAIN, "ALTER TABLE", "ACCESS EXCLUSIVE" },
    { "ALTER TABLE t ADD COLUMN a int", PARSE_PLAIN, "ALTER TABLE", "ACCESS EXCLUSIVE" },
    { "ALTER TABLE t VALIDATE CONSTRAINT c", PARSE_PLAIN, "ALTER TABLE", "SHARE UPDATE EXCLUSIVE" },
    { "ALTER TABLE t VALIDATE CONSTRAINT c, DISABLE TRIGGER x", PARSE_PLAIN, "ALTER TABLE", "SHARE ROW EXCLUSIVE" },
    { "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u NOT VALID", PARSE_PLAIN, "ALTER TABLE", "SHARE ROW EXCLUSIVE" },
    { "ALTER TABLE t RENAME a TO b", PARSE_PLAIN, "ALTER TABLE", "ACCESS EXCLUSIVE" },
    { "ALTER TYPE e ADD VALUE 'x'", PARSE_PLAIN, "ALTER TYPE", "none" },
    { "CREATE TRIGGER x BEFORE INSERT ON t EXECUTE FUNCTION f()", PARSE_PLAIN, "CREATE TRIGGER", "SHARE ROW EXCLUSIVE" },
    { "CREATE TABLE t (a int)", PARSE_PLAIN, "CREATE TABLE", "none" },
    { "CREATE TEMP TABLE t (a int)", PARSE_SESSION, "CREATE TEMP TABLE", "none" },
    { "CREATE TEMP TABLE t (a int) ON COMMIT DROP", PARSE_PLAIN, "CREATE TEMP TABLE", "none" },
    { "COPY t FROM STDIN", PARSE_COPY, "COPY", NULL },
    { "COPY t TO STDOUT", PARSE_COPY, "COPY", NULL },
    { "COPY (SELECT 1) TO STDOUT", PARSE_COPY, "COPY", NULL },
    { "COPY t FROM '/x'", PARSE_PLAIN, "COPY", NULL },
    { "COPY t FROM PROGRAM 'x'", PARSE_PLAIN, "COPY", NULL },
    { "SET search_path = a", PARSE_SESSION, "SET", "none" },
    { "SET LOCAL search_path = a", PARSE_PLAIN, "SET", "none" },
    { "SET LOCAL ROLE a", PARSE_SESSION, "SET", "none" },
    { "SET ROLE a", PARSE_SESSION, "SET", "none" },
    { "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", PARSE_SESSION, "SET", "none" },
    { "SET CONSTRAINTS ALL DEFERRED", PARSE_PLAIN, "SET", NULL },
    { "RESET ALL", PARSE_SESSION, "RESET", "none" },
    { "DISCARD ALL", PARSE_SESSION, "DISCARD", NULL },
    { "LISTEN x", PARSE_SESSION, "LISTEN", NULL },
    { "NOTIFY x", PARSE_PLAIN, "NOTIFY", "none" },
    { "PREPARE p AS SELECT 1", PARSE_SESSION, "PREPARE", NULL },
    { "DECLARE c CURSOR WITH HOLD FOR SELECT 1", PARSE_SESSION, "DECLARE", NULL },
    { "DECLARE c CURSOR FOR SELECT 1", PARSE_PLAIN, "DECLARE", NULL },
    { "LOCK TABLE t IN SHARE MODE", PARSE_PLAIN, "LOCK", "SHARE" },
    { "DO $$ BEGIN END $$", PARSE_PLAIN, "DO", NULL },
    { "CALL p()", PARSE_PLAIN, "CALL", NULL },
    { "REFRESH MATERIALIZED VIEW CONCURRENTLY v", PARSE_PLAIN, "REFRESH", "EXCLUSIVE" },
    { "EXPLAIN ANALYZE DELETE FROM t", PARSE_PLAIN, "EXPLAIN", NULL },
};
/* clang-format on */

START_TEST(each_statement_is_what_the_server_would_take_it_for)
{
    const struct parse_statement *s = one(statements[_i].sql);

    ck_assert_int_eq(s->kind, statements[_i].kind);
    ck_assert_str_eq(s->tag, statements[_i].tag);
    ck_assert_pstr_eq(s->lock, statements[_i].lock);
    ck_assert_str_eq(s->text, statements[_i].sql);
}
END_TEST

START_TEST(statements_come_without_what_is_around_them)
{
    const char *text =
        "-- first; not a statement\n;; /* ; /* nested; */ */ SELECT ';' -- here;\n , 2 ;\n"
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $x$ BEGIN; -- ;\n END $x$ -- end\n;"
        "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2);\n"
        "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;\n/* last */";

    ck_assert_msg(parse(text), "%s", error.text);
    ck_assert_uint_eq(n_found, 4);
    ck_assert_str_eq(found[0].text, "SELECT ';' -- here;\n , 2");
    ck_assert_str_eq(
        found[1].text,
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $x$ BEGIN; -- ;\n END $x$");
    ck_assert_str_eq(found[2].text, "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)");
    for (size_t i = 0; i < n_found; i++)
        ck_assert_int_eq(strncmp(text + found[i].offset, found[i].text, strlen(found[i].text)), 0);
}
END_TEST

START_TEST(a_text_without_a_statement_has_none)
{
    static const char *const texts[] = { "", "  \n", ";;", "-- only a comment", "/* ; */ ;" };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        ck_assert(parse(texts[i]));
        ck_assert_uint_eq(n_found, 0);
    }
}
END_TEST

/* clang-format off */
static const struct {
    const char *sql;
    const char *at; /* what stands there */
    const char *text;
} wrong[] = {
    { "SELECT 1; slect 2", "slect", "syntax error at or near \"slect\"" },
    { "\\d t", "\\d", "syntax error at or near \"\\\"" },
    { "SELECT 'é' ; \\copy t from x", "\\copy", "syntax error at or near \"\\\"" },
    { "COPY t FROM STDIN;\n1\t2\n\\.\n", "1\t", "syntax error at or near \"1\"" },
    { "SELECT $$ no end", "$$", "unterminated dollar-quoted string at or near \"$$ no end\"" },
    { "SELECT 'no end", "'no", "unterminated quoted string at or near \"'no end\"" },
    { "/* no end", "/*", "unterminated /* comment at or near \"/* no end\"" },
    { "SELECT \"\"", "\"\"", "zero-length delimited identifier at or near \"\"\"\"" },
    { "MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE RETURNING a", "RETURNING", "syntax error at or near \"RETURNING\"" },
    { "SELECT", NULL, NULL }, /* is one, without columns */
    { "CREATE TABLE", "", "syntax error at end of input" },
};
/* clang-format on */

START_TEST(what_the_grammar_does_not_know_is_an_error_at_its_place)
{
    if (!wrong[_i].at) {
        one(wrong[_i].sql);
        return;
    }
    ck_assert(!parse(wrong[_i].sql));
    ck_assert_str_eq(error.text, wrong[_i].text);
    ck_assert_int_eq(strncmp(wrong[_i].sql + error.offset, wrong[_i].at, strlen(wrong[_i].at)), 0);
}
END_TEST

START_TEST(names_in_a_statement_are_those_of_tables)
{
    const struct parse_statement *s =
        one("WITH x AS (SELECT * FROM a.b) UPDATE \"T\" SET c = x.c FROM x, a.b, d");

    ck_assert_uint_eq(s->n_tables, 3);
    s = one("DROP TABLE a.b, c");
    ck_assert_uint_eq(s->n_tables, 2);
    ck_assert_str_eq(s->target.schema, "a");
    ck_assert_str_eq(s->target.name, "b");
    s = one("CREATE TABLE s.n AS SELECT * FROM o");
    ck_assert_str_eq(s->made.schema, "s");
    ck_assert_str_eq(s->made.name, "n");
    ck_assert_str_eq(one("ALTER TABLE s.o RENAME TO p")->made.name, "p");
    ck_assert_ptr_null(one("ALTER TABLE s.o RENAME a TO p")->made.name);
    s = one("ALTER TABLE s.o SET SCHEMA q");
    ck_assert_str_eq(s->made.schema, "q");
    ck_assert_str_eq(s->made.name, "o");
    ck_assert(one("ALTER TABLE t ADD a int")->quick);
    ck_assert(!one("ALTER TABLE t ADD a bigserial")->quick);
    ck_assert(!one("ALTER TABLE t ADD a int DEFAULT f()")->quick);
    ck_assert(!one("ALTER TABLE t ALTER a TYPE text")->quick);
}
END_TEST

/* clang-format off */
static const char *const losing[] = {
    "DROP TABLE a", "DROP TABLE IF EXISTS a, b", "DROP MATERIALIZED VIEW m", "DROP SEQUENCE s",
    "DROP EXTENSION e", "DROP OWNED BY r", "DROP DATABASE d",
    "DROP SCHEMA s CASCADE", "DROP TYPE t CASCADE", "DROP DOMAIN d CASCADE", "DROP FUNCTION f() CASCADE",
    "DROP VIEW v CASCADE", "DROP INDEX i CASCADE", "DROP FOREIGN TABLE f CASCADE",
    "ALTER TABLE t DROP CONSTRAINT c CASCADE", "ALTER DOMAIN d DROP CONSTRAINT c CASCADE",
    "REVOKE SELECT ON t FROM r CASCADE", "TRUNCATE t",
    "DELETE FROM t", "UPDATE t SET a = NULL", "UPDATE t SET a = b WHERE false",
    "WITH gone AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM gone",
    "WITH gone AS (UPDATE t SET a = 1 RETURNING *) SELECT count(*) FROM gone",
    "EXPLAIN ANALYZE DELETE FROM t",
    "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 2",
    "MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE",
    "MERGE INTO a USING b ON true WHEN NOT MATCHED THEN INSERT VALUES (1) WHEN MATCHED THEN UPDATE SET c = 1",
    "ALTER TABLE t DROP COLUMN a", "ALTER TABLE t ADD COLUMN b int, DROP COLUMN IF EXISTS a",
    "ALTER TABLE t ALTER a TYPE int", "ALTER TABLE t ALTER a TYPE text USING a::text",
    "ALTER TYPE t DROP ATTRIBUTE a", "ALTER TYPE t ALTER ATTRIBUTE a TYPE int",
    "ALTER FOREIGN TABLE f DROP COLUMN a",
    "ALTER TABLE t ALTER a DROP IDENTITY", "ALTER TABLE t ALTER a RESTART WITH 5",
    "ALTER SEQUENCE s RESTART", "ALTER SEQUENCE s MAXVALUE 9 RESTART WITH 1",
    "DO $$ BEGIN END $$", "CALL p()", "ALTER EXTENSION e UPDATE TO '1.0'",
    "SELECT f()", "SELECT pg_catalog.setval('s', 1)", "VALUES (f())", "SELECT 1 FROM f() AS g",
    "SELECT s.count()", "SELECT lo_unlink(5)", "SELECT count(*) FROM t WHERE f(a)",
    "COPY t TO '/x'", "COPY t FROM PROGRAM 'x'", "COPY (DELETE FROM t RETURNING *) TO '/x'",
};

static const char *const keeping[] = {
    "CREATE TABLE t (a int)", "CREATE TABLE t AS SELECT f() FROM u", "CREATE INDEX i ON t (f(a))",
    "CREATE VIEW v AS SELECT f() FROM t", "CREATE TYPE e AS ENUM ('a')",
    "CREATE FUNCTION f() RETURNS void BEGIN ATOMIC DELETE FROM t; END",
    "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM t'",
    "CREATE RULE r AS ON INSERT TO t DO ALSO DELETE FROM u",
    "CREATE TRIGGER x BEFORE INSERT ON t EXECUTE FUNCTION f()",
    "DROP SCHEMA s", "DROP SCHEMA s RESTRICT", "DROP TYPE t", "DROP DOMAIN d", "DROP FUNCTION f()", "DROP VIEW v",
    "DROP INDEX i", "DROP INDEX CONCURRENTLY i", "DROP TRIGGER x ON t", "DROP POLICY p ON t", "DROP ROLE r",
    "DROP FOREIGN TABLE f", "DROP STATISTICS s",
    "INSERT INTO t VALUES (1), (now())", "INSERT INTO t SELECT f() FROM u",
    "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING",
    "MERGE INTO a USING b ON true WHEN NOT MATCHED THEN INSERT VALUES (1) WHEN MATCHED THEN DO NOTHING",
    "ALTER TABLE t ADD COLUMN a int DEFAULT f()", "ALTER TABLE t DROP CONSTRAINT c", "ALTER TABLE t RENAME a TO b",
    "ALTER TABLE t RENAME TO u", "ALTER TABLE t SET SCHEMA s", "ALTER TABLE t ALTER a DROP DEFAULT",
    "ALTER TABLE t ALTER a DROP NOT NULL", "ALTER TABLE t ALTER a DROP EXPRESSION", "ALTER TABLE t DETACH PARTITION p",
    "ALTER TABLE t ALTER a SET GENERATED ALWAYS", "ALTER TABLE t DISABLE TRIGGER x", "ALTER TABLE t VALIDATE CONSTRAINT c",
    "ALTER TYPE e RENAME VALUE 'a' TO 'b'", "ALTER TYPE e ADD VALUE 'x'", "ALTER SEQUENCE s OWNED BY NONE",
    "REVOKE SELECT ON t FROM r", "GRANT SELECT ON t TO r", "COMMENT ON TABLE t IS 'x'", "REFRESH MATERIALIZED VIEW v",
    "SELECT 1", "SELECT count(*), max(a) FROM t", "SELECT set_config('a.b', 'c', true)", "TABLE t", "VALUES (1)",
    "LOCK TABLE t", "SET LOCAL work_mem = '1MB'", "NOTIFY x", "ANALYZE t", "COPY t FROM '/x'", "REINDEX TABLE t",
};
/* clang-format on */

START_TEST(what_may_destroy_values_is_told_from_what_does_not)
{
    for (size_t i = 0; i < ARRAY_LEN(losing); i++)
        ck_assert_msg(one(losing[i])->destroys, "%s", losing[i]);
    for (size_t i = 0; i < ARRAY_LEN(keeping); i++)
        ck_assert_msg(!one(keeping[i])->destroys, "%s", keeping[i]);
}
END_TEST

/* clang-format off */
static const struct {
    const char *sql;
    enum parse_index_verb verb;
    const char *schema, *name, *table, *at;
} indexes[] = {
    { "CREATE INDEX CONCURRENTLY orders_total ON public.orders (a)", INDEX_CREATE, "public", "orders_total", "orders", "orders_total ON" },
    { "CREATE INDEX CONCURRENTLY IF NOT EXISTS \"I x\" ON orders (a)", INDEX_CREATE, NULL, "I x", "orders", "\"I x\" ON" },
    { "CREATE INDEX /* CONCURRENTLY */ CONCURRENTLY -- y\n on ON orders (a)", INDEX_CREATE, NULL, NULL, NULL, NULL },
    { "CREATE INDEX /* CONCURRENTLY */ CONCURRENTLY -- y\n ON ONLY orders (a)", INDEX_CREATE, NULL, NULL, "orders", "ON ONLY" },
    { "DROP INDEX CONCURRENTLY IF EXISTS s.i", INDEX_DROP, "s", "i", NULL, NULL },
    { "REINDEX INDEX CONCURRENTLY s.i", INDEX_REINDEX, "s", "i", NULL, NULL },
    { "REINDEX TABLE CONCURRENTLY t", INDEX_REINDEX_TABLE, NULL, NULL, "t", NULL },
};
/* clang-format on */

START_TEST(an_index_has_a_name_and_a_place_for_it)
{
    const struct parse_statement *s;

    if (indexes[_i].verb == INDEX_CREATE && !indexes[_i].at) { /* "on" is a reserved word */
        ck_assert(!parse(indexes[_i].sql));
        return;
    }
    s = one(indexes[_i].sql);
    ck_assert_int_eq(s->kind, PARSE_INDEX);
    ck_assert_int_eq(s->index.verb, indexes[_i].verb);
    ck_assert_pstr_eq(s->index.index.schema, indexes[_i].schema);
    ck_assert_pstr_eq(s->index.index.name, indexes[_i].name);
    ck_assert_pstr_eq(s->index.table.name, indexes[_i].table);
    if (indexes[_i].at)
        ck_assert_int_eq(
            strncmp(s->text + s->index.name_at, indexes[_i].at, strlen(indexes[_i].at)), 0);
}
END_TEST

/* clang-format off */
static const struct {
    const char *sql;
    const char *gives, *takes; /* each name with a blank behind it */
    bool makes_up;
} given[] = {
    { "CREATE INDEX i ON t (a)", "i ", "", false },
    { "CREATE INDEX CONCURRENTLY \"I\" ON t (a)", "I ", "", false },
    { "CREATE INDEX ON t (a)", "", "", true },
    { "CREATE TABLE t (a int CONSTRAINT p PRIMARY KEY, b int CONSTRAINT n NOT NULL, CONSTRAINT u UNIQUE (b))", "p u ", "", false },
    { "CREATE TABLE t (a int PRIMARY KEY)", "", "", true },
    { "CREATE TABLE t (LIKE u INCLUDING ALL)", "", "", true },
    { "ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i", "u ", "", false },
    { "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", "", "", false },
    { "ALTER TABLE t DROP CONSTRAINT c, DROP COLUMN a", "", "c ", false },
    { "ALTER TABLE s.t RENAME CONSTRAINT c TO d", "d ", "c ", false },
    { "ALTER INDEX s.i RENAME TO j", "j ", "i ", false },
    { "ALTER TABLE t RENAME TO u", "u ", "t ", false },
    { "ALTER TABLE t RENAME a TO b", "", "", false },
    { "ALTER TABLE s.t SET SCHEMA r", "t ", "t ", false },
    { "DROP INDEX s.i, j", "", "i j ", false },
    { "DROP TABLE t", "", "t ", false },
    { "DROP FUNCTION f()", "", "", false },
};
/* clang-format on */

static const char *listed(const char *const *names, size_t n)
{
    struct buf out = BUF_IN(&arena);

    for (size_t i = 0; i < n; i++)
        buf_addf(&out, "%s ", names[i]);
    return buf_text(&out);
}

START_TEST(a_statement_gives_names_and_takes_them)
{
    const struct parse_statement *s = one(given[_i].sql);

    ck_assert_str_eq(listed(s->gives, s->n_gives), given[_i].gives);
    ck_assert_str_eq(listed(s->takes, s->n_takes), given[_i].takes);
    ck_assert_int_eq(s->makes_up, given[_i].makes_up);
}
END_TEST

START_TEST(an_expression_is_one_value_and_nothing_else)
{
    static const char *const good[] = {
        "1",
        "a + t.b -- c",
        "round(total * 100)::bigint",
        "ROW(1, 2)",
        "(SELECT max(x) FROM y)",
        "CASE WHEN a THEN b END",
        "(1)",
        "(b, c)",
        "ARRAY[a, b]",
    };
    static const char *const bad[] = { "1, 2",
                                       "y = 1) OR (true",
                                       "f(a)) = (b",
                                       "1) FROM t WHERE (true",
                                       "1), (2",
                                       "1) UNION SELECT (2",
                                       "1); DROP TABLE t; SELECT (1",
                                       "a = ",
                                       "",
                                       "-- x",
                                       "1 AS x",
                                       "1) AS x, (2",
                                       "1) LIMIT (1",
                                       "1) -- " };
    struct parse_statement e;

    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        ck_assert_msg(parse_expression(&arena, good[i], &e, &error), "%s: %s", good[i], error.text);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        ck_assert_msg(!parse_expression(&arena, bad[i], &e, &error), "%s", bad[i]);
        ck_assert_uint_le(error.offset, strlen(bad[i]));
    }
    ck_assert(parse_expression(&arena, "coalesce(a, CURRENT_DATE)", &e, &error) && e.moment);
    ck_assert(parse_expression(&arena, "pg_catalog.now() - a", &e, &error) && e.moment);
    ck_assert(parse_expression(&arena, "CURRENT_USER || lower(now)", &e, &error) && !e.moment);
    ck_assert(parse_expression(&arena, "a + t.b", &e, &error));
    ck_assert_uint_eq(e.n_columns, 2);
    ck_assert_str_eq(e.columns[1], "b");
}
END_TEST

static const char *repeated(const char *before, const char *what, size_t n, const char *after)
{
    struct buf out = BUF_IN(&arena);

    buf_add(&out, before);
    for (size_t i = 0; i < n; i++)
        buf_add(&out, what);
    buf_add(&out, after);
    return buf_text(&out);
}

START_TEST(what_is_deep_or_long_ends_in_an_answer)
{
    enum { DEEP = 300000 };

    ck_assert(parse(repeated("SELECT 1", "+1", 2000, "")));
    ck_assert(!parse(repeated("SELECT 1", "+1", DEEP, "")));
    ck_assert(strstr(error.text, "too long"));
    ck_assert(!parse(repeated("SELECT ", "(", DEEP, "1")));
    ck_assert(!parse(repeated("SELECT ", "NOT ", DEEP, "true")));
    ck_assert(!parse(repeated("SELECT 1", " UNION SELECT 1", DEEP / 10, "")));
    ck_assert(parse(repeated("", "SELECT 1;", 10000, "")));
    ck_assert_uint_eq(n_found, 10000);
}
END_TEST

/* A cheap generator: the same cases each time. */
static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static void mutate(char *text, size_t len, unsigned *state)
{
    static const char bytes[] = "';\"$\\-/*() \n\tbe\xc3\xa9,:=0";

    for (unsigned n = next_random(state) % 4 + 1; n > 0; n--)
        text[next_random(state) % len] = bytes[next_random(state) % (sizeof bytes - 1)];
}

START_TEST(whatever_the_text_is_the_pieces_are_of_it)
{
    enum { ROUNDS = 3000 };
    unsigned state = 1;
    size_t good = 0;

    for (int round = 0; round < ROUNDS; round++) {
        const char *seed = statements[next_random(&state) % ARRAY_LEN(statements)].sql;
        char *text = arena_printf(&arena, "%s; /* a */ %s;", seed, "SELECT $a$ ; $a$, ';' -- x\n");

        mutate(text, strlen(text), &state);
        if (!parse(text)) {
            ck_assert_uint_le(error.offset, strlen(text));
            ck_assert(*error.text);
            continue;
        }
        good++;
        for (size_t i = 0; i < n_found; i++) {
            const struct parse_statement *s = &found[i];

            ck_assert(i == 0 || s->offset >= s[-1].offset + strlen(s[-1].text));
            ck_assert_int_eq(strncmp(text + s->offset, s->text, strlen(s->text)), 0);
        }
    }
    ck_assert_uint_gt(good, ROUNDS / 20);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("parse");
    TCase *tests = tcase_create("parse");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, NULL, forget);
    tcase_add_loop_test(tests, each_statement_is_what_the_server_would_take_it_for, 0,
                        (int)ARRAY_LEN(statements));
    tcase_add_test(tests, statements_come_without_what_is_around_them);
    tcase_add_test(tests, a_text_without_a_statement_has_none);
    tcase_add_loop_test(tests, what_the_grammar_does_not_know_is_an_error_at_its_place, 0,
                        (int)ARRAY_LEN(wrong));
    tcase_add_test(tests, names_in_a_statement_are_those_of_tables);
    tcase_add_test(tests, what_may_destroy_values_is_told_from_what_does_not);
    tcase_add_loop_test(tests, an_index_has_a_name_and_a_place_for_it, 0, (int)ARRAY_LEN(indexes));
    tcase_add_loop_test(tests, a_statement_gives_names_and_takes_them, 0, (int)ARRAY_LEN(given));
    tcase_add_test(tests, an_expression_is_one_value_and_nothing_else);
    tcase_add_test(tests, what_is_deep_or_long_ends_in_an_answer);
    tcase_add_test(tests, whatever_the_text_is_the_pieces_are_of_it);
    suite_add_tcase(s, tests);
    return unit_run(s);
}
