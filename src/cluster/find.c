#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "orchestrate/cluster/cluster.h"

/* Where packages put servers; the newest version found in any of them is taken. */
static const char *const places[] = {
    "/usr/lib/postgresql/*/bin",                       /* Debian, Ubuntu */
    "/usr/pgsql-*/bin",                                /* the RPMs of the Postgres project */
    "/usr/lib/postgresql*/bin",                        /* SUSE */
    "/opt/homebrew/opt/postgresql@*/bin",              /* Homebrew */
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin", /* the same on Linux */
    "/usr/local/pgsql*/bin",                           /* built from source */
};

static bool has_server(struct arena *arena, const char *dir)
{
    return access(arena_printf(arena, "%s/initdb", dir), X_OK) == 0 &&
           access(arena_printf(arena, "%s/postgres", dir), X_OK) == 0;
}

static const char *from_pg_config(struct arena *arena)
{
    char line[1024] = "";
    FILE *out = popen("pg_config --bindir 2>/dev/null", "r");

    if (!out)
        return NULL;
    if (!fgets(line, sizeof line, out))
        line[0] = '\0';
    pclose(out);
    line[strcspn(line, "\n")] = '\0';
    return line[0] && has_server(arena, line) ? arena_strdup(arena, line) : NULL;
}

/* The first number in the path is the major version; without one it sorts first. */
static long version_in(const char *path)
{
    const char *digits = strpbrk(path, "0123456789");

    return digits ? strtol(digits, NULL, 10) : 0;
}

static const char *from_places(struct arena *arena)
{
    const char *best = NULL;

    for (size_t p = 0; p < ARRAY_LEN(places); p++) {
        glob_t found = { 0 };

        if (glob(places[p], 0, NULL, &found) == 0)
            for (size_t i = 0; i < found.gl_pathc; i++) {
                const char *dir = found.gl_pathv[i];

                if (has_server(arena, dir) && (!best || version_in(dir) > version_in(best)))
                    best = arena_strdup(arena, dir);
            }
        globfree(&found);
    }
    return best;
}

static const char *from_path(struct arena *arena)
{
    const char *path = getenv("PATH");

    while (path && *path) {
        size_t len = strcspn(path, ":");
        const char *dir = arena_strndup(arena, path, len);

        if (len && has_server(arena, dir))
            return dir;
        path += len + (path[len] == ':');
    }
    return NULL;
}

bool cluster_find(struct arena *arena, const char **bindir, struct err *err)
{
    static const char *(*const ways[])(struct arena *) = { from_pg_config, from_places, from_path };
    const char *told = getenv("PG_BINDIR");

    if (told && *told) {
        *bindir = arena_strdup(arena, told);
        if (has_server(arena, told))
            return true;
        err_set(err, ERR_CONFIG, "PG_BINDIR is %s, but initdb and postgres are not there", told);
        return err_hint(err, "set PG_BINDIR to the folder that holds them, or unset it");
    }
    for (size_t i = 0; i < ARRAY_LEN(ways); i++)
        if ((*bindir = ways[i](arena)) != NULL)
            return true;
    err_set(err, ERR_CONFIG, "no Postgres server was found on this machine (initdb, postgres)");
    return err_hint(err, "install one (Debian: apt-get install postgresql), "
                         "or set PG_BINDIR to the folder that holds initdb");
}
