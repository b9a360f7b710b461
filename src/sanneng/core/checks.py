"""What an installation is warned of before it runs, and what it may not run with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import connections

from sanneng.core.row_security import role_above_policies


def check_row_security(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """A role above the policies of ``row_security``: an error on a site that others reach."""
    kind = Error if settings.HTTPS else Warning
    return [
        kind(
            f"The database role “{role}” is above row-level security: the school boundary "
            "in the database does not hold for it.",
            hint=f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS, or connect as a role that "
            "merely owns the database.",
            id="sanneng.W001",
        )
        for alias in databases or ()
        if (role := role_above_policies(connections[alias]))
    ]
