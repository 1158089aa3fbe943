/*
 * What an answer says beside its result: diagnostics, and where the run stands.
 */
#include <stdarg.h>
#include <stdio.h>

#include "command.h"
#include "sql_cli.h" /* generated from src/sql/cli */

void cli_diagnose(struct cli *cli, struct answer *answer, struct diagnostic diagnostic)
{
    *ARENA_PUSH(cli->arena, answer->diagnostics, answer->n_diagnostics) = diagnostic;
}

void cli_warn(struct cli *cli, const char *code, const char *fmt, ...)
{
    char text[1024];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    cli_diagnose(cli, &cli->answer,
                 (struct diagnostic){ .severity = "warning",
                                      .code = code,
                                      .message = arena_strdup(cli->arena, text) });
}

bool cli_published(struct cli *cli, const char **message, const char **hint, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    *message = *hint = NULL;
    if (!pg_query(&cli->pg, &res, sql_published, PG_NO_ARGS, err))
        return false;
    if (PQntuples(res)) {
        *message = pg_text(cli->arena, res, 0, "message");
        *hint = pg_text(cli->arena, res, 0, "hint");
    }
    return true;
}

void answer_run(struct answer *answer, const struct run *run)
{
    int next = run_next_phase(run);

    answer->plan = run->name;
    answer->run = run->id;
    answer->state = run_state_name(run->state);
    answer->next_phase =
        next >= 0 && next < (int)run->program.n_phases ? run->program.phases[next].name : NULL;
}

bool cli_file_errors(struct cli *cli, struct answer *answer, const char *file,
                     const struct plan_errors *errors, struct err *err)
{
    for (size_t i = 0; i < errors->n; i++) {
        const struct err *e = &errors->errs[i];

        cli_diagnose(cli, answer,
                     (struct diagnostic){ "error", err_name(e->code),
                                          arena_strdup(cli->arena, e->text),
                                          arena_strdup(cli->arena, e->hint), e->at });
    }
    *err = errors->errs[0];
    if (errors->n > 1)
        return err_set(err, errors->errs[0].code, "%s has %zu errors", file, errors->n);
    return false;
}
