"""The process that does background work, and the watch over it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import structlog
from django.db import OperationalError, close_old_connections
from django_tasks.base import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME

from sanneng.core.domain.jobs import pick_up_lost
from sanneng.core.domain.periodic import start_due

log = structlog.get_logger(__name__)
LOOKS_EVERY = 1.0  # seconds between looks for work
TICKS_EVERY = 10.0  # seconds between looks at the clock and for what was cut short
ENDS_WITHIN = 30.0  # seconds that a worker has for the work in hand when all is to end
RESTARTS_AFTER = (1, 2, 5, 10, 30)  # seconds, the longer the more often it died at once
IS_STEADY_AFTER = 60.0  # seconds


def work(*, parent: int | None = None) -> None:
    """Do background work until told to end (SIGTERM, SIGINT); the task in hand is finished.

    With ``parent``, it ends when it is no longer the child of that process.
    """
    # Its module reads the settings when it is loaded.
    from django_tasks_db.management.commands.db_worker import Worker
    from django_tasks_db.utils import is_locked_database_exception

    worker = Worker(
        queue_names=[DEFAULT_TASK_QUEUE_NAME],
        interval=LOOKS_EVERY,
        batch=False,
        backend_name=DEFAULT_TASK_BACKEND_ALIAS,
        startup_delay=False,
        max_tasks=None,
        worker_id=uuid4().hex,
        excluded_queue_names=[],
    )
    worker.configure_signals()
    threading.Thread(target=_tick_on, args=(parent,), daemon=True, name="clock").start()
    while worker.running:
        try:
            worker.run()
        except OperationalError as error:
            # On SQLite, somebody may hold the database for longer than we wait for it.
            if not is_locked_database_exception(error):
                raise
            log.warning("database held by another")


def _tick_on(parent: int | None) -> None:
    while True:
        if parent is not None and os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
            return
        tick()
        time.sleep(TICKS_EVERY)


def tick() -> None:
    """Pick up what was cut short, and start what is due by the clock."""
    close_old_connections()
    try:
        pick_up_lost()
        start_due()
    except Exception:
        # The database may be away for a moment; the next tick comes soon.
        log.exception("tick failed")
    finally:
        close_old_connections()


@contextmanager
def watched_worker() -> Iterator[None]:
    """A worker process beside this one for as long as the block runs, started again whenever it
    dies, and ended with it."""
    watch = _Watch()
    # The first before anything else: a server that forks while another process is being made
    # would keep that one's pipe open, and whoever made it would wait for good.
    watch.begin()
    try:
        yield
    finally:
        watch.end()


class _Watch(threading.Thread):
    """Starts the worker, and again when it has died."""

    def __init__(self) -> None:
        super().__init__(daemon=True, name="watch")
        self.ending = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.lock = threading.Lock()

    def begin(self) -> None:
        self._start_worker()
        self.start()

    def run(self) -> None:
        deaths = 0
        while True:
            began = time.monotonic()
            assert self.process is not None
            code = self.process.wait()
            if self.ending.is_set():
                return
            deaths = 0 if time.monotonic() - began > IS_STEADY_AFTER else deaths
            pause = RESTARTS_AFTER[min(deaths, len(RESTARTS_AFTER) - 1)]
            deaths += 1
            log.warning("worker died", code=code, again_in=pause)
            if self.ending.wait(pause) or not self._start_worker():
                return

    def _start_worker(self) -> bool:
        """Whether one was started: none is once all is to end."""
        with self.lock:
            if self.ending.is_set():
                return False
            # In a session of its own: Ctrl+C reaches the server alone, which then ends both.
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", "from sanneng.cli import main; main()",
                 "worker", "--parent", str(os.getpid())],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
            return True

    def end(self) -> None:
        """Ask the worker to finish what it has in hand, and wait for it."""
        with self.lock:
            self.ending.set()
            process = self.process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            # What it was doing is picked up at the next start.
            process.kill()
            process.wait()
