"""How soon the largest part of a page is seen: a page of ours beside an ordinary one of the same chapter, in one run.

The other page is what a notebook becomes by default in Quarto or nbconvert: the same text and tables, each figure drawn
by plotly when the page loads, and the library (``plotly.min.js``) loaded in its head.  Both are served from a folder by
the same server, to a headless Chromium with the network and processor of a cheap telephone, and loaded in turns with an
empty cache.

    python benchmarks/pages.py [build/site/2021]

Printed as ``name: value``, of the folder of a report:

pages_lcp_ratio
    Largest contentful paint of our pages in that of the ordinary ones: the median over the chapters.
pages_bytes_ratio
    What is transferred until the page is loaded, likewise.
pages_worst_lcp_ratio
    The largest ratio of a chapter.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser  # noqa: E402

from evaluation.present.packed import unpack_spec  # noqa: E402
from evaluation.publish.pages.pictures import read_data  # noqa: E402
from tests.browser.walk import find_browser, open_browser, serve  # noqa: E402

CHAPTERS, REPEATS = 3, 2
"""The chapters with the largest pages: the library alone takes the ordinary page half a minute on this network."""

NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
"""Round trip in ms, and bytes a second: what Lighthouse takes for a telephone."""

SLOWDOWN = 4
LONGEST = 120_000
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_OURS = re.compile(r'<script src="[^"]*figu[^"]*"[^>]*></script>')
_AREA = re.compile(r'(<div class="figuur-vlak"[^>]*data-figuur="([\w-]+)"[^>]*>).*?</div>', re.DOTALL)
_PAINT = """() => new Promise(done => {
  let last = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => { last = entry.startTime; }))
    .observe({type: 'largest-contentful-paint', buffered: true});
  const loaded = () => [...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')];
  setTimeout(() => done([last, loaded().reduce((sum, one) => sum + one.transferSize, 0)]), 400);
})"""


def main() -> None:
    """Make the ordinary pages, load both in turns, and print what was measured."""
    report = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "site" / "2021"
    chapters = [path.name for path in sorted(report.glob("[0-9e]*.html")) if read_data(report, path.name)]
    browser_path = find_browser()
    chapters = sorted(chapters, key=lambda name: -(report / name).stat().st_size)[:CHAPTERS]
    if browser_path is None or not chapters:
        raise SystemExit("There is no Chromium on PATH." if browser_path is None else f"No chapters in {report}.")
    made = [path for name in chapters if (path := write_ordinary(report, name))]
    try:
        with open_browser(browser_path) as browser, serve(report.parent) as address:
            times = {name: compare(browser, f"{address}/{report.name}", name) for name in chapters}
    finally:
        for path in made:
            path.unlink()
    for name, ((ours, mine), (theirs, other)) in times.items():
        print(f"{name}: {ours:.0f} ms and {mine:.0f} bytes; ordinary {theirs:.0f} ms and {other:.0f} bytes")
    ratios = [ours / theirs for (ours, _), (theirs, _) in times.values()]
    print(f"pages_lcp_ratio: {statistics.median(ratios):.3f}")
    print(f"pages_bytes_ratio: {statistics.median(mine / other for (_, mine), (_, other) in times.values()):.3f}")
    print(f"pages_worst_lcp_ratio: {max(ratios):.3f}")


def write_ordinary(report: Path, name: str) -> Path:
    """Write beside a page the same page as a notebook makes it by default."""
    figures = {key: unpack_spec(spec) for key, spec in read_data(report, name).items()}
    text = (report / name).read_text(encoding="utf-8")

    def drawn(found: re.Match[str]) -> str:
        spec = json.dumps(figures[found[2]]).replace("<", "\\u003c")
        call = f'Plotly.newPlot("vlak-{found[2]}", figure.data, figure.layout)'
        return f"{found[1]}</div><script>{{ const figure = {spec}; {call}; }}</script>"

    text = _AREA.sub(drawn, _OURS.sub("", _POLICY.sub("", text)))
    text = text.replace("</head>", '<script src="../assets/plotly.min.js"></script></head>', 1)
    path = report / f"gewoon-{name}"
    path.write_text(text, encoding="utf-8")
    return path


def compare(browser: Browser, address: str, name: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Load both pages in turns; returns ms until the largest paint and bytes of each, the medians."""
    found: dict[str, list[tuple[float, float]]] = {name: [], f"gewoon-{name}": []}
    for _ in range(REPEATS):
        for page, times in found.items():
            times.append(load(browser, f"{address}/{page}"))
    ours, theirs = (tuple(map(statistics.median, zip(*times, strict=True))) for times in found.values())
    return ours, theirs


def load(browser: Browser, address: str) -> tuple[float, float]:
    """Load a page on a slow machine with an empty cache."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    try:
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", NETWORK)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        page.goto(address, wait_until="load", timeout=LONGEST)
        return tuple(page.evaluate(_PAINT))
    finally:
        context.close()


if __name__ == "__main__":
    main()
