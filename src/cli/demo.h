/*
 * demo.h - what the demo has seen, and how it tells.
 */
#ifndef ORCHESTRATE_CLI_DEMO_H
#define ORCHESTRATE_CLI_DEMO_H

#include "command.h"
#include "orchestrate/cluster/cluster.h"
#include "orchestrate/cluster/traffic.h"

#define DEMO_PLAN "rename-customer-email"

extern const char demo_plan[]; /* the text of the plan file */
extern const struct traffic_table demo_table;

/* One call of a command, with the clients at work. */
struct demo_step {
    const char *command, *phase;
    double ms;      /* of the whole call */
    double lock_ms; /* the longest that a strong lock was held; < 0: none was */
    int64_t rows;   /* moved */
    struct traffic_stats stats;
    struct comparison ledger;
};

struct demo_show {
    struct arena *arena;
    bool silent; /* --json: what is told goes into the answer only */
    bool color;
    struct demo_step *steps;
    size_t n_steps;
};

void demo_show_init(struct demo_show *show, const struct cli *cli);

/* Text for people, at once. */
void demo_say(const struct demo_show *show, const char *fmt, ...) PRINTF(2, 3);
void demo_title(const struct demo_show *show, const char *title);
/* Prose, broken into lines. */
void demo_explain(const struct demo_show *show, const char *text);
/* Like what is typed at a prompt. */
void demo_typed(const struct demo_show *show, const char *fmt, ...) PRINTF(2, 3);

void demo_measured(const struct demo_show *show, const struct demo_step *step);
void demo_summary(const struct demo_show *show);
void demo_json(struct buf *out, const struct demo_show *show, bool schema_equal);

const char *demo_count(struct arena *arena, int64_t n); /* 12,345 */
const char *demo_ms(struct arena *arena, double ms);    /* 1.2 ms, 45 ms, 3.4 s */

struct demo {
    struct cli *cli;
    struct arena *arena;
    struct demo_show show;
    struct cluster cluster;
    struct traffic *traffic;
    double began;
    double took;            /* the last command, in ms */
    struct pg pg;           /* looks at the ledger */
    const char *url, *file; /* of the database, of the plan */
};

/* Server, databases, table, clients and plan file; none of the clients works yet. */
bool demo_scene(struct demo *demo, struct err *err);

/* Tells whether the schema is that of a database where a plain RENAME COLUMN was run. */
bool demo_schema(struct demo *demo, bool *equal, struct err *err);

#endif
