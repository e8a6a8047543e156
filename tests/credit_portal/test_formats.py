"""Dates look the same in every list and form, and are taken as clerks write them."""

import datetime as dt

import pytest
from django import forms
from django.utils.formats import date_format
from django.utils.translation import override

MAY_DAY = dt.date(2023, 5, 1)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_date_is_shown_one_way_in_both_languages(language: str):
    with override(language):
        assert date_format(MAY_DAY) == "2023-05-01"
        assert 'value="2023-05-01"' in str(forms.DateInput().render("d", MAY_DAY))


@pytest.mark.parametrize(
    "written", ["2023-05-01", "2023-5-1", "2023/5/1", "2023年5月1日", "2023.5.1", "20230501"]
)
def test_date_is_taken_as_clerks_write_it(written: str):
    assert forms.DateField().clean(written) == MAY_DAY


def test_date_that_is_none_is_refused():
    with pytest.raises(forms.ValidationError):
        forms.DateField().clean("2023-02-29")
