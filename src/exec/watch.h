/*
 * watch.h - a statement that may wait for others for long, and who they are.
 *
 * CREATE INDEX CONCURRENTLY waits for every transaction that is older than it.
 * The session itself cannot tell; a second one can.
 */
#ifndef ORCHESTRATE_EXEC_WATCH_H
#define ORCHESTRATE_EXEC_WATCH_H

#include "work.h"

struct watch {
    struct step_work *sw;
    struct pg second;
    bool connected, failed;
    int64_t began, told_at;
    int told;
};

/* From here on w->pg tells about whom it waits for; until watch_end. */
void watch_begin(struct watch *watch, struct step_work *sw);
void watch_end(struct watch *watch);

#endif
