from __future__ import annotations

import click


@click.command()
@click.option("--parent", type=int, hidden=True, help="随这个进程一起结束（由 serve 使用）")
def command(parent: int | None) -> None:
    """单独运行后台任务进程：导入、导出、报告、提醒、邮件。"""
    from sanneng.core.worker import work  # loads the task backend, which only this command uses

    work(parent=parent)
