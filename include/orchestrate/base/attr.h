/*
 * attr.h - compiler attributes and small macros that every file may use.
 */
#ifndef ORCHESTRATE_BASE_ATTR_H
#define ORCHESTRATE_BASE_ATTR_H

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* A local that cleans up after itself: CLEANUP(pg_result) PGresult *res = NULL; */
#define CLEANUP(what) __attribute__((cleanup(what##_cleanup)))

#endif
