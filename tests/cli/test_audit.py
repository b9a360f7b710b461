"""``sanneng audit`` as an auditor types it."""

import pytest
from click.testing import CliRunner
from django.db import connection

from sanneng.cli import program
from sanneng.core.domain.audit import note
from sanneng.core.enums import AuditAction
from sanneng.core.errors import SannengError
from sanneng.core.models import AuditEntry, School


@pytest.fixture(autouse=True)
def chains(db, settings, tmp_path):
    settings.HOME = tmp_path
    school = School.objects.create(code="east", name="东区党校", level="district")
    for _number in range(3):
        note(AuditAction.SETTINGS, school=school, by=None)
    note(AuditAction.SETTINGS, school=None, by=None)


def run(*arguments, fails=0):
    result = CliRunner().invoke(program, ["audit", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == fails, result.output
    return result.output


def test_the_heads_are_printed_one_a_line():
    last = AuditEntry.objects.get(chain="east", number=3)
    first = AuditEntry.objects.get(chain="")
    assert run("heads") == f"*\t1\t{first.digest}\neast\t3\t{last.digest}\n"


def test_whole_chains_are_said_to_be_whole(tmp_path):
    (tmp_path / "heads").write_text(run("heads") + "\n")
    said = run("verify", "--heads", tmp_path / "heads")
    assert said == "审计日志完整：2 条链，4 条记录，与 2 个留存的链头一致。\n"


def test_the_first_broken_entry_is_named_and_the_exit_code_is_1():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER core_auditentry_kept")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE core_auditentry SET actor_name = 'x' WHERE chain = 'east' AND number = 2"
        )
    said = run("verify", fails=1)
    assert "east 的第 2 条：内容与摘要不符" in said
    assert "有 1 条链被破坏" in said


def test_heads_kept_elsewhere_are_compared(tmp_path):
    (tmp_path / "heads").write_text("east 7 abc\n* 1 def\n")
    said = run("verify", "--heads", tmp_path / "heads", fails=1)
    assert "east 的第 4 条：末尾被截去" in said
    assert "系统 的第 1 条：与报告或备份中留存的摘要不符" in said


@pytest.mark.parametrize("line", ["east", "east x abc", "east 1 abc more"])
def test_a_list_of_heads_that_makes_no_sense_is_refused_with_its_line(tmp_path, line):
    (tmp_path / "heads").write_text(f"\n{line}\n")
    with pytest.raises(SannengError, match="第 2 行不是链头"):
        run("verify", "--heads", tmp_path / "heads")
