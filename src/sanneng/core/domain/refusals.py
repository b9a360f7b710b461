"""What the database refused, in words that people can act on."""

from __future__ import annotations

from typing import NamedTuple

from django.db import DatabaseError, models
from django.utils.translation import gettext as _

from sanneng.core.models import Record
from sanneng.core.row_rules import rules_of


class Refusal(NamedTuple):
    """Why a row was refused; ``fields`` are those concerned, empty where it cannot be told."""

    message: str
    fields: tuple[str, ...]


def explain(*, model: type[Record], error: DatabaseError) -> Refusal:
    """The constraint or row rule of ``model`` behind ``error``, in its own words."""
    name, text = _constraint_name(error), str(error)
    for rule in rules_of(model):
        if rule.name in (name, text):
            return Refusal(str(rule.message), rule.fields or (rule.lock.removesuffix("_id"),))
    for constraint in model._meta.constraints:
        if constraint.name == name or _is_meant(constraint, model, text):
            return Refusal(
                str(constraint.violation_error_message), tuple(getattr(constraint, "fields", ()))
            )
    return Refusal(_("数据库不接受这条记录，请核对各项内容。"), ())


def _constraint_name(error: DatabaseError) -> str:
    """PostgreSQL names the constraint in its diagnostics."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) or ""


def _is_meant(constraint: models.BaseConstraint, model: type[Record], text: str) -> bool:
    """SQLite names a check constraint, and of a unique constraint only the columns."""
    what, _separator, rest = text.partition(" constraint failed: ")
    if what == "CHECK":
        return rest == constraint.name
    if what == "UNIQUE" and isinstance(constraint, models.UniqueConstraint):
        table = model._meta.db_table
        column_of = {field.name: field.column for field in model._meta.concrete_fields}
        columns = [f"{table}.{column_of[name]}" for name in constraint.fields]
        return rest.split(", ") == columns
    return False
