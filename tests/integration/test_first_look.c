/*
 * Between the start of a plan and its first phase the database goes on; what the
 * plan was made for is looked at once more before anything is touched.
 */
#include "plans.h"
#include "support.h"

static const char *db, *url, *plan;
static PGconn *conn;

static void ok(struct ran ran)
{
    EXITS(ran, 0);
}

static void begin(void)
{
    db = test_database("empty");
    url = test_url(db, "migrator");
    conn = test_connect(db, "app");
    test_sql(conn, "CREATE TABLE public.t (id int PRIMARY KEY, old text, other text);"
                   "INSERT INTO public.t SELECT i, 'v' || i FROM generate_series(1, 50) i");
    plan = test_rename_plan("p", "public.t", "old", "new", NULL);
    ok(ORCHESTRATE(url, "start", plan));
}

static void nothing_was_touched(void)
{
    ck_assert_str_eq(test_value(conn, "SELECT string_agg(attname, ' ' ORDER BY attnum)"
                                      "  FROM pg_attribute WHERE attrelid = 'public.t'::regclass"
                                      "   AND attnum > 0"),
                     "id old other");
}

START_TEST(an_index_made_meanwhile_is_not_passed_over)
{
    struct ran ran;

    begin();
    test_sql(conn, "CREATE INDEX t_old ON public.t (old)");
    ran = ORCHESTRATE(url, "advance", "p");
    EXITS(ran, 5);
    CONTAINS(ran.err, "orchestrate: what plan p was made for has changed since it was started; now "
                      "it would do another thing in step verify/1/1: index for \"new\" like "
                      "\"t_old\"\n"
                      "hint: Nothing was changed. Call it off and start it anew, as the role that "
                      "will advance it: `orchestrate rollback p`, `orchestrate start --again "
                      "FILE`.\n");
    nothing_was_touched();

    ok(ORCHESTRATE(url, "rollback", "p"));
    ok(ORCHESTRATE(url, "start", "--again", plan));
    ok(ORCHESTRATE(url, "advance", "p", "--to", "contract", "--confirm", "p"));
    ck_assert_str_eq(test_value(conn, "SELECT pg_get_indexdef('public.t_old'::regclass)"),
                     "CREATE INDEX t_old ON public.t USING btree (new)");
}
END_TEST

START_TEST(what_speaks_against_the_plan_by_now_refuses_it)
{
    struct ran ran;

    begin();
    test_sql(conn, "CREATE TABLE public.log (LIKE public.t);"
                   "CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS"
                   " $$ BEGIN INSERT INTO public.log SELECT OLD.*; RETURN NULL; END $$;"
                   "CREATE TRIGGER keep AFTER DELETE ON public.t FOR EACH ROW"
                   " EXECUTE FUNCTION public.keep()");
    ran = ORCHESTRATE(url, "advance", "p", "--json");
    EXITS(ran, 5);
    CONTAINS(ran.out, "\"code\":\"check_failed\"");
    CONTAINS(ran.out, "\"code\":\"trigger-whole-row\"");
    nothing_was_touched();

    test_sql(conn, "DROP TRIGGER keep ON public.t");
    ok(ORCHESTRATE(url, "advance", "p"));
}
END_TEST

/* Its facts are those of the time of its start: an index has another definition by now. */
START_TEST(a_plan_that_waited_for_another_one_is_not_made_of_old_facts)
{
    const char *second;
    struct ran ran;

    begin();
    test_sql(conn, "ALTER TABLE public.t ADD COLUMN more text;"
                   "CREATE INDEX t_both ON public.t (other, old)");
    ok(ORCHESTRATE(url, "rollback", "p"));
    ok(ORCHESTRATE(url, "start", "--again", plan));
    second = test_rename_plan("q", "public.t", "other", "label", "after: [p]\n");
    ok(ORCHESTRATE(url, "start", second));
    ok(ORCHESTRATE(url, "advance", "p", "--to", "contract", "--confirm", "p"));

    ran = ORCHESTRATE(url, "advance", "q");
    EXITS(ran, 5);
    CONTAINS(ran.err, "verify/1/1: index for \"label\" like \"t_both\"\n");

    ok(ORCHESTRATE(url, "rollback", "q"));
    ok(ORCHESTRATE(url, "start", "--again", second));
    ok(ORCHESTRATE(url, "advance", "q", "--to", "contract", "--confirm", "q"));
    ck_assert_str_eq(test_value(conn, "SELECT pg_get_indexdef('public.t_both'::regclass)"),
                     "CREATE INDEX t_both ON public.t USING btree (label, new)");
}
END_TEST

START_TEST(once_begun_it_goes_on_with_its_own_copy)
{
    begin();
    ok(ORCHESTRATE(url, "advance", "p"));
    test_sql(conn, "CREATE INDEX t_old ON public.t (old)");
    ok(ORCHESTRATE(url, "advance", "p"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("first_look");
    TCase *tcase = support_case(suite, "before the first phase", 120);

    tcase_add_test(tcase, an_index_made_meanwhile_is_not_passed_over);
    tcase_add_test(tcase, what_speaks_against_the_plan_by_now_refuses_it);
    tcase_add_test(tcase, a_plan_that_waited_for_another_one_is_not_made_of_old_facts);
    tcase_add_test(tcase, once_begun_it_goes_on_with_its_own_copy);
    return support_run(suite);
}
