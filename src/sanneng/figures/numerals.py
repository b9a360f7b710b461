"""Chinese numerals to numbers."""

from __future__ import annotations

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
CHARACTERS = "".join([*DIGITS, *_SMALL, *_LARGE])


def parse(text: str) -> int | None:
    """The number that ``text`` writes: 二十三 is 23, 三百二 is 320, 二〇二三 is 2023.

    None when the characters do not make one number (三四, 十十, empty).
    """
    if not text or any(char not in CHARACTERS for char in text):
        return None
    if len(text) > 1 and all(char in DIGITS for char in text):
        return int("".join(str(DIGITS[char]) for char in text)) if len(text) >= 4 else None
    total = section = digit = 0
    last_unit = 10**12
    seen_digit = False
    for char in text:
        if char in DIGITS:
            if seen_digit and digit and char not in "零〇":
                return None
            digit, seen_digit = DIGITS[char], True
            if char in "零〇":
                last_unit = 10
        elif char in _SMALL:
            unit = _SMALL[char]
            if not seen_digit or digit == 0:
                if unit != 10 or section:
                    return None
                digit = 1
            section += digit * unit
            digit, seen_digit, last_unit = 0, False, unit
        else:
            section += digit
            if section == 0 and total == 0:
                return None
            total = (total + section) * _LARGE[char]
            section, digit, seen_digit, last_unit = 0, 0, False, _LARGE[char]
    if seen_digit and digit and 100 <= last_unit < 10**12:
        digit *= last_unit // 10  # 三百二 is 320, 一万五 is 15,000
    return total + section + digit


def two_neighbours(text: str) -> tuple[int, int] | None:
    """An approximate pair such as 三四 (3 to 4), 七八十 (70 to 80) or 十七八 (17 to 18); None for
    anything else."""
    tens, _ten, last = text.rpartition("十")
    if _ten and len(last) == 2:
        base, pair = parse(tens + "十"), two_neighbours(last)
        return (base + pair[0], base + pair[1]) if base and pair else None
    if len(text) < 2 or text[0] not in DIGITS or text[1] not in DIGITS:
        return None
    low, high = DIGITS[text[0]], DIGITS[text[1]]
    if high - low != 1 or low == 0:
        return None
    rest = text[2:]
    if not rest:
        return low, high
    scale = parse("一" + rest)
    return (low * scale, high * scale) if scale else None
