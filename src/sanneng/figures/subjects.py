"""What a figure counts: its clause without the figure, and what it inherits from its sentence."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

_CLAUSE_LEFT = "，。；：！？、,;\n\r\t|（("
_SENTENCE_END = re.compile(r"[。！？!?\n]")
_REACH = 400
_TRIM = re.compile(r"^[\s，。；：、,;“”\"'（）()的了和与及等]+|[\s，。；：、,;“”\"'（）()和与及]+$")
_LEADING = re.compile(
    r"^(?:其中|同时|此外|另外|先后|已|并|共计?|累计|分别|全年|今年|目前|截至目前|自?(?:19|20)\d{2}年(?:以来|起|度)?)[,，]?"
)
_VERB_ONLY = re.compile(
    r"^(?:完成|举办|开展|发表|召开|实施|立项|有|共|达|为|获|获得|等|获评|其中)?$"
)


class Place(NamedTuple):
    """Where a figure stands: its sentence, and the words of its clause around it."""

    sentence_start: int
    sentence_end: int
    left: str
    right: str


def sentences(text: str) -> list[int]:
    """Where the sentences of ``text`` end: the positions of the marks that end them."""
    return [match.start() for match in _SENTENCE_END.finditer(text)]


def place(
    text: str, start: int, end: int, previous_end: int, next_start: int, ends: list[int]
) -> Place:
    """The words around a figure, no further than the figures beside it and its sentence
    (``ends`` as ``sentences`` gives them)."""
    after = bisect_left(ends, end)
    before = bisect_left(ends, start) - 1
    sentence_start = max(ends[before] + 1 if before >= 0 else 0, start - _REACH)
    sentence_end = min(ends[after] if after < len(ends) else len(text), end + _REACH)
    left = text[max(sentence_start, previous_end, start - 60) : start]
    right = text[end : min(sentence_end, next_start, end + 40)]
    return Place(sentence_start, sentence_end, left, right)


def clause(left: str) -> str:
    """The part of ``left`` after its last mark of punctuation, if that says anything."""
    for index in range(len(left) - 1, -1, -1):
        if left[index] in _CLAUSE_LEFT:
            own = left[index + 1 :]
            if _VERB_ONLY.match(own.strip()) and index > 0 and left[index] in "，、":
                return clause(left[:index]) + own
            return own
    return left


def tail(right: str) -> str:
    """What follows the figure up to the end of its clause."""
    for index, char in enumerate(right):
        if char in "，,。；：！？;\n\r\t|、（(":
            return right[:index]
    return right


def subject(left: str, right: str, inherited: str) -> str:
    """The thing counted: own clause and what follows; when that is bare, what came before."""
    own = clean(clause(left))
    after = clean(tail(right))
    said = own + after if after and not own.endswith(after) else own
    if _VERB_ONLY.match(own):
        said = inherited + own + after if inherited else said
    return said or inherited


def clean(words: str) -> str:
    """``words`` without leading connectives and punctuation at either end."""
    before = None
    while before != words:
        before = words
        words = _LEADING.sub("", _TRIM.sub("", words))
    return words
