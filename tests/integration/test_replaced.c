/*
 * What somebody has dropped and made anew, under the same name and as something else, while
 * a plan was under way: it is not taken for what there was, and is never dropped for it.
 */
#include <string.h>

#include "drop_table_fixture.h"

#define OTHER                                                                                      \
    "CREATE TABLE public.other (id int PRIMARY KEY);"                                              \
    "INSERT INTO public.other SELECT i FROM generate_series(1, 100) AS i;"
#define CHILD                                                                                      \
    "CREATE TABLE public.child (thing int CONSTRAINT key REFERENCES public.thing);"                \
    "INSERT INTO public.child VALUES (1);"
#define TREE                                                                                       \
    "CREATE TABLE public.child (thing int) PARTITION BY LIST (thing);"                             \
    "CREATE TABLE public.child_a PARTITION OF public.child FOR VALUES IN (1);"                     \
    "CREATE TABLE public.child_b (thing int CONSTRAINT own REFERENCES public.thing);"              \
    "ALTER TABLE public.child ADD CONSTRAINT key FOREIGN KEY (thing) REFERENCES public.thing;"     \
    "ALTER TABLE public.child ATTACH PARTITION public.child_b DEFAULT;"                            \
    "INSERT INTO public.child VALUES (1), (2);"

#define DROP "ALTER TABLE public.child DROP CONSTRAINT key;"
#define MAKE(rest) "ALTER TABLE public.child ADD CONSTRAINT key FOREIGN KEY (thing) " rest ";"
#define BURIED "public.\"_orch_1_tombstone\""

#define OF_OTHER                                                                                   \
    "SELECT count(*) FROM pg_constraint WHERE conname = 'key' AND confrelid ="                     \
    " 'public.other'::regclass AND conrelid = 'public.child'::regclass"
#define OF_THING                                                                                   \
    "SELECT count(*) FROM pg_constraint WHERE conname = 'key' AND confrelid ="                     \
    " 'public.thing'::regclass AND conrelid = 'public.child'::regclass AND convalidated"

static const char *const children[] = { CHILD, TREE };

static const char *db, *url;
static PGconn *conn;

static struct ran advance(const char *phase)
{
    return advance_to(url, phase);
}

static struct ran rollback(void)
{
    return ORCHESTRATE(url, "rollback", "p");
}

static void begun(const char *child, const char *phase, const char *more)
{
    db = started(arena_printf(test_arena(), THING OTHER "%s", child), more, &url);
    conn = test_connect(db, "app");
    if (phase)
        EXITS(advance(phase), 0);
}

/* --- foreign keys of a table that goes -------------------------------------------- */

START_TEST(a_key_that_references_another_table_by_now_is_no_key_of_ours)
{
    struct ran ran;

    begun(children[_i], "expand", "");
    test_sql(conn, DROP MAKE("REFERENCES public.other"));
    ran = ORCHESTRATE(url, "verify", "p");
    EXITS(ran, 0);
    CONTAINS(ran.out, "the foreign key key of public.child is gone");
    EXITS(advance("retire"), 0);
    ck_assert_int_eq(test_count(conn, OF_OTHER), 1);
    EXITS(rollback(), 0);
    ck_assert_int_eq(test_count(conn, OF_OTHER), 1);
    EXITS(ORCHESTRATE(url, "resume", "p"), 0);
    EXITS(advance("contract"), 0);
    ck_assert_int_eq(test_count(conn, OF_OTHER), 1);
}
END_TEST

START_TEST(a_key_that_is_another_one_by_now_holds_retire)
{
    struct ran ran;

    begun(children[_i], "expand", "");
    test_sql(conn, DROP MAKE("REFERENCES public.thing ON DELETE CASCADE"));
    ran = advance("retire");
    EXITS(ran, 5);
    CONTAINS(ran.err, "constraint key on table public.child, which is not what it was when the "
                      "plan was started");
    ck_assert_int_eq(test_count(conn, OF_THING), 1);
    test_sql(conn, DROP MAKE("REFERENCES public.thing"));
    EXITS(advance("retire"), 0);
    EXITS(rollback(), 0);
    ck_assert_int_eq(test_count(conn, OF_THING), 1);
}
END_TEST

/* While retire is under way: it has noted the key, and waits for its lock. */
START_TEST(a_key_that_is_replaced_while_its_lock_is_waited_for_stays)
{
    PGconn *blocker;
    struct ran ran;

    begun(children[_i], "expand", "settings: {lock_retry_for: 100ms}\n");
    blocker = test_connect(db, "app");
    test_sql(blocker, "BEGIN; LOCK TABLE public.child IN ROW EXCLUSIVE MODE");
    EXITS(advance("retire"), 6);
    test_sql(blocker, "COMMIT");
    test_sql(conn, DROP MAKE("REFERENCES public.other"));
    ran = advance("retire");
    EXITS(ran, 5);
    CONTAINS(ran.err, "the foreign key key of public.child is not the one that there was when "
                      "retire began");
    CONTAINS(ran.err, "REFERENCES public.other");
    CONTAINS(ran.err, "Roll this phase back");
    ck_assert_int_eq(test_count(conn, OF_OTHER), 1);
    EXITS(rollback(), 0);
    EXITS(ORCHESTRATE(url, "resume", "p"), 0);
    EXITS(advance("contract"), 0);
    ck_assert_int_eq(test_count(conn, OF_OTHER), 1);
}
END_TEST

START_TEST(a_key_of_the_same_name_stops_the_way_back_until_it_is_out_of_the_way)
{
    struct ran ran;

    begun(children[_i], "retire", "");
    test_sql(conn, MAKE("REFERENCES public.other"));
    for (int again = 0; again < 2; again++) {
        ran = rollback();
        EXITS(ran, 5);
        CONTAINS(ran.err, "public.child has another constraint key by now");
        CONTAINS(ran.err, "REFERENCES public.other");
        CONTAINS(ran.err, "ALTER TABLE public.child RENAME CONSTRAINT key TO");
        ck_assert_int_eq(test_count(conn, OF_OTHER), 1);
    }
    test_sql(conn, "ALTER TABLE public.child RENAME CONSTRAINT key TO theirs");
    EXITS(rollback(), 0);
    ck_assert_int_eq(test_count(conn, OF_THING), 1);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_constraint WHERE conname = 'theirs'"
                                      " AND conrelid = 'public.child'::regclass"),
                     1);
}
END_TEST

/* A check may bear the name, too. */
START_TEST(a_check_of_the_same_name_stops_the_way_back)
{
    struct ran ran;

    begun(children[_i], "retire", "");
    test_sql(conn, "ALTER TABLE public.child ADD CONSTRAINT key CHECK (thing > 0)");
    ran = rollback();
    EXITS(ran, 5);
    CONTAINS(ran.err, "public.child has another constraint key by now: CHECK");
    test_sql(conn, "ALTER TABLE public.child DROP CONSTRAINT key");
    EXITS(rollback(), 0);
    ck_assert_int_eq(test_count(conn, OF_THING), 1);
}
END_TEST

/* Somebody needed it at once, and made it as it was. */
START_TEST(a_key_that_somebody_has_made_again_as_it_was_is_the_one)
{
    begun(CHILD, "retire", "");
    test_sql(conn, "INSERT INTO public.child VALUES (2); " MAKE("REFERENCES " BURIED));
    EXITS(rollback(), 0);
    ck_assert_int_eq(test_count(conn, OF_THING), 1);
    EXITS(rollback(), 0);
}
END_TEST

/* --- an index -------------------------------------------------------------------- */

#define INDEX_OF(rest) "add_index: {table: public.thing, name: \"By \\\"odd\\\"\", " rest "}"
#define BY_ODD "\"By \"\"odd\"\"\""

/* What the plan builds, what somebody has made of it; NULL: the same once more. */
static const struct {
    const char *change, *made, *other;
} indexes[] = {
    { INDEX_OF("columns: [Other]"), "public.thing (\"Other\")", "public.thing (id)" },
    { INDEX_OF("columns: [Other]"), "public.thing (\"Other\")", "public.thing (\"Other\" DESC)" },
    { INDEX_OF("columns: [Other]"), "public.thing (\"Other\")",
      "public.thing (\"Other\") INCLUDE (id)" },
    { INDEX_OF("columns: [Other]"), "public.thing (\"Other\")",
      "public.thing (\"Other\") WHERE id > 7" },
    { INDEX_OF("columns: [Other, id], where: 'id > 3 + 4 AND \"Other\" IN (1, 2)'"),
      "public.thing (\"Other\", id) WHERE id > 3 + 4 AND \"Other\" IN (1, 2)",
      "public.thing (\"Other\", id) WHERE id > 3 + 5 AND \"Other\" IN (1, 2)" },
};

/* After `expand`. */
static void expanded(const char *setup, const char *plan)
{
    db = test_database("empty");
    url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    conn = test_connect(db, "app");
    test_sql(conn, "%s", setup);
    EXITS(ORCHESTRATE(url, "start",
                      test_write("p.yaml", arena_printf(test_arena(), "plan: p\n%s\n", plan))),
          0);
    EXITS(ORCHESTRATE(url, "advance", "p"), 0);
}

static void built(const char *change)
{
    expanded(THING, arena_printf(test_arena(), "change:\n  %s", change));
}

START_TEST(an_index_that_is_another_one_by_now_stays)
{
    struct ran ran;

    built(indexes[_i].change);
    test_sql(conn, "DROP INDEX public." BY_ODD "; CREATE INDEX " BY_ODD " ON %s",
             indexes[_i].other);
    for (int again = 0; again < 2; again++) {
        ran = rollback();
        EXITS(ran, 5);
        CONTAINS(ran.err, "the index " BY_ODD " of public.thing is not the one that this plan has "
                          "built: CREATE INDEX");
        CONTAINS(ran.err, "ALTER INDEX public." BY_ODD " RENAME TO");
        CONTAINS(ran.err, "DROP INDEX CONCURRENTLY public." BY_ODD);
    }
    test_sql(conn, "ALTER INDEX public." BY_ODD " RENAME TO theirs");
    EXITS(rollback(), 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_class WHERE relname = 'theirs'"), 1);
}
END_TEST

START_TEST(an_index_that_was_made_again_as_it_was_is_the_one)
{
    built(indexes[_i].change);
    test_sql(conn, "DROP INDEX public." BY_ODD "; CREATE INDEX " BY_ODD " ON %s", indexes[_i].made);
    test_sql(conn, "ALTER INDEX public." BY_ODD " SET (fillfactor = 70)");
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    EXITS(rollback(), 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_class WHERE relname ~ 'odd'"), 0);
}
END_TEST

START_TEST(an_index_whose_columns_are_called_otherwise_is_the_one)
{
    built(indexes[0].change);
    test_sql(conn, "ALTER TABLE public.thing RENAME COLUMN \"Other\" TO \"An other\"");
    EXITS(rollback(), 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_class WHERE relname ~ 'odd'"), 0);
}
END_TEST

/* Two conditions cannot be compared when one of them names what is called otherwise. */
START_TEST(a_condition_that_can_no_longer_be_asked_is_said)
{
    struct ran ran;

    built(INDEX_OF("columns: [Other], where: id > 3"));
    test_sql(conn, "ALTER TABLE public.thing RENAME COLUMN id TO number");
    ran = rollback();
    EXITS(ran, 5);
    CONTAINS(ran.err,
             "the one that this plan has built cannot be told: column \"id\" does not exist");
    CONTAINS(ran.err, "DROP INDEX CONCURRENTLY public." BY_ODD);
    test_sql(conn, "ALTER TABLE public.thing RENAME COLUMN number TO id");
    EXITS(rollback(), 0);
    ck_assert_int_eq(test_count(conn, "SELECT count(*) FROM pg_class WHERE relname ~ 'odd'"), 0);
}
END_TEST

START_TEST(verify_tells_of_an_index_that_is_another_one)
{
    struct ran ran;

    expanded(THING OTHER,
             arena_printf(test_arena(), "changes:\n  - %s\n  - drop_table: {table: public.other}",
                          indexes[0].change));
    EXITS(ORCHESTRATE(url, "verify", "p"), 0);
    test_sql(conn, "DROP INDEX public." BY_ODD "; CREATE INDEX " BY_ODD " ON %s", indexes[0].other);
    ran = ORCHESTRATE(url, "verify", "p");
    EXITS(ran, 5);
    CONTAINS(ran.out, "is not the one that was built: CREATE INDEX");
}
END_TEST

/* --- what start has seen, by oid --------------------------------------------------- */

#define SENT "CREATE PUBLICATION sent FOR TABLE public.thing;"
#define RENAME                                                                                     \
    "change:\n  rename_table: {table: public.thing, to: thang}\n"                                  \
    "accept: [{rule: inheritance-children, because: a test}, {rule: published-table, because: a "  \
    "test}]"
#define HEIR "CREATE TABLE public.heir () INHERITS (public.thing);"
#define OUT "CONSTRAINT away REFERENCES public.other"
#define MORE "CREATE TABLE public.more (id int PRIMARY KEY);"
#define OUT_TO(table)                                                                              \
    "DROP CONSTRAINT away, ADD CONSTRAINT away FOREIGN KEY (other) REFERENCES public." table
#define HOLDER OTHER MORE "CREATE TABLE public.thing (id int PRIMARY KEY, other int " OUT ");"
#define OF_COLUMN "change:\n  drop_column: {table: public.thing, column: other}"
#define OF_TABLE "change:\n  drop_table: {table: public.thing}"

/* What somebody does before `phase`; what is said when that is something else by now. */
static const struct {
    const char *setup, *plan, *phase, *done, *said;
} seen[] = {
    { THING HEIR SENT, RENAME, "contract", "ALTER TABLE public.heir RENAME TO kid", NULL },
    { THING HEIR SENT, RENAME, "contract", "ALTER PUBLICATION sent RENAME TO told", NULL },
    { THING HEIR SENT, RENAME, "switch", "DROP TABLE public.heir; " HEIR,
      "public.heir inherits from it" },
    { THING HEIR SENT, RENAME, "switch", "DROP PUBLICATION sent; " SENT,
      "publication sent has it" },
    { HOLDER, OF_COLUMN, "contract", "ALTER TABLE public.thing RENAME CONSTRAINT away TO \"Away\"",
      NULL },
    { HOLDER, OF_COLUMN, "contract", "ALTER TABLE public.thing " OUT_TO("other"), NULL },
    { HOLDER, OF_COLUMN, "contract", "ALTER TABLE public.thing " OUT_TO("more"),
      "FOREIGN KEY away" },
    { HOLDER, OF_TABLE, "contract", "ALTER TABLE public.thing RENAME CONSTRAINT away TO \"Away\"",
      NULL },
    { HOLDER, OF_TABLE, "contract", "ALTER TABLE public.thing " OUT_TO("other"), NULL },
    { HOLDER, OF_TABLE, "retire", "ALTER TABLE public.thing " OUT_TO("more"),
      "its foreign key away locks public.more" },
};

START_TEST(what_is_called_otherwise_is_what_there_was_and_what_was_replaced_is_not)
{
    struct ran ran;

    expanded(seen[_i].setup, seen[_i].plan);
    test_sql(conn, "%s", seen[_i].done);
    ran = ORCHESTRATE(url, "advance", "p", "--to", seen[_i].phase, "--confirm", "p");
    if (seen[_i].said && ran.status == 0) /* it was stopped behind the phase before */
        ran = ORCHESTRATE(url, "advance", "p", "--confirm", "p");
    EXITS(ran, seen[_i].said ? 5 : 0);
    if (seen[_i].said)
        CONTAINS(ran.err, seen[_i].said);
}
END_TEST

/* By whatever name, it is dropped by the step that locks the other table, too. */
START_TEST(a_key_that_is_called_otherwise_goes_in_its_own_step)
{
    PGconn *blocker;
    struct ran ran;

    expanded(HOLDER, _i ? OF_COLUMN "\nsettings: {lock_retry_for: 100ms}"
                        : OF_TABLE "\nsettings: {lock_retry_for: 100ms}");
    EXITS(ORCHESTRATE(url, "advance", "p", "--to", "retire"), 0);
    test_sql(conn, "ALTER TABLE public.%s RENAME CONSTRAINT away TO \"Away\"",
             _i ? "thing" : "\"_orch_1_tombstone\"");
    blocker = test_connect(db, "app");
    test_sql(blocker, "BEGIN; LOCK TABLE public.other IN ROW EXCLUSIVE MODE");
    ran = ORCHESTRATE(url, "advance", "p", "--confirm", "p");
    EXITS(ran, 6);
    CONTAINS(ran.err, "contract/1/1");
    test_sql(blocker, "COMMIT; BEGIN; LOCK TABLE public.more IN ROW EXCLUSIVE MODE");
    EXITS(ORCHESTRATE(url, "advance", "p", "--confirm", "p"), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("replaced");
    TCase *keys = support_case(s, "keys", 300), *index = support_case(s, "index", 120);
    TCase *oids = support_case(s, "oids", 120);

    tcase_add_loop_test(keys, a_key_that_references_another_table_by_now_is_no_key_of_ours, 0, 2);
    tcase_add_loop_test(keys, a_key_that_is_another_one_by_now_holds_retire, 0, 2);
    tcase_add_loop_test(keys, a_key_that_is_replaced_while_its_lock_is_waited_for_stays, 0, 2);
    tcase_add_loop_test(keys, a_key_of_the_same_name_stops_the_way_back_until_it_is_out_of_the_way,
                        0, 2);
    tcase_add_loop_test(keys, a_check_of_the_same_name_stops_the_way_back, 0, 2);
    tcase_add_test(keys, a_key_that_somebody_has_made_again_as_it_was_is_the_one);
    tcase_add_loop_test(index, an_index_that_is_another_one_by_now_stays, 0, ARRAY_LEN(indexes));
    tcase_add_loop_test(index, an_index_that_was_made_again_as_it_was_is_the_one, 0,
                        ARRAY_LEN(indexes));
    tcase_add_test(index, an_index_whose_columns_are_called_otherwise_is_the_one);
    tcase_add_test(index, a_condition_that_can_no_longer_be_asked_is_said);
    tcase_add_test(index, verify_tells_of_an_index_that_is_another_one);
    tcase_add_loop_test(oids,
                        what_is_called_otherwise_is_what_there_was_and_what_was_replaced_is_not, 0,
                        ARRAY_LEN(seen));
    tcase_add_loop_test(oids, a_key_that_is_called_otherwise_goes_in_its_own_step, 0, 2);
    return s;
}

int main(void)
{
    return support_run(suite());
}
