"""The stretches of a case, from its steps. Source: design idea 8; domain facts 5."""

import datetime as dt

from objections.rules.legs import Taken, stretches
from workdays.rules.clock import Stop

STATES = {
    "file": ("", "submitted"), "ask_papers": ("submitted", "papers"),
    "supply": ("papers", "submitted"), "accept": ("submitted", "accepted"),
    "refuse": ("submitted", "refused"), "send": ("accepted", "verifying"),
    "extend": ("verifying", "verifying"), "conclude": ("verifying", "verified"),
    "verify": ("accepted", "verified"), "send_back": ("verified", "accepted"),
    "decide": ("verified", "decided"), "withdraw": ("accepted", "withdrawn"),
    "close": ("decided", "closed"),
}  # fmt: skip


def day(number: int) -> dt.date:
    return dt.date(2026, 3, number)


def case(*steps: tuple[str, int], kind: str = "objection"):
    """(leg, start, end) of each stretch of a case whose steps were taken on days of March."""
    taken = [
        Taken(STATES[name][0], name, STATES[name][1], day(on), f"{name}理由") for name, on in steps
    ]
    return stretches(kind, taken)


def told(found) -> list[tuple[str, int, int | None]]:
    return [(one.leg, one.start.day, one.ended_on and one.ended_on.day) for one in found]


def test_leg_of_acceptance_ends_with_it():
    assert told(case(("file", 2), ("accept", 3))) == [("accept", 2, 3), ("alone", 3, None)]


def test_asking_for_papers_stops_the_offices_clock_and_starts_the_enterprises():
    found = case(("file", 2), ("ask_papers", 3))

    assert told(found) == [("accept", 2, None), ("supply", 3, None)]
    assert found[0].stops == (Stop(day(3), None, "ask_papers理由"),)
    assert [one.is_enterprises for one in found] == [False, True]


def test_papers_that_come_let_it_go_on():
    found = case(("file", 2), ("ask_papers", 3), ("supply", 9))

    assert told(found) == [("accept", 2, None), ("supply", 3, 9)]
    assert found[0].stops == (Stop(day(3), day(9), "ask_papers理由"),)


def test_sending_to_the_source_makes_the_whole_longer_from_the_acceptance_on():
    assert told(case(("file", 2), ("accept", 3), ("send", 5))) == [
        ("accept", 2, 3), ("with_source", 3, None),
    ]  # fmt: skip


def test_extension_is_kept_with_its_reason():
    found = case(("file", 2), ("accept", 3), ("send", 5), ("extend", 6))

    assert found[-1].extended == ("extend理由",)


def test_sending_back_lets_the_leg_go_on():
    steps = (("file", 2), ("accept", 3), ("verify", 4), ("send_back", 5), ("send", 6))

    assert told(case(*steps)) == [("accept", 2, 3), ("with_source", 3, None)]


def test_decision_starts_the_time_for_a_review():
    found = case(("file", 2), ("accept", 3), ("verify", 4), ("decide", 5))

    assert told(found) == [("accept", 2, 3), ("alone", 3, 5), ("review_file", 5, None)]


def test_refusal_starts_it_too_and_ends_what_stood_still():
    assert told(case(("file", 2), ("refuse", 3))) == [("accept", 2, 3), ("review_file", 3, None)]


def test_what_was_withdrawn_or_closed_runs_no_more():
    withdrawn = case(("file", 2), ("accept", 3), ("withdraw", 4))
    closed = case(("file", 2), ("accept", 3), ("verify", 4), ("decide", 5), ("close", 25))

    assert [one.runs for one in (*withdrawn, *closed)] == [False] * 5
