"""From a figure down to what it is made of: records, breakdowns, and who is missing."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.translation import gettext as _

from sanneng.core.models import Record, RecordQuerySet, School
from sanneng.indicators.atoms import PARTS_OF_A_DATE, Atom
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.datasets import dataset_model, resolve
from sanneng.indicators.engines import DjangoEngine, Engine, run_keys, run_pass, run_records
from sanneng.indicators.entries import Entry
from sanneng.indicators.errors import NoBreakdown
from sanneng.indicators.evaluate import Question
from sanneng.indicators.measures import asked_for, coverage_parts, plan
from sanneng.indicators.periods import Period
from sanneng.people.models import Staff

ADDITIVE = frozenset({"count", "sum"})
_SPLIT = frozenset({"count", "distinct", "sum", "average"})


@dataclass(frozen=True, slots=True, order=True)
class RecordRef:
    """A record behind a figure, in the version that was counted."""

    dataset: str
    pk: int
    version: int


@dataclass(frozen=True, slots=True)
class Missing:
    """Somebody whom a coverage misses, in ``year`` when it is asked for every year."""

    staff_id: int
    name: str
    year: int | None


def records_behind(
    indicator_id: str,
    *,
    school: School,
    as_of: dt.date,
    period: Period | None = None,
    engine: Engine | None = None,
) -> list[RecordRef]:
    """The records of which the figure is made, without repeats, in a stable order."""
    question = (indicator_id, period)
    return records_for([question], school=school, as_of=as_of, engine=engine)[question]


def records_for(
    questions: Iterable[Question],
    *,
    school: School,
    as_of: dt.date,
    engine: Engine | None = None,
) -> dict[Question, list[RecordRef]]:
    """The records behind several figures at once: one query per data set."""
    catalogue = load_catalogue()
    engine = engine or DjangoEngine()
    plans = {q: plan(catalogue[q[0]], catalogue, as_of, q[1]) for q in questions}
    by_dataset: dict[str, list[Atom]] = defaultdict(list)
    for atom in dict.fromkeys(atom for one in plans.values() for atom in one.behind):
        by_dataset[atom.dataset].append(atom)
    behind: dict[Atom, set[RecordRef]] = defaultdict(set)
    for dataset, atoms in by_dataset.items():
        for pk, version, *flags in run_records(engine, tuple(atoms), school=school.pk):
            ref = RecordRef(dataset, pk, version)
            for atom, flag in zip(atoms, flags, strict=True):
                if flag:
                    behind[atom].add(ref)
    return {
        q: sorted(set[RecordRef]().union(*(behind[atom] for atom in one.behind)))
        for q, one in plans.items()
    }


def figures_with(record: Record, *, as_of: dt.date, engine: Engine | None = None) -> list[Entry]:
    """The stated figures that ``record`` itself is behind, each over its own period."""
    catalogue = load_catalogue()
    dataset = type(record)._meta.label
    atoms: dict[Atom, list[Entry]] = defaultdict(list)
    for entry in catalogue.figures:
        for atom in dict.fromkeys(plan(entry, catalogue, as_of).behind):
            if atom.model._meta.label == dataset:
                atoms[atom].append(entry)
    if not atoms:
        return []
    rows = run_records(
        engine or DjangoEngine(), tuple(atoms), school=record.school_id, record=record.pk
    )
    behind = {
        entry.id
        for _pk, _version, *flags in rows
        for flag, entries in zip(flags, atoms.values(), strict=True)
        if flag
        for entry in entries
    }
    return [entry for entry in catalogue.figures if entry.id in behind]


def querysets(refs: Iterable[RecordRef]) -> list[RecordQuerySet]:
    """The records themselves, one query set per record type."""
    by_dataset: dict[str, list[int]] = defaultdict(list)
    for ref in refs:
        by_dataset[ref.dataset].append(ref.pk)
    return [dataset_model(name).objects.filter(pk__in=keys) for name, keys in by_dataset.items()]


def records_digest(refs: Iterable[RecordRef]) -> str:
    """SHA-256 (hex) over the records and their versions: the same set gives the same digest."""
    lines = "\n".join(f"{ref.dataset}:{ref.pk}:{ref.version}" for ref in sorted(refs))
    return hashlib.sha256(lines.encode()).hexdigest()


def breakdown(
    indicator_id: str,
    *,
    by: str,
    school: School,
    as_of: dt.date,
    period: Period | None = None,
    engine: Engine | None = None,
) -> list[tuple[str, int]]:
    """The figure (the numerator of an average) by a dimension, in the dimension's order.

    ``by`` is ``year``, ``quarter`` or ``month`` of the entry's own date, or a field path,
    whose codes come back as their labels. For additive measures the parts sum to the value.
    Raises NoBreakdown for a measure or dimension that cannot be split.
    """
    entry = asked_for(load_catalogue()[indicator_id], period)
    if entry.measure == "trend":
        return _sum_of_parts(entry, by=by, school=school, as_of=as_of, engine=engine)
    if entry.measure not in _SPLIT:
        raise NoBreakdown(_("“{name}”不能再分项。").format(name=entry.name))
    (atom, *_rest) = plan(entry, load_catalogue(), as_of).atoms
    path = _dimension(atom, by)
    rows = run_pass(engine or DjangoEngine(), (atom,), school=school.pk, by=path)
    counted = [(key, int(number)) for _school, key, number in rows if number]
    return _labelled(atom, path, counted)


def _sum_of_parts(entry: Entry, **question: Any) -> list[tuple[str, int]]:
    totals: dict[str, int] = defaultdict(int)
    for part in entry.of:
        for label, number in breakdown(part, period=entry.period, **question):
            totals[label] += number
    return sorted(totals.items())


def _dimension(atom: Atom, by: str) -> str:
    if by in PARTS_OF_A_DATE:
        if atom.time is None:
            raise NoBreakdown(_("截止日当天的数没有年度分项。"))
        return f"{atom.time}.{by}"
    try:
        resolve(atom.model, by)
    except FieldDoesNotExist:
        names = "、".join(field.name for field in atom.model._meta.concrete_fields)
        message = _("没有维度“{by}”。可用：year、quarter、month、{names}")
        raise NoBreakdown(message.format(by=by, names=names)) from None
    return by


def _labelled(atom: Atom, path: str, rows: list[tuple[Any, int]]) -> list[tuple[str, int]]:
    """Codes as their labels, foreign keys as what they point at; empty values last."""
    rows = sorted(rows, key=lambda row: (row[0] is None, row[0] if row[0] is not None else 0))
    if path.rpartition(".")[2] in PARTS_OF_A_DATE:
        return [(str(key), number) for key, number in rows]
    field = resolve(atom.model, path)
    if isinstance(field, models.ForeignKey):
        named = field.related_model._default_manager.in_bulk([key for key, _n in rows])
        return [(str(named.get(key, "—")), number) for key, number in rows]
    labels = dict(field.flatchoices) if field.choices else {}
    return [(str(labels.get(key, key if key is not None else "—")), n) for key, n in rows]


def missing(
    indicator_id: str,
    *,
    school: School,
    as_of: dt.date,
    period: Period | None = None,
    engine: Engine | None = None,
) -> list[Missing]:
    """Whom a coverage misses, by year and name; empty for any other measure."""
    catalogue = load_catalogue()
    entry = asked_for(catalogue[indicator_id], period)
    if entry.measure != "coverage":
        return []
    engine = engine or DjangoEngine()
    absent: list[tuple[int | None, int]] = []
    for year, covered, population in coverage_parts(entry, catalogue, as_of):
        wanted = set(run_keys(engine, population, school=school.pk))
        present = set(run_keys(engine, covered, school=school.pk))
        absent += [(year, key) for key in wanted - present]
    names = Staff.objects.in_bulk([key for _year, key in absent])
    people = [Missing(key, names[key].name, year) for year, key in absent]
    return sorted(people, key=lambda one: (one.year or 0, one.name, one.staff_id))
