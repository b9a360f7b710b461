"""Backup and restore, each in a process of its own as an operator runs them."""

import json
import re
import stat
import zipfile

import pytest

from tests.running.lives import FINGERPRINT

WAYS = [("sqlite", "sqlite"), ("postgresql", "postgresql"), ("sqlite", "postgresql")]


def fingerprint(installation):
    return json.loads(installation.python(FINGERPRINT).splitlines()[-1])


@pytest.mark.parametrize(("old", "new"), WAYS)
def test_what_is_restored_is_what_was_there(seeded, new_installation, old, new):
    first, second = seeded(old), new_installation(new, bare=new == "sqlite")
    before = fingerprint(first)
    said = first.run("backup", "--to", first.home / "b.zip")
    assert re.search(r"备份完成：.*　\d+ KB　\d+ 行　6 个文件　[\d.]+ 秒", said)
    said = second.run("restore", first.home / "b.zip")
    assert "逐行读回，与备份一致" in said
    assert "审计链" in said
    after = fingerprint(second)
    assert before["log_in"] and len(before["files"]) == 6  # noqa: PT018
    assert after == before


def test_after_a_restore_the_program_goes_on(seeded, new_installation):
    first, second = seeded("sqlite"), new_installation("postgresql")
    first.run("backup", "--to", first.home / "b.zip")
    second.run("restore", first.home / "b.zip")
    more = """
from django.db import DatabaseError
from sanneng.core.models import AuditEntry, School, User
from sanneng.core.domain.audit import note, verify
from sanneng.core.enums import AuditAction
School.objects.create(code="new", name="新", level="district")
User.objects.create(username="new")
note(AuditAction.SETTINGS, school=School.objects.get(code="east"), by=User.objects.get(username="new"))
assert verify() == []
try:
    AuditEntry.objects.update(actor_name="x")
except DatabaseError as error:
    print(error)
print(list(AuditEntry.objects.filter(chain="").order_by("number").values_list("action", flat=True)))
"""
    said = second.python(more)
    assert "cannot be changed" in said
    assert "['restore']" in said
    assert "审计日志完整" in second.run("audit", "verify")


def evidence_in(members):
    return next(name for name in members if name.startswith("evidence/"))


def stating(**changes):
    def change(members):
        manifest = json.loads(members["manifest.json"]) | changes
        return members | {"manifest.json": json.dumps(manifest).encode()}

    return change


def climbing_out(members):
    """A file that would leave the store, named so in the manifest too."""
    old, new = evidence_in(members), "evidence/../../escaped"
    members["manifest.json"] = members["manifest.json"].replace(old.encode(), new.encode())
    content = members.pop(old)
    return {**members, new: content}


def without_last_migration(members):
    manifest = json.loads(members["manifest.json"])
    return stating(migrations=manifest["migrations"][:-1], version="0.0.9")(members)


def with_another_migration(members):
    manifest = json.loads(members["manifest.json"])
    return stating(migrations=[*manifest["migrations"], "core.9999_new"])(members)


BAD = [
    (lambda m: m | {evidence_in(m): b"swapped"}, "备份文件已损坏"),
    (lambda m: m | {"rows/core.user.jsonl": b"[]\n"}, "备份文件已损坏"),
    (lambda m: {n: c for n, c in m.items() if n != evidence_in(m)}, "内容与清单不符"),
    (lambda m: m | {"../escaped": b"x"}, "内容与清单不符"),
    (climbing_out, "不认识的文件"),
    (lambda m: {n: c for n, c in m.items() if n != "manifest.json"}, "里面没有清单"),
    (stating(product="other"), "这不是三能的备份文件"),
    (stating(format=2), "备份的格式是第 2 版"),
    (stating(heads="x"), "清单读不懂"),
    (without_last_migration, "备份来自较早的版本 0.0.9"),
    (with_another_migration, "备份来自较新的版本"),
]


def test_a_damaged_or_foreign_file_changes_nothing(seeded, tmp_path):
    first = seeded()
    first.run("backup", "--to", tmp_path / "good.zip")
    before = fingerprint(first)
    commands, words = [], []
    for number, (change, expected) in enumerate(BAD):
        bad = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(tmp_path / "good.zip") as source, zipfile.ZipFile(bad, "w") as target:
            members = {name: source.read(name) for name in source.namelist()}
            for name, content in change(members).items():
                target.writestr(name, content)
        commands.append(["restore", bad, "--replace", "--yes"])
        words.append(expected)
    (tmp_path / "text.zip").write_text("x")
    commands += [["restore", tmp_path / "text.zip"], ["restore", tmp_path / "none.zip"]]
    words += ["备份文件已损坏", "找不到备份文件"]
    for said, expected in zip(first.run_all(*commands), words, strict=True):
        assert expected in said
        assert said.endswith("[2]\n")
    assert fingerprint(first) == before
    assert not list(tmp_path.rglob("escaped")) + list(first.home.parent.rglob("escaped"))


def test_a_database_in_use_is_replaced_only_when_asked_for(seeded):
    first = seeded()
    first.run("backup", "--to", first.home / "b.zip")
    before = fingerprint(first)
    first.python("from sanneng.core.models import School; School.objects.update(name='改')")
    assert "没有恢复" in first.run("restore", first.home / "b.zip", fails=2)
    first.run("restore", first.home / "b.zip", "--replace", "--yes")
    assert fingerprint(first) == before


def test_rows_that_break_the_audit_chain_are_not_restored(seeded, new_installation, tmp_path):
    first = seeded()
    first.python("""
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("DROP TRIGGER core_auditentry_kept")
    cursor.execute("UPDATE core_auditentry SET actor_name = 'x' WHERE number = 3")
""")
    first.run("backup", "--to", tmp_path / "b.zip")
    second = new_installation("sqlite")
    assert "审计链不完整" in second.run("restore", tmp_path / "b.zip", fails=2)
    assert (
        second.python("from sanneng.core.models import User; print(User.objects.count())") == "0\n"
    )


def test_a_sealed_backup_opens_with_its_key_alone(seeded, new_installation, tmp_path):
    first, second = seeded(), new_installation("sqlite")
    key, sealed = tmp_path / "key", tmp_path / "b.sealed"
    first.run("backup", "--to", sealed, "--encrypt-with", key, "--make-key")
    assert stat.S_IMODE(key.stat().st_mode) == stat.S_IMODE(sealed.stat().st_mode) == 0o600
    assert b"east" not in sealed.read_bytes()
    assert "请用 --key" in second.run("restore", sealed, fails=2)
    (tmp_path / "other").write_text("k" * 64)
    (tmp_path / "other").chmod(0o600)
    assert "密钥不对" in second.run("restore", sealed, "--key", tmp_path / "other", fails=2)
    key.chmod(0o644)
    assert "chmod 600" in second.run("restore", sealed, "--key", key, fails=2)
    key.chmod(0o600)
    before = fingerprint(first)
    second.run("restore", sealed, "--key", key)
    assert fingerprint(second) == before


def test_the_signing_key_is_in_a_backup_only_when_asked_for(seeded, new_installation, tmp_path):
    first, second = seeded(), new_installation("sqlite", bare=True)
    first.run_all(
        ["backup", "--to", tmp_path / "without.zip"],
        ["backup", "--to", tmp_path / "with.zip", "--with-secrets"],
    )
    assert "home/secret_key" not in zipfile.ZipFile(tmp_path / "without.zip").namelist()
    secret = (first.home / "secret_key").read_text()
    second.run("restore", tmp_path / "with.zip")
    assert (second.home / "secret_key").read_text() != secret
    second.run("restore", tmp_path / "with.zip", "--with-secrets", "--replace", "--yes")
    assert (second.home / "secret_key").read_text() == secret


def test_a_backup_is_noted_recorded_and_old_ones_go(seeded):
    first = seeded()
    for _turn in range(3):
        first.run("backup", "--keep", "2")
    kept = sorted((first.home / "backups").iterdir())
    lines = (first.home / "backups.jsonl").read_text().splitlines()
    assert (len(kept), len(lines)) == (2, 3)
    assert json.loads(lines[-1])["file"] == str(kept[-1])
    assert json.loads(lines[-1])["size"] == kept[-1].stat().st_size
    noted = "from sanneng.core.models import AuditEntry as A; print(A.objects.filter(action='backup').count())"
    assert first.python(noted) == "3\n"


def test_a_file_that_was_lost_before_is_told_and_the_rest_is_kept(seeded):
    first = seeded()
    lost = next(path for path in (first.home / "evidence").rglob("*") if path.is_file())
    lost.unlink()
    assert "1 个文件在备份前就已缺失" in first.run("backup", "--to", first.home / "b.zip", fails=1)
    assert zipfile.ZipFile(first.home / "b.zip").testzip() is None


def test_nothing_is_written_over(seeded, tmp_path):
    first = seeded()
    (tmp_path / "b.zip").write_text("mine")
    assert "已经存在" in first.run("backup", "--to", tmp_path / "b.zip", fails=2)
    assert (tmp_path / "b.zip").read_text() == "mine"
