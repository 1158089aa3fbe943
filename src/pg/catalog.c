#include "orchestrate/pg/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "orchestrate/base/attr.h"
#include "orchestrate/base/buf.h"
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
    *f = (struct finding){ .level = FINDING_REFUSE, .code = "no-table" };
    f->hint = "Check the name, and with `orchestrate doctor` which database this is.";
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

/* --- expressions ------------------------------------------------------------- */

/* What the server says of where the expression stands in our statement. */
static const char *in_words_of_plans(struct arena *arena, const char *text)
{
    static const struct {
        const char *said, *meant;
    } words[] = {
        { "argument of XMLTABLE", "it" },
        { "argument of CASE/WHEN", "it" },
        { " in functions in FROM", " in it" },
        { " in WHERE", " in it" },
    };

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        const char *at = strstr(text, words[i].said);

        if (at)
            return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, words[i].meant,
                                at + strlen(words[i].said));
    }
    return text;
}

/* The first line of the answer and all others. */
static const char *lines(struct arena *arena, const PGresult *res)
{
    struct buf out = BUF_IN(arena);

    for (int i = 0; i < PQntuples(res); i++)
        buf_addf(&out, "%s%s", i ? "\n" : "", PQgetvalue(res, i, 0));
    return buf_text(&out);
}

/* What says nothing about the expression: a lock, a right, a server that goes away. */
static bool is_about_it(const struct err *err)
{
    static const char *const classes[] = { "0A", "22", "23", "42", "54", "P0" };

    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        if (strncmp(err->sqlstate, classes[i], 2) == 0)
            return strcmp(err->sqlstate, "42501") != 0;
    return false;
}

/* *why NULL: the server takes it, or it cannot be asked here. */
static bool try_one(struct arena *arena, struct pg *pg, const PGresult *tries, int row,
                    const char **why, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    const char *answer = pg_text(arena, tries, row, "answer");
    /* Settings that could make another plan of it. */
    const char *message =
        arena_printf(arena,
                     "BEGIN TRANSACTION READ ONLY;\nSET LOCAL ROLE %s;\n"
                     "SET LOCAL constraint_exclusion = on;\n"
                     "SET LOCAL max_parallel_workers_per_gather = 0;\n%s;\nROLLBACK;",
                     pg_ident(arena, pg_text(arena, tries, row, "role")),
                     pg_text(arena, tries, row, "statement"));
    struct err said = { 0 };

    *why = NULL;
    if (pg_script(pg, message, NULL, &res, &said)) {
        if (answer && strcmp(answer, lines(arena, res)) != 0)
            *why = pg_text(arena, tries, row, "otherwise");
    } else if (is_about_it(&said)) {
        *why = in_words_of_plans(arena, arena_strdup(arena, said.text));
    } else if (strcmp(said.sqlstate, "42501") != 0) {
        *err = said;
        return err_wrap(err, "asking the server about `%s`", pg_text(arena, tries, row, "field"));
    }
    return true;
}

static bool read_tries(struct arena *arena, struct pg *pg, const char *sql, const char *const *args,
                       size_t n_args, struct catalog *cat, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql, args, n_args, err))
        return err_wrap(err, "reading the catalog");
    for (int i = 0; i < PQntuples(res); i++) {
        const char *why;

        if (!try_one(arena, pg, res, i, &why, err))
            return false;
        if (why)
            *ARENA_PUSH(arena, cat->findings, cat->n_findings) = (struct finding){
                .level = FINDING_REFUSE,
                .code = "expression",
                .message = arena_printf(arena, "%s: %s", pg_text(arena, res, i, "what"), why),
                .hint = pg_text(arena, res, i, "hint"),
                .field = pg_text(arena, res, i, "field"),
            };
    }
    return true;
}

/* --- all of it ---------------------------------------------------------------- */

/* What acts as the owner can; but who steps the plan looks for the table by its name. */
static void add_unusable(struct arena *arena, const PGresult *res, struct catalog *cat)
{
    const char *message = pg_text(arena, res, 0, "unusable");

    if (message)
        *ARENA_PUSH(arena, cat->findings, cat->n_findings) =
            (struct finding){ .level = FINDING_REFUSE,
                              .code = "schema-privilege",
                              .message = message,
                              .hint = pg_text(arena, res, 0, "hint") };
}

/* Made by somebody since the findings were asked for: before a run begins nothing is remembered. */
static void add_remembered(struct arena *arena, struct catalog *cat)
{
    const char *says = catalog_fact(cat, CATALOG_REMEMBERED);

    if (says && *says)
        *ARENA_PUSH(arena, cat->findings, cat->n_findings) = (struct finding){
            .level = FINDING_REFUSE,
            .code = "helper-exists",
            .message = arena_printf(arena, "%s bears a name that this run would use",
                                    catalog_fact(cat, "meter")),
            .hint = "Look who has made it just now, and drop it.",
        };
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
    add_unusable(arena, res, cat);
    cat->relid = (uint32_t)strtoul(args[0], NULL, 10);
    if (!read_findings(arena, pg, q->findings, args, n, cat, err))
        return false;
    if (q->tries && !read_tries(arena, pg, q->tries, args, n, cat, err))
        return false;
    for (size_t i = 0; i < cat->n_findings; i++)
        if (cat->findings[i].level == FINDING_REFUSE && !cat->findings[i].acceptable)
            return true; /* facts of what cannot be done may not even exist */
    cat->known = true;
    return read_facts(arena, pg, q->facts, args, n, cat, err) && (add_remembered(arena, cat), true);
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
                  PG_ARGS(relation, later, arena_printf(arena, "%u", known)), err)) {
        if (strcmp(err->sqlstate, "42501") == 0)
            err_hint(err, "Role %s has to be able to name %s: GRANT USAGE ON SCHEMA ... TO %s.",
                     pg->role, relation, pg->role);
        return false;
    }
    *relid = (uint32_t)pg_int(res, 0, "relid");
    return true;
}
