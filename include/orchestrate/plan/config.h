/*
 * config.h - `orchestrate.yaml`: what a repository knows about its databases.
 *
 *     environments:
 *       dev:  {url_env: DEV_URL, gates: off}
 *       prod: {service: prod}
 *
 * It is read as strictly as a plan, by the same reader.
 */
#ifndef ORCHESTRATE_PLAN_CONFIG_H
#define ORCHESTRATE_PLAN_CONFIG_H

#include "orchestrate/plan/plan.h"

#define CONFIG_FILE "orchestrate.yaml"

/* At most one of url, url_env and service is set; with none it says nothing about where. */
struct environment {
    const char *name;
    const char *url;
    const char *url_env; /* the variable that holds the URL */
    const char *service; /* of libpq's service file */
    bool gates_off;
    struct src_pos at, where; /* of its name, and of the one of the three that is set */
};

struct config {
    const char *file;
    struct environment *environments; /* in the order of the file */
    size_t n_environments;
};

/*
 * Reads and checks `file`.  On false `errors` has at least one entry, each with
 * code ERR_CONFIG and a position, or ERR_NO_INPUT.
 */
bool config_load(struct arena *arena, const char *file, struct config *config,
                 struct plan_errors *errors);

/* The same for text in memory; `file` is only for messages. */
bool config_parse(struct arena *arena, const char *file, const char *text, size_t len,
                  struct config *config, struct plan_errors *errors);

/* The one of this name.  ERR_CONFIG with the names that there are. */
bool config_environment(struct arena *arena, const struct config *config, const char *name,
                        const struct environment **environment, struct err *err);

/* As plans are named: small letters, digits, `.`, `_` and `-`. */
bool environment_name_is_valid(const char *name);

/* What a key of an environment, or a key at the top, is for: ends with a NULL name. */
struct config_key {
    const char *name, *doc;
};
extern const struct config_key config_keys[], environment_keys[];

#endif
