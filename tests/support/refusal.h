/*
 * refusal.h - what a refusal owes to who reads it.
 */
#ifndef ORCHESTRATE_TESTS_REFUSAL_H
#define ORCHESTRATE_TESTS_REFUSAL_H

struct ran;

/* Exit status 5, and every error says what to do about it. */
void refusal_is_actionable(const struct ran *ran, const char *what);

#endif
