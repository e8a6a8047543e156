"""Every pair of state and action of every kind, allowed and not. Source: R29, R56."""

from itertools import product

import pytest

from objections.enums import Action, CaseKind, State
from objections.rules.workflow import LIMITS, OPEN, WORKFLOWS
from roster.rules.steps import Step, StepRefused, Workflow

BEGIN = {
    ("", "file"): "submitted",
    ("submitted", "accept"): "accepted",
    ("submitted", "ask_papers"): "papers",
    ("submitted", "refuse"): "refused",
    ("submitted", "withdraw"): "withdrawn",
    ("papers", "supply"): "submitted",
    ("papers", "refuse"): "refused",
    ("papers", "withdraw"): "withdrawn",
    ("accepted", "send"): "verifying",
    ("accepted", "verify"): "verified",
    ("accepted", "withdraw"): "withdrawn",
    ("verifying", "extend"): "verifying",
    ("verifying", "answer"): "verifying",
    ("verifying", "conclude"): "verified",
    ("verifying", "withdraw"): "withdrawn",
    ("verified", "decide"): "decided",
    ("verified", "send_back"): "accepted",
    ("verified", "withdraw"): "withdrawn",
    ("decided", "ask_review"): "in_review",
    ("decided", "close"): "closed",
    ("refused", "ask_review"): "in_review",
    ("refused", "close"): "closed",
    ("in_review", "reviewed"): "closed",
}
ALLOWED = {
    "objection": BEGIN | {("submitted", "refer"): "referred", ("accepted", "refer"): "referred"},
    "repair": BEGIN,
    "review": {
        ("", "file"): "submitted",
        ("submitted", "accept"): "accepted",
        ("submitted", "refuse"): "refused",
        ("submitted", "withdraw"): "withdrawn",
        ("accepted", "send"): "verifying",
        ("accepted", "verify"): "verified",
        ("accepted", "withdraw"): "withdrawn",
        ("verifying", "extend"): "verifying",
        ("verifying", "answer"): "verifying",
        ("verifying", "conclude"): "verified",
        ("verifying", "withdraw"): "withdrawn",
        ("verified", "decide"): "decided",
        ("verified", "send_back"): "accepted",
        ("verified", "withdraw"): "withdrawn",
    },
    "help": {
        ("", "file"): "submitted",
        ("submitted", "reply"): "answered",
        ("submitted", "withdraw"): "withdrawn",
    },
}
PAIRS = [
    (kind, state, action) for kind in ALLOWED for state, action in product(("", *State), Action)
]


@pytest.mark.parametrize(("kind", "state", "action"), PAIRS)
def test_pair_of_state_and_action(kind, state, action):
    target = ALLOWED[kind].get((str(state), str(action)))
    flow = WORKFLOWS[CaseKind(kind)]

    if target is None:
        with pytest.raises(StepRefused):
            flow.step(state, action)
    else:
        assert flow.step(state, action).target == target


@pytest.mark.parametrize("kind", CaseKind)
def test_what_is_refused_names_what_is_possible(kind):
    with pytest.raises(StepRefused) as refused:
        WORKFLOWS[kind].step("submitted", "close")

    assert refused.value.values["possible"] == [
        str(action) for state, action in ALLOWED[kind] if state == "submitted"
    ]


@pytest.mark.parametrize("kind", CaseKind)
def test_every_open_state_can_be_left_and_every_step_has_its_clause(kind):
    flow = WORKFLOWS[kind]

    assert [state for state in flow.states() if state in OPEN and flow.ends_at(state)] == []
    assert {step.clause for step in flow.steps} == ({"R56"} if kind == "help" else {"R29"})


@pytest.mark.parametrize("kind", CaseKind)
def test_every_leg_that_a_step_starts_has_its_limit(kind):
    started = {step.starts for step in WORKFLOWS[kind].steps if step.starts}

    assert [leg for leg in started if (kind, leg) not in LIMITS] == []


def test_decision_is_made_apart_from_verification():
    deciding = [
        step for flow in WORKFLOWS.values() for step in flow.steps if step.action == "decide"
    ]

    assert [set(step.apart) for step in deciding] == [{"verify", "answer"}] * 3


def test_table_with_a_pair_twice_is_no_workflow():
    step = Step("a", "go", "b", None, "R29")

    with pytest.raises(ValueError, match="go"):
        Workflow("double", (step, step))
