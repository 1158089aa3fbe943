#include "own_fill.h"

#include "orchestrate/backfill/around.h"
#include "orchestrate/backfill/backfill.h"
#include "orchestrate/base/json.h"

struct filling {
    struct cli *cli;
    const struct own_phase *phase;
    const struct own_step *step;
    size_t phase_n, step_n;
    const char *relation;
    struct catalog *cat;
};

static struct finding *add_finding(struct filling *f, const char *code, const char *message,
                                   const char *hint)
{
    struct finding *finding = ARENA_PUSH(f->cli->arena, f->cat->findings, f->cat->n_findings);

    *finding = (struct finding){ .level = FINDING_REFUSE,
                                 .code = code,
                                 .message = arena_printf(f->cli->arena, "step %zu of %s %s",
                                                         f->step_n, f->phase->name, message),
                                 .hint = hint,
                                 .phase = f->phase_n,
                                 .step = f->step_n };
    return finding;
}

static const char *columns_json(const struct filling *f)
{
    struct buf out = BUF_IN(f->cli->arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '[');
    for (size_t i = 0; i < f->step->n_set; i++)
        json_text(&j, NULL, f->step->set[i].column);
    json_close(&j, ']');
    return buf_text(&out);
}

/* Spec: users' own triggers must not fire on a backfill, or the plan asks for it. */
static bool look_around(struct filling *f, struct err *err)
{
    struct arena *arena = f->cli->arena;
    struct backfill_around around;

    if (!backfill_look_around(arena, &f->cli->pg, f->relation, columns_json(f), &around, err))
        return false;
    if (around.rules)
        add_finding(f, "backfill-rule",
                    arena_printf(arena,
                                 "fills %s, which has a rule on UPDATE, by which something else "
                                 "may be done: %s",
                                 f->relation, around.rules),
                    "Disable it in a step before it, and accept this there: ALTER TABLE ... "
                    "DISABLE RULE ...; the backfill itself looks, too.")
            ->acceptable = true;
    if (around.triggers)
        add_finding(f, BACKFILL_FIRES,
                    arena_printf(arena, "fills %s, and would fire its triggers: %s", f->relation,
                                 around.triggers),
                    arena_printf(arena,
                                 "%s They may be disabled in a step before it, or tell a backfill "
                                 "by current_setting('orchestrate.backfill', true).",
                                 around.why))
            ->acceptable = true;
    return true;
}

/*
 * A column that is not there yet is no reason to say anything, nor is a table that somebody
 * has locked: the backfill looks, too.
 */
static bool look_at_values(struct filling *f, const char *search_path, struct err *err)
{
    struct arena *arena = f->cli->arena;
    struct err said = { 0 };
    bool yes;

    for (size_t i = 0; !f->step->where && i < f->step->n_set; i++) {
        const struct own_set *set = &f->step->set[i];

        if (!backfill_is_volatile(arena, &f->cli->pg, f->phase->role, search_path, f->relation,
                                  set->expression, &yes, &said))
            return sqlstate_may_retry(said.sqlstate) || (*err = said, false);
        if (yes)
            add_finding(f, "backfill-volatile",
                        arena_printf(arena,
                                     "sets %s to another value of the same row each time, so "
                                     "nothing tells which rows are done",
                                     set->column),
                        arena_printf(arena, BACKFILL_VOLATILE_HINT, set->column));
    }
    return true;
}

bool own_fill_look(struct cli *cli, const struct own_look *look, size_t phase, size_t step,
                   const char *relation, struct catalog *cat, struct err *err)
{
    const struct own_phase *from = &look->plan->phases[phase - 1];
    struct filling f = { cli, from, &from->steps[step - 1], phase, step, relation, cat };

    return look_around(&f, err) && look_at_values(&f, look->search_path, err);
}
