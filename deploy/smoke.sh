#!/bin/sh
# Prove the topology of compose.yaml on this machine, without a container engine: `make smoke`, as root, on Debian 13.
#
# Both images' packages are installed by the lines of their Dockerfiles; then every service of compose.yaml runs as
# Compose reads it (order, commands, environment, secrets, networks, read-only root, users, health checks) on Debian's
# PostgreSQL, RabbitMQ, Caddy and Prometheus and a server of S3, in a network of its own. Through the proxy a fake is
# registered, looked up, told by a webhook and taken down, an API and a worker are killed, the record is verified,
# Prometheus reads the metrics, and what the runbook does to Compose is done by its lines: known lookups, an exchange of
# the APIs, a back-up and a restore to a point in time. All that was started is ended, however it ends. Exit status 0: all held.
set -eu
cd "$(dirname "$0")/.."
deploy/bootstrap.sh
deploy/test-services.sh smoke
mkdir -p .cache
caddy validate --config deploy/Caddyfile --adapter caddyfile >.cache/caddy.log 2>&1 || {
    cat .cache/caddy.log >&2
    exit 1
}
promtool check rules deploy/monitoring/alerts.yml >/dev/null
exec .venv/bin/python -m tests.system.smoke "$@"
