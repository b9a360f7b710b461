"""Who may open what: every address x every role x own and another school's objects.

The table is written by hand and does not look at the rules of the product. An address
without a row fails the suite.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import io
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from sanneng.core.domain.evidence import attach_file
from sanneng.core.enums import LinkPurpose, Role
from sanneng.core.models import (
    AccountLink,
    ApiToken,
    Correction,
    Deadline,
    ImportBatch,
    ItemLink,
    Job,
    Notice,
    SavedView,
    School,
    User,
)
from sanneng.reports.library import path_of
from sanneng.reports.models import Report
from sanneng.reports.rendering import DEFAULT_TEMPLATE, render_report
from sanneng.research.models import Project
from tests.factories import PNG, ProjectFactory, SchoolFactory, StaffFactory, member

pytestmark = pytest.mark.django_db

OFFICES = {"office", "teaching_office", "research_office", "general_office"}
STAFF = OFFICES | {"teacher", "leader"}
READERS = STAFF | {"supervisor"}
EVERYBODY = set(Role.values)
NOBODY: set[str] = set()
RESEARCH = {"office", "research_office", "leader"}


@dataclass(frozen=True)
class Row:
    """One address: who may open it with an object of their own school. ``path`` may name
    objects of the fixture in braces; ``post`` is what is sent, None for a GET. ``opens`` are
    the roles for whom it answers, and for all others it is not there."""

    opens: set[str]
    path: str
    post: dict[str, Any] | None = None


ROWS = {
    "start": Row(EVERYBODY, "/"),
    "dashboard": Row(READERS, "/figures/"),
    "indicator": Row(READERS, "/indicators/research.projects.city/"),
    "indicator-export": Row(READERS, "/indicators/research.projects.city/records.csv"),
    "record-types": Row(READERS | {"trainee"}, "/records/"),
    "records": Row(READERS | {"trainee"}, "/records/research.project/"),
    "records-export": Row(READERS, "/records/research.project/export.csv"),
    "records-bulk": Row(STAFF, "/records/research.project/bulk/", {"pk": "{project}", "step": "void"}),
    "records-bulk-apply": Row(STAFF, "/records/research.project/bulk/apply/", {"pk": "{project}", "step": "void"}),
    "records-bulk-undo": Row(STAFF, "/records/research.project/bulk/undo/", {}),
    "saved-view": Row(READERS, "/records/research.project/views/", {"name": "视图"}),
    "saved-view-remove": Row(NOBODY, "/views/{view}/remove/", {}),
    "record-choices": Row(STAFF, "/records/research.project/choices/"),
    "record": Row(READERS, "/records/research.project/{project}/"),
    "record-edit": Row(RESEARCH, "/records/research.project/{project}/edit/"),
    "record-delete": Row(READERS, "/records/research.project/{project}/delete/", {}),
    "record-attach": Row(READERS, "/records/research.project/{project}/evidence/", {"title": "文号"}),
    "record-step": Row(READERS, "/records/research.project/{project}/submit/", {}),
    "correction-step": Row(READERS, "/corrections/{correction}/withdraw/", {}),
    "entry-choose": Row(STAFF, "/enter/"),
    "entry": Row(STAFF, "/enter/research.project/"),
    "entry-draft": Row(STAFF, "/enter/research.project/draft/", {"title": "题"}),
    "entry-draft-drop": Row(STAFF, "/enter/research.project/draft/drop/", {}),
    "evidence": Row(READERS, "/evidence/{evidence}/"),
    "evidence-view": Row(READERS, "/evidence/{evidence}/view/"),
    "evidence-remove": Row(READERS, "/evidence/{evidence}/remove/", {}),
    "check": Row(READERS, "/check/"),
    "check-marked": Row(READERS, "/check/marked.docx"),
    "reports": Row(READERS, "/reports/"),
    "report-make": Row(OFFICES | {"leader"}, "/reports/make/", {"as_of": "2023-06-30"}),
    "report": Row(READERS, "/reports/{report}/"),
    "report-file": Row(READERS, "/reports/{report}/file.docx"),
    "report-freeze": Row(READERS, "/reports/{report}/freeze/", {}),
    "imports": Row(OFFICES | {"leader"}, "/imports/"),
    "import-template": Row(OFFICES | {"leader"}, "/imports/template.xlsx"),
    "import-batch": Row(OFFICES | {"leader"}, "/imports/{batch}/"),
    "import-undo": Row(OFFICES | {"leader"}, "/imports/{batch}/undo/", {}),
    "search": Row(EVERYBODY, "/search/?q=题"),
    "audit": Row({"auditor"}, "/audit/"),
    "school-settings": Row({"administrator"}, "/school/"),
    "members": Row({"security"}, "/members/"),
    "members-invite": Row({"security"}, "/members/invite/"),
    "invitation": Row({"security"}, "/members/invitations/{invitation}/withdraw/", {}),
    "member": Row({"security"}, "/members/{user}/"),
    "member-edit": Row({"security"}, "/members/{user}/account/", {}),
    "member-role-add": Row({"security"}, "/members/{user}/roles/", {}),
    "member-role-end": Row({"security"}, "/members/roles/{membership}/end/", {}),
    "member-person": Row({"security"}, "/members/{user}/person/", {"kind": "staff"}),
    "member-stand-in": Row({"security"}, "/members/{user}/stand-ins/", {}),
    "member-act": Row({"security"}, "/members/{user}/reset/", {}),
    "item-link-make": Row(READERS, "/item-links/research.project/{project}/", {}),
    "item-link-revoke": Row(READERS, "/item-links/{item_link}/revoke/", {}),
    "import-upload": Row(OFFICES | {"leader"}, "/imports/upload/", {}),
    "tokens": Row(EVERYBODY, "/account/tokens/"),
    "token-make": Row(EVERYBODY, "/account/tokens/make/", {}),
    "token-revoke": Row(NOBODY, "/account/tokens/{token}/revoke/", {}),
    "service-add": Row({"security"}, "/account/tokens/service/", {}),
    "api": Row(EVERYBODY, "/api/"),
    "jobs": Row(EVERYBODY, "/jobs/"),
    "job-export": Row(EVERYBODY, "/jobs/export/", {"code": "research.project", "form": "csv"}),
    "job-report": Row(EVERYBODY, "/jobs/report/", {}),
    "job": Row(NOBODY, "/jobs/{job}/"),
    "job-part": Row(NOBODY, "/jobs/{job}/part/"),
    "job-file": Row(NOBODY, "/jobs/{job}/file/"),
    "job-retry": Row(NOBODY, "/jobs/{job}/retry/", {}),
    "job-confirm": Row(NOBODY, "/jobs/{job}/confirm/", {}),
    "todo": Row(EVERYBODY, "/todo/"),
    "deadline-extend": Row(RESEARCH, "/todo/{deadline}/extend/", {}),
    "deadline-close": Row(RESEARCH, "/todo/{deadline}/close/", {}),
    "notices": Row(EVERYBODY, "/notices/"),
    "notices-read": Row(EVERYBODY, "/notices/read/", {}),
    "notice": Row(NOBODY, "/notices/{notice}/", {}),
    "notice-settings": Row(EVERYBODY, "/notices/settings/"),
    "calendar": Row(EVERYBODY, "/calendar/"),
    "calendar-feed": Row(EVERYBODY, "/calendar/feed/", {}),
    "chat-settings": Row({"administrator"}, "/settings/chat/"),
    "chat-step": Row({"administrator"}, "/settings/chat/wecom/", {}),
}  # fmt: skip
# Everybody's own account, which no school owns, and the log-in itself: tests/web/accounts.
ACCOUNT = {
    "login", "logout", "set_language", "account_login", "account_logout", "account_inactive",
    "openid_connect_login", "openid_connect_callback", "socialaccount_login_cancelled",
    "socialaccount_login_error", "account", "account_change_password", "account_set_password",
    "account_reauthenticate", "account-sessions", "account-sso-untie", "stand-in-add",
    "stand-in-end", "mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp",
    "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn",
    "mfa_login_webauthn",
}  # fmt: skip
# Opened by a secret of their own: tests/web/accounts and tests/web/test_work.py.
BY_TOKEN = {"join", "reset", "item", "item-evidence", "item-upload", "calendar-ics"}
# For machines: tests/running.
MACHINES = {"healthz", "metrics"}
# The interface for programs has a matrix of its own: tests/api.
INTERFACE = "api/v1/"
OPEN = ACCOUNT | BY_TOKEN | MACHINES


@pytest.fixture
def world(settings, tmp_path) -> dict[str, dict[str, Any]]:
    """Two schools with one of everything, by name of the school and of the thing."""
    settings.REPORTS_ROOT = tmp_path
    return {code: _objects(SchoolFactory(code=code)) for code in ("own", "other")}


def _objects(school: School) -> dict[str, Any]:
    maker = member(school, Role.SUPERVISOR)
    later = timezone.now() + dt.timedelta(days=5)
    project = ProjectFactory(school=school, title=f"题{school.code}", state="approved")
    StaffFactory(school=school)
    return {
        "school": school,
        "project": project,
        "evidence": attach_file(record=project, source=io.BytesIO(PNG), name="图.png", by=None),
        "view": SavedView.objects.create(
            user=maker, school=school, type_code="research.project", name="别人的"
        ),
        "correction": Correction.objects.create(
            school=school, content_type=ContentType.objects.get_for_model(Project),
            object_id=project.pk, values={"title": "新"}, base_version=1, reason="错",
            proposed_by=maker,
        ),
        "batch": ImportBatch.objects.create(school=school, file_name="表.xlsx", digest="0" * 64),
        "report": _report(school),
        "user": maker,
        "membership": maker.memberships.get(),
        "invitation": AccountLink.objects.create(
            purpose=LinkPurpose.INVITE, digest=f"invitation-{school.code}", school=school,
            name="某人", roles=["teacher"], expires_at=later,
        ),
        "item_link": ItemLink.objects.create(
            digest=f"item-{school.code}", school=school, record=project, recipient="某专家",
            created_by=maker, expires_at=later,
        ),
        "token": ApiToken.objects.create(
            user=maker, name="令牌", digest=f"token-{school.code}", created_by=maker,
            expires_at=later,
        ),
        "job": Job.objects.create(
            school=school, user=maker, kind="export", title="导出", state="failed", error="断了",
            content="1",
        ),
        "deadline": Deadline.objects.create(
            school=school, code="x", title="期限", owner=maker, due_on=dt.date(2030, 1, 1),
            created_by=maker, content_type=ContentType.objects.get_for_model(Project),
            object_id=project.pk,
        ),
        "notice": Notice.objects.create(school=school, user=maker, kind="approved", text="通过了"),
    }  # fmt: skip


@functools.cache
def _rendered() -> bytes:
    """A report of an empty school, made once: what it says does not matter here."""
    school = School.objects.get(code="own")
    day = dt.date(2023, 6, 30)
    return render_report(DEFAULT_TEMPLATE, school=school, as_of=day).content


def _report(school: School) -> Report:
    digest = hashlib.sha256(_rendered()).hexdigest()
    path_of(digest).parent.mkdir(parents=True, exist_ok=True)
    path_of(digest).write_bytes(_rendered())
    return Report.objects.create(
        school=school, title="报告", as_of=dt.date(2023, 6, 30), digest=digest, figures=[]
    )


def _names(patterns: list[Any]) -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver) and str(pattern.pattern) == INTERFACE:
            continue
        if isinstance(pattern, URLResolver):
            found |= _names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            found.add(pattern.name or repr(pattern.pattern))
    return found


def filled(text: Any, objects: dict[str, Any]) -> Any:
    """``text`` with the objects that it names in braces."""
    if not isinstance(text, str):
        return text
    return text.format(**{name: getattr(one, "pk", one) for name, one in objects.items()})


def ask(client: Any, row: Row, objects: dict[str, Any]) -> Any:
    path = filled(row.path, objects)
    if row.post is None:
        return client.get(path)
    return client.post(path, {name: filled(value, objects) for name, value in row.post.items()})


def test_every_address_has_a_row():
    known = set(ROWS) | OPEN
    addresses = _names(get_resolver().url_patterns)
    assert addresses - known == set()
    assert known - addresses == set()


@pytest.mark.parametrize("role", Role.values)
def test_each_role_opens_what_it_may_and_finds_nothing_else(client, world, role):
    client.force_login(member(world["own"]["school"], role))
    opened = set()
    for name, row in ROWS.items():
        code = ask(client, row, world["own"]).status_code
        assert code in (200, 302, 400, 404, 422), (name, code)
        if code != 404:
            opened.add(name)
    assert opened == {name for name, row in ROWS.items() if role in row.opens}


@pytest.mark.parametrize("role", Role.values)
def test_objects_of_another_school_are_not_there(client, world, role):
    before = snapshot(world["other"]["school"])
    client.force_login(member(world["own"]["school"], role))
    for name, row in ROWS.items():
        if row.path != filled(row.path, world["other"]):
            assert ask(client, row, world["other"]).status_code == 404, name
        else:
            answer = client.get if row.post is None else client.post
            path = filled(row.path, world["own"])
            data = {"school": "other"} | {
                key: filled(value, world["other"]) for key, value in (row.post or {}).items()
            }
            assert "题other" not in body(answer(path, data)), name
    assert snapshot(world["other"]["school"]) == before


@pytest.mark.parametrize("user", ["anonymous", "without a role"])
def test_who_is_nobody_opens_nothing(client, world, user):
    if user != "anonymous":
        client.force_login(member(world["own"]["school"]))
    for name, row in ROWS.items():
        answer = ask(client, row, world["own"])
        if user == "anonymous":
            assert (answer.status_code, "/login/" in answer.get("Location", "")) == (302, True)
        else:
            assert answer.status_code == 404 or _changed_nothing(answer, row), name


def _changed_nothing(answer: Any, row: Row) -> bool:
    """A form sent for records that are not there comes back to a list that is not there."""
    return row.post is not None and answer.status_code in (302, 404)


def body(answer: Any) -> str:
    content = b"".join(answer) if answer.streaming else answer.content
    return str(content.decode("utf-8", "replace"))


def snapshot(school: School) -> dict[str, Any]:
    """Every row of the school in the database."""
    return {
        model._meta.label: sorted(map(str, model._base_manager.filter(school=school).values()))
        for model in apps.get_models()
        if any(field.name == "school" for field in model._meta.concrete_fields)
    }


def test_looking_changes_nothing(client, world):
    """What an export leaves in the audit log is all that a GET may leave behind."""
    user = member(world["own"]["school"], *Role.values)
    client.force_login(user)
    User.objects.filter(pk=user.pk).update(last_login=None)
    before = _everything()
    for row in ROWS.values():
        if row.post is None:
            ask(client, row, world["own"])
    assert _everything() == before


def _everything() -> dict[str, Any]:
    skipped = {
        "sessions.Session", "usersessions.UserSession", "core.AuditEntry", "core.AuditHead",
    }  # fmt: skip
    return {
        model._meta.label: sorted(map(str, model._base_manager.values()))
        for model in apps.get_models()
        if model._meta.label not in skipped
    }


STEP_ROWS = {
    # step: (from, to, who may of the roles, may it be one's own submission)
    "submit": ("draft", "submitted", RESEARCH, True),
    "approve": ("submitted", "approved", RESEARCH, False),
    "return": ("submitted", "returned", RESEARCH, True),
    "void": ("approved", "voided", RESEARCH, True),
    "take-back": ("submitted", "draft", NOBODY, True),
    "reopen": ("approved", "submitted", NOBODY, True),
}


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("step", STEP_ROWS)
def test_steps_by_role_and_state(client, world, role, step):
    source, target, roles, _own = STEP_ROWS[step]
    client.force_login(member(world["own"]["school"], role))
    for state in ("draft", "submitted", "returned", "approved", "voided"):
        record = ProjectFactory(school=world["own"]["school"], state=state, reason="原因")
        client.post(f"/records/research.project/{record.pk}/{step}/", {"reason": "原因"})
        record.refresh_from_db()
        allowed = role in roles and (state == source or (step == "submit" and state == "returned"))
        assert record.state == (target if allowed else state), state


@pytest.mark.parametrize("step", STEP_ROWS)
def test_steps_on_ones_own_submission(client, world, step):
    source, target, _roles, own = STEP_ROWS[step]
    user = member(world["own"]["school"], Role.OFFICE)
    client.force_login(user)
    record = ProjectFactory(
        school=world["own"]["school"], state=source, submitted_by=user, created_by=user
    )
    client.post(f"/records/research.project/{record.pk}/{step}/", {"reason": "原因"})
    record.refresh_from_db()
    allowed = own and step != "reopen"
    assert record.state == (target if allowed else source)
