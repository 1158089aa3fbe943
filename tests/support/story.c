#include "story.h"

#include <ctype.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/base/text.h"
#include "support.h"

enum { MOST_DATABASES = 4, COMMAND_SECONDS = 120 };

static const char fence[] = "```";

struct story {
    const char *path;
    const char *rest; /* what is not read yet */
    const char *folder;
    struct buf out; /* the story as it turned out */
    struct {
        const char *name, *real;
    } databases[MOST_DATABASES];
    size_t n_databases;
};

/* ---- reading ---- */

/* The next line without its end; NULL: none is left. */
static const char *next_line(struct story *s)
{
    const char *line = s->rest, *end = strchr(line, '\n');

    if (!*line)
        return NULL;
    s->rest = end ? end + 1 : line + strlen(line);
    return arena_strndup(test_arena(), line, end ? (size_t)(end - line) : strlen(line));
}

/* The n-th word, from 0; "" when there are not so many. */
static const char *word(const char *line, size_t n)
{
    size_t length;

    for (;; n--, line += length) {
        line += strspn(line, " ");
        length = strcspn(line, " ");
        if (n == 0)
            return arena_strndup(test_arena(), line, length);
    }
}

/* What stands between here and the end of the block. */
static const char *block_text(struct story *s)
{
    struct buf text = BUF_IN(test_arena());
    const char *line;

    while ((line = next_line(s)) && strcmp(line, fence) != 0)
        buf_addf(&text, "%s\n", line);
    return buf_text(&text);
}

/* ---- databases ---- */

static const char *database(struct story *s, const char *name)
{
    size_t i = 0;

    while (i < s->n_databases && strcmp(s->databases[i].name, name) != 0)
        i++;
    if (i == s->n_databases) {
        ck_assert_uint_lt(i, MOST_DATABASES);
        s->databases[i].name = name;
        s->databases[i].real = test_database("empty");
        s->n_databases++;
    }
    return s->databases[i].real;
}

static void run_sql(struct story *s, const char *info)
{
    const char *name = word(info, 2);
    PGconn *conn = test_connect(database(s, *name ? name : "shop"), word(info, 1));

    test_sql(conn, "%s", block_text(s));
    PQfinish(conn);
}

/*
 * Waiting for days is not what a test can do, so the past is moved: every time
 * in the state tables.  They refuse that, even to a superuser, unless their
 * triggers are off.
 */
static void grow_older(const char *db, const char *interval)
{
    PGconn *conn = test_connect(db, "postgres");

    /* What gates noted has times in it, too. */
    test_sql(conn,
             "ALTER TABLE orchestrate.gate_evidence DISABLE TRIGGER USER;"
             "UPDATE orchestrate.gate_evidence SET evidence = jsonb_set(evidence, '{since}',"
             "    to_jsonb((evidence ->> 'since')::timestamptz - interval '%s'))"
             " WHERE evidence ->> 'since' IS NOT NULL",
             interval);
    test_sql(
        conn,
        "DO $$ DECLARE t record; BEGIN"
        "  FOR t IN SELECT c.oid::regclass AS name, string_agg(format('%%I = %%I - interval %%L',"
        "             a.attname, a.attname, '%s'), ', ') AS moved"
        "    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        "   WHERE c.relnamespace = to_regnamespace('orchestrate') AND c.relkind = 'r'"
        "     AND a.atttypid = 'timestamptz'::regtype AND a.attnum > 0 GROUP BY c.oid"
        "  LOOP"
        "    EXECUTE format('ALTER TABLE %%s DISABLE TRIGGER USER', t.name);"
        "    EXECUTE format('UPDATE %%s SET %%s', t.name, t.moved);"
        "    EXECUTE (SELECT coalesce(string_agg(format('ALTER TABLE %%s ENABLE ALWAYS TRIGGER "
        "%%I;',"
        "               t.name, g.tgname), ''), '') FROM pg_trigger g"
        "              WHERE g.tgrelid = t.name AND NOT g.tgisinternal);"
        "  END LOOP; END $$",
        interval);
    PQfinish(conn);
}

static void pass_time(struct story *s, const char *info)
{
    block_text(s);
    for (size_t i = 0; i < s->n_databases; i++)
        grow_older(s->databases[i].real, info + strlen("later "));
}

/* ---- what is printed ---- */

/* In this order; in a replacement \1 is the first group. */
static const struct {
    const char *pattern, *text;
} varying[] = {
    { "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}(\\.[0-9]+)?(Z|\\+00)", "<time>" },
    { "(pid\"?:? ?)[0-9]+", "\\1<pid>" },
    { "(oid )[0-9]+", "\\1<oid>" },
    { "in [0-9]+ (d|h|m) [0-9]+ (h|m|s)", "in <time left>" },
    { "[0-9]+ kB", "<n> kB" },
    { "[0-9]+(\\.[0-9]+)? (ms|s)([^[:alnum:]]|$)", "<n> ms\\3" },
    { "(\"(ms|lock_ms)\":)[0-9.-]+", "\\1<n>" },
    { "[0-9a-f]{64}", "<hash>" },
    { "(PostgreSQL |server )[0-9]+(\\.[0-9]+)?", "\\1<version>" },
    { "(/tmp|/dev/shm)/[^ :'\")]*", "<path>" },
};

static const char *replace_all(const char *text, const char *pattern, const char *with)
{
    struct buf out = BUF_IN(test_arena());
    regmatch_t m[4];
    regex_t re;

    ck_assert_int_eq(regcomp(&re, pattern, REG_EXTENDED), 0);
    while (regexec(&re, text, ARRAY_LEN(m), m, 0) == 0) {
        buf_addf(&out, "%.*s", (int)m[0].rm_so, text);
        for (const char *w = with; *w; w++)
            if (*w == '\\') {
                const regmatch_t *g = &m[*++w - '0'];

                buf_addf(&out, "%.*s", (int)(g->rm_eo - g->rm_so), text + g->rm_so);
            } else
                buf_addf(&out, "%c", *w);
        text += m[0].rm_eo;
    }
    buf_add(&out, text);
    regfree(&re);
    return buf_text(&out);
}

static const char *steady(const struct story *s, const char *text)
{
    for (size_t i = 0; i < s->n_databases; i++)
        text = replace_all(text, s->databases[i].real, s->databases[i].name);
    text = replace_all(text, s->folder, ".");
    for (size_t i = 0; i < ARRAY_LEN(varying); i++)
        text = replace_all(text, varying[i].pattern, varying[i].text);
    return text;
}

static bool is_empty_value(const char *value)
{
    return strcmp(value, "null") == 0 || strcmp(value, "[]") == 0 || strcmp(value, "{}") == 0;
}

static void add_member(struct buf *out, const char *from, const char *to)
{
    const char *member = arena_strndup(test_arena(), from, (size_t)(to - from));
    const char *colon = strstr(member, "\":");

    if (colon && !is_empty_value(colon + 2) && !text_starts(member, "\"schema_version\""))
        buf_addf(out, "    %s\n", member);
}

/* An object: one member a line. */
static void spread(struct buf *out, const char *json)
{
    const char *from = json + 1;
    bool quoted = false;
    int depth = 0;

    buf_add(out, "{\n");
    for (const char *p = json; *p; p++) {
        if (*p == '\\')
            p++;
        else if (*p == '"')
            quoted = !quoted;
        else if (!quoted && strchr("{[", *p))
            depth++;
        else if (!quoted && strchr("}]", *p) && --depth == 0)
            add_member(out, from, p);
        else if (!quoted && *p == ',' && depth == 1) {
            add_member(out, from, p);
            from = p + 1;
        }
    }
    buf_add(out, "}\n");
}

static void add_output(struct story *s, const struct ran *ran)
{
    struct story lines = { .rest = steady(s, ran->out) };
    const char *line;

    while ((line = next_line(&lines)))
        if (text_starts(line, "{\"schema_version\""))
            spread(&s->out, line);
        else
            buf_addf(&s->out, "%s\n", line);
    if (ran->status)
        buf_addf(&s->out, "[exit %d]\n", ran->status);
}

/* ---- commands ---- */

/* "name$ command": the command, or NULL when the line is no prompt. */
static const char *prompt(const char *line, const char **role)
{
    size_t n = strspn(line, "abcdefghijklmnopqrstuvwxyz_");

    *role = n ? arena_strndup(test_arena(), line, n) : "migrator";
    return text_starts(line + n, "$ ") ? line + n + 2 : NULL;
}

static const char *const *variables(struct story *s, const char *role)
{
    const char **list = NULL;
    size_t n = 0;

    for (size_t i = 0; i < s->n_databases; i++) {
        char *name = arena_strdup(test_arena(), s->databases[i].name);

        for (char *c = name; *c; c++)
            *c = (char)toupper((unsigned char)*c);
        *ARENA_PUSH(test_arena(), list, n) =
            arena_printf(test_arena(), "%s_URL=%s", name, test_url(s->databases[i].real, role));
    }
    *ARENA_PUSH(test_arena(), list, n) = NULL;
    return list;
}

/* Returns the line that ended it. */
static const char *run_command(struct story *s, const char *line)
{
    const char *role, *command = prompt(line, &role), *more;
    struct ran ran;

    buf_addf(&s->out, "%s\n", line);
    while (text_ends(line, "\\") && (more = next_line(s))) {
        buf_addf(&s->out, "%s\n", more);
        command = arena_printf(test_arena(), "%s\n%s", command, more);
        line = more;
    }
    /* With several databases a story says itself which one is meant. */
    ran = test_shell(s->n_databases == 1 ? test_url(s->databases[0].real, role) : NULL,
                     arena_printf(test_arena(), "cd '%s' && exec 2>&1\n%s", s->folder, command),
                     variables(s, role));
    test_finish(&ran, COMMAND_SECONDS);
    add_output(s, &ran);
    while ((line = next_line(s)) && strcmp(line, fence) != 0 && !prompt(line, &role))
        ;
    return line;
}

static void run_console(struct story *s)
{
    const char *line = next_line(s), *role;

    while (line && strcmp(line, fence) != 0) {
        ck_assert_msg(prompt(line, &role) != NULL, "%s: not a command: %s", s->path, line);
        line = run_command(s, line);
    }
    buf_addf(&s->out, "%s\n", fence);
}

static void run_block(struct story *s, const char *info)
{
    const char *kind = word(info, 0), *begin = s->rest;

    if (strcmp(kind, "console") == 0) {
        run_console(s);
        return;
    }
    if (strcmp(kind, "sql") == 0)
        run_sql(s, info);
    else if (strcmp(kind, "later") == 0)
        pass_time(s, info);
    else {
        ck_assert_msg(strcmp(kind, "yaml") == 0 || strcmp(kind, "text") == 0, "%s: block %s",
                      s->path, info);
        test_write(word(info, 1), block_text(s));
    }
    buf_addf(&s->out, "%.*s", (int)(s->rest - begin), begin);
}

static void bless(const struct story *s)
{
    FILE *file = fopen(test_path(s->path), "we");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(buf_text(&s->out), file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

void story_run(const char *path)
{
    const char *text = test_file(path), *line;
    const char *marker = test_write("story", path);
    struct story s = { .path = path, .rest = text, .out = BUF_IN(test_arena()) };

    s.folder = arena_strndup(test_arena(), marker, strlen(marker) - strlen("/story"));
    while ((line = next_line(&s))) {
        buf_addf(&s.out, "%s\n", line);
        if (text_starts(line, fence))
            run_block(&s, line + strlen(fence));
    }
    if (getenv("ORCHESTRATE_BLESS"))
        bless(&s);
    else
        test_same_text(path, buf_text(&s.out), text);
}
