#include "own_names.h"

#include "orchestrate/base/text.h"

static bool is_in(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (text_same(names[i], name))
            return true;
    return false;
}

typedef bool statement_test(const struct parse_statement *s, const char *name);

static bool may_make(const struct parse_statement *s, const char *name)
{
    return s->makes_up || is_in(s->gives, s->n_gives, name);
}

static bool takes(const struct parse_statement *s, const char *name)
{
    return is_in(s->takes, s->n_takes, name);
}

static bool any(const struct plan *plan, struct own_step_at before, statement_test *test,
                const char *name)
{
    for (size_t i = 0; i < plan->n_phases && i < before.phase; i++)
        for (size_t k = 0; k < plan->phases[i].n_steps; k++) {
            const struct own_sql *sql = &plan->phases[i].steps[k].sql;

            if (i + 1 == before.phase && k + 1 >= before.step)
                return false;
            for (size_t s = 0; s < sql->n; s++)
                if (test(&sql->statements[s], name))
                    return true;
        }
    return false;
}

bool own_may_make(const struct plan *plan, struct own_step_at before, const char *index)
{
    return any(plan, before, may_make, index);
}

bool own_takes(const struct plan *plan, struct own_step_at before, const char *name)
{
    return name && any(plan, before, takes, name);
}
