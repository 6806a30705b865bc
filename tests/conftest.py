"""A project of its own for the tests that run notebooks or spoil input, so that the checkout stays as it is."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest
from filelock import FileLock

from evaluation.base.cache import CACHE_VARIABLE, OWN_VARIABLE
from evaluation.cli import main
from evaluation.run.kernels import fork_server

hypothesis.settings.register_profile("unhurried", deadline=None)  # a busy machine is no fault
hypothesis.settings.load_profile("unhurried")

ROOT = Path(__file__).resolve().parent.parent
PROJECT_FILES = ("_quarto.yml", "_quarto-annual.yml", "_quarto-final.yml", "_quarto-portfolio.yml", "_quarto-site.yml")
SET_UP = ("LICENSE", "environment.yml", "pyproject.toml", "requirements.lock", "requirements-uv.lock", "CITATION.cff")
READ = ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "GLOSSARY.md", "docs")
CARRIED = ("data", "notebooks", "reports", *PROJECT_FILES, *SET_UP, *READ)
YEARS = (2019, 2020, 2021, 2022)
MOST_WORKERS = 4
"""A run of notebooks has processes of its own, and the slowest file takes its time whatever runs beside it."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Divide the whole suite over the processors; who names a file or a folder waits for no process to start."""
    is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return min(os.cpu_count() or 1, MOST_WORKERS) if is_whole else 0


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The temporary folder that the processes of this run of the tests have in common."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session", autouse=True)
def shared_cache(shared_folder: Path) -> Iterator[Path]:
    """Let all projects of the tests share one cache: what one test made of the same inputs, no other makes again."""
    folder = shared_folder / "cache"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(folder))
        patch.setenv(OWN_VARIABLE, str(folder))
        patch.setenv("XDG_CONFIG_HOME", str(shared_folder / "config"))  # of the key that signs what is computed
        yield folder


@dataclass(frozen=True)
class Project:
    """A copy of the project's files, and the command run in it."""

    root: Path

    def regiodeal(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line in this project."""
        return subprocess.run(
            [sys.executable, "-m", "evaluation.cli", *arguments],
            cwd=self.root,
            env={**os.environ, "REGIODEAL_ROOT": str(self.root)},
            capture_output=True,
            text=True,
            check=False,
        )

    def make(self, *arguments: str) -> str:
        """Run a command that has to succeed, with the engine that every machine has; return its words."""
        done = self.regiodeal(*arguments, "--engine", "embedded")
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def regiodeal_here(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Do the same in this process, for what runs no notebook: seconds less."""
        told, complained, code = io.StringIO(), io.StringIO(), 0
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(told), redirect_stderr(complained):
            patch.setenv("REGIODEAL_ROOT", str(self.root))
            patch.chdir(self.root)
            patch.setattr(sys, "argv", ["regiodeal", *arguments])
            patch.setattr(signal, "signal", lambda number, handler: None)
            patch.setattr(sys, "unraisablehook", sys.unraisablehook)
            patch.setattr(fork_server, "start_server", lambda: None)
            try:
                main.main()
            except SystemExit as end:
                code = int(end.code or 0)
        return subprocess.CompletedProcess(arguments, code, told.getvalue(), complained.getvalue())

    @property
    def site(self) -> Path:
        return self.root / "build" / "site"

    @property
    def runs(self) -> Path:
        return self.root / "build" / "runs" / "parkstad-limburg"


def heed_interrupts() -> None:
    """Let a command that is started heed Ctrl-C: a shell makes what it starts in the background ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def copy_project(target: Path) -> Project:
    """Copy what a run needs; the package itself is the one under test."""
    for name in CARRIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / name)
    return Project(target)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A fresh project for one test."""
    return copy_project(tmp_path / "project")


def made_once(folder: Path, make: Callable[[Project], None]) -> Project:
    """Make a project that no other process of these tests has made; who comes meanwhile waits, and finds it whole."""
    made, done = Project(folder / "project"), folder / "done"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        if not done.exists():
            shutil.rmtree(made.root, ignore_errors=True)
            make(made)
            done.touch()
    return made


@pytest.fixture(scope="session")
def reported(shared_folder: Path) -> Project:
    """A project with the reports over all four years."""

    def make(made: Project) -> None:
        told = copy_project(made.root).make("report", "--years", f"{YEARS[0]}-{YEARS[-1]}")
        assert all(f"build/site/{year}/index.html" in told for year in YEARS)

    return made_once(shared_folder / "reported", make)


@pytest.fixture(scope="session")
def evaluated(reported: Project, shared_folder: Path) -> Project:
    """A copy of it with the final evaluation beside the yearly reports."""

    def make(made: Project) -> None:
        shutil.copytree(reported.root, made.root)
        told = made.make("report", "final")
        assert "Final evaluation (embedded): build/site/eindevaluatie/index.html" in told

    return made_once(shared_folder / "evaluated", make)


@pytest.fixture(scope="session")
def portal(evaluated: Project, shared_folder: Path) -> Project:
    """A copy of that with the pages around the reports."""

    def make(made: Project) -> None:
        shutil.copytree(evaluated.root, made.root)
        told = made.make("site", "--pages-only")
        assert "Site (embedded): build/site/index.html" in told

    return made_once(shared_folder / "portal", make)


@pytest.fixture(scope="session")
def released_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the published site of a small report that was released twice."""
    from tests.release.rendered import make_released

    return make_released(tmp_path_factory.mktemp("released"))
