"""The plotly of a site: the small one for figures on two axes, the whole one where a figure needs it."""

from __future__ import annotations

import json
from pathlib import Path

from plotly.offline import get_plotlyjs_version

from evaluation.publish.site.library import SMALL, WHOLE, share_plotly


def page(folder: Path, *kinds: str) -> Path:
    """Write a page with a figure of these kinds."""
    folder.mkdir(parents=True, exist_ok=True)
    spec = json.dumps({"data": [{"type": kind} for kind in kinds], "layout": {"shapes": [{"type": "rect"}]}})
    path = folder / "index.html"
    path.write_text(f'<script type="application/json" id="data-x">{spec}</script>', encoding="utf-8")
    return path


def carried(site: Path) -> bytes:
    return (site / "assets" / "plotly.min.js").read_bytes()


def test_the_small_one_is_of_the_version_that_the_package_brings():
    head = SMALL.read_text(encoding="utf-8")[:200]
    assert f"cartesian - minified) v{get_plotlyjs_version()}" in head and "MIT" in head
    assert SMALL.with_name("LICENSE.plotly").read_text(encoding="utf-8").startswith("MIT License")
    assert SMALL.stat().st_size < WHOLE.stat().st_size / 3


def test_a_site_carries_the_whole_one_only_where_a_report_or_a_new_page_needs_it(tmp_path: Path):
    site, draft = tmp_path / "site", tmp_path / "draft"
    page(site / "2021", "scatter", "heatmap")
    share_plotly(site)
    assert carried(site) == SMALL.read_bytes()
    page(draft, "bar", "sunburst")
    share_plotly(site, draft)
    assert carried(site) == WHOLE.read_bytes()
    page(draft, "bar")
    share_plotly(site, draft)
    assert carried(site) == SMALL.read_bytes()
