"""Accounts, posts and representatives: the security administrators' tables."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.refusal import NotPermitted

from ..accounts import (
    appoint,
    change_account,
    end_posting,
    end_representation,
    open_account,
    represent,
    set_password,
)
from ..admin_scope import ScopedAdmin, ScopedTabularInline, fingerprint, refusal_shown
from ..enums import Permission
from ..filters import PostingFilter, RepresentativeFilter, UserFilter
from ..forms import (
    AccountForm,
    PasswordForm,
    PostingEndForm,
    PostingForm,
    RepresentationEndForm,
    RepresentativeForm,
)
from ..models import Posting, Representative, User
from ..resources import PostingResource, RepresentativeResource, UserResource
from ..scope import regions_of, visible
from ..second_factor import has_second_factor, reset_second_factor


class PostingInline(ScopedTabularInline):
    model = Posting
    view_permission = Permission.MANAGE_ACCOUNTS
    fields = ("agency", "role", "since", "until")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("agency")


@admin.register(User)
class UserAdmin(ScopedAdmin):
    view_permission = Permission.MANAGE_ACCOUNTS
    add_permission = Permission.MANAGE_ACCOUNTS
    change_permission = Permission.MANAGE_ACCOUNTS
    list_display = ("username", "full_name", "is_active", "date_joined")
    search_fields = ("username", "full_name")
    search_help_text = gettext_lazy("账号或姓名")
    filterset_class = UserFilter
    export_resource = UserResource
    inlines = (PostingInline,)
    not_in_fingerprint = ("last_login", "password", "sessions_ended_at")
    """What the owner can change at will: nobody thereby keeps the account from being switched off."""

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = AccountForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("username", "full_name", "email", "password")
        own = ("last_login",) if self.has_change_permission(request, obj) else ()
        return ("username", "full_name", "email", "is_active", "region", "date_joined", *own)

    def get_list_display(self, request: HttpRequest) -> Any:
        """When somebody last signed in is for who looks after the account, as in its history. The
        list also names who was posted here once: there it is for the province, which looks after
        all.
        """
        everybody = regions_of(request.user, Permission.MANAGE_ACCOUNTS) is None  # type: ignore[arg-type]
        return (*self.list_display, "last_login") if everybody else self.list_display

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("username", "region", "date_joined", "last_login")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return () if obj is None else self.inlines

    def get_tools(self, request: HttpRequest) -> Any:
        return (
            self._password_tool, self._second_factor_tool, self._appoint_tool,
            self._represent_tool, *self.extra_tools,
        )  # fmt: skip

    def _password_tool(self, request: HttpRequest, user: User) -> Any:
        if self.has_change_permission(request, user):
            return _("设置密码"), f"{self.change_url(user).removesuffix('change/')}password/"
        return None

    def _second_factor_tool(self, request: HttpRequest, user: User) -> Any:
        if self.has_change_permission(request, user) and has_second_factor(user):
            return _(
                "重置两步验证"
            ), f"{self.change_url(user).removesuffix('change/')}second-factor/"
        return None

    def _appoint_tool(self, request: HttpRequest, user: User) -> Any:
        return self._add_tool(request, user, Posting, _("任命岗位"))

    def _represent_tool(self, request: HttpRequest, user: User) -> Any:
        return self._add_tool(request, user, Representative, _("设为企业代表"))

    def _add_tool(self, request: HttpRequest, user: User, model: type[Model], title: str) -> Any:
        """A link to the page that adds a row about an account one looks after."""
        found: Any = self.admin_site.get_model_admin(model)
        if not found.has_add_permission(request) or not self.has_change_permission(request, user):
            return None
        return title, f"{found.page_url('add')}?user={user.pk}"

    def history_objects(self, request: HttpRequest, obj: Any) -> Any:
        """The account, and what of its posts and representations is the reader's to see."""
        beside = (obj.postings.all(), obj.representations.all())
        return [obj, *(row for rows in beside for row in visible(rows, request.user))]

    def history_events(self, request: HttpRequest, obj: Any, objects: Any) -> Any:
        """What a person does with the account, signing in above all, is for who looks after it:
        it is also read where the person was posted once, or is posted as well.
        """
        events = super().history_events(request, obj, objects)
        looks_after = self.has_change_permission(request, obj)
        return events if looks_after else events.exclude(actor=obj.username)

    def get_own_urls(self) -> list[Any]:
        return [
            self.own_path("<path:object_id>/password/", self.password_view, "password"),
            self.own_path(
                "<path:object_id>/second-factor/", self.second_factor_view, "second_factor"
            ),
        ]

    def secrets_state(self, user: User) -> str:
        """What the pages of the password and the second step are read at: what they change as well,
        whoever changes it."""
        return fingerprint(user, without=("last_login",))

    def password_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.found(request, object_id)
        if not self.has_change_permission(request, user):
            raise NotPermitted("roster.not_permitted")
        form = PasswordForm(request.POST or None, user=user)
        status = 200
        if request.method == "POST" and form.is_valid():
            with refusal_shown(request, target=user, form=form):
                with self.as_read(request, user, state=self.secrets_state):
                    set_password(by=request.user, user=user, password=form.cleaned_data["password"])
                self.message_user(request, _("已为 %s 设置新密码，其原有登录已失效。") % user)
                return HttpResponseRedirect(self.change_url(user))
            status = 409
        return self.page(
            request,
            "roster/form.html",
            obj=user,
            status=status,
            title=_("设置密码"),
            form=form,
            button=_("设置密码"),
            back=self.change_url(user),
            seen=self.seen(request, user, state=self.secrets_state),
        )

    def second_factor_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.found(request, object_id)
        if not self.has_change_permission(request, user):
            raise NotPermitted("roster.not_permitted")
        if request.method == "POST":
            with self.as_read(request, user, state=self.secrets_state):
                reset_second_factor(by=request.user, user=user)
            self.message_user(request, _("已重置 %s 的两步验证，其原有登录已失效。") % user)
            return HttpResponseRedirect(self.change_url(user))
        return self.page(
            request,
            "roster/second_factor.html",
            obj=user,
            title=_("重置两步验证"),
            form=Form(),
            button=_("重置两步验证"),
            back=self.change_url(user),
            seen=self.seen(request, user, state=self.secrets_state),
        )

    def write(self, request: HttpRequest, *, form: Any, formsets: Any, change: bool) -> Any:
        given = form.cleaned_data
        if not change:
            return open_account(
                by=request.user,
                username=given["username"],
                full_name=given["full_name"],
                password=given["password"],
                email=given["email"],
            )
        return change_account(
            by=request.user,
            user=form.instance,
            full_name=given["full_name"],
            is_active=given["is_active"],
            email=given["email"],
        )


class EndingAdmin(ScopedAdmin):
    """What holds from a day on, and can be ended."""

    end_title: ClassVar[Any]
    end_form: ClassVar[type[Form]]
    ended: ClassVar[Any]
    """What is said afterwards, with the row and the day."""

    def end(self, *, by: Any, row: Any, until: dt.date) -> None:
        raise NotImplementedError

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"since": localdate(), **super().get_changeform_initial_data(request)}

    def get_tools(self, request: HttpRequest) -> Any:
        return (self._end_tool, *self.extra_tools)

    def _end_tool(self, request: HttpRequest, row: Any) -> Any:
        if row.until is None or row.until > localdate():
            return self.end_title, f"{self.change_url(row).removesuffix('change/')}end/"
        return None

    def get_own_urls(self) -> list[Any]:
        return [self.own_path("<path:object_id>/end/", self.end_view, "end")]

    def end_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.found(request, object_id)
        form = self.end_form(request.POST or None, initial={"until": localdate()})
        status = 200
        if request.method == "POST" and form.is_valid():
            until = form.cleaned_data["until"]
            with refusal_shown(request, target=row, form=form):
                with self.as_read(request, row):
                    self.end(by=request.user, row=row, until=until)
                self.message_user(request, self.ended % {"post": row, "day": until})
                return HttpResponseRedirect(self.change_url(row))
            status = 409
        return self.page(
            request,
            "roster/form.html",
            obj=row,
            status=status,
            title=self.end_title,
            form=form,
            button=self.end_title,
            back=self.change_url(row),
            seen=self.seen(request, row),
        )


@admin.register(Posting)
class PostingAdmin(EndingAdmin):
    form = PostingForm
    view_permission = Permission.MANAGE_ACCOUNTS
    add_permission = Permission.MANAGE_ACCOUNTS
    list_display = ("user", "agency", "role", "since", "until")
    list_select_related = ("user", "agency")
    search_fields = ("user__username", "user__full_name", "agency__name")
    search_help_text = gettext_lazy("账号、姓名或机构")
    filterset_class = PostingFilter
    export_resource = PostingResource
    fields = ("user", "agency", "role", "since", "until")
    autocomplete_fields = ("user", "agency")
    ordering = ("-since", "-pk")
    end_title = gettext_lazy("结束任职")
    end_form = PostingEndForm
    ended = gettext_lazy("%(post)s 的任职自 %(day)s 起结束。")

    def end(self, *, by: Any, row: Any, until: dt.date) -> None:
        end_posting(by=by, posting=row, until=until)

    def write(self, request: HttpRequest, *, form: Any, formsets: Any, change: bool) -> Any:
        given = form.cleaned_data
        return appoint(
            by=request.user,
            user=given["user"],
            agency=given["agency"],
            role=given["role"],
            since=given["since"],
            until=given["until"],
        )


@admin.register(Representative)
class RepresentativeAdmin(EndingAdmin):
    view_permission = Permission.MANAGE_REPRESENTATIVES
    add_permission = Permission.MANAGE_REPRESENTATIVES
    list_display = ("user", "code", "since", "until")
    list_select_related = ("user",)
    sortable_by = ("user", "since", "until")
    search_fields = ("user__username", "user__full_name", "enterprise__code")
    search_help_text = gettext_lazy("账号、姓名或统一社会信用代码")
    filterset_class = RepresentativeFilter
    export_resource = RepresentativeResource
    autocomplete_fields = ("user",)
    ordering = ("-since", "-pk")
    fields = ("user", "code", "since", "until")
    end_title = gettext_lazy("终止代表资格")
    end_form = RepresentationEndForm
    ended = gettext_lazy("%(post)s 的代表资格自 %(day)s 起终止。")

    def end(self, *, by: Any, row: Any, until: dt.date) -> None:
        end_representation(by=by, representative=row, until=until)

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = RepresentativeForm
        return super().get_form(request, obj, change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("code",)

    @admin.display(description=gettext_lazy("统一社会信用代码"))
    def code(self, row: Representative) -> str:
        return row.enterprise_id

    def write(self, request: HttpRequest, *, form: Any, formsets: Any, change: bool) -> Any:
        given = form.cleaned_data
        return represent(
            by=request.user,
            user=given["user"],
            code=given["code"],
            since=given["since"],
            until=given["until"],
        )
