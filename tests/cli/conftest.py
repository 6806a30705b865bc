"""A project that the tests of one file share."""

import zipfile

import pytest

from tests.conftest import Project, copy_project


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory) -> Project:
    """A project that nothing may change: with files that a command reads, of the right kind."""
    made = copy_project(tmp_path_factory.mktemp("outside") / "project")
    done = made.regiodeal_here("template", "--to", "x.xlsx", "--filled")
    assert done.returncode == 0, done.stderr
    (made.root / "x.csv").write_text("region,period,value\nGM0917,2020,1\n", encoding="utf-8")
    with zipfile.ZipFile(made.root / "x.zip", "w") as archive:
        archive.writestr("bundle.json", "{}")
    made.site.mkdir(parents=True)
    (made.site / "index.html").write_text("<html></html>", encoding="utf-8")
    return made
