/*
 * loading.h - what every part of the loader works on: the plan that is being
 * filled and the errors found so far.
 *
 * Nothing here stops at an error.  A part that cannot go on says so by its
 * return value; whether the file was good is seen from the errors at the end.
 */
#ifndef ORCHESTRATE_PLAN_LOADING_H
#define ORCHESTRATE_PLAN_LOADING_H

#include "orchestrate/plan/plan.h"

struct loading {
    struct arena *arena;
    const char *noun;  /* what the file is: "plan", "configuration" */
    struct plan *plan; /* NULL: it is no plan */
    struct plan_errors *errors;
};

/*
 * Notes an error.  They are kept sorted by position, and of more than
 * PLAN_MAX_ERRORS those nearest to the start of the file stay.  hint: NULL, or
 * what to write instead.
 */
void complain(struct loading *l, struct src_pos at, const char *hint, const char *fmt, ...)
    PRINTF(4, 5);

/* False when the file has too many errors before `at` already. */
bool complaint_fits(const struct loading *l, struct src_pos at);

/*
 * "unknown NOUN `word` in WHERE".  The hint is the name that was likely meant, of
 * `likely` rather than of the others in `names`; or all the names.
 */
void complain_unknown(struct loading *l, struct src_pos at, const char *noun, const char *word,
                      const char *where, const char *const *names, const char *const *likely);

/* A piece of the file, made fit to be shown: short, one line, nothing invisible. */
const char *shown(struct loading *l, const char *text);

#endif
