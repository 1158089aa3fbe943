/*
 * The tables of commands and options, and what the command line makes of them.
 */
#include <check.h>

#include "command.h"
#include "orchestrate/base/text.h"
#include "unit.h"

/* --- the tables ------------------------------------------------------------ */

static size_t row_count(void)
{
    size_t n;

    options_table(&n);
    return n;
}

static const struct option_row *row_at(int i)
{
    size_t n;

    return &options_table(&n)[i];
}

START_TEST(options_are_sorted_and_each_command_has_a_name_once)
{
    const struct option_row *row = row_at(_i), *before = _i ? row_at(_i - 1) : NULL;

    ck_assert(!before || strcmp(before->name, row->name) <= 0);
    for (int i = 0; i < (int)row_count(); i++) {
        const struct option_row *other = row_at(i);

        if (i == _i)
            continue;
        ck_assert(!row->letter || other->letter != row->letter);
        if (strcmp(other->name, row->name) != 0)
            continue;
        /* The scan for the command must know the width without knowing the command. */
        ck_assert_int_eq(other->kind, row->kind);
        ck_assert(row->commands && other->commands);
        for (const struct command *c = commands; c->name; c++)
            ck_assert(!option_is_for(row, c->name) || !option_is_for(other, c->name));
    }
}
END_TEST

START_TEST(every_option_is_documented_and_belongs_to_commands_that_exist)
{
    const struct option_row *row = row_at(_i);
    CLEANUP(arena) struct arena arena = { 0 };
    const char *word = row->commands ? row->commands : "";

    ck_assert(*row->doc);
    ck_assert_int_eq(row->arg != NULL, row->kind != OPTION_FLAG && row->kind != OPTION_COUNT);
    ck_assert_int_eq(row->choices != NULL, row->kind == OPTION_CHOICE || row->kind == OPTION_MAYBE);
    while (*word) {
        size_t len = strcspn(word, " ");

        ck_assert(command_find(arena_strndup(&arena, word, len)));
        word += len + (word[len] == ' ');
    }
}
END_TEST

START_TEST(letters_take_no_value)
{
    const struct option_row *row = row_at(_i);

    ck_assert(!row->letter || row->kind == OPTION_FLAG || row->kind == OPTION_COUNT);
}
END_TEST

START_TEST(commands_are_sorted_and_documented)
{
    for (const struct command *c = commands; c->name; c++) {
        ck_assert(c == commands || strcmp(c[-1].name, c->name) < 0);
        ck_assert(*c->doc && c->doc[strlen(c->doc) - 1] == '.');
        ck_assert(*c->more);
        ck_assert(c->run);
        ck_assert_uint_le(c->least, c->most);
        ck_assert_int_eq(*c->args != '\0', c->most > 0);
        ck_assert(!(c->flags & NEEDS_RUN) || (c->flags & NEEDS_DB));
    }
}
END_TEST

START_TEST(help_fits_the_width_and_names_every_option)
{
    for (const struct command *c = commands; c->name; c++) {
        CLEANUP(arena) struct arena arena = { 0 };
        struct buf out = BUF_IN(&arena);

        help_command(&out, c);
        for (const char *line = buf_text(&out); *line;) {
            size_t len = strcspn(line, "\n");

            ck_assert_msg(len <= REPORT_WIDTH, "%s: %.*s", c->name, (int)len, line);
            line += len + (line[len] == '\n');
        }
        for (int i = 0; i < (int)row_count(); i++)
            if (row_at(i)->commands && option_is_for(row_at(i), c->name))
                ck_assert(strstr(buf_text(&out), row_at(i)->name));
        ck_assert(strstr(buf_text(&out), "Global options"));
    }
}
END_TEST

START_TEST(help_names_every_command_and_global_option)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct buf out = BUF_IN(&arena);

    help_all(&out);
    for (const struct command *c = commands; c->name; c++)
        ck_assert(strstr(buf_text(&out), arena_printf(&arena, "  %s ", c->name)));
    for (int i = 0; i < (int)row_count(); i++)
        if (!row_at(i)->commands)
            ck_assert(strstr(buf_text(&out), row_at(i)->name));
}
END_TEST

/* --- reading --------------------------------------------------------------- */

enum { MOST_WORDS = 32 };

struct line {
    char text[256]; /* argv points in here: options_parse may write to it */
    char *argv[MOST_WORDS + 1];
    int argc;
};

static void split(struct line *line, const char *words)
{
    char *at = line->text;

    snprintf(line->text, sizeof line->text, "orchestrate %s", words);
    line->argc = 0;
    while (*at && line->argc < MOST_WORDS) {
        line->argv[line->argc++] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = '\0';
    }
    line->argv[line->argc] = NULL;
}

static bool parse(struct arena *arena, const char *words, struct cli_words *scanned,
                  struct options *options, struct err *err)
{
    struct line *line = arena_alloc(arena, sizeof *line);

    split(line, words);
    options_scan(arena, line->argc, line->argv, scanned);
    return options_parse(arena, line->argc, line->argv, scanned->command, options, err);
}

/* clang-format off */
static const struct {
    const char *words, *command, *argument; /* the first one */
    size_t arguments;
} understood[] = {
    { "status",                                 "status",   NULL,       0 },
    { "status x",                               "status",   "x",        1 },
    { "--json status",                          "status",   NULL,       0 },
    { "--json=stream status x",                 "status",   "x",        1 },
    { "-q --url postgres://h/d status x",       "status",   "x",        1 },
    { "--url=postgres://h/d status x",          "status",   "x",        1 },
    { "status x --url postgres://h/d",          "status",   "x",        1 },
    { "--to expand advance x",                  "advance",  "x",        1 },
    { "advance --to expand x",                  "advance",  "x",        1 },
    { "advance x --to=expand",                  "advance",  "x",        1 },
    { "--deploy-id 8 --max-time 10m advance",   "advance",  NULL,       0 },
    { "--dry-run start a.yaml b.yaml",          "start",    "a.yaml",   2 },
    { "validate -- --odd.yaml",                 "validate", "--odd.yaml", 1 },
    { "validate -",                             "validate", "-",        1 },
    { "-qv status",                             "status",   NULL,       0 },
    { "advance --override soak --override deploy --because x", "advance", NULL, 0 },
    { "-vv status",                             "status",   NULL,       0 },
    { "advance --dry-run --dry-run",            "advance",  NULL,       0 },
    { "--help",                                 NULL,       NULL,       0 },
    { "--color always status",                  "status",   NULL,       0 },
};

static const struct {
    const char *words, *says, *hints;
} misunderstood[] = {
    { "status --frobnicate",              "there is no option --frobnicate", "orchestrate help status" },
    { "status --jsn",                     "there is no option --jsn",    "--json" },
    { "advance --conf x",                 "there is no option --conf",   "--confirm" },
    { "advance --over soak",              "there is no option --over",   "--override" },
    { "advance --dry",                    "there is no option --dry",    "--dry-run" },
    { "status -x",                        "there is no option -x",       "help" },
    { "status --to expand",               "status has no option --to",   "advance" },
    { "init --again",                     "init has no option --again",  "start" },
    { "--fast",                           "--fast needs a command",      "advance" },
    { "advance --to",                     "--to wants a value: PHASE",   "help advance" },
    { "advance --to --json",              "--to wants a value: PHASE",   "help advance" },
    { "advance --to=",                    "--to is empty",               "variable" },
    { "advance --to a --to b",            "--to is given twice",         "help advance" },
    { "--url a=b status --url a=b",       "--url is given twice",        "help status" },
    { "status --json=yes",                "--json cannot be yes",        "--json=stream" },
    { "--color sometimes status",         "--color cannot be sometimes", "auto|always|never" },
    { "--color auto|always status",       "--color cannot be auto|always", "auto|always|never" },
    { "--color aut status",               "--color cannot be aut",       "auto|always|never" },
    { "plan x --fail-on medium",          "--fail-on cannot be medium",  "LOW|MEDIUM|HIGH" },
    { "plan x --format html",             "--format cannot be html",     "text|markdown|json" },
    { "confirm --status ok",              "--status cannot be ok",       "success|failed" },
    { "advance --max-time 10",            "--max-time 10 is not a duration", "10m" },
    { "advance --max-time 0s",            "--max-time 0s is not a duration", "10m" },
    { "advance --max-time=-1s",           "--max-time -1s is not a duration", "10m" },
};
/* clang-format on */

START_TEST(options_may_stand_anywhere)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct cli_words words;
    struct options options;
    struct err err = { 0 };

    ck_assert_msg(parse(&arena, understood[_i].words, &words, &options, &err), "%s: %s",
                  understood[_i].words, err.text);
    ck_assert(text_same(words.command, understood[_i].command));
    ck_assert_uint_eq(words.n_args, understood[_i].arguments);
    if (words.n_args)
        ck_assert_str_eq(words.args[0], understood[_i].argument);
}
END_TEST

START_TEST(what_is_wrong_is_usage_with_a_hint)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct cli_words words;
    struct options options;
    struct err err = { 0 };

    ck_assert_msg(!parse(&arena, misunderstood[_i].words, &words, &options, &err), "%s",
                  misunderstood[_i].words);
    ck_assert_int_eq(err.code, ERR_USAGE);
    ck_assert_str_eq(err.text, misunderstood[_i].says);
    ck_assert_msg(strstr(err.hint, misunderstood[_i].hints), "%s: %s", misunderstood[_i].words,
                  err.hint);
}
END_TEST

START_TEST(values_arrive)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct cli_words words;
    struct options o;
    struct err err = { 0 };

    ck_assert(parse(&arena,
                    "advance --to switch --max-time 90s --deploy-id 8 --confirm p --override a "
                    "--override b --because c --fast --dry-run -v -v --json --color never",
                    &words, &o, &err));
    ck_assert_str_eq(o.to, "switch");
    ck_assert_int_eq(o.max_time, 90000);
    ck_assert_str_eq(o.deploy_id, "8");
    ck_assert_str_eq(o.confirm, "p");
    ck_assert_uint_eq(o.overrides.n, 2);
    ck_assert_str_eq(o.overrides.items[1], "b");
    ck_assert_str_eq(o.because, "c");
    ck_assert(o.fast && o.dry_run && o.json && !o.again && !o.quiet);
    ck_assert_int_eq(o.verbose, 2);
    ck_assert_str_eq(o.color, "never");
    ck_assert(words.json);
}
END_TEST

START_TEST(json_is_seen_even_when_nothing_else_is_understood)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct cli_words words;
    struct options options;
    struct err err = { 0 };

    ck_assert(!parse(&arena, "--bogus advance --to --json", &words, &options, &err));
    ck_assert(words.json);
    ck_assert_str_eq(words.command, "advance");
}
END_TEST

START_TEST(an_url_does_not_stay_where_a_process_list_shows_it)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct options options;
    struct err err = { 0 };
    struct line line;

    split(&line, "status --url postgres://u:s3cret@h/d");
    ck_assert(options_parse(&arena, line.argc, line.argv, "status", &options, &err));
    ck_assert_str_eq(options.url, "postgres://u:s3cret@h/d");
    ck_assert_str_eq(line.argv[3], "***********************");
    split(&line, "status --url=postgres://u:s3cret@h/d");
    ck_assert(options_parse(&arena, line.argc, line.argv, "status", &options, &err));
    ck_assert_str_eq(options.url, "postgres://u:s3cret@h/d");
    ck_assert_ptr_null(strstr(line.argv[2], "s3cret"));
}
END_TEST

static TCase *tables(void)
{
    TCase *tc = tcase_create("tables");
    int n = (int)row_count();

    tcase_add_loop_test(tc, options_are_sorted_and_each_command_has_a_name_once, 0, n);
    tcase_add_loop_test(tc, every_option_is_documented_and_belongs_to_commands_that_exist, 0, n);
    tcase_add_loop_test(tc, letters_take_no_value, 0, n);
    tcase_add_test(tc, commands_are_sorted_and_documented);
    tcase_add_test(tc, help_fits_the_width_and_names_every_option);
    tcase_add_test(tc, help_names_every_command_and_global_option);
    return tc;
}

static TCase *reading(void)
{
    TCase *tc = tcase_create("reading");

    tcase_add_loop_test(tc, options_may_stand_anywhere, 0, ARRAY_LEN(understood));
    tcase_add_loop_test(tc, what_is_wrong_is_usage_with_a_hint, 0, ARRAY_LEN(misunderstood));
    tcase_add_test(tc, values_arrive);
    tcase_add_test(tc, json_is_seen_even_when_nothing_else_is_understood);
    tcase_add_test(tc, an_url_does_not_stay_where_a_process_list_shows_it);
    return tc;
}

int main(void)
{
    Suite *suite = suite_create("options");

    suite_add_tcase(suite, tables());
    suite_add_tcase(suite, reading());
    return unit_run(suite);
}
