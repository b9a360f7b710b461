from __future__ import annotations

import json
import sys

import click

from sanneng.running.doctor import State, examine
from sanneng.running.stores import tidy

SIGNS = {
    State.OK: ("ok", "green"),
    State.NOTICE: ("注意", "yellow"),
    State.PROBLEM: ("问题", "red"),
}


@click.command()
@click.option("--all", "every_file", is_flag=True, help="核对每个文件的内容，不只是抽查")
@click.option("--tidy", "tidies", is_flag=True, help="先清理没有记录用到的文件")
@click.option("--json", "as_json", is_flag=True, help="按 JSON 输出")
def command(every_file: bool, tidies: bool, as_json: bool) -> None:
    """体检：逐项检查系统，说明怎么办。有问题时退出码为 1。"""
    if tidies:
        click.echo(f"清理了 {tidy()} 个文件。", err=as_json)
    found = list(examine(every_file=every_file))
    if as_json:
        rows = [
            {"code": check.code, "title": str(check.title), "state": finding.state,
             "text": finding.text, "advice": finding.advice}
            for check, finding in found
        ]  # fmt: skip
        click.echo(json.dumps({"checks": rows}, ensure_ascii=False))
    else:
        for check, finding in found:
            sign, colour = SIGNS[finding.state]
            click.echo(f"{click.style(f'[{sign}]', fg=colour)} {check.title}：{finding.text}")
            if finding.advice:
                click.echo(f"      → {finding.advice}")
    problems = sum(finding.state == State.PROBLEM for _check, finding in found)
    if problems:
        click.echo(f"有 {problems} 个问题要处理。", err=True)
        sys.exit(1)
