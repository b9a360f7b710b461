"""Kill the program with -9 at random moments of an import, an approval, an upload and a report,
and look whether anything that was acknowledged is lost or anything is half there.

``python -m benchmarks.crash [--kills 200] [--postgres] [--seed 1]``; prints a table, exit code 1
where a promise is broken. A killed process is a crash of the program, not a loss of power.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import hashlib
import io
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROWS = 40
DAY = dt.date(2022, 3, 1)
Acknowledge = Callable[..., None]


@dataclass
class Outcome:
    """What was seen of one action: kills, acknowledged writes, and every broken promise."""

    kills: int = 0
    acknowledged: int = 0
    unheard: int = 0
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--postgres", action="store_true")
    options = arguments.parse_args()
    with contextlib.ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="sanneng-crash-"))
        os.environ |= {
            "SANNENG_HOME": home,
            "SANNENG_HTTPS": "0",
            "SANNENG_LOG_LEVEL": "ERROR",
            "SANNENG_DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "sanneng.config.settings",
        }
        if options.postgres:
            from tests.postgres import server

            os.environ["SANNENG_DATABASE_URL"] = stack.enter_context(server())
        import django

        django.setup()
        outcomes, leftovers = crash(options.kills, random.Random(options.seed), Path(home))
    report(outcomes, leftovers, "PostgreSQL" if options.postgres else "SQLite")
    sys.exit(any(outcome.broken for outcome in outcomes.values()))


def crash(kills: int, chance: random.Random, home: Path) -> tuple[dict[str, Outcome], int]:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    world = World(home)
    outcomes = {name: Outcome() for name in ACTIONS}
    typical = {name: _time_of(name, world) for name in ACTIONS}
    for number in range(kills):
        name = list(ACTIONS)[number % len(ACTIONS)]
        started = time.monotonic()
        # As long as two of the action, so that the kill falls somewhere inside one: in a new
        # process, or in one that has done it once.
        after = chance.uniform(0, 2 * typical[name])
        heard = killed(name, world, after, warm=number % 8 < 4)
        outcome = outcomes[name]
        outcome.kills += 1
        outcome.acknowledged += len(heard)
        outcome.broken += [f"{number}: {text}" for text in broken_promises(world, name, heard)]
        outcome.seconds += time.monotonic() - started
    for name, outcome in outcomes.items():
        outcome.unheard = UNHEARD[name]() - outcome.acknowledged
    return outcomes, _clean_up(outcomes)


class World:
    """The school in which all happens; made once, and read by every process."""

    def __init__(self, home: Path) -> None:
        from sanneng.core.enums import Role
        from sanneng.core.models import Membership, School, User
        from sanneng.people.models import Staff

        self.home = home
        self.school = School.objects.create(code="east", name="东区党校", level="district")
        self.teacher = User.objects.create(username="teacher")
        self.office = User.objects.create(username="office")
        for user, role in ((self.teacher, Role.TEACHER), (self.office, Role.OFFICE)):
            Membership.objects.create(
                user=user, school=self.school, role=role, valid_from=dt.date(2020, 1, 1)
            )
        self.staff = Staff.objects.create(
            school=self.school, key="S", name="甲", birth_date=dt.date(1980, 1, 1),
            created_by=self.office,
        )  # fmt: skip


def _time_of(name: str, world: World) -> float:
    """How long the action takes when nobody is killed; the first turn warms up."""
    turns = ACTIONS[name](world, lambda **_facts: None)
    next(turns)
    started = time.monotonic()
    next(turns)
    return time.monotonic() - started


def killed(name: str, world: World, after: float, *, warm: bool) -> list[dict[str, Any]]:
    """Run the action again and again in a process of its own, kill it ``after`` seconds (from
    the first acknowledgement if ``warm``), and give what it had acknowledged."""
    from django.db import connections

    connections.close_all()
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        _work(name, world, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        pipe.readline()
        first = pipe.readline() if warm else b""
        time.sleep(after)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        # What follows the last line feed was cut off: it was not acknowledged.
        return [json.loads(line) for line in (first + pipe.read()).split(b"\n")[:-1] if line]


def _work(name: str, world: World, writer: int) -> None:
    """The life of a killed process; it never returns."""

    def acknowledge(**facts: Any) -> None:
        os.write(writer, json.dumps(facts).encode() + b"\n")

    try:
        os.write(writer, b"\n")
        for _turn in ACTIONS[name](world, acknowledge):
            pass
    except BaseException as error:
        acknowledge(failed=repr(error))
    finally:
        os._exit(1)


def importing(world: World, acknowledge: Acknowledge) -> Iterator[None]:
    from openpyxl import Workbook

    from sanneng.core.spreadsheets.importing import import_workbook

    for turn in _names():
        path = world.home / f"{turn}.xlsx"
        folder = world.home / f"{turn}_佐证"
        folder.mkdir()
        (folder / "a.pdf").write_bytes(b"%PDF-1.7 " + turn.encode() * 2000)
        book = Workbook()
        book.active.title = "教职工"
        book.active.append(["编号", "姓名", "出生日期", "状态", "佐证材料"])
        for row in range(ROWS):
            book.active.append([f"{turn}-{row}", "乙", "1980-01-02", "已通过", "a.pdf"])
        book.save(path)
        made = import_workbook(path, school=world.school, by=world.office)
        assert made.batch is not None, made.errors[:3]
        acknowledge(pk=made.batch.pk)
        yield


def approving(world: World, acknowledge: Acknowledge) -> Iterator[None]:
    from sanneng.core.domain.editing import create_record
    from sanneng.core.domain.records import approve_record, submit_record
    from sanneng.research.models import Project

    for turn in _names():
        values = {"title": turn, "level": "city", "approved_on": DAY}
        record = create_record(Project, school=world.school, values=values, by=world.teacher)
        submit_record(record=record, by=world.teacher)
        approve_record(record=record, by=world.office)
        acknowledge(pk=record.pk)
        yield


def uploading(world: World, acknowledge: Acknowledge) -> Iterator[None]:
    from sanneng.core.domain.evidence import hand_in_file

    for turn in _names():
        content = b"%PDF-1.7 " + turn.encode() * 20_000
        file = hand_in_file(
            record=world.staff, source=io.BytesIO(content), name=f"{turn}.pdf", by=world.office
        )
        acknowledge(pk=file.pk, digest=hashlib.sha256(content).hexdigest())
        yield


def reporting(world: World, acknowledge: Acknowledge) -> Iterator[None]:
    from sanneng.reports.library import make_report
    from sanneng.reports.rendering import DEFAULT_TEMPLATE

    while True:
        kept = make_report(
            template=DEFAULT_TEMPLATE, school=world.school, as_of=DAY, by=world.office
        )
        acknowledge(pk=kept.pk, digest=kept.digest)
        yield


ACTIONS = {"import": importing, "approval": approving, "upload": uploading, "report": reporting}


def _names() -> Iterator[str]:
    while True:
        yield os.urandom(8).hex()


def broken_promises(world: World, name: str, heard: list[dict[str, Any]]) -> Iterator[str]:
    """Whatever is not as it was acknowledged, or half there."""
    from sanneng.core.domain.audit import verify
    from sanneng.running.stores import named_files

    for facts in heard:
        if "failed" in facts:
            yield f"the process failed by itself: {facts['failed']}"
        elif not _is_there(name, facts):
            yield f"acknowledged and lost: {facts}"
    yield from _half_done()
    for fault in verify():
        yield f"the audit log: {fault}"
    for _store, digest, path in named_files():
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield f"a row without its file: {digest}"


def _is_there(name: str, facts: dict[str, Any]) -> bool:
    from sanneng.core.models import Evidence, ImportBatch
    from sanneng.reports.models import Report
    from sanneng.research.models import Project

    if name == "import":
        return ImportBatch.objects.filter(pk=facts["pk"]).exists()
    if name == "approval":
        return Project.objects.filter(pk=facts["pk"], state="approved").exists()
    model = Evidence if name == "upload" else Report
    return model._base_manager.filter(pk=facts["pk"], digest=facts["digest"]).exists()


def _half_done() -> Iterator[str]:
    """Batches with a part of their rows, and anything without its entry in the audit log."""
    from django.db.models import Count

    from sanneng.core.models import AuditEntry, Evidence, ImportBatch
    from sanneng.people.models import Staff
    from sanneng.reports.models import Report
    from sanneng.research.models import Project

    for batch in ImportBatch.objects.annotate(rows_there=Count("rows")):
        staff = Staff.objects.filter(import_batch=batch)
        files = Evidence.objects.filter(import_batch=batch).count()
        if not batch.created_count == batch.rows_there == staff.count() == files == ROWS:
            yield f"half a batch: {batch.pk}"
    for action, made in (
        ("import", ImportBatch.objects.count()),
        ("report", Report.objects.count()),
        ("create", Project.objects.count()),
        ("approve", Project.objects.filter(state="approved").count()),
        ("attach", Evidence.objects.filter(import_batch=None).count()),
    ):
        if AuditEntry.objects.filter(action=action).count() != made:
            yield f"not noted, or noted and not done: {action}"


def _count(label: str, **conditions: Any) -> Callable[[], int]:
    def counted() -> int:
        from django.apps import apps

        return apps.get_model(label)._base_manager.filter(**conditions).count()

    return counted


# All there is of each kind; two more than acknowledged come from taking the time at the start.
UNHEARD = {
    "import": _count("core.importbatch"),
    "approval": _count("research.project", state="approved"),
    "upload": _count("core.evidence", import_batch=None),
    "report": _count("reports.report"),
}


def _clean_up(outcomes: dict[str, Outcome]) -> int:
    """How many files the kills left behind, and whether the tidying takes them all."""
    from django.db import connection

    from sanneng.running import stores

    stores.STRAY_AFTER = -1
    left = stores.tidy()
    if list(stores.strays()):
        outcomes["upload"].broken.append("files stay behind after tidying")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            if cursor.fetchone() != ("ok",):
                outcomes["upload"].broken.append("the database file is damaged")
    return left


def report(outcomes: dict[str, Outcome], leftovers: int, engine: str) -> None:
    from rich.console import Console
    from rich.table import Table

    total = sum(outcome.kills for outcome in outcomes.values())
    table = Table(title=f"{total} x kill -9 on {engine}, {os.cpu_count()} cores")
    for heading in ("action", "kills", "acknowledged", "done, not heard", "broken", "seconds"):
        table.add_column(heading, justify="left" if heading == "action" else "right")
    for name, one in outcomes.items():
        table.add_row(
            name, str(one.kills), str(one.acknowledged), str(one.unheard - 2), str(len(one.broken)),
            f"{one.seconds:.0f}",
        )  # fmt: skip
    console = Console()
    console.print(table)
    console.print(f"{leftovers} files left behind without a row, all tidied afterwards")
    for name, one in outcomes.items():
        for text in one.broken[:5]:
            console.print(f"BROKEN {name} {text}", markup=False)


if __name__ == "__main__":
    main()
