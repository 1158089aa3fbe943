/*
 * What the program prints for other tools, put to those tools: the JSON Schema to a
 * validator, the manual page to man, completions to their shells.
 */
#include <stdlib.h>
#include <string.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/base/text.h"
#include "support.h"
#include "unit.h"

/* Is there such a program, and does it do this? */
static bool can(const char *const *argv)
{
    struct ran ran = test_command(argv, 60);

    return ran.status == 0;
}
#define CAN(...) can((const char *const[]){ __VA_ARGS__, NULL })

static const char *printed(const char *command, const char *what, const char *file)
{
    struct ran ran = ORCHESTRATE(NULL, command, what);

    EXITS(ran, 0);
    return test_write(file, ran.out);
}

/* --- the JSON Schema --------------------------------------------------------- */

/* Of what the checker said, the lines about plans that were refused. */
static const char *refused_lines(const char *said)
{
    struct buf out = BUF_IN(test_arena());

    for (size_t len; *said; said += len + (said[len] == '\n')) {
        len = strcspn(said, "\n");
        if (text_ends(arena_strndup(test_arena(), said, len), ": refused"))
            buf_addf(&out, "%.*s\n", (int)len, said);
    }
    return buf_text(&out);
}

/*
 * A good plan passes.  Which bad ones the schema sees is written down, so that it
 * does not come to see less; what is no YAML at all, or is about more than the shape,
 * is left to `validate`.
 */
START_TEST(good_plans_satisfy_the_schema_and_misshapen_ones_do_not)
{
    const char *const argv[] = { "python3", test_path("tests/support/schema_check.py"),
                                 printed("docs", "schema", "schema.json"),
                                 test_path("tests/golden/plans"), NULL };
    const char *path = test_path("tests/golden/schema.txt"), *line;
    struct ran ran;

    if (!CAN("python3", "-c", "import jsonschema, yaml; jsonschema.Draft202012Validator"))
        TEST_SKIP(SKIP_NO_JSONSCHEMA);
    ran = test_command(argv, 60);
    EXITS(ran, 0);
    for (const char *good = ran.out; (good = strstr(good, "good-")); good++)
        CONTAINS(arena_strndup(test_arena(), good, strcspn(good, "\n")), ": passes");
    unit_bless(path, refused_lines(ran.out));
    line = test_file(path);
    ck_assert(*line);
    for (size_t len; *line; line += len + 1) {
        len = strcspn(line, "\n");
        CONTAINS(ran.out, arena_strndup(test_arena(), line, len));
    }
}
END_TEST

START_TEST(a_new_plan_satisfies_the_schema)
{
    const char *schema = printed("docs", "schema", "schema.json");
    struct ran ran =
        ORCHESTRATE(NULL, "new", "rename_column", "table=t", "from=a", "to=b", "--output", "-");
    const char *plan = test_write("good-new.yaml", ran.out), *slash = strrchr(plan, '/');
    const char *folder = arena_strndup(test_arena(), plan, (size_t)(slash - plan));
    const char *const argv[] = { "python3", test_path("tests/support/schema_check.py"), schema,
                                 folder, NULL };

    if (!CAN("python3", "-c", "import jsonschema, yaml; jsonschema.Draft202012Validator"))
        TEST_SKIP(SKIP_NO_JSONSCHEMA);
    ran = test_command(argv, 60);
    EXITS(ran, 0);
    ck_assert_str_eq(ran.out, "good-new.yaml: passes\n");
}
END_TEST

/* --- the manual page ---------------------------------------------------------- */

START_TEST(man_renders_the_page_without_a_warning)
{
    const char *page = printed("docs", "man", "orchestrate.1");
    const char *const argv[] = {
        "man", "--warnings", "-E", "UTF-8", "-P", "cat", "-l", page, NULL
    };
    struct ran ran;

    if (!CAN("man", "--version"))
        TEST_SKIP(SKIP_NO_MAN);
    ran = test_command(argv, 60);
    EXITS(ran, 0);
    ck_assert_str_eq(ran.err, "");
    CONTAINS(ran.out, "SYNOPSIS");
    CONTAINS(ran.out, "--deploy-id ID");
    CONTAINS(ran.out, "invalid_plan: the plan is wrong");
}
END_TEST

/* --- completions --------------------------------------------------------------- */

/* Words of the line, the last one under the cursor; and some of what bash offers. */
static const struct {
    const char *line, *offers, *offers_not;
} typed[] = {
    { "orchestrate|adv", "advance", "status" },
    { "orchestrate|", "completion", "--json" },
    { "orchestrate|--", "--env", "--to" },
    { "orchestrate|status|--de", "--detailed-exitcode", "--deploy-id" },
    { "orchestrate|advance|--to|v", "verify", "switch" },
    { "orchestrate|advance|--to|=|v", "verify", "switch" },
    { "orchestrate|advance|--to|=", "expand", "--json" },
    { "orchestrate|--url|x|plan|--fail-on|", "HIGH", "markdown" },
    { "orchestrate|confirm|--status|roll", "rolled_back", "success" },
    { "orchestrate|--color|a", "always", "never" },
    { "orchestrate|--json|=|", "stream", "advance" },
    { "orchestrate|--json|stat", "status", "stream" },
    { "orchestrate|new|", "rename_column", "table=" },
    { "orchestrate|new|rename_column|t", "table=", "rename_column" },
    { "orchestrate|set|p|du", "duty=", "table=" },
    { "orchestrate|docs|", "schema", "advance" },
    { "orchestrate|completion|", "fish", "advance" },
    { "orchestrate|help|roll", "rollback", "advance" },
    { "orchestrate|advance|--override|old", "old_name_idle", "soak" },
    { "orchestrate|advance|ren", "rename-it", "--to" },
    { "orchestrate|start|pl", "plan-file.yaml", "rename-it" },
    { "orchestrate|--config|pl", "plan-file.yaml", "advance" },
    { "orchestrate|advance|--deploy-id|a", "", "advance" },
    { "orchestrate|-q|status|ren", "rename-it", "advance" },
};

static const char *offered(const char *script, const char *line)
{
    struct buf words = BUF_IN(test_arena());
    const char *slash = strrchr(script, '/'), *command;
    struct ran ran;
    int last = -1;

    for (; *line; last++) {
        size_t len = strcspn(line, "|");

        buf_addf(&words, " '%.*s'", (int)len, line);
        line += len;
        if (*line == '|' && !*++line) {
            buf_add(&words, " ''");
            last++;
        }
    }
    command = arena_printf(test_arena(),
                           "cd %.*s && . %s && COMP_WORDS=(%s) COMP_CWORD=%d && _orchestrate && "
                           "printf '%%s\\n' \"${COMPREPLY[@]}\"",
                           (int)(slash - script), script, script, buf_text(&words), last);
    ran = test_command((const char *const[]){ "bash", "--norc", "-euc", command, NULL }, 60);
    EXITS(ran, 0);
    ck_assert_str_eq(ran.err, "");
    return arena_printf(test_arena(), "\n%s", ran.out);
}

START_TEST(bash_completes_from_the_same_tables)
{
    const char *script = printed("completion", "bash", "orchestrate.bash");
    const char *found;

    test_write("plan-file.yaml", "# a plan\nplan: rename-it\n");
    for (size_t i = 0; i < ARRAY_LEN(typed); i++) {
        found = offered(script, typed[i].line);
        ck_assert_msg(!*typed[i].offers ||
                          strstr(found, arena_printf(test_arena(), "\n%s\n", typed[i].offers)),
                      "%s: %s", typed[i].line, found);
        ck_assert_msg(!strstr(found, arena_printf(test_arena(), "\n%s\n", typed[i].offers_not)),
                      "%s: %s", typed[i].line, found);
    }
}
END_TEST

START_TEST(fish_completes_from_the_same_tables)
{
    static const char *const lines[][2] = {
        { "adv", "advance" },
        { "advance --to v", "verify" },
        { "advance ren", "rename-it" },
        { "status --de", "--detailed-exitcode" },
        { "new rename_column fr", "from=" },
    };
    const char *script = printed("completion", "fish", "orchestrate.fish");
    const char *slash = strrchr(script, '/');

    if (!CAN("fish", "--version"))
        TEST_SKIP(SKIP_NO_FISH);
    test_write("plan-file.yaml", "plan: rename-it\n");
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        const char *command =
            arena_printf(test_arena(), "cd %.*s; source %s; complete -C 'orchestrate %s'",
                         (int)(slash - script), script, script, lines[i][0]);
        struct ran ran = test_command((const char *const[]){ "fish", "-c", command, NULL }, 60);

        EXITS(ran, 0);
        ck_assert_str_eq(ran.err, "");
        CONTAINS(ran.out, lines[i][1]);
    }
}
END_TEST

START_TEST(zsh_can_read_its_completion)
{
    const char *script = printed("completion", "zsh", "_orchestrate");
    struct ran ran;

    if (!CAN("zsh", "--version"))
        TEST_SKIP(SKIP_NO_ZSH);
    ran = test_command((const char *const[]){ "zsh", "-n", script, NULL }, 60);
    EXITS(ran, 0);
    ck_assert_str_eq(ran.err, "");
}
END_TEST

START_TEST(what_is_not_there_is_said)
{
    struct ran ran = ORCHESTRATE(NULL, "docs", "schem");

    EXITS(ran, 64);
    ck_assert_str_eq(ran.err,
                     "orchestrate: there is no document schem\nhint: Did you mean schema?\n");
    ran = ORCHESTRATE(NULL, "docs", "everything");
    EXITS(ran, 64);
    ck_assert_str_eq(ran.err, "orchestrate: there is no document everything\n"
                              "hint: `orchestrate docs` lists them.\n");
    ran = ORCHESTRATE(NULL, "docs");
    EXITS(ran, 0);
    CONTAINS(ran.out, "orchestrate docs schema     the JSON Schema of plans, for editors\n");
    ran = ORCHESTRATE(NULL, "completion", "tcsh");
    EXITS(ran, 64);
    ck_assert_str_eq(ran.err, "orchestrate: there is no completion for tcsh\n"
                              "hint: There is for: bash fish zsh.\n");
    ran = ORCHESTRATE(NULL, "completion");
    EXITS(ran, 64);
    CONTAINS(ran.err, "completion wants an argument: SHELL");
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("docs_tools");
    TCase *tc = support_case(suite, "docs", 120);

    tcase_add_test(tc, good_plans_satisfy_the_schema_and_misshapen_ones_do_not);
    tcase_add_test(tc, a_new_plan_satisfies_the_schema);
    tcase_add_test(tc, man_renders_the_page_without_a_warning);
    tcase_add_test(tc, what_is_not_there_is_said);
    tc = support_case(suite, "completion", 120);
    tcase_add_test(tc, bash_completes_from_the_same_tables);
    tcase_add_test(tc, fish_completes_from_the_same_tables);
    tcase_add_test(tc, zsh_can_read_its_completion);
    return suite;
}

int main(void)
{
    return support_run(suite());
}
