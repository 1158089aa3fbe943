#include "orchestrate/gates/gate.h"

#include <string.h>

#include "sql_gate.h" /* generated from src/sql/gate */

/* clang-format off */
const struct gate_kind gate_kinds[] = {
    { .name = "predecessor", .always = true, .sql = sql_predecessor,
      .doc = "All phases before it are done." },
    { .name = "paused", .always = true, .overridable = true, .sql = sql_paused,
      .doc = "The run is not paused." },
    { .name = "deploy", .always = true, .overridable = true, .sql = sql_deploy,
      .value = GATE_WORD, .word = "confirmed",
      .doc = "The app's latest ended deploy that carried the phase before, or began after it, "
             "is a success and satisfies code.new. After a [deploy] mark it is on by itself once "
             "a deploy of the app was confirmed." },
    { .name = "consent", .always = true, .sql = sql_consent,
      .doc = "Somebody gave the plan's name to pass the point of no return." },
    { .name = "old_name_idle", .overridable = true, .value = GATE_DURATION,
      .doc = "No use of the old name was seen for this long. Only where an operation counts the "
             "uses." },
    { .name = "soak", .overridable = true, .sql = sql_soak, .value = GATE_DURATION,
      .doc = "This long has passed since the phase before was done and its deploy confirmed." },
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
