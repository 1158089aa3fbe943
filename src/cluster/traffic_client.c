/*
 * The life of one client: a process with one connection that does transaction
 * after transaction.
 */
#include <signal.h>
#include <unistd.h>

#include "traffic_client.h"

enum { IDLE_US = 1000, KEYS_EACH = 1000000 };

static uint64_t draw(struct client *c, uint64_t below)
{
    c->random ^= c->random << 13;
    c->random ^= c->random >> 7;
    c->random ^= c->random << 17;
    return (c->random * UINT64_C(0x2545F4914F6CDD1D) >> 11) % below;
}

/* Fresh ones come from a range of the client's own, so that no two clients write the same. */
static void choose(struct client *c, const struct op *op)
{
    uint64_t own_values = ((uint64_t)c->setup->index + 1) * UINT64_C(1000000000);
    int64_t rows = c->table->rows > MAX_CLIENTS ? c->table->rows : MAX_CLIENTS, key;

    key = 1 + (int64_t)draw(c, (uint64_t)rows);
    if (op->needs & NEED_UNIQUE)
        /*
         * Rows of its own: two clients that insert one value at the same instant
         * get a unique violation from whichever index the conflict does not name.
         */
        key = key - key % MAX_CLIENTS + c->setup->index;
    else if (c->n_own && draw(c, 4) == 0)
        key = c->own[draw(c, c->n_own < OWN_KEYS ? c->n_own : OWN_KEYS)];
    if (op->args[0] == ARG_ANY_KEY && draw(c, 2) == 0)
        key = c->table->rows + (int64_t)(c->setup->index + 1000) * KEYS_EACH + c->new_keys++;

    snprintf(c->key, sizeof c->key, "%lld", (long long)key);
    value_text(c->table->value, own_values + c->values++, c->value, sizeof c->value);
    value_text(c->table->value, own_values + c->values++, c->junk, sizeof c->junk);
    snprintf(c->note, sizeof c->note, "note %llu", (unsigned long long)draw(c, 1000000));
    c->read = NULL;
}

static int arguments(const struct client *c, const struct op *op, const char **args)
{
    int n = 0;

    for (; n < MAX_ARGS && op->args[n] != ARG_END; n++)
        switch (op->args[n]) {
        case ARG_KEY:
        case ARG_ANY_KEY:
            args[n] = c->key;
            break;
        case ARG_VALUE:
            args[n] = c->value;
            break;
        case ARG_JUNK:
            args[n] = c->junk;
            break;
        case ARG_READ:
            args[n] = c->read;
            break;
        default:
            args[n] = c->note;
        }
    return n;
}

/* Reads the row first; false when it is not there, or has nothing to go on with. */
static bool look(struct client *c, const struct op *op)
{
    const char *const args[] = { c->key };
    CLEANUP(pg_result)
    PGresult *res =
        client_send(c, op->look == LOOK_LOCKED ? &c->app->look_locked : &c->app->look, args, 1);

    if (!res || PQntuples(res) != 1)
        return false;
    if (!PQgetisnull(res, 0, 0))
        c->read = arena_strdup(&c->scratch, PQgetvalue(res, 0, 0));
    return c->read || !(op->needs & NEED_UNIQUE);
}

static bool do_read(struct client *c, const struct work *work)
{
    const char *args[MAX_ARGS];
    CLEANUP(pg_result) PGresult *res = NULL;

    if (work->op->look && !look(c, work->op))
        return true;
    res = client_send(c, &work->statement, args, arguments(c, work->op, args));
    atomic_fetch_add(&c->slot->tally.reads, res != NULL);
    if (res && PQntuples(res) == 1 && strcmp(PQgetvalue(res, 0, 0), "t") != 0)
        atomic_fetch_add(&c->slot->tally.wrong_reads, 1);
    return res != NULL;
}

/* What is meant goes into the ledger; `res` is what the write answered. */
static bool note_in_ledger(struct client *c, const struct op *op, const PGresult *res)
{
    enum expect expect = op->expect;
    const char *args[2] = { PQgetvalue(res, 0, 0), NULL };
    CLEANUP(pg_result) PGresult *noted = NULL;

    if (expect == EXPECT_PRESET && c->table->preset == PRESET_VOLATILE) {
        /* Only the row itself can say what it was. */
        expect = EXPECT_READ;
        args[1] = PQgetisnull(res, 0, 1) ? NULL : PQgetvalue(res, 0, 1);
    } else if (expect == EXPECT_VALUE) {
        args[1] = c->value;
    } else if (expect == EXPECT_READ) {
        args[1] = c->read;
    }
    noted = client_send(c, &c->app->ledger[expect], args,
                        expect == EXPECT_VALUE || expect == EXPECT_READ ? 2 : 1);
    return noted != NULL;
}

static void remember_key(struct client *c, const PGresult *res)
{
    c->own[c->n_own++ % OWN_KEYS] = strtoll(PQgetvalue(res, 0, 0), NULL, 10);
}

/* *wrote: something was written and has to be committed. */
static bool write_row(struct client *c, const struct work *work, bool *wrote)
{
    const char *args[MAX_ARGS];
    CLEANUP(pg_result) PGresult *res = NULL;

    *wrote = false;
    if (work->op->look == LOOK_LOCKED && !look(c, work->op))
        return PQtransactionStatus(c->conn) == PQTRANS_INTRANS;
    res = client_send(c, &work->statement, args, arguments(c, work->op, args));
    if (!res)
        return false;
    *wrote = PQntuples(res) == 1;
    if (!*wrote)
        return true;
    if (work->op->expect != EXPECT_GONE)
        remember_key(c, res);
    return note_in_ledger(c, work->op, res);
}

static bool do_write(struct client *c, const struct work *work)
{
    bool wrote = false;

    if (work->op->look == LOOK_FREE && !look(c, work->op))
        return true;
    if (!client_control(c, "BEGIN"))
        return false;
    if (!write_row(c, work, &wrote) || !wrote)
        return client_control(c, "ROLLBACK");
    if (!client_control(c, "COMMIT"))
        return false;
    atomic_fetch_add(&c->slot->tally.writes, 1);
    return true;
}

static const struct work *pick(struct client *c)
{
    int at = (int)draw(c, (uint64_t)c->app->weight);

    for (size_t i = 0; i < c->app->n_works; i++) {
        at -= c->app->works[i].op->weight;
        if (at < 0)
            return &c->app->works[i];
    }
    return &c->app->works[0];
}

static void transact(struct client *c)
{
    const struct work *work;

    if (client_connect(c)) {
        work = pick(c);
        choose(c, work->op);
        if (work->op->expect == EXPECT_MATCH)
            do_read(c, work);
        else
            do_write(c, work);
        if (PQtransactionStatus(c->conn) != PQTRANS_IDLE)
            client_control(c, "ROLLBACK");
        atomic_fetch_add(&c->slot->tally.transactions, 1);
    }
    arena_cleanup(&c->scratch);
    c->scratch = (struct arena){ 0 };
}

static void work_until_told(struct client *c)
{
    struct shared *shared = c->setup->shared;
    unsigned me = 1U << c->slot->kind;

    while (!atomic_load(&shared->stop)) {
        /* Said before it is asked, so that nobody who looks can miss it. */
        atomic_store(&c->slot->busy, true);
        if (atomic_load(&shared->allowed) & me) {
            transact(c);
            atomic_store(&c->slot->busy, false);
            if (c->setup->pause_us)
                usleep((useconds_t)draw(c, 2 * (uint64_t)c->setup->pause_us));
        } else {
            atomic_store(&c->slot->busy, false);
            usleep(IDLE_US);
        }
    }
}

_Noreturn void client_main(const struct client_setup *setup)
{
    struct client c = {
        .setup = setup,
        .table = setup->table,
        .app = setup->app,
        .slot = &setup->shared->slots[setup->index],
        .random = setup->seed * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)setup->index + 1,
    };

    /* Whether ctrl-C ends anything is for the parent to decide. */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < 8; i++)
        draw(&c, 2);
    work_until_told(&c);
    PQfinish(c.conn);
    _exit(0);
}
