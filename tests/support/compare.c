#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/base/text.h"
#include "support.h"
#include "support_private.h"

enum { DUMP_SECONDS = 60, SHOWN = 300 };

const char *test_fingerprint(const char *database)
{
    /* As superuser: some facts are hidden from others. */
    PGconn *conn = test_connect(database, CLUSTER_SUPERUSER);
    const char *text;

    test_sql(conn, "SET search_path = pg_catalog");
    text = test_rows(conn, "%s", test_file("src/sql/cluster/fingerprint.sql"));
    PQfinish(conn);
    return text;
}

/* The whole line in which the two texts part. */
static const char *line_at(const char *text, size_t at)
{
    size_t start = at;

    while (start && text[start - 1] != '\n')
        start--;
    return arena_strndup(test_arena(), text + start, strcspn(text + start, "\n"));
}

void test_same_text(const char *what, const char *got, const char *wanted)
{
    size_t at = 0;

    while (got[at] && got[at] == wanted[at])
        at++;
    ck_assert_msg(got[at] == wanted[at], "%s differs\ngot:    %s\nwanted: %s", what,
                  line_at(got, at), line_at(wanted, at));
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
        test_command((const char *const[]){ pg_dump, "--version", NULL }, DUMP_SECONDS);
    const char *digits = ran.status ? NULL : strpbrk(ran.out, "0123456789");

    return digits ? atoi(digits) : 0;
}

/* A pg_dump of the server's version or a newer one; NULL when there is none. */
static const char *find_pg_dump(void)
{
    const char *patterns[] = {
        arena_printf(test_arena(), "%s/pg_dump", support_cluster()->bindir),
        "/usr/lib/postgresql/*/bin/pg_dump",
        "/usr/pgsql-*/bin/pg_dump",
        "/usr/local/bin/pg_dump",
    };
    const char *found = NULL;

    for (size_t i = 0; !found && i < ARRAY_LEN(patterns); i++) {
        glob_t paths = { 0 };

        if (glob(patterns[i], 0, NULL, &paths) == 0)
            for (size_t p = 0; !found && p < paths.gl_pathc; p++)
                if (version_of(paths.gl_pathv[p]) >= test_server_major())
                    found = arena_strdup(test_arena(), paths.gl_pathv[p]);
        globfree(&paths);
    }
    return found;
}

/* Newer versions guard a dump by \restrict and a random word. */
static const char *without_random(const char *dump)
{
    struct buf out = BUF_IN(test_arena());

    for (const char *line = dump; *line;) {
        size_t len = strcspn(line, "\n");

        if (!text_starts(line, "\\restrict ") && !text_starts(line, "\\unrestrict "))
            buf_addn(&out, line, len + (line[len] == '\n'));
        line += len + (line[len] == '\n');
    }
    return buf_text(&out);
}

const char *test_dump(const char *database)
{
    static const char *pg_dump;
    static bool looked;
    struct ran ran;

    if (!looked)
        pg_dump = find_pg_dump();
    looked = true;
    if (!pg_dump)
        return NULL;
    ran = test_command((const char *const[]){ pg_dump, "--schema-only",
                                              "--exclude-schema=orchestrate", "--dbname",
                                              test_url(database, CLUSTER_SUPERUSER), NULL },
                       DUMP_SECONDS);
    EXITS(ran, 0);
    return without_random(ran.out);
}

void test_contains(const char *text, const char *part, const char *file, int line)
{
    ck_assert_msg(text && strstr(text, part), "%s:%d: \"%s\" is not in:\n%s", file, line, part,
                  text ? text : "(nothing)");
}
