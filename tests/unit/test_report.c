/*
 * What commands print.  The safety report of a canned plan stands in
 * tests/golden/reports; ORCHESTRATE_BLESS=1 writes it anew, for review.
 */
#include <check.h>

#include "orchestrate/base/text.h"
#include "orchestrate/compile/compile.h"
#include "orchestrate/report/report.h"
#include "unit.h"

static struct arena arena;

static void forget(void)
{
    arena_cleanup(&arena);
}

/* --- a canned plan --------------------------------------------------------- */

/* clang-format off */
static struct step expand[] = {
    { .id = "expand/1/1", .kind = STEP_DDL, .title = "add the new column",
      .prepare = "CREATE FUNCTION public._orch_17_f() RETURNS trigger LANGUAGE plpgsql AS $f$\nBEGIN\n  RETURN NEW;\nEND $f$",
      .sql = "ALTER TABLE public.customer ADD COLUMN email_address text;",
      .relation = "public.customer", .role = "app", .lock = LOCK_ACCESS_EXCLUSIVE },
};
static struct step expand_undo[] = {
    { .id = "expand/1/1/undo/1", .kind = STEP_DDL, .title = "drop the new column",
      .sql = "ALTER TABLE public.customer DROP COLUMN email_address;",
      .relation = "public.customer", .role = "app", .lock = LOCK_ACCESS_EXCLUSIVE },
};
static struct step backfill[] = {
    { .id = "backfill/1/1", .kind = STEP_BACKFILL, .title = "copy the values",
      .sql = "email_address = email", .guard = "pg_catalog.record_image_ne(ROW(email_address), ROW(email))",
      .relation = "public.customer", .role = "we \"ird", .lock = LOCK_ROW_EXCLUSIVE },
    { .id = "backfill/1/2", .kind = STEP_CHECK, .title = "no row is left",
      .sql = "SELECT id FROM public.customer WHERE email IS DISTINCT FROM email_address LIMIT 1" },
};
static struct step verify[] = {
    { .id = "verify/1/1", .kind = STEP_ALONE, .title = "index on the new column",
      .sql = "CREATE INDEX CONCURRENTLY \"_orch_17_index_1{attempt}\" ON public.customer (email_address)",
      .publish = "ALTER INDEX public.\"_orch_17_index_1{attempt}\" RENAME TO \"_orch_17_index_1\"",
      .relation = "public.customer", .lock = LOCK_SHARE_UPDATE_EXCLUSIVE, .risk = RISK_MEDIUM },
};
static struct step verify_undo[] = {
    { .id = "verify/1/1/undo/1", .kind = STEP_ALONE, .title = "drop the index",
      .sql = "DROP INDEX CONCURRENTLY IF EXISTS public.\"_orch_17_index_1\"",
      .relation = "public.customer", .lock = LOCK_SHARE_UPDATE_EXCLUSIVE },
};
static struct step contract[] = {
    { .id = "contract/1/1", .kind = STEP_DDL, .title = "drop the old column",
      .sql = "ALTER TABLE public.customer DROP COLUMN email;",
      .relation = "public.customer", .lock = LOCK_ACCESS_EXCLUSIVE },
};

static struct phase phases[] = {
    { .name = "expand", .undo = UNDO_INSTANT, .undo_until = "until contract starts",
      .steps = expand, .n_steps = 1, .undo_steps = expand_undo, .n_undo_steps = 1 },
    { .name = "backfill", .undo = UNDO_INSTANT, .undo_until = "until contract starts",
      .undo_with_previous = true, .steps = backfill, .n_steps = 2 },
    { .name = "verify", .undo = UNDO_CATCH_UP, .undo_until = "until contract starts",
      .note = "Deploy code that reads and writes email_address only. Code that writes email goes on "
              "working until contract; rolling the deploy back is safe as long as contract has not run.",
      .steps = verify, .n_steps = 1, .undo_steps = verify_undo, .n_undo_steps = 1 },
    { .name = "contract", .undo = UNDO_NEVER, .deploy_before = true, .steps = contract, .n_steps = 1 },
};

static const struct gate_kind soak = { .name = "soak" }, deploy = { .name = "deploy" };
static struct plan_gate gates[] = {
    { .phase = "contract", .kind = &soak, .value = "7d" },
    { .phase = "contract", .kind = &deploy, .value = "confirmed" },
};
static struct plan_accept accepts[] = {
    { .rule = "published-table", .because = "subscribers have the column since Monday" },
};
static struct finding findings[] = {
    { FINDING_WARN, "wide-rows", "rows of public.customer are 1400 bytes wide on average; the backfill writes each of them once", "", false, 0, 0, NULL, { 0 } },
    { FINDING_REFUSE, "published-table", "public.customer is published without a column list by pub", "Add the column on the subscribers first.", true, 0, 0, NULL, { 0 } },
    { FINDING_REFUSE, "partition-key", "email is a partition key of public.customer", "A partition key cannot be renamed in phases | use a plain rename.", false, 0, 0, NULL, { 0 } },
};
/* clang-format on */

static const struct table_size sizes[] = {
    { "public.customer", 12345678, INT64_C(3456789012), 987654 },
    { "public.news", -1, 8192, 0 },
};
static struct program program = { .phases = phases, .n_phases = ARRAY_LEN(phases) };
static struct change change;
static struct plan plan = { .file = "plans/rename.yaml",
                            .name = "rename-customer-email",
                            .description = "customer.email becomes customer.email_address",
                            .owner = "accounts",
                            .ticket = "OPS-1423",
                            .app = "shop-api",
                            .changes = &change,
                            .n_changes = 1,
                            .gates = gates,
                            .n_gates = ARRAY_LEN(gates),
                            .accepts = accepts,
                            .n_accepts = ARRAY_LEN(accepts) };

/* clang-format off */
static const struct {
    const char *name;
    size_t n_findings;
    int64_t run;
    bool known, registered;
    const char *gates_off;
} cases[] = {
    { "offline",    0, 0,  false, false, NULL },
    { "accepted",   2, 17, true,  false, NULL },
    { "refused",    3, 17, true,  false, NULL },
    { "unknown",    3, 17, false, false, NULL },
    { "registered", 0, 17, true,  true,  NULL },
    { "gates_off",  0, 17, true,  true,  "dev" },
};
static const struct {
    enum report_format format;
    const char *suffix;
} forms[] = {
    { REPORT_TEXT, "txt" }, { REPORT_MARKDOWN, "md" }, { REPORT_JSON, "json" },
};
/* clang-format on */

static const char *report(int i, enum report_format format)
{
    struct catalog cat = { .known = cases[i].known,
                           .findings = findings,
                           .n_findings = cases[i].n_findings };
    struct safety_report r = { .plan = &plan,
                               .program = &program,
                               .cats = &cat,
                               .run = cases[i].run,
                               .registered = cases[i].registered,
                               .gates_off = cases[i].gates_off,
                               .sizes = sizes,
                               .n_sizes = cases[i].run ? ARRAY_LEN(sizes) : 0 };
    struct buf out = BUF_IN(&arena);

    settings_preset(&plan.settings);
    report_safety(&out, &r, format);
    return buf_text(&out);
}

START_TEST(the_report_is_as_reviewed)
{
    for (size_t f = 0; f < ARRAY_LEN(forms); f++)
        unit_golden(
            &arena,
            arena_printf(&arena, "tests/golden/reports/%s.%s", cases[_i].name, forms[f].suffix),
            forms[f].format == REPORT_JSON ? arena_printf(&arena, "{%s}\n", report(_i, REPORT_JSON))
                                           : report(_i, forms[f].format));
}
END_TEST

/* The real thing: from the plan's text to the report, as far as no database is needed. */
START_TEST(the_report_of_a_rename_is_as_reviewed)
{
    struct plan_errors *errors = arena_alloc(&arena, sizeof *errors);
    struct plan real;
    struct program compiled;
    struct catalog unknown = { 0 };
    struct err err = { 0 };
    struct buf out = BUF_IN(&arena);

    ck_assert_msg(plan_load(&arena, "tests/golden/reports/rename.yaml", &real, errors), "%s",
                  errors->errs[0].text);
    ck_assert_msg(compile(&arena, &real, &unknown, &compiled, &err), "%s", err.text);
    report_safety(&out,
                  &(struct safety_report){ .plan = &real, .program = &compiled, .cats = &unknown },
                  REPORT_TEXT);
    unit_golden(&arena, "tests/golden/reports/rename.txt", buf_text(&out));
}
END_TEST

/* SQL and tables may be wider; prose is not. */
START_TEST(prose_is_not_wider_than_a_hundred_columns)
{
    const char *line = report(_i, REPORT_TEXT);

    while (*line) {
        size_t len = strcspn(line, "\n");

        if (strncmp(line, "    ", 4) != 0 || strncmp(line, "     ", 5) == 0)
            ck_assert_msg(len <= REPORT_WIDTH, "%.*s", (int)len, line);
        line += len + (line[len] == '\n');
    }
}
END_TEST

START_TEST(every_statement_stands_in_every_form)
{
    static const char *const statements[] = {
        "ADD COLUMN email_address text;",
        "LOCK TABLE public.customer IN ACCESS EXCLUSIVE MODE;",
        "UPDATE public.customer SET email_address = email",
        "_orch_17_index_1__e1",
        "ALTER TABLE public.customer DROP COLUMN email;",
        "ALTER TABLE public.customer DROP COLUMN email_address;",
        "DROP INDEX CONCURRENTLY IF EXISTS",
    };
    const char *text = report(1, forms[_i].format);

    for (size_t i = 0; i < ARRAY_LEN(statements); i++)
        ck_assert_msg(strstr(text, statements[i]), "%s", statements[i]);
}
END_TEST

/* --- answers --------------------------------------------------------------- */

START_TEST(the_worst_status_wins_in_the_documented_order)
{
    static const int order[] = { 130, 70, 78, 1, 65, 66, 64, 5, 7, 77, 6, 69, 4, 3, 2, 0 };

    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        for (size_t k = i; k < ARRAY_LEN(order); k++) {
            ck_assert_int_eq(status_worse(order[i], order[k]), order[i]);
            ck_assert_int_eq(status_worse(order[k], order[i]), order[i]);
        }
}
END_TEST

/* --- gates ----------------------------------------------------------------- */

static const char *held(const struct gate_answer *answers, size_t n, bool notes)
{
    struct run run = { .name = "p", .app = "" };
    struct buf out = BUF_IN(&arena);

    report_held_text(&out, "", &run, answers, n, notes);
    return buf_text(&out);
}

START_TEST(what_is_waited_for_comes_first_and_one_command_goes_on)
{
    const struct gate_answer answers[] = {
        { .gate = "soak",
          .reason = "has to soak from 2026-01-02T03:04:05.678Z",
          .until = "2026-01-03T03:04:05.678Z",
          .wait_ms = 12000000,
          .overridable = true },
        { .gate = "proof", .open = true, .reason = "both are equal" },
        { .gate = "deploy",
          .reason = "no deploy",
          .overridable = true,
          .next_command = "orchestrate confirm --deploy-id ID --status success" },
        { .gate = "consent", .reason = "no return" },
    };
    const char *text = "held by soak: has to soak from 2026-01-02 03:04:05Z\n"
                       "held by deploy: no deploy\n"
                       "held by consent: no return\n"
                       "to go on:\n"
                       "  orchestrate confirm --deploy-id ID --status success\n"
                       "  wait until 2026-01-03 03:04:05Z (in 3 h 20 m)\n"
                       "  orchestrate advance p --confirm p\n"
                       "or, if there is a reason not to wait for that:\n"
                       "  orchestrate advance p --confirm p --override soak --override deploy "
                       "--because TEXT\n";

    ck_assert_str_eq(held(answers, ARRAY_LEN(answers), false), text);
    ck_assert_str_eq(held(answers, ARRAY_LEN(answers), true),
                     arena_printf(&arena, "%snote: gate proof is open: both are equal\n", text));
}
END_TEST

START_TEST(what_cannot_be_overridden_is_not_offered)
{
    const struct gate_answer answers[] = {
        { .gate = "dependents", .reason = "view v uses it", .check = true },
        { .gate = "soak", .reason = "wait", .overridable = true },
    };

    ck_assert_str_eq(held(answers, ARRAY_LEN(answers), false),
                     "held by dependents: view v uses it\n"
                     "held by soak: wait\n"
                     "to go on:\n"
                     "  see to what gate dependents says\n"
                     "  see to what gate soak says\n"
                     "  orchestrate advance p\n");
    ck_assert_str_eq(held(answers, 0, true), "");
}
END_TEST

/* --- answers as JSON ------------------------------------------------------- */

static const char *json_of(const struct answer *answer)
{
    struct buf out = BUF_IN(&arena);

    report_answer_json(&out, answer);
    return buf_text(&out);
}

START_TEST(success_and_failure_have_the_same_members)
{
    struct answer good = { .command = "advance", .outcome = OUT_ADVANCED, .plan = "p", .run = 17 };
    struct answer bad = { .command = "advance" };

    err_set(&bad.err, ERR_BUSY, "no \"lock\"");
    err_hint(&bad.err, "wait");
    ck_assert_str_eq(
        json_of(&good),
        "{\"schema_version\":1,\"command\":\"advance\",\"ok\":true,\"code\":\"advanced\","
        "\"plan\":\"p\",\"run\":17,\"state\":null,\"phase\":null,\"next_phase\":null,"
        "\"deploy_id\":null,\"retryable\":false,\"held_by\":[],\"events\":[],\"diagnostics\":[],"
        "\"error\":null}\n");
    ck_assert_str_eq(
        json_of(&bad),
        "{\"schema_version\":1,\"command\":\"advance\",\"ok\":false,\"code\":\"busy\","
        "\"plan\":null,\"run\":null,\"state\":null,\"phase\":null,\"next_phase\":null,"
        "\"deploy_id\":null,\"retryable\":true,\"held_by\":[],\"events\":[],\"diagnostics\":[],"
        "\"error\":{\"code\":\"busy\",\"message\":\"no \\\"lock\\\"\",\"hint\":\"wait\","
        "\"sqlstate\":null,\"blockers\":[]}}\n");
}
END_TEST

START_TEST(with_results_the_answer_is_as_bad_as_the_worst_of_them)
{
    struct answer results[] = { { .outcome = OUT_HELD }, { .outcome = OUT_ADVANCED }, { 0 } };
    struct answer all = { .command = "advance", .results = results, .n_results = 2, .many = true };

    ck_assert_int_eq(answer_status(&all), 0);
    ck_assert_str_eq(answer_code(&all), "ok");
    err_set(&results[2].err, ERR_CHECK, "x");
    all.n_results = 3;
    ck_assert_int_eq(answer_status(&all), 5);
    ck_assert_str_eq(answer_code(&all), "check_failed");
    ck_assert(strstr(json_of(&all), "\"ok\":false"));
    ck_assert(strstr(json_of(&all), "\"results\":[{"));
}
END_TEST

START_TEST(only_gates_that_hold_are_listed)
{
    struct gate_answer gate[] = {
        { .gate = "soak", .phase = "contract", .reason = "3 h left", .evidence = "{\"a\":1}" },
        { .gate = "paused", .phase = "contract", .open = true },
        { .gate = "deploy", .phase = "contract", .overridden = true },
    };
    struct answer a = { .outcome = OUT_HELD, .held_by = gate, .n_held_by = ARRAY_LEN(gate) };
    const char *json = json_of(&a);

    ck_assert(strstr(json, "\"held_by\":[{\"gate\":\"soak\",\"phase\":\"contract\","
                           "\"reason\":\"3 h left\",\"until\":null,\"evidence\":{\"a\":1},"
                           "\"overridable\":false,\"next_command\":null}]"));
}
END_TEST

/* --- the rest -------------------------------------------------------------- */

START_TEST(errors_md_is_made_from_the_tables)
{
    struct buf out = BUF_IN(&arena);

    report_errors_markdown(&out);
    unit_golden(&arena, "docs/errors.md", buf_text(&out));
}
END_TEST

START_TEST(a_word_longer_than_the_line_stays_whole)
{
    struct buf out = BUF_IN(&arena);
    char word[151] = "";

    memset(word, 'x', sizeof word - 1);
    report_wrap(&out, "- ", "  ", arena_printf(&arena, "a %s b\n\nc", word));
    ck_assert_str_eq(buf_text(&out), arena_printf(&arena, "- a\n  %s\n  b\n  \n  c\n", word));
}
END_TEST

static TCase *cased(const char *name)
{
    TCase *tc = tcase_create(name);

    tcase_add_checked_fixture(tc, NULL, forget);
    return tc;
}

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *safety = cased("safety"), *answers = cased("answers"), *rest = cased("rest");

    tcase_add_loop_test(safety, the_report_is_as_reviewed, 0, ARRAY_LEN(cases));
    tcase_add_test(safety, the_report_of_a_rename_is_as_reviewed);
    tcase_add_loop_test(safety, prose_is_not_wider_than_a_hundred_columns, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(safety, every_statement_stands_in_every_form, 0, ARRAY_LEN(forms));
    tcase_add_test(answers, what_is_waited_for_comes_first_and_one_command_goes_on);
    tcase_add_test(answers, what_cannot_be_overridden_is_not_offered);
    tcase_add_test(answers, the_worst_status_wins_in_the_documented_order);
    tcase_add_test(answers, success_and_failure_have_the_same_members);
    tcase_add_test(answers, with_results_the_answer_is_as_bad_as_the_worst_of_them);
    tcase_add_test(answers, only_gates_that_hold_are_listed);
    tcase_add_test(rest, errors_md_is_made_from_the_tables);
    tcase_add_test(rest, a_word_longer_than_the_line_stays_whole);
    suite_add_tcase(suite, safety);
    suite_add_tcase(suite, answers);
    suite_add_tcase(suite, rest);
    return unit_run(suite);
}
