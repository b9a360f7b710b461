"""The worker as a process of its own, on a real database: ended, killed, and started again."""

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest

SANNENG = [sys.executable, "-c", "from sanneng.cli import main; main()"]
ROOT = Path(__file__).resolve().parents[2]
SETUP = """
import pathlib
from sanneng.core.models import *
from sanneng.sample.build import sample_school, write_sample
import datetime as dt
write_sample(pathlib.Path("sample.xlsx"))
school = sample_school()
user = User.objects.create(username="office")
Membership.objects.create(user=user, school=school, role="office", valid_from=dt.date(2020, 1, 1))
"""
ASK = """
from sanneng.core.spreadsheets.jobs import start_import
with open("sample.xlsx", "rb") as source:
    job = start_import(upload=source, name="sample.xlsx", school=school, by=user, dry_run=False)
"""
STATE = """
import json
from sanneng.core.models import *
from sanneng.research.models import Project
job = Job.objects.filter(kind="import").first()
print(json.dumps({
    "state": job.state, "error": job.error, "attempts": job.attempts, "new": job.result.get("new"),
    "batches": ImportBatch.objects.count(), "projects": Project.objects.count(),
    "runs": sorted(PeriodicRun.objects.values_list("kind", flat=True)),
    "system": sorted(Job.objects.filter(user=None).values_list("kind", flat=True)),
}))
"""


@pytest.fixture
def home(tmp_path):
    """An installation of its own, on SQLite or in a database of its own on PostgreSQL."""
    env = {
        **os.environ, "SANNENG_HOME": str(tmp_path / "home"), "SANNENG_HTTPS": "0",
        "PYTHONPATH": str(ROOT / "src"),
    }  # fmt: skip
    env.pop("DJANGO_SETTINGS_MODULE", None)
    with _database(env):
        place = _Installation(tmp_path, env)
        place.run("manage", "migrate", "-v0")
        yield place
        place.end()


@contextlib.contextmanager
def _database(env):
    url = os.environ.get("SANNENG_DATABASE_URL")
    if not url:
        yield
        return
    import psycopg

    name = f"worker_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        env["SANNENG_DATABASE_URL"] = urlsplit(url)._replace(path=f"/{name}").geturl()
        try:
            yield
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class _Installation:
    def __init__(self, folder, env):
        self.folder, self.env, self.started = folder, env, []
        self.reading = folder

    def run(self, *arguments):
        done = subprocess.run(
            [*SANNENG, *arguments], cwd=self.folder, env=self.env,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def python(self, source):
        return self.run("manage", "shell", "--no-imports", "-c", source)

    def state(self):
        return json.loads(self.python(STATE).splitlines()[-1])

    def worker(self):
        process = subprocess.Popen(
            [*SANNENG, "worker"], cwd=self.folder, env=self.env, stderr=subprocess.DEVNULL
        )
        self.started.append(process)
        return process

    def until(self, found, seconds=60):
        limit = time.monotonic() + seconds
        while not (answer := found()):
            assert time.monotonic() < limit, "it took too long"
            time.sleep(0.05)
        return answer

    def live(self):
        """The progress of the import, while it is read."""
        for path in (self.folder / "home/jobs").glob("*.live"):
            with contextlib.suppress(ValueError):
                step, done, total = json.loads(path.read_text())
                if total:
                    self.reading = path
                    return step, done
        return None

    def is_held(self):
        """Whether a process works on the import."""
        path = self.reading
        with path.open("rb+") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def end(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()


def test_a_worker_killed_half_way_leaves_work_that_is_done_once(home):
    home.python(SETUP + ASK)
    first = home.worker()
    home.until(home.live)
    first.kill()
    assert first.wait() == -signal.SIGKILL
    cut_short = home.state()
    assert (cut_short["state"], cut_short["batches"], cut_short["projects"]) == ("running", 0, 0)

    # Two at once: the work and what is due by the clock are done once all the same.
    workers = [home.worker(), home.worker()]
    home.until(home.is_held)
    home.until(lambda: home.state()["state"] != "running")
    done = home.state()
    assert (done["state"], done["attempts"], done["batches"]) == ("done", 2, 1), done["error"]
    assert done["new"] > 1000
    assert done["projects"] > 0
    assert done["runs"] == sorted(set(done["runs"])) == done["system"]

    for worker in workers:
        worker.terminate()
    assert [worker.wait(20) for worker in workers] == [0, 0]


def test_a_worker_ends_with_the_process_it_belongs_to(home):
    """As where the web server is killed."""
    parent = subprocess.Popen(
        [sys.executable, "-c",
         "import os, subprocess, sys, time\n"
         f"p = subprocess.Popen([*{SANNENG!r}, 'worker', '--parent', str(os.getpid())])\n"
         "print(p.pid, flush=True); time.sleep(60)"],
        cwd=home.folder, env=home.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    home.started.append(parent)
    worker = int(parent.stdout.readline())
    time.sleep(3)
    assert _lives(worker)
    parent.kill()
    parent.wait()
    home.until(lambda: not _lives(worker), 30)


def _lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_serving_keeps_a_worker_and_ends_with_it(home):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [*SANNENG, "serve", "--port", str(port)], cwd=home.folder, env=home.env,
        stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    home.started.append(server)
    home.until(lambda: _answers(port))
    first = home.until(lambda: _worker_of(server.pid))
    os.kill(first, signal.SIGKILL)
    second = home.until(lambda: _worker_of(server.pid) if not _lives(first) else None)
    assert second != first
    server.terminate()
    assert server.wait(40) == 0
    assert not _lives(second)
    assert not _answers(port)


def _answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _worker_of(server):
    """The worker that belongs to the process ``server``."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if words[-3:-1] == [b"--parent", str(server).encode()]:
                return int(path.parent.name)
    return None
