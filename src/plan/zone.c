#include "zone.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrate/base/text.h"

static const char *zone_folder(void)
{
    const char *folder = getenv("TZDIR");

    return folder && *folder ? folder : "/usr/share/zoneinfo";
}

/* Letters, digits and what stands between them: nothing that leaves the folder. */
static bool is_name(const char *zone)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_+-/";

    return *zone && *zone != '/' && !zone[strspn(zone, letters)];
}

/* There are other files beside the zones. */
static bool is_zone(const char *path)
{
    char magic[4] = "";
    FILE *file = fopen(path, "re");
    bool ok;

    if (!file)
        return false;
    ok = fread(magic, 1, sizeof magic, file) == sizeof magic && memcmp(magic, "TZif", 4) == 0;
    fclose(file);
    return ok;
}

/* What stands beside it in the same folder, or NULL: "Europe/Berlin" for "Europe/berlin". */
static const char *nearest(struct arena *arena, const char *folder, const char *zone)
{
    const char *slash = strrchr(zone, '/'), *found, **names = NULL, *end = NULL;
    int parent = slash ? (int)(slash - zone) + 1 : 0;
    DIR *dir = opendir(arena_printf(arena, "%s/%.*s", folder, parent, zone));
    struct dirent *entry;
    size_t n = 0;

    if (!dir)
        return NULL;
    while ((entry = readdir(dir)))
        if (*entry->d_name != '.')
            *ARENA_PUSH(arena, names, n) = arena_strdup(arena, entry->d_name);
    closedir(dir);
    *ARENA_PUSH(arena, names, n) = end;
    found = text_nearest(zone + parent, names);
    return found ? arena_printf(arena, "%.*s%s", parent, zone, found) : NULL;
}

void check_zone(struct loading *l, const char *key, const char *zone, struct src_pos at)
{
    const char *folder = zone_folder(), *near = NULL;

    if (is_name(zone)) {
        if (!is_zone(arena_printf(l->arena, "%s/UTC", folder)) ||
            is_zone(arena_printf(l->arena, "%s/%s", folder, zone)))
            return;
        near = nearest(l->arena, folder, zone);
    }
    complain(l, at,
             near ? arena_printf(l->arena, "did you mean `%s`?", near)
                  : "zones have names such as Europe/Berlin or UTC",
             "`%s`: there is no time zone `%s`", key, shown(l, zone));
}
