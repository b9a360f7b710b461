"""Server time of lists, records, dashboard and start page with 100,000 records, against the plain
Django admin's list and form of the same table in the same run."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

from django.contrib import admin
from django.test import Client
from django.urls import clear_url_caches, include, path
from rich.table import Table

ROWS, TURNS = 100_000, 30
urlpatterns = [path("", include("sanneng.config.urls"))]


def pages() -> Table:
    """p95 in milliseconds; the ratio is to the admin's list."""
    from sanneng.core.models import School, User
    from sanneng.people.models import Staff
    from sanneng.teaching.models import OutreachLecture

    school = School.objects.get(code="demo")
    staff = list(Staff.objects.filter(school=school))
    OutreachLecture.objects.bulk_create(
        (
            OutreachLecture(
                school=school, key=f"B{number:06d}", state="approved", staff=staff[number % 40],
                topic=f"题目{number}", host=f"单位{number % 500}",
                delivered_on=dt.date(2019, 1, 1) + dt.timedelta(days=number % 1600),
            )
            for number in range(ROWS)
        ),
        batch_size=5000,
    )  # fmt: skip

    class Lectures(admin.ModelAdmin):  # type: ignore[type-arg]
        list_display = ("topic", "staff", "host", "delivered_on", "audience", "state")
        list_select_related = ("staff",)
        list_per_page = 30
        ordering = ("-delivered_on",)

    admin.site.register(OutreachLecture, Lectures)
    urlpatterns.insert(0, path("admin/", admin.site.urls))
    clear_url_caches()
    client = Client()
    client.force_login(User.objects.create_superuser("bench", password=None))
    query = {"as_of": "2023-06-30", "school": "demo"}
    listed = "/records/teaching.outreachlecture/"
    pk = OutreachLecture.objects.latest("pk").pk
    rows = {
        "Django admin, list": lambda: client.get("/admin/teaching/outreachlecture/"),
        "Django admin, record": lambda: client.get(f"/admin/teaching/outreachlecture/{pk}/change/"),
        "record list": lambda: client.get(listed, query),
        "record list, searched": lambda: client.get(listed, {**query, "q": "单位77"}),
        "record": lambda: client.get(f"{listed}{pk}/", query),
        "form": lambda: client.get("/enter/teaching.outreachlecture/", query),
        "start page": lambda: client.get("/", query),
        "dashboard": lambda: client.get("/figures/", query),
    }
    table = Table(f"pages, {ROWS} records", "p95 ms", "ratio")
    base = 0.0
    for name, call in rows.items():
        taken = p95(call)
        base = base or taken
        table.add_row(name, f"{taken * 1000:.0f}", f"{taken / base:.2f}")
    return table


def p95(call: Callable[[], object]) -> float:
    call()
    taken = []
    for _turn in range(TURNS):
        started = time.perf_counter()
        response = call()
        taken.append(time.perf_counter() - started)
        assert response.status_code == 200  # type: ignore[attr-defined]
    return sorted(taken)[int(TURNS * 0.95) - 1]
