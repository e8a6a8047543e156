"""Which kind of behaviour a list stands for. Source: R22–R23."""

import pytest

from records.rules.lists import kind_of_list

NAMES = [
    ("严重", "severe"),
    ("失信被执行人", "defaulter"),
    ("经营异常", "abnormal"),
    ("", "nothing"),
]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("严重违法失信企业名单", "severe"),
        ("严重失信被执行人名单", "defaulter"),
        ("列入经营异常名录", "abnormal"),
        ("先进名单", ""),
        ("移出经营异常名录", ""),
        ("从严重违法失信名单中移除", ""),
        ("", ""),
    ],
)
def test_longest_name_that_is_written_decides(written, kind):
    assert kind_of_list(written, NAMES) == kind
