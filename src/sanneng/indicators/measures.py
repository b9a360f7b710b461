"""How each measure is made of atoms, and how its atoms' values make a figure.

Division happens here, in exact fractions, never in SQL: engines differ on x / 0 and on
rounding. A figure's ``numerator`` and ``denominator`` are published beside its value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from sanneng.indicators.atoms import Atom
from sanneng.indicators.catalogue import Catalogue
from sanneng.indicators.entries import Entry
from sanneng.indicators.periods import Period, Window, complete_years, year_end

Value = int | Fraction | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a measure came to. ``holds`` answers a coverage or a trend; ``series`` is by year."""

    value: Value
    numerator: int | None = None
    denominator: int | None = None
    series: tuple[tuple[int, Value], ...] = ()
    holds: bool | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The atoms of a figure, which of them the records behind it come from, and the rule
    that turns atom values (in the order of ``atoms``) into an outcome."""

    window: Window
    atoms: tuple[Atom, ...]
    behind: tuple[Atom, ...]
    combine: Callable[[list[int]], Outcome]


def asked_for(entry: Entry, period: Period | None) -> Entry:
    """``entry`` over ``period`` instead of its own, where that makes sense: what holds on a
    day cannot be asked since a year, and only a change is against one."""
    if period is None or period.kind == "as of":
        return entry
    if (period.kind == "against") != (entry.measure == "change"):
        return entry
    if entry.period.is_state and entry.measure != "change":
        return entry
    return replace(entry, period=period)


def plan(entry: Entry, catalogue: Catalogue, as_of: dt.date, period: Period | None = None) -> Plan:
    """How to work out ``entry`` as of a day, over its own period or the one asked for."""
    entry = asked_for(entry, period)
    return _PLANNERS[entry.measure](entry, catalogue, as_of)


def atom_of(entry: Entry, catalogue: Catalogue, window: Window) -> Atom:
    """The aggregate over ``entry``'s dataset in ``window``."""
    kinds = {"count": "rows", "average": "rows", "sum": "total", "mean": "total"}
    kind = kinds.get(entry.measure, "distinct")
    return Atom(
        dataset=entry.dataset,
        window=window,
        aggregate=kind,
        key={"rows": None, "total": entry.of_field, "distinct": entry.key}[kind],
        where=entry.where,
        within=tuple(
            (path, population_atom(catalogue[target], catalogue, window.end))
            for path, target in entry.within
        ),
        time=entry.time,
        until=entry.until,
        transform=entry.transform,
    )


def population_atom(
    entry: Entry, catalogue: Catalogue, as_of: dt.date, window: Window | None = None
) -> Atom:
    """The people whom ``entry`` counts: on ``as_of``, or in ``window`` for what happens in time."""
    own = entry.period.window(as_of)
    chosen = own if window is None or entry.period.is_state else window
    return atom_of(entry, catalogue, chosen)


def _single(entry: Entry, catalogue: Catalogue, as_of: dt.date) -> Plan:
    atom = atom_of(entry, catalogue, entry.period.window(as_of))
    return Plan(atom.window, (atom,), (atom,), lambda values: Outcome(values[0], values[0]))


def _mean(entry: Entry, catalogue: Catalogue, as_of: dt.date) -> Plan:
    total = atom_of(entry, catalogue, entry.period.window(as_of))
    size = replace(total, aggregate="rows", key=None, transform=None)
    return Plan(total.window, (total, size), (size,), _quotient)


def _against_population(entry: Entry, catalogue: Catalogue, as_of: dt.date) -> Plan:
    """average and ratio: rows or heads, divided by a population."""
    assert entry.per is not None
    part = atom_of(entry, catalogue, entry.period.window(as_of))
    whole = population_atom(catalogue[entry.per], catalogue, part.window.end)
    percent = 100 if entry.unit == "%" else 1
    return Plan(part.window, (part, whole), (part,), lambda values: _quotient(values, percent))


def _quotient(values: list[int], factor: int = 1) -> Outcome:
    part, whole = values
    return Outcome(Fraction(part * factor, whole) if whole else None, part, whole)


def _change(entry: Entry, catalogue: Catalogue, as_of: dt.date) -> Plan:
    """The measured value on ``as_of`` against the end of the base year, positive in the
    entry's direction."""
    measured = catalogue[entry.of[0]]
    now = plan(measured, catalogue, as_of)
    before = plan(measured, catalogue, year_end(entry.period.number))
    sign = 1 if entry.direction == "rising" else -1

    def combine(values: list[int]) -> Outcome:
        now_value = now.combine(values[: len(now.atoms)]).value
        before_value = before.combine(values[len(now.atoms) :]).value
        if now_value is None or before_value is None:
            return Outcome(None)
        series = ((entry.period.number, before_value), (as_of.year, now_value))
        return Outcome(sign * (now_value - before_value), series=series)

    return Plan(now.window, now.atoms + before.atoms, now.behind + before.behind, combine)


def _coverage(entry: Entry, catalogue: Catalogue, as_of: dt.date) -> Plan:
    """Those of a population who appear in the dataset; with ``each``, once per complete year."""
    pairs = [
        (covered, population)
        for _year, covered, population in coverage_parts(entry, catalogue, as_of)
    ]
    atoms = tuple(atom for pair in pairs for atom in pair)

    def combine(values: list[int]) -> Outcome:
        covered, wanted = sum(values[0::2]), sum(values[1::2])
        return Outcome(covered, covered, wanted, holds=covered == wanted > 0)

    behind = tuple(covered for covered, _population in pairs)
    return Plan(entry.period.window(as_of), atoms, behind, combine)


def coverage_parts(
    entry: Entry, catalogue: Catalogue, as_of: dt.date
) -> Iterable[tuple[int | None, Atom, Atom]]:
    """(year or None, atom of those covered, atom of those who should be) of a coverage."""
    assert entry.population is not None
    assert entry.key is not None
    window = entry.period.window(as_of)
    wanted = catalogue[entry.population]
    if entry.each is None:
        windows: list[tuple[int | None, Window]] = [(None, window)]
    else:
        windows = [(y, Window(dt.date(y, 1, 1), year_end(y))) for y in complete_years(window)]
    for year, span in windows:
        population = population_atom(wanted, catalogue, span.end, span)
        covered = replace(atom_of(entry, catalogue, span), within=((entry.key, population),))
        yield year, covered, population


def _trend(entry: Entry, catalogue: Catalogue, as_of: dt.date) -> Plan:
    """The sum of the measured entries in every complete year, and whether it moves one way."""
    window = entry.period.window(as_of)
    years = complete_years(window)
    measured = [catalogue[target] for target in entry.of]
    atoms = tuple(
        atom_of(one, catalogue, Window(dt.date(year, 1, 1), year_end(year)))
        for year in years
        for one in measured
    )
    sign = 1 if entry.direction == "rising" else -1

    def combine(values: list[int]) -> Outcome:
        size = len(measured)
        sums = [sum(values[i * size : (i + 1) * size]) for i in range(len(years))]
        steps = [sign * (after - before) > 0 for before, after in pairwise(sums)]
        series = tuple(zip(years, sums, strict=True))
        return Outcome(sum(sums), series=series, holds=bool(steps) and all(steps))

    return Plan(window, atoms, atoms, combine)


_PLANNERS: dict[str, Callable[[Entry, Catalogue, dt.date], Plan]] = {
    "count": _single,
    "distinct": _single,
    "sum": _single,
    "mean": _mean,
    "average": _against_population,
    "ratio": _against_population,
    "change": _change,
    "coverage": _coverage,
    "trend": _trend,
}
