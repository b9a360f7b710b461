from __future__ import annotations

from pathlib import Path

import click

from sanneng.cli._lookup import models_named, school_named
from sanneng.core.registry import all_types
from sanneng.core.spreadsheets.writing import write_records
from sanneng.indicators.export import export_parquet


@click.command()
@click.option("--school", "school_code", help="学校代码")
@click.option(
    "--parquet",
    type=click.Path(path_type=Path, file_okay=False),
    help="把所有学校的记录写成 Parquet 文件，供 DuckDB 等引擎读取",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("记录.xlsx"),
    show_default=True,
    help="写到哪里",
)
@click.argument("types", nargs=-1, metavar="[TYPE]...")
def command(
    school_code: str | None, parquet: Path | None, output: Path, types: tuple[str, ...]
) -> None:
    """把一所学校的记录写成工作簿，改后可以再导入。TYPE 是记录种类，如“教职工”；不写则全部。"""
    if parquet is not None:
        export_parquet(parquet)
        click.echo(f"已写到 {parquet}/")
        return
    if school_code is None:
        raise click.UsageError("请用 --school 指明学校代码。")
    school = school_named(school_code)
    models = models_named(types) or [record_type.model for record_type in all_types()]
    output.parent.mkdir(parents=True, exist_ok=True)
    found = [model.objects.filter(school=school) for model in models]
    count = write_records(output, found, school=school)
    click.echo(f"{count} 条记录已写到 {output}")
