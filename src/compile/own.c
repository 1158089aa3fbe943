#include "own.h"

#include <string.h>

#include "orchestrate/base/json.h"
#include "orchestrate/base/text.h"

enum { MOST_NAMED = 3 }; /* statements that a title names */

struct own_work {
    struct arena *arena;
    const struct catalog *cat;
    const struct plan *plan;
    const struct own_phase *from;
    struct phase *phase;
    size_t number; /* of the phase, from 1 */
    struct err *err;
};

/* --- small parts ------------------------------------------------------------------ */

static void add_quoted(struct buf *out, const char *name)
{
    buf_add(out, "\"");
    for (; *name; name++)
        buf_addf(out, *name == '"' ? "\"%c" : "%c", *name);
    buf_add(out, "\"");
}

const char *own_relation(struct arena *arena, const char *schema, const char *name)
{
    struct buf out = BUF_IN(arena);

    if (schema) {
        add_quoted(&out, schema);
        buf_add(&out, ".");
    }
    add_quoted(&out, name ? name : "");
    return buf_text(&out);
}

/* "ALTER TABLE public.orders" */
static const char *summary(struct arena *arena, const struct parse_statement *s)
{
    if (!s->target.name)
        return s->tag;
    return arena_printf(arena, "%s %s%s%s", s->tag, s->target.schema ? s->target.schema : "",
                        s->target.schema ? "." : "", s->target.name);
}

static const char *title_of(struct arena *arena, const struct parse_statement *s, size_t n)
{
    struct buf out = BUF_IN(arena);
    bool known = true;

    for (size_t i = 0; i < n && i < MOST_NAMED; i++)
        buf_addf(&out, "%s%s", i ? "; " : "", summary(arena, &s[i]));
    if (n > MOST_NAMED)
        buf_addf(&out, "; and %zu more", n - MOST_NAMED);
    for (size_t i = 0; i < n; i++)
        known = known && s[i].lock;
    if (!known)
        buf_add(&out, " (what it locks cannot be told beforehand)");
    return buf_text(&out);
}

static enum lock_mode lock_mode_of(const struct parse_statement *s)
{
    enum lock_mode mode = LOCK_NONE;

    return s->lock && lock_mode_parse(s->lock, &mode) ? mode : LOCK_NONE;
}

/* A strong lock for as long as nobody knows, or rows that stay locked until the end. */
static enum risk risk_of(const struct parse_statement *s)
{
    enum lock_mode lock = lock_mode_of(s);

    if (!s->lock || (lock_mode_is_strong(lock) && !s->quick))
        return RISK_MEDIUM;
    return lock == LOCK_ROW_EXCLUSIVE ? RISK_MEDIUM : RISK_LOW;
}

/* Of several statements that which locks most decides. */
static void weigh(struct own_work *w, const struct parse_statement *s, size_t n, struct step *step)
{
    for (size_t i = 0; i < n; i++) {
        enum lock_mode lock = lock_mode_of(&s[i]);

        if (lock > step->lock) {
            step->lock = lock;
            step->relation = s[i].target.name
                                 ? own_relation(w->arena, s[i].target.schema, s[i].target.name)
                                 : NULL;
        }
        if (risk_of(&s[i]) > step->risk)
            step->risk = risk_of(&s[i]);
    }
}

/* --- steps ------------------------------------------------------------------------ */

static struct step new_step(const struct own_work *w, enum step_kind kind)
{
    return (struct step){ .kind = kind, .custom = true, .role = w->from->role };
}

static const char *json_of(struct arena *arena, const char *const *texts, size_t n)
{
    struct buf out = BUF_IN(arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '[');
    for (size_t i = 0; i < n; i++)
        json_text(&j, NULL, texts[i]);
    json_close(&j, ']');
    return buf_text(&out);
}

/* As they are sent, each in a message of its own; and together, for people. */
static struct step sql_step(struct own_work *w, const struct parse_statement *s, size_t n)
{
    struct buf sql = BUF_IN(w->arena);
    struct step step = new_step(w, STEP_SQL);
    const char **texts = NULL;

    for (size_t i = 0, k = 0; i < n; i++) {
        *ARENA_PUSH(w->arena, texts, k) = s[i].text;
        buf_addf(&sql, "%s%s", i ? ";\n" : "", s[i].text);
    }
    step.parts = json_of(w->arena, texts, n);
    step.sql = buf_text(&sql);
    step.title = title_of(w->arena, s, n);
    weigh(w, s, n, &step);
    return step;
}

static bool alone_step(struct own_work *w, const struct own_step *from, const char *place,
                       struct step *step)
{
    const struct parse_statement *s = from->sql.statements;

    *step = new_step(w, STEP_ALONE);
    step->parts = json_of(w->arena, (const char *const[]){ s->text }, 1);
    weigh(w, s, 1, step);
    if (s->kind == PARSE_INDEX)
        return own_index_step(w->arena, w->cat, s, place, step, w->err);
    step->sql = s->text;
    step->done = from->verify.statements[0].text;
    step->title = title_of(w->arena, s, 1);
    return true;
}

/* In brackets that a comment at its end cannot swallow. */
static const char *bracketed(struct arena *arena, const char *expression)
{
    return arena_printf(arena, "(%s%s)", expression, strstr(expression, "--") ? "\n" : "");
}

/* What may be found only when the step runs. */
static void add_accepts(struct arena *arena, const char ***texts, size_t *n,
                        const struct plan_accept *accepts, size_t n_accepts)
{
    for (size_t i = 0; i < n_accepts; i++)
        if (text_starts(accepts[i].rule, "backfill-")) {
            *ARENA_PUSH(arena, *texts, *n) = "`accept`";
            *ARENA_PUSH(arena, *texts, *n) = accepts[i].rule;
        }
}

/* What an error of the server is told by, see backfill/backfill.h. */
static const char *words_of(struct own_work *w, const struct own_step *from)
{
    struct arena *arena = w->arena;
    const char **texts = NULL;
    size_t n = 0;

    for (size_t i = 0; i < from->n_set; i++) {
        *ARENA_PUSH(arena, texts, n) = arena_printf(arena, "`set` of %s", from->set[i].column);
        *ARENA_PUSH(arena, texts, n) = from->set[i].expression;
    }
    if (from->where) {
        *ARENA_PUSH(arena, texts, n) = "`where`";
        *ARENA_PUSH(arena, texts, n) = from->where;
    }
    add_accepts(arena, &texts, &n, from->accepts, from->n_accepts);
    add_accepts(arena, &texts, &n, w->plan->accepts, w->plan->n_accepts);
    return json_of(arena, texts, n);
}

static struct step backfill_step(struct own_work *w, const struct own_step *from)
{
    struct step step = new_step(w, STEP_BACKFILL);
    struct buf set = BUF_IN(w->arena), guard = BUF_IN(w->arena), names = BUF_IN(w->arena);

    for (size_t i = 0; i < from->n_set; i++) {
        const struct own_set *s = &from->set[i];

        add_quoted(&set, s->column);
        buf_addf(&set, " = %s", bracketed(w->arena, s->expression));
        add_quoted(&guard, s->column);
        buf_addf(&guard, " IS DISTINCT FROM %s", bracketed(w->arena, s->expression));
        if (i + 1 < from->n_set) {
            buf_add(&set, ", ");
            buf_add(&guard, " OR ");
        }
        buf_addf(&names, "%s%s", i ? ", " : "", s->column);
    }
    step.parts = words_of(w, from);
    step.sql = buf_text(&set);
    step.guard = from->where ? bracketed(w->arena, from->where)
                             : arena_printf(w->arena, "(%s)", buf_text(&guard));
    step.relation = own_relation(w->arena, from->schema, from->table);
    step.title =
        arena_printf(w->arena, "fill %s of %s%s%s", buf_text(&names),
                     from->schema ? from->schema : "", from->schema ? "." : "", from->table);
    step.lock = LOCK_ROW_EXCLUSIVE;
    return step;
}

static struct step check_step(struct own_work *w, const struct own_step *from)
{
    struct step step = new_step(w, STEP_CHECK);

    step.sql = from->sql.statements[0].text;
    step.title = arena_printf(w->arena, "check that this returns no row: %s",
                              summary(w->arena, from->sql.statements));
    return step;
}

static bool make_step(struct own_work *w, const struct own_step *from, const char *place,
                      struct step *step)
{
    switch (from->kind) {
    case OWN_SQL:
        *step = sql_step(w, from->sql.statements, from->sql.n);
        return true;
    case OWN_CONCURRENTLY:
        return alone_step(w, from, place, step);
    case OWN_BACKFILL:
        *step = backfill_step(w, from);
        return true;
    default:
        *step = check_step(w, from);
        return true;
    }
}

/* --- undo ------------------------------------------------------------------------- */

static struct step *add_undo(struct own_work *w, const char *forward, size_t *ordinal,
                             struct step step)
{
    struct step *added = ARENA_PUSH(w->arena, w->phase->undo_steps, w->phase->n_undo_steps);

    *added = step;
    added->id = arena_printf(w->arena, "%s/undo/%zu", forward, ++*ordinal);
    return added;
}

/* What may share a transaction does; each index goes alone. */
static bool undo_statements(struct own_work *w, const struct own_sql *sql, const char *forward,
                            const char *place, size_t *ordinal)
{
    for (size_t i = 0, n; i < sql->n; i += n) {
        const struct parse_statement *s = &sql->statements[i];
        struct step step;

        n = 1;
        if (s->kind == PARSE_INDEX) {
            step = new_step(w, STEP_ALONE);
            step.parts = json_of(w->arena, (const char *const[]){ s->text }, 1);
            weigh(w, s, 1, &step);
            if (!own_index_step(w->arena, w->cat, s,
                                arena_printf(w->arena, "%s_u%zu", place, i + 1), &step, w->err))
                return false;
        } else {
            while (i + n < sql->n && s[n].kind != PARSE_INDEX)
                n++;
            step = sql_step(w, s, n);
            for (size_t k = 0; k < n; k++)
                step.loses |= s[k].destroys;
        }
        add_undo(w, forward, ordinal, step);
    }
    return true;
}

/*
 * An index that was not finished bears another name than the one that `undo` drops; one that
 * was not dropped in whole bears the one that `undo` builds, so it goes before.
 */
static bool undo_leftovers(struct own_work *w, const struct own_step *from, const char *forward,
                           const char *place, size_t *ordinal)
{
    struct step step = new_step(w, STEP_ALONE);

    if (from->kind != OWN_CONCURRENTLY)
        return true;
    if (!own_index_leftovers(w->arena, w->cat, from->sql.statements, place, &step.next, w->err))
        return false;
    if (!step.next)
        return true;
    step.title = "drop what unfinished attempts have left behind";
    step.lock = LOCK_SHARE_UPDATE_EXCLUSIVE;
    add_undo(w, forward, ordinal, step);
    return true;
}

static bool drops_index(const struct own_step *step)
{
    const struct parse_statement *s = step->sql.statements;

    return step->kind == OWN_CONCURRENTLY && s->kind == PARSE_INDEX && s->index.verb == INDEX_DROP;
}

static bool make_undo(struct own_work *w, size_t index)
{
    const struct own_step *from = &w->from->steps[index];
    const char *forward = w->phase->steps[index].id,
               *place = arena_printf(w->arena, "%zu_%zu", w->number, index + 1);
    bool first = drops_index(from);
    size_t ordinal = 0;

    return (!first || undo_leftovers(w, from, forward, place, &ordinal)) &&
           (from->undoes != OWN_UNDO_SQL ||
            undo_statements(w, &from->undo, forward, place, &ordinal)) &&
           (first || undo_leftovers(w, from, forward, place, &ordinal));
}

/* What the steps say about the way back, as one word for the phase. */
static enum undo_kind undo_kind_of(const struct own_phase *phase)
{
    enum undo_kind kind = UNDO_INSTANT;

    for (size_t i = 0; i < phase->n_steps; i++) {
        const struct own_step *step = &phase->steps[i];

        if (step->undoes == OWN_UNDO_NEVER)
            return UNDO_NEVER;
        for (size_t k = 0; k < step->undo.n; k++)
            if (step->undo.statements[k].destroys)
                kind = UNDO_LOSSY;
    }
    return kind;
}

/* So many of its steps are undone when nothing behind them has happened. */
static size_t undoable(const struct own_phase *phase)
{
    for (size_t i = 0; i < phase->n_steps; i++)
        if (phase->steps[i].undoes == OWN_UNDO_NEVER)
            return i + 1;
    return phase->n_steps;
}

/* --- phases ----------------------------------------------------------------------- */

static bool make_phase(struct own_work *w)
{
    const struct own_phase *from = w->from;
    struct phase *phase = w->phase;

    *phase = (struct phase){ .name = from->name,
                             .note = from->note,
                             .deploy_before = from->deploy_before,
                             .undo = undo_kind_of(from) };
    for (size_t i = 0; i < from->n_steps; i++) {
        struct step *step = ARENA_PUSH(w->arena, phase->steps, phase->n_steps);
        const char *id = arena_printf(w->arena, "%s/1/%zu", phase->name, i + 1);

        if (!make_step(w, &from->steps[i], arena_printf(w->arena, "%zu_%zu", w->number, i + 1),
                       step))
            return err_wrap(w->err, "step %s", id);
        step->id = id;
        step->loses = from->steps[i].undoes == OWN_UNDO_NEVER;
    }
    for (size_t i = undoable(from); i > 0; i--)
        if (!make_undo(w, i - 1))
            return err_wrap(w->err, "undo of step %s", phase->steps[i - 1].id);
    return true;
}

/* The tables that were found when the database was looked at: facts "claim.relid",
 * "claim.relation". */
static void make_claims(struct arena *arena, const struct catalog *cat, struct program *program)
{
    for (size_t i = 0; i < cat->n_facts; i++) {
        struct claim *claim;

        if (strcmp(cat->facts[i].name, "claim") != 0)
            continue;
        claim = ARENA_PUSH(arena, program->claims, program->n_claims);
        *claim = (struct claim){ .relid = (uint32_t)cat->facts[i].item,
                                 .relation = cat->facts[i].value };
    }
}

bool own_program(struct arena *arena, const struct plan *plan, const struct catalog *cat,
                 struct program *program, struct err *err)
{
    for (size_t i = 0; i < plan->n_phases; i++) {
        struct own_work w = { .arena = arena,
                              .cat = cat,
                              .plan = plan,
                              .from = &plan->phases[i],
                              .phase = ARENA_PUSH(arena, program->phases, program->n_phases),
                              .number = i + 1,
                              .err = err };

        if (!make_phase(&w))
            return false;
    }
    make_claims(arena, cat, program);
    return true;
}
