"""Import one workbook with Sanneng and with django-import-export: time, memory, ratio.

    python benchmarks/import_workbook.py [--rows 100000]

Each import runs in a process of its own on a fresh SQLite database. Two ways of using
django-import-export are shown: ``checked`` validates every row and skips unchanged ones, as
Sanneng does; ``bulk`` is the fastest it offers, writing in bulk without checking the rows.
The table asserts nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STAFF = 200
WAYS = ("sanneng", "sanneng again", "import-export checked", "import-export bulk")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--ways", nargs="*", default=list(WAYS), choices=WAYS)
    options.add_argument("--run", help=argparse.SUPPRESS)
    options.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.run:
        print(json.dumps(_run(given.run, given.file)))
        return
    with tempfile.TemporaryDirectory() as folder:
        _compare(given.rows, given.ways, Path(folder))


def _compare(rows: int, ways: list[str], folder: Path) -> None:
    path = folder / "lectures.xlsx"
    _setup(folder / "writer")
    _write(path, rows)
    print(f"{rows} rows, {path.stat().st_size / 1e6:.1f} MB, {os.cpu_count()} cores")
    print(f"{'way':<24}{'seconds':>10}{'rows/s':>10}{'peak MiB':>10}{'times sanneng':>15}")
    first = None
    for way in ways:
        # The second import of the same file goes into the database of the first.
        home = folder / way.removesuffix(" again").replace(" ", "-")
        result = _measure(way, path, home)
        first = first or result["seconds"]
        print(
            f"{way:<24}{result['seconds']:>10.1f}{result['written'] / result['seconds']:>10.0f}"
            f"{result['peak_mib']:>10.0f}{result['seconds'] / first:>15.1f}",
            flush=True,
        )


def _measure(way: str, path: Path, home: Path) -> dict[str, float]:
    environment = {**os.environ, "SANNENG_HOME": str(home), "SANNENG_HTTPS": "0"}
    done = subprocess.run(
        [sys.executable, __file__, "--run", way, "--file", str(path)],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _setup(home: Path) -> None:
    os.environ.setdefault("SANNENG_HOME", str(home))
    os.environ.setdefault("SANNENG_HTTPS", "0")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanneng.config.settings")
    import django

    django.setup()


def _write(path: Path, rows: int) -> None:
    """A sheet without empty columns, as django-import-export needs every row filled."""
    from openpyxl import Workbook

    chance = random.Random(7)
    day = dt.date(2019, 1, 1)
    workbook = Workbook(write_only=True)
    page = workbook.create_sheet("送教送学")
    page.append(["编号", "授课人编号", "受众单位", "授课日期", "题目", "受众人次", "状态"])
    for number in range(rows):
        page.append(
            [
                f"L{number:06}",
                f"S{chance.randrange(STAFF):03}",
                f"第{chance.randrange(3000)}村党群服务中心",
                day + dt.timedelta(days=chance.randrange(1600)),
                f"宣讲题目之{number}",
                chance.randrange(20, 400),
                "已通过",
            ]
        )
    workbook.save(path)


def _run(way: str, path: Path) -> dict[str, float]:
    _setup(path.parent)
    from django.core.management import call_command

    from sanneng.core.models import School
    from sanneng.people.models import Staff
    from sanneng.teaching.models import OutreachLecture

    call_command("migrate", verbosity=0)
    school, is_new = School.objects.get_or_create(
        code="bench", defaults={"name": "测速党校", "level": "district"}
    )
    if is_new:
        Staff.objects.bulk_create(
            Staff(school=school, key=f"S{n:03}", name=f"教师{n}", birth_date=dt.date(1980, 1, 1))
            for n in range(STAFF)
        )
    before = time.perf_counter()
    if way.startswith("sanneng"):
        _with_sanneng(path, school)
    else:
        _with_import_export(path, school, is_checked=way.endswith("checked"))
    seconds = time.perf_counter() - before
    return {
        "seconds": seconds,
        "written": OutreachLecture.objects.count(),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _with_sanneng(path: Path, school: object) -> None:
    from sanneng.core.spreadsheets.importing import import_workbook

    report = import_workbook(path, school=school, by=None)
    assert report.is_clean, report.errors[:3]


def _with_import_export(path: Path, school: object, *, is_checked: bool) -> None:
    from django.conf import settings

    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "import_export"]
    from import_export import fields, resources, widgets
    from import_export.formats.base_formats import XLSX
    from import_export.instance_loaders import CachedInstanceLoader

    from sanneng.core.enums import RecordState
    from sanneng.people.models import Staff
    from sanneng.teaching.models import OutreachLecture

    codes = {str(label): code for code, label in RecordState.choices}

    class StateWidget(widgets.CharWidget):
        def clean(self, value, row=None, **kwargs):
            return codes[value]

    class DayWidget(widgets.DateWidget):
        def clean(self, value, row=None, **kwargs):
            return value.date() if isinstance(value, dt.datetime) else super().clean(value)

    class Lectures(resources.ModelResource):
        key = fields.Field("key", "编号")
        staff = fields.Field("staff", "授课人编号", widgets.ForeignKeyWidget(Staff, "key"))
        host = fields.Field("host", "受众单位")
        delivered_on = fields.Field("delivered_on", "授课日期", DayWidget())
        topic = fields.Field("topic", "题目")
        audience = fields.Field("audience", "受众人次", widgets.IntegerWidget())
        state = fields.Field("state", "状态", StateWidget())

        class Meta:
            model = OutreachLecture
            fields = ("key", "staff", "host", "delivered_on", "topic", "audience", "state")
            import_id_fields = ("key",)
            skip_unchanged = True
            report_skipped = False
            skip_diff = True
            use_transactions = True
            use_bulk = not is_checked
            clean_model_instances = is_checked
            instance_loader_class = CachedInstanceLoader

        def init_instance(self, row=None):
            return OutreachLecture(school=school)

    dataset = XLSX().create_dataset(path.read_bytes())
    result = Lectures().import_data(dataset, raise_errors=True)
    assert not result.has_errors()


if __name__ == "__main__":
    main()
