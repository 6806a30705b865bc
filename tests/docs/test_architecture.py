"""The house is as ARCHITECTURE.md draws it: generated parts, the names that it walks by, contracts, sizes."""

import ast
import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evaluation.base import fingerprints
from evaluation.run.kernels import fork_server
from tests.conftest import ROOT
from tools.architecture import layers, renewed

PACKAGE = ROOT / "evaluation"
MODULES = sorted(PACKAGE.rglob("*.py"))
PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
LONGEST_MODULE, LONGEST_FUNCTION, FULLEST_FOLDER = 400, 60, 25
TURNED_ROUND = {
    "The one-way road": ("inputs/deal.py", "import evaluation.statistics.panels"),
    "Estimators know no file, no deal, no table": ("analysis/effects/panel.py", "import evaluation.base.paths"),
    "Only the fetchers use the network": ("run/execute.py", "import httpx"),
    "Only the portfolio estimates with pyfixest and diff-diff": ("chapters/context.py", "import pyfixest"),
    "No circle inside a package": ("statistics/snapshots.py", "import evaluation.statistics.panels"),
}


def lint_imports(folder: Path) -> str:
    """Return what the linter of imports says of the package in a folder."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_the_generated_parts_are_as_the_code_is():
    assert renewed(PAGE) == PAGE, "make them anew: python -m tools.architecture"


def test_the_walk_names_what_there_is():
    names = re.findall(r"`((?:statistics|inputs|chapters|analysis|present|run|publish)(?:\.\w+)+)`", PAGE)
    for name in names:
        parts = f"evaluation.{name}".split(".")
        try:
            importlib.import_module(".".join(parts))
        except ModuleNotFoundError:
            assert hasattr(importlib.import_module(".".join(parts[:-1])), parts[-1]), name
    assert len(names) > 10


def test_documents_name_modules_that_are_there():
    """A document may leave out the folders above a module, not name one that is gone."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "data").glob("*/README.md")]
    paths = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py") if ".venv" not in path.parts[-9:]]
    named = {(page.name, name) for page in pages for name in re.findall(r"`([\w/]+\.py)`", page.read_text("utf-8"))}
    gone = [pair for pair in sorted(named) if not any(f"/{path}".endswith(f"/{pair[1]}") for path in paths)]
    assert gone == [] and len(named) > 20


def test_the_contracts_hold_with_no_exception():
    rules = (ROOT / ".importlinter").read_text(encoding="utf-8")
    assert "ignore_imports" not in rules and sorted(name for line in layers() for name in line) == sorted(
        path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()
    )
    said = lint_imports(ROOT)
    assert f"Contracts: {len(TURNED_ROUND)} kept, 0 broken" in said, said


@pytest.mark.parametrize("contract", TURNED_ROUND)
def test_a_contract_fails_when_one_import_is_turned_round(contract, tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "evaluation", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    name, line = TURNED_ROUND[contract]
    module = tmp_path / "evaluation" / name
    module.write_text(module.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    said = lint_imports(tmp_path)
    assert re.search(rf"{contract} BROKEN", said), said


def test_no_folder_is_too_full_and_no_module_or_function_too_long():
    folders = {folder for path in MODULES for folder in [path.parent]}
    full = {str(folder): count for folder in folders if (count := len(list(folder.glob("*.py")))) > FULLEST_FOLDER}
    long = []
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        if (count := text.count("\n")) > LONGEST_MODULE:
            long.append(f"{path.relative_to(ROOT)}: {count} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and (count := node.end_lineno - node.lineno + 1) > LONGEST_FUNCTION:
                long.append(f"{path.relative_to(ROOT)}: {node.name} has {count} lines")
    assert (full, long) == ({}, [])


def test_modules_that_are_named_in_strings_are_there():
    """What is imported by name in another process, or stands behind every notebook, is no slip of the pen."""
    named = {*fork_server.PACKAGES, *fork_server.OWN_MODULES, *fingerprints._MAKES_EVERY_NOTEBOOK}
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        strings = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
        named |= {text for text in strings if isinstance(text, str) and re.fullmatch(r"evaluation(\.\w+)+", text)}
    assert len(named) > 5
    for name in sorted(named):
        parts = name.split(".")
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            assert hasattr(importlib.import_module(".".join(parts[:-1])), parts[-1]), name


def test_no_notebook_stands_on_the_machinery_of_a_run_or_on_a_parser_of_code_lists():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        behind = fingerprints.modules_behind(re.findall(r"from evaluation[^\"\\]*", path.read_text(encoding="utf-8")))
        machinery = r"evaluation\.run\.(pipeline|slots|kernels|remote|worker)|.*code_list"
        assert [name for name in behind if re.match(machinery, name)] == [] and len(behind) > 20, path.name
