"""Claims without a number: everybody did it (coverage), or it rose every year (trend)."""

from __future__ import annotations

import re

from sanneng.figures.claims import Claim
from sanneng.figures.numbers import normalised
from sanneng.figures.periods import timeline

_TREND = re.compile(
    r"(?:逐年|连年|年年|持续|稳步|逐步)(?P<verb>提升|上升|增长|增加|递增|提高|攀升|下降|减少|递减|降低)"
)
_EVERYBODY = re.compile(
    r"全员(?!培训[，。])|全体(?P<who>[^，。；、\n]{1,14}?)(?=参[与加]|完成|担任|承担|接受)"
    r"|人人|全覆盖|(?<=[\u4e00-\u9fff])(?<!人)(?<!平)均(?=承担|参[与加]|担任|完成|通过|取得|获|接受|到|经)|无一例外"
)
_STOP = "，,。；;！？\n"
# A heading names its topic; it claims nothing: （一）全员参与课题攻关.
_CN = "[一二三四五六七八九十]+"
_HEADING = re.compile(
    rf"[ \t]*(?:（{_CN}）|{_CN}、|\d+[.．、]|第{_CN}[章节部])[^。；！？\n]*(?:\n|$)"
)
_SLOGAN = re.compile(r"^(?:科研|协作|参与[、，]|攻关|发动)")
# What is denied, wished or planned is not said to be so.
_UNREAL = re.compile(
    r"(?:未能?|没有?|尚未|并非|不是|难以|力争|争取|要求|计划|拟|将|确保|努力|推动|推进|实现不了)[^，。；！？\n]{0,8}$"
)
_FALLING = ("下降", "减少", "递减", "降低")


def statements(text: str) -> list[Claim]:
    """The coverage and trend claims of ``text`` in order; ``value`` is None."""
    plain = normalised(text)
    times = timeline(plain)
    found: list[Claim] = []
    for pattern, kind in ((_TREND, "trend"), (_EVERYBODY, "coverage")):
        for match in pattern.finditer(plain):
            if kind == "coverage" and _is_slogan(plain, match):
                continue
            if _UNREAL.search(plain, max(0, match.start() - 12), match.start()):
                continue
            if _HEADING.match(plain, plain.rfind("\n", 0, match.start()) + 1):
                continue
            start, end = _clause(plain, match.start(), match.end(), in_list=kind == "coverage")
            qualifier = "every"
            if kind == "trend":
                qualifier = "falling" if match["verb"] in _FALLING else "rising"
            words = text[start:end].strip(" \t\r\u3000、")
            start = text.index(words, start)
            found.append(
                Claim(
                    text=words,
                    start=start,
                    end=start + len(words),
                    subject=words,
                    context=words,
                    value=None,
                    unit="",
                    qualifier=qualifier,
                    kind=kind,
                    period=times.at(match.start()),
                )
            )
    return _distinct(sorted(found, key=lambda claim: (claim.start, claim.kind)))


def _clause(text: str, start: int, end: int, *, in_list: bool) -> tuple[int, int]:
    """The clause around a marker. What everybody did may be one item of a list; what rose may
    be a list (省、市立项数)."""
    stops = _STOP + ("、" if in_list else "")
    left = max(text.rfind(mark, max(0, start - 80), start) for mark in stops) + 1
    following = [i for mark in _STOP if (i := text.find(mark, end, end + 60)) >= 0]
    again = _EVERYBODY.search(text, end, end + 60)
    if again and in_list:
        following.append(again.start())
    return left, min(following, default=min(len(text), end + 60))


def _is_slogan(text: str, match: re.Match[str]) -> bool:
    """全员科研 and 全员参与、定期研讨 name a way of working; they state nothing checkable."""
    if match[0] != "全员":
        return False
    return bool(_SLOGAN.match(text[match.end() : match.end() + 8]))


def _distinct(claims: list[Claim]) -> list[Claim]:
    kept: list[Claim] = []
    for claim in claims:
        if not kept or (claim.start, claim.end, claim.kind) != (
            kept[-1].start, kept[-1].end, kept[-1].kind
        ):  # fmt: skip
            kept.append(claim)
    return kept
