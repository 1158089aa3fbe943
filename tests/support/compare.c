#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/cluster/schema.h"
#include "support.h"
#include "support_private.h"

enum { VERSION_SECONDS = 20 };

const char *test_fingerprint(const char *database)
{
    struct err err = { 0 };
    const char *text;
    struct pg pg;

    /* As superuser: some facts are hidden from others.  Connecting pins the search_path. */
    ck_assert_msg(
        pg_connect(test_arena(), test_url(database, CLUSTER_SUPERUSER), "test", true, &pg, &err) &&
            schema_fingerprint(test_arena(), &pg, &text, &err),
        "%s", err.text);
    pg_cleanup(&pg);
    return text;
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
 * Two things are set right on the way: it reads the column list of a publication
 * as a text with blanks, but as JSON it is an array; and some builds of the server
 * stamp each column with a number when it is made, which differs between any two
 * tables.
 */
const char *test_oracle(const char *database)
{
    static const char path[] = "../shared/oracle/fingerprint.sql";
    static const char stamp[] = "pg_attver=";
    static bool told;
    struct buf out = BUF_IN(test_arena());
    const char *text, *at;
    struct ran ran;

    if (!test_file_exists(path)) {
        if (!told)
            test_skipped(SKIP_NO_ORACLE, "the comparison by another fingerprint");
        told = true;
        return "";
    }
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

void test_same_text(const char *what, const char *got, const char *wanted)
{
    ck_assert_msg(strcmp(got, wanted) == 0, "%s differs\ngot:    %s\nwanted: %s", what,
                  schema_difference(test_arena(), got, wanted),
                  schema_difference(test_arena(), wanted, got));
}

void test_same_schema(const char *database, const char *twin)
{
    const char *dump = test_dump(database);

    test_same_text("fingerprint", test_fingerprint(database), test_fingerprint(twin));
    if (dump)
        test_same_text("pg_dump --schema-only", dump, test_dump(twin));
}

static int version_of(const char *pg_dump)
{
    struct ran ran =
        test_command((const char *const[]){ pg_dump, "--version", NULL }, VERSION_SECONDS);
    const char *digits = ran.status ? NULL : strpbrk(ran.out, "0123456789");

    return digits ? atoi(digits) : 0;
}

/* Where a pg_dump of the server's version or a newer one is; NULL when nowhere. */
static const char *find_pg_dump(void)
{
    const char *patterns[] = {
        support_cluster()->bindir,
        "/usr/lib/postgresql/*/bin",
        "/usr/pgsql-*/bin",
    };
    const char *found = NULL;

    for (size_t i = 0; !found && i < ARRAY_LEN(patterns); i++) {
        glob_t dirs = { 0 };

        if (glob(patterns[i], 0, NULL, &dirs) == 0)
            for (size_t d = 0; !found && d < dirs.gl_pathc; d++)
                if (version_of(arena_printf(test_arena(), "%s/pg_dump", dirs.gl_pathv[d])) >=
                    test_server_major())
                    found = arena_strdup(test_arena(), dirs.gl_pathv[d]);
        globfree(&dirs);
    }
    return found;
}

/* NULL when nowhere. */
static const char *client_programs(void)
{
    static const char *bindir;
    static bool looked;

    if (!looked)
        bindir = find_pg_dump();
    looked = true;
    return bindir;
}

const char *test_dump(const char *database)
{
    struct cluster cluster = *support_cluster();
    struct err err = { 0 };
    const char *text;

    cluster.bindir = client_programs();
    if (!cluster.bindir)
        return NULL;
    ck_assert_msg(schema_dump(test_arena(), &cluster, database, &text, &err), "%s", err.text);
    return text;
}

const char *test_restored(const char *database)
{
    const char *bindir = client_programs(), *copy, *file;
    struct ran ran;

    if (!bindir)
        return NULL;
    copy = test_database("empty");
    file = test_write("whole.sql", "");
    ran = test_command((const char *const[]){ arena_printf(test_arena(), "%s/pg_dump", bindir),
                                              "--file", file, "--dbname",
                                              test_url(database, CLUSTER_SUPERUSER), NULL },
                       VERSION_SECONDS * 10);
    EXITS(ran, 0);
    ran = test_command((const char *const[]){ arena_printf(test_arena(), "%s/psql", bindir), "-X",
                                              "-q", "-v", "ON_ERROR_STOP=1", "-f", file, "-d",
                                              test_url(copy, CLUSTER_SUPERUSER), NULL },
                       VERSION_SECONDS * 10);
    EXITS(ran, 0);
    return copy;
}

void test_contains(const char *text, const char *part, const char *file, int line)
{
    ck_assert_msg(text && strstr(text, part), "%s:%d: \"%s\" is not in:\n%s", file, line, part,
                  text ? text : "(nothing)");
}
