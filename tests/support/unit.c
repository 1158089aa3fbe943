#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrate/base/buf.h"

int unit_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

const char *unit_file(struct arena *arena, const char *path, size_t *len)
{
    FILE *file = fopen(path, "rbe");
    struct buf text = BUF_IN(arena);
    char part[4096];
    size_t n;

    if (len)
        *len = 0;
    if (!file)
        return "";
    while ((n = fread(part, 1, sizeof part, file)) > 0)
        buf_addn(&text, part, n);
    fclose(file);
    if (len)
        *len = text.len;
    return buf_text(&text);
}

void unit_bless(const char *path, const char *text)
{
    FILE *file;

    if (!getenv("ORCHESTRATE_BLESS"))
        return;
    file = fopen(path, "wbe");
    ck_assert_msg(file != NULL, "cannot write %s", path);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

bool unit_golden_same(struct arena *arena, const char *path, const char *found)
{
    const char *expected;

    unit_bless(path, found);
    expected = unit_file(arena, path, NULL);
    if (strcmp(expected, found) == 0)
        return true;
    fprintf(stderr, "--- %s\n%s+++ found (ORCHESTRATE_BLESS=1 writes it)\n%s", path, expected,
            found);
    return false;
}

void unit_golden(struct arena *arena, const char *path, const char *found)
{
    ck_assert_msg(unit_golden_same(arena, path, found),
                  "%s is out of date (ORCHESTRATE_BLESS=1 writes it)", path);
}
