#include "orchestrate/cluster/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "orchestrate/base/buf.h"
#include "orchestrate/base/clock.h"
#include "orchestrate/pg/pg.h"
#include "sweep.h"

enum {
    PORT = 5432,
    OLDEST = 13,
    START_MS = 60000,
    POLL_MS = 20,
    TAIL = 700, /* bytes of log in a message */
};

/* Small and quick; nothing in it has to outlive a power cut. */
static const char *const settings[] = {
    "listen_addresses = ''",
    "unix_socket_permissions = 0700",
    "max_connections = 60",
    "max_prepared_transactions = 10",
    "shared_buffers = 32MB",
    "fsync = off",
    "full_page_writes = off",
    "max_wal_size = 2GB",
    "jit = off",
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    "log_line_prefix = '%m [%p] %q%u@%d %a '",
    NULL,
};

static const char *tail_of_log(struct arena *arena, const char *dir)
{
    char *text = arena_alloc(arena, TAIL + 1), *line;
    FILE *file = fopen(arena_printf(arena, "%s/log", dir), "re");
    size_t n;

    if (!file)
        return "";
    if (fseek(file, -TAIL, SEEK_END) != 0)
        rewind(file);
    n = fread(text, 1, TAIL, file);
    fclose(file);
    while (n && text[n - 1] == '\n')
        text[--n] = '\0';
    line = n == TAIL ? strchr(text, '\n') : NULL;
    return line ? line + 1 : text;
}

/* What the program said comes after what we know. */
static bool add_log(struct arena *arena, const struct cluster *cluster, struct err *err)
{
    const char *tail = tail_of_log(arena, cluster->dir);
    const char *text = arena_strdup(arena, err->text);

    if (*tail && err->code != ERR_INTERRUPTED)
        snprintf(err->text, sizeof err->text, "%s: %s", text, tail);
    return false;
}

static bool write_settings(struct arena *arena, const struct cluster *cluster,
                           const struct cluster_options *options, struct err *err)
{
    const char *path = arena_printf(arena, "%s/" CLUSTER_SETTINGS, cluster->dir);
    FILE *file = fopen(path, "we");
    bool ok;

    if (!file)
        return err_set(err, ERR_CONFIG, "cannot write %s: %s", path, strerror(errno));
    fprintf(file, "port = %d\nunix_socket_directories = '%s'\n", cluster->port, cluster->dir);
    for (const char *const *line = settings; *line; line++)
        fprintf(file, "%s\n", *line);
    for (const char *const *line = options ? options->settings : NULL; line && *line; line++)
        fprintf(file, "%s\n", *line);
    ok = !ferror(file) && fchmod(fileno(file), 0644) == 0;
    if (fclose(file) != 0 || !ok)
        return err_set(err, ERR_CONFIG, "cannot write %s: %s", path, strerror(errno));
    return true;
}

static bool run_initdb(struct arena *arena, const struct cluster *cluster,
                       const struct child_user *user, const char *locale, struct err *err)
{
    const char *const argv[] = {
        arena_printf(arena, "%s/initdb", cluster->bindir),
        "--no-sync",
        "--username=" CLUSTER_SUPERUSER,
        "--auth=trust",
        "--encoding=UTF8",
        arena_printf(arena, "--locale=%s", locale),
        "--pgdata=data",
        NULL,
    };

    return child_run(&(struct child){ .argv = argv,
                                      .dir = cluster->dir,
                                      .log = arena_printf(arena, "%s/log", cluster->dir),
                                      .dies_with_us = true },
                     user, err);
}

/* C.UTF-8 is what Debian has always; a machine without it gets C. */
static bool make_data(struct arena *arena, struct cluster *cluster, const struct child_user *user,
                      struct err *err)
{
    char text[16] = "";
    struct err first;
    FILE *file;

    if (!run_initdb(arena, cluster, user, "C.UTF-8", &first)) {
        if (first.code == ERR_INTERRUPTED) {
            *err = first;
            return false;
        }
        if (!run_initdb(arena, cluster, user, "C", err))
            return add_log(arena, cluster, err);
    }

    file = fopen(arena_printf(arena, "%s/data/PG_VERSION", cluster->dir), "re");
    if (file) {
        if (!fgets(text, sizeof text, file))
            text[0] = '\0';
        fclose(file);
    }
    cluster->major = (int)strtol(text, NULL, 10);
    if (cluster->major < OLDEST) {
        err_set(err, ERR_CONFIG, "the Postgres in %s is older than %d", cluster->bindir, OLDEST);
        return err_hint(err, "set PG_BINDIR to the folder of a newer one");
    }
    return true;
}

static bool wait_until_ready(struct arena *arena, struct cluster *cluster, struct err *err)
{
    const char *url = cluster_url(arena, cluster, "postgres", CLUSTER_SUPERUSER);
    int64_t end = clock_ms() + START_MS;

    while (PQping(url) != PQPING_OK) {
        if (waitpid(cluster->pid, NULL, WNOHANG) != 0) {
            cluster->pid = 0;
            err_set(err, ERR_CONFIG, "%s/postgres did not start", cluster->bindir);
            return add_log(arena, cluster, err);
        }
        if (clock_ms() > end) {
            err_set(err, ERR_CONFIG, "%s/postgres took too long to start", cluster->bindir);
            return add_log(arena, cluster, err);
        }
        if (!clock_sleep(POLL_MS)) {
            err_set(err, ERR_INTERRUPTED, "interrupted while Postgres started");
            err->signal = clock_signal();
            return false;
        }
    }
    return true;
}

static bool launch(struct arena *arena, struct cluster *cluster, const struct child_user *user,
                   struct err *err)
{
    const char *const argv[] = {
        arena_printf(arena, "%s/postgres", cluster->bindir),
        "-D",
        "data",
        "-c",
        arena_printf(arena, "config_file=%s/" CLUSTER_SETTINGS, cluster->dir),
        NULL,
    };

    return child_start(&(struct child){ .argv = argv,
                                        .dir = cluster->dir,
                                        .log = arena_printf(arena, "%s/log", cluster->dir),
                                        .dies_with_us = true },
                       user, &cluster->pid, err) &&
           wait_until_ready(arena, cluster, err);
}

bool cluster_start(struct arena *arena, const struct cluster_options *options,
                   struct cluster *cluster, struct err *err)
{
    const char *place = options && options->place ? options->place : CLUSTER_ON_DISK;
    struct child_user user;

    *cluster = (struct cluster){ .port = PORT, .owner = getpid(), .lock = -1 };
    cluster->bindir = options ? options->bindir : NULL;
    if ((!cluster->bindir && !cluster_find(arena, &cluster->bindir, err)) ||
        !child_user_find(&user, err))
        return false;
    cluster->user = user.name;
    cluster_sweep();
    cluster->dir = folder_make(arena, place, &user, &cluster->lock, err);
    if (!cluster->dir)
        return false;
    if (!write_settings(arena, cluster, options, err) || !make_data(arena, cluster, &user, err) ||
        !launch(arena, cluster, &user, err)) {
        cluster_cleanup(cluster);
        return err_wrap(err, "throwaway Postgres");
    }
    return true;
}

static void add_quoted(struct buf *out, const char *value)
{
    buf_add(out, "'");
    for (const char *c = value; *c; c++) {
        if (*c == '\'' || *c == '\\')
            buf_add(out, "\\");
        buf_addn(out, c, 1);
    }
    buf_add(out, "'");
}

const char *cluster_url(struct arena *arena, const struct cluster *cluster, const char *database,
                        const char *role)
{
    struct buf out = BUF_IN(arena);

    buf_addf(&out, "host=%s port=%d dbname=", cluster->dir, cluster->port);
    add_quoted(&out, database);
    buf_add(&out, " user=");
    add_quoted(&out, role);
    return buf_text(&out);
}

void cluster_cleanup(struct cluster *cluster)
{
    struct child_user user;
    struct err ignored;

    if (!cluster->dir || cluster->owner != getpid())
        return;
    if (cluster->pid > 0)
        child_stop(cluster->pid);
    if (child_user_find(&user, &ignored))
        folder_remove(cluster->dir, &user);
    close(cluster->lock);
    *cluster = (struct cluster){ .lock = -1 };
}
