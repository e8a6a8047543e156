"""Who, where, and which enterprises: regions, agencies, people and posts, enterprises, rosters."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from audit.actors import OPERATING_PREFIX, SYSTEM
from audit.kept import Kept
from audit.models import SEPARATOR
from intake.models import StoredFile
from intake.sources import batches_of

from .days import ever, in_effect
from .enums import (
    REVOKED_STATUSES,
    Affiliation,
    AgencyKind,
    BindingRefusal,
    BindingState,
    Level,
    Monopoly,
    Permission,
    Role,
    Status,
)
from .posts import Post, listed, unit_for
from .queries import (
    BindingQuerySet,
    DatedQuerySet,
    EnterpriseQuerySet,
    PostingQuerySet,
    ReferenceQuerySet,
    RegistrationQuerySet,
    RepresentativeQuerySet,
    RosterEntryQuerySet,
    UserQuerySet,
)
from .rules.placing import PROVINCE


class Region(models.Model):
    """A division or administrative area that keeps a roster. The code never tells the parent."""

    code = models.CharField(_("区划代码"), max_length=12, primary_key=True)
    name = models.CharField(_("名称"), max_length=60)
    level = models.CharField(_("层级"), max_length=10, choices=Level.choices)
    kind = models.CharField(_("类别"), max_length=10, help_text=_("市辖区、县级市、县、自治县等"))
    full_name = models.CharField(_("全称"), max_length=120, help_text=_("如“石家庄市长安区”"))
    since = models.DateField(_("启用日期"), null=True, blank=True)
    until = models.DateField(_("停用日期"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("行政区划")
        verbose_name_plural = _("行政区划")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(since__isnull=True) | Q(until__gt=F("since")),
                name="region_until_after_since",
                violation_error_message=_("停用日期须晚于启用日期。"),
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.name

    def stated(self) -> object:
        return [self.name, self.level, self.kind, self.full_name, self.since, self.until]

    def held_by(self, post: Post, permission: str) -> bool:
        """A unit acts for its own roster; runs may also be started for the rosters below."""
        if permission in (Permission.EDIT_ROSTER, Permission.REVIEW_PART, Permission.PUBLISH_PART):
            return post.is_lead and post.region == self.pk
        if permission == Permission.MANAGE_REFERENCE:
            return True
        return self.pk in post.subtree


class Reporting(models.Model):
    """To which region a region reports, and from when. 定州 and 辛集 report to the province."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("区划"))
    superior = models.ForeignKey(
        Region, models.PROTECT, related_name="+", verbose_name=_("上级区划")
    )
    since = models.DateField(_("自"), null=True, blank=True)
    until = models.DateField(_("至"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("报送关系")
        verbose_name_plural = _("报送关系")
        constraints = [
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(until__isnull=True),
                name="one_open_superior_per_region",
                violation_error_message=_("该区划已有现行上级，请先填写其截止日期。"),
            ),
            models.CheckConstraint(
                condition=~Q(region=F("superior")),
                name="region_not_its_own_superior",
                violation_error_message=_("区划不能以自身为上级。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} → {self.superior}"

    def stated(self) -> object:
        return [self.region_id, self.superior_id, self.since, self.until]


class Industry(models.Model):
    """GB/T 4754-2017: 20 sections, 97 divisions."""

    code = models.CharField(_("代码"), max_length=4, primary_key=True)
    name = models.CharField(_("名称"), max_length=60)
    section = models.CharField(_("门类"), max_length=1, db_index=True)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("国民经济行业")
        verbose_name_plural = _("国民经济行业")
        ordering = ["section", "code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Agency(models.Model):
    """A lead agency or supervising department of one region."""

    code = models.CharField(
        _("机构代码"), max_length=30, unique=True, help_text=_("本系统内的机构代码，不随更名改变")
    )
    name = models.CharField(_("机构名称"), max_length=120, unique=True)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("所属区划"))
    kind = models.CharField(_("类别"), max_length=12, choices=AgencyKind.choices)
    field = models.CharField(_("监管领域"), max_length=40, blank=True)
    since = models.DateField(_("启用日期"), null=True, blank=True)
    until = models.DateField(_("停用日期"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("机构")
        verbose_name_plural = _("机构")
        ordering = ["region_id", "kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(kind=AgencyKind.LEAD, until__isnull=True),
                name="one_lead_agency_per_region",
                violation_error_message=_("该区划已有现行牵头部门。"),
            )
        ]

    def __str__(self) -> str:
        return self.name

    stated_with = ("other_names",)

    def stated(self) -> object:
        """With its other names."""
        return [
            self.code, self.name, self.region_id, self.kind, self.field, self.since, self.until,
            sorted(other.name for other in self.other_names.all()),
        ]  # fmt: skip

    def held_by(self, post: Post, permission: str) -> bool:
        """People are posted here by the security administrators of this region or above."""
        if permission == Permission.MANAGE_ACCOUNTS:
            return self.region_id in post.subtree or post.region == PROVINCE
        return True


class AgencyName(models.Model):
    """Another or a former name under which files mention an agency."""

    agency = models.ForeignKey(
        Agency, models.CASCADE, related_name="other_names", verbose_name=_("机构")
    )
    name = models.CharField(_("其他名称"), max_length=120, unique=True)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("机构其他名称")
        verbose_name_plural = _("机构其他名称")

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, username: str, password: str | None = None, **fields) -> User:
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str) -> User:
        return self.get(username=username)


class User(AbstractBaseUser):
    """A person with an account. What the person may do stands in the postings alone."""

    username = models.CharField(
        _("账号"), max_length=60, unique=True, error_messages={"unique": _("该账号已存在。")}
    )
    full_name = models.CharField(_("姓名"), max_length=60, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    date_joined = models.DateTimeField(_("建立时间"), auto_now_add=True)
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("开设地区"),
        help_text=_("任命岗位之前，由这个地区的安全管理员管理；空白由省级管理"),
    )

    email = models.EmailField(_("电子邮箱"), blank=True)
    self_registered = models.BooleanField(
        _("自行注册"),
        default=False,
        editable=False,
        help_text=_("由企业方面的人员自己注册，没有岗位也可以登录，申请代表企业"),
    )
    sessions_ended_at = models.DateTimeField(
        _("此前的登录均已失效"), null=True, blank=True, editable=False
    )

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(username__istartswith=OPERATING_PREFIX) & ~Q(username__iexact=SYSTEM),
                name="username_not_reserved",
                violation_error_message=_(
                    "“system”和以“os:”开头的账号名留给系统和服务器上的操作系统账号。请换一个账号名。"
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.full_name}（{self.username}）" if self.full_name else self.username

    def stated(self) -> object:
        """Without the password, which Django itself writes anew when its way of hashing changes."""
        said = [
            self.username, self.full_name, self.is_active, self.region_id, self.sessions_ended_at,
        ]  # fmt: skip
        own = [self.self_registered, self.email]
        return [*said, *own] if any(own) else said

    def held_by(self, post: Post, permission: str) -> bool:
        """An account is looked after by who looks after every region the person belongs to.

        Otherwise a county's administrator could set the password of a provincial officer, of
        somebody another county is about to post, or of an enterprise's representative, whom the
        province looks after.
        """
        if permission != Permission.MANAGE_ACCOUNTS or post.region == PROVINCE:
            return True
        return self.home_regions() <= post.subtree

    def home_regions(self) -> frozenset[str | None]:
        """Regions that look after the account; before anything is given to it, the one that
        opened it (None: at the province).
        """
        given = self.deciding()
        return frozenset(row.home for row in given) if given else frozenset({self.region_id})

    def deciding(self) -> list[Posting | Representative]:
        """What says to whom the account belongs: the posts that are open or still to begin; none
        left, the representations that are; once all have ended, what ended last.
        """
        posts: list[Posting | Representative] = list(
            self.postings.filter(ever()).select_related("agency")
        )
        spoken: list[Posting | Representative] = list(self.representations.filter(ever()))
        today = localdate()
        for rows in (posts, spoken):
            if going_on := [row for row in rows if row.until is None or row.until > today]:
                return going_on
        ended = [*posts, *spoken]
        last = max((row.until or today for row in ended), default=today)
        return [row for row in ended if row.until == last]

    def get_short_name(self) -> str:
        return self.full_name or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session was opened with: password, posts, enterprises spoken for. It ends, in
        every browser, at the first request after one of them has changed.

        Django's public method and the one for retired keys both ask here.
        """
        speaks_for = self.representations.filter(in_effect(localdate()))
        held = [f"{post.role} {post.agency}" for post in self.posts()] or [
            str(pk) for pk in speaks_for.order_by("pk").values_list("pk", flat=True)
        ]
        text = "\n".join([self.password, str(self.sessions_ended_at), *held])
        return salted_hmac("roster.models.User", text, secret=secret).hexdigest()

    # Django's admin asks these; the answers come from postings, never from stored flags.
    is_superuser = False

    @property
    def is_staff(self) -> bool:
        return any(post.role != Role.REPRESENTATIVE for post in self.posts())

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff

    def posts(self) -> tuple[Post, ...]:
        """The posts held today; read once per loaded user object, that is once per request."""
        if not hasattr(self, "_posts"):
            self._posts = Post.held(self, on=localdate())
        return self._posts

    @property
    def audit_agency(self) -> str:
        return SEPARATOR.join(dict.fromkeys(post.agency_name for post in self.posts()))

    @property
    def audit_units(self) -> str:
        return listed([post.agency_code for post in self.posts()])

    @property
    def audit_region(self) -> str:
        return SEPARATOR.join(dict.fromkeys(post.region for post in self.posts()))


class Posting(models.Model):
    """A person holds one role in one agency from a day until before another day."""

    user = models.ForeignKey(User, models.PROTECT, related_name="postings", verbose_name=_("账号"))
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="postings", verbose_name=_("机构")
    )
    role = models.CharField(
        _("岗位"),
        max_length=24,
        choices=[choice for choice in Role.choices if choice[0] != Role.REPRESENTATIVE],
    )
    since = models.DateField(_("任职日期"))
    until = models.DateField(_("免职日期"), null=True, blank=True, help_text=_("当日起不再任职"))

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("岗位任职")
        verbose_name_plural = _("岗位任职")
        ordering = ["user_id", "-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "agency", "role"],
                condition=Q(until__isnull=True),
                name="one_open_posting_per_role",
                violation_error_message=_("此人已在该机构任同一岗位。"),
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="posting_until_not_before_since",
                violation_error_message=_("免职日期不能早于任职日期。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.agency} · {self.get_role_display()}"

    def stated(self) -> object:
        return [self.user_id, self.agency_id, self.role, self.since, self.until]

    @property
    def home(self) -> str:
        """The region that looks after an account with this post."""
        return self.agency.region_id

    def held_by(self, post: Post, permission: str) -> bool:
        return self.agency.held_by(post, permission)


class RegistrationFacts(models.Model):
    """What registration says about an enterprise. Source: R21, 三(一)."""

    name = models.CharField(_("企业名称"), max_length=200)
    name_key = models.TextField(
        _("名称检索键"), editable=False, help_text=_("现名和曾用名，不计括号全半角、空格和大小写")
    )
    former_names = models.TextField(_("曾用名"), blank=True, help_text=_("每行一个"))
    registration_number = models.CharField(
        _("原工商注册号"), max_length=15, blank=True, help_text=_("15位，旧处罚数据中使用")
    )
    legal_representative = models.CharField(_("法定代表人"), max_length=60, blank=True)
    address = models.CharField(_("登记注册地址"), max_length=300, blank=True)
    # Three million rows: no index that another one begins with, no check per row (the services
    # write keys they have read).
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
        verbose_name=_("注册地"),
    )
    industry = models.ForeignKey(
        Industry,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
        verbose_name=_("行业"),
    )
    affiliation = models.CharField(
        _("隶属关系"), max_length=12, choices=Affiliation.choices, default=Affiliation.OTHER
    )
    monopoly = models.CharField(
        _("垄断性行业"), max_length=12, choices=Monopoly.choices, blank=True, default=Monopoly.NONE
    )
    status = models.CharField(
        _("登记状态"), max_length=1, choices=Status.choices, default=Status.OPEN
    )
    status_on = models.DateField(_("状态日期"), null=True, blank=True)
    established_on = models.DateField(_("成立日期"), null=True, blank=True)

    class Meta:
        abstract = True


class Enterprise(RegistrationFacts):
    """One enterprise as registration has it today; every version stands in `Registration`.

    The unified code is the identity, the name never is. `keeper` is the region whose roster
    holds the enterprise today; it follows from `RosterEntry` and is kept here for lists.
    """

    code = models.CharField(_("统一社会信用代码"), max_length=18, primary_key=True)
    keeper = models.ForeignKey(
        Region,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
        verbose_name=_("所在名录"),
    )
    version = models.PositiveIntegerField(_("版本"), default=1)

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        verbose_name = _("企业")
        verbose_name_plural = _("企业")
        ordering = ["code"]
        indexes = [
            models.Index(fields=["keeper", "code"], name="enterprise_keeper_code"),
            models.Index(fields=["region", "code"], name="enterprise_region_code"),
            models.Index(fields=["industry"], name="enterprise_industry"),
            models.Index(
                fields=["registration_number"],
                name="enterprise_regno",
                condition=~Q(registration_number=""),
            ),
            # Few rows each, so that a filter for them needs not read three million.
            models.Index(
                fields=["status", "code"],
                name="enterprise_unusual_status",
                condition=~Q(status=Status.OPEN),
            ),
            models.Index(
                fields=["affiliation", "code"],
                name="enterprise_state_owned",
                condition=~Q(affiliation=Affiliation.OTHER),
            ),
            models.Index(
                fields=["monopoly", "code"],
                name="enterprise_monopoly",
                condition=~Q(monopoly=Monopoly.NONE),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"

    def audit_trail(self) -> list[tuple[str, int]]:
        """The files this enterprise came in or was changed by: events name them, not it."""
        sources = self.registrations.values_list("source", flat=True)
        return [("intake.batch", number) for number in batches_of(sources)]

    def held_by(self, post: Post, permission: str) -> bool:
        """The unit that keeps the enterprise edits it; units above and the department see it."""
        home = self.keeper_id or unit_for(self.region_id, on=localdate())
        if permission in (Permission.EDIT_ROSTER, Permission.CONFIRM_CORRECTIONS):
            return post.is_lead and home == post.region
        if post.is_lead:
            return home in post.subtree
        return self.region_id in post.subtree


class Registration(RegistrationFacts):
    """What registration said, from `since` to before `until`, and when we knew it.

    News ends the former version: it is retracted and added again with `until`.
    """

    enterprise = models.ForeignKey(
        Enterprise,
        models.PROTECT,
        related_name="registrations",
        db_index=False,
        db_constraint=False,
        verbose_name=_("企业"),
    )
    since = models.DateField(_("自何日起"), null=True, blank=True)
    until = models.DateField(_("至何日前"), null=True, blank=True)
    source = models.CharField(_("来源"), max_length=120)
    recorded_by = models.CharField(_("登记人"), max_length=60)
    recorded_at = models.DateTimeField(_("入库时间"))
    retracted_at = models.DateTimeField(_("失效时间"), null=True, blank=True)
    retract_reason = models.CharField(_("失效原因"), max_length=200, blank=True)

    objects = RegistrationQuerySet.as_manager()
    kept = Kept(
        columns=(
            "enterprise_id", "name", "name_key", "former_names", "registration_number",
            "legal_representative", "address", "region_id", "industry_id", "affiliation",
            "monopoly", "status", "status_on", "established_on", "since", "until", "source",
            "recorded_by",
        ),
        retraction=("retract_reason",),
    )  # fmt: skip

    class Meta:
        verbose_name = _("登记信息历次版本")
        verbose_name_plural = _("登记信息历次版本")
        ordering = ["enterprise_id", "-recorded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise"],
                condition=Q(retracted_at__isnull=True, until__isnull=True),
                name="one_live_registration",
                violation_error_message=_("一家企业同时只能有一个现行的登记信息版本。"),
            )
        ]
        indexes = [
            models.Index(fields=["enterprise", "recorded_at"], name="registration_history"),
            models.Index(
                fields=["enterprise"],
                name="registration_revoked",
                condition=Q(status__in=REVOKED_STATUSES),
            ),
            models.Index(
                fields=["retracted_at"],
                name="registration_unrevoked",
                condition=Q(status__in=REVOKED_STATUSES, retracted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.recorded_at:%Y-%m-%d %H:%M}"


class RosterEntry(models.Model):
    """An enterprise on one roster, why, and from when to before when. Source: R12–R16, R19.

    A stay that ends is retracted and added again with `left_on`; nothing is overwritten.
    """

    enterprise = models.ForeignKey(
        Enterprise,
        models.PROTECT,
        related_name="entries",
        db_index=False,
        db_constraint=False,
        verbose_name=_("企业"),
    )
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("名录所属地"),
    )
    level = models.CharField(_("名录层级"), max_length=10, choices=Level.choices)
    rule = models.CharField(_("列入依据"), max_length=20)
    reason = models.CharField(_("列入说明"), max_length=200, blank=True)
    override = models.BooleanField(_("人工指定"), default=False)
    joined_on = models.DateField(_("列入日期"), null=True, blank=True)
    left_on = models.DateField(_("移出日期"), null=True, blank=True)
    leave_reason = models.CharField(_("移出原因"), max_length=200, blank=True)
    recorded_by = models.CharField(_("登记人"), max_length=60)
    recorded_at = models.DateTimeField(_("入库时间"))
    retracted_at = models.DateTimeField(_("失效时间"), null=True, blank=True)

    objects = RosterEntryQuerySet.as_manager()
    kept = Kept(
        columns=(
            "enterprise_id", "region_id", "level", "rule", "reason", "override", "joined_on",
            "left_on", "leave_reason", "recorded_by",
        )
    )  # fmt: skip

    class Meta:
        verbose_name = _("名录条目")
        verbose_name_plural = _("名录条目")
        ordering = ["region_id", "enterprise_id", "-recorded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise"],
                condition=Q(retracted_at__isnull=True, left_on__isnull=True),
                name="one_roster_at_a_time",
                violation_error_message=_("一家企业同一时间只能在一个名录中。"),
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | ~Q(leave_reason=""),
                name="leaving_has_a_reason",
                violation_error_message=_("移出名录须写明原因。"),
            ),
            models.CheckConstraint(
                condition=Q(override=False) | ~Q(reason=""),
                name="override_has_a_reason",
                violation_error_message=_("人工指定名录须写明理由。"),
            ),
        ]
        indexes = [
            models.Index(fields=["region", "enterprise"], name="entry_region_enterprise"),
            models.Index(fields=["enterprise", "recorded_at"], name="entry_history"),
            models.Index(
                fields=["region", "id"],
                name="entry_unusual",
                condition=Q(left_on__isnull=False)
                | Q(retracted_at__isnull=False)
                | Q(override=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} · {self.region_id}"


class Representative(models.Model):
    """A person speaks for an enterprise from a day until before another day."""

    user = models.ForeignKey(
        User, models.PROTECT, related_name="representations", verbose_name=_("账号")
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="representatives", verbose_name=_("企业")
    )
    since = models.DateField(_("起始日期"))
    until = models.DateField(
        _("终止日期"), null=True, blank=True, help_text=_("当日起不再代表该企业")
    )

    objects = RepresentativeQuerySet.as_manager()

    class Meta:
        verbose_name = _("企业代表")
        verbose_name_plural = _("企业代表")
        ordering = ["user_id", "-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "enterprise"],
                condition=Q(until__isnull=True),
                name="one_open_representation",
                violation_error_message=_("此人已是该企业的代表。"),
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="representative_until_not_before_since",
                violation_error_message=_("终止日期不能早于起始日期。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.enterprise_id}"

    def stated(self) -> object:
        return [self.user_id, self.enterprise_id, self.since, self.until]

    @property
    def home(self) -> str:
        """The region that looks after a representative's account: always the province."""
        return PROVINCE


class Binding(models.Model):
    """A person's request to speak for an enterprise, and what the unit that keeps it decided.

    code and name are what the person says; nothing shows the person whether there is such an
    enterprise. Source: R32 (企业自查), R64.
    """

    user = models.ForeignKey(
        User, models.PROTECT, related_name="bindings", verbose_name=_("申请人")
    )
    code = models.CharField(_("统一社会信用代码"), max_length=18)
    name = models.CharField(_("企业名称"), max_length=200)
    phone = models.CharField(_("联系电话"), max_length=30, blank=True)
    proof = models.ForeignKey(
        StoredFile, models.PROTECT, related_name="+", verbose_name=_("证明材料")
    )
    state = models.CharField(
        _("状态"), max_length=10, choices=BindingState.choices, default=BindingState.WAITING
    )
    asked_at = models.DateTimeField(_("申请时间"))
    due_on = models.DateField(_("应办结日期"), null=True, blank=True)
    decided_by = models.CharField(_("办理人"), max_length=60, blank=True)
    decided_at = models.DateTimeField(_("办理时间"), null=True, blank=True)
    refusal = models.CharField(
        _("未同意的原因"), max_length=12, choices=BindingRefusal.choices, blank=True
    )
    reason = models.CharField(_("说明"), max_length=200, blank=True)
    representative = models.OneToOneField(
        Representative,
        models.PROTECT,
        related_name="binding",
        null=True,
        blank=True,
        verbose_name=_("代表资格"),
    )

    objects = BindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("企业代表申请")
        verbose_name_plural = _("企业代表申请")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "code"],
                condition=Q(state=BindingState.WAITING),
                name="one_waiting_binding",
                violation_error_message=_("您已申请代表该企业，请等候核定。"),
            ),
            models.CheckConstraint(
                condition=Q(state=BindingState.WAITING, decided_at__isnull=True, decided_by="")
                | (
                    ~Q(state=BindingState.WAITING) & Q(decided_at__isnull=False) & ~Q(decided_by="")
                ),
                name="binding_decided_as_a_whole",
                violation_error_message=_("办理人、办理时间须与状态同时记录。"),
            ),
            models.CheckConstraint(
                condition=Q(state=BindingState.REFUSED) ^ Q(refusal=""),
                name="refused_binding_has_its_reason",
                violation_error_message=_("未同意的申请须写明原因。"),
            ),
            models.CheckConstraint(
                condition=Q(state=BindingState.APPROVED) ^ Q(representative__isnull=True),
                name="approved_binding_has_its_representative",
                violation_error_message=_("已同意的申请须有代表资格。"),
            ),
        ]
        indexes = [
            models.Index(fields=["code"], name="binding_code"),
            models.Index(
                fields=["due_on"],
                name="binding_waiting",
                condition=Q(state=BindingState.WAITING),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"

    def stated(self) -> object:
        return [
            self.user_id, self.code, self.name, self.phone, self.proof_id, self.state,
            self.asked_at, self.due_on, self.decided_by, self.decided_at, self.refusal, self.reason,
            self.representative_id,
        ]  # fmt: skip

    @property
    def is_waiting(self) -> bool:
        return self.state == BindingState.WAITING

    @property
    def unit(self) -> str:
        """The region whose unit decides today; it goes with the enterprise."""
        keepers = Enterprise.objects.filter(pk=self.code).values_list("keeper_id", flat=True)
        return keepers.first() or PROVINCE

    def held_by(self, post: Post, permission: str) -> bool:
        return post.is_lead and post.region == self.unit
