from __future__ import annotations

import click

from sanneng.cli._lookup import user_named
from sanneng.core.errors import SannengError
from sanneng.core.models import ImportBatch
from sanneng.core.spreadsheets.undo import undo_batch


@click.command()
@click.argument("batch", type=int)
@click.option("--by", "username", help="以谁的名义撤销（用户名）")
def command(batch: int, username: str | None) -> None:
    """撤销一次导入：BATCH 是导入完成时给出的批次号。"""
    by = user_named(username)
    try:
        found = ImportBatch.objects.get(pk=batch)
    except ImportBatch.DoesNotExist:
        recent = "、".join(
            f"{other.pk}（{other.file_name}）" for other in ImportBatch.objects.all()[:5]
        )
        raise SannengError(
            f"没有批次 {batch}。" + (f"最近的批次：{recent}。" if recent else "还没有导入过。")
        ) from None
    undo_batch(batch=found, by=by)
    click.echo(
        f"已撤销批次 {batch}：删除 {found.created_count} 条，恢复 {found.updated_count} 条。"
    )
