/* The throwaway Postgres: it works for any user, and it goes away however its owner ends. */
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrate/base/clock.h"
#include "orchestrate/cluster/cluster.h"
#include "support.h"

enum { SECONDS = 60, GONE_MS = 15000, POLL_MS = 20 };

static const char *const places[] = { CLUSTER_ON_DISK, CLUSTER_IN_MEMORY };

static struct cluster start_in(const char *place)
{
    struct cluster_options options = { .place = place };
    struct cluster cluster;
    struct err err = { 0 };

    ck_assert_msg(cluster_start(test_arena(), &options, &cluster, &err), "%s", err.text);
    return cluster;
}

static struct cluster start(void)
{
    return start_in(NULL);
}

static PGconn *connect_to(const struct cluster *cluster, const char *database)
{
    PGconn *conn = PQconnectdb(cluster_url(test_arena(), cluster, database, CLUSTER_SUPERUSER));

    ck_assert_msg(PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
    return conn;
}

static bool process_ends(pid_t pid)
{
    int64_t end = clock_ms() + GONE_MS;

    while (kill(pid, 0) == 0)
        if (clock_ms() > end || !clock_sleep(POLL_MS))
            return false;
    return true;
}

START_TEST(it_listens_on_its_socket_only)
{
    struct cluster cluster = start();
    PGconn *conn = connect_to(&cluster, "postgres");
    struct stat st;

    ck_assert_str_eq(test_value(conn, "SHOW listen_addresses"), "");
    ck_assert_str_eq(test_value(conn, "SHOW unix_socket_permissions"), "0700");
    ck_assert_int_eq(test_count(conn, "SELECT current_setting('server_version_num')::int / 10000"),
                     cluster.major);
    ck_assert_int_eq(stat(cluster.dir, &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, 0700);
    ck_assert_uint_ne(st.st_uid, 0);
    PQfinish(conn);
    cluster_cleanup(&cluster);
}
END_TEST

START_TEST(cleaning_up_leaves_no_process_and_no_folder)
{
    struct cluster cluster = start();
    const char *dir = cluster.dir;
    pid_t pid = cluster.pid;

    cluster_cleanup(&cluster);
    ck_assert(process_ends(pid));
    ck_assert_int_ne(access(dir, F_OK), 0);
    cluster_cleanup(&cluster);
}
END_TEST

START_TEST(any_database_name_can_be_put_into_the_conninfo)
{
    struct cluster cluster = start();
    PGconn *conn = connect_to(&cluster, "postgres");

    test_sql(conn, "%s", "CREATE DATABASE \"it's a \\ Ünïcode = 'name'\"");
    PQfinish(conn);
    conn = connect_to(&cluster, "it's a \\ Ünïcode = 'name'");
    PQfinish(conn);
    cluster_cleanup(&cluster);
}
END_TEST

START_TEST(settings_of_the_caller_overrule_ours)
{
    static const char *const lines[] = { "max_connections = 17", NULL };
    struct cluster_options options = { .settings = lines };
    struct cluster cluster;
    struct err err = { 0 };
    PGconn *conn;

    ck_assert_msg(cluster_start(test_arena(), &options, &cluster, &err), "%s", err.text);
    conn = connect_to(&cluster, "postgres");
    ck_assert_str_eq(test_value(conn, "SHOW max_connections"), "17");
    PQfinish(conn);
    cluster_cleanup(&cluster);
}
END_TEST

START_TEST(a_server_that_does_not_start_says_why_and_leaves_nothing)
{
    static const char *const lines[] = { "no_such_setting = 1", NULL };
    struct cluster_options options = { .settings = lines };
    struct cluster cluster;
    struct err err = { 0 };

    ck_assert(!cluster_start(test_arena(), &options, &cluster, &err));
    ck_assert_int_eq(err.code, ERR_CONFIG);
    CONTAINS(err.text, "no_such_setting");
    ck_assert_ptr_null(cluster.dir);
}
END_TEST

START_TEST(a_wrong_PG_BINDIR_is_an_error_that_names_it)
{
    struct cluster cluster;
    struct err err = { 0 };

    setenv("PG_BINDIR", "/nowhere/bin", 1);
    ck_assert(!cluster_start(test_arena(), NULL, &cluster, &err));
    ck_assert_int_eq(err.code, ERR_CONFIG);
    CONTAINS(err.text, "/nowhere/bin");
    CONTAINS(err.hint, "PG_BINDIR");
    cluster_cleanup(&cluster);
}
END_TEST

START_TEST(ctrl_c_while_it_starts_ends_it)
{
    struct cluster cluster;
    struct err err = { 0 };

    clock_signals_catch();
    raise(SIGINT);
    ck_assert(!cluster_start(test_arena(), NULL, &cluster, &err));
    ck_assert_int_eq(err.code, ERR_INTERRUPTED);
    ck_assert_int_eq(err_status(&err), 130);
    ck_assert_ptr_null(cluster.dir);
}
END_TEST

/* A process that owns a cluster and tells about it. */
struct owner {
    pid_t pid, server;
    char dir[64];
};

static struct owner start_owner(const char *place)
{
    struct owner owner = { 0 };
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    owner.pid = fork();
    if (owner.pid == 0) {
        struct cluster cluster = start_in(place);

        owner.server = cluster.pid;
        snprintf(owner.dir, sizeof owner.dir, "%s", cluster.dir);
        if (write(ends[1], &owner, sizeof owner) < 0)
            _exit(1);
        pause();
        _exit(0);
    }
    close(ends[1]);
    pid_t pid = owner.pid;
    ck_assert_int_eq(read(ends[0], &owner, sizeof owner), sizeof owner);
    owner.pid = pid;
    close(ends[0]);
    return owner;
}

static void kill_owner(const struct owner *owner)
{
    kill(owner->pid, SIGKILL);
    waitpid(owner->pid, NULL, 0);
}

START_TEST(a_killed_owner_takes_the_server_along_and_the_next_one_sweeps_up)
{
    struct owner owner = start_owner(places[_i]);

    ck_assert_int_eq(strncmp(owner.dir, places[_i], strlen(places[_i])), 0);
    kill_owner(&owner);
    ck_assert(process_ends(owner.server));
    cluster_sweep();
    ck_assert_int_ne(access(owner.dir, F_OK), 0);
}
END_TEST

START_TEST(sweeping_at_once_ends_a_server_that_is_still_going_down)
{
    struct owner owner = start_owner(CLUSTER_ON_DISK);

    kill_owner(&owner);
    cluster_sweep();
    ck_assert(process_ends(owner.server));
    cluster_sweep();
    ck_assert_int_ne(access(owner.dir, F_OK), 0);
}
END_TEST

START_TEST(what_a_living_owner_has_is_not_swept)
{
    struct owner owner = start_owner(CLUSTER_ON_DISK);

    cluster_sweep();
    ck_assert_int_eq(access(owner.dir, F_OK), 0);
    ck_assert_int_eq(kill(owner.server, 0), 0);
    kill_owner(&owner);
    process_ends(owner.server);
    cluster_sweep();
}
END_TEST

START_TEST(a_forked_process_does_not_clean_up_what_its_parent_owns)
{
    struct cluster cluster = start();
    pid_t child = fork();
    PGconn *conn;

    if (child == 0) {
        cluster_cleanup(&cluster);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    conn = connect_to(&cluster, "postgres");
    PQfinish(conn);
    cluster_cleanup(&cluster);
}
END_TEST

START_TEST(an_ordinary_user_runs_it_as_himself)
{
    const struct passwd *nobody = getpwnam("nobody");
    struct cluster cluster;
    struct stat st;
    PGconn *conn;

    if (geteuid() != 0 || !nobody)
        TEST_SKIP(SKIP_NOT_ROOT);
    ck_assert(setgid(nobody->pw_gid) == 0 && setuid(nobody->pw_uid) == 0);
    cluster = start();
    ck_assert_ptr_null(cluster.user);
    ck_assert_int_eq(stat(cluster.dir, &st), 0);
    ck_assert_uint_eq(st.st_uid, nobody->pw_uid);
    conn = connect_to(&cluster, "postgres");
    PQfinish(conn);
    cluster_cleanup(&cluster);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("cluster");
    TCase *tc = support_case(s, "cluster", SECONDS);

    tcase_add_test(tc, it_listens_on_its_socket_only);
    tcase_add_test(tc, cleaning_up_leaves_no_process_and_no_folder);
    tcase_add_test(tc, any_database_name_can_be_put_into_the_conninfo);
    tcase_add_test(tc, settings_of_the_caller_overrule_ours);
    tcase_add_test(tc, a_server_that_does_not_start_says_why_and_leaves_nothing);
    tcase_add_test(tc, a_wrong_PG_BINDIR_is_an_error_that_names_it);
    tcase_add_test(tc, ctrl_c_while_it_starts_ends_it);
    tcase_add_loop_test(tc, a_killed_owner_takes_the_server_along_and_the_next_one_sweeps_up, 0,
                        ARRAY_LEN(places));
    tcase_add_test(tc, sweeping_at_once_ends_a_server_that_is_still_going_down);
    tcase_add_test(tc, what_a_living_owner_has_is_not_swept);
    tcase_add_test(tc, a_forked_process_does_not_clean_up_what_its_parent_owns);
    tcase_add_test(tc, an_ordinary_user_runs_it_as_himself);
    return s;
}

int main(void)
{
    return support_run(suite());
}
