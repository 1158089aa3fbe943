#include "orchestrate/base/json.h"

#include <inttypes.h>
#include <string.h>

#include "orchestrate/base/text.h"

static void string(struct buf *out, const char *text)
{
    size_t len = strlen(text), bad;

    buf_add(out, "\"");
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", c);
        else if (c == '\n')
            buf_add(out, "\\n");
        else if (c < 0x20 || c == 0x7f)
            buf_addf(out, "\\u%04x", c);
        else if (c >= 0x80) {
            /* One character at a time, so that one bad byte costs only itself. */
            size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

            if (i + n > len || !text_utf8(text + i, n, &bad)) {
                buf_add(out, "\xef\xbf\xbd");
                continue;
            }
            buf_addn(out, text + i, n);
            i += n - 1;
        } else
            buf_addn(out, text + i, 1);
    }
    buf_add(out, "\"");
}

static void key_part(struct json *j, const char *key)
{
    if (j->comma)
        buf_add(j->out, ",");
    j->comma = true;
    if (key) {
        string(j->out, key);
        buf_add(j->out, ":");
    }
}

void json_open(struct json *j, const char *key, char bracket)
{
    key_part(j, key);
    buf_addn(j->out, &bracket, 1);
    j->comma = false;
}

void json_close(struct json *j, char bracket)
{
    buf_addn(j->out, &bracket, 1);
    j->comma = true;
}

void json_text(struct json *j, const char *key, const char *value)
{
    key_part(j, key);
    if (value)
        string(j->out, value);
    else
        buf_add(j->out, "null");
}

void json_int(struct json *j, const char *key, int64_t value)
{
    key_part(j, key);
    buf_addf(j->out, "%" PRId64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
    key_part(j, key);
    buf_add(j->out, value ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
    key_part(j, key);
    buf_add(j->out, "null");
}

void json_raw(struct json *j, const char *key, const char *value)
{
    key_part(j, key);
    buf_add(j->out, value && *value ? value : "null");
}

/* From the opening quote to what follows the closing one. */
static const char *string_end(const char *p)
{
    for (p++; *p && *p != '"'; p++)
        p += *p == '\\' && p[1];
    return *p ? p + 1 : p;
}

static void new_line(struct buf *out, int level)
{
    buf_addf(out, "\n%*s", level * 2, "");
}

void json_indent(struct buf *out, const char *json)
{
    int level = 0;

    for (const char *p = json, *end; *p; p = end) {
        end = *p == '"' ? string_end(p) : p + 1;
        if ((*p == '{' || *p == '[') && (p[1] == '}' || p[1] == ']')) {
            buf_addn(out, p, 2);
            end = p + 2;
            continue;
        }
        if (*p == '}' || *p == ']')
            new_line(out, --level);
        buf_addn(out, p, (size_t)(end - p));
        if (*p == '{' || *p == '[')
            new_line(out, ++level);
        else if (*p == ',')
            new_line(out, level);
        else if (*p == ':')
            buf_add(out, " ");
    }
    buf_add(out, "\n");
}
