/*
 * The ledger test: clients of old code, of new code and of code that writes
 * both names work all the time while the program takes the table through every
 * phase, back, and through it again.  After each step the table is compared
 * with the ledger, which was written in the same transactions.
 *
 * ORCHESTRATE_LONG=1 runs all shapes of columns, and each step longer.
 */
#include <stdio.h>
#include <stdlib.h>

/*
 * What else belongs to a shape: `rows` is run once, when the table has its rows;
 * `meanwhile` at each stage, while clients work, with the number of the stage for
 * {i}; `role` is that of the clients, if it is not the owner; `plan` are further
 * lines of the plan.
 */
struct extra {
    const char *name, *rows, *meanwhile, *role, *plan;
};

#ifdef LEDGER_HARD /* the same test with the tables of ledger_hard.h: a program of its own */
#include "ledger_hard.h"
#else
#include "ledger_shapes.h"
#endif
#include "orchestrate/base/buf.h"
#include "orchestrate/base/clock.h"
#include "orchestrate/cluster/cluster.h"
#include "support.h"

enum {
    SECONDS = 300,
    SHORT_MS = 700,
    LONG_MS = 2000,
    BLOCKED_MS = 3000, /* far over anything we cause; this machine may be busy with other tests */
    HELD_MS = 30000,
};

#define PLAN "rename"
#define N TRAFFIC_NEW
#define O TRAFFIC_OLD
#define ALL TRAFFIC_ALL

/*
 * What happens, in order.  `kinds` run while the command does and afterwards;
 * `names` are those that must show every committed write then.
 */
struct stage {
    const char *command, *to; /* to: of rollback, or NULL */
    const char *phase;        /* that the command answers with */
    const char *code;
    unsigned kinds, names;
};

/* clang-format off */
static const struct stage stages[] = {
    { "start",    NULL,         NULL,         "started",     O,   O },
    { "advance",  NULL,         "expand",     "advanced",    O,   O },
    { "advance",  NULL,         "dual-write", "advanced",    O,   O },
    { "advance",  NULL,         "backfill",   "advanced",    O,   O | N },
    { "advance",  NULL,         "verify",     "advanced",    O,   O | N },
    /* called off before new code came, and begun anew */
    { "rollback", "start",      NULL,         "undone",      O,   O },
    { "again",    NULL,         NULL,         "started",     O,   O },
    { "advance",  NULL,         "expand",     "advanced",    O,   O },
    { "advance",  NULL,         "dual-write", "advanced",    O,   O },
    { "advance",  NULL,         "backfill",   "advanced",    O,   O | N },
    { "advance",  NULL,         "verify",     "advanced",    O,   O | N },
    /* new code is deployed */
    { "deploy",   NULL,         NULL,         NULL,          ALL, O | N },
    { "advance",  NULL,         "switch",     "advanced",    ALL, O | N },
    { "rollback", NULL,         "switch",     "rolled_back", ALL, O | N },
    { "advance",  NULL,         "switch",     "advanced",    ALL, O | N },
    { "meter",    NULL,         NULL,         NULL,          N,   O | N },
    /* old code is gone */
    { "advance",  NULL,         "retire",     "advanced",    N,   N },
    { "rollback", NULL,         "retire",     "rolled_back", N,   O | N },
    { "deploy",   NULL,         NULL,         NULL,          ALL, O | N },
    { "advance",  NULL,         "retire",     "advanced",    N,   N },
    { "advance",  NULL,         "contract",   "complete",    N,   N },
};
/* clang-format on */

struct scene {
    const struct traffic_table *table;
    const char *database, *url, *plan;
    PGconn *conn;
    struct pg pg;
    struct traffic *traffic;
};

static void must(bool ok, const struct err *err)
{
    ck_assert_msg(ok, "%s", err->text);
}

static bool is_long(void)
{
    const char *value = getenv("ORCHESTRATE_LONG");

    return value && *value && strcmp(value, "0") != 0;
}

static const char *yaml(const char *text)
{
    struct buf out = BUF_IN(test_arena());

    buf_add(&out, "'");
    for (const char *c = text; *c; c++)
        buf_addn(&out, *c == '\'' ? "''" : c, *c == '\'' ? 2 : 1);
    buf_add(&out, "'");
    return buf_text(&out);
}

static const struct extra *extra_of(const struct traffic_table *table)
{
    static const struct extra none;

    for (size_t i = 0; i < ARRAY_LEN(extras); i++)
        if (strcmp(extras[i].name, table->name) == 0)
            return &extras[i];
    return &none;
}

static const char *plan_file(const struct traffic_table *t)
{
    bool quote = strpbrk(t->schema, ".\"") != NULL;
    const char *more = extra_of(t)->plan;
    const char *table = arena_printf(
        test_arena(), "%s.%s", quote ? pg_ident(test_arena(), t->schema) : t->schema, t->name);

    return test_write("rename.yaml",
                      arena_printf(test_arena(),
                                   "plan: " PLAN "\n"
                                   "change:\n"
                                   "  rename_column:\n"
                                   "    table: %s\n"
                                   "    from: %s\n"
                                   "    to: %s\n"
                                   "gates:\n"
                                   "  retire:\n"
                                   "    - old_name_idle: 1s\n%s",
                                   yaml(table), yaml(t->from), yaml(t->to), more ? more : ""));
}

/* The statements of the shape for this stage; partitions get names and places of their own. */
static void meanwhile(const struct scene *s, PGconn *conn, size_t stage)
{
    const char *text = extra_of(s->table)->meanwhile;
    struct buf out = BUF_IN(test_arena());

    for (; text && *text; text++)
        if (strncmp(text, "{i}", 3) == 0) {
            buf_addf(&out, "%02zu", stage);
            text += 2;
        } else {
            buf_addn(&out, text, 1);
        }
    if (text)
        test_sql(conn, "%s", buf_text(&out));
}

static struct scene scene_make(const struct traffic_table *table, uint64_t seed)
{
    struct scene s = { .table = table, .database = test_database("empty") };
    struct traffic_options options = { .clients = { 3, 3, 3 }, .seed = seed };
    struct err err = { 0 };

    s.url = test_url(s.database, "app");
    s.plan = plan_file(table);
    s.conn = test_connect(s.database, "app");
    must(pg_connect(test_arena(), s.url, "test", false, &s.pg, &err), &err);
    must(traffic_create(&s.pg, table, &err), &err);
    if (extra_of(table)->rows)
        test_sql(s.conn, "%s", extra_of(table)->rows);
    must(traffic_start(test_arena(),
                       extra_of(table)->role ? test_url(s.database, extra_of(table)->role) : s.url,
                       table, &options, &s.traffic, &err),
         &err);
    return s;
}

static void scene_end(struct scene *s)
{
    traffic_cleanup(&s->traffic);
    pg_cleanup(&s->pg);
    PQfinish(s->conn);
}

static void allow(struct scene *s, unsigned kinds)
{
    struct err err = { 0 };

    must(traffic_allow(s->traffic, kinds, &err), &err);
}

/* ---- the commands ---- */

static bool answers(const struct ran *ran, const char *key, const char *value)
{
    return strstr(ran->out, arena_printf(test_arena(), "\"%s\":\"%s\"", key, value)) != NULL;
}

/* A gate that waits for time to pass is waited for, as a release manager does. */
static struct ran advance(const struct scene *s)
{
    int64_t end = clock_ms() + HELD_MS;
    struct ran ran;

    do
        ran = ORCHESTRATE(s->url, "advance", PLAN, "--confirm", PLAN, "--json");
    while (answers(&ran, "code", "held") && clock_ms() < end && clock_sleep(200));
    return ran;
}

static struct ran rollback(const struct scene *s, const char *to)
{
    struct ran ran = to ? ORCHESTRATE(s->url, "rollback", PLAN, "--to", to, "--json")
                        : ORCHESTRATE(s->url, "rollback", PLAN, "--json");

    if (!answers(&ran, "code", "undone"))
        ORCHESTRATE(s->url, "resume", PLAN);
    return ran;
}

static void command(const struct scene *s, const struct stage *stage)
{
    struct ran ran;

    if (strcmp(stage->command, "start") == 0)
        ran = ORCHESTRATE(s->url, "start", s->plan, "--json");
    else if (strcmp(stage->command, "again") == 0)
        ran = ORCHESTRATE(s->url, "start", s->plan, "--again", "--json");
    else if (strcmp(stage->command, "advance") == 0)
        ran = advance(s);
    else if (strcmp(stage->command, "rollback") == 0)
        ran = rollback(s, stage->to);
    else
        return;
    EXITS(ran, 0);
    ck_assert_msg(answers(&ran, "code", stage->code) &&
                      (!stage->phase || answers(&ran, "phase", stage->phase)),
                  "%s %s: %s\n%s", stage->command, stage->phase ? stage->phase : "", ran.out,
                  ran.err);
}

/* ---- what is looked at ---- */

static void no_errors(const struct scene *s, const struct stage *stage)
{
    struct traffic_error errors[TRAFFIC_FIRST_ERRORS];

    if (traffic_errors(s->traffic, errors) > 0)
        ck_abort_msg("%s %s: %s code, %s protocol: %s %s\n%s", stage->command,
                     stage->phase ? stage->phase : "", client_kind_name(errors[0].kind),
                     client_protocol_name(errors[0].protocol), errors[0].sqlstate,
                     errors[0].message, errors[0].statement);
}

/*
 * A table with an audit trail has a row there for each write of the application and none from us;
 * its BEFORE trigger has counted the same updates.
 */
static void audited_once(const struct scene *s, int64_t writes)
{
    if (test_count(s->conn,
                   "SELECT count(*) FROM pg_class WHERE oid = to_regclass('shop.audit')") == 0)
        return;
    ck_assert_int_eq(test_count(s->conn, "SELECT count(*) FROM shop.audit") - s->table->rows,
                     writes);
    ck_assert_int_eq(
        test_count(s->conn,
                   "SELECT count(*) FROM %s.%s t WHERE version <>"
                   " (SELECT count(*) FROM shop.audit a WHERE a.id = t.id AND op = 'UPDATE'"
                   " AND seq > (SELECT max(seq) FROM shop.audit i WHERE i.id = t.id"
                   " AND op = 'INSERT'))",
                   s->table->schema, s->table->name),
        0);
}

static void nothing_lost(struct scene *s, const struct stage *stage)
{
    const char *phase = stage->phase ? stage->phase : "";
    struct traffic_stats stats;
    struct comparison found;
    struct err err = { 0 };

    allow(s, TRAFFIC_NONE);
    traffic_read(s->traffic, &stats);
    must(traffic_compare(test_arena(), &s->pg, s->table, stage->names, &found, &err), &err);
    printf("  %-9s %-11s %7ld statements, %ld errors, %ld wrong; p99 %6.1f ms, slowest %6.1f ms\n",
           stage->command, phase, (long)stats.statements, (long)stats.errors,
           (long)(found.wrong + stats.wrong_reads), stats.p99_ms, stats.max_ms);
    fflush(stdout);

    no_errors(s, stage);
    ck_assert_int_eq(stats.errors, 0);
    ck_assert_msg(found.wrong == 0, "%s %s: %ld rows\n%s", stage->command, phase, (long)found.wrong,
                  found.first);
    ck_assert_int_eq(stats.wrong_reads, 0);
    ck_assert_int_eq(found.writes, traffic_writes(s->traffic));
    audited_once(s, found.writes);
    if (s->table->value == VALUE_WIDE &&
        strcmp(phase, "backfill") == 0) /* or this proves nothing */
        ck_assert_int_eq(
            test_count(s->conn, "SELECT count(*) FROM pg_constraint WHERE conname ~ '_equal$'"), 0);
    ck_assert_msg(stats.max_ms < BLOCKED_MS, "%s %s: %.0f ms: %s", stage->command, phase,
                  stats.max_ms, stats.slowest);
}

/* How often the old name has been written by, says the run's own meter. */
static int64_t meter(const struct scene *s)
{
    const char *name = test_value(s->conn, "SELECT max(quote_ident(schemaname) || '.' ||"
                                           " quote_ident(sequencename)) FROM pg_sequences"
                                           " WHERE sequencename ~ '^_orch_[0-9]+_meter$'");

    ck_assert_str_ne(name, "");
    return test_count(s->conn, "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM %s",
                      name);
}

static void only_old_code_moves_the_meter(struct scene *s, int run_ms)
{
    int64_t before = meter(s);

    allow(s, TRAFFIC_NEW);
    clock_sleep(run_ms);
    allow(s, TRAFFIC_NONE);
    ck_assert_int_eq(meter(s), before);
    allow(s, TRAFFIC_OLD);
    clock_sleep(run_ms);
    allow(s, TRAFFIC_NONE);
    ck_assert_int_gt(meter(s), before);
}

/* The partitions of a stage have the column's name of that stage. */
static void replay(const struct scene *s, PGconn *conn)
{
    for (size_t i = 0; i < ARRAY_LEN(stages); i++)
        meanwhile(s, conn, i);
}

static void same_as_a_plain_rename(const struct scene *s)
{
    const char *twin = test_database("empty");
    PGconn *conn = test_connect(twin, "app");
    struct err err = { 0 };
    struct pg pg;

    must(pg_connect(test_arena(), test_url(twin, "app"), "test", false, &pg, &err), &err);
    must(traffic_create(&pg, s->table, &err), &err);
    if (extra_of(s->table)->rows)
        test_sql(conn, "%s", extra_of(s->table)->rows);
    replay(s, conn);
    test_sql(conn, "ALTER TABLE %s.%s RENAME COLUMN %s TO %s",
             pg_ident(test_arena(), s->table->schema), pg_ident(test_arena(), s->table->name),
             pg_ident(test_arena(), s->table->from), pg_ident(test_arena(), s->table->to));
    test_same_schema(s->database, twin);
    pg_cleanup(&pg);
    PQfinish(conn);
}

START_TEST(no_write_is_lost_and_no_client_fails)
{
    struct scene s = scene_make(&shapes[_i], (uint64_t)_i + 1);
    int run_ms = is_long() ? LONG_MS : SHORT_MS;

    printf("%s.%s: %s%s%s, seed %d\n", s.table->name, s.table->from, s.table->type,
           s.table->not_null ? " not null" : "", s.table->unique ? " unique" : "", _i + 1);
    for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
        const struct stage *stage = &stages[i];

        traffic_mark(s.traffic);
        if (strcmp(stage->command, "meter") == 0)
            only_old_code_moves_the_meter(&s, run_ms);
        allow(&s, stage->kinds);
        command(&s, stage);
        meanwhile(&s, s.conn, i);
        clock_sleep(run_ms);
        nothing_lost(&s, stage);
    }
    same_as_a_plain_rename(&s);
    scene_end(&s);
}
END_TEST

#ifndef LEDGER_HARD
/* ---- the negative control ---- */

static const char naive[] =
    "ALTER TABLE shop.invoice ADD COLUMN status text;"
    "CREATE FUNCTION shop.naive() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " IF NEW.status IS NULL THEN NEW.status := NEW.state; ELSE NEW.state := NEW.status; END IF;"
    " RETURN NEW; END $$;"
    "CREATE TRIGGER naive BEFORE INSERT OR UPDATE ON shop.invoice FOR EACH ROW"
    " WHEN (NEW.status IS DISTINCT FROM NEW.state) EXECUTE FUNCTION shop.naive();"
    "UPDATE shop.invoice SET status = state WHERE status IS DISTINCT FROM state;";

START_TEST(a_naive_trigger_does_lose_writes_and_the_ledger_sees_it)
{
    struct scene s = scene_make(&shapes[1], 1);
    struct comparison found;
    struct err err = { 0 };

    ck_assert_str_eq(s.table->name, "invoice");
    test_sql(s.conn, "%s", naive);
    allow(&s, TRAFFIC_ALL);
    clock_sleep(SHORT_MS);
    allow(&s, TRAFFIC_NONE);
    must(traffic_compare(test_arena(), &s.pg, s.table, O | N, &found, &err), &err);
    printf("negative control: %ld of %ld rows are wrong\n", (long)found.wrong, (long)found.rows);
    fflush(stdout);
    ck_assert_int_gt(found.wrong, 0);
    scene_end(&s);
}
END_TEST

#endif

int main(void)
{
    Suite *suite = suite_create("ledger");
    TCase *tc = support_case(suite, "ledger", SECONDS);
    int n = is_long() ? (int)ARRAY_LEN(shapes) : SHAPES_ALWAYS;

#ifndef LEDGER_HARD
    tcase_add_test(tc, a_naive_trigger_does_lose_writes_and_the_ledger_sees_it);
#endif
    support_long_cases(tc, no_write_is_lost_and_no_client_fails, 0, n);
    return support_run(suite);
}
