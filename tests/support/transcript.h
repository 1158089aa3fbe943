/*
 * transcript.h - calls of the program and what they said, to be compared word for
 * word with a file in tests/golden.
 */
#ifndef ORCHESTRATE_TESTS_TRANSCRIPT_H
#define ORCHESTRATE_TESTS_TRANSCRIPT_H

#include "orchestrate/base/buf.h"

struct transcript {
    struct buf text;
    const char *folder; /* the test's own: commands run in it */
};

/* Goes into the test's own folder. */
struct transcript transcript_begin(void);

/*
 * Runs the program, without any database but what `variables` name, and adds
 *     # what
 *     $ NAME=value orchestrate args
 *     what it printed, stdout before stderr
 *     exit status
 * Both lists end with NULL.  The folder is written as FOLDER.
 */
void transcript_run(struct transcript *t, const char *what, const char *const *args,
                    const char *const *variables);

/* ORCHESTRATE_BLESS=1 writes the file instead. */
void transcript_compare(struct transcript *t, const char *golden);

#endif
