#include "checks.h"

#include "orchestrate/report/report.h"

static const char *const verdicts[] = {
    [CHECK_OK] = "ok",
    [CHECK_NOTE] = "note",
    [CHECK_WRONG] = "wrong",
};

void checks_text(struct buf *out, const struct exec_check *checks, size_t n)
{
    for (size_t i = 0; i < n; i++)
        report_wrap(out, arena_printf(out->arena, "  %-6s ", verdicts[checks[i].verdict]),
                    "         ", checks[i].text);
}

void checks_json(struct json *j, const struct run *run, const struct exec_check *checks, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        json_open(j, NULL, '{');
        json_text(j, "plan", run->name);
        json_int(j, "run", run->id);
        json_text(j, "phase", exec_verified_phase(run));
        json_text(j, "verdict", verdicts[checks[i].verdict]);
        json_text(j, "text", checks[i].text);
        json_close(j, '}');
    }
}

size_t checks_wrong(const struct exec_check *checks, size_t n)
{
    size_t wrong = 0;

    for (size_t i = 0; i < n; i++)
        wrong += checks[i].verdict == CHECK_WRONG;
    return wrong;
}
