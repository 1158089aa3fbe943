/*
 * docs: the reference, as it is made from the tables.
 */
#include "docs.h"
#include "orchestrate/base/text.h"
#include "orchestrate/plan/format.h"
#include "orchestrate/state/machine.h"

/* clang-format off */
const struct topic topics[] = {
    { "commands", "the commands and their options, as Markdown",  docs_commands,          "docs/commands.md" },
    { "config",   "orchestrate.yaml, as Markdown",                config_reference,       "docs/configuration.md" },
    { "errors",   "exit statuses and codes, as Markdown",         report_errors_markdown, "docs/errors.md" },
    { "man",      "the manual page, for man",                     docs_man,               "docs/orchestrate.1" },
    { "plan",     "the plan format, as Markdown",                 plan_reference,         "docs/plan.md" },
    { "schema",   "the JSON Schema of plans, for editors",        plan_schema,            "docs/schema/plan.schema.json" },
    { "states",   "the states of a run, as Markdown",             machine_page,           "docs/states.md" },
    { 0 },
};
/* clang-format on */

static bool unknown(const char *word, struct err *err)
{
    const char *names[ARRAY_LEN(topics)] = { 0 }, *near;

    for (size_t i = 0; topics[i].name; i++)
        names[i] = topics[i].name;
    near = text_nearest(word, names);
    err_set(err, ERR_USAGE, "there is no document %s", word);
    if (near)
        return err_hint(err, "Did you mean %s?", near);
    return err_hint(err, "`orchestrate docs` lists them.");
}

static void list(struct buf *out)
{
    for (const struct topic *t = topics; t->name; t++)
        buf_addf(out, "  orchestrate docs %-10s %s\n", t->name, t->doc);
}

bool cmd_docs(struct cli *cli, struct err *err)
{
    const struct topic *topic = topics;
    struct buf more = BUF_IN(cli->arena);
    struct json j = { .out = &more };

    while (cli->n_args && topic->name && strcmp(topic->name, cli->args[0]) != 0)
        topic++;
    if (!topic->name)
        return unknown(cli->args[0], err);
    if (cli->n_args)
        topic->print(&cli->text);
    else
        list(&cli->text);
    json_text(&j, "text", buf_text(&cli->text));
    cli->answer.more = buf_text(&more);
    return true;
}
