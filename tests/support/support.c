#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "support_private.h"

enum { SLOWER_UNDER_SANITIZERS = 4, SETTINGS_MAX = 32, PARTS_OF_CASES = 3 };

/* Tests run in forked children: what they count has to be in shared memory. */
struct shared {
    int skipped[SKIP_COUNT];
};

static const char *const skip_texts[] = {
#define X(name, text) [name] = text,
    SKIPS(X)
#undef X
};

static struct arena program_memory, test_memory;
static struct cluster cluster;
static struct shared *shared;

/* Logical decoding and prepared transactions are there for the tests that want them. */
static const char *settings[SETTINGS_MAX] = { "wal_level = logical", "max_wal_size = 512MB" };

const struct cluster *support_cluster(void)
{
    return &cluster;
}

struct arena *test_arena(void)
{
    return &test_memory;
}

void support_settings(const char *const *lines)
{
    size_t n = 0;

    while (settings[n])
        n++;
    for (; *lines && n + 1 < SETTINGS_MAX; lines++)
        settings[n++] = *lines;
}

TCase *support_case(Suite *suite, const char *name, int seconds)
{
    TCase *tc = tcase_create(name);

#ifdef __SANITIZE_ADDRESS__
    seconds *= SLOWER_UNDER_SANITIZERS;
#endif
    tcase_set_timeout(tc, seconds);
    suite_add_tcase(suite, tc);
    return tc;
}

int test_share(void)
{
    const char *given = getenv("ORCHESTRATE_SHARE");

    return given && atoi(given) > 0 ? atoi(given) : 1;
}

/* Which one of the shares. */
static int part(void)
{
    const char *given = getenv("ORCHESTRATE_SHARE"), *colon = given ? strchr(given, ':') : NULL;

    return colon ? atoi(colon + 1) : 0;
}

bool test_is_in_share(int which)
{
    return which % test_share() == part() % test_share();
}

void support_share_cases(TCase *tc, const TTest *test, int from, int to, int smallest)
{
    int of = test_share() < smallest ? 1 : PARTS_OF_CASES;

    for (int i = from; i < to; i++)
        if (i % of == part() % of)
            tcase_add_loop_test(tc, test, i, i + 1);
}

/* Also when Check ends the program because of ctrl-C; in forked tests it does nothing. */
static void clean_up(void)
{
    cluster_cleanup(&cluster);
}

void test_skipped(enum skip why, const char *test)
{
    size_t len = strlen(test);

    /* Check's functions are called name_fn. */
    if (len > 3 && strcmp(test + len - 3, "_fn") == 0)
        len -= 3;
    __atomic_add_fetch(&shared->skipped[why], 1, __ATOMIC_RELAXED);
    printf("SKIPPED %.*s: %s\n", (int)len, test, skip_texts[why]);
    fflush(stdout);
}

static void report_skips(void)
{
    int total = 0;

    for (size_t why = 0; why < SKIP_COUNT; why++)
        total += shared->skipped[why];
    if (total)
        printf("%d tests of this program were skipped, for the reasons above\n", total);
}

/*
 * One database per test is three hundred files: in memory, where there is room for several
 * programs at once, the suite takes half the time.  A container may have just 64 MB there.
 */
static const char *place(void)
{
    static const int64_t enough = INT64_C(4) << 30;
    struct statvfs there;
    bool roomy = statvfs(CLUSTER_IN_MEMORY, &there) == 0 &&
                 (int64_t)there.f_bavail * (int64_t)there.f_frsize >= enough;

    return roomy && access(CLUSTER_IN_MEMORY, W_OK) == 0 ? CLUSTER_IN_MEMORY : CLUSTER_ON_DISK;
}

int support_run(Suite *suite)
{
    struct cluster_options options = { .settings = settings, .place = place() };
    struct err err = { 0 };
    SRunner *runner = srunner_create(suite);
    int failed;

    if (chdir(ORCHESTRATE_SOURCE_DIR) != 0) {
        perror(ORCHESTRATE_SOURCE_DIR);
        return EXIT_FAILURE;
    }
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        perror("mmap");
        return EXIT_FAILURE;
    }
    atexit(clean_up);
    if (!cluster_start(&program_memory, &options, &cluster, &err)) {
        fprintf(stderr, "%s\n%s\n", err.text, err.hint);
        return EXIT_FAILURE;
    }
    printf("Postgres %d in %s, its data in %s\n", cluster.major, cluster.bindir, cluster.dir);
    fflush(stdout);
    srunner_run_all(runner, CK_ENV);
    report_skips();
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    clean_up();
    arena_cleanup(&program_memory);
    arena_cleanup(&test_memory);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
