"""What a site that others reach refuses to start with."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from sanneng.config.environment import is_sample

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD = secrets.token_urlsafe(64)


@pytest.fixture
def start(tmp_path):
    """Load the settings in a process of its own; gives what it complains of."""

    def started(**variables):
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        environment = {"SANNENG_HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "src"), **kept}
        done = subprocess.run(
            [sys.executable, "-c", "import sanneng.config.settings as s; print(s.SECRET_KEY)"],
            env={**environment, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip() if done.returncode == 0 else done.stderr.splitlines()[-1]

    return started


def test_a_site_starts_with_a_key_of_its_own_that_it_keeps(start, tmp_path):
    first = start()
    assert len(first) > 50
    assert start() == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_may_read_is_refused(start, tmp_path):
    start()
    (tmp_path / "secret_key").chmod(0o644)
    assert "chmod 600" in start()


@pytest.mark.parametrize(
    ("variables", "word"),
    [
        ({"SANNENG_SECRET_KEY": "short"}, "SANNENG_SECRET_KEY is too short"),
        ({"SANNENG_SECRET_KEY": "changeme" * 8}, "SANNENG_SECRET_KEY is a sample"),
        ({"SANNENG_SECRET_KEY": "Change-Me-" * 8}, "SANNENG_SECRET_KEY is a sample"),
        ({"SANNENG_SECRET_KEY": "django-insecure-" + GOOD}, "SANNENG_SECRET_KEY is a sample"),
        ({"SANNENG_SECRET_KEY": "a" * 60}, "SANNENG_SECRET_KEY is a sample"),
        (
            {"SANNENG_DATABASE_URL": "postgresql://u:changeme@db/s"},
            "SANNENG_DATABASE_URL is a sample",
        ),
        ({"SANNENG_METRICS_TOKEN": "short"}, "SANNENG_METRICS_TOKEN is too short"),
        (
            {"SANNENG_METRICS_TOKEN": "changeme-changeme-changeme"},
            "SANNENG_METRICS_TOKEN is a sample",
        ),
        ({"SANNENG_DEBUG": "1"}, "SANNENG_DEBUG must be off"),
        ({"SANNENG_SECRET_KEY": GOOD, "SANNENG_SECRET_KEY_FILE": "/x"}, "not both"),
        ({"SANNENG_SECRET_KEY_FILE": "/nowhere/key"}, "SANNENG_SECRET_KEY_FILE cannot be read"),
    ],
)
def test_samples_and_development_mode_are_refused(start, variables, word):
    assert word in start(**variables)


def test_a_secret_comes_from_the_file_that_is_named(start, tmp_path):
    (tmp_path / "given").write_text(GOOD + "\n")
    assert start(SANNENG_SECRET_KEY_FILE=str(tmp_path / "given")) == GOOD


@pytest.mark.parametrize(
    "value", ["changeme", "CHANGE_ME", "请更换-sample", "aaaa", "your-password"]
)
def test_what_instructions_show_is_a_sample(value):
    assert is_sample(value)


def test_random_secrets_are_no_samples():
    assert not any(is_sample(secrets.token_urlsafe(32)) for _turn in range(200))
