/*
 * rename_table: policies that come while the view of the old name looks at its owner's
 * rights, which it does when a role may read only some columns.
 */
#include <string.h>

#include "rename_table_fixture.h"

#define SOME_COLUMNS "GRANT SELECT (id) ON public.t TO writer; GRANT SELECT ON public.t TO stranger"
#define FEW                                                                                        \
    "ALTER TABLE public.u ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON public.u USING (id <= "  \
    "10)"

static const char *url, *db;
static PGconn *app, *stranger;

static void switched(void)
{
    db = started(TABLE SOME_COLUMNS, &url);
    app = test_connect(db, "app");
    stranger = test_connect(db, "stranger");
    test_sql(test_connect(db, "postgres"), "GRANT USAGE ON SCHEMA public TO PUBLIC");
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", "switch"), 0);
    test_sql(app, FEW);
}

START_TEST(a_view_that_shows_more_than_policies_allow_is_told_of_until_it_obeys)
{
    struct ran ran;

    switched();
    ck_assert_int_eq(test_count(stranger, "SELECT count(*) FROM public.t"), 200);
    if (PQserverVersion(app) < 150000) {
        EXITS(ORCHESTRATE(url, "advance", "p"), 0);
        return;
    }
    CONTAINS(ORCHESTRATE(url, "status", "p").out, "view_security");
    ran = ORCHESTRATE(url, "advance", "p", "--json");
    EXITS(ran, 0);
    CONTAINS(ran.out, "ALTER VIEW public.t SET (security_invoker = true)");
    CONTAINS(ORCHESTRATE(url, "verify", "p").out, "ALTER VIEW public.t SET");
    test_sql(app, "ALTER VIEW public.t SET (security_invoker = true)");
    ck_assert_int_eq(test_count(stranger, "SELECT count(*) FROM public.t"), 10);
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    EXITS(ORCHESTRATE(url, "advance", "p", "--fail-if-held"), 0);
    ck_assert_str_eq(test_sqlstate(app, "SELECT FROM public.%s", "t"), "42P01");
}
END_TEST

START_TEST(who_overrides_that_is_rid_of_the_view)
{
    switched();
    if (PQserverVersion(app) < 150000)
        return;
    EXITS(ORCHESTRATE(url, "advance", "p", "--override", "view_security", "--because", "it goes"),
          0);
    ck_assert_str_eq(test_sqlstate(app, "SELECT FROM public.%s", "t"), "42P01");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("rename_table_policies");
    TCase *tc = support_case(s, "policies", 120);

    tcase_add_test(tc, a_view_that_shows_more_than_policies_allow_is_told_of_until_it_obeys);
    tcase_add_test(tc, who_overrides_that_is_rid_of_the_view);
    return s;
}

int main(void)
{
    return support_run(suite());
}
