from __future__ import annotations

import sys
from pathlib import Path

import click

from sanneng.cli._progress import Bar
from sanneng.core.errors import SannengError
from sanneng.running.backup import Backup, default_target, drop_old, make_backup
from sanneng.running.sealing import make_key, read_key


@click.command()
@click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False),
              help="写到哪个文件，默认在 SANNENG_HOME/backups 里按时间命名")  # fmt: skip
@click.option("--encrypt-with", "key_file", type=click.Path(path_type=Path, dir_okay=False),
              help="用这个密钥文件加密")  # fmt: skip
@click.option("--make-key", "new_key", is_flag=True, help="先生成 --encrypt-with 所说的密钥文件")
@click.option("--with-secrets", is_flag=True, help="连同签名密钥一起备份（默认不带）")
@click.option("--keep", type=click.IntRange(1), help="默认目录里只留最近几份，更早的删去")
def command(
    target: Path | None,
    key_file: Path | None,
    new_key: bool,
    with_secrets: bool,
    keep: int | None,
) -> None:
    """备份：数据库、佐证文件和报告写成一个文件。系统不必停。"""
    if keep is not None and target is not None:
        raise click.UsageError("--keep 只用于默认目录，不能与 --to 一起用。")
    key = _key(key_file, new_key)
    target = target or default_target(sealed=key is not None)
    with Bar() as bar:
        made = make_backup(target, key=key, with_secrets=with_secrets, progress=bar.show)
    _report(made)
    for gone in drop_old(keep=keep) if keep is not None else ():
        click.echo(f"已删去较早的备份 {gone.name}")
    if made.manifest.missing:
        click.echo(
            f"注意：有 {len(made.manifest.missing)} 个文件在备份前就已缺失，"
            "运行 sanneng doctor --all 查看是哪些记录的。",
            err=True,
        )
        sys.exit(1)


def _key(key_file: Path | None, make: bool) -> bytes | None:
    if key_file is None:
        if make:
            raise SannengError("--make-key 要与 --encrypt-with 一起用。")
        return None
    if make:
        make_key(key_file)
        click.echo(f"已生成密钥 {key_file}。请另抄一份放到别处：没有它，备份打不开。")
    return read_key(key_file)


def _report(made: Backup) -> None:
    manifest = made.manifest
    click.echo(
        f"备份完成：{made.path}　{_size(made.size)}　{manifest.rows} 行　"
        f"{len(manifest.files)} 个文件　{made.seconds:.1f} 秒"
    )


def _size(count: int) -> str:
    return f"{count / (1 << 20):.1f} MB" if count >= 1 << 20 else f"{count / 1024:.0f} KB"
