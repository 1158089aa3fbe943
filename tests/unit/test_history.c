/*
 * The record of a run, as people read it.
 */
#include <check.h>
#include <string.h>

#include "history_text.h"
#include "orchestrate/base/attr.h"
#include "orchestrate/base/json_read.h"
#include "unit.h"

static struct arena arena;

static void forget(void)
{
    arena_cleanup(&arena);
}

/* --- details --------------------------------------------------------------- */

static const struct {
    const char *detail, *key, *value;
} members[] = {
    { "{\"ms\": 12, \"rows\": 3}", "ms", "12" },
    { "{\"ms\": 12, \"rows\": 3}", "rows", "3" },
    { "{\"ms\": 12, \"rows\": 3}", "row", NULL },
    { "{\"a\": \"ms\", \"ms\": 1}", "ms", "1" },
    { "{\"a\": \"say \\\"ms\\\": 2, }\", \"ms\": 1}", "ms", "1" },
    { "{\"a\": {\"ms\": 2}, \"b\": [1, {\"ms\": 3}], \"ms\": 1}", "ms", "1" },
    { "{\"a\": {\"x\": 2, \"y\": \"}\"}}", "a", "{\"x\": 2, \"y\": \"}\"}" },
    { "{\"a\": \"x\\\\y\\\"z\\n\\u0001!\"}", "a", "x\\y\"z\n!" },
    { "{\"a\": null, \"b\": true}", "a", NULL },
    { "{\"a\": null, \"b\": true}", "b", "true" },
    { "{\"a\": \"\"}", "a", "" },
    { "{}", "a", NULL },
    { "", "a", NULL },
    { "[1, 2]", "a", NULL },
    { "{\"a\": \"cut o", "b", NULL },
    { "{\"a", "a", NULL },
    { NULL, "a", NULL },
};

START_TEST(a_member_is_found_whatever_stands_around_it)
{
    const char *value = json_member(&arena, members[_i].detail, members[_i].key);

    if (members[_i].value)
        ck_assert_pstr_eq(value, members[_i].value);
    else
        ck_assert_ptr_null(value);
}
END_TEST

/* --- lines ----------------------------------------------------------------- */

#define MOVE(at, phase, from, to, detail)                                                          \
    {                                                                                              \
        0, at, phase, from, to, "bob", "transition", NULL, detail, "ab"                            \
    }
#define EVENT(at, phase, kind, step, detail)                                                       \
    {                                                                                              \
        -1, at, phase, NULL, NULL, "bob", kind, step, detail, NULL                                 \
    }
#define T1 "2026-01-02T03:04:05.100Z"
#define T2 "2026-01-02T03:04:05.900Z"
#define T3 "2026-01-02T03:05:06.000Z"

static const struct history_row short_phase[] = {
    MOVE(T1, "expand", NULL, "pending", "{}"),
    MOVE(T1, "expand", "pending", "running", "{\"deploy_id\": \"d3\"}"),
    MOVE(T2, "expand", "running", "done", "{\"tool\": \"1\", \"deploy_id\": \"d3\"}"),
    EVENT(T2, "expand", "step_done", "expand/1/1", "{\"ms\": 51, \"lock_ms\": 3.900}"),
    MOVE(T3, "dual-write", "done", "pending", "{}"),
};
static const struct history_row long_phase[] = {
    MOVE(T1, "backfill", "pending", "running", "{}"),
    EVENT(T3, "backfill", "step_done", "backfill/1/1", "{\"ms\": 61000, \"rows\": 12345}"),
    MOVE(T3, "backfill", "running", "done", "{}"),
    EVENT(T3, "backfill", "step_done", "backfill/1/2", "{\"ms\": 4}"),
};
static const struct history_row failure[] = {
    MOVE(T1, "verify", "pending", "running", "{}"),
    MOVE(T1, "verify", "running", "failed", "{\"error\": \"no room\", \"deploy_id\": \"d\"}"),
    MOVE(T3, "verify", "failed", "running", "{}"),
};
static const struct history_row both_undone[] = {
    MOVE(T1, "dual-write", "done", "undoing", "{\"because\": \"oops\"}"),
    MOVE(T1, "dual-write", "undoing", "undone", "{\"because\": \"oops\"}"),
    MOVE(T1, "expand", "undone", "undoing", "{\"because\": \"oops\"}"),
    MOVE(T1, "expand", "undoing", "undone", "{\"because\": \"oops\"}"),
    EVENT(T2, "dual-write", "step_undone", "dual-write/1/1/undo/1", "{\"ms\": 7}"),
};
static const struct history_row events[] = {
    EVENT(T1, "retire", "override", NULL,
          "{\"gate\": \"soak\", \"reason\": \"wait\", \"because\": \"known\"}"),
    EVENT(T1, NULL, "deploy_confirmed", NULL,
          "{\"status\": \"success\", \"version\": null, \"deploy_id\": \"7\"}"),
    EVENT(T1, NULL, "accepted", NULL,
          "{\"code\": \"published-table\", \"because\": \"since Monday\", \"message\": \"m\"}"),
    EVENT(T1, NULL, "resumed", NULL, "{}"),
    EVENT(T1, NULL, "new_kind", NULL, "{\"x\": 1, \"y\": \"two [2] {3}\"}"),
};

#define AT1 "  2026-01-02 03:04:05Z  bob           "
#define AT3 "  2026-01-02 03:05:06Z  bob           "

static const struct {
    const struct history_row *rows;
    size_t n;
    const char *text;
} stories[] = {
    { short_phase, ARRAY_LEN(short_phase),
      AT1 "the plan is started\n" AT1
          "expand done (51 ms, strong lock held for 3.9 ms, deploy d3)\n" },
    { long_phase, ARRAY_LEN(long_phase),
      AT1 "backfill begins\n" AT3 "step backfill/1/1 done (1 m 1 s, 12,345 rows written)\n" AT3
          "step backfill/1/2 done (4.0 ms)\n" AT3
          "backfill done (1 m 1 s, 12,345 rows written)\n" },
    { failure, ARRAY_LEN(failure), AT1 "verify failed: no room\n" AT3 "verify goes on\n" },
    { both_undone, ARRAY_LEN(both_undone),
      AT1 "dual-write undone (7.0 ms, because: oops)\n" AT1 "expand undone (because: oops)\n" },
    { events, ARRAY_LEN(events),
      AT1 "gate soak of retire overridden, because: known; it said: wait\n" AT1
          "deploy 7 ended: success\n" AT1 "accepted published-table: since Monday\n" AT1
          "resumed\n" AT1 "new kind (x: 1, y: two [2] {3})\n" },
};

START_TEST(a_line_says_what_came_of_it)
{
    struct buf out = BUF_IN(&arena);

    history_text(&out, stories[_i].rows, stories[_i].n);
    ck_assert_str_eq(buf_text(&out), stories[_i].text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("history");
    TCase *tc = tcase_create("history");

    tcase_add_checked_fixture(tc, NULL, forget);
    tcase_add_loop_test(tc, a_member_is_found_whatever_stands_around_it, 0, ARRAY_LEN(members));
    tcase_add_loop_test(tc, a_line_says_what_came_of_it, 0, ARRAY_LEN(stories));
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
