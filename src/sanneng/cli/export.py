from __future__ import annotations

from pathlib import Path

import click

from sanneng.cli._lookup import models_named, school_named
from sanneng.core.registry import all_types
from sanneng.core.spreadsheets.writing import write_records


@click.command()
@click.option("--school", "school_code", required=True, help="学校代码")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("记录.xlsx"),
    show_default=True,
    help="写到哪里",
)
@click.argument("types", nargs=-1, metavar="[TYPE]...")
def command(school_code: str, output: Path, types: tuple[str, ...]) -> None:
    """把一所学校的记录写成工作簿，改后可以再导入。TYPE 是记录种类，如“教职工”；不写则全部。"""
    school = school_named(school_code)
    models = models_named(types) or [record_type.model for record_type in all_types()]
    output.parent.mkdir(parents=True, exist_ok=True)
    count = write_records(output, [model.objects.filter(school=school) for model in models])
    click.echo(f"{count} 条记录已写到 {output}")
