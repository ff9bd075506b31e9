#!/bin/sh
# Install the Debian packages that the tests start servers from, without letting them start services of their own.
#   deploy/test-services.sh [smoke]     with `smoke`: also those of deploy/smoke.sh
set -eu
say() { printf 'setup: %s\n' "$*" >&2; }

missing=''
[ -x /usr/lib/postgresql/17/bin/postgres ] || missing="$missing postgresql-17"
[ -f /usr/share/postgresql/17/extension/vector.control ] || missing="$missing postgresql-17-pgvector"
[ -x /usr/sbin/rabbitmq-server ] || missing="$missing rabbitmq-server"
[ -x /usr/bin/redis-server ] || missing="$missing redis-server"
[ -x /usr/sbin/pgbouncer ] || missing="$missing pgbouncer"
[ -x /usr/bin/openssl ] || missing="$missing openssl"
[ -x /usr/bin/docker-compose ] || missing="$missing docker-compose"
[ -x /usr/bin/promtool ] || missing="$missing promtool"
[ -x /usr/bin/amtool ] || missing="$missing prometheus-alertmanager"
[ -x /usr/bin/caddy ] || missing="$missing caddy"
[ -x /usr/bin/chromium-headless-shell ] || missing="$missing chromium-headless-shell"
[ -x /usr/lib/chromium/chromium ] || missing="$missing chromium" # 92 MB: the shell has no extensions
ldconfig -p | grep -q 'libmagic\.so\.1' || missing="$missing libmagic1t64" # pycti, OpenCTI's client, loads it
if [ "${1:-}" = smoke ]; then
    [ -x /usr/bin/prometheus ] || missing="$missing prometheus"
    [ -x /usr/bin/bwrap ] || missing="$missing bubblewrap"
    [ -x /usr/sbin/dnsmasq ] || missing="$missing dnsmasq-base"
    [ -x /usr/sbin/ip ] || missing="$missing iproute2"
fi
[ -z "$missing" ] && exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    say "the tests need Debian's$missing (Debian 13; elsewhere PostgreSQL 17 from apt.postgresql.org):"
    say "sudo apt-get install --no-install-recommends$missing"
    exit 1
fi

# Debian's packages ask policy-rc.d before they start a service; 101 forbids it.
policy=/usr/sbin/policy-rc.d
kept=''
restore() {
    if [ -n "$kept" ]; then mv -f "$kept" "$policy"; else rm -f "$policy"; fi
}
if [ -e "$policy.fakeprint-kept" ]; then
    kept="$policy.fakeprint-kept" # of a run that was killed
elif [ -e "$policy" ]; then
    kept="$policy.fakeprint-kept"
    mv "$policy" "$kept"
fi
trap restore EXIT
trap 'exit 1' INT TERM
printf '#!/bin/sh\nexit 101\n' > "$policy"
chmod 755 "$policy"

say "installing$missing by apt-get (for the tests; their services are not started)"
log=$(mktemp)
apt() { DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 flock /run/lock/fakeprint-apt apt-get -qq -y -o DPkg::Lock::Timeout=600 "$@" </dev/null >"$log" 2>&1; }
apt update || say "apt-get update failed; going on with its old lists"
# shellcheck disable=SC2086 # a list of package names is meant
apt --no-install-recommends install $missing || { cat "$log" >&2; rm -f "$log"; exit 1; }
rm -f "$log"
