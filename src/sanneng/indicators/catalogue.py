"""The indicator catalogue: YAML entries, checked whole when they are loaded."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.translation import gettext as _

from sanneng.core.enums import Ability, Mechanism
from sanneng.core.models import Record
from sanneng.indicators.atoms import OPERATIONS
from sanneng.indicators.catalogue_file import RawEntry, read_entries
from sanneng.indicators.datasets import dataset_model, dataset_names, is_dated, resolve
from sanneng.indicators.entries import (
    ALIAS_KEYS,
    COMMON_OPTIONAL,
    COMMON_REQUIRED,
    DIRECTIONS,
    MEASURES,
    TRANSFORMS,
    Condition,
    Entry,
)
from sanneng.indicators.errors import UnknownIndicator, suggest
from sanneng.indicators.periods import KINDS, Period

FOLDER = Path(__file__).parent / "catalogue"
_FIGURE_ORDER = {"T": 0, "R": 1, "P": 2}
_REFERENCES = ("per", "population", "part_of", "same_as")


class Catalogue:
    """All entries, in the order of their files; looked up by id."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._by_id = {entry.id: entry for entry in self.entries}

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __contains__(self, indicator_id: object) -> bool:
        return indicator_id in self._by_id

    def __getitem__(self, indicator_id: str) -> Entry:
        """Raises UnknownIndicator, which names the nearest valid choices."""
        try:
            return self._by_id[indicator_id]
        except KeyError:
            raise UnknownIndicator(indicator_id, self._by_id) from None

    @property
    def figures(self) -> tuple[Entry, ...]:
        """The entries that a work report states, in its order: teaching, research, people."""
        stated = [entry for entry in self.entries if entry.figure]
        return tuple(sorted(stated, key=_figure_place))


def _figure_place(entry: Entry) -> tuple[int, str]:
    assert entry.figure is not None
    return _FIGURE_ORDER[entry.figure[0]], entry.figure


@functools.cache
def load_catalogue(folder: Path = FOLDER) -> Catalogue:
    """Read and check every ``*.yaml`` of ``folder``. Raises CatalogueError at the first fault."""
    raws = [raw for path in sorted(folder.glob("*.yaml")) for raw in read_entries(path)]
    ids: dict[str, RawEntry] = {}
    for raw in raws:
        _require(raw, {"id"})
        if raw.values["id"] in ids:
            raise raw.error("id", _("指标“{id}”已经有了。").format(id=raw.values["id"]))
        ids[raw.values["id"]] = raw
    for raw in raws:
        _check_references(raw, ids)
    entries = [_alias(raw, ids) if "same_as" in raw.values else _entry(raw) for raw in raws]
    _check_kinds({entry.id: entry for entry in entries}, ids)
    return Catalogue(entries)


def _alias(raw: RawEntry, ids: dict[str, RawEntry]) -> Entry:
    """An entry that is another's fact under a second heading: all but its name is the other's."""
    _require(raw, ALIAS_KEYS - {"figure", "names"})
    _only(raw, ALIAS_KEYS)
    target = ids[raw.values["same_as"]]
    if "same_as" in target.values:
        raise raw.error("same_as", _("“{id}”本身也是别名。").format(id=raw.values["same_as"]))
    own = {key: value for key, value in raw.values.items() if key != "names"}
    names = tuple(raw.values.get("names", ()))
    return replace(_entry(target), **own, names=names)


def _entry(raw: RawEntry) -> Entry:
    values = raw.values
    _require(raw, {"measure"})
    measure = _choice(raw, "measure", MEASURES)
    required, optional = MEASURES[measure]
    _only(raw, COMMON_REQUIRED | COMMON_OPTIONAL | required | optional)
    _require(raw, COMMON_REQUIRED | required)
    _choice(raw, "ability", Ability.values)
    _choice(raw, "mechanism", Mechanism.values)
    fields = {key: values[key] for key in ("id", "name", "name_en", "ability", "mechanism")}
    fields |= {key: values[key] for key in ("measure", "unit", "caliber")}
    fields |= {k: values[k] for k in (*_REFERENCES[:3], "figure", "decimals") if k in values}
    fields["names"] = tuple(values.get("names", ()))
    fields["period"] = _period(raw)
    fields["of"] = tuple(_listed(values.get("of", ())))
    if "direction" in values:
        fields["direction"] = _choice(raw, "direction", DIRECTIONS)
    if "dataset" in values:
        fields |= _dataset_fields(raw)
    digest = hashlib.sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode())
    return Entry(**fields, version=digest.hexdigest()[:12])


def _dataset_fields(raw: RawEntry) -> dict[str, Any]:
    """The part of an entry that speaks of a dataset's fields, each checked against the model."""
    values = raw.values
    model = dataset_model(_choice(raw, "dataset", dataset_names()))
    fields: dict[str, Any] = {"dataset": values["dataset"]}
    for key in ("key", "time", "until", "of_field"):
        if key in values:
            field = _field(raw, key, model, values[key])
            if key in ("time", "until") and not isinstance(field, models.DateField):
                raise raw.error(key, _("“{path}”不是日期字段。").format(path=values[key]))
            fields[key] = values[key]
    if "time" not in values and not (Period.parse(values["period"]).is_state and is_dated(model)):
        raise raw.error("dataset", _("缺少“time”：请写明按哪个日期字段统计。"))
    if "as" in values:
        fields["transform"] = _choice(raw, "as", TRANSFORMS)
    if "each" in values:
        fields["each"] = _choice(raw, "each", {"year"})
    fields["where"] = tuple(_conditions(raw, model))
    fields["within"] = tuple(values.get("within", {}).items())
    for path in values.get("within", {}):
        _field(raw, "within", model, path)
    return fields


def _conditions(raw: RawEntry, model: type[Record]) -> Iterator[Condition]:
    for path, wanted in raw.values.get("where", {}).items():
        field = _field(raw, "where", model, path)
        op, value = _operation(raw, wanted)
        if op in ("eq", "in", "not"):
            for single in _listed(value):
                _check_value(raw, field, path, single)
        yield Condition(path, op, tuple(value) if isinstance(value, list) else value)


def _operation(raw: RawEntry, wanted: Any) -> tuple[str, Any]:
    if wanted in ("present", "absent"):
        return str(wanted), None
    if isinstance(wanted, list):
        return "in", wanted
    if isinstance(wanted, dict):
        ((op, value),) = wanted.items() if len(wanted) == 1 else (("", None),)
        if op not in OPERATIONS:
            raise raw.error("where", _("不能这样比较。{hint}").format(hint=suggest(op, OPERATIONS)))
        return op, value
    return "eq", wanted


def _check_value(raw: RawEntry, field: models.Field[Any, Any], path: str, value: Any) -> None:
    if field.choices and value not in dict(field.flatchoices):
        hint = suggest(str(value), [str(code) for code, _label in field.flatchoices])
        message = _("“{path}”没有取值“{value}”。{hint}")
        raise raw.error("where", message.format(path=path, value=value, hint=hint))
    if isinstance(field, models.BooleanField) != isinstance(value, bool):
        raise raw.error("where", _("“{path}”的取值类型不对。").format(path=path))


def _field(raw: RawEntry, key: str, model: type[Record], path: str) -> models.Field[Any, Any]:
    try:
        return resolve(model, path)
    except FieldDoesNotExist:
        names = [field.name for field in model._meta.concrete_fields]
        message = _("{dataset} 没有字段“{path}”。{hint}")
        raise raw.error(
            key, message.format(dataset=model._meta.label, path=path, hint=suggest(path, names))
        ) from None


def _period(raw: RawEntry) -> Period:
    try:
        return Period.parse(str(raw.values["period"]))
    except ValueError:
        message = _("看不懂期间“{period}”。可用：{kinds}")
        kinds = "、".join(KINDS)
        raise raw.error(
            "period", message.format(period=raw.values["period"], kinds=kinds)
        ) from None


def _choice(raw: RawEntry, key: str, valid: Iterable[str]) -> str:
    value = str(raw.values[key])
    if value not in set(valid):
        message = _("“{key}”不能是“{value}”。{hint}")
        raise raw.error(key, message.format(key=key, value=value, hint=suggest(value, valid)))
    return value


def _require(raw: RawEntry, keys: Iterable[str]) -> None:
    missing = sorted(set(keys) - set(raw.values))
    if missing:
        raise raw.error("id", _("缺少：{keys}").format(keys="、".join(missing)))


def _only(raw: RawEntry, keys: frozenset[str]) -> None:
    for key in raw.values:
        if key not in keys:
            message = _("这里不用“{key}”。{hint}")
            raise raw.error(key, message.format(key=key, hint=suggest(key, keys)))


def _check_references(raw: RawEntry, ids: dict[str, RawEntry]) -> None:
    """Every id that an entry names is there."""
    named = [(key, raw.values[key]) for key in _REFERENCES if key in raw.values]
    named += [("of", target) for target in _listed(raw.values.get("of", ()))]
    named += [("within", target) for target in raw.values.get("within", {}).values()]
    for key, target in named:
        if target not in ids:
            message = _("没有指标“{id}”。{hint}")
            raise raw.error(key, message.format(id=target, hint=suggest(target, ids)))


def _check_kinds(entries: dict[str, Entry], raws: dict[str, RawEntry]) -> None:
    """What an entry refers to is of a kind that can serve there."""
    for entry in entries.values():
        raw = raws[entry.id]
        populations = [("population", entry.population)] if entry.population else []
        populations += [("within", target) for _path, target in entry.within]
        for key, target in populations:
            if entries[target].measure != "distinct":
                raise raw.error(key, _("“{id}”不是一群人（distinct）。").format(id=target))
        if entry.part_of and entries[entry.part_of].unit != entry.unit:
            raise raw.error("part_of", _("与总项“{id}”的单位不同。").format(id=entry.part_of))
        allowed = {"trend": {"count", "distinct", "sum"}, "change": {"mean", "ratio", "average"}}
        for target in entry.of:
            if entries[target].measure not in allowed.get(entry.measure, set()):
                raise raw.error("of", _("“{id}”不能用在这里。").format(id=target))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
