# syntax=docker/dockerfile:1
# The API, migrations and the command line: no OpenCV, no ONNX, no FFmpeg, no compiler.
#   docker build -f deploy/api.Dockerfile -t fakeprint-api .
# Pin the base image's digest in your build as well (--build-arg PYTHON=python:…@sha256:…): a tag may move.
ARG PYTHON=python:3.13.9-slim-trixie

FROM ${PYTHON} AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PROJECT_ENVIRONMENT=/opt/fakeprint
RUN pip install --no-cache-dir uv==0.9.9
WORKDIR /src
# The packages first: they change less often than the source.
COPY pyproject.toml uv.lock ./
COPY registry/client/pyproject.toml registry/client/
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --no-dev --no-install-workspace --extra api
COPY README.md LICENSE ./
COPY deploy/build_hook.py deploy/
COPY registry registry
COPY workers workers
COPY schema schema
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --no-dev --no-editable --extra api

FROM ${PYTHON}
LABEL org.opencontainers.image.title="fakeprint-api" org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /var/lib/fakeprint fakeprint \
    && install -d -o fakeprint -g fakeprint -m 0700 \
        /var/lib/fakeprint /var/lib/fakeprint-keys /var/lib/fakeprint-ledger
COPY --from=build /opt/fakeprint /opt/fakeprint
ENV PATH=/opt/fakeprint/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    FAKEPRINT_DATA=/var/lib/fakeprint FAKEPRINT_HOST=0.0.0.0 FAKEPRINT_PORT=8000
USER 10001:10001
WORKDIR /var/lib/fakeprint
# What waits here while the primary database is away must outlast the container: mount a volume.
VOLUME ["/var/lib/fakeprint"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
ENTRYPOINT ["fakeprint"]
CMD ["serve"]
