/*
 * The commands.  Dispatch, help and the tests read this table.
 */
#include "command.h"
#include "orchestrate/base/text.h"

/* clang-format off */
const struct command commands[] = {
    { "advance", "[PLAN]", 0, 1, NEEDS_DB | NAMES_RUN, check_advance, cmd_advance,
      "Carry out the next phase of a plan, or say what holds it.",
      "Call it once per deploy, from the hook that runs before the rollout. One phase is carried out; "
      "with --to it goes on through that phase and stops at the first closed gate. The phases are "
      "those of the plan; `orchestrate status` lists them.\n"
      "A closed gate is no failure: the answer is `held`, the exit status 0, so that a plan that "
      "waits does not block an unrelated deploy.\n"
      "Killed, interrupted or out of time, the same command continues where it stopped. With a "
      "deploy id, repeated calls of one deploy take one step; it comes from --deploy-id, or from the "
      "CI system (GITHUB_RUN_ID, CI_PIPELINE_ID and others).\n"
      "A phase that takes longer than a hook may: give the hook --max-time, and let a worker call "
      "`advance --continue`. A deploy that is to take no step, a hotfix: --hold.\n"
      "Without PLAN every live plan is advanced, each as if called alone; --max-time is that of the "
      "whole call." },
    { "approve", "PLAN PHASE", 2, 2, NEEDS_DB | NAMES_RUN | KEEPS_WORDS, check_approve, cmd_approve,
      "Approve a phase that waits for it, or consent to one that cannot be undone.",
      "The plan's gate `approval` says how many approvals are wanted, and of which role. Whoever started "
      "or edited the plan cannot approve it. With --confirm NAME, the plan's name, it is consent as well, for a "
      "phase that cannot be undone. What is approved is the phase as it is now: an edit of it, or any "
      "undo of the plan, makes the approval void. --revoke takes it back." },
    { "completion", "SHELL", 1, 1, 0, NULL, cmd_completion,
      "Print the completion of a shell: bash, fish or zsh.",
      "bash: source <(orchestrate completion bash), in ~/.bashrc.\n"
      "fish: orchestrate completion fish > ~/.config/fish/completions/orchestrate.fish.\n"
      "zsh: orchestrate completion zsh > a file _orchestrate in a folder of $fpath.\n"
      "No database is asked while a word is completed; names of plans are those of the files in the "
      "folder." },
    { "confirm", "", 0, 0, NEEDS_DB, check_confirm, cmd_confirm,
      "Record how a deploy ended.",
      "Call it from the hook that runs after the rollout, with the deploy id that `advance` was given. "
      "The gate `deploy` opens with a success and closes again with a later failure or roll-back." },
    { "demo", "[OPERATION]", 0, 1, 0, NULL, cmd_demo,
      "Show an operation on a busy table on a throwaway Postgres, phase by phase.",
      "Makes a Postgres of its own in a temporary folder, fills a table, lets clients of old code, new "
      "code and code that writes both names work on it all the time, and steps a rename through its "
      "phases. It takes less than a minute and leaves nothing behind.\n"
      "OPERATION shows another one, e.g. `demo drop-column`; left out it is the rename of a column." },
    { "docs", "[TOPIC]", 0, 1, 0, NULL, cmd_docs,
      "Print the reference: commands, plan format, JSON Schema, manual page.",
      "Without TOPIC the documents are listed. All of them are made from the tables that the program "
      "itself works with. `orchestrate docs schema` is for editors: a plan that begins with "
      "`# yaml-language-server: $schema=plan.schema.json` is checked while it is written." },
    { "doctor", "", 0, 0, NEEDS_DB | ONLY_READS, NULL, cmd_doctor,
      "Say whether plans can be carried out: role, server, settings, other tools.",
      "Each line is ok, note, warning or problem. A problem makes work impossible: exit status 77 when "
      "a permission is missing, else 78. Nothing is changed." },
    { "gate", "[PLAN]", 0, 1, NEEDS_DB | ONLY_READS | NAMES_RUN, check_gate, cmd_gate,
      "Ask whether a phase may start, or a version of the app may ship; nothing is changed.",
      "For pipelines: the exit status is 0 for yes and 3 for no, and the answer says why. Several "
      "questions in one call have to be answered with yes all together.\n"
      "New code (`code: {new: ...}` in the plan) may ship when the phase before the deploy mark is "
      "done; old code may ship, or come back, until the phase `code: {old_until: ...}` begins (retire, "
      "when the plan does not say).\n"
      "With --wait it is asked again until the answer is yes or the time is over. Without PLAN every "
      "live plan is asked about." },
    { "help", "[COMMAND]", 0, 1, 0, NULL, cmd_help,
      "Show the commands, or what one of them does.",
      "The same as --help." },
    { "history", "[PLAN]", 0, 1, NEEDS_DB | ONLY_READS | NAMES_RUN, NULL, cmd_history,
      "Show the record of a plan: every move and every event.",
      "Nothing is ever removed from it. Without PLAN the records of all plans are shown." },
    { "init", "", 0, 0, NEEDS_DB, NULL, cmd_init,
      "Make the state schema in the database, or upgrade it.",
      "The schema is called `orchestrate`. `start` makes it too when it is missing; upgrades are only "
      "done here. Running it again changes nothing.\n"
      "With --env the database keeps that name, and is from then on only worked on under it: a command "
      "with another --env is refused (exit status 78)." },
    { "new", "OPERATION FIELD=VALUE...", 1, MANY, 0, NULL, cmd_new,
      "Write a plan file, with sensible gates and with comments.",
      "FIELD=VALUE are the fields of the operation. The file is called after the plan, and the plan after "
      "the operation and what it is about, if --name and --output say nothing else. Read it, change "
      "what does not fit, and put it under version control." },
    { "pause", "[PLAN]", 0, 1, NEEDS_DB | NAMES_RUN | NEEDS_RUN, NULL, cmd_pause,
      "Hold a plan: no phase starts, a backfill under way stops.",
      "`resume` lets it go on." },
    { "plan", "PLAN", 1, 1, ONLY_READS | USES_DB, check_plan, cmd_plan,
      "Show what a plan will do: risk, locks, phases, the SQL, the way back.",
      "With a database (--url, or one of the variables) it is asked what speaks against the plan; "
      "that is exit status 5. Without one the report is made from the file alone and says so. "
      "Nothing is changed." },
    { "repair", "PLAN", 1, 1, NEEDS_DB | NAMES_RUN, check_repair, cmd_repair,
      "After a restore, a clone or a change by hand: say what is wrong, and mend the record.",
      "Without an option it only says what it found, and what can be done (exit status 5 when something "
      "is wrong). It never touches a table of yours.\n"
      "--adopt lets the run go on in this database, with the tables that are here, when they are what "
      "the last finished phase left. --forget ends the run as it stands, and lists what it made with the "
      "statements that drop it. Both want the plan's name: --confirm NAME." },
    { "resume", "[PLAN]", 0, 1, NEEDS_DB | NAMES_RUN | NEEDS_RUN, NULL, cmd_resume,
      "Let a paused plan go on.",
      "The next `advance` does." },
    { "rollback", "[PLAN]", 0, 1, NEEDS_DB | NAMES_RUN | NEEDS_RUN, NULL, cmd_rollback,
      "Undo the last phase of a plan, or several.",
      "--to names the last phase that stays done (`orchestrate status` lists the phases); --to start "
      "undoes all of them. The plan is paused "
      "afterwards, so that the next deploy does not do again what was just undone. Beyond the point of "
      "no return it is refused." },
    { "set", "[PLAN] KEY=VALUE...", 1, MANY, NEEDS_DB | NAMES_RUN | NEEDS_RUN, check_set, cmd_set,
      "Change settings of a plan while it is under way.",
      "They take the place of the plan's: a backfill that runs obeys within a second, other steps when "
      "they begin. KEY= or KEY=default gives the plan's value back. What was set is recorded, and "
      "`orchestrate status` shows it. The keys are those of `settings:` in a plan: duty, lock_timeout, "
      "lock_retry_for, statement_timeout, batch_target, batch_rows.start, batch_rows.max, "
      "jobs, max_replica_lag, max_wal_rate." },
    { "start", "FILE...", 1, MANY, USES_DB, NULL, cmd_start,
      "Register plans in the database; nothing else is changed yet.",
      "The database is asked what speaks against the plan; all reasons are shown at once and nothing is "
      "registered (exit status 5). From then on the database keeps its own copy of the plan." },
    { "status", "[PLAN]", 0, 1, NEEDS_DB | ONLY_READS | NAMES_RUN, check_status, cmd_status,
      "Show where plans stand, and what holds them.",
      "Without PLAN every live plan is shown." },
    { "validate", "FILE...", 1, MANY, 0, NULL, cmd_validate,
      "Check plan files, and orchestrate.yaml; no database is needed.",
      "All errors of a file are shown at once, each with its line and column. An orchestrate.yaml among the files is read as what it is: `validate *.yaml` does." },
    { "verify", "[PLAN]", 0, 1, NEEDS_DB | ONLY_READS | NAMES_RUN, NULL, cmd_verify,
      "Compare the database with what the finished phases of a plan promise.",
      "Columns, triggers, functions, checks and indexes are looked at one by one; something missing, "
      "switched off or exchanged is exit status 5. Nothing is changed.\n"
      "Without PLAN every live plan is looked at. With --history the record is checked as well: each "
      "of its rows carries the hash of all before it; without PLAN also that of plans that have ended." },
    { "version", "", 0, 0, 0, NULL, cmd_version,
      "Show the versions of the tool, of the state schema, of the JSON and of libpq.",
      "The same as --version." },
    { 0 },
};
/* clang-format on */

const struct command *command_find(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

const char *command_nearest(const char *word)
{
    const char *names[ARRAY_LEN(commands)];
    size_t n = 0;

    for (const struct command *c = commands; c->name; c++) {
        if (*word && text_starts(c->name, word))
            return c->name;
        names[n++] = c->name;
    }
    names[n] = NULL;
    return text_nearest(word, names);
}
