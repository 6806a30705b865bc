"""What print draws is what plotly draws on the page: the same bins, counts, quartiles and outermost dots."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import plotly.express as px
import pytest

from evaluation.present.drawing.scene import make_axes, open_scene
from evaluation.present.drawing.spread import count_histograms
from evaluation.publish.print.browser import PLOTLY_JS, find_browser

TIPS = px.data.tips()
WHOLE = TIPS.assign(euro=TIPS["total_bill"].round(), klein=TIPS["tip"] / 100)
FIGURES = {
    "bill": px.histogram(TIPS, x="total_bill"),
    "groups": px.histogram(TIPS, x="total_bill", color="sex"),
    "few": px.histogram(TIPS, x="tip", nbins=5),
    "whole": px.histogram(WHOLE, x="euro"),
    "small": px.histogram(WHOLE, x="klein", histnorm="percent"),
    "lying": px.histogram(TIPS, y="tip"),
    "mean": px.histogram(TIPS, x="day", y="tip", histfunc="avg"),
    "size": px.histogram(TIPS, x="size"),
}
PAGE = """<!DOCTYPE html><meta charset="utf-8"><script src="{library}"></script><body><script>
const figures = {figures};
(async () => {{
  const found = {{}};
  for (const [name, figure] of Object.entries(figures)) {{
    const place = document.body.appendChild(document.createElement("div"));
    await Plotly.newPlot(place, figure.data, figure.layout);
    found[name] = place.calcdata.map(trace => trace.filter(bar => bar.s).map(bar => [bar.p, bar.s]));
  }}
  const shown = document.body.appendChild(document.createElement("pre"));
  shown.id = "found";
  shown.textContent = JSON.stringify(found);
}})();
</script>"""


@pytest.mark.skipif(find_browser() is None, reason="there is no Chrome or Chromium")
def test_histograms_have_the_bars_of_plotly(tmp_path: Path) -> None:
    specs = {name: json.loads(figure.to_json()) for name, figure in FIGURES.items()}
    page = tmp_path / "page.html"
    figures = json.dumps(specs).replace("<", "\\u003c")
    page.write_text(PAGE.format(library=PLOTLY_JS.as_uri(), figures=figures), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=30000", "--dump-dom"]
    command = [str(find_browser()), *options, f"--user-data-dir={tmp_path / 'profile'}", page.as_uri()]
    told = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    theirs = json.loads(re.search(r'<pre id="found">(.*?)</pre>', told)[1])
    for name, spec in specs.items():
        scene = open_scene(spec)
        make_axes(scene)
        count_histograms(scene)
        for trace, bars in zip(scene.traces, theirs[name], strict=True):
            along, up = ("y", "x") if trace["orientation"] == "h" else ("x", "y")
            pairs = [(at, n) for at, n in zip(trace[along], trace[up], strict=True) if n]
            places = [scene.axes[along].number(at) for at, _ in pairs]
            assert np.allclose(sorted(zip(places, (n for _, n in pairs), strict=True)), sorted(map(tuple, bars))), name
