#include "checksum.h"

#include <openssl/evp.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/base/text.h"
#include "validate.h"

/* One line each: what would break the line, or be taken for it, is escaped. */
static void add_value(struct buf *out, const char *value)
{
    static const char plain[] = "\n\t\\", letter[] = "nt\\";

    buf_add(out, " = ");
    for (; *value; value++) {
        const char *found = strchr(plain, *value);

        if (found)
            buf_addf(out, "\\%c", letter[found - plain]);
        else
            buf_addn(out, value, 1);
    }
    buf_add(out, "\n");
}

static void add(struct buf *out, const char *key, const char *value)
{
    if (!value)
        return;
    buf_add(out, key);
    add_value(out, value);
}

static void add_change(struct buf *out, size_t ordinal, const struct change *change)
{
    for (size_t i = 0; change->op->fields[i].key; i++)
        if (change->written[i]) {
            buf_addf(out, "change.%zu.%s.%s", ordinal, change->op->name, change->op->fields[i].key);
            add_value(out, change->written[i]);
        }
}

static void add_accepts(struct buf *out, const char *where, const struct plan_accept *accepts,
                        size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_addf(out, "%saccept.%zu.rule", where, i + 1);
        add_value(out, accepts[i].rule);
        buf_addf(out, "%saccept.%zu.because", where, i + 1);
        add_value(out, accepts[i].because);
    }
}

static void add_member(struct buf *out, const char *where, const char *key, const char *value)
{
    if (value) {
        buf_addf(out, "%s%s", where, key);
        add_value(out, value);
    }
}

/* The texts as they are written: what is in a comment of theirs is sent, too. */
static void add_own_step(struct buf *out, const char *where, const struct own_step *step)
{
    static const char *const keys[] = { [OWN_SQL] = "sql",
                                        [OWN_CONCURRENTLY] = "concurrently",
                                        [OWN_BACKFILL] = "backfill",
                                        [OWN_CHECK] = "check" };
    static const char *const undos[] = { [OWN_UNDO_NONE] = "none", [OWN_UNDO_NEVER] = "never" };

    if (step->table)
        add_member(out, where, "backfill.table", table_text(out->arena, step->schema, step->table));
    for (size_t i = 0; i < step->n_set; i++)
        add_member(out, where, arena_printf(out->arena, "backfill.set.%s", step->set[i].column),
                   step->set[i].expression);
    add_member(out, where, "backfill.where", step->where);
    add_member(out, where, keys[step->kind], step->sql.text);
    add_member(out, where, "verify", step->verify.text);
    if (step->kind != OWN_CHECK)
        add_member(out, where, "undo",
                   step->undoes == OWN_UNDO_SQL ? step->undo.text : undos[step->undoes]);
    add_accepts(out, where, step->accepts, step->n_accepts);
}

static void add_phase(struct buf *out, size_t ordinal, const struct own_phase *phase)
{
    const char *where = arena_printf(out->arena, "phases.%zu.", ordinal);

    add_member(out, where, "name", phase->name);
    add_member(out, where, "note", phase->note);
    add_member(out, where, "role", phase->role);
    add_member(out, where, "deploy_before", phase->deploy_before ? "true" : NULL);
    for (size_t i = 0; i < phase->n_steps; i++)
        add_own_step(out, arena_printf(out->arena, "%ssteps.%zu.", where, i + 1), &phase->steps[i]);
}

static const char *gate_text(struct arena *arena, const struct plan_gate *gate)
{
    int64_t ms;

    if (gate->kind->value == GATE_DURATION && text_duration(gate->value, &ms))
        return text_from_duration(arena, ms);
    return gate->value;
}

static void add_gates(struct buf *out, const struct plan *plan)
{
    size_t ordinal = 0;

    for (size_t i = 0; i < plan->n_gates; i++) {
        const struct plan_gate *gate = &plan->gates[i];

        ordinal = i && strcmp(gate->phase, gate[-1].phase) == 0 ? ordinal + 1 : 1;
        buf_addf(out, "gates.%s.%zu.%s", gate->phase, ordinal, gate->kind->name);
        add_value(out, gate_text(out->arena, gate));
    }
}

const char *plan_canonical(struct arena *arena, const struct plan *plan)
{
    struct buf out = BUF_IN(arena);

    add(&out, "plan", plan->name);
    add(&out, "app", plan->app);
    add(&out, "code.new", plan->code_new);
    add(&out, "code.old_until", plan->code_old_until);
    for (size_t i = 0; i < plan->n_changes; i++)
        add_change(&out, i + 1, &plan->changes[i]);
    for (size_t i = 0; i < plan->n_phases; i++)
        add_phase(&out, i + 1, &plan->phases[i]);
    for (size_t i = 0; i < plan->n_setting_texts; i++) {
        const struct setting *setting = setting_find(plan->setting_texts[i].key);

        buf_addf(&out, "settings.%s", setting->key);
        add_value(&out, setting_text(arena, setting, &plan->settings));
    }
    add_gates(&out, plan);
    add_accepts(&out, "", plan->accepts, plan->n_accepts);
    return buf_text(&out);
}

const char *text_sha256(struct arena *arena, const char *text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n;
    struct buf out = BUF_IN(arena);

    if (!EVP_Digest(text, strlen(text), digest, &n, EVP_sha256(), NULL))
        abort(); /* no memory, or an OpenSSL without SHA-256 */
    for (unsigned i = 0; i < n; i++)
        buf_addf(&out, "%02x", digest[i]);
    return buf_text(&out);
}
