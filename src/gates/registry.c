#include "orchestrate/gates/gate.h"

#include <string.h>

#include "code_references.h"
#include "sql_gate.h" /* generated from src/sql/gate */

/* clang-format off */
static const struct gate_field approval_fields[] = {
    { "count", GATE_COUNT, false, "1",  "how many people have to approve" },
    { "role",  GATE_ROLE,  true,  NULL, "the role that they are members of" },
    { 0 },
};

static const struct gate_field code_references_fields[] = {
    { "paths", GATE_PATHS,   true,  NULL, "files and folders of the checkout, from the folder in which the command is called" },
    { "allow", GATE_REGEXES, false, "[]", "lines that match one of these, or are in a file whose name does, do not count" },
    { 0 },
};

static const struct gate_field query_fields[] = {
    { "sql",     GATE_SQL,   true, NULL, "a query that returns one boolean" },
    { "because", GATE_PROSE, true, NULL, "what it means that it returns false" },
    { 0 },
};

static const struct gate_field window_fields[] = {
    { "allow", GATE_WINDOWS, true, NULL, "times of the week, such as \"Mon-Thu 09:00-16:00, Fri 09:00-12:00\"" },
    { "zone",  GATE_ZONE,    true, NULL, "the time zone that they are in, such as Europe/Berlin" },
    { 0 },
};

const struct gate_kind gate_kinds[] = {
    { .name = "predecessor", .always = true, .sql = sql_predecessor,
      .doc = "All phases before it are done." },
    { .name = "paused", .always = true, .overridable = true, .sql = sql_paused,
      .doc = "The run is not paused." },
    { .name = "deploy", .always = true, .overridable = true, .sql = sql_deploy,
      .value = GATE_WORD, .word = "confirmed", .example = "deploy: confirmed",
      .doc = "The app's latest ended deploy that carried the phase before, or began after it, "
             "is a success and satisfies code.new. After a [deploy] mark it is on by itself once "
             "a deploy of the app was confirmed." },
    { .name = "consent", .always = true, .sql = sql_consent,
      .doc = "Somebody gave the plan's name to pass the point of no return." },
    { .name = "after", .overridable = true, .order = true, .sql = sql_after,
      .value = GATE_PLANS, .example = "after: [split-customer-name]",
      .doc = "These plans are complete in this database." },
    { .name = "approval", .overridable = true, .sql = sql_approval, .start = sql_approval_start,
      .value = GATE_MAP, .fields = approval_fields,
      .example = "approval: {count: 1, role: release_manager}",
      .doc = "So many members of the role have approved the phase (`orchestrate approve`), none of "
             "them whoever started the run. An edit of the phase, or any undo, makes what was "
             "approved before it void." },
    { .name = "code_references", .overridable = true, .sql = sql_code_references,
      .local = code_references, .old_name = true,
      .value = GATE_MAP, .fields = code_references_fields,
      .example = "code_references: {paths: [src], allow: [\"^src/legacy/\"]}",
      .doc = "The old name is nowhere in the code, as a whole word. The code is that of the folder in "
             "which the command is called." },
    { .name = "old_name_idle", .overridable = true, .value = GATE_DURATION,
      .example = "old_name_idle: 1h",
      .doc = "No use of the old name was seen for this long. Only where an operation counts the "
             "uses." },
    { .name = "query", .overridable = true, .sql = sql_query,
      .value = GATE_MAP, .fields = query_fields,
      .example = "query: {sql: \"SELECT count(*) = 0 FROM audit.open_cases\", because: \"cases still point at the old column\"}",
      .doc = "A query of your own returns true. It runs with the rights of whoever advances, reads "
             "only, and finds tables as the search_path said when the plan was started." },
    { .name = "replica_lag", .overridable = true, .sql = sql_replica_lag,
      .value = GATE_DURATION, .example = "replica_lag: 10s",
      .doc = "No replica is further behind than this. A lag that the role may not see counts as "
             "too much." },
    { .name = "soak", .overridable = true, .sql = sql_soak, .value = GATE_DURATION,
      .example = "soak: 24h",
      .doc = "This long has passed since the phase before was done and its deploy confirmed." },
    { .name = "window", .overridable = true, .sql = sql_window, .start = sql_window_start,
      .value = GATE_MAP, .fields = window_fields,
      .example = "window: {allow: \"Mon-Thu 09:00-16:00\", zone: Europe/Berlin}",
      .doc = "It is one of these times of the week, by the server's clock. A phase that has begun "
             "is not stopped when the window closes." },
    { 0 },
};
/* clang-format on */

const struct gate_kind *gate_find(const char *name)
{
    for (const struct gate_kind *kind = gate_kinds; kind->name; kind++)
        if (strcmp(kind->name, name) == 0)
            return kind;
    return NULL;
}
