"""Check constraints, asked of a row before it is sent to the database.

A constraint is declared once, on the model. The database enforces it; here the same
condition is evaluated on the values of a spreadsheet row, so that every row at fault can be
named at once. What this evaluator does not know it leaves to the database.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import models
from django.db.models import F, Q

from sanneng.core.models import Record

Values = Mapping[str, Any]
# True, False, or None where SQL would say NULL: a check refuses only what is false.
Condition = Callable[[Values], bool | None]

_COMPARE = {"exact": operator.eq, "gt": operator.gt, "gte": operator.ge}
_COMPARE |= {"lt": operator.lt, "lte": operator.le}


class _Unknown(Exception):
    """A condition that only the database can judge."""


@dataclass(frozen=True)
class RowCheck:
    """A check constraint: what it asks, the fields it looks at, and its words."""

    constraint: models.CheckConstraint
    condition: Condition
    fields: tuple[str, ...]

    def refuses(self, values: Values) -> bool:
        return self.condition(values) is False


@cache
def checks_of(model: type[Record]) -> tuple[RowCheck, ...]:
    """The check constraints of ``model`` that can be asked of a row."""
    checks = []
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.CheckConstraint):
            fields: dict[str, None] = {}
            try:
                condition = _compile(constraint.condition, fields)
            except _Unknown:
                continue
            checks.append(RowCheck(constraint, condition, tuple(fields)))
    return tuple(checks)


def _compile(condition: Any, fields: dict[str, None]) -> Condition:
    if not isinstance(condition, Q):
        raise _Unknown
    parts = [
        _compile(child, fields) if isinstance(child, Q) else _compile_lookup(child, fields)
        for child in condition.children
    ]
    whole = {Q.AND: _all, Q.OR: _any}.get(condition.connector)
    if whole is None:
        raise _Unknown
    joined = parts[0] if len(parts) == 1 else whole(parts)
    return _negated(joined) if condition.negated else joined


def _compile_lookup(child: Any, fields: dict[str, None]) -> Condition:
    if not isinstance(child, tuple):
        raise _Unknown
    path, wanted = child
    name, _separator, lookup = path.partition("__")
    fields[name] = None
    if lookup == "isnull":
        return lambda values: (values[name] is None) == wanted
    if lookup == "in":
        options = frozenset(wanted)
        return lambda values: None if values[name] is None else values[name] in options
    compare = _COMPARE.get(lookup or "exact")
    if compare is None:
        raise _Unknown
    if isinstance(wanted, F):
        other = str(wanted.name)  # type: ignore[attr-defined]
        fields[other] = None
        return lambda values: _compared(compare, values[name], values[other])
    return lambda values: _compared(compare, values[name], wanted)


def _compared(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool | None:
    return None if left is None or right is None else compare(left, right)


def _all(parts: list[Condition]) -> Condition:
    def condition(values: Values) -> bool | None:
        found = [part(values) for part in parts]
        return False if False in found else None if None in found else True

    return condition


def _any(parts: list[Condition]) -> Condition:
    def condition(values: Values) -> bool | None:
        found = [part(values) for part in parts]
        return True if True in found else None if None in found else False

    return condition


def _negated(part: Condition) -> Condition:
    def condition(values: Values) -> bool | None:
        found = part(values)
        return None if found is None else not found

    return condition
