/*
 * schema.h - is the schema of two databases the same?
 */
#ifndef ORCHESTRATE_CLUSTER_SCHEMA_H
#define ORCHESTRATE_CLUSTER_SCHEMA_H

#include "orchestrate/cluster/cluster.h"
#include "orchestrate/pg/pg.h"

/* The catalog as text, without our own schema; equal texts mean equal schemas. */
bool schema_fingerprint(struct arena *arena, struct pg *pg, const char **text, struct err *err);

/* pg_dump --schema-only without our own schema; *text NULL: no pg_dump beside the server. */
bool schema_dump(struct arena *arena, const struct cluster *cluster, const char *database,
                 const char **text, struct err *err);

/* The first line of `a` that is not where it should be in `b`; "" when both are equal. */
const char *schema_difference(struct arena *arena, const char *a, const char *b);

#endif
