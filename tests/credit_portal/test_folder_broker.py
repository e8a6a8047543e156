"""The broker of `make run`: folders instead of a server."""

import threading
from pathlib import Path

import pytest
from django.conf import settings
from kombu import Connection

from credit_portal.celery import app

pytestmark = pytest.mark.skipif(bool(settings.REDIS_URL), reason="a matter of folders alone")
MESSAGES = 300


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, object]:
    for name in ("queue", "processed", "control"):
        (tmp_path / name).mkdir()
    return {
        "data_folder_in": str(tmp_path / "queue"),
        "data_folder_out": str(tmp_path / "queue"),
        "processed_folder": str(tmp_path / "processed"),
        "control_folder": str(tmp_path / "control"),
        "polling_interval": 0.01,
    }


def connect(folders: dict[str, object]) -> Connection:
    return Connection(
        settings.CELERY_BROKER_URL,
        transport=settings.CELERY_BROKER_TRANSPORT,
        transport_options=folders,
    )


def test_the_portal_uses_it() -> None:
    with app.connection_for_write() as connection:
        assert connection.transport_cls == settings.CELERY_BROKER_TRANSPORT


def test_messages_read_while_they_are_written_are_whole(folders) -> None:
    def write() -> None:
        with connect(folders) as other, other.SimpleQueue("line") as queue:
            for number in range(MESSAGES):
                queue.put({"number": number, "text": "企业" * 2_000})

    writing = threading.Thread(target=write)
    found = []
    with connect(folders) as connection, connection.SimpleQueue("line") as queue:
        writing.start()
        while len(found) < MESSAGES:
            message = queue.get(timeout=20)
            found.append(message.payload["number"])
            message.ack()
    writing.join()

    assert sorted(found) == list(range(MESSAGES))
