/*
 * A role that has nothing but what `admit` gives, and its own tables: all that a plan wants
 * of the state is open to it, on the way forward and back.
 */
#include "support.h"

static const char *db, *url;
static PGconn *super;

static void setup(void)
{
    db = test_database("empty");
    url = test_url(db, "app");
    super = test_connect(db, "postgres");
    test_sql(test_connect(db, "app"),
             "CREATE SCHEMA shop; CREATE TABLE shop.customer (id int PRIMARY KEY, mail text);"
             "INSERT INTO shop.customer VALUES (1, 'a')");
    EXITS(ORCHESTRATE(test_url(db, "postgres"), "init"), 0);
    test_sql(super, "SELECT orchestrate.admit('app', true)");
}

/* clang-format off */
static const struct {
    const char *plan;
    const char *to; /* forward to this phase, and back from it */
} plans[] = {
    { "phases:\n"
      "  - name: one\n    steps:\n"
      "      - sql: ALTER TABLE shop.customer ADD COLUMN n int\n"
      "        undo: ALTER TABLE shop.customer DROP COLUMN n\n"
      "      - backfill: {table: shop.customer, set: {n: id}, where: n IS NULL}\n        undo: none\n"
      "  - name: two\n    steps:\n"
      "      - concurrently: CREATE INDEX CONCURRENTLY customer_n ON shop.customer (n)\n"
      "        undo: DROP INDEX shop.customer_n\n"
      "  - name: three\n    steps:\n"
      "      - sql: SELECT 1\n        undo: never\n", "two" },
    { "accept: [{rule: fires-triggers, because: test}]\n"
      "change: {rename_column: {table: shop.customer, from: mail, to: email}}\n", "retire" },
    { "change: {drop_column: {table: shop.customer, column: mail}}\n", "retire" },
    { "change: {rename_table: {table: shop.customer, to: client}}\n", "switch" },
    { "change: {drop_table: {table: shop.customer}}\n", "retire" },
    { "change: {add_index: {table: shop.customer, name: by_mail, columns: [mail]}}\n", "expand" },
};
/* clang-format on */

START_TEST(a_mere_runner_goes_forward_and_back)
{
    const char *file =
        test_write("mine.yaml", arena_printf(test_arena(), "plan: mine\n%s", plans[_i].plan));
    const char *to = plans[_i].to;

    EXITS(ORCHESTRATE(url, "start", file), 0);
    EXITS(ORCHESTRATE(url, "advance", "mine", "--to", to, "--fail-if-held"), 0);
    EXITS(ORCHESTRATE(url, "rollback", "mine", "--dry-run"), 0);
    EXITS(ORCHESTRATE(url, "rollback", "mine", "--to", "start", "--confirm", "mine"), 0);
    EXITS(ORCHESTRATE(url, "start", file, "--again"), 0);
    EXITS(ORCHESTRATE(url, "advance", "mine", "--to", to), 0);
    EXITS(ORCHESTRATE(url, "gate", "mine", "--rollback-to", "1"), 0);
    EXITS(ORCHESTRATE(url, "verify", "mine", "--history"), 0);
    EXITS(ORCHESTRATE(url, "repair", "mine", "--forget", "--confirm", "mine"), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("runner");
    TCase *tc = support_case(s, "runner", 120);

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_loop_test(tc, a_mere_runner_goes_forward_and_back, 0, ARRAY_LEN(plans));
    return s;
}

int main(void)
{
    return support_run(suite());
}
