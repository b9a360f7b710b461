from __future__ import annotations

import datetime as dt
import os
import secrets
import string
from pathlib import Path

import click
from django.conf import settings
from django.core.management import call_command
from rich.console import Console
from rich.table import Table

from sanneng.core.clock import today
from sanneng.core.enums import Role
from sanneng.core.errors import SannengError
from sanneng.core.models import Membership, School, User
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.evaluate import evaluate
from sanneng.people.models import Staff
from sanneng.reports.checking import Verdict, check_document
from sanneng.reports.checking.output import write_checked
from sanneng.reports.pdf import to_pdf
from sanneng.reports.rendering import DEFAULT_TEMPLATE, render_report
from sanneng.sample.build import CODE, sample_school, write_sample
from sanneng.sample.rows import AS_OF
from sanneng.teaching.models import Trainee

OUT = Path("out")
# User name, name, role; a supervisor belongs to the school above.
ACCOUNTS = (
    ("office", "教务员", Role.OFFICE),
    ("leader", "校领导", Role.LEADER),
    ("teacher", "", Role.TEACHER),
    ("trainee", "", Role.TRAINEE),
    ("city", "市委党校", Role.SUPERVISOR),
    ("members", "安全管理员", Role.SECURITY),
    ("admin", "系统管理员", Role.ADMINISTRATOR),
    ("audit", "审计员", Role.AUDITOR),
)
PEOPLE: dict[Role, type[Staff] | type[Trainee]] = {Role.TEACHER: Staff, Role.TRAINEE: Trainee}


@click.command()
@click.option("--serve", is_flag=True, help="最后启动网站")
def command(serve: bool) -> None:
    """装好示例学校，生成报告和核对结果，打印主要数字。再次运行时保留数据。"""
    console = Console()
    call_command("migrate", verbosity=0)
    school = _school_with_records(console)
    passwords = _accounts(school)
    _documents(school, console)
    _figures(school, console)
    console.print(f"\n登录：http://127.0.0.1:8000/?as_of={AS_OF}", markup=False)
    for name, password in passwords.items():
        role = next(str(role.label) for one, _label, role in ACCOUNTS if one == name)
        console.print(f"  用户名 {name:<8}　密码 {password}　{role}", markup=False)
    if serve:
        console.print("网站已启动，按 Ctrl+C 停止。", markup=False)
        from sanneng.cli.serve import command as serve_command  # granian, only where it serves

        serve_command(args=[], standalone_mode=False)


def _school_with_records(console: Console) -> School:
    """The sample school; its workbook is written and taken in at the first run only."""
    known = School.objects.filter(code=CODE).first()
    if known is not None:
        return known
    workbook = OUT / "示例学校.xlsx"
    write_sample(workbook)
    school = sample_school()
    report = import_workbook(workbook, school=school, by=None)
    if not report.is_clean:
        raise SannengError(f"示例工作簿有 {report.error_count} 处错误：{report.errors[0]}")
    console.print(f"已导入 {workbook}：{report.new} 条记录", markup=False)
    return school


def _accounts(school: School) -> dict[str, str]:
    """Accounts of the demo with random passwords, kept in a file that only its owner reads."""
    kept = Path(settings.HOME) / "demo_passwords"
    if kept.exists():
        return dict(line.split(" ", 1) for line in kept.read_text().splitlines())
    letters = string.ascii_letters + string.digits
    passwords = {}
    for name, label, role in ACCOUNTS:
        passwords[name] = "".join(secrets.choice(letters) for _turn in range(14))
        person = _person(school, role)
        user, _made = User.objects.get_or_create(
            username=name, defaults={"display_name": label or str(person)}
        )
        user.set_password(passwords[name])
        user.save()
        place = school.parent if role is Role.SUPERVISOR else school
        Membership.objects.get_or_create(
            user=user, school=place, role=role, defaults={"valid_from": min(today(), AS_OF)}
        )
        if person is not None:
            type(person).objects.filter(pk=person.pk).update(user=user)
    descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name} {password}\n" for name, password in passwords.items())
    return passwords


def _person(school: School, role: Role) -> Staff | Trainee | None:
    """Who in the sample the account of ``role`` belongs to, where a role means a person."""
    kind = PEOPLE.get(role)
    return kind.objects.filter(school=school).order_by("-key").first() if kind else None


def _documents(school: School, console: Console) -> None:
    """The report, and the check of it, in ``out/``."""
    OUT.mkdir(exist_ok=True)
    report = OUT / "report.docx"
    report.write_bytes(render_report(DEFAULT_TEMPLATE, school=school, as_of=AS_OF).content)
    written = [report]
    pdf = to_pdf(report)
    if pdf is None:
        console.print("没有装 LibreOffice，未写 PDF。", markup=False)
    else:
        written.append(pdf)
    result = check_document(report, school=school, as_of=AS_OF)
    for target in (OUT / "check.html", OUT / "check.docx"):
        write_checked(result, target)
        written.append(target)
    console.print("已写出：" + "　".join(str(path) for path in written), markup=False)
    counts = "　".join(f"{Verdict(v).label} {n}" for v, n in result.counts.items())
    console.print(f"报告核对：{counts}", markup=False)


def _figures(school: School, console: Console) -> None:
    figures = evaluate(school=school, as_of=AS_OF)
    day: dt.date = AS_OF
    table = Table(title=f"{school.name}　截至 {day}", box=None, pad_edge=False)
    for _column in range(2):
        table.add_column("指标")
        table.add_column("数值", justify="right")
    cells = [(e.name, figures[e.id].display()) for e in load_catalogue().figures]
    half = (len(cells) + 1) // 2
    for index in range(half):
        right = cells[index + half] if index + half < len(cells) else ("", "")
        table.add_row(*cells[index], *right)
    console.print(table, markup=False)
