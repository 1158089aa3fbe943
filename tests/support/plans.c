#include "plans.h"

#include <string.h>

#include "orchestrate/base/buf.h"
#include "support.h"

const char *test_yaml(const char *text)
{
    struct buf out = BUF_IN(test_arena());

    buf_add(&out, "\"");
    for (; *text; text++)
        buf_addf(&out, strchr("\"\\", *text) ? "\\%c" : "%c", *text);
    buf_add(&out, "\"");
    return buf_text(&out);
}

const char *test_scene(const char *setup, const char **url)
{
    const char *db = test_database("empty");

    *url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"), "%s", setup);
    return db;
}

const char *test_rename_plan(const char *name, const char *table, const char *from, const char *to,
                             const char *more)
{
    return test_write(arena_printf(test_arena(), "%s.yaml", name),
                      arena_printf(test_arena(),
                                   "plan: %s\nchange:\n  rename_column:\n    table: %s\n"
                                   "    from: %s\n    to: %s\n%s",
                                   name, test_yaml(table), test_yaml(from), test_yaml(to),
                                   more ? more : ""));
}
