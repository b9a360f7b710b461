from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path

import click
from click.core import ParameterSource
from rich.console import Console
from rich.table import Table

from sanneng.cli._options import as_of_option, school_option
from sanneng.core.models import School
from sanneng.reports.checking import CheckResult, Verdict, check_document
from sanneng.reports.checking.output import write_checked
from sanneng.reports.reading import day_of_report

_COLOURS = {"agrees": "green", "disagrees": "bold red", "ambiguous": "yellow", "unknown": "dim"}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@school_option
@as_of_option
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="写出标好颜色的 .docx 或 .html"
)
@click.pass_context
def command(
    ctx: click.Context, file: Path, school: School, as_of: dt.date, as_json: bool,
    output: Path | None,
) -> None:  # fmt: skip
    """核对 FILE（.docx 或文本）里的每个数字。没有不符和矛盾时退出码为 0，有为 1，输入有误为 2。

    不给 --as-of 时按今天；核对本系统生成的报告时按报告的截止日期。
    """
    if ctx.get_parameter_source("as_of") is ParameterSource.DEFAULT:
        as_of = day_of_report(file) or as_of
    result = check_document(file, school=school, as_of=as_of)
    if output:
        write_checked(result, output)
    if as_json:
        click.echo(json.dumps(result.as_json(), ensure_ascii=False, indent=1))
    else:
        _table(result)
    sys.exit(1 if result.counts[Verdict.DISAGREES] or result.contradictions else 0)


def _table(result: CheckResult) -> None:
    console = Console()
    table = Table(box=None, pad_edge=False)
    for heading in ("结论", "文中", "说的是", "指标", "记录算得", "记录数"):
        table.add_column(heading, overflow="fold")
    for claim in result.claims:
        label = str(claim.verdict.label)
        name = claim.entry.label() if claim.entry else ""
        style = _COLOURS[claim.verdict.value]
        table.add_row(label, claim.claim.text[:24], claim.claim.subject[:30], name,
                      claim.found or "", str(claim.records or ""), style=style)  # fmt: skip
    console.print(table, markup=False)
    for message in result.contradiction_texts():
        console.print(f"前后矛盾：{message}", style="red", markup=False)
    counts = result.counts
    console.print("　".join(f"{Verdict(v).label} {n}" for v, n in counts.items()), markup=False)
