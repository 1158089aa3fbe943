/*
 * The manual page.
 */
#include "docs.h"

/* Text for roff: a hyphen is one, a backslash shows, no line is taken for a request. */
static void add(struct buf *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        bool first = p == text || p[-1] == '\n';

        if (first && (*p == '.' || *p == '\''))
            buf_add(out, "\\&");
        if (*p == '\\')
            buf_add(out, "\\e");
        else if (*p == '-')
            buf_add(out, "\\-");
        else if (*p == '\n')
            buf_add(out, "\n.PP\n");
        else
            buf_addn(out, p, 1);
    }
}

static void line(struct buf *out, const char *text)
{
    add(out, text);
    buf_add(out, "\n");
}

static void item(struct buf *out, const char *name, const char *doc)
{
    buf_add(out, ".TP\n\\fB");
    add(out, name);
    buf_add(out, "\\fR\n");
    line(out, doc);
}

/* command NULL: the global ones. */
static void options_of(struct buf *out, const struct command *command)
{
    size_t n;
    const struct option_row *rows = options_table(&n);

    for (size_t i = 0; i < n; i++) {
        if (command ? !rows[i].commands || !option_is_for(&rows[i], command->name)
                    : rows[i].commands != NULL)
            continue;
        item(out, docs_option(out->arena, &rows[i]),
             rows[i].choices ? arena_printf(out->arena, "%s: %s", rows[i].doc, rows[i].choices)
                             : rows[i].doc);
    }
}

static void one_command(struct buf *out, const struct command *c)
{
    buf_add(out, ".SS ");
    line(out, arena_printf(out->arena, "%s%s%s", c->name, *c->args ? " " : "", c->args));
    line(out, c->doc);
    buf_add(out, ".PP\n");
    line(out, c->more);
    options_of(out, c);
}

static void exit_statuses(struct buf *out)
{
    buf_add(out, ".SH EXIT STATUS\n");
    item(out, "0", "success; also a plan that is held by a gate, so that it blocks no deploy");
    for (enum err_code code = ERR_NONE + 1; code < ERR_CODE_COUNT; code++) {
        const struct err err = { .code = code };

        item(out, arena_printf(out->arena, "%d", err_status(&err)),
             arena_printf(out->arena, "%s: %s", err_name(code), err_meaning(code)));
    }
}

void docs_man(struct buf *out)
{
    buf_add(out, ".\\\" Made by `orchestrate docs man`.\n"
                 ".TH ORCHESTRATE 1 \"\" \"orchestrate " ORCHESTRATE_VERSION "\"\n.nh\n.ad l\n"
                 ".SH NAME\norchestrate \\- change a live Postgres schema without downtime, one "
                 "phase per deploy\n"
                 ".SH SYNOPSIS\n.B orchestrate\n[OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]\n"
                 ".SH DESCRIPTION\n");
    line(out,
         "A plan is a YAML file that describes one change. It becomes a state machine that lives "
         "in the database which it changes. `orchestrate advance`, called once per deploy, "
         "carries it one phase forward, or holds and says why.\n"
         "Options may stand anywhere. PLAN is a file when it has a / in it or ends in .yaml or "
         ".yml, else the name of a run.");
    buf_add(out, ".SH COMMANDS\n");
    for (const struct command *c = commands; c->name; c++)
        one_command(out, c);
    buf_add(out, ".SH GLOBAL OPTIONS\n");
    options_of(out, NULL);
    exit_statuses(out);
    buf_add(out, ".SH ENVIRONMENT\n");
    for (const struct named *v = docs_variables; v->name; v++)
        item(out, v->name, v->doc);
    buf_add(out, ".SH FILES\n");
    item(out, CONFIG_FILE, "The environments of a repository; see `orchestrate docs config`.");
    buf_add(out, ".SH SEE ALSO\n");
    line(out, "`orchestrate docs plan` prints the plan format, `orchestrate docs schema` its JSON "
              "Schema for editors.");
}
