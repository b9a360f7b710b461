"""Atoms: the plain aggregates over one dataset of which every figure is made.

An atom gives three things from one predicate: its value, its value by any dimension, and
the records behind it. They cannot disagree, because the predicate is the only filter
(``compiling.predicate``).
"""

from __future__ import annotations

from dataclasses import dataclass

from sanneng.core.models import Record
from sanneng.indicators.datasets import dataset_model, is_dated
from sanneng.indicators.entries import Condition
from sanneng.indicators.periods import Window

# What a condition may ask; ``compiling`` says how.
OPERATIONS = frozenset({"eq", "in", "not", "at_least", "at_most", "present", "absent"})
PARTS_OF_A_DATE = frozenset({"year", "quarter", "month"})


@dataclass(frozen=True, slots=True)
class Atom:
    """``aggregate`` (rows, distinct, total) over the rows of ``dataset`` that match.

    ``within`` holds pairs (path, atom): the path's value must be a key of that atom's rows.
    ``transform`` ``age`` turns a date of birth into full years on the window's last day.
    """

    dataset: str
    window: Window
    aggregate: str = "rows"
    key: str | None = None
    where: tuple[Condition, ...] = ()
    within: tuple[tuple[str, Atom], ...] = ()
    time: str | None = None
    until: str | None = None
    transform: str | None = None

    @property
    def model(self) -> type[Record]:
        return dataset_model(self.dataset)

    @property
    def is_state(self) -> bool:
        """A dated dataset asked without a time field: what held on the last day."""
        return self.time is None and is_dated(self.model)

    def paths(self) -> set[str]:
        named = {self.key, self.time, self.until} - {None}
        state = {"start_on", "end_on"} if self.is_state else set()
        conditions = {condition.path for condition in self.where}
        return {*named, *state, *conditions, *(path for path, _atom in self.within)}  # type: ignore[arg-type]


def dimension_path(by: str) -> str:
    """The field path that ``dimension`` reads."""
    path, _dot, part = by.rpartition(".")
    return path if part in PARTS_OF_A_DATE and path else by
