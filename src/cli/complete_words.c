/*
 * What may stand for an argument: the same for every shell.
 *
 * No database is asked: a shell that completes a word must not connect to one.
 * The names of plans come from the files in the working directory.
 */
#include "docs.h"

static void add(struct buf *out, const char *word)
{
    if (strstr(arena_printf(out->arena, " %s ", buf_text(out)),
               arena_printf(out->arena, " %s ", word)))
        return;
    buf_addf(out, "%s%s", out->len ? " " : "", word);
}

static void add_commands(struct buf *out)
{
    for (const struct command *c = commands; c->name; c++)
        add(out, c->name);
}

static void add_operations(struct buf *out)
{
    for (size_t i = 0; operations[i]; i++)
        add(out, operations[i]->name);
}

static void add_settings(struct buf *out)
{
    size_t n;
    const struct setting *rows = settings_table(&n);

    for (size_t i = 0; i < n; i++)
        add(out, arena_printf(out->arena, "%s=", rows[i].key));
}

static void add_fields(struct buf *out)
{
    for (size_t i = 0; operations[i]; i++)
        for (const struct field *f = operations[i]->fields; f->key; f++)
            add(out, arena_printf(out->arena, "%s=", f->key));
}

static void add_phases(struct buf *out)
{
    for (size_t i = 0; operations[i]; i++)
        for (const struct phase_spec *p = operations[i]->phases; p->name; p++)
            add(out, p->name);
}

static void add_gates(struct buf *out)
{
    for (const struct gate_kind *kind = gate_kinds; kind->name; kind++)
        if (kind->overridable)
            add(out, kind->name);
    for (size_t i = 0; operations[i]; i++)
        for (const struct gate_spec *g = operations[i]->gates; g && g->phase; g++)
            if (g->overridable)
                add(out, g->name);
}

static void add_topics(struct buf *out)
{
    for (const struct topic *t = topics; t->name; t++)
        add(out, t->name);
}

static void add_shells(struct buf *out)
{
    for (const struct shell *s = shells; s->name; s++)
        add(out, s->name);
}

static const struct {
    const char *arg;
    void (*add)(struct buf *out);
} kinds[] = {
    { "COMMAND", add_commands },   { "GATE", add_gates },           { "FIELD=VALUE", add_fields },
    { "KEY=VALUE", add_settings }, { "OPERATION", add_operations }, { "PHASE", add_phases },
    { "SHELL", add_shells },       { "TOPIC", add_topics },
};

const char *complete_words(struct arena *arena, const char *arg)
{
    struct buf out = BUF_IN(arena);

    for (size_t i = 0; arg && i < ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].arg, arg) == 0)
            kinds[i].add(&out);
    return buf_text(&out);
}

bool complete_files(const char *arg)
{
    return arg && (strcmp(arg, "FILE") == 0 || strcmp(arg, "PLAN") == 0);
}

const char *complete_value(struct arena *arena, const struct option_row *row)
{
    char *words;

    if (!row->choices)
        return complete_words(arena, row->arg);
    words = arena_strdup(arena, row->choices);
    for (char *c = words; *c; c++)
        *c = *c == '|' ? ' ' : *c;
    return words;
}

bool complete_takes_word(const struct option_row *row)
{
    return row->arg && row->kind != OPTION_MAYBE;
}

const char *complete_argument(struct arena *arena, const struct command *command, size_t n,
                              bool *last)
{
    const char *word = command->args;

    for (size_t i = 0; *word; i++) {
        size_t len = strcspn(word, " ");
        const char *name = word + strspn(word, "[");

        *last = len > 3 && strncmp(word + len - 3, "...", 3) == 0;
        if (i == n)
            return arena_strndup(arena, name, strcspn(name, "]. "));
        word += len + strspn(word + len, " ");
    }
    return NULL;
}
