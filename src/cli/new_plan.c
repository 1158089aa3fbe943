#include "new_plan.h"

#include <string.h>

#include "orchestrate/report/report.h"
#include "orchestrate/sql/template.h"

/* --- YAML ------------------------------------------------------------------ */

/* Words that some reader of YAML takes for something else than text. */
static bool is_special(const char *text)
{
    static const char *const words[] = {
        "null", "true", "false", "yes", "no", "on", "off", "y", "n"
    };

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

/* In double quotes unless it can do without. */
static const char *scalar(struct arena *arena, const char *text)
{
    static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789.- ";
    struct buf out = BUF_IN(arena);

    if (*text && strchr(first, *text) && !text[strspn(text, all)] &&
        text[strlen(text) - 1] != ' ' && !is_special(text))
        return text;
    buf_add(&out, "\"");
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            buf_addf(&out, "\\%c", *text);
        else if (*text == '\n')
            buf_add(&out, "\\n");
        else if (*text == '\t')
            buf_add(&out, "\\t");
        else
            buf_addn(&out, text, 1);
    buf_add(&out, "\"");
    return buf_text(&out);
}

static void add_key(struct buf *out, const char *indent, const char *key, const char *value)
{
    if (value)
        buf_addf(out, "%s%s: %s\n", indent, key, scalar(out->arena, value));
}

/* "a,b" on the command line; a JSON array is one of YAML, too. */
static const char *names(struct arena *arena, const char *text)
{
    struct buf out = BUF_IN(arena);

    if (*text == '[')
        return text;
    buf_add(&out, "[");
    for (const char *sep = ""; *text; sep = ", ") {
        size_t n = strcspn(text, ",");

        buf_addf(&out, "%s%s", sep, scalar(arena, arena_strndup(arena, text, n)));
        text += n + (text[n] == ',');
    }
    buf_add(&out, "]");
    return buf_text(&out);
}

static const char *field_text(struct arena *arena, const struct field *field, const char *value)
{
    return field->kind == FIELD_NAMES ? names(arena, value) : scalar(arena, value);
}

static void add_comment(struct buf *out, const char *first, const char *rest, const char *text)
{
    report_wrap(out, first, rest, text);
}

const char *new_plan_least(struct arena *arena, const struct operation *op,
                           const char *const *values)
{
    struct buf out = BUF_IN(arena);

    buf_addf(&out, "plan: new\nchange:\n  %s:\n", op->name);
    for (size_t i = 0; op->fields[i].key; i++)
        if (values[i])
            buf_addf(&out, "    %s: %s\n", op->fields[i].key,
                     field_text(arena, &op->fields[i], values[i]));
    return buf_text(&out);
}

/* --- templates --------------------------------------------------------------- */

static bool render(struct arena *arena, const struct change *change, const char *text,
                   const char **out, struct err *err)
{
    const struct field *fields = change->op->fields;
    struct vars vars = { .missing_ok = true };

    for (size_t i = 1; fields[i].key; i++)
        vars_add(arena, &vars, fields[i].key, change->args[i] ? change->args[i] : "");
    vars_add(arena, &vars, "table", change->table);
    vars_add(arena, &vars, "rel", change->args[0]);
    return template_render(arena, text, &vars, out, err);
}

/* What may stand in a name stays, a row of anything else becomes one hyphen. */
static const char *as_name(struct arena *arena, const char *text)
{
    enum { MOST = 63 };
    struct buf out = BUF_IN(arena);
    bool gap = false;

    for (; *text && out.len < MOST - 1; text++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;

        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789", c)) {
            gap = true;
            continue;
        }
        if (gap && out.len)
            buf_add(&out, "-");
        gap = false;
        buf_addn(&out, &c, 1);
    }
    return buf_text(&out);
}

bool new_plan_name(struct arena *arena, const struct change *change, const char **name,
                   struct err *err)
{
    if (!render(arena, change, change->op->plan_name, name, err))
        return false;
    *name = as_name(arena, *name);
    return true;
}

/* --- the file ---------------------------------------------------------------- */

static void add_head(struct buf *out, const struct operation *op, const char *name)
{
    static const char *const steps[][3] = {
        { "plan", ".yaml", "what it will do: locks, SQL, the way back" },
        { "start", ".yaml", "register it; no table is touched yet" },
        { "advance", "", "carry out one phase; call it once per deploy" },
    };
    int width = (int)strlen(name) + (int)strlen("advance .yaml");

    add_comment(out, "# ", "# ", arena_printf(out->arena, "%s: %s", op->name, op->doc));
    buf_add(out, "#\n");
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        buf_addf(out, "#   orchestrate %-*s  %s\n", width,
                 arena_printf(out->arena, "%s %s%s", steps[i][0], name, steps[i][1]), steps[i][2]);
}

/* One that was not given stands there to be filled in. */
static void add_optional(struct buf *out, const char *key, const char *value, const char *example,
                         const char *doc)
{
    if (value)
        add_key(out, "", key, value);
    else
        buf_addf(out, "# %s: %s # %s\n", key, example, doc);
}

static void add_change(struct buf *out, const struct change *change)
{
    buf_addf(out, "change:\n  %s:\n", change->op->name);
    for (size_t i = 0; change->op->fields[i].key; i++)
        if (change->args[i])
            buf_addf(out, "    %s: %s # %s\n", change->op->fields[i].key,
                     field_text(out->arena, &change->op->fields[i], change->args[i]),
                     change->op->fields[i].doc);
}

static bool add_phases(struct buf *out, const struct change *change, struct err *err)
{
    const char *note;
    int number = 1;

    buf_add(out, "# The phases; each `orchestrate advance` carries out one:\n#\n");
    for (const struct phase_spec *p = change->op->phases; p->name; p++) {
        if (p->deploy_before)
            buf_add(out, "#   [deploy] roll out the code that the note above asks for\n");
        buf_addf(out, "#   %d. %s%s\n", number++, p->name,
                 p->undo == UNDO_NEVER ? " - the point of no return" : "");
        if (p->note && !render(out->arena, change, p->note, &note, err))
            return false;
        if (p->note)
            add_comment(out, "#      ", "#      ", note);
    }
    return true;
}

static void add_gates(struct buf *out, const struct operation *op)
{
    const char *phase = "";

    if (!op->advice)
        return;
    buf_add(out, "\n# A gate holds its phase until the condition is met; `orchestrate status` says "
                 "what is missing.\n"
                 "# There are more kinds: `orchestrate docs plan`.\n"
                 "gates:\n");
    for (const struct gate_advice *a = op->advice; a->phase; a++) {
        if (strcmp(a->phase, phase) != 0)
            buf_addf(out, "  %s:\n", a->phase);
        phase = a->phase;
        add_comment(out, "    # ", "    # ", a->because);
        buf_addf(out, "    - %s: %s\n", a->gate, a->value);
    }
}

bool new_plan_text(struct arena *arena, const struct change *change, const struct new_plan *given,
                   const char **text, struct err *err)
{
    struct buf out = BUF_IN(arena);
    const char *description = given->description;

    if (!description && !render(arena, change, change->op->plan_description, &description, err))
        return false;
    add_head(&out, change->op, given->name);
    add_key(&out, "", "plan", given->name);
    add_key(&out, "", "description", description);
    add_optional(&out, "owner", given->owner, "accounts", "who answers for it");
    add_optional(&out, "ticket", given->ticket, "OPS-1423", "why it is done");
    add_optional(&out, "app", given->app, "shop-api", "whose deploys step it");
    buf_add(&out, "\n");
    add_change(&out, change);
    buf_add(&out, "\n");
    if (!add_phases(&out, change, err))
        return false;
    add_gates(&out, change->op);
    *text = buf_text(&out);
    return true;
}
