/*
 * gate.h - conditions that must hold before a phase may start.
 *
 * A kind is a row: how its value is written in a plan, and one query with
 * $1 the run, $2 the phase's ordinal, $3 the value (NULL when it is on by
 * itself).  The query returns
 *   open boolean, reason text, evidence jsonb, until timestamptz
 * and only reads, so that whoever may SELECT can ask.  `reason` of an open gate
 * is something to know, e.g. that nobody ever confirmed a deploy.
 */
#ifndef ORCHESTRATE_GATES_GATE_H
#define ORCHESTRATE_GATES_GATE_H

#include <stdbool.h>
#include <stddef.h>

enum gate_value {
    GATE_NO_VALUE, /* not to be written in a plan */
    GATE_DURATION,
    GATE_WORD, /* one word, `word` */
};

struct gate_kind {
    const char *name;
    const char *doc;
    enum gate_value value;
    const char *word;
    /*
     * NULL: the operation brings the query, as a gate of this name in the phase
     * where it makes sense; the plan only replaces its $3.
     */
    const char *sql;
    bool always; /* on every phase of every plan, in this order */
    bool overridable;
    bool check; /* closed means check_failed, not held */
};

/*
 * Ends with a NULL name.  A kind that is always on and has a value may be
 * written in a plan too; then it is asked with that value.
 */
extern const struct gate_kind gate_kinds[];
const struct gate_kind *gate_find(const char *name);

#endif
