/*
 * operation_scene.h - what the files behind operation.h share.
 */
#ifndef ORCHESTRATE_TESTS_OPERATION_SCENE_H
#define ORCHESTRATE_TESTS_OPERATION_SCENE_H

#include "operation.h"
#include "support.h"

#define SCENE_PLAN "operation"
enum { SCENE_PHASES = 32 };

/* One database, and what is known of the run in it. */
struct scene {
    const struct op_test *test;
    const char *db, *twin, *url, *plan;
    PGconn *conn; /* as superuser */
    const char *untouched, *contents;
    const char *phases[SCENE_PHASES];
    size_t n, no_return;           /* phases; how many of them can be undone */
    unsigned seed, in_a_row, held; /* of kills */
};

struct scene scene_of(const struct op_test *test);

/* What `plan` says is what the locks are compared with. */
void scene_report(struct scene *s);
void scene_start(struct scene *s, bool again);
void scene_phases(struct scene *s);
void scene_by_hand(const struct scene *s, const char *database, size_t phase, bool undone);

/* Where the run stands: how many phases are done. */
size_t scene_done(struct scene *s);

/* Assertions. */
void scene_untouched(struct scene *s, size_t undone_from);
void scene_end(struct scene *s);
void scene_locks(struct scene *s);

#endif
