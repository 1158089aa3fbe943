/*
 * report.h - what commands print: text, Markdown or JSON, from plain structs.
 * Everything here writes into a buffer; cli/ sends it to stdout.
 */
#ifndef ORCHESTRATE_REPORT_REPORT_H
#define ORCHESTRATE_REPORT_REPORT_H

#include "orchestrate/base/json.h"
#include "orchestrate/pg/catalog.h"
#include "orchestrate/plan/plan.h"
#include "orchestrate/state/event.h"
#include "orchestrate/state/run.h"

enum { REPORT_WIDTH = 100 };

/*
 * Prose, broken at spaces so that no line is wider than REPORT_WIDTH where that
 * is possible.  The first line begins with `first`, the others with `rest`.
 */
void report_wrap(struct buf *out, const char *first, const char *rest, const char *text);

/* Times as people read them: "2026-01-02 03:04:05Z"; NULL: "". */
const char *report_moment(struct arena *arena, const char *iso);
/* ... also those that stand in a sentence. */
const char *report_moments(struct arena *arena, const char *text);
/* "12,345,678" */
const char *report_thousands(struct arena *arena, int64_t n);

/* Something worth knowing beside the result of a command. */
struct diagnostic {
    const char *severity; /* "error" "warning" "note" */
    const char *code, *message;
    const char *hint; /* NULL: none */
    struct src_pos at;
};

/*
 * What a command answers, whether it succeeded or not: the JSON object of
 * spec.md section 8.  NULL texts are null.
 */
struct answer {
    const char *command;
    enum outcome outcome; /* when err.code is ERR_NONE */
    int exits;            /* the exit status of that success; 0 unless somebody asked for another */
    struct err err;
    const char *plan;
    int64_t run; /* 0: none */
    const char *state;
    const char *phase, *next_phase;
    const char *deploy_id;
    const struct gate_answer *held_by;
    size_t n_held_by;
    const struct event *events;
    size_t n_events;
    struct holder holder; /* who works on it instead; pid 0: nobody */
    const char *history;  /* a JSON array that takes the place of `events`; NULL: none */
    struct diagnostic *diagnostics;
    size_t n_diagnostics;
    const char *more; /* members of the command's own, as JSON: "\"plans\":[]"; NULL: none */
    const struct answer *results; /* one per run, when the command was not told which */
    size_t n_results;
    bool many; /* write `results` even when there is none */
};

/* The exit status; with results it is the worst of them and of the answer's own. */
int answer_status(const struct answer *answer);
int status_worse(int a, int b); /* in the order of spec.md section 8 */

/* "advanced", "check_failed" ... */
const char *answer_code(const struct answer *answer);

void report_answer_json(struct buf *out, const struct answer *answer);
/* One event of a plan, on a line of its own. */
void report_event_json(struct buf *out, const char *plan, const struct event *event);

/* A run as `status` shows it. */
struct run_view {
    const struct run *run;
    const struct gate_answer *held_by; /* all gates of the next phase; shown are the closed ones */
    size_t n_held_by;
    struct holder holder; /* pid 0: nobody */
    const char *step;     /* the backfill under way, or NULL */
    int64_t rows;         /* written by it */
    int64_t total;        /* rows of the table, about; 0: not known */
    int percent;          /* rows of total, else of the table swept; -1: not known */
};
/* notes: open gates with something to say, too. */
void report_runs_text(struct buf *out, const struct run_view *views, size_t n, bool notes);
void report_runs_json(struct json *j, const char *key, const struct run_view *views, size_t n);
/*
 * The gates that hold a phase: the member `held_by`, and lines for people, which
 * end with what has to be done; with `notes`, what open ones have to say follows.
 */
void report_held_json(struct json *j, const struct gate_answer *answers, size_t n);
void report_held_text(struct buf *out, const char *indent, const struct run *run,
                      const struct gate_answer *answers, size_t n, bool notes);
/* Who works on a run: the member `holder` (null when nobody does), and words for people. */
void report_holder_json(struct json *j, const struct holder *holder);
const char *report_holder(struct arena *arena, const struct holder *holder);

enum report_format { REPORT_TEXT, REPORT_MARKDOWN, REPORT_JSON };

/* How big a table is. */
struct table_size {
    const char *relation;
    int64_t rows; /* -1: nobody has counted */
    int64_t bytes, index_bytes;
};

/* The safety report of spec.md section 9. */
struct safety_report {
    const struct plan *plan;
    const struct program *program;
    const struct catalog *cats; /* one per change */
    int64_t run;                /* the number used in names; 0: no database was asked */
    bool registered;            /* the run exists; else its number is a forecast */
    bool unread;                /* nobody looked for findings, though a database was asked */
    const char *gates_off;      /* the environment that drops the plan's gates; NULL: they count */
    const struct table_size *sizes;
    size_t n_sizes;
};

/* REPORT_JSON: the members alone, as for answer.more. */
void report_safety(struct buf *out, const struct safety_report *report, enum report_format format);

/* The `accept:` of the plan that takes this finding, or NULL. */
const struct plan_accept *finding_accepted(const struct plan *plan, const struct finding *finding);

/* "ACCESS EXCLUSIVE on public.t for milliseconds: blocks reads and writes" */
const char *report_step_lock(struct arena *arena, const struct step *step,
                             const struct settings *settings);

/* The SQL of one step, as it will run. */
void report_step_sql(struct buf *out, const struct step *step, const struct settings *settings);

/* docs/errors.md: exit statuses and codes. */
void report_errors_markdown(struct buf *out);

#endif
