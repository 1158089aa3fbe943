/*
 * source_read.c - a plan file is opened without trusting its name: a FIFO does
 * not make us wait, a device does not fill the memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "orchestrate/base/clock.h"
#include "orchestrate/base/text.h"
#include "source.h"

static void fd_cleanup(int *fd)
{
    if (*fd > STDERR_FILENO)
        close(*fd);
}

static const struct {
    mode_t type;
    const char *name;
} types[] = {
    { S_IFDIR, "a directory" },    { S_IFIFO, "a pipe" },    { S_IFCHR, "a device" },
    { S_IFBLK, "a block device" }, { S_IFSOCK, "a socket" },
};

/* The name of a plan was perhaps given, where its file is wanted. */
static bool not_opened(const char *file, int why, struct err *err)
{
    err_set(err, ERR_NO_INPUT, "cannot read %s: %s", file, strerror(why));
    if (why == ENOENT && !text_ends(file, ".yaml") && !text_ends(file, ".yml"))
        return err_hint(err, "give the path of a YAML file, or `-` for standard input");
    return false;
}

static bool check_regular(int fd, const char *file, struct err *err)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return err_set(err, ERR_NO_INPUT, "cannot read %s: %s", file, strerror(errno));
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if ((st.st_mode & S_IFMT) == types[i].type) {
            err_set(err, ERR_NO_INPUT, "%s is %s, not a file", file, types[i].name);
            return err_hint(err, "give the path of a YAML file, or `-` for standard input");
        }
    return true;
}

static bool read_bounded(int fd, const char *file, char *into, size_t *len, struct err *err)
{
    *len = 0;
    while (*len <= SOURCE_MAX) {
        ssize_t n = read(fd, into + *len, SOURCE_MAX + 1 - *len);

        if (n == 0)
            break;
        if (n < 0 && errno == EINTR && clock_signal()) {
            err_set(err, ERR_INTERRUPTED, "interrupted while reading %s", file);
            err->signal = clock_signal();
            return false;
        }
        if (n < 0 && errno != EINTR)
            return err_set(err, ERR_NO_INPUT, "cannot read %s: %s", file, strerror(errno));
        if (n > 0)
            *len += (size_t)n;
    }
    return true;
}

bool source_read(struct arena *arena, const char *file, const char **text, size_t *len,
                 struct err *err)
{
    CLEANUP(fd) int fd = STDIN_FILENO;
    char *into;

    if (strcmp(file, "-") != 0) {
        fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
            return not_opened(file, errno, err);
        if (!check_regular(fd, file, err))
            return false;
    }
    into = arena_alloc(arena, SOURCE_MAX + 2);
    *text = into;
    return read_bounded(fd, file, into, len, err);
}
