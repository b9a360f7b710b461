from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from sanneng.cli._lookup import school_named, user_named
from sanneng.cli._progress import Bar
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.core.spreadsheets.marking import mark_errors
from sanneng.core.spreadsheets.report import ImportReport, RowError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--school", "school_code", required=True, help="学校代码")
@click.option("--dry-run", is_flag=True, help="试导入：全部检查一遍，不写入")
@click.option(
    "--evidence",
    "evidence_dir",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="佐证文件所在的文件夹，默认是工作簿旁的“文件名_佐证”",
)
@click.option("--by", "username", help="以谁的名义导入（用户名）")
@click.option("--errors", "shown", default=50, show_default=True, help="最多列出多少处错误")
@click.option(
    "--mark",
    "marked",
    type=click.Path(path_type=Path, dir_okay=False),
    help="有错误时，把工作簿的副本写到这里，错处标色并加批注",
)
def command(
    file: Path,
    school_code: str,
    dry_run: bool,
    evidence_dir: Path | None,
    username: str | None,
    shown: int,
    marked: Path | None,
) -> None:
    """导入工作簿 FILE：一张工作表一种记录，整个文件要么全进，要么不进。"""
    school, by = school_named(school_code), user_named(username)
    with Bar() as bar:
        report = import_workbook(
            file,
            school=school,
            by=by,
            evidence_dir=evidence_dir,
            dry_run=dry_run,
            progress=bar.show,
        )
    if not report.is_clean:
        _show_errors(report, shown)
        if marked is not None:
            mark_errors(file, marked, report)
            click.echo(f"标出错处的副本已写到 {marked}", err=True)
        sys.exit(2)
    _show_doubts(report, shown)
    _show_counts(report)


def _show_doubts(report: ImportReport, shown: int) -> None:
    """What looks odd but was taken in; the batch can be undone."""
    if report.doubts:
        console = Console(stderr=True)
        console.print(_table(report.doubts[:shown]), markup=False)
        console.print(f"以上 {report.doubt_count} 处请核对；若有误，可撤销这一批。", style="yellow")


def _table(rows: list[RowError]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("工作表", "行", "列", "问题", "怎么办"):
        table.add_column(heading, overflow="fold")
    for one in rows:
        row = str(one.row) if one.row else ""
        table.add_row(one.sheet, row, one.column, one.problem, one.advice)
    return table


def _show_errors(report: ImportReport, shown: int) -> None:
    console = Console(stderr=True)
    console.print(_table(report.errors[:shown]), markup=False)
    rest = report.error_count - min(shown, len(report.errors))
    if rest > 0:
        console.print(f"……还有 {rest} 处错误。", markup=False)
    console.print(
        f"共 {report.error_count} 处错误，什么都没有写入。请改正后重新导入。", style="bold red"
    )


def _show_counts(report: ImportReport) -> None:
    console = Console()
    table = Table(box=None, pad_edge=False)
    table.add_column("工作表")
    for heading in ("新增", "更新", "未变", "申请更正"):
        table.add_column(heading, justify="right")
    for title, counts in report.counts.items():
        numbers = (counts.new, counts.changed, counts.unchanged, counts.proposed)
        table.add_row(title, *map(str, numbers))
    whole = (report.new, report.changed, report.unchanged, report.proposed)
    table.add_row("合计", *map(str, whole), style="bold")
    console.print(table, markup=False)
    if report.dry_run:
        console.print("试导入完成，没有发现错误，什么都没有写入。")
    elif report.batch is None:
        console.print("记录与文件一致，什么都不用改。")
    else:
        if report.proposed:
            console.print("已通过的记录没有直接改：申请的更正要由其他人同意。")
        console.print(f"导入完成，批次号 {report.batch.pk}。撤销：sanneng undo {report.batch.pk}")
