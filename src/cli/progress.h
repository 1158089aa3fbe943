/*
 * progress.h - what happens while a phase is worked on: log lines for people,
 * and the list of events for the JSON answer.
 */
#ifndef ORCHESTRATE_CLI_PROGRESS_H
#define ORCHESTRATE_CLI_PROGRESS_H

#include "command.h"
#include "orchestrate/base/arena.h"
#include "orchestrate/state/event.h"

struct progress {
    struct arena *arena;
    bool stream;   /* --json=stream: each event goes to stdout at once */
    struct pg *pg; /* its application_name follows the phases */
    const char *plan;
    struct event *events; /* those worth keeping */
    size_t n_events;
    struct event first; /* progress heard of the step under way, for its rate */
    int64_t last_line;  /* clock_ms when progress was last shown */
    bool bar;           /* a bar stands on the terminal's last line */
};

struct progress progress_of(struct cli *cli, const char *plan);
struct listener progress_listener(struct progress *progress);

/* Ends the bar, if one is shown. */
void progress_end(struct progress *progress);

#endif
