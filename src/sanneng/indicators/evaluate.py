"""Working out figures: all atoms of a data set in one grouped pass."""

from __future__ import annotations

import datetime as dt
import functools
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sanneng.core.models import School
from sanneng.indicators.atoms import Atom
from sanneng.indicators.catalogue import Catalogue, load_catalogue
from sanneng.indicators.engines import DjangoEngine, Engine, run_pass
from sanneng.indicators.figure import Figure
from sanneng.indicators.measures import Outcome, Plan, plan
from sanneng.indicators.periods import Period

Question = tuple[str, Period | None]


def evaluate(
    *,
    school: School,
    as_of: dt.date,
    ids: Iterable[str] | None = None,
    period: Period | None = None,
    engine: Engine | None = None,
    catalogue: Catalogue | None = None,
) -> dict[str, Figure]:
    """The figures ``ids`` (all when not given) of ``school`` as of a day, by id.

    ``period`` replaces each figure's own period where that makes sense. Raises
    UnknownIndicator. One query per data set, however many figures are asked.
    """
    catalogue = catalogue or load_catalogue()
    wanted = list(ids) if ids is not None else [entry.id for entry in catalogue]
    found = figures_for(
        [(one, period) for one in wanted],
        school=school, as_of=as_of, engine=engine, catalogue=catalogue,
    )  # fmt: skip
    return {one: figure for (one, _period), figure in found.items()}


def figures_for(
    questions: Iterable[Question],
    *,
    school: School,
    as_of: dt.date,
    engine: Engine | None = None,
    catalogue: Catalogue | None = None,
) -> dict[Question, Figure]:
    """Figures over several periods at once: (indicator id, period or None for its own)."""
    catalogue = catalogue or load_catalogue()
    plans = {q: _planned(catalogue, *q, as_of) for q in questions}
    values = atom_values(_atoms(plans.values()), engine=engine or DjangoEngine(), school=school.pk)
    found = values[school.pk]
    return {
        q: Figure(catalogue[q[0]], school.pk, as_of, one.window, _outcome(one, found))
        for q, one in plans.items()
    }


def evaluate_schools(
    *,
    as_of: dt.date,
    engine: Engine | None = None,
    ids: Iterable[str] | None = None,
    catalogue: Catalogue | None = None,
) -> dict[int, dict[str, Figure]]:
    """The figures of every school that has a counted record, by school id and indicator id."""
    catalogue = catalogue or load_catalogue()
    wanted = list(ids) if ids is not None else [entry.id for entry in catalogue]
    plans = {one: _planned(catalogue, one, None, as_of) for one in wanted}
    values = atom_values(_atoms(plans.values()), engine=engine or DjangoEngine(), school=None)
    return {
        school: {
            one: Figure(catalogue[one], school, as_of, p.window, _outcome(p, found))
            for one, p in plans.items()
        }
        for school, found in values.items()
    }


def atom_values(
    atoms: Sequence[Atom], *, engine: Engine, school: int | None
) -> dict[int, dict[Atom, int]]:
    """Each atom's value by school; an atom absent from a school's mapping is 0."""
    by_dataset: dict[str, list[Atom]] = defaultdict(list)
    for atom in atoms:
        by_dataset[atom.dataset].append(atom)
    found: dict[int, dict[Atom, int]] = defaultdict(dict)
    for group in by_dataset.values():
        for owner, *numbers in run_pass(engine, tuple(group), school=school):
            found[owner].update(
                (atom, int(number or 0)) for atom, number in zip(group, numbers, strict=True)
            )
    return found


@functools.lru_cache(maxsize=4096)
def _planned(catalogue: Catalogue, one: str, period: Period | None, as_of: dt.date) -> Plan:
    """Plans depend on no record, and a page asks for the same ones again and again."""
    return plan(catalogue[one], catalogue, as_of, period)


def _atoms(plans: Iterable[Plan]) -> list[Atom]:
    return list(dict.fromkeys(atom for one in plans for atom in one.atoms))


def _outcome(one: Plan, values: dict[Atom, int]) -> Outcome:
    return one.combine([values.get(atom, 0) for atom in one.atoms])
