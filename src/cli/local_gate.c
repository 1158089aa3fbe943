#include "command.h"
#include "orchestrate/base/text.h"
#include "orchestrate/gates/gate.h"

/* The checkout is looked through once in a call, however often the gate is asked. */
struct seen {
    struct arena *arena;
    const char *args;
    struct gate_answer answer;
};

static void look(void *context, const char *args, struct gate_answer *answer)
{
    const struct gate_kind *kind = gate_find(answer->gate);
    struct seen *seen = context;

    if (!kind || !kind->local || !args)
        return;
    if (!text_same(seen->args, args)) {
        seen->answer = (struct gate_answer){ 0 };
        kind->local(seen->arena, args, &seen->answer);
        seen->args = args;
    }
    answer->open = seen->answer.open;
    answer->reason = seen->answer.reason;
    answer->evidence = seen->answer.evidence;
    if (answer->open)
        answer->next_command = NULL;
}

struct gate_local local_gate(struct cli *cli)
{
    struct seen *seen = arena_alloc(cli->arena, sizeof *seen);

    seen->arena = cli->arena;
    return (struct gate_local){ look, seen };
}
