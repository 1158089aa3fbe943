#include "own_sql.h"

#include <string.h>

#include "orchestrate/base/attr.h"
#include "place.h"

/* What people write who think of psql, or of a newer server. */
static const char *hint_for(struct loading *l, const char *text, const struct parse_error *error)
{
    if (text[error->offset] == '\\')
        return "commands of psql (\\d, \\copy ...) are no SQL; write what they send";
    if (!strstr(error->text, "syntax error"))
        return NULL;
    return arena_printf(l->arena,
                        "if it is right for a newer Postgres: it cannot be split safely here, so "
                        "write it as Postgres %s understands it",
                        parse_version());
}

static void complain_syntax(struct loading *l, const char *name, const struct node *node,
                            const struct parse_error *error)
{
    complain(l, text_place(l, node, error->offset), hint_for(l, node->text, error),
             "`%s` cannot be read by the parser of Postgres %s: %s", name, parse_version(),
             shown(l, error->text));
}

bool own_sql_read(struct loading *l, const char *name, const struct node *node, struct own_sql *sql)
{
    struct parse_error error;

    *sql = (struct own_sql){ .text = bind_text(l, name, node, true), .at = node->at };
    if (!sql->text)
        return false;
    if (!parse_statements(l->arena, sql->text, &sql->statements, &sql->n, &error)) {
        complain_syntax(l, name, node, &error);
        return false;
    }
    if (sql->n == 0)
        complain(l, node->at, NULL, "`%s` has no statement, only comments", name);
    return sql->n > 0;
}

struct src_pos own_sql_place(struct loading *l, const struct node *node,
                             const struct parse_statement *statement)
{
    return text_place(l, node, statement->offset);
}

/* clang-format off */
static const struct {
    enum parse_kind kind;
    const char *say, *hint;
} refused[] = {
    { PARSE_TRANSACTION, "controls the transaction",
      "leave it out: the statements of a step are one transaction; write several steps for several" },
    { PARSE_COPY, "speaks with the client, and there is none here",
      "write the rows as INSERT, or COPY from a file of the server" },
    { PARSE_SESSION, "would go on when the step is over, or change who acts",
      "SET LOCAL lasts as long as the step; a phase is run as another role by `role:`" },
};
/* clang-format on */

static bool is_ours(const struct parse_statement *s)
{
    for (size_t i = 0; i < s->n_tables; i++)
        if (s->tables[i].schema && strcmp(s->tables[i].schema, "orchestrate") == 0)
            return true;
    for (size_t i = 0; i < s->n_schemas; i++)
        if (strcmp(s->schemas[i], "orchestrate") == 0)
            return true;
    return false;
}

bool own_sql_allowed(struct loading *l, const char *name, const struct node *node,
                     const struct own_sql *sql)
{
    bool ok = true;

    for (size_t i = 0; i < sql->n; i++) {
        const struct parse_statement *s = &sql->statements[i];

        for (size_t r = 0; r < ARRAY_LEN(refused); r++)
            if (s->kind == refused[r].kind) {
                complain(l, own_sql_place(l, node, s), refused[r].hint, "%s in `%s` %s", s->tag,
                         name, refused[r].say);
                ok = false;
            }
        if (is_ours(s)) {
            complain(l, own_sql_place(l, node, s),
                     "use the commands: `orchestrate set`, `repair` ...",
                     "%s in `%s` touches the state of orchestrate itself", s->tag, name);
            ok = false;
        }
    }
    return ok;
}

bool own_query_read(struct loading *l, const char *name, const struct node *node,
                    struct own_sql *sql)
{
    if (!own_sql_read(l, name, node, sql))
        return false;
    if (sql->n > 1) {
        complain(l, own_sql_place(l, node, &sql->statements[1]), "write one query",
                 "`%s` has a second statement", name);
        return false;
    }
    if (sql->statements[0].kind != PARSE_QUERY) {
        complain(l, own_sql_place(l, node, &sql->statements[0]),
                 "it has to be a query that only reads",
                 "`%s` is %s, which is no query, or one that writes or locks rows", name,
                 sql->statements[0].tag);
        return false;
    }
    return own_sql_allowed(l, name, node, sql);
}

const char *own_expression_read(struct loading *l, const char *name, const struct node *node,
                                struct parse_statement *parsed)
{
    const char *text = bind_text(l, name, node, true);
    struct parse_error error;

    if (!text)
        return NULL;
    if (!parse_expression(l->arena, text, parsed, &error)) {
        complain_syntax(l, name, node, &error);
        return NULL;
    }
    if (is_ours(parsed)) {
        complain(l, node->at, NULL, "`%s` touches the state of orchestrate itself", name);
        return NULL;
    }
    return text;
}
