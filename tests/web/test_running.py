"""What machines that watch over an installation get, and who else gets nothing."""

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from sanneng.core.domain.audit import note
from sanneng.core.enums import AuditAction
from tests.installations import Installation

pytestmark = pytest.mark.django_db
TOKEN = "t0ken-of-a-monitor-1234567890"


def samples(response):
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def test_health_is_told_without_log_in_and_without_details(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response["Cache-Control"]


def test_a_database_that_does_not_answer_is_503_and_counted(tmp_path):
    gone = Installation(tmp_path, "postgresql://nobody:none@127.0.0.1:1/none?connect_timeout=2")
    said = gone.python(
        """
import logging
from django.test import Client
logging.disable(logging.CRITICAL)
client = Client(raise_request_exception=False, HTTP_HOST="localhost")
response = client.get("/healthz")
print(response.status_code, response.content)
print(b"sanneng_database_errors_total 1" in client.get("/metrics").content)
"""
    )
    assert said == "503 b'unavailable\\n'\nTrue\n"


def test_requests_are_counted_by_view_and_status(client):
    page = ("sanneng_requests_total", (("method", "GET"), ("status", "302"), ("view", "start")))
    lost = ("sanneng_requests_total", (("method", "GET"), ("status", "404"), ("view", "none")))
    before = samples(client.get("/metrics"))
    client.get("/")
    client.get("/nowhere/12345/")
    after = samples(client.get("/metrics"))
    assert after[page] == before.get(page, 0) + 1
    assert after[lost] == before.get(lost, 0) + 1
    assert ("sanneng_request_seconds_count", (("view", "start"),)) in after
    assert not any("12345" in str(key) for key in after)


def test_what_the_installation_has_is_told(client, settings, tmp_path):
    settings.HOME = tmp_path
    note(AuditAction.SETTINGS, school=None, by=None)
    found = samples(client.get("/metrics"))
    assert found["sanneng_audit_entries", ()] == 1
    assert found["sanneng_tasks_unfinished", ()] == 0
    assert ("sanneng_backup_age_seconds", ()) not in found
    (tmp_path / "backups.jsonl").write_text(
        '{"event": "backup", "at": "2020-01-01T00:00:00+00:00", "file": "/b", "manifest": "", '
        '"heads": [], "size": 7}\n'
    )
    found = samples(client.get("/metrics"))
    assert found["sanneng_backup_age_seconds", ()] > 6 * 365 * 86400
    assert found["sanneng_backup_bytes", ()] == 7


def test_others_than_this_machine_need_the_token(settings):
    away = Client(REMOTE_ADDR="10.1.2.3")
    settings.METRICS_TOKEN = ""
    assert away.get("/metrics").status_code == 404
    assert away.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert away.get("/metrics").status_code == 404
    assert away.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 404
    assert away.get("/metrics", headers={"authorization": f"Basic {TOKEN}"}).status_code == 404
    assert away.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    settings.HTTPS = True
    assert away.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 404


def test_what_a_proxy_passes_on_is_not_of_this_machine(settings):
    assert Client().get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="::1").get("/metrics").status_code == 200
    assert Client().get("/metrics", headers={"x-forwarded-for": "127.0.0.1"}).status_code == 404
    settings.BEHIND_PROXY = True
    assert Client().get("/metrics").status_code == 404
    assert Client(REMOTE_ADDR="").get("/metrics").status_code == 404


def test_other_addresses_still_ask_for_log_in(client):
    assert client.get("/reports/").status_code == 302
