#!/bin/sh
# libpg_query has the names of Postgres' parser, without a prefix: one of ours that is
# called the same would be taken for it, or it for ours.  usage: symbols.sh LIBPG_QUERY OURS...
set -u
theirs=$1
shift
names() {
    nm -g --defined-only "$@" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u
}
all=$(mktemp)
trap 'rm -f "$all"' EXIT
names "$theirs" >"$all"
[ "$(wc -l <"$all")" -gt 1000 ] || { echo "$theirs has no names"; exit 1; }
both=$(names "$@" | comm -12 - "$all")
[ -z "$both" ] && exit 0
printf 'both here and in libpg_query: %s\n' $both
exit 1
