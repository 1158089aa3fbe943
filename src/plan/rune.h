/*
 * rune.h - characters that have no business in a plan.
 *
 * What a reviewer cannot see, or sees in another order than the machine reads
 * it, is refused: a plan is approved by people who look at it.
 */
#ifndef ORCHESTRATE_PLAN_RUNE_H
#define ORCHESTRATE_PLAN_RUNE_H

enum rune_place {
    RUNE_IN_PROSE, /* tabs and line breaks are welcome */
    RUNE_IN_NAME,  /* nothing invisible, and one line */
};

/* The code point at *text, which is valid UTF-8; moves behind it. */
unsigned rune_next(const char **text);

/* What is wrong with the character ("a control character"), or NULL. */
const char *rune_refused(unsigned rune, enum rune_place place);

#endif
