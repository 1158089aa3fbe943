/*
 * plans.h - plans for tests, and tables for plans.
 */
#ifndef ORCHESTRATE_TESTS_PLANS_H
#define ORCHESTRATE_TESTS_PLANS_H

/*
 * Writes a plan that renames a column, and returns its path.  `table` is as in
 * a plan ("shop.customer"); names are quoted for YAML.  `more`: further YAML
 * lines, or NULL.
 */
const char *test_rename_plan(const char *name, const char *table, const char *from, const char *to,
                             const char *more);

/* A database of tables in public, made by `setup` as their owner, app; *url: his. */
const char *test_scene(const char *setup, const char **url);

/* A double-quoted YAML scalar. */
const char *test_yaml(const char *text);

#endif
