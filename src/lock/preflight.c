#include <ctype.h>
#include <string.h>

#include "blockers.h"
#include "orchestrate/base/json.h"
#include "orchestrate/base/text.h"
#include "sql_lock.h"

/* "ACCESS EXCLUSIVE" as pg_locks writes it: "AccessExclusiveLock". */
static const char *catalog_mode(struct arena *arena, enum lock_mode mode)
{
    struct buf out = BUF_IN(arena);
    const char *name = lock_mode_name(mode);

    for (size_t i = 0; name[i]; i++) {
        char c = i && name[i - 1] != ' ' ? (char)tolower((unsigned char)name[i]) : name[i];

        if (c != ' ')
            buf_addn(&out, &c, 1);
    }
    buf_add(&out, "Lock");
    return buf_text(&out);
}

static void describe(struct arena *arena, const PGresult *res, int i, struct buf *text,
                     struct json *json)
{
    const char *user = pg_text(arena, res, i, "user"), *app = pg_text(arena, res, i, "application");
    const char *state = pg_text(arena, res, i, "state"), *query = pg_text(arena, res, i, "query");
    int64_t pid = pg_int(res, i, "pid"), age = pg_int(res, i, "age_ms");

    if (pg_bool(res, i, "prepared"))
        buf_addf(text, "%sa prepared transaction (see pg_prepared_xacts)", i ? "; " : "");
    else
        buf_addf(text, "%spid %lld (%s%s%s, %s for %s): %s", i ? "; " : "", (long long)pid,
                 user                            ? user
                 : pg_bool(res, i, "autovacuum") ? "autovacuum"
                                                 : "unknown role",
                 app && *app ? ", " : "", app ? app : "", state ? state : "running",
                 text_elapsed(arena, (double)age), query && *query ? query : "(query not visible)");
    json_open(json, NULL, '{');
    json_int(json, "pid", pid);
    json_text(json, "user", user);
    json_text(json, "application", app);
    json_text(json, "state", state);
    json_int(json, "age_ms", age);
    json_text(json, "mode", pg_text(arena, res, i, "mode"));
    json_text(json, "query", query);
    json_close(json, '}');
}

bool blockers_read(struct arena *arena, struct pg *pg, const char *relation, enum lock_mode mode,
                   struct blockers *blockers, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct buf text = BUF_IN(arena), raw = BUF_IN(arena);
    struct json json = { .out = &raw };

    *blockers = (struct blockers){ .only_autovacuum = true };
    if (!pg_query(pg, &res, sql_blockers, PG_ARGS(relation, catalog_mode(arena, mode)), err))
        return err_wrap(err, "looking for sessions that are in the way");
    json_open(&json, NULL, '[');
    for (int i = 0; i < PQntuples(res); i++) {
        bool gives_way = pg_bool(res, i, "autovacuum") && !pg_bool(res, i, "wraparound");

        blockers->n++;
        blockers->only_autovacuum = blockers->only_autovacuum && gives_way;
        if (pg_int(res, i, "age_ms") > blockers->oldest_ms || pg_bool(res, i, "prepared"))
            blockers->oldest_ms =
                pg_bool(res, i, "prepared") ? INT64_MAX : pg_int(res, i, "age_ms");
        describe(arena, res, i, &text, &json);
    }
    json_close(&json, ']');
    blockers->only_autovacuum = blockers->only_autovacuum && blockers->n;
    blockers->text = buf_text(&text);
    blockers->json = buf_text(&raw);
    return true;
}
