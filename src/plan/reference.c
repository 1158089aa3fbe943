/*
 * reference.c - the plan format and orchestrate.yaml, as Markdown.
 */
#include "orchestrate/plan/config.h"
#include "orchestrate/plan/format.h"
#include "orchestrate/plan/plan.h"

/* A cell of a table: a bar in it would end it. */
static const char *cell(struct arena *arena, const char *text)
{
    struct buf out = BUF_IN(arena);

    for (; *text; text++)
        buf_addf(&out, "%s%c", *text == '|' ? "\\" : "", *text == '\n' ? ' ' : *text);
    return buf_text(&out);
}

static void add_keys(struct buf *out, const struct plan_key *keys)
{
    buf_add(out, "| key | | |\n| --- | --- | --- |\n");
    for (; keys->name; keys++)
        buf_addf(out, "| `%s` | %s | %s |\n", keys->name, keys->required ? "required" : "optional",
                 cell(out->arena, keys->doc));
}

static void add_operation(struct buf *out, const struct operation *op)
{
    buf_addf(out, "\n### %s\n\n%s\n\n| field | | |\n| --- | --- | --- |\n", op->name, op->doc);
    for (const struct field *f = op->fields; f->key; f++)
        buf_addf(out, "| `%s` | %s | %s |\n", f->key, f->required ? "required" : "optional",
                 cell(out->arena, f->doc));
    buf_add(out, "\nPhases:");
    for (const struct phase_spec *p = op->phases; p->name; p++)
        buf_addf(out, "%s%s `%s`", p == op->phases ? "" : ",", p->deploy_before ? " [deploy]" : "",
                 p->name);
    buf_addf(out, ". A plan to start from: `orchestrate new %s", op->name);
    for (const struct field *f = op->fields; f->key; f++)
        if (f->required)
            buf_addf(out, " %s=...", f->key);
    buf_add(out, "`.\n");
}

static void add_settings(struct buf *out)
{
    size_t n;
    const struct setting *rows = settings_table(&n);

    buf_add(out, "\n## settings\n\n"
                 "A dot means a mapping: `batch_rows: {start: 1000, max: 5000}`.\n\n"
                 "| setting | default | |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < n; i++)
        buf_addf(out, "| `%s` | `%s` | %s |\n", rows[i].key, rows[i].preset,
                 cell(out->arena, rows[i].doc));
}

static void add_gate(struct buf *out, const struct gate_kind *kind)
{
    buf_addf(out, "\n### %s\n\n%s\n\n```yaml\n- %s\n```\n", kind->name, kind->doc, kind->example);
    if (!kind->fields)
        return;
    buf_add(out, "\n| key | | |\n| --- | --- | --- |\n");
    for (const struct gate_field *f = kind->fields; f->key; f++)
        buf_addf(out, "| `%s` | %s | %s |\n", f->key,
                 f->required ? "required"
                 : f->preset ? arena_printf(out->arena, "default `%s`", f->preset)
                             : "optional",
                 cell(out->arena, f->doc));
}

static void add_gates(struct buf *out)
{
    buf_add(out, "\n## gates\n\n"
                 "Per phase a list; all of them must be open before the phase starts. "
                 "`orchestrate advance --override GATE --because TEXT` passes a closed one, and is "
                 "recorded; what cannot be passed so says it below.\n\n"
                 "```yaml\ngates:\n  contract:\n    - soak: 7d\n```\n");
    for (const struct gate_kind *kind = gate_kinds; kind->name; kind++)
        if (kind->value != GATE_NO_VALUE)
            add_gate(out, kind);
    buf_add(out, "\n### Always on\n\nThese are not written in a plan, or only to be tuned:\n\n"
                 "| gate | override | open when |\n| --- | --- | --- |\n");
    for (const struct gate_kind *kind = gate_kinds; kind->name; kind++)
        if (kind->always)
            buf_addf(out, "| `%s` | %s | %s |\n", kind->name, kind->overridable ? "yes" : "no",
                     cell(out->arena, kind->doc));
}

static void add_phases(struct buf *out)
{
    buf_add(out,
            "\n## phases\n\n"
            "What no operation does, a plan lists itself, in place of `change`: a list of phases, "
            "in the order in which they are stepped.\n\n");
    add_keys(out, plan_phase_keys);
    buf_add(out, "\nA step does exactly one of `sql`, `concurrently`, `backfill` and `check`:\n\n");
    add_keys(out, plan_step_keys);
    buf_add(out, "\n`backfill` is a mapping:\n\n");
    add_keys(out, plan_backfill_keys);
    buf_addf(out,
             "\nSQL is split by the parser of Postgres %s. What it does not know is refused, with "
             "its place: commands of psql, and what only a newer server understands. Not allowed "
             "are transaction control, COPY from or to the client, and what would outlast the step "
             "(SET without LOCAL, LISTEN, PREPARE ...). Names without a schema are found by the "
             "search_path that was recorded at `start`.\n",
             parse_version());
}

void plan_reference(struct buf *out)
{
    buf_add(out,
            "# The plan format\n\n"
            "Made from the tables of the program by `orchestrate docs plan`.\n\n"
            "A plan is one YAML file. Reading is strict: unknown and repeated keys, anchors, tags "
            "and tabs for indentation are errors, each shown with its line and column. Names of "
            "tables and columns are taken literally, case and all; `table:` splits at its first "
            "dot, and a part that contains a dot is double-quoted as in SQL. Durations are `50ms`, "
            "`10s`, `5m`, `24h`, `7d`.\n\n"
            "Editors check a plan while it is written, with the schema that `orchestrate docs "
            "schema` prints: put `# yaml-language-server: $schema=PATH` on its first line.\n\n");
    add_keys(out, plan_keys);
    buf_add(out, "\n## change\n");
    for (size_t i = 0; operations[i]; i++)
        add_operation(out, operations[i]);
    buf_add(out,
            "\n## changes\n\n"
            "A list of such, where a plan has several. Their phases with the same name are one; in "
            "each, what the changes do comes in their order, and is undone the other way round. A "
            "later change says the name that a thing has once the earlier ones are complete.\n\n"
            "```yaml\nchanges:\n"
            "  - OPERATION: {table: public.customer, ...}\n"
            "  - OPERATION: {table: public.orders, ...}\n```\n");
    add_phases(out);
    buf_add(out, "\n## code\n\n");
    add_keys(out, plan_code_keys);
    add_settings(out);
    add_gates(out);
    buf_add(out, "\n## accept\n\nA list of:\n\n");
    add_keys(out, plan_accept_keys);
}

static void add_config_keys(struct buf *out, const struct config_key *keys)
{
    buf_add(out, "| key | |\n| --- | --- |\n");
    for (; keys->name; keys++)
        buf_addf(out, "| `%s` | %s |\n", keys->name, cell(out->arena, keys->doc));
}

void config_reference(struct buf *out)
{
    buf_add(
        out,
        "# orchestrate.yaml\n\n"
        "Made from the tables of the program by `orchestrate docs config`.\n\n"
        "It is looked for in the working directory, and in a repository (a folder that has "
        "`.git`) in the folders above, up to the root of the repository; the nearest one counts. "
        "`--config FILE` names another. It is read as strictly as a plan, and only when an "
        "environment is asked for, with `--env` or `ORCHESTRATE_ENV`, or `--config` is given.\n\n"
        "```yaml\nenvironments:\n  dev: {url_env: DEV_URL, gates: off}\n"
        "  prod: {service: shop-prod}\n```\n\n");
    add_config_keys(out, config_keys);
    buf_add(out, "\n## environments\n\n"
                 "Per name, at most one of `url`, `url_env` and `service`; with none of them the "
                 "database is found as without `--env`.\n\n");
    add_config_keys(out, environment_keys);
    buf_add(
        out,
        "\nWhich database is worked on, the first that is given: `--url`, "
        "`ORCHESTRATE_DATABASE_URL`, the environment's, `DATABASE_URL`, libpq's own `PG*` "
        "variables and service files.\n\n"
        "`orchestrate init --env NAME` stores the name in the database (so does a `start --env` "
        "that makes the state schema). A command with another `--env` is refused from then on "
        "with exit status 78; one without `--env` is not asked.\n\n"
        "With `gates: off` the gates that a plan names are dropped when it is started in that "
        "environment. Those that are always on stay, and so does `after`. It is recorded in the "
        "history, and "
        "`status` and `plan` say so; the plan file counts as unchanged.\n");
}
