"""A short run of made-up requests; ``benchmarks/api_fuzz.py`` is the long one."""

from __future__ import annotations

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from sanneng.api.application import API
from sanneng.api.schema import document_of
from sanneng.core.enums import Role
from sanneng.core.registry import all_types, type_by_code
from tests.api.fuzzing import fuzz

pytestmark = pytest.mark.django_db
SAMPLE = ("people.staff", "research.projectmember")
OTHERS = {one.code for one in all_types()} - set(SAMPLE)


@pytest.fixture(autouse=True)
def without_limits(settings):
    """Nor may the end of a request close the connection that the test's transaction is on."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    settings.CACHES = settings.CACHES | {
        "limits": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    }
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def test_nothing_that_is_sent_makes_the_server_fail_or_answer_otherwise_than_it_says(api_of, east):
    api = api_of(Role.OFFICE)

    def known_id(path: str) -> int | None:
        code = next((one for one in SAMPLE if f"/{one}/" in path), "research.project")
        found = type_by_code(code).model._base_manager.filter(school=east).order_by("pk").first()
        return found.pk if found and "/records/" in path else None

    outcome = fuzz(
        get_wsgi_application(),
        document_of(API),
        api.headers,
        examples=4,
        seconds=60,
        known_id=known_id,
        wanted=lambda method, path: not any(f"/{code}/" in path for code in OTHERS),
    )
    print(outcome.statuses, outcome.operations, outcome.skipped)
    assert not outcome.faults, "\n\n".join(f"{k}\n{v}" for k, v in outcome.faults.items())
    assert outcome.skipped == 0
    assert {200, 201, 400, 404, 422} <= set(outcome.statuses)
