"""``make bench``: every measurement but the import, which takes minutes and is run by itself
(``python benchmarks/import_workbook.py``)."""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanneng.config.settings")
os.environ["SANNENG_HOME"] = tempfile.mkdtemp(prefix="sanneng-bench-")
os.environ["SANNENG_HTTPS"] = "0"


def main() -> None:
    import django
    from django.conf import settings

    # The plain admin is what the record list is measured against; the product has none.
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "django.contrib.admin"]
    settings.ROOT_URLCONF = "benchmarks.pages"
    settings.ALLOWED_HOSTS = ["testserver"]
    django.setup()
    from django.core.management import call_command
    from rich.console import Console

    from benchmarks import catalogue, documents
    from benchmarks.extraction import extraction
    from benchmarks.pages import pages

    call_command("migrate", verbosity=0)
    console = Console()
    console.print(f"{os.cpu_count()} cores")
    for measure in (
        catalogue.one_school, catalogue.many_schools, documents.check_and_extract, extraction, pages,
    ):  # fmt: skip
        console.print(measure())


if __name__ == "__main__":
    main()
