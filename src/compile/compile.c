#include "orchestrate/compile/compile.h"

#include <stdlib.h>
#include <string.h>

#include "gates.h"
#include "merge.h"
#include "orchestrate/base/buf.h"
#include "orchestrate/sql/template.h"
#include "own.h"

struct work {
    struct arena *arena;
    const struct plan *plan;
    const struct change *change;
    const struct catalog *cat;
    size_t number; /* of the change, from 1 */
    struct vars vars;
    struct err *err;
};

/* NULL stays NULL. */
static bool render(struct work *w, const char *text, const char **out)
{
    *out = NULL;
    return !text || template_render(w->arena, text, &w->vars, out, w->err);
}

/* The variables that are templates; those named "item_..." are made for each item of a list. */
static bool derive(struct work *w, bool of_item)
{
    for (const struct derived *d = w->change->op->derived; d && d->name; d++) {
        const char *text;

        if ((strncmp(d->name, "item_", strlen("item_")) == 0) != of_item)
            continue;
        if (!render(w, d->text, &text))
            return err_wrap(w->err, "%s", d->name);
        vars_add(w->arena, &w->vars, d->name, text);
    }
    return true;
}

static bool make_vars(struct work *w)
{
    const struct operation *op = w->change->op;

    w->vars = (struct vars){ .missing_ok = !w->cat->known };
    vars_add(w->arena, &w->vars, "plan", w->plan->name);
    vars_add(w->arena, &w->vars, "comment",
             arena_printf(w->arena, "orchestrate plan %s", w->plan->name));
    if (w->change->schema)
        vars_add(w->arena, &w->vars, "schema", w->change->schema);
    for (size_t i = 0; op->fields[i].key; i++)
        if (op->fields[i].kind != FIELD_TABLE)
            vars_add(w->arena, &w->vars, op->fields[i].key,
                     w->change->args[i] ? w->change->args[i] : "");
    vars_add(w->arena, &w->vars, "table", w->change->table);
    for (size_t i = 0; i < w->cat->n_facts; i++)
        if (w->cat->facts[i].item == 0)
            vars_add(w->arena, &w->vars, w->cat->facts[i].name, w->cat->facts[i].value);
    if (!w->cat->known && !vars_find(&w->vars, "rel"))
        vars_add(w->arena, &w->vars, "rel",
                 arena_printf(w->arena, "%s%s\"%s\"", w->change->schema ? w->change->schema : "",
                              w->change->schema ? "." : "", w->change->table));
    return derive(w, false);
}

/* Whether a variable has a value; "!name" asks for the opposite. */
static bool holds(const struct work *w, const char *when)
{
    bool negated = when && *when == '!';
    const char *value = when ? vars_find(&w->vars, when + negated) : NULL;

    return !when || (value && *value) != negated;
}

static int list_length(const struct work *w, const char *list)
{
    int most = 0;
    size_t n = strlen(list);

    for (size_t i = 0; i < w->cat->n_facts; i++) {
        const struct fact_row *f = &w->cat->facts[i];

        if (f->item > most && strncmp(f->name, list, n) == 0 && f->name[n] == '.')
            most = f->item;
    }
    return most;
}

/* The facts of one item as "list.name"; as "list_name" and "item_name" for psql. */
static bool push_item(struct work *w, const char *list, int item)
{
    size_t n = strlen(list);

    for (size_t i = 0; i < w->cat->n_facts; i++) {
        const struct fact_row *f = &w->cat->facts[i];

        if (f->item != item || strncmp(f->name, list, n) != 0 || f->name[n] != '.')
            continue;
        vars_add(w->arena, &w->vars, f->name, f->value);
        vars_add(w->arena, &w->vars, arena_printf(w->arena, "%s_%s", list, f->name + n + 1),
                 f->value);
        vars_add(w->arena, &w->vars, arena_printf(w->arena, "item_%s", f->name + n + 1), f->value);
    }
    return derive(w, true);
}

static bool make_step(struct work *w, const struct step_spec *spec, const char *id,
                      struct step *step)
{
    const char *role;

    *step = (struct step){
        .id = id, .kind = spec->kind, .lock = spec->lock, .moment = spec->moment, .risk = spec->risk
    };
    if (!render(w, spec->role ? spec->role : vars_find(&w->vars, "owner") ? ":owner" : NULL, &role))
        return false;
    step->role = role && *role ? role : NULL;
    return render(w, spec->relation ? spec->relation : ":rel", &step->relation) &&
           render(w, spec->title, &step->title) && render(w, spec->prepare, &step->prepare) &&
           render(w, spec->next, &step->next) && render(w, spec->sql, &step->sql) &&
           render(w, spec->done, &step->done) && render(w, spec->publish, &step->publish) &&
           render(w, spec->leftovers, &step->leftovers) && render(w, spec->guard, &step->guard);
}

/* Which items a spec makes steps of: [1, *items] for a list, [0, 0] without one. */
static void item_range(const struct work *w, const struct step_spec *spec, int *first, int *last)
{
    *first = spec->each ? 1 : 0;
    *last = spec->each ? list_length(w, spec->each) : 0;
}

static bool add_undo(struct work *w, const struct step_spec *spec, const char *forward, int item,
                     size_t ordinal, struct phase *phase)
{
    size_t kept = w->vars.n;
    const char *id = arena_printf(w->arena, "%s/undo/%zu", forward, ordinal);
    struct step *step = ARENA_PUSH(w->arena, phase->undo_steps, phase->n_undo_steps);
    bool ok;

    ok = (!spec->each || push_item(w, spec->each, item)) && make_step(w, spec, id, step);
    w->vars.n = kept;
    return ok || err_wrap(w->err, "step %s", id);
}

struct forward { /* a step that was made, so that its undo can be */
    const struct step_spec *spec;
    const char *id;
    int item;
};

/* What was done last is undone first; the undo steps of one step keep their order. */
static bool make_undo(struct work *w, const struct forward *forwards, size_t n, struct phase *phase)
{
    for (size_t i = n; i > 0; i--) {
        const struct forward *f = &forwards[i - 1];
        size_t ordinal = 1;

        for (const struct step_spec *s = f->spec + 1; s->phase && s->undo; s++)
            if (holds(w, s->when) && !add_undo(w, s, f->id, f->item, ordinal++, phase))
                return false;
    }
    return true;
}

static bool make_steps(struct work *w, struct phase *phase)
{
    struct forward *forwards = NULL;
    size_t n = 0;
    int first, last;

    for (const struct step_spec *s = w->change->op->steps; s->phase; s++) {
        if (s->undo || strcmp(s->phase, phase->name) != 0 || !holds(w, s->when))
            continue;
        item_range(w, s, &first, &last);
        for (int item = first; item <= last; item++) {
            size_t kept = w->vars.n;
            struct forward *f = ARENA_PUSH(w->arena, forwards, n);
            struct step *step = ARENA_PUSH(w->arena, phase->steps, phase->n_steps);

            *f = (struct forward){ .spec = s, .item = item };
            f->id = arena_printf(w->arena, "%s/%zu/%zu", phase->name, w->number, phase->n_steps);
            if ((s->each && !push_item(w, s->each, item)) || !make_step(w, s, f->id, step))
                return err_wrap(w->err, "step %s", f->id);
            w->vars.n = kept;
        }
    }
    return make_undo(w, forwards, n, phase);
}

static void add_gate(struct work *w, struct phase *phase, struct gate gate)
{
    *ARENA_PUSH(w->arena, phase->gates, phase->n_gates) = gate;
}

static bool operation_gates(struct work *w, struct phase *phase)
{
    for (const struct gate_spec *g = w->change->op->gates; g && g->phase; g++) {
        const char *sql;

        if (strcmp(g->phase, phase->name) != 0 || !holds(w, g->when))
            continue;
        if (!render(w, g->sql, &sql))
            return err_wrap(w->err, "gate %s of %s", g->name, phase->name);
        add_gate(w, phase,
                 (struct gate){ .name = g->name,
                                .sql = sql,
                                .always = true,
                                .overridable = g->overridable,
                                .check = g->check,
                                .change = (int)w->number });
    }
    return true;
}

static bool as_owner(struct work *w, const char **statements)
{
    const char *set;

    if (!render(w, "SET LOCAL ROLE :\"owner\";\n", &set))
        return false;
    *statements = arena_printf(w->arena, "%s%s", set, *statements);
    return true;
}

static bool make_rebind(struct work *w, struct phase *phase)
{
    for (const struct rebind_spec *r = w->change->op->rebinds; r && r->phase; r++)
        if (strcmp(r->phase, phase->name) == 0) {
            struct rebind *rebind = ARENA_PUSH(w->arena, phase->rebinds, phase->n_rebinds);

            rebind->change = w->number;
            if (!render(w, r->sql, &rebind->sql))
                return err_wrap(w->err, "what %s makes anew", phase->name);
            return !vars_find(&w->vars, "owner") || as_owner(w, &rebind->sql);
        }
    return true;
}

static bool make_promises(struct work *w, struct phase *phase)
{
    for (const struct promise_spec *p = w->change->op->promises; p && p->phase; p++) {
        struct promise promise;

        if (strcmp(p->phase, phase->name) != 0 || !holds(w, p->when))
            continue;
        if (!render(w, p->title, &promise.title) || !render(w, p->sql, &promise.sql))
            return err_wrap(w->err, "promise of %s", phase->name);
        *ARENA_PUSH(w->arena, phase->promises, phase->n_promises) = promise;
    }
    return true;
}

static bool make_phase(struct work *w, const struct phase_spec *spec, struct phase *phase)
{
    *phase = (struct phase){ .name = spec->name,
                             .deploy_before = spec->deploy_before,
                             .undo = spec->undo,
                             .undo_until = spec->undo_until,
                             .undo_with_previous = spec->undo_with_previous };
    if (!render(w, spec->note, &phase->note) || !make_steps(w, phase))
        return false;
    return operation_gates(w, phase) && make_promises(w, phase) && make_rebind(w, phase);
}

/*
 * A table of others: what is done there, by a role of theirs, was agreed on at the start.
 * Where several are locked it is the first that something is done to.
 */
static bool is_shared(const struct program *program, const char *relation)
{
    for (size_t i = 0; relation && i < program->n_claims; i++) {
        const struct claim *c = &program->claims[i];
        size_t n = strlen(c->relation);

        if (c->shared && strncmp(c->relation, relation, n) == 0 &&
            (relation[n] == '\0' || relation[n] == ','))
            return true;
    }
    return false;
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* The first differing step, or a count that differs; false: they are the same. */
static bool steps_differ(const struct program *was, const struct step *a, size_t n_a,
                         const struct step *b, size_t n_b)
{
    for (size_t i = 0; n_a == n_b && i < n_a; i++)
        if (strcmp(a[i].id, b[i].id) != 0 || a[i].kind != b[i].kind ||
            (is_shared(was, a[i].relation) &&
             (!same_text(a[i].sql, b[i].sql) || !same_text(a[i].prepare, b[i].prepare) ||
              !same_text(a[i].next, b[i].next) || !same_text(a[i].done, b[i].done) ||
              !same_text(a[i].leftovers, b[i].leftovers) ||
              !same_text(a[i].publish, b[i].publish) || !same_text(a[i].guard, b[i].guard))))
            return true;
    return n_a != n_b;
}

const char *compile_difference(const struct program *a, const struct program *b)
{
    for (size_t i = 0; i < a->n_phases; i++) {
        const struct phase *p = &a->phases[i], *q = &b->phases[i];

        if (a->n_phases != b->n_phases || strcmp(p->name, q->name) != 0 ||
            steps_differ(a, p->steps, p->n_steps, q->steps, q->n_steps) ||
            steps_differ(a, p->undo_steps, p->n_undo_steps, q->undo_steps, q->n_undo_steps))
            return p->name;
    }
    return NULL;
}

/* As template_render() writes a text of one line. */
static const char *quoted(struct arena *arena, const char *text)
{
    struct buf out = BUF_IN(arena);

    for (; *text; text++)
        buf_addn(&out, *text == '\'' ? "''" : text, *text == '\'' ? 2 : 1);
    return buf_text(&out);
}

bool compile_remembered(struct arena *arena, const struct program *was, const struct catalog *cat)
{
    const char *says = catalog_fact(cat, CATALOG_REMEMBERED);

    if (!says || !*says)
        return true;
    says = quoted(arena, says);
    for (size_t i = 0; i < was->n_phases; i++)
        for (size_t k = 0; k < was->phases[i].n_steps; k++) {
            const struct step *s = &was->phases[i].steps[k];

            if ((s->prepare && strstr(s->prepare, says)) || (s->sql && strstr(s->sql, says)))
                return true;
        }
    return false;
}

static bool is_claimed(const struct program *program, uint32_t relid)
{
    for (size_t i = 0; i < program->n_claims; i++)
        if (program->claims[i].relid == relid)
            return true;
    return false;
}

/* The table for itself, its partners together with others. */
static void make_claims(struct work *w, struct program *program)
{
    const char *relid;

    *ARENA_PUSH(w->arena, program->claims, program->n_claims) =
        (struct claim){ .relid = w->cat->relid,
                        .relation = vars_find(&w->vars, "rel"),
                        .later = catalog_fact(w->cat, "later") };
    for (int i = 1; (relid = catalog_item(w->cat, "partner.relid", i)); i++) {
        uint32_t id = (uint32_t)strtoul(relid, NULL, 10);

        if (!is_claimed(program, id))
            *ARENA_PUSH(w->arena, program->claims, program->n_claims) = (struct claim){
                .relid = id, .relation = catalog_item(w->cat, "partner.relation", i), .shared = true
            };
    }
}

bool compile(struct arena *arena, const struct plan *plan, const struct catalog *cats,
             struct program *program, struct err *err)
{
    struct program *parts = arena_alloc(arena, (plan->n_changes + 1) * sizeof *parts);

    *program = (struct program){ 0 };
    if (plan->n_phases)
        return own_program(arena, plan, &cats[0], program, err) &&
               gates_add(arena, plan, program, err);
    for (size_t c = 0; c < plan->n_changes; c++) {
        struct work w = { arena, plan, &plan->changes[c], &cats[c], c + 1, { 0 }, err };

        parts[c] = (struct program){ 0 };
        if (!make_vars(&w))
            return false;
        for (const struct phase_spec *p = w.change->op->phases; p->name; p++)
            if (!make_phase(&w, p, ARENA_PUSH(arena, parts[c].phases, parts[c].n_phases)))
                return false;
        make_claims(&w, &parts[c]);
    }
    return merge_programs(arena, parts, plan->n_changes, program, err) &&
           gates_add(arena, plan, program, err);
}
