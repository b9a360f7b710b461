from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from sanneng.cli._options import as_of_option, school_option
from sanneng.core.models import School
from sanneng.reports.pdf import to_pdf
from sanneng.reports.rendering import DEFAULT_TEMPLATE, render_report


@click.command()
@click.argument("template", type=click.Path(path_type=Path), required=False)
@school_option
@as_of_option
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("out/report.docx"),
              show_default=True, help="写到哪里")  # fmt: skip
@click.option("--pdf/--no-pdf", default=True, help="有 LibreOffice 时同时写 PDF")
def command(template: Path | None, school: School, as_of: dt.date, output: Path, pdf: bool) -> None:
    """按模板生成报告，每个数字都能追溯到记录。TEMPLATE 不给时用自带的工作报告模板。"""
    rendered = render_report(template or DEFAULT_TEMPLATE, school=school, as_of=as_of)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(rendered.content)
    click.echo(f"已写出 {output}（{len(rendered.figures)} 个数字）")
    if pdf:
        made = to_pdf(output)
        click.echo(f"已写出 {made}" if made else "没有装 LibreOffice，未写 PDF。")
