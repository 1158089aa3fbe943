#include "orchestrate/cluster/crowd.h"

#include "orchestrate/base/buf.h"
#include "orchestrate/base/text.h"
#include "sql_cluster.h"

bool crowd_prepare(struct pg *pg, struct err *err)
{
    return pg_script(pg, sql_crowd, NULL, NULL, err);
}

/* The server does it, so that a demo needs no threads: COMMIT is allowed in such a block. */
static const char *work(struct arena *arena, const char *name, int client, const char *statement)
{
    static const char mark[] = "$client";
    struct buf out = BUF_IN(arena);
    const char *at;

    buf_addf(&out,
             "DO $crowd$ BEGIN LOOP EXIT WHEN NOT (SELECT c.at_work FROM demo.crowd c WHERE"
             " c.name = %s); COMMIT;\n",
             pg_literal(arena, name));
    for (; (at = strstr(statement, mark)); statement = at + strlen(mark)) {
        buf_addn(&out, statement, (size_t)(at - statement));
        buf_addf(&out, "%d", client);
    }
    buf_addf(&out,
             "%s;\nPERFORM nextval('demo.%s'); COMMIT; PERFORM pg_sleep(0.002); END LOOP;"
             " END $crowd$",
             statement, name);
    return buf_text(&out);
}

bool crowd_start(struct arena *arena, const char *url, const char *name, const char *statement,
                 struct crowd *crowd, struct err *err)
{
    *crowd = (struct crowd){ .name = name, .at_work = true };
    for (int i = 0; i < CROWD_CLIENTS; i++) {
        struct pg *pg = &crowd->clients[i];

        if (!pg_connect(arena, url, arena_printf(arena, "%s-code", name), false, pg, err))
            return false;
        if (i == 0 &&
            !pg_run(pg, "UPDATE demo.crowd SET at_work = true WHERE name = $1", PG_ARGS(name), err))
            return false;
        if (!PQsendQuery(pg->conn, work(arena, name, i + 1, statement)))
            return err_set(err, ERR_UNREACHABLE, "%s", PQerrorMessage(pg->conn));
    }
    return true;
}

bool crowd_stop(struct arena *arena, struct pg *pg, struct crowd *crowd, const char **error,
                struct err *err)
{
    *error = NULL;
    if (!crowd->at_work)
        return true;
    crowd->at_work = false;
    if (!pg_run(pg, "UPDATE demo.crowd SET at_work = false WHERE name = $1", PG_ARGS(crowd->name),
                err))
        return false;
    for (int i = 0; i < CROWD_CLIENTS; i++)
        for (PGresult *res; (res = PQgetResult(crowd->clients[i].conn)); PQclear(res))
            if (PQresultStatus(res) != PGRES_COMMAND_OK)
                *error = arena_strdup(arena, PQresultErrorMessage(res));
    crowd_cleanup(crowd);
    return true;
}

bool crowd_count(struct arena *arena, struct pg *pg, const char *name, int64_t *n, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res,
                  arena_printf(arena,
                               "SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n"
                               " FROM demo.%s",
                               name),
                  PG_NO_ARGS, err))
        return false;
    *n = pg_int(res, 0, "n");
    return true;
}

void crowd_cleanup(struct crowd *crowd)
{
    for (int i = 0; i < CROWD_CLIENTS; i++)
        pg_cleanup(&crowd->clients[i]);
}
