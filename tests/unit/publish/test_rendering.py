"""Which programs render: those of the locked packages, whatever is first on PATH or in the user's own folders."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from evaluation.base.cache import CACHE_VARIABLE
from evaluation.base.errors import PublishError
from evaluation.present.drawing import Drawing
from evaluation.publish import rendering
from evaluation.publish.pages import pandoc
from evaluation.publish.print.pdf import _compile_typst, draw_png
from tests.browser.walk import browser_version, find_browser, own_node
from tests.conftest import Project, copy_project

FALSE = ("pandoc", "typst", "node", "npm", "python", "python3", "quarto", "git", "uv", "chromium")


@pytest.fixture
def false_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put programs first on PATH that print nonsense; return the file in which they note that they were called."""
    folder, log = tmp_path / "bin", tmp_path / "called"
    folder.mkdir()
    for name in FALSE:
        write_program(folder / name, f'echo "{name} $*" >> "{log}"; echo nonsense')
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), os.environ["PATH"]]))
    return log


def write_program(path: Path, line: str) -> str:
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def found_anew():
    """Look for pandoc and Quarto again, before and after."""
    for keep in (pandoc._find, rendering._version_of):
        keep.cache_clear()
    yield
    for keep in (pandoc._find, rendering._version_of):
        keep.cache_clear()


def made_files(project: Project) -> dict[str, bytes]:
    return {
        path.relative_to(project.site).as_posix(): path.read_bytes()
        for path in sorted(project.site.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_false_programs_first_on_path_change_no_byte_of_a_cold_or_a_warm_report(tmp_path, false_programs, own_cache):
    command = ["report", "--year", "2020", "--format", "html,pdf,docx", "--engine", "embedded"]
    cold = copy_project(tmp_path / "cold")
    assert (done := cold.regiodeal(*command)).returncode == 0, done.stderr
    warm = copy_project(tmp_path / "warm")
    assert (done := warm.regiodeal(*command)).returncode == 0, done.stderr
    assert not false_programs.exists(), false_programs.read_text(encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.environ["PATH"].partition(os.pathsep)[2])
        patch.setenv(CACHE_VARIABLE, str(tmp_path / "other-cache"))
        without = copy_project(tmp_path / "without")
        assert (done := without.regiodeal(*command)).returncode == 0, done.stderr
    assert made_files(cold) == made_files(warm) == made_files(without)


def test_pandoc_is_that_of_the_wheel_and_reads_nothing_of_the_user(false_programs, own_cache, found_anew, monkeypatch):
    own = pandoc.own_pandoc()
    assert own.path.parent.parent.name == "pypandoc" and own.version[0].isdigit() and len(own.sha256) == 64
    folder = own_cache / "data" / "pandoc"
    folder.mkdir(parents=True)
    (folder / "abbreviations").write_text("foo.\n", encoding="utf-8")
    monkeypatch.setenv("XDG_DATA_HOME", str(folder.parent))
    tree = json.loads(pandoc.run_pandoc(["-f", "markdown", "-t", "json"], "foo. bar", "page"))
    assert [part.get("c") for part in tree["blocks"][0]["c"]] == ["foo.", None, "bar"]
    monkeypatch.setenv("PYPANDOC_PANDOC", "/nowhere")
    assert pandoc.run_pandoc(["-f", "markdown", "-t", "html5"], "*a*", "page") == "<p><em>a</em></p>\n"
    assert not false_programs.exists()


def test_what_failed_or_is_of_another_version_is_never_kept(own_cache, found_anew, monkeypatch, tmp_path):
    options = ["-f", "markdown", "-t", "json"]
    with pytest.raises(PublishError, match="page: pandoc could not read"):
        pandoc.run_pandoc([*options, "--no-such-option"], "a", "page")
    assert not (own_cache / "pandoc").exists()

    good, own = pandoc.run_pandoc(options, "a", "page"), pandoc.own_pandoc()
    (entry,) = (own_cache / "pandoc").iterdir()
    pandoc.write_entry(entry, b'{"pandoc-api-version":[1,22],"meta":{},"blocks":[]}')
    assert pandoc.run_pandoc(options, "a", "page") == good, "what another version wrote is made again"

    other = write_program(tmp_path / "pandoc", """echo '{"pandoc-api-version":[1,17],"meta":{},"blocks":[]}'""")
    monkeypatch.setattr(pandoc, "own_pandoc", lambda: pandoc.Pandoc(Path(other), own.version, own.api, "another sum"))
    with pytest.raises(PublishError, match=r"another version than its own\. Install the packages of requirements.lock"):
        pandoc.run_pandoc(options, "a", "page")
    assert list((own_cache / "pandoc").iterdir()) == [entry], (
        "the key has the sum of the program, and nothing new is kept"
    )


@pytest.mark.parametrize("line", ["exit 1", "echo nonsense", "echo '{}'", "kill -9 $$"])
def test_a_wheel_whose_pandoc_does_not_run_is_told_in_a_sentence(line, found_anew, monkeypatch, tmp_path):
    write_program(tmp_path / "pandoc", line)
    monkeypatch.setattr(
        pandoc, "distribution", lambda name: type("Wheel", (), {"locate_file": lambda *_: tmp_path / "pandoc"})
    )
    with pytest.raises(PublishError, match=r"does not run here \(\w+\)\. Install the packages"):
        pandoc.own_pandoc()


def test_a_wheel_without_pandoc_does_not_fall_back_on_path(false_programs, found_anew, monkeypatch):
    def absent(name: str):
        raise pandoc.PackageNotFoundError

    monkeypatch.setattr(pandoc, "distribution", absent)
    with pytest.raises(PublishError, match="not installed with its own pandoc"):
        pandoc.own_pandoc()
    assert not false_programs.exists()


def test_typst_takes_nothing_from_the_users_packages_and_fonts(tmp_path, monkeypatch):
    package = tmp_path / "data" / "typst" / "packages" / "preview" / "mine" / "1.0.0"
    package.mkdir(parents=True)
    (package / "typst.toml").write_text(
        '[package]\nname="mine"\nversion="1.0.0"\nentrypoint="a.typ"\n', encoding="utf-8"
    )
    (package / "a.typ").write_text("#let mark = [777001]", encoding="utf-8")
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "data"))
    for text in (
        '#import "@preview/mine:1.0.0": *',
        '#include "@local/mine:1.0.0"',
        'a\n#import("@preview/mine:1.0.0")',
    ):
        source = tmp_path / "x.typ"
        source.write_text(text, encoding="utf-8")
        with pytest.raises(PublishError, match="a package from elsewhere"):
            _compile_typst(source, format="pdf")
    drawing = Drawing('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 9, 9)
    first = draw_png({"a.svg": drawing}, tmp_path, ppi=72)
    monkeypatch.setenv("TYPST_FONT_PATHS", str(tmp_path))
    assert draw_png({"a.svg": drawing}, tmp_path, ppi=72) == first


def test_quarto_is_taken_where_it_says_a_version_that_will_do(tmp_path, monkeypatch, found_anew):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "environment" / "bin" / "python"))
    monkeypatch.setattr(rendering.sysconfig, "get_path", lambda name: str(tmp_path / "environment" / "bin"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert rendering.choose_engine("auto") == "embedded" and rendering.name_renderer("embedded") == "embedded"
    with pytest.raises(PublishError, match="not installed"):
        rendering.choose_engine("quarto")
    write_program(tmp_path / "quarto", "echo nonsense")
    assert rendering.choose_engine("auto") == "embedded"
    with pytest.raises(PublishError, match="does not say which Quarto it is"):
        rendering.choose_engine("quarto")
    rendering._version_of.cache_clear()
    write_program(tmp_path / "quarto", "echo 1.4.555")
    assert rendering.choose_engine("auto") == "embedded"
    with pytest.raises(PublishError, match=r"Quarto 1\.4\.555; 1\.9 or newer is needed"):
        rendering.choose_engine("quarto")
    rendering._version_of.cache_clear()
    write_program(tmp_path / "quarto", "echo 1.9.32")
    assert rendering.choose_engine("auto") == "quarto" and rendering.name_renderer("quarto") == "quarto 1.9.32"
    rendering._version_of.cache_clear()
    (tmp_path / "environment" / "bin").mkdir(parents=True)
    own = write_program(tmp_path / "environment" / "bin" / "quarto", "echo 1.9.40")
    assert rendering.choose_engine("auto") == "quarto" and rendering.own_quarto() == (own, "1.9.40")


def test_a_browser_that_does_not_say_what_it_is_is_passed_over(tmp_path, monkeypatch):
    write_program(tmp_path / "chromium", "echo nonsense")
    write_program(tmp_path / "google-chrome", "echo Google Chrome 140.0.7339.80")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser() == str(tmp_path / "google-chrome")
    assert browser_version(str(tmp_path / "google-chrome")) == "Google Chrome 140.0.7339.80"
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", "/nowhere")
    assert Path(own_node()).parent.name == "driver"
