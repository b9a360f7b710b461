from __future__ import annotations

from contextlib import nullcontext

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from sanneng.core.worker import watched_worker


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址")
@click.option("--port", default=8000, show_default=True, help="端口")
@click.option("--workers", default=1, show_default=True, help="网站的进程数")
@click.option("--no-worker", is_flag=True, help="不带后台任务进程（另用 sanneng worker 运行）")
def command(host: str, port: int, workers: int, no_worker: bool) -> None:
    """启动网站和后台任务进程。"""
    server = Granian(
        "sanneng.config.wsgi:application",
        address=host,
        port=port,
        workers=workers,
        interface=Interfaces.WSGI,
        blocking_threads=4,
        log_level=LogLevels.warning,
    )
    with nullcontext() if no_worker else watched_worker():
        server.serve()
