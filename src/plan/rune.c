#include "rune.h"

#include <stdbool.h>
#include <stddef.h>

#include "orchestrate/base/attr.h"

/* clang-format off */
static const struct {
    unsigned from, to;
    bool in_prose; /* refused there too */
    const char *what;
} refused[] = {
    { 0x00,    0x08,    true,  "a control character" },
    { 0x09,    0x09,    false, "a tab" },
    { 0x0a,    0x0a,    false, "a line break" },
    { 0x0b,    0x0c,    true,  "a control character" },
    { 0x0d,    0x0d,    true,  "a carriage return" },
    { 0x0e,    0x1f,    true,  "a control character" },
    { 0x7f,    0x9f,    true,  "a control character" },
    { 0xad,    0xad,    false, "an invisible character" },      /* soft hyphen */
    { 0x61c,   0x61c,   false, "a character that changes the direction of text" },
    { 0x200b,  0x200b,  false, "an invisible character" },      /* zero width space; the joiners stay */
    { 0x200e,  0x200f,  false, "a character that changes the direction of text" },
    { 0x2028,  0x2029,  true,  "a line separator" },
    { 0x202a,  0x202e,  true,  "a character that changes the direction of text" },
    { 0x2060,  0x2064,  false, "an invisible character" },
    { 0x2066,  0x2069,  true,  "a character that changes the direction of text" },
    { 0x206a,  0x206f,  false, "an invisible character" },
    { 0xfeff,  0xfeff,  true,  "a byte order mark" },
    { 0xfff9,  0xfffb,  false, "an invisible character" },
    { 0xfffe,  0xffff,  true,  "no character" },
    { 0xe0000, 0xe007f, true,  "an invisible character" },      /* tags */
};
/* clang-format on */

unsigned rune_next(const char **text)
{
    const unsigned char *s = (const unsigned char *)*text;
    size_t n = *s < 0x80 ? 1 : *s >= 0xf0 ? 4 : *s >= 0xe0 ? 3 : 2;
    unsigned rune = n == 1 ? *s : *s & (0x7fu >> n);

    for (size_t i = 1; i < n; i++)
        rune = rune << 6 | (s[i] & 0x3fu);
    *text += n;
    return rune;
}

const char *rune_refused(unsigned rune, enum rune_place place)
{
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (rune >= refused[i].from && rune <= refused[i].to)
            return place == RUNE_IN_NAME || refused[i].in_prose ? refused[i].what : NULL;
    return NULL;
}
