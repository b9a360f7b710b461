"""Twenty threads send one request at the same moment, on the database that the environment names.

Run as a program of its own (``test_idempotency.py``): threads need a database that they can
share, which the one in memory is not. Prints what came of it as JSON.
"""

from __future__ import annotations

import json
import os
import threading

import django

THREADS = 20
LIST = "/records/research.project/"
PROJECT = {"title": "基层治理研究", "level": "provincial", "approved_on": "2023-03-01"}


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from django.core.management import call_command
    from django.db import connection, connections
    from django.test.utils import setup_test_environment

    from sanneng.core.enums import Role, SchoolLevel
    from sanneng.core.models import AuditEntry, School
    from sanneng.research.models import Project
    from tests.api.conftest import Api, make_user

    setup_test_environment()
    call_command("migrate", verbosity=0)
    school = School.objects.create(code="race", name="竞赛", level=SchoolLevel.DISTRICT)
    api = Api(make_user(school, Role.OFFICE, "racer"))
    api.get("/me/")
    start, answers = threading.Barrier(THREADS), []

    def ask() -> None:
        mine = Api(None)
        mine.headers = api.headers
        try:
            start.wait()
            answers.append(mine.post(LIST, PROJECT, idempotency_key="race"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _number in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    made = [one for one in answers if one.status_code == 201]
    outcome = {
        "vendor": connection.vendor,
        "records": Project.objects.filter(school=school).count(),
        "audited": AuditEntry.objects.filter(school=school, action="create").count(),
        "codes": [one.status_code for one in answers],
        "different_answers": len({one.content for one in made}),
    }
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
