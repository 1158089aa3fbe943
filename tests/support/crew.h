/*
 * crew.h - an application at work: clients, each a process with one session, that write
 * until they are told to stop, and write down what the server told them is committed.
 *
 *     static bool old_code(struct client *c) { ... }
 *
 *     struct crew *crew = crew_start(url, (const struct crew_code[]){ { "old", old_code, 3 } }, 1);
 *     crew_allow(crew, CREW_CODE(0));  they work
 *     crew_allow(crew, 0);             they have stopped, and none of them has failed
 *     crew_told(crew, conn);           what they were told is in the table test.told
 *
 * Sessions live as long as the test, with what they have prepared.  A client whose
 * statement fails fails the test, with the statement.
 */
#ifndef ORCHESTRATE_TESTS_CREW_H
#define ORCHESTRATE_TESTS_CREW_H

#include <stdbool.h>

#include "support.h"

/* What crew_told fills: the last row of an id and a `what` is what has to be true. */
#define CREW_TOLD                                                                                  \
    "CREATE SCHEMA test; CREATE TABLE test.told (seq bigserial PRIMARY KEY, id int NOT NULL,"      \
    " what \"char\" NOT NULL, value text);"                                                        \
    "CREATE INDEX ON test.told (id, what, seq DESC);"                                              \
    "CREATE VIEW test.last AS SELECT DISTINCT ON (id, what) id, what, value FROM test.told"        \
    " ORDER BY id, what, seq DESC;"

#define CREW_CODE(n) (1U << (n))

struct client;

/* `turn` is one transaction, or a few: false when something went wrong. */
struct crew_code {
    const char *name;
    bool (*turn)(struct client *c);
    int clients;
};

struct crew_stats {
    int64_t transactions, statements;
    double slowest_ms;
};

struct crew *crew_start(const char *url, const struct crew_code *codes, size_t n);

/* The codes of this mask work, the others have come to the end of their turn. */
void crew_allow(struct crew *crew, unsigned codes);

/* Since the last call. */
struct crew_stats crew_stats(struct crew *crew);

void crew_told(struct crew *crew, PGconn *conn);
void crew_end(struct crew *crew);

/* ---- what a turn is made of ---- */

int client_number(const struct client *c); /* among those of its code, from 0 */
int client_turn(const struct client *c);   /* from 1 */
int client_random(struct client *c, int below);

/*
 * One statement; up to three parameters, NULL from the first that it has not got.  Every
 * other client prepares each text once, for the life of its session.  *value: where not
 * NULL, the first value of the first row, or "" where there is none.
 */
bool client_sql(struct client *c, const char **value, const char *sql, const char *p1,
                const char *p2, const char *p3);

/* The same, and it has to be refused with this SQLSTATE. */
bool client_refused(struct client *c, const char *sqlstate, const char *sql, const char *p1,
                    const char *p2, const char *p3);

/* For parameters; lives until eight more were made. */
const char *client_text(struct client *c, const char *fmt, ...) PRINTF(2, 3);

/* Something that is true if this transaction commits: remembered when it did. */
void client_note(struct client *c, int id, char what, const char *value);
bool client_begin(struct client *c);
bool client_commit(struct client *c);

/* For what a client finds wrong by itself: returns false. */
bool client_wrong(struct client *c, const char *fmt, ...) PRINTF(2, 3);

#endif
