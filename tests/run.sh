#!/bin/sh
# Builds into build/ and runs all tests, from a fresh Debian or Ubuntu on: as
# root, or as a user with sudo.  Options are for ctest:
#
#     sh tests/run.sh                  everything
#     sh tests/run.sh -L unit          what needs no server
#     PG_BINDIR=/usr/lib/postgresql/16/bin sh tests/run.sh -L integration
#
# CMAKE_OPTIONS in the environment are added to the configuration.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/tests/setup.sh"

install_packages $packages $test_packages
log=$(mktemp)
if ! configure "$root/build" -DORCHESTRATE_TESTS=ON ${CMAKE_OPTIONS:-} >"$log" 2>&1; then
    cat "$log" >&2
    die 'cmake could not configure the build.'
fi
rm -f "$log"
cmake --build "$root/build"
run_ctest "$root/build" "$@"
