"""Look the installation over and say in plain words what is well and what is to be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from django.db import DatabaseError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanneng.running import checks_of_content as content
from sanneng.running import checks_of_machine as machine
from sanneng.running.findings import Finding, State, problem


@dataclass(frozen=True)
class Check:
    """``code`` is for programs, ``title`` for people."""

    code: str
    title: str | Promise
    look: Callable[[], Finding]


def checks(*, every_file: bool) -> tuple[Check, ...]:
    return (
        Check("home", gettext_lazy("数据目录"), machine.home),
        Check("secret", gettext_lazy("签名密钥"), machine.secret),
        Check("space", gettext_lazy("磁盘空间"), machine.space),
        Check("database", gettext_lazy("数据库"), machine.database),
        Check("integrity", gettext_lazy("数据库完整"), machine.integrity),
        Check("boundary", gettext_lazy("学校边界"), machine.boundary),
        Check("backup", gettext_lazy("备份"), content.backup),
        Check("queue", gettext_lazy("后台任务"), content.queue),
        Check("mail", gettext_lazy("邮件"), machine.mail),
        Check("evidence", gettext_lazy("文件"), partial(content.evidence, every=every_file)),
        Check("leftovers", gettext_lazy("多余文件"), content.leftovers),
        Check("audit", gettext_lazy("审计日志"), content.audit),
        Check("clock", gettext_lazy("时钟"), machine.clock),
        Check("security", gettext_lazy("访问安全"), machine.security),
        Check("accounts", gettext_lazy("账号"), content.accounts),
    )


def examine(*, every_file: bool = False) -> Iterator[tuple[Check, Finding]]:
    """Each check and what it found; one that cannot be made is a problem, and the rest go on.

    ``every_file`` reads all files through instead of a sample.
    """
    for check in checks(every_file=every_file):
        try:
            yield check, check.look()
        except (DatabaseError, OSError) as error:
            reason = str(error).strip().partition("\n")[0]
            yield (
                check,
                problem(
                    _("查不了：{reason}").format(reason=reason),
                    _("先解决上面的问题；数据库连不上时，核对 SANNENG_DATABASE_URL。"),
                ),
            )


__all__ = ["Check", "Finding", "State", "examine"]
