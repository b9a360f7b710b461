"""The doctor on what the program runs on: folder, key, space, database, clock, mail, settings."""

from __future__ import annotations

import datetime as dt
import shutil
import socket
import stat
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.models import AuditEntry
from sanneng.core.row_security import role_above_policies
from sanneng.running.findings import Finding, fine, notice, problem
from sanneng.running.ledger import read_ledger

GIGABYTE = 1 << 30
OLDEST_POSTGRESQL = 14
TOLERANCE = dt.timedelta(minutes=1)
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


def home() -> Finding:
    folder = Path(settings.HOME)
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o077:
        found = problem if mode & 0o002 else notice
        return found(
            _("数据目录 {folder} 别的用户也能进入（权限 {mode:o}）。").format(
                folder=folder, mode=mode
            ),
            _("运行 chmod 700 {folder}").format(folder=folder),
        )
    return fine(_("数据目录 {folder} 只有运行本程序的用户能进入。").format(folder=folder))


def secret() -> Finding:
    file = Path(settings.HOME) / "secret_key"
    if not file.exists():
        return fine(_("签名密钥来自环境变量。"))
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        return problem(
            _("签名密钥文件别的用户也能读（权限 {mode:o}）。").format(mode=mode),
            _("运行 chmod 600 {file}，再换一把新密钥：删去它后重新启动。").format(file=file),
        )
    return fine(_("签名密钥文件只有运行本程序的用户能读。"))


def space() -> Finding:
    free = shutil.disk_usage(settings.HOME).free
    last = read_ledger().last("backup")
    wanted = max(5 * GIGABYTE, 3 * last.size if last else 0)
    text = _("数据目录所在的磁盘还剩 {free:.1f} GB。").format(free=free / GIGABYTE)
    advice = _("清理磁盘，或把旧备份移到别处（sanneng backup --keep 7 只留最近 7 份）。")
    if free < GIGABYTE:
        return problem(text, advice)
    return notice(text, advice) if free < wanted else fine(text)


def database() -> Finding:
    connection.ensure_connection()
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return problem(
            _("数据库结构还差 {count} 步升级。").format(count=len(waiting)),
            _("先备份，再运行 sanneng manage migrate。"),
        )
    return fine(_("数据库（{vendor}）能连上，结构是最新的。").format(vendor=connection.vendor))


def integrity() -> Finding:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA integrity_check(5)")
            faults = [text for (text,) in cursor.fetchall() if text != "ok"]
            cursor.execute("PRAGMA foreign_key_check")
            faults += [str(row) for row in cursor.fetchmany(5)]
            if faults:
                return problem(
                    _("数据库文件有损坏：{fault}").format(fault=faults[0]),
                    _("停止服务，把数据目录整个复制保存，再从最近的备份恢复。"),
                )
            return fine(_("数据库文件完整。"))
        cursor.execute("SHOW server_version")
        version = str(cursor.fetchone()[0])
    if int(version.split(".")[0]) < OLDEST_POSTGRESQL:
        return problem(
            _("PostgreSQL {version} 太旧。").format(version=version),
            _("请升级到 {oldest} 或更新的版本。").format(oldest=OLDEST_POSTGRESQL),
        )
    return fine(_("PostgreSQL {version}。").format(version=version))


def boundary() -> Finding:
    role = role_above_policies(connection)
    if role is not None:
        return problem(
            _("数据库用户 {role} 不受学校边界约束，程序一旦出错，别校的数据也能看到。").format(
                role=role
            ),
            _(
                "由数据库管理员运行 ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS；它是建库时的"
                "管理员的，另建一个只拥有本库的用户来连接。"
            ).format(role=role),
        )
    if connection.vendor == "sqlite":
        return fine(_("SQLite 由程序自己管学校边界，多校请用 PostgreSQL。"))
    return fine(_("数据库用户受学校边界约束。"))


def clock() -> Finding:
    now = timezone.now()
    latest = AuditEntry.objects.order_by("-at").values_list("at", flat=True).first()
    advice = _("请打开系统的网络校时（timedatectl set-ntp true），核对时区和日期。")
    if latest is not None and latest > now + TOLERANCE:
        return problem(
            _("时钟比最后一条日志（{at:%Y-%m-%d %H:%M}）还早，可能被拨回过。").format(
                at=timezone.localtime(latest)
            ),
            advice,
        )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            apart = abs(cursor.fetchone()[0] - timezone.now())
        if apart > TOLERANCE:
            seconds = int(apart.total_seconds())
            return problem(_("与数据库的时钟相差 {seconds} 秒。").format(seconds=seconds), advice)
    return fine(_("时钟是 {now:%Y-%m-%d %H:%M:%S}。").format(now=timezone.localtime(now)))


def mail() -> Finding:
    backend = settings.EMAIL_BACKEND.rsplit(".", 2)[-2]
    if backend != "smtp":
        return notice(
            _("邮件不会发出（{backend}）。").format(backend=backend),
            _("需要邮件提醒时，请设置邮件服务器。"),
        )
    server = (settings.EMAIL_HOST, settings.EMAIL_PORT)
    try:
        socket.create_connection(server, timeout=3).close()
    except OSError:
        return notice(
            _("连不上邮件服务器 {host}:{port}。").format(host=server[0], port=server[1]),
            _("不用邮件提醒时不必理会；要用时，请核对邮件服务器的设置和网络。"),
        )
    return fine(_("邮件服务器 {host}:{port} 能连上。").format(host=server[0], port=server[1]))


def security() -> Finding:
    hosts = set(settings.ALLOWED_HOSTS)
    if settings.DEBUG:
        return problem(
            _("开发模式开着，出错页面会露出内部信息。"), _("去掉 SANNENG_DEBUG 后重新启动。")
        )
    if "*" in hosts:
        return problem(_("任何域名都能访问。"), _("在 SANNENG_HOSTS 里写明域名。"))
    if not settings.HTTPS and hosts - LOOPBACK:
        return problem(
            _("没有用 HTTPS，密码会在网上明文传送。"),
            _("配好证书，去掉 SANNENG_HTTPS=0（见 docs/operating.md）。"),
        )
    if not settings.HTTPS:
        return notice(_("没有用 HTTPS，只适合在本机使用。"), _("给别人用之前请配好证书。"))
    return fine(_("只能用 HTTPS 访问：{hosts}。").format(hosts="、".join(sorted(hosts))))
