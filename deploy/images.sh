#!/bin/sh
# Build both images by buildah, without a daemon, and try them.
#   deploy/images.sh [BASE] [VERSION]
# BASE: the image of Python that the Dockerfiles begin with, or `debian`: one made here from Debian's packages by
# mmdebstrap, where no registry of images is reached.
set -eu
cd "$(dirname "$0")/.."
base=${1:-python:3.13.9-slim-trixie}
version=${2:-$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)}
say() { printf 'images: %s\n' "$*" >&2; }

for program in buildah $([ "$base" != debian ] || echo mmdebstrap); do
    command -v "$program" >/dev/null || { say "needs $program: apt-get install --no-install-recommends $program"; exit 1; }
done

# Within a container there are no namespaces to be had: steps then run in a chroot, under this process's own limits.
export BUILDAH_ISOLATION="${BUILDAH_ISOLATION:-chroot}"
limits=$(awk '/^Max open files/ { printf "--ulimit nofile=%s:%s ", $5, $5 }
    /^Max processes/ { if ($4 != "unlimited") printf "--ulimit nproc=%s:%s ", $4, $4 }' /proc/self/limits)

# The format `docker` keeps health checks. Folders: the host's certificates too, where a proxy of the network has its own.
certificates='-v /etc/ssl/certs:/etc/ssl/certs:ro -v /etc/resolv.conf:/etc/resolv.conf:ro'

if [ "$base" = debian ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    say 'making a base from Debian'
    mmdebstrap --quiet --variant=minbase --include=python3,python3-pip,python3-venv,python-is-python3,ca-certificates \
        trixie "$folder/base.tar"
    printf 'FROM scratch\nADD base.tar /\nENV PIP_BREAK_SYSTEM_PACKAGES=1 SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt\n' > "$folder/Dockerfile"
    # shellcheck disable=SC2086 # a list of options is meant
    buildah build --quiet $limits -t localhost/fakeprint-base "$folder" >/dev/null
    base=localhost/fakeprint-base
fi

for half in api worker; do
    say "building fakeprint-$half:$version"
    # shellcheck disable=SC2086
    buildah build --quiet --format docker $limits $certificates --network host --build-arg "PYTHON=$base" \
        -f "deploy/$half.Dockerfile" -t "fakeprint-$half:$version" . >/dev/null
    # shellcheck disable=SC2086
    container=$(buildah from $limits "localhost/fakeprint-$half:$version")
    found=$(buildah run "$container" -- fakeprint --version)
    buildah rm "$container" >/dev/null
    say "localhost/fakeprint-$half:$version says: $found"
done
