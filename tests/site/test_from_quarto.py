"""Quarto given a command in the project itself: the root, a profile, one notebook."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evaluation.base.errors import PublishError, UsageError
from evaluation.publish.engine import from_root
from evaluation.publish.rendering import own_quarto
from tests.conftest import ROOT, copy_project

SCRIPT = ROOT / "reports" / "vanuit_quarto.py"


def asked(monkeypatch: pytest.MonkeyPatch, *, profile: str = "", files: str = "") -> dict[str, tuple[str, ...]]:
    monkeypatch.setenv("QUARTO_PROFILE", profile)
    monkeypatch.setenv("QUARTO_PROJECT_INPUT_FILES", files)
    monkeypatch.delenv("QUARTO_PROJECT_OUTPUT_FILES", raising=False)
    return {name: item.command for name, item in from_root._asked().items()}


OURS = ("--deal", "parkstad-limburg", "--engine", "quarto")


@pytest.mark.parametrize(
    ("profile", "files", "expected"),
    [
        ("", "", {"0-samenvatting": ("report", "--year", "2021", *OURS)}),
        ("annual,2022", "", {"0-samenvatting": ("report", "--year", "2022", *OURS)}),
        ("final", "", {"e0-samenvatting": ("report", "final", *OURS)}),
        ("site", "", {"s0-voorpagina": ("site", *OURS)}),
        ("portfolio", "", {"p0-samenvatting": ("report", "portfolio", *OURS)}),
        ("", "3-veiligheid.ipynb", {"3-veiligheid": ("report", "--year", "2021", *OURS)}),
        ("2020", "3-veiligheid.ipynb\ne3-veiligheid.ipynb", {
            "3-veiligheid": ("report", "--year", "2020", *OURS), "e3-veiligheid": ("report", "final", *OURS)}),
    ],
)  # fmt: skip
def test_a_render_is_about_a_report(
    monkeypatch: pytest.MonkeyPatch, profile: str, files: str, expected: dict[str, tuple[str, ...]]
) -> None:
    assert asked(monkeypatch, profile=profile, files=files) == expected


def test_a_profile_that_is_no_report_is_told_with_those_that_are(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="--profile jaar, 2021a: there is no such report; choose of annual, final,"):
        asked(monkeypatch, profile="jaar,annual,2021a")


def test_the_year_is_that_of_the_parameters_of_the_notebook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    monkeypatch.setenv("REGIODEAL_ROOT", str(project.root))
    notebook = project.root / "notebooks" / "3-veiligheid.ipynb"
    text = notebook.read_text(encoding="utf-8")
    assert text.count("year = 2021") == 1
    notebook.write_text(text.replace("year = 2021", "year = 2020"), encoding="utf-8")
    assert "2020" in asked(monkeypatch, files="3-veiligheid.ipynb")["3-veiligheid"]


def test_a_python_without_the_package_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    shutil.copy(SCRIPT, tmp_path / "reports")
    bare = [sys.executable, "-I", "-S", str(tmp_path / "reports" / SCRIPT.name), "voor"]
    done = subprocess.run(bare, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "has no evaluation. Give `make setup` first" in done.stderr and "QUARTO_PYTHON" in done.stderr


@pytest.fixture
def with_quarto() -> str:
    try:
        return own_quarto()[0]
    except PublishError as error:
        pytest.skip(str(error))


@pytest.mark.slow
def test_quarto_makes_the_pages_of_the_command(with_quarto: str, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for words in (["--profile", "annual"], ["notebooks/3-veiligheid.ipynb"]):
        done = subprocess.run(
            [with_quarto, "render", *words], cwd=project.root, env={**os.environ, "PATH": path},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    shown = project.root / "build" / "quarto"
    assert 'url=2021/3-veiligheid.html"' in (shown / "3-veiligheid.html").read_text(encoding="utf-8")
    for page in (project.site / "2021").glob("*.html"):
        assert (shown / "2021" / page.name).read_bytes() == page.read_bytes()
