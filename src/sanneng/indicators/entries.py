"""What one catalogue entry says, once it has been read and found sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from sanneng.indicators.periods import Period

# Which keys each measure must have beside the common ones, and which it may have.
MEASURES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    measure: (frozenset(required.split()), frozenset(optional.split()))
    for measure, required, optional in (
        ("count", "dataset", "where within time until"),
        ("distinct", "dataset key", "where within time until"),
        ("sum", "dataset of_field", "where within time until"),
        ("mean", "dataset of_field", "as key where within time until"),
        ("average", "dataset per", "where within time until"),
        ("ratio", "dataset key per", "where within time until"),
        ("change", "of direction", ""),
        ("coverage", "dataset key population", "where time until each"),
        ("trend", "of direction", ""),
    )
}
COMMON_REQUIRED = frozenset(
    ["id", "name", "name_en", "ability", "mechanism", "measure", "period", "unit", "caliber"]
)
COMMON_OPTIONAL = frozenset(["figure", "names", "part_of", "decimals"])
ALIAS_KEYS = frozenset(
    ["id", "figure", "name", "name_en", "ability", "mechanism", "same_as", "names"]
)
DIRECTIONS = frozenset({"rising", "falling"})
TRANSFORMS = frozenset({"age"})


@dataclass(frozen=True, slots=True)
class Condition:
    """``path op value`` on a dataset; ``op`` is one of eq, in, not, at_least, at_most,
    present, absent (the whitelist that every engine is tested on)."""

    path: str
    op: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One indicator. Field paths use dots; ids refer to other entries."""

    id: str
    name: str
    name_en: str
    ability: str
    mechanism: str
    measure: str
    period: Period
    unit: str
    caliber: str
    version: str
    figure: str | None = None
    names: tuple[str, ...] = ()
    part_of: str | None = None
    decimals: int = 0
    dataset: str = ""
    key: str | None = None
    where: tuple[Condition, ...] = ()
    within: tuple[tuple[str, str], ...] = ()
    time: str | None = None
    until: str | None = None
    of_field: str | None = None
    transform: str | None = None
    per: str | None = None
    population: str | None = None
    each: str | None = None
    of: tuple[str, ...] = ()
    direction: str | None = None
    same_as: str | None = None

    def label(self) -> str:
        """The name in the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name

    @property
    def all_names(self) -> tuple[str, ...]:
        """Every wording by which documents call this figure."""
        return (self.name, *self.names)
