#include "history_text.h"

#include "orchestrate/base/json_read.h"
#include "orchestrate/base/text.h"
#include "orchestrate/report/report.h"

/* What the steps of a phase took. */
struct measures {
    size_t steps;
    double ms, lock_ms; /* lock_ms < 0: no strong lock was held */
    int64_t rows;
};

static bool is_move(const struct history_row *row)
{
    return strcmp(row->kind, "transition") == 0;
}

static bool is_step(const struct history_row *row)
{
    return text_same(row->kind, "step_done") || text_same(row->kind, "step_undone");
}

static bool moves_to(const struct history_row *row, const char *state)
{
    return is_move(row) && text_same(row->to, state);
}

static void measure(struct arena *arena, const struct history_row *row, struct measures *m)
{
    double lock_ms = json_number(arena, row->detail, "lock_ms", -1);

    m->steps++;
    m->ms += json_number(arena, row->detail, "ms", 0);
    m->rows += (int64_t)json_number(arena, row->detail, "rows", 0);
    if (lock_ms > m->lock_ms)
        m->lock_ms = lock_ms;
}

/* An undo may be that of two phases: both have ended before its step is told of. */
static bool ends_search(const struct history_row *row, const struct history_row *end)
{
    if (!is_move(row))
        return false;
    return !moves_to(end, "undone") || moves_to(row, "running") ||
           text_same(row->phase, end->phase);
}

/*
 * The steps of the phase that ends with row `i`: back to where it was entered, and
 * on to the next move, since a step is told of after the commit that it is part of.
 */
static struct measures measures_of(struct arena *arena, const struct history_row *rows, size_t n,
                                   size_t i)
{
    struct measures m = { .lock_ms = -1 };
    const char *began = moves_to(&rows[i], "undone") ? "undoing" : "running";

    for (size_t k = i; k-- > 0 && !moves_to(&rows[k], began);)
        if (is_step(&rows[k]))
            measure(arena, &rows[k], &m);
    for (size_t k = i + 1; k < n && !ends_search(&rows[k], &rows[i]); k++)
        if (is_step(&rows[k]) && text_same(rows[k].phase, rows[i].phase))
            measure(arena, &rows[k], &m);
    return m;
}

/* Puts one more into the brackets behind a line. */
static void add(struct buf *list, const char *text)
{
    if (text && *text)
        buf_addf(list, "%s%s", list->len ? ", " : "", text);
}

static void add_measures(struct buf *list, const struct measures *m)
{
    struct arena *arena = list->arena;

    if (!m->steps)
        return;
    add(list, text_elapsed(arena, m->ms));
    if (m->lock_ms >= 0)
        add(list, arena_printf(arena, "strong lock held for %s", text_elapsed(arena, m->lock_ms)));
    if (m->rows > 0)
        add(list, arena_printf(arena, "%s rows written", report_thousands(arena, m->rows)));
}

static void in_brackets(struct buf *out, const struct buf *list)
{
    if (list->len)
        buf_addf(out, " (%s)", buf_text(list));
}

static void add_deploy(struct buf *list, const struct history_row *row)
{
    const char *id = json_member(list->arena, row->detail, "deploy_id");

    if (id)
        add(list, arena_printf(list->arena, "deploy %s", id));
}

/* --- moves ----------------------------------------------------------------- */

/* A phase was entered: nothing to tell when its end follows in the same second. */
static bool is_folded(const struct history_row *rows, size_t n, size_t i)
{
    static const size_t seconds = 19; /* of "2026-01-02T03:04:05" */

    if (moves_to(&rows[i], "pending"))
        return rows[i].from != NULL;
    if (!moves_to(&rows[i], "running") && !moves_to(&rows[i], "undoing"))
        return false;
    for (size_t k = i + 1; k < n; k++)
        if (is_move(&rows[k]))
            return strncmp(rows[k].at, rows[i].at, seconds) == 0;
    return false;
}

static const char *move_words(struct arena *arena, const struct history_row *row)
{
    const char *error = json_member(arena, row->detail, "error");

    if (!row->from)
        return "the plan is started";
    if (text_same(row->to, "running"))
        return arena_printf(arena, "%s %s", row->phase,
                            text_same(row->from, "failed") ? "goes on" : "begins");
    if (text_same(row->to, "undoing"))
        return arena_printf(arena, "the undo of %s begins", row->phase);
    if (text_same(row->to, "failed"))
        return arena_printf(arena, "%s failed: %s", row->phase, error ? error : "no reason given");
    return arena_printf(arena, "%s %s", row->phase, row->to);
}

static void move_line(struct buf *out, const struct history_row *rows, size_t n, size_t i)
{
    struct buf list = BUF_IN(out->arena);
    const struct history_row *row = &rows[i];
    const char *because = json_member(out->arena, row->detail, "because");
    bool undone = moves_to(row, "undone");
    struct measures m;

    buf_add(out, move_words(out->arena, row));
    if (moves_to(row, "done") || undone) {
        m = measures_of(out->arena, rows, n, i);
        add_measures(&list, &m);
    }
    if (!moves_to(row, "failed"))
        add_deploy(&list, row);
    if (undone && because)
        add(&list, arena_printf(out->arena, "because: %s", because));
    in_brackets(out, &list);
}

/* --- events ---------------------------------------------------------------- */

/* A step of several; that of a phase with one step says what the phase says. */
static void step_line(struct buf *out, const struct history_row *row)
{
    struct buf list = BUF_IN(out->arena);
    struct measures m = { .lock_ms = -1 };
    const char *instead = json_member(out->arena, row->detail, "instead");

    measure(out->arena, row, &m);
    if (instead) {
        buf_addf(out, "  step %s: %s", row->step, instead);
        return;
    }
    add_measures(&list, &m);
    buf_addf(out, "  step %s %s", row->step, text_same(row->kind, "step_done") ? "done" : "undone");
    in_brackets(out, &list);
}

/* Any event: its kind, and what is known of it. */
static void other_line(struct buf *out, const struct history_row *row)
{
    struct buf list = BUF_IN(out->arena);
    const char *at = row->detail, *key, *value;

    while (json_next(out->arena, &at, &key, &value))
        add(&list, arena_printf(out->arena, "%s: %s", key, value));
    buf_addf(out, "%s%s", row->phase ? row->phase : "", row->phase ? ": " : "");
    for (const char *c = row->kind; *c; c++)
        buf_addn(out, *c == '_' ? " " : c, 1);
    in_brackets(out, &list);
}

/*
 * {name} stands for a member of the detail, {phase} for the phase; what stands
 * between [ and ] is left out when the member in it is not there.
 */
static const struct {
    const char *kind, *words;
} events[] = {
    { "accepted", "accepted {code}: {because}" },
    { "adopted", "adopted by database {database}; before it belonged to {before}[: {because}]" },
    { "approval_revoked", "approval of {phase} taken back[: {because}]" },
    { "approved", "{phase} approved[: {because}]" },
    { "consented", "consent to {phase}, which cannot be undone[: {because}]" },
    { "deploy_confirmed", "deploy {deploy_id} ended: {status}[, version {version}]" },
    { "deploy_held", "deploy {deploy_id} takes no step: {because}" },
    { "forgotten", "given up as it stands[: {because}]" },
    { "gates_off", "gates of the plan are off in environment {environment}: {gates}" },
    { "override", "gate {gate} of {phase} overridden[, because: {because}][; it said: {reason}]" },
    { "paused", "paused[: {because}]" },
    { "plan_changed", "the plan was changed: {changed}" },
    { "plan_edited", "the plan's description, owner or ticket was edited[: {description}]" },
    { "resumed", "resumed[: {because}]" },
    { "set", "{key} is set to {new}; it was {old}" },
    { "undo_failed", "undo failed[: {error}]" },
};

static const char *member(struct arena *arena, const struct history_row *row, const char *name)
{
    return strcmp(name, "phase") == 0 ? row->phase : json_member(arena, row->detail, name);
}

static void fill_in(struct buf *out, const struct history_row *row, const char *words,
                    const char *end)
{
    while (words < end) {
        const char *close = *words == '[' ? strchr(words, ']') : strchr(words, '}');
        const char *open = strchr(words, '{'), *value;

        if (*words != '[' && *words != '{') {
            buf_addn(out, words++, 1);
            continue;
        }
        value =
            member(out->arena, row, arena_strndup(out->arena, open + 1, strcspn(open + 1, "}")));
        if (*words == '{')
            buf_add(out, value ? value : "?");
        else if (value)
            fill_in(out, row, words + 1, close);
        words = close + 1;
    }
}

static void event_line(struct buf *out, const struct history_row *row)
{
    for (size_t i = 0; i < ARRAY_LEN(events); i++)
        if (strcmp(events[i].kind, row->kind) == 0) {
            fill_in(out, row, events[i].words, events[i].words + strlen(events[i].words));
            return;
        }
    other_line(out, row);
}

/* --- the whole ------------------------------------------------------------- */

/*
 * "  2026-01-02 03:04:05Z  bob           expand done (20 ms)"
 * However long, one line each: `history | grep` has to show all of it.
 */
static void line(struct buf *out, const struct history_row *row, const char *at,
                 const struct buf *words)
{
    const char *text = report_moments(out->arena, buf_text(words));

    buf_addf(out, "  %s  %-12s  ", report_moment(out->arena, at), row->actor ? row->actor : "");
    for (text += strspn(text, " "); *text; text++)
        buf_addf(out, "%c", *text == '\n' ? ' ' : *text);
    buf_add(out, "\n");
}

static void tell(struct buf *out, const struct history_row *rows, size_t n, size_t i,
                 const char *at)
{
    struct buf words = BUF_IN(out->arena);

    if (is_move(&rows[i]))
        move_line(&words, rows, n, i);
    else if (is_step(&rows[i]))
        step_line(&words, &rows[i]);
    else
        event_line(&words, &rows[i]);
    line(out, &rows[i], at, &words);
}

/* The end of a phase is recorded before its last step is told of; here it comes after. */
static size_t steps_behind(const struct history_row *rows, size_t n, size_t i)
{
    size_t steps = 0;

    if (!moves_to(&rows[i], "done") && !moves_to(&rows[i], "undone"))
        return 0;
    while (i + 1 + steps < n && is_step(&rows[i + 1 + steps]) &&
           text_same(rows[i + 1 + steps].phase, rows[i].phase))
        steps++;
    return steps;
}

/*
 * Does the phase of step row `i` have others in this round?  That nothing had to be done is
 * told of a single one, too.
 */
static bool is_one_of_several(const struct history_row *rows, size_t n, size_t i)
{
    CLEANUP(arena) struct arena arena = { 0 };

    if (json_member(&arena, rows[i].detail, "instead"))
        return true;
    for (size_t k = i; k-- > 0 && !moves_to(&rows[k], "running") && !moves_to(&rows[k], "undoing");)
        if (is_step(&rows[k]))
            return true;
    for (size_t k = i + 1;
         k < n && !moves_to(&rows[k], "running") && !moves_to(&rows[k], "undoing"); k++)
        if (is_step(&rows[k]))
            return true;
    return false;
}

void history_text(struct buf *out, const struct history_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t behind = steps_behind(rows, n, i);

        for (size_t k = i + 1; k <= i + behind; k++)
            if (is_one_of_several(rows, n, k))
                tell(out, rows, n, k, rows[i].at);
        if (is_step(&rows[i]) ? is_one_of_several(rows, n, i) : !is_folded(rows, n, i))
            tell(out, rows, n, i, rows[i].at);
        i += behind;
    }
}
