#include "prepare_own.h"

#include <inttypes.h>
#include <string.h>

#include "orchestrate/base/attr.h"
#include "orchestrate/base/json.h"
#include "orchestrate/base/text.h"
#include "own_fill.h"
#include "own_names.h"
#include "own_tries.h"
#include "sql_own.h" /* generated from src/sql/own */

/* What a step does with the rows of a table. */
enum use { USE_NONE, USE_CHANGE, USE_FILL, USE_READ, USE_OTHER };

/* A table that a step works on. */
struct wanted {
    struct parse_table table;
    const char *index; /* will be made on it, NULL: none */
    const struct own_phase *phase;
    size_t phase_n, step; /* from 1 */
    bool undo;            /* the statement is of how that step is undone */
    enum use use;
    const struct parse_statement *statement; /* NULL: a backfill */
};

struct looking {
    struct cli *cli;
    const struct own_look *look;
    const struct plan *plan;
    struct catalog *cat;
    struct wanted *wanted;
    size_t n_wanted;
    struct own_try *tries;
    size_t n_tries;
};

/* Whether the statement does something to the table that it is about. */
static bool works_on(const struct parse_statement *s)
{
    return s->target.name && s->kind != PARSE_QUERY && !s->if_exists &&
           !(s->lock && (strcmp(s->lock, "none") == 0 || strcmp(s->lock, "ACCESS SHARE") == 0));
}

static void want(struct looking *l, struct wanted wanted)
{
    *ARENA_PUSH(l->cli->arena, l->wanted, l->n_wanted) = wanted;
}

/* Statements that leave out rows which they do not see. */
static enum use use_of(const struct parse_statement *s)
{
    static const char *const tags[] = { "UPDATE", "DELETE", "MERGE" };

    for (size_t i = 0; i < ARRAY_LEN(tags); i++)
        if (strcmp(s->tag, tags[i]) == 0)
            return USE_CHANGE;
    return USE_NONE;
}

/* No table is meant, though the parser's tree has it where tables stand. */
static bool is_other(const struct parse_statement *s)
{
    static const char *const tags[] = { "ALTER INDEX", "REINDEX INDEX", "DROP INDEX",
                                        "ALTER TYPE" };

    for (size_t i = 0; i < ARRAY_LEN(tags); i++)
        if (strcmp(s->tag, tags[i]) == 0)
            return true;
    return false;
}

/* What is there of it decides whether the server will do that; that it is there does not. */
static void want_other(struct looking *l, const struct parse_statement *s, size_t phase,
                       size_t step)
{
    struct parse_table table = s->kind == PARSE_INDEX ? s->index.index : s->target;

    if (table.name)
        want(l, (struct wanted){ table, NULL, &l->plan->phases[phase], phase + 1, step, false,
                                 USE_OTHER, s });
}

/* Of an undo: indexes that it wants to be there. */
static void want_undo(struct looking *l, const struct own_sql *undo, size_t phase, size_t step)
{
    for (size_t i = 0; i < undo->n; i++) {
        const struct parse_statement *s = &undo->statements[i];

        if (s->kind == PARSE_INDEX && is_other(s)) {
            want_other(l, s, phase, step);
            l->wanted[l->n_wanted - 1].undo = true;
        }
    }
}

static void want_statement(struct looking *l, const struct parse_statement *s, size_t phase,
                           size_t step)
{
    bool all = text_starts(s->tag, "DROP") || text_starts(s->tag, "TRUNCATE");
    const char *index =
        s->kind == PARSE_INDEX && s->index.verb == INDEX_CREATE ? s->index.index.name : NULL;

    if (is_other(s)) {
        want_other(l, s, phase, step);
        return;
    }
    if (!works_on(s))
        return;
    for (size_t i = 0; i < (all ? s->n_tables : 1); i++)
        want(l, (struct wanted){ s->tables[i], index, &l->plan->phases[phase], phase + 1, step,
                                 false, i ? USE_NONE : use_of(s), s });
}

/* Whose rows decide.  It is for the server to say whether they are there. */
static void want_check(struct looking *l, const struct parse_statement *s, size_t phase,
                       size_t step)
{
    for (size_t i = 0; i < s->n_tables; i++)
        want(l, (struct wanted){ s->tables[i], NULL, &l->plan->phases[phase], phase + 1, step,
                                 false, USE_READ, s });
}

static void want_step(struct looking *l, const struct own_step *step, size_t phase, size_t k)
{
    if (step->kind == OWN_BACKFILL)
        want(l, (struct wanted){ { step->schema, step->table },
                                 NULL,
                                 &l->plan->phases[phase],
                                 phase + 1,
                                 k,
                                 false,
                                 USE_FILL,
                                 NULL });
    for (size_t s = 0; s < step->sql.n; s++)
        (step->kind == OWN_CHECK ? want_check : want_statement)(l, &step->sql.statements[s], phase,
                                                                k);
}

static void want_all(struct looking *l)
{
    for (size_t i = l->look->first; i < l->plan->n_phases; i++)
        for (size_t k = 0; k < l->plan->phases[i].n_steps; k++) {
            want_step(l, &l->plan->phases[i].steps[k], i, k + 1);
            want_undo(l, &l->plan->phases[i].steps[k].undo, i, k + 1);
        }
}

/* Made, or renamed so, by a statement of the plan. */
static bool is_made(const struct looking *l, const struct wanted *w)
{
    for (size_t i = 0; i < l->plan->n_phases; i++)
        for (size_t k = 0; k < l->plan->phases[i].n_steps; k++) {
            const struct own_sql *sql = &l->plan->phases[i].steps[k].sql;

            for (size_t s = 0; s < sql->n; s++)
                if (text_same(sql->statements[s].made.name, w->table.name))
                    return true;
        }
    return false;
}

static struct finding *add_finding(struct looking *l, const char *code, const char *message,
                                   const char *hint)
{
    struct finding *f = ARENA_PUSH(l->cli->arena, l->cat->findings, l->cat->n_findings);

    *f =
        (struct finding){ .level = FINDING_REFUSE, .code = code, .message = message, .hint = hint };
    return f;
}

/* The step may accept it by name. */
static void of_step(struct finding *f, const struct wanted *w)
{
    f->acceptable = true;
    f->phase = w->phase_n;
    f->step = w->step;
}

static void add_claim(struct looking *l, int relid, const char *relation)
{
    for (size_t i = 0; i < l->cat->n_facts; i++)
        if (strcmp(l->cat->facts[i].name, "claim") == 0 && l->cat->facts[i].item == relid)
            return;
    *ARENA_PUSH(l->cli->arena, l->cat->facts, l->cat->n_facts) =
        (struct fact_row){ "claim", relid, relation };
}

/* clang-format off */
static const struct {
    enum finding_level level;
    const char *does, *hint;
} uses[] = {
    [USE_NONE] = { FINDING_WARN, NULL, NULL },
    [USE_OTHER] = { FINDING_WARN, NULL, NULL },
    [USE_CHANGE] = { FINDING_WARN, "changes", "Those that it does not see stay as they are." },
    [USE_FILL] = { FINDING_REFUSE, "fills", NULL },
    [USE_READ] = { FINDING_REFUSE, "checks", NULL },
};
/* clang-format on */

static const char sees_all[] =
    "Give the phase a `role` that sees all of them: one with BYPASSRLS, or the owner where they "
    "are not hidden from him, too (ALTER TABLE ... NO FORCE ROW LEVEL SECURITY).";

static void judge_rows(struct looking *l, const struct wanted *w, const char *relation)
{
    const char *hint = uses[w->use].hint;
    struct finding *f = add_finding(
        l, "row-security",
        arena_printf(l->cli->arena,
                     "step %zu of %s %s %s as role %s, from whom row level security hides rows",
                     w->step, w->phase->name, uses[w->use].does, relation,
                     w->phase->role ? w->phase->role : l->cli->pg.role),
        hint ? arena_printf(l->cli->arena, "%s %s", hint, sees_all) : sees_all);

    of_step(f, w);
    f->level = uses[w->use].level;
}

/* "the undo of step 1 of expand" */
static const char *who(struct looking *l, const struct wanted *w)
{
    return arena_printf(l->cli->arena, "%sstep %zu of %s", w->undo ? "the undo of " : "", w->step,
                        w->phase->name);
}

/* is: what the name stands for, of: the table of that index, or NULL. */
static void judge_name(struct looking *l, const struct wanted *w, const char *is, const char *of)
{
    const struct own_step_at here = { w->phase_n, w->step };
    struct arena *arena = l->cli->arena;
    const char *message, *hint = "Choose another name for the index.";

    if (own_takes(l->plan, here, w->index) || own_takes(l->plan, here, of))
        return;
    message =
        arena_printf(arena, "%s makes an index %s, and the schema has something of that name: %s",
                     who(l, w), w->index, is);
    if (w->statement->index.if_not_exists)
        hint = "IF NOT EXISTS would build nothing, and an undo that drops the index would drop "
               "what is there. Leave the step out, or choose another name.";
    of_step(add_finding(l, "name-taken", message, hint), w);
}

/* clang-format off */
static const struct {
    bool alone;  /* CONCURRENTLY, or not */
    enum parse_index_verb verb; /* of those that are */
    const char *tag;            /* of those that are not begins so */
    int since;                  /* the first version that can; 0: none can */
    const char *says, *hint;
} partitions[] = {
    { true, INDEX_CREATE, NULL, 0, "builds an index CONCURRENTLY on",
      "Build it on each partition, by a step of its own; then in `sql`: CREATE INDEX ... ON ONLY the table, "
      "and ALTER INDEX ... ATTACH PARTITION for each." },
    { true, INDEX_DROP, NULL, 0, "drops CONCURRENTLY the index",
      "DROP INDEX in `sql` can, and locks the table and its partitions." },
    { true, INDEX_REINDEX, NULL, 140000, "rebuilds the index", "Rebuild that of each partition." },
    { true, INDEX_REINDEX_TABLE, NULL, 140000, "rebuilds the indexes of", "Rebuild those of each partition." },
    { false, 0, "REINDEX", 0, "rebuilds in a transaction",
      "Since Postgres 14 REINDEX ... CONCURRENTLY in `concurrently` can; else rebuild that of each partition." },
};
/* clang-format on */

/* What Postgres does to ordinary tables and their indexes only. */
static void judge_partitions(struct looking *l, const struct wanted *w, const char *relation)
{
    const struct parse_statement *s = w->statement;

    for (size_t i = 0; s && i < ARRAY_LEN(partitions); i++) {
        bool alone = s->kind == PARSE_INDEX;

        if (alone != partitions[i].alone || (alone && s->index.verb != partitions[i].verb) ||
            (!alone && !text_starts(s->tag, partitions[i].tag)) ||
            (partitions[i].since && l->cli->pg.version >= partitions[i].since))
            continue;
        of_step(
            add_finding(l, "partitioned",
                        arena_printf(l->cli->arena,
                                     "%s %s %s, which is partitioned: Postgres does not do that",
                                     who(l, w), partitions[i].says, relation),
                        partitions[i].hint),
            w);
    }
}

static const char as_sql[] =
    "Names are taken as SQL takes them: without quotes in small letters; without a schema as "
    "search_path finds them.";

/* What goes on without it: to drop it counts as done when it is not there. */
static void judge_index(struct looking *l, const struct wanted *w)
{
    const struct own_step_at before = { w->phase_n, w->undo ? SIZE_MAX : w->step };
    const struct parse_statement *s = w->statement;
    bool drops = s->index.verb == INDEX_DROP;
    struct arena *arena = l->cli->arena;
    const char *message;

    if (s->kind != PARSE_INDEX || s->index.if_exists ||
        own_may_make(l->plan, before, w->table.name))
        return;
    message = arena_printf(arena, "%s %s an index %s%s%s, which is not there", who(l, w),
                           drops ? "drops CONCURRENTLY" : "rebuilds",
                           w->table.schema ? w->table.schema : "", w->table.schema ? "." : "",
                           w->table.name);
    of_step(add_finding(l, "no-index", message,
                        drops ? arena_printf(arena,
                                             "%s For one that may be missing: DROP INDEX "
                                             "CONCURRENTLY IF EXISTS.",
                                             as_sql)
                              : as_sql),
            w);
}

static void judge_table(struct looking *l, const struct wanted *w, const PGresult *res, int row)
{
    struct arena *arena = l->cli->arena;
    const char *relation = pg_text(arena, res, row, "relation"), *message;

    if (relation)
        add_claim(l, (int)pg_int(res, row, "relid"), relation);
    else if (!is_made(l, w)) {
        message = arena_printf(arena, "step %zu of %s works on a table %s%s%s, which is not there",
                               w->step, w->phase->name, w->table.schema ? w->table.schema : "",
                               w->table.schema ? "." : "", w->table.name);
        of_step(add_finding(l, "no-table", message, as_sql), w);
    }
    if (relation && w->index && pg_bool(res, row, "index_taken"))
        judge_name(l, w, pg_text(arena, res, row, "index_is"),
                   pg_text(arena, res, row, "index_of"));
}

static bool judge(struct looking *l, const struct wanted *w, const PGresult *res, int row,
                  struct err *err)
{
    const char *relation = pg_text(l->cli->arena, res, row, "relation");

    if (w->use != USE_READ && w->use != USE_OTHER)
        judge_table(l, w, res, row);
    if (w->use == USE_OTHER && !relation)
        judge_index(l, w);
    if (w->use == USE_FILL && relation)
        *ARENA_PUSH(l->cli->arena, l->tries, l->n_tries) =
            (struct own_try){ { w->phase_n, w->step }, relation };
    if (uses[w->use].does && pg_bool(res, row, "hides"))
        judge_rows(l, w, relation);
    if (w->use != USE_READ && pg_bool(res, row, "partitioned"))
        judge_partitions(l, w, relation);
    return w->use != USE_FILL || !relation ||
           own_fill_look(l->cli, l->look, w->phase_n, w->step, relation, l->cat, err);
}

static const char *wanted_json(const struct looking *l)
{
    struct buf out = BUF_IN(l->cli->arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '[');
    for (size_t i = 0; i < l->n_wanted; i++) {
        json_open(&j, NULL, '{');
        json_text(&j, "schema", l->wanted[i].table.schema);
        json_text(&j, "name", l->wanted[i].table.name);
        json_text(&j, "index", l->wanted[i].index);
        json_text(&j, "role", l->wanted[i].phase->role);
        json_bool(&j, "fills", l->wanted[i].use == USE_FILL);
        json_bool(&j, "other", l->wanted[i].use == USE_OTHER);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    return buf_text(&out);
}

static bool look_at_tables(struct looking *l, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(&l->cli->pg, &res, sql_tables, PG_ARGS(wanted_json(l), l->look->search_path),
                  err))
        return err_wrap(err, "looking for the tables of the plan");
    for (int i = 0; i < PQntuples(res) && (size_t)i < l->n_wanted; i++)
        if (!judge(l, &l->wanted[i], res, i, err))
            return false;
    return true;
}

static bool look_at_role(struct looking *l, const struct own_phase *phase, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct arena *arena = l->cli->arena;

    if (!phase->role)
        return true;
    if (!pg_query(&l->cli->pg, &res, sql_role, PG_ARGS(phase->role), err))
        return err_wrap(err, "looking for role %s", phase->role);
    if (!pg_bool(res, 0, "known"))
        add_finding(l, "no-role",
                    arena_printf(arena, "phase %s runs as role %s, which does not exist",
                                 phase->name, phase->role),
                    "Names of roles are taken literally, case and all.");
    else if (!pg_bool(res, 0, "may"))
        add_finding(l, "role",
                    arena_printf(arena, "phase %s runs as role %s, and %s may not act as it",
                                 phase->name, phase->role, l->cli->pg.role),
                    arena_printf(arena, "GRANT %s TO %s%s.", pg_ident(arena, phase->role),
                                 pg_ident(arena, l->cli->pg.role),
                                 l->cli->pg.version >= 160000 ? " WITH SET TRUE" : ""));
    return true;
}

struct fact_row *own_run_fact(struct cli *cli, int64_t run)
{
    struct fact_row *facts = NULL;
    size_t n = 0;

    *ARENA_PUSH(cli->arena, facts, n) =
        (struct fact_row){ "run", 0, arena_printf(cli->arena, "%" PRId64, run) };
    return facts;
}

bool read_own_catalog(struct cli *cli, const struct own_look *look, struct catalog *cat,
                      struct err *err)
{
    const struct plan *plan = look->plan;
    struct looking l = { .cli = cli, .look = look, .plan = plan, .cat = cat };

    *cat = (struct catalog){ .known = true };
    cat->facts = own_run_fact(cli, look->run);
    cat->n_facts = 1;
    want_all(&l);
    if (!look_at_tables(&l, err))
        return false;
    for (size_t i = 0; i < l.n_tries; i++)
        if (!own_try(cli, look, &l.tries[i], cat, err))
            return false;
    for (size_t i = look->first; i < plan->n_phases; i++) {
        if (!look_at_role(&l, &plan->phases[i], err))
            return false;
        for (size_t k = 0; k < plan->phases[i].n_steps; k++)
            if (!own_try_verify(cli, look, (struct own_step_at){ i + 1, k + 1 }, cat, err))
                return false;
    }
    return true;
}
