"""The attacks and a few mutants of ``benchmarks/hostile_files.py``; the whole is run by hand."""

import os
import subprocess
import sys

from tests.installations import ROOT


def test_no_door_falls_over():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.hostile_files", "--mutants", "40"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout
    assert all(door in done.stdout for door in ("import", "check", "template", "evidence"))
