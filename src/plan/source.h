/*
 * source.h - the bytes of a plan file, before YAML: encoding, size, lines.
 */
#ifndef ORCHESTRATE_PLAN_SOURCE_H
#define ORCHESTRATE_PLAN_SOURCE_H

#include "loading.h"

enum { SOURCE_MAX = 1 << 20 };

struct source {
    const char *file;
    const char *text; /* without a byte order mark */
    size_t len;
    size_t *lines; /* where each line begins */
    size_t n_lines;
};

/*
 * Looks at all bytes once; false, with complaints, when the text is not to be
 * parsed.  A line here is what an editor and libyaml both take for one,
 * because the characters about which they disagree are refused.
 */
bool source_check(struct loading *l, const char *file, const char *text, size_t len,
                  struct source *source);

/* The tab in the indentation of a line (from 1), as a column, or 0. */
int source_tab(const struct source *source, int line);

/* Reads at most SOURCE_MAX + 1 bytes; "-" is standard input.  Errors: ERR_NO_INPUT. */
bool source_read(struct arena *arena, const char *file, const char **text, size_t *len,
                 struct err *err);

#endif
