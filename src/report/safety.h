/*
 * safety.h - what the three forms of the safety report have in common: the
 * facts are gathered once, as texts; the forms only lay them out.
 */
#ifndef ORCHESTRATE_REPORT_SAFETY_H
#define ORCHESTRATE_REPORT_SAFETY_H

#include "orchestrate/report/report.h"

enum check_state { CHECK_OPEN, CHECK_DONE, CHECK_BAD };

/* A line of the checklist. */
struct check {
    enum check_state state;
    const char *text;
};

struct noted {
    const struct finding *finding;
    const struct plan_accept *accept; /* NULL: not accepted */
};

struct safety {
    struct arena *arena;
    const struct plan *plan;
    const struct program *program;
    const struct safety_report *report;
    int64_t run;
    bool registered;
    bool asked;   /* a database was asked */
    bool no_plan; /* refused so early that the statements are not known: nothing to show of them */
    enum risk risk;
    bool zero_downtime;
    const char *verdict; /* one line */
    const char *waits;   /* how long a strong lock is waited for */
    const char **sizes;  /* of the tables, in words */
    size_t n_sizes;
    const char *source;  /* where all this comes from */
    const char *names;   /* what the names in the SQL are made from, or NULL */
    const char **breaks; /* what would be noticed: first what breaks zero downtime, */
    size_t n_serious;    /* so many, then what cannot be kept from happening */
    size_t n_breaks;
    struct check *checks;
    size_t n_checks;
    struct noted *refused, *warned; /* an accepted refusal is a warning */
    size_t n_refused, n_warned;
};

void safety_collect(struct arena *arena, const struct safety_report *report, struct safety *safety);
void safety_checklist(struct safety *safety);
void safety_sizes(struct safety *safety);

/* "ACCESS EXCLUSIVE on public.t for milliseconds: blocks reads and writes ..." */
const char *safety_step_lock(const struct safety *safety, const struct step *step);
/* The same in two or three words, for a table: strongest lock, and how long. */
const char *safety_phase_lock(const struct safety *safety, const struct phase *phase);
/* "instant, until contract starts" */
const char *safety_undo(const struct safety *safety, size_t phase);
/* Does this undo step belong to this step? */
bool safety_undoes(const struct step *undo, const struct step *step);

/* Is it dropped in this environment? */
bool safety_gate_off(const struct safety *safety, const struct plan_gate *gate);

void safety_text(struct buf *out, const struct safety *safety);
void safety_markdown(struct buf *out, const struct safety *safety);
void safety_json(struct buf *out, const struct safety *safety);

#endif
