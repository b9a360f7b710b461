from __future__ import annotations

import os
import shutil
from contextlib import nullcontext
from pathlib import Path

import click
from django.conf import settings
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
    if workers > 1:
        _count_together()
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


def _count_together() -> None:
    """Several processes add up their counts for /metrics; those of an earlier start go."""
    folder = Path(settings.HOME) / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    # For the library, which reads it when a process of the site first counts something.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = settings.METRICS_FOLDER = str(folder)
