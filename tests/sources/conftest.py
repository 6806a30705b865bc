"""A publisher on this machine: a local server, a project of its own, and commands run in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from evaluation.cli.main import app
from tests.sources.server import Publisher

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Checkout:
    """A copy of the project's data, with the command `regiodeal` in this process; waits are noted, not waited."""

    root: Path
    waits: list[float] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def snapshots(self) -> Path:
        return self.data / "snapshots"

    def regiodeal(self, *arguments: str) -> Result:
        """Run a command; an error that the command would print is raised."""
        return CliRunner().invoke(app, arguments, catch_exceptions=False)

    def register(self, text: str) -> None:
        """Replace the register of sources."""
        (self.data / "sources.yml").write_text(text, encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        """Return every file below data, also hidden ones, with its content."""
        return {str(path.relative_to(self.data)): path.read_bytes() for path in self.data.rglob("*") if path.is_file()}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as server:
        yield server


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """Copy the data to a folder of its own; no proxy, no address from the environment, no real waiting."""
    shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("private"))
    shutil.copy(ROOT / "_quarto.yml", tmp_path)
    (tmp_path / "reports" / "style").mkdir(parents=True)
    shutil.copy(ROOT / "reports" / "style" / "thema.yml", tmp_path / "reports" / "style")
    made = Checkout(tmp_path)
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("CBS_ODATA4", "CBS_ODATA3", "DATADERDEN"):
        monkeypatch.delenv(f"REGIODEAL_BASE_URL_{name}", raising=False)
    monkeypatch.setattr("evaluation.statistics.sources.http.time.sleep", made.waits.append)
    return made
