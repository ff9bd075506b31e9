#!/bin/sh
# Set up .venv from uv.lock: find Python, a compiler and uv, install what is missing, quietly.
# Does nothing when uv.lock and pyproject.toml are those of the last run.
set -eu
cd "$(dirname "$0")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH || true

say() { printf 'setup: %s\n' "$*" >&2; }
die() { printf 'setup: %s\n' "$@" >&2; exit 1; }

wanted=$(cat uv.lock pyproject.toml | cksum)
stamp=.venv/.set-up
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && .venv/bin/python --version >/dev/null 2>&1; then
    exit 0
fi

# --- Debian packages, where apt-get may be used -------------------------------------------------
can_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }
refreshed=no
apt_install() {
    can_apt || return 1
    say "installing $* by apt-get"
    if [ "$refreshed" = no ]; then
        apt-get -qq update </dev/null >/dev/null 2>&1 || say "apt-get update failed; going on with its old lists"
        refreshed=yes
    fi
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=120 \
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

# --- A compiler: pdqhash comes as source for Linux ----------------------------------------------
compiler() { command -v "${CXX:-g++}" || command -v c++ || command -v clang++; }
if [ "$(uname -s)" = Linux ]; then
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
    say "getting uv into .uv"
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
say "installing the locked packages into .venv (Python $version; a minute or less)"
rm -f "$stamp"
export UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never UV_LINK_MODE="${UV_LINK_MODE:-copy}"
install_locked() { "$uv" sync --quiet --frozen --all-extras --python "$python" "$@" </dev/null; }
# Behind a proxy that opens TLS only the system knows the certificate (uv brings its own list otherwise).
messages=$(install_locked 2>&1) || install_locked --system-certs 2>/dev/null || {
    printf '%s\n' "$messages" >&2
    die "uv could not install the locked packages; its message stands above."
}
printf '%s' "$wanted" > "$stamp"
say "ready: .venv/bin/fakeprint"
