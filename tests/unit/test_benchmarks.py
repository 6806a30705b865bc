"""The benchmarks work, on little data: what they compare is the same, and the ratio comes last.  No speed is judged."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_panel_of_the_package_and_of_pandas_are_the_same_and_the_ratio_comes_last(tmp_path: Path):
    pytest.importorskip("duckdb")
    script = ROOT / "benchmarks" / "panel.py"
    done = subprocess.run(
        [sys.executable, str(script), "--scale", "0.01", "--measures", "3"],
        env={"PATH": "", "TMPDIR": str(tmp_path), "REGIODEAL_ROOT": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(": ") for line in done.stdout.splitlines())
    assert lines["panel_rows"] == str(1000 * 3 * 12)
    names = {"panel_time_ratio", "panel_memory_ratio", "panel_read_ratio", "panel_ratio"}
    assert names <= set(lines)
    assert all(float(lines[name]) > 0 for name in names)
    assert re.fullmatch(r"ratio: \d+(\.\d+)?", done.stdout.splitlines()[-1])
    assert list(tmp_path.iterdir()) == [], "the temporary folder is removed"
