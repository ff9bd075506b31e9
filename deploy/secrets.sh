#!/bin/sh
# Make the secrets of compose.yaml in deploy/secrets, each once: what is there already is left alone.
#
#   deploy/secrets.sh          then: docker compose -f deploy/compose.yaml up --build -d
#
# The folder is closed to others; the files in it are readable, because containers run as a user of their own. Keep a
# copy of all of them elsewhere: without fakeprint_blobs_keys the media cannot be read, and a database that is restored has
# the passwords of its time. After an upgrade run it again: it makes what the new version adds.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
folder=$here/secrets
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { # keep NAME VALUE
    [ -s "$1" ] || { printf '%s' "$2" > "$1.new" && mv "$1.new" "$1"; }
    chmod 444 "$1"
}

keep postgres_password "$(random)"
keep service_password "$(random)"
keep aws_access_key_id "fakeprint"
keep aws_secret_access_key "$(random)"
keep aws_credentials "[default]
aws_access_key_id = $(cat aws_access_key_id)
aws_secret_access_key = $(cat aws_secret_access_key)"
if [ ! -s fakeprint_blobs_keys ]; then
    new_key() { "$here/../.venv/bin/fakeprint" blobs new-key || fakeprint blobs new-key || age-keygen; }
    key=$(new_key 2>/dev/null | grep -o 'AGE-SECRET-KEY-1[0-9A-Z]*') || {
        echo "secrets: install age, or run 'make setup': media are sealed with a key of age" >&2
        exit 1
    }
    keep fakeprint_blobs_keys "$key"
fi
[ -s rabbitmq_password.conf ] || keep rabbitmq_password.conf "default_pass = $(random)"
keep owner_database_url "postgresql://fakeprint:$(cat postgres_password)@postgres/fakeprint"
keep fakeprint_database_url "postgresql://fakeprint_service:$(cat service_password)@postgres/fakeprint"
keep fakeprint_broker_url "amqp://fakeprint:$(sed 's/.*= //' rabbitmq_password.conf)@rabbitmq//"
# Empty until you write them, which you may: the key with which Prometheus reads /metrics and the password of the mail
# server that alerts go by (runbook.md, "Install"), known lookups and their key (monitoring/monitoring.md).
for name in metrics_key alertmanager_password fakeprint_canary_key canaries.jsonl; do
    [ -e "$name" ] || : > "$name"
    chmod 644 "$name"
done
printf 'secrets: in %s\n' "$folder"
