/*
 * schema.c - the JSON Schema of plans, for editors.
 *
 * The loader is stricter: what a schema cannot say (what a table name is made of,
 * that two names differ) is left to `orchestrate validate`.  Where YAML makes
 * something else than text of a word (1423, 0, no), the schema takes that, too.
 */
#include "orchestrate/base/json.h"
#include "orchestrate/plan/format.h"
#include "orchestrate/plan/plan.h"

#define NAME "[a-z0-9][a-z0-9._-]{0,62}"
#define DURATION "0|[0-9]+(ms|s|m|h|d)"

/* --- small parts ------------------------------------------------------------- */

/* "type": one of these, as YAML reads a word. */
static void add_type(struct json *j, const char *const *types)
{
    json_open(j, "type", '[');
    for (; *types; types++)
        json_text(j, NULL, *types);
    json_close(j, ']');
}

static void add_text(struct json *j)
{
    add_type(j, (const char *const[]){ "string", "number", "boolean", NULL });
    json_int(j, "minLength", 1);
}

/* A word of this form.  YAML may take it for a number; patterns are asked of strings only. */
static void add_word(struct json *j, const char *number, const char *pattern)
{
    add_type(j, (const char *const[]){ "string", number, NULL });
    json_text(j, "pattern", arena_printf(j->out->arena, "^(%s)$", pattern));
}

static void add_name(struct json *j)
{
    add_word(j, "number", NAME);
}

/* Without a unit there is only 0. */
static void add_duration(struct json *j, const char *pattern)
{
    add_word(j, "integer", pattern);
    json_int(j, "minimum", 0);
    json_int(j, "maximum", 0);
}

static void add_list(struct json *j, void (*item)(struct json *j), int most)
{
    json_text(j, "type", "array");
    json_int(j, "minItems", 1);
    json_int(j, "maxItems", most);
    json_bool(j, "uniqueItems", true);
    json_open(j, "items", '{');
    item(j);
    json_close(j, '}');
}

static void open_object(struct json *j, const char *key, const char *doc)
{
    json_open(j, key, '{');
    if (doc)
        json_text(j, "description", doc);
    json_text(j, "type", "object");
    json_bool(j, "additionalProperties", false);
}

static void add_count(struct json *j, int64_t least, int64_t most)
{
    add_word(j, "integer", "[0-9]+");
    json_int(j, "minimum", least);
    json_int(j, "maximum", most);
}

/* --- operations -------------------------------------------------------------- */

static void add_field(struct json *j, const struct field *field)
{
    enum { MOST = 63 };

    json_open(j, field->key, '{');
    json_text(j, "description", field->doc);
    if (field->kind == FIELD_NAMES)
        add_list(j, add_text, GATE_MOST);
    else
        add_text(j);
    if (field->kind == FIELD_IDENT)
        json_int(j, "maxLength", MOST);
    json_close(j, '}');
}

static void add_operation(struct json *j, const struct operation *op)
{
    open_object(j, op->name, op->doc);
    json_open(j, "required", '[');
    for (const struct field *f = op->fields; f->key; f++)
        if (f->required)
            json_text(j, NULL, f->key);
    json_close(j, ']');
    json_open(j, "properties", '{');
    for (const struct field *f = op->fields; f->key; f++)
        add_field(j, f);
    json_close(j, '}');
    json_close(j, '}');
}

static void one_of_them(struct json *j)
{
    json_int(j, "minProperties", 1);
    json_int(j, "maxProperties", 1);
}

static void add_change(struct json *j)
{
    json_text(j, "type", "object");
    json_bool(j, "additionalProperties", false);
    one_of_them(j);
    json_open(j, "properties", '{');
    for (size_t i = 0; operations[i]; i++)
        add_operation(j, operations[i]);
    json_close(j, '}');
}

static void add_changes(struct json *j)
{
    json_text(j, "type", "array");
    json_int(j, "minItems", 1);
    json_int(j, "maxItems", PLAN_MOST_CHANGES);
    json_open(j, "items", '{');
    add_change(j);
    json_close(j, '}');
}

/* --- settings ------------------------------------------------------------------ */

static void add_setting_value(struct json *j, const struct setting *s)
{
    static const char *const patterns[] = {
        [SETTING_DURATION] = DURATION,
        [SETTING_DURATION_OR_NONE] = "none|" DURATION,
        [SETTING_PERCENT] = "[0-9]{1,3}%",
        [SETTING_RATE_OR_NONE] = "none|[0-9]+(kB|MB|GB)/s",
    };

    if (s->kind == SETTING_COUNT)
        add_count(j, s->least, s->most);
    else if (s->kind == SETTING_DURATION || s->kind == SETTING_DURATION_OR_NONE)
        add_duration(j, patterns[s->kind]);
    else
        add_word(j, NULL, patterns[s->kind]);
}

static void add_setting(struct json *j, const char *key, const struct setting *s)
{
    json_open(j, key, '{');
    json_text(j, "description", s->doc);
    add_setting_value(j, s);
    json_text(j, "default", s->preset);
    json_close(j, '}');
}

/* "batch_rows.start": rows with one name before the dot stand side by side. */
static size_t add_group(struct json *j, const struct setting *rows, size_t n, size_t i)
{
    size_t len = strcspn(rows[i].key, ".");
    const char *group = arena_strndup(j->out->arena, rows[i].key, len);

    open_object(j, group, NULL);
    json_open(j, "properties", '{');
    for (; i < n && strncmp(rows[i].key, group, len) == 0 && rows[i].key[len] == '.'; i++)
        add_setting(j, rows[i].key + len + 1, &rows[i]);
    json_close(j, '}');
    json_close(j, '}');
    return i;
}

static void add_settings(struct json *j)
{
    size_t n;
    const struct setting *rows = settings_table(&n);

    json_text(j, "type", "object");
    json_bool(j, "additionalProperties", false);
    json_open(j, "properties", '{');
    for (size_t i = 0; i < n;)
        if (strchr(rows[i].key, '.'))
            i = add_group(j, rows, n, i);
        else {
            add_setting(j, rows[i].key, &rows[i]);
            i++;
        }
    json_close(j, '}');
}

/* --- gates --------------------------------------------------------------------- */

static void windows(struct json *j)
{
    json_open(j, "anyOf", '[');
    json_open(j, NULL, '{');
    json_text(j, "type", "string");
    json_int(j, "minLength", 1);
    json_close(j, '}');
    json_open(j, NULL, '{');
    add_list(j, add_text, GATE_MOST);
    json_close(j, '}');
    json_close(j, ']');
}

static void count(struct json *j)
{
    add_count(j, 1, GATE_MOST);
}

static void texts(struct json *j)
{
    add_list(j, add_text, GATE_MOST);
}

static void (*const field_values[])(struct json *j) = {
    [GATE_COUNT] = count,   [GATE_ROLE] = add_text, [GATE_WINDOWS] = windows,
    [GATE_ZONE] = add_text, [GATE_SQL] = add_text,  [GATE_PROSE] = add_text,
    [GATE_PATHS] = texts,   [GATE_REGEXES] = texts,
};

static void gate_map(struct json *j, const struct gate_kind *kind)
{
    json_text(j, "type", "object");
    json_bool(j, "additionalProperties", false);
    json_open(j, "required", '[');
    for (const struct gate_field *f = kind->fields; f->key; f++)
        if (f->required)
            json_text(j, NULL, f->key);
    json_close(j, ']');
    json_open(j, "properties", '{');
    for (const struct gate_field *f = kind->fields; f->key; f++) {
        json_open(j, f->key, '{');
        json_text(j, "description", f->doc);
        field_values[f->kind](j);
        if (f->preset)
            json_raw(j, "default", f->preset);
        json_close(j, '}');
    }
    json_close(j, '}');
}

static void gate_duration(struct json *j, const struct gate_kind *kind)
{
    (void)kind;
    add_duration(j, DURATION);
}

static void gate_word(struct json *j, const struct gate_kind *kind)
{
    json_text(j, "const", kind->word);
}

static void gate_plans(struct json *j, const struct gate_kind *kind)
{
    (void)kind;
    add_list(j, add_name, GATE_MOST);
}

static void (*const gate_values[])(struct json *j, const struct gate_kind *kind) = {
    [GATE_DURATION] = gate_duration,
    [GATE_WORD] = gate_word,
    [GATE_PLANS] = gate_plans,
    [GATE_MAP] = gate_map,
};

/* What one item of a phase's list may be. */
static void add_gate(struct json *j)
{
    json_open(j, "gate", '{');
    json_text(j, "type", "object");
    json_bool(j, "additionalProperties", false);
    one_of_them(j);
    json_open(j, "properties", '{');
    for (const struct gate_kind *kind = gate_kinds; kind->name; kind++) {
        if (kind->value == GATE_NO_VALUE)
            continue;
        json_open(j, kind->name, '{');
        json_text(j, "description", kind->doc);
        gate_values[kind->value](j, kind);
        json_close(j, '}');
    }
    json_close(j, '}');
    json_close(j, '}');
}

/* By phase; which ones there are is said by the operation, or by the plan itself. */
static void add_gates(struct json *j)
{
    json_text(j, "type", "object");
    json_open(j, "additionalProperties", '{');
    json_text(j, "type", "array");
    json_int(j, "minItems", 1);
    json_open(j, "items", '{');
    json_text(j, "$ref", "#/$defs/gate");
    json_close(j, '}');
    json_close(j, '}');
}

/* An operation has its own phases; of several, `validate` knows. */
static void add_condition(struct json *j, const struct operation *op)
{
    json_open(j, NULL, '{');
    json_open(j, "if", '{');
    json_open(j, "required", '[');
    json_text(j, NULL, "change");
    json_close(j, ']');
    json_open(j, "properties", '{');
    json_open(j, "change", '{');
    json_open(j, "required", '[');
    json_text(j, NULL, op->name);
    json_close(j, ']');
    json_close(j, '}');
    json_close(j, '}');
    json_close(j, '}');
    json_open(j, "then", '{');
    json_open(j, "properties", '{');
    json_open(j, "gates", '{');
    json_open(j, "propertyNames", '{');
    json_open(j, "enum", '[');
    for (const struct phase_spec *p = op->phases; p->name; p++)
        json_text(j, NULL, p->name);
    json_close(j, ']');
    json_close(j, '}');
    json_close(j, '}');
    json_close(j, '}');
    json_close(j, '}');
    json_close(j, '}');
}

/* --- the plan -------------------------------------------------------------------- */

static void add_keys(struct json *j, const struct plan_key *keys);

/* {"required": [...]}: ends with NULL. */
static void require(struct json *j, const char *const *keys)
{
    json_open(j, NULL, '{');
    json_open(j, "required", '[');
    for (; *keys; keys++)
        json_text(j, NULL, *keys);
    json_close(j, ']');
    json_close(j, '}');
}

static void add_plan_name(struct json *j)
{
    add_name(j);
    json_open(j, "not", '{');
    json_text(j, "type", "string");
    json_text(j, "pattern", "\\.ya?ml$");
    json_close(j, '}');
}

static void add_version(struct json *j)
{
    static const char one[] = " *(>=|<=|>|<|=) *[0-9]+(\\.[0-9]+)* *";

    add_word(j, NULL, arena_printf(j->out->arena, "%s(,%s)*", one, one));
}

static void add_plans(struct json *j)
{
    add_list(j, add_name, GATE_MOST);
}

static void add_code(struct json *j)
{
    add_keys(j, plan_code_keys);
    json_int(j, "minProperties", 1);
}

static void add_accept(struct json *j)
{
    json_text(j, "type", "array");
    json_int(j, "minItems", 1);
    json_open(j, "items", '{');
    add_keys(j, plan_accept_keys);
    json_close(j, '}');
}

static void add_items(struct json *j, const struct plan_key *keys)
{
    json_text(j, "type", "array");
    json_int(j, "minItems", 1);
    json_open(j, "items", '{');
    add_keys(j, keys);
}

static void add_phases(struct json *j)
{
    add_items(j, plan_phase_keys);
    json_close(j, '}');
}

/* Each does one thing, and says how it is undone. */
static void add_steps(struct json *j)
{
    static const char *const actions[] = { "sql", "concurrently", "backfill" };

    add_items(j, plan_step_keys);
    json_open(j, "oneOf", '[');
    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        require(j, (const char *const[]){ actions[i], "undo", NULL });
    require(j, (const char *const[]){ "check", NULL });
    json_close(j, ']');
    json_close(j, '}');
}

static void add_backfill(struct json *j)
{
    add_keys(j, plan_backfill_keys);
}

static void add_set(struct json *j)
{
    json_text(j, "type", "object");
    json_int(j, "minProperties", 1);
    json_open(j, "additionalProperties", '{');
    add_text(j);
    json_close(j, '}');
}

static void add_flag(struct json *j)
{
    json_text(j, "type", "boolean");
}

static void (*const shapes[])(struct json *j) = {
    [SHAPE_PLAN_NAME] = add_plan_name, [SHAPE_NAME] = add_name,
    [SHAPE_TEXT] = add_text,           [SHAPE_VERSION] = add_version,
    [SHAPE_PHASE] = add_name,          [SHAPE_PLANS] = add_plans,
    [SHAPE_CODE] = add_code,           [SHAPE_ACCEPT] = add_accept,
    [SHAPE_CHANGE] = add_change,       [SHAPE_CHANGES] = add_changes,
    [SHAPE_SETTINGS] = add_settings,   [SHAPE_GATES] = add_gates,
    [SHAPE_PHASES] = add_phases,       [SHAPE_STEPS] = add_steps,
    [SHAPE_BACKFILL] = add_backfill,   [SHAPE_SET] = add_set,
    [SHAPE_FLAG] = add_flag,
};
_Static_assert(ARRAY_LEN(shapes) == PLAN_SHAPE_COUNT, "a schema for every shape");

static void add_keys(struct json *j, const struct plan_key *keys)
{
    json_text(j, "type", "object");
    json_bool(j, "additionalProperties", false);
    json_open(j, "required", '[');
    for (const struct plan_key *key = keys; key->name; key++)
        if (key->required)
            json_text(j, NULL, key->name);
    json_close(j, ']');
    json_open(j, "properties", '{');
    for (const struct plan_key *key = keys; key->name; key++) {
        json_open(j, key->name, '{');
        json_text(j, "description", key->doc);
        shapes[key->shape](j);
        json_close(j, '}');
    }
    json_close(j, '}');
}

void plan_schema(struct buf *out)
{
    struct buf text = BUF_IN(out->arena);
    struct json j = { .out = &text };

    json_open(&j, NULL, '{');
    json_text(&j, "$schema", "https://json-schema.org/draft/2020-12/schema");
    json_text(&j, "title", "Plan of orchestrate");
    add_keys(&j, plan_keys);
    json_open(&j, "allOf", '[');
    for (size_t i = 0; operations[i]; i++)
        add_condition(&j, operations[i]);
    json_close(&j, ']');
    json_open(&j, "oneOf", '[');
    require(&j, (const char *const[]){ "change", NULL });
    require(&j, (const char *const[]){ "changes", NULL });
    require(&j, (const char *const[]){ "phases", NULL });
    json_close(&j, ']');
    json_open(&j, "$defs", '{');
    add_gate(&j);
    json_close(&j, '}');
    json_close(&j, '}');
    json_indent(out, buf_text(&text));
}
