"""Sentences of the objections room."""

from typing import Any

from django.utils.translation import gettext_lazy as _

MESSAGES: dict[str, Any] = {
    "objections.reason_missing": _("请写明理由。"),
    "objections.person_needed": _("决定须由具体的经办人员作出，不能由服务器上的操作系统账号代替。"),
    "objections.second_person": _(
        "您（{name}）参与了本事项的核查，不能再作决定。请由另一名审核人决定。"
    ),
    "objections.had_a_part": _(
        "您（{name}）参与过原事项的办理，不能办理对它的复核。请由其他人员办理。"
    ),
    "objections.is_linked": _("您（{name}）是或者曾经是该企业的代表，应当回避。请由其他人员办理。"),
    "objections.no_lead_agency": _(
        "“{region}”目前没有社会信用体系建设牵头部门，不能提出。请联系上一级牵头部门。"
    ),
    "objections.draft_filed": _("这份申请已经提出，编号 {number}，不能再改。"),
    "objections.too_many_files": _("材料最多 {limit} 份。请合并或者去掉一些再提交。"),
    "objections.too_many_drafts": _(
        "没有提出的申请最多 {limit} 份。请在企业页面“未提出的申请”中先提出或者丢弃几份。"
    ),
    "objections.draft_changed": _(
        "这份申请在别的窗口改动过，刚才的没有办理。请核对下面的内容，再次提交即以其为准。"
    ),
    "objections.court_apart": _(
        "失信被执行人名单由作出决定的法院纠正，不能与其他信息一并提出。请分别提出申请。"
    ),
    "objections.review_there": _("该事项已经申请复核，编号 {number}。请在办理的事项中查看。"),
    "objections.too_many_cases": _(
        "一小时内最多提出 {limit} 件。已填写的内容留在“未提出的申请”中，请稍后再提出。"
    ),
    "objections.too_many_items": _("一次最多选择 {limit} 条信息。请分几次提出。"),
    "objections.statement_missing": _("请填写事实和理由。"),
    "objections.commitment_missing": _("请阅读并作出信用承诺，再提出申请。"),
    "objections.authorisation_missing": _("填写了代理人，还须提交授权委托书。"),
    "objections.proof_missing": _("申请信用修复须提交纠正失信行为的证明。"),
    "objections.nothing_chosen": _("请选择要提出的信息或者评价结果。"),
    "objections.chosen_twice": _("同一条信息只能选择一次。"),
    "objections.last_item": _("申请至少要有一条信息。不再申请的，请丢弃这份申请。"),
    "objections.ground_missing": _("请为每一条信息选择理由类别。"),
    "objections.field_missing": _("填写了“登记为”或者“应当是”的，还须选择是哪一项。"),
    "objections.record_gone": _(
        "“{what}”在您查看之后已被删除，不再是本企业的信息。请返回重新选择。"
    ),
    "objections.corrections_needless": _("“{what}”登记的已经是所填的内容，与登记相同的不填。"),
    "objections.under_way": _("“{what}”正在 {number} 号事项中办理，办结之前不能再次提出。"),
    "objections.rating_apart": _("对评价结果的异议和对失信信息的异议分别办理，请分别提出。"),
    "objections.repair_by_court": _(
        "“{record}”由人民法院列入和修复，请向作出列入决定的执行法院申请。"
    ),
    "objections.repaired_already": _("“{record}”已经信用修复，不必再次申请。"),
    "objections.repair_again_later": _("“{record}”的信用修复申请此前未获准，{on} 起可以再次申请。"),
    "objections.repair_too_early": _(
        "“{record}”的最短公示期到 {until}，期满之后可以申请信用修复。"
    ),
    "objections.nothing_supplied": _("请填写补正说明或者添加材料。"),
    "objections.review_too_late": _("{number} 号事项申请复核的期限是 {last}，已经超过。"),
    "objections.asked_already": _("已经要求补正过一次。补正应当一次告知，不能再次要求。"),
    "objections.papers_not_asked": _("以没有证明材料为由不予受理，须先要求补正一次。"),
    "objections.papers_not_due": _("补正期限到 {last}，期满之前不能以此不予受理。"),
    "objections.not_of_a_court": _("只有法院列入的失信被执行人名单信息才告知向法院申请纠正。"),
    "objections.no_source": _("本事项不涉及失信信息，没有可送核查的信息来源部门。请自行核查。"),
    "objections.source_needed": _("所涉信息由其他部门认定，须由该部门核查。请送信息来源部门。"),
    "objections.extended_already": _("已于 {on} 延期过一次，不能再次延期。"),
    "objections.extended_too_late": _("应答复日期 {last} 已过，不能延期。请尽快答复。"),
    "objections.answered_already": _("这项协查已由 {who} 于 {on} 答复，您这次的填写没有保存。"),
    "objections.not_wanted": _("这项协查不再需要答复：事项已经撤回、办结或者退回。"),
    "objections.finding_missing": _("请对每一条信息选择核查结果并写明说明。"),
    "objections.outcome_missing": _("请对每一项选择处理方式并写明理由。"),
    "objections.corrections_missing": _(
        "“{what}”没有核实后的内容，不能按更正处理。请退回核查，或者改选其他处理方式。"
    ),
    "objections.against_finding": _(
        "“{what}”的核查结果是“不属实”，不能予以支持。请退回重新核查，或者不予支持。"
    ),
    "objections.removed_too_early": _("“{what}”的移出日期早于认定日期。请核对后再填写。"),
    "objections.outcome_not_possible": _("“{what}”不能按“{outcome}”处理。可以选择：{possible}。"),
    "objections.corrections_impossible": _("“{what}”核实后的内容不能登记：{said}"),
    "objections.enterprise_moved": _(
        "该企业现由{region}维护，登记状态和所在名录由该单位更正。请与该单位联系；本事项可以退回重新核查，或者不予支持。"
    ),
    "objections.fault_not_made_good": _(
        "“{what}”的核查结果不是“属实”，不能准予修复。请退回核查或者不予支持。"
    ),
    "objections.review_still_open": _("申请复核的期限到 {last}，期满之前不能办结。"),
}

ACTS: dict[str, Any] = {
    "objections.draft_begun": _("开始填写申请"),
    "objections.draft_saved": _("保存申请"),
    "objections.draft_file_removed": _("去掉申请材料"),
    "objections.draft_dropped": _("丢弃申请"),
    "objections.drafts_dropped": _("清除久未填写的申请"),
    "objections.filed": _("提出申请"),
    "objections.supplied": _("补正材料"),
    "objections.withdrawn": _("撤回申请"),
    "objections.papers_asked": _("要求补正材料"),
    "objections.accepted": _("受理申请"),
    "objections.refused": _("不予受理"),
    "objections.referred": _("告知向法院申请"),
    "objections.replied": _("答复咨询"),
    "objections.sent": _("送信息来源部门核查"),
    "objections.verified": _("自行核查"),
    "objections.answered": _("答复核查结果"),
    "objections.extended": _("延长核查期限"),
    "objections.decided": _("作出决定"),
    "objections.sent_back": _("退回重新核查"),
    "objections.closed": _("办结"),
    "objections.reminded": _("提醒到期"),
    "objections.takedown_reported": _("通报公示期满的信息"),
    "objections.reckoned_anew": _("重新推算期限"),
}
