"""The report to print: PDF and Word beside its pages, and the links that lead to them."""

import re
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation.base import dutch
from evaluation.base.errors import PublishError
from evaluation.base.paths import WHOLE, write_text
from evaluation.publish.print.lengths import Length, count_words
from evaluation.publish.print.manuscript import Issue, read_manuscript
from evaluation.publish.print.pdf import write_pdf
from evaluation.publish.print.word import write_word
from evaluation.publish.project import Project, find_profile

_LABELS = {"pdf": "Als pdf", "docx": "Als Word-document"}
_LINKS = re.compile(r'\n<p class="afdruk">.*?</p>')


@dataclass(frozen=True, slots=True)
class Prints:
    """The printed versions of a report."""

    files: list[Path]
    as_tables: tuple[str, ...]  # the figures that could not be drawn and stand in them as their table
    length: Length


def print_report(project: Project, pages: Path, formats: Collection[str], issue: Issue | None = None) -> Prints:
    """Write PDF and Word versions of a finished report beside its pages, and lead to them from the first page.

    Those of a release have what it is on the cover, and its revised numbers.

    Raises PublishError when a file cannot be made or a figure cannot be read.
    """
    length = count_words(project, pages)
    manuscript = read_manuscript(project, pages, issue)
    kind, report = find_profile(project.folder), project.variables["report"]
    name = report["edition"] if kind in WHOLE.values() else f"voortgangsrapportage-{report['year']}"
    made = []
    for form in _LABELS:
        if form not in formats:
            continue
        with tempfile.TemporaryDirectory() as workspace:
            if form == "pdf":
                content, (main, annexes) = write_pdf(manuscript, project.folder, Path(workspace))
                length = replace(length, pages=main, annex_pages=annexes)
            else:
                content = write_word(manuscript, Path(workspace))
        made.append(pages / f"{name}.{form}")
        made[-1].write_bytes(content)
    _link(pages / "index.html", made)
    return Prints(made, manuscript.as_tables, length)


def _link(index: Path, files: list[Path]) -> None:
    links = " ".join(
        f'<a href="{file.name}" download>{_LABELS[file.suffix[1:]]} ({dutch.number(file.stat().st_size / 1e6, 1)}'
        "\N{NO-BREAK SPACE}MB)</a>"
        for file in files
    )
    text = _LINKS.sub("", index.read_text(encoding="utf-8"))
    if text.count("</h1>") != 1:
        raise PublishError(
            f"{index.name}: expected one heading of the first level to put the links to PDF and Word under"
        )
    write_text(index, text.replace("</h1>", f'</h1>\n<p class="afdruk">{links}</p>'))
