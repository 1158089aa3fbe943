/*
 * format.h - the plan format as data, for whoever describes it: the JSON Schema
 * and the reference are made from these rows and from those of operations,
 * settings and gates.
 */
#ifndef ORCHESTRATE_PLAN_FORMAT_H
#define ORCHESTRATE_PLAN_FORMAT_H

#include <stdbool.h>

#include "orchestrate/base/buf.h"

enum plan_shape {
    SHAPE_PLAN_NAME,
    SHAPE_NAME,
    SHAPE_TEXT,
    SHAPE_VERSION, /* ">=2.4.0" */
    SHAPE_PHASE,   /* one of the operation's */
    SHAPE_PLANS,   /* a list of names */
    SHAPE_CODE,    /* the keys of plan_code_keys */
    SHAPE_ACCEPT,  /* a list of plan_accept_keys */
    SHAPE_CHANGE,
    SHAPE_CHANGES, /* a list of such */
    SHAPE_PHASES,  /* a list of plan_phase_keys */
    SHAPE_STEPS,   /* a list of plan_step_keys */
    SHAPE_BACKFILL,
    SHAPE_SET,  /* column: expression */
    SHAPE_FLAG, /* true, false */
    SHAPE_SETTINGS,
    SHAPE_GATES,
    PLAN_SHAPE_COUNT
};

struct plan_key {
    const char *name;
    enum plan_shape shape;
    bool required;
    const char *doc; /* a sentence */
};

/* Each ends with a NULL name, and has the keys that the loader reads, in its order. */
extern const struct plan_key plan_keys[], plan_code_keys[], plan_accept_keys[], plan_phase_keys[],
    plan_step_keys[], plan_backfill_keys[];

/* JSON Schema, draft 2020-12. */
void plan_schema(struct buf *out);
/* Markdown. */
void plan_reference(struct buf *out);
void config_reference(struct buf *out);

#endif
