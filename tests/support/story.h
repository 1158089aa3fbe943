/*
 * story.h - stories: Markdown files that are tests.
 *
 * A story tells what people do with the program; its fenced blocks are carried
 * out in order, each named by the first word after the fence:
 *
 *     sql ROLE [DATABASE]    statements, as this role; DATABASE is `shop` when left out
 *     yaml FILE, text FILE   a file in the story's own folder
 *     later INTERVAL         what was recorded so far is that much older now
 *     console                commands and what they answer
 *
 * In a console a line `$ command` is run by sh in the story's folder, `name$
 * command` as the database role `name` (else `migrator`).  A line that ends in a
 * backslash goes on in the next.  The lines up to the next command are what is
 * printed, stdout and stderr together; an exit status other than 0 stands at the
 * end as `[exit 3]`.  What differs from run to run - times, process numbers, how
 * long things took - is written as <time>, <pid>, <ms> and so on, and an answer
 * in JSON one member a line, without those that are empty.
 *
 * A database exists from its first mention; its URL is in $SHOP_URL and so on.
 * ORCHESTRATE_BLESS=1 writes what is found into the file.
 */
#ifndef ORCHESTRATE_TESTS_STORY_H
#define ORCHESTRATE_TESTS_STORY_H

/* path: relative to the root of the source. */
void story_run(const char *path);

#endif
