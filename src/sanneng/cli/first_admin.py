from __future__ import annotations

import datetime as dt

import click
from django.conf import settings
from django.urls import reverse

from sanneng.cli._lookup import school_named
from sanneng.core.domain.invitations import invite_first_security
from sanneng.core.domain.schools import create_school
from sanneng.core.enums import SchoolLevel
from sanneng.core.models import School

LASTS = dt.timedelta(hours=24)


@click.command()
@click.option("--school", "code", required=True, help="学校代码")
@click.option("--name", default="", help="安全管理员的姓名")
@click.option("--create", "school_name", help="学校还没有时：按这个名称建立")
@click.option(
    "--level",
    type=click.Choice(SchoolLevel.values),
    default=SchoolLevel.DISTRICT.value,
    show_default=True,
    help="新建学校的层级",
)
@click.option("--parent", help="新建学校的上级学校代码")
def command(code: str, name: str, school_name: str | None, level: str, parent: str | None) -> None:
    """为学校产生第一位安全管理员的一次性链接，24 小时内有效。"""
    if school_name and not School.objects.filter(code=code).exists():
        above = school_named(parent) if parent else None
        create_school(code=code, name=school_name, level=level, parent=above)
    school = school_named(code)
    made = invite_first_security(school=school, name=name.strip(), lasts=LASTS)
    click.echo(f"{school.name}：请在 24 小时内打开，只能用一次：")
    click.echo(settings.SITE_URL + reverse("join", args=(made.token,)))
