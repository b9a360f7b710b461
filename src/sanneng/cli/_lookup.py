"""What people name on the command line, found, or refused with what there is to choose from."""

from __future__ import annotations

from collections.abc import Iterable

import click

from sanneng.core.models import Record, School, User
from sanneng.core.registry import all_types


def school_named(code: str) -> School:
    """The school with ``code``; a usage error lists the codes there are."""
    try:
        return School.objects.get(code=code)
    except School.DoesNotExist:
        codes = list(School.objects.values_list("code", flat=True)[:20])
        there = f"现有：{'、'.join(codes)}。" if codes else "还没有建立学校。"
        raise click.BadParameter(f"没有代码为“{code}”的学校。{there}") from None


def user_named(username: str | None) -> User | None:
    """The account called ``username``; None when no name is given."""
    if username is None:
        return None
    try:
        return User.objects.get(username=username)
    except User.DoesNotExist:
        raise click.BadParameter(f"没有用户名为“{username}”的账号。") from None


def models_named(names: Iterable[str]) -> list[type[Record]]:
    """Record types by their Chinese name or their code, such as 教职工 or people.staff."""
    known = {}
    for record_type in all_types():
        known[record_type.label] = known[record_type.code] = record_type.model
    models = []
    for name in names:
        if name not in known:
            labels = "、".join(record_type.label for record_type in all_types())
            raise click.BadParameter(f"没有“{name}”这种记录。可用：{labels}。")
        models.append(known[name])
    return models
