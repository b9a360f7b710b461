from __future__ import annotations

from pathlib import Path

import click

from sanneng.cli._lookup import models_named
from sanneng.core.spreadsheets.template import write_template


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("导入模板.xlsx"),
    show_default=True,
    help="写到哪里",
)
@click.argument("types", nargs=-1, metavar="[TYPE]...")
def command(output: Path, types: tuple[str, ...]) -> None:
    """生成导入模板。TYPE 是记录种类，如“教职工”；不写则全部。"""
    models = models_named(types)
    output.parent.mkdir(parents=True, exist_ok=True)
    write_template(output, models)
    click.echo(f"模板已写到 {output}")
