"""The school boundary once more, in the database itself: a forgotten filter leaks nothing.

On PostgreSQL every table of a school's rows carries a policy that lets a connection see and
write only the schools named in its setting ``sanneng.schools``: primary keys parted by commas,
``*`` for all, nothing for none. A web request may touch the schools where its user is
somebody (``web.middleware``); the command line, migrations and workers all. Policies are put
up after every migration, for whatever model has a foreign key ``school``.

The policies do not replace the rights (``core.domain.access``), which are finer; they repeat
their outer edge. On SQLite there is one school's file and no policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.apps import AppConfig
from django.core.exceptions import FieldDoesNotExist
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

SETTING = "sanneng.schools"
# Without policy: a log-in has to find the school and the memberships of whoever comes before it
# is known what that one may see. They hold no work, only who belongs where; users and sessions
# have no school at all.
# A token is its user's own, and may be for every school.
WITHOUT_POLICY = frozenset({"core.membership", "core.apitoken"})

Schools = frozenset[int] | None

_allowed: ContextVar[Schools] = ContextVar("allowed_schools", default=None)


def allowed_schools() -> Schools:
    """The schools whose rows may be touched now, by primary key; None for all."""
    return _allowed.get()


@contextmanager
def only_schools(pks: Iterable[int] | None) -> Iterator[None]:
    """Inside, the database shows and takes rows of the schools ``pks`` alone; None is all."""
    token = _allowed.set(None if pks is None else frozenset(pks))
    try:
        yield
    finally:
        _allowed.reset(token)


def narrow_to(pks: Iterable[int] | None) -> None:
    """Change what the surrounding ``only_schools`` allows, until that one ends."""
    _allowed.set(None if pks is None else frozenset(pks))


@contextmanager
def all_schools() -> Iterator[None]:
    """Inside, the rows of every school can be reached, whoever asks.

    For the few ways that must look across schools before, or without, knowing a user: the
    audit log (it takes what happens anywhere) and addresses that carry a secret token of
    their own (they are looked up by the token alone, and show what the token is for).
    """
    with only_schools(None):
        yield


def as_setting(schools: Schools) -> str:
    """``schools`` as the connection's setting."""
    return "*" if schools is None else ",".join(str(pk) for pk in sorted(schools))


# Subqueries are worked out once for a query, not for each row; this one becomes a hash table, so
# that thousands of schools below a province cost a row no more than one.
_EVERY = f"(SELECT current_setting('{SETTING}', true) = '*')"
_ALLOWED = (
    "(SELECT unnest(string_to_array("
    f"NULLIF(NULLIF(current_setting('{SETTING}', true), '*'), ''), ',')::bigint[]))"
)


def condition_of(model: type[models.Model]) -> str | None:
    """Which rows of ``model`` may be touched, in SQL; None for a model without policy.

    A model without a school of its own names in ``school_through`` the foreign key to the
    model that has it, and is as visible as that one.
    """
    if model._meta.label_lower in WITHOUT_POLICY:
        return None
    through = getattr(model, "school_through", None)
    if through is not None:
        field: Any = model._meta.get_field(through)
        target = field.related_model._meta.db_table
        return f'{_EVERY} OR "{field.column}" IN (SELECT id FROM "{target}")'  # noqa: S608
    try:
        school: Any = model._meta.get_field("school")
    except FieldDoesNotExist:
        return None
    if not isinstance(school, models.ForeignKey):
        return None
    # A row without a school is the installation's: NULL is in no list.
    return f'{_EVERY} OR "{school.column}" IN {_ALLOWED}'


def role_above_policies(connection: BaseDatabaseWrapper) -> str | None:
    """The role of ``connection`` where it sees past every policy: a superuser, or one with
    BYPASSRLS. None for one that is held by them, and on SQLite."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles "
            "WHERE rolname = current_user AND (rolsuper OR rolbypassrls)"
        )
        found = cursor.fetchone()
    return str(found[0]) if found else None


def install_row_security(app_config: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Put up the policies of every model of ``app_config`` (a ``post_migrate`` receiver)."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in app_config.get_models():
            condition = condition_of(model)
            if condition is None or model._meta.db_table not in tables:
                continue
            for statement in _policy(model._meta.db_table, condition):
                cursor.execute(statement)


def _policy(table: str, condition: str) -> list[str]:
    """FORCE, because the product itself owns its tables."""
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'DROP POLICY IF EXISTS school_boundary ON "{table}"',
        f'CREATE POLICY school_boundary ON "{table}" USING ({condition}) WITH CHECK ({condition})',
    ]
