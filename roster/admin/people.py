"""Accounts and posts: the security administrators' tables."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.refusal import NotPermitted

from ..accounts import appoint, change_account, end_posting, open_account, set_password
from ..admin_scope import ScopedAdmin, ScopedTabularInline
from ..enums import Permission
from ..filters import PostingFilter, UserFilter
from ..forms import AccountForm, PasswordForm, PostingEndForm, PostingForm
from ..models import Posting, User
from ..resources import PostingResource, UserResource


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
    list_display = ("username", "full_name", "is_active", "date_joined", "last_login")
    search_fields = ("username", "full_name")
    search_help_text = gettext_lazy("账号或姓名")
    filterset_class = UserFilter
    export_resource = UserResource
    inlines = (PostingInline,)
    not_in_fingerprint = ("last_login", "password")

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = AccountForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("username", "full_name", "password")
        return ("username", "full_name", "is_active", "region", "date_joined", "last_login")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("username", "region", "date_joined", "last_login")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return () if obj is None else self.inlines

    def get_tools(self, request: HttpRequest) -> Any:
        return (self._password_tool, self._appoint_tool, *self.extra_tools)

    def _password_tool(self, request: HttpRequest, user: User) -> Any:
        if self.has_change_permission(request, user):
            return _("设置密码"), f"{self.change_url(user).removesuffix('change/')}password/"
        return None

    def _appoint_tool(self, request: HttpRequest, user: User) -> Any:
        posting_admin = self.admin_site.get_model_admin(Posting)
        if not posting_admin.has_add_permission(request) or not self.has_change_permission(
            request, user
        ):
            return None
        return _("任命岗位"), f"{posting_admin.page_url('add')}?user={user.pk}"

    def history_objects(self, request: HttpRequest, obj: Any) -> Any:
        """The account and those of its posts that are the reader's to see."""
        return [obj, *Posting.objects.filter(user=obj).visible_to(request.user)]

    def get_own_urls(self) -> list[Any]:
        return [self.own_path("<path:object_id>/password/", self.password_view, "password")]

    def password_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.found(request, object_id)
        if not self.has_change_permission(request, user):
            raise NotPermitted("roster.not_permitted")
        form = PasswordForm(request.POST or None, user=user)
        if request.method == "POST" and form.is_valid():
            set_password(by=request.user, user=user, password=form.cleaned_data["password"])
            self.message_user(request, _("已为 %s 设置新密码，其原有登录已失效。") % user)
            return HttpResponseRedirect(self.change_url(user))
        return self.page(
            request,
            "roster/form.html",
            obj=user,
            title=_("设置密码"),
            form=form,
            button=_("设置密码"),
            back=self.change_url(user),
        )

    def write(self, request: HttpRequest, *, form: Any, formsets: Any, change: bool) -> Any:
        given = form.cleaned_data
        if not change:
            return open_account(
                by=request.user,
                username=given["username"],
                full_name=given["full_name"],
                password=given["password"],
            )
        return change_account(
            by=request.user,
            user=form.instance,
            full_name=given["full_name"],
            is_active=given["is_active"],
        )


@admin.register(Posting)
class PostingAdmin(ScopedAdmin):
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

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"since": localdate(), **super().get_changeform_initial_data(request)}

    def get_tools(self, request: HttpRequest) -> Any:
        return (self._end_tool, *self.extra_tools)

    def _end_tool(self, request: HttpRequest, posting: Posting) -> Any:
        if posting.until is None or posting.until > localdate():
            return _("结束任职"), f"{self.change_url(posting).removesuffix('change/')}end/"
        return None

    def get_own_urls(self) -> list[Any]:
        return [self.own_path("<path:object_id>/end/", self.end_view, "end")]

    def end_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        posting = self.found(request, object_id)
        form = PostingEndForm(request.POST or None, initial={"until": localdate()})
        if request.method == "POST" and form.is_valid():
            end_posting(by=request.user, posting=posting, until=form.cleaned_data["until"])
            self.message_user(
                request, _("%(post)s 的任职自 %(day)s 起结束。")
                % {"post": posting, "day": form.cleaned_data["until"]},
            )  # fmt: skip
            return HttpResponseRedirect(self.change_url(posting))
        return self.page(
            request,
            "roster/form.html",
            obj=posting,
            title=_("结束任职"),
            form=form,
            button=_("结束任职"),
            back=self.change_url(posting),
        )

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
