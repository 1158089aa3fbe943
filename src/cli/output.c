#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "orchestrate/base/log.h"

static bool colored(const struct cli *cli)
{
    const char *when = cli->options.color ? cli->options.color : "auto";
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

    if (strcmp(when, "auto") != 0)
        return strcmp(when, "always") == 0;
    return !(no && *no) && !(term && strcmp(term, "dumb") == 0) && isatty(STDERR_FILENO);
}

/* file:line:column; a text about a file as a whole names it itself. */
static const char *position(struct arena *arena, const struct src_pos *at)
{
    if (!at->file || !at->line)
        return "";
    return arena_printf(arena, "%s:%d:%d: ", at->file, at->line, at->column);
}

/*
 * Until we are connected a message may repeat the URL.  After that the server
 * speaks, which does not know the password: masking each word that happens to
 * equal it would only make names unreadable.
 */
static const char *clean(struct cli *cli, const char *text)
{
    return cli->pg.role ? text : pg_redact(cli->arena, text, cli->url);
}

/* What people and databases put into reasons and names must not steer a terminal. */
static const char *tame(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);

    for (char *c = copy; *c; c++)
        if (((unsigned char)*c < ' ' && *c != '\n' && *c != '\t') || *c == 0x7f)
            *c = '?';
    return copy;
}

static void message(struct cli *cli, const char *severity, const struct src_pos *at,
                    const char *text, const char *hint)
{
    bool color = colored(cli), error = strcmp(severity, "error") == 0;
    const char *prefix = error ? "orchestrate: " : arena_printf(cli->arena, "%s: ", severity);
    const char *on = !color ? "" : error ? "\033[1;31m" : "\033[1;33m";

    fprintf(stderr, "%s%s%s%s%s\n", on, prefix, color ? "\033[0m" : "", position(cli->arena, at),
            tame(cli->arena, report_moments(cli->arena, clean(cli, text))));
    if (hint && *hint)
        fprintf(stderr, "hint: %s\n",
                tame(cli->arena, report_moments(cli->arena, clean(cli, hint))));
}

/* A diagnostic said it already. */
static bool already_said(const struct answer *answer)
{
    for (size_t i = 0; i < answer->n_diagnostics; i++)
        if (strcmp(answer->diagnostics[i].message, answer->err.text) == 0)
            return true;
    return false;
}

static void problems(struct cli *cli, const struct answer *answer)
{
    for (size_t i = 0; i < answer->n_diagnostics; i++) {
        const struct diagnostic *d = &answer->diagnostics[i];

        if (strcmp(d->severity, "error") == 0 || log_level_get() >= LOG_NORMAL)
            message(cli, d->severity, &d->at, d->message, d->hint);
    }
    if (answer->err.code != ERR_NONE && !already_said(answer))
        message(cli, "error", &answer->err.at, answer->err.text, answer->err.hint);
    for (size_t i = 0; i < answer->n_results; i++)
        problems(cli, &answer->results[i]);
}

static bool write_out(const char *text)
{
    return fputs(text, stdout) >= 0 && fflush(stdout) == 0;
}

void output_event(const char *plan, const struct event *event)
{
    CLEANUP(arena) struct arena arena = { 0 }; /* a backfill has many */
    struct buf json = BUF_IN(&arena);

    report_event_json(&json, plan, event);
    /* Whoever does not listen any more changes nothing; output_result will notice. */
    write_out(buf_text(&json));
}

/* A right on the tables is missing; what is missing in the state schema has a hint of its own. */
void output_hint_denied(const struct cli *cli, struct err *err)
{
    if (cli->pg.role && strcmp(err->sqlstate, "42501") == 0 && !*err->hint)
        err_hint(err, "What role %s lacks: orchestrate doctor", cli->pg.role);
}

/* One of several runs lacks it just as well. */
static void hint_all(const struct cli *cli, struct answer *answer)
{
    struct answer *results = arena_alloc(cli->arena, (answer->n_results + 1) * sizeof *results);

    output_hint_denied(cli, &answer->err);
    for (size_t i = 0; i < answer->n_results; i++) {
        results[i] = answer->results[i];
        output_hint_denied(cli, &results[i].err);
    }
    if (answer->n_results)
        answer->results = results;
}

int output_result(struct cli *cli)
{
    struct buf json = BUF_IN(cli->arena);
    int status = answer_status(&cli->answer);
    bool ok;

    hint_all(cli, &cli->answer);
    problems(cli, &cli->answer);
    if (cli->options.json) {
        report_answer_json(&json, &cli->answer);
        ok = write_out(clean(cli, buf_text(&json)));
    } else {
        ok = write_out(tame(cli->arena, buf_text(&cli->text)));
    }
    /* Whoever closed the pipe has seen enough; a full disk has not. */
    if (!ok && errno != EPIPE) {
        fprintf(stderr, "orchestrate: the result could not be written: %s\n", strerror(errno));
        return status ? status : 78;
    }
    return status;
}
