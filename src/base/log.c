#include "orchestrate/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static int level = LOG_NORMAL;

void log_level_set(int to)
{
    level = to;
}

int log_level_get(void)
{
    return level;
}

static void stamp(void)
{
    time_t now = time(NULL);
    struct tm tm;
    char text[32];

    if (isatty(STDERR_FILENO) || !gmtime_r(&now, &tm))
        return;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ ", &tm);
    fputs(text, stderr);
}

static void line(const char *prefix, const char *fmt, va_list args)
{
    stamp();
    fputs(prefix, stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
}

void log_info(const char *fmt, ...)
{
    va_list args;

    if (level < LOG_NORMAL)
        return;
    va_start(args, fmt);
    line("", fmt, args);
    va_end(args);
}

void log_warn(const char *fmt, ...)
{
    va_list args;

    if (level < LOG_NORMAL)
        return;
    va_start(args, fmt);
    line("warning: ", fmt, args);
    va_end(args);
}

void log_verbose(const char *fmt, ...)
{
    va_list args;

    if (level < LOG_VERBOSE)
        return;
    va_start(args, fmt);
    line("", fmt, args);
    va_end(args);
}

void log_sql(const char *sql)
{
    if (level < LOG_SQL)
        return;
    stamp();
    fprintf(stderr, "sql: %s\n", sql);
}
