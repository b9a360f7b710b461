from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from sanneng.core.domain.audit import heads, verify
from sanneng.core.errors import SannengError
from sanneng.core.models import AuditEntry
from sanneng.running.ledger import read_ledger, witnesses

# How a list of heads names the chain of the installation, which belongs to no school.
INSTALLATION = "*"


@click.group()
def command() -> None:
    """审计日志：核对是否完整，打印链头。"""


@command.command("verify")
@click.option("--heads", "heads_file", type=click.Path(path_type=Path, dir_okay=False),
              help="另处留存的链头（sanneng audit heads 打印的内容）")  # fmt: skip
def verify_command(heads_file: Path | None) -> None:
    """逐条核对每条链，并与报告、备份和 --heads 文件里留存的链头比对。"""
    known = [*witnesses(), *(_read_heads(heads_file) if heads_file else ())]
    faults = verify(known)
    for fault in faults:
        click.echo(f"✗ {fault}", err=True)
    restored = read_ledger().last("restore")
    if restored is not None:
        click.echo(f"提示：{restored.at} 从备份恢复过（{Path(restored.file).name}）。")
    if faults:
        click.echo(
            f"有 {len(faults)} 条链被破坏。请保留现场，不要再写入，用备份比对是谁、何时改的。",
            err=True,
        )
        sys.exit(1)
    click.echo(
        f"审计日志完整：{len(heads())} 条链，{AuditEntry.objects.count()} 条记录，"
        f"与 {len(known)} 个留存的链头一致。"
    )


@command.command("heads")
def heads_command() -> None:
    """打印每条链的链头：学校代码、序号、摘要。请抄到系统之外保存。"""
    for chain, number, digest in heads():
        click.echo(f"{chain or INSTALLATION}\t{number}\t{digest}")


def _read_heads(path: Path) -> Iterator[tuple[str, int, str]]:
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), start=1):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != 3 or not parts[1].isdecimal():
            raise SannengError(f"“{path.name}”第 {number} 行不是链头，应为：学校代码 序号 摘要。")
        yield "" if parts[0] == INSTALLATION else parts[0], int(parts[1]), parts[2]
