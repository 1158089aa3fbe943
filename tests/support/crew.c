#include "crew.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrate/base/clock.h"

enum {
    CLIENTS_MOST = 16,
    NOTES_MOST = 100000, /* of one client; memory that is not touched costs nothing */
    TEXTS = 8,
    TEXT_SIZE = 64,
    PREPARED_MOST = 16,
    IDLE_SECONDS = 60,
    PAUSE_US = 1500,
};

struct note {
    int id;
    char what;
    bool null;
    char value[32];
};

/* One client, in memory that it shares with the test. */
struct client {
    const struct crew_code *code;
    unsigned bit;
    int number, turn;
    unsigned seed;
    pid_t pid;
    bool idle, failed;
    char error[1000];
    int64_t transactions, statements;
    double slowest_ms;
    size_t told, pending, read; /* notes: committed, also those not yet so, fetched by the test */
    struct note notes[NOTES_MOST];

    PGconn *conn;
    PGresult *res; /* that *value of client_sql is in */
    const char *prepared[PREPARED_MOST];
    char texts[TEXTS][TEXT_SIZE];
    int next_text;
};

struct crew {
    unsigned allowed;
    int n;
    struct client clients[CLIENTS_MOST];
};

/* ---- in the client ---- */

int client_number(const struct client *c)
{
    return c->number;
}

int client_turn(const struct client *c)
{
    return c->turn;
}

int client_random(struct client *c, int below)
{
    return (int)((unsigned)rand_r(&c->seed) % (unsigned)below);
}

const char *client_text(struct client *c, const char *fmt, ...)
{
    char *text = c->texts[c->next_text++ % TEXTS];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, TEXT_SIZE, fmt, args);
    va_end(args);
    return text;
}

bool client_wrong(struct client *c, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(c->error, sizeof c->error, fmt, args);
    va_end(args);
    return false;
}

void client_note(struct client *c, int id, char what, const char *value)
{
    struct note *note = &c->notes[c->pending];

    if (c->pending == NOTES_MOST)
        _exit(3); /* the test sees that it is gone */
    *note = (struct note){ .id = id, .what = what, .null = !value };
    snprintf(note->value, sizeof note->value, "%s", value ? value : "");
    c->pending++;
}

/* Writes the name of the statement, which is prepared by its first use; false: too many. */
static bool prepared(struct client *c, const char *sql, char name[TEXT_SIZE])
{
    size_t i = 0;

    while (i < PREPARED_MOST && c->prepared[i] && c->prepared[i] != sql)
        i++;
    if (i == PREPARED_MOST)
        return false;
    snprintf(name, TEXT_SIZE, "p%zu", i);
    if (!c->prepared[i])
        PQclear(PQprepare(c->conn, name, sql, 0, NULL));
    c->prepared[i] = sql;
    return true;
}

static PGresult *send(struct client *c, const char *sql, const char *const *values)
{
    double start = clock_ms_exact(), ms;
    char name[TEXT_SIZE];
    PGresult *res;
    int n = 0;

    while (n < 3 && values[n])
        n++;
    res = c->number % 2 && prepared(c, sql, name)
              ? PQexecPrepared(c->conn, name, n, values, NULL, NULL, 0)
              : PQexecParams(c->conn, sql, n, NULL, values, NULL, NULL, 0);
    c->statements++;
    ms = clock_ms_exact() - start;
    c->slowest_ms = ms > c->slowest_ms ? ms : c->slowest_ms;
    return res;
}

static bool is_done(const PGresult *res)
{
    return PQresultStatus(res) == PGRES_COMMAND_OK || PQresultStatus(res) == PGRES_TUPLES_OK;
}

bool client_sql(struct client *c, const char **value, const char *sql, const char *p1,
                const char *p2, const char *p3)
{
    PQclear(c->res);
    c->res = send(c, sql, (const char *const[]){ p1, p2, p3 });
    if (!is_done(c->res))
        return client_wrong(c, "%s: %s", sql, PQresultErrorMessage(c->res));
    if (value)
        *value = PQntuples(c->res) > 0 ? PQgetvalue(c->res, 0, 0) : "";
    return true;
}

bool client_refused(struct client *c, const char *sqlstate, const char *sql, const char *p1,
                    const char *p2, const char *p3)
{
    CLEANUP(pg_result) PGresult *res = send(c, sql, (const char *const[]){ p1, p2, p3 });
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

    return (!is_done(res) && state && strcmp(state, sqlstate) == 0) ||
           client_wrong(c, "%s: not refused with %s, but: %s %s", sql, sqlstate,
                        state ? state : "done", PQresultErrorMessage(res));
}

bool client_begin(struct client *c)
{
    return client_sql(c, NULL, "BEGIN", NULL, NULL, NULL);
}

bool client_commit(struct client *c)
{
    if (!client_sql(c, NULL, "COMMIT", NULL, NULL, NULL))
        return false;
    if (strcmp(PQcmdStatus(c->res), "COMMIT") != 0)
        return client_wrong(c, "COMMIT answered %s", PQcmdStatus(c->res));
    c->told = c->pending;
    c->transactions++;
    return true;
}

/* Never returns. */
static void work(struct crew *crew, struct client *c, const char *url, pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(2);
    c->conn = PQconnectdb(url);
    c->failed =
        PQstatus(c->conn) != CONNECTION_OK && !client_wrong(c, "%s", PQerrorMessage(c->conn));
    while (!c->failed) {
        bool may = __atomic_load_n(&crew->allowed, __ATOMIC_SEQ_CST) & c->bit;

        __atomic_store_n(&c->idle, !may, __ATOMIC_SEQ_CST);
        /* Allowed and at once no longer: idle is looked at before the turn, too. */
        if (may && __atomic_load_n(&crew->allowed, __ATOMIC_SEQ_CST) & c->bit) {
            c->turn++;
            c->pending = c->told;
            __atomic_store_n(&c->failed, !c->code->turn(c), __ATOMIC_SEQ_CST);
        }
        usleep(PAUSE_US);
    }
    PQfinish(c->conn);
    _exit(1);
}

/* ---- in the test ---- */

struct crew *crew_start(const char *url, const struct crew_code *codes, size_t n)
{
    struct crew *crew = mmap(NULL, sizeof *crew, PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    pid_t parent = getpid();

    ck_assert_ptr_ne(crew, MAP_FAILED);
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < codes[i].clients; k++) {
            struct client *c = &crew->clients[crew->n++];
            pid_t pid;

            ck_assert_int_le(crew->n, CLIENTS_MOST);
            c->code = &codes[i];
            c->bit = CREW_CODE(i);
            c->number = k;
            c->seed = (unsigned)crew->n;
            pid = fork(); /* not in c, to which both write */
            ck_assert_int_ge(pid, 0);
            if (pid == 0)
                work(crew, c, url, parent);
            c->pid = pid;
        }
    return crew;
}

static void is_well(const struct client *c)
{
    int status;

    if (!__atomic_load_n(&c->failed, __ATOMIC_SEQ_CST) && waitpid(c->pid, &status, WNOHANG) == 0)
        return;
    ck_abort_msg("%s code, client %d, turn %d: %s", c->code->name, c->number, c->turn,
                 c->failed ? c->error : "is gone");
}

void crew_allow(struct crew *crew, unsigned codes)
{
    int64_t end = clock_ms() + IDLE_SECONDS * 1000;

    __atomic_store_n(&crew->allowed, codes, __ATOMIC_SEQ_CST);
    for (int i = 0; i < crew->n; i++) {
        const struct client *c = &crew->clients[i];

        is_well(c);
        while (!(c->bit & codes) && !__atomic_load_n(&c->idle, __ATOMIC_SEQ_CST)) {
            is_well(c);
            ck_assert_msg(clock_ms() < end, "%s code, client %d does not come to an end",
                          c->code->name, c->number);
            clock_sleep(1);
        }
    }
}

struct crew_stats crew_stats(struct crew *crew)
{
    struct crew_stats sum = { 0 };

    for (int i = 0; i < crew->n; i++) {
        struct client *c = &crew->clients[i];

        sum.transactions += c->transactions;
        sum.statements += c->statements;
        if (c->slowest_ms > sum.slowest_ms)
            sum.slowest_ms = c->slowest_ms;
        c->transactions = c->statements = 0;
        c->slowest_ms = 0;
    }
    return sum;
}

static void tell(struct client *c, PGconn *conn)
{
    for (; c->read < c->told; c->read++) {
        const struct note *note = &c->notes[c->read];
        char line[TEXT_SIZE];
        int len = snprintf(line, sizeof line, "%d\t%c\t%s\n", note->id, note->what,
                           note->null ? "\\N" : note->value);

        ck_assert_int_eq(PQputCopyData(conn, line, len), 1);
    }
}

void crew_told(struct crew *crew, PGconn *conn)
{
    CLEANUP(pg_result)
    PGresult *begun = PQexec(conn, "COPY test.told (id, what, value) FROM STDIN");
    CLEANUP(pg_result) PGresult *res = NULL;

    ck_assert_int_eq(PQresultStatus(begun), PGRES_COPY_IN);
    for (int i = 0; i < crew->n; i++)
        tell(&crew->clients[i], conn);
    ck_assert_int_eq(PQputCopyEnd(conn, NULL), 1);
    res = PQgetResult(conn);
    ck_assert_msg(PQresultStatus(res) == PGRES_COMMAND_OK, "%s", PQresultErrorMessage(res));
    ck_assert_ptr_null(PQgetResult(conn));
}

void crew_end(struct crew *crew)
{
    crew_allow(crew, 0);
    for (int i = 0; i < crew->n; i++) {
        kill(crew->clients[i].pid, SIGKILL); /* SIGTERM has Check's handler, and ends the test */
        waitpid(crew->clients[i].pid, NULL, 0);
    }
    munmap(crew, sizeof *crew);
}
