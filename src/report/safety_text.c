/*
 * The safety report for a terminal.
 */
#include "safety.h"

static void heading(struct buf *out, const char *text)
{
    buf_addf(out, "\n%s\n\n", text);
}

static void head(struct buf *out, const struct safety *s)
{
    const struct plan *p = s->plan;
    const char *sep = "";
    const struct {
        const char *name, *value;
    } rows[] = { { "owner", p->owner }, { "ticket", p->ticket }, { "app", p->app } };

    report_wrap(out, "", "  ",
                arena_printf(s->arena, "Plan %s%s%s", p->name, p->description ? ": " : "",
                             p->description ? p->description : ""));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].value && *rows[i].value) {
            buf_addf(out, "%s%s %s", sep, rows[i].name, rows[i].value);
            sep = ", ";
        }
    if (*sep)
        buf_add(out, "\n");
    report_wrap(out, "", "", s->source);
    for (size_t i = 0; i < s->n_sizes; i++)
        report_wrap(out, "", "  ", s->sizes[i]);
}

static void assessment(struct buf *out, const struct safety *s)
{
    heading(out, "SAFETY ASSESSMENT");
    report_wrap(out, "  Verdict: ", "  ", s->verdict);
    buf_addf(out, "\n  %-14s %-7s %-39s %s\n", "phase", "risk", "strongest table lock", "undo");
    for (size_t i = 0; i < s->program->n_phases; i++) {
        const struct phase *phase = &s->program->phases[i];

        if (phase->deploy_before)
            buf_add(out, "  [deploy]\n");
        buf_addf(out, "  %-14s %-7s %-39s %s\n", phase->name, risk_name(phase_risk(phase)),
                 safety_phase_lock(s, phase), undo_kind_name(phase->undo));
    }
    report_wrap(out, "\n  ", "  ", s->waits);
    for (size_t i = 0; i < s->n_breaks; i++) {
        if (i == 0 && s->n_serious)
            buf_add(out, "\n  What breaks it:\n");
        if (i == s->n_serious)
            buf_add(out, "\n  Known to be noticed all the same:\n");
        report_wrap(out, "  - ", "    ", s->breaks[i]);
    }
}

static void migration(struct buf *out, const struct safety *s)
{
    heading(out, "MIGRATION PLAN");
    for (size_t i = 0; i < s->program->n_phases; i++) {
        const struct phase *phase = &s->program->phases[i];

        if (phase->deploy_before)
            buf_add(out, "  [deploy] roll out the code that the note above asks for\n\n");
        buf_addf(out, "  %zu. %s\n", i + 1, phase->name);
        for (size_t k = 0; k < phase->n_steps; k++) {
            const struct step *step = &phase->steps[k];

            report_wrap(out, "     - ", "       ",
                        arena_printf(s->arena, "%s - %s",
                                     step->title ? step->title : step_kind_name(step->kind),
                                     safety_step_lock(s, step)));
        }
        for (size_t k = 0; k < s->plan->n_gates; k++)
            if (strcmp(s->plan->gates[k].phase, phase->name) == 0)
                buf_addf(out, "     gate %s: %s%s\n", s->plan->gates[k].kind->name,
                         s->plan->gates[k].value,
                         safety_gate_off(s, &s->plan->gates[k]) ? " (off)" : "");
        if (phase->note)
            report_wrap(out, "     note: ", "       ", phase->note);
        buf_add(out, i + 1 < s->program->n_phases ? "\n" : "");
    }
}

static void indented(struct buf *out, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");

        if (len)
            buf_add(out, "    ");
        buf_addn(out, text, len);
        buf_add(out, "\n");
        text += len + (text[len] == '\n');
    }
}

static void step_sql(struct buf *out, const struct safety *s, const struct step *step)
{
    struct buf sql = BUF_IN(s->arena);

    report_step_sql(&sql, step, &s->plan->settings);
    buf_addf(out, "  %s%s%s\n", step->id, step->title ? ": " : "", step->title ? step->title : "");
    indented(out, buf_text(&sql));
    buf_add(out, "\n");
}

/* The last phase first, as it would be undone. */
static void rollback(struct buf *out, const struct safety *s)
{
    heading(out, "ROLLBACK PLAN");
    for (size_t i = s->program->n_phases; i > 0; i--)
        buf_addf(out, "  %-14s %s\n", s->program->phases[i - 1].name, safety_undo(s, i - 1));
}

/* Long, hence last. */
static void all_sql(struct buf *out, const struct safety *s)
{
    heading(out, "SQL, EXACTLY AS IT WILL RUN");
    if (s->names) {
        report_wrap(out, "  ", "  ", s->names);
        buf_add(out, "\n");
    }
    for (size_t i = 0; i < s->program->n_phases; i++)
        for (size_t k = 0; k < s->program->phases[i].n_steps; k++)
            step_sql(out, s, &s->program->phases[i].steps[k]);
    heading(out, "SQL OF THE WAY BACK");
    for (size_t i = s->program->n_phases; i > 0; i--)
        for (size_t k = 0; k < s->program->phases[i - 1].n_undo_steps; k++)
            step_sql(out, s, &s->program->phases[i - 1].undo_steps[k]);
}

static void checklist(struct buf *out, const struct safety *s)
{
    static const char *const marks[] = {
        [CHECK_OPEN] = "  [ ] ", [CHECK_DONE] = "  [x] ", [CHECK_BAD] = "  [!] "
    };

    heading(out, "CHECKLIST BEFORE THE FIRST DEPLOY");
    for (size_t i = 0; i < s->n_checks; i++)
        report_wrap(out, marks[s->checks[i].state], "      ", s->checks[i].text);
}

static void findings(struct buf *out, const struct safety *s, const char *title,
                     const struct noted *noted, size_t n)
{
    if (!n)
        return;
    heading(out, title);
    for (size_t i = 0; i < n; i++) {
        const struct finding *f = noted[i].finding;

        report_wrap(out, "  - ", "    ", arena_printf(s->arena, "%s: %s", f->code, f->message));
        if (noted[i].accept)
            report_wrap(out, "    accepted: ", "      ", noted[i].accept->because);
        else if (*f->hint)
            report_wrap(out, "    hint: ", "      ", f->hint);
    }
}

static void verdict(struct buf *out, const struct safety *s)
{
    report_wrap(out, "\nVerdict: ", "  ", s->verdict);
}

void safety_text(struct buf *out, const struct safety *s)
{
    head(out, s);
    findings(out, s, "REFUSED", s->refused, s->n_refused);
    findings(out, s, "WARNED", s->warned, s->n_warned);
    if (!s->no_plan) {
        assessment(out, s);
        migration(out, s);
        rollback(out, s);
        checklist(out, s);
        if (!s->n_refused)
            verdict(out, s);
        all_sql(out, s);
    }
    /* What was refused ends with that: nobody should have to scroll up for it. */
    if (s->n_refused)
        verdict(out, s);
}
