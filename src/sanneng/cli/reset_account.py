from __future__ import annotations

import click
from django.conf import settings
from django.urls import reverse

from sanneng.cli._lookup import user_named
from sanneng.core.domain.accounts import make_reset_link


@click.command()
@click.argument("username")
@click.option("--second-factor", is_flag=True, help="同时取消两步验证（手机和恢复码都丢了时）")
def command(username: str, second_factor: bool) -> None:
    """为账号产生重设密码的一次性链接，七天内有效；安全管理员自己进不来时用。"""
    user = user_named(username)
    assert user is not None
    token = make_reset_link(user=user, school=None, by=None, clears_second_factor=second_factor)
    click.echo(settings.SITE_URL + reverse("reset", args=(token,)))
