"""A document read against itself: parts above their whole, two values for one thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sanneng.figures.claims import Claim
from sanneng.figures.qualifiers import holds


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two claims (indices) that cannot both be true. ``kind`` is part_above_whole,
    parts_above_whole or two_values."""

    kind: str
    first: int
    second: int


def contradictions(claims: Sequence[Claim]) -> list[Contradiction]:
    """What in ``claims`` cannot be true together, whatever the records say."""
    found: list[Contradiction] = []
    for index, claim in enumerate(claims):
        if claim.part_of is None:
            continue
        whole = claims[claim.part_of]
        if _exceeds(claim, whole):
            found.append(Contradiction("part_above_whole", claim.part_of, index))
    found.extend(_sums(claims))
    found.extend(_two_values(claims))
    return found


def _sums(claims: Sequence[Claim]) -> list[Contradiction]:
    """教师19名（高级7名、中级9名、初级4名）: what a bracket lists cannot come to more than the
    whole. Parts after 其中 may overlap (党员, 女性) and are not added up."""
    parts: dict[int, list[int]] = {}
    for index, claim in enumerate(claims):
        if claim.part_of is not None and not _exceeds(claim, claims[claim.part_of]):
            parts.setdefault(claim.part_of, []).append(index)
    return [
        Contradiction("parts_above_whole", whole, listed[-1])
        for whole, listed in parts.items()
        if len(listed) > 1 and _listed_in_bracket(claims[whole]) and _come_to_more(
            [claims[index] for index in listed], claims[whole]
        )
    ]  # fmt: skip


def _listed_in_bracket(whole: Claim) -> bool:
    return any(whole.text + mark in whole.context for mark in "（(")


def _come_to_more(parts: Sequence[Claim], whole: Claim) -> bool:
    values = [part.value for part in parts if part.qualifier == "exact"]
    plain = [value for value in values if isinstance(value, int | float)]
    if len(plain) < len(parts) or not isinstance(whole.value, int | float):
        return False
    return whole.qualifier == "exact" and sum(plain) > whole.value


def _exceeds(part: Claim, whole: Claim) -> bool:
    if part.unit != whole.unit or isinstance(part.value, tuple) or isinstance(whole.value, tuple):
        return False
    if part.value is None or whole.value is None or whole.qualifier != "exact":
        return False
    return part.value > whole.value


def _compatible(one: Claim, other: Claim) -> bool:
    """Whether both can be true: 30余个 and 31个 can."""
    if (one.value, one.qualifier) == (other.value, other.qualifier):
        return True
    for stated, exact in ((one, other), (other, one)):
        if exact.qualifier == "exact" and isinstance(exact.value, int | float):
            return stated.qualifier != "exact" and holds(
                stated.qualifier, stated.value, exact.value
            )
    return True


def _two_values(claims: Sequence[Claim]) -> list[Contradiction]:
    seen: dict[tuple[str, str, str, str], int] = {}
    found: list[Contradiction] = []
    for index, claim in enumerate(claims):
        if claim.value is None or len(claim.subject) < 4:
            continue
        period = claim.period.text if claim.period else ""
        key = (claim.subject, claim.unit, claim.kind, period)
        first = seen.setdefault(key, index)
        other = claims[first]
        if first != index and not _compatible(claim, other):
            found.append(Contradiction("two_values", first, index))
    return found
