#include <inttypes.h>

#include "command.h"
#include "history_text.h"
#include "target.h"

static bool is_move(const struct history_row *row)
{
    return strcmp(row->kind, "transition") == 0;
}

static void json_line(struct json *j, const struct run_name *run, const struct history_row *row)
{
    json_open(j, NULL, '{');
    json_text(j, "plan", run->name);
    json_int(j, "run", run->id);
    json_text(j, "at", row->at);
    json_text(j, "event", row->kind);
    if (is_move(row))
        json_int(j, "seq", row->seq);
    else
        json_null(j, "seq");
    json_text(j, "phase", row->phase);
    json_text(j, "from", row->from);
    json_text(j, "to", row->to);
    json_text(j, "step", row->step);
    json_text(j, "actor", row->actor);
    json_raw(j, "detail", row->detail);
    json_text(j, "hash", row->hash);
    json_close(j, '}');
}

static bool show(struct cli *cli, const struct run_name *run, struct json *j, struct err *err)
{
    struct history_row *rows = NULL;
    size_t n = 0;

    if (!store_history(cli->arena, &cli->pg, run->id, &rows, &n, err))
        return false;
    buf_addf(&cli->text, "%s (run %" PRId64 ")\n", run->name, run->id);
    history_text(&cli->text, rows, n);
    for (size_t i = 0; i < n; i++)
        json_line(j, run, &rows[i]);
    return true;
}

static bool find_runs(struct cli *cli, struct run_name **names, size_t *n, struct err *err)
{
    bool state;

    *names = NULL;
    *n = 0;
    if (cli->n_args) {
        struct run_name *name = ARENA_PUSH(cli->arena, *names, *n);

        if (!target_named(cli, &cli->run, err))
            return false;
        *name = (struct run_name){ cli->run.id, cli->run.name, cli->run.app };
        return true;
    }
    return cli_state(cli, &state, err) &&
           (!state || store_list(cli->arena, &cli->pg, true, names, n, err));
}

bool cmd_history(struct cli *cli, struct err *err)
{
    struct run_name *names;
    struct buf rows = BUF_IN(cli->arena);
    struct json j = { .out = &rows };
    size_t n;

    if (!find_runs(cli, &names, &n, err))
        return false;
    json_open(&j, NULL, '[');
    for (size_t i = 0; i < n; i++)
        if (!show(cli, &names[i], &j, err))
            return false;
    json_close(&j, ']');
    cli->answer.history = buf_text(&rows);
    if (n == 0)
        buf_add(&cli->text, "no plan was ever started in this database\n");
    return true;
}
