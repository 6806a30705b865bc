"""The switch in the header: each page leads to the front page of the site and to each report, and to nothing else."""

import re
from pathlib import Path

from evaluation.base.paths import FINAL, INTERIM, PORTFOLIO, REPORT_FOLDER, write_text

_SWITCH = re.compile(r'<nav\b[^>]*\bclass="jaren"[^>]*>.*?</nav>', re.DOTALL)
_FRONT = "."
"""The folder of the pages around the reports: the site itself."""
_REPORT = re.compile(rf"(?:{REPORT_FOLDER.pattern})(?:-.*)?")


def refresh_years(site: Path) -> None:
    """Write the switch anew on every page in `site`: front page, years, final evaluation, all deals.

    Called after something was added, so that older reports lead to it too; pages that are right already are left alone.
    An incomplete report (``2021-...``) leads to the others and is not led to.
    """
    reports = sorted(
        folder.name for folder in site.iterdir() if _REPORT.fullmatch(folder.name) and (folder / "index.html").is_file()
    )
    years = [name for name in reports if REPORT_FOLDER.fullmatch(name)]
    front = [_FRONT] if (site / "index.html").is_file() else []
    for name in [*front, *reports]:
        switch = _switch(name, [*front, *years])
        for page in sorted((site / name).glob("*.html")):
            text = page.read_text(encoding="utf-8")
            fresh = _SWITCH.sub(lambda _, switch=switch: switch, text)
            if fresh != text:
                write_text(page, fresh)


def _switch(name: str, names: list[str]) -> str:
    if not set(names) - {name}:
        return '<nav class="jaren" aria-label="Verslagen" hidden></nav>'
    root = "" if name == _FRONT else "../"
    items = "".join(
        f'<li><span aria-current="true">{_label(other)}</span></li>'
        if other == name != _FRONT
        else f'<li><a href="index.html" aria-current="true">{_label(other)}</a></li>'
        if other == name
        else f'<li><a href="{root}{"" if other == _FRONT else f"{other}/"}index.html">{_label(other)}</a></li>'
        for other in names
    )
    return f'<nav class="jaren" aria-label="Verslagen"><ul>{items}</ul></nav>'


def _label(name: str) -> str:
    labels = {FINAL: "Eindevaluatie", INTERIM: "Tussenstand", PORTFOLIO: "Alle deals", _FRONT: "Overzicht"}
    return labels.get(name, name)
