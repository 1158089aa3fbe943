/*
 * rename_column of every column of the sample database pagila: a schema that
 * somebody else made.
 */
#include "support.h"
#include "sweep.h"

/* The sample database belongs to `postgres` in its dump; here an ordinary role owns it. */
static void load_pagila(const char *database)
{
    const char *script = arena_printf(
        test_arena(),
        "sed 's/OWNER TO postgres/OWNER TO app/; /^ALTER SCHEMA/d' %s %s | PGOPTIONS='-c "
        "client_min_messages=warning' psql -Xq -v ON_ERROR_STOP=1 '%s' >/dev/null",
        test_path("../shared/data/pagila/schema.sql"), test_path("../shared/data/pagila/data.sql"),
        test_url(database, "postgres"));
    struct ran ran = test_command((const char *const[]){ "sh", "-c", script, NULL }, 120);
    PGconn *conn;

    EXITS(ran, 0);
    conn = test_connect(database, "postgres");
    test_sql(conn, "GRANT CREATE ON SCHEMA public TO app");
    PQfinish(conn);
}

START_TEST(every_column_of_pagila_is_renamed_or_refused_with_a_reason)
{
    const char *db, *twin;
    struct sweep_tally tally;

    if (!test_file_exists("../shared/data/pagila/schema.sql"))
        TEST_SKIP(SKIP_NO_PAGILA);
    db = test_database("empty");
    twin = test_database("empty");
    load_pagila(db);
    load_pagila(twin);
    tally = sweep_columns("pagila", db, twin);
    ck_assert_int_gt(tally.renamed, 40 / test_share());
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("rename_pagila");

    tcase_add_test(support_case(s, "columns", SWEEP_SECONDS),
                   every_column_of_pagila_is_renamed_or_refused_with_a_reason);
    return s;
}

int main(void)
{
    return support_run(suite());
}
