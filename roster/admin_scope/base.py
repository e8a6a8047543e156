"""`ScopedAdmin`: the one base of admin classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import helpers
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django_filters import Filter

from audit import once
from audit.models import Event
from audit.refusal import NotPermitted

from ..enums import Permission
from ..files import offered
from ..history import rows
from ..scope import Sees, may, visible
from ..stale import STALE, stale
from . import actions, exports
from .columns import Column
from .fields import ScopedAdminForm, ScopedFieldsMixin, visible_initial
from .filters import FilterPanel, ScopedFilterSet
from .forms import ScopedForm, fingerprint
from .paging import CappedPaginator
from .refusals import refusal_shown

EVENTS_ON_A_PAGE = 50

State = Callable[[Any], str]
"""What a page remembers about a row: a text that is another one when the row has changed."""


class ScopedChangeList(ChangeList):
    """A list whose rows and columns are those of the person who looks at it."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if self.paginator.is_capped:
            self.result_list = self._page_by_keys()
        columns = self.model_admin.extra_columns
        if columns:
            self.result_list = list(self.result_list)
            for column in columns:
                column.fill(request.user, self.result_list)

    def _page_by_keys(self) -> Any:
        """A page of a long list: its keys in their order first, then the rows themselves.

        With the rows the database would fetch and join hundreds of thousands to sort them. When a
        search finds more than is counted, only the first found are sorted and shown.
        """
        order = self.queryset.query.order_by
        rows = self.queryset
        if self.model_admin.search_scatters(self.query):
            found = self.queryset.order_by().values("pk")[: self.paginator.cap]
            rows = self.root_queryset.filter(pk__in=found).order_by(*order)
        start = (self.page_num - 1) * self.list_per_page
        keys = list(rows.values_list("pk", flat=True)[start : start + self.list_per_page])
        return self.apply_select_related(self.root_queryset.filter(pk__in=keys).order_by(*order))

    def get_ordering(self, request: HttpRequest, queryset: Any) -> Any:
        """The order asked for, or the list's own when that one is not offered."""
        ordering = super().get_ordering(request, queryset)
        if ORDER_VAR in self.params and ordering == ["-pk"]:
            del self.params[ORDER_VAR]
            return super().get_ordering(request, queryset)
        return ordering

    def _get_deterministic_ordering(self, ordering: Any) -> Any:
        if self.model_admin.order_is_total:
            return ordering or list(self.lookup_opts.ordering)
        return super()._get_deterministic_ordering(ordering)  # type: ignore[misc]

    def get_ordering_field(self, field_name: Any) -> Any:
        """Only columns offered for sorting: any other would sort three million rows."""
        if self.sortable_by is not None and field_name not in self.sortable_by:
            return None
        return super().get_ordering_field(field_name)


class WholeList(ScopedChangeList):
    """The list without a page of it: an export takes all rows, once."""

    def get_results(self, request: HttpRequest) -> None:
        self.result_list = self.queryset.none()
        self.result_count, self.full_result_count = 0, None
        self.can_show_all, self.multi_page, self.show_admin_actions = False, False, False


class ScopedAdmin(ScopedFieldsMixin, admin.ModelAdmin):
    """Rows by `visible`, pages and buttons by `may`, saving by a service.

    A class declares `view_permission` and what else it allows; nothing can be deleted. It
    implements `write` when something can be added or changed.
    """

    view_permission: Permission
    add_permission: Permission | None = None
    change_permission: Permission | None = None

    filterset_class: type[ScopedFilterSet] | None = None
    export_resource: type[exports.ExportResource] | None = None
    version_field = ""
    """A column the service itself holds against what the form was read at."""
    not_in_fingerprint: tuple[str, ...] = ()
    order_is_total = False
    """Whether the list's own order leaves no tie that the key would have to break."""
    has_history = True
    """Whether acts name the rows of this table, so that a page can tell what was done with one."""
    file_layouts: tuple[str, ...] = ()
    """Kinds of files that go into this table; the list leads to the page that takes them in."""

    extra_columns: ClassVar[tuple[Column, ...]] = ()
    extra_sections: ClassVar[tuple[Callable[[HttpRequest, Any], Any], ...]] = ()
    extra_tools: ClassVar[tuple[Callable[[HttpRequest, Any], Any], ...]] = ()

    form = ScopedForm
    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False
    actions_selection_counter = True
    save_on_top = False

    class Media:
        css = {"all": ("roster/admin.css",)}

    # --- what upper rooms add ----------------------------------------------------------------

    @classmethod
    def add_column(cls, column: Column) -> None:
        """Put a column of an upper room at the end of this list and of its export."""
        cls.extra_columns = (*cls.extra_columns, column)

    @classmethod
    def add_filter(cls, name: str, added: Filter) -> None:
        """Put a filter of an upper room at the end of this list's panel."""
        old: Any = cls.filterset_class
        cls.filterset_class = type(old)(old.__name__, (old,), {name: added})

    @classmethod
    def add_section(cls, section: Callable[[HttpRequest, Any], Any]) -> None:
        """Put a part of an upper room below the change page: (request, object) → safe HTML."""
        cls.extra_sections = (*cls.extra_sections, section)

    @classmethod
    def add_tool(cls, tool: Callable[[HttpRequest, Any], Any]) -> None:
        """Put a link at the head of the change page: (request, object) → (title, url) or None."""
        cls.extra_tools = (*cls.extra_tools, tool)

    # --- which rows ----------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> Any:
        return visible(super().get_queryset(request), request.user)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        try:
            return super().get_object(request, object_id, from_field)
        except (OverflowError, ValidationError, ValueError):
            return None

    def found(self, request: HttpRequest, object_id: str) -> Any:
        """The row of a page's address. Raises NotPermitted when not there or not the user's."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None or not self.has_view_or_change_permission(request, obj):
            raise NotPermitted("roster.not_permitted")
        return obj

    def _get_obj_does_not_exist_redirect(self, request: Any, opts: Any, object_id: Any) -> Any:
        raise NotPermitted("roster.not_permitted")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return WholeList if getattr(request, "whole_list", False) else ScopedChangeList

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> Any:
        """A queryset that knows how to `find` does so; it can use an index."""
        if hasattr(queryset, "find"):
            return (queryset.find(search_term) if search_term.strip() else queryset), False
        return super().get_search_results(request, queryset, search_term)

    def search_scatters(self, query: str) -> bool:
        """Whether what a search finds lies all over the table, so that sorting it is dear."""
        return bool(query) and hasattr(self.model._default_manager.all(), "find")

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        shown = super().get_list_display(request)
        return [*shown, *(column.display() for column in self.extra_columns)]

    def get_sortable_by(self, request: HttpRequest) -> Any:
        return self.sortable_by if self.sortable_by is not None else self.list_display

    # --- filters -------------------------------------------------------------------------------

    def get_list_filter(self, request: HttpRequest) -> Any:
        return [FilterPanel.of(self.filterset_class)] if self.filterset_class else []

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only the names of the filter panel, and the steps of a date hierarchy."""
        allowed = self.filterset_class.parameter_names() if self.filterset_class else frozenset()
        steps = {f"{self.date_hierarchy}__{step}" for step in ("year", "month", "day")}
        return lookup in allowed or (bool(self.date_hierarchy) and lookup in steps)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        self._forget_empty_filters(request)
        context = {
            "export_url": self.filtered_url(request, "export") if self.export_resource else "",
            "list_tools": self.get_list_tools(request),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def get_list_tools(self, request: HttpRequest) -> list[tuple[Any, str]]:
        """Links at the head of the list: (title, url)."""
        kinds = [one.key for one in offered(request.user) if one.key in self.file_layouts]
        if not kinds:
            return []
        wanted = f"?layout={kinds[0]}" if len(kinds) == 1 else ""
        return [(_("导入文件"), reverse("admin:intake_batch_add") + wanted)]

    def _forget_empty_filters(self, request: HttpRequest) -> None:
        """A form sends every field it has; the empty ones are no filter."""
        if self.filterset_class is None:
            return
        given = request.GET.copy()
        for name in self.filterset_class.parameter_names():
            if name in given and not any(given.getlist(name)):
                del given[name]
        request.GET = given  # type: ignore[assignment]

    def page_url(self, page: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}")

    def filtered_url(self, request: HttpRequest, page: str) -> str:
        """The address of a page of this list, with the search and the filters that stand."""
        url = self.page_url(page)
        query = request.GET.copy()
        query.pop("p", None)
        return f"{url}?{query.urlencode()}" if query else url

    # --- what may be done ------------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request.user, self.view_permission)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, self.view_permission)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.add_permission is not None and may(request.user, self.add_permission)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if self.change_permission is None:
            return False
        target = obj if hasattr(obj, "held_by") else None
        return may(request.user, self.change_permission, target)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> Any:
        found = super().get_actions(request)
        return {one[1]: one for one in actions.allowed(found.values(), request.user)}

    def response_action(self, request: HttpRequest, queryset: Any) -> Any:
        keys = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        actions.require_keys(self.model, keys)
        if request.POST.get("select_across", "0") in ("", "0") and queryset.filter(
            pk__in=keys
        ).count() != len(set(keys)):
            raise NotPermitted("roster.not_permitted")
        return super().response_action(request, queryset)

    # --- the change page -----------------------------------------------------------------------

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return visible_initial(self.model, request)

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, "refusal", "")
        return form

    @method_decorator(csrf_protect)
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: Any = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        """Without a transaction of its own: the service has one, and its event comes last in it.

        A refused service gives the form back with what was typed and the reason above it.
        """
        if request.method != "POST":
            return self._changeform_view(request, object_id, form_url, extra_context)
        with refusal_shown(request) as answer:
            return self._changeform_view(request, object_id, form_url, extra_context)
        request.refusal = answer.text  # type: ignore[attr-defined]
        response = self._changeform_view(request, object_id, form_url, extra_context)
        response.status_code = 409
        return response

    def render_change_form(
        self, request: Any, context: Any, add: bool = False, change: bool = False,
        form_url: str = "", obj: Any = None,
    ) -> Any:  # fmt: skip
        context["adminform"] = ScopedAdminForm(context["adminform"], Sees(request.user))
        if obj is not None:
            context["seen"] = self.seen(request, obj)
            context["sections"] = [
                part for section in self.extra_sections if (part := section(request, obj))
            ]
            context["history_url"] = self.history_url(request, obj)
            context["tools"] = [
                part for tool in self.get_tools(request) if (part := tool(request, obj))
            ]
        context.update(show_save_and_add_another=False, show_save_as_new=False)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_tools(self, request: HttpRequest) -> Sequence[Callable[[HttpRequest, Any], Any]]:
        """Links at the head of the change page: own ones in front of those from above."""
        return self.extra_tools

    def seen(self, request: HttpRequest, obj: Any, *, state: State | None = None) -> str:
        """What the form of a page was read at, by `seen_state` unless the page has a state of its
        own. One shown again after a mistake goes on from there; who was told what has changed since
        has seen it."""
        state = state or self.seen_state
        if getattr(request, "refused_with", "") in STALE:
            return state(self.model._default_manager.get(pk=obj.pk))
        return request.POST.get(once.SEEN) or state(obj)

    def seen_state(self, obj: Any) -> str:
        """What a page remembers about the row it shows."""
        if self.version_field:
            return str(getattr(obj, self.version_field))
        return fingerprint(obj, without=self.not_in_fingerprint, also=self.also_seen(obj))

    def also_seen(self, obj: Any) -> tuple[str, ...]:
        """Texts of further rows that are changed together with this one."""
        return ()

    def save_model(self, request: Any, obj: Any, form: Any, change: Any) -> None:
        """Nothing: `write` saves form and inlines together."""

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        with transaction.atomic():
            once.take()
            if change and not self.version_field:
                self._refuse_stale(request, form.instance)
            saved = self.write(request, form=form, formsets=formsets, change=change)
        if saved is not None:
            form.instance.pk = saved.pk

    @contextmanager
    def as_read(
        self, request: HttpRequest, obj: Any, *, state: State | None = None
    ) -> Iterator[None]:
        """One transaction in which the row still is what the form was read at. Raises Refused."""
        with transaction.atomic():
            once.take()
            self._refuse_stale(request, obj, state)
            yield

    def _refuse_stale(self, request: HttpRequest, obj: Any, state: State | None = None) -> None:
        self.lock_before()
        now = (
            self.model._default_manager.select_for_update(of=("self",), no_key=True)
            .filter(pk=obj.pk)
            .first()
        )
        if now is None:
            raise NotPermitted("roster.not_permitted")
        if (state or self.seen_state)(now) != request.POST.get(once.SEEN, ""):
            raise stale(now, by=request.user)

    def lock_before(self) -> None:
        """Lock what the service locks before the row of the form, so that all keep one order."""

    def write(self, request: HttpRequest, *, form: Any, formsets: Any, change: bool) -> Any:
        """Call the service that adds or changes the row; answers with the saved row."""
        raise NotImplementedError(f"{type(self).__name__} says that it can be saved, not how.")

    def seen_version(self, request: HttpRequest) -> int:
        """The version the form was read at, for the service; 0 when the form says none."""
        given = request.POST.get(once.SEEN, "")
        return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0

    def construct_change_message(self, *args: Any, **kwargs: Any) -> list[Any]:
        """The service has said in its event what changed."""
        return []

    def log_addition(self, request: Any, obj: Any, message: Any) -> None:  # type: ignore[override]
        """The service has written the audit event."""

    def log_change(self, request: Any, obj: Any, message: Any) -> None:  # type: ignore[override]
        """The service has written the audit event."""

    def response_change(self, request: Any, obj: Any) -> Any:
        if self.get_object(request, str(obj.pk)) is None:
            return self._moved_away(request, obj)
        return super().response_change(request, obj)

    def response_add(self, request: Any, obj: Any, post_url_continue: Any = None) -> Any:
        if self.get_object(request, str(obj.pk)) is None:
            return self._moved_away(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def _moved_away(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """What was just saved now belongs to somebody else: back to the list, with a word."""
        self.message_user(request, _("“%s”已保存，不再属于您的权限范围。") % obj)
        return HttpResponseRedirect(self.page_url("changelist"))

    def change_url(self, obj: Any) -> str:
        return reverse(
            f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[quote(obj.pk)]
        )

    def page(
        self,
        request: HttpRequest,
        template: str,
        *,
        obj: Any = None,
        status: int = 200,
        **context: Any,
    ) -> TemplateResponse:
        """A page of our own inside the admin, with breadcrumbs for the object."""
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(
            request,
            template,
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "original": obj,
                "media": self.media,
                "preserved_filters": self.get_preserved_filters(request),
                **context,
            },
            status=status,
        )

    # --- history -----------------------------------------------------------------------------------

    def history_objects(self, request: HttpRequest, obj: Any) -> Sequence[Any]:
        """Whose events the history page of a row shows: its own, and those of rows beside it."""
        return [obj]

    def history_events(self, request: HttpRequest, obj: Any, objects: Sequence[Any]) -> Any:
        """The events the history page shows, newest first."""
        return Event.objects.for_target(obj, also=objects)

    def history_url(self, request: HttpRequest, obj: Any) -> str:
        """Where the events of a row are read; "" when nowhere."""
        if not self.has_history:
            return ""
        return f"{self.change_url(obj).removesuffix('change/')}history/"

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        obj = self.found(request, object_id)
        objects = self.history_objects(request, obj)
        paginator = Paginator(self.history_events(request, obj, objects), EVENTS_ON_A_PAGE)
        page = paginator.get_page(request.GET.get("p"))
        return self.page(
            request,
            "roster/history.html",
            obj=obj,
            object=obj,
            title=_("办理记录：%s") % obj,
            rows=rows(objects, list(page.object_list), sees=Sees(request.user)),
            page=page,
            page_range=paginator.get_elided_page_range(page.number),
            **(extra_context or {}),
        )

    # --- export ------------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        """Without the pages nobody may use: delete, and Django's nameless redirect."""
        closed = ("delete",) if self.has_history else ("delete", "history")
        prefix = f"{self.opts.app_label}_{self.opts.model_name}"
        names = [f"{prefix}_{page}" for page in closed]
        urls = [url for url in super().get_urls() if url.name and url.name not in names]
        own = self.get_own_urls()
        if self.export_resource is not None:
            own = [self.own_path("export/", self.export_view, "export"), *own]
        return [*own, *urls]

    def get_own_urls(self) -> list[Any]:
        """Further pages of this class; they stand before the change pages."""
        return []

    def own_path(self, route: str, view: Any, name: str) -> Any:
        prefix = f"{self.opts.app_label}_{self.opts.model_name}"
        return path(route, self.admin_site.admin_view(view), name=f"{prefix}_{name}")

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The rows of the list, as filtered, searched and scoped, as a file."""
        if not self.has_view_permission(request) or self.export_resource is None:
            raise NotPermitted("roster.not_permitted")
        self._forget_empty_filters(request)
        request.whole_list = True  # type: ignore[attr-defined]
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters as fault:
            raise BadRequest from fault
        export = exports.Export(
            user=request.user,
            rows=rows,
            resource=self.export_resource(),
            columns=self.extra_columns,
        )
        form = exports.ExportForm(request.POST or None, choices=export.choices())
        if request.method == "POST" and form.is_valid():
            return exports.respond(
                export,
                names=form.cleaned_data["columns"],
                form=form.cleaned_data["format"],
                filters=request.GET,
            )
        count = export.count()
        return self.page(
            request,
            "roster/export.html",
            title=_("导出%s") % self.opts.verbose_name,
            form=form,
            count=min(count, exports.MOST_ROWS),
            too_many=count > exports.MOST_ROWS,
            back=self.filtered_url(request, "changelist"),
        )
