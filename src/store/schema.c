/*
 * Making the state schema, and telling which one is there.
 */
#include <string.h>

#include "sql_store.h" /* generated from src/sql/store */
#include "store_private.h"

/* The parts of version 1, in order. */
static const char *const parts[] = { sql_schema,     sql_fsm,           sql_checksum,
                                     sql_guard_plan, sql_guard_history, sql_guard_step,
                                     sql_approvals,  sql_triggers,      sql_deploys,
                                     sql_gates,      sql_access };

static bool is_newer(int version, struct err *err)
{
    err_set(err, ERR_CONFIG,
            "the state schema here is version %d; orchestrate %s knows versions up to %d", version,
            ORCHESTRATE_VERSION, STORE_VERSION);
    return err_hint(err, "Use the newer orchestrate that made it.");
}

bool store_version(struct pg *pg, int *version, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct err why = { 0 };

    *version = 0;
    if (!pg_query(pg, &res, sql_version, PG_NO_ARGS, &why)) {
        /* No such schema, no such table. */
        if (strcmp(why.sqlstate, "3F000") == 0 || strcmp(why.sqlstate, "42P01") == 0)
            return true;
        *err = why;
        return store_denied(pg, false, err);
    }
    *version = (int)pg_int(res, 0, "version");
    return *version <= STORE_VERSION || is_newer(*version, err);
}

/* The schema is there, but no state of ours in it. */
static bool may_use(const PGresult *res, struct arena *arena, struct err *err)
{
    const char *owner = pg_text(arena, res, 0, "owner");
    const char *creators = pg_text(arena, res, 0, "creators");

    if (pg_bool(res, 0, "in_use")) {
        err_set(err, ERR_CONFIG, "there is a schema \"orchestrate\" that something else uses");
        return err_hint(err, "The state of orchestrate needs a schema of this name; rename that "
                             "one, or use another database.");
    }
    if (!pg_bool(res, 0, "ours")) {
        err_set(err, ERR_CONSENT, "the schema \"orchestrate\" belongs to role %s", owner);
        return err_hint(err, "Run init as %s, or: ALTER SCHEMA orchestrate OWNER TO this role.",
                        owner);
    }
    if (creators) {
        err_set(err, ERR_CONSENT, "others may create things in the schema \"orchestrate\": %s",
                creators);
        return err_hint(err,
                        "What they put there would be called in place of ours: REVOKE CREATE ON "
                        "SCHEMA orchestrate FROM %s;",
                        creators);
    }
    return true;
}

static bool make_schema(struct pg *pg, const PGresult *probe, struct err *err)
{
    if (!pg_bool(probe, 0, "may_create")) {
        err_set(err, ERR_CONSENT, "role %s may not create a schema in database %s", pg->role,
                pg->database);
        return err_hint(err, "GRANT CREATE ON DATABASE \"%s\" TO \"%s\";", pg->database, pg->role);
    }
    return pg_run(pg, "CREATE SCHEMA orchestrate", PG_NO_ARGS, err);
}

static bool make_tables(struct pg *pg, struct arena *arena, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (!pg_script(pg, parts[i], NULL, NULL, err))
            return err_wrap(err, "making the state schema");
    return pg_run(pg, sql_init_meta,
                  PG_ARGS(arg_int(arena, STORE_VERSION), *pg->system_id ? pg->system_id : NULL),
                  err);
}

static bool make(struct pg *pg, struct arena *arena, int *before, struct err *err)
{
    CLEANUP(pg_result) PGresult *probe = NULL;

    if (!pg_query(pg, &probe, sql_init_probe, PG_NO_ARGS, err))
        return false;
    if (pg_bool(probe, 0, "has_meta"))
        return store_version(pg, before, err);
    if (pg_bool(probe, 0, "has_schema") ? !may_use(probe, arena, err)
                                        : !make_schema(pg, probe, err))
        return false;
    return make_tables(pg, arena, err);
}

bool store_environment(struct arena *arena, struct pg *pg, const char **name, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct err why = { 0 };

    *name = NULL;
    if (!pg_query(pg, &res, sql_environment, PG_NO_ARGS, &why)) {
        /* No such schema, no such table. */
        if (strcmp(why.sqlstate, "3F000") == 0 || strcmp(why.sqlstate, "42P01") == 0)
            return true;
        *err = why;
        return store_denied(pg, false, err);
    }
    *name = PQntuples(res) ? pg_text(arena, res, 0, "environment") : NULL;
    return true;
}

static bool is_other(const struct pg *pg, const char *stored, const char *environment,
                     struct err *err)
{
    err_set(err, ERR_CONFIG, "database %s is environment %s, not %s", pg->database, stored,
            environment);
    return err_hint(err,
                    "Nothing was changed. Check which database the connection leads to. If it is a "
                    "copy that shall be %s: UPDATE orchestrate.meta SET environment = '%s';",
                    environment, environment);
}

bool store_check_environment(struct pg *pg, const char *environment, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    const char *stored;

    if (!store_environment(&arena, pg, &stored, err))
        return false;
    return !stored || strcmp(stored, environment) == 0 || is_other(pg, stored, environment, err);
}

/* Others wait for the lock of init. */
static bool set_environment(struct pg *pg, struct arena *arena, const char *environment,
                            struct err *err)
{
    const char *stored;

    if (!environment)
        return true;
    if (!store_environment(arena, pg, &stored, err))
        return false;
    if (stored)
        return strcmp(stored, environment) == 0 || is_other(pg, stored, environment, err);
    return pg_run(pg, sql_environment_set, PG_ARGS(environment), err) ||
           store_denied(pg, true, err);
}

bool store_init(struct pg *pg, const char *environment, int *before, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_tx) struct pg_tx tx = { 0 };

    *before = 0;
    /* Others may be at it too; each of them takes a fraction of a second. */
    return pg_begin(pg, &tx, err) &&
           pg_run(pg, "SET LOCAL lock_timeout = '60s'", PG_NO_ARGS, err) &&
           pg_run(pg, sql_init_lock, PG_ARGS(arg_int(&arena, LOCK_CLASS)), err) &&
           make(pg, &arena, before, err) && set_environment(pg, &arena, environment, err) &&
           pg_commit(&tx, err);
}
