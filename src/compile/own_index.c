/*
 * CREATE, DROP and REINDEX INDEX CONCURRENTLY of a plan's own: built under a name of
 * the attempt, or such that doing it again does no harm.
 */
#include <string.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/sql/template.h"
#include "own.h"
#include "sql_own.h" /* generated from src/sql/own */

/* What the statement is about, for to_regclass. */
static const struct parse_table *target_of(const struct parse_statement *s)
{
    return s->index.verb == INDEX_REINDEX_TABLE ? &s->index.table : &s->index.index;
}

/* Names bear the number of the run, as everything of ours. */
static void make_vars(struct arena *arena, const struct catalog *cat,
                      const struct parse_statement *s, const char *place, struct vars *vars)
{
    const struct parse_table *target = target_of(s);
    const char *run = catalog_fact(cat, "run"), *scoped;

    *vars = (struct vars){ 0 };
    scoped = arena_printf(arena, "_orch_%s_own_%s", run ? run : "<run>", place);
    vars_add(arena, vars, "target", own_relation(arena, target->schema, target->name));
    vars_add(arena, vars, "shown",
             arena_printf(arena, "%s%s%s", target->schema ? target->schema : "",
                          target->schema ? "." : "", target->name ? target->name : ""));
    vars_add(arena, vars, "table", own_relation(arena, s->index.table.schema, s->index.table.name));
    vars_add(arena, vars, "name", s->index.index.name ? s->index.index.name : "");
    vars_add(arena, vars, "ours", arena_printf(arena, "^%s__e[0-9]+$", scoped));
    vars_add(
        arena, vars, "scoped",
        own_relation(arena, s->index.table.schema, arena_printf(arena, "%s{attempt}", scoped)));
    vars_add(arena, vars, "unfinished", arena_printf(arena, "\"%s{attempt}\"", scoped));
}

/* The statement with the name of the attempt where its own name stands. */
static const char *scoped_text(struct arena *arena, const struct parse_statement *s,
                               const struct vars *vars)
{
    struct buf out = BUF_IN(arena);

    buf_addn(&out, s->text, s->index.name_at);
    buf_add(&out, vars_find(vars, "unfinished"));
    buf_add(&out, s->text + s->index.name_at + s->index.name_len);
    return buf_text(&out);
}

bool own_index_leftovers(struct arena *arena, const struct catalog *cat,
                         const struct parse_statement *s, const char *place, const char **query,
                         struct err *err)
{
    struct vars vars;

    *query = NULL;
    if (s->kind != PARSE_INDEX || (s->index.verb != INDEX_CREATE && s->index.verb != INDEX_DROP))
        return true;
    make_vars(arena, cat, s, place, &vars);
    return template_render(arena, s->index.verb == INDEX_DROP ? sql_half_dropped : sql_leftovers,
                           &vars, query, err);
}

static bool create(struct arena *arena, const struct parse_statement *s, const struct vars *vars,
                   struct step *step, struct err *err)
{
    step->sql = scoped_text(arena, s, vars);
    return template_render(arena, sql_publish, vars, &step->publish, err) &&
           template_render(arena, sql_leftovers, vars, &step->leftovers, err) &&
           (!s->index.if_not_exists ||
            template_render(arena, sql_standing, vars, &step->done, err));
}

bool own_index_step(struct arena *arena, const struct catalog *cat, const struct parse_statement *s,
                    const char *place, struct step *step, struct err *err)
{
    struct vars vars;

    make_vars(arena, cat, s, place, &vars);
    step->kind = STEP_ALONE;
    step->sql = s->text;
    switch (s->index.verb) {
    case INDEX_CREATE:
        step->title = arena_printf(arena, "build the index %s while the table is in use",
                                   s->index.index.name);
        return create(arena, s, &vars, step, err);
    case INDEX_DROP:
        step->title =
            arena_printf(arena, "drop the index %s while the table is in use", s->index.index.name);
        return template_render(arena, sql_dropped, &vars, &step->done, err) &&
               (s->index.if_exists ||
                template_render(arena, sql_missing, &vars, &step->guard, err));
    default:
        step->title =
            arena_printf(arena, "rebuild %s while the table is in use", target_of(s)->name);
        return template_render(arena, sql_rebuild_leftovers, &vars, &step->leftovers, err);
    }
}
