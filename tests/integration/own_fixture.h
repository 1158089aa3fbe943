/*
 * own_fixture.h - a plan with phases of its own that is edited after `start`.
 */
#ifndef ORCHESTRATE_TESTS_OWN_FIXTURE_H
#define ORCHESTRATE_TESTS_OWN_FIXTURE_H

#include <string.h>

#include "orchestrate/base/buf.h"
#include "support.h"

static const char *db, *url;
static PGconn *super;

/* A phase with these steps. */
#define PHASE(name, steps) "  - name: " name "\n    steps:\n" steps
#define SQL(sql, undo) "      - sql: " sql "\n        undo: " undo "\n"

#define ONE PHASE("one", SQL("INSERT INTO shop.log VALUES ('one')", "DELETE FROM shop.log"))
#define TWO PHASE("two", SQL("INSERT INTO shop.log VALUES ('two')", "none"))
#define TWO_MORE PHASE("four", SQL("SELECT 4", "none")) PHASE("five", SQL("SELECT 5", "none"))
#define BROKEN                                                                                     \
    PHASE("two", SQL("INSERT INTO shop.log VALUES ('begun')", "none")                              \
                     SQL("INSERT INTO shop.log VALUES (1 / 0)", "none"))

static inline const char *file(const char *phases)
{
    return test_write("own.yaml", arena_printf(test_arena(), "plan: own\nphases:\n%s", phases));
}

static inline void setup(void)
{
    PGconn *app;

    db = test_database("empty");
    url = test_url(db, test_migrator());
    app = test_connect(db, "app");
    super = test_connect(db, "postgres");
    test_sql(app, "CREATE SCHEMA shop; CREATE TABLE shop.log (what text);"
                  "CREATE TABLE shop.other (id int); CREATE TABLE shop.third (id int);"
                  "GRANT USAGE ON SCHEMA shop TO PUBLIC;"
                  "GRANT ALL ON ALL TABLES IN SCHEMA shop TO PUBLIC");
    EXITS(ORCHESTRATE(test_url(db, "app"), "init"), 0);
    test_sql(app, "SELECT orchestrate.admit('migrator', true)");
}

static inline void started(const char *phases)
{
    EXITS(ORCHESTRATE(url, "start", file(phases)), 0);
}

static inline void advanced(void)
{
    EXITS(ORCHESTRATE(url, "advance", "own"), 0);
}

/* All that a run consists of and that happened to it. */
static inline const char *state(void)
{
    return test_rows(
        super,
        "SELECT p.checksum, p.n_phases,"
        " (SELECT string_agg(md5(f::text), ',' ORDER BY ord) FROM orchestrate.phase f),"
        " (SELECT string_agg(md5(s::text), ',' ORDER BY phase, undo, ord) FROM orchestrate.step s),"
        " (SELECT string_agg(md5(g::text), ',' ORDER BY phase, ord) FROM orchestrate.gate g),"
        " (SELECT string_agg(md5(c::text), ',' ORDER BY relid) FROM orchestrate.claim c),"
        " (SELECT count(*) FROM orchestrate.amendment)"
        " FROM orchestrate.plan p WHERE p.name = 'own'");
}

/* The edit is refused with these words, and nothing has changed. */
static inline void refused(const char *phases, int status, const char *says, const char *hint)
{
    const char *before = state();
    struct ran ran = ORCHESTRATE(url, "pause", file(phases), "--accept-plan-change");

    EXITS(ran, status);
    CONTAINS(ran.err, says);
    CONTAINS(ran.err, hint);
    ck_assert_str_eq(state(), before);
}

/* Taken over by the command that goes on with it. */
static inline struct ran accepted(const char *phases)
{
    struct ran ran = ORCHESTRATE(url, "advance", file(phases), "--accept-plan-change");

    EXITS(ran, 0);
    CONTAINS(ran.err, "between run ");
    return ran;
}

static inline const char *logged(void)
{
    return test_value(super, "SELECT string_agg(what, ' ' ORDER BY ctid) FROM shop.log");
}

static inline const char *claims(void)
{
    return test_value(
        super,
        "SELECT string_agg(relation || CASE WHEN c.taken_at IS NULL THEN '' ELSE ' taken' END,"
        " ', ' ORDER BY relation) FROM orchestrate.claim c"
        " JOIN orchestrate.plan p USING (run) WHERE p.name = 'own'");
}

#endif
