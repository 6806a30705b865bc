"""A bundle of 2021 for all tests here, and copies of its project that a test may spoil."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pytest

from tests.conftest import Project


@pytest.fixture(scope="session")
def bundle(reported: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive, made with the command."""
    path = tmp_path_factory.mktemp("bundle") / "2021.zip"
    done = reported.regiodeal("bundle", "2021", "--to", str(path))
    assert done.returncode == 0, done.stderr
    assert "Voortgangsrapportage over 2021" in done.stdout and "sha256: " in done.stdout
    return path


@pytest.fixture(scope="session")
def packed(bundle: Path) -> dict[str, bytes]:
    """The files of the archive."""
    with zipfile.ZipFile(io.BytesIO(bundle.read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def with_run(reported: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy of the project with its run of 2021, at another path; the package works in it."""
    root = tmp_path / "elsewhere"
    shutil.copytree(reported.root, root, ignore=shutil.ignore_patterns("build"))
    shutil.copytree(reported.runs / "2021", root / "build" / "runs" / "parkstad-limburg" / "2021")
    monkeypatch.setenv("REGIODEAL_ROOT", str(root))
    return Project(root)
