"""What an installation is warned of before it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.db import connections


def check_row_security(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """A superuser, or a role with BYPASSRLS, sees past the policies of ``row_security``."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor != "postgresql":
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles "
                "WHERE rolname = current_user"
            )
            role, is_above = cursor.fetchone()
        if is_above:
            found.append(
                Warning(
                    f"The database role “{role}” is above row-level security: the school boundary "
                    "in the database does not hold for it.",
                    hint=f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS, or connect as a role that "
                    "merely owns the database.",
                    id="sanneng.W001",
                )
            )
    return found
