"""How a number is written: the one expression that finds candidates, and what they are worth."""

from __future__ import annotations

import re

from sanneng.figures import lexicon as lex
from sanneng.figures.claims import Number, Value
from sanneng.figures.numerals import CHARACTERS, parse, two_neighbours

# The same length on both sides: offsets stay those of the text as given.
_NORMAL = str.maketrans(
    "０１２３４５６７８９．％〜∼~，\u00a0\u2009\u202f\u3000", "0123456789.%～～～，    "
)
_SEPARATORS = dict.fromkeys(map(ord, ",， "))
ARABIC = r"\d{1,3}(?:[,，]\d{3}|\ \d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
CHINESE = f"[{CHARACTERS}]+"
UNIT = "|".join(sorted((re.escape(u) for u in lex.UNITS), key=lambda u: (-len(u), u)))
_SCALE = "|".join(lex.SCALES)
_ABOVE = "超过|突破|高于|多于|超出|超|逾|大于"
_BELOW = "不足|不到|将近|接近|近|低于|少于|小于|未满"
_AT_MOST = "(?:不|未|没有|严禁)(?:得|能|应|宜|可|许|准)?(?:超过|高于|多于|大于)|至多|最多|控制在"
_AT_LEAST = "(?:不|未)(?:得|能|应|宜|可)?(?:少于|低于|小于)|至少|最少|起码"
_ABOUT = "大约|大概|大致|约|约合|约为"
_BEFORE = "|".join([_AT_LEAST, _AT_MOST, _BELOW, _ABOVE, _ABOUT])
_AFTER = (
    "(?<=[天日时周月])之?内(?![容部设外涵心])|(?:[（(]含[）)])?及?以上|(?:[（(]含[）)])?以下|"
    "及?以下|及?以内|左右|上下|之多"
)
# A price or a rate: 元/股, 毫克/立方米, 次/月.
MEASURE = rf"(?:{UNIT})(?:/(?:{UNIT}|日|月|季度))?"
NUMBER = re.compile(
    rf"(?:(?P<before>{_BEFORE})(?:人民币|占|有|为|达到?|[\u4e00-\u9fff]{{1,8}}的)?)?"
    rf"(?:百分之(?P<per>{CHINESE}(?:点{CHINESE})?|\d+(?:\.\d+)?)(?P<permore>多)?"
    rf"|(?P<below>[{CHARACTERS}]{{1,3}})分之(?P<above>[{CHARACTERS}]{{1,3}})"
    r"|(?<![\d/.])(?P<parts>[1-9])/(?P<of>[2-9]|10)(?:(?<=[的达占约到为]...)|(?=的|以上|左右))(?![\d/年月])"
    rf"|(?P<low>{ARABIC}|{CHINESE})(?P<lowmid>余|多|几|来)?"
    rf"(?P<scale>(?!千米|千克|千瓦|千伏|千字)(?:{_SCALE}))?"
    rf"(?P<midmore>余|多|几)?(?P<bigger>亿|万(?=[多余]?[元人字吨亩]))?(?P<endmore>余|多)?"
    rf"(?P<lowunit>{MEASURE})?"
    rf"(?:(?P<dash>[-—–－～至到]+)(?P<high>{ARABIC}|{CHINESE})(?P<highscale>{_SCALE})?"
    rf"(?P<highmore>余|多)?(?P<highunit>{MEASURE})?)?"
    r")"
)
_INCLUDED = re.compile("^[（(]含[）)]")
_TAIL = re.compile(rf"(?P<half>半(?![月年日天]))?(?P<more>余|多)?(?P<after>{_AFTER})?")
_MEANINGS = (
    (re.compile(_AT_MOST), "atmost"), (re.compile(_AT_LEAST), "atleast"),
    (re.compile(_ABOVE), "above"), (re.compile(_BELOW), "under"), (re.compile(_ABOUT), "approx"),
    (re.compile("及?以上"), "atleast"), (re.compile("及?以下|及?以内|之?内"), "atmost"),
    (re.compile("左右|上下"), "approx"),
)  # fmt: skip


def _meaning(word: str | None) -> str:
    """What a qualifying word makes of a figure; 控制在 only says how it was kept."""
    if not word or word == "控制在":
        return "exact"
    return next((meaning for pattern, meaning in _MEANINGS if pattern.fullmatch(word)), "exact")


# 个多月 is 个月 and 多, 个半月 half a unit more.
INNER = {
    "号人": "人",
    "个多月": "个月",
    "个多星期": "个星期",
    "个多小时": "个小时",
    "个半月": "个月",
    "个半小时": "小时",
}


def normalised(text: str) -> str:
    """``text`` with full-width digits and spaces made plain, every character in its place."""
    return text.translate(_NORMAL)


# A space beside a Chinese character or a percent sign parts nothing: 共 1.2 万余 人. It stays
# after 表 3 and after a number that heads a line, which number what follows.
_HAN = r"[\u3001-\u9fff\uff01-\uffee%‰“”]"
_LABEL = r"(?:(?:表|图|附件|注|附表|案例|例|步骤) ?\d{1,3}|(?:^|(?<=\n))\d{1,2}(?:\.\d{1,2}){0,3})"
_IDLE_SPACE = re.compile(
    rf"(?P<label>{_LABEL}) |(?<={_HAN}\d\.) (?=\d)|(?<={_HAN}\d\d\.) (?=\d)"
    rf"|(?<={_HAN}) +(?=\S)|(?<=\S) +(?={_HAN})"
)


def closed_up(text: str) -> tuple[str, list[int] | None]:
    """``text`` without idle spaces, and for each of its characters (and its end) where it stood;
    None where nothing was left out."""
    if " " not in text:
        return text, None
    pieces: list[str] = []
    places: list[int] = []
    last = 0
    for space in _IDLE_SPACE.finditer(text):
        if space["label"]:
            continue
        pieces.append(text[last : space.start()])
        places.extend(range(last, space.start()))
        last = space.end()
    pieces.append(text[last:])
    places.extend(range(last, len(text) + 1))
    return "".join(pieces), places


def number(written: str) -> Number:
    """An ``int`` for whole numbers, a ``float`` for decimals; separators are dropped."""
    plain = written.translate(_SEPARATORS)
    return float(plain) if "." in plain else int(plain)


def value_of(written: str) -> Number | None:
    """The number that the digits or Chinese numerals write; None when they write none."""
    return number(written) if written[0].isdigit() else parse(written)


def percent_of(written: str) -> Number | None:
    """The number in 百分之N: 八十, 三点五, 百, 12.5."""
    if written[0].isdigit():
        return number(written)
    if written == "百":
        return 100
    whole, _point, decimals = written.partition("点")
    value = parse(whole)
    if value is None or not decimals:
        return value
    return float(f"{value}.{''.join(str(parse(c) or 0) for c in decimals)}")


def share_of(match: re.Match[str]) -> float | None:
    """三分之二 and 2/3 in per cent to one decimal; None when it is no part."""
    if match["parts"]:
        below, above = int(match["of"]), int(match["parts"])
    else:
        below, above = parse(match["below"]) or 0, parse(match["above"]) or 0
    return round(above / below * 100, 1) if below and above and 1 <= above < below else None


def several(match: re.Match[str]) -> tuple[Number, Number] | None:
    """三四 (3 to 4), 十几 (11 to 19), 20几 (21 to 29); None for anything else."""
    written = match["low"]
    if "几" in (match["lowmid"], match["midmore"]):
        value = value_of(written)
        if isinstance(value, int) and match["scale"] in (None, "万", "亿"):
            return value + 1, value + _step(value) - 1
        return None
    return two_neighbours(written)


def _step(value: int) -> int:
    """The round step of a number: 10 for 30, 100 for 300, 1,000 for 12,000."""
    step, rest = 1, value
    while rest and rest % 10 == 0:
        step, rest = step * 10, rest // 10
    return max(step, 1)


def scaled(value: Value, scale: str, unit: str) -> tuple[Value, str]:
    """万 and 亿 stay in the unit as written; 百 and 千 after digits multiply."""
    if scale in ("", "万", "亿", "万亿"):
        return value, scale + unit
    factor = {"千": 1000, "百": 100, "千万": 1000, "百万": 100}[scale]
    kept = "万" if scale.endswith("万") else ""
    if isinstance(value, tuple):
        return (value[0] * factor, value[1] * factor), kept + unit
    return (None if value is None else value * factor), kept + unit


def qualifier(text: str, before: str | None, *, more: bool, end: int) -> tuple[str, int, bool]:
    """What the words around a number make of it, where they end, and whether 半 is among them."""
    tail = _TAIL.match(text, end)
    assert tail is not None
    half = bool(tail["half"])
    if tail["more"] and text[tail.end("more") : tail.end("more") + 1] not in ("种", "样", "次"):
        more = True
    elif tail["more"]:
        return ("over" if more else _meaning(before)), tail.end("half"), half
    after = _INCLUDED.sub("", tail["after"] or "")
    if after and after != "之多":
        return _meaning(after), tail.end(), half
    meant = _meaning(before)
    if meant != "exact":
        return meant, tail.end(), half
    return ("over" if more else "exact"), tail.end(), half
