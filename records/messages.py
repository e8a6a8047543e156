"""Sentences of the records room."""

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "records.future_date": _("{label}“{value}”晚于今天。请核对日期。"),
    "records.already_given": _(
        "{authority}关于该企业的“{number}”已经登记，不能重复登记；如内容有误，请在该条信息上更正。"
    ),
    "records.not_yours": _(
        "认定机关“{authority}”不在您的报送权限内。请由该机关或其本级牵头部门报送。"
    ),
    "records.name_differs": _(
        "统一社会信用代码 {code} 对应的企业名称与所填“{name}”不一致。请核对。"
    ),
    "records.unknown_enterprise": _(
        "名录中没有统一社会信用代码为 {code} 的企业。请先由所在单位列入名录，再重新报送。"
    ),
    "records.no_code": _("没有统一社会信用代码，不能确定是哪家企业。请补填统一社会信用代码。"),
    "records.no_code_by_number": _(
        "没有统一社会信用代码，也不能凭工商注册号“{value}”确定企业。请补填统一社会信用代码。"
    ),
    "records.unknown_agency": _(
        "没有名为“{authority}”的机构。请核对机构全称；确需新增的，请系统管理员登记该机构或其其他名称。"
    ),
    "records.unknown_provider": _(
        "没有名为“{provider}”的机构。请核对数据来源单位的全称；由处罚机关自行报送的，请将此项留空。"
    ),
    "records.kind_out_of_use": _(
        "“{kind}”在 {date} 不在使用期内（启用日期 {since}，停用日期 {until}）。请核对类别和日期；确需登记的，请省级牵头部门调整信息构成表。"
    ),
    "records.unknown_kind": _("信用评价信息构成表中没有“{value}”这一类别。请核对类别名称。"),
    "records.unknown_list": _(
        "“{value}”不是已登记的名单。请写明，如：经营异常名录、严重失信主体名单；移出名单的，仍写名单名称，并填写移出日期；确应登记的，请省级牵头部门在信用评价信息构成表中补充这一名单名称。"
    ),
    "records.basic_kind": _("“{value}”属于基本信息，请用企业名录报送。"),
    "records.penalty_kind": _("“{value}”是行政处罚，请用行政处罚表报送，由处罚类别确定性质。"),
    "records.natural_person": _("这是对自然人的处罚，本系统只评价企业。请删除这一行。"),
    "records.ends_before_it_begins": _("终止（移出）日期“{value}”早于开始日期。请核对。"),
    "records.two_dates": _(
        "第 {first} 行与第 {second} 行为同一文号，但日期不同。请核对后只保留正确的日期。"
    ),
    "records.sum_in_yuan": _(
        "处罚内容写的是 {value} 元，而这一列的单位是万元。请改为 {wan}，或者在这一格写明单位：{value}元。"
    ),
    "records.lines_differ": _(
        "第 {first} 行与第 {second} 行是同一条信息，但此项不同。请核对后只保留正确的一行；确为两条信息的，请分别填写文号。"
    ),
    "records.which_line": _(
        "文件中该企业当日有几条同一机关的同类信息，文号不同，不能确定是哪一条。请填写文号。"
    ),
    "records.twice_in_file": _(
        "第 {line} 行已是同一机关对该企业的同一文号“{value}”。请只保留一行。"
    ),
    "records.which_state": _(
        "该企业当日有几条同一机关的同类信息，文号不同，不能确定是哪一条。请填写文号。"
    ),
    "records.taken_down": _(
        "这条信息曾经登记，后已撤下（{reason}）。确需重新登记的，请在失信信息页面办理。"
    ),
    "records.corrected_away": _(
        "这一文号（或日期）的信息已于 {at} 更正为其他内容。如仍有不同，请在该条信息的页面更正。"
    ),
    "records.correct_on_page": _(
        "该决定已经登记，但{fields}与此不同，可能影响评价。请在记录页更正。"
    ),
    "records.retracted": _("该条信息已被更正或撤下，请打开最新版本。"),
    "records.marked_already": _("该条信息已有“{mark}”标注。"),
    "records.not_marked": _("该条信息没有“{mark}”标注。"),
    "records.kind_code": _(
        "信息类别代码“{code}”不合规定。请用小写英文字母开头，只含小写字母、数字和下划线。"
    ),
    "records.list_name_short": _("名单名称“{name}”太短，会与别的名单混淆。请至少写两个字。"),
    "records.list_name_taken": _("名单名称“{name}”已属于“{kind}”。请先从该类别中删去。"),
    "records.list_of_no_state": _("只有状态类的信息才有名单名称。请改为“状态”，或将名单名称留空。"),
    "records.reason_missing": _("请写明理由。"),
}

ACTS = {
    "records.given": _("报送失信信息"),
    "records.file_taken_back": _("撤回信息文件"),
    "records.replaced": _("更正失信信息"),
    "records.retracted": _("撤下失信信息"),
    "records.marked": _("标注失信信息"),
    "records.unmarked": _("取消标注"),
    "records.taken_down": _("公示期满停止公示"),
    "records.publication_round": _("公示期满办理完毕"),
    "records.kinds_loaded": _("装入信息构成表"),
    "records.kind_saved": _("维护信息类别"),
}
