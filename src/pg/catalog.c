#include "orchestrate/pg/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "orchestrate/base/text.h"
#include "orchestrate/pg/pg.h"
#include "sql_pg.h"

enum { MAX_ARGS = 16 };

const char *catalog_item(const struct catalog *cat, const char *name, int item)
{
    for (size_t i = 0; i < cat->n_facts; i++)
        if (cat->facts[i].item == item && strcmp(cat->facts[i].name, name) == 0)
            return cat->facts[i].value;
    return NULL;
}

const char *catalog_fact(const struct catalog *cat, const char *name)
{
    return catalog_item(cat, name, 0);
}

/* The table is not there: a refusal like any other, with the name that may have been meant. */
static bool no_table(struct arena *arena, struct pg *pg, const struct catalog_query *q,
                     struct catalog *cat, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct finding *f = ARENA_PUSH(arena, cat->findings, cat->n_findings);
    const char **names, *near;
    int n;

    if (!pg_query(pg, &res, sql_nearest, PG_ARGS(q->schema), err))
        return false;
    n = PQntuples(res);
    names = arena_alloc(arena, ((size_t)n + 1) * sizeof *names);
    for (int i = 0; i < n; i++)
        names[i] = pg_text(arena, res, i, "name");
    near = text_nearest(q->table, names);
    *f = (struct finding){ .level = FINDING_REFUSE, .code = "no-table", .hint = "" };
    f->message = q->schema
                     ? arena_printf(arena, "there is no table %s in schema %s of database %s",
                                    q->table, q->schema, pg->database)
                     : arena_printf(arena, "there is no table %s in the search_path (%s) of %s",
                                    q->table, pg->search_path, pg->role);
    for (int i = 0; near && i < n; i++)
        if (strcmp(names[i], near) == 0) {
            f->hint = arena_printf(arena, "Did you mean %s?", pg_text(arena, res, i, "qualified"));
            break;
        }
    return true;
}

static bool read_findings(struct arena *arena, struct pg *pg, const char *sql,
                          const char *const *args, size_t n_args, struct catalog *cat,
                          struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql, args, n_args, err))
        return err_wrap(err, "reading the catalog");
    for (int i = 0; i < PQntuples(res); i++) {
        struct finding *f = ARENA_PUSH(arena, cat->findings, cat->n_findings);

        f->level =
            strcmp(pg_text(arena, res, i, "level"), "refuse") == 0 ? FINDING_REFUSE : FINDING_WARN;
        f->code = pg_text(arena, res, i, "code");
        f->message = pg_text(arena, res, i, "message");
        f->hint = pg_text(arena, res, i, "hint");
        if (!f->hint)
            f->hint = "";
        f->acceptable = pg_bool(res, i, "acceptable");
    }
    return true;
}

static bool read_facts(struct arena *arena, struct pg *pg, const char *sql, const char *const *args,
                       size_t n_args, struct catalog *cat, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql, args, n_args, err))
        return err_wrap(err, "reading the catalog");
    for (int i = 0; i < PQntuples(res); i++) {
        struct fact_row *row = ARENA_PUSH(arena, cat->facts, cat->n_facts);

        row->name = pg_text(arena, res, i, "name");
        row->item = (int)pg_int(res, i, "item");
        row->value = pg_text(arena, res, i, "value");
        if (!row->value)
            row->value = "";
    }
    return true;
}

bool catalog_read(struct arena *arena, struct pg *pg, const struct catalog_query *q,
                  struct catalog *cat, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    const char *args[MAX_ARGS];
    size_t n = 0;

    *cat = (struct catalog){ 0 };
    if (!pg_query(pg, &res, sql_resolve, PG_ARGS(q->schema, q->table, pg->search_path), err))
        return err_wrap(err, "looking up table %s", q->table);
    if (PQntuples(res) == 0)
        return no_table(arena, pg, q, cat, err);

    args[n++] = pg_text(arena, res, 0, "relid");
    args[n++] = q->number;
    for (size_t i = 0; i < q->n_args && n < MAX_ARGS; i++)
        args[n++] = q->args[i];
    cat->relid = (uint32_t)strtoul(args[0], NULL, 10);
    if (!read_findings(arena, pg, q->findings, args, n, cat, err))
        return false;
    for (size_t i = 0; i < cat->n_findings; i++)
        if (cat->findings[i].level == FINDING_REFUSE && !cat->findings[i].acceptable)
            return true; /* facts of what cannot be done may not even exist */
    cat->known = true;
    return read_facts(arena, pg, q->facts, args, n, cat, err);
}

bool catalog_read_facts(struct arena *arena, struct pg *pg, const struct catalog_query *q,
                        uint32_t relid, struct catalog *cat, struct err *err)
{
    const char *args[MAX_ARGS] = { arena_printf(arena, "%u", relid), q->number };
    size_t n = 2;

    for (size_t i = 0; i < q->n_args && n < MAX_ARGS; i++)
        args[n++] = q->args[i];
    *cat = (struct catalog){ .known = true, .relid = relid };
    return read_facts(arena, pg, q->facts, args, n, cat, err);
}

bool catalog_oid(struct arena *arena, struct pg *pg, const char *relation, const char *later,
                 uint32_t known, uint32_t *relid, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql_relation_oid,
                  PG_ARGS(relation, later, arena_printf(arena, "%u", known)), err))
        return false;
    *relid = (uint32_t)pg_int(res, 0, "relid");
    return true;
}
