#include "orchestrate/cluster/traffic.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrate/base/clock.h"
#include "traffic_app.h"

enum { QUIET_MS = 30000, STOP_MS = 3000, POLL_US = 500 };

/* Counters as they were at the last mark. */
struct counts {
    int64_t statements, transactions, reads, writes, errors, wrong_reads, deaths;
    int64_t by_kind[CLIENT_KIND_COUNT];
    int64_t latency[BUCKETS];
};

struct traffic {
    struct shared *shared; /* NULL once it is stopped */
    struct traffic_table table;
    struct app apps[CLIENT_KIND_COUNT];
    struct client_setup setups[MAX_CLIENTS];
    int n, deaths;
    pid_t owner;
    struct counts mark;
};

const char *client_kind_name(enum client_kind kind)
{
    static const char *const names[CLIENT_KIND_COUNT] = { "old", "new", "both" };

    return names[kind];
}

const char *client_protocol_name(enum client_protocol protocol)
{
    static const char *const names[PROTOCOL_COUNT] = { "simple", "extended", "prepared" };

    return names[protocol];
}

static bool spawn(struct traffic *traffic, int index, struct err *err)
{
    pid_t parent = getpid(), pid = fork();

    if (pid < 0)
        return err_set(err, ERR_CONFIG, "cannot start a client: %s", strerror(errno));
    if (pid == 0) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
            _exit(1);
        client_main(&traffic->setups[index]);
    }
    traffic->shared->slots[index].pid = pid;
    traffic->n++;
    return true;
}

bool traffic_start(struct arena *arena, const char *url, const struct traffic_table *table,
                   const struct traffic_options *options, struct traffic **out, struct err *err)
{
    struct traffic *traffic = arena_alloc(arena, sizeof *traffic);
    int index = 0;

    *out = traffic;
    traffic->owner = getpid();
    traffic->table = *table;
    traffic->shared = mmap(NULL, sizeof *traffic->shared, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (traffic->shared == MAP_FAILED) {
        traffic->shared = NULL;
        return err_set(err, ERR_CONFIG, "no memory to share with clients: %s", strerror(errno));
    }
    for (enum client_kind kind = 0; kind < CLIENT_KIND_COUNT; kind++) {
        app_make(arena, &traffic->table, kind, &traffic->apps[kind]);
        for (int i = 0; i < options->clients[kind] && index < MAX_CLIENTS; i++, index++) {
            traffic->shared->slots[index].kind = kind;
            traffic->shared->slots[index].protocol = (enum client_protocol)(i % PROTOCOL_COUNT);
            traffic->setups[index] = (struct client_setup){
                .url = url,
                .table = &traffic->table,
                .app = &traffic->apps[kind],
                .shared = traffic->shared,
                .index = index,
                .seed = options->seed,
                .pause_us = options->pause_us,
                .limit_ms = options->limit_ms,
            };
        }
    }
    for (int i = 0; i < index; i++)
        if (!spawn(traffic, i, err)) {
            traffic_cleanup(out);
            return false;
        }
    return true;
}

/* A client that ended by itself will do nothing more, and that is an error. */
static void bury(struct traffic *traffic)
{
    for (int i = 0; i < traffic->n; i++) {
        struct slot *slot = &traffic->shared->slots[i];

        if (slot->pid && waitpid(slot->pid, NULL, WNOHANG) == slot->pid) {
            slot->pid = 0;
            atomic_store(&slot->busy, false);
            traffic->deaths++;
        }
    }
}

void traffic_cleanup(struct traffic **out)
{
    struct traffic *traffic = *out;
    int64_t end = clock_ms() + STOP_MS;
    bool left = true;

    if (!traffic || !traffic->shared || traffic->owner != getpid())
        return;
    atomic_store(&traffic->shared->stop, true);
    while (left) {
        left = false;
        bury(traffic);
        for (int i = 0; i < traffic->n; i++) {
            left |= traffic->shared->slots[i].pid != 0;
            if (traffic->shared->slots[i].pid && clock_ms() > end)
                kill(traffic->shared->slots[i].pid, SIGKILL);
        }
        usleep(left ? POLL_US : 0);
    }
    munmap(traffic->shared, sizeof *traffic->shared);
    traffic->shared = NULL;
}

bool traffic_allow(struct traffic *traffic, unsigned kinds, struct err *err)
{
    int64_t end = clock_ms() + QUIET_MS;
    bool busy = true;

    atomic_store(&traffic->shared->allowed, kinds);
    while (busy) {
        busy = false;
        bury(traffic);
        for (int i = 0; i < traffic->n; i++) {
            const struct slot *slot = &traffic->shared->slots[i];

            busy |= !(kinds & 1U << slot->kind) && atomic_load(&slot->busy);
        }
        if (busy && clock_ms() > end)
            return err_set(err, ERR_FAILED, "a client has been busy with one transaction for %d s",
                           QUIET_MS / 1000);
        usleep(busy ? POLL_US : 0);
    }
    return true;
}

static void count(struct traffic *traffic, struct counts *sum)
{
    *sum = (struct counts){ .deaths = traffic->deaths };
    for (int i = 0; i < traffic->n; i++) {
        struct slot *slot = &traffic->shared->slots[i];
        const struct tally *t = &slot->tally;

        sum->statements += t->statements;
        sum->transactions += t->transactions;
        sum->reads += t->reads;
        sum->writes += t->writes;
        sum->errors += t->errors;
        sum->wrong_reads += t->wrong_reads;
        sum->by_kind[slot->kind] += t->statements;
        for (int b = 0; b < BUCKETS; b++)
            sum->latency[b] += t->latency[b];
    }
}

void traffic_mark(struct traffic *traffic)
{
    bury(traffic);
    count(traffic, &traffic->mark);
    for (int i = 0; i < traffic->n; i++)
        atomic_store(&traffic->shared->slots[i].max_us, 0);
}

/* The upper end of a bucket, in ms: see remember_time. */
static double bucket_ms(int bucket)
{
    int64_t top = INT64_C(1) << (bucket / 4 + 1);

    return bucket < 4 ? (bucket + 1) / 1000.0 : (double)(top + top * (bucket % 4 + 1) / 4) / 1000.0;
}

static double quantile(const struct counts *now, const struct counts *mark, double part)
{
    int64_t total = now->statements - mark->statements, seen = 0;

    for (int b = 0; b < BUCKETS; b++) {
        seen += now->latency[b] - mark->latency[b];
        if (seen > 0 && (double)seen >= part * (double)total)
            return bucket_ms(b);
    }
    return 0;
}

void traffic_read(struct traffic *traffic, struct traffic_stats *stats)
{
    const struct counts *mark = &traffic->mark;
    struct counts now;
    int64_t max_us = 0;

    bury(traffic);
    count(traffic, &now);
    *stats = (struct traffic_stats){
        .statements = now.statements - mark->statements,
        .transactions = now.transactions - mark->transactions,
        .reads = now.reads - mark->reads,
        .writes = now.writes - mark->writes,
        .errors = now.errors - mark->errors + now.deaths - mark->deaths,
        .wrong_reads = now.wrong_reads - mark->wrong_reads,
        .p50_ms = quantile(&now, mark, 0.50),
        .p99_ms = quantile(&now, mark, 0.99),
    };
    for (int k = 0; k < CLIENT_KIND_COUNT; k++)
        stats->by_kind[k] = now.by_kind[k] - mark->by_kind[k];
    for (int i = 0; i < traffic->n; i++) {
        const struct slot *slot = &traffic->shared->slots[i];

        if (slot->max_us <= max_us)
            continue;
        max_us = slot->max_us;
        snprintf(stats->slowest, sizeof stats->slowest, "%s", slot->slowest);
    }
    stats->max_ms = (double)max_us / 1000.0;
}

size_t traffic_errors(const struct traffic *traffic, struct traffic_error errors[])
{
    int n = atomic_load(&traffic->shared->n_errors);

    if (n > TRAFFIC_FIRST_ERRORS)
        n = TRAFFIC_FIRST_ERRORS;
    memcpy(errors, traffic->shared->errors, (size_t)n * sizeof *errors);
    return (size_t)n;
}

int64_t traffic_writes(const struct traffic *traffic)
{
    int64_t writes = 0;

    for (int i = 0; i < traffic->n; i++)
        writes += traffic->shared->slots[i].tally.writes;
    return writes;
}
