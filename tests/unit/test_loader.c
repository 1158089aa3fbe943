/*
 * The loader against tests/golden/plans: a good plan has its canonical form
 * beside it, a bad one its messages.  ORCHESTRATE_BLESS=1 writes what is found.
 */
#include <check.h>
#include <dirent.h>

#include "loader_fixture.h"
#include "orchestrate/base/buf.h"
#include "orchestrate/base/text.h"

static const char folder[] = "tests/golden/plans";

/* --- helpers ------------------------------------------------------------- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static const char *messages(void)
{
    struct buf out = BUF_IN(&arena);

    for (size_t i = 0; i < errors.n; i++) {
        const struct err *e = &errors.errs[i];

        buf_addf(&out, "%s:%d:%d: %s\n", base_name(e->at.file), e->at.line, e->at.column, e->text);
        if (*e->hint)
            buf_addf(&out, "  hint: %s\n", e->hint);
    }
    if (errors.more)
        buf_addf(&out, "and %zu more\n", errors.more);
    return buf_text(&out);
}

static const char *const customer = "change: {rename_column: {table: public.customer, from: email, "
                                    "to: email_address}}\n";

/* A plan with these lines in addition to the necessary ones. */
static bool parse_with(const char *lines)
{
    return parse(arena_printf(&arena, "plan: x\n%s%s", customer, lines));
}

/* --- golden files --------------------------------------------------------- */

static int is_plan(const struct dirent *entry)
{
    return text_ends(entry->d_name, ".yaml");
}

static bool compare_golden(const char *name)
{
    const char *path = arena_printf(&arena, "%s/%s", folder, name);
    const char *expected_path =
        arena_printf(&arena, "%.*s.expected", (int)(strlen(path) - strlen(".yaml")), path);
    bool ok = plan_load(&arena, path, &plan, &errors), good = text_starts(name, "good-");
    const char *found = ok ? plan.canonical : messages();

    check_answer(ok);
    if (ok != good) {
        fprintf(stderr, "%s: %s\n%s", name, ok ? "was taken for good" : "was refused", found);
        return false;
    }
    return unit_golden_same(&arena, expected_path, found);
}

START_TEST(each_plan_gives_the_canonical_form_or_the_messages_beside_it)
{
    struct dirent **names;
    int n = scandir(folder, &names, is_plan, alphasort), wrong = 0, bad = 0;

    ck_assert_msg(n > 0, "no plans in %s: run me in the source folder", folder);
    for (int i = 0; i < n; i++) {
        wrong += !compare_golden(names[i]->d_name);
        bad += text_starts(names[i]->d_name, "bad-");
        free(names[i]);
    }
    free(names);
    ck_assert_int_ge(bad, 35);
    ck_assert_int_ge(n - bad, 6);
    ck_assert_msg(!wrong, "%d of %d plans differ", wrong, n);
}
END_TEST

/* --- what a plan becomes --------------------------------------------------- */

START_TEST(values_reach_the_plan_with_their_positions)
{
    ck_assert(plan_load(&arena, "tests/golden/plans/good-full.yaml", &plan, &errors));
    ck_assert_str_eq(plan.name, "rename-customer-email");
    ck_assert_str_eq(plan.owner, "accounts");
    ck_assert_str_eq(plan.code_new, ">=2.4.0");
    ck_assert_str_eq(plan.code_old_until, "retire");
    ck_assert_uint_eq(plan.n_changes, 1);
    ck_assert_str_eq(plan.changes[0].schema, "public");
    ck_assert_str_eq(plan.changes[0].table, "customer");
    ck_assert_str_eq(plan.changes[0].args[2], "email_address");
    ck_assert_int_eq(plan.changes[0].at[2].line, 11);
    ck_assert_int_eq(plan.changes[0].at[2].column, 9);
    ck_assert_uint_eq(plan.n_gates, 4);
    ck_assert_str_eq(plan.gates[1].phase, "retire");
    ck_assert_str_eq(plan.gates[1].kind->name, "soak");
    ck_assert_str_eq(plan.gates[1].value, "24h");
    ck_assert_int_eq(plan.settings.lock_retry_for, 600000);
    ck_assert_int_eq(plan.settings.max_wal_rate, -1);
    ck_assert_str_eq(plan.setting_texts[0].key, "lock_timeout");
    ck_assert_uint_eq(plan.n_accepts, 1);
    ck_assert_int_eq(plan.accepts[0].at.line, 31);
}
END_TEST

START_TEST(a_table_without_schema_has_none)
{
    ck_assert(parse("plan: x\nchange: {rename_column: {table: Customer, from: a, to: b}}"));
    ck_assert_ptr_null(plan.changes[0].schema);
    ck_assert_str_eq(plan.changes[0].table, "Customer");
}
END_TEST

START_TEST(settings_left_out_have_their_defaults_and_are_not_in_the_canonical_form)
{
    ck_assert(parse_with("settings: {jobs: 4}\n"));
    ck_assert_int_eq(plan.settings.jobs, 4);
    ck_assert_int_eq(plan.settings.lock_timeout, 50);
    ck_assert_uint_eq(plan.n_setting_texts, 1);
    ck_assert_ptr_null(strstr(plan.canonical, "lock_timeout"));
}
END_TEST

/* --- checksum --------------------------------------------------------------- */

static const char *checksum(const char *text)
{
    ck_assert_msg(parse(text), "%s", messages());
    return plan.checksum;
}

START_TEST(the_checksum_is_that_of_the_canonical_form)
{
    /* printf 'plan = x\nchange.1...' | sha256sum */
    ck_assert(parse("plan: x\nchange: {rename_column: {table: t, from: a, to: b}}"));
    ck_assert_str_eq(plan.canonical, "plan = x\n"
                                     "change.1.rename_column.table = t\n"
                                     "change.1.rename_column.from = a\n"
                                     "change.1.rename_column.to = b\n");
    ck_assert_str_eq(plan.checksum,
                     "eba0e01b9764cd09df133d6d3a01d658b8ca33ac55f1e3275ccbda064d03afcd");
}
END_TEST

START_TEST(order_comments_line_ends_and_prose_do_not_change_the_checksum)
{
    static const char *const same[] = {
        "change: {rename_column: {to: b, from: a, table: t}}\nplan: x\n",
        "# why\nplan: x # here\nchange: {rename_column: {table: t, from: a, to: b}}\n",
        "plan: x\r\nchange: {rename_column: {table: t,\r\n from: a, to: b}}\r\n",
        "\xef\xbb\xbfplan: 'x'\nchange: {rename_column: {table: '\"t\"', from: \"a\", to: b}}\n",
        ("plan: x\ndescription: d\nowner: o\nticket: t\n"
         "change: {rename_column: {table: t, from: a, to: b}}\n"),
    };
    const char *first = checksum("plan: x\nchange: {rename_column: {table: t, from: a, to: b}}");

    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        ck_assert_str_eq(checksum(same[i]), first);
}
END_TEST

START_TEST(everything_that_is_carried_out_changes_the_checksum)
{
    static const char *const others[] = {
        "plan: y\nchange: {rename_column: {table: t, from: a, to: b}}\n",
        "plan: x\nchange: {rename_column: {table: T, from: a, to: b}}\n",
        "plan: x\nchange: {rename_column: {table: s.t, from: a, to: b}}\n",
        "plan: x\nchange: {rename_column: {table: t, from: A, to: b}}\n",
        "plan: x\nchange: {rename_column: {table: t, from: a, to: c}}\n",
        "plan: x\napp: y\nchange: {rename_column: {table: t, from: a, to: b}}\n",
        "plan: x\nchange: {rename_column: {table: t, from: a, to: b}}\nsettings: {jobs: 1}\n",
        "plan: x\nchange: {rename_column: {table: t, from: a, to: b}}\ncode: {new: '>1'}\n",
        ("plan: x\nchange: {rename_column: {table: t, from: a, to: b}}\n"
         "gates: {switch: [soak: 1h]}\n"),
        ("plan: x\nchange: {rename_column: {table: t, from: a, to: b}}\n"
         "accept: [{rule: r, because: b}]\n"),
    };
    const char *first = checksum("plan: x\nchange: {rename_column: {table: t, from: a, to: b}}");

    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        ck_assert_str_ne(checksum(others[i]), first);
}
END_TEST

START_TEST(two_spellings_of_one_plan_have_one_canonical_form)
{
    const char *first;

    ck_assert(plan_load(&arena, "tests/golden/plans/good-full.yaml", &plan, &errors));
    first = plan.canonical;
    ck_assert(plan_load(&arena, "tests/golden/plans/good-order-and-spelling.yaml", &plan, &errors));
    ck_assert_str_eq(plan.canonical, first);
}
END_TEST

START_TEST(no_value_can_pass_for_another_line_of_the_canonical_form)
{
    ck_assert(parse_with("accept: [{rule: r, because: \"a\\naccept.2.rule = s\\\\n\"}]\n"));
    ck_assert_ptr_nonnull(strstr(plan.canonical, "because = a\\naccept.2.rule = s\\\\n\n"));
}
END_TEST

/* --- differences ------------------------------------------------------------ */

START_TEST(a_diff_names_what_went_what_came_and_what_changed)
{
    ck_assert_str_eq(plan_diff(&arena, "", ""), "");
    ck_assert_str_eq(plan_diff(&arena, "a = 1\nb = 2\n", "a = 1\nb = 2\n"), "");
    ck_assert_str_eq(plan_diff(&arena, "a = 1\nb = 2\nc = 3\n", "a = 1\nb = 5\nd = 4\n"),
                     "- b = 2\n+ b = 5\n- c = 3\n+ d = 4\n");
    ck_assert_str_eq(plan_diff(&arena, "", "a = 1 = 2\n"), "+ a = 1 = 2\n");
}
END_TEST

/* --- names on the command line must not collide with files -------------------- */

START_TEST(a_name_has_63_characters_at_most_and_is_written_small)
{
    static const char *const good[] = { "a", "0", "a.b_c-d", "2024-rename" };
    static const char *const bad[] = { "-a",  ".a",       "_a",     "A",    "a b",
                                       "a/b", "\xc3\xa4", "a.yaml", "a.yml" };

    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        ck_assert_msg(parse(arena_printf(&arena, "plan: '%s'\n%s", good[i], customer)), "%s",
                      good[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        ck_assert_msg(!parse(arena_printf(&arena, "plan: '%s'\n%s", bad[i], customer)), "%s",
                      bad[i]);
}
END_TEST

START_TEST(every_phase_of_the_operation_may_have_gates)
{
    for (size_t i = 0; operations[0]->phases[i].name; i++)
        ck_assert(parse_with(
            arena_printf(&arena, "gates: {%s: [soak: 1h]}\n", operations[0]->phases[i].name)));
}
END_TEST

START_TEST(every_gate_kind_with_a_value_can_be_written_and_no_other)
{
    for (const struct gate_kind *kind = gate_kinds; kind->name; kind++) {
        bool written = kind->value != GATE_NO_VALUE;
        const char *gate = written ? kind->example : arena_printf(&arena, "%s: 1h", kind->name);
        bool ok = parse_with(arena_printf(&arena, "gates: {switch: [{%s}]}\n", gate));

        ck_assert_msg(ok == written, "%s: %s", kind->name, messages());
        ck_assert(!ok || plan.gates[0].kind == kind);
    }
}
END_TEST

/* "a.b" is the key `b` of the mapping `a`. */
static const char *setting_line(const char *key, const char *value)
{
    const char *dot = strchr(key, '.');

    if (!dot)
        return arena_printf(&arena, "settings: {%s: '%s'}\n", key, value);
    return arena_printf(&arena, "settings: {%.*s: {%s: '%s'}}\n", (int)(dot - key), key, dot + 1,
                        value);
}

START_TEST(every_setting_takes_its_default_and_refuses_a_word)
{
    size_t count;
    const struct setting *settings = settings_table(&count);

    for (size_t i = 0; i < count; i++) {
        ck_assert(parse_with(setting_line(settings[i].key, settings[i].preset)));
        ck_assert_str_eq(plan.setting_texts[0].key, settings[i].key);
        ck_assert(!parse_with(setting_line(settings[i].key, "word")));
        ck_assert_uint_eq(errors.n, 1);
    }
}
END_TEST

/* A plan with what the operation demands, and this expression. */
static const char *plan_with(const struct operation *op, const struct field *field,
                             const char *expression)
{
    struct buf out = BUF_IN(&arena);

    buf_addf(&out, "plan: x\nchange:\n  %s:\n", op->name);
    for (const struct field *f = op->fields; f->key; f++)
        if (f != field && f->required)
            buf_addf(&out, "    %s: %s\n", f->key, f->kind == FIELD_NAMES ? "[a]" : "a");
    buf_addf(&out, "    %s: \"%s\"\n", field->key, expression);
    return buf_text(&out);
}

/* Whatever field takes one: where the parser stops is said, and what is no expression. */
START_TEST(every_expression_is_read_by_the_parser)
{
    static const struct {
        const char *text;
        int column; /* behind the quote that it begins with; -1: good */
    } rows[] = {
        { "1", -1 },
        { "b > 0 -- x", -1 },
        { "b > 0 /* x */", -1 },
        { "public.f(a, 'x) --') IS NULL", -1 },
        { "1); DROP TABLE t; --", 20 },
        { "1) -- x", 7 },
        { "1; SELECT 2", 1 },
        { "1), (2", 1 },
        { "b > 0 /* x", 6 },
        { "b > ", 4 },
        { "'x", 0 },
        { "a b c", 2 },
        { "a AS b", 2 },
        { "1, 2", 1 },
        { "b = 1) OR (true", 5 },
        { "", 0 },
        { "-- x", 4 },
        { "orchestrate.f(1) IN (SELECT run FROM orchestrate.run)", 0 },
    };
    int fields = 0;

    for (size_t o = 0; operations[o]; o++)
        for (const struct field *f = operations[o]->fields; f->key; f++) {
            fields += f->kind == FIELD_SQL;
            ck_assert_msg(f->kind != FIELD_SQL || operations[o]->tries, "%s of %s is not tried",
                          f->key, operations[o]->name);
            for (size_t i = 0; f->kind == FIELD_SQL && i < ARRAY_LEN(rows); i++) {
                bool ok = parse(plan_with(operations[o], f, rows[i].text));
                int first = (int)strlen(f->key) + 8; /* of the text; the quote is before it */

                ck_assert_msg(ok == (rows[i].column < 0), "%s: `%s`: %s", f->key, rows[i].text,
                              ok ? "was taken for good" : messages());
                if (ok)
                    continue;
                ck_assert_uint_eq(errors.n, 1);
                ck_assert_msg(errors.errs[0].at.column == first + rows[i].column ||
                                  (rows[i].column == 0 && errors.errs[0].at.column == first - 1),
                              "%s: %s", rows[i].text, messages());
            }
        }
    ck_assert_int_gt(fields, 1);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("loader");
    TCase *t = tcase_create("loader");

    tcase_set_timeout(t, 50);
    tcase_add_checked_fixture(t, NULL, forget);
    tcase_add_test(t, each_plan_gives_the_canonical_form_or_the_messages_beside_it);
    tcase_add_test(t, values_reach_the_plan_with_their_positions);
    tcase_add_test(t, a_table_without_schema_has_none);
    tcase_add_test(t, settings_left_out_have_their_defaults_and_are_not_in_the_canonical_form);
    tcase_add_test(t, the_checksum_is_that_of_the_canonical_form);
    tcase_add_test(t, order_comments_line_ends_and_prose_do_not_change_the_checksum);
    tcase_add_test(t, everything_that_is_carried_out_changes_the_checksum);
    tcase_add_test(t, two_spellings_of_one_plan_have_one_canonical_form);
    tcase_add_test(t, no_value_can_pass_for_another_line_of_the_canonical_form);
    tcase_add_test(t, a_diff_names_what_went_what_came_and_what_changed);
    tcase_add_test(t, a_name_has_63_characters_at_most_and_is_written_small);
    tcase_add_test(t, every_phase_of_the_operation_may_have_gates);
    tcase_add_test(t, every_gate_kind_with_a_value_can_be_written_and_no_other);
    tcase_add_test(t, every_setting_takes_its_default_and_refuses_a_word);
    tcase_add_test(t, every_expression_is_read_by_the_parser);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return unit_run(suite());
}
