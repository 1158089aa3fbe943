#include "own_tables.h"

#include <string.h>

#include "orchestrate/base/text.h"
#include "orchestrate/exec/exec.h"
#include "orchestrate/parse/parse.h"
#include "orchestrate/store/store.h"

static bool is_meant(const struct parse_table *named, const struct parse_table *table)
{
    return text_same(named->name, table->name) &&
           (!named->schema || text_same(named->schema, table->schema));
}

/* What became of the table by this statement; name NULL: it is gone. */
static void follow_statement(const struct parse_statement *s, struct parse_table *table)
{
    if (text_starts(s->tag, "DROP"))
        for (size_t i = 0; i < s->n_tables && table->name; i++)
            if (is_meant(&s->tables[i], table))
                table->name = NULL;
    if (!table->name || !text_starts(s->tag, "ALTER") || !s->made.name ||
        !is_meant(&s->target, table))
        return;
    table->name = s->made.name;
    if (s->made.schema)
        table->schema = s->made.schema;
}

/* done NULL: all of the phase is. */
static void follow_phase(const struct own_phase *phase, const bool *done, struct parse_table *table)
{
    for (size_t i = 0; i < phase->n_steps; i++)
        for (size_t k = 0; (!done || done[i]) && k < phase->steps[i].sql.n; k++)
            if (table->name)
                follow_statement(&phase->steps[i].sql.statements[k], table);
}

/* The server has quoted it where it has to be: the parser knows how. */
static bool read_name(struct arena *arena, const char *relation, struct parse_table *table,
                      struct err *err)
{
    struct parse_statement *s;
    struct parse_error error;
    size_t n;

    if (!parse_statements(arena, arena_printf(arena, "TABLE %s", relation), &s, &n, &error) ||
        n != 1 || !s->target.name)
        return err_set(err, ERR_BUG, "the name of a claimed table cannot be read: %s", relation);
    *table = s->target;
    return true;
}

/* In quotes where to_regclass() needs them; for people, too. */
static const char *quoted(struct arena *arena, const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
    bool is_plain = !name[strspn(name, plain)] && !(*name >= '0' && *name <= '9');

    return is_plain ? name : pg_ident(arena, name);
}

bool own_table_now(struct cli *cli, const struct plan *plan, const struct run *run,
                   const char *relation, const char **now, struct err *err)
{
    const char *last = exec_verified_phase(run);
    size_t n_done = last ? (size_t)program_phase(&run->program, last) + 1 : 0;
    bool under_way = run->phase_state == PHASE_RUNNING || run->phase_state == PHASE_FAILED;
    const struct phase *phase = &run->program.phases[run->phase];
    struct parse_table table;

    if (!read_name(cli->arena, relation, &table, err))
        return false;
    for (size_t i = 0; i < n_done && i < plan->n_phases; i++)
        follow_phase(&plan->phases[i], NULL, &table);
    if (under_way && (size_t)run->phase < plan->n_phases) {
        bool *done = arena_alloc(cli->arena, phase->n_steps + 1);

        if (!store_steps_done(&cli->pg, run, false, done, phase->n_steps, err))
            return false;
        follow_phase(&plan->phases[run->phase], done, &table);
    }
    *now = table.name ? arena_printf(cli->arena, "%s.%s", quoted(cli->arena, table.schema),
                                     quoted(cli->arena, table.name))
                      : NULL;
    return true;
}
