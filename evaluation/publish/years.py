"""The year switch: each report leads to those that stand beside it, the final evaluation last, and to no other."""

from __future__ import annotations

import re
from pathlib import Path

from evaluation.editions import FINAL
from evaluation.paths import write_text

_SWITCH = re.compile(r'<nav\b[^>]*\bclass="jaren"[^>]*>.*?</nav>', re.DOTALL)
_WHOLE = re.compile(rf"\d{{4}}|{FINAL}")
_REPORT = re.compile(rf"(?:\d{{4}}|{FINAL})(?:-.*)?")


def refresh_years(site: Path) -> None:
    """Write the year switch anew on every page of every report in `site`, an incomplete one (``2021-...``) too.

    Called after a report was added, so that older reports lead to it too; pages that are right already are left alone.
    """
    reports = sorted(folder.name for folder in site.iterdir() if _REPORT.fullmatch(folder.name) and _has_index(folder))
    years = [name for name in reports if _WHOLE.fullmatch(name)]
    for name in reports:
        switch = _switch(name, years)
        for page in sorted((site / name).glob("*.html")):
            text = page.read_text(encoding="utf-8")
            fresh = _SWITCH.sub(lambda _, switch=switch: switch, text)
            if fresh != text:
                write_text(page, fresh)


def _switch(name: str, years: list[str]) -> str:
    if not set(years) - {name}:
        return '<nav class="jaren" aria-label="Jaar" hidden></nav>'
    items = "".join(
        f'<li><span aria-current="true">{_label(other)}</span></li>'
        if other == name
        else f'<li><a href="../{other}/index.html">{_label(other)}</a></li>'
        for other in years
    )
    return f'<nav class="jaren" aria-label="Jaar"><ul>{items}</ul></nav>'


def _label(name: str) -> str:
    return "Eindevaluatie" if name == FINAL else name


def _has_index(folder: Path) -> bool:
    return (folder / "index.html").is_file()
