"""The school boundary inside PostgreSQL: what no filter of ours is needed for."""

import contextlib
import datetime as dt
import io

import pytest
from django.apps import apps
from django.contrib.auth.decorators import login_not_required
from django.core.checks import ERROR, WARNING
from django.core.exceptions import FieldDoesNotExist
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.http import JsonResponse, StreamingHttpResponse
from django.urls import path
from django.utils import timezone

from sanneng.config.urls import urlpatterns as urls_of_the_product
from sanneng.core.checks import check_row_security
from sanneng.core.domain import audit
from sanneng.core.domain.evidence import attach_file, forget_unused, path_of
from sanneng.core.enums import (
    AuditAction,
    ChatKind,
    ItemLinkAllows,
    LinkPurpose,
    NoticeKind,
    Role,
)
from sanneng.core.models import (
    AccountLink,
    ApiToken,
    AuditEntry,
    ChatRobot,
    Correction,
    Deadline,
    DeadlineExtension,
    EntryDraft,
    Evidence,
    ImportBatch,
    ImportedRow,
    ItemLink,
    Job,
    Membership,
    Notice,
    SavedView,
    School,
    StandIn,
    User,
)
from sanneng.core.registry import all_types
from sanneng.core.row_security import all_schools, allowed_schools, only_schools
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.core.spreadsheets.undo import undo_batch
from sanneng.core.spreadsheets.writing import write_rows
from sanneng.indicators.drill import records_behind
from sanneng.indicators.evaluate import evaluate, evaluate_schools
from sanneng.reports.models import Report
from sanneng.research.models import Project
from sanneng.running import checks_of_machine as machine
from sanneng.running.findings import State
from tests.core.rows import rows_of_every_type

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor != "postgresql",
        reason="NOT TESTED: policies are PostgreSQL's; give its URL in SANNENG_DATABASE_URL",
    ),
    pytest.mark.urls(__name__),
]
AS_OF = dt.date(2023, 6, 30)
DAY = dt.date(2020, 1, 1)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32
RECORDS = [record_type.model for record_type in all_types()]


def own_models():
    """Every model with a school of its own, found without the code that is tested."""
    for model in apps.get_models():
        try:
            field = model._meta.get_field("school")
        except FieldDoesNotExist:
            continue
        if field.related_model is School and model not in (Membership, ApiToken):
            yield model


# --- pages that forgot to filter


def titles(request):
    return JsonResponse({"titles": list(Project.objects.values_list("title", flat=True))})


def stream(request):
    return StreamingHttpResponse(project.title for project in Project.objects.iterator())


def failing(request):
    assert Project.objects.exists()
    raise RuntimeError


urlpatterns = [
    path("forgot/titles/", titles),
    path("forgot/stream/", stream),
    path("forgot/failing/", failing),
    path("forgot/public/", login_not_required(titles)),
    *urls_of_the_product,
]


@pytest.fixture(scope="module")
def schools(django_db_setup, django_db_blocker, tmp_path_factory):
    """A city with two districts, east and west; each of the three has a record of every type."""
    with django_db_blocker.unblock():
        made = {}
        for code, level in (("city", "city"), ("east", "district"), ("west", "district")):
            school = School.objects.create(
                code=code, name=code, level=level, parent=made.get("city")
            )
            made[code] = school
            user = User.objects.create(username=f"office-{code}")
            Membership.objects.create(user=user, school=school, role=Role.OFFICE, valid_from=DAY)
            _fill(school, user, tmp_path_factory.mktemp(code) / f"{code}.xlsx")
        yield made
        call_command("flush", verbosity=0, interactive=False)


def _fill(school, user, workbook):
    rows = rows_of_every_type()
    rows[Project][0]["title"] = f"标记{school.code}"
    write_rows(workbook, rows)
    report = import_workbook(workbook, school=school, by=user)
    assert report.is_clean, report.errors
    project = Project.objects.get(school=school)
    Correction.objects.create(
        school=school, record=project, values={}, base_version=1, reason="误", proposed_by=user
    )
    Report.objects.create(school=school, title="报告", as_of=AS_OF, digest="0" * 64, figures={})
    other = User.objects.create(username=f"absent-{school.code}")
    StandIn.objects.create(school=school, absent=other, deputy=user, valid_from=DAY, valid_to=DAY)
    EntryDraft.objects.create(user=user, school=school, type_code="research.project")
    SavedView.objects.create(user=user, school=school, type_code="research.project", name="常用")
    soon = timezone.now() + dt.timedelta(days=1)
    AccountLink.objects.create(
        purpose=LinkPurpose.INVITE, digest=f"a-{school.code}", school=school, expires_at=soon
    )
    ItemLink.objects.create(
        digest=f"i-{school.code}", school=school, record=project, recipient="甲",
        allows=ItemLinkAllows.READ, expires_at=soon, created_by=user,
    )  # fmt: skip
    Job.objects.create(school=school, user=user, kind="import", title="导入", content=school.code)
    deadline = Deadline.objects.create(
        school=school, code="plan", title="计划", owner=user, due_on=DAY
    )
    deadline.extensions.create(before=DAY, after=AS_OF, reason="忙", by=user)
    Notice.objects.create(user=user, school=school, kind=NoticeKind.RETURNED, text="退回")
    ChatRobot.objects.create(school=school, kind=ChatKind.WECOM, address="sealed")
    ApiToken.objects.create(
        user=user, name="门户", digest=f"t-{school.code}", school=school, created_by=user,
        expires_at=soon,
    )  # fmt: skip
    audit.note(AuditAction.EDIT, school=school, by=user, of=project)


@pytest.fixture
def east(schools):
    return schools["east"]


@pytest.fixture
def west(schools):
    return schools["west"]


@pytest.fixture
def at(client, schools):
    """The client of somebody in the school of that code."""

    def logged_in(code, role=Role.OFFICE):
        user = User.objects.create(username=f"somebody-{code}-{role}")
        Membership.objects.create(user=user, school=schools[code], role=role, valid_from=DAY)
        client.force_login(user)
        return client

    return logged_in


def one(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()[0]


def count(model, where="true"):
    return one(f"SELECT count(*) FROM {model._meta.db_table} WHERE {where}")


def test_the_role_of_these_tests_is_not_above_the_policies():
    sql = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    assert one(sql) is False


def test_every_table_with_a_school_has_a_forced_policy(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.relkind = 'r' AND a.attname = 'school_id' AND NOT EXISTS (SELECT 1 FROM "
            "pg_policy p WHERE p.polrelid = c.oid AND c.relrowsecurity AND c.relforcerowsecurity)"
        )
        assert sorted(name for (name,) in cursor.fetchall()) == ["core_apitoken", "core_membership"]
    assert {*RECORDS, Evidence, ImportBatch, Correction, Report, StandIn, AuditEntry} <= set(
        own_models()
    )


@pytest.mark.parametrize("model", list(own_models()), ids=lambda model: model._meta.label)
def test_a_bare_query_sees_one_school(schools, east, west, model):
    assert count(model, f"school_id = {west.pk}") > 0
    with only_schools([east.pk]):
        assert count(model) == count(model, f"school_id = {east.pk}") > 0
        assert count(model, f"school_id = {west.pk}") == 0
    with only_schools([east.pk, west.pk]):
        assert count(model, f"school_id = {west.pk}") > 0
    with only_schools(()):
        assert count(model) == 0


def test_rows_of_an_import_are_as_visible_as_their_batch(east, west):
    batch = ImportBatch.objects.get(school=west)
    theirs = ImportedRow.objects.filter(batch_id=batch.pk)
    assert theirs.exists()
    with only_schools([east.pk]):
        assert not theirs.exists()
        assert ImportedRow.objects.exists()
        with pytest.raises(DatabaseError), transaction.atomic():
            one("INSERT INTO core_importedrow (batch_id, content_type_id, object_id, after_version)"
                " SELECT %s, min(id), 1, 1 FROM django_content_type RETURNING id", batch.pk)  # fmt: skip


def test_an_extension_is_as_visible_as_its_deadline(east, west):
    theirs = DeadlineExtension.objects.filter(deadline__school=west)
    pk = theirs.get().pk
    with only_schools([east.pk]):
        assert not DeadlineExtension.objects.filter(pk=pk).exists()
        assert DeadlineExtension.objects.count() == 1
    with only_schools(()):
        assert not DeadlineExtension.objects.exists()


def test_an_entry_of_no_school_is_seen_where_all_is(east):
    audit.note(AuditAction.LOG_IN, school=None, by=None)
    with only_schools([east.pk]):
        assert count(AuditEntry, "school_id IS NULL") == 0
    assert count(AuditEntry, "school_id IS NULL") > 0


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model._meta.label)
def test_rows_of_another_school_cannot_be_written(east, west, model):
    theirs = model.objects.get(school=west)
    own = model.objects.get(school=east)
    with only_schools([east.pk]):
        assert model.objects.filter(pk=theirs.pk).update(reason="改") == 0
        assert model.objects.filter(pk=theirs.pk)._raw_delete(using="default") == 0
        own.pk, own.key, own.school_id = None, "new", west.pk
        with pytest.raises(DatabaseError), transaction.atomic():
            own.save(force_insert=True)
    assert model.objects.get(school=west).reason == ""


@pytest.mark.parametrize("code", ["east", "west"])
def test_a_page_that_filters_nothing_shows_ones_own_school(at, code):
    client = at(code)
    assert client.get("/forgot/titles/").json() == {"titles": [f"标记{code}"]}
    assert b"".join(client.get("/forgot/stream/")).decode() == f"标记{code}"


def test_rights_that_let_everything_through_let_nothing_through(at, west, monkeypatch):
    from sanneng.core.models import RecordQuerySet

    client, theirs = at("east"), Project.objects.get(school=west)
    monkeypatch.setattr(RecordQuerySet, "visible_to", lambda records, user: records.all())
    assert client.get(f"/records/research.project/{theirs.pk}/").status_code == 404
    proof = Evidence.objects.filter(school=west).first()
    assert client.get(f"/evidence/{proof.pk}/").status_code == 404
    own = Project.objects.get(school__code="east")
    assert client.get(f"/records/research.project/{own.pk}/").status_code == 200


def test_a_supervisor_sees_the_schools_below(at):
    shown = at("city", Role.SUPERVISOR).get("/forgot/titles/").json()["titles"]
    assert sorted(shown) == ["标记city", "标记east", "标记west"]


def test_the_office_of_a_higher_school_sees_its_own(at):
    assert at("city").get("/forgot/titles/").json() == {"titles": ["标记city"]}


def test_a_deputy_sees_the_school_where_it_stands_in(at, west):
    client = at("east")
    absent = User.objects.create(username="away")
    Membership.objects.create(user=absent, school=west, role=Role.TEACHER, valid_from=DAY)
    StandIn.objects.create(
        school=west, absent=absent, deputy=User.objects.get(username="somebody-east-office"),
        valid_from=DAY, valid_to=dt.date(2099, 1, 1),
    )  # fmt: skip
    assert sorted(client.get("/forgot/titles/").json()["titles"]) == ["标记east", "标记west"]


def test_whoever_is_not_logged_in_sees_nothing(client, schools):
    assert client.get("/forgot/public/").json() == {"titles": []}


def test_a_request_leaves_nothing_behind(at, client, schools):
    client = at("east")
    with only_schools([schools["west"].pk]):
        client.get("/forgot/titles/")
        with pytest.raises(RuntimeError):
            client.get("/forgot/failing/")
        assert allowed_schools() == {schools["west"].pk}
        assert [project.title for project in Project.objects.all()] == ["标记west"]
    client.logout()
    assert client.get("/forgot/public/").json() == {"titles": []}


def test_a_log_in_is_noted_before_anybody_is_known(client, schools):
    with only_schools(()):
        audit.note(AuditAction.LOG_IN_FAILED, school=schools["west"], by=None)
        assert audit.verify() == []
    assert AuditEntry.objects.filter(action=AuditAction.LOG_IN_FAILED).exists()


def test_the_command_line_sees_all(schools):
    assert allowed_schools() is None
    assert count(Project) == 3


def test_a_way_across_schools_is_asked_for(east):
    with only_schools([east.pk]):
        with all_schools():
            assert count(Project) == 3
        assert count(Project) == 1


def test_a_rollback_does_not_bring_another_school_back(east, west):
    with only_schools([east.pk]):
        assert count(Project) == 1
        with contextlib.suppress(RuntimeError), transaction.atomic(), only_schools([west.pk]):
            assert count(Project, f"school_id = {west.pk}") == 1
            raise RuntimeError
        assert count(Project, f"school_id = {east.pk}") == 1
        with contextlib.suppress(DatabaseError), transaction.atomic(), all_schools():
            assert count(Project) == 3
            one("SELECT 1/0")
        assert count(Project) == 1


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_and_an_ended_transaction_know_it_too():
    for code in ("north", "south"):
        school = School.objects.create(code=code, name=code, level="district")
        Project.objects.create(school=school, key="1", title=code, level="city", approved_on=DAY)
    north = School.objects.get(code="north")
    with only_schools([north.pk]):
        connection.close()
        assert count(Project) == 1
        with contextlib.suppress(RuntimeError), transaction.atomic(), all_schools():
            assert count(Project, "title IN ('north', 'south')") == 2
            raise RuntimeError
        with transaction.atomic():
            assert count(Project) == 1


def test_a_cursor_opened_earlier_is_narrowed_too(east):
    with connection.cursor() as cursor, only_schools([east.pk]):
        cursor.execute("SELECT count(*) FROM research_project")
        assert cursor.fetchone() == (1,)


def test_a_file_that_another_school_needs_is_kept(east, west):
    projects = {school: Project.objects.get(school=school) for school in (east, west)}
    for project in projects.values():
        proof = attach_file(record=project, source=io.BytesIO(PNG), name="图.png", by=None)
    assert proof.school == west
    with only_schools([east.pk]):
        Evidence.objects.filter(digest=proof.digest).delete()
        forget_unused([proof.digest])
    assert path_of(proof.digest).exists()


def test_a_workbook_is_taken_in_and_undone_within_the_boundary(schools, tmp_path):
    school = School.objects.create(code="north", name="北区党校", level="district")
    workbook = tmp_path / "all.xlsx"
    write_rows(workbook, rows_of_every_type())
    with only_schools([school.pk]):
        report = import_workbook(workbook, school=school, by=None)
        assert report.new == len(RECORDS)
        assert Evidence.objects.filter(school=school).exists()
        assert import_workbook(workbook, school=school, by=None).unchanged == len(RECORDS)
        undo_batch(batch=report.batch, by=None)
        assert [model for model in RECORDS if model.objects.exists()] == []
    assert Project.objects.count() == 3


def test_figures_are_the_same_within_the_boundary(sample):
    everywhere = evaluate(school=sample, as_of=AS_OF)
    behind = records_behind("research.projects.provincial", school=sample, as_of=AS_OF)
    with only_schools([sample.pk]):
        assert evaluate(school=sample, as_of=AS_OF) == everywhere
        again = records_behind("research.projects.provincial", school=sample, as_of=AS_OF)
        assert again == behind != []
        assert set(evaluate_schools(as_of=AS_OF, ids=["research.projects.city"])) == {sample.pk}
    with only_schools(()):
        assert evaluate_schools(as_of=AS_OF, ids=["research.projects.city"]) == {}


def test_a_role_above_the_policies_is_warned_of(monkeypatch, settings):
    assert check_row_security(databases=["default"]) == []
    assert machine.boundary().state == State.OK
    above = connections["default"].__class__(
        connection.settings_dict | {"USER": "postgres"}, alias="default"
    )
    monkeypatch.setattr("sanneng.core.checks.connections", {"default": above})
    try:
        above.ensure_connection()
    except DatabaseError:
        pytest.skip("NOT TESTED: the server lets no superuser in")
    monkeypatch.setattr(machine, "connection", above)
    for https, level in ((False, WARNING), (True, ERROR)):
        settings.HTTPS = https
        (found,) = check_row_security(databases=["default"])
        assert (found.id, found.level) == ("sanneng.W001", level)
    assert (machine.boundary().state, "postgres" in machine.boundary().text) == (
        State.PROBLEM, True,
    )  # fmt: skip
    above.close()
