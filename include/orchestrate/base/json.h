/*
 * json.h - writing JSON.  Commas and escapes are taken care of; nesting is the
 * caller's.  Invalid UTF-8 becomes U+FFFD, so that the output always parses.
 */
#ifndef ORCHESTRATE_BASE_JSON_H
#define ORCHESTRATE_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "orchestrate/base/buf.h"

struct json {
    struct buf *out;
    bool comma; /* the next value needs one in front */
};

/* `key` is NULL inside an array. */
void json_open(struct json *j, const char *key, char bracket);      /* '{' or '[' */
void json_close(struct json *j, char bracket);                      /* '}' or ']' */
void json_text(struct json *j, const char *key, const char *value); /* NULL: null */
void json_int(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);
void json_raw(struct json *j, const char *key,
              const char *value); /* JSON already; "" or NULL: null */

/* JSON as json_* writes it, laid out for people: two blanks a level, a line for each value. */
void json_indent(struct buf *out, const char *json);

#endif
