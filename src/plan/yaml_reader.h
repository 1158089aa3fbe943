/*
 * yaml_reader.h - YAML as a tree in which every node knows its position.
 *
 * The subset that a plan may use: one document, mappings with plain keys, no
 * anchors, aliases, tags or merge keys.  Every scalar is text; what it means is
 * decided by whoever wants it.
 */
#ifndef ORCHESTRATE_PLAN_YAML_READER_H
#define ORCHESTRATE_PLAN_YAML_READER_H

#include "source.h"

enum { YAML_MAX_DEPTH = 32 };

enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    struct src_pos at;
    const char *text;   /* NODE_TEXT */
    bool plain;         /* written without quotes */
    bool broken;        /* complained about already; nothing to be read here */
    struct item *items; /* the others */
    size_t n;
};

struct item {
    const struct node *key; /* NULL in a list */
    const struct node *value;
    bool repeated; /* the key stands further up already; complained about */
};

/*
 * False when there is no tree to go on with; *l says why.  *root is NULL when
 * there is nothing but comments.
 */
bool yaml_read(struct loading *l, const struct source *source, const struct node **root);

#endif
