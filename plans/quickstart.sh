#!/bin/sh
# From a fresh Debian or Ubuntu to a column rename that you can watch: installs
# what is missing, builds, and runs `orchestrate demo`.  As root, or as a user
# with sudo.  Arguments are for the demo.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/tests/setup.sh"

# Set by whoever writes one, here and in setup.sh.
log=''

# stopped STATUS: by a signal; a half-written log helps nobody.
stopped() {
    [ -z "$log" ] || rm -f "$log" "$log.status"
    say
    say 'interrupted'
    exit "$1"
}
trap 'stopped 130' INT
trap 'stopped 143' TERM

build() {
    configure "$root/build" && cmake --build "$root/build" --target orchestrate
}

say 'orchestrate renames a column of a live Postgres table while old and new code use it.'
say 'This installs what it needs, builds it, and shows that on a throwaway Postgres.'
say
say '1 of 3: packages (a minute or two on a new machine, nothing on the next run)'
install_packages $packages

say '2 of 3: building, into build/'
log=$(mktemp)
{
    build && result=0 || result=$?
    echo $result >"$log.status"
} 2>&1 | tee "$log" | show_progress
result=$(cat "$log.status")
rm -f "$log.status"
if [ "$result" -ne 0 ]; then
    tail -n 40 "$log" >&2
    die "It did not build; the whole output is in $log"
fi
rm -f "$log"
log=''

say '3 of 3: the demo (under a minute; ctrl-C ends it, and it leaves nothing behind)'
say
trap - INT TERM
exec "$root/build/orchestrate" demo "$@"
