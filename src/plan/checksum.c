#include "checksum.h"

#include <openssl/evp.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/base/text.h"

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
    for (size_t i = 0; i < plan->n_setting_texts; i++) {
        const struct setting *setting = setting_find(plan->setting_texts[i].key);

        buf_addf(&out, "settings.%s", setting->key);
        add_value(&out, setting_text(arena, setting, &plan->settings));
    }
    add_gates(&out, plan);
    for (size_t i = 0; i < plan->n_accepts; i++) {
        buf_addf(&out, "accept.%zu.rule", i + 1);
        add_value(&out, plan->accepts[i].rule);
        buf_addf(&out, "accept.%zu.because", i + 1);
        add_value(&out, plan->accepts[i].because);
    }
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
