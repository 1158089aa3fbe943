/*
 * Gates of plans as the commands show them: what holds, until when, what to do,
 * and what an override leaves on record.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "orchestrate/base/text.h"
#include "plans.h"
#include "support.h"

static const char *db, *url;
static PGconn *super;

static void setup(void)
{
    PGconn *app;

    db = test_database("empty");
    url = test_url(db, test_migrator());
    super = test_connect(db, "postgres");
    app = test_connect(db, "app");
    test_sql(app, "CREATE SCHEMA shop;"
                  "CREATE TABLE shop.person (id int PRIMARY KEY, email text, born date);"
                  "CREATE TABLE shop.open_case (id int)");
}

static const char *plan(const char *gates)
{
    return test_rename_plan("p", "shop.person", "email", "address", gates);
}

static void start(const char *gates)
{
    struct ran ran = ORCHESTRATE(url, "start", plan(gates));

    EXITS(ran, 0);
}

static struct ran answers(const char *code, struct ran ran)
{
    EXITS(ran, 0);
    CONTAINS(ran.out, arena_printf(test_arena(), "\"code\":\"%s\"", code));
    return ran;
}

#define ADVANCE(code, ...) answers((code), ORCHESTRATE(url, "advance", "--json", __VA_ARGS__))

/* ---- window ---- */

/* One minute, three days from now. */
static const char *far_window(void)
{
    return test_value(super, "SELECT to_char(now() + '3 days', 'Dy') || ' 00:00-00:01'");
}

START_TEST(a_closed_window_says_when_it_opens)
{
    const char *window = far_window(), *until;
    struct ran ran;

    start(arena_printf(test_arena(), "gates: {expand: [{window: {allow: \"%s\", zone: UTC}}]}\n",
                       window));
    until = test_value(super, "SELECT to_char(date_trunc('day', now() + '3 days'),"
                              " 'YYYY-MM-DD')");
    ran = ADVANCE("held", "p");
    CONTAINS(ran.out,
             arena_printf(test_arena(), "\"reason\":\"may begin %s (UTC); there it is ", window));
    CONTAINS(ran.out, arena_printf(test_arena(), "\"until\":\"%sT00:00:00.000Z\"", until));
    CONTAINS(ran.out, "\"next_command\":\"orchestrate advance p\"");
    ran = ORCHESTRATE(url, "status", "p");
    CONTAINS(ran.out, arena_printf(test_arena(), "wait until %s 00:00:00Z (in ", until));
    ADVANCE("advanced", "p", "--override", "window", "--because", "it burns");
    ran = ORCHESTRATE(url, "history", "p");
    CONTAINS(ran.out, "gate window of expand overridden, because: it burns; it said: may begin ");
}
END_TEST

START_TEST(overriding_an_open_gate_changes_nothing)
{
    struct ran ran;

    start("gates: {expand: [{window: {allow: \"00:00-24:00\", zone: Asia/Kathmandu}}]}\n");
    ADVANCE("advanced", "p", "--override", "window", "--because", "to be sure");
    ran = ORCHESTRATE(url, "history", "p", "--json");
    EXITS(ran, 0);
    ck_assert_ptr_null(strstr(ran.out, "override"));
}
END_TEST

START_TEST(a_gate_that_the_plan_does_not_have_cannot_be_overridden)
{
    struct ran ran;

    start("gates: {expand: [{window: {allow: \"00:00-24:00\", zone: UTC}}]}\n");
    ran = ORCHESTRATE(url, "advance", "p", "--override", "widow", "--because", "x");
    EXITS(ran, 64);
    CONTAINS(ran.err, "plan p has no gate widow\nhint: Did you mean window?");
}
END_TEST

/* A folder of zones with one that no server knows. */
static const char *zones_of_mars(void)
{
    const char *file = test_write("Olympus", "TZif");
    const char *folder = arena_strndup(test_arena(), file, strlen(file) - strlen("/Olympus"));

    test_write("UTC", "TZif");
    return arena_printf(test_arena(), "TZDIR=%s", folder);
}

static struct ran with_zones(const char *variable, const char *command, const char *file)
{
    struct ran ran = test_spawn(url, (const char *const[]){ command, file, NULL },
                                (const char *const[]){ variable, NULL });

    test_finish(&ran, 60);
    return ran;
}

START_TEST(a_zone_that_the_server_does_not_know_is_refused_by_start)
{
    const char *file =
        plan("gates: {switch: [{window: {allow: \"09:00-10:00\", zone: Olympus}}]}\n");
    const char *variable = zones_of_mars();
    struct ran ran = with_zones(variable, "validate", file);

    EXITS(ran, 0);
    ran = with_zones(variable, "start", file);
    EXITS(ran, 65);
    CONTAINS(ran.err, "p.yaml:7:27: gate window of switch: the server knows no time zone Olympus");
    CONTAINS(ran.err, "hint: Those it knows: SELECT name FROM pg_timezone_names");
    ck_assert_str_eq(test_value(super, "SELECT to_regnamespace('orchestrate')"), "");
    ran = with_zones(variable, "plan", file);
    EXITS(ran, 65);
    /* This machine knows it as little, and a machine without zones believes. */
    ran = ORCHESTRATE(url, "validate", file);
    EXITS(ran, 65);
    CONTAINS(ran.err, "`zone`: there is no time zone `Olympus`");
    ran = with_zones("TZDIR=/nowhere", "validate", file);
    EXITS(ran, 0);
}
END_TEST

/* ---- query ---- */

START_TEST(a_query_of_the_plan_holds_with_its_own_words)
{
    struct ran ran;

    test_sql(super, "INSERT INTO shop.open_case VALUES (1)");
    start("gates: {expand: [{query: {sql: \"SELECT count(*) = 0 FROM shop.open_case\","
          " because: \"cases still point at the old column\"}}]}\n");
    ran = ADVANCE("held", "p");
    CONTAINS(ran.out,
             "{\"gate\":\"query\",\"phase\":\"expand\",\"reason\":\"cases still point at "
             "the old column\",\"until\":null,\"evidence\":{\"sql\": \"SELECT count(*) = 0 "
             "FROM shop.open_case\", \"answer\": false, \"trouble\": null},"
             "\"overridable\":true,\"next_command\":\"orchestrate advance p\"}");
    test_sql(super, "DELETE FROM shop.open_case");
    ADVANCE("advanced", "p");
}
END_TEST

/* ---- after ---- */

START_TEST(a_second_plan_on_the_same_table_waits_for_the_first)
{
    const char *second =
        test_rename_plan("second", "shop.person", "born", "birthday", "after: [p]\n");
    struct ran ran;

    start(NULL);
    ADVANCE("advanced", "p");
    ran = ORCHESTRATE(url, "start", second);
    EXITS(ran, 0);
    ck_assert_ptr_null(strstr(ran.err, "claimed"));
    ran = ADVANCE("held", "second");
    CONTAINS(ran.out, "{\"gate\":\"after\",\"phase\":\"expand\",\"reason\":\"plan p is not "
                      "complete: its phase expand is done\",\"until\":null,\"evidence\":{\"p\": "
                      "\"expand done\"},\"overridable\":true,\"next_command\":\"orchestrate "
                      "status\"}");
    ran = ORCHESTRATE(url, "status", "second");
    ck_assert_ptr_null(strstr(ran.err, "claimed"));
    CONTAINS(ran.out, "held by after: plan p is not complete: its phase expand is done\n");
    ADVANCE("complete", "p", "--to", "contract", "--confirm", "p");
    ADVANCE("complete", "second", "--to", "contract", "--confirm", "second");
    ck_assert_str_eq(test_rows(super, "SELECT attname FROM pg_attribute WHERE attrelid ="
                                      " 'shop.person'::regclass AND attnum > 0 AND NOT"
                                      " attisdropped ORDER BY attnum"),
                     "id\naddress\nbirthday");
}
END_TEST

START_TEST(a_plan_that_does_not_wait_is_warned_of_the_other)
{
    struct ran ran;

    start(NULL);
    ADVANCE("advanced", "p");
    ran = ORCHESTRATE(url, "start",
                      test_rename_plan("second", "shop.person", "born", "birthday", NULL));
    EXITS(ran, 0);
    CONTAINS(ran.err, "table shop.person is claimed by plan p");
    ran = ORCHESTRATE(url, "advance", "second");
    EXITS(ran, 7);
}
END_TEST

/* ---- code_references ---- */

/* Into a checkout: the folder that has src in it. */
static void in_checkout(const char *code)
{
    const char *file = test_write("a.js", code);
    const char *folder = arena_strndup(test_arena(), file, strlen(file) - strlen("/a.js"));

    ck_assert_int_eq(chdir(folder), 0);
    mkdir("src", 0755);
    ck_assert_int_eq(rename("a.js", "src/a.js"), 0);
}

START_TEST(a_name_that_is_still_in_the_code_holds_the_phase)
{
    struct ran ran;

    in_checkout("x\nrow.email\n");
    start("gates: {expand: [{code_references: {paths: [src], allow: [\"^import \"]}}]}\n");
    ran = ADVANCE("held", "p");
    CONTAINS(ran.out, "{\"gate\":\"code_references\",\"phase\":\"expand\",\"reason\":\"email is "
                      "still named in 1 line: src/a.js:2\",\"until\":null,\"evidence\":{\"name\":"
                      "\"email\",\"files\":1,\"references\":1,\"first\":[{\"file\":\"src/a.js\","
                      "\"line\":2,\"text\":\"row.email\"}]},\"overridable\":true");
    ran = ORCHESTRATE(url, "status", "p");
    CONTAINS(ran.out, "held by code_references: email is still named in 1 line: src/a.js:2\n");
    ran = ORCHESTRATE(url, "gate", "p");
    EXITS(ran, 3);
    CONTAINS(ran.out, "src/a.js:2");
    ran = ORCHESTRATE(url, "advance", "p", "--dry-run");
    CONTAINS(ran.out, "src/a.js:2");
    in_checkout("import email\nrow.address\n");
    ADVANCE("advanced", "p");
}
END_TEST

START_TEST(without_the_checkout_nothing_can_be_said)
{
    struct ran ran;

    start("gates: {expand: [{code_references: {paths: [src]}}]}\n");
    ck_assert_int_eq(chdir("/"), 0);
    ran = ADVANCE("held", "p");
    CONTAINS(ran.out, "\"reason\":\"src is not in /: it is looked for in the folder in which the "
                      "command is called\"");
    ADVANCE("advanced", "p", "--override", "code_references", "--because", "looked by hand");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("gates_cli");
    TCase *t = support_case(s, "gates_cli", 120);

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, a_closed_window_says_when_it_opens);
    tcase_add_test(t, overriding_an_open_gate_changes_nothing);
    tcase_add_test(t, a_gate_that_the_plan_does_not_have_cannot_be_overridden);
    tcase_add_test(t, a_zone_that_the_server_does_not_know_is_refused_by_start);
    tcase_add_test(t, a_query_of_the_plan_holds_with_its_own_words);
    tcase_add_test(t, a_second_plan_on_the_same_table_waits_for_the_first);
    tcase_add_test(t, a_plan_that_does_not_wait_is_warned_of_the_other);
    tcase_add_test(t, a_name_that_is_still_in_the_code_holds_the_phase);
    tcase_add_test(t, without_the_checkout_nothing_can_be_said);
    return s;
}

int main(void)
{
    return support_run(suite());
}
