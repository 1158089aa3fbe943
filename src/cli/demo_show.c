#include "demo.h"

#include <inttypes.h>
#include <stdarg.h>
#include <unistd.h>

static bool wants_color(const struct cli *cli)
{
    const char *when = cli->options.color ? cli->options.color : "auto";
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

    if (strcmp(when, "auto") != 0)
        return strcmp(when, "always") == 0;
    return !(no && *no) && !(term && strcmp(term, "dumb") == 0) && isatty(STDOUT_FILENO);
}

void demo_show_init(struct demo_show *show, const struct cli *cli)
{
    *show = (struct demo_show){ .arena = cli->arena,
                                .silent = cli->options.json,
                                .color = wants_color(cli) };
}

static void write_text(const struct demo_show *show, const char *style, const char *text)
{
    if (show->silent)
        return;
    if (*style && show->color)
        printf("\033[%sm%s\033[0m", style, text);
    else
        fputs(text, stdout);
    fflush(stdout);
}

void demo_say(const struct demo_show *show, const char *fmt, ...)
{
    char text[2048];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    write_text(show, "", text);
}

void demo_title(const struct demo_show *show, const char *title)
{
    write_text(show, "1", arena_printf(show->arena, "\n%s\n", title));
}

void demo_explain(const struct demo_show *show, const char *text)
{
    struct buf out = BUF_IN(show->arena);

    report_wrap(&out, "  ", "  ", text);
    write_text(show, "", buf_text(&out));
}

void demo_typed(const struct demo_show *show, const char *fmt, ...)
{
    char text[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    write_text(show, "36", arena_printf(show->arena, "  $ orchestrate %s\n", text));
}

const char *demo_count(struct arena *arena, int64_t n)
{
    const char *digits = arena_printf(arena, "%" PRId64, n);
    size_t len = strlen(digits);
    struct buf out = BUF_IN(arena);

    for (size_t i = 0; i < len; i++)
        buf_addf(&out, "%s%c", i && (len - i) % 3 == 0 ? "," : "", digits[i]);
    return buf_text(&out);
}

const char *demo_ms(struct arena *arena, double ms)
{
    if (ms < 0)
        return "-";
    if (ms < 10)
        return arena_printf(arena, "%.1f ms", ms);
    if (ms < 1000)
        return arena_printf(arena, "%.0f ms", ms);
    return arena_printf(arena, "%.1f s", ms / 1000);
}

static int64_t wrong(const struct demo_step *step)
{
    return step->ledger.wrong + step->stats.wrong_reads;
}

static const char *by_kind(struct arena *arena, const struct traffic_stats *stats)
{
    struct buf out = BUF_IN(arena);

    for (enum client_kind kind = 0; kind < CLIENT_KIND_COUNT; kind++)
        if (stats->by_kind[kind])
            buf_addf(&out, "%s%s code %s", out.len ? ", " : "",
                     kind == CLIENT_BOTH ? "both-names" : client_kind_name(kind),
                     demo_count(arena, stats->by_kind[kind]));
    return buf_text(&out);
}

void demo_measured(const struct demo_show *show, const struct demo_step *step)
{
    struct arena *a = show->arena;
    const struct traffic_stats *s = &step->stats;
    bool bad = s->errors || wrong(step);

    demo_say(show, "    done     in %s", demo_ms(a, step->ms));
    if (step->rows)
        demo_say(show, "; %s rows moved", demo_count(a, step->rows));
    if (step->lock_ms >= 0)
        demo_say(show, "; table locked for %s", demo_ms(a, step->lock_ms));
    else
        demo_say(show, "; table never locked");
    demo_say(show, "\n    clients  %s statements (%s)\n", demo_count(a, s->statements),
             by_kind(a, s));
    write_text(show, bad ? "1;31" : "32",
               arena_printf(a,
                            "             %s errors; half within %s, 99 %% within %s, slowest %s\n",
                            demo_count(a, s->errors), demo_ms(a, s->p50_ms), demo_ms(a, s->p99_ms),
                            demo_ms(a, s->max_ms)));
    write_text(show, bad ? "1;31" : "32",
               arena_printf(a, "    ledger   %s writes so far, %s lost or wrong\n",
                            demo_count(a, step->ledger.writes), demo_count(a, wrong(step))));
    if (step->ledger.wrong)
        demo_say(show, "%s\n", step->ledger.first);
}

void demo_summary(const struct demo_show *show)
{
    struct arena *a = show->arena;

    demo_say(show, "  %-22s %8s %10s %9s %11s %7s %9s %9s\n", "", "took", "rows moved", "lock",
             "statements", "errors", "99 % in", "slowest");
    for (size_t i = 0; i < show->n_steps; i++) {
        const struct demo_step *s = &show->steps[i];
        bool undo = strcmp(s->command, "rollback") == 0;

        demo_say(show, "  %-22s %8s %10s %9s %11s %7s %9s %9s\n",
                 arena_printf(a, "%s%s", undo ? "undo of " : "", s->phase), demo_ms(a, s->ms),
                 s->rows ? demo_count(a, s->rows) : "-", demo_ms(a, s->lock_ms),
                 demo_count(a, s->stats.statements), demo_count(a, s->stats.errors),
                 demo_ms(a, s->stats.p99_ms), demo_ms(a, s->stats.max_ms));
    }
}

static void number(struct json *j, const char *key, double value)
{
    json_raw(j, key, arena_printf(j->out->arena, "%.1f", value));
}

void demo_json(struct buf *out, const struct demo_show *show, bool schema_equal)
{
    struct json j = { .out = out };

    json_bool(&j, "schema_equal", schema_equal);
    json_open(&j, "steps", '[');
    for (size_t i = 0; i < show->n_steps; i++) {
        const struct demo_step *s = &show->steps[i];

        json_open(&j, NULL, '{');
        json_text(&j, "command", s->command);
        json_text(&j, "phase", s->phase);
        number(&j, "ms", s->ms);
        if (s->lock_ms >= 0)
            number(&j, "lock_ms", s->lock_ms);
        else
            json_null(&j, "lock_ms");
        json_int(&j, "rows", s->rows);
        json_int(&j, "statements", s->stats.statements);
        json_int(&j, "errors", s->stats.errors);
        if (s->ledger_kept) {
            number(&j, "p99_ms", s->stats.p99_ms);
            number(&j, "slowest_ms", s->stats.max_ms);
            json_int(&j, "writes", s->ledger.writes);
            json_int(&j, "wrong", wrong(s));
        }
        json_close(&j, '}');
    }
    json_close(&j, ']');
}
