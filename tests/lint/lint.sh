#!/bin/sh
# What the compiler does not check.  usage: lint.sh RULE [ROOT]
# Prints each offence as file:line: text and ends with 1 when there was one.
# tests/lint/selftest.sh breaks each rule on purpose and sees it noticed.
set -u
rule=${1:?usage: lint.sh RULE [ROOT]}
here=$(cd "$(dirname "$0")" && pwd)
cd "${2:-$here/../..}" || exit 2

# A layer includes only what tests/lint/layers.txt lets it.
layers() {
    find src include -name '*.[ch]' | xargs grep -nE '^#include "orchestrate/' /dev/null |
        awk -v table="$here/layers.txt" '
            BEGIN {
                while ((getline row < table) > 0) {
                    if (row ~ /^#/) continue
                    n = split(row, word, " ")
                    known[word[1]] = may[word[1], word[1]] = 1
                    for (i = 2; i <= n; i++) may[word[1], word[i]] = 1
                }
            }
            {
                split($0, part, ":")
                n = split(part[1], dir, "/")
                layer = dir[1] == "src" ? dir[2] : dir[3]
                if (part[1] == "src/main.c") layer = "cli"
                header = $0
                sub(/.*#include "orchestrate\//, "", header)
                sub(/\.h".*/, "", header)
                target = header
                sub(/\/.*/, "", target)
                if (!(layer in known)) print $0 " (no such layer: " layer ")"
                else if (!((layer, target) in may) && !((layer, header) in may))
                    print $0 " (" layer " may not see " header ")"
            }'
    # A private header stays in its folder.
    grep -rnE '^#include "\.\.?/|^#include "src/' src include
}

# code PATTERN FILES: the lines of src and include that match outside comments.
code() {
    find src include -name "$2" | sort | xargs awk -v pattern="$1" '
        {
            text = $0
            if (FILENAME ~ /\.sql$/) sub(/--.*/, "", text)
            else {
                sub(/\/\*.*/, "", text)
                if (text ~ /^ \*/) next
            }
            if (text ~ pattern) print FILENAME ":" FNR ":" $0
        }'
}

# door PATTERN FILES ALLOWED: the pattern stands in files of ALLOWED only.
door() {
    code "$1" "$2" | grep -vE "^($3):"
}

# One door to each outside thing.
doors() {
    door '#include <yaml[.]h>' '*.[ch]' 'src/plan/yaml_reader\.c'
    door '#include <(pg_query|protobuf-c)' '*.[ch]' 'src/parse/tree\.h'
    door '#include <openssl/' '*.[ch]' 'src/plan/checksum\.c'
    door '#include <libpq' '*.[ch]' 'include/orchestrate/pg/pg\.h|src/pg/[a-z_]+\.[ch]'
    door '(^|[^a-z_])(v?printf|puts|putchar)[(]|(^|[^a-z_])stdout([^a-z_]|$)' '*.[ch]' 'src/cli/[a-z_]+\.[ch]'
    door '(FROM|INTO|UPDATE|JOIN|TABLE|SELECT) orchestrate[.]' '*.[ch]' 'src/store/[a-z_]+\.[ch]'
    door '(FROM|INTO|UPDATE|JOIN|TABLE|SELECT) orchestrate[.]' '*.sql' \
        'src/sql/store/[a-z_]+\.sql|src/sql/gate/[a-z_]+\.sql|src/sql/[a-z_]+/gate_[a-z_]+\.sql'
    door '(^|[^a-z_])(goto[^a-z_]|exit[(])' '*.[ch]' 'none'
    door '(^|[^a-z_])free[(]' '*.[ch]' 'src/base/[a-z_]+\.[ch]|src/pg/[a-z_]+\.[ch]'
}

# Nothing is dropped that was not named: not by our SQL, not by SQL in C, not by an
# example that people copy.  Looking for the word in what the server says is no use of it.
cascade() {
    word='[Cc][Aa][Ss][Cc][Aa][Dd][Ee]([^a-zA-Z_]|$)'
    code "(^|[^a-zA-Z_])$word" '*.sql'
    code "\"([^\"]*[^\"a-zA-Z_])?$word" '*.[ch]' | grep -v 'strstr(hint,'
    find plans -type f | sort | xargs awk -v word="(^|[^a-zA-Z_])$word" '
        { text = $0; sub(/(^|[ \t])#.*/, "", text); if (text ~ word) print FILENAME ":" FNR ":" $0 }' /dev/null
}

# An operation is named in its own file and nowhere else in the program.
operations() {
    for file in src/ops/*.c; do
        name=$(basename "$file" .c)
        [ "$name" != registry ] || continue
        code "(^|[^a-zA-Z0-9_])(op_|sql_)?$name([^a-zA-Z0-9_]|\$)" '*.[ch]' | grep -vE "^src/(ops/$name|cli/demo_scene)[.]c:"
        code "(^|[^a-zA-Z0-9_])$name([^a-zA-Z0-9_]|\$)" '*.sql' | grep -v "^src/sql/$name/"
    done
}

# Each .sql file says why it exists, and something uses it.
sql() {
    find src/sql -name '*.sql' | sort | xargs awk 'FNR == 1 && !/^-- / {
        print FILENAME ":1: does not open with a comment" }'
    find src -name '*.c' | xargs grep -hoE 'sql_[a-z0-9_]+' | sort -u |
        awk 'NR == FNR { used[$0] = 1; next }
             { name = $0; sub(/.*\//, "", name); sub(/\.sql$/, "", name)
               if (!(("sql_" name) in used)) print $0 ":1: sql_" name " is used nowhere" }' \
            - /dev/fd/3 3<<FILES
$(find src/sql -name '*.sql' | sort)
FILES
}

# Each header compiles alone.  CC and CFLAGS come from the build.
headers() {
    find include src tests/support -name '*.h' ! -name banned.h | sort | while read -r header; do
        printf '#include "%s"\n' "$PWD/$header" |
            ${CC:-cc} ${CFLAGS:-} -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -Iinclude \
                -I"$(dirname "$header")" -fsyntax-only -x c - 2>&1 |
            grep -E ': (fatal )?error:' | sed "s|^|$header: |"
    done
}

tracked() {
    # Also when the checkout belongs to somebody else; else what is no build.
    git -c safe.directory='*' ls-files --cached --others --exclude-standard 2>/dev/null ||
        find . -type f ! -path './build*' ! -path './.git/*' | sed 's|^\./||'
}

# Nothing names a machine of ours, or a mirror that only we can reach.
words() {
    tracked | xargs -d '\n' grep -nIE \
        '/[w]ork/|/[f]arm/|[.]librar[y]|[r]egistry\.npmjs|[d]eb\.debian\.org|[f]iles\.pythonhosted|[s]tatic\.crates' \
        /dev/null
}

# The top level has what the architecture says and no more.
layout() {
    tracked | sed 's|/.*||' | sort -u |
        grep -vxE '\..*|CMakeLists\.txt|README\.md|LICENSE|src|include|plans|tests|docs' |
        sed 's|$|: the layout does not have it|'
}

case $rule in
layers | doors | cascade | operations | sql | headers | words | layout) ;;
*)
    echo "no such rule: $rule" >&2
    exit 2
    ;;
esac
offences=$("$rule" 2>/dev/null)
[ -z "$offences" ] && exit 0
printf '%s\n' "$offences"
exit 1
