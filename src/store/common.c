/*
 * Small things that the other files of store/ need.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "store_private.h"

const char *arg_int(struct arena *arena, int64_t value)
{
    return arena_printf(arena, "%" PRId64, value);
}

const char *arg_bool(bool value)
{
    return value ? "true" : "false";
}

bool store_denied(struct pg *pg, bool may_run, struct err *err)
{
    if (strcmp(err->sqlstate, "42501") != 0)
        return false;
    return err_hint(err,
                    "Whoever ran `orchestrate init` can let this role in: "
                    "SELECT orchestrate.admit('%s', %s);",
                    pg->role, arg_bool(may_run || !pg->read_only));
}

bool store_unknown(const struct run *run, const char *what, const char *word, struct err *err)
{
    err_set(err, ERR_CONFIG, "plan %s was started by a version of orchestrate that knows the %s %s",
            run->name, what, word);
    return err_hint(err, "Use that version, or a newer one.");
}

const char *store_uuid(struct arena *arena)
{
    unsigned char b[16];

    /* Sixteen bytes come whole, unless a signal arrives before the pool is ready. */
    while (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
        continue;
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* version 4: random */
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    return arena_printf(
        arena, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
        b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}
