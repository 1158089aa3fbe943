#include "operation.h"

#include <stdio.h>
#include <string.h>

#include "operation_scene.h"
#include "refusal.h"

void op_same(const char *what, const char *database, const char *twin)
{
    test_same_schema(database, twin);
    test_same_text(what, test_oracle(database), test_oracle(twin));
}

static const char *prepared(const struct op_test *test, bool with_state)
{
    const char *db = test_database(test->template ? test->template : "empty");
    PGconn *conn = test_connect(db, "postgres");
    struct ran ran;

    test_sql(conn, "GRANT CREATE ON SCHEMA public TO app");
    if (test->setup && *test->setup)
        test_sql(test_connect(db, "app"), "%s", test->setup);
    if (with_state) {
        ran = ORCHESTRATE(test_url(db, test->role ? test->role : "app"), "init");
        EXITS(ran, 0);
    }
    test_sql(conn, "%s", test_file("tests/support/observer.sql"));
    return db;
}

static const char *value_of(struct scene *s, const char *database, const char *query)
{
    return query ? test_value(strcmp(database, s->db) == 0 ? s->conn
                                                           : test_connect(database, "postgres"),
                              "%s", query)
                 : "";
}

struct scene scene_of(const struct op_test *test)
{
    struct scene s = { .test = test, .db = prepared(test, true), .twin = prepared(test, false) };

    s.url = test_url(s.db, test->role ? test->role : "app");
    s.conn = test_connect(s.db, "postgres");
    s.plan = test_write("operation.yaml",
                        arena_printf(test_arena(), "plan: %s\n%s:\n  %s\n%s", SCENE_PLAN,
                                     *test->change == '-' ? "changes" : "change", test->change,
                                     test->more ? test->more : ""));
    s.contents = value_of(&s, s.db, test->contents);
    s.untouched = test_fingerprint(s.db);
    return s;
}

/* What `plan` says is what the locks are compared with. */
void scene_report(struct scene *s)
{
    struct ran ran = ORCHESTRATE(s->url, "plan", s->plan, "--json");
    char *text;

    EXITS(ran, 0);
    text = PQescapeLiteral(s->conn, ran.out, strlen(ran.out));
    test_sql(s->conn, "INSERT INTO observer.report VALUES (%s)", text);
    PQfreemem(text);
}

void scene_start(struct scene *s, bool again)
{
    struct ran ran = again ? ORCHESTRATE(s->url, "start", s->plan, "--again")
                           : ORCHESTRATE(s->url, "start", s->plan);

    EXITS(ran, 0);
}

void scene_phases(struct scene *s)
{
    CLEANUP(pg_result)
    PGresult *res = PQexec(s->conn, "SELECT name, undo FROM orchestrate.phase WHERE run = (SELECT "
                                    "max(run) FROM orchestrate.plan) ORDER BY ord");

    ck_assert_int_eq(PQresultStatus(res), PGRES_TUPLES_OK);
    s->n = s->no_return = (size_t)PQntuples(res);
    ck_assert(s->n > 0 && s->n <= SCENE_PHASES);
    for (size_t i = s->n; i-- > 0;) {
        s->phases[i] = arena_strdup(test_arena(), PQgetvalue(res, (int)i, 0));
        if (strcmp(PQgetvalue(res, (int)i, 1), "never") == 0)
            s->no_return = i;
    }
}

void scene_by_hand(const struct scene *s, const char *database, size_t phase, bool undone)
{
    if (s->test->by_hand)
        s->test->by_hand(database, s->phases[phase], undone);
}

/* Where the run stands: how many phases are done. */
size_t scene_done(struct scene *s)
{
    return (size_t)test_count(
        s->conn, "SELECT to_phase + (to_state = 'done')::int FROM orchestrate.transition"
                 " WHERE run = (SELECT max(run) FROM orchestrate.plan)"
                 " ORDER BY seq DESC LIMIT 1");
}

static void advance(struct scene *s, size_t phase)
{
    const char *const args[] = { "advance",        SCENE_PLAN,  "--to",
                                 s->phases[phase], "--confirm", SCENE_PLAN,
                                 "--fast",         "--json",    NULL };
    struct ran ran;

    scene_by_hand(s, s->db, phase, false);
    ran = test_orchestrate(s->url, test_with_overrides(args, s->test->overrides));
    EXITS(ran, 0);
    ck_assert_msg(scene_done(s) == phase + 1, "%s is not done:\n%.6000s", s->phases[phase],
                  ran.out);
    ran = ORCHESTRATE(s->url, "verify", SCENE_PLAN);
    EXITS(ran, 0);
}

/* One phase, or two where they go together; true: nothing is left of the change. */
static bool undo_one(struct scene *s)
{
    size_t before = scene_done(s), after;
    struct ran ran = ORCHESTRATE(s->url, "rollback", SCENE_PLAN, "--confirm", SCENE_PLAN, "--json");
    bool all = strstr(ran.out, "\"code\":\"undone\"") != NULL;

    EXITS(ran, 0);
    after = all ? 0 : scene_done(s);
    ck_assert_uint_lt(after, before);
    while (before > after)
        scene_by_hand(s, s->db, --before, true);
    return all;
}

void scene_untouched(struct scene *s, size_t phase)
{
    const char *what = arena_printf(test_arena(), "undone from %s", s->phases[phase]);

    test_same_text(what, test_fingerprint(s->db), s->untouched);
    test_same_text(what, test_oracle(s->db), test_oracle(s->twin));
    test_same_text(what, value_of(s, s->db, s->test->contents), s->contents);
}

/* Everything at once where nobody has to do anything in between. */
static void undo_all(struct scene *s)
{
    struct ran ran;

    if (s->test->by_hand) {
        while (!undo_one(s))
            continue;
        return;
    }
    ran = ORCHESTRATE(s->url, "rollback", SCENE_PLAN, "--to", "start", "--confirm", SCENE_PLAN,
                      "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"code\":\"undone\"");
}

static void back_from_each_phase(struct scene *s)
{
    for (size_t last = 0; last < s->no_return; last++) {
        for (size_t i = 0; i <= last; i++)
            advance(s, i);
        undo_all(s);
        scene_untouched(s, last);
        scene_start(s, true);
    }
}

/* Undone, and done once more, the way an accident goes. */
static void redo_each_phase(struct scene *s)
{
    struct ran ran;

    for (size_t i = 0; i < s->no_return; i++) {
        advance(s, i);
        if (undo_one(s)) {
            scene_start(s, true);
        } else {
            ran = ORCHESTRATE(s->url, "resume", SCENE_PLAN);
            EXITS(ran, 0);
        }
        for (size_t k = scene_done(s); k <= i; k++)
            advance(s, k);
    }
}

void scene_end(struct scene *s)
{
    const char *query = s->test->contents_after ? s->test->contents_after : s->test->contents;

    test_sql(test_connect(s->twin, "app"), "%s", s->test->plain);
    for (size_t i = 0; i < s->n; i++)
        scene_by_hand(s, s->twin, i, false);
    op_same("the end", s->db, s->twin);
    test_same_text("contents", value_of(s, s->db, query), value_of(s, s->twin, query));
}

void scene_locks(struct scene *s)
{
    const char *also = s->test->also_locks ? s->test->also_locks : "";
    const char *unsaid =
        test_rows(s->conn, "SELECT * FROM observer.unsaid(string_to_array('%s', ' '))", also);

    test_same_text("locks", unsaid, "");
    /* A report that said nothing would have been noticed. */
    ck_assert_int_gt(test_count(s->conn, "SELECT (SELECT count(*) FROM observer.held)"
                                         " + (SELECT (count(*) = 0)::int FROM orchestrate.step"
                                         " WHERE kind = 'ddl' AND lock <> 'none')"),
                     0);
    test_sql(s->conn, "DELETE FROM observer.report");
    ck_assert_int_eq(test_count(s->conn, "SELECT (count(*) = 0)::int FROM observer.unsaid('{}')"),
                     test_count(s->conn, "SELECT (count(*) = 0)::int FROM observer.held"
                                         " JOIN observer.mode USING (mode)"
                                         " WHERE place > 4 AND NOT undo"));
    ck_assert_str_eq(
        "", test_rows(s->conn,
                      "SELECT id FROM orchestrate.step WHERE concat_ws(';', prepare, next,"
                      " sql, publish, leftovers) ~* '\\m(DROP|TRUNCATE)\\M[^;]*\\mCASCADE\\M'"));
    printf("longest time under a strong lock: %s\n",
           test_rows(s->conn, "SELECT coalesce(string_agg(l, ', '), 'none was taken')"
                              " FROM observer.longest() AS l"));
}

void op_there_and_back(const struct op_test *test)
{
    struct scene s = scene_of(test);

    scene_report(&s);
    scene_start(&s, false);
    scene_phases(&s);
    back_from_each_phase(&s);
    redo_each_phase(&s);
    for (size_t i = s.no_return; i < s.n; i++)
        advance(&s, i);
    scene_end(&s);
    scene_locks(&s);
}

const char *op_forward(const struct op_test *test)
{
    struct scene s = scene_of(test);

    scene_report(&s);
    scene_start(&s, false);
    scene_phases(&s);
    for (size_t i = 0; i < s.n; i++)
        advance(&s, i);
    scene_end(&s);
    scene_locks(&s);
    return s.db;
}

void op_refused(const struct op_test *test, const char *rules)
{
    struct scene s = scene_of(test);
    struct ran ran = ORCHESTRATE(s.url, "start", s.plan, "--json");

    refusal_is_actionable(&ran, test->change);
    for (const char *at = rules; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");

        CONTAINS(ran.out, arena_printf(test_arena(), "\"code\":\"%.*s\"", (int)len, at));
        at += len;
    }
    test_same_text("refused, and yet", test_fingerprint(s.db), s.untouched);
}
