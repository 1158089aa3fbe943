/*
 * changes.c - several changes in one plan: which of them go together, and what a
 * thing is called.
 *
 * A later change says the name that a thing has once the earlier ones are complete.
 * Steps run phase by phase, though, so what one change renames keeps its old name in
 * the phases before: a change that names it has to be over by then, on either side.
 * The rest needs two plans, the second one `after` the first.
 */
#include "orchestrate/base/json.h"
#include "sections.h"

struct pair {
    struct loading *l;
    const struct change *first, *second;
    size_t number; /* of the first one, from 1 */
};

static size_t field_of(const struct operation *op, const char *key)
{
    size_t i = 0;

    while (op->fields[i].key && strcmp(op->fields[i].key, key) != 0)
        i++;
    return i;
}

static const char *value_of(const struct change *change, const char *key)
{
    return change->args[field_of(change->op, key)];
}

static bool is_table(const struct change *change, const struct name_spec *name)
{
    return change->op->fields[field_of(change->op, name->field)].kind == FIELD_TABLE;
}

/* An item of a list, as it stands in its text. */
static const char *item(struct arena *arena, const char *name)
{
    struct buf out = BUF_IN(arena);
    struct json j = { .out = &out };

    json_text(&j, NULL, name);
    return buf_text(&out);
}

/* Is `name` the text of the field, or one of its list? */
static bool names_it(const struct pair *p, const struct change *change, const char *key,
                     const char *name)
{
    size_t field = field_of(change->op, key);
    const char *text = change->args[field];

    if (!text || change->op->fields[field].kind != FIELD_NAMES)
        return text && strcmp(text, name) == 0;
    return strstr(text, item(p->l->arena, name)) != NULL;
}

static bool same(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

bool change_same_table(const struct change *a, const struct change *b)
{
    return a->table && b->table && strcmp(a->table, b->table) == 0 && same(a->schema, b->schema);
}

static size_t last_phase(const struct change *change)
{
    const struct phase_spec *p = change->op->phases;

    while (p[1].name)
        p++;
    return operation_phase_order(p->name);
}

static const char two_plans_hint[] =
    "write two plans, the second one with `after:` and the first one's name";

static void blame(const struct pair *p, struct src_pos at, const char *what, const char *hint)
{
    complain(p->l, at, hint, "change %zu (%s) %s", p->number, p->first->op->name, what);
}

static void two_plans(const struct pair *p, struct src_pos at, const char *what)
{
    blame(p, at, what, two_plans_hint);
}

static bool begins_too_late(const struct change *later, const struct name_spec *row)
{
    return last_phase(later) >= operation_phase_order(row->phase);
}

/*
 * The later change goes on when the name is already another one.  Where it gives a name
 * itself, two plans would not help: the first one would find its new name taken.
 */
static void too_late(const struct pair *p, struct src_pos at, const struct name_spec *theirs,
                     const char *now, const char *what)
{
    blame(
        p, at, what,
        theirs && theirs->becomes
            ? arena_printf(p->l->arena,
                           "if it is the same one, write its last name at once; if `%s` is another "
                           "one today, give that its new name in a plan before this one",
                           shown(p->l, now))
            : two_plans_hint);
}

/* The old name where the new one is expected; said only where that would be right. */
static const char *say(const struct pair *p, const struct name_spec *row, const char *name)
{
    return begins_too_late(p->second, row)
               ? two_plans_hint
               : arena_printf(p->l->arena, "say `%s`", shown(p->l, name));
}

/* --- the table ------------------------------------------------------------- */

/* What an earlier change does to the name of a table: the row, or NULL. */
static const struct name_spec *table_row(const struct change *change)
{
    for (const struct name_spec *n = change->op->names; n && n->field; n++)
        if (n->phase && is_table(change, n))
            return n;
    return NULL;
}

/*
 * The table of a later change, written as the earlier one leaves it, becomes the one
 * that is there now.
 */
static void find_table(const struct pair *p, struct change *later)
{
    const struct name_spec *row = table_row(p->first);
    const char *becomes = row && row->becomes ? value_of(p->first, row->becomes) : NULL;
    size_t field = 0; /* the first one is the table */

    if (!row || !later->table || !same(p->first->schema, later->schema))
        return;
    if (becomes && strcmp(later->table, becomes) == 0) {
        later->table = p->first->table;
        later->args[field] = p->first->args[field];
        if (begins_too_late(later, row))
            too_late(p, later->at[field], table_row(later), becomes,
                     "gives this table its new name while this change is under way");
    } else if (strcmp(later->table, p->first->table) == 0 && becomes) {
        blame(p, later->at[field], "renames this table", say(p, row, becomes));
    } else if (strcmp(later->table, p->first->table) == 0) {
        blame(p, later->at[field], "drops this table", "leave this change out");
    }
}

/* The later change renames or drops a table that an earlier one works on. */
static void check_table(const struct pair *p)
{
    const struct name_spec *row = table_row(p->second);

    if (!row || table_row(p->first) || !change_same_table(p->first, p->second))
        return;
    if (!row->becomes)
        complain(p->l, p->second->at[0], "leave that change out",
                 "this table is worked on by change %zu (%s) and dropped here", p->number,
                 p->first->op->name);
    else if (last_phase(p->first) > operation_phase_order(row->phase))
        two_plans(p, p->second->at[0], "works on this table beyond the phase that renames it");
}

/* The name of what a change makes in the schema of its table: a table, or an index. */
const char *change_makes(const struct change *change)
{
    return change->op->makes ? value_of(change, change->op->makes) : NULL;
}

/* Tables and indexes of a schema share their names: two get one, or one that is still taken. */
static void check_made(const struct pair *p)
{
    const char *name = change_makes(p->second), *theirs = change_makes(p->first);
    struct src_pos at;

    if (!name || !same(p->first->schema, p->second->schema))
        return;
    at = p->second->at[field_of(p->second->op, p->second->op->makes)];
    if (theirs && strcmp(theirs, name) == 0)
        blame(p, at, "uses this name, too", "choose another name for one of them");
    else if (p->first->table && strcmp(p->first->table, name) == 0)
        two_plans(p, at, "uses this name of a table, too");
}

/* --- its columns ------------------------------------------------------------- */

/* The list or name with a column's present name in place of its later one. */
static void use_present(struct loading *l, struct change *change, const char *key,
                        const char *later, const char *present)
{
    size_t field = field_of(change->op, key);
    const char *text = change->args[field], *was = item(l->arena, later), *at;

    if (change->op->fields[field].kind != FIELD_NAMES) {
        change->args[field] = present;
        return;
    }
    at = strstr(text, was);
    change->args[field] = arena_printf(l->arena, "%.*s%s%s", (int)(at - text), text,
                                       item(l->arena, present), at + strlen(was));
}

/* `row` of the first change and a field of the second one that names columns. */
static void check_column(const struct pair *p, const struct name_spec *row,
                         const struct name_spec *field, struct change *later)
{
    struct src_pos at = later->at[field_of(later->op, field->field)];
    const char *old = value_of(p->first, row->field);
    const char *becomes = row->becomes ? value_of(p->first, row->becomes) : NULL;

    if (old && names_it(p, later, field->field, old)) {
        blame(p, at,
              arena_printf(p->l->arena, "%s column `%s`", becomes ? "renames" : "drops",
                           shown(p->l, old)),
              becomes ? say(p, row, becomes) : "leave this change out");
    } else if (becomes && names_it(p, later, field->field, becomes)) {
        if (begins_too_late(later, row))
            too_late(p, at, field, becomes,
                     "gives this column its new name while this change is under way");
        else
            use_present(p->l, later, field->field, becomes, old);
    }
}

/* The second change renames or drops what the first one only names. */
static void check_used(const struct pair *p, const struct name_spec *field,
                       const struct name_spec *row)
{
    const char *name = value_of(p->second, row->field);
    struct src_pos at = p->second->at[field_of(p->second->op, row->field)];

    if (!name || !names_it(p, p->first, field->field, name))
        return;
    if (!row->becomes)
        complain(p->l, at, "leave that change out",
                 "column `%s` is used by change %zu (%s) and dropped here", shown(p->l, name),
                 p->number, p->first->op->name);
    else if (last_phase(p->first) > operation_phase_order(row->phase))
        two_plans(p, at, "uses this column beyond the phase that renames it");
}

/* The new name of a column is one that another change has to do with. */
static void check_new_column(const struct pair *p, const struct name_spec *mine,
                             const struct name_spec *theirs)
{
    const char *name = mine->becomes ? value_of(p->second, mine->becomes) : NULL;
    const char *other = theirs->becomes ? value_of(p->first, theirs->becomes) : NULL;
    struct src_pos at = p->second->at[mine->becomes ? field_of(p->second->op, mine->becomes) : 0];

    if (name && other && strcmp(other, name) == 0)
        blame(p, at, "uses this name, too", "choose another name for one of them");
    else if (name && names_it(p, p->first, theirs->field, name))
        two_plans(p, at, "uses this name of a column, too");
}

static void check_columns(const struct pair *p, struct change *later)
{
    for (const struct name_spec *a = p->first->op->names; a && a->field; a++)
        for (const struct name_spec *b = later->op->names; b && b->field; b++) {
            if (is_table(p->first, a) || is_table(later, b))
                continue;
            check_new_column(p, b, a);
            if (a->phase)
                check_column(p, a, b, later);
            else if (b->phase)
                check_used(p, a, b);
        }
}

/* Word for word the same, as when a line was copied and not edited. */
static bool repeats(const struct change *a, const struct change *b)
{
    if (a->op != b->op)
        return false;
    for (size_t i = 0; i < OP_MAX_FIELDS; i++)
        if (!same(a->written[i], b->written[i]))
            return false;
    return true;
}

/* It is one mistake, and nothing else is said of it. */
static bool check_repeated(struct loading *l, const struct change *later, size_t k)
{
    for (size_t i = 0; i < k; i++)
        if (repeats(&l->plan->changes[i], later)) {
            complain(l, later->pos, "leave one of them out", "this is change %zu once more", i + 1);
            return true;
        }
    return false;
}

/* The name before and after; false: this change gives none of this kind. */
static bool names_of(const struct change *change, bool table, const char **was, const char **is)
{
    for (const struct name_spec *n = change->op->names; n && n->field; n++)
        if (n->phase && n->becomes && is_table(change, n) == table) {
            *was = table ? change->table : value_of(change, n->field);
            *is = value_of(change, n->becomes);
            return *was && *is;
        }
    return false;
}

/* --- names that are exchanged ------------------------------------------------ */

/* Changes that hand on names until the first one's is taken, in that order. */
struct ring {
    const size_t *at; /* in plan->changes */
    size_t n;
    bool table;
};

/* Does `b` give another name to what would bear the one that `a` gives? */
static bool hands_on(const struct change *a, const struct change *b, bool table)
{
    const char *was, *is, *others_was, *others_is;

    return names_of(a, table, &was, &is) && names_of(b, table, &others_was, &others_is) &&
           strcmp(is, others_was) == 0 &&
           (table ? same(a->schema, b->schema) : change_same_table(a, b));
}

static bool is_in(const struct ring *ring, size_t k)
{
    for (size_t i = 0; i < ring->n; i++)
        if (ring->at[i] == k)
            return true;
    return false;
}

/* The ring whose first change in the file is `first`; false: there is none. */
static bool ring_from(struct loading *l, size_t first, bool table, struct ring *ring)
{
    const struct change *changes = l->plan->changes;
    size_t *at = NULL, n = 0, next = first;

    *ring = (struct ring){ .table = table };
    do {
        *ARENA_PUSH(l->arena, at, n) = next;
        *ring = (struct ring){ at, n, table };
        if (n > 1 && hands_on(&changes[next], &changes[first], table))
            return true;
        for (next = first + 1; next < l->plan->n_changes; next++)
            if (!is_in(ring, next) && hands_on(&changes[at[n - 1]], &changes[next], table))
                break;
    } while (next < l->plan->n_changes);
    return false;
}

static void old_and_new(struct loading *l, const struct ring *ring, size_t i, const char **was,
                        const char **is)
{
    names_of(&l->plan->changes[ring->at[i]], ring->table, was, is);
    *was = shown(l, *was);
    *is = shown(l, *is);
}

/* One name is set aside; each of the others is free when its turn comes. */
static const char *way_round(struct loading *l, const struct ring *ring)
{
    enum { FITS = sizeof(((struct err *)0)->hint) };
    struct buf out = BUF_IN(l->arena);
    const char *was, *is, *first_was, *first_is;

    old_and_new(l, ring, 0, &first_was, &first_is);
    if (ring->n == 2)
        buf_addf(&out, "if `%s` is another one today, write three plans with a third name",
                 first_is);
    else
        buf_addf(&out, "if these are %zu %s today, write %zu plans with one more name", ring->n,
                 ring->table ? "tables" : "columns", ring->n + 1);
    buf_addf(&out, ", each `after:` the one before: `%s` to `%s_old`", first_was, first_was);
    for (size_t i = ring->n - 1; i > 0; i--) {
        old_and_new(l, ring, i, &was, &is);
        buf_addf(&out, ", `%s` to `%s`", was, is);
    }
    buf_addf(&out, ", `%s_old` to `%s`", first_was, first_is);
    return out.len < FITS
               ? buf_text(&out)
               : arena_printf(l->arena,
                              "write %zu plans, each `after:` the one before: the first one gives "
                              "`%s` a name that is free, each of the others takes the one that has "
                              "become free by then",
                              ring->n + 1, first_was);
}

/* All of them, or the first two and the last. */
static const char *who_makes_what(struct loading *l, const struct ring *ring)
{
    struct buf numbers = BUF_IN(l->arena), names = BUF_IN(l->arena);
    const char *was, *is;

    for (size_t i = 0; i < ring->n; i++) {
        bool last = i + 1 == ring->n;
        const char *between = i == 0 ? "" : !last ? ", " : ring->n > 3 ? " ... and " : " and ";

        if (i >= 2 && !last)
            continue;
        old_and_new(l, ring, i, &was, &is);
        buf_addf(&numbers, "%s%zu", between, ring->at[i] + 1);
        buf_addf(&names, "%s`%s` of `%s`", between, is, was);
    }
    return arena_printf(l->arena, "changes %s make %s", buf_text(&numbers), buf_text(&names));
}

/* While all are under way, each name would be two things. */
static void complain_ring(struct loading *l, const struct ring *ring)
{
    const struct change *changes = l->plan->changes;
    size_t last = ring->at[0];
    const char *was, *is;

    for (size_t i = 0; i < ring->n; i++)
        last = ring->at[i] > last ? ring->at[i] : last;
    old_and_new(l, ring, 0, &was, &is);
    complain(l, changes[last].pos, way_round(l, ring), "%s: names cannot be exchanged in one plan",
             ring->n == 2
                 ? arena_printf(l->arena,
                                "change %zu (%s) makes `%s` of `%s`, and this one makes "
                                "`%s` of `%s`",
                                ring->at[0] + 1, changes[ring->at[0]].op->name, is, was, was, is)
                 : who_makes_what(l, ring));
}

/*
 * It is one mistake: those behind the first one of each ring are not compared with others.
 * *exchanged: which changes these are.
 */
static void check_rings(struct loading *l, bool *exchanged)
{
    struct ring ring;

    for (size_t k = 0; k < l->plan->n_changes; k++)
        for (int table = 0; table < 2; table++) {
            if (exchanged[k] || !ring_from(l, k, table != 0, &ring))
                continue;
            complain_ring(l, &ring);
            for (size_t i = 1; i < ring.n; i++)
                exchanged[ring.at[i]] = true;
        }
}

void check_changes(struct loading *l)
{
    struct plan *plan = l->plan;
    bool *exchanged = arena_alloc(l->arena, plan->n_changes + 1);

    check_rings(l, exchanged); /* by the names as they are written */
    for (size_t k = 1; k < plan->n_changes; k++) {
        struct change *later = &plan->changes[k];

        if (check_repeated(l, later, k) || exchanged[k])
            continue;
        for (size_t i = 0; i < k; i++)
            find_table(&(struct pair){ l, &plan->changes[i], later, i + 1 }, later);
        for (size_t i = 0; i < k; i++) {
            const struct pair p = { l, &plan->changes[i], later, i + 1 };

            check_table(&p);
            check_made(&p);
            if (change_same_table(p.first, later))
                check_columns(&p, later);
        }
    }
}
