"""报送文件: a file is chosen, checked, looked at, confirmed once, and reported on."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.refusal import NotPermitted
from intake import layouts, limits, reports, services
from intake.enums import CHECKABLE, WAITING_FOR_WORK, BatchState, Fate
from intake.models import Batch, BatchLine
from intake.tending import tend_batch
from intake.work import is_sqlite

from ..admin_scope import refusal_shown
from ..enums import Permission
from ..files import offered, offered_layout
from ..filters import BatchFilter
from ..forms import FileForm
from ..models import User
from ..resources import BatchResource
from .taking_back import TakesBack

LINES_ON_A_PAGE = 50
CHECKED_AGAIN = "intake.note_checked_again"
STEPS = {
    BatchState.RECEIVED: 2, BatchState.CHECKING: 2, BatchState.CHECKED: 3,
    BatchState.CONFIRMED: 3, BatchState.MERGING: 3, BatchState.MERGED: 5,
    BatchState.WEIGHING: 5, BatchState.WEIGHED: 5, BatchState.GIVING_BACK: 5,
    BatchState.TAKEN_BACK: 5,
}  # fmt: skip
"""Which step of 上传, 核对, 确认, 报告 is under way in a state; past the last: all are done."""


class LinesPaginator(Paginator):
    """Pages of lines whose number the batch itself knows."""

    def __init__(self, rows: QuerySet[BatchLine], known: int) -> None:
        super().__init__(rows, LINES_ON_A_PAGE)
        self.count = min(known, limits.LINES_IN_FULL)


@admin.register(Batch)
class BatchAdmin(TakesBack):
    view_permission = Permission.VIEW_ROSTER
    list_display = ("file", "kind", "state", "lines", "outcome", "who", "received_at")
    sortable_by = ()
    ordering = ("-received_at", "-pk")
    search_fields = ("name",)
    search_help_text = gettext_lazy("文件名中的字词")
    filterset_class = BatchFilter
    export_resource = BatchResource

    def get_queryset(self, request: HttpRequest) -> Any:
        person = User.objects.filter(username=OuterRef("uploader"))
        rows = super().get_queryset(request)
        return rows.annotate(uploader_name=Subquery(person.values("full_name")[:1]))

    @admin.display(description=gettext_lazy("文件名"))
    def file(self, batch: Batch) -> str:
        return Truncator(batch.name).chars(40)

    @admin.display(description=gettext_lazy("种类"))
    def kind(self, batch: Batch) -> str:
        return layout_title(batch)

    @admin.display(description=gettext_lazy("核对结果"))
    def outcome(self, batch: Batch) -> Any:
        """The counts that are not zero, once there are any."""
        said = [
            (fate.value, fate.label, f"{count:,}")
            for fate in Fate
            if (count := getattr(batch, fate.value))
        ]
        return format_html_join(" ", '<span class="count-{}">{} {}</span>', said) or "—"

    @admin.display(description=gettext_lazy("上传人"))
    def who(self, batch: Any) -> str:
        return batch.uploader_name or batch.uploader

    def get_list_tools(self, request: HttpRequest) -> list[tuple[Any, str]]:
        return [(_("导入文件"), self.page_url("add"))] if offered(request.user) else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_own_urls(self) -> list[Any]:
        return [
            self.own_path("template/<str:key>/", self.template_view, "template"),
            self.own_path("<path:object_id>/progress/", self.progress_view, "progress"),
            self.own_path("<path:object_id>/confirm/", self.confirm_view, "confirm"),
            self.own_path("<path:object_id>/cancel/", self.cancel_view, "cancel"),
            self.own_path("<path:object_id>/errors/", self.errors_view, "errors"),
            *super().get_own_urls(),
        ]

    # --- sending a file in ------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Choose what and which file; the file itself says the rest."""
        kinds = offered(request.user)
        if not kinds:
            raise NotPermitted("roster.not_permitted")
        if request.method != "POST":
            wanted = request.GET.get("layout", "")
            return self._start(request, FileForm(kinds=kinds, initial={"layout": wanted}))
        form = FileForm(request.POST, request.FILES, kinds=kinds)
        if not form.is_valid():
            return self._start(request, form)
        with refusal_shown(request, act="intake.file_received") as answer:
            return HttpResponseRedirect(self.change_url(self._receive(request, form)))
        return self._start(request, form, refusal=answer.text, status=409)

    def _receive(self, request: HttpRequest, form: FileForm) -> Batch:
        upload = form.cleaned_data["file"]
        return services.receive(
            by=request.user,
            layout_key=form.cleaned_data["layout"],
            name=upload.name,
            stream=upload.file,
        )

    def _start(
        self, request: HttpRequest, form: FileForm, *, refusal: str = "", status: int = 200
    ) -> HttpResponse:
        return self.page(
            request,
            "intake/start.html",
            title=_("导入文件"),
            status=status,
            form=form,
            refusal=refusal,
            chosen=form.chosen,
            most_mb=limits.FILE_BYTES // limits.MB,
            most_lines=limits.SQLITE_LINES if is_sqlite() else limits.LINES,
        )

    def template_view(self, request: HttpRequest, key: str) -> FileResponse:
        """An empty workbook with the headings, and a sheet that explains them."""
        layout = offered_layout(request.user, key)
        name = _("{kind}模板.xlsx").format(kind=layout.title)
        return FileResponse(reports.template(layout), as_attachment=True, filename=name)

    # --- one file ----------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self._batch_page(request, self.found(request, object_id))

    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The part of the page that changes; asking for it also looks after the file."""
        batch = self.found(request, object_id)
        tend_batch(batch, now=timezone.now())
        return TemplateResponse(request, "intake/batch_state.html", self._state(request, batch))

    def confirm_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let the file be taken in, as its preview showed it."""
        batch = self.found(request, object_id)
        if request.method != "POST":
            return HttpResponseRedirect(self.change_url(batch))
        key = request.POST.get("key", "")
        with refusal_shown(request, target=batch, act="intake.file_confirmed") as answer:
            services.confirm_batch(by=request.user, batch_id=batch.pk, key=key)
            messages.success(request, _("已确认。写入完成后，这里显示报告。"))
            return HttpResponseRedirect(self.change_url(batch))
        return self.as_it_now_is(request, batch, answer.text)

    def cancel_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        batch = self.found(request, object_id)
        if request.method != "POST":
            return HttpResponseRedirect(self.change_url(batch))
        with refusal_shown(request, target=batch, act="intake.file_cancelled") as answer:
            services.cancel_batch(by=request.user, batch_id=batch.pk)
            messages.success(request, _("已取消，没有写入任何数据。"))
            return HttpResponseRedirect(self.change_url(batch))
        return self.as_it_now_is(request, batch, answer.text)

    def errors_view(self, request: HttpRequest, object_id: str) -> FileResponse:
        """The refused lines with their reasons, to be put right and sent again."""
        batch = self.found(request, object_id)
        report = reports.error_report(by=request.user, batch_id=batch.pk)
        name = _("错误报告 {name}.xlsx").format(name=PurePath(batch.name).stem)
        return FileResponse(report, as_attachment=True, filename=name)

    def as_it_now_is(self, request: HttpRequest, batch: Batch, refusal: str) -> HttpResponse:
        """The page with the reason on top: what was seen is no longer so."""
        fresh = self.found(request, str(batch.pk))
        return self._batch_page(request, fresh, refusal=refusal, status=409)

    def _batch_page(
        self, request: HttpRequest, batch: Batch, *, refusal: str = "", status: int = 200
    ) -> HttpResponse:
        return self.page(
            request,
            "intake/batch.html",
            obj=batch,
            title=batch.name,
            status=status,
            refusal=refusal,
            kind=layout_title(batch),
            **self._state(request, batch),
        )

    def _state(self, request: HttpRequest, batch: Any) -> dict[str, Any]:
        """What the page shows of a file in its present state."""
        own = batch.uploader == request.user.get_username()
        said = list(zip(batch.notes, batch.said, strict=True))
        again = [note for note, _text in said if note.get("code") == CHECKED_AGAIN]
        return {
            "batch": batch,
            "step": STEPS.get(batch.state, 0),
            "is_waiting": batch.state in WAITING_FOR_WORK,
            "progress": services.progress(batch),
            "fates": [(fate, fate.label, getattr(batch, fate.value)) for fate in Fate],
            "said": [text for note, text in said if note.get("code") != CHECKED_AGAIN],
            "to_write": batch.added + batch.changed,
            "again": bool(again) and batch.state in (*CHECKABLE, BatchState.CHECKED),
            "changed": self._lines(request, batch, Fate.CHANGED),
            "refused": self._lines(request, batch, Fate.REFUSED),
            "unchanged": self._lines(request, batch, Fate.UNCHANGED),
            "most_in_full": limits.LINES_IN_FULL,
            "may_act": own and self._may_send(request, batch),
            "who": self.who(batch),
            "confirmed_by": self.who(batch)
            if batch.confirmed_by == batch.uploader
            else batch.confirmed_by,
            "table": _table_of(request, batch),
            **self.take_back_state(request, batch),
        }

    def _lines(self, request: HttpRequest, batch: Batch, fate: Fate) -> Any:
        """A page of changed or refused lines, once they are all known."""
        known = getattr(batch, fate.value)
        if not known or batch.state in (*CHECKABLE, BatchState.CANCELLED):
            return None
        rows = BatchLine.objects.filter(batch=batch, fate=fate).order_by("number")
        if fate == Fate.UNCHANGED:  # only those are kept of which something is to be said
            known = rows.count()
        page = LinesPaginator(rows, known).get_page(request.GET.get(fate.value))
        page.shown = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
        return page if known else None

    def _may_send(self, request: HttpRequest, batch: Batch) -> bool:
        return any(layout.key == batch.layout for layout in offered(request.user))


def layout_title(batch: Batch) -> str:
    """What kind of file a batch is, in words."""
    found = {layout.key: layout.title for layout in layouts.all()}
    return str(found.get(batch.layout, batch.layout))


def _table_of(request: HttpRequest, batch: Batch) -> tuple[str, str] | None:
    """Name and address of the list a file of this kind goes into, when the reader may open it."""
    for registered in admin.site._registry.values():
        leads = batch.layout in getattr(registered, "file_layouts", ())
        if leads and registered.has_view_permission(request):
            return str(registered.opts.verbose_name_plural), registered.page_url("changelist")
    return None
