#include "throttle.h"

#include "orchestrate/base/clock.h"
#include "sql_backfill.h"

enum { LOOK_MS = 1000, LAG_WAIT_MS = 1000 };

bool throttle_look(struct pg *pg, struct throttle *throttle, const struct settings *settings,
                   int64_t *wait_ms, const char **why, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    int64_t now = clock_ms(), since = now - throttle->looked_at, wal, allowed;

    *wait_ms = 0;
    *why = NULL;
    if (since < LOOK_MS || (settings->max_replica_lag < 0 && settings->max_wal_rate < 0))
        return true;
    if (!pg_query(pg, &res, sql_throttle, PG_NO_ARGS, err))
        return false;
    if (settings->max_replica_lag >= 0 && pg_int(res, 0, "unseen") > 0) {
        err_set(err, ERR_CHECK,
                "replicas are attached, but this role may not see how far they are behind");
        return err_hint(
            err,
            "GRANT pg_monitor TO %s; or write `max_replica_lag: none` into the plan's settings.",
            pg->role);
    }
    if (settings->max_replica_lag >= 0 && pg_int(res, 0, "lag_ms") > settings->max_replica_lag) {
        *wait_ms = LAG_WAIT_MS;
        *why = "replicas are behind";
    }
    wal = pg_int(res, 0, "wal");
    allowed = settings->max_wal_rate * since / 1000;
    if (settings->max_wal_rate >= 0 && throttle->looked_at && wal - throttle->wal > allowed) {
        *wait_ms = (wal - throttle->wal - allowed) * 1000 / settings->max_wal_rate;
        *why = "max_wal_rate";
    }
    throttle->looked_at = now + *wait_ms;
    throttle->wal = wal;
    return true;
}
