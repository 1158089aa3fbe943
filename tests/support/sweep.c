#include "sweep.h"

#include <string.h>

#include "operation.h"
#include "refusal.h"
#include "support.h"

struct place {
    const struct sweep *sweep;
    const char *db, *twin;
    PGconn *in_db, *in_twin;
};

static struct place place_make(const struct sweep *s)
{
    struct place p = { .sweep = s,
                       .db = test_database(s->template),
                       .twin = test_database(s->template) };

    p.in_db = test_connect(p.db, "postgres");
    p.in_twin = test_connect(p.twin, "postgres");
    return p;
}

static void place_drop(struct place *p)
{
    PQfinish(p->in_db);
    PQfinish(p->in_twin);
    test_database_drop(p->db);
    test_database_drop(p->twin);
}

static const char *run_name(const struct sweep_item *item)
{
    return arena_printf(test_arena(), "item-%d", item->number);
}

static const char *plan_of(const struct sweep *s, const struct sweep_item *item)
{
    const char *name = run_name(item);

    return test_write(arena_printf(test_arena(), "%s.yaml", name),
                      arena_printf(test_arena(), "plan: %s\nchange:\n  %s\n%s", name,
                                   s->change(item), s->more ? s->more : ""));
}

static struct ran advance(const struct place *p, const struct sweep_item *item)
{
    const char *name = run_name(item);
    const char *last =
        test_value(p->in_db, "SELECT name FROM orchestrate.phase WHERE run = (SELECT max(run)"
                             " FROM orchestrate.plan) ORDER BY ord DESC LIMIT 1");
    const char *const args[] = { "advance", name,     "--to",   last, "--confirm",
                                 name,      "--fast", "--json", NULL };

    return test_orchestrate(test_url(p->db, test_migrator()),
                            test_with_overrides(args, p->sweep->overrides));
}

static void compare(const struct place *p, const char *what)
{
    test_same_text(what, test_fingerprint(p->db), test_fingerprint(p->twin));
    test_same_text(what, test_oracle(p->db), test_oracle(p->twin));
}

static void sweep_one(const struct place *p, const struct sweep_item *item,
                      struct sweep_tally *tally)
{
    const char *url = test_url(p->db, test_migrator());
    const char *what = arena_printf(test_arena(), "%s.%s", item->table, item->name);
    struct ran ran = ORCHESTRATE(url, "start", plan_of(p->sweep, item), "--json");

    if (ran.status) {
        refusal_is_actionable(&ran, what);
        tally->refused++;
        return;
    }
    ran = advance(p, item);
    ck_assert_msg(ran.status == 0, "%s: exit %d\n%s\n%s", what, ran.status, ran.out, ran.err);
    if (p->sweep->held_by &&
        strstr(ran.out, arena_printf(test_arena(), "\"gate\":\"%s\"", p->sweep->held_by))) {
        /* Whoever owns what it waits for has to change that first; we give it all back. */
        ran = ORCHESTRATE(url, "rollback", run_name(item), "--to", "start");
        EXITS(ran, 0);
        tally->held++;
        return;
    }
    ck_assert_msg(strstr(ran.out, "\"code\":\"complete\""), "%s:\n%.3000s", what, ran.out);
    test_sql(p->in_twin, "%s", p->sweep->plain(item));
    tally->done++;
}

static void in_a_copy(const struct sweep *s, const struct sweep_item *item,
                      struct sweep_tally *tally)
{
    struct place p = place_make(s);

    sweep_one(&p, item, tally);
    compare(&p, arena_printf(test_arena(), "%s.%s", item->table, item->name));
    place_drop(&p);
}

struct sweep_tally sweep(const struct sweep *s)
{
    struct place p = place_make(s);
    struct sweep_tally t = { 0 };
    CLEANUP(pg_result)
    PGresult *items = PQexec(p.in_db, s->items);
    int n = PQntuples(items);

    ck_assert_int_eq(PQresultStatus(items), PGRES_TUPLES_OK);
    for (int i = 0; i < n; i++) {
        struct sweep_item item = { PQgetvalue(items, i, 0), PQgetvalue(items, i, 1), i };

        if (!test_is_in_share(i))
            t.left_out++;
        else if (s->apart)
            in_a_copy(s, &item, &t);
        else
            sweep_one(&p, &item, &t);
        if (!s->apart && (i + 1 == n || strcmp(item.table, PQgetvalue(items, i + 1, 0)) != 0))
            compare(&p, item.table);
    }
    ck_assert_int_eq(t.done + t.refused + t.held + t.left_out, n);
    printf("%s: %d done with an equal end, %d refused by start with a reason, %d held by %s and "
           "given back, %d not in this share\n",
           s->title, t.done, t.refused, t.held, s->held_by ? s->held_by : "nothing", t.left_out);
    return t;
}
