"""The time that a figure speaks of: markers in the text, and which claims they reach."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from sanneng.figures.claims import Period
from sanneng.figures.numerals import parse

_YEAR = r"(?:19|20)\d{2}"
_CN = "一二两三四五六七八九十"
_PARTS_OF_YEAR = {
    "上半年": (1, 6), "下半年": (7, 12), "前三季度": (1, 9), "一季度": (1, 3), "二季度": (4, 6),
    "三季度": (7, 9), "四季度": (10, 12), "1季度": (1, 3), "2季度": (4, 6), "3季度": (7, 9),
    "4季度": (10, 12),
}  # fmt: skip
_MARKER = re.compile(
    rf"(?:(?P<part_year>{_YEAR})年|(?P<part_last>去年|上年)|今年|本年度?)?第?"
    rf"(?:(?P<part>{'|'.join(sorted(_PARTS_OF_YEAR, key=len, reverse=True))})"
    r"|(?<!\d)(?P<month>1[0-2]|[1-9])(?:月?(?:[-—–－～至到])(?P<to_month>1[0-2]|[1-9])月份?"
    r"|月(?:份|(?=[，,、]|共|累计|举办|完成|开展|底前))))|"
    rf"(?P<against>(?:较|比|与|同)(?P<against_year>{_YEAR})年(?:底|末|同期)?)"
    rf"|(?:自|从)?(?P<since>{_YEAR})年[^，。；\n]{{0,12}}?(?:以来|起|至今|开始|后)"
    rf"|(?:自|从)(?P<since_bare>{_YEAR})年"
    rf"|(?P<from>{_YEAR})年?\s*(?:[-—–－～至到]+)\s*(?P<until>{_YEAR})年?"
    rf"|近(?P<last>[{_CN}\d]{{1,2}})(?:个)?年(?:以?来|内|间)?"
    rf"|(?P<years_since>[{_CN}\d]{{1,2}})年(?:以?来|间)"
    r"|(?P<recent>近年来|近些年来?|近几年来?|多年来)"
    r"|(?P<date>截[至止]目前|迄今|至今|截[至止][^，。；\n]{0,14})"
    rf"|(?P<year>{_YEAR})年(?:全年|度)?(?!\d)"
    r"|(?P<unclear>[“‘]?十[一二三四五]五[”’]?(?:以来|期间|时期)|(?:20\d\d)?(?:年)?[春秋]季学期|本学期"
    r"|20\d\d学年|建校以来)"
    r"|(?P<before>去年|上年)"
    r"|(?P<this>今年|本年度?|全年|年内)"
)
_BREAK = re.compile(r"[。！？!?\n]")
# A line that ends with a full stop ends a paragraph; one cut by a page mark does not.
_PARAGRAPH = re.compile(r"[。！？]\s*?\n")
# A heading begins a new topic, and a period does not reach across it.
_TOPIC = re.compile(
    r"(?:^|[\n。；])\s*(?:[一二三四五六七八九十]+[、是]|（[一二三四五六七八九十]+）|\d+[.．、])"
)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The markers of a text in order, each with the span that it reaches."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    periods: tuple[Period, ...]

    def at(self, position: int) -> Period | None:
        """The period in force at ``position``: the last one begun before it in its topic."""
        index = bisect_right(self.starts, position) - 1
        while index >= 0 and self.ends[index] <= position:
            index -= 1
            if index >= 0 and position - self.starts[index] > 600:
                return None
        return self.periods[index] if index >= 0 else None


def timeline(text: str) -> Timeline:
    """All period markers of ``text``; a year on its own reaches to the end of its sentence,
    a since to the end of its paragraph or topic."""
    topics = sorted(
        [match.start() for match in _TOPIC.finditer(text)]
        + [match.end() for match in _PARAGRAPH.finditer(text)]
    )
    breaks = [match.start() for match in _BREAK.finditer(text)]
    starts: list[int] = []
    ends: list[int] = []
    periods: list[Period] = []
    for match in _MARKER.finditer(text):
        period = _period(match)
        if match[0] == "全年" and _year_was_named(text, starts, periods, match):
            period = periods[-1]  # 2022年，……。全年举办: the year that was named
        near = period.kind in ("year", "months", "last_year", "against", "to_date", "recent")
        stops = breaks if near or _in_table(text, match.start()) else topics
        nearest = bisect_right(stops, match.start())
        starts.append(match.start())
        ends.append(stops[nearest] if nearest < len(stops) else len(text))
        periods.append(period)
    return Timeline(tuple(starts), tuple(ends), tuple(periods))


def _year_was_named(
    text: str, starts: list[int], periods: list[Period], match: re.Match[str]
) -> bool:
    """Whether the marker before ``match`` names a year, in the same paragraph."""
    if not periods or periods[-1].kind != "year":
        return False
    return "\n" not in text[starts[-1] : match.start()]


def _in_table(text: str, position: int) -> bool:
    """Whether a line has cells: what one row says of time does not reach the next."""
    start = text.rfind("\n", 0, position) + 1
    return "\t" in text[start : start + 400].partition("\n")[0]


def _period(match: re.Match[str]) -> Period:
    text = match[0]
    if match["part"] or match["month"]:
        return _part_of_year(match)
    if match["unclear"]:
        return Period(text, "unclear")
    if match["before"]:
        return Period(text, "last_year")
    if match["against"]:
        return Period(text, "against", since=int(match["against_year"]))
    if match["since"] or match["since_bare"]:
        return Period(text, "since", since=int(match["since"] or match["since_bare"]))
    if match["from"]:
        return Period(text, "years", since=int(match["from"]), until=int(match["until"]))
    if match["last"] or match["years_since"]:
        written = match["last"] or match["years_since"]
        years = int(written) if written.isdigit() else parse(written)
        return Period(text, "last_years", years=years)
    if match["recent"]:
        return Period(text, "recent")
    if match["date"]:
        return Period(text, "to_date")
    if match["year"]:
        return Period(text, "year", since=int(match["year"]), until=int(match["year"]))
    return Period(text, "this_year")


def _part_of_year(match: re.Match[str]) -> Period:
    if match["part"]:
        months = _PARTS_OF_YEAR[match["part"]]
    else:
        months = int(match["month"]), int(match["to_month"] or match["month"])
    year = int(match["part_year"]) if match["part_year"] else None
    is_last_year = bool(match["part_last"])
    return Period(match[0], "months", since=year, months=months, is_last_year=is_last_year)
