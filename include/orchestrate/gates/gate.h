/*
 * gate.h - conditions that must hold before a phase may start.
 *
 * A kind is a row: how its value is written in a plan, and one query with
 * $1 the run, $2 the phase's ordinal, $3 the value (NULL when it is on by
 * itself).  The query returns
 *   open boolean, reason text, evidence jsonb, until timestamptz
 * and only reads, so that whoever may SELECT can ask.  `reason` of an open gate
 * is something to know, e.g. that nobody ever confirmed a deploy.
 *
 * A value of several parts is kept as a JSON object, one of plan names as a
 * JSON array: in the order of the rows, with what was left out filled in, so
 * that the same value is always the same text.
 */
#ifndef ORCHESTRATE_GATES_GATE_H
#define ORCHESTRATE_GATES_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "orchestrate/base/arena.h"
#include "orchestrate/state/event.h"

enum gate_value {
    GATE_NO_VALUE, /* not to be written in a plan */
    GATE_DURATION,
    GATE_WORD,  /* one word, `word` */
    GATE_PLANS, /* a list of names of plans */
    GATE_MAP,   /* the keys of `fields` */
};

enum gate_field_kind {
    GATE_COUNT,   /* a whole number, from 1 to GATE_MOST */
    GATE_ROLE,    /* a role of the server */
    GATE_WINDOWS, /* "Mon-Thu 09:00-16:00, Fri 09:00-12:00", or a list of such: see window.h */
    GATE_ZONE,    /* a time zone such as Europe/Berlin */
    GATE_SQL,     /* one query */
    GATE_PROSE,   /* text for people */
    GATE_PATHS,   /* a list of files and folders */
    GATE_REGEXES, /* a list of POSIX extended regular expressions */
};

enum { GATE_MOST = 100 }; /* of a count, and of items in a list */

/* A key of a value that is a mapping. */
struct gate_field {
    const char *key;
    enum gate_field_kind kind;
    bool required;
    const char *preset; /* as JSON, when it is left out; NULL: then it is not in the value */
    const char *doc;
};

struct gate_kind {
    const char *name;
    const char *doc;
    enum gate_value value;
    const char *word;
    const struct gate_field *fields; /* ends with a NULL key */
    const char *example;             /* as a line of a plan, behind "- " */
    /*
     * NULL: the operation brings the query, as a gate of this name in the phase
     * where it makes sense; the plan only replaces its $3.
     */
    const char *sql;
    /*
     * What `start` asks the server about a value, $1; or NULL.  Returns rows
     *   invalid boolean, message text, hint text
     * of what is wrong: the plan is invalid, or somebody should know.  May not
     * count on the state schema.
     */
    const char *start;
    /*
     * What the database cannot know and whoever asks can see in the folder in
     * which the command was called: fills open, reason and evidence.  Then `sql`
     * says what is to be looked for, and is closed.
     */
    void (*local)(struct arena *arena, const char *value, struct gate_answer *answer);
    bool old_name; /* the compiler puts the name that goes away into the value, as `name` */
    bool always;   /* on every phase of every plan, in this order */
    bool overridable;
    bool check; /* closed means check_failed, not held */
    bool order; /* about which plan comes first: holds also where gates of plans are off */
};

/*
 * Ends with a NULL name.  A kind that is always on and has a value may be
 * written in a plan too; then it is asked with that value.
 */
extern const struct gate_kind gate_kinds[];
const struct gate_kind *gate_find(const char *name);

#endif
