"""The sha256 of the bundle of each report, on its account page: what a verifier compares a bundle with.

`regiodeal bundle` leaves it in ``build/bundles``; only that of a bundle of the very run that is published is shown.
"""

import hashlib
import json
import re
from pathlib import Path

from evaluation.base.paths import build_dir
from evaluation.publish.account import NO_SUM

SUMS = "SHA256SUMS"
_PAGE = "verantwoording.html"
_ABSENT = "van dit verslag is geen bundel gemaakt"


def show_sums(site: Path) -> None:
    """Write the sum of each report's bundle on its account page and in a file beside it, or that there is no bundle."""
    for page in sorted(site.rglob(_PAGE)):
        text = page.read_text(encoding="utf-8")
        if NO_SUM in text:
            line = _sum_of(page.parent)
            if line:
                page.with_name(SUMS).write_text(line + "\n", encoding="utf-8")
            shown = f"<code>{line.partition('  ')[0]}</code>" if line else _ABSENT
            page.unlink()  # the file may be one with that of the site itself
            page.write_text(text.replace(NO_SUM, shown), encoding="utf-8")


def _sum_of(report: Path) -> str:
    """Return the line for SHA256SUMS of a report's bundle; empty without one, or with one of another run."""
    try:
        run = json.loads((report / "run.json").read_bytes())
        known = json.loads((build_dir() / "bundles" / run["deal"] / f"{run['edition']}.json").read_bytes())
        results = hashlib.sha256((report / "results.csv").read_bytes()).hexdigest()
        is_this = known["results_sha256"] == results and re.fullmatch("[0-9a-f]{64}", known["sha256"])
        return f"{known['sha256']}  {known['name']}" if is_this else ""
    except (OSError, ValueError, KeyError):
        return ""
