"""A page that waits for a background job, in a real browser."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from sanneng.core.domain import live
from sanneng.core.enums import Role
from sanneng.core.models import Job, Membership, School, User
from tests.browser.conftest import PASSWORD, new_page


@pytest.fixture
def job(db, settings, tmp_path):
    settings.JOBS_ROOT = tmp_path / "jobs"
    school = School.objects.create(code="east", name="东区党校", level="district")
    user = User.objects.create_user("office", password=PASSWORD)
    Membership.objects.create(
        user=user, school=school, role=Role.OFFICE, valid_from=dt.date(2020, 1, 1)
    )
    return Job.objects.create(
        school=school, user=user, kind="export", title="导出课题", state="running", content="1"
    )


def test_progress_moves_by_itself_and_the_asking_stops_at_the_end(live_server, browser, job):
    page = new_page(browser, live_server.url, 1440)
    page.goto(f"{live_server.url}/login/")
    page.fill("#id_username", "office")
    page.fill("#id_password", PASSWORD)
    page.click("main button.btn-primary")
    page.wait_for_load_state()
    asked = []
    page.on(
        "request", lambda request: asked.append(request.url) if "/part/" in request.url else None
    )
    with live.grip(job.pk) as pen:
        pen.write(live.Progress("写文件", 10, 40))
        page.goto(f"{live_server.url}/jobs/{job.pk}/")
        page.get_by_text("写文件 10 / 40").wait_for()
        pen.written_at = 0
        pen.write(live.Progress("写文件", 30, 40))
        page.get_by_text("写文件 30 / 40").wait_for()
    Job.objects.update(state="done", result={"number": 7}, finished_at=timezone.now())
    page.get_by_text("共 7 条记录。").wait_for()
    count = len(asked)
    page.wait_for_timeout(2500)
    assert (len(asked), page.faults) == (count, [])
