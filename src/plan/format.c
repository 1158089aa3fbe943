#include "orchestrate/plan/format.h"

/* clang-format off */
const struct plan_key plan_keys[] = {
    { "plan",        SHAPE_PLAN_NAME, true,  "The name of the plan: there is one live run of it in a database." },
    { "description", SHAPE_TEXT,      false, "What it is for; shown and recorded. It may be edited later." },
    { "owner",       SHAPE_TEXT,      false, "Who answers for it; shown and recorded. It may be edited later." },
    { "ticket",      SHAPE_TEXT,      false, "Why it is done; shown and recorded. It may be edited later." },
    { "app",         SHAPE_NAME,      false, "The app whose deploys step this plan." },
    { "change",      SHAPE_CHANGE,    false, "What is changed: one operation. A plan has this or `changes`." },
    { "changes",     SHAPE_CHANGES,   false, "What is changed, by several operations, one behind the other: see below." },
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
/* clang-format on */
