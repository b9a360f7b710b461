"""Options that several commands share: which school, as of which day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import click

from sanneng.cli._lookup import school_named
from sanneng.core.clock import day_of, today
from sanneng.core.models import School


def school_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--school``; may be left out where the installation has one district school."""
    return click.option("--school", "school", callback=_school, help="学校代码")(function)


def as_of_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--as-of``; today when left out."""
    return click.option("--as-of", "as_of", callback=_day, help="截止日期，如 2023-06-30")(function)


def _school(ctx: click.Context, param: click.Parameter, value: str | None) -> School:
    if value is not None:
        return school_named(value)
    schools = list(School.objects.filter(children__isnull=True)[:2])
    if len(schools) != 1:
        raise click.BadParameter("请用 --school 指明学校代码。")
    return schools[0]


def _day(ctx: click.Context, param: click.Parameter, value: str | None) -> dt.date:
    if value is None:
        return today()
    try:
        return day_of(value)
    except ValueError:
        raise click.BadParameter(f"“{value}”不是日期，请写成 2023-06-30 的样子。") from None
