"""The examples of docs/examples, each run as it stands, by the programs that it is written for.

Django and the client of Kafka come from PyPI, Express from npm, into `.cache/examples`, once. Kafka's broker
is the one that librdkafka brings for tests: it speaks Kafka's protocol, groups and offsets among it. S3 and
SQS are moto's server.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
import httpx2
import pytest

from deploy.tools import node
from tests.support.media import clips as media
from tests.support.service import servers as services
from tests.support.service.stack import Stack

ROOT: Final = Path(__file__).parents[2]
EXAMPLES: Final = ROOT / "docs" / "examples"
CACHE: Final = ROOT / ".cache" / "examples"
PACKAGES: Final = ("django==5.2.8", "confluent-kafka==2.12.2")
SIZE: Final = (320, 240)


@dataclass(frozen=True)
class Platform:
    """A platform with a key: its environment, and the files that people upload."""

    folder: Path
    variables: dict[str, str]

    def file(self, name: str) -> Path:
        return self.folder / name

    @contextmanager
    def serving(self, *command: str, port: int) -> Iterator[httpx2.Client]:
        """Run a web application until the block ends."""
        log = self.folder / f"{port}.log"
        with services.running(list(command), log, self.variables) as process:
            services.wait_until(lambda: services.listens(port), 60, process, log)
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=90, trust_env=False) as client:
                yield client

    def post(self, client: httpx2.Client, name: str) -> tuple[int, str]:
        """Send a file as a form; status and action of the answer."""
        with self.file(name).open("rb") as file:
            answer = client.post("/upload", files={"clip": file})
        return answer.status_code, answer.json()["action"]


@pytest.fixture(scope="module")
def platform(private_service: Stack, tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """Its organization has registered `fake.mp4`, of which `copy.mp4` is a copy."""
    folder = tmp_path_factory.mktemp("platform")
    for picture, name in (("rocket", "fake"), ("immunohistochemistry", "holiday")):
        media.clip(folder / f"{name}.mp4", picture, seconds=4, size=SIZE)
    media.ffmpeg("-i", folder / "fake.mp4", "-crf", "34", folder / "copy.mp4")
    (folder / "text.mp4").write_text("no media")
    roles = [word for role in ("lookup", "register") for word in ("--role", role)]
    made = private_service.fakeprint(
        "admin", "caller", "add", "uploads", "--organization", "examples", *roles, "--json"
    )
    key = str(made.line["key"])
    fake = ("register", folder / "fake.mp4", "--manipulation", "edited", "--title", "The rocket")
    done = private_service.fakeprint(*fake, FAKEPRINT_KEY=key)
    assert done.status == 0, done.stderr
    libraries = os.pathsep.join(map(str, (EXAMPLES, ROOT / "registry" / "client", CACHE / "python")))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FAKEPRINT_")}
    variables = {"FAKEPRINT_URL": private_service.url, "FAKEPRINT_KEY": key, "PYTHONPATH": libraries}
    return Platform(folder, kept | variables)


@pytest.fixture(scope="module")
def packages() -> None:
    """Those that only the examples need."""
    mark = CACHE / "python" / "-".join(PACKAGES)
    if not mark.exists():
        uv = ROOT / ".uv" / "bin" / "uv"
        program = [str(uv)] if uv.exists() else ["uv"]
        _ran(
            *program,
            "pip",
            "install",
            "-q",
            "--python",
            sys.executable,
            "--target",
            CACHE / "python",
            *PACKAGES,
        )
        mark.touch()


def _ran(*command: str | Path, **options: Any) -> str:
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=240, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


@pytest.mark.usefixtures("packages")
def test_django_refuses_a_copy_in_its_form(platform: Platform) -> None:
    port = services.free_port()
    command = (
        sys.executable,
        "-m",
        "django",
        "runserver",
        "--settings",
        "django_app",
        "--noreload",
        str(port),
    )
    with platform.serving(*command, port=port) as client:
        assert platform.post(client, "copy.mp4") == (409, "hold")
        assert platform.post(client, "holiday.mp4") == (201, "publish")
        assert platform.post(client, "text.mp4") == (409, "review")


def test_fastapi_refuses_a_copy(platform: Platform) -> None:
    port = services.free_port()
    command = (sys.executable, "-m", "uvicorn", "fastapi_app:app", "--port", str(port))
    with platform.serving(*command, port=port) as client:
        assert platform.post(client, "copy.mp4") == (409, "hold")
        assert platform.post(client, "holiday.mp4") == (201, "publish")
        assert platform.post(client, "text.mp4") == (409, "review")


def test_express_refuses_a_copy(platform: Platform) -> None:
    folder, port = CACHE / "express", services.free_port()
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "server.mjs"):
        (folder / name).write_text((EXAMPLES / "express" / name).read_text())
    if not (folder / "node_modules").exists():
        node.run(folder, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent")
    platform.variables["PORT"] = str(port)
    with platform.serving(node.program("node"), str(folder / "server.mjs"), port=port) as client:
        answers = [
            client.put("/upload", content=platform.file(name).read_bytes())
            for name in ("copy.mp4", "holiday.mp4", "text.mp4")
        ]
    assert [(answer.status_code, answer.json()["action"]) for answer in answers] == [
        (409, "hold"),
        (201, "publish"),
        (409, "review"),
    ]


CELERY: Final = """
import sys, time, celery_app
from celery.contrib.testing.worker import start_worker
first, *others = sys.argv[1:]
try:
    with celery_app.client() as registry:
        registry.look_up_file(first, wait=0)
except celery_app.NotYet as later:
    queued = later.said["lookup_id"]
with start_worker(celery_app.app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
    for path in others:
        celery_app.check_upload.delay(path)
    celery_app.ask_again.delay(first, queued)
    ends = time.monotonic() + 90
    while len(celery_app.decisions) <= len(others) and time.monotonic() < ends:
        time.sleep(.1)
for path, decided in sorted(celery_app.decisions):
    print(path.rpartition("/")[2], decided)
"""


def test_celery_decides_about_each_upload(platform: Platform) -> None:
    """The first one is not answered at once: another task asks for its answer."""
    paths = [platform.file(name) for name in ("copy.mp4", "holiday.mp4", "text.mp4")]
    printed = _ran(sys.executable, "-c", CELERY, *paths, env=platform.variables)
    assert printed.splitlines()[-3:] == ["copy.mp4 hold", "holiday.mp4 publish", "text.mp4 review"]


KAFKA: Final = """
import json, sys, kafka_consumer as example
from confluent_kafka import Consumer, Producer
broker = Producer({"test.mock.num.brokers": 1})
[node] = broker.list_topics(timeout=30).brokers.values()
servers = {"bootstrap.servers": f"{node.host}:{node.port}"}
producer = Producer(servers | {"enable.idempotence": True})
for key, value in (pair.split("=") for pair in sys.argv[1:]):
    producer.produce("uploads", key=key, value=value)
producer.flush()
group = servers | {"group.id": "fakeprint", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
consumer = Consumer(group)
with example.client() as registry:
    example.run(consumer, registry, producer, batches=1)
committed = sum(place.offset for place in consumer.committed(consumer.assignment()) if place.offset > 0)
consumer.close()
reader = Consumer(servers | {"group.id": "platform", "auto.offset.reset": "earliest"})
reader.subscribe(["verdicts"])
found = {}
while len(found) < len(sys.argv) - 1:
    for message in reader.consume(10, 1.0):
        if not message.error():
            found[message.key().decode()] = json.loads(message.value())
reader.close()
print(json.dumps({"committed": committed, "found": found}))
"""


@pytest.mark.usefixtures("packages")
def test_kafka_messages_are_answered_in_batches(platform: Platform) -> None:
    """Also the one that is no digest. Offsets are committed after the answers are delivered."""
    digest = hashlib.sha256(platform.file("fake.mp4").read_bytes()).hexdigest()
    pairs = [f"a={digest}", f"b={'0' * 64}", "c=short"]
    done = json.loads(_ran(sys.executable, "-c", KAFKA, *pairs, env=platform.variables).splitlines()[-1])
    found = done["found"]
    assert done["committed"] == 3
    assert (found["a"]["verdict"], found["b"]["verdict"]) == ("known_fake", "no_match")
    assert found["c"]["error"]["status"] == 400


S3: Final = """
import json, os, boto3, s3_consumer as example
s3, sqs = boto3.client("s3"), boto3.client("sqs")
with example.client() as registry:
    decided = []
    while len(decided) < 3:
        decided += example.once(s3, sqs, os.environ["QUEUE_URL"], registry)
print(json.dumps(sorted(decided)))
"""


def test_objects_of_a_bucket_are_looked_up(platform: Platform, s3_store: str) -> None:
    """The bucket announces them itself; first it sends a test message, which names none."""
    endpoint = s3_store.partition("endpoint=")[2].partition("&")[0]
    there = {"endpoint_url": endpoint, "region_name": "us-east-1"}
    s3, sqs = boto3.client("s3", **there), boto3.client("sqs", **there)
    s3.create_bucket(Bucket="uploads")
    queue = sqs.create_queue(QueueName="uploads")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    told = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket="uploads", NotificationConfiguration=told)
    for name in ("copy.mp4", "fake.mp4", "holiday.mp4"):
        s3.upload_file(str(platform.file(name)), "uploads", f"new clips/{name}")
    kept = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    more = {"QUEUE_URL": queue, "AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": "us-east-1"}
    printed = _ran(sys.executable, "-c", S3, env=platform.variables | kept | more)
    assert json.loads(printed.splitlines()[-1]) == [
        ["new clips/copy.mp4", "hold"],
        ["new clips/fake.mp4", "hold"],
        ["new clips/holiday.mp4", "publish"],
    ]
