"""Finding numbers with units: one expression walks the text once, and every candidate is then
judged by the few characters beside it, so that the time taken grows with the text and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from sanneng.figures import lexicon as lex
from sanneng.figures.cells import units_of_cells
from sanneng.figures.claims import Value
from sanneng.figures.names import ROUND, counts, is_name, is_ordinal, marks_a_line
from sanneng.figures.numbers import (
    ARABIC,
    INNER,
    MEASURE,
    NUMBER,
    number,
    percent_of,
    qualifier,
    scaled,
    several,
    share_of,
    value_of,
)


class Found(NamedTuple):
    """A number that counts something, and where its words begin and end."""

    start: int
    end: int
    value: Value
    unit: str
    qualifier: str
    is_rank: bool = False


def scan(text: str) -> Iterator[Found]:
    """The figures of ``text`` (already ``normalised``) in order."""
    cells = units_of_cells(text)
    position, size = 0, len(text)
    while position < size:
        match = NUMBER.search(text, position)
        if match is None:
            return
        if _is_band(text, match) or _is_endless(match):
            position = match.end()
            continue
        found = _judge(text, match, cells)
        # The second number of what looked like a range may be a figure of its own.
        second = match.start("high") if match["high"] is not None else match.end()
        if found is None:
            position = max(second, match.start() + 1)
            continue
        yield found
        position = max(found.end, match.start() + 1)
        if match["high"] is not None and found.end <= second:
            position = second


# More digits count nothing that a school does; a telephone directory or an attack has them.
_MOST_DIGITS = 30


def _is_endless(match: re.Match[str]) -> bool:
    return any(len(part or "") > _MOST_DIGITS for part in match.group("low", "high", "per"))


def _judge(text: str, match: re.Match[str], cells: dict[int, str]) -> Found | None:
    if match["per"]:
        return _part(text, match, percent_of(match["per"]), more=bool(match["permore"]))
    if match["below"] or match["parts"]:
        share = share_of(match)
        return None if share is None else _part(text, match, share, more=False)
    start, written = match.start("low"), match["low"]
    if start in cells and not match["lowunit"] and match["high"] is None:
        minus = text[start - 1 : start] in _MINUS and start > 0
        value = -number(written) if minus else number(written)
        return Found(start - minus, match.end("low"), value, cells[start], "exact")
    ahead = text[start - 1 : start] == "前" and match["lowunit"] != "分钟"  # 课前15分钟
    if is_ordinal(text, start) or ahead:
        return _rank(text, match)
    measured = bool(match["scale"] or match["lowunit"] in ("元", "%", "人次"))
    if is_name(text, start, written, measured) or marks_a_line(
        text, start, written, match.end("low")
    ):
        return None
    if match["high"] is not None:
        return _range(text, match) or _plain(text, match)
    return _plain(text, match)


def _part(text: str, match: re.Match[str], value: Value, *, more: bool) -> Found | None:
    """百分之八十, 三分之二."""
    if value is None:
        return None
    word, end, _half = qualifier(text, match["before"], more=more, end=match.end())
    return Found(_begin(match), end, value, "%", word)


def _range(text: str, match: re.Match[str]) -> Found | None:
    """3—5次, 63%～68%, 10万至15万元; None when the two do not make a range of one unit."""
    unit, low_unit = match["highunit"], match["lowunit"]
    written, scale = match["low"], match["highscale"] or ""
    if not unit or (low_unit and low_unit != unit) or match["lowmid"] or match["midmore"]:
        return None
    if match["dash"] in ("到", "至") and text[match.start() - 1 : match.start()] in ("由", "从"):
        return None  # 由8项增至11项 states two figures
    if written[0].isdigit() != match["high"][0].isdigit() or match["scale"] not in (None, scale):
        return None
    low, high = value_of(written), value_of(match["high"])
    if low is None or high is None or low >= high:
        return None
    if unit == "年" and not counts(
        text, match.start(), match["high"], unit, match.end(), more=False
    ):
        return None
    word, end, _half = qualifier(
        text, match["before"], more=bool(match["highmore"]), end=match.end()
    )
    value, unit = scaled((low, high), scale, unit)
    return Found(_begin(match), end, value, unit, word)


def _is_band(text: str, match: re.Match[str]) -> bool:
    """15—64岁 says whom a figure is about, unless an age itself is stated."""
    if match["highunit"] not in lex.AGES:
        return False
    return "年龄" not in text[max(0, match.start() - 8) : match.start()]


def _plain(text: str, match: re.Match[str]) -> Found | None:
    before, written, first, scale, second, bigger, third, unit = match.group(
        "before", "low", "lowmid", "scale", "midmore", "bigger", "endmore", "lowunit"
    )
    start, digits, scale = match.start("low"), written[0].isdigit(), scale or ""
    more = bool(third or (first and first != "几") or (second and second != "几"))
    if not unit:
        return _scale_alone(text, match, more=more) or _sharing(text, match)
    end = match.end("lowunit")
    if text[match.start("lowunit") - 1] == " " and _NUMBERED.search(text, max(0, start - 4), start):
        return None
    if unit in INNER and "多" in unit:
        more = True
    value: Value = several(match)
    around = value is not None
    if value is None:
        value = value_of(written)
    if value is None and written in ROUND and not scale:
        value, scale = ROUND[written]
    if value is None:
        return None
    if not counts(text, start, written, unit, end, more=more or around):
        return None
    word, end, half = qualifier(text, before, more=more, end=end)
    if half or (unit in INNER and "半" in unit):
        value = _and_a_half(value)
    if digits and _NEGATIVE.search(text, max(0, start - 2), start) and not isinstance(value, tuple):
        value = None if value is None else -value
    if text[start - 1 : start] == "上" and not digits:
        word = "over"
    value, unit = scaled(value, scale + (bigger or ""), INNER.get(unit, unit))
    return Found(_begin(match), end, value, unit, "approx" if around and word == "exact" else word)


def _and_a_half(value: Value) -> Value:
    """两年半: half a unit more."""
    if isinstance(value, tuple) or value is None:
        return value
    return value + 0.5


def _scale_alone(text: str, match: re.Match[str], *, more: bool) -> Found | None:
    """6434万农村人口: a number of people or things that names no measure word."""
    scale = (match["scale"] or "") + (match["bigger"] or "")
    if not match["low"][0].isdigit() or not scale.endswith(("万", "亿")):
        return None
    end = max(match.end("scale"), match.end("bigger"), match.end("midmore"), match.end("endmore"))
    following = text[end : end + 1]
    if following.isascii() and following.isalnum():
        return None
    word, end, _half = qualifier(text, match["before"], more=more, end=end)
    value, unit = scaled(number(match["low"]), scale, "")
    return Found(_begin(match), end, value, unit, word)


_MINUS = frozenset("-－−")
_NUMBERED = re.compile(r"(?:表|图|附件|注|附表|案例|例|步骤)\ ?$")
_NEGATIVE = re.compile(r"[\u4e00-\u9fff为 （(][-－]$|负$")
_SHARED = re.compile(
    rf"(?:[、,，]\d+(?:\.\d+)?)*(?:[、，,]|和|与|及|以及)(?:{ARABIC})"
    rf"(?P<scale>万亿|万|亿)?(?P<unit>{MEASURE})"
)
_EACH = re.compile(r"(?:分别|依次|各为)[^。；，,]{0,24}$")


def _sharing(text: str, match: re.Match[str]) -> Found | None:
    """分别为12、15和18人: a figure that takes the unit of the last in its list."""
    written = match["low"]
    if not written[0].isdigit() or match["scale"] or match["lowmid"] or match["high"] is not None:
        return None
    left = text[max(0, match.start() - 40) : match.start()]
    if not _EACH.search(left):
        return None
    shared = _SHARED.match(text, match.end("low"))
    if shared is None or shared["unit"] in ("年", "届", "级"):
        return None
    unit = (shared["scale"] or "") + shared["unit"]
    return Found(_begin(match), match.end("low"), number(written), unit, "exact")


def _begin(match: re.Match[str]) -> int:
    """Where the words of a figure begin: at its qualifier, without the space before it."""
    if match["before"]:
        return match.start("before")
    return match.start("low") if match["low"] else match.start()


_PLACED = re.compile(
    r"(?:位居|位列|排名|排在|名列|位次|跻身|进入|获得?|荣获|夺得|取得|升至|列|居|排|并列)[^，。；、]{0,12}第?前?$"
)
_REGION = re.compile(r"(?:全[国省市区县校系]|系统|同类|各[区县市])[^，。；、]{0,6}第?前?$")


def _rank(text: str, match: re.Match[str]) -> Found | None:
    """全市第2名, 排名第三, 前五名: what places the school, not what numbers a thing."""
    start = match.start("low")
    mark = text[start - 1 : start]
    if mark not in ("第", "前") or match["scale"] or match["lowmid"]:
        return None
    left = text[max(0, start - 18) : start]
    unit = match["lowunit"] or ""
    following = text[match.end("low") : match.end("low") + 1]
    if unit not in ("", "名", "位"):
        return None
    # 获第五名。 is a place, 第五名学员 is not.
    after = text[match.end("lowunit") : match.end("lowunit") + 1] if unit else following
    ends = unit == "名" and mark == "第" and after in ("", *"，。、；\n）,;)")
    if not (ends or _PLACED.search(left) or _REGION.search(left)):
        return None
    if mark == "第" and unit == "" and following not in ("", *"，。、；\n）的,;)."):
        return None
    if mark == "前" and unit == "" and following not in ("", *"，。、；\n）,;"):
        return None
    value = value_of(match["low"])
    end = match.end("lowunit") if unit else match.end("low")
    word = "exact" if mark == "第" else "atleast"
    return None if value is None else Found(start - 1, end, value, unit, word, is_rank=True)
