/*
 * docs/errors.md, from the tables that the program itself uses.
 */
#include "orchestrate/report/report.h"

static const char *const outcomes[] = {
    [OUT_OK] = "done; nothing to say about a phase",
    [OUT_STARTED] = "the plan is registered in the database",
    [OUT_ADVANCED] = "a phase is done, and there are more",
    [OUT_ALREADY_ADVANCED] = "this deploy has had its phase already",
    [OUT_PENDING] = "work is due (`status --detailed-exitcode`)",
    [OUT_HELD] = "a gate is closed; `held_by` says which, and until when if that is known",
    [OUT_COMPLETE] = "this call finished the last phase",
    [OUT_NOTHING_TO_DO] = "no plan is live, or it is complete already",
    [OUT_IN_PROGRESS] =
        "the phase is under way: in another process (`holder`), or `--max-time` is up",
    [OUT_ROLLED_BACK] = "phases were undone; the run is paused",
    [OUT_UNDONE] = "every phase is undone; the run has ended",
    [OUT_PAUSED] = "the run is paused",
    [OUT_CONFIRMED] = "the end of the deploy is recorded",
};
_Static_assert(ARRAY_LEN(outcomes) == OUTCOME_COUNT, "a meaning for every outcome");

void report_errors_markdown(struct buf *out)
{
    buf_add(out, "# Exit statuses and codes\n\n"
                 "Made from the tables in `base/err.h` and `state/event.h`; a test compares.\n\n"
                 "The code is the member `code` of the JSON answer and the contract for scripts;\n"
                 "the message is for people and may change.\n\n"
                 "## Failures\n\n"
                 "| exit | code | same command again may help | meaning |\n"
                 "| --- | --- | --- | --- |\n");
    for (int code = ERR_NONE + 1; code < ERR_CODE_COUNT; code++) {
        struct err err = { .code = (enum err_code)code };

        buf_addf(out, "| %d | `%s` | %s | %s |\n", err_status(&err), err_name(err.code),
                 err_retryable(err.code) ? "yes" : "no", err_meaning(err.code));
    }
    buf_add(out,
            "\nStopped by SIGTERM, `interrupted` is 143.\n\n"
            "With several plans in one call the exit status is the worst, in the order\n"
            "130/143, 70, 78, 1, 65, 66, 64, 5, 7, 77, 6, 69, 4, 3, 2, 0.\n\n"
            "## Successes\n\n"
            "The exit status is 0.  A plan that is held by a gate is no failure: it must not\n"
            "block an unrelated deploy.  Who asks for it gets another status: 2 for `pending` and\n"
            "4 for `in_progress` with `--detailed-exitcode`, 3 for `held` with `--fail-if-held`\n"
            "and from `gate`; `ok` in the JSON answer is then false, too.\n\n"
            "| code | meaning |\n| --- | --- |\n");
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        buf_addf(out, "| `%s` | %s |\n", outcome_name((enum outcome)outcome), outcomes[outcome]);
}
