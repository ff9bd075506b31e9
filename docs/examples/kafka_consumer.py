"""Kafka: digests of new uploads come from a topic, are looked up in batches, and the answers go to another.

Messages of `uploads` have the upload's id as key and its SHA-256 (hex) as value. Those of `verdicts` have the
same key, and as value the line of the batch as JSON. Run: FAKEPRINT_URL=… FAKEPRINT_KEY=… KAFKA=host:9092
python kafka_consumer.py
"""

from __future__ import annotations

import json
import os

from confluent_kafka import Consumer, Message, Producer
from policy import client

from fakeprint import Client

BATCH, SECONDS = 1000, 1.0
"""A batch is full with so many messages, or after so long."""


def question(message: Message) -> dict[str, str]:
    """Return the lookup of a message. A value that is no digest is answered with an error, alone."""
    return {"type": "sha256", "sha256": (message.value() or b"").decode(errors="replace")}


def forward(messages: list[Message], registry: Client, producer: Producer) -> None:
    """Look the messages up in one stream, and send an answer for each. Returns when all are delivered."""
    answers = registry.look_up_many(question(message) for message in messages)
    for message, answer in zip(messages, answers, strict=True):
        producer.produce("verdicts", key=message.key(), value=json.dumps(answer))
    producer.flush()


def run(consumer: Consumer, registry: Client, producer: Producer, *, batches: int | None = None) -> None:
    """Consume for ever, or so many batches. An offset is committed after its answer was delivered: after a
    crash some messages are looked up twice, and none is lost."""
    consumer.subscribe(["uploads"])
    while batches is None or batches > 0:
        messages = [message for message in consumer.consume(BATCH, SECONDS) if not message.error()]
        if messages:
            forward(messages, registry, producer)
            consumer.commit(asynchronous=False)
            batches = None if batches is None else batches - 1


def main() -> None:
    """Connect, and run until interrupted."""
    servers = {"bootstrap.servers": os.environ["KAFKA"]}
    consumer = Consumer(
        servers | {"group.id": "fakeprint", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
    )
    try:
        with client() as registry:
            run(consumer, registry, Producer(servers | {"enable.idempotence": True}))
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
