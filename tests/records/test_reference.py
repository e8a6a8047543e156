"""The first composition table, and what a migration makes of one loaded before."""

from importlib import import_module

import pytest
from django.apps import apps

from records import services
from records.models import Kind
from tests.factories.roster_files import OPERATOR

filling = import_module("records.migrations.0006_fill_list_names")


@pytest.mark.django_db
def test_names_of_lists_are_filled_as_they_are_loaded_and_own_ones_stay():
    services.load_reference(by=OPERATOR)
    loaded = dict(Kind.objects.values_list("code", "list_names"))
    Kind.objects.exclude(pk="tax_arrears").update(list_names="")
    Kind.objects.filter(pk="tax_arrears").update(list_names="欠税公告")
    filling.fill(apps, None)
    assert dict(Kind.objects.values_list("code", "list_names")) == loaded | {
        "tax_arrears": "欠税公告"
    }
