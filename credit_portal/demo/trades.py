"""What the invented enterprises do: industry, a word for their names, how many of them."""

from __future__ import annotations

from dataclasses import dataclass

from roster.enums import Monopoly


@dataclass(frozen=True)
class Trade:
    """`weight`: of a thousand enterprises so many; `fields`: departments that find fault here."""

    industry: str
    words: tuple[str, ...]
    weight: float
    fields: tuple[str, ...] = ()
    monopoly: str = Monopoly.NONE
    factory: bool = False


def _trade(
    industry: str, words: str, weight: float, fields: str = "", monopoly: str = "",
    *, factory: bool = False,
) -> Trade:  # fmt: skip
    return Trade(industry, tuple(words.split()), weight, tuple(fields.split()), monopoly, factory)


TRADES = (
    _trade("01", "农业科技 种植 果蔬", 20, "market"),
    _trade("03", "牧业 养殖", 12, "environment market"),
    _trade("05", "农机服务 农资", 8, "market"),
    _trade("08", "矿业", 5, "emergency environment", factory=True),
    _trade("10", "石料 砂石", 6, "emergency environment", factory=True),
    _trade("13", "粮油 饲料", 14, "market", factory=True),
    _trade("14", "食品 糕点", 16, "market", factory=True),
    _trade("15", "饮品 酿造", 5, "market", factory=True),
    _trade("17", "纺织", 10, "environment emergency", factory=True),
    _trade("18", "服装 服饰", 13, "labour market", factory=True),
    _trade("19", "皮革 鞋业", 10, "environment labour", factory=True),
    _trade("20", "木业 板材", 9, "emergency environment", factory=True),
    _trade("21", "家具", 8, "market environment", factory=True),
    _trade("22", "纸业 包装", 9, "environment", factory=True),
    _trade("23", "印务", 6, "market", factory=True),
    _trade("26", "化工 新材料", 12, "environment emergency", factory=True),
    _trade("27", "药业", 4, "market health", factory=True),
    _trade("29", "橡塑 塑业", 14, "environment emergency", factory=True),
    _trade("30", "建材 水泥制品 玻璃", 18, "environment emergency", factory=True),
    _trade("31", "铸造 冶金材料", 7, "environment emergency", factory=True),
    _trade("33", "金属制品 丝网 五金", 32, "emergency market", factory=True),
    _trade("34", "机械制造 轴承 阀门", 22, "emergency market", factory=True),
    _trade("35", "专用设备", 12, "emergency", factory=True),
    _trade("36", "汽车部件", 7, "emergency market", factory=True),
    _trade("38", "电气 线缆", 11, "market", factory=True),
    _trade("39", "电子", 6, "market", factory=True),
    _trade("42", "再生资源", 6, "environment", factory=True),
    _trade("44", "热力", 3, "housing environment", Monopoly.ENERGY),
    _trade("44", "供电服务", 2, "market emergency", Monopoly.POWER),
    _trade("45", "燃气", 4, "housing emergency", Monopoly.ENERGY),
    _trade("46", "供水", 3, "housing"),
    _trade("47", "建筑工程 建设", 34, "housing labour emergency"),
    _trade("48", "市政工程 路桥工程", 16, "housing transport labour"),
    _trade("49", "机电安装", 14, "housing emergency"),
    _trade("50", "装饰工程", 20, "housing labour"),
    _trade("51", "商贸 贸易 物资", 120, "market tax"),
    _trade("51", "盐业", 1, "market", Monopoly.SALT),
    _trade("51", "烟草销售", 1, "market", Monopoly.TOBACCO),
    _trade("52", "超市 百货 大药房 汽车销售", 105, "market"),
    _trade("54", "运输 物流 货运", 44, "transport emergency"),
    _trade("53", "铁路运输服务", 2, "transport", Monopoly.TRANSPORT),
    _trade("59", "仓储", 7, "emergency"),
    _trade("60", "快递服务", 8, "market transport"),
    _trade("61", "酒店管理 宾馆", 14, "health market emergency"),
    _trade("62", "餐饮管理 饭庄", 26, "market health"),
    _trade("63", "通信服务", 3, "market", Monopoly.TELECOM),
    _trade("64", "网络科技", 17, "market"),
    _trade("65", "软件 信息技术", 20, "market tax"),
    _trade("66", "村镇银行", 1, "market", Monopoly.BANKING),
    _trade("68", "保险代理", 3, "market", Monopoly.FINANCE),
    _trade("69", "小额贷款 融资担保", 3, "market", Monopoly.FINANCE),
    _trade("70", "房地产开发 物业服务", 34, "housing market"),
    _trade("71", "设备租赁", 12, "market"),
    _trade("72", "商务服务 广告 人力资源 企业管理", 68, "market labour tax"),
    _trade("74", "检测技术 工程咨询", 18, "market"),
    _trade("75", "科技 技术服务", 30, "market tax"),
    _trade("77", "环保工程", 9, "environment"),
    _trade("78", "园林绿化", 8, "housing"),
    _trade("80", "家政服务 洗染", 14, "market labour"),
    _trade("81", "汽车维修", 13, "transport environment"),
    _trade("83", "教育咨询 职业培训", 11, "market labour"),
    _trade("84", "门诊 医疗管理", 6, "health"),
    _trade("88", "文化传媒", 13, "market"),
    _trade("89", "健身 体育", 5, "market"),
    _trade("90", "文化娱乐", 7, "market emergency"),
)
