"""A link shows one record to somebody without an account, and nothing else."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.test import Client, RequestFactory

from sanneng.core.domain.evidence import attach_file
from sanneng.core.enums import AuditAction, Role
from sanneng.core.models import AuditEntry, ItemLink, Membership
from sanneng.people.models import Staff
from sanneng.research.models import Project

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.EVIDENCE_ROOT = tmp_path


@pytest.fixture
def project(school):
    return Project.objects.create(
        school=school, key="P1", title="乡村治理课题", level="city", state="approved",
        approved_on=dt.date(2021, 1, 1),
    )  # fmt: skip


@pytest.fixture
def office(person, client):
    client.force_login(person("office", Role.OFFICE))
    return client


def make(client, record, allows="read", days=14, recipient="省委党校周教授"):
    values = {"recipient": recipient, "allows": allows, "days": days}
    page = client.post(f"/item-links/{record._meta.label_lower}/{record.pk}/", values)
    found = re.search(r'value="http://testserver(/item/[^"]+/)"', page.content.decode())
    return found and found[1]


def test_whoever_holds_the_link_sees_the_record_and_its_files(office, project):
    proof = attach_file(record=project, source=io.BytesIO(PNG), name="立项书.png", by=None)
    link = make(office, project)
    visitor = Client()
    page = visitor.get(link)
    assert ("乡村治理课题" in page.content.decode(), page["Referrer-Policy"]) == (
        True,
        "same-origin",
    )
    got = visitor.get(f"{link}evidence/{proof.pk}/")
    assert b"".join(got.streaming_content) == PNG
    assert ItemLink.objects.get().last_used_at is not None


def test_nothing_leads_from_there_to_other_pages(office, project):
    page = Client().get(make(office, project)).content.decode()
    hrefs = re.findall(r'(?:href|action|hx-get)="(/[^"]*)"', page)
    assert [one for one in hrefs if not one.startswith("/static/")] == []


def test_other_records_files_are_not_found(office, project, school):
    other = Project.objects.create(
        school=school, key="P2", title="另一课题", level="city", approved_on=dt.date(2021, 1, 1)
    )
    foreign = attach_file(record=other, source=io.BytesIO(PNG), name="别的.png", by=None)
    link = make(office, project)
    assert Client().get(f"{link}evidence/{foreign.pk}/").status_code == 404
    assert "另一课题" not in Client().get(link).content.decode()


def test_private_fields_stay_inside(office, school):
    staff = Staff.objects.create(
        school=school, key="S1", name="王老师", birth_date=dt.date(1987, 6, 5), state="approved"
    )
    page = Client().get(make(office, staff)).content.decode()
    assert ("王老师" in page, "1987" in page, "出生" in page) == (True, False, False)


def test_a_link_ends_with_its_days_and_when_revoked(office, project):
    with time_machine.travel(dt.datetime(2026, 3, 2, tzinfo=dt.UTC), tick=False) as clock:
        office.force_login(Membership.objects.get(role="office").user)
        link, other = make(office, project, days=2), make(office, project, days=30)
        clock.shift(dt.timedelta(hours=47))
        assert Client().get(link).status_code == 200
        clock.shift(dt.timedelta(hours=1))
        assert Client().get(link).status_code == 404
        office.force_login(Membership.objects.get(role="office").user)
        latest = ItemLink.objects.first()
        assert Client().get(other).status_code == 200
        office.post(f"/item-links/{latest.pk}/revoke/")
        assert Client().get(other).status_code == 404
        assert Client().post(f"{other}upload/").status_code == 404


def test_no_link_lasts_longer_than_thirty_days(office, project):
    assert make(office, project, days=31) is None
    assert ItemLink.objects.count() == 0


def test_a_made_up_link_is_not_found(office, project):
    make(office, project)
    assert Client().get("/item/" + "a" * 43 + "/").status_code == 404


def test_a_link_ends_when_its_maker_no_longer_decides(office, project):
    link = make(office, project)
    Membership.objects.filter(role="office").update(valid_to=dt.date(2021, 1, 1))
    assert Client().get(link).status_code == 404


def test_a_voided_record_is_shown_no_more(office, project):
    link = make(office, project)
    Project.objects.filter(pk=project.pk).update(state="voided", reason="重复")
    assert Client().get(link).status_code == 404


def test_only_who_decides_makes_links(person, client, project, other_school):
    client.force_login(person("teacher", Role.TEACHER))
    assert make(client, project) is None
    client.force_login(person("foreign", Role.OFFICE, at=other_school))
    assert make(client, project) is None
    assert ItemLink.objects.count() == 0


def upload(link, name="评审意见.png", content=PNG):
    sent = {"file": SimpleUploadedFile(name, content)}
    return Client().post(f"{link}upload/", sent, follow=True).content.decode()


def test_a_file_comes_in_where_the_link_allows_it_and_is_noted(office, project):
    before = project.version
    assert "已收到“评审意见.png”" in upload(make(office, project, allows="upload"))
    project.refresh_from_db()
    assert ([e.title for e in project.evidence.all()], project.version) == (
        ["评审意见.png"], before + 1,
    )  # fmt: skip
    entry = AuditEntry.objects.get(action=AuditAction.ATTACH)
    assert (entry.actor, entry.details["recipient"]) == (None, "省委党校周教授")


def test_a_reading_link_takes_no_file(office, project):
    assert "不能上传" in upload(make(office, project))
    assert project.evidence.count() == 0


def test_a_file_that_is_not_what_it_says_is_refused(office, project):
    assert "内容与扩展名不符" in upload(make(office, project, allows="upload"), content=b"MZ" * 20)
    assert project.evidence.count() == 0


def test_making_and_revoking_are_noted_without_the_secret(office, project):
    link = make(office, project)
    office.post(f"/item-links/{ItemLink.objects.get().pk}/revoke/")
    entries = AuditEntry.objects.filter(action=AuditAction.SHARE).order_by("id")
    assert [entry.details["what"] for entry in entries] == ["make", "revoke"]
    assert link.split("/")[2] not in str([entry.details for entry in entries])
    assert link.split("/")[2] not in str(vars(ItemLink.objects.get()))


def drawn(record, user):
    request = RequestFactory().get("/")
    request.user = user
    text = "{% load accounts %}{% item_links record %}"
    return Template(text).render(Context({"request": request, "record": record}))


def test_the_part_for_the_record_page_shows_to_who_decides(person, project, school):
    office, teacher = person("office", Role.OFFICE), person("teacher", Role.TEACHER)
    assert "外部链接" in drawn(project, office)
    assert drawn(project, teacher).strip() == ""


def test_a_link_takes_twenty_files_a_day(office, project):
    link = make(office, project, allows="upload")
    for number in range(20):
        upload(link, f"{number}.png", PNG + bytes([number]))
    assert "今天上传的文件太多" in upload(link, "再来.png")
    assert project.evidence.count() == 20
