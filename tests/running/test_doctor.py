"""What the doctor sees, and that it says what to do."""

import datetime as dt
import io
import json
import os

import pytest
from django.db import connection
from django.utils import timezone

from sanneng.core.domain.audit import note
from sanneng.core.domain.evidence import attach_file, path_of
from sanneng.core.enums import AuditAction
from sanneng.core.models import AuditEntry, School, User
from sanneng.people.models import Staff
from sanneng.running import checks_of_content as content
from sanneng.running import checks_of_machine as machine
from sanneng.running import stores
from sanneng.running.findings import State
from sanneng.running.ledger import Happened, write_down
from sanneng.running.stores import strays, tidy
from tests.installations import Installation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path
    settings.EVIDENCE_ROOT = tmp_path / "evidence"
    settings.REPORTS_ROOT = tmp_path / "reports"
    return tmp_path


@pytest.fixture
def kept(db):
    """A file that a record names."""
    school = School.objects.create(code="east", name="东区党校", level="district")
    staff = Staff.objects.create(school=school, key="S", name="甲", birth_date=dt.date(1980, 1, 1))
    file = io.BytesIO(b"%PDF-1.7 x")
    return path_of(attach_file(record=staff, source=file, name="a.pdf", by=None).digest)


def backed_up(**ago):
    at = (timezone.now() - dt.timedelta(**ago)).isoformat()
    write_down(Happened("backup", at, "/nowhere.zip", "m", []))


def old(path):
    two_days_ago = timezone.now().timestamp() - 2 * 86400
    os.utime(path, (two_days_ago, two_days_ago))
    return path


@pytest.mark.parametrize(
    ("mode", "state"), [(0o700, State.OK), (0o755, State.NOTICE), (0o777, State.PROBLEM)]
)
def test_a_folder_open_to_others_is_told(home, mode, state):
    home.chmod(mode)
    assert machine.home().state == state


def test_a_key_open_to_others_is_a_problem(home):
    (home / "secret_key").write_text("x")
    (home / "secret_key").chmod(0o640)
    assert machine.secret().state == State.PROBLEM
    (home / "secret_key").chmod(0o600)
    assert machine.secret().state == State.OK


def test_the_age_of_the_last_backup_counts():
    assert content.backup().state == State.PROBLEM
    backed_up(days=9)
    assert content.backup().state == State.PROBLEM
    backed_up(days=3)
    assert content.backup().state == State.NOTICE
    backed_up(hours=5)
    assert "5 小时前" in content.backup().text


def test_a_file_that_is_gone_or_changed_is_a_problem(kept):
    assert content.evidence(every=True).state == State.OK
    kept.write_bytes(b"%PDF-1.7 y")
    assert "内容变了" in content.evidence(every=False).text
    kept.unlink()
    assert "不见了" in content.evidence(every=False).text


def test_what_no_row_names_is_told_and_tidied_after_a_day(kept):
    old(kept)
    young, stray = kept.with_name("b" * 64), kept.with_name("c" * 64)
    unfinished = kept.with_name(kept.name + ".0123456789abcdef")
    for path in (young, stray, unfinished):
        path.write_bytes(b"x")
    old(stray)
    old(unfinished)
    assert set(strays()) == {stray, unfinished}
    assert "2 个文件" in content.leftovers().text
    assert tidy() == 2
    assert sorted(kept.parent.iterdir()) == sorted([kept, young])
    assert content.leftovers().state == State.OK


def test_nothing_is_tidied_while_a_backup_runs(kept):
    stray = kept.with_name("c" * 64)
    stray.write_bytes(b"x")
    old(stray)
    with stores.nothing_is_deleted(), pytest.raises(Exception, match="正在备份"):
        tidy()
    assert stray.exists()


def test_a_broken_audit_log_is_a_problem(kept):
    note(AuditAction.SETTINGS, school=None, by=None)
    assert content.audit().state == State.OK
    write_down(Happened("backup", timezone.now().isoformat(), "/b", "m", [("", 4, "0" * 64)]))
    assert "第 2 条" in content.audit().text


def test_a_clock_before_the_last_entry_is_a_problem(time_machine_back):
    assert machine.clock().state == State.PROBLEM


@pytest.fixture
def time_machine_back(db):
    import time_machine

    note(AuditAction.SETTINGS, school=None, by=None)
    assert machine.clock().state == State.OK
    with time_machine.travel(AuditEntry.objects.get().at - dt.timedelta(hours=2)):
        yield


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"HTTPS": True, "ALLOWED_HOSTS": ["dx.example.cn"]}, State.OK),
        ({"HTTPS": False, "ALLOWED_HOSTS": ["localhost"]}, State.NOTICE),
        ({"HTTPS": False, "ALLOWED_HOSTS": ["dx.example.cn"]}, State.PROBLEM),
        ({"HTTPS": True, "ALLOWED_HOSTS": ["*"]}, State.PROBLEM),
        ({"HTTPS": True, "DEBUG": True}, State.PROBLEM),
    ],
)
def test_how_the_site_is_reached_is_judged(settings, changes, state):
    for name, value in changes.items():
        setattr(settings, name, value)
    assert machine.security().state == state


def test_accounts_that_nobody_uses_are_named():
    User.objects.create(username="fresh", date_joined=timezone.now())
    long_ago = timezone.now() - dt.timedelta(days=100)
    User.objects.create(username="idle", date_joined=long_ago, last_login=long_ago)
    User.objects.create(username="never", date_joined=long_ago)
    User.objects.create(username="stopped", date_joined=long_ago, is_active=False)
    User.objects.create(username="active", date_joined=long_ago, last_login=timezone.now())
    assert "2 个账号 90 天没有登录：idle、never。" in content.accounts().text


def test_mail_that_goes_nowhere_is_told(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert machine.mail().state == State.NOTICE
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert "连不上邮件服务器 127.0.0.1:1" in machine.mail().text


def test_the_database_and_its_migrations_are_looked_at():
    assert machine.database().state == State.OK
    assert machine.integrity().state == State.OK
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'web' OR app = 'reports'")
    assert "sanneng manage migrate" in machine.database().advice


def test_who_connects_to_the_database_is_looked_at(new_installation):
    held = new_installation("postgresql")
    above = Installation(held.home, held.url.replace("//sanneng:@", "//postgres:@"))
    for one, state in ((held, "ok"), (above, "problem")):
        said = one.run("doctor", "--json", fails=1)  # There is no backup yet.
        checks = {one["code"]: one for one in json.loads(said.splitlines()[0])["checks"]}
        assert checks["boundary"]["state"] == state
    assert "NOSUPERUSER NOBYPASSRLS" in checks["boundary"]["advice"]


@pytest.mark.parametrize("bare", [False, True])
def test_problems_give_exit_code_1_and_each_says_what_to_do(new_installation, bare):
    """A bare database has no tables: each check that needs them says so, and the rest go on."""
    ill = new_installation("sqlite", bare=bare)
    said = ill.run("doctor", "--json", fails=1)
    checks = {one["code"]: one for one in json.loads(said.splitlines()[0])["checks"]}
    assert len(checks) == 15
    assert all(one["advice"] for one in checks.values() if one["state"] != "ok")
    assert (checks["database"]["state"], checks["accounts"]["state"]) == (
        ("problem",) * 2 if bare else ("ok",) * 2
    )


def test_a_healthy_installation_has_no_problems(new_installation):
    well = new_installation("sqlite")
    _backup, said, tidied = well.run_all(["backup"], ["doctor"], ["doctor", "--tidy"])
    assert "[问题]" not in said
    assert said.endswith("[0]\n")
    assert "清理了 0 个文件。" in tidied
