"""Give every door that takes files what it should not get: hand-made attacks, and real files
mutated by a seeded generator. Each must be read, or refused in words (SannengError), within
bounds of time and memory.

``python -m benchmarks.hostile_files [--mutants 500] [--seed 1]``; prints a table, exit code 1
where a door fell over. Doors are tried in processes of their own, with limited memory.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# What one file may cost a process that has the whole program loaded.
MEMORY, SECONDS = 1 << 30, 20
DAY = dt.date(2023, 6, 30)
NAME_LENGTH = 40


@dataclass
class Seen:
    """At one door: how many files were read and refused, the worst of time (seconds) and of
    memory (MB above what the process had), and whatever went wrong."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    largest: tuple[float, str] = (0.0, "")
    failed: list[str] = field(default_factory=list)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--mutants", type=int, default=500)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="sanneng-hostile-") as home:
        os.environ |= {
            "SANNENG_HOME": home,
            "SANNENG_HTTPS": "0",
            "SANNENG_LOG_LEVEL": "ERROR",
            "SANNENG_DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "sanneng.config.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        seen = try_all(Path(home), options.mutants, random.Random(options.seed))
    report(seen, options.mutants)
    sys.exit(any(one.failed for one in seen.values()))


def try_all(home: Path, mutants: int, chance: random.Random) -> dict[str, Seen]:
    from benchmarks.hostile_made import attacks
    from sanneng.reports.rendering import DEFAULT_TEMPLATE

    originals = {"xlsx": _workbook(home), "docx": DEFAULT_TEMPLATE.read_bytes()}
    work = [(name, content) for name, content in attacks(originals)]
    for number in range(mutants):
        kind = ("xlsx", "docx")[number % 2]
        work.append((f"mutant{number}.{kind}", mutate(originals[kind], chance)))
    seen: dict[str, Seen] = {}
    for name, content in work:
        for door in DOORS:
            if name.endswith(DOORS[door][0]):
                _judge(seen.setdefault(door, Seen()), door, name, content, home)
    return seen


def _workbook(home: Path) -> bytes:
    """A workbook with a few records of every sheet, as people send them in."""
    from sanneng.core.models import School
    from sanneng.core.spreadsheets.writing import write_rows
    from sanneng.sample.build import build

    School.objects.create(code="east", name="东区党校", level="district")
    path = home / "real.xlsx"
    write_rows(path, {model: rows[:8] for model, rows in build().items()})
    return path.read_bytes()


def mutate(content: bytes, chance: random.Random) -> bytes:
    """``content`` with a few accidents, in the container or in one of its members."""
    if chance.random() < 0.3:
        return _shaken(content, chance)
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        members = {name: source.read(name) for name in source.namelist()}
    for _turn in range(chance.randint(1, 3)):
        name = chance.choice(sorted(members))
        change = chance.choice((_shaken, _shaken, _cut_tag, _doubled, _swollen, _entity, _deep))
        members[name] = change(members[name], chance)
    if chance.random() < 0.1:
        members.pop(chance.choice(sorted(members)))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name, member in members.items():
            target.writestr(name, member)
    return made.getvalue()


def _shaken(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _turn in range(chance.randint(1, 20)):
        if not changed:
            break
        place = chance.randrange(len(changed))
        step = chance.random()
        if step < 0.6:
            changed[place] = chance.randrange(256)
        elif step < 0.8:
            del changed[place : place + chance.randint(1, 200)]
        else:
            changed[place:place] = changed[place : place + chance.randint(1, 200)]
    return bytes(changed)


def _cut_tag(content: bytes, chance: random.Random) -> bytes:
    start = content.find(b"<", chance.randrange(len(content) or 1))
    end = content.find(b">", start)
    return content[:start] + content[end + 1 :] if 0 <= start < end else content


def _doubled(content: bytes, chance: random.Random) -> bytes:
    return content + content


def _swollen(content: bytes, chance: random.Random) -> bytes:
    """A number somewhere becomes huge, negative, or no number."""
    digits = [place for place, byte in enumerate(content[:200_000]) if 48 <= byte <= 57]
    if not digits:
        return content
    place = chance.choice(digits)
    new = chance.choice((b"99999999999999999999", b"-1", b"1e308", b"NaN", b"4294967296", b""))
    return content[:place] + new + content[place + 1 :]


def _entity(content: bytes, chance: random.Random) -> bytes:
    head = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    end = content.find(b"?>") + 2 if content.startswith(b"<?xml") else 0
    text = content[end:].replace(b">", b">&e;", 2)
    return content[:end] + head + text


def _deep(content: bytes, chance: random.Random) -> bytes:
    place = content.find(b">", chance.randrange(len(content) or 1)) + 1
    depth = chance.choice((300, 3000))
    return content[:place] + b"<a>" * depth + b"</a>" * depth + content[place:]


def _import(path: Path) -> None:
    from sanneng.core.models import School
    from sanneng.core.spreadsheets.importing import import_workbook
    from sanneng.core.spreadsheets.marking import mark_errors

    school = School.objects.get(code="east")
    result = import_workbook(path, school=school, by=None, dry_run=True)
    if not result.is_clean:
        mark_errors(path, io.BytesIO(), result)


def _check(path: Path) -> None:
    from sanneng.core.models import School
    from sanneng.reports.checking import check_document
    from sanneng.reports.checking.output import write_checked

    result = check_document(path, school=School.objects.get(code="east"), as_of=DAY)
    assert "root:x:0" not in result.text, "a file of this machine was read"
    write_checked(result, path.with_suffix(".checked.docx"))


def _template(path: Path) -> None:
    from sanneng.core.models import School
    from sanneng.reports.rendering import render_report

    made = render_report(path, school=School.objects.get(code="east"), as_of=DAY)
    with zipfile.ZipFile(io.BytesIO(made.content)) as document:
        text = b"".join(document.read(name) for name in document.namelist())
    assert b"root:x:0" not in text, "a file of this machine was read"
    assert b"uid=" not in text, "a command of the template was run"


def _evidence(path: Path) -> None:
    from sanneng.core.domain.evidence import examine_file

    with path.open("rb") as source:
        examine_file(source=source, name=path.name)


DOORS: dict[str, tuple[tuple[str, ...], Callable[[Path], None]]] = {
    "import": ((".xlsx",), _import),
    "check": ((".docx", ".txt"), _check),
    "template": ((".docx",), _template),
    "evidence": ((".xlsx", ".docx", ".pdf", ".png", ".ofd", ".jpg"), _evidence),
}


def _judge(seen: Seen, door: str, name: str, content: bytes, home: Path) -> None:
    outcome = through(door, name, content, home)
    seen.outcomes[outcome["outcome"]] += 1
    seen.slowest = max(seen.slowest, (outcome["seconds"], name))
    seen.largest = max(seen.largest, (outcome["memory"], name))
    if outcome["outcome"] == "failed":
        seen.failed.append(f"{name}: {outcome['text']}")


def through(door: str, name: str, content: bytes, home: Path) -> dict[str, Any]:
    """Take one file through a door in a process of its own; what came of it."""
    from django.db import connections

    connections.close_all()
    reader, writer = os.pipe()
    started = time.monotonic()
    pid = os.fork()
    if pid == 0:
        _try(door, name, content, home, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    _pid, status = os.waitpid(pid, 0)
    if not said:
        text = f"the process ended by signal {os.WTERMSIG(status)}"
        return {
            "outcome": "failed",
            "text": text,
            "seconds": time.monotonic() - started,
            "memory": 0,
        }
    outcome: dict[str, Any] = json.loads(said)
    return outcome


def _try(door: str, name: str, content: bytes, home: Path, writer: int) -> None:
    """The life of the process that takes the file; it never returns."""
    from sanneng.core.errors import SannengError

    before = _memory()
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    signal.alarm(SECONDS)
    started = time.monotonic()
    outcome, text = "read", ""
    try:
        with tempfile.TemporaryDirectory(dir=home) as folder:
            path = Path(folder) / name[-NAME_LENGTH:]
            path.write_bytes(content)
            DOORS[door][1](path)
    except SannengError as error:
        outcome, text = ("refused", "") if str(error).strip() else ("failed", "no words")
    except BaseException as error:
        outcome, text = "failed", f"{type(error).__name__}: {error}"[:300]
    result = {
        "outcome": outcome,
        "text": text,
        "seconds": time.monotonic() - started,
        "memory": _memory() - before,
    }
    os.write(writer, json.dumps(result).encode())
    os._exit(0)


def _memory() -> float:
    """The most that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(seen: dict[str, Seen], mutants: int) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"hand-made attacks and {mutants} mutants, {os.cpu_count()} cores")
    for heading in ("door", "read", "refused", "failed", "most seconds", "most MB"):
        table.add_column(heading, justify="left" if heading == "door" else "right")
    for door, one in seen.items():
        table.add_row(
            door, *(str(one.outcomes[kind]) for kind in ("read", "refused", "failed")),
            *(f"{most:.1f}  {name}" for most, name in (one.slowest, one.largest)),
        )  # fmt: skip
    console = Console()
    console.print(table)
    for door, one in seen.items():
        for text in one.failed[:30]:
            console.print(f"FAILED {door} {text}", markup=False)


if __name__ == "__main__":
    main()
