"""A hundred people at once: throughput, times and errors, on SQLite and on PostgreSQL.

    python benchmarks/load.py [--users 100] [--seconds 120] [--rows 100000] [--on sqlite postgresql]

Each run serves a fresh installation (the sample school and ``--rows`` lectures) by the
product's own server on the loopback interface, and lets locust read lists, records and
figures, search, and enter records, as people do, with one to three seconds between pages. The
people, the server and the database share the machine's cores. The table asserts nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PORT = 8899
ACCOUNTS = 100


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--users", type=int, default=100)
    options.add_argument("--seconds", type=int, default=120)
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--on", nargs="*", default=["sqlite", "postgresql"])
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--fill", type=int, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.fill is not None:
        _fill(given.fill)
        return
    print(f"{os.cpu_count()} cores, {given.users} users, {given.seconds} s, {given.rows} records")
    print(f"{'':<12}{'page':<22}{'requests':>9}{'errors':>8}{'per s':>8}{'p50 ms':>8}{'p95 ms':>8}")
    for database in given.on:
        for row in _measure(database, given):
            print(f"{database:<12}{row}", flush=True)


def _measure(database: str, given: argparse.Namespace) -> list[str]:
    with tempfile.TemporaryDirectory() as folder, _database(database) as url:
        environment = {
            **os.environ, "SANNENG_HOME": folder, "SANNENG_HTTPS": "0", "SANNENG_DATABASE_URL": url,
            "PYTHONPATH": str(ROOT), "SANNENG_LOG_LEVEL": "ERROR",
        }  # fmt: skip
        fill = [sys.executable, __file__, "--fill", str(given.rows)]
        subprocess.run(fill, env=environment, check=True)
        serve = [
            str(BIN / "sanneng"),
            "serve",
            "--port",
            str(PORT),
            "--workers",
            str(given.workers),
        ]
        server = subprocess.Popen(serve, env=environment, stdout=subprocess.DEVNULL)
        try:
            _wait()
            return _locust(given, environment, Path(folder))
        finally:
            server.terminate()
            server.wait(timeout=30)


@contextlib.contextmanager
def _database(name: str) -> Iterator[str]:
    if name == "sqlite":
        yield ""
        return
    sys.path.insert(0, str(ROOT))
    from tests.postgres import server

    with server() as url:
        yield url


def _fill(rows: int) -> None:
    """The sample school, many lectures, and sessions for the people who will come."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanneng.config.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from sanneng.core.spreadsheets.importing import import_workbook
    from sanneng.people.models import Staff
    from sanneng.sample.build import sample_school, write_sample
    from sanneng.teaching.models import OutreachLecture

    workbook = Path(settings.HOME) / "sample.xlsx"
    write_sample(workbook)
    school = sample_school()
    assert import_workbook(workbook, school=school, by=None).is_clean
    staff = list(Staff.objects.filter(school=school))
    OutreachLecture.objects.bulk_create(
        (
            OutreachLecture(
                school=school, key=f"B{number:06d}", state="approved",
                staff=staff[number % len(staff)], topic=f"题目{number}", host=f"单位{number % 500}",
                delivered_on=dt.date(2019, 1, 1) + dt.timedelta(days=number % 1600),
            )
            for number in range(rows)
        ),
        batch_size=5000,
    )  # fmt: skip
    pks = list(OutreachLecture.objects.values_list("pk", flat=True)[:5000])
    seen = {"sessions": _sessions(school), "pks": pks, "cookie": settings.SESSION_COOKIE_NAME}
    (Path(settings.HOME) / "people.json").write_text(json.dumps(seen))


def _sessions(school: object) -> list[str]:
    """Keys of sessions that are logged in already: how long a log-in takes is not the question."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from sanneng.core.enums import Role
    from sanneng.core.models import Membership, User

    keys = []
    for number in range(ACCOUNTS):
        user = User.objects.create(username=f"load-{number}")
        role = Role.OFFICE if number % 5 == 0 else Role.TEACHER
        Membership.objects.create(
            user=user, school=school, role=role, valid_from=dt.date(2020, 1, 1)
        )
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        keys.append(str(session.session_key))
    return keys


def _wait() -> None:
    for _turn in range(150):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/login/", timeout=5)
            return
        except urllib.error.URLError:
            time.sleep(0.2)
    raise SystemExit("the site did not start")


def _locust(given: argparse.Namespace, environment: dict[str, str], folder: Path) -> list[str]:
    report = folder / "load"
    command = [
        str(BIN / "locust"), "-f", str(ROOT / "benchmarks/people.py"), "--headless", "--only-summary",
        "--host", f"http://127.0.0.1:{PORT}", "-u", str(given.users), "-r", "10",
        "-t", f"{given.seconds}s", "--csv", str(report), "--reset-stats", "--exit-code-on-error", "0",
    ]  # fmt: skip
    log = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if "Traceback" in log.stderr or not report.with_name("load_stats.csv").exists():
        raise SystemExit(log.stderr[-2000:])
    lines = []
    with report.with_name("load_stats.csv").open() as handle:
        for row in csv.DictReader(handle):
            lines.append(
                f"{row['Name']:<22}{row['Request Count']:>9}{row['Failure Count']:>8}"
                f"{float(row['Requests/s']):>8.1f}{row['50%']:>8}{row['95%']:>8}"
            )
    return lines


if __name__ == "__main__":
    main()
