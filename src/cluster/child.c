#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrate/base/clock.h"

enum {
    POLL_MS = 5,
    PATIENCE_MS = 6000, /* the server itself gives its children 5 s */
    CANNOT_RUN = 127,   /* as a shell says it */
    FDS_TO_CLOSE = 1024,
};

/* What a server may know of our environment: PG* and locale are not in it. */
static char env_path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
static char env_locale[] = "LC_ALL=C";
static char env_zone[] = "TZ=UTC";

bool child_user_find(struct child_user *user, struct err *err)
{
    static const char *const names[] = { "postgres", "nobody" };

    *user = (struct child_user){ .uid = geteuid(), .gid = getegid() };
    if (user->uid != 0)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct passwd *entry = getpwnam(names[i]);

        if (entry && entry->pw_uid != 0) {
            *user = (struct child_user){ entry->pw_uid, entry->pw_gid, names[i] };
            return true;
        }
    }
    err_set(err, ERR_CONFIG, "Postgres does not run as root, and there is no user to run it as");
    return err_hint(err, "run this as an ordinary user, or create a user called \"postgres\"");
}

/* From here to exec only what is safe in the child of a process with threads. */

static bool become(const struct child_user *user)
{
    if (!user->name)
        return true;
    return setgroups(1, &user->gid) == 0 && setgid(user->gid) == 0 && setuid(user->uid) == 0;
}

static void redirect(const char *log)
{
    int in = open("/dev/null", O_RDONLY);
    int out = log ? open(log, O_WRONLY | O_APPEND | O_CREAT, 0600) : open("/dev/null", O_WRONLY);

    if (in >= 0)
        dup2(in, STDIN_FILENO);
    if (out >= 0) {
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
    }
    /* Pipes of a caller that waits for their end must not be held open by a server. */
    for (int fd = STDERR_FILENO + 1; fd < FDS_TO_CLOSE; fd++)
        close(fd);
}

static void forget_signals(void)
{
    sigset_t none;

    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void child_exec(const struct child *child, const struct child_user *user,
                                 pid_t parent, char *const *env)
{
    setsid();
    forget_signals();
    if (!become(user))
        _exit(CANNOT_RUN);
    /* After the change of user, which would reset it; then see who died meanwhile. */
    if (child->dies_with_us && (prctl(PR_SET_PDEATHSIG, SIGQUIT) != 0 || getppid() != parent))
        _exit(CANNOT_RUN);
    if (child->dir && chdir(child->dir) != 0)
        _exit(CANNOT_RUN);
    redirect(child->log);
    execve(child->argv[0], (char *const *)(uintptr_t)child->argv, env);
    _exit(CANNOT_RUN);
}

bool child_start(const struct child *child, const struct child_user *user, pid_t *pid,
                 struct err *err)
{
    char libraries[1024];
    char *env[] = { env_path, env_locale, env_zone, NULL, NULL };
    const char *value = getenv("LD_LIBRARY_PATH");
    pid_t parent = getpid();

    /* A Postgres that was built into a folder of its own may need it. */
    if (value &&
        snprintf(libraries, sizeof libraries, "LD_LIBRARY_PATH=%s", value) < (int)sizeof libraries)
        env[3] = libraries;
    *pid = fork();
    if (*pid == 0)
        child_exec(child, user, parent, env);
    if (*pid < 0)
        return err_set(err, ERR_CONFIG, "cannot start %s: %s", child->argv[0], strerror(errno));
    return true;
}

bool child_run(const struct child *child, const struct child_user *user, struct err *err)
{
    pid_t pid, got;
    int status = 0;

    if (!child_start(child, user, &pid, err))
        return false;
    while ((got = waitpid(pid, &status, WNOHANG)) == 0)
        if (!clock_sleep(POLL_MS)) {
            child_stop(pid);
            err_set(err, ERR_INTERRUPTED, "interrupted while %s ran", child->argv[0]);
            err->signal = clock_signal();
            return false;
        }
    if (got < 0)
        return err_set(err, ERR_BUG, "waiting for %s: %s", child->argv[0], strerror(errno));
    if (WIFSIGNALED(status))
        return err_set(err, ERR_CONFIG, "%s was ended by signal %d", child->argv[0],
                       WTERMSIG(status));
    if (WEXITSTATUS(status) == CANNOT_RUN)
        return err_set(err, ERR_CONFIG, "%s cannot be run as user %s", child->argv[0],
                       user->name ? user->name : "(ourselves)");
    if (WEXITSTATUS(status) != 0)
        return err_set(err, ERR_CONFIG, "%s ended with status %d", child->argv[0],
                       WEXITSTATUS(status));
    return true;
}

bool child_ended(pid_t pid, int64_t ms)
{
    int64_t end = clock_ms() + ms;

    while (waitpid(pid, NULL, WNOHANG) == 0) {
        if (clock_ms() >= end)
            return false;
        poll(NULL, 0, POLL_MS);
    }
    return true;
}

void child_stop(pid_t pid)
{
    kill(pid, SIGQUIT);
    if (child_ended(pid, PATIENCE_MS))
        return;
    kill(pid, SIGKILL);
    child_ended(pid, PATIENCE_MS);
}
