"""When two pieces of news speak of the same decision. Source: design §4; gap 3."""

import datetime as dt

import pytest

from records.rules.identity import family, identity, told

DAY = dt.date(2025, 3, 4)


def of(kind: str, number: str = "", provider_key: str = "", authority: int = 7) -> str:
    return identity(
        authority=authority, number=number, kind=kind, decided_on=DAY, provider_key=provider_key
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("penalty_other", "licence_revoked", True),
        ("penalty_undecided", "business_licence_revoked", True),
        ("judgment", "judgment_defaulter", False),
        ("licence_revoked", "seriously_dishonest", False),
        ("abnormal_operation", "seriously_dishonest", False),
    ],
)
def test_one_number_of_one_authority_is_one_decision_within_its_family(one, other, same):
    assert (of(one, "〔2025〕1号") == of(other, "[2025] 1号")) is same


def test_number_of_another_authority_is_another_decision():
    assert of("judgment", "1号") != of("judgment", "1号", authority=8)


def test_without_a_number_day_and_what_was_told_count():
    assert of("breach_of_contract", "", "9f2c") == "d:7:breach_of_contract:2025-03-04:9f2c"
    assert told(of("breach_of_contract", "", "a:b")) == "a:b"
    assert told(of("breach_of_contract", "1号", "9f2c")) == ""


def test_family_of_a_new_kind_is_the_kind_itself():
    assert family("something_new") == "something_new"
