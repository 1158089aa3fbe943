/*
 * What a team does with the program, told in tests/stories, and what it answers to
 * wrong words, in tests/golden/commands: carried out to the letter, every line
 * printed and every exit status.
 */
#include <glob.h>

#include "story.h"
#include "support.h"

static glob_t files;

START_TEST(the_story_goes_as_it_is_told)
{
    story_run(files.gl_pathv[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stories");
    /* It would be told of, now and then, as what is in the way. */
    static const char *const settings[] = { "autovacuum = off", NULL };
    TCase *tcase = support_case(suite, "tests/stories", 300);

    /* Tests run in the root of the source. */
    if (glob("tests/stories/*.md", 0, NULL, &files) != 0 ||
        glob("tests/golden/commands/*.md", GLOB_APPEND, NULL, &files) != 0)
        return 1;
    tcase_add_loop_test(tcase, the_story_goes_as_it_is_told, 0, (int)files.gl_pathc);
    support_settings(settings);
    return support_run(suite);
}
