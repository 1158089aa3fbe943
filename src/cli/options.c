#include "options.h"

#include <string.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/base/text.h"

#define AT(member) offsetof(struct options, member)

/* clang-format off */
static const struct option_row rows[] = {
    /* name         letter kind            value       choices              at               commands            doc */
    { "accept-plan-change", 0, OPTION_FLAG, NULL,   NULL,                AT(accept_plan_change), "advance pause resume rollback start", "take over what the file changes in settings, and in phases that have not begun (their gates; steps that the plan brings itself); recorded" },
    { "adopt",        0,   OPTION_FLAG,     NULL,      NULL,                AT(adopt),       "repair",           "let the run go on in this database, with the tables that are here" },
    { "again",        0,   OPTION_FLAG,     NULL,      NULL,                AT(again),       "start",            "begin anew a plan that was undone" },
    { "app",          0,   OPTION_TEXT,     "NAME",    NULL,                AT(app),         "advance gate status", "only plans of this app; without PLAN" },
    { "app",          0,   OPTION_TEXT,     "NAME",    NULL,                AT(app),         "confirm",          "the app that was deployed" },
    { "app",          0,   OPTION_TEXT,    "NAME",    NULL,                AT(app),         "new",              "whose deploys step the plan" },
    { "app-version",  0,   OPTION_TEXT,     "VERSION", NULL,                AT(app_version), "confirm",          "the version that was deployed" },
    { "app-version",  0,   OPTION_TEXT,     "VERSION", NULL,                AT(app_version), "gate",             "may this version of the app ship?" },
    { "because",      0,   OPTION_TEXT,     "TEXT",    NULL,                AT(because),     "advance approve pause repair resume rollback", "why; it is recorded" },
    { "color",        0,   OPTION_CHOICE,   "WHEN",    "auto|always|never", AT(color),       NULL,               "colours in what people read; NO_COLOR is obeyed" },
    { "config",       0,   OPTION_TEXT,     "FILE",    NULL,                AT(config),      NULL,               "instead of the orchestrate.yaml of this folder, or of one above it in the repository" },
    { "confirm",      0,   OPTION_TEXT,     "NAME",    NULL,                AT(confirm),     "advance",          "the plan's name: consent to a phase that cannot be undone" },
    { "confirm",      0,   OPTION_TEXT,     "NAME",    NULL,                AT(confirm),     "approve",          "the plan's name: consent beforehand to a phase that cannot be undone" },
    { "confirm",      0,   OPTION_TEXT,     "NAME",    NULL,                AT(confirm),     "rollback",         "the plan's name: consent to an undo that loses values" },
    { "confirm",      0,   OPTION_TEXT,     "NAME",    NULL,                AT(confirm),     "repair",           "the plan's name: what was found is understood" },
    { "continue",     0,   OPTION_FLAG,     NULL,      NULL,                AT(finish),      "advance",          "finish the phase under way and start none; for workers beside the hook" },
    { "deploy-id",    0,   OPTION_TEXT,     "ID",      NULL,                AT(deploy_id),   "advance",          "the deploy that this call belongs to: repeated, it does not step twice; `none`: do not take it from the CI system" },
    { "deploy-id",    0,   OPTION_TEXT,     "ID",      NULL,                AT(deploy_id),   "confirm",          "the deploy that has ended" },
    { "description",  0,   OPTION_TEXT,    "TEXT",    NULL,                AT(description), "new",              "what the plan is for; else it is made from the fields" },
    { "detailed-exitcode", 0, OPTION_FLAG,  NULL,      NULL,                AT(detailed_exitcode), "advance",    "exit with 4 when a phase is still in progress" },
    { "detailed-exitcode", 0, OPTION_FLAG,  NULL,      NULL,                AT(detailed_exitcode), "status",     "exit with 2 when work is due, with 4 while a process is at work" },
    { "done",         0,   OPTION_TEXT,     "PHASE",   NULL,                AT(done),        "gate",             "is this phase finished?" },
    { "dry-run",      0,   OPTION_FLAG,     NULL,      NULL,                AT(dry_run),     "advance plan rollback start", "say what would be done, and touch nothing" },
    { "env",          0,   OPTION_TEXT,     "NAME",    NULL,                AT(env),         NULL,               "the environment of orchestrate.yaml that is meant; else ORCHESTRATE_ENV" },
    { "fail-if-held", 0,   OPTION_FLAG,     NULL,      NULL,                AT(fail_if_held), "advance",         "exit with 3 when a gate holds the plan" },
    { "fail-on",      0,   OPTION_CHOICE,   "RISK",    "LOW|MEDIUM|HIGH",   AT(fail_on),     "plan",             "exit with 5 when the risk is this high or higher" },
    { "fast",         0,   OPTION_FLAG,     NULL,      NULL,                AT(fast),        "advance",          "no pauses in a backfill" },
    { "force",        0,   OPTION_FLAG,    NULL,      NULL,                AT(force),       "new",              "overwrite the file" },
    { "forget",       0,   OPTION_FLAG,     NULL,      NULL,                AT(forget),      "repair",           "end the run as it stands; what it made stays in the schema" },
    { "format",       0,   OPTION_CHOICE,   "FORMAT",  "text|markdown|json", AT(format),     "plan",             "how the report is written" },
    { "help",        'h',  OPTION_FLAG,     NULL,      NULL,                AT(help),        NULL,               "what a command does, and its options" },
    { "history",      0,   OPTION_FLAG,     NULL,      NULL,                AT(history),     "verify",           "check the record, too: that nobody has changed or removed a row of it" },
    { "hold",         0,   OPTION_TEXT,     "REASON",  NULL,                AT(hold),        "advance",          "record the deploy as one that takes no step, e.g. a hotfix, and start nothing" },
    { "json",         0,   OPTION_MAYBE,    "HOW",     "stream",            AT(json),        NULL,               "one JSON object on stdout, for success and failure alike; --json=stream: before it each event as it happens, one per line" },
    { "max-time",     0,   OPTION_DURATION, "TIME",    NULL,                AT(max_time),    "advance",          "stop at a safe point after this long (30s, 10m); the same command continues" },
    { "name",         0,   OPTION_TEXT,    "NAME",    NULL,                AT(name),        "new",              "of the plan; else it is made from the fields" },
    { "output",       0,   OPTION_TEXT,    "FILE",    NULL,                AT(output),      "new",              "the file to write, `-`: to stdout; else NAME.yaml in this folder" },
    { "override",     0,   OPTION_LIST,     "GATE",    NULL,                AT(overrides),   "advance",          "take this gate as open; wants --because; may be repeated" },
    { "owner",        0,   OPTION_TEXT,    "NAME",    NULL,                AT(owner),       "new",              "who answers for the plan" },
    { "phase",        0,   OPTION_TEXT,     "PHASE",   NULL,                AT(phase),       "gate",             "may this phase start? Without any question: may the next one?" },
    { "quiet",       'q',  OPTION_FLAG,     NULL,      NULL,                AT(quiet),       NULL,               "no log on stderr, only errors" },
    { "revoke",       0,   OPTION_FLAG,     NULL,      NULL,                AT(revoke),      "approve",          "take back what was approved" },
    { "rollback-to",  0,   OPTION_TEXT,     "VERSION", NULL,                AT(rollback_to), "gate",             "may this version of the app come back?" },
    { "status",       0,   OPTION_CHOICE,   "STATUS",  "success|failed|cancelled|skipped|rolled_back", AT(status), "confirm", "how it ended" },
    { "ticket",       0,   OPTION_TEXT,    "ID",      NULL,                AT(ticket),      "new",              "why it is done, as it is filed elsewhere" },
    { "to",           0,   OPTION_TEXT,     "PHASE",   NULL,                AT(to),          "advance",          "carry on through this phase; `deploy`: up to the next deploy mark" },
    { "to",           0,   OPTION_TEXT,     "PHASE",   NULL,                AT(to),          "rollback",         "the last phase that stays done; `start`: undo all" },
    { "url",          0,   OPTION_TEXT,     "URL",     NULL,                AT(url),         NULL,               "the database; else ORCHESTRATE_DATABASE_URL, that of --env, DATABASE_URL, then libpq's PG* variables" },
    { "verbose",     'v',  OPTION_COUNT,    NULL,      NULL,                AT(verbose),     NULL,               "more detail, of gates and in dry runs; twice: all SQL that is sent, on stderr" },
    { "version",      0,   OPTION_FLAG,     NULL,      NULL,                AT(version),     NULL,               "the version" },
    { "wait",         0,   OPTION_DURATION, "TIME",    NULL,                AT(wait),        "gate",             "ask again for so long, until all is open (30s, 10m)" },
};
/* clang-format on */

enum { ROW_COUNT = ARRAY_LEN(rows) };

const struct option_row *options_table(size_t *count)
{
    *count = ROW_COUNT;
    return rows;
}

bool option_is_for(const struct option_row *row, const char *command)
{
    const char *word = row->commands;
    size_t len = command ? strlen(command) : 0;

    if (!word)
        return true;
    while (len && (word = strstr(word, command))) {
        if ((word == row->commands || word[-1] == ' ') && (!word[len] || word[len] == ' '))
            return true;
        word += len;
    }
    return false;
}

/* The command's own row, else any of that name. */
static const struct option_row *by_name(const char *name, size_t len, const char *command)
{
    const struct option_row *other = NULL;

    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (strlen(rows[i].name) != len || strncmp(rows[i].name, name, len) != 0)
            continue;
        if (option_is_for(&rows[i], command))
            return &rows[i];
        other = &rows[i];
    }
    return other;
}

static const struct option_row *by_letter(char letter)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (letter && rows[i].letter == letter)
            return &rows[i];
    return NULL;
}

static bool takes_value(const struct option_row *row)
{
    return row->kind != OPTION_FLAG && row->kind != OPTION_COUNT && row->kind != OPTION_MAYBE;
}

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1];
}

/* The next word, when it can be a value: `--to --json` has forgotten one. */
static char *value_word(int argc, char **argv, int i)
{
    return i + 1 < argc && !text_starts(argv[i + 1], "--") ? argv[i + 1] : NULL;
}

/* Is the value of option argv[i] a word of its own? */
static bool has_value_word(int argc, char **argv, int i)
{
    const struct option_row *row;
    size_t len = strcspn(argv[i], "=");

    if (!text_starts(argv[i], "--"))
        return false; /* no letter takes a value */
    row = by_name(argv[i] + 2, len - 2, NULL);
    return row && takes_value(row) && !argv[i][len] && value_word(argc, argv, i);
}

static void seen(struct cli_words *words, const char *word)
{
    if (strcmp(word, "--json") == 0)
        words->json = "";
    if (strcmp(word, "--json=stream") == 0)
        words->json = "stream";
    words->help |= strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
    words->version |= strcmp(word, "--version") == 0;
}

void options_scan(struct arena *arena, int argc, char **argv, struct cli_words *words)
{
    bool only_args = false;

    *words = (struct cli_words){ 0 };
    for (int i = 1; i < argc; i++) {
        if (!only_args && strcmp(argv[i], "--") == 0) {
            only_args = true;
        } else if (!only_args && is_option(argv[i])) {
            seen(words, argv[i]);
            i += has_value_word(argc, argv, i);
        } else if (!words->command) {
            words->command = argv[i];
        } else {
            *ARENA_PUSH(arena, words->args, words->n_args) = argv[i];
        }
    }
}

struct parse {
    struct arena *arena;
    const char *command;
    struct options *options;
    bool given[ROW_COUNT];
    struct err *err;
};

static bool usage_hint(struct parse *p)
{
    return err_hint(p->err, p->command ? "See `orchestrate help %s`." : "See `orchestrate help`.",
                    p->command);
}

static bool unknown(struct parse *p, const char *name, size_t len)
{
    const char *names[ROW_COUNT + 1];
    const char *word = arena_strndup(p->arena, name, len), *near;
    size_t n = 0;

    /* Those of the command first: they are what is typed at it. */
    for (int own = 1; own >= 0; own--)
        for (size_t i = 0; i < ROW_COUNT; i++)
            if ((rows[i].commands != NULL) == own && option_is_for(&rows[i], p->command))
                names[n++] = rows[i].name;
    names[n] = NULL;
    /* An abbreviation is the likeliest mistake: getopt_long takes them. */
    near = NULL;
    for (size_t i = 0; !near && len > 1 && i < n; i++)
        if (text_starts(names[i], word))
            near = names[i];
    if (!near)
        near = text_nearest(word, names);
    err_set(p->err, ERR_USAGE, "there is no option --%s", word);
    if (near)
        return err_hint(p->err, "Did you mean --%s?", near);
    return usage_hint(p);
}

static bool not_of_command(struct parse *p, const struct option_row *row)
{
    struct buf owners = BUF_IN(p->arena);

    for (size_t i = 0; i < ROW_COUNT; i++)
        if (strcmp(rows[i].name, row->name) == 0)
            buf_addf(&owners, " %s", rows[i].commands);
    if (!p->command)
        err_set(p->err, ERR_USAGE, "--%s needs a command", row->name);
    else
        err_set(p->err, ERR_USAGE, "%s has no option --%s", p->command, row->name);
    return err_hint(p->err, "It belongs to:%s.", buf_text(&owners));
}

static bool is_choice(const char *choices, const char *value)
{
    size_t len = strlen(value);

    if (strchr(value, '|'))
        return false;
    for (const char *c = choices; (c = strstr(c, value)); c += len)
        if ((c == choices || c[-1] == '|') && (!c[len] || c[len] == '|'))
            return true;
    return false;
}

static bool store_value(struct parse *p, const struct option_row *row, const char *value)
{
    void *at = (char *)p->options + row->at;

    if (!*value) {
        err_set(p->err, ERR_USAGE, "--%s is empty", row->name);
        return err_hint(p->err, "Is the variable set that it comes from?");
    }
    /* A line of ours that was pasted as it stands: it would be recorded as a reason, say. */
    if (row->arg && strcmp(value, row->arg) == 0) {
        err_set(p->err, ERR_USAGE, "--%s %s: a value of your own has to take the place of %s",
                row->name, value, value);
        return usage_hint(p);
    }
    if (row->choices && !is_choice(row->choices, value)) {
        err_set(p->err, ERR_USAGE, "--%s cannot be %s", row->name, value);
        if (row->kind == OPTION_MAYBE)
            return err_hint(p->err, "Write --%s or --%s=%s.", row->name, row->name, row->choices);
        return err_hint(p->err, "It is one of %s.", row->choices);
    }
    if (row->kind == OPTION_DURATION) {
        if (text_duration(value, at) && *(int64_t *)at > 0)
            return true;
        err_set(p->err, ERR_USAGE, "--%s %s is not a duration", row->name, value);
        return err_hint(p->err, "Write a number and a unit: 500ms, 30s, 10m, 2h.");
    }
    if (row->kind == OPTION_LIST) {
        struct option_list *list = at;

        *ARENA_PUSH(p->arena, list->items, list->n) = value;
        return true;
    }
    *(const char **)at = value;
    return true;
}

/* `value`: NULL when the option stands alone. */
static bool store_option(struct parse *p, const struct option_row *row, const char *value)
{
    void *at = (char *)p->options + row->at;
    bool *given = &p->given[row - rows];

    if (!option_is_for(row, p->command))
        return not_of_command(p, row);
    if (row->kind == OPTION_MAYBE) {
        /* Of several the most that was asked for. */
        if (!value && *(const char **)at)
            return true;
        if (!value)
            return *(const char **)at = "", true;
        return store_value(p, row, value);
    }
    if (!takes_value(row)) {
        if (value)
            return err_set(p->err, ERR_USAGE, "--%s takes no value", row->name), usage_hint(p);
        if (row->kind == OPTION_COUNT)
            ++*(int64_t *)at;
        else
            *(bool *)at = true;
        return true;
    }
    if (!value)
        return err_set(p->err, ERR_USAGE, "--%s wants a value: %s", row->name, row->arg),
               usage_hint(p);
    if (*given && row->kind != OPTION_LIST)
        return err_set(p->err, ERR_USAGE, "--%s is given twice", row->name), usage_hint(p);
    *given = true;
    return store_value(p, row, value);
}

/* A process list shows what is in argv; the URL may hold a password. */
static const char *take_secret(struct arena *arena, char *value)
{
    const char *copy = arena_strdup(arena, value);

    memset(value, '*', strlen(value));
    return copy;
}

static bool long_option(struct parse *p, int argc, char **argv, int *i)
{
    char *name = argv[*i] + 2;
    size_t len = strcspn(name, "=");
    const struct option_row *row = by_name(name, len, p->command);
    char *value = name[len] ? name + len + 1 : NULL;

    if (!row)
        return unknown(p, name, len);
    if (!value && takes_value(row) && (value = value_word(argc, argv, *i)))
        ++*i;
    if (value && row->at == AT(url))
        return store_option(p, row, take_secret(p->arena, value));
    return store_option(p, row, value);
}

static bool letters(struct parse *p, const char *word)
{
    for (const char *c = word; *c; c++) {
        const struct option_row *row = by_letter(*c);

        if (!row)
            return err_set(p->err, ERR_USAGE, "there is no option -%c", *c), usage_hint(p);
        if (!store_option(p, row, NULL))
            return false;
    }
    return true;
}

bool options_parse(struct arena *arena, int argc, char **argv, const char *command,
                   struct options *options, struct err *err)
{
    struct parse p = { .arena = arena, .command = command, .options = options, .err = err };

    *options = (struct options){ 0 };
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (!is_option(argv[i]))
            continue;
        if (text_starts(argv[i], "--") ? !long_option(&p, argc, argv, &i)
                                       : !letters(&p, argv[i] + 1))
            return false;
    }
    return true;
}
