/*
 * A connection that is lost around a COMMIT: the process finds out by itself
 * whether it happened, and says so.
 *
 * Between program and server sits a relay that cuts the connection once: when
 * the program has sent a certain statement (the server never sees it), or when
 * the server has answered it with COMMIT (the program never sees that).
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flow_fixture.h"

enum cut { CUT_BEFORE, CUT_AFTER, CUT_AND_STAY_DOWN };

static const char *db, *dir, *port, *host, *user;
static int *cuts; /* shared with the relay: how often it cut */
static pid_t relay_pid;

static struct sockaddr_un address(const char *folder)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };

    snprintf(at.sun_path, sizeof at.sun_path, "%s/.s.PGSQL.%s", folder, port);
    return at;
}

/* --- the relay ------------------------------------------------------------------- */

static bool has(const char *data, size_t n, const char *part, size_t len)
{
    return memmem(data, n, part, len) != NULL;
}

/* One connection: bytes in both directions, until one side ends or we cut. */
static void relay_one(int client, const char *marker, enum cut cut)
{
    static char data[1 << 16];
    struct sockaddr_un at = address(host);
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    bool armed = false;

    if (connect(server, (struct sockaddr *)&at, sizeof at) < 0)
        _exit(1);
    for (;;) {
        struct pollfd fds[] = { { client, POLLIN, 0 }, { server, POLLIN, 0 } };
        ssize_t n;

        poll(fds, 2, -1);
        if (fds[0].revents) {
            n = read(client, data, sizeof data);
            armed = armed || (!*cuts && n > 0 && has(data, (size_t)n, marker, strlen(marker)));
            if (n <= 0 || (armed && cut == CUT_BEFORE) || write(server, data, (size_t)n) != n)
                break;
        }
        if (fds[1].revents) {
            n = read(server, data, sizeof data);
            if (n <= 0 || (armed && has(data, (size_t)n, "COMMIT", sizeof "COMMIT")) ||
                write(client, data, (size_t)n) != n)
                break;
        }
    }
    *cuts += armed;
    _exit(0);
}

static void relay(int listener, const char *marker, enum cut cut)
{
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int client = accept(listener, NULL, NULL);

        if (*cuts && cut == CUT_AND_STAY_DOWN) {
            close(client);
            continue;
        }
        if (fork() == 0)
            relay_one(client, marker, cut);
        close(client);
    }
}

static void find_server(void)
{
    PQconninfoOption *options = PQconninfoParse(test_url(db, test_migrator()), NULL);

    for (PQconninfoOption *o = options; o && o->keyword; o++) {
        const char *value = o->val ? arena_strdup(test_arena(), o->val) : "";

        host = strcmp(o->keyword, "host") == 0 ? value : host;
        port = strcmp(o->keyword, "port") == 0 ? value : port;
        user = strcmp(o->keyword, "user") == 0 ? value : user;
    }
    PQconninfoFree(options);
}

/* The plan is started; returns how the program reaches the server from now on. */
static const char *through_relay(const char *marker, enum cut cut)
{
    char folder[] = "/tmp/relay-XXXXXX";
    struct sockaddr_un at;
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);

    db = flow_database(10);
    find_server();
    flow_ok(ORCHESTRATE(test_url(db, test_migrator()), "start", flow_p(NULL)));
    ck_assert_ptr_nonnull(mkdtemp(folder));
    dir = arena_strdup(test_arena(), folder);
    at = address(dir);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(listener, 8), 0);
    cuts = mmap(NULL, sizeof *cuts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    relay_pid = fork();
    if (relay_pid == 0)
        relay(listener, marker, cut);
    close(listener);
    return arena_printf(test_arena(), "host=%s port=%s user=%s dbname=%s", dir, port, user, db);
}

static void end_relay(void)
{
    kill(relay_pid, SIGKILL);
    waitpid(relay_pid, NULL, 0);
    unlink(address(dir).sun_path);
    rmdir(dir);
}

/* --- the rules --------------------------------------------------------------------- */

START_TEST(a_commit_whose_answer_was_lost_is_found_and_work_goes_on)
{
    const char *url = through_relay("ADD COLUMN", CUT_AFTER);
    struct ran ran = ORCHESTRATE(url, "advance", "p", "--to", "dual-write", "--json");

    end_relay();
    ck_assert_int_eq(*cuts, 1);
    EXITS(ran, 0);
    CONTAINS(ran.err, "p: the connection was lost during the COMMIT; asked again, the server has "
                      "recorded it\n");
    CONTAINS(ran.out, "{\"event\":\"warning\",\"phase\":\"expand\"");
    CONTAINS(ran.out, "\"code\":\"advanced\",\"plan\":\"p\",\"run\":1,\"state\":\"ready\","
                      "\"phase\":\"dual-write\"");
}
END_TEST

START_TEST(a_statement_that_never_arrived_is_known_not_to_have_happened)
{
    const char *url = through_relay("ADD COLUMN", CUT_BEFORE);
    struct ran ran = ORCHESTRATE(url, "advance", "p");

    ck_assert_int_eq(*cuts, 1);
    SAYS(ran, 69,
         "the connection to the server was lost\nhint: It was asked again: this step is "
         "not recorded. The same command continues.\n");
    SAYS(ORCHESTRATE(url, "status", "p"), 0, "next: expand\n");
    SAYS(ORCHESTRATE(url, "advance", "p"), 0, "p: expand is done\n");
    end_relay();
}
END_TEST

START_TEST(a_server_that_stays_away_leaves_the_doubt_to_the_next_call)
{
    const char *url = through_relay("ADD COLUMN", CUT_AND_STAY_DOWN);
    struct ran ran = ORCHESTRATE(url, "advance", "p");

    end_relay();
    SAYS(ran, 69,
         "the connection to the server was lost\nhint: Nothing is half done: the same command "
         "again finds out how far it came and continues.\n");
    SAYS(ORCHESTRATE(test_url(db, test_migrator()), "advance", "p", "--to", "expand"), 0,
         "p: expand is done already\n");
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("doubt");
    TCase *tc = support_case(suite, "doubt", 120);

    tcase_add_test(tc, a_commit_whose_answer_was_lost_is_found_and_work_goes_on);
    tcase_add_test(tc, a_statement_that_never_arrived_is_known_not_to_have_happened);
    tcase_add_test(tc, a_server_that_stays_away_leaves_the_doubt_to_the_next_call);
    return suite;
}

int main(void)
{
    return support_run(suite());
}
