"""Record types as tables that Ibis can compile against.

Ibis is a compiler here and nothing more: tables are unbound, declared from the Django
models, and the SQL runs on our own connection. A dataset holds counted rows only: approved,
and part of approved wholes. A path such as ``training.kind`` joins the table it leads to.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import ibis
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from ibis.expr.types import Table

from sanneng.core.enums import RecordState
from sanneng.core.models import DatedRecord, Record
from sanneng.core.registry import all_types

_TYPES: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
    (models.BooleanField, "boolean"),
    (models.DateField, "date"),
    (models.IntegerField, "int64"),
    (models.ForeignKey, "int64"),
    (models.CharField, "string"),
    (models.TextField, "string"),
)
_OWN = ("id", "school_id", "state", "version")


def dataset_names() -> list[str]:
    """Labels by which the catalogue names datasets, such as ``research.Project``."""
    return sorted(record_type.model._meta.label for record_type in all_types())


def dataset_model(label: str) -> type[Record]:
    """The model of a dataset; LookupError for a label that is not a record type."""
    if label not in dataset_names():
        raise LookupError(label)
    model = apps.get_model(label)
    assert issubclass(model, Record)
    return model


def resolve(model: type[models.Model], path: str) -> models.Field[Any, Any]:
    """The field at the end of a dotted ``path``; FieldDoesNotExist when a step is not there."""
    *steps, last = path.split(".")
    for step in steps:
        through = model._meta.get_field(step)
        if not isinstance(through, models.ForeignKey):
            raise FieldDoesNotExist(path)
        model = through.related_model
    field: Any = model._meta.get_field(last)
    if not isinstance(field, (*(kind for kind, _name in _TYPES), models.AutoField)):
        raise FieldDoesNotExist(path)
    assert isinstance(field, models.Field)
    return field


def column(model: type[models.Model], path: str) -> str:
    """The column that ``path`` has in ``facts``: ``training__kind``, or ``staff_id``."""
    *steps, _last = path.split(".")
    return "__".join([*steps, _column_of(resolve(model, path))])


def is_dated(model: type[models.Model]) -> bool:
    return issubclass(model, DatedRecord)


def facts(model: type[Record], paths: Iterable[str], *, school: Any = None) -> Table:
    """Counted rows of ``model`` with the columns that ``paths`` need, of ``school`` or of all."""
    own = _unbound(model).filter(ibis._.state == RecordState.APPROVED.value)
    if school is not None:
        own = own.filter(ibis._.school_id == school)
    return _joined(own, model, paths, set(model.part_of))


def _joined(own: Table, model: type[models.Model], paths: Iterable[str], parts: set[str]) -> Table:
    columns = set(_OWN) & set(own.columns)
    through: dict[str, set[str]] = defaultdict(set)
    for part in parts:
        through[part] |= set()
    for path in paths:
        step, _dot, rest = path.partition(".")
        if rest:
            through[step].add(rest)
        else:
            columns.add(_column_of(model._meta.get_field(step)))
    keys = {step: _column_of(model._meta.get_field(step)) for step in through}
    table = own.select(*sorted(columns | set(keys.values())))
    for step in sorted(through):
        related = _related(model, step, through[step], counted=step in parts)
        joined_on = table[keys[step]] == related[f"{step}__id"]
        how = "inner" if step in parts else "left"
        table = table.join(related, joined_on, how=how)
    return table


def _related(model: type[models.Model], step: str, paths: Iterable[str], *, counted: bool) -> Table:
    target = model._meta.get_field(step).related_model
    assert isinstance(target, type)
    assert issubclass(target, models.Model)
    own = _unbound(target)
    if counted:
        own = own.filter(ibis._.state == RecordState.APPROVED.value)
    table = _joined(own, target, paths, set())
    wanted = {"id"} | {column(target, path) for path in paths}
    return table.select(**{f"{step}__{name}": table[name] for name in sorted(wanted)})


def _column_of(field: Any) -> str:
    return str(field.column)


def column_types(model: type[models.Model]) -> dict[str, str]:
    """The columns that indicators may read, with their types in Ibis's names."""
    typed = ((_column_of(field), _type_of(field)) for field in model._meta.concrete_fields)
    return {name: kind for name, kind in typed if kind is not None}


@functools.cache
def _unbound(model: type[models.Model]) -> Table:
    return ibis.table(column_types(model), name=model._meta.db_table)


def _type_of(field: models.Field[Any, Any]) -> str | None:
    if isinstance(field, models.DateTimeField):
        return None
    if isinstance(field, models.AutoField):
        return "int64"
    return next((name for kind, name in _TYPES if isinstance(field, kind)), None)
