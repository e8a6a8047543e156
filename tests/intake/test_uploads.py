"""Files of a form while their request lasts."""

import errno

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from intake import limits, store
from intake.uploads import NamelessFile

pytestmark = pytest.mark.usefixtures("store_dir")


class Somebody:
    is_authenticated = True


def files_of(*contents: bytes, user: object = None):
    """The files of a form that somebody sends."""
    names = [f"file{number}" for number, _content in enumerate(contents)]
    data = {
        name: SimpleUploadedFile(f"{name}.csv", content)
        for name, content in zip(names, contents, strict=True)
    }
    request = RequestFactory().post("/", data)
    request.user = user or Somebody()
    found = [request.FILES.get(name) for name in names]
    yield from found
    request.close()


def test_file_has_no_name_on_disk():
    for file in files_of(b"a,b\n1,2\n"):
        assert (type(file), file.size, file.read()) == (NamelessFile, 8, b"a,b\n1,2\n")
        assert list(store.folder().iterdir()) == []


def test_nothing_is_kept_of_people_who_have_not_signed_in():
    assert list(files_of(b"a,b\n", user=AnonymousUser())) == [None]


def test_file_above_the_limit_is_thrown_away(monkeypatch):
    monkeypatch.setattr(limits, "FILE_BYTES", 10)
    for file in files_of(b"x" * 11):
        assert (file.fault, file.size, file.read()) == ("intake.file_too_large", 11, b"")


def test_all_files_of_a_form_share_one_limit(monkeypatch):
    monkeypatch.setattr(limits, "FILE_BYTES", 10)
    assert [file.fault for file in files_of(b"x" * 6, b"x" * 6)] == ["", "intake.file_too_large"]


def test_full_disk_is_a_fault_of_the_file(monkeypatch):
    class Full:
        closed = False
        name = None

        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

        def seek(self, place):
            return 0

        def truncate(self):
            return 0

        def close(self):
            return None

    monkeypatch.setattr("intake.uploads.tempfile.TemporaryFile", lambda dir: Full())  # noqa: A006
    assert [file.fault for file in files_of(b"x")] == ["intake.store_full"]
