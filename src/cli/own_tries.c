#include "own_tries.h"

#include <string.h>

#include "orchestrate/base/json.h"
#include "orchestrate/base/text.h"
#include "sql_own.h" /* generated from src/sql/own */

struct trying {
    struct cli *cli;
    const struct own_look *look;
    const struct own_try *which;
    const struct own_phase *phase;
    const struct own_step *step;
    struct catalog *cat;
};

static const char no_column[] = "42703"; /* undefined_column */

static bool is_named(const struct trying *t, const char *expression, const char *table)
{
    struct parse_statement parsed;
    struct parse_error error;

    if (!expression || !parse_expression(t->cli->arena, expression, &parsed, &error))
        return false;
    for (size_t i = 0; i < parsed.n_tables; i++)
        if (text_same(parsed.tables[i].name, table))
            return true;
    return false;
}

/* The table of the backfill, or one that its expressions read. */
static bool is_of_it(const struct trying *t, const char *table)
{
    bool named = text_same(t->step->table, table) || is_named(t, t->step->where, table);

    for (size_t i = 0; !named && i < t->step->n_set; i++)
        named = is_named(t, t->step->set[i].expression, table);
    return named;
}

/* May it give one of the tables other columns, or another name?  Of some nobody can tell. */
static bool may_change(const struct trying *t, const struct parse_statement *s)
{
    if (s->kind == PARSE_INDEX)
        return false;
    if (s->destroys || !s->lock || is_of_it(t, s->made.name))
        return true;
    for (size_t i = 0; i < s->n_tables; i++)
        if (is_of_it(t, s->tables[i].name))
            return true;
    return false;
}

static bool is_changed_before(const struct trying *t)
{
    const struct own_step_at at = t->which->at;

    for (size_t i = 0; i < at.phase; i++)
        for (size_t k = 0; k < t->look->plan->phases[i].n_steps; k++) {
            const struct own_sql *sql = &t->look->plan->phases[i].steps[k].sql;

            if (i + 1 == at.phase && k + 1 == at.step)
                return false;
            for (size_t s = 0; s < sql->n; s++)
                if (may_change(t, &sql->statements[s]))
                    return true;
        }
    return false;
}

/*
 * As the step will be run, but that it only reads.  said->sqlstate "": the server takes it,
 * or it cannot be asked here.
 */
static bool ask(const struct trying *t, const char *condition, struct err *said, struct err *err)
{
    CLEANUP(pg_tx) struct pg_tx tx = { 0 };
    CLEANUP(pg_result) PGresult *res = NULL;
    struct arena *arena = t->cli->arena;
    struct pg *pg = &t->cli->pg;
    struct buf out = BUF_IN(arena);
    struct err ignored = { 0 };

    *said = (struct err){ 0 };
    buf_addf(&out,
             "SET TRANSACTION READ ONLY;\nSET LOCAL lock_timeout = '200ms';\n"
             "SELECT pg_catalog.set_config('search_path', %s, true);\n",
             pg_literal(arena, t->look->search_path));
    if (t->phase->role)
        buf_addf(&out, "SET LOCAL ROLE %s;\n", pg_ident(arena, t->phase->role));
    if (!pg_begin(pg, &tx, err))
        return false;
    if (pg_script(pg, buf_text(&out), NULL, NULL, &ignored))
        pg_query(pg, &res, condition, PG_NO_ARGS, said);
    return !pg_lost(pg) || (*err = *said->sqlstate ? *said : ignored, false);
}

/* says: behind "fills public.orders". */
static void add_finding(const struct trying *t, const char *code, const char *says,
                        const char *hint, struct src_pos at)
{
    struct arena *arena = t->cli->arena;
    struct finding *f = ARENA_PUSH(arena, t->cat->findings, t->cat->n_findings);

    *f = (struct finding){ .level = FINDING_REFUSE,
                           .code = code,
                           .message =
                               arena_printf(arena, "step %zu of %s fills %s%s", t->which->at.step,
                                            t->phase->name, t->which->relation, says),
                           .hint = hint,
                           .acceptable = true,
                           .phase = t->which->at.phase,
                           .step = t->which->at.step,
                           .at = at };
}

static void complain(const struct trying *t, const char *what, const char *said, struct src_pos at)
{
    add_finding(
        t, "no-column", arena_printf(t->cli->arena, ": %s: %s", what, said),
        "Names are taken as SQL takes them: without quotes in small letters; text stands in "
        "single quotes.",
        at);
}

/* What no expression can change: no table, a column that the server fills, no right. */
static bool look_at_target(const struct trying *t, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct arena *arena = t->cli->arena;
    struct buf columns = BUF_IN(arena);
    struct json j = { .out = &columns };

    json_open(&j, NULL, '[');
    for (size_t i = 0; i < t->step->n_set; i++)
        json_text(&j, NULL, t->step->set[i].column);
    json_close(&j, ']');
    if (!pg_query(&t->cli->pg, &res, sql_fillable,
                  PG_ARGS(t->which->relation, buf_text(&columns),
                          t->phase->role ? t->phase->role : t->cli->pg.role),
                  err))
        return err_wrap(err, "looking whether %s can be filled", t->which->relation);
    for (int i = 0; i < PQntuples(res); i++)
        add_finding(t, "cannot-fill", arena_printf(arena, ", %s", PQgetvalue(res, i, 0)),
                    pg_text(arena, res, i, "hint"), t->step->at);
    return true;
}

/* An expression, in brackets that a comment at its end cannot swallow. */
static bool try_expression(const struct trying *t, const char *what, const char *expression,
                           struct src_pos at, struct err *err)
{
    struct arena *arena = t->cli->arena;
    const char *before =
        arena_printf(arena, "EXPLAIN SELECT FROM %s WHERE ((\n", t->which->relation);
    const char *query = arena_printf(arena, "%s%s\n)) IS NULL", before, expression);
    struct err said;
    size_t offset;

    if (!ask(t, query, &said, err))
        return false;
    if (strcmp(said.sqlstate, no_column) != 0)
        return true;
    offset = text_offset(query, said.position);
    offset = offset > strlen(before) ? offset - strlen(before) : 0;
    complain(t,
             arena_printf(arena, "%s%s", what,
                          text_line_column(arena, expression, text_position(expression, offset))),
             arena_strdup(arena, said.text),
             plan_text_place(arena, t->look->plan, at, expression, offset));
    return true;
}

static bool try_column(const struct trying *t, const struct own_set *set, struct err *err)
{
    struct arena *arena = t->cli->arena;
    struct err said;

    if (!ask(t,
             arena_printf(arena, "EXPLAIN SELECT FROM %s WHERE %s IS NULL", t->which->relation,
                          pg_ident(arena, set->column)),
             &said, err))
        return false;
    if (strcmp(said.sqlstate, no_column) == 0)
        complain(t, "`set`", arena_strdup(arena, said.text), set->column_at);
    return true;
}

/* Without `where` the rows are found by comparing. */
static bool try_comparing(const struct trying *t, const struct own_set *set, struct err *err)
{
    static const char no_operator[] = "42883"; /* undefined_function */
    struct arena *arena = t->cli->arena;
    const char *column = pg_ident(arena, set->column);
    struct err said;

    if (!ask(t,
             arena_printf(arena, "EXPLAIN SELECT FROM %s WHERE %s IS DISTINCT FROM %s",
                          t->which->relation, column, column),
             &said, err))
        return false;
    if (strcmp(said.sqlstate, no_operator) == 0)
        add_finding(
            t, "cannot-fill",
            arena_printf(arena, ", whose column %s cannot be compared: %s", set->column, said.text),
            arena_printf(arena, "Say which rows need it, for instance `where: %s IS NULL`.",
                         set->column),
            set->column_at);
    return true;
}

bool own_try(struct cli *cli, const struct own_look *look, const struct own_try *which,
             struct catalog *cat, struct err *err)
{
    const struct own_phase *phase = &look->plan->phases[which->at.phase - 1];
    const struct own_step *step = &phase->steps[which->at.step - 1];
    const struct trying t = { cli, look, which, phase, step, cat };

    if (is_changed_before(&t))
        return true;
    if (!look_at_target(&t, err))
        return false;
    for (size_t i = 0; i < step->n_set; i++) {
        const struct own_set *set = &step->set[i];

        if (!try_column(&t, set, err) || (!step->where && !try_comparing(&t, set, err)) ||
            !try_expression(&t, arena_printf(cli->arena, "`set` of %s", set->column),
                            set->expression, set->at, err))
            return false;
    }
    return !step->where || try_expression(&t, "`where`", step->where, step->where_at, err);
}

/*
 * In a place where a query has to be a boolean.  Other errors say nothing: what it reads may be
 * made by a statement before it.
 */
bool own_try_verify(struct cli *cli, const struct own_look *look, struct own_step_at at,
                    struct catalog *cat, struct err *err)
{
    static const char wrong_type[] = "42804", wrong_width[] = "42601";
    const struct own_phase *phase = &look->plan->phases[at.phase - 1];
    const struct own_step *step = &phase->steps[at.step - 1];
    const struct trying t = { .cli = cli, .look = look, .phase = phase, .step = step, .cat = cat };
    struct finding *f;
    struct err said;

    if (!step->verify.n)
        return true;
    if (!ask(&t,
             arena_printf(cli->arena, "EXPLAIN SELECT (\n%s\n) IS TRUE",
                          step->verify.statements[0].text),
             &said, err))
        return false;
    if (strcmp(said.sqlstate, wrong_type) != 0 && strcmp(said.sqlstate, wrong_width) != 0)
        return true;
    f = ARENA_PUSH(cli->arena, cat->findings, cat->n_findings);
    *f = (struct finding){ .level = FINDING_REFUSE,
                           .code = "verify",
                           .message = arena_printf(cli->arena,
                                                   "`verify` of step %zu of %s does not return one "
                                                   "boolean: %s",
                                                   at.step, phase->name, said.text),
                           .hint = "It has to say whether the statement has happened, such as "
                                   "`SELECT EXISTS (...)`.",
                           .phase = at.phase,
                           .step = at.step,
                           .at = step->verify.at };
    return true;
}
