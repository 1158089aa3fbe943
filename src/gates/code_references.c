#include "code_references.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/base/clock.h"
#include "orchestrate/base/json.h"
#include "orchestrate/base/json_read.h"

enum {
    SHOWN = 5,        /* references that are named */
    TEXT_SHOWN = 120, /* bytes of a line */
    HEAD = 8000,      /* where a NUL byte makes a file a binary one, as git sees it */
    MOST_REGEXES = GATE_MOST,
    LARGEST = 256 << 20, /* of a file */
};

struct search {
    struct arena *arena;
    const char *name;
    size_t len;
    bool any_case; /* Postgres takes such a name in any case, unless it is quoted */
    regex_t allow[MOST_REGEXES];
    size_t n_allow;
    int64_t files, references;
    struct buf list;  /* the first ones, for people */
    struct buf found; /* and as JSON */
    struct json json;
    const char *trouble; /* why nothing can be said; the first reason */
};

static void give_up(struct search *s, const char *path, const char *why)
{
    if (!s->trouble)
        s->trouble = arena_printf(s->arena, "%s %s", path, why);
}

/* --- lines ----------------------------------------------------------------- */

static bool is_word(unsigned char c)
{
    return isalnum(c) || c == '_' || c == '$' || c >= 0x80;
}

static bool same(const struct search *s, const char *text)
{
    return s->any_case ? strncasecmp(text, s->name, s->len) == 0
                       : strncmp(text, s->name, s->len) == 0;
}

/* Does the name stand here, and not as a part of a longer one? */
static bool stands_at(const struct search *s, const char *line, const char *at)
{
    const char *last = s->name + s->len - 1;

    return same(s, at) &&
           !(is_word((unsigned char)*s->name) && at > line && is_word((unsigned char)at[-1])) &&
           !(is_word((unsigned char)*last) && is_word((unsigned char)at[s->len]));
}

static bool is_named(const struct search *s, const char *line)
{
    for (const char *at = line; *at; at++)
        if (stands_at(s, line, at))
            return true;
    return false;
}

static bool is_allowed(const struct search *s, const char *text)
{
    for (size_t i = 0; i < s->n_allow; i++)
        if (regexec(&s->allow[i], text, 0, NULL, 0) == 0)
            return true;
    return false;
}

static void note(struct search *s, const char *path, int64_t number, const char *line)
{
    if (s->references++ >= SHOWN)
        return;
    line += strspn(line, " \t");
    buf_addf(&s->list, "%s%s:%" PRId64, s->list.len ? ", " : "", path, number);
    json_open(&s->json, NULL, '{');
    json_text(&s->json, "file", path);
    json_int(&s->json, "line", number);
    json_text(&s->json, "text", arena_strndup(s->arena, line, strnlen(line, TEXT_SHOWN)));
    json_close(&s->json, '}');
}

/* `text` ends with a NUL, and has others only where lines end. */
static void search_lines(struct search *s, const char *path, char *text, size_t len)
{
    int64_t number = 1;

    for (char *line = text, *end; line < text + len; line = end + 1, number++) {
        end = memchr(line, '\n', (size_t)(text + len - line));
        end = end ? end : text + len;
        *end = '\0';
        if (is_named(s, line) && !is_allowed(s, line))
            note(s, path, number, line);
    }
}

/* --- files ------------------------------------------------------------------ */

/* The text of a file, with room for a NUL behind it; NULL: it cannot be read. */
static char *file_read(struct search *s, struct arena *arena, const char *path, size_t size,
                       size_t *len)
{
    FILE *file = fopen(path, "re");
    char *text;
    bool failed;

    if (!file) {
        give_up(s, path, arena_printf(s->arena, "cannot be read: %s", strerror(errno)));
        return NULL;
    }
    text = arena_alloc(arena, size + 1);
    *len = fread(text, 1, size, file);
    failed = ferror(file);
    fclose(file);
    if (!failed)
        return text;
    give_up(s, path, "cannot be read to its end");
    return NULL;
}

static void search_file(struct search *s, const char *path, size_t size)
{
    CLEANUP(arena) struct arena arena = { 0 };
    char *text;
    size_t len;

    if (is_allowed(s, path))
        return;
    if (size > LARGEST) {
        give_up(s, path, "is too large to be looked at");
        return;
    }
    text = file_read(s, &arena, path, size, &len);
    if (!text)
        return;
    s->files++;
    if (!memchr(text, '\0', len < HEAD ? len : HEAD))
        search_lines(s, path, text, len);
}

static bool is_left_out(const char *name)
{
    static const char *const kept[] = { ".", "..", ".git", ".hg", ".svn", "node_modules" };

    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (strcmp(kept[i], name) == 0)
            return true;
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool read_folder(struct search *s, struct arena *arena, const char *path,
                        const char ***names, size_t *n)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;

    if (!dir) {
        give_up(s, path, arena_printf(s->arena, "cannot be read: %s", strerror(errno)));
        return false;
    }
    while ((entry = readdir(dir)))
        if (!is_left_out(entry->d_name))
            *ARENA_PUSH(arena, *names, *n) = arena_strdup(arena, entry->d_name);
    closedir(dir);
    if (*n)
        qsort(*names, *n, sizeof **names, by_name);
    return true;
}

static void search_path(struct search *s, const char *path, const struct stat *st);

static void search_folder(struct search *s, const char *path)
{
    CLEANUP(arena) struct arena arena = { 0 };
    const char **names = NULL;
    size_t n = 0;

    if (!read_folder(s, &arena, path, &names, &n))
        return;
    for (size_t i = 0; i < n && !s->trouble; i++) {
        const char *below =
            strcmp(path, ".") == 0 ? names[i] : arena_printf(&arena, "%s/%s", path, names[i]);
        struct stat st;

        if (clock_signal())
            give_up(s, path, "was not looked through: stopped");
        else if (lstat(below, &st) == 0)
            search_path(s, below, &st);
        else if (errno != ENOENT)
            give_up(s, below, arena_printf(s->arena, "cannot be read: %s", strerror(errno)));
    }
}

/* What is neither a file nor a folder holds no code; a link would lead to other places. */
static void search_path(struct search *s, const char *path, const struct stat *st)
{
    if (S_ISREG(st->st_mode))
        search_file(s, path, (size_t)st->st_size);
    else if (S_ISDIR(st->st_mode))
        search_folder(s, path);
}

/* --- the whole -------------------------------------------------------------- */

static const char *without_slash(struct arena *arena, const char *path)
{
    size_t n = strlen(path);

    while (n > 1 && path[n - 1] == '/')
        n--;
    return arena_strndup(arena, path, n);
}

static void search_paths(struct search *s, const char *paths)
{
    const char *path;
    char here[4096];
    struct stat st;

    while (!s->trouble && json_item(s->arena, &paths, &path)) {
        path = without_slash(s->arena, path);
        if (stat(path, &st) == 0)
            search_path(s, path, &st);
        else
            give_up(s, path,
                    arena_printf(s->arena,
                                 "is not in %s: it is looked for in the folder in which the "
                                 "command is called",
                                 getcwd(here, sizeof here) ? here : "this folder"));
    }
}

static void read_allow(struct search *s, const char *list)
{
    const char *text;

    while (list && s->n_allow < MOST_REGEXES && json_item(s->arena, &list, &text))
        if (regcomp(&s->allow[s->n_allow], text, REG_EXTENDED | REG_NOSUB) == 0)
            s->n_allow++;
        else
            give_up(s, text, "is no regular expression on this machine");
}

static bool is_folded(const char *name)
{
    for (; *name; name++)
        if (isupper((unsigned char)*name) || !is_word((unsigned char)*name))
            return false;
    return true;
}

static const char *evidence(struct search *s)
{
    struct buf out = BUF_IN(s->arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '{');
    json_text(&j, "name", s->name);
    json_int(&j, "files", s->files);
    json_int(&j, "references", s->references);
    json_raw(&j, "first", buf_text(&s->found));
    json_close(&j, '}');
    return buf_text(&out);
}

static void answer_with(struct search *s, struct gate_answer *answer)
{
    const char *more = s->references > SHOWN
                           ? arena_printf(s->arena, " and %" PRId64 " more", s->references - SHOWN)
                           : "";

    answer->open = !s->trouble && s->references == 0;
    answer->evidence = evidence(s);
    answer->reason = NULL;
    if (s->trouble)
        answer->reason = s->trouble;
    else if (s->references)
        answer->reason = arena_printf(s->arena, "%s is still named in %" PRId64 " %s: %s%s",
                                      s->name, s->references, s->references == 1 ? "line" : "lines",
                                      buf_text(&s->list), more);
}

void code_references(struct arena *arena, const char *value, struct gate_answer *answer)
{
    struct search *s = arena_alloc(arena, sizeof *s);
    const char *name = json_member(arena, value, "name"),
               *paths = json_member(arena, value, "paths");

    s->arena = arena;
    s->list = s->found = BUF_IN(arena);
    s->json = (struct json){ .out = &s->found };
    s->name = name ? name : "";
    s->len = strlen(s->name);
    s->any_case = is_folded(s->name);
    read_allow(s, json_member(arena, value, "allow"));
    json_open(&s->json, NULL, '[');
    if (!s->len || !paths)
        give_up(s, "the gate", "does not say what to look for");
    else
        search_paths(s, paths);
    json_close(&s->json, ']');
    answer_with(s, answer);
    for (size_t i = 0; i < s->n_allow; i++)
        regfree(&s->allow[i]);
}
