"""The broker of `make run`: folders instead of a server."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from kombu import Connection

from credit_portal.celery import app

pytestmark = pytest.mark.skipif(bool(settings.REDIS_URL), reason="a matter of folders alone")


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


def test_a_message_appears_when_it_is_whole(folders, monkeypatch) -> None:
    found: list[tuple[bool, int]] = []
    appear = Path.replace

    def look_then_appear(part: Path, message: Path) -> Path:
        message_in_part = json.loads(part.read_text("utf-8"))
        found.append(("body" in message_in_part, len(list(part.parent.glob("*.msg")))))
        return appear(part, message)

    monkeypatch.setattr(Path, "replace", look_then_appear)
    with connect(folders) as connection, connection.SimpleQueue("line") as queue:
        queue.put({"text": "企业" * 2_000})

        assert found == [(True, 0)]
        assert queue.get(timeout=20).payload == {"text": "企业" * 2_000}
