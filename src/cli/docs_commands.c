/*
 * The command reference, as Markdown.
 */
#include "docs.h"

const struct named docs_variables[] = {
    { "ORCHESTRATE_DATABASE_URL", "The database, unless --url names one." },
    { "ORCHESTRATE_ENV", "The environment of orchestrate.yaml, unless --env names one." },
    { "DATABASE_URL", "The database, when nothing else names one." },
    { "PGHOST, PGPORT, PGDATABASE, PGUSER, PGSERVICE ...",
      "libpq's own; they fill in what a URL leaves out." },
    { "NO_COLOR", "No colours." },
    { "PG_BINDIR", "Where `demo` finds initdb and postgres." },
    { 0 },
};

const char *docs_option(struct arena *arena, const struct option_row *row)
{
    char letter[] = { '-', row->letter, ',', ' ', '\0' };

    if (row->kind == OPTION_MAYBE)
        return arena_printf(arena, "--%s[=%s]", row->name, row->choices);
    return arena_printf(arena, "%s--%s%s%s", row->letter ? letter : "", row->name,
                        row->arg ? " " : "", row->arg ? row->arg : "");
}

static void option_row(struct buf *out, const struct option_row *row)
{
    buf_addf(out, "| `%s` | %s", docs_option(out->arena, row), row->doc);
    for (const char *c = row->choices ? row->choices : ""; *c;) {
        size_t len = strcspn(c, "|");

        buf_addf(out, "%s`%.*s`", c == row->choices ? ": " : ", ", (int)len, c);
        c += len + (c[len] == '|');
    }
    buf_add(out, " |\n");
}

/* command NULL: the global ones. */
static void options_of(struct buf *out, const struct command *command)
{
    size_t n;
    const struct option_row *rows = options_table(&n);
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        if (command ? !rows[i].commands || !option_is_for(&rows[i], command->name)
                    : rows[i].commands != NULL)
            continue;
        buf_add(out, any ? "" : "\n| option | |\n| --- | --- |\n");
        option_row(out, &rows[i]);
        any = true;
    }
}

static void paragraphs(struct buf *out, const char *text)
{
    for (; *text; text++)
        buf_addf(out, "%s", *text == '\n' ? "\n\n" : (char[]){ *text, '\0' });
    buf_add(out, "\n");
}

static void one_command(struct buf *out, const struct command *c)
{
    buf_addf(out, "\n## %s\n\n    orchestrate %s [OPTIONS]%s%s\n\n%s\n\n", c->name, c->name,
             *c->args ? " " : "", c->args, c->doc);
    paragraphs(out, c->more);
    options_of(out, c);
}

void docs_commands(struct buf *out)
{
    buf_add(out, "# Commands\n\n"
                 "Made from the tables of the program by `orchestrate docs commands`.\n\n"
                 "    orchestrate [OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]\n\n"
                 "Options may stand anywhere. PLAN is a file when it has a / in it or ends in "
                 ".yaml or .yml, else the name of a run.\n\n| command | |\n| --- | --- |\n");
    for (const struct command *c = commands; c->name; c++)
        buf_addf(out, "| [%s](#%s) | %s |\n", c->name, c->name, c->doc);
    buf_add(out, "\n## Global options\n");
    options_of(out, NULL);
    buf_add(out, "\n## Variables\n\n| variable | |\n| --- | --- |\n");
    for (const struct named *v = docs_variables; v->name; v++)
        buf_addf(out, "| `%s` | %s |\n", v->name, v->doc);
    for (const struct command *c = commands; c->name; c++)
        one_command(out, c);
}
