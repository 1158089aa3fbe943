#include "orchestrate/plan/format.h"

/* clang-format off */
const struct plan_key plan_keys[] = {
    { "plan",        SHAPE_PLAN_NAME, true,  "The name of the plan: there is one live run of it in a database." },
    { "description", SHAPE_TEXT,      false, "What it is for; shown and recorded. It may be edited later." },
    { "owner",       SHAPE_TEXT,      false, "Who answers for it; shown and recorded. It may be edited later." },
    { "ticket",      SHAPE_TEXT,      false, "Why it is done; shown and recorded. It may be edited later." },
    { "app",         SHAPE_NAME,      false, "The app whose deploys step this plan." },
    { "change",      SHAPE_CHANGE,    false, "What is changed: one operation. A plan has this, `changes` or `phases`." },
    { "changes",     SHAPE_CHANGES,   false, "What is changed, by several operations, one behind the other: see below." },
    { "phases",      SHAPE_PHASES,    false, "The phases of a plan that brings its own SQL: see below." },
    { "code",        SHAPE_CODE,      false, "Which versions of the app know which name." },
    { "settings",    SHAPE_SETTINGS,  false, "How careful it is; each has a default." },
    { "after",       SHAPE_PLANS,     false, "Plans that must be complete before this one begins." },
    { "gates",       SHAPE_GATES,     false, "Conditions for phases, beside those that are always on." },
    { "accept",      SHAPE_ACCEPT,    false, "Findings of `orchestrate plan` that are known and taken." },
    { 0 },
};

const struct plan_key plan_code_keys[] = {
    { "new",       SHAPE_VERSION, false, "The versions of the app that use the new name, such as `>=2.4.0`; the gate `deploy` looks at it." },
    { "old_until", SHAPE_PHASE,   false, "The phase until which code may use the old name." },
    { 0 },
};

const struct plan_key plan_accept_keys[] = {
    { "rule",    SHAPE_NAME, true, "The finding, as the report names it." },
    { "because", SHAPE_TEXT, true, "Why it does no harm here; recorded." },
    { 0 },
};

const struct plan_key plan_phase_keys[] = {
    { "name",          SHAPE_NAME,  true,  "Any but `start` and `deploy`, once in a plan; `gates` and `--to` use it." },
    { "note",          SHAPE_TEXT,  false, "What whoever steps it has to know or to deploy afterwards; shown." },
    { "role",          SHAPE_TEXT,  false, "The role that runs its steps; the one that is connected when left out." },
    { "deploy_before", SHAPE_FLAG,  false, "true: code is rolled out between the phase before and this one." },
    { "steps",         SHAPE_STEPS, true,  "What it does, in order." },
    { 0 },
};

const struct plan_key plan_step_keys[] = {
    { "sql",          SHAPE_TEXT,     false, "Statements, sent one by one in one transaction with the record that the step is done." },
    { "concurrently", SHAPE_TEXT,     false, "CREATE, DROP or REINDEX INDEX CONCURRENTLY; with `verify`, another statement that the server refuses in a transaction." },
    { "backfill",     SHAPE_BACKFILL, false, "Rows filled in many short transactions." },
    { "check",        SHAPE_TEXT,     false, "A query that only reads; it holds when it returns no row." },
    { "undo",         SHAPE_TEXT,     false, "SQL that takes the step back, `none` (there is nothing to undo) or `never` (the point of no return); required, but for a check." },
    { "verify",       SHAPE_TEXT,     false, "A query that tells whether the statement has happened; where nothing else can tell." },
    { "accept",       SHAPE_ACCEPT,   false, "Findings about the statement that are known and taken." },
    { 0 },
};

const struct plan_key plan_backfill_keys[] = {
    { "table", SHAPE_TEXT, true,  "The table; an earlier phase may have made it." },
    { "set",   SHAPE_SET,  true,  "For each column an expression of the row." },
    { "where", SHAPE_TEXT, false, "Which rows still need it: a filled row does not meet it any more. Left out: those that differ from `set`." },
    { 0 },
};
/* clang-format on */
