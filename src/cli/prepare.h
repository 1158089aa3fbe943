/*
 * prepare.h - from a plan to a program, with what the database says about it.
 */
#ifndef ORCHESTRATE_CLI_PREPARE_H
#define ORCHESTRATE_CLI_PREPARE_H

#include "command.h"
#include "orchestrate/compile/compile.h"

struct prepared {
    const struct plan *plan;
    int64_t run;     /* the number that names are made from; 0: offline */
    bool registered; /* the run exists, and its program is the stored one */
    bool unread;     /* no findings were looked for */
    struct catalog *cats;
    struct program program;
};

/*
 * Reads the catalog for every change (not at all with run 0) and compiles.
 * What speaks against the plan is in the catalogs' findings; see below.
 */
bool prepare(struct cli *cli, const struct plan *plan, int64_t run, struct prepared *prepared,
             struct err *err);

/*
 * The same of a run that is registered: its program stays, the findings are read
 * again.  `plan` is what it was started with.  Once it has begun, what would
 * speak against a start is its own doing: only warnings are kept.
 */
bool prepare_again(struct cli *cli, const struct plan *plan, const struct run *run,
                   struct prepared *prepared, struct err *err);

/*
 * Asks the server about the values of the plan's gates: what it says is wrong
 * becomes diagnostics.  ERR_PLAN when a value cannot work here.
 */
bool prepare_gates(struct cli *cli, struct answer *answer, const struct plan *plan,
                   struct err *err);

/*
 * The program of a run as it reads for the tables that are here now, by the names
 * that it knows them by; for `repair`.  relids: one for each claim.  *why_not is set when
 * what the database says of them may not be believed.
 */
bool prepare_anew(struct cli *cli, const struct plan *plan, const struct run *run,
                  const uint32_t *relids, struct program *program, const char **why_not,
                  struct err *err);

/*
 * The last look before a run begins, which may be long after its start: ERR_CHECK
 * when something speaks against it now, or when it would be compiled to another
 * program now.  Takes no lock.
 */
bool prepare_first(struct cli *cli, struct answer *answer, const struct run *run, struct err *err);

struct edit_scope {
    size_t first;  /* the first phase that has not begun */
    int mended;    /* the phase whose undo failed, and is exchanged; -1: none */
    size_t undone; /* so many steps of it are done */
};

/*
 * The program of a run as an edit of its plan makes it: phases before `first` stay as
 * they are, of operations all steps do; but `mended` is undone as the edit says, behind
 * the steps of its undo that are `undone`.  ERR_CHECK when something speaks
 * against the steps of a plan's own phases, or the edit changes one of those; ERR_CONFLICT
 * when another run has a table of theirs.
 */
bool prepare_edit(struct cli *cli, struct answer *answer, const struct plan *plan,
                  const struct run *run, const struct edit_scope *scope, struct program *program,
                  struct err *err);

/* Adds a finding for each table that another live run has, or is going to want. */
bool prepare_claims(struct cli *cli, struct prepared *prepared, struct err *err);

/* What another live run does to this claim of a program: *message is NULL when nothing. */
bool claim_conflict(struct cli *cli, const struct program *program, const struct claim *claim,
                    int64_t own, const char **message, struct err *err);

/*
 * Turns findings into diagnostics: refusals as errors, the others as warnings.
 * ERR_CHECK when one refuses and is not accepted by the plan.
 */
bool prepare_verdict(struct cli *cli, struct answer *answer, const struct prepared *prepared,
                     struct err *err);

#endif
