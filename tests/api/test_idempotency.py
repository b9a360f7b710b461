"""A request that is sent twice is done once."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from sanneng.core.domain.idempotency import Answer, answer_once
from sanneng.core.enums import SchoolLevel
from sanneng.core.models import IdempotentAnswer, School
from tests.api.conftest import Api
from tests.postgres import server

ROOT = Path(__file__).resolve().parents[2]

LIST = "/records/research.project/"
PROJECT = {"title": "基层治理研究", "level": "provincial", "approved_on": "2023-03-01"}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32


@pytest.mark.django_db
def test_repeat_gets_the_same_answer_and_makes_nothing_new(office):
    first = office.post(LIST, PROJECT, idempotency_key="k1")
    second = office.post(LIST, PROJECT, idempotency_key="k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert (second.content, second["ETag"], second["Location"]) == (
        first.content, first["ETag"], first["Location"],
    )  # fmt: skip
    assert ("Idempotent-Replayed" in first, second["Idempotent-Replayed"]) == (False, "true")
    assert office.get(LIST).json()["count"] == 2


@pytest.mark.django_db
def test_same_key_for_another_request_is_refused(office):
    office.post(LIST, PROJECT, idempotency_key="k1")
    for response in (
        office.post(LIST, PROJECT | {"title": "另一题"}, idempotency_key="k1"),
        office.post(LIST, PROJECT, query={"school": "east"}, idempotency_key="k1"),
    ):
        assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.django_db
def test_refusal_is_an_answer_too_and_is_kept(office, api_of):
    pk = office.get(LIST).json()["items"][0]["id"]
    path = f"{LIST}{pk}/submit/"
    refused = [office.post(path, idempotency_key="k2") for _n in range(2)]
    assert [one.status_code for one in refused] == [409, 409]
    assert refused[0].content == refused[1].content
    assert refused[1]["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_keys_belong_to_their_token(office, api_of):
    other = Api(office.user)
    office.post(LIST, PROJECT, idempotency_key="k1")
    assert other.post(LIST, PROJECT | {"title": "另一题"}, idempotency_key="k1").status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "a b", "x" * 129, "键"])
def test_key_that_is_none_is_malformed(office, key):
    assert office.post(LIST, PROJECT, idempotency_key=key).status_code == 400


@pytest.mark.django_db
def test_file_sent_again_counts_once_whatever_the_boundary(office):
    pk = office.post(LIST, PROJECT).json()["id"]
    path = f"{LIST}{pk}/evidence/"
    answers = [office.upload(path, "证书.png", PNG, idempotency_key="k3") for _n in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert office.upload(path, "别的.png", PNG, idempotency_key="k3").status_code == 422
    assert len(office.get(path).json()["items"]) == 1


@pytest.mark.django_db
def test_answer_is_kept_for_a_day(office):
    with time_machine.travel(dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC), tick=False) as clock:
        api = Api(office.user)
        api.post(LIST, PROJECT, idempotency_key="k1")
        clock.shift(dt.timedelta(hours=25))
        again = api.post(LIST, PROJECT | {"title": "次日"}, idempotency_key="k1")
    assert again.status_code == 201
    assert IdempotentAnswer.objects.count() == 1


@pytest.mark.django_db
def test_what_fails_has_not_happened_and_can_be_tried_again():
    def act() -> Answer:
        School.objects.create(code="x", name="x", level=SchoolLevel.CITY)
        return Answer(503, b"")

    def fail() -> Answer:
        School.objects.create(code="x", name="x", level=SchoolLevel.CITY)
        raise RuntimeError

    asked = {"owner": "t1", "key": "k", "request": "r"}
    assert answer_once(**asked, act=act).status == 503
    with pytest.raises(RuntimeError):
        answer_once(**asked, act=fail)
    assert not School.objects.filter(code="x").exists()
    assert answer_once(**asked, act=lambda: Answer(200, b"ok")).body == b"ok"


@pytest.mark.django_db
def test_request_whose_process_died_is_taken_over(db):
    asked = {"owner": "t1", "key": "k", "request": "r"}
    with time_machine.travel(dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC), tick=False) as clock:
        IdempotentAnswer.objects.create(**asked, started_at=timezone.now())
        clock.shift(dt.timedelta(minutes=11))
        assert answer_once(**asked, act=lambda: Answer(200, b"ok")).body == b"ok"


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_twenty_at_once_make_one_record(engine, tmp_path):
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(server()) if engine == "postgresql" else ""
        environment = os.environ | {"SANNENG_HOME": str(tmp_path), "SANNENG_DATABASE_URL": url}
        made = subprocess.run(
            [sys.executable, "-m", "tests.api.race"],
            env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
    assert made.returncode == 0, made.stderr[-3000:]
    outcome = json.loads(made.stdout.splitlines()[-1])
    assert outcome["vendor"] == engine
    assert (outcome["records"], outcome["audited"]) == (1, 1)
    assert len(outcome["codes"]) == 20
    assert set(outcome["codes"]) <= {201, 409}
    assert 201 in outcome["codes"]
    assert outcome["different_answers"] == 1
