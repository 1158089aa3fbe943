/*
 * URLs as people have them, and what must never be seen of them.
 */
#include <check.h>

#include "orchestrate/base/text.h"
#include "orchestrate/pg/pg.h"
#include "unit.h"

/* clang-format off */
static const struct {
    const char *given, *wanted;
    bool pooler;
} taken[] = {
    { "postgresql://h/db", "postgresql://h/db", false },
    { "postgres://u:p@h:5432/db", "postgresql://u:p@h:5432/db", false },
    { "POSTGRES://h/db", "postgresql://h/db", false },
    { "postgresql:///db?host=/tmp&port=5433", "postgresql:///db?host=/tmp&port=5433", false },
    { "postgresql://%2Ftmp/db", "postgresql://%2Ftmp/db", false },
    { "postgresql://[::1]:5432/db", "postgresql://[::1]:5432/db", false },
    { "postgresql://a:1,b:2/db?target_session_attrs=read-write",
      "postgresql://a:1,b:2/db?target_session_attrs=read-write", false },
    { "postgresql://u:p%40ss@h/db", "postgresql://u:p%40ss@h/db", false },
    { "postgresql://u:100%25@h/db", "postgresql://u:100%25@h/db", false },
    { "  postgresql://h/db\n", "postgresql://h/db", false },
    /* Prisma */
    { "postgresql://h/db?schema=app", "postgresql://h/db?options=-csearch_path%3D%22app%22", false },
    { "postgresql://h/db?schema=My%20App", "postgresql://h/db?options=-csearch_path%3D%22My%5C%20App%22", false },
    { "postgresql://h/db?schema=a%22b", "postgresql://h/db?options=-csearch_path%3D%22a%22%22b%22", false },
    { "postgresql://h/db?pgbouncer=true&connection_limit=1&pool_timeout=20", "postgresql://h/db", true },
    { "postgresql://h/db?pgbouncer=false", "postgresql://h/db", false },
    { "postgresql://h/db?statement_cache_size=0&sslmode=require", "postgresql://h/db?sslmode=require", false },
    { "postgresql://h/db?sslaccept=strict&socket_timeout=3", "postgresql://h/db", false },
    /* dbmate, lib/pq, pgx */
    { "postgres://h/db?search_path=app,public", "postgresql://h/db?options=-csearch_path%3Dapp,public", false },
    { "postgres://h/db?search_path=app,%20public", "postgresql://h/db?options=-csearch_path%3Dapp,%5C%20public", false },
    { "postgres://h/db?binary_parameters=yes&pool_max_conns=4", "postgresql://h/db", false },
    { "postgres://h/db?options=-c%20statement_timeout%3D5s&search_path=a",
      "postgresql://h/db?options=-c%20statement_timeout%3D5s%20-csearch_path%3Da", false },
    /* node-postgres */
    { "postgres://h/db?sslmode=no-verify", "postgresql://h/db?sslmode=require", false },
    { "postgres://h/db?uselibpqcompat=true&sslmode=require", "postgresql://h/db?sslmode=require", false },
    { "postgres://h/db?ssl=true", "postgresql://h/db?sslmode=require", false },
    { "postgres://h/db?ssl=0", "postgresql://h/db?sslmode=disable", false },
    { "postgres://h/db?ssl=verify-full", "postgresql://h/db?sslmode=verify-full", false },
    /* SQLAlchemy */
    { "postgresql+psycopg2://u@h/db", "postgresql://u@h/db", false },
    { "postgresql+asyncpg://u@h/db?prepared_statement_cache_size=0", "postgresql://u@h/db", false },
    { "postgres+psycopg://h/db", "postgresql://h/db", false },
    /* JDBC */
    { "jdbc:postgresql://h:5432/db?user=u&password=p&currentSchema=app&prepareThreshold=0",
      "postgresql://h:5432/db?user=u&password=p&options=-csearch_path%3Dapp", false },
    { "jdbc:postgresql://h/db?ssl=true&connectTimeout=5", "postgresql://h/db?sslmode=require&connect_timeout=5", false },
    /* Supabase */
    { "postgresql://u@h:6543/postgres?pgbouncer=true&supa=base-pooler.x", "postgresql://u@h:6543/postgres", true },
    /* what is not an URL */
    { "host=/tmp dbname=db", "host=/tmp dbname=db", false },
    { "host=h password='a b' user=u", "host=h password='a b' user=u", false },
    { "service=prod", "service=prod", false },
    { "postgresql://h/db?", "postgresql://h/db", false },
    { "postgresql://h/db?connect_timeout=3&&", "postgresql://h/db?connect_timeout=3", false },
};

static const struct {
    const char *given, *says, *hints;
} refused[] = {
    { "", "neither an URL nor", "postgresql://" },
    { "mydb", "neither an URL nor", "postgresql://" },
    { "localhost:5432/db", "neither an URL nor", "postgresql://" },
    { "mysql://u:s3cret@h/db", "scheme", "postgresql://" },
    { "http://h/db?a=b", "scheme", "postgresql://" },
    { "prisma+postgres://accelerate.prisma-data.net/?api_key=s3cret", "Prisma Accelerate", "DIRECT_URL" },
    { "prisma://h/?api_key=s3cret", "Prisma Accelerate", "DIRECT_URL" },
    { "'postgresql://u:s3cret@h/db'", "quote", "quotes" },
    { "\"postgresql://u:s3cret@h/db\"", "quote", "quotes" },
    { "postgresql://u:s3cret@x@h/db", "more than one @", "%40" },
    { "postgresql://u:s3/cret@h/db", "@ behind the host", "%2F" },
    { "postgresql://u:s3cret#x@h/db", "# in it", "%23" },
    { "postgresql://u:s3?cret@h/db", "port is not a number", "%3F" },
    { "postgresql://h:port/db", "port is not a number", "%2F" },
    { "postgresql://u:s3cret%@h/db", "hexadecimal", "%25" },
    { "postgresql://u:s3cret%zz@h/db", "hexadecimal", "%25" },
    { "postgresql://u:s3cret%00@h/db", "hexadecimal", "%25" },
    { "postgresql://h/db?schema=%4", "hexadecimal", "%25" },
    { "postgresql://h/db?schema", "no value", "name=value" },
    { "postgresql://h/db?sslmod=require", "sslmod", "sslmode" },
    { "postgresql://h/db?connection_limt=1", "connection_limt", "" },
    { "postgresql://[::1/db", "not closed", "[::1]" },
    { "host=h pasword=s3cret", "pasword", "postgresql://" },
    { "host=h password='s3cret", "settings", "postgresql://" },
};
/* clang-format on */

START_TEST(what_orms_write_becomes_what_libpq_takes)
{
    CLEANUP(arena) struct arena arena = { 0 };
    const char *conninfo;
    struct err err = { 0 };
    bool pooler;

    ck_assert_msg(pg_url_translate(&arena, taken[_i].given, &conninfo, &pooler, &err), "%s: %s",
                  taken[_i].given, err.text);
    ck_assert_str_eq(conninfo, taken[_i].wanted);
    ck_assert_int_eq(pooler, taken[_i].pooler);
}
END_TEST

START_TEST(what_is_wrong_is_said_without_the_password)
{
    CLEANUP(arena) struct arena arena = { 0 };
    const char *conninfo;
    struct err err = { 0 };
    bool pooler;

    ck_assert(!pg_url_translate(&arena, refused[_i].given, &conninfo, &pooler, &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
    ck_assert_msg(strstr(err.text, refused[_i].says), "%s: %s", refused[_i].given, err.text);
    ck_assert_msg(strstr(err.hint, refused[_i].hints), "%s: %s", refused[_i].given, err.hint);
    ck_assert_ptr_null(strstr(err.text, "s3cret"));
    ck_assert_ptr_null(strstr(err.text, "cret"));
    ck_assert_ptr_null(strstr(err.hint, "cret"));
}
END_TEST

/* clang-format off */
static const struct {
    const char *url, *text, *wanted;
} redacted[] = {
    { "postgresql://u:s3cret@h/db", "cannot connect to postgresql://u:s3cret@h/db",
      "cannot connect to postgresql://u:***@h/db" },
    { "postgresql://u:s3%40ret@h/db", "s3%40ret and s3@ret", "*** and ***" },
    { "postgresql://u:s3@cret@h/db", "no host s3@cret", "no host ***" },
    { "postgresql://u:s3@secret@h/db", "could not translate secret@h", "could not translate ***@h" },
    { "postgresql://h/db?user=u&password=s3cret&x=1", "bad s3cret", "bad ***" },
    { "host=h password=s3cret user=u", "x s3cret y", "x *** y" },
    { "host=h password = 's3cret pass' user=u", "x s3cret pass y", "x *** y" },
    { "postgresql://h/db?sslpassword=s3cret", "s3cret", "***" },
    { "postgresql://u:pw@h/db", "pw: u:pw@h password=pw", "pw: u:***@h password=***" },
    { "postgresql://u@h/db", "nothing to hide", "nothing to hide" },
    { "postgresql://h:5432/db", "port 5432", "port 5432" },
    { "postgresql://u:@h/db", "u:@h", "u:@h" },
};
/* clang-format on */

START_TEST(passwords_are_taken_out_of_messages)
{
    CLEANUP(arena) struct arena arena = { 0 };

    ck_assert_str_eq(pg_redact(&arena, redacted[_i].text, redacted[_i].url), redacted[_i].wanted);
}
END_TEST

START_TEST(without_an_url_nothing_is_taken_out)
{
    CLEANUP(arena) struct arena arena = { 0 };

    ck_assert_str_eq(pg_redact(&arena, "text", NULL), "text");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("url");
    TCase *tc = tcase_create("url");

    tcase_add_loop_test(tc, what_orms_write_becomes_what_libpq_takes, 0, ARRAY_LEN(taken));
    tcase_add_loop_test(tc, what_is_wrong_is_said_without_the_password, 0, ARRAY_LEN(refused));
    tcase_add_loop_test(tc, passwords_are_taken_out_of_messages, 0, ARRAY_LEN(redacted));
    tcase_add_test(tc, without_an_url_nothing_is_taken_out);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
