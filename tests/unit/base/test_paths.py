"""Which packages a run uses: those that were installed, whatever the environment names beside them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

LOOK = """
from evaluation.base.paths import settle_packages
settle_packages()
import os, subprocess, sys, typst
print(typst.__file__, os.environ["PYTHONPATH"])
print(subprocess.check_output([sys.executable, "-c", "import typst; print(typst.__file__)"], text=True))
"""


@pytest.mark.parametrize("with_project", [True, False])
def test_a_package_that_pythonpath_names_does_not_run_in_the_place_of_the_locked_one(tmp_path: Path, with_project):
    (tmp_path / "typst.py").write_text("", encoding="utf-8")
    named = f"{tmp_path}:{ROOT}" if with_project else str(tmp_path)
    command, environment = [sys.executable, "-c", LOOK], {"PYTHONPATH": named}
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert said.count("typst/__init__.py") == 2 and str(tmp_path) not in said
    assert (str(ROOT) in said.splitlines()[0].split()[1:]) is with_project


def test_what_ran_already_is_told_in_one_sentence(tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text("geheim = 1", encoding="utf-8")
    command = [sys.executable, "-m", "evaluation.cli", "check"]
    done = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode == 2
    told = f"PYTHONPATH has sitecustomize in {tmp_path}, which runs in the place of ours: unset PYTHONPATH."
    assert done.stderr.strip() == told
