/*
 * The simulated application itself: does it write what it means, does it see
 * what goes wrong, and does it end?  The change of the column is done by hand
 * here, so that a fault of ours cannot hide one of the harness.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrate/base/clock.h"
#include "orchestrate/cluster/cluster.h"
#include "orchestrate/cluster/traffic.h"
#include "support.h"

enum { SECONDS = 60, RUN_MS = 1500, SOME_ROWS = 2000 };

static const struct traffic_table customer = {
    .schema = "shop",
    .name = "customer",
    .from = "email",
    .to = "email_address",
    .type = "text",
    .value = VALUE_EMAIL,
    .preset = PRESET_FIXED,
    .preset_sql = "'nobody@example.org'",
    .rows = SOME_ROWS,
};

/* research: the twin's default tells who wrote; the new name wins. */
static const char by_hand[] =
    "ALTER TABLE shop.customer ADD COLUMN email_address text,"
    " ALTER COLUMN email_address SET DEFAULT 'nobody@example.org';"
    "CREATE FUNCTION shop.sync() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " IF TG_OP = 'INSERT' THEN"
    "  IF record_image_eq(ROW(NEW.email_address), ROW('nobody@example.org'::text))"
    "   THEN NEW.email_address := NEW.email; ELSE NEW.email := NEW.email_address; END IF;"
    " ELSIF record_image_ne(ROW(NEW.email_address), ROW(OLD.email_address))"
    "  THEN NEW.email := NEW.email_address;"
    " ELSE NEW.email_address := NEW.email; END IF;"
    " RETURN NEW; END $$;";

static const char naive[] =
    "ALTER TABLE shop.customer ADD COLUMN email_address text;"
    "CREATE FUNCTION shop.sync() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " IF NEW.email_address IS NULL THEN NEW.email_address := NEW.email;"
    " ELSE NEW.email := NEW.email_address; END IF;"
    " RETURN NEW; END $$;";

static const char trigger[] =
    "CREATE TRIGGER sync BEFORE INSERT OR UPDATE ON shop.customer FOR EACH ROW"
    " WHEN (record_image_ne(ROW(NEW.email_address), ROW(NEW.email))) EXECUTE FUNCTION shop.sync();"
    "UPDATE shop.customer SET email_address = email"
    " WHERE record_image_ne(ROW(email_address), ROW(email));";

struct scene {
    const char *database;
    PGconn *conn;
    struct pg pg;
    struct traffic *traffic;
};

static void must(bool ok, const struct err *err)
{
    ck_assert_msg(ok, "%s", err->text);
}

static struct scene scene_make(const struct traffic_table *table, const char *setup,
                               const struct traffic_options *options)
{
    struct scene s = { .database = test_database("empty") };
    struct err err = { 0 };
    const char *url = test_url(s.database, "app");

    s.conn = test_connect(s.database, "app");
    must(pg_connect(test_arena(), url, "test", false, &s.pg, &err), &err);
    must(traffic_create(&s.pg, table, &err), &err);
    if (setup)
        test_sql(s.conn, "%s%s", setup, trigger);
    must(traffic_start(test_arena(), url, table, options, &s.traffic, &err), &err);
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

static struct comparison compare(struct scene *s, const struct traffic_table *table, unsigned names)
{
    struct comparison found;
    struct err err = { 0 };

    must(traffic_compare(test_arena(), &s->pg, table, names, &found, &err), &err);
    return found;
}

static void no_errors(const struct scene *s)
{
    struct traffic_error errors[TRAFFIC_FIRST_ERRORS];

    if (traffic_errors(s->traffic, errors) > 0)
        ck_abort_msg("%s code, %s protocol: %s %s\n%s", client_kind_name(errors[0].kind),
                     client_protocol_name(errors[0].protocol), errors[0].sqlstate,
                     errors[0].message, errors[0].statement);
}

static const struct traffic_options nine = { .clients = { 3, 3, 3 }, .seed = 7 };

START_TEST(a_column_that_stays_agrees_with_the_ledger)
{
    struct scene s = scene_make(&customer, NULL, &nine);
    struct traffic_stats stats;
    struct comparison found;

    traffic_mark(s.traffic);
    allow(&s, TRAFFIC_OLD);
    clock_sleep(RUN_MS);
    allow(&s, TRAFFIC_NONE);
    traffic_read(s.traffic, &stats);
    found = compare(&s, &customer, TRAFFIC_OLD);

    no_errors(&s);
    ck_assert_int_gt(stats.writes, 100);
    ck_assert_int_gt(stats.reads, 10);
    ck_assert_int_eq(stats.errors, 0);
    ck_assert_int_eq(stats.wrong_reads, 0);
    ck_assert_msg(found.wrong == 0, "%s", found.first);
    ck_assert_int_eq(found.writes, traffic_writes(s.traffic));
    ck_assert_int_eq(stats.by_kind[CLIENT_NEW] + stats.by_kind[CLIENT_BOTH], 0);
    ck_assert(stats.p50_ms > 0 && stats.p50_ms <= stats.p99_ms && stats.max_ms > 0);
    scene_end(&s);
}
END_TEST

START_TEST(the_right_trigger_keeps_all_three_kinds_right)
{
    struct scene s = scene_make(&customer, by_hand, &nine);
    struct traffic_stats stats;
    struct comparison found;

    traffic_mark(s.traffic);
    allow(&s, TRAFFIC_ALL);
    clock_sleep(2 * RUN_MS);
    traffic_read(s.traffic, &stats);
    /* Not paused: one statement sees one moment. */
    found = compare(&s, &customer, TRAFFIC_ALL);
    ck_assert_msg(found.wrong == 0, "%s", found.first);
    allow(&s, TRAFFIC_NONE);
    found = compare(&s, &customer, TRAFFIC_ALL);

    no_errors(&s);
    ck_assert_msg(found.wrong == 0, "%s", found.first);
    ck_assert_int_eq(stats.wrong_reads, 0);
    for (int kind = 0; kind < CLIENT_KIND_COUNT; kind++)
        ck_assert_int_gt(stats.by_kind[kind], 100);
    scene_end(&s);
}
END_TEST

START_TEST(a_naive_trigger_is_found_out)
{
    struct scene s = scene_make(&customer, naive, &nine);
    struct traffic_stats stats;
    struct comparison found;

    allow(&s, TRAFFIC_ALL);
    clock_sleep(RUN_MS);
    allow(&s, TRAFFIC_NONE);
    traffic_read(s.traffic, &stats);
    found = compare(&s, &customer, TRAFFIC_ALL);

    ck_assert_int_gt(found.wrong, 0);
    ck_assert_int_gt(stats.wrong_reads, 0);
    CONTAINS(found.first, "meant ");
    scene_end(&s);
}
END_TEST

START_TEST(a_changed_deleted_or_invented_row_is_found)
{
    struct scene s = scene_make(&customer, NULL, &nine);
    static const char *const harms[] = {
        "UPDATE shop.customer SET email = 'x' WHERE id = 3",
        "DELETE FROM shop.customer WHERE id = 4",
        "INSERT INTO shop.customer (email) VALUES ('y')",
    };

    for (size_t i = 0; i < ARRAY_LEN(harms); i++) {
        test_sql(s.conn, "%s", harms[i]);
        ck_assert_int_eq(compare(&s, &customer, TRAFFIC_OLD).wrong, (int64_t)i + 1);
    }
    scene_end(&s);
}
END_TEST

START_TEST(a_blocked_client_is_seen_with_its_statement)
{
    struct scene s = scene_make(&customer, NULL, &nine);
    struct traffic_stats stats;

    traffic_mark(s.traffic);
    allow(&s, TRAFFIC_OLD);
    test_sql(s.conn, "BEGIN; LOCK TABLE shop.customer");
    clock_sleep(300);
    test_sql(s.conn, "COMMIT");
    allow(&s, TRAFFIC_NONE);
    traffic_read(s.traffic, &stats);
    ck_assert_msg(stats.max_ms >= 290, "%.1f", stats.max_ms);
    CONTAINS(stats.slowest, "customer");

    traffic_mark(s.traffic);
    allow(&s, TRAFFIC_OLD);
    clock_sleep(100);
    traffic_read(s.traffic, &stats);
    ck_assert_msg(stats.max_ms < 290, "%.1f", stats.max_ms);
    scene_end(&s);
}
END_TEST

START_TEST(an_error_is_counted_and_kept_with_its_sqlstate)
{
    struct traffic_options options = nine;
    struct traffic_error errors[TRAFFIC_FIRST_ERRORS];
    struct traffic_stats stats;
    struct scene s;

    options.limit_ms = 100;
    s = scene_make(&customer, NULL, &options);
    traffic_mark(s.traffic);
    allow(&s, TRAFFIC_OLD);
    test_sql(s.conn, "BEGIN; LOCK TABLE shop.customer");
    clock_sleep(400);
    test_sql(s.conn, "COMMIT");
    allow(&s, TRAFFIC_NONE);
    traffic_read(s.traffic, &stats);

    ck_assert_int_gt(stats.errors, 0);
    ck_assert_uint_gt(traffic_errors(s.traffic, errors), 0);
    ck_assert_str_eq(errors[0].sqlstate, "57014");
    ck_assert_int_eq(compare(&s, &customer, TRAFFIC_OLD).wrong, 0);
    scene_end(&s);
}
END_TEST

static int clients_of(const struct scene *s)
{
    PGconn *conn = test_connect(s->database, CLUSTER_SUPERUSER);
    int n = (int)test_count(conn, "SELECT count(*) FROM pg_stat_activity"
                                  " WHERE application_name LIKE '%% code%%' OR"
                                  " application_name LIKE 'code %%'");

    PQfinish(conn);
    return n;
}

START_TEST(clients_end_with_the_process_that_started_them)
{
    struct scene s = { .database = test_database("empty") };
    const char *url = test_url(s.database, "app");
    struct err err = { 0 };
    pid_t pid;

    must(pg_connect(test_arena(), url, "test", false, &s.pg, &err), &err);
    must(traffic_create(&s.pg, &customer, &err), &err);
    pid = fork();
    if (pid == 0) {
        if (traffic_start(test_arena(), url, &customer, &nine, &s.traffic, &err) &&
            traffic_allow(s.traffic, TRAFFIC_OLD, &err))
            pause();
        _exit(1);
    }
    for (int64_t end = clock_ms() + 5000; clients_of(&s) < 3 && clock_ms() < end;)
        clock_sleep(20);
    ck_assert_int_eq(clients_of(&s), 3);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    for (int64_t end = clock_ms() + 5000; clients_of(&s) > 0 && clock_ms() < end;)
        clock_sleep(20);
    ck_assert_int_eq(clients_of(&s), 0);
    pg_cleanup(&s.pg);
}
END_TEST

/* One of our own children. */
static pid_t some_child(void)
{
    const char *path = arena_printf(test_arena(), "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "re");
    long pid = 0;

    ck_assert_msg(file && fscanf(file, "%ld", &pid) == 1 && pid > 1, "%s", path);
    fclose(file);
    return (pid_t)pid;
}

START_TEST(a_client_that_dies_is_an_error)
{
    struct scene s = scene_make(&customer, NULL, &nine);
    struct traffic_stats stats;

    traffic_mark(s.traffic);
    allow(&s, TRAFFIC_OLD);
    kill(some_child(), SIGKILL);
    for (int64_t end = clock_ms() + 5000; clock_ms() < end;) {
        traffic_read(s.traffic, &stats);
        if (stats.errors)
            break;
        clock_sleep(20);
    }
    ck_assert_int_eq(stats.errors, 1);
    scene_end(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("traffic");
    TCase *tc = support_case(suite, "traffic", SECONDS);

    tcase_add_test(tc, a_column_that_stays_agrees_with_the_ledger);
    tcase_add_test(tc, the_right_trigger_keeps_all_three_kinds_right);
    tcase_add_test(tc, a_naive_trigger_is_found_out);
    tcase_add_test(tc, a_changed_deleted_or_invented_row_is_found);
    tcase_add_test(tc, a_blocked_client_is_seen_with_its_statement);
    tcase_add_test(tc, an_error_is_counted_and_kept_with_its_sqlstate);
    tcase_add_test(tc, clients_end_with_the_process_that_started_them);
    tcase_add_test(tc, a_client_that_dies_is_an_error);
    return support_run(suite);
}
