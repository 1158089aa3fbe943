/*
 * Where in the file a statement of `phases` stands that the server has refused: steps are
 * numbered as compile/own.c does it.
 */
#include <stdlib.h>
#include <string.h>

#include "orchestrate/base/text.h"
#include "place.h"

/* "expand/1/2/undo/1": the second step of expand; *undo 0: forward. */
static const struct own_step *find_step(const struct plan *plan, const char *id, size_t *undo)
{
    const char *change = strchr(id, '/'), *step = change ? strchr(change + 1, '/') : NULL;
    const char *back = step ? strstr(step, "/undo/") : NULL;
    size_t number = step ? strtoul(step + 1, NULL, 10) : 0;

    *undo = back ? strtoul(back + strlen("/undo/"), NULL, 10) : 0;
    for (size_t i = 0; step && i < plan->n_phases; i++) {
        const struct own_phase *p = &plan->phases[i];

        if (strlen(p->name) == (size_t)(change - id) &&
            strncmp(p->name, id, (size_t)(change - id)) == 0 && number && number <= p->n_steps)
            return &p->steps[number - 1];
    }
    return NULL;
}

/* The first statement of the undo step of that number: each index goes alone. */
static size_t undo_from(const struct own_sql *sql, size_t undo)
{
    size_t i = 0;

    while (--undo > 0 && i < sql->n)
        if (sql->statements[i].kind == PARSE_INDEX)
            i++;
        else
            while (i < sql->n && sql->statements[i].kind != PARSE_INDEX)
                i++;
    return i;
}

/* No plain value begins with one of the marks. */
static bool is_plain(const struct plan *plan, struct src_pos at)
{
    const char *c = plan->text;

    for (int line = 1; c && line < at.line; line++)
        c = strchr(c, '\n') ? strchr(c, '\n') + 1 : NULL;
    for (int column = 1; c && *c && column < at.column; column++)
        do
            c++;
        while ((*c & 0xC0) == 0x80);
    return !c || !*c || !strchr("'\"|>", *c);
}

struct src_pos plan_text_place(struct arena *arena, const struct plan *plan, struct src_pos at,
                               const char *text, size_t offset)
{
    struct plan copy = *plan;
    const struct loading l = { .arena = arena, .plan = &copy };
    const struct node node = { .at = at, .text = text, .plain = is_plain(plan, at) };

    return text_place(&l, &node, offset);
}

bool plan_own_place(struct arena *arena, struct plan *plan, const char *id, int statement,
                    int position, struct src_pos *at)
{
    size_t undo, n = statement > 0 ? (size_t)statement - 1 : 0;
    const struct own_step *step = find_step(plan, id, &undo);
    const struct own_sql *sql = step && undo ? &step->undo : step ? &step->sql : NULL;

    if (!sql)
        return false;
    *at = step->at;
    n += undo ? undo_from(sql, undo) : 0;
    if (statement > 0 && n < sql->n) {
        const struct parse_statement *s = &sql->statements[n];

        *at = plan_text_place(arena, plan, sql->at, sql->text,
                              s->offset + (position > 0 ? text_offset(s->text, position) : 0));
    }
    return true;
}
