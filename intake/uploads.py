"""Files of a form while their request lasts: without a name on disk, and never above the limit."""

from __future__ import annotations

import contextlib
import errno
import tempfile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from . import limits, store


class NamelessFile(UploadedFile):
    """An uploaded file. `fault`: the code of the refusal when its content was not kept."""

    fault = ""


class NamelessFileHandler(FileUploadHandler):
    """Puts each file of a form into a temporary file without a name.

    So nothing of it outlives the request, not even a killed process: it may hold the identity
    papers of people. What is above the limit is read and thrown away, so that the form can say
    so; of people who have not signed in nothing is kept. Source: domain facts 7.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.taken = 0
        self.file: NamelessFile | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = None
        user = getattr(self.request, "user", None)
        if user is not None and user.is_authenticated:
            place = tempfile.TemporaryFile(dir=store.folder())  # noqa: SIM115  closed with the request
            self.file = NamelessFile(
                place, self.file_name, self.content_type, 0, self.charset, self.content_type_extra
            )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.taken += len(raw_data)
        if self.file is None or self.file.fault:
            return
        if self.taken > limits.FILE_BYTES:
            self._drop("intake.file_too_large")
            return
        try:
            self.file.write(raw_data)
        except OSError as exc:
            if exc.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            self._drop("intake.store_full")

    def _drop(self, fault: str) -> None:
        assert self.file is not None  # noqa: S101  only called with one
        self.file.fault = fault
        with contextlib.suppress(OSError):
            self.file.seek(0)
            self.file.truncate()

    def file_complete(self, file_size: int) -> NamelessFile | None:
        if self.file is None:
            return None
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if self.file is not None:
            self.file.close()


__all__ = ["NamelessFile", "NamelessFileHandler"]
