/*
 * What holds a phase, and what somebody has to do about it.
 */
#include <ctype.h>
#include <inttypes.h>

#include "orchestrate/base/text.h"
#include "orchestrate/report/report.h"

/* "2026-01-02T03:04:05" */
enum { ISO_SECONDS = 19 };

const char *report_moment(struct arena *arena, const char *iso)
{
    if (!iso)
        return "";
    if (strlen(iso) < ISO_SECONDS)
        return iso;
    return arena_printf(arena, "%.10s %.8sZ", iso, iso + 11);
}

/* The length of the ISO 8601 time in UTC that `text` begins with; 0: it does not. */
static size_t iso_length(const char *text)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd";
    size_t n = 0;

    for (; form[n]; n++)
        if (form[n] == 'd' ? !isdigit((unsigned char)text[n]) : text[n] != form[n])
            return 0;
    if (text[n] == '.')
        do
            n++;
        while (isdigit((unsigned char)text[n]));
    return text[n] == 'Z' ? n + 1 : 0;
}

const char *report_moments(struct arena *arena, const char *text)
{
    struct buf out = BUF_IN(arena);

    while (text && *text) {
        size_t len = iso_length(text);

        if (len)
            buf_add(&out, report_moment(arena, text));
        else
            buf_addn(&out, text, len = 1);
        text += len;
    }
    return buf_text(&out);
}

const char *report_thousands(struct arena *arena, int64_t n)
{
    const char *digits = arena_printf(arena, "%" PRId64, n);
    size_t len = strlen(digits);
    struct buf out = BUF_IN(arena);

    for (size_t i = 0; i < len; i++)
        buf_addf(&out, "%s%c", i && (len - i) % 3 == 0 ? "," : "", digits[i]);
    return buf_text(&out);
}

static bool is_closed(const struct gate_answer *a)
{
    return !a->open && !a->overridden;
}

static bool is_gate(const struct gate_answer *a, const char *name)
{
    return strcmp(a->gate, name) == 0;
}

/* An open gate may have something to say, too. */
static void open_gate(struct buf *out, const char *indent, const struct gate_answer *a)
{
    const char *how = a->overridden ? "overridden" : "open";

    if (a->reason && *a->reason)
        report_wrap(out, arena_printf(out->arena, "%snote: ", indent),
                    arena_printf(out->arena, "%s  ", indent),
                    arena_printf(out->arena, "gate %s is %s: %s", a->gate, how,
                                 report_moments(out->arena, a->reason)));
}

static void closed_gate(struct buf *out, const char *indent, const struct gate_answer *a)
{
    report_wrap(out, arena_printf(out->arena, "%sheld by ", indent),
                arena_printf(out->arena, "%s  ", indent),
                arena_printf(out->arena, "%s: %s", a->gate,
                             a->reason ? report_moments(out->arena, a->reason) : "closed"));
}

/* The last of the times that have to be waited for. */
static const struct gate_answer *longest_wait(const struct gate_answer *answers, size_t n)
{
    const struct gate_answer *longest = NULL;

    for (size_t i = 0; i < n; i++)
        if (is_closed(&answers[i]) && answers[i].until &&
            (!longest || strcmp(answers[i].until, longest->until) > 0))
            longest = &answers[i];
    return longest;
}

/* What comes before the command that goes on. */
static void before_that(struct buf *out, const char *indent, const struct gate_answer *answers,
                        size_t n)
{
    const struct gate_answer *wait = longest_wait(answers, n);

    for (size_t i = 0; i < n; i++) {
        const struct gate_answer *a = &answers[i];

        if (!is_closed(a) || a->until || is_gate(a, "consent"))
            continue;
        if (a->next_command && !text_starts(a->next_command, "orchestrate advance"))
            buf_addf(out, "%s  %s\n", indent, a->next_command);
        else
            buf_addf(out, "%s  see to what gate %s says\n", indent, a->gate);
    }
    if (wait)
        buf_addf(out, "%s  wait until %s%s\n", indent, report_moment(out->arena, wait->until),
                 wait->wait_ms > 0
                     ? arena_printf(out->arena, " (in %s)", text_elapsed(out->arena, wait->wait_ms))
                     : "");
}

/* One command for all that can be passed; "" when something else is in the way. */
static const char *overrides(struct arena *arena, const struct gate_answer *answers, size_t n)
{
    struct buf out = BUF_IN(arena);

    for (size_t i = 0; i < n; i++) {
        const struct gate_answer *a = &answers[i];

        if (!is_closed(a) || is_gate(a, "consent") || is_gate(a, "paused"))
            continue;
        if (!a->overridable)
            return "";
        buf_addf(&out, " --override %s", a->gate);
    }
    return buf_text(&out);
}

static void what_to_do(struct buf *out, const char *indent, const struct run *run,
                       const struct gate_answer *answers, size_t n)
{
    const char *passed = overrides(out->arena, answers, n), *confirm = "";

    for (size_t i = 0; i < n; i++)
        if (is_closed(&answers[i]) && is_gate(&answers[i], "consent"))
            confirm = arena_printf(out->arena, " --confirm %s", run->name);
    buf_addf(out, "%sto go on:\n", indent);
    before_that(out, indent, answers, n);
    buf_addf(out, "%s  orchestrate advance %s%s\n", indent, run->name, confirm);
    if (*passed)
        buf_addf(out,
                 "%sor, if there is a reason not to wait for that:\n"
                 "%s  orchestrate advance %s%s%s --because TEXT\n",
                 indent, indent, run->name, confirm, passed);
}

void report_held_text(struct buf *out, const char *indent, const struct run *run,
                      const struct gate_answer *answers, size_t n, bool notes)
{
    size_t closed = 0;

    for (size_t i = 0; i < n; i++)
        if (is_closed(&answers[i])) {
            closed_gate(out, indent, &answers[i]);
            closed++;
        }
    if (closed)
        what_to_do(out, indent, run, answers, n);
    for (size_t i = 0; notes && i < n; i++)
        if (!is_closed(&answers[i]))
            open_gate(out, indent, &answers[i]);
}
