/*
 * YAML takes indentation, folds lines and drops quotes; what is left are the same
 * characters in the same order.  So text and file are read side by side, any run
 * of blanks and line ends in one matching any in the other.
 */
#include "place.h"

#include <string.h>

static const char bom[] = "\xEF\xBB\xBF";

struct cursor {
    const char *at;
    int line, column;
};

static void step(struct cursor *c)
{
    if (*c->at == '\n') {
        c->line++;
        c->column = 0;
    }
    do
        c->at++;
    while ((*c->at & 0xC0) == 0x80);
    c->column++;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct cursor *c)
{
    while (is_blank(*c->at))
        step(c);
}

/* To where the value begins: behind its quote, or on the line below its `|`. */
static struct cursor begin(const char *file, const struct node *node, char *quote)
{
    struct cursor c = { file, 1, 1 };

    if (strncmp(c.at, bom, strlen(bom)) == 0)
        c.at += strlen(bom);
    while (*c.at && (c.line < node->at.line || c.column < node->at.column))
        step(&c);
    *quote = 0;
    if (node->plain || !*c.at)
        return c;
    *quote = *c.at;
    while ((*quote == '|' || *quote == '>') && *c.at && *c.at != '\n')
        step(&c);
    step(&c);
    return c;
}

struct src_pos text_place(const struct loading *l, const struct node *node, size_t offset)
{
    char quote;
    struct cursor c = begin(l->plan->text, node, &quote);
    const char *text = node->text, *end = text + offset;

    skip_blanks(&c);
    while (is_blank(*text) && text < end)
        text++;
    while (text < end && *c.at) {
        if (is_blank(*text)) {
            if (!is_blank(*c.at))
                return node->at;
            while (text < end && is_blank(*text))
                text++;
            skip_blanks(&c);
            continue;
        }
        if (quote == '\'' && c.at[0] == '\'' && c.at[1] == '\'')
            step(&c);
        if (quote == '"' && *c.at == '\\' && (c.at[1] == '"' || c.at[1] == '\\'))
            step(&c);
        if (*c.at != *text)
            return node->at;
        do
            text++;
        while ((*text & 0xC0) == 0x80);
        step(&c);
    }
    if (is_blank(*text) || !*text)
        return (struct src_pos){ node->at.file, c.line, c.column };
    skip_blanks(&c);
    return (struct src_pos){ node->at.file, c.line, c.column };
}
