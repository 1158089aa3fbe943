/*
 * repair: after a restore, a clone or a change by hand.  Says what it found; acts
 * only when told to, and never on the tables of the user.
 */
#include <inttypes.h>

#include "checks.h"
#include "command.h"
#include "orchestrate/base/text.h"
#include "orchestrate/compile/compile.h"
#include "orchestrate/pg/catalog.h"
#include "own_tables.h"
#include "prepare.h"
#include "target.h"

enum { TAKE_WAIT_MS = 300 };

struct repair {
    struct cli *cli;
    struct run *run;
    struct exec_check *checks; /* as the run was left */
    size_t n_checks, n_wrong;
    struct exec_leftover *left;
    size_t n_left;
    bool elsewhere, other_tables;
    const char *why_not;     /* it cannot be adopted; NULL: it can */
    struct program *program; /* as it reads here, with other tables; else NULL */
};

static bool read_plan(struct repair *r, struct plan *plan, bool *ok, struct err *err)
{
    struct cli *cli = r->cli;
    struct plan_errors *errors = arena_alloc(cli->arena, sizeof *errors);
    const char *source = NULL;

    if (!store_source(cli->arena, &cli->pg, r->run->id, &source, err))
        return false;
    *ok = source && plan_parse(cli->arena, r->run->name, source, strlen(source), plan, errors);
    if (!*ok)
        r->why_not = "this version of orchestrate cannot read its plan any more; use the one that "
                     "started it";
    return true;
}

/* The name of the claim as it is by now; *name NULL: the plan has dropped it, or why_not. */
static bool find_name(struct repair *r, const struct plan *own, const struct claim *c,
                      const char **name, struct err *err)
{
    const struct program *program = &r->run->program;

    *name = c->relation;
    if (!program_is_own(program))
        return true;
    for (size_t i = 0; i < program->n_claims; i++)
        if (&program->claims[i] != c && text_same(program->claims[i].relation, c->relation))
            r->why_not = arena_printf(r->cli->arena,
                                      "it has worked on two tables that were called %s, one after "
                                      "the other, and which is which cannot be told here",
                                      c->relation);
    return own_table_now(r->cli, own, r->run, c->relation, name, err);
}

/*
 * Statements of a plan's own may have renamed the table out of our sight; who lost it by
 * hand can bring it back in both cases.
 */
static const char *not_here(struct repair *r, const struct claim *c, const char *name)
{
    const char *was = text_same(name, c->relation)
                          ? ""
                          : arena_printf(r->cli->arena, ", as the plan has named %s", c->relation);

    return arena_printf(r->cli->arena,
                        "there is no table %s here%s; bring it back (restore it, too, or "
                        "give it %s)",
                        name, was,
                        program_is_own(&r->run->program) ? "that name until the run is adopted"
                                                         : "its name back");
}

/* *relids: of the tables as they are named here; 0: a plan's own statement has dropped it. */
static bool find_tables(struct repair *r, uint32_t **relids, struct err *err)
{
    const struct program *program = &r->run->program;
    struct plan own = { 0 };
    bool ok = true;

    *relids = arena_alloc(r->cli->arena, (program->n_claims + 1) * sizeof **relids);
    if (program_is_own(program) && !read_plan(r, &own, &ok, err))
        return false;
    for (size_t i = 0; ok && i < program->n_claims; i++) {
        const struct claim *c = &program->claims[i];
        const char *name;

        if (!find_name(r, &own, c, &name, err))
            return false;
        if (name &&
            !catalog_oid(r->cli->arena, &r->cli->pg, name, c->later, c->relid, &(*relids)[i], err))
            return false;
        r->other_tables |= (*relids)[i] != c->relid;
        if (name && !(*relids)[i])
            r->why_not = not_here(r, c, name);
    }
    return true;
}

/* Those of a plan's own are not found by reading it anew: they are as they were, with the oids
   of here; 0: it is gone. */
static void keep_claims(struct repair *r, const uint32_t *relids)
{
    const struct program *was = &r->run->program;

    if (!program_is_own(was))
        return;
    for (size_t i = 0; i < was->n_claims; i++) {
        struct claim *claim = ARENA_PUSH(r->cli->arena, r->program->claims, r->program->n_claims);

        *claim = was->claims[i];
        claim->relid = relids[i];
    }
}

/* The statements name oids and numbers of columns: they are made anew for the tables here. */
static bool read_anew(struct repair *r, const uint32_t *relids, struct err *err)
{
    struct plan plan = { 0 };
    const char *differs;
    bool ok = false;

    if (!read_plan(r, &plan, &ok, err))
        return false;
    if (!ok)
        return true;
    r->program = arena_alloc(r->cli->arena, sizeof *r->program);
    if (!prepare_anew(r->cli, &plan, r->run, relids, r->program, &r->why_not, err))
        return false;
    if (r->why_not)
        return true;
    keep_claims(r, relids);
    differs = compile_difference(&r->run->program, r->program);
    if (differs)
        r->why_not = arena_printf(r->cli->arena,
                                  "the table here is not like the one that it was started for: "
                                  "phase %s would have other steps",
                                  differs);
    return true;
}

/* Does what is here hold what the last phase promises, when it is looked at as ours? */
static bool try_on(struct repair *r, struct err *err)
{
    struct run here = *r->run;
    struct exec_check *checks = NULL;
    size_t n = 0;

    here.system_id = NULL;
    here.database_oid = here.here_oid;
    if (r->program)
        here.program = *r->program;
    if (!exec_verify(r->cli->arena, &r->cli->pg, &here, &checks, &n, err))
        return false;
    for (size_t i = 0; i < n && !r->why_not; i++)
        if (checks[i].verdict == CHECK_WRONG)
            r->why_not = checks[i].text;
    return true;
}

static bool inspect(struct repair *r, struct err *err)
{
    struct cli *cli = r->cli;
    struct run *run = r->run;
    uint32_t *relids;

    r->elsewhere = exec_elsewhere(cli->arena, &cli->pg, run) != NULL;
    if (!exec_verify(cli->arena, &cli->pg, run, &r->checks, &r->n_checks, err) ||
        !exec_leftovers(cli->arena, &cli->pg, run, &r->left, &r->n_left, err) ||
        !find_tables(r, &relids, err))
        return false;
    r->n_wrong = checks_wrong(r->checks, r->n_checks);
    if (!r->n_wrong)
        return true;
    if (run->phase_state == PHASE_UNDOING)
        r->why_not = arena_printf(cli->arena,
                                  "the undo of %s is under way, half of it may be done (where it "
                                  "was begun it can be ended, and then be dumped again)",
                                  run->program.phases[run->phase].name);
    else if (!r->why_not && !r->elsewhere && !r->other_tables)
        r->why_not = "it is the same database and the same table: put back what is wrong";
    else if (!r->why_not && r->other_tables && !read_anew(r, relids, err))
        return false;
    return r->why_not || try_on(r, err);
}

static void show_leftovers(struct repair *r, struct buf *out)
{
    for (size_t i = 0; i < r->n_left; i++)
        if (r->left[i].statement)
            buf_addf(out, "    %s\n", r->left[i].statement);
        else
            buf_addf(out, "    -- %s\n", r->left[i].what);
}

static void show(struct repair *r, struct buf *out)
{
    const char *name = r->run->name;

    buf_addf(out, "%s (run %" PRId64 "), %s: what was found\n", name, r->run->id,
             exec_verified_phase(r->run)
                 ? arena_printf(out->arena, "after %s", exec_verified_phase(r->run))
                 : "not begun");
    checks_text(out, r->checks, r->n_checks);
    if (!r->n_wrong) {
        buf_add(out, "nothing to repair\n");
        return;
    }
    if (r->why_not)
        report_wrap(out, "cannot be adopted: ", "  ", r->why_not);
    else
        buf_addf(out,
                 "can be adopted, what is here is what was left: orchestrate repair %s --adopt "
                 "--confirm %s\n",
                 name, name);
    buf_addf(out,
             "can be given up, it ends as it stands: orchestrate repair %s --forget --confirm %s\n",
             name, name);
    if (r->n_left)
        buf_add(out, "  this would stay in the schema:\n");
    show_leftovers(r, out);
}

static void answer(struct repair *r)
{
    struct buf more = BUF_IN(r->cli->arena);
    struct json j = { .out = &more };

    json_open(&j, "checks", '[');
    checks_json(&j, r->run, r->checks, r->n_checks);
    json_close(&j, ']');
    json_bool(&j, "adoptable", r->n_wrong && !r->why_not);
    json_text(&j, "why_not", r->why_not);
    json_open(&j, "leftovers", '[');
    for (size_t i = 0; i < r->n_left; i++) {
        json_open(&j, NULL, '{');
        json_text(&j, "what", r->left[i].what);
        json_text(&j, "statement", r->left[i].statement);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    r->cli->answer.more = buf_text(&more);
}

/* Both change what the run is: the plan's name says that it is meant. */
static bool consented(struct repair *r, const char *what, struct err *err)
{
    const char *name = r->run->name, *given = r->cli->options.confirm;

    if (!given && cli_interactive() &&
        !cli_ask_consent(r->cli, arena_printf(r->cli->arena, "%s of %s.", what, name), name, &given,
                         err))
        return false;
    if (given)
        return true;
    err_set(err, ERR_CONSENT, "%s of %s wants its name: nothing was changed", what, name);
    return err_hint(err, "If what was found is understood: --confirm %s", name);
}

/* What was looked at must still be so when the run is ours. */
static bool take(struct repair *r, struct err *err)
{
    struct cli *cli = r->cli;
    struct holder holder = { 0 };
    int64_t seq = r->run->seq;
    bool taken;

    if (!store_take(cli->arena, &cli->pg, r->run, false, TAKE_WAIT_MS, &taken, &holder, err))
        return false;
    if (!taken)
        return err_set(err, ERR_BUSY, "plan %s is being worked on by pid %d; nothing was changed",
                       r->run->name, holder.pid);
    if (!store_refresh(cli->arena, &cli->pg, r->run, err))
        return store_release(&cli->pg, r->run), false;
    if (r->run->seq == seq)
        return true;
    store_release(&cli->pg, r->run);
    return err_set(err, ERR_BUSY, "plan %s has moved meanwhile; nothing was changed", r->run->name);
}

static bool adopt(struct repair *r, struct err *err)
{
    struct cli *cli = r->cli;
    const char *rebind = NULL;
    bool ok;

    if (r->why_not) {
        err_set(err, ERR_CHECK, "run %" PRId64 " of plan %s cannot be adopted here: %s", r->run->id,
                r->run->name, r->why_not);
        return err_hint(err,
                        "Nothing was changed. Mend that and try again, or give the run up: "
                        "orchestrate repair %s --forget --confirm %s",
                        r->run->name, r->run->name);
    }
    if (!consented(r, "the adoption", err) || !take(r, err))
        return false;
    ok = (!r->program || exec_rebind(cli->arena, &cli->pg, r->run, r->program, &rebind, err)) &&
         store_adopt(&cli->pg, r->run, r->program, rebind, cli->options.because, err);
    store_release(&cli->pg, r->run);
    if (!ok)
        return false;
    buf_addf(&cli->text, "%s: adopted by database %s; approvals given before %s\n", r->run->name,
             cli->pg.database,
             r->program ? "count no more, a backfill begins its sweep anew" : "still count");
    buf_addf(&cli->text, "next: orchestrate verify %s\n", r->run->name);
    return true;
}

static bool forget(struct repair *r, struct err *err)
{
    struct cli *cli = r->cli;
    bool ok;

    if (!consented(r, "giving up the run", err) || !take(r, err))
        return false;
    ok = store_forget(&cli->pg, r->run, cli->options.because, err);
    store_release(&cli->pg, r->run);
    if (!ok)
        return false;
    r->run->state = RUN_UNDONE;
    answer_run(&cli->answer, r->run);
    cli->answer.outcome = OUT_UNDONE;
    buf_addf(&cli->text, "%s: given up; its record stays, its table is free\n", r->run->name);
    if (r->n_left)
        buf_add(&cli->text,
                "what it made is still there; look at it, then drop what nobody needs:\n");
    show_leftovers(r, &cli->text);
    return true;
}

static bool only_report(struct repair *r, struct err *err)
{
    const char *name = r->run->name;

    show(r, &r->cli->text);
    if (!r->n_wrong) {
        r->cli->answer.outcome = OUT_NOTHING_TO_DO;
        return true;
    }
    err_set(err, ERR_CHECK, "plan %s is not as it was left: %zu thing%s wrong; nothing was changed",
            name, r->n_wrong, r->n_wrong == 1 ? " is" : "s are");
    return r->why_not
               ? err_hint(err,
                          "Put it back, or give the run up: orchestrate repair %s --forget "
                          "--confirm %s",
                          name, name)
               : err_hint(err,
                          "What is here is what was left, in another place: orchestrate repair %s "
                          "--adopt --confirm %s",
                          name, name);
}

/* Its record is closed; what it left can still be looked at. */
static bool look_at_ended(struct repair *r, struct err *err)
{
    struct cli *cli = r->cli;
    const char *how = r->run->forgotten ? "given up" : run_state_name(r->run->state);

    if (!exec_leftovers(cli->arena, &cli->pg, r->run, &r->left, &r->n_left, err))
        return false;
    answer(r);
    if (!r->n_left) {
        buf_addf(&cli->text, "%s has ended (%s): nothing to repair\n", r->run->name, how);
        cli->answer.outcome = OUT_NOTHING_TO_DO;
        return true;
    }
    buf_addf(&cli->text, "%s has ended (%s); this is still in the schema:\n", r->run->name, how);
    show_leftovers(r, &cli->text);
    err_set(err, ERR_CHECK, "plan %s has ended, and %zu thing%s that it made %s still there",
            r->run->name, r->n_left, r->n_left == 1 ? "" : "s", r->n_left == 1 ? "is" : "are");
    return err_hint(err,
                    "Nothing was changed. Look at each, then run the statement that drops it.");
}

bool check_repair(struct cli *cli, struct err *err)
{
    if (!cli->options.adopt || !cli->options.forget)
        return true;
    err_set(err, ERR_USAGE, "--adopt and --forget are two ways to end the same trouble");
    return err_hint(err, "Without either, `orchestrate repair` says which one fits.");
}

bool cmd_repair(struct cli *cli, struct err *err)
{
    struct repair r = { .cli = cli, .run = &cli->run };

    if (!target_named(cli, &cli->run, err) || !cli_check_confirm(cli, cli->run.name, err))
        return false;
    if (!run_state_is_live(cli->run.state))
        return look_at_ended(&r, err);
    if (!inspect(&r, err))
        return false;
    answer(&r);
    if (cli->options.forget)
        return forget(&r, err);
    return cli->options.adopt && r.n_wrong ? adopt(&r, err) : only_report(&r, err);
}
