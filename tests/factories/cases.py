"""Cases as an enterprise brings them and its unit takes them up."""

from __future__ import annotations

import io
from collections.abc import Sequence

from intake import evidence
from objections import filing, handling
from objections.filing import Content, Item
from objections.models import Case, Draft
from roster.accounts import represent
from roster.models import User
from tests.factories.evidence import pdf
from tests.factories.roster import LONG_AGO, OPERATOR, PASSWORD, TODAY


def speaker(code: str, name: str = "speaker", **given: str) -> User:
    """Somebody who speaks for an enterprise since long ago."""
    user = User.objects.create_user(name, password=PASSWORD, **given)
    represent(by=OPERATOR, user=user, code=code, since=LONG_AGO)
    return user


def drafted(by: User, code: str, records: Sequence[int], text: str = "与事实不符") -> Draft:
    """An objection with all it takes to be filed; the text stands in every place for one."""
    claims = [{"field": "number", "is": text, "should": text}]
    content = Content(
        items=[Item(key, "wrong", claims, text) for key in records], statement=text,
        agent=text[:60], committed=True,
    )  # fmt: skip
    draft = filing.begin_draft(by=by, code=code, kind="objection", content=content, on=TODAY)
    files = [
        (evidence.examine(io.BytesIO(pdf()), name=f"{text}.pdf"), role)
        for role in ("evidence", "authorisation")
    ]
    return filing.keep_draft(by=by, draft_id=draft.pk, content=content, files=files)


def sent(draft: Draft, text: str = "请核查") -> Case:
    """Filed, accepted, and on its way to the source department."""
    case = filing.file_case(by=draft.user, draft_id=draft.pk, on=TODAY)
    handling.accept_case(by=OPERATOR, case_id=case.pk, version=None, on=TODAY)
    return handling.send_case(
        by=OPERATOR, case_id=case.pk, version=None, question=text, on=TODAY
    )  # fmt: skip
