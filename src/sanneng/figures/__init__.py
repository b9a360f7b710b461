"""Chinese text to figure claims: what is said, how many of what, since when, and of what part.

A library without Django. ``extract`` finds the numbers that count something, ``statements``
the coverages and trends said in words, ``claims`` both; ``holds`` is the one rule for 余, 以上
and 近; ``contradictions`` reads a document against itself.
"""

from sanneng.figures.claims import Claim, Number, Period, Value, to_json
from sanneng.figures.consistency import Contradiction, contradictions
from sanneng.figures.extraction import extract, merge
from sanneng.figures.qualifiers import holds
from sanneng.figures.statements import statements

__all__ = [
    "Claim",
    "Contradiction",
    "Number",
    "Period",
    "Value",
    "claims",
    "contradictions",
    "extract",
    "holds",
    "statements",
    "to_json",
]


def claims(text: str) -> list[Claim]:
    """All claims of ``text`` in order, numeric ones and those in words."""
    return merge(extract(text), statements(text))
