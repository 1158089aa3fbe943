/*
 * What store/ does with the state schema, on a real server.
 */
#include "store_fixture.h"

enum { AT_ONCE = 8 };

static const char *db;
static struct pg *pg;
static PGconn *app, *super;

static void connect_only(void)
{
    db = test_database("empty");
    app = test_connect(db, "app");
    super = test_connect(db, "postgres");
}

static void setup(void)
{
    int before;

    connect_only();
    pg = open_as(db, "app");
    WORKS(store_init(pg, NULL, &before, &err));
    test_sql(app, "CREATE SCHEMA shop; CREATE TABLE shop.t (id int)");
}

static uint32_t table_oid(void)
{
    return (uint32_t)test_count(app, "SELECT 'shop.t'::regclass::oid");
}

static struct run *reload(const struct run *run)
{
    struct run *again = arena_alloc(test_arena(), sizeof *again);

    WORKS(store_load(test_arena(), pg, run->id, again, &err));
    return again;
}

/* ---- the schema ---- */

START_TEST(init_makes_the_schema_once)
{
    struct pg *c = open_as(db, "app");
    int version = -1, before = -1;
    int64_t id;

    WORKS(store_version(c, &version, &err));
    ck_assert_int_eq(version, 0);
    WORKS(store_run_number(c, false, &id, &err));
    ck_assert_int_eq(id, 1);
    WORKS(store_init(c, NULL, &before, &err));
    ck_assert_int_eq(before, 0);
    WORKS(store_init(c, NULL, &before, &err));
    ck_assert_int_eq(before, STORE_VERSION);
    WORKS(store_version(c, &version, &err));
    ck_assert_int_eq(version, STORE_VERSION);
    WORKS(store_run_number(c, false, &id, &err));
    ck_assert_int_eq(id, 1);
    ck_assert_str_eq(test_value(app, "SELECT (database_name = current_database())::text ||"
                                     " (made_by = 'app')::text || (system_id IS NOT NULL)::text"
                                     " FROM orchestrate.meta"),
                     "truetruetrue");
}
END_TEST

START_TEST(eight_inits_at_once_make_one_schema)
{
    struct ran ran[AT_ONCE];

    for (int i = 0; i < AT_ONCE; i++)
        ran[i] = test_spawn(test_url(db, "app"), (const char *const[]){ "init", NULL }, NULL);
    for (int i = 0; i < AT_ONCE; i++) {
        test_finish(&ran[i], 60);
        EXITS(ran[i], 0);
    }
    ck_assert_int_eq(test_count(app, "SELECT count(*) FROM orchestrate.meta"), 1);
}
END_TEST

START_TEST(init_says_which_grant_is_missing)
{
    struct pg *c = open_as(db, "stranger");
    int before;

    FAILS(store_init(c, NULL, &before, &err), ERR_CONSENT,
          arena_printf(test_arena(), "GRANT CREATE ON DATABASE \"%s\" TO \"stranger\"", db));
    ck_assert_int_eq(test_count(super, "SELECT count(*) FROM pg_namespace"
                                       " WHERE nspname = 'orchestrate'"),
                     0);
    test_sql(super, "CREATE SCHEMA orchestrate");
    FAILS(store_init(c, NULL, &before, &err), ERR_CONSENT, "belongs to role postgres");
    test_sql(super, "ALTER SCHEMA orchestrate OWNER TO stranger");
    WORKS(store_init(c, NULL, &before, &err));
}
END_TEST

START_TEST(a_schema_of_this_name_that_is_not_ours_is_left_alone)
{
    struct pg *c = open_as(db, "app");
    int before, version;

    test_sql(app, "CREATE SCHEMA orchestrate; CREATE TABLE orchestrate.score (id int)");
    WORKS(store_version(c, &version, &err));
    ck_assert_int_eq(version, 0);
    FAILS(store_init(c, NULL, &before, &err), ERR_CONFIG, "something else uses");
    ck_assert_int_eq(test_count(app, "SELECT count(*) FROM pg_class"
                                     " WHERE relnamespace = 'orchestrate'::regnamespace"),
                     1);
}
END_TEST

/* Its owner could drop our functions, and make them anew; others could put theirs in the way. */
START_TEST(a_superuser_makes_no_state_where_others_can_put_functions)
{
    struct pg *c = open_as(db, "postgres");
    struct err why = { 0 };
    int before;

    test_sql(app, "CREATE SCHEMA orchestrate");
    FAILS(store_init(c, NULL, &before, &err), ERR_CONSENT, "belongs to role app");
    test_sql(super, "ALTER SCHEMA orchestrate OWNER TO postgres;"
                    "GRANT USAGE, CREATE ON SCHEMA orchestrate TO app, PUBLIC");
    ck_assert(!store_init(c, NULL, &before, &why));
    ck_assert_str_eq(why.text,
                     "others may create things in the schema \"orchestrate\": PUBLIC, app");
    ck_assert_ptr_nonnull(
        strstr(why.hint, "REVOKE CREATE ON SCHEMA orchestrate FROM PUBLIC, app;"));
    test_sql(app, "CREATE FUNCTION orchestrate.field(varchar) RETURNS text LANGUAGE sql AS"
                  " 'SELECT NULL'");
    test_sql(super, "REVOKE CREATE ON SCHEMA orchestrate FROM PUBLIC, app");
    FAILS(store_init(c, NULL, &before, &err), ERR_CONFIG, "something else uses");
    test_sql(super, "DROP FUNCTION orchestrate.field");
    WORKS(store_init(c, NULL, &before, &err));
}
END_TEST

START_TEST(a_newer_schema_is_refused)
{
    int before, version;
    const char *both =
        arena_printf(test_arena(), "is version 99; orchestrate %s knows versions up to %d",
                     ORCHESTRATE_VERSION, STORE_VERSION);

    test_sql(app, "UPDATE orchestrate.meta SET version = 99");
    FAILS(store_version(pg, &version, &err), ERR_CONFIG, both);
    FAILS(store_init(pg, NULL, &before, &err), ERR_CONFIG, both);
}
END_TEST

START_TEST(somebody_who_was_not_let_in_is_told_how)
{
    struct pg *c = open_as(db, "writer");
    struct run *run = start_run(pg, (struct start){ .name = "closed" });
    struct holder holder;
    bool taken;
    int version;

    /* Whoever will write needs more than who only looks. */
    FAILS(store_version(c, &version, &err), ERR_CONSENT, "orchestrate.admit('writer', true)");
    c->read_only = true;
    FAILS(store_version(c, &version, &err), ERR_CONSENT, "orchestrate.admit('writer', false)");
    c->read_only = false;
    test_sql(app, "SELECT orchestrate.admit('writer', false)");
    WORKS(store_version(c, &version, &err));
    FAILS(store_take(test_arena(), c, run, false, 0, &taken, &holder, &err), ERR_CONSENT,
          "orchestrate.admit('writer', true)");
    FAILS(store_pause(c, run, true, NULL, &err), ERR_CONSENT, "orchestrate.admit('writer', true)");
}
END_TEST

/* ---- registering and reading ---- */

static void same_steps(const struct step *a, const struct step *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ck_assert_str_eq(a[i].id, b[i].id);
        ck_assert_int_eq(a[i].kind, b[i].kind);
        ck_assert_str_eq(a[i].title, b[i].title);
        ck_assert_str_eq(a[i].sql, b[i].sql);
        ck_assert_ptr_null(b[i].done);
        ck_assert_str_eq(a[i].relation, b[i].relation);
        ck_assert_int_eq(a[i].lock, b[i].lock);
        ck_assert_int_eq(a[i].risk, b[i].risk);
    }
}

START_TEST(a_run_is_read_back_as_it_was_registered)
{
    struct start start = { .name = "whole",
                           .app = "shop-api",
                           .gate = "soak",
                           .gate_value = "1h",
                           .last_undo = UNDO_NEVER,
                           .claim = table_oid() };
    const struct program *wanted = fixture_program(&start);
    struct run *run = start_run(pg, start);

    ck_assert_str_eq(run->name, "whole");
    ck_assert_str_eq(run->app, "shop-api");
    ck_assert_str_eq(run->description, "what it's for");
    ck_assert_ptr_null(run->owner);
    ck_assert_int_eq(run->state, RUN_READY);
    ck_assert_int_eq(run->seq, 0);
    ck_assert_int_eq(run->phase_state, PHASE_PENDING);
    ck_assert_int_eq(run->settings.lock_timeout, 70);
    ck_assert_int_eq(run->settings.batch_rows_max, 4000);
    ck_assert_int_eq(run->settings.batch_target, 10);
    ck_assert_uint_eq(run->program.n_claims, 1);
    ck_assert_uint_eq(run->program.claims[0].relid, table_oid());
    ck_assert_uint_eq(run->program.n_phases, wanted->n_phases);
    for (size_t i = 0; i < wanted->n_phases; i++) {
        const struct phase *a = &wanted->phases[i], *b = &run->program.phases[i];

        ck_assert_str_eq(a->name, b->name);
        ck_assert_int_eq(a->undo, b->undo);
        ck_assert_int_eq(a->deploy_before, b->deploy_before);
        ck_assert_uint_eq(a->n_steps, b->n_steps);
        ck_assert_uint_eq(a->n_undo_steps, b->n_undo_steps);
        same_steps(a->steps, b->steps, a->n_steps);
        same_steps(a->undo_steps, b->undo_steps, a->n_undo_steps);
        ck_assert_uint_eq(a->n_gates, b->n_gates);
        for (size_t g = 0; g < a->n_gates; g++) {
            ck_assert_str_eq(a->gates[g].name, b->gates[g].name);
            ck_assert_str_eq(a->gates[g].sql, b->gates[g].sql);
            ck_assert_pstr_eq(a->gates[g].args, b->gates[g].args);
            ck_assert_int_eq(a->gates[g].overridable, b->gates[g].overridable);
        }
    }
}
END_TEST

START_TEST(a_name_means_its_live_run_or_else_its_latest)
{
    struct start start = { .name = "again" };
    struct run *first = start_run(pg, start), *second;
    int64_t id;
    struct run_name *names;
    size_t n;

    FAILS(fixture_register(pg, &start, &id, &err), ERR_CHECK, "a live run of plan again already");
    stand_at(pg, first, 0, PHASE_UNDONE);
    WORKS(store_find(pg, "again", &id, &err));
    ck_assert_int_eq(id, first->id);
    second = start_run(pg, start);
    start_run(pg, (struct start){ .name = "a-third" });
    WORKS(store_find(pg, "again", &id, &err));
    ck_assert_int_eq(id, second->id);
    WORKS(store_list(test_arena(), pg, false, &names, &n, &err));
    ck_assert_uint_eq(n, 2);
    ck_assert_str_eq(names[0].name, "a-third");
    ck_assert_int_eq(names[1].id, second->id);
    stand_at(pg, second, 0, PHASE_UNDONE);
    WORKS(store_list(test_arena(), pg, false, &names, &n, &err));
    ck_assert_uint_eq(n, 1);
    WORKS(store_list(test_arena(), pg, true, &names, &n, &err));
    ck_assert_uint_eq(n, 2);
    WORKS(store_find(pg, "nobody", &id, &err));
    ck_assert_int_eq(id, 0);
}
END_TEST

START_TEST(a_move_in_memory_is_what_the_database_says_too)
{
    for (int phase = 0; phase < PHASES; phase++)
        for (int state = 0; state < PHASE_STATE_COUNT; state++) {
            struct run *run = start_run(
                pg, (struct start){ .name = arena_printf(test_arena(), "m%d%d", phase, state) });
            struct run *read;

            stand_at(pg, run, phase, (enum phase_state)state);
            read = reload(run);
            ck_assert_int_eq(read->seq, run->seq);
            ck_assert_int_eq(read->phase, run->phase);
            ck_assert_int_eq(read->phase_state, run->phase_state);
            ck_assert_int_eq(read->state, run->state);
            for (int i = 0; i < PHASES; i++)
                ck_assert_int_eq(read->records[i].state, run->records[i].state);
            ck_assert_int_eq(test_count(app,
                                        "SELECT (ended_at IS NULL)::int FROM orchestrate.plan"
                                        " WHERE run = %" PRId64,
                                        run->id),
                             run_state_is_live(run->state));
        }
}
END_TEST

START_TEST(records_say_when_a_phase_started_and_finished)
{
    struct run *run = start_run(pg, (struct start){ .name = "times" });
    struct run *read;

    finish_phase(pg, run, NULL);
    move(pg, run, EV_ADVANCE);
    move(pg, run, EV_ADVANCE);
    read = reload(run);
    ck_assert_str_le(read->records[0].started_at, read->records[0].finished_at);
    ck_assert_uint_eq(strlen(read->records[0].started_at), strlen("2024-01-01T00:00:00.000Z"));
    ck_assert_ptr_nonnull(read->records[1].started_at);
    ck_assert_ptr_null(read->records[1].finished_at);
    ck_assert_ptr_null(read->records[2].started_at);
    WORKS(store_pause(pg, run, true, "lunch", &err));
    WORKS(store_refresh(test_arena(), pg, read, &err));
    ck_assert(read->paused);
    ck_assert_str_eq(read->paused_because, "lunch");
}
END_TEST

START_TEST(a_completed_run_has_ended_and_its_last_phase_can_be_taken_back)
{
    struct run *run = start_run(pg, (struct start){ .name = "end", .claim = table_oid() });

    WORKS(pg_run(pg, store_claim_sql(test_arena(), run), PG_NO_ARGS, &err));
    for (int i = 0; i < PHASES; i++)
        finish_phase(pg, run, NULL);
    ck_assert_int_eq(run->state, RUN_COMPLETE);
    ck_assert_str_eq(test_value(app,
                                "SELECT (p.ended_at IS NOT NULL)::text ||"
                                " (c.released_at IS NOT NULL)::text"
                                " FROM orchestrate.plan p JOIN orchestrate.claim c USING (run)"),
                     "truetrue");
    move(pg, run, EV_UNDO);
    ck_assert_str_eq(test_value(app,
                                "SELECT (p.ended_at IS NULL)::text ||"
                                " (c.released_at IS NULL)::text"
                                " FROM orchestrate.plan p JOIN orchestrate.claim c USING (run)"),
                     "truetrue");
    move(pg, run, EV_UNDO_OVER);
    ck_assert_int_eq(run->state, RUN_READY);
}
END_TEST

START_TEST(a_completed_run_does_not_come_back_beside_a_new_one_of_its_name)
{
    struct run *run = start_run(pg, (struct start){ .name = "anew" });

    for (int i = 0; i < PHASES; i++)
        finish_phase(pg, run, NULL);
    start_run(pg, (struct start){ .name = "anew" });
    FAILS(try_move(pg, run, EV_UNDO, NULL, &err), ERR_CONFLICT, "plan anew was started anew");
}
END_TEST

START_TEST(words_about_a_plan_may_change_and_leave_an_event)
{
    struct run *run = start_run(pg, (struct start){ .name = "words" });

    bool changed;

    for (int i = 0; i < 2; i++) {
        WORKS(store_update_source(pg, run, "plan: x", "better words", "me", NULL, &changed, &err));
        ck_assert_int_eq(changed, i == 0);
    }
    ck_assert_str_eq(reload(run)->description, "better words");
    ck_assert_int_eq(
        test_count(app, "SELECT count(*) FROM orchestrate.event WHERE kind = 'plan_edited'"), 1);
}
END_TEST

/* ---- one session at a time ---- */

START_TEST(a_run_is_held_by_one_session_until_it_lets_go)
{
    struct run *run = start_run(pg, (struct start){ .name = "held" });
    struct run *mine = reload(run), *theirs = reload(run);
    struct pg *other = open_as(db, "app");
    struct holder holder;
    bool taken = true;

    WORKS(store_holder(test_arena(), pg, run->id, &holder, &err));
    ck_assert_int_eq(holder.pid, 0);
    take(pg, mine);
    ck_assert_int_eq(mine->epoch, 1);
    WORKS(store_take(test_arena(), other, theirs, false, 0, &taken, &holder, &err));
    ck_assert(!taken);
    ck_assert_int_eq(theirs->epoch, 0);
    ck_assert_int_eq(holder.pid, PQbackendPID(pg->conn));
    ck_assert_str_eq(holder.user, "app");
    ck_assert_str_eq(holder.application, "orchestrate/test");
    ck_assert_str_eq(holder.client, "local");
    ck_assert_uint_eq(strlen(holder.since), strlen("2024-01-01T00:00:00.000Z"));
    store_release(pg, mine);
    take(other, theirs);
    ck_assert_int_eq(theirs->epoch, 2);
}
END_TEST

START_TEST(an_ordinary_role_is_told_who_holds_the_run)
{
    struct run *run = start_run(pg, (struct start){ .name = "seen" });
    struct pg *reader;
    struct holder holder;

    test_sql(app, "SELECT orchestrate.admit('reader', false)");
    reader = open_as(db, "reader");
    take(pg, run);
    WORKS(store_holder(test_arena(), reader, run->id, &holder, &err));
    ck_assert_int_eq(holder.pid, PQbackendPID(pg->conn));
    ck_assert_str_eq(holder.user, "app");
    ck_assert_str_eq(holder.client, "local");
    ck_assert_ptr_nonnull(holder.since);
}
END_TEST

START_TEST(a_dead_backend_holds_nothing)
{
    struct run *run = start_run(pg, (struct start){ .name = "dead" });
    struct run *old = reload(run);
    struct pg *other = open_as(db, "app");

    take(other, old);
    test_sql(super, "SELECT pg_terminate_backend(%d)", PQbackendPID(other->conn));
    test_wait(super, 10, "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = %d",
              PQbackendPID(other->conn));
    take(pg, run);
    ck_assert_int_eq(run->epoch, 2);
}
END_TEST

START_TEST(who_was_overtaken_cannot_move_the_run)
{
    struct run *run = start_run(pg, (struct start){ .name = "overtaken" });
    struct run *old = reload(run);
    struct pg *other = open_as(db, "app");

    take(other, old);
    store_release(other, old);
    take(pg, run);
    FAILS(try_move(other, old, EV_ADVANCE, NULL, &err), ERR_BUSY, "was taken over");
    move(pg, run, EV_ADVANCE);
}
END_TEST

START_TEST(a_transaction_that_still_holds_the_plan_row_is_not_waited_for_long)
{
    struct run *run = start_run(pg, (struct start){ .name = "row" });
    struct holder holder;
    bool taken = true;

    test_sql(app, "BEGIN; SELECT FROM orchestrate.plan FOR SHARE");
    FAILS(store_take(test_arena(), pg, run, false, 0, &taken, &holder, &err), ERR_BUSY,
          "taking plan row over");
    ck_assert(!taken);
    test_sql(app, "ROLLBACK");
    WORKS(store_holder(test_arena(), pg, run->id, &holder, &err));
    ck_assert_int_eq(holder.pid, 0);
    take(pg, run);
}
END_TEST

START_TEST(a_running_backfill_is_asked_to_stop)
{
    struct run *run = start_run(pg, (struct start){ .name = "stop" });
    struct run *old = reload(run);
    struct pg *other = open_as(db, "app");
    struct holder holder;
    bool taken = true;

    take(other, old);
    WORKS(store_take(test_arena(), pg, run, true, 0, &taken, &holder, &err));
    ck_assert(!taken);
    /* In vain: the request is taken back. */
    ck_assert_str_eq(test_value(app, "SELECT stop FROM orchestrate.control"), "f");
    WORKS(store_stop(other, old, true, &err));
    ck_assert_str_eq(test_rows(app, "%s", store_fence_sql(test_arena(), old)), "t|f|t");
    store_release(other, old);
    take(pg, run);
    ck_assert_str_eq(test_rows(app, "%s", store_fence_sql(test_arena(), run)), "f|f|t");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("store");
    TCase *bare = support_case(s, "schema", 60);
    TCase *t = support_case(s, "store", 60);

    tcase_add_checked_fixture(bare, connect_only, NULL);
    tcase_add_test(bare, init_makes_the_schema_once);
    tcase_add_test(bare, eight_inits_at_once_make_one_schema);
    tcase_add_test(bare, init_says_which_grant_is_missing);
    tcase_add_test(bare, a_schema_of_this_name_that_is_not_ours_is_left_alone);
    tcase_add_test(bare, a_superuser_makes_no_state_where_others_can_put_functions);
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, a_newer_schema_is_refused);
    tcase_add_test(t, somebody_who_was_not_let_in_is_told_how);
    tcase_add_test(t, a_run_is_read_back_as_it_was_registered);
    tcase_add_test(t, a_name_means_its_live_run_or_else_its_latest);
    tcase_add_test(t, a_move_in_memory_is_what_the_database_says_too);
    tcase_add_test(t, records_say_when_a_phase_started_and_finished);
    tcase_add_test(t, a_completed_run_has_ended_and_its_last_phase_can_be_taken_back);
    tcase_add_test(t, a_completed_run_does_not_come_back_beside_a_new_one_of_its_name);
    tcase_add_test(t, words_about_a_plan_may_change_and_leave_an_event);
    tcase_add_test(t, a_run_is_held_by_one_session_until_it_lets_go);
    tcase_add_test(t, an_ordinary_role_is_told_who_holds_the_run);
    tcase_add_test(t, a_dead_backend_holds_nothing);
    tcase_add_test(t, who_was_overtaken_cannot_move_the_run);
    tcase_add_test(t, a_transaction_that_still_holds_the_plan_row_is_not_waited_for_long);
    tcase_add_test(t, a_running_backfill_is_asked_to_stop);
    return s;
}

int main(void)
{
    return support_run(suite());
}
