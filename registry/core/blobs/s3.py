"""Object store in an S3-compatible bucket, by s3fs: FAKEPRINT_BLOBS_URL=s3://bucket/prefix?endpoint=…

Credentials and region come from AWS's usual places (AWS_ACCESS_KEY_ID etc., profiles, roles). Large objects
are uploaded in parts of 8 MiB and read in ranges, so memory is bounded and only a failed range is read again.
Each call has time limits. After a failed connection, calls fail at once for five seconds, so that requests do
not queue up behind an unreachable store.
"""

from __future__ import annotations

import io
import logging
import os
import threading
import time
from collections.abc import Buffer, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Final, cast, override
from urllib.parse import SplitResult, parse_qsl, unquote

from registry.core.blobs.base import DAMAGED, Object, Pour, unavailable
from registry.core.errors import NotInstalled, Unavailable
from registry.core.errors.blobs import BadBlobsUrl

log = logging.getLogger(__name__)

PART: Final = 8 << 20
"""Bytes of a part; S3 accepts ten thousand parts."""
CONNECT_SECONDS: Final = 3
READ_SECONDS: Final = 15
ATTEMPTS: Final = 3
"""Attempts of one call, including the first."""
PAUSE_SECONDS: Final = 5.0
ABANDONED: Final = timedelta(hours=6)
"""Age at which an unfinished multipart upload is aborted."""
SEARCH_INTERVAL: Final = 600.0
"""Seconds between two searches for unfinished uploads."""
_NEXT: Final = "Check FAKEPRINT_BLOBS_URL, the store's credentials (AWS_…) and that it is up."
_OPTIONS: Final = frozenset({"endpoint", "region", "style"})


@cache
def _say_versioned(bucket: str) -> None:
    """Log once a process that the bucket keeps versions, so deleted data would not be gone."""
    log.error("the bucket %s keeps old versions, so deleted media stays: switch versioning off", bucket)


class S3Objects:
    """Objects under a prefix of a bucket. Each process opens its own connections when first needed."""

    def __init__(self, bucket: str, prefix: str, options: dict[str, str]) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._options = options
        self._lock = threading.Lock()
        self._made: tuple[int, Any] | None = None
        self._paused_until = 0.0
        self._look_at = 0.0

    def write(self, name: str, pour: Pour) -> None:
        upload = _Upload(self, self._prefix + name)
        try:
            pour(cast("BinaryIO", upload))
            upload.complete()
        except BaseException:
            upload.abort()
            raise

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        size = self.call("head_object", Key=self._prefix + name)["ContentLength"]
        with io.BufferedReader(_Stretches(self, name, size), PART) as stream:
            yield cast("BinaryIO", stream)

    def local(self, name: str) -> Path | None:
        del name
        return None

    def found(self, prefix: str) -> Iterator[Object]:
        more: dict[str, str] = {}
        while True:
            page = self.call("list_objects_v2", Prefix=self._prefix + prefix, **more)
            for content in page.get("Contents", ()):
                name = content["Key"].removeprefix(self._prefix)
                if not name.startswith(DAMAGED):
                    yield Object(name, content["Size"], content["LastModified"].timestamp())
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def delete(self, name: str) -> None:
        for stored_name in (name, DAMAGED + name):
            if self.call("delete_object", Key=self._prefix + stored_name).get("DeleteMarker"):
                _say_versioned(self._bucket)

    def put_aside(self, name: str) -> None:
        source, target = self._prefix + name, self._prefix + DAMAGED + name
        with suppress(FileNotFoundError):
            self.call("copy_object", Key=target, CopySource={"Bucket": self._bucket, "Key": source})
            self.call("delete_object", Key=source)

    def discard_abandoned(self) -> int:
        if time.monotonic() < self._look_at:
            return 0
        self._look_at = time.monotonic() + SEARCH_INTERVAL
        return self.abort_uploads(ABANDONED)

    def abort_uploads(self, older_than: timedelta) -> int:
        """Abort multipart uploads that began before `older_than`, and return how many. Their parts are
        invisible but cost money."""
        aborted, before = 0, datetime.now(UTC) - older_than
        page = self.call("list_multipart_uploads", Prefix=self._prefix)
        for upload in page.get("Uploads", ()):
            if upload["Initiated"] <= before:
                with suppress(FileNotFoundError):
                    self.call("abort_multipart_upload", Key=upload["Key"], UploadId=upload["UploadId"])
                    aborted += 1
        return aborted

    def stretch(self, name: str, start: int, end: int) -> bytes:
        """Return a range of an object's bytes. Raises `FileNotFoundError`, `Unavailable`."""
        with self._reported() as store:
            data: bytes = store.cat_file(f"{self._bucket}/{self._prefix}{name}", start=start, end=end)
        if len(data) != end - start:
            raise unavailable("the store sent less than it holds", next_step=_NEXT)
        return data

    def call(self, operation: str, **parameters: Any) -> Any:
        """Run an S3 operation. Raises `FileNotFoundError` if the object does not exist, `Unavailable`."""
        with self._reported() as store:
            return store.call_s3(operation, Bucket=self._bucket, **parameters)

    @contextmanager
    def _reported(self) -> Iterator[Any]:
        if time.monotonic() < self._paused_until:
            raise unavailable("the store did not answer a moment ago", next_step=_NEXT)
        store = self._store()
        try:
            yield store
        except FileNotFoundError as error:
            if "bucket" in f"{error} {error.__cause__}".lower():
                raise unavailable("there is no such bucket", next_step=_NEXT) from error
            raise
        except PermissionError as error:
            raise unavailable("the store refuses these credentials", next_step=_NEXT) from error
        except _errors() as error:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            raise unavailable(_describe(error), next_step=_NEXT) from error

    def _store(self) -> Any:
        with self._lock:
            if self._made is None or self._made[0] != os.getpid():
                self._made = (os.getpid(), _connect(self._options))
            return self._made[1]


class _Upload(io.RawIOBase):
    """Collects bytes: uploaded as one object if they fit into one part, else part by part."""

    def __init__(self, store: S3Objects, key: str) -> None:
        self._store = store
        self._key = key
        self._held = bytearray()
        self._upload = ""
        self._parts: list[dict[str, Any]] = []

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, data: Buffer, /) -> int:
        self._held += data
        while len(self._held) > PART:
            self._send(bytes(self._held[:PART]))
            del self._held[:PART]
        return memoryview(data).nbytes

    def complete(self) -> None:
        """Finish the upload."""
        if not self._upload:
            self._store.call("put_object", Key=self._key, Body=bytes(self._held))
            return
        self._send(bytes(self._held))
        parts = {"Parts": self._parts}
        self._store.call(
            "complete_multipart_upload", Key=self._key, UploadId=self._upload, MultipartUpload=parts
        )
        self._upload = ""

    def abort(self) -> None:
        """Delete the uploaded parts. If the store is unreachable, the sweep aborts the upload later."""
        if self._upload:
            with suppress(Unavailable, FileNotFoundError):
                self._store.call("abort_multipart_upload", Key=self._key, UploadId=self._upload)

    def _send(self, part: bytes) -> None:
        if not self._upload:
            self._upload = self._store.call("create_multipart_upload", Key=self._key)["UploadId"]
        number = len(self._parts) + 1
        answer = self._store.call(
            "upload_part", Key=self._key, UploadId=self._upload, PartNumber=number, Body=part
        )
        self._parts.append({"ETag": answer["ETag"], "PartNumber": number})


class _Stretches(io.RawIOBase):
    """A stream over an object, read in ranges."""

    def __init__(self, store: S3Objects, name: str, size: int) -> None:
        self._store = store
        self._name = name
        self._size = size
        self._at = 0

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    @override
    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    @override
    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer)
        size = min(len(view), self._size - self._at)
        data = self._store.stretch(self._name, self._at, self._at + size) if size > 0 else b""
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    @override
    def readall(self) -> bytes:
        return b"".join(iter(lambda: self.read(PART), b""))


def open_s3(parts: SplitResult) -> S3Objects:
    """The store of an `s3://` URL. Raises `BadInput` (`bad_blobs_url`)."""
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    valid = set(options) <= _OPTIONS and options.get("style", "path") in {"path", "virtual"}
    if not parts.hostname or parts.username or not valid:
        raise BadBlobsUrl(
            "FAKEPRINT_BLOBS_URL is not the address of a bucket.",
            next_step="Write s3://bucket/prefix?endpoint=https://s3.example&region=eu-south-2; `style` is"
            " path or virtual. Put credentials into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, not here.",
        )
    prefix = unquote(parts.path).strip("/")
    return S3Objects(parts.netloc, f"{prefix}/" if prefix else "", options)


def _connect(options: dict[str, str]) -> Any:
    try:
        import s3fs  # noqa: PLC0415 - an extra that takes half a second to import
    except ImportError as error:
        raise NotInstalled(
            "The S3 client is not installed.", next_step="Install fakeprint[s3], or use a folder."
        ) from error
    style = options.get("style") or ("path" if "endpoint" in options else "auto")
    store = s3fs.S3FileSystem(
        endpoint_url=options.get("endpoint"),
        client_kwargs={"region_name": options["region"]} if "region" in options else None,
        config_kwargs={
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
            "retries": {"mode": "standard", "total_max_attempts": ATTEMPTS},
            "s3": {"addressing_style": style},
            # Other vendors' stores do not support checksums in trailers.
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
        },
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    store.retries = 1  # botocore has already retried
    return store


@cache
def _errors() -> tuple[type[BaseException], ...]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra
    from fsspec.exceptions import FSTimeoutError  # noqa: PLC0415 - as above

    return (OSError, BotoCoreError, ClientError, FSTimeoutError)


def _describe(error: BaseException) -> str:
    """Name only the class of the error: its text holds addresses and keys."""
    return f"the store does not answer ({type(error.__cause__ or error).__name__})"
