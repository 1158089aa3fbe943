/*
 * What the server says of the gates that a plan brings along.
 */
#include "prepare.h"

static bool ask_one(struct cli *cli, struct answer *answer, const struct plan_gate *gate,
                    struct err *first, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!gate->kind->start)
        return true;
    if (!pg_query(&cli->pg, &res, gate->kind->start, PG_ARGS(gate->value), err))
        return err_wrap(err, "gate %s of phase %s", gate->kind->name, gate->phase);
    for (int i = 0; i < PQntuples(res); i++) {
        bool invalid = pg_bool(res, i, "invalid");
        struct diagnostic d = { .severity = invalid ? "error" : "warning",
                                .code = "gate",
                                .message = arena_printf(cli->arena, "gate %s of %s: %s",
                                                        gate->kind->name, gate->phase,
                                                        pg_text(cli->arena, res, i, "message")),
                                .hint = pg_text(cli->arena, res, i, "hint"),
                                .at = gate->at };

        cli_diagnose(cli, answer, d);
        if (!invalid || first->code != ERR_NONE)
            continue;
        err_set(first, ERR_PLAN, "%s", d.message);
        err_hint(first, "%s", d.hint ? d.hint : "");
        first->at = d.at;
    }
    return true;
}

bool prepare_gates(struct cli *cli, struct answer *answer, const struct plan *plan, struct err *err)
{
    struct err first = { 0 };

    for (size_t i = 0; i < plan->n_gates; i++)
        if (!ask_one(cli, answer, &plan->gates[i], &first, err))
            return false;
    if (first.code == ERR_NONE)
        return true;
    *err = first;
    return false;
}
