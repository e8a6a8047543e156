"""Requests to speak for an enterprise, as a person makes them."""

import io
from typing import Any

from intake import evidence
from roster.bindings import ask_binding
from roster.models import Binding, User
from roster.registering import register_account
from tests.factories.evidence import pdf
from tests.factories.roster import PASSWORD, TODAY


def applicant(name: str = "赵某") -> User:
    return register_account(full_name=name, password=PASSWORD)


def proof(name: str = "授权书.pdf") -> evidence.Evidence:
    return evidence.examine(io.BytesIO(pdf()), name=name)


def asked(user: User, code: str, **given: Any) -> Binding:
    said = {"name": "长安甲贸易有限公司", "proof": proof(), "on": TODAY, **given}
    return ask_binding(by=user, code=code, **said)
