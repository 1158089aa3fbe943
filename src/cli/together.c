#include "together.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sql_cli.h" /* generated from src/sql/cli */

struct two {
    struct cli *cli;
    const struct plan *plan;
    struct catalog *cats;
    size_t first, second;
};

static void add(struct two *t, enum finding_level level, const char *code, const char *message,
                const char *hint)
{
    struct catalog *cat = &t->cats[t->second];

    *ARENA_PUSH(t->cli->arena, cat->findings, cat->n_findings) =
        (struct finding){ .level = level, .code = code, .message = message, .hint = hint };
}

static const char two_plans[] =
    "Write two plans, the second one with `after:` and the first one's name.";

/* What the change does to the name of its column: the row, or NULL when it has no column. */
static const struct name_spec *column_row(const struct two *t, size_t change)
{
    const struct operation *op = t->plan->changes[change].op;

    for (const struct name_spec *n = op->names; n && n->field; n++)
        if (n->phase && strcmp(n->field, op->fields[0].key) != 0)
            return n;
    return NULL;
}

static const char *oid_text(const struct two *t, size_t change)
{
    return arena_printf(t->cli->arena, "%" PRIu32, t->cats[change].relid);
}

/*
 * While a column has two names, an index that ON CONFLICT by the new name needs is
 * made for it; with two such columns there would have to be one for each pair of names.
 */
static bool check_indexes(struct two *t, const char *a, const char *b, struct err *err)
{
    const struct name_spec *rows[] = { column_row(t, t->first), column_row(t, t->second) };
    CLEANUP(pg_result) PGresult *res = NULL;
    const char *unique, *all;

    if (!rows[0] || !rows[1] || (!rows[0]->becomes && !rows[1]->becomes))
        return true;
    if (!pg_query(&t->cli->pg, &res, sql_together, PG_ARGS(oid_text(t, t->first), a, b), err))
        return err_wrap(err, "looking at changes %zu and %zu together", t->first + 1,
                        t->second + 1);
    unique = pg_text(t->cli->arena, res, 0, "of_unique");
    all = pg_text(t->cli->arena, res, 0, "of_all");
    if (rows[0]->becomes && rows[1]->becomes && all && !unique)
        add(t, FINDING_WARN, "changed-together-index",
            arena_printf(t->cli->arena,
                         "its column and that of change %zu are both in the index %s: from verify "
                         "to retire no index has both new names (after switch, both old ones)",
                         t->first + 1, all),
            "Where such queries must be fast, write two plans.");
    else if (all)
        add(t, FINDING_REFUSE, "changed-together",
            arena_printf(t->cli->arena,
                         "its column and that of change %zu are both in the index %s, which has to "
                         "serve all of their names at once",
                         t->first + 1, rows[0]->becomes && rows[1]->becomes ? unique : all),
            two_plans);
    return true;
}

static bool is_partner(const struct fact_row *fact, uint32_t relid)
{
    return strcmp(fact->name, "partner.relid") == 0 &&
           (!relid || strtoul(fact->value, NULL, 10) == relid);
}

/* Does the change take foreign keys off other tables? */
static bool has_partners(const struct catalog *cat)
{
    for (size_t i = 0; i < cat->n_facts; i++)
        if (is_partner(&cat->facts[i], 0))
            return true;
    return false;
}

/* What the change does to the name of its table: the row, or NULL. */
static const struct name_spec *table_row(const struct two *t, size_t change)
{
    const struct operation *op = t->plan->changes[change].op;

    for (const struct name_spec *n = op->names; n && n->field; n++)
        if (n->phase && strcmp(n->field, op->fields[0].key) == 0)
            return n;
    return NULL;
}

/*
 * Foreign keys are written down with the names of now, for the way there and back: a
 * table that is set aside behind them is called so for as long as they are needed.
 */
static void check_partner_table(struct two *t, size_t change, size_t other)
{
    const struct name_spec *row = table_row(t, other);
    bool order = row && !row->becomes;

    if (!row || (order && change < other))
        return;
    for (size_t i = 0; i < t->cats[change].n_facts; i++)
        if (is_partner(&t->cats[change].facts[i], t->cats[other].relid))
            add(t, FINDING_REFUSE, "changed-together",
                arena_printf(t->cli->arena,
                             "change %zu takes foreign keys off %s, and an undo puts them back, "
                             "both by the names of now; change %zu %s that table",
                             change + 1, t->plan->changes[other].args[0], other + 1,
                             order ? "sets aside" : "renames"),
                order ? "Put the change of the table that refers to the other one behind it."
                      : two_plans);
}

/* So it is with a column that is in one of the keys; others of the table have nothing to do with
 * them. */
static bool check_partner_column(struct two *t, size_t change, size_t other, struct err *err)
{
    const struct catalog *cat = &t->cats[other];
    const char *attnum = catalog_fact(cat, "attnum"), *keys;
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!column_row(t, other) || !attnum || !has_partners(&t->cats[change]))
        return true;
    if (!pg_query(&t->cli->pg, &res, sql_together_keys,
                  PG_ARGS(oid_text(t, other), attnum, oid_text(t, change)), err))
        return err_wrap(err, "looking at changes %zu and %zu together", change + 1, other + 1);
    keys = pg_text(t->cli->arena, res, 0, "keys");
    if (keys)
        add(t, FINDING_REFUSE, "changed-together",
            arena_printf(
                t->cli->arena,
                "change %zu takes the foreign key %s off, and an undo puts it back, by the "
                "names of now; change %zu %s a column of it",
                change + 1, keys, other + 1, column_row(t, other)->becomes ? "renames" : "drops"),
            two_plans);
    return true;
}

static bool check_partners(struct two *t, size_t change, size_t other, struct err *err)
{
    check_partner_table(t, change, other);
    return check_partner_column(t, change, other, err);
}

/* Where the one table is written with its schema and the other without, only the server knows. */
static void check_made(struct two *t)
{
    const char *names[] = { change_makes(&t->plan->changes[t->first]),
                            change_makes(&t->plan->changes[t->second]) };
    const char *schemas[] = { catalog_fact(&t->cats[t->first], "schema"),
                              catalog_fact(&t->cats[t->second], "schema") };

    if (names[0] && names[1] && strcmp(names[0], names[1]) == 0 && schemas[0] && schemas[1] &&
        strcmp(schemas[0], schemas[1]) == 0)
        add(t, FINDING_REFUSE, "made-twice",
            arena_printf(t->cli->arena, "change %zu uses the name %s in schema %s, too",
                         t->first + 1, names[0], schemas[0]),
            "Choose another name for one of them.");
}

static bool check_pair(struct two *t, struct err *err)
{
    const struct catalog *a = &t->cats[t->first], *b = &t->cats[t->second];
    const char *column_a = catalog_fact(a, "attnum"), *column_b = catalog_fact(b, "attnum");

    if (!a->relid || !b->relid)
        return true;
    check_made(t);
    if (!check_partners(t, t->first, t->second, err) ||
        !check_partners(t, t->second, t->first, err))
        return false;
    if (a->relid != b->relid)
        return true;
    if (!change_same_table(&t->plan->changes[t->first], &t->plan->changes[t->second])) {
        add(t, FINDING_REFUSE, "table-written-twice",
            arena_printf(t->cli->arena, "its table is that of change %zu, written in another way",
                         t->first + 1),
            "Write `table:` in the same way in both.");
        return true;
    }
    return !column_a || !column_b || check_indexes(t, column_a, column_b, err);
}

bool read_together(struct cli *cli, const struct plan *plan, struct catalog *cats, struct err *err)
{
    struct two t = { cli, plan, cats, 0, 0 };

    if (plan->n_changes < 2)
        return true;
    for (t.second = 1; t.second < plan->n_changes; t.second++)
        for (t.first = 0; t.first < t.second; t.first++)
            if (!check_pair(&t, err))
                return false;
    for (size_t c = 0; c < plan->n_changes; c++)
        for (size_t i = 0; i < cats[c].n_findings; i++) {
            struct finding *f = &cats[c].findings[i];

            f->message = arena_printf(cli->arena, "change %zu (%s): %s", c + 1,
                                      plan->changes[c].op->name, f->message);
        }
    return true;
}

int claim_of_change(const struct program *program, const struct change *change, size_t number)
{
    for (size_t i = 0; i < program->n_claims; i++) {
        const struct claim *c = &program->claims[i];

        if (c->shared || !c->relation || !strstr(c->relation, change->table))
            continue;
        for (size_t p = 0; p < program->n_phases; p++)
            for (size_t s = 0; s < program->phases[p].n_steps; s++) {
                const struct step *step = &program->phases[p].steps[s];

                if (step_change(step) == number && step->relation &&
                    (strcmp(step->relation, c->relation) == 0 ||
                     (c->later && strcmp(step->relation, c->later) == 0)))
                    return (int)i;
            }
    }
    return -1;
}
