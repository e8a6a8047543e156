"""The locks hold what every Python the portal runs on asks for, not only the one that made them."""

import re
from collections.abc import Iterator
from importlib.metadata import distributions

import environment
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture import ROOT

OLDEST = ".".join(map(str, environment.OLDEST)) + ".0"


def locked(name: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+)==", (ROOT / name).read_text("utf-8"), re.MULTILINE))


def asked_for(packages: set[str], python: str) -> Iterator[tuple[str, str]]:
    """Who asks for what there, as the installed packages say it themselves."""
    there = {"python_full_version": python, "python_version": python[:4], "extra": ""}
    for package in distributions():
        if (name := canonicalize_name(package.name)) in packages:
            for wanted in map(Requirement, package.requires or []):
                if wanted.marker is None or wanted.marker.evaluate(there):
                    yield name, canonicalize_name(wanted.name)


@pytest.mark.parametrize("python", [OLDEST, "3.12.0", "3.13.0"])
def test_locks_hold_what_packages_ask_for(python: str) -> None:
    runtime, development = locked("requirements.txt"), locked("requirements-dev.txt")
    wrong = [one for one in asked_for(runtime, python) if one[1] not in runtime]
    wrong += [one for one in asked_for(development, python) if one[1] not in runtime | development]

    assert wrong == []


@pytest.mark.parametrize(
    "lock", ["requirements.txt", "requirements-dev.txt", "requirements-bootstrap.txt"]
)
def test_locks_name_no_registry(lock: str) -> None:
    assert re.findall(r"^--?\w.*|https?://\S+", (ROOT / lock).read_text("utf-8"), re.M) == []
