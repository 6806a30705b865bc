"""One browser for all tests; where there is none, or no axe-core, they are skipped with the reason."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from evaluation.publish.publishing import render_report
from tests.browser.walk import find_browser, is_locked_axe, open_browser
from tests.site.made_run import make_project, make_run


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give a headless Chromium of this machine."""
    path = find_browser()
    if path is None:
        pytest.skip("there is no Chromium on PATH")
    if not is_locked_axe():
        pytest.skip("axe-core of package-lock.json is not installed: make tests/browser/node_modules")
    with open_browser(path) as opened:
        yield opened


def make_small_site(root: Path, engine: str) -> Path:
    """Publish the small report of `tests.site.made_run`; return the site."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGIODEAL_ROOT", str(root))
        run_dir = make_run(make_project(root))
        render_report(run_dir, site=root / "build" / "site", name="2021", engine=engine)
    return root / "build" / "site"


@pytest.fixture(scope="session")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a site of one small report, made by the embedded engine."""
    return make_small_site(tmp_path_factory.mktemp("small") / "project", "embedded")
