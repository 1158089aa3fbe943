#include "command.h"
#include "orchestrate/store/store.h"

enum { JSON_SCHEMA_VERSION = 1 };

bool cmd_version(struct cli *cli, struct err *err)
{
    int libpq = PQlibVersion();
    const char *library = arena_printf(cli->arena, "%d.%d", libpq / 10000, libpq % 10000);
    struct buf more = BUF_IN(cli->arena);
    struct json j = { .out = &more };

    (void)err;
    json_text(&j, "version", ORCHESTRATE_VERSION);
    json_int(&j, "state_schema_version", STORE_VERSION);
    json_int(&j, "json_schema_version", JSON_SCHEMA_VERSION);
    json_text(&j, "libpq_version", library);
    cli->answer.more = buf_text(&more);
    buf_addf(&cli->text, "orchestrate %s (state schema %d, JSON schema %d, libpq %s)\n",
             ORCHESTRATE_VERSION, STORE_VERSION, JSON_SCHEMA_VERSION, library);
    return true;
}
