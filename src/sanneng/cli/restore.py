from __future__ import annotations

from pathlib import Path

import click

from sanneng.cli._progress import Bar
from sanneng.running.manifest import migrations_of
from sanneng.running.restore import is_empty, restore
from sanneng.running.sealing import read_key


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", "key_file", type=click.Path(path_type=Path, dir_okay=False),
              help="加密备份的密钥文件")  # fmt: skip
@click.option("--replace", is_flag=True, help="数据库里已有数据时，用备份整个替换")
@click.option("--with-secrets", is_flag=True, help="备份里有签名密钥时，也放回来")
@click.option("--yes", is_flag=True, help="不再询问")
def command(
    file: Path, key_file: Path | None, replace: bool, with_secrets: bool, yes: bool
) -> None:
    """恢复：用备份文件 FILE 还原数据库和文件，逐项核对后才生效。"""
    key = read_key(key_file) if key_file is not None else None
    if replace and not yes and migrations_of() and not is_empty():
        click.confirm("现有数据将全部换成备份里的数据，继续吗？", abort=True)
    with Bar() as bar:
        restored = restore(
            file, key=key, replace=replace, with_secrets=with_secrets, progress=bar.show
        )
    for line in restored.checks:
        click.echo(f"✓ {line}")
    click.echo(
        f"恢复完成：备份时间 {restored.manifest.made_at}，版本 {restored.manifest.version}。"
    )
