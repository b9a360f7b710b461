"""The doctor on what the installation holds: backups, tasks, files, audit log, accounts."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.domain import audit as log
from sanneng.core.models import User
from sanneng.running.findings import Finding, fine, notice, problem
from sanneng.running.ledger import read_ledger, witnesses
from sanneng.running.stores import named_files, strays

LATE, TOO_LATE = dt.timedelta(days=2), dt.timedelta(days=8)
SLOW_TASK = dt.timedelta(minutes=30)
IDLE = dt.timedelta(days=90)
SAMPLE = 50


def backup() -> Finding:
    last = read_ledger().last("backup")
    advice = _("运行 sanneng backup，并启用定时备份（deploy/sanneng-backup.timer）。")
    if last is None:
        return problem(_("还没有备份过。"), advice)
    age = timezone.now() - dt.datetime.fromisoformat(last.at)
    text = _("最近一次备份在 {days} 天 {hours} 小时前。").format(
        days=age.days, hours=age.seconds // 3600
    )
    if age > TOO_LATE:
        return problem(text, advice)
    if age > LATE:
        return notice(text, advice)
    if not Path(last.file).exists():
        return notice(
            text + _("备份文件已不在 {file}。").format(file=last.file),
            _("移到别处保存的不必理会；否则请再备份一次。"),
        )
    return fine(text)


def oldest_task() -> tuple[int, dt.datetime | None]:
    """How many background tasks are unfinished, and since when the oldest has waited."""
    if not apps.is_installed("django_tasks_db"):
        return 0, None
    tasks: Any = apps.get_app_config("django_tasks_database").get_model("DBTaskResult")
    due = tasks.objects.ready() | tasks.objects.running()
    return due.count(), due.order_by("enqueued_at").values_list("enqueued_at", flat=True).first()


def queue() -> Finding:
    if not apps.is_installed("django_tasks_db"):
        return fine(_("没有启用后台任务。"))
    count, oldest = oldest_task()
    if oldest is not None and timezone.now() - oldest > SLOW_TASK:
        minutes = int((timezone.now() - oldest).total_seconds() // 60)
        return problem(
            _("{count} 个后台任务没有做完，最早的已等了 {minutes} 分钟。").format(
                count=count, minutes=minutes
            ),
            _("查看后台任务的进程是否在运行，以及它的日志。"),
        )
    return fine(_("后台任务没有积压。"))


def evidence(*, every: bool) -> Finding:
    files = list(named_files())
    missing = [path for _store, _digest, path in files if not path.exists()]
    if missing:
        return problem(
            _("{count} 个文件不见了，第一个是 {name}。").format(
                count=len(missing), name=missing[0].name
            ),
            _("从备份里找回：sanneng restore 到另一个目录，再把文件复制过来。"),
        )
    chosen = files if every else random.sample(files, min(SAMPLE, len(files)))
    changed = [path for _store, digest, path in chosen if _digest_of(path) != digest]
    if changed:
        return problem(
            _("{count} 个文件的内容变了，第一个是 {name}。").format(
                count=len(changed), name=changed[0].name
            ),
            _("可能是磁盘故障或有人改动。请从备份找回，并检查磁盘。"),
        )
    return fine(
        _("{count} 个文件都在，核对了其中 {checked} 个的内容。").format(
            count=len(files), checked=len(chosen)
        )
    )


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def leftovers() -> Finding:
    count = sum(1 for _path in strays())
    if count:
        return notice(
            _("有 {count} 个文件没有记录用到，只是占地方。").format(count=count),
            _("运行 sanneng doctor --tidy 清理。"),
        )
    return fine(_("没有多余的文件。"))


def audit() -> Finding:
    faults = log.verify(witnesses())
    if faults:
        return problem(
            _("审计日志被破坏：{fault}").format(fault=faults[0]),
            _("请保留现场，运行 sanneng audit verify 查看全部，用备份比对。"),
        )
    ledger = read_ledger()
    if ledger.unreadable:
        return notice(
            _("备份记录 backups.jsonl 有 {count} 行读不懂。").format(count=ledger.unreadable),
            _("请核对是否有人改动过这个文件。"),
        )
    return fine(_("审计日志完整，与留存的链头一致。"))


def accounts() -> Finding:
    since = timezone.now() - IDLE
    idle = User.objects.filter(is_active=True).filter(
        Q(last_login__lt=since) | Q(last_login=None, date_joined__lt=since)
    )
    names = list(idle.order_by("username").values_list("username", flat=True))
    if names:
        shown = "、".join(names[:5])
        return notice(
            _("{count} 个账号 90 天没有登录：{names}。").format(count=len(names), names=shown),
            _("请安全管理员核对，停用不再使用的账号。"),
        )
    return fine(_("没有长期不用的账号。"))
