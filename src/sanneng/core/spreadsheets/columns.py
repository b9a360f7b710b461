"""The columns of a record type's sheet, derived from its model.

Headings are Chinese whatever language the user reads, because a workbook travels between
schools: a file written by one must be read by another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias, cast

from django.conf import settings
from django.db import models
from django.utils import translation

from sanneng.core import registry
from sanneng.core.models import Record
from sanneng.core.registry import RecordType

SHEET_TITLE_LENGTH = 31  # Excel refuses longer names.
CELL_LENGTH = 32767  # Excel cuts longer text.
EVIDENCE = "evidence"
YES, NO = "是", "否"
# A workbook of ours says in its properties which school it was written for.
MARK = "sanneng-school:"

_Field: TypeAlias = "models.Field[Any, Any]"


class Kind(StrEnum):
    """What a column holds, and so how its cells are read, written and explained."""

    TEXT = "text"
    INTEGER = "integer"
    PERCENT = "percent"
    TENTHS = "tenths"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    REFERENCE = "reference"
    NAME = "name"
    EVIDENCE = "evidence"


@dataclass(frozen=True)
class Column:
    """One column. ``name`` is the model field, ``labels`` the choices (code -> Chinese label).

    ``maximum`` is the largest number; the least is 0, as every number here counts something.
    ``required`` means that a new record cannot do without it; a blank cell of a record that
    is already there leaves the value as it is. A ``NAME`` column tells people whom the
    reference beside it means, and is not read.
    """

    name: str
    heading: str
    kind: Kind
    required: bool = False
    max_length: int = CELL_LENGTH
    maximum: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    target: type[Record] | None = None

    @property
    def is_read(self) -> bool:
        return self.kind is not Kind.NAME


@dataclass(frozen=True)
class Sheet:
    """A record type's sheet: its title and its columns in order."""

    record_type: RecordType
    title: str
    columns: tuple[Column, ...]

    @property
    def model(self) -> type[Record]:
        return self.record_type.model

    def without(self, names: Collection[str]) -> Sheet:
        """The sheet without the columns of the fields called ``names``."""
        if not names:
            return self
        kept = tuple(c for c in self.columns if c.name.removesuffix("__name") not in names)
        return Sheet(self.record_type, self.title, kept)

    @property
    def read_columns(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_read)


def sheets() -> tuple[Sheet, ...]:
    """Every record type's sheet, parents before the records that refer to them."""
    return tuple(sheet_of(record_type.model) for record_type in registry.all_types())


@cache
def sheet_of(model: type[Record]) -> Sheet:
    """The sheet of ``model``: 编号, the fields of its identity, its other fields, then state,
    reason and evidence. KeyError for a model that is not a record type."""
    record_type = registry.type_of(model)
    with translation.override(settings.LANGUAGE_CODE):
        columns = [Column("key", "编号", Kind.TEXT, max_length=_max_length(model, "key"))]
        for model_field in _own_fields(record_type):
            columns += _columns_of(model_field)
        columns += [
            _plain(model._meta.get_field("state"), required=False),
            _plain(model._meta.get_field("reason"), required=False),
            Column(EVIDENCE, "佐证材料", Kind.EVIDENCE),
        ]
        title = str(model._meta.verbose_name)[:SHEET_TITLE_LENGTH]
    return Sheet(record_type, title, tuple(columns))


def _own_fields(record_type: RecordType) -> list[_Field]:
    """What the type itself records, identity first: what tells rows apart stands leftmost."""
    common = {model_field.name for model_field in Record._meta.get_fields()}
    own = [
        model_field
        for model_field in record_type.model._meta.concrete_fields
        if model_field.editable and not model_field.primary_key and model_field.name not in common
    ]
    place = {name: index for index, name in enumerate(record_type.identity)}
    return sorted(own, key=lambda model_field: place.get(model_field.name, len(place)))


def _columns_of(model_field: _Field) -> list[Column]:
    if not model_field.is_relation:
        return [_plain(model_field, required=_is_required(model_field))]
    heading = str(model_field.verbose_name)
    target = cast(type[Record], model_field.related_model)
    reference = Column(
        model_field.name,
        f"{heading}编号",
        Kind.REFERENCE,
        required=_is_required(model_field),
        max_length=_max_length(target, "key"),
        target=target,
    )
    return [reference, Column(f"{model_field.name}__name", heading, Kind.NAME)]


def _plain(model_field: _Field, *, required: bool) -> Column:
    kind = _kind_of(model_field)
    heading = str(model_field.verbose_name)
    if kind is Kind.TENTHS:
        heading = heading.removesuffix("×10")
    return Column(
        model_field.name,
        heading,
        kind,
        required=required,
        max_length=model_field.max_length or CELL_LENGTH,
        maximum=_maximum(model_field, kind),
        labels={str(code): str(label) for code, label in model_field.choices or ()},
    )


def _kind_of(model_field: _Field) -> Kind:
    """The kind of a field; the name's ending tells the unit of an integer."""
    if model_field.choices:
        return Kind.CHOICE
    if isinstance(model_field, models.BooleanField):
        return Kind.BOOLEAN
    if isinstance(model_field, models.DateField):
        return Kind.DATE
    if isinstance(model_field, models.IntegerField):
        endings = {"_x10": Kind.TENTHS, "_percent": Kind.PERCENT}
        for ending, kind in endings.items():
            if model_field.name.endswith(ending):
                return kind
        return Kind.INTEGER
    if isinstance(model_field, models.CharField | models.TextField):
        return Kind.TEXT
    raise TypeError(f"no spreadsheet column for {model_field!r}")


def _maximum(model_field: _Field, kind: Kind) -> int:
    """The largest stored value that both database engines take."""
    if kind is Kind.PERCENT:
        return 100
    return 32767 if isinstance(model_field, models.SmallIntegerField) else 2147483647


def _is_required(model_field: _Field) -> bool:
    return not (model_field.blank or model_field.null or model_field.has_default())


def _max_length(model: type[models.Model], name: str) -> int:
    return getattr(model._meta.get_field(name), "max_length", None) or CELL_LENGTH
