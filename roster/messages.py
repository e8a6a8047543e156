"""Sentences of the roster room."""

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "roster.step_not_possible": _("目前的状态下不能这样办理。请打开该事项，看现在可以办理什么。"),
    "roster.not_permitted": _("没有找到您要的内容，或者它不在您的权限范围内。"),
    "roster.other_unit": _("该企业属于“{unit}”的评价企业名录，须由该单位维护。"),
    "roster.enterprise_differs": _(
        "企业 roster.enterprise {code}：与现行的登记信息版本（roster.registration）不一致。"
    ),
    "roster.taken_back_differs": _(
        "企业 roster.enterprise {code}：已随文件撤回，但与撤回前的登记信息版本（roster.registration）不一致。"
    ),
    "roster.enterprise_gone": _(
        "企业 roster.enterprise {code}：有现行的登记信息版本，企业本身不见了。"
    ),
    "roster.keeper_differs": _(
        "企业 roster.enterprise {code}：所在名录与现行的名录条目（roster.rosterentry）不一致。"
    ),
    "roster.name_missing": _("缺少企业名称。请补填后重新报送。"),
    "roster.region_missing": _(
        "缺少注册地行政区划代码。请填写县（市、区）代码，或写明到县（市、区）的注册地址。"
    ),
    "roster.no_county_in_address": _(
        "注册地“{value}”不是县级行政区划。其他企业列入注册地址所在县级名录（二（二）），请填写县（市、区）代码。"
    ),
    "roster.no_city_for_city_enterprise": _(
        "市属企业须写明所属市：注册地“{value}”不能确定所属市。"
    ),
    "roster.not_stored": _("没有保存：{what}"),
    "roster.exists": _("统一社会信用代码 {code} 已在库中，不能重复新增。请直接查找该企业。"),
    "roster.unknown_enterprise": _("名录中没有统一社会信用代码为 {code} 的企业。"),
    "roster.unknown_region": _(
        "没有“{value}”这个行政区划。请填写现行的区划代码或全称，可在“行政区划”中查到。"
    ),
    "roster.code_twice": _(
        "文件中前面的行已有这个统一社会信用代码，只取第一次出现的一行。请只保留正确的一行。"
    ),
    "roster.unknown_industry": _("没有代码为“{value}”的行业门类或大类（GB/T 4754—2017）。请核对。"),
    "roster.ambiguous_region": _("“{value}”可能是{names}。请填写行政区划代码，或写明所属市。"),
    "roster.region_contradicted": _(
        "行政区划代码“{value}”是{named}，注册地址却在{found}。其他企业按登记注册地址列入名录（二（二）），请核对后改正其中一项。"
    ),
    "roster.future_status": _("状态日期 {value} 晚于今天。请填写登记状态自何日起，核对后再报。"),
    "roster.future_establishment": _("成立日期 {value} 晚于今天。请核对日期。"),
    "roster.revocation_not_undone": _(
        "该企业登记为吊销营业执照（D类）。恢复或更正登记状态须在企业页面用“更正登记信息”提出，由第二人复核。"
    ),
    "roster.taken_back": _(
        "该企业的登记已随报送文件撤回，没有可以更正的内容。请按现在的登记情况重新登记。"
    ),
    "roster.nothing_changed": _("没有任何改动。"),
    "roster.reason_missing": _("请写明理由。"),
    "roster.roles_exclude_each_other": _(
        "{user}：系统管理员、安全管理员、审计管理员须由不同的人担任，且不得兼任业务岗位。"
    ),
    "roster.posted_may_not_ask": _(
        "{user}有岗位，不能同时代表企业。请另行注册一个企业账号，用它申请。"
    ),
    "roster.binding_waits": _(
        "您已申请代表 {code}，正在等候核定。要更换材料，请先撤回原来的申请。"
    ),
    "roster.too_many_bindings": _(
        "您有 {limit} 件申请正在等候核定，暂时不能再申请。请等候核定，或撤回不需要的申请。"
    ),
    "roster.too_many_bindings_today": _("24 小时内最多申请 {limit} 次。请明天再申请。"),
    "roster.binding_decided": _(
        "这件申请已由 {who} 于 {at} 办理（{state}），您这次的办理没有保存。"
    ),
    "roster.registering_failed": _("没有生成新的账号，请再提交一次。"),
    "roster.posting_already_ended": _("该任职已经结束。"),
    "roster.role_needs_lead": _(
        "“{role}”只能在社会信用体系建设牵头部门任职，“{agency}”是监管部门。请选择监管部门的岗位。"
    ),
    "roster.role_needs_department": _(
        "“{role}”只能在具有企业监管职责的部门任职，“{agency}”是牵头部门。请选择牵头部门的岗位。"
    ),
    "roster.posting_ends_before_it_begins": _("免职日期 {until} 早于任职日期 {since}。"),
    "roster.not_oneself": _("不能停用自己的账号，也不能结束自己的任职。请由另一位安全管理员办理。"),
    "roster.agency_name_taken": _(
        "“{name}”已是“{agency}”的名称或其他名称（不计括号全半角、空格和大小写）。一个名称只能指一个机构，请改用能够区分的名称。"
    ),
    "roster.speaks_for_enterprises": _(
        "{user}在这段时间是企业代表，不能同时任职。请为其另开账号，或者先终止其代表资格。"
    ),
    "roster.representative_is_posted": _(
        "{user}在这段时间有岗位，不能同时代表企业。请为企业代表另开账号。"
    ),
    "roster.already_posted": _(
        "{user}已在“{agency}”任“{role}”（任职日期 {since}，免职日期 {until}），任期不能重叠。请核对任职、免职日期，或者先结束该任职。"
    ),
    "roster.already_represents": _("{user}在这段时间已是企业 {code} 的代表。"),
    "roster.representation_backwards": _("终止日期 {until} 早于起始日期 {since}。请核对。"),
    "roster.representation_already_ended": _("该代表资格已经终止。"),
    "roster.post_not_begun": _("您的岗位自 {since} 起生效，届时可以登录。"),
    "roster.posts_ended": _(
        "您在“{agency}”的任职已于 {until} 结束，不能再登录。如有疑问，请联系{region}的安全管理员。"
    ),
    "roster.representation_not_begun": _("您自 {since} 起代表企业，届时可以登录。"),
    "roster.representation_ended": _(
        "您代表企业的资格已于 {until} 终止，不能再登录。如仍代表企业，请联系{region}的安全管理员。"
    ),
    "roster.no_post_yet": _("这个账号还没有任命岗位，不能登录。请联系{region}的安全管理员任命。"),
    "roster.account_elsewhere": _(
        "{user}现在或最近的任职还在其他地区，不能由本级任命。请联系省级安全管理员办理。"
    ),
    "roster.account_speaks": _(
        "{user}现在、将来或最近代表企业，账号由省级管理，不能由本级任命。请联系省级安全管理员办理。"
    ),
    "roster.account_reserved": _(
        "账号名“{username}”留给系统和服务器上的操作系统账号，不能使用。请换一个账号名。"
    ),
    "roster.no_reference": _(
        "库中没有河北省的行政区划。请先执行 manage.py reference 装入基础数据。"
    ),
    "roster.posts_exist": _(
        "系统中已有人任职，不再设立第一个安全管理员。账号和岗位请由安全管理员在网页上办理。"
    ),
    "roster.second_factor_there": _("两步验证已经设置。要换手机，请先停用，再重新设置。"),
    "roster.second_factor_missing": _("该账号没有设置两步验证。"),
    "roster.second_factor_not_own": _(
        "不能重置自己的两步验证。能登录的，在“两步验证”页面停用后重新设置；否则请由另一位安全管理员办理。"
    ),
    "roster.account_exists": _("账号“{username}”已存在。"),
    "roster.superior_loop": _(
        "“{region}”不能报送到“{superior}”：自 {day} 起，后者就是它自己或在它之下。"
    ),
    "roster.region_not_in_effect": _(
        "“{region}”自 {since} 起未启用或将停用，不能设定报送关系。请核对日期，或选择启用中的行政区划。"
    ),
    "roster.region_ends_ahead": _(
        "停用日期 {until} 晚于今天。请在停用当日办理，届时名录须已清空、下级区划已改报、机构已停用。"
    ),
    "roster.map_busy": _(
        "正在登记企业或导入名录，等候 {seconds} 秒后仍未结束，行政区划和报送关系暂时不能变更。没有保存，请稍后再试。"
    ),
    "roster.region_keeps_roster": _(
        "“{region}”的名录中还有 {count} 家企业在 {until} 之后在册。请先将其转入其他名录，再停用。"
    ),
    "roster.region_has_regions": _(
        "“{below}”在 {until} 之后仍报送到“{region}”。请先设定新的报送关系，再停用。"
    ),
    "roster.region_has_agencies": _(
        "“{region}”的机构在 {until} 之后仍启用：{agencies}。请先停用这些机构，再停用区划。"
    ),
    "roster.agency_has_posts": _(
        "“{agency}”还有 {count} 个岗位在 {until} 之后任职。请先由安全管理员结束这些任职，再停用。"
    ),
    "roster.second_lead_agency": _(
        "“{region}”同一时间只能有一个牵头部门：“{agency}”的启用日期为 {since}，停用日期为 {until}。请先填写它的停用日期，或者改正启用、停用日期，使两者前后相接、不重叠。"
    ),
    "roster.agency_outlasts_region": _(
        "“{region}”自 {until} 起停用，其机构须同时或在此之前停用。请填写停用日期。"
    ),
    "roster.agency_not_in_effect": _(
        "“{agency}”须在整个任职期间启用（启用日期 {since}，停用日期 {until}）。请核对任职、免职日期，或选择启用中的机构。"
    ),
    "roster.region_ended": _(
        "“{region}”目前不是启用的行政区划（未到启用日期或已停用）。请填写启用中的行政区划。"
    ),
    "roster.superior_since": _("新的报送关系须自 {since} 之后开始。"),
    "roster.no_such_roster": _("“{region}”没有{level}名录。请选择与该区划层级一致的名录层级。"),
    "roster.not_overridden": _("该企业不是人工指定的名录，已按规则列入。"),
    "roster.not_on_roster": _("该企业已移出名录，不能再指定名录。"),
    "roster.form_stale": _(
        "该条信息在您打开页面之后已被修改，您这次的填写没有保存。请与现在的内容核对后再办理。"
    ),
    "roster.form_stale_by": _(
        "该条信息在您打开页面之后已有变动：{what}。您这次的填写没有保存。请与现在的内容核对后再办理。"
    ),
    "roster.left_own_roster": _(
        "该企业已由 {who} 于 {at} 移出您维护的名录，您的修改没有保存。如有不妥，请与该企业现在的维护单位联系。"
    ),
    "roster.export_too_large": _(
        "当前列表超过 {limit} 行，不能一次导出。请用搜索或筛选缩小范围后再导出。"
    ),
    "roster.import_empty": _("文件中没有数据行。第一行应为表头，其后每行一条。"),
    "roster.import_too_long": _("文件超过 {limit} 行。请分成几个文件导入。"),
    "roster.import_not_csv": _("这里只导入 CSV。请另存为 UTF-8 编码的 CSV 后再上传。"),
    "roster.import_cell": _(
        "第 {line} 行有读不出的字符，或者有一格超过 {limit} 个字。请改正后再上传。"
    ),
    "roster.import_headings": _("表头与模板不符。表头应为：{expected}。"),
    "roster.import_width": _(
        "第 {line} 行有 {cells} 列，表头有 {width} 列。请检查该行的逗号和引号。"
    ),
    "roster.import_expired": _("预览已过期或已经导入过。请重新上传文件。"),
    "roster.import_changed": _("核对之后数据有了变化，文件没有导入。请重新上传，再次核对。"),
}

ACTS = {
    "roster.registration_corrected": _("更正登记信息"),
    "roster.enterprise_registered": _("登记企业信息"),
    "roster.file_taken_back": _("撤回名录文件"),
    "roster.registrations_written": _("批量登记企业信息"),
    "roster.place_overridden": _("人工指定名录"),
    "roster.place_decided": _("按决定更正所在名录"),
    "roster.posted": _("任命岗位"),
    "roster.posting_ended": _("结束任职"),
    "roster.represented": _("设立企业代表"),
    "roster.representation_ended": _("终止企业代表"),
    "roster.binding_asked": _("申请代表企业"),
    "roster.binding_reckoned": _("推算核定期限"),
    "roster.binding_withdrawn": _("撤回代表企业的申请"),
    "roster.binding_approved": _("同意代表企业的申请"),
    "roster.binding_refused": _("不同意代表企业的申请"),
    "roster.binding_ended": _("终止核定的企业代表"),
    "roster.account_registered": _("自行注册账号"),
    "roster.account_signed_on": _("首次通过省统一身份认证登录，建立账号"),
    "roster.password_reset": _("重设忘记的密码"),
    "roster.first_admin_posted": _("设立第一个安全管理员"),
    "roster.account_opened": _("开设账号"),
    "roster.account_changed": _("变更账号"),
    "roster.password_set": _("设置密码"),
    "roster.password_changed": _("修改本人密码"),
    "roster.second_factor_set_up": _("设置两步验证"),
    "roster.second_factor_removed": _("停用两步验证"),
    "roster.recovery_codes_made": _("重新生成恢复码"),
    "roster.second_factor_reset": _("重置两步验证"),
    "roster.region_saved": _("维护行政区划"),
    "roster.superior_set": _("设定报送关系"),
    "roster.agency_saved": _("维护机构"),
    "roster.industry_saved": _("维护行业代码"),
    "roster.place_released": _("恢复按规则列入名录"),
    "roster.reference_loaded": _("装入基础数据"),
    "roster.list_exported": _("导出列表"),
    "roster.table_imported": _("导入表格"),
}

RULES = {
    "R13.central": _("驻冀中央企业列入省级名录（R13，二（二））"),
    "R13.provincial": _("省属国有企业列入省级名录（R13，二（二））"),
    "R13.monopoly": _("垄断性行业企业列入省级名录（R13，二（二））"),
    "R14": _("市属国有企业列入市级名录（R14，二（二））"),
    "R15": _("其他企业列入注册地址所在县级名录（R15，二（二））"),
    "override": _("经本单位书面说明理由，人工指定（R12–R16）"),
}
"""Why an enterprise stands on its roster, by `RosterEntry.rule`."""

WORDS = {
    "fate": _("结果"),
    "former": _("原名录"),
    "user": _("账号"),
    "agency": _("机构"),
    "role": _("岗位"),
    "enterprise": _("统一社会信用代码"),
    "provider": _("认证来源"),
    "until": _("免职日期"),
    "ends": _("终止日期"),
    "since": _("自"),
    "superior": _("上级区划"),
    "names": _("其他名称"),
    "rows": _("行数"),
    "lines": _("行数"),
    "filters": _("筛选条件"),
    "source": _("来源"),
}
"""What the values noted by the acts of this room are called on a history page."""

SAID = {
    "batch": _(
        "{name}：{lines} 行，新增 {added}，变更 {changed}，无变化 {unchanged}，未接受 {refused}（编号 {number}）"
    ),
    "line": _("第 {line} 行 {said}"),
    "problem": _("第 {line} 行 {column} {value}：{message}"),
    "problems": _("…… 共 {count} 个问题"),
    "first_admin": _("已设立第一个安全管理员{user}，机构为“{agency}”。"),
    "password": _("密码："),
    "password_again": _("再输一次："),
    "password_set": _("已设置{user}的新密码，该账号已登录的会话随即失效。"),
    "second_factor_reset": _("已重置{user}的两步验证，下次登录后须重新设置。"),
    "passwords_differ": _("两次输入的密码不一致。请重新执行。"),
}
"""What commands answer a person."""
