"""Which plotly a site carries: one of a third of the size draws every kind of figure that the chapters have.

``publish/library`` has plotly's own distribution for figures on two axes, of the version that the package brings (a
test compares them).  A site with a figure of another kind carries the whole.
"""

import filecmp
import json
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import plotly

SMALL = Path(__file__).parents[1] / "library" / "plotly-cartesian.min.js"
WHOLE = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
KINDS = frozenset({
    "bar", "box", "contour", "heatmap", "histogram", "histogram2d", "histogram2dcontour", "image", "pie", "scatter",
    "scatterternary", "violin",
})  # fmt: skip
"""Of traces that the small one draws."""

_FIGURE = re.compile(r'<script type="application/json" id="data-[^>]*>(.*?)</script>', re.DOTALL)


def share_plotly(site: Path, *drafts: Path) -> None:
    """Put plotly.min.js in a site, once for all its reports and those that are about to stand there.

    Parameters
    ----------
    site, drafts : Path
        The folder with ``assets``; folders with pages that use it too.
    """
    kinds = {kind for folder in (site, *drafts) for page in folder.rglob("*.html") for kind in kinds_of(page)}
    source = SMALL if SMALL.is_file() and kinds <= KINDS else WHOLE
    target = site / "assets" / WHOLE.name
    if target.is_file() and filecmp.cmp(source, target, shallow=False):
        return
    target.parent.mkdir(exist_ok=True)
    draft = target.with_name(f".{target.name}.new")
    shutil.copyfile(source, draft)
    os.replace(draft, target)


def kinds_of(page: Path) -> Iterable[str]:
    """Tell which kinds of traces the figures of a page have.

    Parameters
    ----------
    page : Path
        HTML of a site.

    Returns
    -------
    Iterable[str]
    """
    for text in _FIGURE.findall(page.read_text(encoding="utf-8")):
        try:
            traces = json.loads(text)["data"]
        except (ValueError, KeyError, TypeError):
            continue  # nothing to draw: the check of the pages tells where
        for trace in traces:
            yield str(trace.get("type", "scatter"))
