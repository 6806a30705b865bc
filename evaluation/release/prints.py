"""The prints of a release: PDF and Word made anew of its pages, with which release it is and what it revised."""

import json
import re
from datetime import date
from pathlib import Path

from evaluation.base import dutch
from evaluation.base.errors import PublishError
from evaluation.base.paths import build_dir
from evaluation.publish.print.manuscript import Issue
from evaluation.publish.print.printing import print_report
from evaluation.publish.project import load_project
from evaluation.release.changes import Changes
from evaluation.release.release_page import citation
from evaluation.release.shell import CHANGES_PAGE
from evaluation.release.statement import Release

_MAIN = re.compile(r"<main\b[^>]*>(.*?)</main>", re.DOTALL)
_NO_TABLES = re.compile(r"<h1>.*?(?=<h2 )", re.DOTALL)


def print_release(site: Path, release: Release, changes: Changes | None) -> None:
    """Make the prints that the report in `site` has anew, as those of the release.

    Raises PublishError when what the report was made of is not there any more, or is of another run.
    """
    formats = {path.suffix[1:] for path in site.iterdir()} & {"pdf", "docx"}
    if not formats:
        return
    folder = build_dir() / "report" / release.deal / release.edition
    made = folder / "run.json"
    if not made.is_file() or json.loads(made.read_bytes())["results_sha256"] != release.results_sha256:
        again = f"Make it again with --format html,{','.join(sorted(formats))}"
        raise PublishError(f"PDF and Word of {release.edition} cannot be made as those of a release. {again}.")
    print_report(load_project(folder), site, formats, _issue(site, release, changes))


def _issue(site: Path, release: Release, changes: Changes | None) -> Issue:
    count = len(changes.revised) if changes else 0
    told = f"{dutch.plural(count, 'cijfer is', 'cijfers zijn')} herzien sinds de vorige uitgave; de bijlage noemt ze. "
    which = f"Uitgave {release.number}, {dutch.day(date.fromisoformat(release.date))}."
    line = f"{which} {told if count else ''}Verwijs zo: {citation(release)}"
    if not changes or not changes.all:
        return Issue(line)
    first, *others = sorted(site.glob(f"{CHANGES_PAGE[:-5]}*.html"), key=lambda path: (len(path.name), path.name))
    parts = [_main(first), *(_NO_TABLES.sub("", _main(path), count=1) for path in others)]
    return Issue(line, "\n".join(parts), CHANGES_PAGE)


def _main(page: Path) -> str:
    found = _MAIN.search(page.read_text(encoding="utf-8"))
    return found[1] if found else ""
