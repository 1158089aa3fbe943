/*
 * clock.h - monotonic time, and signals that become a flag.
 *
 * Gates use the server's clock; this one only measures how long we took and
 * when `--max-time` is over.
 */
#ifndef ORCHESTRATE_BASE_CLOCK_H
#define ORCHESTRATE_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

int64_t clock_ms(void); /* monotonic */
double clock_ms_exact(void);

/*
 * From here SIGINT and SIGTERM set a flag and make clock_signal_fd() readable.
 * The first one asks for a stop at the next safe point, a second one for a
 * stop of the statement under way.  SIGPIPE is ignored: a closed stdout must
 * not end a step in the middle.
 */
void clock_signals_catch(void);
int clock_signal(void);       /* 0, or the first signal that came */
int clock_signal_count(void); /* how many came */
int clock_signal_fd(void);    /* -1 before clock_signals_catch */

/* Sleeps; returns early and false when a signal came. */
bool clock_sleep(int64_t ms);

#endif
