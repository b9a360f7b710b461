"""Made-up requests to every operation of the API, for as long as is asked (three minutes).

    python benchmarks/api_fuzz.py [--seconds 180] [--examples 8] [--role office]

Works on a database of its own in a temporary folder, with the sample school in it, or on the
one that SANNENG_DATABASE_URL names (which it fills with nonsense). Prints how many requests were
answered how; ends with 1 where an answer was a failure of the server or none that the document
names.
"""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--examples", type=int, default=8)
    parser.add_argument("--role", default="office")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sanneng-fuzz-") as folder:
        _set_up(Path(folder))
        return _run(asked, Path(folder))


def _set_up(home: Path) -> None:
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    os.environ |= {"SANNENG_HOME": str(home), "SANNENG_HTTPS": "0"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.conf import settings

    settings.CACHES["limits"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    django.setup()
    logging.disable(logging.WARNING)


def _run(asked: argparse.Namespace, home: Path) -> int:
    from django.core.wsgi import get_wsgi_application

    from sanneng.api.application import API
    from sanneng.api.schema import document_of
    from sanneng.core.registry import type_by_code
    from tests.api.fuzzing import fuzz

    school, key = _sample(home, asked.role)

    def known_id(path: str) -> int | None:
        if "/records/" not in path:
            return 1
        code = path.split("/records/")[1].split("/")[0]
        model = type_by_code("research.project" if code.startswith("{") else code).model
        found = model._base_manager.filter(school=school).order_by("-pk").first()
        return found.pk if found else None

    begun = time.monotonic()
    outcome = fuzz(
        get_wsgi_application(),
        document_of(API),
        {"authorization": f"Bearer {key}"},
        examples=asked.examples,
        seconds=asked.seconds,
        known_id=known_id,
    )
    total = sum(outcome.statuses.values())
    print(f"{total} requests, {outcome.operations} operations, {outcome.skipped} not reached, "
          f"{time.monotonic() - begun:.0f} s on {os.cpu_count()} cores")  # fmt: skip
    for status, number in sorted(outcome.statuses.items()):
        print(f"  {status}: {number:>6} ({number / total:.0%})")
    for name, fault in outcome.faults.items():
        print(f"\n{name}\n{fault}")
    return 1 if outcome.faults else 0


def _sample(home: Path, role: str):  # type: ignore[no-untyped-def]
    """The sample school, and the key of a token of somebody there."""
    from django.core.management import call_command

    from sanneng.core.domain.tokens import make_token
    from sanneng.core.enums import ApiScope
    from sanneng.core.models import Membership, User
    from sanneng.core.spreadsheets.importing import import_workbook
    from sanneng.sample.build import sample_school, write_sample

    call_command("migrate", verbosity=0)
    workbook = home / "sample.xlsx"
    write_sample(workbook)
    school = sample_school()
    import_workbook(workbook, school=school, by=None)
    user = User.objects.create(username="fuzz")
    Membership.objects.create(user=user, school=school, role=role, valid_from=dt.date(2020, 1, 1))
    _token, key = make_token(user=user, by=user, name="fuzz", scopes=ApiScope.values, days=1)
    return school, key


if __name__ == "__main__":
    sys.exit(main())
