#include "batch.h"

#include "orchestrate/base/buf.h"
#include "orchestrate/base/fault.h"
#include "words.h"

enum {
    ROW_WAIT_MS = 5,      /* below any deadlock_timeout: we never make the application a victim */
    FENCE_WAIT_MS = 1000, /* for the plan row */
    TID_RANGES_SINCE = 140000,
};

static void add_range(struct buf *out, const struct pg *pg, const struct batch *b)
{
    if (pg->version >= TID_RANGES_SINCE)
        buf_addf(out, "ctid >= '(%lld,0)'::pg_catalog.tid AND ctid < '(%lld,0)'::pg_catalog.tid",
                 (long long)b->from, (long long)b->to);
    else /* a list of all places that the pages may have: a TID scan on every version */
        buf_addf(out,
                 "ctid = ANY (ARRAY(SELECT pg_catalog.format('(%%s,%%s)', p, o)::pg_catalog.tid"
                 " FROM pg_catalog.generate_series(%lld, %lld) p,"
                 " pg_catalog.generate_series(1, %d) o))",
                 (long long)b->from, (long long)b->to - 1, b->tuples_per_page);
}

static void add_update(struct buf *out, const struct pg *pg, const struct backfill_job *job,
                       const struct batch *b, bool skip_locked)
{
    const char *table = words_table(out->arena, job, b->relation);

    buf_addf(out, "UPDATE ONLY %s SET %s WHERE ", table, job->set);
    if (skip_locked) {
        buf_addf(out, "ctid = ANY (ARRAY(SELECT ctid FROM ONLY %s WHERE ", table);
        add_range(out, pg, b);
        buf_addf(out, " AND %s FOR NO KEY UPDATE SKIP LOCKED))", job->guard);
    } else
        add_range(out, pg, b);
    buf_addf(out, " AND %s", job->guard);
}

/*
 * Of a plan's own words nobody knows whether a row that was written needs it no more: it is
 * asked of each of them, and checked by add_check.
 */
static void add_asking(struct buf *out, const struct pg *pg, const struct backfill_job *job,
                       const struct batch *b, bool skip_locked)
{
    buf_add(out, "WITH orchestrate_written AS (");
    add_update(out, pg, job, b, skip_locked);
    buf_addf(out,
             " RETURNING CASE WHEN %s THEN %s END AS due)"
             " SELECT pg_catalog.count(*) AS " PG_UPDATED
             ", pg_catalog.set_config('orchestrate.due',"
             " coalesce(pg_catalog.left(pg_catalog.max(due), 200), ''), true)"
             " FROM orchestrate_written;\n",
             job->guard, job->key ? job->key : "'?'");
}

/* Behind the update, whose lock lets no trigger come or go; `hung` as in size.sql. */
static void add_check(struct arena *arena, struct buf *out, const struct batch *b)
{
    struct buf body = BUF_IN(arena);

    buf_add(&body, "BEGIN ");
    if (b->hung)
        buf_addf(&body,
                 "IF (SELECT concat(max(t.oid), string_agg(t.tgenabled::text, '' ORDER BY t.oid))"
                 " FROM pg_trigger t WHERE t.tgrelid = %s::regclass) <> %s THEN"
                 " RAISE EXCEPTION USING ERRCODE = '" BATCH_CHANGED "'; END IF; ",
                 pg_literal(arena, b->relation), pg_literal(arena, b->hung));
    buf_add(&body, "IF current_setting('orchestrate.due') <> '' THEN"
                   " RAISE EXCEPTION USING ERRCODE = '" BATCH_STILL_DUE "',"
                   " MESSAGE = current_setting('orchestrate.due'); END IF; END");
    buf_addf(out, "DO %s;\n", pg_literal(arena, buf_text(&body)));
}

static const char *message(struct arena *arena, const struct pg *pg, const struct backfill_job *job,
                           const struct batch *b, bool skip_locked)
{
    struct buf out = BUF_IN(arena);

    buf_addf(&out, "BEGIN;\nSET LOCAL synchronous_commit = off;\nSET LOCAL lock_timeout = %d;\n",
             FENCE_WAIT_MS);
    buf_addf(&out, "%s;\nSET LOCAL lock_timeout = %d;\nSET LOCAL statement_timeout = %lld;\n",
             store_fence_sql(arena, job->run), ROW_WAIT_MS,
             (long long)job->run->settings.statement_timeout);
    if (b->as_replica)
        buf_add(&out, "SET LOCAL session_replication_role = replica;\n");
    /* What a policy hides would stay as it is, and nobody would know: an error instead. */
    buf_add(&out, "SET LOCAL row_security = off;\n");
    /* By this the triggers of users know that they are not meant. */
    buf_addf(&out, "SET LOCAL orchestrate.backfill = '%lld';\n", (long long)job->run->id);
    if (job->role)
        buf_addf(&out, "SET LOCAL ROLE %s;\n", pg_ident(arena, job->role));
    if (job->search_path) /* no query: the answer of the fence is the last one that is read */
        buf_addf(
            &out, "DO %s;\n",
            pg_literal(arena, arena_printf(arena,
                                           "BEGIN PERFORM pg_catalog.set_config('search_path', %s,"
                                           " true); END",
                                           pg_literal(arena, job->search_path))));
    if (job->words)
        add_asking(&out, pg, job, b, skip_locked);
    else {
        add_update(&out, pg, job, b, skip_locked);
        buf_add(&out, ";\n");
    }
    /* What is deferred is done by whoever did the rest; at COMMIT that would be us. */
    buf_add(&out, "SET CONSTRAINTS ALL IMMEDIATE;\nSET LOCAL ROLE NONE;\n");
    if (job->search_path)
        buf_add(&out, "SET LOCAL search_path = pg_catalog, pg_temp;\n");
    if (job->words)
        add_check(arena, &out, b);
    if (b->as_replica)
        buf_add(&out, "SET LOCAL session_replication_role = origin;\n");
    if (b->checkpoint && !skip_locked) /* what is skipped must not lie behind the cursor */
        buf_addf(&out, "%s;\n",
                 store_checkpoint_sql(arena, job->run, job->undo, job->ord, b->checkpoint));
    buf_add(&out, "COMMIT;");
    return buf_text(&out);
}

static bool send(struct pg *pg, const struct backfill_job *job, const struct batch *b,
                 bool skip_locked, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };

    return pg_send(pg, message(&arena, pg, job, b, skip_locked), err);
}

static bool answer(struct pg *pg, bool skip_locked, struct batch_result *result, struct err *err)
{
    CLEANUP(pg_result) PGresult *fence = NULL;
    bool committed;

    if (!pg_answer(pg, &committed, &fence, err))
        return false;
    *result = (struct batch_result){ .rows = pg->updated,
                                     .stop = pg_bool(fence, 0, "stop"),
                                     .paused = pg_bool(fence, 0, "paused"),
                                     .skipped = skip_locked };
    return true;
}

static bool explain(const struct pg *pg, const struct backfill_job *job, const struct batch *b,
                    bool skip_locked, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };

    return job->words && words_explain(pg, job, b, message(&arena, pg, job, b, skip_locked), err);
}

bool batch_send(struct pg *pg, const struct backfill_job *job, const struct batch *batch,
                struct err *err)
{
    fault_point("batch");
    return send(pg, job, batch, false, err);
}

bool batch_finish(struct pg *pg, const struct backfill_job *job, const struct batch *batch,
                  struct batch_result *result, struct err *err)
{
    if (answer(pg, false, result, err))
        return true;
    if (!sqlstate_may_retry(err->sqlstate))
        return explain(pg, job, batch, false, err);
    /* Somebody holds a row: leave it to a later pass, do not wait and do not deadlock. */
    return send(pg, job, batch, true, err) &&
           (answer(pg, true, result, err) || explain(pg, job, batch, true, err));
}

bool batch_run(struct pg *pg, const struct backfill_job *job, const struct batch *batch,
               struct batch_result *result, struct err *err)
{
    return batch_send(pg, job, batch, err) && batch_finish(pg, job, batch, result, err);
}
