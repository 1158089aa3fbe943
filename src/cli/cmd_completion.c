#include "docs.h"
#include "orchestrate/base/text.h"

const struct shell shells[] = {
    { "bash", completion_bash },
    { "fish", completion_fish },
    { "zsh", completion_zsh },
    { 0 },
};

bool cmd_completion(struct cli *cli, struct err *err)
{
    const struct shell *shell = shells;
    struct buf more = BUF_IN(cli->arena);
    struct json j = { .out = &more };

    while (shell->name && strcmp(shell->name, cli->args[0]) != 0)
        shell++;
    if (!shell->name) {
        err_set(err, ERR_USAGE, "there is no completion for %s", cli->args[0]);
        return err_hint(err, "There is for: %s.", complete_words(cli->arena, "SHELL"));
    }
    shell->print(&cli->text);
    json_text(&j, "text", buf_text(&cli->text));
    cli->answer.more = buf_text(&more);
    return true;
}
