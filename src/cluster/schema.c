#include "orchestrate/cluster/schema.h"

#include <errno.h>
#include <unistd.h>

#include "child.h"
#include "orchestrate/base/buf.h"
#include "orchestrate/base/text.h"
#include "sql_cluster.h"

bool schema_fingerprint(struct arena *arena, struct pg *pg, const char **text, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct buf out = BUF_IN(arena);

    if (!pg_query(pg, &res, sql_fingerprint, PG_NO_ARGS, err))
        return err_wrap(err, "reading the catalog");
    for (int row = 0; row < PQntuples(res); row++)
        buf_addf(&out, "%s\n", PQgetvalue(res, row, 0));
    *text = buf_text(&out);
    return true;
}

/* Newer versions guard a dump by \restrict and a random word. */
static const char *read_dump(struct arena *arena, const char *path)
{
    struct buf out = BUF_IN(arena);
    FILE *file = fopen(path, "re");
    char line[4096];

    while (file && fgets(line, sizeof line, file))
        if (!text_starts(line, "\\restrict ") && !text_starts(line, "\\unrestrict "))
            buf_add(&out, line);
    if (file)
        fclose(file);
    return buf_text(&out);
}

bool schema_dump(struct arena *arena, const struct cluster *cluster, const char *database,
                 const char **text, struct err *err)
{
    const char *program = arena_printf(arena, "%s/pg_dump", cluster->bindir);
    const char *log = arena_printf(arena, "%s/dump_%s", cluster->dir, database);
    const char *const argv[] = {
        program,
        "--schema-only",
        "--exclude-schema=orchestrate",
        arena_printf(arena, "--dbname=%s",
                     cluster_url(arena, cluster, database, CLUSTER_SUPERUSER)),
        NULL,
    };
    struct child_user user;

    *text = NULL;
    if (access(program, X_OK) != 0)
        return true;
    unlink(log); /* of a dump before this one: a log is added to */
    if (!child_user_find(&user, err) ||
        !child_run(&(struct child){ .argv = argv, .log = log, .dies_with_us = true }, &user, err))
        return err_wrap(err, "pg_dump of %s", database);
    *text = read_dump(arena, log);
    return true;
}

const char *schema_difference(struct arena *arena, const char *a, const char *b)
{
    size_t at = 0, start;

    while (a[at] && a[at] == b[at])
        at++;
    if (a[at] == b[at])
        return "";
    for (start = at; start && a[start - 1] != '\n'; start--)
        ;
    return arena_strndup(arena, a + start, strcspn(a + start, "\n"));
}
