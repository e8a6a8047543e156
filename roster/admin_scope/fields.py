"""Form fields, widgets and links of an admin form, over visible rows only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.admin import helpers
from django.contrib.admin.widgets import (
    AutocompleteSelect,
    ForeignKeyRawIdWidget,
    RelatedFieldWidgetWrapper,
)
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.text import Truncator

from ..scope import Sees, visible


class ScopedRawIdWidget(ForeignKeyRawIdWidget):
    """Names the chosen row only when the user may see it."""

    rows: Any = None

    def label_and_url_for_value(self, value: Any) -> tuple[str, str]:
        key = self.rel.get_related_field().name
        try:
            obj = self.rows.get(**{key: value})
        except (ValueError, ValidationError, OverflowError, models.ObjectDoesNotExist):
            return "", ""
        return Truncator(obj).words(14), _change_url(self.admin_site.name, obj)


class ScopedAutocompleteWidget(AutocompleteSelect):
    """Shows what was chosen; what can be no key was not, and the field says so."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        return super().optgroups(name, [one for one in value if self._is_key(one)], attrs)

    def _is_key(self, value: Any) -> bool:
        try:
            self.field.target_field.to_python(value)
        except ValidationError:
            return value in self.choices.field.empty_values
        return True


def _change_url(site: str, obj: Any) -> str:
    try:
        return reverse(
            f"{site}:{obj._meta.app_label}_{obj._meta.model_name}_change", args=(obj.pk,)
        )
    except NoReverseMatch:
        return ""


class ScopedFieldsMixin:
    """For admin classes and inlines: whatever can be chosen is visible to who chooses."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = self._visible_choices(db_field, request, kwargs)
        if "widget" not in kwargs and db_field.name in self.raw_id_fields:  # type: ignore[attr-defined]
            widget = ScopedRawIdWidget(
                db_field.remote_field,
                self.admin_site,  # type: ignore[attr-defined]
                using=kwargs.get("using"),
            )
            widget.rows = kwargs["queryset"]
            kwargs["widget"] = widget
        elif "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs["widget"] = ScopedAutocompleteWidget(
                db_field,
                self.admin_site,  # type: ignore[attr-defined]
                using=kwargs.get("using"),
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = self._visible_choices(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Related rows are chosen and looked at here; they are made and changed on their own page."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        widget = getattr(field, "widget", None)
        if isinstance(widget, RelatedFieldWidgetWrapper):
            widget.can_add_related = widget.can_change_related = widget.can_delete_related = False
        return field

    def _visible_choices(self, db_field: Any, request: HttpRequest, kwargs: Any) -> Any:
        rows = kwargs.get("queryset")
        if rows is None:
            rows = self.get_field_queryset(kwargs.get("using"), db_field, request)  # type: ignore[attr-defined]
        if rows is None:
            rows = db_field.remote_field.model._default_manager.all()
        return visible(rows, request.user)


def visible_initial(model: type[models.Model], request: HttpRequest) -> dict[str, Any]:
    """First values of an add form from the address bar, without what the user may not see."""
    initial = {}
    for name, value in request.GET.items():
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if not isinstance(field, models.Field) or not field.editable:
            continue
        if field.remote_field is None:
            initial[name] = value
        elif found := _visible_keys(field, value, request.user):
            initial[name] = found if field.many_to_many else found[0]
    return initial


def _visible_keys(field: Any, value: str, user: Any) -> list[Any]:
    wanted = value.split(",") if field.many_to_many else [value]
    key = "pk" if field.many_to_many else field.remote_field.field_name
    rows = visible(field.remote_field.model._default_manager.all(), user)
    try:
        return list(rows.filter(**{f"{key}__in": wanted}).values_list(key, flat=True))
    except (ValueError, ValidationError, OverflowError):
        return []


def plain_decimal(value: Decimal) -> str:
    """1.26, not 1.260000."""
    return f"{value.normalize():f}"


class ScopedReadonlyField(helpers.AdminReadonlyField):
    """A related row that the user may not see is its bare key, without name and link."""

    def __init__(self, *args: Any, sees: Sees, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sees = sees

    def get_admin_url(self, remote_field: Any, remote_obj: Any) -> Any:
        if not self.sees(remote_obj):
            return str(remote_obj.pk)
        return super().get_admin_url(remote_field, remote_obj)

    def contents(self) -> Any:
        """An amount as it was given, without the zeros of its column."""
        row = self.form.instance
        amounts = [f.name for f in row._meta.fields if isinstance(f, models.DecimalField)]
        value = getattr(row, self.field["name"]) if self.field["name"] in amounts else None
        return super().contents() if value is None else plain_decimal(value)


class ScopedFieldline(helpers.Fieldline):
    def __init__(self, *args: Any, sees: Sees, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sees = sees

    def __iter__(self) -> Any:
        for place, field in enumerate(self.fields):
            if field in self.readonly_fields:
                yield ScopedReadonlyField(
                    self.form,
                    field,
                    is_first=place == 0,
                    model_admin=self.model_admin,
                    sees=self.sees,
                )
            else:
                yield helpers.AdminField(self.form, field, is_first=place == 0)


class ScopedFieldset(helpers.Fieldset):
    sees: Sees

    def __iter__(self) -> Any:
        for field in self.fields:
            yield ScopedFieldline(
                self.form, field, self.readonly_fields, model_admin=self.model_admin, sees=self.sees
            )


class ScopedAdminForm(helpers.AdminForm):
    """The form as the change page draws it, taken over from Django's with the eyes of a user."""

    def __init__(self, drawn: helpers.AdminForm, sees: Sees) -> None:
        self.__dict__.update(drawn.__dict__)
        self.sees = sees

    def __iter__(self) -> Any:
        for name, options in self.fieldsets:
            fieldset = ScopedFieldset(
                self.form,
                name,
                readonly_fields=self.readonly_fields,
                model_admin=self.model_admin,
                **options,
            )
            fieldset.sees = self.sees
            yield fieldset
