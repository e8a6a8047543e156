"""评价批次: the list of runs, the page that starts one, the page of a run while it is computed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from roster.admin_scope import ScopedAdmin
from roster.enums import Permission
from roster.scope import require

from .. import services
from ..enums import RunKind, RunState
from ..filters import RunFilter
from ..forms import StartForm
from ..models import RosterRun, Run
from ..people import names_of
from ..progress import progress_of
from ..resources import RunResource
from ..starting import Offer, graded_already, offer, usual_date
from ..wording import window_in_words


@admin.register(Run)
class RunAdmin(ScopedAdmin):
    view_permission = Permission.VIEW_RATINGS
    add_permission = Permission.START_RUN
    list_display = (
        "__str__", "number", "state", "scheme", "started_by", "started_at", "computed_at",
    )  # fmt: skip
    list_select_related = ("scheme",)
    sortable_by = ()
    filterset_class = RunFilter
    export_resource = RunResource

    @admin.display(description=_lazy("编号"))
    def number(self, run: Run) -> int:
        return run.pk

    def get_own_urls(self) -> list[URLPattern]:
        return [
            self.own_path("period/", self.period_view, "period"),
            self.own_path("<int:run_id>/progress/", self.progress_view, "progress"),
            self.own_path("<int:run_id>/stop/", self.stop_view, "stop"),
            self.own_path("<int:run_id>/resume/", self.resume_view, "resume"),
        ]

    # --- starting ---------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        require(request.user, Permission.START_RUN)
        today = timezone.localdate()
        offered = offer(request.user)
        form = StartForm(
            request.POST or None,
            free=offered.free,
            busy=offered.busy_codes,
            on=today,
            initial={**_start_choices(request), "reference_date": usual_date(on=today)},
        )
        if request.method == "POST" and form.is_valid():
            run = services.open_run(
                by=request.user,
                kind=form.cleaned_data["kind"],
                reference_date=form.cleaned_data["reference_date"],
                on=today,
                regions=form.regions,
            )
            messages.success(request, _("已发起第{number}号评价。").format(number=run.pk))
            return HttpResponseRedirect(reverse("admin:grading_run_change", args=(run.pk,)))
        return self.page(
            request,
            "grading/run_start.html",
            title=_("发起评价"),
            form=form,
            offer=offered,
            **_period(form, offered),
        )

    def period_view(self, request: HttpRequest) -> HttpResponse:
        """What the chosen kind and date mean, while the form is being filled in."""
        require(request.user, Permission.START_RUN)
        offered = offer(request.user)
        form = StartForm(
            request.GET, free=offered.free, busy=offered.busy_codes, on=timezone.localdate()
        )
        form.is_valid()
        return TemplateResponse(request, "grading/run_period.html", _period(form, offered))

    # --- watching ---------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        run = self._run(request, object_id)
        return self.page(
            request,
            "grading/run.html",
            obj=run,
            title=str(run),
            window=window_in_words(run.scheme, run.reference_date),
            starter=names_of([run.started_by])[run.started_by],
            **self._progress(request, run),
        )

    def progress_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """The part of the page that changes; asking for it also looks after the run."""
        run = self._run(request, run_id)
        if services.tend_run(run, now=timezone.now()):
            run = self._run(request, run_id)
        context = self._progress(request, run)
        return TemplateResponse(request, "grading/run_progress.html", context)

    def stop_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        return self._steer(request, run_id, services.stop_run, _("已暂停。已算完的部分保留。"))

    def resume_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        return self._steer(request, run_id, services.resume_run, _("已继续。"))

    def _steer(self, request: HttpRequest, run_id: int, service: Any, said: str) -> HttpResponse:
        back = HttpResponseRedirect(reverse("admin:grading_run_change", args=(run_id,)))
        if request.method == "POST":
            service(by=request.user, run_id=run_id)
            messages.success(request, said)
        return back

    def _run(self, request: HttpRequest, key: Any) -> Run:
        return self.found(request, str(key))

    def _progress(self, request: HttpRequest, run: Run) -> dict[str, Any]:
        parts = (
            RosterRun.objects.visible_to(request.user)
            .filter(run=run)
            .select_related("region")
            .order_by("region_id")
        )
        for part in (shown := list(parts)):
            part.run = run
        may_steer = run.state in (RunState.OPENED, RunState.RUNNING, RunState.STOPPED) and (
            services.may_steer(request.user, run)
        )
        return {"run": run, "progress": progress_of(run, shown), "may_steer": may_steer}


def _start_choices(request: HttpRequest) -> dict[str, Any]:
    """A kind may be chosen by the link that led here."""
    kind = request.GET.get("kind", "")
    return {"kind": kind} if kind in RunKind.values else {}


def _period(form: StartForm, offered: Offer) -> dict[str, Any]:
    """Scheme and period for the date in the form, and rosters that have results of that date."""
    given = getattr(form, "cleaned_data", {})
    first = None if form.is_bound else form.initial.get("reference_date")
    date = given.get("reference_date") or first
    kind = given.get("kind") or RunKind.ANNUAL
    regions = [region.pk for region in offered.free]
    return {
        "scheme": offered.scheme,
        "kind": kind,
        "reference_date": date,
        "window": window_in_words(offered.scheme, date) if date else "",
        "graded": graded_already(regions, kind=kind, reference_date=date) if date else [],
        "date_errors": form.errors.get("reference_date", []) if form.is_bound else [],
    }
