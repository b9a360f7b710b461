"""Background work: once, picked up where it was cut short, and for nobody but its owner."""

import datetime as dt
import os
import stat
from pathlib import Path

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from sanneng.core.domain import live
from sanneng.core.domain.cleaning import clean
from sanneng.core.domain.jobs import Work, pick_up_lost, retry_job, run, start_job
from sanneng.core.enums import JobState, Role
from sanneng.core.errors import NotAllowed, SannengError, UnacceptableFile, WrongState
from sanneng.core.jobs import JobKind, register_kind
from sanneng.core.models import AuditEntry, ImportBatch, Job, Membership, Notice, User
from sanneng.core.permissions import Permission
from sanneng.core.spreadsheets.jobs import start_import
from sanneng.people.models import Staff
from tests.core.rows import STAFF, ZHANG, write_sheets

pytestmark = pytest.mark.django_db
IMMEDIATE = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
seen: list[str] = []


def writes_a_file(work, *, text):
    seen.append(text)
    work.progress("写", 1, 2)
    work.new_file("结果.txt", "text/plain").write_text(text)
    if text == "坏":
        raise SannengError("写不下去了")
    if text == "崩":
        raise ZeroDivisionError
    return {"text": text}


@pytest.fixture(autouse=True)
def kind():
    seen.clear()
    register_kind(JobKind("trial", "试", f"{__name__}.writes_a_file", Permission.EXPORT))
    yield
    seen.clear()


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.JOBS_ROOT, settings.UPLOADS_ROOT = tmp_path / "jobs", tmp_path / "uploads"


def ask(school, by, text="好", **more):
    return start_job(kind="trial", school=school, by=by, arguments={"text": text}, **more)


def worked(job):
    run(job.pk)
    job.refresh_from_db()
    return job


def workbook(tmp_path, *lines):
    return write_sheets(tmp_path / "表.xlsx", {"教职工": [STAFF, *lines]}).open("rb")


def start(tmp_path, school, office, *lines, dry_run=False):
    with workbook(tmp_path, *(lines or (ZHANG,))) as source:
        return start_import(
            upload=source, name="表.xlsx", school=school, by=office, dry_run=dry_run
        )


def test_a_job_waits_for_the_worker_and_leaves_its_result_and_file(school, office):
    job = ask(school, office)
    assert (job.state, seen) == (JobState.QUEUED, [])
    assert DBTaskResult.objects.get(pk=job.task).status == "READY"
    worked(job)
    assert (job.state, job.result, job.step, job.done, job.total) == (
        "done", {"text": "好"}, "写", 1, 2,
    )  # fmt: skip
    assert job.path.read_text() == "好"
    assert stat.S_IMODE(os.stat(job.path).st_mode) == 0o600


def test_with_the_immediate_backend_it_is_done_at_once(school, office, settings):
    settings.TASKS = IMMEDIATE
    assert ask(school, office).state == JobState.DONE


def test_the_same_work_is_not_asked_for_twice_while_it_waits(school, office, member):
    job = ask(school, office)
    assert ask(school, office) == job
    assert ask(school, office, "别的") != job
    assert ask(school, member(Role.LEADER)) != job
    worked(job)
    assert ask(school, office) != job


def test_a_request_with_a_key_is_done_once_whatever_became_of_it(school, office):
    job = worked(ask(school, office, "坏", key="form-1"))
    assert job.state == JobState.FAILED
    assert ask(school, office, "好", key="form-1") == job


def test_a_task_that_comes_twice_does_the_work_once(school, office):
    job = ask(school, office)
    run(job.pk)
    run(job.pk)
    assert seen == ["好"]


def test_a_job_says_why_it_failed_and_tells_its_owner(school, office):
    job = worked(ask(school, office, "坏"))
    assert (job.state, job.error, job.file) == ("failed", "写不下去了", "")
    assert [one.text for one in Notice.objects.filter(user=office)] == ["“试”没有完成：写不下去了"]
    assert not [
        path for path in Path(django_settings.JOBS_ROOT).iterdir() if path.suffix != ".live"
    ]


def test_an_error_of_the_program_is_no_text_for_people(school, office):
    assert "ZeroDivision" not in worked(ask(school, office, "崩")).error


def test_a_failed_job_is_done_again_on_request_of_its_owner_only(school, office, member):
    job = worked(ask(school, office, "坏"))
    with pytest.raises(NotAllowed):
        retry_job(job=job, by=member(Role.LEADER))
    retry_job(job=job, by=office)
    assert job.state == JobState.QUEUED
    assert worked(job).state == JobState.FAILED
    Job.objects.update(arguments={"text": "好"})
    job.refresh_from_db()
    retry_job(job=job, by=office)
    assert worked(job).state == JobState.DONE
    with pytest.raises(WrongState):
        retry_job(job=job, by=office)


def test_who_may_not_cannot_ask(school, other_school, office, member):
    for by, where in ((member(Role.TRAINEE), school), (office, other_school), (None, school)):
        with pytest.raises(NotAllowed):
            ask(where, by)
    assert Job.objects.count() == 0


@pytest.mark.parametrize("leaves", ["membership ends", "account closed"])
def test_who_has_left_by_the_time_of_the_work_gets_nothing(school, office, leaves):
    job = ask(school, office)
    if leaves == "membership ends":
        Membership.objects.update(valid_to=dt.date(2020, 12, 31))
    else:
        office.is_active = False
        office.save()
    worked(job)
    assert (job.state, job.result, job.file, seen) == ("failed", {}, "", [])
    assert Notice.objects.count() == 0 if leaves == "account closed" else True


def test_what_a_job_does_is_noted_as_done_by_a_task(tmp_path, school, office):
    @transaction.atomic
    def audited():
        return worked(start(tmp_path, school, office))

    audited()
    assert set(AuditEntry.objects.values_list("source", flat=True)) <= {"task"}


def test_progress_is_seen_while_the_database_is_held(school, office):
    """The import writes in one transaction; what is not committed nobody else sees."""
    job = ask(school, office)
    with live.grip(job.pk) as pen:
        pen.write(live.Progress("很长的步骤名称", 70, 100))
        pen.write(live.Progress("短", 5, 10))
        assert live.read(job.pk) == live.Progress("短", 5, 10)
        assert live.read(job.pk).percent == 50
        with live.grip(job.pk) as second:
            assert second is None


def test_a_running_job_whose_worker_lives_is_left_alone(school, office):
    job = ask(school, office)
    Job.objects.update(state=JobState.RUNNING, attempts=1)
    with live.grip(job.pk):
        assert pick_up_lost() == 0
    assert pick_up_lost() == 1
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
    assert worked(job).state == JobState.DONE


def test_a_job_that_kills_its_worker_again_and_again_fails_in_sight(school, office):
    job = ask(school, office)
    Job.objects.update(state=JobState.RUNNING, attempts=3)
    assert pick_up_lost() == 1
    job.refresh_from_db()
    assert (job.state, "重做" in job.error) == (JobState.FAILED, True)
    assert Notice.objects.filter(user=office, kind="job_failed").count() == 1


def test_a_job_whose_task_is_gone_is_queued_again(school, office):
    job = ask(school, office)
    assert pick_up_lost() == 0
    DBTaskResult.objects.all().delete()
    assert pick_up_lost() == 0
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=2)):
        assert pick_up_lost() == 1
        assert pick_up_lost() == 0
    job.refresh_from_db()
    assert DBTaskResult.objects.get(pk=job.task).status == "READY"


def test_a_dry_run_writes_nothing_and_counts(tmp_path, school, office):
    job = worked(start(tmp_path, school, office, dry_run=True))
    assert (job.state, job.result["new"], job.result["is_clean"]) == ("done", 1, True)
    assert job.result["counts"]["教职工"] == {"new": 1, "changed": 0, "unchanged": 0, "proposed": 0}
    assert Staff.objects.count() == 0


def test_an_import_lists_its_faults_and_gives_the_marked_workbook(tmp_path, school, office):
    job = worked(start(tmp_path, school, office, ["S1", "", "哪天", "男", "已通过"]))
    assert (job.state, job.result["is_clean"], job.result["batch"]) == ("done", False, None)
    first = job.result["errors"][0]
    assert (first["sheet"], first["row"], bool(first["advice"])) == ("教职工", 2, True)
    assert (job.file_name, job.path.read_bytes()[:2]) == ("标注-表.xlsx", b"PK")
    assert Staff.objects.count() == 0


def test_an_import_cut_short_after_it_wrote_has_no_second_effect(tmp_path, school, office):
    job = worked(start(tmp_path, school, office))
    assert (job.result["new"], Staff.objects.count()) == (1, 1)
    # The worker died between the import and the note that it is done.
    Job.objects.update(state=JobState.RUNNING, result={}, finished_at=None)
    assert pick_up_lost() == 1
    worked(job)
    assert (job.state, job.result["new"]) == ("done", 1)
    assert (Staff.objects.count(), ImportBatch.objects.count()) == (1, 1)


def test_what_is_no_workbook_is_refused_before_anything_is_kept(tmp_path, school, office):
    path = tmp_path / "表.xlsx"
    path.write_bytes(b"MZ not a workbook")
    for name in ("表.xlsx", "表.xls"):
        with path.open("rb") as source, pytest.raises(UnacceptableFile):
            start_import(upload=source, name=name, school=school, by=office, dry_run=True)
    stranger = User.objects.create(username="stranger")
    with workbook(tmp_path, ZHANG) as source, pytest.raises(NotAllowed):
        start_import(upload=source, name="表.xlsx", school=school, by=stranger, dry_run=True)
    assert Job.objects.count() == 0
    assert not Path(django_settings.UPLOADS_ROOT).exists()


def test_expired_files_go_and_those_of_waiting_jobs_stay(tmp_path, school, office):
    done = worked(ask(school, office))
    file = done.path
    waiting = start(tmp_path, school, office)
    upload = Path(django_settings.UPLOADS_ROOT) / f"{waiting.arguments['digest']}.xlsx"
    stray = Path(django_settings.UPLOADS_ROOT) / "stray"
    stray.write_text("x")
    old = (timezone.now() - dt.timedelta(days=9)).timestamp()
    for path in (file, upload, stray):
        os.utime(path, (old, old))
    system = Job(pk=99)
    with live.grip(99) as pen:
        clean(Work(system, pen), day="2026-01-01")
    assert (file.exists(), upload.exists(), stray.exists()) == (True, True, False)
    Job.objects.filter(pk=done.pk).update(finished_at=timezone.now() - dt.timedelta(days=8))
    with live.grip(99) as pen:
        clean(Work(system, pen), day="2026-01-01")
    done.refresh_from_db()
    assert (file.exists(), done.path, done.state) == (False, None, "done")


def test_sessions_that_have_expired_go_with_their_devices(client, office, settings):
    now = timezone.now()
    for name, expires in (("old", now - dt.timedelta(1)), ("live", now + dt.timedelta(1))):
        Session.objects.create(session_key=name, session_data="", expire_date=expires)
        UserSession.objects.create(
            user=office, session_key=name, ip="10.0.0.1", user_agent="x", data={}
        )
    with live.grip(99) as pen:
        clean(Work(Job(pk=99), pen), day="2026-01-01")
    assert [one.session_key for one in Session.objects.all()] == ["live"]
    assert [one.session_key for one in UserSession.objects.all()] == ["live"]


def test_nobody_fills_the_queue(school, office, member):
    for number in range(20):
        ask(school, office, str(number))
    with pytest.raises(SannengError, match="排队"):
        ask(school, office, "more")
    assert ask(school, office, "0").state == JobState.QUEUED
    assert ask(school, member(Role.LEADER), "more").state == JobState.QUEUED


def test_asking_for_a_job_takes_few_queries(school, office):
    with CaptureQueriesContext(connection) as queries:
        ask(school, office)
    assert len(queries) <= 12
