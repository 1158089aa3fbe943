# setup.sh - what tests/run.sh, plans/quickstart.sh and .ci/run have in common;
# read by them, not run.  POSIX sh.  Expects $root: the top of the source.

# What a build with tests needs, as Debian and Ubuntu call it.
packages='build-essential cmake ninja-build pkg-config libpq-dev libyaml-dev libssl-dev libpg-query-dev libprotobuf-c-dev check postgresql'

# What some tests want besides; without it they are skipped, and say so.
test_packages='pgbouncer'

say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "$@"
    exit 1
}

# The packages of the arguments that are not installed.
missing_packages() {
    for package in "$@"; do
        case $package in
        # Any server will do, whichever package it came with.
        postgresql) ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && continue ;;
        esac
        status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) || status=
        [ "$status" = 'install ok installed' ] || printf '%s ' "$package"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# apt-get without questions; waits for another apt or dpkg to finish.
apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
        apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@"
}

# The lock of the package lists has no time-out of its own.  Old lists may do as well.
apt_update() {
    tries=0
    until apt_get update >"$1" 2>&1; do
        tries=$((tries + 1))
        grep -q 'Could not get lock' "$1" && [ $tries -le 60 ] || return 0
        sleep 10
    done
}

# Debian makes and starts a cluster with the first server that is installed; we
# want none, and we do not want to change what later packages do.
without_cluster() {
    drop_in=/etc/postgresql-common/createcluster.d/orchestrate.conf
    as_root mkdir -p "${drop_in%/*}"
    echo 'create_main_cluster = false' | as_root tee "$drop_in" >/dev/null
    result=0
    "$@" || result=$?
    as_root rm -f "$drop_in"
    return $result
}

# install_packages PACKAGE...: does nothing when all are there.
install_packages() {
    if ! command -v apt-get >/dev/null 2>&1; then
        say "This is no Debian or Ubuntu, so nothing is installed here; needed are: $*"
        return 0
    fi
    wanted=$(missing_packages "$@")
    [ -n "$wanted" ] || return 0
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
        die "Not installed, and there is no sudo: ${wanted}- as root, run: apt-get install $wanted"
    fi
    say "Installing $wanted"
    log=$(mktemp)
    apt_update "$log"
    # Unquoted: a list of words.
    if ! without_cluster apt_get install --no-install-recommends $wanted >>"$log" 2>&1; then
        tail -n 30 "$log" >&2
        die "apt-get could not install: $wanted(its whole output is in $log)"
    fi
    rm -f "$log"
}

# show_progress: of the output of a build, only how far it is: on one line of the
# terminal, or each time that another tenth is done.
show_progress() {
    shown=''
    while IFS= read -r line; do
        case $line in
        '['*[0-9]/[0-9]*']'*) ;;
        *) continue ;;
        esac
        line=${line%%]*}
        line=${line#[}
        tenth=$((${line%/*} * 10 / ${line#*/}))
        if [ -t 2 ]; then
            printf '\r    %s' "$line" >&2
        elif [ "$tenth" != "$shown" ]; then
            say "    $line"
        fi
        shown=$tenth
    done
    [ -z "$shown" ] || [ ! -t 2 ] || say
}

# configure DIR [CMAKE OPTION...]
configure() {
    dir=$1
    shift
    generator='-G Ninja'
    # A folder that was configured before keeps its generator.
    [ -f "$dir/CMakeCache.txt" ] && generator=
    cmake -S "$root" -B "$dir" $generator "$@"
}

# run_ctest DIR [CTEST OPTION...]: shows what fails, and closes with one line of
# sums.  Programs written with Check count each of their tests.
run_ctest() {
    dir=$1
    shift
    result=0
    (cd "$dir" && ctest --output-on-failure --no-tests=error -j $(($(nproc) + 1)) "$@") || result=$?
    # Not there when no test was selected.
    [ -f "$dir/Testing/Temporary/LastTest.log" ] || return $result
    grep -h '^SKIPPED ' "$dir/Testing/Temporary/LastTest.log" || :
    awk '
        /^SKIPPED / { skipped++; passed-- }
        /^[0-9]+%: Checks: / {
            gsub(/,/, "")
            bad = $5 + $7
            passed += $3 - bad
            failed += bad
            checks = 1
        }
        /^Test (Passed|Failed)\./ {
            if (!checks) { if ($2 == "Passed.") passed++; else failed++ }
            else if ($2 == "Failed." && !bad) failed++
            checks = bad = 0
        }
        END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }
    ' "$dir/Testing/Temporary/LastTest.log"
    return $result
}
