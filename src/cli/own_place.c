#include "own_place.h"

#include <string.h>

#include "orchestrate/store/store.h"
#include "output.h"

/* The plan as it was started, or taken over since: what the run has is no file. */
static bool find(struct cli *cli, const struct run *run, const struct exec_result *result,
                 const struct err *err, struct src_pos *at)
{
    struct plan plan = { 0 };
    struct plan_errors *errors = arena_alloc(cli->arena, sizeof *errors);
    const char *source = NULL;
    struct err ignored;

    return store_source(cli->arena, &cli->pg, run->id, &source, &ignored) && source &&
           plan_parse(cli->arena, run->name, source, strlen(source), &plan, errors) &&
           plan_own_place(cli->arena, &plan, result->failed, err->statement, err->position, at);
}

void own_place(struct cli *cli, const struct run *run, const struct exec_result *result,
               struct err *err)
{
    struct src_pos at;
    const char *hint;

    if (!result->failed || !program_is_own(&run->program) || pg_lost(&cli->pg) ||
        (err->code != ERR_FAILED && err->code != ERR_CONSENT) || !find(cli, run, result, err, &at))
        return;
    if (cli->file)
        err->at = (struct src_pos){ cli->file->file, at.line, at.column };
    if (cli->file && !cli->options.json)
        return;
    output_hint_denied(cli, err);
    hint = arena_strdup(cli->arena, err->hint);
    err_hint(err, "It is in line %d, column %d of the plan file.%s%s", at.line, at.column,
             *hint ? " " : "", hint);
}
