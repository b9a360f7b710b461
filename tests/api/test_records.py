"""Records by the API: every type, by the same generic code and under the same rights."""

from __future__ import annotations

import pytest

from sanneng.core.domain.changes import own_fields
from sanneng.core.enums import Role
from sanneng.core.registry import all_types, type_by_code
from sanneng.people.models import Staff
from tests.api.conftest import TYPES, Api

pytestmark = pytest.mark.django_db
PROJECT = {"title": "基层治理研究", "level": "provincial", "approved_on": "2023-03-01"}


@pytest.mark.parametrize("code", TYPES)
def test_every_type_is_listed_and_shown_alike(office, code):
    page = office.get(f"/records/{code}/").json()
    assert (page["count"], page["count_is_exact"], page["next"]) == (1, True, None)
    (record,) = page["items"]
    response = office.get(f"/records/{code}/{record['id']}/")
    assert response.json() == record
    assert response["ETag"] == f'"{record["version"]}"'
    assert record["type"] == code
    assert record["school"] == {"code": "east", "name": "东区党校"}


@pytest.mark.parametrize("code", TYPES)
def test_listing_asks_the_database_a_fixed_number_of_times(
    office, code, django_assert_max_num_queries
):
    office.get("/me/")
    with django_assert_max_num_queries(16):
        assert office.get(f"/records/{code}/").status_code == 200


def test_reference_is_given_by_key_and_name(office):
    (member,) = office.get("/records/research.projectmember/").json()["items"]
    assert member["project"] == {"key": "research.project", "name": "东区记录"}


def test_life_of_a_record_from_draft_to_void(office, api_of):
    teacher = api_of(Role.TEACHER)
    made = teacher.post("/records/research.project/", PROJECT)
    assert made.status_code == 201, made.content
    draft = made.json()
    assert (draft["state"], draft["version"], draft["created_by"]) == ("draft", 1, "teacher")
    path = f"/records/research.project/{draft['id']}/"
    assert made["Location"] == f"/api/v1{path}"
    edited = teacher.patch(path, {"title": "新题目"}, if_match='"1"')
    assert (edited.json()["title"], edited["ETag"]) == ("新题目", '"2"')
    assert teacher.post(f"{path}submit/").json()["state"] == "submitted"
    assert teacher.post(f"{path}take-back/").json()["state"] == "draft"
    assert teacher.post(f"{path}submit/").json()["state"] == "submitted"
    assert teacher.post(f"{path}approve/").status_code == 403
    assert office.post(f"{path}return/", {"reason": "缺文号"}).json()["reason"] == "缺文号"
    assert teacher.post(f"{path}submit/").json()["state"] == "submitted"
    assert office.post(f"{path}approve/").json()["state"] == "approved"
    assert office.post(f"{path}reopen/").json()["state"] == "submitted"
    assert office.post(f"{path}approve/").json()["state"] == "approved"
    voided = office.post(f"{path}void/", {"reason": "重复登记"}).json()
    assert (voided["state"], voided["decided_by"]) == ("voided", "office")


def test_edit_needs_the_version_and_notices_another(api_of):
    teacher = api_of(Role.TEACHER)
    pk = teacher.post("/records/research.project/", PROJECT).json()["id"]
    path = f"/records/research.project/{pk}/"
    assert teacher.patch(path, {"title": "无版本"}).status_code == 428
    assert teacher.patch(path, {"title": "怪版本"}, if_match="x").status_code == 400
    assert teacher.patch(path, {"title": "先到"}, if_match='"1"').status_code == 200
    late = teacher.patch(path, {"title": "后到"}, if_match='"1"')
    assert (late.status_code, late.json()["code"]) == (412, "outdated")
    assert teacher.post(f"{path}submit/", if_match='"1"').status_code == 412
    assert teacher.delete(path, if_match='"1"').status_code == 412
    assert teacher.get(path).json()["title"] == "先到"


def test_approved_record_is_corrected_not_edited(office, api_of):
    leader = api_of(Role.LEADER)
    (project,) = office.get("/records/research.project/").json()["items"]
    path = f"/records/research.project/{project['id']}/"
    assert (
        office.patch(path, {"title": "改"}, if_match=f'"{project["version"]}"').status_code == 409
    )
    assert office.delete(path).status_code == 409
    proposed = office.post(f"{path}corrections/", {"reason": "笔误", "values": {"title": "正题"}})
    assert proposed.status_code == 201, proposed.content
    correction = proposed.json()
    assert correction["values"] == {"title": "正题"}
    assert (
        office.post(
            f"{path}corrections/", {"reason": "再来", "values": {"title": "丙"}}
        ).status_code
        == 409
    )
    one = f"/corrections/{correction['id']}/"
    assert office.post(f"{one}apply/").status_code == 403
    assert [c["id"] for c in leader.get("/corrections/", state="pending").json()["items"]] == [
        correction["id"]
    ]
    assert leader.post(f"{one}apply/").json()["state"] == "applied"
    assert leader.post(f"{one}refuse/", {"reason": "迟了"}).status_code == 409
    assert office.get(path).json()["title"] == "正题"
    assert [c["state"] for c in office.get(f"{path}corrections/").json()["items"]] == ["applied"]


def test_correction_is_refused_or_withdrawn(office, api_of):
    leader = api_of(Role.LEADER)
    (project,) = office.get("/records/research.project/").json()["items"]
    path = f"/records/research.project/{project['id']}/corrections/"
    first = office.post(path, {"reason": "一", "values": {"title": "甲"}}).json()["id"]
    assert (
        leader.post(f"/corrections/{first}/refuse/", {"reason": "不对"}).json()["refusal"] == "不对"
    )
    second = office.post(path, {"reason": "二", "values": {"title": "乙"}}).json()["id"]
    assert leader.post(f"/corrections/{second}/withdraw/").status_code == 403
    assert office.post(f"/corrections/{second}/withdraw/").json()["state"] == "withdrawn"


def test_bulk_step_does_all_or_nothing(office, api_of):
    teacher = api_of(Role.TEACHER)
    ids = []
    for title in ("一", "二"):
        pk = teacher.post("/records/research.project/", PROJECT | {"title": title}).json()["id"]
        ids.append(pk)
    path = "/records/research.project/bulk"
    assert teacher.post(f"{path}/submit/", {"ids": ids}).json()["done"] == 2
    trial = office.post(f"{path}/approve/", {"ids": ids, "dry_run": True}).json()
    assert trial == {"done": 0, "outlook": [{"id": pk, "refusal": ""} for pk in trial_ids(trial)]}
    assert office.post(f"{path}/approve/", {"ids": [ids[0]]}).json()["done"] == 1
    both = office.post(f"{path}/approve/", {"ids": ids})
    assert both.status_code == 409
    assert office.get(f"/records/research.project/{ids[1]}/").json()["state"] == "submitted"
    assert office.post(f"{path}/approve/", {"ids": [ids[1], 10**9]}).status_code == 404


def trial_ids(trial):
    return [one["id"] for one in trial["outlook"]]


def test_draft_can_be_deleted(api_of):
    teacher = api_of(Role.TEACHER)
    pk = teacher.post("/records/research.project/", PROJECT).json()["id"]
    response = teacher.delete(f"/records/research.project/{pk}/")
    assert (response.status_code, response.content) == (204, b"")
    assert teacher.get(f"/records/research.project/{pk}/").status_code == 404


def test_reference_is_taken_by_key_within_the_school(office):
    body = {"project": "research.project", "staff": "people.staff", "role": "member"}
    made = office.post("/records/research.projectmember/", body | {"key": "PM2"}).json()
    assert made["staff"] == {"key": "people.staff", "name": "东区记录"}
    body["staff"] = "CANARY-people.staff"
    foreign = office.post("/records/research.projectmember/", body)
    body["staff"] = "没有这个编号"
    unknown = office.post("/records/research.projectmember/", body)
    assert (foreign.status_code, unknown.status_code) == (422, 422)
    assert (
        foreign.json()["errors"]["staff"][0].replace("CANARY-people.staff", "没有这个编号")
        == (unknown.json()["errors"]["staff"][0])
    )


def test_list_filters_searches_sorts_and_pages(office):
    for number in range(1, 6):
        office.post(
            "/records/research.project/",
            PROJECT
            | {"title": f"课题{number}", "level": "city", "approved_on": f"202{number}-01-01"},
        )

    def titles(**query):
        return [
            one["title"]
            for one in office.get("/records/research.project/", **query).json()["items"]
        ]

    assert titles(level="city", sort="approved_on") == [f"课题{n}" for n in range(1, 6)]
    assert titles(q="课题 题3") == ["课题3"]
    assert titles(year=2022, level="city") == ["课题2"]
    assert titles(state="approved") == ["东区记录"]
    assert titles(key="research.project") == ["东区记录"]
    page = office.get("/records/research.project/", level="city", size=2, sort="approved_on").json()
    assert (page["count"], len(page["items"])) == (5, 2)
    following = office.client.get(page["next"], headers=office.headers).json()
    assert [one["title"] for one in following["items"]] == ["课题3", "课题4"]
    seen, after = [], 0
    while after is not None:
        page = office.get("/records/research.project/", after=after, size=2).json()
        seen += [one["id"] for one in page["items"]]
        after = page["items"][-1]["id"] if page["next"] else None
    assert seen == sorted(seen)
    assert len(seen) == 6
    members = office.get("/records/research.projectmember/", project__level="national").json()
    assert members["count"] in (0, 1)
    assert (
        office.get("/records/teaching.trainee/", training_class="teaching.trainingclass").json()[
            "count"
        ]
        == 1
    )


@pytest.mark.parametrize("code", TYPES)
def test_nothing_can_be_set_but_a_types_own_fields(office, code):
    """Mass assignment: every name of the model that is not its own field is refused."""
    record_type = type_by_code(code)
    own = {field.name for field in own_fields(record_type.model)}
    names = {f.name for f in record_type.model._meta.get_fields()} | {
        f.attname for f in record_type.model._meta.concrete_fields
    }
    refused = names - own - {"key"} | {"is_superuser", "type", "school_code"}
    (record,) = office.get(f"/records/{code}/").json()["items"]
    values, one = dict.fromkeys(refused, 1), f"/records/{code}/{record['id']}/"
    for response, prefix in (
        (office.post(f"/records/{code}/", values), ""),
        (office.patch(one, values, if_match='"1"'), ""),
        (office.post(f"{one}corrections/", {"reason": "x", "values": values}), "values."),
        (office.post(f"/records/{code}/{record['id']}/submit/", values), ""),
    ):
        assert response.status_code == 422
        assert {f"{prefix}{name}" for name in refused} <= set(response.json()["errors"])
    assert office.get(one).json() == record


def test_private_field_is_hidden_from_colleagues_and_shown_to_the_person(api_of, person):
    teacher, general = api_of(Role.TEACHER), api_of(Role.GENERAL_OFFICE)
    (hidden,) = teacher.get("/records/people.staff/").json()["items"]
    assert ("birth_date" in hidden, hidden["hidden"]) == (False, ["birth_date"])
    (full,) = general.get("/records/people.staff/").json()["items"]
    assert (full["birth_date"], full["hidden"]) == ("2022-03-01", [])
    assert teacher.get("/records/people.staff/", sort="birth_date").status_code == 403
    assert general.get("/records/people.staff/", sort="birth_date").status_code == 200
    assert b"2022-03-01" not in teacher.get(f"/records/people.staff/{full['id']}/").content
    assert teacher.get(
        "/indicators/people.structure.average_age/breakdown/", by="birth_date"
    ).status_code in (404, 422)
    Staff.objects.filter(pk=full["id"]).update(user=person(Role.TEACHER))
    (own,) = teacher.get("/records/people.staff/").json()["items"]
    assert own["birth_date"] == "2022-03-01"


def test_types_in_the_document_are_those_of_the_registry(office):
    paths = office.get("/openapi.json").json()["paths"]
    listed = {
        p.split("/")[4] for p in paths if p.count("/") == 5 and p.startswith("/api/v1/records/")
    }
    assert listed == {one.code for one in all_types()}


def test_token_of_one_school_reaches_no_other(world, api_of, east):
    supervisor = api_of(Role.SUPERVISOR)
    assert {s["code"] for s in supervisor.get("/schools/").json()["items"]} == {"city", "east"}
    narrow = Api(supervisor.user, school=world["city"])
    assert {s["code"] for s in narrow.get("/schools/").json()["items"]} == {"city"}
    assert narrow.get("/records/research.project/").json()["count"] == 0
    assert narrow.get("/records/research.project/", school="east").status_code == 404
