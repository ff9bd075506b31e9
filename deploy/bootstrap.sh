#!/bin/sh
# Set up .venv from uv.lock: find Python and uv, install what is missing, and say what is downloaded.
#   deploy/bootstrap.sh demo    what `make demo` runs on
#   deploy/bootstrap.sh up      what `fakeprint up` runs on
#   deploy/bootstrap.sh         everything, the tests' tools too; needs a C++ compiler on Linux
# Does nothing when uv.lock and pyproject.toml are those of the last run.
set -eu
cd "$(dirname "$0")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH || true

say() { printf 'setup: %s\n' "$*" >&2; }
die() { printf 'setup: %s\n' "$@" >&2; exit 1; }

# Sizes in MB on Linux: of what is downloaded, and of .venv. Seconds on a line of 100 Mbit/s.
level=${1:-all}
service='--extra workers --extra sscd --extra embedded'
case $level in
    demo) packages="--no-dev --inexact --group demo $service" download=370 disk=1050 seconds=60 ;;
    up) packages="--no-dev --inexact $service --extra takedown" download=390 disk=1090 seconds=60 ;;
    all) packages=--all-extras download=570 disk=1750 seconds=120 ;;
    *) die "usage: deploy/bootstrap.sh [demo|up]" ;;
esac

wanted=$(cat uv.lock pyproject.toml | cksum)
for stamp in .venv/.set-up-all ".venv/.set-up-$level"; do
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && .venv/bin/python --version >/dev/null 2>&1; then
        exit 0
    fi
done

# --- Debian packages, where apt-get may be used -------------------------------------------------
can_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }
refreshed=no
apt_install() {
    can_apt || return 1
    say "installing $* by apt-get"
    if [ "$refreshed" = no ]; then
        flock /run/lock/fakeprint-apt apt-get -qq update </dev/null >/dev/null 2>&1 || say "apt-get update failed; going on with its old lists"
        refreshed=yes
    fi
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=600 \
        install "$@" </dev/null >/dev/null 2>&1
}

# --- Python -------------------------------------------------------------------------------------
# A candidate must start (pyenv's shims may not) and be CPython 3.12 or 3.13; `headers` says that it can compile.
probe='
import os, sys, sysconfig
if sys.implementation.name != "cpython" or sys.version_info[:2] not in ((3, 12), (3, 13)): sys.exit(1)
has = os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h"))
print("headers" if has else "bare", "%d.%d" % sys.version_info[:2])'

candidates() {
    for version in 3.13 3.12; do
        old_ifs=$IFS; IFS=:
        for folder in $PATH /usr/local/bin /usr/bin /opt/homebrew/bin; do
            [ -x "$folder/python$version" ] && printf '%s\n' "$folder/python$version"
        done
        IFS=$old_ifs
        for root in "${PYENV_ROOT:-$HOME/.pyenv}/versions" "${XDG_DATA_HOME:-$HOME/.local/share}/uv/python"; do
            for found in "$root"/*"$version"*/bin/python"$version"; do
                [ -x "$found" ] && printf '%s\n' "$found"
            done
        done
    done
    command -v python3 || true
}

# Sets python, version and headers: the newest with headers, else the newest.
find_python() {
    python='' version='' headers=''
    list=$(candidates 2>/dev/null || true)
    for wanted_kind in headers bare; do
        for candidate in $list; do
            facts=$("$candidate" -c "$probe" 2>/dev/null </dev/null) || continue
            [ "${facts% *}" = "$wanted_kind" ] || continue
            python=$candidate version=${facts#* } headers=${facts% *}
            return 0
        done
    done
    return 1
}

find_python || {
    apt_install python3.13 python3.13-venv python3.13-dev || apt_install python3.12 python3.12-venv python3.12-dev || true
    find_python
} || die "Python 3.12 or 3.13 is needed and none was found." \
    "Debian or Ubuntu: sudo apt-get install python3.13 python3.13-venv python3.13-dev g++   (or 3.12)"

# --- A compiler: the tests' pdqhash comes as source for Linux -----------------------------------
compiler() { command -v "${CXX:-g++}" || command -v c++ || command -v clang++; }
if [ "$level" = all ] && [ "$(uname -s)" = Linux ]; then
    compiler >/dev/null 2>&1 || apt_install g++ || true
    if [ "$headers" = bare ]; then
        apt_install "python$version-dev" || true
        find_python
    fi
    if ! compiler >/dev/null 2>&1 || [ "$headers" = bare ]; then
        die "pdqhash has to be compiled; a C++ compiler or Python's headers are missing, and could not be installed." \
            "Debian or Ubuntu: sudo apt-get install g++ python$version-dev" "Then run the same command again."
    fi
fi

# --- uv -----------------------------------------------------------------------------------------
find_uv() {
    for uv in uv .uv/bin/uv .uv/flat/bin/uv "$HOME/.local/bin/uv" "$HOME/.cargo/bin/uv"; do
        "$uv" --version >/dev/null 2>&1 </dev/null && return 0
    done
    return 1
}
get_uv() {
    say "downloading uv, which installs the packages, into .uv (25 MB)"
    rm -rf .uv
    "$python" -m venv .uv >/dev/null 2>&1 || {
        rm -rf .uv
        apt_install "python$version-venv" && "$python" -m venv .uv >/dev/null 2>&1
    } && .uv/bin/python -m pip install --quiet 'uv>=0.5' </dev/null && return 0
    rm -rf .uv
    "$python" -m pip install --quiet --target .uv/flat 'uv>=0.5' </dev/null
}
find_uv || { get_uv && find_uv; } ||
    die "uv could not be installed. Install it (https://docs.astral.sh/uv/) or python$version-venv, then try again."

# --- The packages -------------------------------------------------------------------------------
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# One line about uv's log $log after $1 seconds: how much of what it announced has come.
progress() {
    awk -v seconds="$1" -v total="$download" '
        function megabytes(size) { return size * (size ~ /KiB/ ? .001 : size ~ /GiB/ ? 1074 : 1.05) }
        $1 == "Downloading" { size[$2] = megabytes(substr($3, 2)); name = $2 }
        $1 == "Downloaded" { come += size[$2]; delete size[$2] }
        $1 == "Prepared" { prepared = 1 }
        END {
            for (left in size) if (size[left] >= largest) { largest = size[left]; name = left }
            if (prepared) printf "writing the packages into .venv (%d s)", seconds
            else if (come || largest) printf "%d of %d MB (%d s), now %s", come, total, seconds, name
            else printf "looking at the packages (%d s)", seconds
        }' "$log"
}

# Runs uv in the background and shows its progress: each second on a terminal, each ten seconds in a pipe.
install_locked() {
    # shellcheck disable=SC2086 # $packages is a list of options
    "$uv" sync --frozen --no-progress --color never $packages --python "$python" "$@" </dev/null >"$log" 2>&1 &
    job=$! began=$(date +%s) shown=0
    trap 'kill "$job" 2>/dev/null; rm -f "$log"; exit 130' INT TERM
    while kill -0 "$job" 2>/dev/null; do
        passed=$(($(date +%s) - began))
        if [ -t 2 ]; then
            printf '\r\033[Ksetup: %.70s' "$(progress "$passed")" >&2
        elif [ $((passed - shown)) -ge 10 ]; then
            say "$(progress "$passed")"
            shown=$passed
        fi
        sleep 1
    done
    [ ! -t 2 ] || printf '\r\033[K' >&2
    trap - INT TERM
    wait "$job"
}

say "downloading about $download MB of Python packages (about $seconds s at 100 Mbit/s;"
say "what uv has cached is not downloaded again); they take $disk MB in"
say "$PWD/.venv"
for stamp in .venv/.set-up-*; do # of another lock file, or of what is written now
    if [ "$stamp" = ".venv/.set-up-$level" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then rm -f "$stamp"; fi
done
export UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never
# Behind a proxy that opens TLS only the system knows the certificate (uv brings its own list otherwise).
install_locked || { cp "$log" "$log.first" && install_locked --system-certs; } || {
    cat "$log.first" >&2
    rm -f "$log.first"
    die "uv could not install the locked packages; its message stands above."
}
rm -f "$log.first"
printf '%s' "$wanted" > ".venv/.set-up-$level"
say "ready: .venv/bin/fakeprint"
