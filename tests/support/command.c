#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrate/base/clock.h"
#include "orchestrate/base/text.h"
#include "support.h"
#include "support_private.h"

enum { POLL_MS = 2, SECONDS = 120, CANNOT_RUN = 127 };

extern char **environ;

/* What the program under test sees of our environment: nothing that could steer it. */
static const char *const passed_on[] = {
    "PATH=",          "HOME=",         "TMPDIR=",     "ASAN_OPTIONS=",
    "UBSAN_OPTIONS=", "LSAN_OPTIONS=", "GCOV_PREFIX", "LD_LIBRARY_PATH=",
};

const char *test_path(const char *path)
{
    return *path == '/' ? path : arena_printf(test_arena(), "%s/%s", ORCHESTRATE_SOURCE_DIR, path);
}

bool test_file_exists(const char *path)
{
    return access(test_path(path), R_OK) == 0;
}

static const char *read_all(int fd)
{
    struct stat st;
    char *text;
    size_t done = 0;

    ck_assert_int_eq(fstat(fd, &st), 0);
    text = arena_alloc(test_arena(), (size_t)st.st_size + 1);
    while (done < (size_t)st.st_size) {
        ssize_t n = pread(fd, text + done, (size_t)st.st_size - done, (off_t)done);

        ck_assert_int_gt(n, 0);
        done += (size_t)n;
    }
    return text;
}

const char *test_file(const char *path)
{
    int fd = open(test_path(path), O_RDONLY | O_CLOEXEC);
    const char *text;

    ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
    text = read_all(fd);
    close(fd);
    return text;
}

const char *test_write(const char *name, const char *text)
{
    const char *cluster_dir = support_cluster()->dir;
    const char *dir = arena_printf(test_arena(), "%s/test_%d", cluster_dir, (int)getpid());
    const char *path = arena_printf(test_arena(), "%s/%s", dir, name);
    struct stat st;
    FILE *file;

    /* The folder must be removable by whom the cluster runs as. */
    if (mkdir(dir, 0755) == 0 && stat(cluster_dir, &st) == 0 && geteuid() == 0)
        ck_assert_int_eq(chown(dir, st.st_uid, st.st_gid), 0);
    file = fopen(path, "we");
    ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

static struct ran start(const char *program, const char *const *argv, char *const *env)
{
    struct ran ran = { .ms = clock_ms_exact(),
                       .out_fd = memfd_create("out", MFD_CLOEXEC),
                       .err_fd = memfd_create("err", MFD_CLOEXEC),
                       .out = "",
                       .err = "" };

    ck_assert(ran.out_fd >= 0 && ran.err_fd >= 0);
    fflush(stdout);
    ran.pid = fork();
    ck_assert_int_ge(ran.pid, 0);
    if (ran.pid == 0) {
        int null = open("/dev/null", O_RDONLY);

        dup2(null, STDIN_FILENO);
        dup2(ran.out_fd, STDOUT_FILENO);
        dup2(ran.err_fd, STDERR_FILENO);
        execvpe(program, (char *const *)(uintptr_t)argv, env);
        _exit(CANNOT_RUN);
    }
    return ran;
}

void test_finish(struct ran *ran, int seconds)
{
    double end = ran->ms + seconds * 1000.0;
    int status = 0;
    bool late = false;

    while (waitpid(ran->pid, &status, late ? 0 : WNOHANG) == 0) {
        late = clock_ms_exact() > end;
        if (late)
            kill(ran->pid, SIGKILL);
        else
            clock_sleep(POLL_MS);
    }
    ran->ms = clock_ms_exact() - ran->ms;
    ran->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    ran->out = read_all(ran->out_fd);
    ran->err = read_all(ran->err_fd);
    close(ran->out_fd);
    close(ran->err_fd);
    ck_assert_msg(!late, "still running after %d s\nstdout: %s\nstderr: %s", seconds, ran->out,
                  ran->err);
}

struct ran test_command(const char *const *argv, int seconds)
{
    struct ran ran = start(argv[0], argv, environ);

    test_finish(&ran, seconds);
    return ran;
}

static bool is_passed_on(const char *variable)
{
    for (size_t i = 0; i < ARRAY_LEN(passed_on); i++)
        if (text_starts(variable, passed_on[i]))
            return true;
    return false;
}

static char *const *environment(const char *url, const char *const *variables)
{
    char **env = NULL;
    size_t n = 0;

    for (char **v = environ; *v; v++)
        if (is_passed_on(*v))
            *ARENA_PUSH(test_arena(), env, n) = *v;
    *ARENA_PUSH(test_arena(), env, n) =
        arena_printf(test_arena(), "PG_BINDIR=%s", support_cluster()->bindir);
    if (url)
        *ARENA_PUSH(test_arena(), env, n) =
            arena_printf(test_arena(), "ORCHESTRATE_DATABASE_URL=%s", url);
    for (; variables && *variables; variables++)
        *ARENA_PUSH(test_arena(), env, n) = arena_strdup(test_arena(), *variables);
    *ARENA_PUSH(test_arena(), env, n) = NULL;
    return env;
}

static const char *program_path(void)
{
    const char *told = getenv("ORCHESTRATE_BINARY");

    return told && *told ? told : ORCHESTRATE_BINARY;
}

struct ran test_spawn(const char *url, const char *const *args, const char *const *variables)
{
    const char **argv = NULL;
    size_t n = 0;

    *ARENA_PUSH(test_arena(), argv, n) = "orchestrate";
    for (; *args; args++)
        *ARENA_PUSH(test_arena(), argv, n) = *args;
    *ARENA_PUSH(test_arena(), argv, n) = NULL;
    return start(program_path(), argv, environment(url, variables));
}

struct ran test_shell(const char *url, const char *script, const char *const *variables)
{
    const char *program = program_path();

    script = arena_printf(test_arena(), "PATH='%.*s':$PATH\n%s",
                          (int)(strrchr(program, '/') - program), program, script);
    return start("sh", (const char *const[]){ "sh", "-c", script, NULL },
                 environment(url, variables));
}

struct ran test_orchestrate(const char *url, const char *const *args)
{
    struct ran ran = test_spawn(url, args, NULL);

    test_finish(&ran, SECONDS);
    return ran;
}

const char *const *test_with_overrides(const char *const *args, const char *gates)
{
    const char **all = NULL;
    size_t n = 0;

    for (; *args; args++)
        *ARENA_PUSH(test_arena(), all, n) = *args;
    for (const char *at = gates; at && *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");

        *ARENA_PUSH(test_arena(), all, n) = "--override";
        *ARENA_PUSH(test_arena(), all, n) = arena_strndup(test_arena(), at, len);
        at += len;
    }
    if (gates)
        *ARENA_PUSH(test_arena(), all, n) = "--because=a test";
    *ARENA_PUSH(test_arena(), all, n) = NULL;
    return all;
}

void test_exit(const struct ran *ran, int status, const char *file, int line)
{
    ck_assert_msg(ran->status == status,
                  "%s:%d: exit status %d, not %d\nstdout: %.1500s\nstderr: %.1500s", file, line,
                  ran->status, status, ran->out, ran->err);
}
