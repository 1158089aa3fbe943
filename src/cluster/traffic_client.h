/*
 * traffic_client.h - one client: what it is, and how it talks to the server.
 */
#ifndef ORCHESTRATE_CLUSTER_TRAFFIC_CLIENT_H
#define ORCHESTRATE_CLUSTER_TRAFFIC_CLIENT_H

#include "traffic_app.h"

enum { OWN_KEYS = 64, MAX_STATEMENTS = 64, VALUE_SIZE = 2600 };

struct client {
    const struct client_setup *setup;
    const struct traffic_table *table;
    const struct app *app;
    struct slot *slot;
    struct arena scratch; /* of one transaction */
    PGconn *conn;
    bool prepared[MAX_STATEMENTS];
    uint64_t random, values;
    int64_t own[OWN_KEYS]; /* rows that it has made itself */
    size_t n_own;
    int64_t new_keys;
    /* what the transaction under way works with */
    char key[24], value[VALUE_SIZE], junk[VALUE_SIZE], note[VALUE_SIZE];
    const char *read;
};

/* Connects, when it is not connected; a failure is remembered. */
bool client_connect(struct client *client);

/* Sends as the client's protocol says, and measures.  NULL after an error, which is remembered. */
PGresult *client_send(struct client *client, const struct statement *statement,
                      const char *const *args, int n);

/* BEGIN, COMMIT, ROLLBACK: true when the server did just that. */
bool client_control(struct client *client, const char *word);

#endif
