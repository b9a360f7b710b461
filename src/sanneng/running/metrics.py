"""What a monitor asks for, in Prometheus' text. Where several processes serve one site, each
keeps its counts in ``settings.METRICS_FOLDER`` and whoever is asked adds them up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from sanneng.core.models import AuditHead
from sanneng.running.checks_of_content import oldest_task
from sanneng.running.ledger import read_ledger

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "sanneng_requests", "Requests answered", ("view", "method", "status"), registry=REGISTRY
)
SECONDS = Histogram(
    "sanneng_request_seconds",
    "Time to answer a request",
    ("view",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
DATABASE_ERRORS = Counter(
    "sanneng_database_errors", "Requests that the database failed", registry=REGISTRY
)


class _Installation(Collector):
    """What the whole installation has, read when somebody asks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = timezone.now()
        waiting, oldest = oldest_task()
        yield _gauge("tasks_unfinished", "Background tasks due and not finished", waiting)
        age = (now - oldest).total_seconds() if oldest else 0
        yield _gauge("oldest_task_seconds", "How long the oldest of them has waited", age)
        last = read_ledger().last("backup")
        if last is not None:
            age = (now - dt.datetime.fromisoformat(last.at)).total_seconds()
            yield _gauge("backup_age_seconds", "Time since the last backup", age)
            yield _gauge("backup_bytes", "Size of the last backup", last.size)
        entries = sum(AuditHead.objects.values_list("number", flat=True))
        yield _gauge("audit_entries", "Entries of the audit log", entries)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"sanneng_{name}", text, value=value)


def exposition() -> bytes:
    """Everything that is counted, as text. Where the database fails, what needs it is left
    out, and the failure is counted."""
    installation = CollectorRegistry()
    content = b""
    try:
        with transaction.atomic():
            installation.register(_Installation())
            content = generate_latest(installation)
    except DatabaseError:
        DATABASE_ERRORS.inc()
    return content + generate_latest(_counts())


def _counts() -> CollectorRegistry:
    if not settings.METRICS_FOLDER:
        return REGISTRY
    of_all = CollectorRegistry()
    MultiProcessCollector(of_all, path=settings.METRICS_FOLDER)
    return of_all
