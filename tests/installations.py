"""Installations of their own for tests: a home, a database of either kind, and the program run
as people run it, in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parent.parent
BEGIN = "import django; django.setup()\n"
_RUN_ALL = """
import contextlib, io, json, sys
from sanneng.cli import main
said = []
for command in json.loads(sys.argv[1]):
    sys.argv, out = ["sanneng", *command], io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            main()
        except SystemExit as end:
            print(f"[{end.code or 0}]")
    said.append(out.getvalue())
print(json.dumps(said))
"""


@dataclass(frozen=True)
class Installation:
    """``home`` is its SANNENG_HOME, ``url`` its PostgreSQL database, or empty for SQLite."""

    home: Path
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "SANNENG_HOME": str(self.home),
            "SANNENG_DATABASE_URL": self.url,
            "SANNENG_HTTPS": "0",
            "SANNENG_LOG_LEVEL": "WARNING",
            "SANNENG_SECRET_KEY": "",
            "DJANGO_SETTINGS_MODULE": "sanneng.config.settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "COLUMNS": "200",
        }

    def run(self, *arguments: object, fails: int = 0, **environment: str) -> str:
        """``sanneng ...``; gives what it wrote, errors after the rest."""
        return self._ended(
            ["-c", "from sanneng.cli import main; main()", *arguments], fails, environment
        )

    def run_all(self, *commands: list[object]) -> list[str]:
        """Several commands in one process, which starts but once; what each wrote."""
        given = json.dumps([[str(word) for word in command] for command in commands])
        return json.loads(self.python(_RUN_ALL, given).splitlines()[-1])

    def python(self, source: str, *arguments: object, fails: int = 0) -> str:
        """Run ``source`` with Django set up for this installation."""
        return self._ended(["-c", BEGIN + source, *arguments], fails, {})

    def _ended(self, arguments: list[object], fails: int, environment: dict[str, str]) -> str:
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            env={**self.environment, **environment},
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def start(self, source: str, *arguments: object) -> subprocess.Popen[str]:
        """Start ``source`` as a process that goes on beside the test; its output is a pipe."""
        return subprocess.Popen(
            [sys.executable, "-c", BEGIN + source, *map(str, arguments)],
            env=self.environment,
            cwd=self.home,
            stdout=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server for the whole run."""
    from tests.postgres import server

    with server() as url:
        yield url


def execute(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def named(url: str, database: str) -> str:
    """The address of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


MakeInstallation = Callable[..., Installation]


@pytest.fixture(scope="session")
def copy_installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Installation], Installation]:
    """Copy an installation that nothing is running on."""

    def copied(source: Installation) -> Installation:
        home = tmp_path_factory.mktemp("copy") / "home"
        shutil.copytree(source.home, home)
        if not source.url:
            return Installation(home)
        name = f"test_{uuid.uuid4().hex[:12]}"
        original = urlsplit(source.url).path.lstrip("/")
        url = request.getfixturevalue("postgres_url")
        execute(url, f"CREATE DATABASE {name} TEMPLATE {original}")
        return Installation(home, named(url, name))

    return copied


@pytest.fixture(scope="session")
def new_installation(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    copy_installation: Callable[[Installation], Installation],
) -> MakeInstallation:
    """Make an installation without rows: ``new_installation("sqlite")``; with ``bare=True``
    there are no tables yet either."""
    models: dict[str, Installation] = {}

    def bare_one(vendor: str) -> Installation:
        home = tmp_path_factory.mktemp("home")
        if vendor == "sqlite":
            return Installation(home)
        url = request.getfixturevalue("postgres_url")
        name = f"test_{uuid.uuid4().hex[:12]}"
        execute(url, f"CREATE DATABASE {name}")
        return Installation(home, named(url, name))

    def made(vendor: str, *, bare: bool = False) -> Installation:
        if bare:
            return bare_one(vendor)
        if vendor not in models:
            models[vendor] = bare_one(vendor)
            models[vendor].run("manage", "migrate", "-v", "0")
        return copy_installation(models[vendor])

    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(
    request: pytest.FixtureRequest, new_installation: MakeInstallation
) -> Installation:
    """An installation without rows on each kind of database."""
    return new_installation(request.param)
