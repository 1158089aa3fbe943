#include "sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "orchestrate/base/clock.h"
#include "orchestrate/cluster/cluster.h"

enum {
    YOUNG_S = 5, /* an empty folder is between mkdtemp and its lock, or was left there */
    PATIENCE_MS = 6000,
    POLL_MS = 20,
};

const char *folder_make(struct arena *arena, const char *place, const struct child_user *user,
                        int *lock, struct err *err)
{
    char *dir = arena_printf(arena, "%s/orchestrate-XXXXXX", place);

    if (!mkdtemp(dir)) {
        err_set(err, ERR_CONFIG, "cannot make a folder in %s: %s", place, strerror(errno));
        return NULL;
    }
    *lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock < 0 || flock(*lock, LOCK_EX) != 0 ||
        (user->name && fchown(*lock, user->uid, user->gid) != 0)) {
        err_set(err, ERR_CONFIG, "cannot take %s for ourselves: %s", dir, strerror(errno));
        if (*lock >= 0)
            close(*lock);
        rmdir(dir);
        *lock = -1;
        return NULL;
    }
    return dir;
}

bool folder_remove(const char *dir, const struct child_user *user)
{
    const char *const argv[] = { "/bin/rm", "-rf", "--", dir, NULL };
    struct err ignored;
    pid_t pid;

    /* By the folder's owner, so that nothing in it can lead root astray. */
    return child_start(&(struct child){ .argv = argv }, user, &pid, &ignored) &&
           child_ended(pid, PATIENCE_MS) && access(dir, F_OK) != 0;
}

/* The server whose data are in `dir`, if it runs; its working directory proves that. */
static pid_t server_of(const char *dir)
{
    char path[PATH_MAX], cwd[PATH_MAX], text[32];
    FILE *file;
    long pid = 0;
    ssize_t n;

    snprintf(path, sizeof path, "%s/data/postmaster.pid", dir);
    file = fopen(path, "re");
    if (!file)
        return 0;
    if (fgets(text, sizeof text, file))
        pid = strtol(text, NULL, 10);
    fclose(file);
    snprintf(path, sizeof path, "/proc/%ld/cwd", pid);
    n = pid > 1 ? readlink(path, cwd, sizeof cwd - 1) : -1;
    if (n < 0)
        return 0;
    cwd[n] = '\0';
    snprintf(path, sizeof path, "%s/data", dir);
    return strcmp(path, cwd) == 0 ? (pid_t)pid : 0;
}

/* It was told to stop when its owner died; that takes a moment. */
static void server_end(const char *dir)
{
    static const int signals[] = { SIGQUIT, SIGKILL };

    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        int64_t end = clock_ms() + PATIENCE_MS;
        pid_t pid = server_of(dir);

        if (pid)
            kill(pid, signals[i]);
        while (pid && server_of(dir) == pid && clock_ms() < end)
            poll(NULL, 0, POLL_MS);
    }
}

/* Ours to remove: right user, nobody holds it, and not one that is just being made. */
static bool abandoned(int fd, const struct child_user *user)
{
    struct stat st;
    bool fresh;

    if (fstat(fd, &st) != 0 || flock(fd, LOCK_EX | LOCK_NB) != 0)
        return false;
    fresh = faccessat(fd, CLUSTER_SETTINGS, F_OK, 0) != 0 && time(NULL) - st.st_mtime < YOUNG_S;
    return st.st_uid == user->uid && !fresh;
}

int cluster_sweep(void)
{
    struct child_user user;
    struct err ignored;
    glob_t found = { 0 };
    int removed = 0;

    if (!child_user_find(&user, &ignored))
        return 0;
    /* No match in the one leaves the list as it is. */
    glob(CLUSTER_ON_DISK "/orchestrate-*", 0, NULL, &found);
    glob(CLUSTER_IN_MEMORY "/orchestrate-*", GLOB_APPEND, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *dir = found.gl_pathv[i];
        int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0)
            continue;
        if (abandoned(fd, &user)) {
            server_end(dir);
            removed += folder_remove(dir, &user);
        }
        close(fd);
    }
    globfree(&found);
    return removed;
}
