"""Bundles that were made when the package was one flat folder still run: each runs the package that it carries."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

FLAT = "d9d9bd50be5c"
"""The last state of the project with a flat package."""


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False)


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it was then, from the history of this clone."""
    if git("cat-file", "-e", f"{FLAT}^{{commit}}").returncode != 0:
        pytest.skip(f"the history of this clone does not reach {FLAT}")
    folder = tmp_path_factory.mktemp("flat")
    with tarfile.open(fileobj=io.BytesIO(git("archive", FLAT).stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def regiodeal(project: Path, *arguments: str, package: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as `reproduce` does in an unpacked bundle: by the name of its module."""
    environment = {**os.environ, "REGIODEAL_ROOT": str(project), "PYTHONPATH": str(package)}
    command = [sys.executable, "-m", "evaluation.cli", *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [("--help",), ("data", "verify")])
def test_the_name_by_which_a_bundle_is_run_is_in_both(flat, arguments):
    before, now = (regiodeal(flat, *arguments, package=package) for package in (flat, ROOT))
    assert (before.returncode, now.returncode) == (0, 0), before.stderr + now.stderr
    assert before.stdout.split("Options")[0] == now.stdout.split("Options")[0]


@pytest.mark.slow
def test_a_bundle_of_then_reproduces_now(flat, tmp_path):
    for arguments in (("run", "--year", "2021"), ("bundle", "2021", "--to", str(tmp_path / "then.zip"))):
        done = regiodeal(flat, *arguments, package=flat)
        assert done.returncode == 0, done.stderr
    done = regiodeal(ROOT, "reproduce", str(tmp_path / "then.zip"), "--to", str(tmp_path / "again"), package=ROOT)
    assert done.returncode in (9, 17), done.stdout + done.stderr  # its README is that of then
    assert " differ" not in done.stdout and "could not be made" not in done.stdout
