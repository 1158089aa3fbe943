/*
 * approve: somebody else has looked at a phase before it starts.
 */
#include "command.h"
#include "orchestrate/base/text.h"
#include "orchestrate/store/store.h"
#include "target.h"

bool check_approve(struct cli *cli, struct err *err)
{
    if (!cli->options.revoke || !cli->options.confirm)
        return true;
    err_set(err, ERR_USAGE, "--revoke and --confirm contradict each other");
    return err_hint(err, "--revoke takes consent back, too.");
}

static bool unknown_phase(struct cli *cli, const char *name, struct err *err)
{
    const struct program *program = &cli->run.program;
    const char **names = NULL, *near;
    size_t n = 0;

    for (size_t i = 0; i < program->n_phases; i++)
        *ARENA_PUSH(cli->arena, names, n) = program->phases[i].name;
    *ARENA_PUSH(cli->arena, names, n) = NULL;
    near = text_nearest(name, names);
    err_set(err, ERR_USAGE, "plan %s has no phase %s", cli->run.name, name);
    if (near)
        return err_hint(err, "Did you mean %s?", near);
    return err_hint(err, "`orchestrate status %s` lists its phases.", cli->run.name);
}

static bool wants_approval(const struct phase *phase)
{
    for (size_t i = 0; i < phase->n_gates; i++)
        if (strcmp(phase->gates[i].name, "approval") == 0)
            return true;
    return false;
}

/* Which phases there is something to approve of. */
static bool nothing_wanted(struct cli *cli, const struct phase *phase, struct err *err)
{
    const struct program *program = &cli->run.program;
    struct buf wanted = BUF_IN(cli->arena);

    for (size_t i = 0; i < program->n_phases; i++)
        if (wants_approval(&program->phases[i]))
            buf_addf(&wanted, "%s%s", wanted.len ? ", " : "", program->phases[i].name);
    err_set(err, ERR_USAGE, "phase %s of %s has no gate `approval`", phase->name, cli->run.name);
    if (phase->undo == UNDO_NEVER)
        return err_hint(err, "It cannot be undone; to consent beforehand: --confirm %s",
                        cli->run.name);
    if (wanted.len)
        return err_hint(err, "Approvals are wanted by: %s.", buf_text(&wanted));
    return err_hint(err, "The plan wants no approvals; `gates:` in its file can ask for them.");
}

/* Is there something to approve at all? */
static bool check_wanted(struct cli *cli, const struct phase *phase, struct err *err)
{
    const char *confirm = cli->options.confirm;

    if (!cli_check_confirm(cli, cli->run.name, err))
        return false;
    if (confirm && phase->undo != UNDO_NEVER) {
        err_set(err, ERR_USAGE, "phase %s of %s can be undone: it wants no consent", phase->name,
                cli->run.name);
        return err_hint(err, "Leave out --confirm.");
    }
    return confirm || cli->options.revoke || wants_approval(phase) ||
           nothing_wanted(cli, phase, err);
}

static bool nothing_to_do(struct cli *cli, const char *why)
{
    cli->answer.outcome = OUT_NOTHING_TO_DO;
    buf_addf(&cli->text, "%s\n", why);
    return true;
}

/* What the gates that look at approvals say now.  Others may need rights that approving does not.
 */
static bool say_gates(struct cli *cli, int phase, struct err *err)
{
    static const char *const names[] = { "approval", "consent", NULL };
    struct gate_answer *answers, *held = NULL;
    size_t n;

    if (!store_gates(cli->arena, &cli->pg, &cli->run, phase, &(struct gate_query){ .only = names },
                     &answers, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!answers[i].open) {
            *ARENA_PUSH(cli->arena, held, cli->answer.n_held_by) = answers[i];
            buf_addf(&cli->text, "  still held by %s: %s\n", answers[i].gate, answers[i].reason);
        }
    cli->answer.held_by = held;
    return true;
}

static bool revoke(struct cli *cli, int phase, bool approved, struct err *err)
{
    const char *name = cli->run.program.phases[phase].name;

    if (!approved)
        return nothing_to_do(cli, arena_printf(cli->arena, "%s has not approved %s of %s",
                                               cli->pg.role, name, cli->run.name));
    if (!store_approve(&cli->pg, &cli->run, phase, cli->options.because, false, true, err))
        return false;
    buf_addf(&cli->text, "%s takes back the approval of %s of %s\n", cli->pg.role, name,
             cli->run.name);
    return say_gates(cli, phase, err);
}

static bool approve(struct cli *cli, int phase, struct err *err)
{
    const char *name = cli->run.program.phases[phase].name;
    bool consent = cli->options.confirm, approved, consented;

    if (!store_approved(&cli->pg, &cli->run, phase, &approved, &consented, err))
        return false;
    if (cli->options.revoke)
        return revoke(cli, phase, approved, err);
    if (approved && (consented || !consent)) {
        nothing_to_do(cli, arena_printf(cli->arena, "%s has approved %s of %s already",
                                        cli->pg.role, name, cli->run.name));
        return say_gates(cli, phase, err);
    }
    if (!store_approve(&cli->pg, &cli->run, phase, cli->options.because, consent, false, err))
        return false;
    buf_addf(&cli->text, "%s %s %s of %s\n", cli->pg.role, consent ? "consents to" : "approves",
             name, cli->run.name);
    return say_gates(cli, phase, err);
}

bool cmd_approve(struct cli *cli, struct err *err)
{
    const char *name = cli->args[1];
    struct run *run = &cli->run;
    int phase;

    if (!target_named(cli, run, err))
        return store_denied_approver(&cli->pg, err);
    phase = program_phase(&run->program, name);
    if (phase < 0)
        return unknown_phase(cli, name, err);
    if (!check_wanted(cli, &run->program.phases[phase], err))
        return false;
    if (run->records[phase].state != PHASE_PENDING && run->records[phase].state != PHASE_UNDONE)
        return nothing_to_do(
            cli, arena_printf(cli->arena, "phase %s of %s is %s: there is nothing to %s", name,
                              run->name, phase_state_name(run->records[phase].state),
                              cli->options.revoke ? "take back" : "approve"));
    if (!run_state_is_live(run->state))
        return nothing_to_do(cli, arena_printf(cli->arena, "%s is %s: there is nothing to approve",
                                               run->name, run_state_name(run->state)));
    return approve(cli, phase, err);
}
