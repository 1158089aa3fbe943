/*
 * The safety report as Markdown, for a comment on a pull request: what decides
 * is visible, the SQL is folded away.
 */
#include "orchestrate/base/text.h"
#include "safety.h"

/* In a cell of a table a bar or a line end would begin something new. */
static const char *cell(struct arena *arena, const char *text)
{
    struct buf out = BUF_IN(arena);

    for (; text && *text; text++)
        if (*text == '|')
            buf_add(&out, "\\|");
        else
            buf_addn(&out, *text == '\n' ? " " : text, 1);
    return buf_text(&out);
}

/* Prose of the plan's author and of the catalog must not become markup. */
static const char *plain(struct arena *arena, const char *text)
{
    struct buf out = BUF_IN(arena);

    for (; text && *text; text++) {
        if (strchr("\\*_[]<>#", *text))
            buf_add(&out, "\\");
        buf_addn(&out, *text == '\n' ? " " : text, 1);
    }
    return buf_text(&out);
}

/* A fence longer than any that stands in the text. */
static void fenced(struct buf *out, const char *text)
{
    size_t longest = 2, here = 0;

    for (const char *c = text; *c; c++) {
        here = *c == '`' ? here + 1 : 0;
        longest = here > longest ? here : longest;
    }
    buf_addf(out, "%.*ssql\n%s%.*s\n", (int)longest + 1, "````````````````", text, (int)longest + 1,
             "````````````````");
}

static void head(struct buf *out, const struct safety *s)
{
    const struct plan *p = s->plan;

    buf_addf(out, "<!-- orchestrate plan %s -->\n## Plan `%s`\n\n", p->name, p->name);
    if (p->description && *p->description)
        buf_addf(out, "%s\n\n", plain(s->arena, p->description));
    buf_addf(out, "**Verdict: %s.** %s\n", plain(s->arena, s->verdict), plain(s->arena, s->source));
    if (p->owner && *p->owner)
        buf_addf(out, "Owner: %s. ", plain(s->arena, p->owner));
    if (p->ticket && *p->ticket)
        buf_addf(out, "Ticket: %s. ", plain(s->arena, p->ticket));
    if (p->app && *p->app)
        buf_addf(out, "App: %s.", plain(s->arena, p->app));
    buf_add(out, "\n");
    for (size_t i = 0; i < s->n_sizes; i++)
        buf_addf(out, "\n%s\n", plain(s->arena, s->sizes[i]));
}

static void findings(struct buf *out, const struct safety *s, const char *title,
                     const struct noted *noted, size_t n)
{
    if (!n)
        return;
    buf_addf(out, "\n### %s\n\n", title);
    for (size_t i = 0; i < n; i++) {
        const struct finding *f = noted[i].finding;

        buf_addf(out, "- `%s`: %s", f->code, plain(s->arena, f->message));
        if (noted[i].accept)
            buf_addf(out, " (accepted: %s)", plain(s->arena, noted[i].accept->because));
        else if (*f->hint)
            buf_addf(out, " **%s**", plain(s->arena, f->hint));
        buf_add(out, "\n");
    }
}

static void assessment(struct buf *out, const struct safety *s)
{
    buf_add(out, "\n### Safety assessment\n\n"
                 "| phase | risk | strongest table lock | undo |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < s->program->n_phases; i++) {
        const struct phase *phase = &s->program->phases[i];

        if (phase->deploy_before)
            buf_add(out, "| **deploy** | | | |\n");
        buf_addf(out, "| %s | %s | %s | %s |\n", cell(s->arena, phase->name),
                 risk_name(phase_risk(phase)), safety_phase_lock(s, phase),
                 cell(s->arena, safety_undo(s, i)));
    }
    buf_addf(out, "\n%s\n", plain(s->arena, s->waits));
    for (size_t i = 0; i < s->n_breaks; i++) {
        if (i == 0 && s->n_serious)
            buf_add(out, "\nWhat breaks it:\n\n");
        if (i == s->n_serious)
            buf_add(out, "\nKnown to be noticed all the same:\n\n");
        buf_addf(out, "- %s\n", plain(s->arena, s->breaks[i]));
    }
}

static void migration(struct buf *out, const struct safety *s)
{
    buf_add(out, "\n### Migration plan\n\n");
    for (size_t i = 0; i < s->program->n_phases; i++) {
        const struct phase *phase = &s->program->phases[i];

        buf_addf(out, "%zu. %s**%s**\n", i + 1, phase->deploy_before ? "*after the deploy:* " : "",
                 phase->name);
        for (size_t k = 0; k < phase->n_steps; k++)
            buf_addf(out, "   - %s - %s\n",
                     plain(s->arena, phase->steps[k].title ? phase->steps[k].title
                                                           : step_kind_name(phase->steps[k].kind)),
                     plain(s->arena, safety_step_lock(s, &phase->steps[k])));
        for (size_t k = 0; k < s->plan->n_gates; k++)
            if (strcmp(s->plan->gates[k].phase, phase->name) == 0)
                buf_addf(out, "   - gate `%s: %s`%s\n", s->plan->gates[k].kind->name,
                         s->plan->gates[k].value,
                         safety_gate_off(s, &s->plan->gates[k]) ? " (off)" : "");
        if (phase->note)
            buf_addf(out, "   - **Note:** %s\n", plain(s->arena, phase->note));
    }
}

static void steps(struct buf *out, const struct safety *s, const char *title,
                  const struct step *list, size_t n)
{
    if (!n)
        return;
    buf_addf(out, "\n<details><summary>%s</summary>\n\n", title);
    for (size_t i = 0; i < n; i++) {
        struct buf sql = BUF_IN(s->arena);

        report_step_sql(&sql, &list[i], &s->plan->settings);
        buf_addf(out, "`%s`%s%s\n\n", list[i].id, list[i].title ? " " : "",
                 list[i].title ? plain(s->arena, list[i].title) : "");
        fenced(out, buf_text(&sql));
        buf_add(out, i + 1 < n ? "\n" : "");
    }
    buf_add(out, "\n</details>\n");
}

static void checklist(struct buf *out, const struct safety *s)
{
    buf_add(out, "\n### Checklist before the first deploy\n\n");
    for (size_t i = 0; i < s->n_checks; i++)
        buf_addf(out, "- [%c] %s%s\n", s->checks[i].state == CHECK_DONE ? 'x' : ' ',
                 s->checks[i].state == CHECK_BAD ? "**Not so:** " : "", s->checks[i].text);
}

static void rollback(struct buf *out, const struct safety *s)
{
    buf_add(out, "\n### Rollback plan\n\n");
    for (size_t i = s->program->n_phases; i > 0; i--)
        buf_addf(out, "- **%s**: %s\n", s->program->phases[i - 1].name, safety_undo(s, i - 1));
}

static void all_sql(struct buf *out, const struct safety *s)
{
    buf_add(out, "\n### SQL\n");
    if (s->names)
        buf_addf(out, "\n%s\n", plain(s->arena, s->names));
    for (size_t i = 0; i < s->program->n_phases; i++)
        steps(out, s, s->program->phases[i].name, s->program->phases[i].steps,
              s->program->phases[i].n_steps);
    for (size_t i = s->program->n_phases; i > 0; i--)
        steps(out, s, arena_printf(s->arena, "undo of %s", s->program->phases[i - 1].name),
              s->program->phases[i - 1].undo_steps, s->program->phases[i - 1].n_undo_steps);
}

void safety_markdown(struct buf *out, const struct safety *s)
{
    head(out, s);
    findings(out, s, "Refused", s->refused, s->n_refused);
    findings(out, s, "Warned", s->warned, s->n_warned);
    if (s->no_plan)
        return;
    assessment(out, s);
    migration(out, s);
    rollback(out, s);
    checklist(out, s);
    all_sql(out, s);
}
