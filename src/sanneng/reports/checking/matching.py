"""Which indicator a claim speaks of: the words of both compared, units and kinds permitting."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils import translation

from sanneng.core.enums import Mechanism
from sanneng.figures import Claim
from sanneng.indicators.catalogue import Catalogue
from sanneng.indicators.entries import Entry

# A clause with one of these speaks of less, more or somebody else, unless the entry says so too.
APART = (
    "国家级", "国家社科", "重点课题", "一般课题", "青年课题", "结项", "申报", "兄弟", "赴外",
    "省级领导", "市级领导", "省领导", "市领导", "一等奖", "二等奖", "三等奖",
)  # fmt: skip
# How sure a match must be, and how far ahead of the next one.
SURE, AHEAD = 0.42, 0.05
# What a name gains that the clause says in full: 市级课题 is not 省市级课题.
SAID_WHOLE = 0.06
_UNIT_CLASSES = (
    frozenset("名人位"),
    frozenset({"项", "个", "件", "份", "篇", "门", "堂"}),
    frozenset({"场次", "场", "次", "期"}),
    frozenset({"人次"}),
)
_EXACT_UNIT, _SAME_CLASS = 1.0, 0.9
_KINDS: dict[str, frozenset[str]] = {
    "count": frozenset({"count", "distinct", "sum", "coverage"}),
    "average": frozenset({"average"}),
    "ratio": frozenset({"ratio"}),
    "change": frozenset({"change"}),
    "age": frozenset({"mean"}),
    "coverage": frozenset({"coverage"}),
    "trend": frozenset({"trend"}),
}
_LEFT_STOP = re.compile(r"[。！？\n]")
# A page number that a conversion left in the middle of a sentence.
_PAGE_MARK = re.compile(r"(?<=[\u4e00-\u9fff])\n\s*\d{1,3}[、.．]")
_CLAUSE = re.compile(r"[，,；;]")
_RIGHT_STOP = re.compile(r"[，,；;。！？\n]")


@dataclass(frozen=True, slots=True)
class Match:
    """The entry that a claim is tied to, or None; ``rivals`` are as good when it is ambiguous."""

    entry: Entry | None
    rivals: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class _Words:
    """What stands around a claim: its clause as written, then from the nearest to the widest as
    sets of character pairs."""

    clause: str
    own: frozenset[str]
    subject: frozenset[str]
    context: frozenset[str]


class Matcher:
    """Ties claims to the entries of one catalogue. Rare pairs of characters weigh more."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.entries = catalogue.entries
        self._names = {
            entry.id: tuple(pairs(name) for name in entry.all_names) for entry in self.entries
        }
        self._said = {e.id: " ".join((*e.all_names, e.caliber)) for e in self.entries}
        seen: Counter[str] = Counter()
        for entry in self.entries:
            seen.update(frozenset().union(*self._names[entry.id]))
        size = len(self.entries)
        self._weight = {pair: math.log(1 + size / count) for pair, count in seen.items()}

    def match(self, text: str, claims: Sequence[Claim]) -> list[Match]:
        """One match per claim, in order; earlier matches inform later ones."""
        headings = _headings(text)
        found: list[Match] = []
        for index, claim in enumerate(claims):
            words = _words(text, claims, index)
            mechanism = _mechanism_at(headings, claim.start)
            scores = [
                (self._score(entry, claim, words, mechanism, found, claims), entry)
                for entry in self.entries
                if _possible(claim, entry)
            ]
            found.append(_decide(scores))
        return found

    def _score(
        self, entry: Entry, claim: Claim, words: _Words, mechanism: str | None,
        found: list[Match], claims: Sequence[Claim],
    ) -> float:  # fmt: skip
        names = self._names[entry.id]
        score = max(
            0.5 * self._contained(name, words.own)
            + 0.35 * self._contained(name, words.subject)
            + 0.15 * self._contained(name, words.context)
            for name in names
        )
        if score == 0:
            return 0.0
        if any(word in words.clause and word not in self._said[entry.id] for word in APART):
            return 0.0
        score *= _EXACT_UNIT if claim.unit in ("", entry.unit) else _SAME_CLASS
        score += 0.1 if mechanism == entry.mechanism else 0.0
        score += SAID_WHOLE if any(name <= words.own for name in names) else 0.0
        whole = found[claim.part_of].entry if claim.part_of is not None else None
        if entry.part_of and whole is not None:
            score += 0.15 if whole.id == entry.part_of else -0.15
        return score - (0.2 if _said_already(entry, claim, found, claims) else 0.0)

    def _contained(self, name: frozenset[str], words: frozenset[str]) -> float:
        """How much of ``name`` the words hold, 0 to 1; a long name found whole beats a short."""
        total = sum(self._weight[pair] for pair in name)
        matched = sum(self._weight[pair] for pair in name & words)
        return matched / total * (1 - math.exp(-matched / 4)) if total else 0.0


@lru_cache(maxsize=4096)
def pairs(words: str) -> frozenset[str]:
    """The pairs of neighbouring characters of ``words``, punctuation left out."""
    plain = re.sub(r"[^\w\u4e00-\u9fff]+", "", words)
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))


def _possible(claim: Claim, entry: Entry) -> bool:
    if entry.measure not in _KINDS.get(claim.kind, frozenset()):
        return False
    if claim.value is None or claim.kind in ("average", "change", "ratio", "age"):
        return claim.value is None or same_unit(claim.unit, entry.unit)
    return same_unit(claim.unit, entry.unit)


def same_unit(one: str, other: str) -> bool:
    """Whether two units may count the same thing: 名 and 人 do, 人 and 人次 do not."""
    return one == other or any(one in units and other in units for units in _UNIT_CLASSES)


def _words(text: str, claims: Sequence[Claim], index: int) -> _Words:
    claim = claims[index]
    if claim.value is None:
        own = pairs(claim.text)
        return _Words(claim.text, own, own, pairs(claim.context))
    numeric_before = [c for c in claims[max(0, index - 3) : index] if c.end <= claim.start]
    floor = max((c.end for c in numeric_before if c.value is not None), default=0)
    left = text[max(floor, claim.start - 60) : claim.start]
    stops = [match.end() for match in _LEFT_STOP.finditer(left)]
    left = left[stops[-1] :] if stops else left
    right = _PAGE_MARK.sub("", text[claim.end : claim.end + 40])
    stop = _RIGHT_STOP.search(right)
    right_words = right[: stop.start()] if stop else right
    near = left + right_words
    return _Words(
        _CLAUSE.split(left)[-1] + right_words,
        pairs(near),
        pairs(claim.subject),
        pairs(claim.context),
    )


def _headings(text: str) -> list[tuple[int, str]]:
    """Where each mechanism is named, in order: what follows probably speaks of it."""
    with translation.override("zh-hans"):
        labels = {str(label): code for code, label in Mechanism.choices}
    pattern = re.compile("|".join(map(re.escape, labels)))
    return [(match.start(), labels[match[0]]) for match in pattern.finditer(text)]


def _mechanism_at(headings: list[tuple[int, str]], position: int) -> str | None:
    before = [code for start, code in headings if position - 900 < start < position]
    return before[-1] if before else None


def _said_already(entry: Entry, claim: Claim, found: list[Match], claims: Sequence[Claim]) -> bool:
    """Whether the same sentence has a claim of the same entry and kind before this one."""
    for earlier, match in zip(reversed(claims[: len(found)]), reversed(found), strict=True):
        if claim.start - earlier.start > 160:
            return False
        if match.entry is entry and (earlier.value is None) == (claim.value is None):
            return True
    return False


def _decide(scores: list[tuple[float, Entry]]) -> Match:
    ranked = sorted(scores, key=lambda pair: -pair[0])
    if not ranked or ranked[0][0] < SURE:
        return Match(None)
    best, entry = ranked[0]
    rivals = tuple(
        other for score, other in ranked[1:4]
        if best - score < AHEAD and other.same_as != entry.id and entry.same_as != other.id
    )  # fmt: skip
    return Match(entry, rivals)
