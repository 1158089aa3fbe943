#include "sweep.h"

#include <stdlib.h>
#include <string.h>

#include "orchestrate/base/buf.h"
#include "plans.h"
#include "support.h"

/* Every error says what to do about it. */
static void must_be_actionable(const struct ran *ran, const char *table, const char *column)
{
    static const char error[] = "\"severity\":\"error\"";
    const char *at = strstr(ran->out, error), *hint;

    ck_assert_msg(ran->status == 5 && at, "%s.%s: exit %d\n%.2000s\n%.2000s", table, column,
                  ran->status, ran->out, ran->err);
    for (; at; at = strstr(at + 1, error)) {
        hint = strstr(at, "\"hint\":");
        ck_assert_msg(hint && strncmp(hint + 7, "null", 4) != 0 &&
                          strncmp(hint + 7, "\"\"", 2) != 0,
                      "%s.%s: no hint: %.600s", table, column, at);
    }
}

static const char *replaced(const char *text, const char *old, const char *new)
{
    struct buf out = BUF_IN(test_arena());
    const char *at;

    for (; (at = strstr(text, old)); text = at + strlen(old)) {
        buf_addn(&out, text, (size_t)(at - text));
        buf_add(&out, new);
    }
    buf_add(&out, text);
    return buf_text(&out);
}

/*
 * What the second, independent fingerprint says; "" where it is absent.  Two
 * things are set right on the way: it reads the column list of a publication as
 * a text with blanks, but as JSON it is an array; and some builds of the server
 * stamp each column with a number when it is made, which differs between any
 * two tables.
 */
static const char *oracle(const char *database)
{
    static const char path[] = "../shared/oracle/fingerprint.sql";
    static const char stamp[] = "pg_attver=";
    struct buf out = BUF_IN(test_arena());
    const char *text, *at;
    struct ran ran;

    if (!test_file_exists(path))
        return "";
    text = replaced(test_file(path), "string_to_array(to_jsonb(pr) ->> 'prattrs', ' ')::int2[]",
                    "ARRAY(SELECT x::int2 FROM jsonb_array_elements_text(CASE "
                    "jsonb_typeof(to_jsonb(pr) -> 'prattrs')"
                    " WHEN 'array' THEN to_jsonb(pr) -> 'prattrs' ELSE '[]' END) x)");
    ran = test_command((const char *const[]){ "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-f",
                                              test_write("oracle.sql", text),
                                              test_url(database, "postgres"), NULL },
                       60);
    EXITS(ran, 0);
    CONTAINS(ran.out, "column ");
    for (text = ran.out; (at = strstr(text, stamp));
         text = at + strlen(stamp) + strspn(at + strlen(stamp), "0123456789"))
        buf_addn(&out, text, (size_t)(at - text));
    buf_add(&out, text);
    return buf_text(&out);
}

static void plainly(const char *db, const char *table, const char *from, const char *to)
{
    PGconn *conn = test_connect(db, "postgres");

    test_sql(conn, "ALTER TABLE %s RENAME COLUMN %s TO %s", table, pg_ident(test_arena(), from),
             pg_ident(test_arena(), to));
    PQfinish(conn);
}

static void same(const char *db, const char *twin, const char *what)
{
    test_same_text(what, test_fingerprint(db), test_fingerprint(twin));
    test_same_text(what, oracle(db), oracle(twin));
}

static void rename_one(const char *db, const char *twin, const char *table, const char *column,
                       int number, struct sweep_tally *tally)
{
    const char *new_name = arena_printf(test_arena(), "Renamed \xc3\xa9 %d", number);
    const char *url = test_url(db, test_migrator());
    const char *name = arena_printf(test_arena(), "column-%d", number);
    const char *what = arena_printf(test_arena(), "%s.%s", table, column);
    const char *plan = test_rename_plan(name, table, column, new_name,
                                        "accept: [{rule: published-table, because: a test}]\n");
    struct ran ran = ORCHESTRATE(url, "start", plan, "--json");

    if (ran.status) {
        must_be_actionable(&ran, table, column);
        tally->refused++;
        return;
    }
    ran = ORCHESTRATE(url, "advance", name, "--to", "contract", "--confirm", name, "--fast",
                      "--override", "function_bodies", "--because", "a test", "--json");
    ck_assert_msg(ran.status == 0, "%s: exit %d\n%s\n%s", what, ran.status, ran.out, ran.err);
    if (strstr(ran.out, "\"gate\":\"trigger_functions\"")) {
        /* Whoever owns that function has to change it first; we give the column back. */
        ran = ORCHESTRATE(url, "rollback", name, "--to", "start");
        EXITS(ran, 0);
        tally->held++;
        return;
    }
    ck_assert_msg(strstr(ran.out, "\"code\":\"complete\""), "%s:\n%.3000s", what, ran.out);
    plainly(twin, table, column, new_name);
    tally->renamed++;
}

static void tell(const char *schema, const struct sweep_tally *t)
{
    printf("%s: %d columns renamed with an equal end, %d refused by start with a reason, "
           "%d held before retire by a trigger function and given back, %d not in this share\n",
           schema, t->renamed, t->refused, t->held, t->left_out);
}

struct sweep_tally sweep_columns(const char *schema, const char *db, const char *twin)
{
    PGconn *conn = test_connect(db, "postgres");
    struct sweep_tally tally = { 0 };
    CLEANUP(pg_result)
    PGresult *columns = PQexec(
        conn, "SELECT format('%I.%I', n.nspname, c.relname), a.attname FROM pg_class c JOIN "
              "pg_namespace n ON "
              "n.oid = c.relnamespace"
              " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
              " WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> "
              "'information_schema'"
              " AND n.nspname <> 'orchestrate' ORDER BY 1, a.attnum");

    ck_assert_int_eq(PQresultStatus(columns), PGRES_TUPLES_OK);
    for (int i = 0; i < PQntuples(columns); i++) {
        const char *table = PQgetvalue(columns, i, 0);

        if (i % test_share() == 0)
            rename_one(db, twin, table, PQgetvalue(columns, i, 1), i, &tally);
        else
            tally.left_out++;
        if (i + 1 == PQntuples(columns) || strcmp(table, PQgetvalue(columns, i + 1, 0)) != 0)
            same(db, twin, table);
    }
    ck_assert_int_eq(tally.renamed + tally.refused + tally.held + tally.left_out,
                     PQntuples(columns));
    PQfinish(conn);
    tell(schema, &tally);
    return tally;
}
