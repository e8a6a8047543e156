"""The standard, clause by clause. Source: R34–R37, 四(三)."""

import pytest

from grading.rules.verdict import Facts, Rule, SchemeGap, decide, rules_of_2022

RULES = rules_of_2022(general_limit=5)

CASES = [
    # A: 1年内无失信行为记录
    ("no record at all", Facts(), "A", "no_record"),
    # B: 5次以下（含5次）一般失信行为记录且未造成严重后果
    ("one general record", Facts(general=1), "B", "within_limit"),
    ("five general records, 含5次", Facts(general=5), "B", "within_limit"),
    # C: 5次以上一般失信行为记录
    ("six general records", Facts(general=6), "C", "over_limit"),
    ("sixty general records", Facts(general=60), "C", "over_limit"),
    # C: 存在严重失信行为记录
    ("one severe penalty", Facts(severe=1), "C", "severe_penalty"),
    ("severe penalty and five general", Facts(severe=1, general=5), "C", "severe_penalty"),
    ("on a severe list", Facts(listed=True), "C", "severe_listed"),
    ("on a list and fined", Facts(listed=True, general=1), "C", "severe_listed"),
    # gap 1: few general records with a serious consequence
    ("serious consequence confirmed", Facts(general=1, serious=True), "C", "serious_consequence"),
    ("serious consequence claimed", Facts(general=1, claimed=True), "B", "awaiting_confirmation"),
    ("claimed, but over the limit", Facts(general=6, claimed=True), "C", "over_limit"),
    # D: 已被依法吊销营业执照, before everything else
    ("business licence revoked", Facts(revoked=True), "D", "licence_revoked"),
    (
        "revoked, listed, penalised",
        Facts(revoked=True, listed=True, severe=2, general=9, serious=True),
        "D",
        "licence_revoked",
    ),
    # a dispute marks, it does not decide
    ("disputed general record", Facts(general=1, disputed=True), "B", "within_limit"),
]


@pytest.mark.parametrize(
    ("facts", "grade", "rule"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_decide_by_the_2022_standard(facts, grade, rule):
    answer = decide(facts, RULES)
    assert (answer.grade, answer.code) == (grade, rule)


@pytest.mark.parametrize(("limit", "general", "grade"), [(3, 3, "B"), (3, 4, "C"), (0, 1, "C")])
def test_the_limit_of_five_is_data(limit, general, grade):
    assert decide(Facts(general=general), rules_of_2022(general_limit=limit)).grade == grade


def test_a_standard_without_an_open_rule_is_a_gap_and_never_a_grade():
    with pytest.raises(SchemeGap):
        decide(Facts(), (Rule("never", "A", "", lambda facts: False),))


@pytest.mark.parametrize("facts", [case[1] for case in CASES])
def test_a_facts_key_stands_for_its_facts(facts):
    assert Facts.parse(facts.key) == facts
