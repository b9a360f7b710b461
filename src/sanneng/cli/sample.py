from __future__ import annotations

from pathlib import Path

import click

from sanneng.sample.build import write_sample


@click.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("out/示例学校.xlsx"),
    show_default=True, help="写到哪里",
)  # fmt: skip
def command(output: Path) -> None:
    """写出示例学校的工作簿及佐证文件（均为虚构）。"""
    folder = write_sample(output)
    click.echo(f"已写出 {output} 和 {folder}/")
