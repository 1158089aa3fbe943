/*
 * sections.h - the parts of a plan, each read by its own file; functions for
 * rows of bind.h.  All write into l->plan.
 */
#ifndef ORCHESTRATE_PLAN_SECTIONS_H
#define ORCHESTRATE_PLAN_SECTIONS_H

#include "bind.h"

void read_change(struct loading *l, const char *name, const struct node *value, void *to);
void read_changes(struct loading *l, const char *name, const struct node *value, void *to);
void read_settings(struct loading *l, const char *name, const struct node *value, void *to);
void read_gates(struct loading *l, const char *name, const struct node *value, void *to);
/* The same as a gate `after` of the first phase. */
void read_after(struct loading *l, const char *name, const struct node *value, void *to);

/* Does a phase or step of one's own have an operation in it?  Then that is said, and nothing else.
 */
bool operation_instead(struct loading *l, const char *what, const struct node *map);

/* Whether changes of one plan go together; makes the names in them those of now. */
void check_changes(struct loading *l);
void read_phases(struct loading *l, const char *name, const struct node *value, void *to);

/* A list of {rule, because}, behind those that are there. */
void read_accepts(struct loading *l, const char *name, const struct node *value,
                  struct plan_accept **accepts, size_t *n);

#endif
