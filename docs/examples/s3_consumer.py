"""S3: new objects of a bucket are announced in a queue (SQS), and looked up in batches.

The bucket sends `s3:ObjectCreated:*` to the queue. Each object is read once, for its SHA-256. Those that
need more are sent as files. Run: FAKEPRINT_URL=… FAKEPRINT_KEY=… QUEUE_URL=… python s3_consumer.py
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote_plus

import boto3
from policy import action, client, refused

from fakeprint import Client, ServiceError


def objects(message: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield bucket and key of each object that a message announces. The test message of S3 names none."""
    for record in json.loads(message["Body"]).get("Records", []):
        yield record["s3"]["bucket"]["name"], unquote_plus(record["s3"]["object"]["key"])


def digest(s3: Any, bucket: str, key: str) -> str:
    """Return the SHA-256 of an object, read in pieces."""
    found = hashlib.sha256()
    for piece in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(1 << 20):
        found.update(piece)
    return found.hexdigest()


def look_up_file(s3: Any, registry: Client, bucket: str, key: str) -> str:
    """Send an object as a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "object"
        s3.download_file(bucket, key, str(path))
        try:
            return action(registry.look_up_file(path, wait=600))
        except ServiceError as error:
            return refused(error)


def once(s3: Any, sqs: Any, queue: str, registry: Client) -> list[tuple[str, str]]:
    """Take up to ten messages; return each object with what to do. A message is deleted when its objects are
    decided: after a crash it comes again."""
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
    messages = received.get("Messages", [])
    named = [place for message in messages for place in objects(message)]
    questions = ({"type": "sha256", "sha256": digest(s3, *place)} for place in named)
    decided = []
    for (bucket, key), line in zip(named, registry.look_up_many(questions), strict=True):
        final = line.get("verdict") and not line.get("next_step")
        decided.append((key, action(line) if final else look_up_file(s3, registry, bucket, key)))
    for message in messages:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return decided


def main() -> None:
    """Connect, and run until interrupted. boto3 finds region and credentials as always."""
    s3, sqs = boto3.client("s3"), boto3.client("sqs")
    with client() as registry:
        while True:
            for key, decided in once(s3, sqs, os.environ["QUEUE_URL"], registry):
                print(key, decided, flush=True)


if __name__ == "__main__":
    main()
