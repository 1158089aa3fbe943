/*
 * log.h - progress lines for people, on stderr.  The result never goes here.
 *
 * With a UTC timestamp when stderr is no terminal.  Secrets never get here:
 * pg/conn redacts them where they enter.
 */
#ifndef ORCHESTRATE_BASE_LOG_H
#define ORCHESTRATE_BASE_LOG_H

#include "orchestrate/base/attr.h"

enum log_level { LOG_QUIET = -1, LOG_NORMAL = 0, LOG_VERBOSE = 1, LOG_SQL = 2 };

void log_level_set(int level);
int log_level_get(void);
void log_info(const char *fmt, ...) PRINTF(1, 2);    /* shown unless -q */
void log_warn(const char *fmt, ...) PRINTF(1, 2);    /* "warning: ..." unless -q */
void log_verbose(const char *fmt, ...) PRINTF(1, 2); /* -v */
void log_sql(const char *sql);                       /* -v: each statement that is sent */

#endif
