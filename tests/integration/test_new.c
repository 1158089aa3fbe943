/*
 * new: what it writes is a plan that can be started as it stands; what it refuses
 * stands, word for word, in tests/golden/cli/new.txt (ORCHESTRATE_BLESS=1 writes it).
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "orchestrate/base/text.h"
#include "orchestrate/compile/compile.h"
#include "support.h"
#include "transcript.h"

#define RENAME "new", "rename_column", "table=shop.person", "from=email", "to=address"

START_TEST(what_is_written_is_as_reviewed)
{
    static const char *const args[] = { "new",
                                        "rename_column",
                                        "table=public.customer",
                                        "from=email",
                                        "to=email_address",
                                        "--output",
                                        "-",
                                        NULL };
    static const char *const all[] = { "new",
                                       "rename_column",
                                       "table=shop.\"Per son\"",
                                       "from=no",
                                       "to=a \"b\"",
                                       "--name",
                                       "p",
                                       "--app",
                                       "shop-api",
                                       "--owner",
                                       "the team",
                                       "--ticket",
                                       "OPS-1",
                                       "--description",
                                       "It's: so",
                                       "--output",
                                       "-",
                                       NULL };
    struct transcript t = transcript_begin();

    transcript_run(&t, "as in the README", args, NULL);
    transcript_run(&t, "odd names, and everything said", all, NULL);
    transcript_compare(&t, "tests/golden/cli/new_written.txt");
}
END_TEST

START_TEST(it_is_started_as_it_stands_and_goes_on_to_its_first_gate)
{
    const char *db = test_database("empty");
    const char *url = test_url(db, test_migrator());
    struct transcript t = transcript_begin();
    PGconn *conn = test_connect(db, "app");
    struct ran ran;

    test_sql(conn, "CREATE SCHEMA shop; CREATE TABLE shop.person (id int PRIMARY KEY, email text)");
    PQfinish(conn);
    ran = ORCHESTRATE(url, RENAME);
    EXITS(ran, 0);
    ck_assert_str_eq(ran.out, "wrote rename-person-email.yaml\nnext: orchestrate plan "
                              "rename-person-email.yaml   (what it will do)\n");
    ck_assert_str_eq(ran.err, "");
    ran = ORCHESTRATE(url, "validate", "rename-person-email.yaml");
    EXITS(ran, 0);
    ck_assert_str_eq(ran.err, "");
    ran = ORCHESTRATE(url, "start", "rename-person-email.yaml");
    EXITS(ran, 0);
    ran = ORCHESTRATE(url, "advance", "rename-person-email", "--to", "switch", "--json", "--fast");
    EXITS(ran, 0);
    CONTAINS(ran.out, "\"phase\":\"verify\"");
    CONTAINS(ran.out, "\"held_by\":[{\"gate\":\"deploy\",\"phase\":\"switch\"");
    ck_assert_int_eq(chdir(t.folder), 0);
}
END_TEST

START_TEST(a_file_is_overwritten_by_force_only)
{
    struct transcript t = transcript_begin();
    struct ran ran = ORCHESTRATE(NULL, RENAME, "--output", "p.yaml");
    const char *path = arena_printf(test_arena(), "%s/p.yaml", t.folder), *before;

    EXITS(ran, 0);
    before = test_file(path);
    ran = ORCHESTRATE(NULL, RENAME, "--output", "p.yaml", "--app", "other");
    EXITS(ran, 5);
    ck_assert_str_eq(test_file(path), before);
    ran = ORCHESTRATE(NULL, RENAME, "--output", "p.yaml", "--app", "other", "--force");
    EXITS(ran, 0);
    CONTAINS(test_file(path), "\napp: other\n");
}
END_TEST

START_TEST(the_name_of_the_plan_is_made_of_what_it_is_about)
{
    static const struct {
        const char *table, *from, *name;
    } made[] = {
        { "table=customer", "from=email", "rename-customer-email" },
        { "table=shop.customer", "from=email", "rename-customer-email" },
        { "table=\"Shop\".\"Customer Data\"", "from=E-Mail", "rename-customer-data-e-mail" },
        { "table=\xc3\xbc", "from=\xc3\xa4", "rename" },
        { "table=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
          "from=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
          "rename-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbb" },
    };

    for (size_t i = 0; i < ARRAY_LEN(made); i++) {
        struct ran ran = ORCHESTRATE(NULL, "new", "rename_column", made[i].table, made[i].from,
                                     "to=x", "--output", "-", "--json");

        EXITS(ran, 0);
        CONTAINS(ran.out, arena_printf(test_arena(), "\"plan\":\"%s\"", made[i].name));
    }
}
END_TEST

/* --- the tables ------------------------------------------------------------- */

static bool has_phase(const struct operation *op, const char *name, const char **at)
{
    for (const struct phase_spec *p = op->phases; p->name; p++)
        if (strcmp(p->name, name) == 0) {
            *at = p->name;
            return true;
        }
    return false;
}

START_TEST(every_operation_brings_what_a_new_plan_is_made_of)
{
    for (size_t i = 0; operations[i]; i++) {
        const struct operation *op = operations[i];

        ck_assert_msg(op->plan_name && op->plan_description && op->advice, "%s", op->name);
        for (const struct gate_advice *a = op->advice; a->phase; a++) {
            const struct gate_kind *kind = gate_find(a->gate);
            const char *phase;

            ck_assert_msg(has_phase(op, a->phase, &phase), "%s: %s", op->name, a->phase);
            ck_assert_msg(kind && kind->value != GATE_NO_VALUE, "%s: %s", op->name, a->gate);
            ck_assert(*a->because && a->because[strlen(a->because) - 1] == '.');
        }
    }
}
END_TEST

/* --- what is refused, word for word ------------------------------------------ */

/* clang-format off */
static const struct {
    const char *what, *args[9];
} refused[] = {
    { "no operation", { "new" } },
    { "an unknown operation", { "new", "rename_colum", "table=t" } },
    { "one that is like none", { "new", "frobnicate" } },
    { "no field at all", { "new", "rename_column" } },
    { "one is missing", { "new", "rename_column", "table=t", "from=a" } },
    { "a misspelt field", { "new", "rename_column", "tabel=t", "from=a", "to=b" } },
    { "an unknown field", { "new", "rename_column", "table=t", "from=a", "to=b", "colour=red" } },
    { "no equals sign", { "new", "rename_column", "t", "a", "b" } },
    { "an empty value", { "new", "rename_column", "table=t", "from=", "to=b" } },
    { "a field twice", { "new", "rename_column", "table=t", "from=a", "from=c", "to=b" } },
    { "no table name", { "new", "rename_column", "table=a.b.c", "from=a", "to=b" } },
    { "an open quote", { "new", "rename_column", "table=\"a", "from=a", "to=b" } },
    { "a long name", { "new", "rename_column", "table=t", "from=a", "to=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" } },
    { "nothing to do", { "new", "rename_column", "table=t", "from=a", "to=a" } },
    { "several things at once", { "new", "rename_column", "table=a.b.c", "from=a", "to=a" } },
    { "two lines in a name", { "new", "rename_column", "table=t", "from=a\nb", "to=c" } },
    { "bytes that are no text", { "new", "rename_column", "table=t", "from=\xff", "to=c" } },
    { "blanks for a name", { "new", "rename_column", "table=t", "from= ", "to=c" } },
    { "a bad name of a plan", { "new", "rename_column", "table=t", "from=a", "to=b", "--name", "My Plan" } },
    { "a file for a name", { "new", "rename_column", "table=t", "from=a", "to=b", "--name", "p.yaml" } },
    { "a bad name of an app", { "new", "rename_column", "table=t", "from=a", "to=b", "--app", "Shop" } },
    { "a file that exists", { "new", "rename_column", "table=t", "from=a", "to=b", "--output", "there.yaml" } },
    { "a folder", { "new", "rename_column", "table=t", "from=a", "to=b", "--output", "folder" } },
    { "no such folder", { "new", "rename_column", "table=t", "from=a", "to=b", "--output", "nowhere/p.yaml" } },
    { "an option of other commands", { "new", "rename_column", "table=t", "from=a", "to=b", "--again" } },
};
/* clang-format on */

START_TEST(what_is_refused_is_said_in_these_words)
{
    struct transcript t = transcript_begin();

    test_write("there.yaml", "mine\n");
    ck_assert_int_eq(mkdir(arena_printf(test_arena(), "%s/folder", t.folder), 0755), 0);
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        transcript_run(&t, refused[i].what, refused[i].args, NULL);
    transcript_compare(&t, "tests/golden/cli/new.txt");
    /* And nothing was written. */
    ck_assert_str_eq(test_file(arena_printf(test_arena(), "%s/there.yaml", t.folder)), "mine\n");
    ck_assert(!test_file_exists(arena_printf(test_arena(), "%s/rename-t-a.yaml", t.folder)));
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("new");
    TCase *tc = support_case(suite, "new", 120);

    tcase_add_test(tc, what_is_written_is_as_reviewed);
    tcase_add_test(tc, it_is_started_as_it_stands_and_goes_on_to_its_first_gate);
    tcase_add_test(tc, a_file_is_overwritten_by_force_only);
    tcase_add_test(tc, the_name_of_the_plan_is_made_of_what_it_is_about);
    tcase_add_test(tc, every_operation_brings_what_a_new_plan_is_made_of);
    tcase_add_test(tc, what_is_refused_is_said_in_these_words);
    return suite;
}

int main(void)
{
    return support_run(suite());
}
