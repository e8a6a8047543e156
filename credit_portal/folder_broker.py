"""The broker of folders, with messages that appear whole.

Kombu opens the file of a message before it writes it: a worker that looks in that moment takes an
empty file, cannot read it and ends. Here the file is written beside the queue and moved into it.
"""

import uuid
from pathlib import Path
from time import monotonic_ns
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **options: Any) -> None:  # type: ignore[override]
        """Put a message into a queue; the oldest has the smallest name and is taken first."""
        folder, name = Path(self.data_folder_out), f"{monotonic_ns() // 10**6}_{uuid.uuid4()}"
        part = folder / f"{name}.part"
        try:
            part.write_text(dumps(payload), encoding="utf-8")
            part.replace(folder / f"{name}.{queue}.msg")
        except OSError as fault:
            raise ChannelError(f"Cannot put a message into {folder}") from fault


class Transport(filesystem.Transport):
    Channel = Channel
