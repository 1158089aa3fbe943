/*
 * Several changes become one program (compile/compile.h), with operations made up for
 * the purpose.
 */
#include <check.h>
#include <string.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/compile/compile.h"
#include "unit.h"

/* clang-format off */
static const struct field fields[] = { { "table", FIELD_TABLE, true, "table" }, { "old", FIELD_IDENT, true, "name" }, { 0 } };

/* As a rename: the second phase is undone together with the first. */
static const struct phase_spec twin_phases[] = {
    { "expand",     false, "twin of :\"old\"", UNDO_INSTANT,  "until contract starts", false },
    { "dual-write", false, NULL,               UNDO_INSTANT,  "until contract starts", true },
    { "switch",     true,  NULL,               UNDO_CATCH_UP, "until contract starts", false },
    { "contract",   false, NULL,               UNDO_NEVER,    NULL,                    false },
    { 0 },
};
static const struct step_spec twin_steps[] = {
    { .phase = "expand",     .kind = STEP_DDL, .title = "add", .sql = "ADD" },
    { .phase = "expand",     .kind = STEP_DDL, .title = "drop", .sql = "DROP", .undo = true },
    { .phase = "dual-write", .kind = STEP_DDL, .title = "sync", .sql = "SYNC" },
    { .phase = "dual-write", .kind = STEP_DDL, .title = "drop all", .sql = "DROP ALL", .undo = true },
    { .phase = "switch",     .kind = STEP_DDL, .title = "swap", .sql = "SWAP" },
    { .phase = "switch",     .kind = STEP_DDL, .title = "swap back", .sql = "BACK", .undo = true },
    { .phase = "contract",   .kind = STEP_DDL, .title = "end", .sql = "END" },
    { 0 },
};
static const struct gate_spec twin_gates[] = {
    { "contract", "proof", "SELECT :'old'", false, true, NULL },
    { "contract", "same",  "SELECT 1",      false, true, NULL },
    { 0 },
};
static const struct rebind_spec twin_rebinds[] = { { "switch", "BIND :\"old\";" }, { 0 } };

/* As a drop. */
static const struct phase_spec drop_phases[] = {
    { "expand",   false, "omit :\"old\"", UNDO_CATCH_UP, "until contract starts", false },
    { "retire",   true,  NULL,            UNDO_LOSSY,    "until contract starts", false },
    { "contract", false, NULL,            UNDO_NEVER,    NULL,                    false },
    { 0 },
};
static const struct step_spec drop_steps[] = {
    { .phase = "expand",   .kind = STEP_DDL, .title = "relax", .sql = "RELAX" },
    { .phase = "expand",   .kind = STEP_DDL, .title = "demand", .sql = "DEMAND", .undo = true },
    { .phase = "expand",   .kind = STEP_ALONE, .title = "prove", .sql = "PROVE", .undo = true },
    { .phase = "retire",   .kind = STEP_DDL, .title = "bury", .sql = "BURY", .risk = RISK_MEDIUM },
    { .phase = "retire",   .kind = STEP_DDL, .title = "unbury", .sql = "UNBURY", .undo = true },
    { .phase = "contract", .kind = STEP_DDL, .title = "end", .sql = "END" },
    { 0 },
};
static const struct operation twin = { .name = "twin", .fields = fields, .old_name = "old", .phases = twin_phases,
                                       .steps = twin_steps, .gates = twin_gates, .rebinds = twin_rebinds };
static const struct operation drop = { .name = "drop", .fields = fields, .old_name = "old", .phases = drop_phases, .steps = drop_steps };
static struct fact_row facts[] = { { "rel", 0, "s.t" }, { "owner", 0, "app" } };
static struct fact_row other_facts[] = {
    { "rel", 0, "s.u" }, { "owner", 0, "app" }, { "partner.relid", 1, "17" }, { "partner.relation", 1, "s.t" },
};
static const struct gate_kind word = { .name = "code_references", .sql = "SELECT 5", .old_name = true };
static const struct gate_kind proof = { .name = "proof" };
static struct plan_gate plan_gates[] = {
    { "contract", &word, "{\"paths\":[\"src\"]}", { 0 } },
    { "contract", &proof, "1h", { 0 } },
};
/* clang-format on */

static struct arena arena;
static struct program program;

/* twin(a), drop(b), twin(c) on another table. */
static void compile_them(void)
{
    static struct change changes[] = {
        { .op = &twin, .args = { "s.t", "a" }, .schema = "s", .table = "t" },
        { .op = &drop, .args = { "s.t", "b" }, .schema = "s", .table = "t" },
        { .op = &twin, .args = { "s.u", "c" }, .schema = "s", .table = "u" },
    };
    struct plan plan = { .name = "p",
                         .changes = changes,
                         .n_changes = ARRAY_LEN(changes),
                         .gates = plan_gates,
                         .n_gates = ARRAY_LEN(plan_gates) };
    struct catalog cats[] = {
        { .known = true, .relid = 17, .facts = facts, .n_facts = ARRAY_LEN(facts) },
        { .known = true, .relid = 17, .facts = facts, .n_facts = ARRAY_LEN(facts) },
        { .known = true, .relid = 18, .facts = other_facts, .n_facts = ARRAY_LEN(other_facts) },
    };
    struct err err;

    ck_assert_msg(compile(&arena, &plan, cats, &program, &err), "%s", err.text);
}

static const struct phase *phase(const char *name)
{
    int i = program_phase(&program, name);

    ck_assert_msg(i >= 0, "%s", name);
    return &program.phases[i];
}

/* "id sql, id sql" */
static const char *listed(const struct step *steps, size_t n)
{
    struct buf out = BUF_IN(&arena);

    for (size_t i = 0; i < n; i++)
        buf_addf(&out, "%s%s %s", i ? ", " : "", steps[i].id, steps[i].sql);
    return buf_text(&out);
}

static void teardown(void)
{
    arena_cleanup(&arena);
}

START_TEST(phases_of_one_name_are_one_in_the_order_of_all_operations)
{
    static const char *const names[] = { "expand", "dual-write", "switch", "retire", "contract" };

    compile_them();
    ck_assert_uint_eq(program.n_phases, ARRAY_LEN(names));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        ck_assert_str_eq(program.phases[i].name, names[i]);
    ck_assert(!phase("expand")->deploy_before);
    ck_assert(phase("switch")->deploy_before && phase("retire")->deploy_before);
    ck_assert_str_eq(phase("expand")->note, "twin of \"a\" omit \"b\" twin of \"c\"");
}
END_TEST

START_TEST(steps_come_by_change_and_are_undone_the_other_way_round)
{
    const struct phase *p;

    compile_them();
    p = phase("expand");
    ck_assert_str_eq(listed(p->steps, p->n_steps),
                     "expand/1/1 ADD, expand/2/1 RELAX, expand/3/1 ADD");
    ck_assert_str_eq(listed(p->undo_steps, p->n_undo_steps),
                     "expand/3/1/undo/1 DROP, expand/2/1/undo/1 DEMAND, expand/2/1/undo/2 PROVE, "
                     "expand/1/1/undo/1 DROP");
    p = phase("retire");
    ck_assert_str_eq(listed(p->steps, p->n_steps), "retire/2/1 BURY");
    p = phase("switch");
    ck_assert_uint_eq(p->n_rebinds, 2);
    ck_assert_uint_eq(p->rebinds[0].change, 1);
    ck_assert_str_eq(p->rebinds[0].sql, "SET LOCAL ROLE \"app\";\nBIND \"a\";");
    ck_assert_uint_eq(p->rebinds[1].change, 3);
    ck_assert_str_eq(p->rebinds[1].sql, "SET LOCAL ROLE \"app\";\nBIND \"c\";");
}
END_TEST

START_TEST(an_undo_of_two_phases_takes_back_what_others_did_in_the_first)
{
    const struct phase *p;

    compile_them();
    p = phase("dual-write");
    ck_assert(p->undo_with_previous);
    ck_assert_str_eq(listed(p->undo_steps, p->n_undo_steps),
                     "dual-write/3/1/undo/1 DROP ALL, dual-write/3/0/undo/1 DROP, "
                     "dual-write/2/0/undo/1 DEMAND, dual-write/2/0/undo/2 PROVE, "
                     "dual-write/1/1/undo/1 DROP ALL, dual-write/1/0/undo/1 DROP");
    ck_assert_uint_eq(step_stands_in(&p->undo_steps[0]), 0);
    ck_assert_uint_eq(step_stands_in(&p->undo_steps[1]), strlen("dual-write/3/"));
}
END_TEST

START_TEST(an_undo_costs_what_the_dearest_part_costs)
{
    compile_them();
    ck_assert_int_eq(phase("expand")->undo, UNDO_CATCH_UP);
    ck_assert_int_eq(phase("dual-write")->undo, UNDO_CATCH_UP); /* expand goes along */
    ck_assert_int_eq(phase("switch")->undo, UNDO_CATCH_UP);
    ck_assert_int_eq(phase("retire")->undo, UNDO_LOSSY);
    ck_assert_int_eq(phase("contract")->undo, UNDO_NEVER);
    ck_assert_str_eq(phase("expand")->undo_until, "until contract starts");
}
END_TEST

START_TEST(each_change_has_its_gates_and_the_plan_means_all_of_them)
{
    struct buf out = BUF_IN(&arena);
    const struct phase *p;

    compile_them();
    p = phase("contract");
    for (size_t i = 0; i < p->n_gates; i++)
        if (!gate_find(p->gates[i].name) || !p->gates[i].always)
            buf_addf(&out, "%s %s %s\n", p->gates[i].name, p->gates[i].sql,
                     p->gates[i].args ? p->gates[i].args : "-");
    ck_assert_str_eq(buf_text(&out),
                     "proof SELECT 'a' 1h\n"
                     "same SELECT 1 -\n" /* once, though two ask it */
                     "proof SELECT 'c' 1h\n"
                     "code_references SELECT 5 {\"name\":\"a\",\"paths\":[\"src\"]}\n"
                     "code_references SELECT 5 {\"name\":\"b\",\"paths\":[\"src\"]}\n"
                     "code_references SELECT 5 {\"name\":\"c\",\"paths\":[\"src\"]}\n");
}
END_TEST

START_TEST(a_table_is_claimed_once_and_not_only_shared)
{
    compile_them();
    ck_assert_uint_eq(program.n_claims, 2);
    ck_assert_uint_eq(program.claims[0].relid, 17);
    ck_assert(!program.claims[0].shared);
    ck_assert_uint_eq(program.claims[1].relid, 18);
}
END_TEST

/* What compile() counts on. */
START_TEST(phases_of_operations_are_in_the_order_of_all)
{
    for (size_t i = 0; operations[i]; i++)
        for (const struct phase_spec *p = operations[i]->phases; p->name; p++) {
            size_t at = operation_phase_order(p->name);

            ck_assert_msg(operation_phases[at], "%s: %s", operations[i]->name, p->name);
            if (p > operations[i]->phases)
                ck_assert_msg(operation_phase_order(p[-1].name) < at, "%s: %s", operations[i]->name,
                              p->name);
            ck_assert_msg(!p->undo_with_previous || (p > operations[i]->phases &&
                                                     operation_phase_order(p[-1].name) + 1 == at),
                          "%s: the phase before %s is another one in a plan of several changes",
                          operations[i]->name, p->name);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("merge");
    TCase *tcase = tcase_create("merge");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, phases_of_one_name_are_one_in_the_order_of_all_operations);
    tcase_add_test(tcase, steps_come_by_change_and_are_undone_the_other_way_round);
    tcase_add_test(tcase, an_undo_of_two_phases_takes_back_what_others_did_in_the_first);
    tcase_add_test(tcase, an_undo_costs_what_the_dearest_part_costs);
    tcase_add_test(tcase, each_change_has_its_gates_and_the_plan_means_all_of_them);
    tcase_add_test(tcase, a_table_is_claimed_once_and_not_only_shared);
    tcase_add_test(tcase, phases_of_operations_are_in_the_order_of_all);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
