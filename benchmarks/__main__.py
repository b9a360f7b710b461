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

    django.setup()
    from django.core.management import call_command
    from rich.console import Console

    from benchmarks import catalogue, documents

    call_command("migrate", verbosity=0)
    console = Console()
    console.print(f"{os.cpu_count()} cores")
    for table in (catalogue.one_school(), catalogue.many_schools(), documents.check_and_extract()):
        console.print(table)


if __name__ == "__main__":
    main()
