"""Sentences of the grading room."""

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "grading.no_scheme": _("还没有已发布的评价标准，不能发起评价。"),
    "grading.run_not_computed": _("评价批次 grading.run {run}：还没有算完（{state}）。"),
    "grading.run_digest": _("评价批次 grading.run {run}：结果摘要与各名录的不符。"),
    "grading.verdict_without_rule": _(
        "结论 grading.verdict {verdict}：事实“{facts}”按现行规则评不出等级。"
    ),
    "grading.verdict_differs": _(
        "结论 grading.verdict {verdict}：事实“{facts}”记为“{stored}”，按规则应为“{now}”。"
    ),
    "grading.slice_not_done": _(
        "评价分片 grading.chunk {chunk}（名录评价结果 {part}）：没有完成（{state}）。"
    ),
    "grading.slice_missing": _(
        "评价分片 grading.chunk {chunk}（名录评价结果 {part}）：前面缺第{number}片。"
    ),
    "grading.slice_bounds": _(
        "评价分片 grading.chunk {chunk}（名录评价结果 {part}，第{number}片）：起止代码与其中的企业不符。"
    ),
    "grading.slice_digest": _(
        "评价分片 grading.chunk {chunk}（名录评价结果 {part}，第{number}片）：结果摘要与重新算出的不符。"
    ),
    "grading.slice_figures": _(
        "评价分片 grading.chunk {chunk}（名录评价结果 {part}，第{number}片）：企业数与重新算出的不符。"
    ),
    "grading.part_differs": _(
        "名录评价结果 grading.rosterrun {part}（{region}）：结果摘要或企业数与各分片不符。"
    ),
    "grading.part_figures": _(
        "名录评价结果 grading.rosterrun {part}（{region}）：各等级企业数与评价结果不符。"
    ),
    "grading.rating_differs": _(
        "评价结果 grading.rating：企业 {code}（名录评价结果 {part}，第{number}片）的等级与重新算出的不符。"
    ),
    "grading.facts_differs": _(
        "评价结果 grading.rating：企业 {code}（名录评价结果 {part}，第{number}片）据以评价的信息或名录与评价时不同。"
    ),
    "grading.rating_too_many": _(
        "评价结果 grading.rating：企业 {code}（名录评价结果 {part}）不在这次评价之列，却有等级。"
    ),
    "grading.rating_in_force": _(
        "评价结果 grading.rating：企业 {code}（名录评价结果 {part}）的现行等级与按现有信息重新算出的不符。"
    ),
    "grading.correction_differs": _(
        "重新评价 grading.correction {correction}：企业 {code}（名录评价结果 {part}）的等级与当时的信息不符，或没有取代原等级。"
    ),
    "grading.replaced_by_nothing": _(
        "评价结果 grading.rating：企业 {code}（名录评价结果 {part}）的等级被取代，却没有取代它的等级。"
    ),
    "grading.overtaken_differs": _(
        "grading.overtaken：企业 {code}（名录评价结果 {part}）的等级是否已被其他名录的取代，与现行评价结果不符。"
    ),
    "grading.clock_differs": _(
        "audit.clockmark：最近截止时点与最后一个评价批次的数据截止时间（{known_at}）不符。"
    ),
    "grading.roster_not_yours_or_empty": _("名录“{regions}”不在您的权限内，或其中没有企业。"),
    "grading.no_roster": _("您没有可以评价的名录，或名录中还没有企业。请先导入企业名录。"),
    "grading.future_reference_date": _("评价基准日 {date} 晚于今天。请选择今天或以前的日期。"),
    "grading.effect_changed": _(
        "提出之后情况已有变化：现在同意，等级将由 {before} 变为 {after}。页面已更新，请核对后再办理。"
    ),
    "grading.grades_still_kept": _(
        "有 {count} 户已转到其他名录的企业还沿用这次结果的等级，等其新名录发布评价后才能作废。等级有误的，请更正有关信息，等级随之重新评定。"
    ),
    "grading.basis_changed": _(
        "提出更正之后，登记信息或对等级的影响已有变化。页面已按现在的情况更新，请核对后再办理。"
    ),
    "grading.early_reference_date": _("评价基准日不能早于 {date}。请核对年份。"),
    "grading.withdrawal_waiting": _("{who} 已申请作废，正在等待另一人办理。"),
    "grading.leap_day": _(
        "年度、季度评价的基准日不能是2月29日：没有与之对应的每年同日。请改用2月28日或3月1日。"
    ),
    "grading.part_open": _(
        "{regions} 已有未办结的评价（第{number}号，{run}）。请先审核并发布，或将其作废后再发起。"
    ),
    "grading.not_running": _("该批次当前为“{state}”，不能暂停。最近的办理：{what}。"),
    "grading.not_stopped": _("该批次当前为“{state}”，不能继续。最近的办理：{what}。"),
    "grading.newer_edition": _(
        "第{number}号评价（{run}）由新版程序发起，本程序版本较旧，不能计算。请换上新版程序后再继续。"
    ),
    "grading.older_edition": _(
        "第{number}号评价（{run}）已由旧版程序算了一部分，新旧两版的结果不能混在一起，不再接着算。"
        "请由各名录的牵头部门作废这一批次未发布的部分，再重新发起。"
    ),
    "grading.unknown_run": _("没有找到第{run}号评价批次，或它不在您的权限范围内。"),
    "grading.not_to_review": _("该名录的评价结果当前为“{state}”，不能审核。"),
    "grading.not_to_publish": _("该名录的评价结果当前为“{state}”，不能发布。须先由另一人审核。"),
    "grading.taken_back_since": _(
        "这次评价的企业中有 {count} 家（如 {example}）在评价之后随报送文件撤回，不应再有等级。请作废本名录的这一结果，再对本名录重新发起评价。"
    ),
    "grading.part_changed": _("您打开页面之后评价结果已有变化。请重新打开页面，核对后再办理。"),
    "grading.second_person": _("须由另一人办理：{name} 不能自己复核自己经办的事项。"),
    "grading.person_needed": _("此事须由两名有岗位的人员在系统中办理，不能由服务器命令代办。"),
    "grading.ad_hoc_is_not_published": _("临时测算只供参考，不发布。请发起年度或季度评价。"),
    "grading.already_withdrawn": _("该评价结果已经作废。"),
    "grading.withdrawal_not_asked": _("还没有人提出作废申请。"),
    "grading.reason_missing": _("请写明理由。"),
    "grading.nothing_changed": _("没有任何改动。"),
    "grading.change_waiting": _("{who} 对该条信息提出的更正正在等待复核，办结后才能再次更正。"),
    "grading.record_changed": _(
        "该条信息在您打开页面之后已由 {who} 于 {at} 更正（{what}），您的修改没有保存。请打开现行版本，核对后再改。"
    ),
    "grading.record_taken_down": _(
        "该条信息在您打开页面之后已由 {who} 于 {at} 撤下（{reason}），您的修改没有保存。"
    ),
    "grading.too_many_proposals": _(
        "这个文件中须复核的更正超过 {limit} 条，这一条没有接受。请待前面的办结后，从未接受的行重新报送。"
    ),
    "grading.already_decided": _("该事项已由 {who} 办理，结果为“{state}”。"),
    "grading.draft_open": _("“{draft}”还在编制中。同一时间只编制一个草案，请在其上修改。"),
    "grading.draft_unknown": _("草案中有系统不认识的信息类别或等级：{what}。"),
    "grading.schedule_exists": _(
        "评价周期“{schedule}”已经设定（启用日期 {since}，停用日期 {until}）。如需更改，请先停用原有的周期。"
    ),
    "grading.schedule_ended": _("该评价周期已自 {until} 停用。"),
    "grading.schedule_ends_early": _("停用日期不能早于启用日期 {since}。"),
    "grading.scheme_is_draft": _("“{scheme}”还是草案，不能用于评价。"),
    "grading.unknown_scheme": _("没有第{version}版评价标准。"),
    "grading.scheme_published": _("已发布的评价标准不能修改。请复制为草案后再改。"),
}

RULES = {
    "licence_revoked": _("企业已被依法吊销营业执照"),
    "severe_listed": _("被依法依规纳入严重失信主体名单且未移出"),
    "severe_penalty": _(
        "{period}内被处以暂扣许可证件、降低资质等级、吊销许可证件、限制开展生产经营活动、责令停产停业、责令关闭、限制从业等行政处罚"
    ),
    "over_limit": _("{period}内有{limit}次以上一般失信行为记录"),
    "serious_consequence": _("{period}内有{limit}次以下一般失信行为记录，但已认定造成严重后果"),
    "awaiting_confirmation": _("{period}内有{limit}次以下一般失信行为记录；是否造成严重后果待认定"),
    "within_limit": _("{period}内有{limit}次以下（含{limit}次）一般失信行为记录且未造成严重后果"),
    "no_record": _("{period}内无失信行为记录"),
}
"""What each rule says, in the policy's words; its 1年 and 5次 are numbers of the scheme.

Source: R34–R37, 四(三).
"""

RULE_NAMES = {
    "licence_revoked": _("吊销营业执照"),
    "severe_listed": _("在严重失信主体名单"),
    "severe_penalty": _("严重失信行政处罚"),
    "over_limit": _("一般失信行为超过次数上限"),
    "serious_consequence": _("一般失信行为，已认定严重后果"),
    "awaiting_confirmation": _("一般失信行为，严重后果待认定"),
    "within_limit": _("一般失信行为未超过次数上限"),
    "no_record": _("无失信行为记录"),
}
"""Each rule in a few words, for lists and filters."""

RULE_HINTS = {
    "awaiting_confirmation": _("报送单位称造成严重后果，尚未认定，暂按B类。认定后随即按C类。"),
    "serious_consequence": _("原文未规定这种情形的等级，经审核人认定严重后果后按C类。"),
    "licence_revoked": _("登记状态或处罚信息任一为吊销营业执照即为D类。"),
    "severe_listed": _("不论何时列入，到评价基准日未移出即计。"),
    "severe_penalty": _("一份决定含几项措施的，按其中最重的一项定类。"),
}
"""Readings of open points, said where the rule acted. Source: design §7."""

WHY_NOT = {
    "not_in_scheme": _("该类信息不计入评价"),
    "known_later": _("入库晚于本次评价的数据截止时间，本次未计"),
    "taken_away": _("已撤下或更正到其他企业"),
    "after_reference_date": _("认定日期晚于评价基准日"),
    "outside_window": _("认定日期不在评价基准日前1年内"),
    "ended": _("评价基准日前已移出或已履行"),
    "withdrawn_or_repaired": _("原决定已撤销或已完成信用修复"),
}
"""Why a record did not count: keys of `facts.CONDITIONS`, and taken away since the run."""

KNOWN_LATER = {
    True: _("下次评价（{on}）按现有信息将计入"),
    False: _("到下次评价（{on}）按现有信息也不计入"),
}
"""What becomes of a record that came too late. Source: design idea 4; decision 13."""

NOT_GRADED = {
    "left_roster": _("企业已{status}，已移出评价企业名录，不再评价。"),
    "no_roster": _("企业尚未列入任何评价企业名录。列入后，下次评价时评定等级。"),
    "roster_not_graded": _("“{roster}”名录还没有已发布的年度或季度评价结果。"),
    "joined_later": _(
        "企业不在“{roster}”名录本次评价（评价基准日 {reference}）的范围内：列入名录或登记入库晚于该次评价。下次评价时评定等级。"
    ),
}
"""Why an enterprise has no grade yet. Source: R12–R16, R33; design §7."""

ACTS = {
    "grading.reference_loaded": _("装入评价标准"),
    "grading.run_opened": _("发起评价"),
    "grading.run_computed": _("评价算完"),
    "grading.run_stopped": _("暂停评价"),
    "grading.run_resumed": _("继续评价"),
    "grading.part_reviewed": _("审核评价结果"),
    "grading.part_published": _("发布评价结果"),
    "grading.part_withdrawal_asked": _("申请作废评价结果"),
    "grading.part_withdrawal_dropped": _("撤回或不同意作废申请"),
    "grading.part_withdrawn": _("作废评价结果"),
    "grading.correction_proposed": _("更正失信信息"),
    "grading.registration_correction_proposed": _("更正登记信息"),
    "grading.effect_refreshed": _("重新推算对等级的影响"),
    "grading.correction_decided": _("复核更正"),
    "grading.consequence_confirmed": _("认定严重后果"),
    "grading.settled": _("按决定处理失信信息"),
    "grading.disputed": _("作异议标注"),
    "grading.dispute_lifted": _("取消异议标注"),
    "grading.trial": _("试算"),
    "grading.scheme_copied": _("复制评价标准为草案"),
    "grading.scheme_saved": _("编制评价标准草案"),
    "grading.schedule_set": _("设定评价周期"),
    "grading.schedule_ended": _("停用评价周期"),
    "grading.verified": _("校验数据"),
}

CHECKS = {
    "chain": _("审计链和锚点"),
    "rows": _("只增不改的表"),
    "stated": _("逐次办理的表"),
    "enterprises": _("企业现状"),
    "clock": _("数据截止时点"),
    "run": _("第{number}号评价批次"),
    "in_force": _("现行等级"),
}
"""What `verify` checks, in few words."""

SAID = {
    "run_holds": _("第{number}号评价批次：{count} 个评价结果都能由库中的信息重新算出。"),
    "no_run": _("没有第{number}号评价批次。"),
    "verify_step": _("{what}：已核对 {count}"),
    "verify_holds": _("全部相符。"),
    "verify_what_next": _(
        "核对到此为止，后面的尚未核对。请不要改动数据库，先停止写入，保留数据库、锚点目录和日志的副本，再按《校验发现问题怎么办》（docs/guides/verify.md）办理。"
    ),
    "nothing_published": _("没有发布任何名录的评价结果。"),
    "not_of_the_lead_agency": _("不是该名录牵头部门的人员，不能发布。"),
    "published": _("第{number}号 {run}：发布 {published} 个名录，未发布 {left} 个"),
    "run": _("第{number}号 {run}：{state}"),
    "taken_back": _("文件第{number}号已撤回：失效 {retracted}，恢复原内容 {restored}，保留 {kept}"),
}
"""What commands answer a person."""
