#include "own_plan.h"

const char *own_prepared(const char **url)
{
    const char *db = test_database("empty");

    *url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app, writer;"
                                           "GRANT writer TO app");
    test_sql(test_connect(db, "app"), "%s", OWN_SETUP);
    return db;
}

struct ran own_start(const char *url, const char *head, const char *rest)
{
    return ORCHESTRATE(url, "start",
                       test_write("own.yaml", arena_printf(test_arena(),
                                                           "plan: own\n%sphases:\n"
                                                           "  - name: one\n%s",
                                                           head, rest)));
}
