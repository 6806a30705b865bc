"""Figures that our own drawing does not know, drawn for print by plotly itself in the Chrome of this machine.

The browser gets plotly's own library and the figures as one page, may call nobody, and hands the images back in that
page: one start for all figures of a report, and no package more (kaleido wraps the same steps).
"""

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import plotly

from evaluation.base.errors import ProgramError
from evaluation.base.programs import call

PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
_WIDTH, _SCALE, _TIME_LIMIT = 640, 3, 120
_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--no-first-run", "--disable-dev-shm-usage", "--virtual-time-budget=60000",
    "--dump-dom",
)  # fmt: skip
_PAGE = """<!DOCTYPE html><meta charset="utf-8"><script src="{library}"></script><body><script>
const figures = {figures};
(async () => {{
  for (const [name, figure] of Object.entries(figures)) {{
    const place = document.createElement("pre");
    place.id = name;
    try {{
      const size = {{format: "png", width: {width}, height: figure.layout.height || 420, scale: {scale}}};
      place.textContent = await Plotly.toImage({{data: figure.data, layout: figure.layout}}, size);
    }} catch (error) {{ place.textContent = ""; }}
    document.body.append(place);
  }}
}})();
</script>"""
_IMAGE = re.compile(r'<pre id="([^"]+)">data:image/png;base64,([A-Za-z0-9+/=]+)</pre>')


def find_browser() -> str | None:
    """Return the Chrome or Chromium of this machine: that of BROWSER_PATH, or the first on PATH; None without one."""
    named = os.environ.get("BROWSER_PATH")
    if named:
        return named if Path(named).is_file() else None
    return next(filter(None, map(shutil.which, _NAMES)), None)


def draw_in_browser(specs: Mapping[str, Mapping[str, Any]], workspace: Path) -> dict[str, bytes]:
    """Draw figures (name to specification in plain colours) as PNG; without those that there is no image of."""
    program = find_browser()
    if program is None or not specs:
        return {}
    page = workspace / "figuren.html"
    figures = json.dumps(specs).replace("<", "\\u003c")
    text = _PAGE.format(library=PLOTLY_JS.as_uri(), figures=figures, width=_WIDTH, scale=_SCALE)
    page.write_text(text, encoding="utf-8")
    command = [program, *_OPTIONS, f"--user-data-dir={workspace / 'profiel'}", page.as_uri()]
    try:
        quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "encoding": "utf-8", "errors": "replace"}
        done = call(command, timeout=_TIME_LIMIT, **quiet)
    except (ProgramError, subprocess.TimeoutExpired):
        return {}
    return {name: base64.b64decode(image) for name, image in _IMAGE.findall(done.stdout)}
