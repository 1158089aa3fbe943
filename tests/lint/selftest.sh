#!/bin/sh
# A lint that never fails proves nothing: each offence here is put into a copy of
# the source, one at a time, and lint.sh has to notice it.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
copy=$(mktemp -d)
out=$(mktemp)
trap 'rm -rf "$copy" "$out"' EXIT
bad=0

mkdir "$copy/tests"
cp -R "$root/src" "$root/include" "$root/plans" "$copy/"
cp -R "$root/tests/support" "$copy/tests/"

# offence RULE FILE LINE...: with these lines at its end, FILE offends.
offence() {
    rule=$1 file=$2
    shift 2
    mkdir -p "$(dirname "$copy/$file")"
    printf '%s\n' "$@" >>"$copy/$file"
    if sh "$root/tests/lint/lint.sh" "$rule" "$copy" >"$out"; then
        echo "not noticed by $rule: $file: $*"
        bad=1
    elif ! grep -q "$(basename "$file")" "$out"; then
        echo "noticed by $rule for another reason: $file: $*"
        cat "$out"
        bad=1
    fi
    rm "$copy/$file"
    [ ! -f "$root/$file" ] || cp "$root/$file" "$copy/$file"
}

offence layers src/state/machine.c '#include "orchestrate/pg/pg.h"'
offence layers src/base/buf.c '#include "orchestrate/state/run.h"'
offence layers src/exec/advance.c '#include "orchestrate/plan/plan.h"'
offence layers src/ops/rename_column.c '#include "orchestrate/pg/pg.h"'
offence layers include/orchestrate/plan/plan.h '#include "orchestrate/store/store.h"'
offence layers src/new/thing.c '#include "orchestrate/base/err.h"'
offence layers src/exec/advance.c '#include "../store/common.h"'
offence doors src/plan/load.c '#include <yaml.h>'
offence doors src/store/schema.c '#include <libpq-fe.h>'
offence doors src/state/run.c '#include <openssl/evp.h>'
offence doors src/exec/advance.c '    printf("hello\n");'
offence doors src/report/answer.c '    fputs("hello\n", stdout);'
offence doors src/exec/gate.c '    "SELECT * FROM orchestrate.plan";'
offence doors src/sql/lock/blockers.sql 'SELECT run FROM orchestrate.transition'
offence doors src/exec/gate.c '    goto out;'
offence doors src/exec/gate.c '    free(text);'
offence doors src/exec/gate.c '    exit(1);'
offence cascade src/sql/rename_column/contract.sql 'DROP TABLE t CASCADE;'
offence cascade src/exec/gate.c '    "DROP TABLE t CASCADE";'
offence cascade src/sql/add_index/drop.sql 'drop table t Cascade'
offence cascade src/ops/add_index.c '    "CASCADE";'
offence cascade src/ops/add_index.c '    "DROP TABLE t"' '    " cascade";'
offence cascade plans/add-order-index.yaml 'undo: DROP TABLE t CASCADE'
offence operations src/exec/gate.c '    if (strcmp(name, "add_index") == 0)'
offence operations src/ops/rename_column.c '    &op_add_index;'
offence operations src/cli/cmd_new.c '#include "sql_add_index.h"'
offence operations include/orchestrate/ops/operation.h 'extern const struct operation op_rename_column;'
offence operations src/sql/exec/leftovers.sql "SELECT 'add_index'"
offence sql src/sql/lock/unused.sql '-- nobody wants this' 'SELECT 1'
offence sql src/sql/lock/silent.sql 'SELECT 1'
offence headers include/orchestrate/base/new.h 'struct s { size_t n; };'
offence words src/base/arena.c "/* see /$(echo work)/notes */"
offence layout stray.txt 'hello'
exit $bad
