"""From numbers to claims: kind, period, subject, and which figure is a part of which."""

from __future__ import annotations

import re
from dataclasses import replace

from sanneng.figures import lexicon as lex
from sanneng.figures.claims import Claim
from sanneng.figures.numbers import closed_up, normalised
from sanneng.figures.periods import Timeline, timeline
from sanneng.figures.scan import Found, scan
from sanneng.figures.subjects import Place, place, sentences, subject

_CHANGE = re.compile(
    rf"(?P<verb>{lex.CHANGES})(?:了|约|近|超过|逾|幅度?)?(?:仅|只|高)?(?:达到?|为)?$"
)
# 31件，减少2件: a change against the figure just before it.
_FROM_THERE = re.compile(rf"[，,（(](?:净)?(?:{lex.CHANGES})(?:了)?")
_CHANGE_OF = re.compile(
    rf"(?:较|(?<![占之例价])比(?![重例]))[^，。；]{{0,12}}?(?P<verb>{lex.CHANGES})[^，。；]{{1,8}}$"
)
_CHANGE_AFTER = re.compile(r"^\s*(?:的)?(?:增长|增幅|降幅|涨幅)(?![到至为])")
_COORDINATED = re.compile(r"^(?:、|和|与|及|以及)$")
_AGAINST = re.compile(r"(?:较|(?<![占之例价同环])比(?![重例])|同比|环比)[^，。；]{0,14}$")
_AVERAGE = re.compile(rf"(?:(?:{lex.AVERAGES})|每[百千万十]*[人名户亩])[^，。；、]{{0,16}}$")
_FUNDS = re.compile(rf"(?:{lex.FUNDS})[^，。；、]{{0,8}}$")
_MEAN_AGE = re.compile(r"年龄[^，。；、]{0,8}$")
_PART = re.compile(r"其中[^。；\n]{0,40}$")
# 教师19名（高级7名、中级9名）: what a bracket lists are parts.
_OPENING, _LISTING = frozenset("（("), frozenset("、，,；;")
_GRADED = re.compile(r"^\s*(?:被?评为|获评?|获得|荣获|结项|通过|达到|为|是|被)")
_BARE = re.compile(r"^[^。；;\n]*[，,、]\s*$")
_WEAK_LINK = re.compile(r"^[、，,；]?\s*(?:其中)?[^，。；\n]{0,6}$")


def extract(text: str) -> list[Claim]:
    """The numeric claims of ``text`` in order; offsets are those of ``text`` as given."""
    plain, places = closed_up(normalised(text))
    times = timeline(plain)
    found = list(scan(plain))
    ends = sentences(plain)
    claims: list[Claim] = []
    for index, one in enumerate(found):
        previous = found[index - 1].end if index else 0
        following = found[index + 1].start if index + 1 < len(found) else len(plain)
        here = place(plain, one.start, one.end, previous, following, ends)
        claims.append(_claim(plain, one, here, times, claims))
    return claims if places is None else [_as_given(claim, text, places) for claim in claims]


def _as_given(claim: Claim, text: str, places: list[int]) -> Claim:
    """``claim`` with the words and offsets of ``text``, from which spaces were left out."""
    start, end = places[claim.start], places[claim.end - 1] + 1
    return replace(claim, text=text[start:end], start=start, end=end)


def _claim(text: str, one: Found, here: Place, times: Timeline, before: list[Claim]) -> Claim:
    kind, direction = _kind(one, here)
    if before and before[-1].unit == one.unit:
        if _COORDINATED.match(here.left):
            kind, direction = before[-1].kind, before[-1].direction  # 分别增加70%和30%
        elif kind == "count" and _FROM_THERE.fullmatch(here.left):
            kind, direction = "change", "down" if lex.falls(here.left) else "up"
    whole = _whole(text, one, here, before)
    inherited = _inherited(before, here, whole)
    return Claim(
        text=text[one.start : one.end],
        start=one.start,
        end=one.end,
        subject=subject(here.left, here.right, inherited),
        context=text[here.sentence_start : here.sentence_end].strip(),
        value=one.value,
        unit=one.unit,
        qualifier=one.qualifier,
        kind=kind,
        direction=direction,
        period=times.at(one.start),
        part_of=whole,
    )


def _kind(one: Found, here: Place) -> tuple[str, str | None]:
    if one.is_rank:
        return "rank", None
    unit = one.unit.removeprefix("万亿").lstrip("万亿").partition("/")[0]
    change = _CHANGE.search(here.left)
    verb = change["verb"] if change else ""
    if change and (len(verb) > 1 or _AGAINST.search(here.left)) and _is_change(here.left, unit):
        return "change", "down" if verb.removeprefix("同比") in lex.FALLING else "up"
    of = _CHANGE_OF.search(here.left) if "较" in here.left or "比" in here.left else None
    if of and unit not in lex.AGES | lex.RATIOS:
        return "change", "down" if of["verb"] in lex.FALLING else "up"
    if _CHANGE_AFTER.match(here.right):
        return "change", "up"
    if unit in lex.POINTS:
        return "change", "down" if lex.falls(here.left) else "up"
    if unit in lex.RATIOS:
        return "ratio", None
    if unit in lex.MONEY or (not unit and one.unit and _FUNDS.search(here.left)):
        return "money", None
    if unit in lex.AGES or ("年龄" in here.left and _MEAN_AGE.search(here.left)):
        return "age", None
    if ("均" in here.left or "每" in here.left) and _AVERAGE.search(here.left):
        return "average", None
    return "count", None


def _is_change(left: str, unit: str) -> bool:
    """新增3人 and 增加教师3名 are counts; 较上年增加3人, 增长5% and 下降9岁 are changes."""
    return bool(_AGAINST.search(left)) or unit in lex.RATIOS | lex.AGES | {"倍"} | lex.MONEY


def _whole(text: str, one: Found, here: Place, before: list[Claim]) -> int | None:
    """The index of the claim that this one is a part of."""
    if not before:
        return None
    last = before[-1]
    last_index = len(before) - 1
    near = one.start - last.end <= 80
    if near and last.unit == one.unit and here.left.lstrip()[:1] in _OPENING:
        return last_index
    if near and last.unit == one.unit and last.part_of is not None:
        whole = before[last.part_of]
        listed = here.left[:1] in _LISTING and not any(mark in here.left for mark in "）)。")
        if listed and text[whole.end : whole.end + 1] in _OPENING:
            return last.part_of
    if (
        near
        and last.unit == one.unit
        and _WEAK_LINK.match(here.left)
        and "分别" not in text[max(0, last.start - 12) : last.start]
        and (_GRADED.match(here.right) and "；" not in here.left)
    ):
        return last_index
    if near and "其中" in here.left and _PART.search(here.left):
        return last_index if last.part_of is None else last.part_of
    if near and last.part_of is not None and last.unit == one.unit and _BARE.match(here.left):
        return last.part_of
    return None


def _inherited(before: list[Claim], here: Place, whole: int | None) -> str:
    """The subject that a bare figure takes over: its whole's, or the previous figure's."""
    if whole is not None:
        return before[whole].subject
    if before and before[-1].start >= here.sentence_start:
        return before[-1].subject
    return ""


def merge(numeric: list[Claim], stated: list[Claim]) -> list[Claim]:
    """Both lists in text order, ``part_of`` pointing into the merged list."""
    ordered = sorted([*numeric, *stated], key=lambda claim: (claim.start, claim.end))
    where = {id(claim): index for index, claim in enumerate(ordered)}
    return [
        claim
        if claim.part_of is None
        else replace(claim, part_of=where[id(numeric[claim.part_of])])
        for claim in ordered
    ]
