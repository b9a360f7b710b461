"""Which passwords are refused, and when one has to be changed."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
)
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from pypinyin import Style, lazy_pinyin

from sanneng.core.models import School

# Words of our own field, that somebody who guesses tries first.
WORDS = (
    "三能", "党校", "干部", "行政学院", "sanneng", "dangxiao", "ganbu", "xingzhengxueyuan",
    "jiaowu", "xuexiao", "quwei", "shiwei", "admin", "password", "mima",
)  # fmt: skip
# What a password must still hold when those words are taken out of it.
LEFT_OVER = 8
RUNS = ("0123456789" * 2, "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
LIFETIME = dt.timedelta(days=90)
NOTICE = dt.timedelta(days=7)
AGEING = frozenset({"mlps"})


class LongEnough(MinimumLengthValidator):
    """Django's rule, in words that it has no translation for."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < self.min_length:
            raise ValidationError(
                _("密码至少要 {number} 个字符，可以用一句话。").format(number=self.min_length),
                code="password_too_short",
            )

    def get_help_text(self) -> str:
        return _("至少 {number} 个字符，可以用一句话。").format(number=self.min_length)


class CommonPassword(CommonPasswordValidator):
    """Refuses what is on Django's list of 20,000, also with digits or signs put after it, and
    what is one short piece or a row of the keyboard over and over."""

    def validate(self, password: str, user: Any = None) -> None:
        lowered = password.lower()
        core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", lowered)
        if (
            lowered in self.passwords
            or (len(core) > 3 and core in self.passwords and len(core) + 6 >= len(lowered))
            or len(set(lowered)) < 5
            or _without(lowered, _runs_in(lowered)) < min(LEFT_OVER, 4)
        ):
            raise ValidationError(
                _("这个密码太常见，容易被猜到，请换一个。"), code="password_too_common"
            )

    def get_help_text(self) -> str:
        return _("不能是常见的密码。")


class ContextWords:
    """Refuses a password that is little more than the system, the school or its place."""

    def validate(self, password: str, user: Any = None) -> None:
        lowered = password.lower()
        found = [word for word in context_words() if word in lowered]
        if found and _without(lowered, found) < LEFT_OVER:
            raise ValidationError(
                _("密码里主要是系统或学校的名称，容易被猜到，请换一个。"),
                code="password_context_word",
            )

    def get_help_text(self) -> str:
        return _("不能主要由系统、学校的名称组成。")


class CharacterKinds:
    """At least three of: capital letters, small letters, digits, other signs."""

    KINDS = (r"[A-Z]", r"[a-z]", r"\d", r"[^A-Za-z\d]")

    def validate(self, password: str, user: Any = None) -> None:
        if sum(bool(re.search(kind, password)) for kind in self.KINDS) < 3:
            raise ValidationError(
                _("密码要含大写字母、小写字母、数字、符号中的至少三种。"),
                code="password_too_simple",
            )

    def get_help_text(self) -> str:
        return _("含大写字母、小写字母、数字、符号中的至少三种。")


class NotTheCurrentOne:
    """A new password is another than the one before."""

    def validate(self, password: str, user: Any = None) -> None:
        if user is None or not user.pk or not user.has_usable_password():
            return
        if user.check_password(password):
            raise ValidationError(_("新密码不能与现在的密码相同。"), code="password_unchanged")

    def get_help_text(self) -> str:
        return _("不能与现在的密码相同。")


def context_words() -> set[str]:
    """The words of the field, and the names and codes of the schools, in pinyin too."""
    words = {word.lower() for word in WORDS}
    for name, code in School.objects.values_list("name", "code")[:500]:
        words.add(code.lower())
        for part in {name, re.sub(r"(省|市|区|县|委|党校|行政学院)+", "", name)}:
            if len(part) > 1:
                words.add(part)
                words.add("".join(lazy_pinyin(part)))
                words.add("".join(lazy_pinyin(part, style=Style.FIRST_LETTER)))
    return {word for word in words if len(word) > 2 or not word.isascii()}


def _without(password: str, words: list[str]) -> int:
    for word in sorted(words, key=len, reverse=True):
        password = password.replace(word, "")
    return len(password)


def _runs_in(password: str) -> list[str]:
    """Pieces of four and more that follow the alphabet, the digits or a row of keys."""
    found = []
    for run in RUNS:
        for line in (run, run[::-1]):
            for size in range(min(len(line), len(password)), 3, -1):
                found += [
                    line[at : at + size]
                    for at in range(len(line) - size + 1)
                    if line[at : at + size] in password
                ]
    return found


def expires_at(user: Any) -> dt.datetime | None:
    """When ``user`` must change the password; None where passwords do not age, or there is none."""
    if settings.PASSWORD_POLICY not in AGEING or not user.has_usable_password():
        return None
    since: dt.datetime = user.password_changed_at or user.date_joined
    return since + LIFETIME


def has_expired(user: Any) -> bool:
    end = expires_at(user)
    return end is not None and end <= timezone.now()


def days_left(user: Any) -> int | None:
    """The days that are left, once it is time to say so; None before."""
    end = expires_at(user)
    if end is None or end - timezone.now() > NOTICE:
        return None
    return max(0, (end - timezone.now()).days)
