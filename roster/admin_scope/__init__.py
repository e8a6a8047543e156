"""The authorisation layer in the admin: every admin class of every room stands on `ScopedAdmin`.

Which rows: `visible(queryset, user)` of `roster.scope`, in lists, forms, widgets, inlines,
actions, exports and histories alike. Which pages and buttons: `may(user, permission)` for the
permissions a class declares; Django's own permissions are never asked. What is not there and what
is not yours give the same answer, 404. Saving calls a service (`write`), never a model's `save`.
"""

from .actions import scoped_action
from .base import ScopedAdmin
from .columns import Column
from .exports import ExportResource
from .filters import (
    ChecksFilter,
    DaysFilter,
    ScopedChoiceFilter,
    ScopedFilterSet,
    YesNoFilter,
)
from .forms import ScopedForm, fingerprint
from .imports import ScopedImportMixin, ServiceResource
from .inlines import ScopedStackedInline, ScopedTabularInline
from .paging import CappedPaginator
from .refusals import refusal_shown

__all__ = [
    "CappedPaginator",
    "ChecksFilter",
    "Column",
    "DaysFilter",
    "ExportResource",
    "ScopedAdmin",
    "ScopedChoiceFilter",
    "ScopedFilterSet",
    "ScopedForm",
    "ScopedImportMixin",
    "ScopedStackedInline",
    "ScopedTabularInline",
    "ServiceResource",
    "YesNoFilter",
    "fingerprint",
    "refusal_shown",
    "scoped_action",
]
