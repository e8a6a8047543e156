"""A mail server in small: takes what it is given, and refuses whom it is told to refuse."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast


@dataclass
class MailServer:
    """What came in, what to answer to an address instead of 250, and whether to hang up when a
    letter begins."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    hangs_up: bool = False
    refused: dict[str, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?tls=no"


class _Talk(socketserver.StreamRequestHandler):
    box: MailServer

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            word, _, rest = line.partition(" ")
            if word.upper() == "DATA" and self.box.hangs_up:
                return
            if word.upper() == "DATA":
                self._take()
            elif word.upper() == "QUIT":
                break
            else:
                self._say(self._answer(rest.rpartition("<")[2].rstrip(">")))
        self._say("221 bye")

    def _answer(self, address: str) -> str:
        return f"{self.box.refused.get(address, 250)} as told"

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        self.box.letters.append(cast("EmailMessage", letter))
        self._say("250 taken")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    box = MailServer()
    talk = type("Talk", (_Talk,), {"box": box})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), talk) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
