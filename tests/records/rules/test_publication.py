"""Classes of publication. Source: domain facts 3 (NDRC Order 36)."""

import pytest

from records.enums import Category, Severity
from records.rules.publication import severity


@pytest.mark.parametrize(
    ("kind", "category", "measures", "expected"),
    [
        ("penalty_other", Category.GENERAL, "警告", Severity.MINOR),
        ("penalty_other", Category.GENERAL, "警告、通报批评", Severity.MINOR),
        ("penalty_other", Category.GENERAL, "警告、罚款", Severity.GENERAL),
        ("penalty_other", Category.GENERAL, "罚款", Severity.GENERAL),
        ("penalty_other", Category.GENERAL, "没收违法所得", Severity.GENERAL),
        ("penalty_other", Category.GENERAL, "", Severity.GENERAL),
        ("abnormal_operation", Category.GENERAL, "", Severity.GENERAL),
        ("licence_suspended", Category.SEVERE, "暂扣许可证件", Severity.GENERAL),
        ("grade_lowered", Category.SEVERE, "降低资质等级", Severity.GENERAL),
        ("licence_revoked", Category.SEVERE, "吊销许可证件", Severity.SEVERE),
        ("operation_restricted", Category.SEVERE, "限制开展生产经营活动", Severity.SEVERE),
        ("production_stopped", Category.SEVERE, "责令停产停业、警告", Severity.SEVERE),
        ("ordered_to_close", Category.SEVERE, "责令关闭", Severity.SEVERE),
        ("employment_restricted", Category.SEVERE, "限制从业", Severity.SEVERE),
        ("seriously_dishonest", Category.SEVERE, "", Severity.SEVERE),
        ("business_licence_revoked", Category.REVOCATION, "吊销营业执照", Severity.SEVERE),
    ],
)
def test_class_of_publication(kind, category, measures, expected):
    assert severity(kind=kind, category=category, measures=measures) == expected
