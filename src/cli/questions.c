#include "questions.h"

#include "orchestrate/base/text.h"

static bool find_phase(struct inquiry *q, const char *name, int *phase, struct err *err)
{
    const struct program *program = &q->run->program;
    const char **names = NULL, *near;
    size_t n = 0;

    *phase = program_phase(program, name);
    if (*phase >= 0)
        return true;
    for (size_t i = 0; i < program->n_phases; i++)
        *ARENA_PUSH(q->arena, names, n) = program->phases[i].name;
    *ARENA_PUSH(q->arena, names, n) = NULL;
    near = text_nearest(name, names);
    err_set(err, ERR_USAGE, "plan %s has no phase %s", q->run->name, name);
    if (near)
        return err_hint(err, "Did you mean %s?", near);
    return err_hint(err, "`orchestrate status %s` lists its phases.", q->run->name);
}

static void say(struct inquiry *q, const char *sentence)
{
    report_wrap(q->text, arena_printf(q->arena, "%s: ", q->run->name), "  ", sentence);
}

/* An answer that is no gate of the program: the phase's state decides. */
static void closed(struct inquiry *q, const char *gate, int phase, const char *reason,
                   const char *evidence, const char *next_command)
{
    *ARENA_PUSH(q->arena, q->gates, q->n_gates) =
        (struct gate_answer){ .gate = gate,
                              .phase = phase >= 0 ? q->run->program.phases[phase].name : NULL,
                              .reason = reason,
                              .evidence = evidence,
                              .next_command = next_command };
    q->closed++;
}

static const char *name_of(const struct inquiry *q, int phase)
{
    return q->run->program.phases[phase].name;
}

static const char *state_of(const struct inquiry *q, int phase)
{
    return phase_state_name(q->run->records[phase].state);
}

static bool is_done(const struct inquiry *q, int phase)
{
    return q->run->records[phase].state == PHASE_DONE;
}

static bool has_begun(const struct inquiry *q, int phase)
{
    enum phase_state state = q->run->records[phase].state;

    return state != PHASE_PENDING && state != PHASE_UNDONE;
}

/* --- may a phase start? ---------------------------------------------------------- */

/*
 * Of a phase that is not next yet: what has to be true of the tables when it begins
 * is not true now, and would read as an alarm.
 */
static size_t without_proofs(struct gate_answer *answers, size_t n)
{
    size_t kept = 0;

    if (!n || strcmp(answers[0].gate, "predecessor") != 0 || answers[0].open)
        return n;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || !answers[i].check)
            answers[kept++] = answers[i];
    return kept;
}

static bool ask_gates(struct inquiry *q, int phase, struct err *err)
{
    struct gate_answer *answers = NULL;
    size_t n = 0, shut = 0;

    if (!store_gates(q->arena, &q->cli->pg, q->run, phase,
                     &(struct gate_query){ .local = local_gate(q->cli) }, &answers, &n, err))
        return false;
    n = without_proofs(answers, n);
    for (size_t i = 0; i < n; i++) {
        *ARENA_PUSH(q->arena, q->gates, q->n_gates) = answers[i];
        shut += !answers[i].open;
    }
    q->closed += shut;
    say(q, arena_printf(q->arena, "%s may %sstart", name_of(q, phase), shut ? "not " : ""));
    report_held_text(q->text, "  ", q->run, answers, n, q->cli->options.verbose > 0);
    return true;
}

/* The run stands where no phase starts: only going back, or a new run, helps. */
static bool no_start(struct inquiry *q, int phase)
{
    const char *reason, *next;

    if (q->run->state == RUN_UNDOING) {
        reason =
            arena_printf(q->arena, "the undo of %s is not finished", name_of(q, q->run->phase));
        next = arena_printf(q->arena, "orchestrate rollback %s", q->run->name);
    } else {
        reason = "all of the plan is undone; none of its phases starts any more";
        next = "orchestrate start --again FILE";
    }
    closed(q, "predecessor", phase, reason, NULL, next);
    say(q, phase >= 0 ? arena_printf(q->arena, "%s may not start: %s", name_of(q, phase), reason)
                      : arena_printf(q->arena, "nothing may start: %s", reason));
    return true;
}

bool question_start(struct inquiry *q, const char *name, struct err *err)
{
    int phase = run_next_phase(q->run);

    if (name && !find_phase(q, name, &phase, err))
        return false;
    if (!name && q->run->state == RUN_COMPLETE) {
        q->nothing_left = true;
        return say(q, "nothing is left to start: the plan is complete"), true;
    }
    if (phase >= 0 && is_done(q, phase))
        return say(q, arena_printf(q->arena, "%s is done already", name_of(q, phase))), true;
    if (q->run->state == RUN_UNDOING || q->run->state == RUN_UNDONE)
        return no_start(q, phase);
    if (has_begun(q, phase))
        return say(q, arena_printf(q->arena, "%s has begun already: it is %s", name_of(q, phase),
                                   state_of(q, phase))),
               true;
    return ask_gates(q, phase, err);
}

/* --- is a phase finished? ---------------------------------------------------------- */

bool question_done(struct inquiry *q, const char *name, struct err *err)
{
    const char *reason;
    int phase;

    if (!find_phase(q, name, &phase, err))
        return false;
    if (is_done(q, phase))
        return say(q, arena_printf(q->arena, "%s is done", name)), true;
    reason = arena_printf(q->arena, "%s is not done: it is %s", name, state_of(q, phase));
    closed(q, "done", phase, reason, NULL,
           arena_printf(q->arena, "orchestrate advance %s --to %s", q->run->name, name));
    say(q, reason);
    return true;
}

/* --- may a version go out? ---------------------------------------------------------- */

/* A line of the plan's canonical form; NULL: it does not say. */
static const char *said(struct inquiry *q, const char *key)
{
    const char *line = arena_printf(q->arena, "\n%s = ", key);
    const char *at = strstr(arena_printf(q->arena, "\n%s", q->run->canonical), line);

    if (!at)
        return NULL;
    at += strlen(line);
    return arena_strndup(q->arena, at, strcspn(at, "\n"));
}

/* With this phase the old names go: as the plan says, else as its operations do. */
static int old_until(struct inquiry *q)
{
    static const char *const usual[] = { "retire", "contract" };
    const struct program *program = &q->run->program;
    const char *name = said(q, "code.old_until");

    if (name && program_phase(program, name) >= 0)
        return program_phase(program, name);
    for (size_t i = 0; i < ARRAY_LEN(usual); i++)
        if (program_phase(program, usual[i]) >= 0)
            return program_phase(program, usual[i]);
    return (int)program->n_phases - 1;
}

/* The phase that new code has to wait for: before the first deploy mark, else the last one. */
static int new_from(const struct inquiry *q)
{
    const struct program *program = &q->run->program;

    for (size_t i = 0; i < program->n_phases; i++)
        if (program->phases[i].deploy_before)
            return (int)i - 1;
    return (int)program->n_phases - 1;
}

static const char *evidence_of(struct inquiry *q, const char *version, const char *uses)
{
    struct buf out = BUF_IN(q->arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '{');
    json_text(&j, "version", version);
    json_text(&j, "new", q->run->code_new);
    json_text(&j, "uses", uses);
    json_close(&j, '}');
    return buf_text(&out);
}

/* Undoing back to before `phase`, if that is possible. */
static const char *way_back(struct inquiry *q, int phase)
{
    const struct program *program = &q->run->program;
    struct err ignored;
    bool past;

    for (int p = phase; p <= run_last_phase(q->run); p++)
        if (!store_past_return(&q->cli->pg, q->run, p, &past, &ignored) || past)
            return NULL;
    return arena_printf(q->arena, "orchestrate rollback %s --to %s", q->run->name,
                        phase > 0 ? program->phases[phase - 1].name : "start");
}

struct verdict {
    const char *gate, *version;
    const char *may, *may_not; /* "may ship", "may not ship" */
};

static bool new_code(struct inquiry *q, const struct verdict *v)
{
    int phase = new_from(q);
    const char *reason;

    if (phase < 0)
        return say(q, arena_printf(q->arena, "version %s %s: no phase has to be done before it",
                                   v->version, v->may)),
               true;
    if (is_done(q, phase))
        return say(q, arena_printf(q->arena, "version %s %s: it is new code, and %s is done",
                                   v->version, v->may, name_of(q, phase))),
               true;
    reason = arena_printf(q->arena, "it is new code, which has to wait for %s, and that is %s",
                          name_of(q, phase), state_of(q, phase));
    closed(
        q, v->gate, phase, arena_printf(q->arena, "version %s: %s", v->version, reason),
        evidence_of(q, v->version, "new"),
        arena_printf(q->arena, "orchestrate advance %s --to %s", q->run->name, name_of(q, phase)));
    say(q, arena_printf(q->arena, "version %s %s: %s", v->version, v->may_not, reason));
    return true;
}

static bool old_code(struct inquiry *q, const struct verdict *v)
{
    int phase = old_until(q);
    const char *reason;

    if (!has_begun(q, phase))
        return say(q, arena_printf(q->arena,
                                   "version %s %s: it is old code, which is served until %s begins",
                                   v->version, v->may, name_of(q, phase))),
               true;
    reason = arena_printf(q->arena, "it is old code, which is not served any more: %s is %s",
                          name_of(q, phase), state_of(q, phase));
    closed(q, v->gate, phase, arena_printf(q->arena, "version %s: %s", v->version, reason),
           evidence_of(q, v->version, "old"), way_back(q, phase));
    say(q, arena_printf(q->arena, "version %s %s: %s", v->version, v->may_not, reason));
    return true;
}

bool question_version(struct inquiry *q, const char *version, bool back, struct err *err)
{
    const struct verdict v = { .gate = back ? "rollback_to" : "app_version",
                               .version = version,
                               .may = back ? "may come back" : "may ship",
                               .may_not = back ? "may not come back" : "may not ship" };
    bool known, yes;
    const char *reason;

    if (!q->run->code_new) {
        cli_diagnose(
            q->cli, q->answer,
            (struct diagnostic){
                .severity = "warning",
                .code = "code-unknown",
                .message = arena_printf(q->arena,
                                        "plan %s does not say which versions are new code, so "
                                        "none is held",
                                        q->run->name),
                .hint = "Write `code: {new: \">=VERSION\"}` into the "
                        "plan." });
        return say(q, arena_printf(q->arena, "version %s %s: the plan says nothing against it",
                                   version, v.may)),
               true;
    }
    if (!store_is_new_code(&q->cli->pg, q->run, version, &known, &yes, err))
        return false;
    if (known)
        return yes ? new_code(q, &v) : old_code(q, &v);
    reason = arena_printf(q->arena, "it cannot be compared with %s", q->run->code_new);
    closed(q, v.gate, -1, arena_printf(q->arena, "version %s: %s", version, reason),
           evidence_of(q, version, NULL), NULL);
    say(q, arena_printf(q->arena, "version %s %s: %s", version, v.may_not, reason));
    return true;
}
