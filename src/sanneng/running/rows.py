"""Rows of every table as lines of JSON that are the same on every database, and back."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import IO, Any
from uuid import UUID

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connections, models

CHUNK = 2000
# Sessions end with a restore: whoever had logged out since must stay logged out.
LEFT_OUT: tuple[type[models.Model], ...] = (Session,)


def kept_models() -> list[type[models.Model]]:
    """The models whose rows are kept, each after those that it refers to where that is possible."""
    every = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model not in LEFT_OUT
    ]
    placed: dict[type[models.Model], None] = {}
    seen: set[type[models.Model]] = set()

    def place(model: type[models.Model]) -> None:
        if model in seen:
            return
        seen.add(model)
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model in every:
                place(field.related_model)  # type: ignore[arg-type]
        placed[model] = None

    for model in sorted(every, key=lambda one: one._meta.label_lower):
        place(model)
    return list(placed)


def columns_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The fields that have a column of their own, by the column's name."""
    fields = [field for field in model._meta.concrete_fields if not getattr(field, "generated", 0)]
    return sorted(fields, key=lambda field: field.attname)


def lines_of(model: type[models.Model], using: str) -> Iterator[bytes]:
    """One line for each row, in the order of primary keys; values in the order of
    ``columns_of``."""
    names = [field.attname for field in columns_of(model)]
    rows = model._base_manager.using(using).order_by("pk").values_list(*names)
    for row in rows.iterator(CHUNK):
        text = json.dumps(row, default=_plain, ensure_ascii=False, sort_keys=True)
        yield text.encode() + b"\n"


def digest_of_rows(model: type[models.Model], using: str = "default") -> tuple[int, str]:
    """How many rows a table has, and the SHA-256 over its lines."""
    digest, count = hashlib.sha256(), 0
    for line in lines_of(model, using):
        digest.update(line)
        count += 1
    return count, digest.hexdigest()


def _plain(value: Any) -> Any:
    """``value`` as JSON holds it, the same from every database."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return str(value)
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    raise TypeError(f"{type(value).__name__} cannot be kept in a backup")


def write_lines(model: type[models.Model], lines: IO[bytes], using: str = "default") -> int:
    """Insert the rows of ``lines`` as they are, past every default and automatic date; returns
    how many."""
    fields = columns_of(model)
    connection = connections[using]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})"  # noqa: S608
    count = 0
    with connection.cursor() as cursor:
        for some in _chunks(lines):
            cursor.executemany(statement, [_stored(fields, line, connection) for line in some])
            count += len(some)
    return count


def _chunks(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    iterator = iter(lines)
    while some := list(islice(iterator, CHUNK)):
        yield some


def _stored(fields: list[models.Field[Any, Any]], line: bytes, connection: Any) -> list[Any]:
    return [
        field.get_db_prep_save(_typed(field, value), connection)
        for field, value in zip(fields, json.loads(line), strict=True)
    ]


def _typed(field: models.Field[Any, Any], value: Any) -> Any:
    if value is None or isinstance(field, models.JSONField):
        return value
    target: Any = field
    while isinstance(target, models.ForeignKey):
        target = target.target_field
    return target.to_python(value)
