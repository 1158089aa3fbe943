#include <ctype.h>
#include <string.h>

#include "blockers.h"
#include "orchestrate/base/json.h"
#include "orchestrate/base/text.h"
#include "orchestrate/lock/lock.h"
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

/* How old its transaction is, as far as that can be seen. */
static int64_t age_of(struct arena *arena, const PGresult *res, int i, const char *before,
                      int64_t since_ms)
{
    const char *transaction = pg_text(arena, res, i, "virtualtransaction");

    if (pg_bool(res, i, "prepared"))
        return INT64_MAX; /* it will not go by itself */
    if (!pg_bool(res, i, "hidden"))
        return pg_int(res, i, "age_ms");
    return before && strstr(before, arena_printf(arena, " %s ", transaction)) ? since_ms : 0;
}

/* The query on one line, without the semicolon at its end. */
static const char *query_of(struct arena *arena, const PGresult *res, int i)
{
    const char *query = pg_text(arena, res, i, "query");
    size_t n = query ? strlen(query) : 0;

    if (!n || pg_bool(res, i, "hidden"))
        return "(not to be seen by this role; GRANT pg_read_all_stats shows it)";
    while (n && (query[n - 1] == ';' || query[n - 1] == ' '))
        n--;
    return arena_strndup(arena, query, n);
}

static void describe(struct arena *arena, const PGresult *res, int i, int64_t age, struct buf *text,
                     struct json *json)
{
    const char *user = pg_text(arena, res, i, "user"), *app = pg_text(arena, res, i, "application");
    const char *state = pg_text(arena, res, i, "state");
    bool vacuum = pg_bool(res, i, "autovacuum");
    int64_t pid = pg_int(res, i, "pid");

    if (i)
        buf_add(text, "; ");
    if (pg_bool(res, i, "prepared"))
        buf_add(text, "a prepared transaction (see pg_prepared_xacts)");
    else
        buf_addf(text, "pid %lld (%s%s%s%s%s%s%s): %s", (long long)pid,
                 user     ? user
                 : vacuum ? "autovacuum"
                          : "unknown role",
                 app && *app ? ", " : "", app ? app : "", state ? ", " : "", state ? state : "",
                 age ? " for " : "", age ? text_elapsed(arena, (double)age) : "",
                 query_of(arena, res, i));
    json_open(json, NULL, '{');
    json_int(json, "pid", pid);
    json_text(json, "user", user);
    json_text(json, "application", app);
    json_text(json, "state", state);
    if (pg_bool(res, i, "prepared"))
        json_null(json, "age_ms");
    else
        json_int(json, "age_ms", age);
    json_text(json, "mode", pg_text(arena, res, i, "mode"));
    json_text(json, "query", pg_text(arena, res, i, "query"));
    json_close(json, '}');
}

bool blockers_read(struct arena *arena, struct pg *pg, const char *relation, enum lock_mode mode,
                   const char *before, int64_t since_ms, struct blockers *blockers, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct buf text = BUF_IN(arena), raw = BUF_IN(arena), transactions = BUF_IN(arena);
    struct json json = { .out = &raw };

    *blockers = (struct blockers){ .only_autovacuum = true };
    if (!pg_query(pg, &res, sql_blockers, PG_ARGS(relation, catalog_mode(arena, mode)), err))
        return err_wrap(err, "looking for sessions that are in the way");
    json_open(&json, NULL, '[');
    buf_add(&transactions, " ");
    for (int i = 0; i < PQntuples(res); i++) {
        bool gives_way = pg_bool(res, i, "autovacuum") && !pg_bool(res, i, "wraparound");
        int64_t age = age_of(arena, res, i, before, since_ms);

        blockers->n++;
        blockers->only_autovacuum = blockers->only_autovacuum && gives_way;
        if (age > blockers->oldest_ms)
            blockers->oldest_ms = age;
        buf_addf(&transactions, "%s ", pg_text(arena, res, i, "virtualtransaction"));
        describe(arena, res, i, age == INT64_MAX ? 0 : age, &text, &json);
    }
    json_close(&json, ']');
    blockers->only_autovacuum = blockers->only_autovacuum && blockers->n;
    blockers->transactions = buf_text(&transactions);
    blockers->text = buf_text(&text);
    blockers->json = buf_text(&raw);
    return true;
}

bool lock_waited_for(struct arena *arena, struct pg *pg, int pid, const char **whom,
                     struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct buf text = BUF_IN(arena), raw = BUF_IN(arena);
    struct json json = { .out = &raw };

    if (!pg_query(pg, &res, sql_waits, PG_ARGS(arena_printf(arena, "%d", pid)), err))
        return false;
    for (int i = 0; i < PQntuples(res); i++) {
        int64_t age = age_of(arena, res, i, NULL, 0);

        describe(arena, res, i, age == INT64_MAX ? 0 : age, &text, &json);
    }
    *whom = buf_text(&text);
    return true;
}
