"""Django's PostgreSQL backend, whose connections know which schools they may touch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.backends.postgresql import base

from sanneng.core.row_security import SETTING, allowed_schools, as_setting


class DatabaseWrapper(base.DatabaseWrapper):
    """Tells the server the allowed schools before a statement, whenever they have changed.

    Comparing at each statement, rather than telling at each change, asks nothing of the server
    where nothing is asked of it, and cannot be missed: not by a new connection, not by a cursor
    opened earlier, not by a rollback, which takes the setting back with everything else.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._told: str | None = None
        self._is_rolling_back = False
        self.execute_wrappers.append(self._execute)

    def connect(self) -> None:
        self._told = None
        super().connect()

    def _execute(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        wanted = as_setting(allowed_schools())
        # While rolling back to a savepoint, the server takes no other statement.
        if wanted != self._told and not self._is_rolling_back:
            assert self.connection is not None
            with self.wrap_database_errors, self.connection.cursor() as cursor:
                cursor.execute("SELECT set_config(%s, %s, false)", [SETTING, wanted])
            self._told = wanted
        return execute(*arguments)

    def _rollback(self) -> None:
        self._told = None
        super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        self._is_rolling_back = True
        try:
            super()._savepoint_rollback(sid)  # type: ignore[misc]
        finally:
            self._is_rolling_back = False
            self._told = None
