/*
 * Completion for bash: one function, whose cases are written from the tables.
 */
#include "docs.h"

/* "--color|--config|..." of all that take a value; the scan for the command skips those. */
static void with_value(struct buf *out)
{
    size_t n;
    const struct option_row *rows = options_table(&n);
    const char *before = "";

    buf_add(out, "        ");
    for (size_t i = 0; i < n; i++) {
        if (!complete_takes_word(&rows[i]) || strcmp(before, rows[i].name) == 0)
            continue;
        buf_addf(out, "%s--%s", *before ? " | " : "", rows[i].name);
        before = rows[i].name;
    }
    buf_add(out, ")\n");
}

/* A case for each command that has the row: "advance:--to", "*:--color". */
static void patterns(struct buf *out, const struct option_row *row)
{
    bool any = false;

    if (!row->commands) {
        buf_addf(out, "*:--%s", row->name);
        return;
    }
    for (const struct command *c = commands; c->name; c++)
        if (option_is_for(row, c->name)) {
            buf_addf(out, "%s%s:--%s", any ? " | " : "", c->name, row->name);
            any = true;
        }
}

static void values(struct buf *out)
{
    size_t n;
    const struct option_row *rows = options_table(&n);

    for (size_t i = 0; i < n; i++) {
        if (!rows[i].arg)
            continue;
        buf_add(out, "    ");
        patterns(out, &rows[i]);
        if (complete_files(rows[i].arg))
            buf_add(out, ") _orchestrate_files; return ;;\n");
        else if (rows[i].kind == OPTION_MAYBE)
            buf_addf(out, ") if [[ $equals ]]; then words='%s'; else value=; fi ;;\n",
                     complete_value(out->arena, &rows[i]));
        else
            buf_addf(out, ") words='%s' ;;\n", complete_value(out->arena, &rows[i]));
    }
    buf_add(out, "    *) value= ;;\n");
}

static void option_words(struct buf *out)
{
    size_t n;
    const struct option_row *rows = options_table(&n);

    for (const struct command *c = commands; c->name; c++) {
        buf_addf(out, "        %s) words+='", c->name);
        for (size_t i = 0; i < n; i++)
            if (rows[i].commands && option_is_for(&rows[i], c->name))
                buf_addf(out, " --%s", rows[i].name);
        buf_add(out, "' ;;\n");
    }
}

static void global_words(struct buf *out)
{
    size_t n;
    const struct option_row *rows = options_table(&n);

    for (size_t i = 0; i < n; i++)
        if (!rows[i].commands)
            buf_addf(out, " --%s", rows[i].name);
}

static void argument(struct buf *out, const struct command *c, const char *position,
                     const char *arg)
{
    const char *words = complete_words(out->arena, arg);

    if (complete_files(arg))
        buf_addf(out, "    %s:%s) %s_orchestrate_files ;;\n", c->name, position,
                 strcmp(arg, "PLAN") == 0 ? "_orchestrate_plans; " : "");
    else if (*words)
        buf_addf(out, "    %s:%s) _orchestrate_words '%s' ;;\n", c->name, position, words);
}

static void arguments(struct buf *out)
{
    for (const struct command *c = commands; c->name; c++) {
        const char *arg;
        bool last = false;

        for (size_t i = 0; !last && (arg = complete_argument(out->arena, c, i, &last)); i++)
            argument(out, c, last ? "*" : arena_printf(out->arena, "%zu", i), arg);
    }
}

static const char head[] =
    "# Completion of orchestrate for bash, made by `orchestrate completion bash`.\n"
    "# No database is asked: names of plans are those of the files in this folder.\n"
    "\n"
    "_orchestrate_words() {\n"
    "    local word\n"
    "    while IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(compgen -W \"$1\" -- "
    "\"$cur\")\n"
    "    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null\n"
    "    return 0\n"
    "}\n"
    "\n"
    "_orchestrate_files() {\n"
    "    local word\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    while IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(compgen -f -- \"$cur\")\n"
    "}\n"
    "\n"
    "_orchestrate_plans() {\n"
    "    _orchestrate_words \"$(sed -n 's/^plan: *\\([a-z0-9._-]*\\).*/\\1/p' ./*.yaml ./*.yml "
    "2>/dev/null)\"\n"
    "}\n"
    "\n"
    "_orchestrate() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local command= words= value=yes equals= i n=0\n"
    "    COMPREPLY=()\n"
    "    # --to=x comes as three words.\n"
    "    if [[ $cur == = ]]; then\n"
    "        cur= equals=yes\n"
    "    elif [[ $prev == = && COMP_CWORD -gt 2 ]]; then\n"
    "        prev=${COMP_WORDS[COMP_CWORD - 2]} equals=yes\n"
    "    fi\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        case ${COMP_WORDS[i]} in\n";

void completion_bash(struct buf *out)
{
    buf_add(out, head);
    with_value(out);
    buf_add(out,
            "            [[ ${COMP_WORDS[i + 1]-} == = ]] && ((i++))\n"
            "            ((i++)) ;;\n"
            "        -* | =) ;;\n"
            "        *) if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else ((n++)); fi ;;\n"
            "        esac\n"
            "    done\n"
            "    case $command:$prev in\n");
    values(out);
    buf_add(out, "    esac\n"
                 "    if [[ $value ]]; then\n"
                 "        _orchestrate_words \"$words\"\n"
                 "        return\n"
                 "    fi\n"
                 "    if [[ $cur == -* ]]; then\n"
                 "        words='");
    global_words(out);
    buf_add(out, "'\n        case $command in\n");
    option_words(out);
    buf_add(out, "        esac\n"
                 "        _orchestrate_words \"$words\"\n"
                 "        return\n"
                 "    fi\n"
                 "    case $command:$n in\n");
    buf_addf(out, "    :*) _orchestrate_words '%s' ;;\n", complete_words(out->arena, "COMMAND"));
    arguments(out);
    buf_add(out, "    esac\n"
                 "}\n"
                 "\n"
                 "complete -F _orchestrate orchestrate\n");
}
