/*
 * The demo is the first thing that anybody runs: it ends well, and it leaves
 * nothing behind however it ends.
 */
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "orchestrate/base/clock.h"
#include "orchestrate/ops/operation.h"
#include "support.h"

enum { SECONDS = 240, SEEN_MS = 60000, POLL_MS = 50 };

/* What it has printed so far. */
static const char *printed(const struct ran *ran)
{
    char *text = arena_alloc(test_arena(), 65536);

    ck_assert_int_ge(pread(ran->out_fd, text, 65535, 0), 0);
    return text;
}

static void wait_for(const struct ran *ran, const char *text)
{
    int64_t end = clock_ms() + SEEN_MS;

    while (!strstr(printed(ran), text)) {
        ck_assert_msg(clock_ms() < end, "\"%s\" was not printed:\n%s", text, printed(ran));
        clock_sleep(POLL_MS);
    }
}

/* The folder of its server: "... in /tmp/orchestrate-abcdef; ...". */
static const char *folder_in(const char *text)
{
    const char *at = strstr(text, "/tmp/orchestrate-");

    ck_assert_msg(at != NULL, "%s", text);
    return arena_strndup(test_arena(), at, strcspn(at, "; \n"));
}

static int processes_in(const char *folder)
{
    glob_t found = { 0 };
    int n = 0;

    if (glob("/proc/[0-9]*/cwd", 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++) {
            char cwd[512];
            ssize_t len = readlink(found.gl_pathv[i], cwd, sizeof cwd - 1);

            if (len > 0) {
                cwd[len] = '\0';
                n += strncmp(cwd, folder, strlen(folder)) == 0;
            }
        }
    globfree(&found);
    return n;
}

static void nothing_is_left(const char *folder)
{
    ck_assert_msg(access(folder, F_OK) != 0, "%s is still there", folder);
    ck_assert_int_eq(processes_in(folder), 0);
}

START_TEST(it_ends_well)
{
    struct ran ran = test_spawn(NULL, (const char *const[]){ "demo", NULL }, NULL);

    test_finish(&ran, SECONDS);
    EXITS(ran, 0);
    CONTAINS(ran.out, "Phase 7 of 7: contract");
    CONTAINS(ran.out, "schema   equals");
    CONTAINS(ran.out, ", 0 are missing or wrong");
    CONTAINS(ran.out, "saw 0 errors");
    ck_assert_str_eq(ran.err, "");
    nothing_is_left(folder_in(ran.out));
    printf("the demo took %.1f s\n", ran.ms / 1000);
    fflush(stdout);
}
END_TEST

/* While the server starts; in a phase; and with a second signal in the midst of cleaning up. */
static const struct {
    const char *seen;
    int signal, times;
} moments[] = {
    { "only ours", SIGINT, 1 },
    { "Phase 2 of 7", SIGINT, 2 },
    { "Phase 3 of 7", SIGTERM, 1 },
};

START_TEST(a_signal_leaves_nothing_behind)
{
    struct ran ran = test_spawn(NULL, (const char *const[]){ "demo", NULL }, NULL);
    const char *folder = NULL;

    wait_for(&ran, moments[_i].seen);
    if (strstr(printed(&ran), "/tmp/orchestrate-"))
        folder = folder_in(printed(&ran));
    for (int i = 0; i < moments[_i].times; i++) {
        kill(ran.pid, moments[_i].signal);
        clock_sleep(POLL_MS);
    }
    test_finish(&ran, SECONDS);
    EXITS(ran, 128 + moments[_i].signal);
    if (folder)
        nothing_is_left(folder);
}
END_TEST

/* Whatever is in the registry: as a shell writes it. */
START_TEST(every_operation_can_be_shown)
{
    struct ran ran;
    char *name = arena_strdup(test_arena(), operations[_i]->name);

    if (!operations[_i]->demo) /* it is what `demo` alone shows */
        return;
    for (char *c = name; *c; c++)
        *c = *c == '_' ? '-' : *c;
    ran = test_spawn(NULL, (const char *const[]){ "demo", name, NULL }, NULL);
    test_finish(&ran, SECONDS);
    EXITS(ran, 0);
    CONTAINS(ran.out, "schema   equals");
    CONTAINS(ran.out, "all that was written is there");
    nothing_is_left(folder_in(ran.out));
}
END_TEST

/* What its clients did is counted there as it is for people; what is not measured is not said. */
START_TEST(the_answer_counts_the_statements_of_the_clients)
{
    struct ran ran =
        test_spawn(NULL, (const char *const[]){ "demo", "add-index", "--json", NULL }, NULL);

    test_finish(&ran, SECONDS);
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"phase\":\"expand\"");
    CONTAINS(ran.out, "\"statements\":");
    ck_assert_ptr_null(strstr(ran.out, "\"statements\":0"));
    ck_assert_ptr_null(strstr(ran.out, "\"writes\""));
}
END_TEST

START_TEST(an_unknown_one_is_answered_with_those_that_there_are)
{
    struct ran ran = ORCHESTRATE(NULL, "demo", "rename-colum");

    EXITS(ran, 64);
    CONTAINS(ran.err, "drop-table");
}
END_TEST

int main(void)
{
    int n = 0;
    Suite *suite = suite_create("demo");
    TCase *tc = support_case(suite, "demo", SECONDS);

    tcase_add_test(tc, it_ends_well);
    tcase_add_loop_test(tc, a_signal_leaves_nothing_behind, 0, (int)ARRAY_LEN(moments));
    while (operations[n])
        n++;
    tcase_add_loop_test(tc, every_operation_can_be_shown, 0, n);
    tcase_add_test(tc, the_answer_counts_the_statements_of_the_clients);
    tcase_add_test(tc, an_unknown_one_is_answered_with_those_that_there_are);
    return support_run(suite);
}
