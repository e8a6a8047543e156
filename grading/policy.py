"""The policy in the officers' words: seven parts, R1–R66, and our readings of what it leaves open.

Shown on the front page and at ``/policy/``; ``docs/policy.md`` explains the same numbers to developers.
A clause can be linked to as ``/policy/#R35``.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

TITLE = _("河北省人民政府办公厅关于推进企业信用分级分类监管工作的实施意见")
NUMBER = "冀政办字〔2022〕54号"
BASIS = "国办发〔2020〕49号"


@dataclass(frozen=True)
class Requirement:
    """One requirement: its number (``R35``), the clause of the original (``四(三)``), words, bodies."""

    number: str
    clause: str
    text: Text
    bodies: Text = ""

    @property
    def anchor(self) -> str:
        """Where its clause begins on the page with the original text."""
        return anchor_of(self.clause)


@dataclass(frozen=True)
class Part:
    """One of the seven parts of the document; ``line`` is what the front page says of it."""

    numeral: str
    title: Text
    line: Text
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True)
class Reading:
    """What the portal does where the text is silent. Source: the gaps in ``docs/policy.md``."""

    number: str
    question: Text
    answer: Text


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of the original text. ``kind``: "title", "part", "clause" or "text"."""

    kind: str
    text: str
    anchor: str = ""


ORIGINAL = Path(__file__).with_name("data") / "policy_2022.txt"
NUMERALS = "一二三四五六七"
CLAUSE = re.compile(rf"([{NUMERALS}])(?:\(([{NUMERALS}])\))?")


def anchor_of(clause: str) -> str:
    """The place of a clause in the original text: t4-3 for 四(三), t1-2 for 一(二)1.

    What stands before part one (前言) is t0.
    """
    found = CLAUSE.match(clause)
    if found is None:
        return "t0"
    return "-".join([f"t{_value(found[1])}", *([str(_value(found[2]))] if found[2] else [])])


def _value(numeral: str) -> int:
    return NUMERALS.index(numeral) + 1


@cache
def original() -> tuple[Paragraph, ...]:
    """The document as it was issued, paragraph by paragraph."""
    title, *texts = ORIGINAL.read_text(encoding="utf-8").strip().split("\n\n")
    found, part = [Paragraph("title", title, "t0")], ""
    for text in texts:
        if heading := re.match(rf"([{NUMERALS}])、", text):
            part = heading[1]
            found.append(Paragraph("part", text, anchor_of(part)))
        elif clause := re.match(rf"（([{NUMERALS}])）", text):
            found.append(Paragraph("clause", text, anchor_of(f"{part}({clause[1]})")))
        else:
            found.append(Paragraph("text", text))
    return tuple(found)


LEADS = _("省、市、县社会信用体系建设牵头部门")
PROVINCE = _("省政务服务管理办公室")
PLACES = _("各市、县政府，雄安新区管委会")
PROVINCE_AND_PLACES = _("省政务服务管理办公室，各市、县政府，雄安新区管委会")
DEPARTMENTS = _("具有企业监管职责的省有关部门")
PROVINCE_AND_DEPARTMENTS = _("省政务服务管理办公室等具有企业监管职责的省有关部门")
EVERYBODY = _("省政务服务管理办公室等具有企业监管职责的省有关部门，各市、县政府，雄安新区管委会")
KEY_FIELD_BODIES = _(
    "省市场监管局、省药品监管局、省公安厅、省应急管理厅、省工业和信息化厅等，各市、县政府，雄安新区管委会"
)

PARTS: tuple[Part, ...] = (
    Part(
        "一",
        _("总体要求"),
        _("统一分类标准、分级开展评价、强化属地责任，将全省企业信用状况按四级分类。"),
        (
            Requirement(
                "R1", "前言", _("构建以信用为基础的新型监管机制，优化监管资源配置，提高监管效能。")
            ),
            Requirement(
                "R2",
                "一(一)",
                _(
                    "统一分类标准，分级开展评价，强化属地责任，实施分级分类监管，推进精准监管、重点监管。"
                ),
            ),
            Requirement(
                "R3",
                "一(二)1",
                _(
                    "全面覆盖，分级管理：依据权责清单梳理涉企监管职责，分级制定监管事项清单和评价企业名录，三级分别评价，企业监管全覆盖。"
                ),
            ),
            Requirement(
                "R4",
                "一(二)2",
                _(
                    "明确标准，统一分类：全省统一评价结果分类，实施四类管理，综合运用各类涉企信息，定期评价、自动分类。"
                ),
            ),
            Requirement(
                "R5",
                "一(二)3",
                _(
                    "多措并举，差异监管：依据评价结果依法激励或惩戒，合理确定监管重点、监管措施、抽查比例和频次。"
                ),
            ),
            Requirement(
                "R6",
                "一(三)",
                _("全省企业信用状况按照四级分类，加强结果运用，提高监管及时性、精准性、有效性。"),
            ),
            Requirement(
                "R7",
                "一(三)",
                _("2022年5月底前，三级分别制定信用监管事项清单、评价企业名录。"),
                LEADS,
            ),
            Requirement(
                "R8",
                "一(三)",
                _("2022年6月底前，按统一标准开展本级企业信用评价，结果同级共享并向上级推送。"),
                LEADS,
            ),
            Requirement(
                "R9",
                "一(三)",
                _("2022年12月底前，各部门运用评价结果并反馈成效，省级据此调整评价信息构成。"),
                PROVINCE_AND_DEPARTMENTS,
            ),
        ),
    ),
    Part(
        "二",
        _("建立信用监管事项清单和企业名录"),
        _(
            "分级制定监管事项清单；按隶属关系和登记注册地址，把每一家企业编入省、市、县三级名录之一。"
        ),
        (
            Requirement(
                "R10",
                "二(一)",
                _(
                    "市、县和雄安新区监管部门对标省级清单，按法定职责、属地监管、全面覆盖制定本地信用监管事项清单。"
                ),
                PLACES,
            ),
            Requirement(
                "R11",
                "二(一)",
                _("牵头部门汇总发布本级清单，形成层级分明、衔接紧密、覆盖全面的清单体系。"),
                PLACES,
            ),
            Requirement(
                "R12", "二(二)", _("按照企业隶属关系和登记注册地址，分级编制评价企业名录。"), PLACES
            ),
            Requirement(
                "R13",
                "二(二)",
                _(
                    "驻冀央企、省属国有企业以及金融、能源、电力、烟草、食盐、电信、交通、银行等垄断性行业企业纳入省级名录。"
                ),
                PLACES,
            ),
            Requirement("R14", "二(二)", _("市属国有企业纳入市级名录。"), PLACES),
            Requirement("R15", "二(二)", _("其他企业纳入注册地址所在县级名录。"), PLACES),
            Requirement(
                "R16", "二(二)", _("2022年5月底前，对标省级名录编制完成本级评价企业名录。"), PLACES
            ),
            Requirement(
                "R17",
                "二(三)",
                _("信用监管事项清单实行动态管理，依托信用网站向社会公布。"),
                EVERYBODY,
            ),
            Requirement(
                "R18",
                "二(三)",
                _("增加、删除或修改监管事项的，调整后10个工作日内报送同级牵头部门。"),
                EVERYBODY,
            ),
            Requirement(
                "R19",
                "二(三)",
                _("牵头部门根据新增、注销等情况动态更新本级评价企业名录。"),
                EVERYBODY,
            ),
        ),
    ),
    Part(
        "三",
        _("完善信息归集共享机制"),
        _(
            "明确哪些信息纳入评价，分级归集共享，做到及时、准确、全量；保障信息安全，畅通异议受理渠道。"
        ),
        (
            Requirement(
                "R20", "三(一)", _("省级牵头部门制定《河北省信用评价信息构成表》。"), PROVINCE
            ),
            Requirement("R21", "三(一)", _("基本信息：企业登记注册、变更等。"), PROVINCE),
            Requirement(
                "R22",
                "三(一)",
                _(
                    "一般失信行为信息：司法判决及执行、行政处罚（严重失信行为除外）、行政强制执行、经营异常名录、"
                    "欠缴税款、非正常纳税户、欠缴水电气费、未履行信用承诺、合同违约等。"
                ),
                PROVINCE,
            ),
            Requirement(
                "R23",
                "三(一)",
                _(
                    "严重失信行为信息：暂扣许可证件、降低资质等级、吊销许可证件、限制开展生产经营活动、责令停产停业、"
                    "责令关闭、限制从业等行政处罚，以及纳入严重失信主体名单等。"
                ),
                PROVINCE,
            ),
            Requirement("R24", "三(一)", _("评价信息种类动态调整，按需扩充。"), PROVINCE),
            Requirement(
                "R25",
                "三(二)",
                _(
                    "省有关部门对接国家部委，全量汇聚本行业涉企信息，通过省信用平台向市、县逐级共享。"
                ),
                _("省政务服务管理办公室、省商务厅、省工业和信息化厅、省市场监管局等省有关部门"),
            ),
            Requirement(
                "R26",
                "三(三)",
                _("各级牵头部门对接部门业务系统，及时、准确、全量归集共享本级信息。"),
                PROVINCE_AND_PLACES,
            ),
            Requirement(
                "R27",
                "三(四)",
                _("建立健全信息安全管理、查询使用、应急处置、异议处理等机制。"),
                EVERYBODY,
            ),
            Requirement("R28", "三(四)", _("保障评价和结果应用中的信息安全。"), EVERYBODY),
            Requirement(
                "R29",
                "三(四)",
                _("明确异议申请、受理、核查、处理等要求和流程，畅通异议受理渠道。"),
                EVERYBODY,
            ),
        ),
    ),
    Part(
        "四",
        _("统一评价标准体系"),
        _("综合1年内失信行为发生次数和严重程度，统一划分为A、B、C、D四类，评价结果每年更新。"),
        (
            Requirement(
                "R30",
                "四(一)",
                _(
                    "综合1年内失信行为发生次数和严重程度，统一划分为A（守信）、B（一般失信）、C（严重失信）、D（“黑名单”）四类。"
                ),
                PROVINCE,
            ),
            Requirement("R31", "四(二)", _("企业信用评价周期为1年。"), PROVINCE_AND_PLACES),
            Requirement(
                "R32",
                "四(二)",
                _(
                    "建立评价结果查询、发布机制，通过本级信用网站以企业自查或授权查询方式向社会公开。"
                ),
                PROVINCE_AND_PLACES,
            ),
            Requirement("R33", "四(二)", _("评价结果每年更新。"), PROVINCE_AND_PLACES),
            Requirement("R34", "四(三)", _("A类：1年内无失信行为记录，信用状况良好。"), PROVINCE),
            Requirement(
                "R35",
                "四(三)",
                _("B类：1年内有5次以下（含5次）一般失信行为记录且未造成严重后果，信用状况一般。"),
                PROVINCE,
            ),
            Requirement(
                "R36",
                "四(三)",
                _(
                    "C类：1年内有5次以上一般失信行为记录，或存在严重失信行为记录（被纳入严重失信主体名单且未移出，"
                    "或被处以第三部分所列七种行政处罚；吊销许可证件不含吊销营业执照），信用状况不良。"
                ),
                PROVINCE,
            ),
            Requirement("R37", "四(三)", _("D类：已被依法吊销营业执照，信用状况差。"), PROVINCE),
        ),
    ),
    Part(
        "五",
        _("开展信用评价和结果共享"),
        _("各级对本级名录内企业自动分类，结果同级共享、逐级上报，按地区和行业分析研判。"),
        (
            Requirement(
                "R38",
                "五(一)",
                _(
                    "各级牵头部门按统一标准，根据本级信用平台信息，对名录内企业开展评价，实现自动分类。"
                ),
                PROVINCE_AND_PLACES,
            ),
            Requirement(
                "R39",
                "五(二)",
                _("评价结果及时共享给同级具有企业监管职责的部门。"),
                PROVINCE_AND_PLACES,
            ),
            Requirement("R40", "五(二)", _("评价结果逐级上报。"), PROVINCE_AND_PLACES),
            Requirement(
                "R41", "五(二)", _("省级牵头部门按需向省级部门和各地共享全省评价结果。"), PROVINCE
            ),
            Requirement(
                "R42", "五(三)", _("自动生成本辖区企业信用状况统计分析表。"), PROVINCE_AND_PLACES
            ),
            Requirement(
                "R43",
                "五(三)",
                _("从地区、行业等不同维度研判整体信用状况，为制定提升或整改举措提供参考。"),
                PROVINCE_AND_PLACES,
            ),
            Requirement(
                "R44",
                "五(四)",
                _("根据反馈核验评价信息的科学性和有效性，动态调整信息纳入范围，提高精准度。"),
                PROVINCE,
            ),
        ),
    ),
    Part(
        "六",
        _("实施信用监管"),
        _("按信用类别确定抽查比例和频次，做到“无事不扰、有事必究”；评价、应用、反馈闭环管理。"),
        (
            Requirement(
                "R45",
                "六(一)",
                _("对不同类别的企业实施相应程度的监管措施，做到“无事不扰、有事必究”。"),
                EVERYBODY,
            ),
            Requirement(
                "R46",
                "六(二)",
                _("制定本行业领域分级分类监管措施，在“双随机、一公开”监管中实施差异化监管。"),
                PROVINCE_AND_DEPARTMENTS,
            ),
            Requirement(
                "R47",
                "六(二)",
                _(
                    "A类：可合理降低抽查比例和频次；除投诉举报、大数据监测发现问题、转办交办案件线索及法律、法规另有规定外，"
                    "一般不主动实施现场检查。"
                ),
                PROVINCE_AND_DEPARTMENTS,
            ),
            Requirement(
                "R48",
                "六(二)",
                _("B类：按常规比例和频次抽查，有投诉举报和确有必要的可适当提高。"),
                PROVINCE_AND_DEPARTMENTS,
            ),
            Requirement(
                "R49",
                "六(二)",
                _(
                    "C类：列为重点监管对象，定向和随机抽查相结合，提高抽查比例和频次，依法实施失信惩戒。"
                ),
                PROVINCE_AND_DEPARTMENTS,
            ),
            Requirement(
                "R50", "六(二)", _("D类：依法依规严格执行限制措施。"), PROVINCE_AND_DEPARTMENTS
            ),
            Requirement(
                "R51",
                "六(二)",
                _("2022年7月起，各级监管部门依据评价结果，按省级规则开展“双随机、一公开”监管。"),
                EVERYBODY,
            ),
            Requirement(
                "R52",
                "六(三)",
                _(
                    "食品药品、医疗器械、特种设备、危险化学品、民爆物品等重点领域，依法实施重点监管，统筹分级分类管理和风险防控。"
                ),
                KEY_FIELD_BODIES,
            ),
            Requirement(
                "R53",
                "六(三)",
                _(
                    "重点领域实行全主体、全品种、全链条、企业自查自律和视频监控相结合、全流程严格监管。"
                ),
                KEY_FIELD_BODIES,
            ),
            Requirement(
                "R54",
                "六(四)",
                _("对新产业新业态新模式企业参考评价结果，探索更加科学有效的监管。"),
                PROVINCE_AND_PLACES,
            ),
            Requirement(
                "R55",
                "六(四)",
                _("对评价等级低的企业有针对性地采取严格措施，防止演变为区域性、行业性突出问题。"),
                PROVINCE_AND_PLACES,
            ),
            Requirement(
                "R56",
                "六(四)",
                _("监管与服务相结合，支持企业自律规范，帮助企业解决实际困难。"),
                PROVINCE_AND_PLACES,
            ),
            Requirement(
                "R57",
                "六(五)",
                _("推广信用承诺制度，在行政审批、招标投标、公共资源交易等业务中参考使用评价结果。"),
                _("省政务服务管理办公室、省司法厅等省有关部门，各市、县政府，雄安新区管委会"),
            ),
            Requirement(
                "R58",
                "六(五)",
                _("为评价结果较好的企业提供便利化服务，引导企业依法诚信经营。"),
                _("省政务服务管理办公室、省司法厅等省有关部门，各市、县政府，雄安新区管委会"),
            ),
            Requirement(
                "R59",
                "六(六)",
                _(
                    "跟踪应用成效，信用承诺、抽查检查等应用结果逐级自动反馈，实现评价—应用—反馈闭环管理。"
                ),
                PROVINCE_AND_PLACES,
            ),
            Requirement(
                "R60",
                "六(六)",
                _("全省统筹监管信息，共享共用，科学精准据实评价和反馈。"),
                PROVINCE_AND_PLACES,
            ),
        ),
    ),
    Part(
        "七",
        _("保障措施"),
        _("落实主体责任，强化指导培训；非法泄露、篡改信息或评价结果的，依法惩处。"),
        (
            Requirement(
                "R61",
                "七(一)",
                _("市、县政府和雄安新区管委会落实主体责任，主要领导亲自抓，分管领导具体抓。"),
                PLACES,
            ),
            Requirement(
                "R62",
                "七(二)",
                _("省级统筹协调、督促落实，完善配套制度；各地按统一部署开展工作。"),
                PROVINCE_AND_DEPARTMENTS,
            ),
            Requirement(
                "R63", "七(二)", _("工作拖拉、推诿扯皮造成不良影响的，依规依纪依法追责问责。")
            ),
            Requirement(
                "R64",
                "七(二)",
                _("非法泄露、篡改信息或评价结果，或者利用评价工作谋私的，依法惩处。"),
            ),
            Requirement("R65", "七(三)", _("加强对下指导，开展业务培训。"), DEPARTMENTS),
            Requirement(
                "R66", "七(四)", _("发掘典型案例，推广先进经验，引导企业维护良好信用。"), PROVINCE
            ),
        ),
    ),
)

READINGS: tuple[Reading, ...] = (
    Reading(
        "G1",
        _("5次以下一般失信行为但造成严重后果"),
        _("经指定人员确认严重后果后为C；确认之前为B，标注“严重后果待确认”。"),
    ),
    Reading(
        "G2",
        _("“1年内”"),
        _(
            "计算日期晚于基准日的上一年同日、不晚于基准日，相邻两年不重不漏；年度、季度评价不以2月29日为基准日。"
        ),
    ),
    Reading(
        "G3", _("以哪个日期计算"), _("按信息种类设定：决定类看作出决定的日期，名单类看列入日期。")
    ),
    Reading(
        "G4",
        _("“1次”"),
        _("同一机关对同一企业的一份决定为1次，不论包含几项措施，以其中最重的一项定类。"),
    ),
    Reading(
        "G5",
        _("纳入严重失信主体名单且未移出"),
        _("看基准日当天的状态，不论列入多久；失信被执行人名单默认计入，可在评价标准中调整。"),
    ),
    Reading("G6", _("一年前列入、至今未移出的一般名单或欠缴"), _("只看列入日期。")),
    Reading("G7", _("司法判决"), _("只计判决企业承担义务且尚未履行的。")),
    Reading("G8", _("已修复、已撤销、已更正的记录"), _("不计入。")),
    Reading("G9", _("一年内公示期已满的记录"), _("仍计入：公示与评价是两件事。")),
    Reading("G10", _("有异议的记录"), _("作出处理决定前仍计入，评价结果上显示异议标注。")),
    Reading(
        "G11",
        _("处罚信息为吊销营业执照而登记状态为存续，或者相反"),
        _("任一成立即为D，不一致之处列出待核对。"),
    ),
    Reading(
        "G12",
        _("注销、撤销登记、迁出本省；歇业和成立不满一年的企业"),
        _(
            "注销、撤销、迁出的移出名录并记明原因；吊销的保留，为D；歇业和新成立的照常评价，页面注明成立日期。"
        ),
    ),
    Reading(
        "G13",
        _("基准日之后登记或迁入的企业"),
        _("显示“尚未评价”，或沿用原结果至下次评价，新管辖单位可见。"),
    ),
    Reading(
        "G14",
        _("责令限期治理等责令改正措施"),
        _("不是行政处罚，单列种类，默认不计入；无法识别的处罚种类交人工判定，判定前按一般计入。"),
    ),
    Reading("G15", _("垄断性行业"), _("在企业上作标记，由行业代码提出建议，由工作人员确定。")),
    Reading(
        "G16",
        _("定州、辛集、雄安新区"),
        _(
            "定州、辛集兼有市级和县级名录，报省；容城、安新、雄县各有县级名录，报雄安新区，雄安新区管理其所属国有企业并报省。"
        ),
    ),
    Reading(
        "G17",
        _("抽查比例、频次上限和异议办理期限"),
        _("采用注明来源的默认值，作为带生效日期的数据，可以调整。"),
    ),
)


def requirement(number: str) -> Requirement:
    """The requirement with that number.

    Raises KeyError for a number outside R1–R66.
    """
    return _BY_NUMBER[number]


_BY_NUMBER = {item.number: item for part in PARTS for item in part.requirements}


def reading(number: str) -> Reading:
    """The reading with that number. Raises KeyError for a number that is none."""
    return _READINGS[number]


_READINGS = {item.number: item for item in READINGS}
