"""Every check of the project, one after the other; all run, and the summary names what failed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv/bin"
HOME = ROOT / "var/checks"
PRODUCTION = {"SANNENG_HTTPS": "1", "SANNENG_SECRET_KEY": "check-" + "k7Q" * 20}
LOCAL = {"SANNENG_HTTPS": "0"}

LINT = [
    ("ruff", ["ruff", "check", "."], {}),
    ("ruff format", ["ruff", "format", "--check", "."], {}),
    ("djlint", ["djlint", "src/sanneng", "--lint", "--quiet"], {}),
    ("layers", ["lint-imports"], {}),
    ("types", ["mypy"], LOCAL),
    ("messages", ["python", "scripts/messages.py", "check"], {}),
    ("migrations", ["sanneng", "manage", "makemigrations", "--check", "--dry-run"], LOCAL),
    (
        "deployment",
        ["sanneng", "manage", "check", "--deploy", "--fail-level", "WARNING"],
        PRODUCTION,
    ),
]
COVERAGE = ["--cov", "--cov-report="]
# Two at a time; the tests of one file share what they set up.
TOGETHER = ["-n", "2", "--dist", "loadfile"]
ON_POSTGRES = [
    "tests/indicators", "tests/core", "tests/sample", "tests/races", "tests/web/test_pages.py",
    "tests/web/test_unreadable.py",
    "tests/web/accounts",
    "tests/api/test_answers.py", "tests/api/test_fuzz.py",
    "tests/cli/test_worker.py",
]  # fmt: skip


def main() -> None:
    HOME.mkdir(parents=True, exist_ok=True)
    results = [run(name, command, env) for name, command, env in LINT]
    if "--lint" not in sys.argv:
        (ROOT / ".coverage").unlink(missing_ok=True)
        results.append(run("tests on SQLite", ["pytest", "-q", *TOGETHER, *COVERAGE], LOCAL))
        with postgresql() as url:
            paths = [path for path in ON_POSTGRES if (ROOT / path).exists()]
            env = LOCAL | {"SANNENG_DATABASE_URL": url}
            command = ["pytest", "-q", *TOGETHER, *COVERAGE, "--cov-append", *paths]
            results.append(run("tests on PostgreSQL", command, env))
        results.append(run("coverage", ["coverage", "report"], {}))
    print("\n" + "=" * 60)
    for name, seconds, passed in results:
        print(f"{'ok    ' if passed else 'FAILED'}  {name:24} {seconds:7.1f} s")
    failed = sum(not passed for _name, _seconds, passed in results)
    print(f"checks: {len(results) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def run(name: str, command: list[str], env: dict[str, str]) -> tuple[str, float, bool]:
    print(f"\n=== {name}: {' '.join(command)}", flush=True)
    started = time.monotonic()
    program, *arguments = command
    done = subprocess.run(
        [str(BIN / program), *arguments],
        cwd=ROOT,
        env={**os.environ, "SANNENG_HOME": str(HOME), **env},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return name, time.monotonic() - started, done.returncode == 0


@contextmanager
def postgresql():  # type: ignore[no-untyped-def]
    """A PostgreSQL server of our own for as long as the tests run; gives its URL."""
    sys.path.insert(0, str(ROOT))
    from tests.postgres import server

    with server() as url:
        yield url


if __name__ == "__main__":
    main()
