"""What stands in the logs, and what never does. Source: R64, 七(二); 网络安全法 (six months at least).

One event is one line, JSON in production; it says when, where and in whose request it happened. It
holds no number of a person's paper or phone and no secret, and nothing that was sent to the portal
can end the line or pretend to be another. Decision: docs/decisions/0018-logs.md.
"""

import contextlib
import datetime as dt
import json
import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Iterable, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from structlog.stdlib import ProcessorFormatter

from intake.masking import MASK, masked

Event = MutableMapping[str, Any]

LONGEST = 4_000
"""Of one text; a line stays one that a reader of logs takes whole."""
READ = 25 * LONGEST
"""So much is looked through: what is cut before it is masked could be half a number."""

# --- what is masked --------------------------------------------------------------------------------

_NAMES = (
    r"pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|csrf|_once|session|cookie|authorization|"
    r"one[_-]?time|otp"
)
_CHINESE_NAMES = "密码|口令|动态码|恢复码"
_SAID = re.compile(
    rf"""(?i)((?:{_NAMES}|{_CHINESE_NAMES})[\w-]{{0,40}}["']?\s{{0,5}}(?:[=:：]|\bis\b)\s{{0,5}})"""
    r"""(?:"[^"]*"|'[^']*'|(?:bearer|basic)\s+\S+|[^\s,;&)}\]]+)"""
)
"""A name of something secret, and what is said of it."""
_IN_ADDRESS = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://)\S{0,300}@")
_HASH = re.compile(r"\b(?:pbkdf2|argon2|bcrypt|scrypt|md5)\w*\$[^\s'\",)]+")
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
"""What ends a line, moves the cursor, or makes a text read otherwise than it stands."""


class Mask:
    """Makes any value harmless; knows the secrets of this process by their very words."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        words = sorted({word for word in secrets if len(word) >= 6}, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, words))) if words else None

    def text(self, text: str) -> str:
        """One line without papers, phones and secrets. Persons' numbers first: afterwards what is
        not seen stands between their digits in letters."""
        text = text[:READ]
        if self._secrets:
            text = self._secrets.sub(MASK, text)
        text = masked(text)
        text = _UNSEEN.sub(_shown, text)
        text = _IN_ADDRESS.sub(rf"\1{MASK}@", text)
        text = _HASH.sub(MASK, text)
        text = _SAID.sub(rf"\1{MASK}", text)
        return text if len(text) <= LONGEST else text[:LONGEST] + MASK

    def value(self, value: object) -> object:
        match value:
            case None | bool() | float():
                return value
            case int():
                return value if self.text(str(value)) == str(value) else MASK
            case dict():
                return {self.text(str(key)): self.value(item) for key, item in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self.value(item) for item in value]
        return self.text(str(value))

    def __call__(self, logger: object, method: str, event: Event) -> Event:
        return {
            key: self.value(value) if key not in OURS else value for key, value in event.items()
        }


OURS = frozenset({"_record", "_from_structlog", "at", "level", "request"})
"""Written by this module alone; a request is named in letters, so that no number is read into it."""


def _shown(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


# --- what a line is made of -------------------------------------------------------------------------

ZONE = ZoneInfo("Asia/Shanghai")


def _at(logger: object, method: str, event: Event) -> Event:
    return {"at": dt.datetime.now(ZONE).isoformat(timespec="milliseconds"), **event}


def _trace(logger: object, method: str, event: Event) -> Event:
    """The lines of a traceback, without what the variables held."""
    told = event.pop("exc_info", None)
    if told is True:
        told = sys.exc_info()
    if isinstance(told, BaseException):
        told = (type(told), told, told.__traceback__)
    if isinstance(told, tuple) and told[0] is not None:
        event["trace"] = "".join(traceback.format_exception(*told)).splitlines()
    event.pop("stack_info", None)
    return event


def _json(logger: object, method: str, event: Event) -> str:
    return json.dumps(event, ensure_ascii=False, default=str)


def _lines(logger: object, method: str, event: Event) -> str:
    """For the terminal of `make run`: a traceback stands indented below its line."""
    head = f"{event.pop('at')} {event.pop('level').upper():<7} {event.pop('logger', '')}"
    trace = event.pop("trace", ())
    said = event.pop("event", "")
    more = " ".join(f"{key}={value}" for key, value in event.items())
    return "\n    | ".join([" ".join(filter(None, (head, str(said), more))), *map(str, trace)])


def formatter(*, style: str, secrets: Iterable[str]) -> ProcessorFormatter:
    """Makes the line of whatever is logged, by us or by a library."""
    return ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            ProcessorFormatter.remove_processors_meta,
            _trace,
            Mask(secrets),
            _json if style == "json" else _lines,
        ],
    )


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    _at,
]


# --- where it goes ------------------------------------------------------------------------------------


UNWRITTEN = "A line of the log could not be written: %s"


class Discreet(logging.Handler):
    """Of a line that cannot be written it says so, and nothing of the line: it is not masked yet."""

    def handleError(self, record: logging.LogRecord) -> None:
        kind = type(sys.exception()).__name__
        told = logging.LogRecord(__name__, logging.ERROR, "", 0, UNWRITTEN, (kind,), None)
        with contextlib.suppress(OSError, ValueError):  # nothing is left to tell it on
            sys.stderr.write(f"{self.format(told)}\n")


class Terminal(Discreet, logging.StreamHandler[Any]):
    """Standard error, for journald or whoever looks on."""


class DailyFile(Discreet):
    """One file a day for all processes: each appends whole lines, nobody renames anything."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = Path(folder)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = f"{self.format(record)}\n".encode(errors="replace")
            name = self.folder / f"{dt.datetime.now(ZONE):%Y-%m-%d}.log"
            opened = os.open(name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
            try:
                os.write(opened, line)
            finally:
                os.close(opened)
        except Exception:
            self.handleError(record)


def forget(folder: str, *, on: dt.date, days: int) -> int:
    """Delete the files of days longer ago than that; how many. Called by the sweep."""
    if not folder:
        return 0
    gone = 0
    for file in Path(folder).glob("????-??-??.log"):
        try:
            day = dt.date.fromisoformat(file.stem)
        except ValueError:
            continue
        if (on - day).days > days:
            file.unlink(missing_ok=True)
            gone += 1
    return gone


def configured(*, style: str, level: str, folder: str, secrets: Iterable[str]) -> dict[str, Any]:
    """Django's LOGGING: everything to the terminal, and to the file of the day where there is a
    folder. Called by the settings."""
    structlog.configure(
        processors=[*SHARED, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handlers: dict[str, Any] = {
        "console": {"class": "credit_portal.logs.Terminal", "formatter": "line"},
    }
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        handlers["file"] = {
            "class": "credit_portal.logs.DailyFile",
            "folder": folder,
            "formatter": "line",
        }
    plain: dict[str, Any] = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": formatter, "style": style, "secrets": list(secrets)},
        },
        "handlers": handlers,
        "root": {"handlers": list(handlers), "level": level},
        "loggers": {
            "django": {**plain, "level": "INFO"},
            "django.server": plain,
            # A bad address or a refused step is an answer to its sender, not a fault to look into.
            "django.request": {"level": "ERROR"},
            "django.security.csrf": {"level": "ERROR"},
            "celery": {"level": level},
            "kombu": {"level": "WARNING"},
            # The server's own, in its processes that answer requests.
            "_granian": plain,
            "granian.access": plain,
        },
    }


def tell_all_unhandled() -> None:
    """From here on, what no code of ours catches stands in the log: of the process, of a thread, of
    what is cleared away."""
    sys.excepthook = tell_unhandled
    threading.excepthook = _tell_of_thread
    sys.unraisablehook = _tell_of_thread


def _tell_of_thread(told: Any) -> None:
    """`threading.excepthook`, `sys.unraisablehook`: kind, fault and trace in one."""
    if not issubclass(told.exc_type, SystemExit):  # a thread ends so
        fault = told.exc_value or told.exc_type()
        tell_unhandled(told.exc_type, fault, told.exc_traceback)


def tell_unhandled(
    kind: type[BaseException], fault: BaseException, trace: TracebackType | None
) -> None:
    """What ends a process stands in the log like all else. `sys.excepthook`."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, fault, trace)
        return
    logging.getLogger("credit_portal").critical("Unhandled", exc_info=(kind, fault, trace))
