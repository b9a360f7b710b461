"""Finding numbers with units, and telling figures from dates, ordinals and names.

One regular expression walks the text once; every candidate is then judged by what stands
next to it, within a few characters, so that the time taken grows with the text and no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sanneng.figures import lexicon as lex
from sanneng.figures.claims import Number, Value
from sanneng.figures.numerals import CHARACTERS, parse, two_neighbours

# The same length on both sides: offsets stay those of the text as given.
_NORMAL = str.maketrans("０１２３４５６７８９．％〜∼~", "0123456789.%～～～")
_ARABIC = r"\d{1,3}(?:[,，]\d{3})+(?![\d])(?:\.\d+)?|\d+(?:\.\d+)?"
_CHINESE = f"[{CHARACTERS}]+"
_UNIT = "|".join(sorted((re.escape(u) for u in lex.UNITS), key=lambda u: (-len(u), u)))
_SCALE = "|".join(lex.SCALES)
_BEFORE = (
    r"不少于|不低于|至少|不足|不到|不超过|超过|突破|将近|接近|大约|大概|约|近|逾|超|高达|多达|"
    r"最多|最少"
)
_AFTER = r"以上|及以上|以下|以内|左右|上下|之多"
_NUMBER = re.compile(
    rf"(?P<before>{_BEFORE})?"
    rf"(?:(?P<percent>百分之)(?P<per>{_CHINESE}(?:点{_CHINESE})?|\d+(?:\.\d+)?)(?P<percentmore>多)?"
    rf"|(?P<low>{_ARABIC}|{_CHINESE})(?P<lowmid>余|多|几|来)?(?P<scale>{_SCALE})?(?P<midmore>余|多|几)?"
    rf"(?P<lowunit>{_UNIT})?"
    rf"(?:(?P<dash>[-—–－～至到]+)(?P<high>{_ARABIC}|{_CHINESE})(?P<highscale>{_SCALE})?(?P<highmore>余|多)?"
    rf"(?P<highunit>{_UNIT})?)?"
    r")"
)
_TAIL = re.compile(rf"(?P<more>余|多)?(?P<after>{_AFTER})?")
_OVER, _UNDER = (
    {"逾", "超", "超过", "突破"},
    {"近", "将近", "接近", "不足", "不到", "不超过", "最多"},
)
_APPROX, _ATLEAST = {"约", "大约", "大概"}, {"不少于", "不低于", "至少", "最少"}


@dataclass(frozen=True, slots=True)
class Found:
    """A number that counts something, and where its words begin and end."""

    start: int
    end: int
    value: Value
    unit: str
    qualifier: str
    is_rank: bool = False


def normalised(text: str) -> str:
    """``text`` with full-width digits made plain, every character in its place."""
    return text.translate(_NORMAL)


def scan(text: str) -> Iterator[Found]:
    """The figures of ``text`` (already ``normalised``) in order."""
    position, size = 0, len(text)
    while position < size:
        match = _NUMBER.search(text, position)
        if match is None:
            return
        position = match.end()
        if match["percent"]:
            yield from _percent(text, match)
            continue
        found = _judge(text, match)
        if found is None:
            # The second number of what looked like a range may be a figure of its own.
            if match["high"] is not None:
                position = max(match.start("high"), match.start() + 1)
            continue
        yield found
        position = max(position, found.end) if found.end > match.start() else position
        if match["high"] is not None and found.end <= match.start("high"):
            position = match.start("high")


def _percent(text: str, match: re.Match[str]) -> Iterator[Found]:
    written = match["per"]
    if written[0].isdigit():
        value: Number | None = number(written)
    else:
        whole, _point, decimals = written.partition("点")
        value = parse(whole)
        if value is not None and decimals:
            value = float(f"{value}.{''.join(str(parse(c) or 0) for c in decimals)}")
    if value is not None:
        qualifier, end = _qualifier(text, match["before"], bool(match["percentmore"]), match.end())
        yield Found(match.start(), end, value, "%", qualifier)


def _judge(text: str, match: re.Match[str]) -> Found | None:
    start = match.start("low")
    if _is_part_of_a_word(text, start) or _is_ordinal(text, match):
        return _rank(text, match)
    low, unit = match["low"], match["lowunit"]
    if match["high"] is not None:
        return _range(text, match) or _plain(text, match)
    return _plain(text, match) if unit else _bare(text, match, low)


def _range(text: str, match: re.Match[str]) -> Found | None:
    """3—5次, 63%～68%, 10万至15万元; None when the two do not make a range of one unit."""
    unit, low_unit = match["highunit"], match["lowunit"]
    if not unit or (low_unit and low_unit != unit) or match["lowmid"] or match["midmore"]:
        return None
    if match["dash"] in ("到", "至") and _changes_from(text, match.start()):
        return None
    low, high = value_of(match["low"]), value_of(match["high"])
    if low is None or high is None or not _numerals_agree(match["low"], match["high"]):
        return None
    scale = match["highscale"] or ""
    if match["scale"] and match["scale"] != scale:
        return None
    if low >= high or _is_time_unit(text, match["low"], unit, match.end()):
        return None
    if not _counts(text, match, match["high"], unit, match.end()):
        return None
    qualifier, end = _qualifier(text, match["before"], bool(match["highmore"]), match.end())
    return Found(match.start(), end, (low, high), scale + unit, qualifier)


def _plain(text: str, match: re.Match[str]) -> Found | None:
    written, unit, scale = match["low"], match["lowunit"], match["scale"] or ""
    if not unit:
        return None
    end = match.end("lowunit")
    value: Value = value_of(written)
    more = bool(match["lowmid"] or match["midmore"])
    if value is None:
        value = _approximate(match)
        if value is None:
            return None
    elif match["lowmid"] == "几" or match["midmore"] == "几":
        value = (int(value) + 1, int(value) + _step(value) - 1) if isinstance(value, int) else value
        more = False
    if _is_time_unit(text, written, unit, end) or not _counts(text, match, written, unit, end):
        return None
    if scale and written in ("上", "数"):
        return None
    value, unit = _with_scale(value, scale, unit)
    qualifier, end = _qualifier(text, match["before"], more, end)
    if isinstance(value, tuple) and qualifier == "exact":
        qualifier = "approx" if not written[0].isdigit() else "exact"
    return Found(match.start(), end, value, unit, qualifier)


def _bare(text: str, match: re.Match[str], written: str) -> Found | None:
    """A number without a unit counts only in a table cell whose heading names the unit."""
    if not written[0].isdigit() or match["scale"] or match["lowmid"]:
        return None
    left = text[max(0, match.start() - 16) : match.start()]
    heading = _CELL.search(left)
    following = text[match.end() : match.end() + 1]
    if heading is None or following not in ("", "\n", "\t", "|", " ", "；", "，", "。", "\r"):
        return None
    value = value_of(written)
    unit = heading["unit"]
    return None if value is None else Found(match.start(), match.end(), value, unit, "exact")


_CELL = re.compile(
    rf"[（(]\s*(?:单位[:：])?(?P<scale>万|亿)?(?P<unit>{_UNIT})\s*[)）]\s*[\t|:： ]+\s*$"
)


def value_of(written: str) -> Number | None:
    """The number that the digits or Chinese numerals write; None when they write none."""
    return number(written) if written[0].isdigit() else parse(written)


def number(written: str) -> Number:
    """An ``int`` for whole numbers, a ``float`` for decimals; separators are dropped."""
    plain = written.replace(",", "").replace("，", "")
    return float(plain) if "." in plain else int(plain)


def _approximate(match: re.Match[str]) -> tuple[Number, Number] | None:
    return two_neighbours(match["low"])


def _step(value: Number) -> int:
    """The round step of a number: 10 for 30, 100 for 300, 1,000 for 12,000."""
    step, rest = 1, int(value)
    while rest and rest % 10 == 0:
        step, rest = step * 10, rest // 10
    return max(step, 1)


def _with_scale(value: Value, scale: str, unit: str) -> tuple[Value, str]:
    """万 and 亿 stay in the unit as written; 百 and 千 after digits multiply."""
    if scale in ("", "万", "亿", "万亿"):
        return value, scale + unit
    factor = {"千": 1000, "百": 100, "千万": 1000, "百万": 100}[scale]
    kept = "万" if scale.endswith("万") and len(scale) > 1 else ""
    assert value is not None
    assert not isinstance(value, tuple)
    return value * factor, kept + unit


def _qualifier(text: str, before: str | None, more: bool, end: int) -> tuple[str, int]:
    tail = _TAIL.match(text, end)
    after = tail["after"] if tail else None
    if tail and tail["more"] and text[tail.end("more") : tail.end("more") + 1] not in ("种", "样"):
        more, end = True, tail.end("more")
    if after:
        end = tail.end() if tail else end
    if after in ("以上", "及以上"):
        return "atleast", end
    if after in ("以下", "以内"):
        return "under", end
    if after in ("左右", "上下"):
        return "approx", end
    if before in _ATLEAST:
        return "atleast", end
    if before in _UNDER:
        return "under", end
    if more or before in _OVER:
        return "over", end
    return ("approx" if before in _APPROX else "exact"), end


# --- what is no figure -------------------------------------------------------------------

_WORD_BEFORE = re.compile(r"[A-Za-z_.\d/·〔\[#№]$|[A-Za-z]-$")
_ORDINAL_BEFORE = re.compile(r"第\s?$|[〔\[（(]?\d{4}[〕\])）]\s?第?$")
_RANK_BEFORE = re.compile(
    r"(?:位居|位列|排名|排在|排|列|居|名列|跻身|进入|获得?)[^，。；、]{0,14}?前?(?:第)?$"
)
_RANK_AFTER = re.compile(r"(?:名|位)?")
_LINE_MARK = re.compile(r"(?:^|[\n\r])[ \t　]*(?:[（(])?$")
_PERIOD_BEFORE = re.compile(r"(?:近|过去|未来|最近|今后|前|这|每|头|后|之后|用|力争|连续?)$")
_PERIOD_AFTER = re.compile(
    r"以?来|内|间|之内|以内|行动|规划|计划|任务|期|制|级|前|后|之久|一|左右时间|代|版|度|初|底|末|份"
)
_NOT_AFTER: dict[str, re.Pattern[str]] = {
    "分": re.compile(
        r"之|别|会|院|校|局|钟|布|析|工|组|类|管|公司|为|成|解|享|批|层|期|散|配|明|子"
    ),
    "个": re.compile(r"月|人(?!次)|别|体|性|百分|小时|工作日|星期"),
    "期": re.compile(r"间|望|限|末|中|待|盼|货|刊"),
    "位": re.compile(r"一体|于|列|居|置"),
    "次": re.compile(r"全会|党代|代表大会|会议精神|序|生|日|要|数|全国|中央|集体学习|方"),
    "名": re.compile(r"义|单|称|誉|额|校|师|优|家|录|列|企"),
    "人": re.compile(
        r"民|才(?!培|公|[，。、；])|员|均|大|口|文|力|物|社|事|格|生|类|居|工|心|为|际|气|选|身|车"
    ),
    "家": re.compile(r"庭|长|园|乡|国|风|教|属|访|具|电|政|常"),
    "部": re.compile(r"门|署|分|长|委|队|级|落"),
    "本": re.compile(r"地|校|级|市|区|县|省|科|届|人|职|身|着|次|年|月|周|期|质|单位|土|领"),
    "条": re.compile(r"件|例|线|主线|龙|心|块|规"),
    "对": re.compile(r"一|于|照|接|标|策|象|待|外|口|应|比|话|党|手"),
    "门": re.compile(r"户|槛|口|诊|窗"),
    "场": re.compile(r"地|所|馆|景|合"),
    "组": re.compile(r"织|长|成|合|建|员|团"),
    "类": re.compile(r"型|似|别"),
    "节": re.compile(r"约|日|点|能|俭|假|目|奏|省|气"),
    "周": re.compile(r"年|岁|边|围|期|转|密|到|末|一|二|三|四|五|六|日|例"),
    "级": re.compile(r"."),
    "处": re.compile(r"级|理|室|长|于|置|分"),
    "起": re.compile(r"来|步|草|到|点|义|初"),
    "例": re.compile(r"如|行|会|外"),
    "台": re.compile(r"账|阶|风|湾"),
    "站": re.compile(r"式|位|稳|点|立|在|台"),
    "届": re.compile(r"[一二三四五六七八九十]|中央|全国|时|满|全会"),
    "批": re.compile(r"示|准|评|复|次|改|判|阅"),
    "讲": re.compile(r"话|座|授|好|政|师|稿|堂|台|坛|述|习|课|解|学"),
    "成": re.compile(r"果|立|员|绩|为|效|长|熟|功|就|本|功|品|年|人|才|都|型|因|分|以"),
    "首": re.compile(r"次|批|个|位|先|要|届|创|府|席"),
    "集": re.compile(r"中|体|团|合|聚|训|成|市|约"),
    "课次": re.compile(r"$^"),
    "档": re.compile(r"案|次"),
    "片": re.compile(r"区|面|子|长"),
    "口": re.compile(r"."),
    "眼": re.compile(r"."),
    "票": re.compile(r"据|价|房"),
    "席": re.compile(r"位|谈"),
    "种": re.compile(r"植|子|类|养"),
    "项": re.compile(r"目(?:负责人|经理)"),
    "轮": re.compile(r"训|岗|流|换|值|胎|胜"),
    "户": re.compile(r"籍|口|主|型|外"),
    "件": re.compile(r"$^"),
    "年": re.compile(r"代|级|轻|龄|度|终|底|初|会|鉴|报|末|货|月"),
}
_NAME_AFTER = re.compile("|".join(sorted(lex.SET_NOUNS, key=len, reverse=True)))
_ARTICLE_END = re.compile(r"[，。；、,;）)\s]|$")
_COUNTING = re.compile(rf"(?:{lex.COUNTING})(?:了|出|起)?$")
_OPEN_QUOTE = re.compile(r"[“\"‘'《「]$")


def _is_part_of_a_word(text: str, start: int) -> bool:
    return bool(_WORD_BEFORE.search(text, max(0, start - 2), start))


def _is_ordinal(text: str, match: re.Match[str]) -> bool:
    return bool(_ORDINAL_BEFORE.search(text, max(0, match.start() - 8), match.start("low")))


def _rank(text: str, match: re.Match[str]) -> Found | None:
    """全市第2名, 排名第三: an ordinal that places the school, not one that numbers a thing."""
    start = match.start("low")
    if text[start - 1 : start] != "第":
        return None
    left = text[max(0, start - 18) : start]
    unit = match["lowunit"] or ""
    following = text[match.end("low") : match.end("low") + 1]
    placed = re.search(r"(?:位居|位列|排名|排在|名列|位次|列|居|排)[^，。；、]{0,10}第$", left)
    region = re.search(r"(?:全[国省市区县校系]|系统|同类|各[区县])[^，。；、]{0,6}第$", left)
    if unit not in ("", "名", "位") or not (placed or region):
        return None
    if not unit and following not in ("", "，", "。", "、", "；", "\n", "）", "的", ","):
        return None
    value = value_of(match["low"])
    end = match.end("lowunit") if unit else match.end("low")
    return None if value is None else Found(start - 1, end, value, unit, "exact", is_rank=True)


def _numerals_agree(low: str, high: str) -> bool:
    return low[0].isdigit() == high[0].isdigit()


def _changes_from(text: str, start: int) -> bool:
    """由8项增至11项 and 从8项到11项 state two figures, not a range."""
    return text[max(0, start - 1) : start] in ("由", "从")


def _is_time_unit(text: str, written: str, unit: str, end: int) -> bool:
    """Years, and spans that only bound a period (近5年来, 3年内)."""
    if unit != "年":
        return False
    if written[0].isdigit() and len(written) == 4 and written[:2] in ("19", "20", "18", "21"):
        return True
    if not written[0].isdigit() and len(written) == 4 and parse(written) is not None:
        return all(char not in "十百千万" for char in written)
    before = text[max(0, end - len(written) - 4) : end - len(written) - 1]
    return bool(_PERIOD_BEFORE.search(before) or _PERIOD_AFTER.match(text, end))


def _counts(text: str, match: re.Match[str], written: str, unit: str, end: int) -> bool:
    """Whether this number with this unit counts something here."""
    refused = _NOT_AFTER.get(unit)
    if refused is not None and refused.match(text, end):
        return False
    if _LINE_MARK.search(text, max(0, match.start() - 6), match.start()) and _marks_a_line(
        text, match
    ):
        return False
    if written[0].isdigit():
        return unit != "分" or _is_score(text, match, end)
    return _chinese_counts(text, match, written, unit, end)


def _marks_a_line(text: str, match: re.Match[str]) -> bool:
    following = text[match.end("low") : match.end("low") + 1]
    return following in ("、", ".", "．", ")", "）")


def _is_score(text: str, match: re.Match[str], end: int) -> bool:
    left = text[max(0, match.start() - 10) : match.start()]
    return not re.search(r"[点时:：]$", left)


def _chinese_counts(text: str, match: re.Match[str], written: str, unit: str, end: int) -> bool:
    """Chinese numerals make names and phrases more often than figures: ask for more."""
    start = match.start("low")
    more = match["lowmid"] or match["midmore"]
    if written[0] in "百千万亿":
        return bool(more) or text[max(0, start - 1) : start] == "上"
    if written == "零" or unit == "分" or (written == "十" and unit == "分"):
        return False
    if _OPEN_QUOTE.search(text, max(0, start - 1), start):
        return False
    if written == "一" or (written == "几"):
        return _postposed(text, start, unit, end)
    if _NAME_AFTER.match(text, end):
        return False
    if more or unit in lex.FIRM_UNITS:
        return True
    value = parse(written)
    if value is None or value > 10:
        return True
    before = text[max(0, start - 4) : start]
    return bool(_COUNTING.search(before)) or _postposed(text, start, unit, end)


def _postposed(text: str, start: int, unit: str, end: int) -> bool:
    """一等奖一项，: the number follows its noun and ends the clause."""
    before = text[max(0, start - 1) : start]
    is_noun = (
        bool(before)
        and "\u4e00" <= before <= "\u9fff"
        and before not in "第进统唯同某另每之任逐专归不合这那有是为在了开再又上下头计算作"
    )
    return is_noun and unit != "次" and bool(_ARTICLE_END.match(text, end))
