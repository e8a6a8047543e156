"""Which kind of behaviour the words of a penalty decision name. Source: R22–R23, 三(一); R36–R37,
四(三); domain facts 3 (行政处罚法 art. 9); design §7 (one decision, the most severe decides).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

REVOCATION = "business_licence_revoked"
CORRECTIVE = "corrective_order"
GENERAL = "penalty_other"
UNDECIDED = "penalty_undecided"

SEVERE = (
    "licence_revoked",
    "ordered_to_close",
    "production_stopped",
    "licence_suspended",
    "grade_lowered",
    "operation_restricted",
    "employment_restricted",
)
"""The seven severe penalties; the order only says which name a decision with several gets."""

RANKED = (REVOCATION, *SEVERE, UNDECIDED, GENERAL, CORRECTIVE)
"""Most severe first. Unknown words count as general, and outrank it so that a clerk sees them."""

PENALTY_KINDS = frozenset(RANKED)

_LICENCE = r"(?:许可(?:证件?)?|资质(?:证书)?|资格证书?|批准文件|证书|证照)"
_WHOSE = r"(?:企业|公司|单位|当事人|个体工商户|法人|其|该|你|贵|的)*"
_OTHER = "other"
"""其他 as a heading: a penalty by itself, nothing beside a corrective order it introduces; a person
decides when the content names a severe one."""
_WORDS: tuple[tuple[str, str], ...] = (
    (rf"(?:依法)?吊销(?:[^,;。()]{{0,12}}?[、和及与])?{_WHOSE}营业执照", REVOCATION),
    (rf"吊销[^、,;。()]*?{_LICENCE}", "licence_revoked"),
    (rf"暂扣[^、,;。()]*?(?:{_LICENCE}|执照)", "licence_suspended"),
    (r"降低[^、,;。()]*?(?:资质|等级|资格)(?:等级|级别)?", "grade_lowered"),
    (r"限制(?:开展)?(?:生产经营|生产|经营)(?:活动)?", "operation_restricted"),
    (r"(?:责令)?(?:停产停业|停业停产|停产整顿|停业整顿|停产整治)(?:整顿|整治)?|责令停产|责令停业", "production_stopped"),
    (r"责令关闭|予以关闭|关闭企业", "ordered_to_close"),
    (r"限制从业|禁止从业|市场禁入|终身禁业", "employment_restricted"),
    (r"责令(?:其)?(?:立即|限期)?(?:治理|改正|整改|纠正|拆除|恢复原状|补办|清理|退还|召回|消除[^、,;。]*|停止(?:违法行为|侵权行为|建设|施工))|限期(?:治理|整改|改正|拆除)|责令改正违法行为", CORRECTIVE),
    (r"警告|通报批评|公开批评|加处罚款|罚款|罚金|行政拘留|拘留", GENERAL),
    (r"没收(?:违法所得|非法所得|非法财物|违法财物|违法物品|非法物品|产品|工具|设备)*(?:[和及与、]*(?:违法所得|非法所得|非法财物|违法财物))?", GENERAL),
    (r"其他(?:法律、?(?:行政)?法规规定的)?(?:其他)?行政处罚|法律、行政法规规定的其他行政处罚|其他", _OTHER),
)  # fmt: skip
_KNOWN = tuple((re.compile(pattern), kind) for pattern, kind in _WORDS)
_EITHER = re.compile(r"暂扣或者?吊销(?:许可证件?|执照|证照)?[、和及,]*(?:暂扣或者?吊销执照)?")
_EXCEPTION = re.compile(r"\((?:不含|不包括|除|非)[^()]*\)")
_FILLERS = re.compile(
    r"行政处罚|处罚|人民币|并处|同时|以及|依法|给予|处以|处|并|和|及|或者|或|等|种类|类别|"
    r"[0-9零一二三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟元圆角分整.%()\[\]〔〕、,;:/|\-—_·。 ]"
)
_QUOTES = str.maketrans("", "", '《》<>“”"')
_OF_BUSINESS_LICENCE = re.compile(rf"(?:^|[、,;和及与]){_WHOSE}营业执照")


@dataclass(frozen=True)
class Measures:
    """The kind a decision is, the kinds its words name, and the words nobody could read."""

    kind: str
    named: tuple[str, ...]
    unknown: str = ""


def read_measures(words: str, *, content: str = "", licence: str = "") -> Measures:
    """The kind of a decision from its 处罚类别, most severe measure first.

    吊销许可证件 is a business-licence revocation when the licence named is the 营业执照; the old
    heading 暂扣或者吊销许可证、执照 says nothing by itself, so the content decides or nobody.
    A corrective order (责令限期治理) is no penalty, beside a penalty it does not count.

    >>> read_measures("罚款、责令停产停业").kind
    'production_stopped'
    """
    text = _said(words)
    named: list[str] = []
    if _EITHER.search(text):
        text = _EITHER.sub("、", text)
        named += _from_content(content, licence) or [UNDECIDED]
    for pattern, kind in _KNOWN:
        text, count = pattern.subn("、", text)
        if count:
            named.append(kind)
    if "licence_revoked" in named and _is_business_licence(content, licence):
        named[named.index("licence_revoked")] = REVOCATION
    if _OTHER in named:
        named.remove(_OTHER)
        named += _of_other(content, beside_order=CORRECTIVE in named)
    unknown = _FILLERS.sub("", text)
    if unknown or not named:
        named.append(UNDECIDED)
    kind = next(kind for kind in RANKED if kind in named)
    return Measures(kind, tuple(dict.fromkeys(named)), unknown)


def _folded(text: str) -> str:
    """Without spaces, widths and the marks around the title of a licence: 《营业执照》."""
    return "".join(unicodedata.normalize("NFKC", text).split()).translate(_QUOTES)


def _said(text: str) -> str:
    """Folded, without the brackets that say what is not meant: (不含…)."""
    return _EXCEPTION.sub("", _folded(text))


def _from_content(content: str, licence: str) -> list[str]:
    """What the content says of a heading that names two measures at once."""
    said = _said(content)
    found = [kind for pattern, kind in _KNOWN[:4] if pattern.search(said)]
    if "licence_revoked" in found and _is_business_licence(content, licence):
        return [REVOCATION]
    return found


def _of_other(content: str, *, beside_order: bool) -> list[str]:
    said = _said(content)
    if any(pattern.search(said) for pattern, kind in _KNOWN if kind in (REVOCATION, *SEVERE)):
        return [UNDECIDED]
    return [] if beside_order else [GENERAL]


def _is_business_licence(content: str, licence: str) -> bool:
    """Whether the licence that was revoked is the business licence."""
    named = _folded(licence)
    if named and named not in ("/", "无", "暂无"):
        return bool(_OF_BUSINESS_LICENCE.search(named))
    said = _said(content)
    return bool(_KNOWN[0][0].search(said)) and not _KNOWN[1][0].search(_KNOWN[0][0].sub("", said))


def more_severe(one: str, other: str) -> str:
    """The more severe of two kinds of penalty."""
    return min(one, other, key=RANKED.index)


__all__ = [
    "PENALTY_KINDS",
    "RANKED",
    "SEVERE",
    "UNDECIDED",
    "Measures",
    "more_severe",
    "read_measures",
]
