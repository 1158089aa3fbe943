/*
 * demo.h - what the demo has seen, and how it tells.
 */
#ifndef ORCHESTRATE_CLI_DEMO_H
#define ORCHESTRATE_CLI_DEMO_H

#include "command.h"
#include "orchestrate/cluster/cluster.h"
#include "orchestrate/cluster/traffic.h"
#include "orchestrate/ops/operation.h"

#define DEMO_PLAN "rename-customer-email"

extern const char demo_plan[]; /* the text of the plan file */
extern const struct traffic_table demo_table;

/* One call of a command, with the clients at work. */
struct demo_step {
    const char *command, *phase;
    double ms;        /* of the whole call */
    double lock_ms;   /* the longest that a strong lock was held; < 0: none was */
    int64_t rows;     /* moved */
    bool ledger_kept; /* else of stats only the statements are counted */
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
    double took;                  /* the last command, in ms */
    struct pg pg;                 /* looks at the ledger */
    const char *url, *file;       /* of the database, of the plan */
    const char *plan, *plan_text; /* its name, and the file */
};

/* A server, two empty databases, and the plan file. */
bool demo_server(struct demo *demo, struct err *err);

/* A command, as cli_main does it, on a connection of its own; *sub has its answer. */
bool demo_call(struct demo *demo, const char *name, const char *arg, const char *confirm,
               struct cli *sub, struct err *err);

/* `start`, with the plan shown before. */
bool demo_start(struct demo *demo, struct err *err);

/* The next phase; gates that only time can open are waited for.  confirm: consent, or NULL. */
bool demo_advance(struct demo *demo, const char *phase, const char *confirm, struct cli *sub,
                  struct err *err);

/* `rollback`, and `resume` so that it goes on. */
bool demo_rollback(struct demo *demo, struct cli *sub, struct err *err);

/* What a call did, by its events: rows and the longest lock. */
void demo_read_events(const struct cli *sub, struct demo_step *step);

bool demo_interrupted(struct err *err);

/* The demo of an operation that brings its own scene. */
bool demo_play(struct demo *demo, const struct operation *op, struct err *err);

/* Runs what `plain` says in the twin, and tells whether the schemas are equal. */
bool demo_compare(struct demo *demo, bool *equal, struct err *err);

extern const char demo_database[], demo_twin[], demo_owner[];

/* Server, databases, table, clients and plan file; none of the clients works yet. */
bool demo_scene(struct demo *demo, struct err *err);

/* Tells whether the schema is that of a database where a plain RENAME COLUMN was run. */
bool demo_schema(struct demo *demo, bool *equal, struct err *err);

#endif
