"""Record types as datasets: their names, and the columns that a dotted path leads to."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models

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
    if isinstance(field, models.DateTimeField):
        # To Django a moment is a date, but it is no column of ours: engines differ on zones.
        raise FieldDoesNotExist(path)
    assert isinstance(field, models.Field)
    return field


def column(model: type[models.Model], path: str) -> str:
    """The column that ``path`` has in ``facts``: ``training__kind``, or ``staff_id``."""
    *steps, _last = path.split(".")
    return "__".join([*steps, column_of(resolve(model, path))])


def is_dated(model: type[models.Model]) -> bool:
    return issubclass(model, DatedRecord)


def column_of(field: Any) -> str:
    """The column of a field of a model."""
    return str(field.column)


def column_types(model: type[models.Model]) -> dict[str, str]:
    """The columns that indicators may read, with their types in Ibis's names."""
    typed = ((column_of(field), _type_of(field)) for field in model._meta.concrete_fields)
    return {name: kind for name, kind in typed if kind is not None}


def _type_of(field: models.Field[Any, Any]) -> str | None:
    if isinstance(field, models.DateTimeField):
        return None
    if isinstance(field, models.AutoField):
        return "int64"
    return next((name for kind, name in _TYPES if isinstance(field, kind)), None)
