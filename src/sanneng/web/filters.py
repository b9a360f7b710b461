"""Filters of a record list, read from its address and written back to it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext as _

from sanneng.core.domain.changes import own_fields
from sanneng.core.enums import RecordState
from sanneng.core.listing import MAX_WORDS, narrowed
from sanneng.core.models import RecordQuerySet
from sanneng.core.registry import RecordType

_YEAR = re.compile(r"[12][0-9]{3}")
_KEY = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True)
class Chip:
    """One choice of a filter, and the address that turns it on or off."""

    label: str
    is_on: bool
    query: str


@dataclass(frozen=True)
class Choice:
    """A filter with its choices."""

    label: str
    chips: list[Chip]


class Filters:
    """What the address of a list asks for; unknown values are passed over."""

    def __init__(
        self,
        record_type: RecordType,
        query: QueryDict,
        visible: RecordQuerySet,
        hidden: Collection[str] = (),
    ) -> None:
        self.type, self.query, self.visible, self.hidden = record_type, query, visible, hidden
        self.words = query.get("q", "").strip()[:MAX_WORDS]
        self.sort = self._sort(query.get("sort", ""))

    def apply(self) -> RecordQuerySet:
        """The visible records as filtered, searched and sorted."""
        year = self.query.get("year", "")
        found = narrowed(
            self.visible,
            self.type,
            chosen={f"{path}__in": values for path, values in self._chosen().items()},
            year=int(year) if _YEAR.fullmatch(year) else None,
            words=self.words,
            hidden=self.hidden,
        )
        if self.query.get("evidence") == "none":
            found = found.filter(evidence__isnull=True)
        return found.order_by(self.sort, "-pk")

    def choices(self) -> list[Choice]:
        """Every filter with its chips, the state first."""
        found = [self._of("state", str(_("状态")), RecordState.choices)]
        for path in self.type.filters:
            field = self._field(path)
            choices = list(field.flatchoices or self._few(field))
            if choices:
                found.append(self._of(path, str(field.verbose_name), choices))
        if self.type.time:
            years = self._years()
            found.append(self._of("year", str(_("年份")), [(y, str(y)) for y in years]))
        found.append(self._of("evidence", str(_("佐证")), [("none", _("没有佐证材料"))]))
        return [one for one in found if one.chips]

    def with_value(self, name: str, value: str | None) -> str:
        """The address with ``name`` set, or without it; always back on the first page."""
        query = self.query.copy()
        query.pop("page", None)
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
        return query.urlencode()

    @property
    def is_active(self) -> bool:
        asked = self.query.get("year") or self.query.get("evidence")
        return bool(self.words or self._chosen() or asked)

    @property
    def columns(self) -> list[str]:
        """The fields that the list shows: those of the type, or those chosen in the address."""
        wanted = [name for name in self.query.get("cols", "").split(",") if name]
        chosen = [name for name in self.possible_columns if name in wanted]
        return chosen or [name for name in self.type.list_fields if name not in self.hidden]

    @property
    def possible_columns(self) -> list[str]:
        """Every field that a list of this type can show, those shown by default first."""
        own = [field.name for field in own_fields(self.type.model)]
        named = [*self.type.list_fields, "key", *own, "reason"]
        return [name for name in dict.fromkeys(named) if name not in self.hidden]

    @property
    def cleared(self) -> str:
        kept = QueryDict(mutable=True)
        for name in ("school", "as_of", "cols"):
            if name in self.query:
                kept[name] = str(self.query[name])
        return kept.urlencode()

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a new search leaves as it is."""
        return [(k, str(v)) for k, v in self.query.items() if k not in ("q", "page")]

    @property
    def address(self) -> str:
        query = self.query.copy()
        query.pop("page", None)
        return query.urlencode()

    def _of(self, name: str, label: str, choices: Any) -> Choice:
        now = self.query.get(name, "")
        chips = [
            Chip(str(text), str(code) == now,
                 self.with_value(name, None if str(code) == now else str(code)))
            for code, text in choices
        ]  # fmt: skip
        return Choice(label, chips)

    def _chosen(self) -> dict[str, list[str]]:
        """Path -> values, only those that the field knows."""
        chosen = {}
        for path in ("state", *self.type.filters, *self._references):
            value = self.query.get(path, "")
            if not value:
                continue
            field = self._field(path)
            if isinstance(field, models.BooleanField):
                value = value == "True"  # type: ignore[assignment]
            elif field.is_relation and not _KEY.fullmatch(value):
                continue
            chosen[path] = [value]
        return chosen

    @property
    def _references(self) -> list[str]:
        """Foreign keys can be filtered by too, as links to "all of this person" do."""
        return [
            field.name
            for field in own_fields(self.type.model)
            if field.is_relation and field.name not in self.type.filters
        ]

    def _field(self, path: str) -> Any:
        model: Any = self.type.model
        *steps, last = path.split("__")
        for step in steps:
            model = model._meta.get_field(step).related_model
        return model._meta.get_field(last)

    def _few(self, field: Any) -> list[tuple[Any, str]]:
        if isinstance(field, models.BooleanField):
            return [(True, str(_("是"))), (False, str(_("否")))]
        return []

    def _years(self) -> list[int]:
        """Years from the first record's to the last's; two quick questions, not a scan."""
        assert self.type.time is not None
        times = self.visible.order_by(self.type.time).values_list(self.type.time, flat=True)
        first, last = times.first(), times.last()
        if first is None or last is None:
            return []
        return list(range(last.year, max(first.year, last.year - 7) - 1, -1))

    def _sort(self, wanted: str) -> str:
        try:
            field = self.type.model._meta.get_field(wanted.removeprefix("-"))
        except FieldDoesNotExist:
            field = None
        if field is not None and wanted.removeprefix("-") in self.possible_columns:
            return wanted
        return f"-{self.type.time}" if self.type.time else "-pk"
