"""The words of penalty decisions, case by case. Source: R22–R23, R36–R37; 行政处罚法 art. 9."""

import pytest

from records.rules.measures import RANKED, more_severe, read_measures


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("暂扣许可证件", "licence_suspended"),
        ("暂扣安全生产许可证", "licence_suspended"),
        ("降低资质等级", "grade_lowered"),
        ("吊销许可证件", "licence_revoked"),
        ("吊销许可证件（不含营业执照）", "licence_revoked"),
        ("吊销食品经营许可证", "licence_revoked"),
        ("限制开展生产经营活动", "operation_restricted"),
        ("责令停产停业", "production_stopped"),
        ("责令停业整顿", "production_stopped"),
        ("责令关闭", "ordered_to_close"),
        ("限制从业", "employment_restricted"),
    ],
)
def test_r23_severe_penalty(words, kind):
    assert read_measures(words).kind == kind


@pytest.mark.parametrize(
    "words", ["吊销营业执照", "依法吊销企业营业执照", "吊销许可证和营业执照", "罚款、吊销营业执照"]
)
def test_r37_business_licence_revoked(words):
    assert read_measures(words).kind == "business_licence_revoked"


def test_r36_revoked_licence_is_told_from_the_business_licence_by_what_was_revoked():
    assert (
        read_measures("吊销许可证件", licence="营业执照 91130102").kind
        == "business_licence_revoked"
    )
    assert read_measures("吊销许可证件", content="吊销营业执照").kind == "business_licence_revoked"
    assert read_measures("吊销许可证件", licence="食品经营许可证").kind == "licence_revoked"
    assert read_measures("吊销许可证件", content="吊销药品经营许可证").kind == "licence_revoked"
    assert (
        read_measures("吊销许可证件", licence="食品经营许可证", content="建议吊销营业执照").kind
        == "licence_revoked"
    )


@pytest.mark.parametrize(
    "licence",
    [
        "企业法人营业执照",
        "《营业执照》",
        "《企业法人营业执照》1301020001",
        "食品经营许可证、营业执照",
    ],
)
def test_r37_business_licence_by_the_name_of_the_licence(licence):
    assert read_measures("吊销许可证件", licence=licence).kind == "business_licence_revoked"


@pytest.mark.parametrize(
    "sentence",
    [
        "吊销当事人营业执照",
        "吊销当事人的营业执照",
        "吊销你单位《营业执照》",
        "吊销该公司“营业执照”",
    ],
)
def test_r37_business_licence_as_decisions_write_it(sentence):
    assert read_measures(sentence).kind == "business_licence_revoked"
    assert read_measures("吊销许可证件", content=sentence).kind == "business_licence_revoked"


def test_r36_annulling_a_licence_is_not_among_the_seven_penalties():
    assert read_measures("撤销许可证件").kind == "penalty_undecided"


@pytest.mark.parametrize(
    "words",
    ["警告", "通报批评", "罚款", "没收违法所得", "没收违法所得、没收非法财物", "没收违法所得和非法财物", "行政拘留", "其他", "其他行政处罚",
     "警告；罚款", "1.警告 2.罚款", "警告并处罚款", "罚款人民币伍万元整", "罚款、责令改正"],
)  # fmt: skip
def test_r22_other_penalty(words):
    assert (read_measures(words).kind, read_measures(words).unknown) == ("penalty_other", "")


@pytest.mark.parametrize("words", ["其他", "其他行政处罚", "罚款、其他", "其他-责令改正"])
@pytest.mark.parametrize("content", ["吊销营业执照", "责令停产停业", "吊销《食品经营许可证》"])
def test_r36_other_is_decided_by_a_clerk_when_the_content_names_a_severe_measure(words, content):
    assert read_measures(words, content=content).kind == "penalty_undecided"


def test_other_penalty_with_a_plain_content_is_decided_by_its_heading():
    assert read_measures("其他", content="罚款5000元").kind == "penalty_other"


@pytest.mark.parametrize(
    "words", ["责令限期治理", "责令改正", "责令限期整改", "其他-责令限期治理", "责令停止违法行为"]
)
def test_corrective_order_is_no_penalty(words):
    assert read_measures(words).kind == "corrective_order"


@pytest.mark.parametrize(
    ("words", "unknown"),
    [
        ("训诫", "训诫"),
        ("吊销执照", "吊销执照"),
        ("罚款、训诫", "训诫"),
        ("不予处罚", "不予"),
        ("", ""),
    ],
)
def test_unknown_words_are_left_to_a_clerk(words, unknown):
    answer = read_measures(words)
    assert (answer.kind, answer.unknown) == ("penalty_undecided", unknown)


def test_unknown_words_beside_a_severe_penalty_do_not_hide_it():
    assert read_measures("责令停产停业、训诫").kind == "production_stopped"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("吊销其营业执照", "business_licence_revoked"),
        ("吊销药品经营许可证", "licence_revoked"),
        ("暂扣安全生产许可证三十日", "licence_suspended"),
        ("", "penalty_undecided"),
    ],
)
def test_heading_of_the_old_law_is_decided_by_the_content(content, kind):
    assert read_measures("暂扣或者吊销许可证、暂扣或者吊销执照", content=content).kind == kind


def test_most_severe_of_several_decides():
    assert read_measures("罚款、没收违法所得、责令停产停业").kind == "production_stopped"
    assert more_severe("penalty_other", "licence_revoked") == "licence_revoked"
    assert more_severe("penalty_other", "penalty_undecided") == "penalty_undecided"


def test_ranking_names_kinds_of_the_composition_table():
    import csv
    from pathlib import Path

    import records

    path = Path(records.__file__).parent / "data" / "kinds.csv"
    codes = {row["code"] for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())}
    assert set(RANKED) <= codes
