"""Datasets as tables that Ibis can compile against.

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
from django.db import models
from ibis.expr.types import Table

from sanneng.core.enums import RecordState
from sanneng.core.models import Record
from sanneng.indicators.datasets import column, column_of, column_types

_OWN = ("id", "school_id", "state", "version")


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
            columns.add(column_of(model._meta.get_field(step)))
    keys = {step: column_of(model._meta.get_field(step)) for step in through}
    table = own.select(*sorted(columns | set(keys.values())))
    for step in sorted(through):
        related = _related(model, step, through[step], counted=step in parts)
        joined_on = table[keys[step]] == related[f"{step}__id"]
        may_lack = bool(model._meta.get_field(step).null)
        how = "inner" if step in parts and not may_lack else "left"
        table = table.join(related, joined_on, how=how)
        if step in parts and may_lack:
            table = table.filter(table[keys[step]].isnull() | table[f"{step}__id"].notnull())
    return table


def _related(model: type[models.Model], step: str, paths: Iterable[str], *, counted: bool) -> Table:
    target = model._meta.get_field(step).related_model
    assert isinstance(target, type)
    assert issubclass(target, models.Model)
    own = _unbound(target)
    parts: set[str] = set()
    if counted and issubclass(target, Record):
        own = own.filter(ibis._.state == RecordState.APPROVED.value)
        parts = set(target.part_of)
    table = _joined(own, target, paths, parts)
    wanted = {"id"} | {column(target, path) for path in paths}
    return table.select(**{f"{step}__{name}": table[name] for name in sorted(wanted)})


@functools.cache
def _unbound(model: type[models.Model]) -> Table:
    return ibis.table(column_types(model), name=model._meta.db_table)
