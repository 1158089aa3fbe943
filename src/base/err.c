#include "orchestrate/base/err.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int status;
    const char *name;
    bool retryable;
    const char *meaning;
} codes[] = { [ERR_NONE] = { 0, "ok", false, "fine" },
#define X(code, status, name, retryable, meaning) [code] = { status, name, retryable, meaning },
              ERR_CODES(X)
#undef X
};

/* A text that was cut must not end with half a letter: it goes into JSON, and into the history. */
static void end_at_letter(char *text, size_t size)
{
    size_t n = strlen(text), at = n;

    if (n + 1 < size)
        return;
    while (at > 0 && (text[at - 1] & 0xC0) == 0x80)
        at--;
    if (at > 0 && (text[at - 1] & 0xC0) == 0xC0)
        text[at - 1] = 0;
}

bool err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
    va_list args;

    *err = (struct err){ .code = code };
    va_start(args, fmt);
    vsnprintf(err->text, sizeof err->text, fmt, args);
    va_end(args);
    end_at_letter(err->text, sizeof err->text);
    return false;
}

bool err_wrap(struct err *err, const char *fmt, ...)
{
    char inner[sizeof err->text];
    va_list args;
    size_t n;

    memcpy(inner, err->text, sizeof inner);
    va_start(args, fmt);
    vsnprintf(err->text, sizeof err->text, fmt, args);
    va_end(args);
    n = strlen(err->text);
    snprintf(err->text + n, sizeof err->text - n, ": %s", inner);
    end_at_letter(err->text, sizeof err->text);
    return false;
}

bool err_hint(struct err *err, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(err->hint, sizeof err->hint, fmt, args);
    va_end(args);
    end_at_letter(err->hint, sizeof err->hint);
    return false;
}

int err_status(const struct err *err)
{
    if (err->code == ERR_INTERRUPTED && err->signal == SIGTERM)
        return 128 + SIGTERM;
    return codes[err->code].status;
}

const char *err_name(enum err_code code)
{
    return codes[code].name;
}

bool err_retryable(enum err_code code)
{
    return codes[code].retryable;
}

const char *err_meaning(enum err_code code)
{
    return codes[code].meaning;
}
