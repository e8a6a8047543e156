"""The enterprise's pages: read the form, call a service or a query, answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from audit import once
from audit.refusal import NotPermitted, explain
from grading.explained import page_of
from grading.explanation import explain_rating
from grading.versions import successor_within
from intake import evidence, limits
from intake.evidence import Evidence
from intake.file_names import plain_name
from notices import letters
from notices import services as inbox
from notices.models import Letter, Notice
from records.models import Record
from roster.admin_scope import refusal_shown
from roster.models import Enterprise
from roster.stale import STALE

from . import filing
from .enterprise import RecordShown, enterprises_of, page_of_case, page_of_enterprise, records_of
from .enums import Action, CaseKind, Ground
from .filing import Content, Item, own_enterprise
from .forms import ApplicationForm, FilesForm, ItemForm, ReasonForm
from .models import Case, CaseFile, Draft, DraftFile
from .rules.workflow import WORKFLOWS

NOTICES_SHOWN = 50
WITHOUT_FILE, WITHOUT_ITEM = "_without_file", "_without_item"
"""Buttons of a draft that keep what was typed and take something out."""


def home(request: HttpRequest) -> HttpResponse:
    """The enterprises one speaks for; of a single one at once its page, of none where to ask."""
    found = enterprises_of(request.user, on=localdate())  # type: ignore[arg-type]
    if not found:
        return HttpResponseRedirect(reverse("enterprise_bind"))
    if len(found) == 1:
        return page(request, found[0].pk)
    return _page(request, "objections/home.html", enterprises=found)


def page(request: HttpRequest, code: str) -> HttpResponse:
    enterprise = _own(request, code)
    found = page_of_enterprise(
        enterprise, user=request.user, at=timezone.now(), on=localdate(),  # type: ignore[arg-type]
        every=request.GET.get("cases") == "all",
    )  # fmt: skip
    return _page(
        request, "objections/enterprise.html", found=found, enterprise=enterprise,
        grade=page_of(found.grade), on=localdate(), draft_days=filing.DRAFT_DAYS,
    )  # fmt: skip


def grade(request: HttpRequest, code: str) -> HttpResponse:
    """Why the enterprise has its grade, in plain words, and what would change it. R32, R38."""
    enterprise = _own(request, code)
    user: Any = request.user
    found = explain_rating(code, user=user, at=timezone.now(), on=localdate())
    return _page(request, "objections/grade.html", **page_of(found) | {"enterprise": enterprise})


def record(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A record as it stands now; the address of a version before it leads there."""
    enterprise = _own(request, code)
    version = Record.objects.filter(enterprise=code, pk=pk).first()
    now = successor_within(version, code) if version else None
    if now is None:
        raise NotPermitted("roster.not_permitted")
    if now.pk != pk:
        return HttpResponseRedirect(reverse("enterprise_record", args=[code, now.pk]))
    shown = next(one for one in records_of(code) if one.record == now)
    return _page(
        request, "objections/record.html", enterprise=enterprise, shown=shown, on=localdate(),
        no_repair=_why_not([shown], CaseKind.REPAIR)[0],
    )  # fmt: skip


# --- applying --------------------------------------------------------------------------------


def choose(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """Choose what it is about; with that a draft begins."""
    enterprise = _own(request, code)
    if kind not in (CaseKind.OBJECTION, CaseKind.REPAIR, CaseKind.HELP):
        raise NotPermitted("roster.not_permitted")
    keys = [_number(text) for text in request.GET.getlist("record")]
    ground = Ground.MADE_GOOD if kind == CaseKind.REPAIR else ""  # the only one it has
    form_error, status = "", 200
    if request.method == "POST":
        keys = [] if kind == CaseKind.HELP else _chosen(request, kind)
        if keys or kind == CaseKind.HELP:
            with refusal_shown(request, target=enterprise) as answer:
                begun = filing.begin_draft(
                    by=request.user, code=code, kind=kind,  # type: ignore[arg-type]
                    content=Content(items=[Item(key, ground) for key in keys]), on=localdate(),
                )  # fmt: skip
                return HttpResponseRedirect(reverse("enterprise_draft", args=[begun.pk]))
            form_error, status = answer.text, 409
        else:
            form_error = _("请选择要提出的信息或者评价结果。")
    shown = [] if kind == CaseKind.HELP else records_of(code)
    return _page(
        request, "objections/choose.html", status=status, enterprise=enterprise,
        kind=CaseKind(kind), shown=list(zip(shown, _why_not(shown, kind), strict=True)),
        chosen=keys, form_error=form_error,
    )  # fmt: skip


def _why_not(shown: Sequence[RecordShown], kind: str) -> list[str]:
    """Of each record why it cannot be chosen now; "" when it can."""
    repairs = kind == CaseKind.REPAIR
    records = [one.record for one in shown]
    refused = filing.why_no_repair(records, on=localdate()) if repairs else {}
    return [
        _("正在 {number} 号事项中办理").format(number=one.case.number)
        if one.case is not None
        else (explain(refused[one.record.pk]) if one.record.pk in refused else "")
        for one in shown
    ]


def _chosen(request: HttpRequest, kind: str) -> list[int]:
    """The records that were ticked, and 0 for the rating."""
    keys = [_number(text) for text in request.POST.getlist("record")[:100]]
    rating = [0] if request.POST.get("rating") and kind == CaseKind.OBJECTION else []
    return [*rating, *dict.fromkeys(key for key in keys if key)]


def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Fill it in, keep it, add files; take out a file or what it is about."""
    row = _draft(request, pk)
    if row.case_id:
        return HttpResponseRedirect(reverse("enterprise_case", args=[row.case_id]))
    posted = request.method == "POST"
    data = request.POST if posted else None
    items = _item_forms(row, data)
    form = ApplicationForm(row, data)
    files = FilesForm(row.kind, data, request.FILES or None)
    if posted and all(one.is_valid() for one in (*items, form, files)):
        with refusal_shown(request, form=form):
            kept = row.files.exclude(pk=_number(request.POST.get(WITHOUT_FILE, "")))
            given = _examined(request, files, kept=kept.count(), most=filing.MOST_FILES)
            if files.is_valid():
                _keep(request, row, items, form, given)
                return HttpResponseRedirect(_next(request, row))
        row = _draft(request, pk)  # as it is now: who was told what has changed has seen it
        items = _item_forms(row, data)
    against = filing.why_no_choice(row, on=localdate())
    return _page(
        request, "objections/draft.html", status=409 if posted else 200, draft=row,
        enterprise=row.enterprise, seen=_seen(request, row.seen), items=_shown(row, items),
        form=form, files=files, kept=row.files.select_related("file"),
        against=explain(against) if against else "", most_files=filing.MOST_FILES,
        most_mb=limits.EVIDENCE_BYTES // limits.MB,
    )  # fmt: skip


def _item_forms(row: Draft, data: Any) -> list[ItemForm]:
    """By the key of the record, as another window may have taken one out."""
    if row.kind in (CaseKind.REPAIR, CaseKind.HELP):
        return []
    later = bool(data) and (WITHOUT_FILE in data or WITHOUT_ITEM in data)
    return [
        ItemForm(item, data, prefix=f"item{item.record}", later=later)
        for item in Content.of(row).items
    ]


def _shown(row: Draft, forms: list[ItemForm]) -> list[tuple[Item, Record | None, ItemForm | None]]:
    """What a draft is about, each with its form where there is something to say of it."""
    items = Content.of(row).items
    said: list[ItemForm | None] = [*forms] or [None] * len(items)
    return list(zip(items, _records(row, items), said, strict=True))


def _records(row: Draft, items: Sequence[Item]) -> list[Record | None]:
    """As they stand now; the version that was chosen, when there is none any more."""
    keys = [one.record for one in items]
    found = Record.objects.filter(pk__in=keys, enterprise=row.enterprise_id)
    by_key = found.select_related("kind", "authority").in_bulk()
    now = {key: successor_within(one, row.enterprise_id) or one for key, one in by_key.items()}
    return [now.get(key) for key in keys]


def _examined(
    request: HttpRequest, files: FilesForm, *, kept: int, most: int
) -> list[tuple[Evidence, str]]:
    """The files that came, looked through; each that is refused is told by its name at its field.
    Raises Refused: too many beside those that are kept."""
    chosen, good = files.chosen(), []
    filing.refuse_many_files(kept + len(chosen), most=most)
    for file, role in chosen:
        with refusal_shown(request) as answer:
            good.append((evidence.examine(file, name=file.name), role))
        if answer.refusal:
            said = _("“{name}”：{said}").format(name=plain_name(file.name), said=answer.text)
            files.add_error(role, said)
    return good


def _keep(
    request: HttpRequest, row: Draft, items: list[ItemForm], form: ApplicationForm,
    files: list[tuple[Evidence, str]],
) -> None:  # fmt: skip
    user: Any = request.user
    before, said, pressed = Content.of(row), form.cleaned_data, request.POST
    content = Content(
        items=[one.said() for one in items] if items else before.items,
        statement=said["statement"],
        agent=said.get("agent", ""),
        committed=said.get("committed", False),
    )
    if WITHOUT_ITEM in pressed:
        content = filing.without_item(content, _number(pressed[WITHOUT_ITEM]))
    filing.keep_draft(
        by=user, draft_id=row.pk, content=content, files=files, seen=pressed.get(once.SEEN, ""),
        without_file=_number(pressed[WITHOUT_FILE]) if WITHOUT_FILE in pressed else None,
    )  # fmt: skip


def _next(request: HttpRequest, row: Draft) -> str:
    """Where one goes on: the same page, or the one on which everything is read once more."""
    address = "enterprise_draft_check" if "_check" in request.POST else "enterprise_draft"
    return reverse(address, args=[row.pk])


def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything once more, and the button that files it."""
    row = _draft(request, pk)
    user: Any = request.user
    refused = ""
    if request.method == "POST":
        with refusal_shown(request, target=row) as answer:
            filed = filing.file_case(
                by=user, draft_id=row.pk, on=localdate(), seen=request.POST.get(once.SEEN, "")
            )
            messages.success(request, _("已提出，编号 {number}。").format(number=filed.number))
            return HttpResponseRedirect(reverse("enterprise_case", args=[filed.pk]))
        refused, row = answer.text, _draft(request, pk)
    if row.case_id:
        return HttpResponseRedirect(reverse("enterprise_case", args=[row.case_id]))
    content = Content.of(row)
    return _page(
        request, "objections/check.html", status=409 if refused else 200, draft=row,
        enterprise=row.enterprise, seen=row.seen, content=content, refused=refused,
        items=list(zip(content.items, _records(row, content.items), strict=True)),
        kept=row.files.select_related("file"),
    )  # fmt: skip


def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks once more, and throws the draft away."""
    row = _draft(request, pk)
    if request.method == "POST":
        user: Any = request.user
        filing.drop_draft(by=user, draft_id=row.pk)
        messages.success(request, _("未提出的申请已经丢弃。"))
        return HttpResponseRedirect(reverse("enterprise_page", args=[row.enterprise_id]))
    if row.case_id:
        return HttpResponseRedirect(reverse("enterprise_case", args=[row.case_id]))
    return _page(
        request, "objections/drop.html", draft=row, enterprise=row.enterprise,
        items=_shown(row, []), files=row.files.count(),
    )  # fmt: skip


# --- following --------------------------------------------------------------------------------


def case(request: HttpRequest, pk: int) -> HttpResponse:
    row = _case(request, pk)
    return _page(
        request, "objections/case.html", found=page_of_case(row), case=row,
        enterprise=row.enterprise, on=localdate(),
    )  # fmt: skip


def supply(request: HttpRequest, pk: int) -> HttpResponse:
    """Missing papers: what was asked for, and a form to give it."""
    row = _case(request, pk)
    if gone := _not_now(request, row, Action.SUPPLY):
        return gone
    user: Any = request.user
    posted = request.method == "POST"
    form = ReasonForm(request.POST if posted else None)
    files = FilesForm(row.kind, request.POST if posted else None, request.FILES or None)
    if posted and form.is_valid() and files.is_valid():
        with refusal_shown(request, target=row, form=form):
            given = _examined(request, files, kept=row.files.count(), most=filing.MOST_FILES_IN_ALL)
            if files.is_valid():
                filing.supply_papers(
                    by=user, case_id=row.pk, version=_version(request),
                    statement=form.cleaned_data["reason"], files=given, on=localdate(),
                )  # fmt: skip
                messages.success(request, _("补正材料已经提交。"))
                return HttpResponseRedirect(reverse("enterprise_case", args=[row.pk]))
    row = _case(request, pk)  # as it is now, as above
    asked = row.steps.filter(action="ask_papers").last()
    return _page(
        request, "objections/supply.html", status=409 if posted else 200, case=row,
        enterprise=row.enterprise, seen=_seen(request, str(row.version)), form=form, files=files,
        asked=asked,
    )  # fmt: skip


def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    row = _case(request, pk)
    if gone := _not_now(request, row, Action.WITHDRAW):
        return gone
    user: Any = request.user
    posted = request.method == "POST"
    form = ReasonForm(request.POST if posted else None)
    if posted and form.is_valid():
        with refusal_shown(request, target=row, form=form):
            filing.withdraw_case(
                by=user, case_id=row.pk, version=_version(request),
                reason=form.cleaned_data["reason"], on=localdate(),
            )  # fmt: skip
            messages.success(request, _("申请已经撤回。"))
            return HttpResponseRedirect(reverse("enterprise_case", args=[row.pk]))
    row = _case(request, pk)  # as above
    return _page(
        request, "objections/withdraw.html", status=409 if posted else 200, case=row,
        enterprise=row.enterprise, seen=_seen(request, str(row.version)), form=form,
    )  # fmt: skip


def _not_now(request: HttpRequest, row: Case, action: Action) -> HttpResponse | None:
    """Back to the case, where its state has no such step; None where it has."""
    if any(step.action == action for step in WORKFLOWS[CaseKind(row.kind)].at(row.state)):
        return None
    state = row.get_state_display()
    messages.warning(
        request,
        _("事项目前的状态是“{state}”，不能{action}。").format(state=state, action=action.label),
    )
    return HttpResponseRedirect(reverse("enterprise_case", args=[row.pk]))


def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the level above to look at it once more: a draft of its own begins."""
    row = _case(request, pk)
    if request.method == "POST":
        user: Any = request.user
        with refusal_shown(request, target=row) as answer:
            begun = filing.begin_review(by=user, case_id=row.pk, on=localdate())
            return HttpResponseRedirect(reverse("enterprise_draft", args=[begun.pk]))
        messages.warning(request, answer.text)
    return HttpResponseRedirect(reverse("enterprise_case", args=[row.pk]))


# --- files, letters, notices ------------------------------------------------------------------------


def case_file(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """A file of a case, to whoever may see the case."""
    visible = Case.objects.visible_to(request.user).filter(pk=pk)  # type: ignore[arg-type]
    row = CaseFile.objects.filter(case__in=visible, pk=file).select_related("file").first()
    if row is None:
        raise NotPermitted("roster.not_permitted")
    return evidence.answer(row.file)


def draft_file(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    row = (
        DraftFile.objects.filter(draft=_draft(request, pk), pk=file).select_related("file").first()
    )
    if row is None:
        raise NotPermitted("roster.not_permitted")
    return evidence.answer(row.file)


def letter(request: HttpRequest, pk: int) -> HttpResponseBase:
    row = Letter.objects.visible_to(request.user).filter(pk=pk).first()  # type: ignore[arg-type]
    if row is None:
        raise NotPermitted("roster.not_permitted")
    return letters.answer(row)


def notices(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    rows = Notice.objects.visible_to(user).unread_first(user)
    page = Paginator(rows, NOTICES_SHOWN).get_page(request.GET.get("page"))
    return _page(
        request, "objections/notices.html", notices=inbox.shown(page, user=user), page=page
    )


def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it, and go where it leads."""
    user: Any = request.user
    row = Notice.objects.visible_to(user).filter(pk=pk).first()
    if row is None:
        raise NotPermitted("roster.not_permitted")
    if request.method == "POST":
        inbox.read(by=user, notice_id=row.pk)
    return HttpResponseRedirect(inbox.link_of(row) or reverse("enterprise_notices"))


# --- what every page needs ----------------------------------------------------------------------------


def _own(request: HttpRequest, code: str) -> Enterprise:
    return own_enterprise(request.user, code)  # type: ignore[arg-type]


def _draft(request: HttpRequest, pk: int) -> Draft:
    mine = Draft.objects.visible_to(request.user)  # type: ignore[arg-type]
    row = mine.filter(pk=pk).select_related("enterprise").first()
    if row is None:
        raise NotPermitted("roster.not_permitted")
    return row


def _case(request: HttpRequest, pk: int) -> Case:
    """A case of an enterprise one speaks for."""
    rows = Case.objects.select_related("enterprise", "agency", "reviewed_case")
    row = rows.visible_to(request.user).filter(pk=pk).first()  # type: ignore[arg-type]
    if row is None:
        raise NotPermitted("roster.not_permitted")
    _own(request, row.enterprise_id)
    return row


def _page(
    request: HttpRequest, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    return render(request, template, context, status=status)


def _seen(request: HttpRequest, now: str) -> str:
    """What the form of a page was read at. One shown again after a mistake goes on from there; who
    was told what has changed since has seen it."""
    if getattr(request, "refused_with", "") in (*STALE, "objections.draft_changed"):
        return now
    return request.POST.get(once.SEEN) or now


def _version(request: HttpRequest) -> int:
    """The version of the case the form was read at; 0 when the form says none."""
    return _number(request.POST.get(once.SEEN, ""))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0
