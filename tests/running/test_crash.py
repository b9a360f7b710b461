"""A few turns of ``benchmarks/crash.py``; the whole of it is run by hand."""

import os
import re
import subprocess
import sys

import pytest

from tests.installations import ROOT


@pytest.mark.parametrize("engine", [[], ["--postgres"]])
def test_nothing_acknowledged_is_lost_by_a_kill(engine):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.crash", "--kills", "8", *engine],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "COLUMNS": "150"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 x kill -9" in done.stdout
    assert "BROKEN" not in done.stdout
    acknowledged = [int(row) for row in re.findall(r"│ \w+ +│ +\d+ │ +(\d+) │", done.stdout)]
    assert len(acknowledged) == 4
    assert min(acknowledged) >= 1
