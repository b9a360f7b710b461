"""The sample school is the same every time, and has what must not count beside what must."""

from __future__ import annotations

import datetime as dt

import pytest

from sanneng.core.models import Evidence
from sanneng.core.registry import all_types
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.people.models import Hire
from sanneng.research.models import Project, PublicationAuthor
from sanneng.sample.build import build, write_sample


def test_same_rows_every_time():
    assert build() == build()


def test_every_record_type_but_none_is_empty():
    assert {record_type.model for record_type in all_types()} == set(build())


@pytest.mark.django_db
def test_importing_again_changes_nothing(sample, tmp_path):
    workbook = tmp_path / "again.xlsx"
    write_sample(workbook)
    report = import_workbook(workbook, school=sample, by=None)
    assert (report.is_clean, report.new, report.changed) == (True, 0, 0)


@pytest.mark.django_db
def test_texture_that_a_careless_count_would_miss(sample):
    assert set(Project.objects.values_list("state", flat=True)) == {
        "draft", "submitted", "approved", "returned", "voided",
    }  # fmt: skip
    assert Hire.objects.filter(
        hired_on__range=(dt.date(2018, 7, 1), dt.date(2018, 12, 31)), channel="selection"
    ).exists()
    assert PublicationAuthor.objects.filter(order=2).exists()
    assert Project.objects.filter(level="provincial", approved_on__year=2019).exists()
    assert Evidence.objects.exclude(digest="").exists()
