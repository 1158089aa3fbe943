/*
 * The parser keeps its memory per thread and follows its trees by recursion, so
 * a text is read in a thread of its own, with a stack that is large enough for
 * what is let in.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "orchestrate/base/attr.h"
#include "tree.h"

enum {
    STACK = 256 << 20,  /* only what is used of it becomes memory */
    MOST_TOKENS = 5000, /* of one statement: its tree is no deeper, and costs the square of that */
};

struct token {
    size_t start, end;
};

struct reading {
    struct arena *arena;
    const char *text;
    struct token *tokens; /* without comments */
    size_t n_tokens;
    struct parse_statement *statements;
    size_t n;
    struct parse_error *error;
    bool ok;
};

const char *parse_version(void)
{
    return PG_MAJORVERSION;
}

/* --- errors ----------------------------------------------------------------------- */

/* The parser counts characters, from 1; 0: it does not say where. */
static size_t byte_of(const char *text, int character)
{
    size_t at = 0;

    for (int n = 1; n < character && text[at]; n++)
        do
            at++;
        while ((text[at] & 0xC0) == 0x80);
    return at;
}

static bool refuse(struct reading *r, size_t offset, const char *text)
{
    *r->error = (struct parse_error){ arena_strdup(r->arena, text), offset };
    return false;
}

static bool failed(struct reading *r, const PgQueryError *error)
{
    return refuse(r, byte_of(r->text, error->cursorpos), error->message);
}

/* --- tokens ----------------------------------------------------------------------- */

static bool keep_tokens(struct reading *r, const PgQueryProtobuf *packed)
{
    PgQuery__ScanResult *scan =
        pg_query__scan_result__unpack(NULL, packed->len, (const uint8_t *)packed->data);

    if (!scan)
        return refuse(r, 0, "the parser's answer cannot be read");
    r->tokens = arena_alloc(r->arena, (scan->n_tokens + 1) * sizeof *r->tokens);
    for (size_t i = 0; i < scan->n_tokens; i++) {
        const PgQuery__ScanToken *t = scan->tokens[i];

        if (t->token != PG_QUERY__TOKEN__SQL_COMMENT && t->token != PG_QUERY__TOKEN__C_COMMENT)
            r->tokens[r->n_tokens++] = (struct token){ (size_t)t->start, (size_t)t->end };
    }
    pg_query__scan_result__free_unpacked(scan, NULL);
    return true;
}

static bool scan(struct reading *r)
{
    PgQueryScanResult result = pg_query_scan(r->text);
    bool ok = result.error ? failed(r, result.error) : keep_tokens(r, &result.pbuf);

    pg_query_free_scan_result(result);
    return ok;
}

static bool is_word(const struct reading *r, const struct token *t, const char *word)
{
    return t->end - t->start == strlen(word) &&
           strncasecmp(r->text + t->start, word, t->end - t->start) == 0;
}

/* Whether the token is one of the words that end what a statement is called. */
static bool ends_tag(const struct reading *r, const struct token *t)
{
    static const char *const last[] = { "TABLE",        "INDEX",      "VIEW",       "FUNCTION",
                                        "PROCEDURE",    "TRIGGER",    "TYPE",       "RULE",
                                        "SCHEMA",       "SEQUENCE",   "EXTENSION",  "DATABASE",
                                        "POLICY",       "ROLE",       "USER",       "DOMAIN",
                                        "SYSTEM",       "TABLESPACE", "STATISTICS", "AGGREGATE",
                                        "SUBSCRIPTION", "PUBLICATION" };

    for (size_t i = 0; i < ARRAY_LEN(last); i++)
        if (is_word(r, t, last[i]))
            return true;
    return false;
}

/* "ALTER TABLE", "CREATE UNIQUE INDEX", "SELECT". */
static const char *tag(const struct reading *r, const struct token *first, size_t n)
{
    static const char *const verbs[] = { "CREATE", "ALTER", "DROP", "REINDEX" };
    enum { MOST = 4 };
    size_t words = 1;
    char *text;

    for (size_t v = 0; v < ARRAY_LEN(verbs); v++)
        for (size_t i = 1; is_word(r, first, verbs[v]) && words == 1 && i < n && i < MOST; i++)
            if (ends_tag(r, &first[i]))
                words = i + 1;
    text = arena_strndup(r->arena, r->text + first->start, first[words - 1].end - first->start);
    for (char *p = text; *p; p++)
        *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p == '\n' || *p == '\t' ? ' ' : *p);
    return text;
}

/* Where the name of a new index stands, or would stand: before ON. */
static void find_name(const struct reading *r, const struct token *t, size_t n,
                      struct parse_statement *s)
{
    size_t i = 0;

    while (i < n && !is_word(r, &t[i], "CONCURRENTLY"))
        i++;
    i += s->index.if_not_exists ? 1 + strlen("IF") + 1 : 1; /* IF NOT EXISTS: three words */
    if (i >= n)
        return;
    s->index.name_at = t[i].start - s->offset;
    s->index.name_len = s->index.index.name ? t[i].end - t[i].start : 0;
}

/* --- statements ------------------------------------------------------------------- */

static bool read_tree(struct reading *r, struct parse_statement *s)
{
    PgQueryProtobufParseResult result = pg_query_parse_protobuf(s->text);
    PgQuery__ParseResult *tree = NULL;
    bool ok = false;

    if (!result.error)
        tree = pg_query__parse_result__unpack(NULL, result.parse_tree.len,
                                              (const uint8_t *)result.parse_tree.data);
    if (result.error)
        refuse(r, s->offset + byte_of(s->text, result.error->cursorpos), result.error->message);
    else if (!tree || tree->n_stmts != 1 || !tree->stmts[0]->stmt)
        refuse(r, s->offset, "the parser's answer cannot be read");
    else {
        classify(r->arena, tree->stmts[0]->stmt, s);
        ok = true;
    }
    if (tree)
        pg_query__parse_result__free_unpacked(tree, NULL);
    pg_query_free_protobuf_parse_result(result);
    return ok;
}

/* The tokens from `first` on that lie before `end`; a semicolon at the end is none of them. */
static bool add_statement(struct reading *r, size_t first, size_t end)
{
    const struct token *t = &r->tokens[first];
    struct parse_statement s = { .offset = t->start };
    size_t n = 0;

    while (first + n < r->n_tokens && t[n].start < end)
        n++;
    if (n > MOST_TOKENS)
        return refuse(r, s.offset,
                      "a statement of more than 5000 words is too long to be looked at: split it");
    s.text = arena_strndup(r->arena, r->text + s.offset, t[n - 1].end - s.offset);
    s.tag = tag(r, t, n);
    if (!read_tree(r, &s))
        return false;
    if (s.kind == PARSE_INDEX && s.index.verb == INDEX_CREATE)
        find_name(r, t, n, &s);
    *ARENA_PUSH(r->arena, r->statements, r->n) = s;
    return true;
}

static bool split(struct reading *r)
{
    PgQuerySplitResult result = pg_query_split_with_parser(r->text);
    bool ok = !result.error || failed(r, result.error);
    size_t token = 0;

    for (int i = 0; ok && i < result.n_stmts; i++) {
        size_t from = (size_t)result.stmts[i]->stmt_location,
               end = from + (size_t)result.stmts[i]->stmt_len;

        while (token < r->n_tokens && r->tokens[token].start < from)
            token++;
        if (token < r->n_tokens && r->tokens[token].start < end)
            ok = add_statement(r, token, end);
    }
    pg_query_free_split_result(result);
    return ok;
}

static void *read_all(void *context)
{
    struct reading *r = context;

    r->ok = scan(r) && split(r);
    return NULL;
}

static void run(struct reading *r)
{
    pthread_t thread;
    pthread_attr_t attr;

    if (pthread_attr_init(&attr) || pthread_attr_setstacksize(&attr, STACK) ||
        pthread_create(&thread, &attr, read_all, r) || pthread_join(thread, NULL))
        abort(); /* out of memory, as in base/arena */
    pthread_attr_destroy(&attr);
}

bool parse_statements(struct arena *arena, const char *text, struct parse_statement **statements,
                      size_t *n, struct parse_error *error)
{
    struct reading r = { .arena = arena, .text = text, .error = error };

    run(&r);
    *statements = r.statements;
    *n = r.n;
    return r.ok;
}

/*
 * The brackets around it are ours: it may not close them and open others, nor be a list in
 * them, which would be a row.
 */
static bool stays_inside(const struct reading *r, size_t from, size_t len,
                         struct parse_error *error)
{
    int depth = 0;

    for (size_t i = 0; i < r->n_tokens; i++) {
        const struct token *t = &r->tokens[i];
        char c = r->text[t->start];

        if (t->start < from || t->start >= from + len || t->end - t->start != 1)
            continue;
        depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
        if (depth < 0 || (depth == 0 && c == ',')) {
            *error = (struct parse_error){ "this is not one expression", t->start - from };
            return false;
        }
    }
    return true;
}

bool parse_expression(struct arena *arena, const char *text, struct parse_statement *parsed,
                      struct parse_error *error)
{
    static const char before[] = "SELECT (\n"; /* a comment at the end of it ends there, too */
    struct reading r = { .arena = arena,
                         .text = arena_printf(arena, "%s%s\n)", before, text),
                         .error = error };

    run(&r);
    if (!r.ok) {
        error->offset = error->offset > strlen(before) ? error->offset - strlen(before) : 0;
        if (error->offset >= strlen(text)) /* at our bracket, which says nothing to anybody */
            *error = (struct parse_error){ "this is not one whole expression", strlen(text) };
        return false;
    }
    if (!stays_inside(&r, strlen(before), strlen(text), error))
        return false;
    if (r.n == 1 && r.statements[0].expression)
        return *parsed = r.statements[0], true;
    *error = (struct parse_error){ "this is not one expression", 0 };
    return false;
}
