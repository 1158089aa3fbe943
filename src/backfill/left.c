#include "left.h"

#include <inttypes.h>
#include <stdio.h>

#include "words.h"

enum { MOST_PASSES = 5 };

bool left_ask(struct arena *arena, struct sweep *s, const char *query, PGresult **res,
              struct err *err)
{
    const struct backfill_job *job = s->job;
    const char *role = job->role, *path = job->search_path;
    const char *text =
        arena_printf(arena, "BEGIN;\nSET LOCAL row_security = off;\n%s%s%s%s%s%s%s;\nCOMMIT;",
                     role ? "SET LOCAL ROLE " : "", role ? pg_ident(arena, role) : "",
                     role ? ";\n" : "", path ? "SELECT pg_catalog.set_config('search_path', " : "",
                     path ? pg_literal(arena, path) : "", path ? ", true);\n" : "", query);
    bool committed, ok = false;

    do {
        s->pg->cancel_on_first = true;
        ok = pg_script(s->pg, text, &committed, res, err);
        s->pg->cancel_on_first = false;
    } while (!ok && sqlstate_may_retry(err->sqlstate) &&
             lock_pause(s->arena, s->pg, &s->wait, err));
    s->wait.started = 0;
    return ok || err_wrap(err, "looking whether a row is left");
}

/* Whether the row of the last look is the same row still, though it was gone over. */
static bool is_stuck(struct sweep *s, bool *stuck, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_result) PGresult *res = NULL;

    *stuck = false;
    if (!s->left.ctid)
        return true;
    if (!left_ask(&arena, s,
                  arena_printf(&arena,
                               "SELECT xmin::text AS xmin FROM ONLY %s WHERE ctid = '%s' AND "
                               "xmin::text = '%s' AND %s",
                               words_table(&arena, s->job, s->left.relation), s->left.ctid,
                               s->left.xmin, s->job->guard),
                  &res, err))
        return false;
    *stuck = PQntuples(res) > 0;
    return true;
}

static bool refuse(const struct sweep *s, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    const char *columns = words_columns(&arena, s->job->words);

    err_set(err, ERR_FAILED,
            "a row of %s still needs `set` of %s, though it was gone over: it cannot be written, "
            "for instance that with ctid %s",
            s->left.relation, columns, s->left.ctid);
    return err_hint(err,
                    "A BEFORE trigger may have kept it as it was (SELECT * FROM %s WHERE ctid = "
                    "'%s'). Let it pass a backfill, or leave the row out by `where`; then the same "
                    "command goes on.",
                    s->left.relation, s->left.ctid);
}

/* The first page of the leaf with a row that needs it; -1: there is none. */
static bool find_page(struct arena *arena, struct sweep *s, const char *relation, int64_t *page,
                      struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    const char *query = arena_printf(arena,
                                     "SELECT ctid::text AS ctid, xmin::text AS xmin FROM ONLY %s "
                                     "WHERE ctid = (SELECT pg_catalog.min(ctid) FROM ONLY %s WHERE "
                                     "%s)",
                                     relation, words_table(arena, s->job, relation), s->job->guard);

    *page = -1;
    if (!left_ask(arena, s, query, &res, err))
        return false;
    if (PQntuples(res) == 0)
        return true;
    sscanf(PQgetvalue(res, 0, 0), "(%" SCNd64, page);
    if (!s->left.ctid)
        s->left = (struct left){ .relation = relation,
                                 .ctid = pg_text(s->arena, res, 0, "ctid"),
                                 .xmin = pg_text(s->arena, res, 0, "xmin"),
                                 .passes = s->left.passes };
    return true;
}

bool left_look(struct sweep *s, bool *filled, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    bool stuck, added;

    if (!is_stuck(s, &stuck, err))
        return false;
    if (stuck)
        return refuse(s, err);
    s->left.ctid = NULL;
    s->leaves.n = 0;
    if (!sweep_list(s, &added, err))
        return false;
    for (size_t i = 0; i < s->leaves.n; i++) {
        struct leaf *leaf = &s->leaves.list[i];

        if (!find_page(&arena, s, leaf->relation, &leaf->page, err))
            return false;
        leaf->done = leaf->page < 0;
        if (leaf->pages <= leaf->page)
            leaf->pages = leaf->page + 1;
    }
    *filled = !s->left.ctid;
    if (!*filled && s->left.passes++ >= MOST_PASSES) {
        sweep_warn(s, "rows that need it are being written all the time: it has filled those of "
                      "before; the application has to fill new ones, or a trigger");
        *filled = true;
    }
    return true;
}
