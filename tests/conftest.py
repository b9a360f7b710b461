"""What every test may use: the sample school, loaded once per module, and the seed figures."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import translation

from sanneng.core.models import School

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
AS_OF = dt.date(2023, 6, 30)
pytest_plugins = ["tests.installations"]


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Evidence and reports of tests go where the tests are, not into an installation."""
    home = tmp_path_factory.mktemp("home")
    settings.EVIDENCE_ROOT = home / "evidence"
    settings.REPORTS_ROOT = home / "reports"
    settings.UPLOADS_ROOT = home / "uploads"
    settings.JOBS_ROOT = home / "jobs"


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Each test starts in Chinese: a page asked for in English leaves its thread in English."""
    with translation.override("zh-hans"):
        yield


@pytest.fixture(scope="module")
def sample(
    django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    """The sample school, taken in from its workbook; gone again after the module."""
    from sanneng.core.spreadsheets.importing import import_workbook
    from sanneng.sample.build import sample_school, write_sample

    workbook = tmp_path_factory.mktemp("sample") / "sample.xlsx"
    with django_db_blocker.unblock():
        write_sample(workbook)
        school = sample_school()
        report = import_workbook(workbook, school=school, by=None)
        assert report.is_clean, report.errors[:3]
        yield school
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="session")
def seed_figures() -> dict[str, dict[str, str]]:
    """The figures that the seed states, by id; skips loudly where the seed is not there."""
    path = SHARED / "seed/figures.csv"
    if not path.exists():
        pytest.skip("NOT TESTED: ../shared/seed is not beside the project")
    with path.open(encoding="utf-8") as handle:
        return {row["id"]: row for row in csv.DictReader(handle)}


@pytest.fixture(scope="session")
def seed_speech() -> Path:
    path = SHARED / "seed/speech.txt"
    if not path.exists():
        pytest.skip("NOT TESTED: ../shared/seed is not beside the project")
    return path
