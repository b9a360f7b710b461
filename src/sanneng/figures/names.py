"""What looks like a figure and is none: dates, ordinals, titles, slogans, numbered headings.

Every rule looks at a few characters beside the number, so that reading stays linear.
"""

from __future__ import annotations

import re

from sanneng.figures import lexicon as lex
from sanneng.figures.numerals import parse

_WORD_BEFORE = re.compile(r"[A-Za-z_.\d/·〔\[#№+]$|[A-Za-z]-$|[A-Za-z\d]\+$")
_ACRONYM_BEFORE = re.compile(r"[A-Z]{2}$")
_ORDINAL_BEFORE = re.compile(r"第\ ?$|[〔\[（(]\d{4}[〕\])）]\ ?第?$")
_JOINING, _ENDING = frozenset("·〔№"), frozenset("第 〕])）")
_LINE_MARK = re.compile(r"(?:^|[\n\r])[ \t]*[（(]?$")
_AFTER_MARK = frozenset("、.．)） ")
_OPEN_QUOTE = re.compile(r"[“\"‘'《「『]$")
_PERIOD_BEFORE = re.compile(
    r"(?:近|过去|未来|最近|今后|前|这|每|头|后|之后|用|力争|连续?|连年|持续|经过|历经|再|此后|接下来)$"
)
_SPAN_AFTER = re.compile(r"以?来|之?前|之?后|期间|间(?!距|隔|\d)")
_LENGTH_BEFORE = re.compile(
    rf"(?:{lex.LENGTHS})(?:时间)?(?:一般|原则上|通常|已?整整)?"
    r"(?:[为了约满达近各已有:：]|超过|不少于|不超过|不低于|至少)?$"
)
_LENGTH_AFTER = re.compile(rf"(?:多|余|半)?(?:的)?(?:{lex.LENGTHS_AFTER})")
_LENGTH_NEVER = re.compile(
    r"[级制]|行动|规划|计划|任务|以?来|间|内|之内|前|之前|后|之后|之久|度|初|底|末|代"
)
_BAND_AFTER = re.compile(r"[)）]?及?以[上下]|左右的")
_QUOTED = 12

# After a Chinese numeral and the unit these make another word: 三名义, 二本院校.
_NOT_AFTER: dict[str, re.Pattern[str]] = {
    "分": re.compile(r"."),
    "个": re.compile(r"人(?!次)|别|体|性|小时|工作日|星期"),
    "期": re.compile(r"间|望|限|末|中|待|盼|货|刊|工程|项目|建设|改造"),
    "位": re.compile(r"一体|于|列|居|置|数"),
    "次": re.compile(
        r"全会|党代|代表大会|会议精神|序|性|生|日|要|数|全国|中央|集体学习|方|产业|创业|函数|元"
    ),
    "名": re.compile(r"义|单|称|誉|额|校(?!长)|优|录|列|企"),
    "人": re.compile(
        r"民|才(?!培|公|[，。、；])|均(?!为|在|已)|大|口|文|力|物|社|事|格|生|类|居|工|心|际|气|身|车|行|转|组"
    ),
    "家": re.compile(r"班子|庭|长|园|乡|国|风|教|属|访|具|电|政|常|家"),
    "部": re.compile(r"门|署|分|长|委|队|级|落|曲"),
    "本": re.compile(
        r"地|校|级|市|区|县|省|科|届|人|职|身|着|次|年|月|周|期|质|单位|土|领|院|线|上线|批"
    ),
    "条": re.compile(r"件|例|线|主线|龙|心|块|规"),
    "对": re.compile(r"一|于|照|接|标|策|象|待|外|口|应|比|话|党|手"),
    "门": re.compile(r"户|槛|口|诊|窗"),
    "场": re.compile(r"地|所|馆|景|合"),
    "组": re.compile(r"织|长|成|合|建|员|团"),
    "类": re.compile(r"型|似|别"),
    "节": re.compile(r"约|日|点|能|俭|假|目|奏|省|气|期|前|后"),
    "周": re.compile(r"年|岁|边|围|期|转|密|到|末|一|二|三|四|五|六|日|例"),
    "处": re.compile(r"级|理|室|长|于|置|分"),
    "起": re.compile(r"来|步|草|到|点|义|初"),
    "例": re.compile(r"如|行|会|外"),
    "台": re.compile(r"账|阶|风|湾"),
    "站": re.compile(r"式|位|稳|点|立|在|台"),
    "届": re.compile(r"[一二三四五六七八九十]|中央|全国|时|满|全会"),
    "批": re.compile(r"示|准|评|复|次|改|判|阅"),
    "讲": re.compile(r"话|座|授|好|政|师|稿|堂|台|坛|述|习|课|解|学"),
    "成": re.compile(r"果|立|员|绩|为|效|长|熟|功|就|本|品|年|人|才|都|型|因|分(?!之)|以(?!上|下)"),
    "首": re.compile(r"次|批|个|位|先|要|届|创|府|席"),
    "集": re.compile(r"中|体|团|合|聚|训|成|市|约"),
    "档": re.compile(r"案|次"),
    "片": re.compile(r"区|面|子|长"),
    "口": re.compile(r"."),
    "股": re.compile(r"."),
    "道": re.compile(r"."),
    "步": re.compile(r"."),
    "面": re.compile(r"."),
    "根": re.compile(r"."),
    "眼": re.compile(r"."),
    "头": re.compile(r"."),
    "单": re.compile(r"."),
    "幕": re.compile(r"."),
    "票": re.compile(r"据|价|房|否决"),
    "席": re.compile(r"位|谈"),
    "种": re.compile(r"植|子|类|养"),
    "支": re.compile(r"一扶|部|持|撑|出|队伍"),
    "轮": re.compile(r"训|岗|流|换|值|胎|胜"),
    "户": re.compile(r"籍|口|主|型|外"),
    "座": re.compile(r"谈|位|右"),
    "字": re.compile(r"方针|总要求|诀|口诀|经|箴言|要求"),
    "天": re.compile(r"半月|下|地|两头|然|气"),
    "元": re.compile(r"旦|素|宵|化|一次|帅"),
}
# The same after digits, where a word is rarer: 60周年, 5部门联合, 24小时值班.
_NOT_AFTER_DIGITS: dict[str, re.Pattern[str]] = {
    "所": re.compile(r"示(?!范)|列|述"),
    "家": re.compile(r"班子"),
    "部": re.compile(r"门|委"),
    "周": re.compile(r"年|岁|边"),
    "届": re.compile(r"[一二三四五六七八九十]|中央|全会"),
    "次": re.compile(r"全会|党代|代表大会|产业"),
    "字": re.compile(r"方针|总要求|诀|口诀"),
    "票": re.compile(r"否决"),
    "成": re.compile(r"立|为"),
    "小时": re.compile(r"滑动|平均|均值|值[班守]|服务|热线|不间断|在线|全天|开放|自助|营业|轮"),
    "期": re.compile(r"刊|间(?!\d)"),
    "讲": re.compile(r"话|座|政"),
    "对": re.compile(r"\d|一"),
    "级台阶": re.compile(r"$^"),
    "个": re.compile(r"月|百分|小时|工作日|星期"),
    "度": re.compile(r"."),
    "步": re.compile(r"走"),
    "口": re.compile(r"径"),
    "届毕业": re.compile(r"."),
}
# Round words that count after 近, 上, 超: 近百人, 上亿元.
ROUND: dict[str, tuple[int, str]] = {
    "百": (100, ""), "千": (1000, ""), "万": (1, "万"), "亿": (1, "亿"), "百万": (100, "万"),
    "千万": (1000, "万"), "百亿": (100, "亿"), "千亿": (1000, "亿"), "万亿": (1, "万亿"),
}  # fmt: skip
_VAGUELY = frozenset("上近超逾约过破达")
_NAME_AFTER = re.compile("|".join(sorted(lex.SET_NOUNS, key=len, reverse=True)))
_CONCRETE_AFTER = re.compile(lex.CONCRETE)
_CLAUSE_END = re.compile(r"[，。；、,;）)\s]|$")
_COUNTING = re.compile(rf"(?:{lex.COUNTING})(?:了|出|起|过)?$")
_COUNTING_ONE = re.compile(rf"(?:{lex.COUNTING_ONE})(?:了|出)?$")
_OFTEN = re.compile(r"(?:每[周月年季天日期班]|每学期|每半年|至少|不少于)[^，。；]{0,6}$")
_COUNTING_SETS = re.compile(rf"(?:{lex.COUNTING_SETS})(?:了)?$")


def is_name(text: str, start: int, written: str, measured: bool) -> bool:
    """A number inside a word (PM2.5, A3), an ordinal (第3, 表2), a title or a short quotation."""
    before = text[start - 1 : start]
    if (before.isascii() or before in _JOINING) and _WORD_BEFORE.search(
        text, max(0, start - 2), start
    ):
        # GDP28.34亿元 states a figure; PM2.5 and IPv6 do not.
        return not (measured and _ACRONYM_BEFORE.search(text, max(0, start - 3), start))
    if before == "每" and written[0].isdigit():
        return True
    return _in_title(text, start) or _in_short_quotes(text, start)


def is_ordinal(text: str, start: int) -> bool:
    """第3, 〔2023〕12."""
    return text[start - 1 : start] in _ENDING and bool(
        _ORDINAL_BEFORE.search(text, max(0, start - 8), start)
    )


def marks_a_line(text: str, start: int, written: str, end: int) -> bool:
    """1. , （2）, 3、 and 1.2 at the head of a line number what follows."""
    following = text[end : end + 1]
    if following not in _AFTER_MARK and "." not in written:
        return False
    if not _LINE_MARK.search(text, max(0, start - 6), start):
        return False
    if following in "、.．)）" or (following == " " and written.isdigit() and len(written) <= 2):
        return bool(following)
    return "." in written and len(written) <= 5 and following not in "%‰万亿元倍"


def counts(text: str, start: int, written: str, unit: str, end: int, *, more: bool) -> bool:
    """Whether ``written`` (at ``start``) with ``unit`` (up to ``end``) counts something here."""
    digits = written[0].isdigit()
    refused = (_NOT_AFTER_DIGITS if digits else _NOT_AFTER).get(unit)
    if refused is not None and refused.match(text, end):
        return False
    if unit == "年":
        return _is_length(text, start, written, end)
    if unit in lex.AGES and _is_band(text, start, end):
        return False
    if unit == "位" and text[max(0, start - 4) : start].endswith("小数点后"):
        return False
    if unit in _SPANS and _is_span(text, start, end):
        return False
    if digits:
        return not (
            unit in ("届", "期", "级") and len(written) == 4 and written[:2] in ("19", "20")
        )
    return _chinese_counts(text, start, written, unit, end, more=more)


_SPANS = frozenset(
    {"个月", "个多月", "个半月", "天", "周", "个星期", "小时", "个小时", "个学期", "学期"}
)


def _is_span(text: str, start: int, end: int) -> bool:
    """近两个月来, 三天后: when something happened, not how long it took."""
    return bool(_SPAN_AFTER.match(text, end)) and text[max(0, start - 2) : start] != "提前"


def _is_band(text: str, start: int, end: int) -> bool:
    """35岁以下 and 0—14岁 say whom a figure is about."""
    if "平均" in text[max(0, start - 10) : start]:
        return False
    if text[end : end + 1] == "的" and not text[start].isdigit():
        return True  # 七八十岁的老人
    return bool(_BAND_AFTER.match(text, end))


def _is_length(text: str, start: int, written: str, end: int) -> bool:
    """学制三年 and 15年教龄 are lengths; 2023年, 近五年 and 五年规划 are times."""
    plain = parse(written) if not written[0].isdigit() else None
    if len(written) == 4 and (
        (written.isdigit() and written[:2] in ("18", "19", "20", "21"))
        or (plain is not None and all(char not in "十百千万" for char in written))
    ):
        return False
    left = text[max(0, start - 8) : start]
    if _PERIOD_BEFORE.search(left) or _LENGTH_NEVER.match(text, end):
        return False
    return bool(_LENGTH_BEFORE.search(left) or _LENGTH_AFTER.match(text, end))


def _chinese_counts(
    text: str, start: int, written: str, unit: str, end: int, *, more: bool
) -> bool:
    """Chinese numerals make names and phrases more often than figures: ask for more."""
    before = text[max(0, start - 4) : start]
    if written[0] in "百千万亿":
        return more or (before[-1:] in _VAGUELY and written in ROUND)
    if unit == "番":
        return before.endswith(("翻", "翻了"))
    if written == "零" or _OPEN_QUOTE.search(before) or unit == "分":
        return False
    if before[-1:] in ("前", "每", "这", "那", "哪", "某") and not more:
        return False
    if written == "一" and text[max(0, start - 2) : start - 1] == "一":
        return False  # 一人一档
    if (
        written == "一"
        and unit in _SPANS
        and _LENGTH_BEFORE.search(text[max(0, start - 8) : start])
    ):
        return True
    if unit == "次" and _OFTEN.search(text, max(0, start - 10), start):
        return True  # 每周三次, 至少一次
    if written == "一" or written == "几":
        return _postposed(text, start, unit, end) or (
            written == "一"
            and unit in lex.ONE_UNITS
            and bool(_COUNTING_ONE.search(before))
            and not _CLAUSE_END.match(text, end)
        )
    if written == "二" and unit not in ("成", "倍"):
        return False  # counting says 两, and 二期 is the second
    if unit == "届":
        return bool(_COUNTING.search(before))
    if _NAME_AFTER.match(text, end):
        return bool(more or _COUNTING_SETS.search(before))
    if more or unit in lex.FIRM_UNITS:
        return True
    value = parse(written)
    if value is None or value > 10:
        return True
    return (
        bool(_COUNTING.search(before))
        or (unit in ("组", "批", "路", "队") and before.endswith(("分", "分成", "分为")))
        or (unit in ("个", "项") and bool(_CONCRETE_AFTER.match(text, end)))
        or text[end : end + 1].isdigit()
        or (unit == "次" and _postposed(text, start, "个", end))
        or _postposed(text, start, unit, end)
    )


def _postposed(text: str, start: int, unit: str, end: int) -> bool:
    """一等奖一项，: the number follows its noun and ends the clause."""
    before = text[max(0, start - 1) : start]
    is_noun = "\u4e00" <= before <= "\u9fff" and before not in (
        "第进统唯同某另每之任逐专归不合这那有是为在了开再又上下头计算作的番"
    )
    return is_noun and unit not in _TIMES and bool(_CLAUSE_END.match(text, end))


# 走一趟, 看一遍: how often in a manner of speaking.
_TIMES = frozenset("次 遍 趟 道 步 回 顿 餐 把 面 口 头".split())


def _in_title(text: str, start: int) -> bool:
    """Inside 《》: 《三年行动方案》."""
    floor = max(0, start - 40)
    opened = text.rfind("《", floor, start)
    return (
        opened >= 0
        and text.find("》", opened, start) < 0
        and text.find("》", start, start + 60) > 0
    )


def _in_short_quotes(text: str, start: int) -> bool:
    """Inside a short quotation, which is a name: “百千万工程”, “6+3”, “两个100%”."""
    floor = max(0, start - _QUOTED)
    opened = text.rfind("“", floor, start)
    if opened < 0 or text.find("”", opened, start) >= 0:
        return False
    # What is said before digits makes a statement of it: “优良率提升37%”.
    if text[start].isdigit() and start - opened > _QUOTED // 2:
        return False
    closed = text.find("”", start, opened + _QUOTED + 2)
    return closed > 0 and not any(mark in text[opened:closed] for mark in "，。；")
