#include "hands.h"

static void drop(struct hands *hands, size_t i)
{
    pg_cleanup(hands->pg[i]);
    hands->pg[i] = hands->pg[--hands->n];
}

bool hands_lost(struct hands *hands)
{
    bool any = false;

    for (size_t i = hands->n; i-- > 1;)
        if (pg_lost(hands->pg[i])) {
            drop(hands, i);
            any = true;
        }
    return any;
}

void hands_cleanup(struct hands *hands)
{
    while (hands->n > 1)
        drop(hands, hands->n - 1);
}

/* A place of `others` that no hand uses. */
static struct pg *unused(struct hands *hands)
{
    for (size_t i = 0; i < HANDS_MOST; i++)
        if (!hands->others[i].conn)
            return &hands->others[i];
    return NULL;
}

static bool add(struct arena *arena, const struct pg *pg, struct hands *hands, struct err *err)
{
    struct pg *other = unused(hands);

    if (!pg_connect(arena, pg->url, pg->application, false, other, err)) {
        pg_cleanup(other);
        return false;
    }
    hands->pg[hands->n++] = other;
    return true;
}

void hands_fit(struct arena *arena, struct pg *pg, struct hands *hands, int64_t jobs,
               const char **why)
{
    struct err err;

    *why = NULL;
    hands->pg[0] = pg;
    hands->n = hands->n ? hands->n : 1;
    if (jobs == hands->wanted)
        return;
    hands->wanted = jobs;
    while (hands->n > (size_t)jobs)
        drop(hands, hands->n - 1);
    while (hands->n < (size_t)jobs && hands->n < HANDS_MOST)
        if (!add(arena, pg, hands, &err)) {
            *why = arena_printf(arena, "`jobs` is %lld, but only %zu could connect: %s",
                                (long long)jobs, hands->n, err.text);
            return;
        }
}
