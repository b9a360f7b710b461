"""What the people of ``benchmarks/load.py`` do: mostly look things up, now and then enter one."""

from __future__ import annotations

import itertools
import json
import os
import random
from pathlib import Path

from locust import HttpUser, between, task

SEEN = json.loads((Path(os.environ["SANNENG_HOME"]) / "people.json").read_text())
_sessions = itertools.cycle(SEEN["sessions"])
_numbers = itertools.count(1)
LIST = "/records/teaching.outreachlecture/"
DAY = "as_of=2023-06-30&school=demo"


class Colleague(HttpUser):
    wait_time = between(1, 3)

    def on_start(self) -> None:
        self.client.cookies.set(SEEN["cookie"], next(_sessions))

    def look(self, path: str, name: str) -> str:
        with self.client.get(path, name=name, catch_response=True) as answer:
            if answer.status_code != 200 or "/login/" in answer.url:
                answer.failure(f"{answer.status_code} {answer.url}")
            return answer.text or ""

    @task(5)
    def a_list(self) -> None:
        self.look(f"{LIST}?{DAY}&page={random.randint(1, 20)}", "list")

    @task(2)
    def filtered_list(self) -> None:
        self.look(f"{LIST}?{DAY}&q=单位{random.randint(0, 499)}&year=2021", "list, searched")

    @task(5)
    def record(self) -> None:
        self.look(f"{LIST}{random.choice(SEEN['pks'])}/?{DAY}", "record")

    @task(2)
    def start_page(self) -> None:
        self.look(f"/?{DAY}", "start page")

    @task(1)
    def dashboard(self) -> None:
        self.look(f"/figures/?{DAY}", "dashboard")

    @task(1)
    def search(self) -> None:
        self.look(f"/search/?q=zhang&{DAY}", "search")

    @task(2)
    def enter(self) -> None:
        """Open a form, fill it in, save and hand in."""
        page = self.look(f"/enter/research.project/?{DAY}", "form")
        token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        number = next(_numbers)
        values = {
            "csrfmiddlewaretoken": token, "school": "demo", "title": f"压力课题{number}",
            "level": "city", "approved_on": "2022-05-01", "then": "submit",
        }  # fmt: skip
        with self.client.post(
            "/enter/research.project/", values, name="save", catch_response=True,
            headers={"Referer": self.host or ""},
        ) as answer:  # fmt: skip
            if "/records/research.project/" not in answer.url:
                answer.failure(f"{answer.status_code} {answer.url}")
