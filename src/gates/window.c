#include "orchestrate/gates/window.h"

#include <string.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/base/text.h"

enum { DAYS = 7, DAY_LETTERS = 3, TIME_LETTERS = 5, MINUTES = 24 * 60 };

static const char *const days[DAYS] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

/* Moves *p behind the day that stands there; -1: none does. */
static int day_read(const char **p)
{
    for (int i = 0; i < DAYS; i++)
        if (text_starts(*p, days[i]))
            return *p += DAY_LETTERS, i;
    return -1;
}

static int two_digits(const char *p)
{
    return (p[0] - '0') * 10 + (p[1] - '0');
}

/* "09:00", up to "24:00", in minutes; -1: no time. */
static int time_read(const char **p)
{
    static const char form[] = "dd:dd";
    int minutes;

    for (int i = 0; i < TIME_LETTERS; i++)
        if (form[i] == 'd' ? !strchr("0123456789", (*p)[i]) || !(*p)[i] : (*p)[i] != form[i])
            return -1;
    minutes = two_digits(*p) * 60 + two_digits(*p + 3);
    if (two_digits(*p + 3) >= 60 || minutes > MINUTES)
        return -1;
    *p += TIME_LETTERS;
    return minutes;
}

struct window {
    int first, last; /* days */
    int from, to;    /* minutes */
};

static void blanks(const char **p)
{
    *p += strspn(*p, " ");
}

/* Reads "Mon-Thu ", if it is there. */
static bool days_read(const char **p, struct window *w, const char **why)
{
    w->first = 0;
    w->last = DAYS - 1;
    if (!**p || strchr("0123456789", **p))
        return true;
    w->first = w->last = day_read(p);
    if (w->first >= 0 && **p == '-') {
        ++*p;
        w->last = day_read(p);
    }
    if (w->first < 0 || w->last < 0)
        return *why = "days are Mon, Tue, Wed, Thu, Fri, Sat, Sun", false;
    if (**p != ' ')
        return *why = "behind the days come a blank and the times", false;
    blanks(p);
    return true;
}

static bool times_read(const char **p, struct window *w, const char **why)
{
    w->from = time_read(p);
    if (w->from >= 0 && **p == '-') {
        ++*p;
        w->to = time_read(p);
    } else {
        w->to = -1;
    }
    if (w->from < 0 || w->to < 0)
        return *why = "times are written 09:00-16:00", false;
    if (w->from == MINUTES)
        return *why = "a window begins at 23:59 at the latest", false;
    if (w->from == w->to)
        return *why = "it ends when it begins; the whole day is 00:00-24:00", false;
    return true;
}

static const char *window_text(struct arena *arena, const struct window *w)
{
    const char *last = w->first == w->last ? "" : arena_printf(arena, "-%s", days[w->last]);

    return arena_printf(arena, "%s%s %02d:%02d-%02d:%02d", days[w->first], last, w->from / 60,
                        w->from % 60, w->to / 60, w->to % 60);
}

bool windows_parse(struct arena *arena, const char *text, const char ***windows, size_t *n,
                   const char **why)
{
    for (;;) {
        struct window w;

        blanks(&text);
        if (!*text || *text == ',')
            return *why = "a window is missing", false;
        if (!days_read(&text, &w, why) || !times_read(&text, &w, why))
            return false;
        blanks(&text);
        *ARENA_PUSH(arena, *windows, *n) = window_text(arena, &w);
        if (!*text)
            return true;
        if (*text != ',')
            return *why = "several windows are separated by commas", false;
        text++;
    }
}
