/*
 * gates.c - `gates:`, per phase a list of conditions.
 */
#include "gate_value.h"
#include "sections.h"

struct reading {
    const struct key *rows;
    const char *phase;
};

/* False: it is there already. */
static bool add_gate(struct loading *l, const char *phase, const struct gate_kind *kind,
                     const char *value, struct src_pos at)
{
    struct plan *plan = l->plan;

    for (size_t i = 0; i < plan->n_gates; i++) {
        const struct plan_gate *gate = &plan->gates[i];

        if (gate->kind != kind || strcmp(gate->phase, phase) != 0)
            continue;
        complain(l, at, NULL, "`%s` is a gate of `%s` already, on line %d", kind->name,
                 shown(l, phase), gate->at.line);
        return false;
    }
    *ARENA_PUSH(l->arena, plan->gates, plan->n_gates) =
        (struct plan_gate){ phase, kind, value, at };
    return true;
}

static void read_gate(struct loading *l, const char *name, const struct node *value, void *to)
{
    const struct reading *reading = to;
    const struct gate_kind *kind = gate_find(name);
    const char *text = gate_value_read(l, kind, value);

    if (text)
        add_gate(l, reading->phase, kind, text, value->at);
}

/* Does nothing when the name is there already: the first row counts. */
static void add_row(struct loading *l, struct key **keys, size_t *n, struct key row)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp((*keys)[i].name, row.name) == 0)
            return;
    *ARENA_PUSH(l->arena, *keys, *n) = row;
}

/* The gates that are written in a plan, and those to be refused with a reason. */
static const struct key *rows(struct loading *l)
{
    const struct key readable = { .read = read_gate };
    const struct key always = { .refused = "is always on; it is not written in a plan",
                                .hint = "leave it out" };
    struct key *keys = NULL, row;
    size_t n = 0;

    for (const struct gate_kind *kind = gate_kinds; kind->name; kind++) {
        row = kind->value == GATE_NO_VALUE ? always : readable;
        row.name = kind->name;
        add_row(l, &keys, &n, row);
    }
    for (size_t c = 0; c < l->plan->n_changes; c++)
        for (const struct gate_spec *g = l->plan->changes[c].op->gates; g && g->phase; g++) {
            row = always;
            row.name = g->name;
            add_row(l, &keys, &n, row);
        }
    *ARENA_PUSH(l->arena, keys, n) = (struct key){ 0 };
    return keys;
}

static void read_phase(struct loading *l, const char *name, const struct node *value, void *to)
{
    struct reading *reading = to;
    const struct key_table table = { "gate", arena_printf(l->arena, "`%s`", shown(l, name)),
                                     reading->rows, "write `- ` before each gate" };

    reading->phase = name;
    if (!bind_kind(l, name, value, NODE_LIST))
        return;
    if (value->n == 0)
        complain(l, value->at, "leave it out", "`%s` is empty", name);
    for (size_t i = 0; i < value->n; i++)
        if (bind_item(l, name, value->items[i].value, NODE_MAP))
            bind_map(l, value->items[i].value, &table, reading);
}

void read_gates(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char *const *phases = plan_phases(l->arena, l->plan);
    struct reading reading = { .rows = rows(l) };
    struct key *keys = NULL;
    size_t n = 0;

    (void)to;
    if (!bind_kind(l, name, value, NODE_MAP))
        return;
    for (size_t i = 0; phases[i]; i++)
        *ARENA_PUSH(l->arena, keys, n) = (struct key){ .name = phases[i], .read = read_phase };
    *ARENA_PUSH(l->arena, keys, n) = (struct key){ 0 };
    if (*phases)
        bind_map(l, value, &(struct key_table){ "phase", "`gates`", keys, NULL }, &reading);
    /* Without an operation its phases are not known; their gates can be read all the same. */
    for (size_t i = 0; !*phases && i < value->n; i++)
        if (!value->items[i].repeated)
            read_phase(l, value->items[i].key->text, value->items[i].value, &reading);
}

void read_after(struct loading *l, const char *name, const struct node *value, void *to)
{
    const char *const *phases = plan_phases(l->arena, l->plan);
    const char *plans = read_plans(l, name, value);

    (void)to;
    if (plans && *phases)
        add_gate(l, phases[0], gate_find("after"), plans, value->at);
}
