"""What the broker's address says of certificates, and what is refused there."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from registry.core.errors import BadInput
from registry.core.messaging import queues
from registry.core.messaging.broker import celery_config
from registry.core.settings import Settings
from tests.support.service.tls import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_rabbitmq_connections_verify_authority_and_name(authority: Authority) -> None:
    url = f"amqps://fakeprint:se%3Fcret@rabbitmq.data//?heartbeat=20&ssl_ca_certs={authority.file}"
    config = celery_config(Settings(broker_url=url))
    assert config["broker_url"] == "amqps://fakeprint:se%3Fcret@rabbitmq.data//?heartbeat=20"
    assert config["broker_use_ssl"] == {
        "cert_reqs": ssl.CERT_REQUIRED,
        "server_hostname": "rabbitmq.data",
        "ca_certs": str(authority.file),
    }


def test_redis_connections_verify_authority_and_name(authority: Authority) -> None:
    shown, key = authority.sign("fakeprint")
    url = f"rediss://redis.data/0?ssl_certfile={shown}&ssl_keyfile={key}"
    config = celery_config(Settings(broker_url=url))
    assert config["broker_url"] == "rediss://redis.data/0"
    assert config["broker_use_ssl"] == {
        "ssl_cert_reqs": ssl.CERT_REQUIRED,
        "ssl_check_hostname": True,
        "ssl_certfile": str(shown),
        "ssl_keyfile": str(key),
    }


@pytest.mark.parametrize(
    "url", ["", "amqp://mq.example//", "redis://redis.example/0", "pgmq://h/db?sslmode=require"]
)
def test_without_tls_nothing_is_said(url: str) -> None:
    chosen = Settings(broker_url=url, database_url="postgresql://h/db")
    assert celery_config(chosen)["broker_use_ssl"] is False


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("amqps://mq.example//?ssl_ca_certs=/not/there.crt", "ssl_ca_certs cannot be used: No such file"),
        ("amqps://mq.example//?ssl_ca_certs=", "ssl_ca_certs cannot be used"),
        ("amqps://mq.example//?ssl_ca_certs={folder}/text", "ssl_ca_certs cannot be used"),
        ("amqps://mq.example//?ssl_certfile={folder}/a&ssl_keyfile={folder}/b", "ssl_keyfile cannot be used"),
        ("amqps://mq.example//?ssl_certfile={folder}/a", "only one of"),
        ("rediss://redis.example/0?ssl_cert_reqs=none", "cannot have ssl_cert_reqs"),
        ("amqps://mq.example//?ssl_check_hostname=false", "cannot have ssl_check_hostname"),
        ("amqp://mq.example//?ssl_ca_certs=/ca.crt", "amqp:// is not encrypted"),
        ("amqps://a.example//;amqps://b.example//", "a single address"),
    ],
)
def test_settings_without_verification_are_refused(url: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("CHANGE", "utf-8")
    with pytest.raises(BadInput, match=said) as caught:
        queues.tls(Settings(broker_url=url.format(folder=tmp_path)))
    assert caught.value.code == "bad_broker_url"
