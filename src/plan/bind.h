/*
 * bind.h - a mapping of the file against a table of the keys it may have.
 *
 * One table per mapping; each row names the function that reads the value.
 * Unknown keys, missing keys and wrong kinds are found here and nowhere else.
 */
#ifndef ORCHESTRATE_PLAN_BIND_H
#define ORCHESTRATE_PLAN_BIND_H

#include "yaml_reader.h"

struct key {
    const char *name;
    bool required;
    void (*read)(struct loading *l, const char *name, const struct node *value, void *to);
    size_t at; /* offset of what `read` fills */
    /* In place of `read`: why the key may not be written, and what to do instead. */
    const char *refused, *hint;
};

/* Part of the plan format, but not built yet. */
#define NOT_YET "is not supported by this version"

struct key_table {
    const char *noun;       /* "key", "phase", "gate" ...: for messages */
    const char *where;      /* "the plan", "`code`" */
    const struct key *keys; /* ends with a NULL name */
    const char *single;     /* not NULL: one of them, and only one; a hint for who writes more */
};

/* Rows are read in the order of the table, whatever the order in the file. */
void bind_map(struct loading *l, const struct node *map, const struct key_table *table, void *out);

/* The item with this key, or NULL. */
const struct item *bind_find(const struct node *map, const char *name);

/* Is it of this kind?  Complains when not, but about a broken node only once. */
bool bind_kind(struct loading *l, const char *name, const struct node *node, enum node_kind kind);

/* The same for an item of the list `name`. */
bool bind_item(struct loading *l, const char *name, const struct node *node, enum node_kind kind);

/* What YAML calls null: nothing, `~`, or the word without quotes. */
bool bind_is_null(const struct node *node);

/*
 * The text of a scalar, or NULL after a complaint.  It is never empty; `null`,
 * `~` and nothing at all are no text unless they are in quotes.
 */
const char *bind_text(struct loading *l, const char *name, const struct node *node,
                      bool several_lines);

/* Functions for rows.  *to: const char * */
void read_line(struct loading *l, const char *name, const struct node *value, void *to);
void read_prose(struct loading *l, const char *name, const struct node *value, void *to);
/* *to: const struct node * */
void read_node(struct loading *l, const char *name, const struct node *value, void *to);

#endif
