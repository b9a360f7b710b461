"""Backups taken while others write, upload and delete: each is of one moment and whole."""

import json
import zipfile

import pytest

# Uploads, approvals, new drafts and deletions without end, and files that come and go.
WORK = """
import datetime as dt, io, itertools, os
from sanneng.core.domain.editing import create_record, delete_draft
from sanneng.core.domain.evidence import hand_in_file, remove_evidence
from sanneng.core.domain.records import approve_record, submit_record
from sanneng.core.models import School, User
from sanneng.research.models import Project
school = School.objects.get(code="east")
teacher, office = (User.objects.get(username=name) for name in ("teacher", "office"))
for number in itertools.count():
    values = {"title": f"{os.getpid()}-{number}", "level": "city", "approved_on": dt.date(2022, 3, 1)}
    project = create_record(Project, school=school, values=values, by=teacher)
    content = b"%PDF-1.7 " + os.urandom(20000)
    evidence = hand_in_file(record=project, source=io.BytesIO(content), name="a.pdf", by=teacher)
    if number % 3 == 0:
        remove_evidence(evidence=evidence, by=teacher)
        delete_draft(record=project, by=teacher)
    else:
        submit_record(record=project, by=teacher)
        approve_record(record=project, by=office)
    print(number, flush=True)
"""


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_every_backup_under_load_is_whole(seeded, new_installation, tmp_path, vendor):
    busy = seeded(vendor)
    workers = [busy.start(WORK) for _number in range(2)]
    try:
        for worker in workers:
            assert worker.stdout.readline()
        paths = [tmp_path / f"{number}.zip" for number in range(4)]
        said = busy.run_all(*(["backup", "--to", path] for path in paths))
        assert all("备份完成" in one for one in said)
        assert [worker.poll() for worker in workers] == [None, None]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    manifests = [json.loads(zipfile.ZipFile(path).read("manifest.json")) for path in paths]
    assert [manifest["missing"] for manifest in manifests] == [[]] * 4
    ends = [{head[0]: head[1] for head in manifest["heads"]}["east"] for manifest in manifests]
    assert ends == sorted(set(ends))
    target = new_installation("sqlite")
    commands = []
    for path in paths:
        commands += [
            ["restore", path, "--replace", "--yes"],
            ["audit", "verify"],
            ["doctor", "--all", "--json"],
        ]
    for number, said in enumerate(target.run_all(*commands)):
        kind = number % 3
        if kind == 0:
            assert "恢复完成" in said
        elif kind == 1:
            assert "审计日志完整" in said
        else:
            checks = json.loads(said.splitlines()[0])["checks"]
            states = {one["code"]: one["state"] for one in checks}
            assert (states["evidence"], states["audit"]) == ("ok", "ok")


def test_copying_the_database_file_would_lose_what_a_backup_keeps(seeded, tmp_path):
    """In WAL mode the latest rows lie beside the main file."""
    busy = seeded()
    said = busy.python(
        """
import shutil, sqlite3, sys
from django.conf import settings
from sanneng.core.models import School
from click.testing import CliRunner
from sanneng.cli import program
School.objects.create(code="late", name="刚登记", level="district")
shutil.copy(settings.HOME / "db.sqlite3", sys.argv[1] + "/copy.sqlite3")
copied = sqlite3.connect(sys.argv[1] + "/copy.sqlite3").execute(
    "SELECT count(*) FROM core_school WHERE code = 'late'").fetchone()[0]
result = CliRunner().invoke(program, ["backup", "--to", sys.argv[1] + "/b.zip"])
print(copied, result.exit_code)
""",
        tmp_path,
    )
    assert said.split() == ["0", "0"]
    assert "刚登记" in zipfile.ZipFile(tmp_path / "b.zip").read("rows/core.school.jsonl").decode()
