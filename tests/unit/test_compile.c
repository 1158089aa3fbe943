/*
 * Plan and catalog in, program out (compile/compile.h), with an operation made
 * up for the purpose.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrate/compile/compile.h"
#include "unit.h"

/* clang-format off */
static const struct field fields[] = {
    { "table", FIELD_TABLE, true, "table" }, { "from", FIELD_IDENT, true, "column" }, { 0 },
};
static const struct phase_spec phases[] = {
    { "expand", false, "deploy what omits :\"from\"", UNDO_INSTANT, "until contract starts", false },
    { "verify", true,  NULL,                          UNDO_INSTANT, "until contract starts", true },
    { "contract", false, NULL,                        UNDO_NEVER,   NULL,                    false },
    { 0 },
};
static const struct step_spec steps[] = {
    { .phase = "expand", .kind = STEP_DDL, .title = "add", .sql = "ALTER TABLE :rel ADD :\"from\"", .lock = LOCK_ACCESS_EXCLUSIVE },
    { .phase = "expand", .kind = STEP_DDL, .title = "drop", .sql = "DROP :\"from\"", .undo = true },
    { .phase = "expand", .kind = STEP_DDL, .title = "only with a default", .sql = ":set_default", .when = "set_default" },
    { .phase = "expand", .kind = STEP_DDL, .title = "only without", .sql = "none", .when = "!set_default" },
    { .phase = "verify", .kind = STEP_ALONE, .title = "build :\"index.name\"", .sql = ":index_definition", .each = "index" },
    { .phase = "verify", .kind = STEP_ALONE, .title = "drop it", .sql = "DROP :\"index.name\"", .undo = true, .each = "index" },
    { .phase = "verify", .kind = STEP_ALONE, .title = "validate", .sql = ":body", .risk = RISK_MEDIUM },
    { .phase = "contract", .kind = STEP_DDL, .title = "end", .sql = "DROP" },
    { 0 },
};
static const struct gate_spec gates[] = {
    { "contract", "tombstone",     "SELECT :'from'", false, true,  NULL },
    { "contract", "old_name_idle", "SELECT 1",       true,  false, NULL },
    { "contract", "never_there",   "SELECT 2",       true,  false, "set_default" },
    { 0 },
};
static const struct derived derived[] = { { "body", "VALIDATE :\"from\"" }, { 0 } };
static struct fact_row facts[] = {
    { "rel", 0, "\"s\".\"t\"" }, { "owner", 0, "app" }, { "set_default", 0, "" },
    { "index.name", 1, "i1" }, { "index.definition", 1, "CREATE i1" },
    { "index.name", 2, "i2" }, { "index.definition", 2, "CREATE i2" },
};
/* clang-format on */

static const struct operation op = { .name = "made_up",
                                     .fields = fields,
                                     .phases = phases,
                                     .steps = steps,
                                     .gates = gates,
                                     .derived = derived };
static const struct gate_kind idle = { .name = "old_name_idle", .sql = "SELECT 3" };
static const struct gate_kind soak = { .name = "soak", .sql = "SELECT 4", .overridable = true };
static struct plan_gate plan_gates[] = {
    { "contract", &idle, "1h", { 0 } },
    { "contract", &soak, "7d", { 0 } },
    { "verify", &soak, "1d", { 0 } },
};

static struct arena arena;
static struct program program;

static void compile_it(bool known)
{
    static struct change change;
    struct plan plan = { .name = "p",
                         .changes = &change,
                         .n_changes = 1,
                         .gates = plan_gates,
                         .n_gates = ARRAY_LEN(plan_gates) };
    struct catalog cat = {
        .known = known, .relid = 17, .facts = facts, .n_facts = known ? ARRAY_LEN(facts) : 0
    };
    struct err err;

    change = (struct change){ .op = &op, .args = { "s.t", "e" }, .schema = "s", .table = "t" };
    ck_assert_msg(compile(&arena, &plan, &cat, &program, &err), "%s", err.text);
}

static void teardown(void)
{
    arena_cleanup(&arena);
}

START_TEST(phases_come_in_the_order_of_the_operation)
{
    compile_it(true);
    ck_assert_uint_eq(program.n_phases, 3);
    ck_assert_str_eq(program.phases[0].name, "expand");
    ck_assert_str_eq(program.phases[0].note, "deploy what omits \"e\"");
    ck_assert(program.phases[1].deploy_before);
    ck_assert_int_eq(program.phases[2].undo, UNDO_NEVER);
    ck_assert_int_eq(program_phase(&program, "verify"), 1);
    ck_assert_int_eq(program_phase(&program, "switch"), -1);
}
END_TEST

START_TEST(steps_are_rendered_with_fields_and_facts_and_numbered)
{
    compile_it(true);
    ck_assert_uint_eq(program.phases[0].n_steps, 2);
    ck_assert_str_eq(program.phases[0].steps[0].id, "expand/1/1");
    ck_assert_str_eq(program.phases[0].steps[0].sql, "ALTER TABLE \"s\".\"t\" ADD \"e\"");
    ck_assert_str_eq(program.phases[0].steps[0].role, "app");
    ck_assert_str_eq(program.phases[0].steps[1].title, "only without");
}
END_TEST

START_TEST(a_list_of_facts_becomes_a_step_each)
{
    const struct phase *verify = &program.phases[1];

    compile_it(true);
    verify = &program.phases[1];
    ck_assert_uint_eq(verify->n_steps, 3);
    ck_assert_str_eq(verify->steps[0].title, "build \"i1\"");
    ck_assert_str_eq(verify->steps[1].sql, "CREATE i2");
    ck_assert_str_eq(verify->steps[2].sql, "VALIDATE \"e\"");
    ck_assert_int_eq(phase_risk(verify), RISK_MEDIUM);
}
END_TEST

START_TEST(undo_goes_backwards)
{
    compile_it(true);
    ck_assert_uint_eq(program.phases[1].n_undo_steps, 2);
    ck_assert_str_eq(program.phases[1].undo_steps[0].id, "verify/1/2/undo/1");
    ck_assert_str_eq(program.phases[1].undo_steps[0].sql, "DROP \"i2\"");
    ck_assert_str_eq(program.phases[1].undo_steps[1].sql, "DROP \"i1\"");
    ck_assert_uint_eq(program.phases[0].n_undo_steps, 1);
    ck_assert_str_eq(program.phases[0].undo_steps[0].id, "expand/1/1/undo/1");
}
END_TEST

START_TEST(gates_are_those_of_every_phase_then_of_the_operation_then_of_the_plan)
{
    const struct phase *contract;
    size_t standing = 0;

    for (const struct gate_kind *k = gate_kinds; k->name; k++)
        standing += k->always;
    compile_it(true);
    contract = &program.phases[2];
    ck_assert_uint_eq(contract->n_gates, standing + 3);
    ck_assert_str_eq(contract->gates[standing].name, "tombstone");
    ck_assert_str_eq(contract->gates[standing].sql, "SELECT 'e'");
    ck_assert(contract->gates[standing].check);
    ck_assert_str_eq(contract->gates[standing + 2].name, "soak");
    ck_assert_str_eq(contract->gates[standing + 2].args, "7d");
    ck_assert(!contract->gates[standing + 2].always);
}
END_TEST

START_TEST(a_plan_tunes_a_gate_that_the_operation_has_anyway)
{
    const struct phase *contract;
    size_t found = 0;

    compile_it(true);
    contract = &program.phases[2];
    for (size_t i = 0; i < contract->n_gates; i++)
        if (strcmp(contract->gates[i].name, "old_name_idle") == 0) {
            found++;
            ck_assert_str_eq(contract->gates[i].sql, "SELECT 1");
            ck_assert_str_eq(contract->gates[i].args, "1h");
        }
    ck_assert_uint_eq(found, 1);
}
END_TEST

START_TEST(the_table_is_claimed)
{
    compile_it(true);
    ck_assert_uint_eq(program.n_claims, 1);
    ck_assert_uint_eq(program.claims[0].relid, 17);
    ck_assert_str_eq(program.claims[0].relation, "\"s\".\"t\"");
}
END_TEST

START_TEST(without_a_database_the_unknown_is_shown_as_such)
{
    compile_it(false);
    ck_assert_ptr_nonnull(strstr(program.phases[0].steps[0].sql, "\"t\" ADD \"e\""));
    ck_assert_uint_eq(program.phases[1].n_steps, 1); /* no index is known */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compile");
    TCase *tcase = tcase_create("compile");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, phases_come_in_the_order_of_the_operation);
    tcase_add_test(tcase, steps_are_rendered_with_fields_and_facts_and_numbered);
    tcase_add_test(tcase, a_list_of_facts_becomes_a_step_each);
    tcase_add_test(tcase, undo_goes_backwards);
    tcase_add_test(tcase, gates_are_those_of_every_phase_then_of_the_operation_then_of_the_plan);
    tcase_add_test(tcase, a_plan_tunes_a_gate_that_the_operation_has_anyway);
    tcase_add_test(tcase, the_table_is_claimed);
    tcase_add_test(tcase, without_a_database_the_unknown_is_shown_as_such);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
