"""Stored choices of the roster room, with the words the offices use."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Level(TextChoices):
    """Levels of government that keep rosters. Source: R3, 一(二)1."""

    PROVINCE = "province", _("省级")
    CITY = "city", _("市级")
    COUNTY = "county", _("县级")


class AgencyKind(TextChoices):
    LEAD = "lead", _("社会信用体系建设牵头部门")
    DEPARTMENT = "department", _("具有企业监管职责的部门")


class Affiliation(TextChoices):
    """隶属关系. Source: R12, 二(二)."""

    CENTRAL = "central", _("央企")
    PROVINCIAL = "provincial", _("省属")
    CITY = "city", _("市属")
    OTHER = "other", _("其他")


class Status(TextChoices):
    """登记状态 (GB/T code 1–9), with 歇业 beside it, and what no register says: the file that
    brought the enterprise was taken back. Source: domain facts 3."""

    OPEN = "1", _("存续")
    REVOKED = "2", _("吊销，未注销")
    REVOKED_CLOSED = "3", _("吊销，已注销")
    DEREGISTERED = "4", _("注销")
    ANNULLED = "5", _("撤销")
    MOVED_OUT = "6", _("迁出")
    DORMANT = "7", _("歇业")
    TAKEN_BACK = "8", _("随文件撤回")
    OTHER = "9", _("其他")


LEFT_STATUSES = (
    Status.REVOKED_CLOSED,
    Status.DEREGISTERED,
    Status.ANNULLED,
    Status.MOVED_OUT,
    Status.TAKEN_BACK,
)
"""States in which an enterprise leaves the roster. Source: R19, 二(三); gap reading."""


REGISTERED_AS = [choice for choice in Status.choices if choice[0] != Status.TAKEN_BACK]
"""What a form or a file may say."""


REVOKED_STATUSES = (Status.REVOKED, Status.REVOKED_CLOSED)
"""States in which the business licence is revoked. Source: R37, 四(三)."""


class Monopoly(TextChoices):
    """Sectors of the provincial roster; the text ends with 等, so OTHER is open. Source: R13."""

    NONE = "", _("否")
    FINANCE = "finance", _("金融")
    ENERGY = "energy", _("能源")
    POWER = "power", _("电力")
    TOBACCO = "tobacco", _("烟草")
    SALT = "salt", _("食盐")
    TELECOM = "telecom", _("电信")
    TRANSPORT = "transport", _("交通")
    BANKING = "banking", _("银行")
    OTHER = "other", _("其他垄断性行业")


class Role(TextChoices):
    """What a person does in one agency; what follows stands in roles.py."""

    LEAD_CLERK = "lead_clerk", _("牵头部门经办人")
    LEAD_APPROVER = "lead_approver", _("牵头部门审核人")
    DEPARTMENT_CLERK = "department_clerk", _("监管部门经办人")
    DEPARTMENT_APPROVER = "department_approver", _("监管部门审核人")
    INSPECTION_SUPERVISOR = "inspection_supervisor", _("检查主管")
    INSPECTOR = "inspector", _("执法检查人员")
    READER = "reader", _("查询人员")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计管理员")
    REPRESENTATIVE = "representative", _("企业代表")


class Permission(TextChoices):
    """What may be asked of `scope.may`."""

    VIEW_ROSTER = "view_roster", _("查看企业名录")
    EDIT_ROSTER = "edit_roster", _("维护企业名录")
    VIEW_RECORDS = "view_records", _("查看失信信息")
    GIVE_RECORDS = "give_records", _("报送失信信息")
    CORRECT_RECORDS = "correct_records", _("更正失信信息")
    CONFIRM_CORRECTIONS = "confirm_corrections", _("复核更正")
    CONFIRM_CONSEQUENCES = "confirm_consequences", _("认定严重后果")
    VIEW_RATINGS = "view_ratings", _("查看评价结果")
    START_RUN = "start_run", _("发起评价")
    REVIEW_PART = "review_part", _("审核评价结果")
    PUBLISH_PART = "publish_part", _("发布评价结果")
    EDIT_SCHEME = "edit_scheme", _("编制评价标准")
    EDIT_KINDS = "edit_kinds", _("维护信息构成表")
    VIEW_REFERENCE = "view_reference", _("查看基础数据")
    MANAGE_REFERENCE = "manage_reference", _("维护基础数据")
    MANAGE_ACCOUNTS = "manage_accounts", _("维护账号与岗位")
    MANAGE_REPRESENTATIVES = "manage_representatives", _("维护企业代表")
    DECIDE_BINDINGS = "decide_bindings", _("核定企业代表申请")
    MANAGE_SYSTEM = "manage_system", _("系统运行维护")
    VIEW_AUDIT = "view_audit", _("查看审计记录")
    VIEW_CASES = "view_cases", _("查看异议与信用修复")
    HANDLE_CASES = "handle_cases", _("办理异议与信用修复")
    VERIFY_CASES = "verify_cases", _("核查异议信息")
    DECIDE_CASES = "decide_cases", _("决定异议与信用修复")
    OWN_ENTERPRISE = "own_enterprise", _("查看本企业信息")


class BindingState(TextChoices):
    """What became of a request to speak for an enterprise."""

    WAITING = "waiting", _("待核定")
    APPROVED = "approved", _("已同意")
    REFUSED = "refused", _("未同意")
    WITHDRAWN = "withdrawn", _("已撤回")


class BindingRefusal(TextChoices):
    """Why a request is refused; what is to be done follows from it."""

    DIFFERENT = "different", _("企业名称与统一社会信用代码不符")
    UNKNOWN = "unknown", _("查无此企业，或企业不在本省名录中")
    UNREADABLE = "unreadable", _("证明材料看不清或不完整")
    UNFIT = "unfit", _("证明材料不能证明申请人可以代表该企业")
    OTHER = "other", _("其他原因（见说明）")
