#include "refusal.h"

#include <string.h>

#include "support.h"

void refusal_is_actionable(const struct ran *ran, const char *what)
{
    static const char error[] = "\"severity\":\"error\"";
    const char *at = strstr(ran->out, error), *hint, *brackets;

    ck_assert_msg(ran->status == 5 && at, "%s: exit %d\n%.2000s\n%.2000s", what, ran->status,
                  ran->out, ran->err);
    for (; at; at = strstr(at + 1, error)) {
        hint = strstr(at, "\"hint\":");
        ck_assert_msg(hint && strncmp(hint + 7, "null", 4) != 0 &&
                          strncmp(hint + 7, "\"\"", 2) != 0,
                      "%s: no hint: %.600s", what, at);
        /* What was meant for some things only, and has nothing to say of the others. */
        brackets = strstr(at, " )");
        ck_assert_msg(!brackets || brackets > strchr(at, '}'), "%s: empty brackets: %.600s", what,
                      at);
    }
}
