"""撤回文件: a file already taken in is asked back, weighed, and agreed to by a second person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from audit.refusal import NotPermitted
from intake import layouts, taking_back
from intake.enums import TAKING_BACK, BatchState, TakeBackState
from intake.layouts import Undone
from intake.models import Batch, TakeBack

from ..admin_scope import ScopedAdmin, refusal_shown
from ..forms import ReasonForm, TakeBackForm
from ..models import User

ROWS_ON_A_PAGE = 50


class TakesBack(ScopedAdmin):
    """The part of the admin of files that takes them back."""

    def get_own_urls(self) -> list[Any]:
        return [
            self.own_path("<path:object_id>/ask-back/", self.ask_back_view, "ask_back"),
            self.own_path("<path:object_id>/decide-back/", self.decide_back_view, "decide_back"),
        ]

    def as_it_now_is(self, request: HttpRequest, batch: Batch, refusal: str) -> HttpResponse:
        raise NotImplementedError

    def ask_back_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say why a file is to be taken back; a worker then finds out what that does."""
        batch = self.found(request, object_id)
        if not may_ask(request.user, batch):
            raise NotPermitted("intake.not_permitted")
        form = ReasonForm(request.POST or None)
        status = 200
        if request.method == "POST" and form.is_valid():
            with refusal_shown(request, target=batch, form=form, act="intake.take_back_asked"):
                taking_back.ask(
                    by=request.user, batch_id=batch.pk, reason=form.cleaned_data["reason"]
                )
                messages.success(request, _("已申请撤回。推算出影响后，由另一人复核。"))
                return HttpResponseRedirect(self.change_url(batch))
            status = 409
        return self.page(
            request, "intake/ask_back.html", obj=batch, title=_("申请撤回"), form=form,
            status=status, batch=batch, written=batch.added + batch.changed,
        )  # fmt: skip

    def decide_back_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Agree, refuse, or drop one's own request."""
        batch = self.found(request, object_id)
        form = TakeBackForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return HttpResponseRedirect(self.change_url(batch))
        said = form.cleaned_data
        with refusal_shown(request, target=batch, act="intake.take_back_decided") as answer:
            taking_back.decide(
                by=request.user, batch_id=batch.pk, agree=form.agrees, reason=said["reason"],
                digest=said["digest"],
            )  # fmt: skip
            done = (
                _("已同意撤回。完成后这里显示结果。") if form.agrees else _("已办理，文件不撤回。")
            )
            messages.success(request, done)
            return HttpResponseRedirect(self.change_url(batch))
        return self.as_it_now_is(request, batch, answer.text)

    def take_back_state(self, request: HttpRequest, batch: Batch) -> dict[str, Any]:
        """What the page of a file shows of its being taken back."""
        asked = batch.take_backs.first()
        shown: dict[str, Any] = {
            "taking_back": batch.state in TAKING_BACK,
            "may_ask_back": batch.state == BatchState.MERGED and may_ask(request.user, batch),
            "asked": asked,
        }
        if asked is None:
            return shown
        own = asked.proposed_by == request.user.get_username()
        waits = asked.state == TakeBackState.WAITING and batch.state == BatchState.WEIGHED
        return shown | {
            "asked_by": name_of(asked.proposed_by),
            "decided_by": name_of(asked.decided_by),
            "back_form": TakeBackForm(),
            "may_second": waits and not own and may_second(request.user, batch),
            "may_drop": waits and own,
            "effect": [said_of(what, number) for what, number in asked.effect.items()],
            "kept_rows": self._kept_rows(request, asked),
        }

    def _kept_rows(self, request: HttpRequest, asked: TakeBack) -> Any:
        page = Paginator(asked.kept_rows.all(), ROWS_ON_A_PAGE).get_page(request.GET.get("kept"))
        page.shown = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
        return page if page.paginator.count else None


def said_of(what: str, number: int) -> str:
    """A line of the effect on grades, as `intake.layouts.Undone` counts it."""
    count = f"{number:,}"
    if what == Undone.UNGRADED:
        return _("{count} 户重新列入名录，目前没有等级，下次评价时评定").format(count=count)
    if what.startswith(Undone.GONE):
        return _("{count} 户不再列入名录，已发布的 {grade} 保留到下次评价").format(
            count=count, grade=what.removeprefix(Undone.GONE)
        )
    return _("{change}：{count} 户").format(change=what, count=count)


def may_ask(user: Any, batch: Batch) -> bool:
    return _allowed(layouts.get(batch.layout).require_taker, user, batch)


def may_second(user: Any, batch: Batch) -> bool:
    return _allowed(layouts.get(batch.layout).require_second, user, batch)


def _allowed(require: Any, user: Any, batch: Batch) -> bool:
    try:
        require(user, batch)
    except NotPermitted:
        return False
    return True


def name_of(username: str) -> str:
    """The person behind an account; the account itself when there is none."""
    person = User.objects.filter(username=username).values_list("full_name", flat=True).first()
    return person or username
