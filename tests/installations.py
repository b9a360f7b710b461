"""Installations of their own for tests: a home, a database of either kind, and the program run
as people run it, in a process of its own."""

from __future__ import annotations

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


@pytest.fixture(scope="session")
def sqlite_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a migrated SQLite installation without rows, to be copied."""
    home = tmp_path_factory.mktemp("sqlite-model")
    Installation(home).run("manage", "migrate", "-v", "0")
    return home


@pytest.fixture(scope="session")
def postgres_model(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated PostgreSQL database without rows, to be copied."""
    execute(postgres_url, "CREATE DATABASE model")
    home = tmp_path_factory.mktemp("postgres-model")
    Installation(home, named(postgres_url, "model")).run("manage", "migrate", "-v", "0")
    return "model"


def execute(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def named(url: str, database: str) -> str:
    """The address of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


MakeInstallation = Callable[..., Installation]


@pytest.fixture
def new_installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> MakeInstallation:
    """Make a migrated installation without rows: ``new_installation("sqlite")``; with
    ``bare=True`` nothing at all is in it yet."""

    def made(vendor: str, *, bare: bool = False) -> Installation:
        home = tmp_path_factory.mktemp("home")
        if vendor == "sqlite":
            if not bare:
                source = request.getfixturevalue("sqlite_model")
                shutil.copy(source / "db.sqlite3", home / "db.sqlite3")
            return Installation(home)
        url = request.getfixturevalue("postgres_url")
        name = f"test_{uuid.uuid4().hex[:12]}"
        template = "" if bare else f" TEMPLATE {request.getfixturevalue('postgres_model')}"
        execute(url, f"CREATE DATABASE {name}{template}")
        return Installation(home, named(url, name))

    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(
    request: pytest.FixtureRequest, new_installation: MakeInstallation
) -> Installation:
    """An installation without rows on each kind of database."""
    return new_installation(request.param)
