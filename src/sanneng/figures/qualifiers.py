"""When a qualified figure is true: the one rule for 余, 以上, 近 and the rest."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from sanneng.figures.claims import Number, Value

_TOLERANCE = Fraction(5, 100)


def holds(qualifier: str, stated: Value, found: Number | Fraction | Decimal) -> bool:
    """Whether ``found`` is what ``stated`` with ``qualifier`` says.

    exact: equal once ``found`` is rounded half up to the decimals that are stated.
    over (余, 多): above the number and below its next round step: 300余 holds for 301 to 399.
    above (超过): more than the number. atleast (以上): the number or more. under (近, 不到): below
    it, within one step. atmost (以内, 不超过): the number or less.
    approx (约, 左右): within five per cent. A range holds for what lies in it.
    """
    exact = Fraction(found)
    if stated is None:
        return False
    if isinstance(stated, tuple):
        return Fraction(str(stated[0])) <= exact <= Fraction(str(stated[1]))
    said = Fraction(str(stated))
    if qualifier == "over":
        return said < exact < said + round_step(stated)
    if qualifier == "above":
        return exact > said
    if qualifier == "atleast":
        return exact >= said
    if qualifier == "atmost":
        return exact <= said
    if qualifier == "under":
        return said - round_step(stated) < exact < said
    if qualifier == "approx":
        return abs(exact - said) <= abs(said) * _TOLERANCE
    return rounded(exact, decimals(stated)) == said


def round_step(stated: Number) -> Fraction:
    """The next round step above a number: 10 for 30, 100 for 300, 1,000 for 1000; 1 for 37."""
    if isinstance(stated, float) and not stated.is_integer():
        return Fraction(1, 10 ** decimals(stated))
    rest, step = abs(int(stated)), 1
    while rest and rest % 10 == 0:
        rest, step = rest // 10, step * 10
    return Fraction(step)


def decimals(stated: Number) -> int:
    """How many decimals are written."""
    text = str(stated)
    return len(text.partition(".")[2]) if isinstance(stated, float) and text[-2:] != ".0" else 0


def rounded(exact: Fraction, places: int) -> Fraction:
    """``exact`` rounded half away from zero, without passing through binary floats."""
    scaled = abs(exact) * 10**places
    whole = int((Decimal(scaled.numerator) / scaled.denominator).quantize(0, ROUND_HALF_UP))
    return Fraction(-whole if exact < 0 else whole, 10**places)
