"""What a notebook step shows: one object with a representation per medium, and the numbers behind it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import pandas as pd

from evaluation.base.errors import UsageError
from evaluation.base.text import literal
from evaluation.present.results import RESULTS_MIME, Result, to_records

if TYPE_CHECKING:
    import plotly.graph_objects as go

FIGURE_MIME = "application/vnd.plotly.v1+json"
REFUSED_MIME = "application/vnd.regiodeal.refused+json"
"""Of what a cell displayed that a report cannot show: why, and what to do."""

_STRONG, _EMPHASIS, _ITEM, _MEANING, _MORE, _LINK, _TO, _END = map(chr, range(0xE000, 0xE008))
"""Marks of our own: characters that no one types, so that every other character of a text is text."""

_SIGNS = {_STRONG: "**", _EMPHASIS: "*", _ITEM: "- ", _MEANING: ":   ", _MORE: "    "}
_MARKS = re.compile(f"([{''.join(_SIGNS)}])|{_LINK}([^{_LINK}-{_END}]*){_TO}([\\w./#-]+){_END}")


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a table for readers, as plain text."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Display:
    """A figure, table or text with the numbers that it shows.

    `bundle` is MIME type to content: of a text ``text/markdown``; of a table ``text/html`` and ``text/markdown``; of a
    figure ``application/vnd.plotly.v1+json`` and ``text/html``.
    """

    bundle: dict[str, object]
    results: tuple[Result, ...] = field(default=())  # every number shown, for results.csv
    in_sight: bool = False  # the cell that shows the numbers has computed them, or takes over what such a cell did
    cells: Cells | None = None  # of a table, and of the table under a figure: as a reader sees them

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        records = to_records(self.results, in_sight=self.in_sight)
        return self.bundle | ({RESULTS_MIME: records} if records else {})

    def __repr__(self) -> str:
        kind = "figure" if FIGURE_MIME in self.bundle else "table" if "text/html" in self.bundle else "text"
        return f"<{kind} with {len(self.results)} numbers: .data{', .figure' if kind == 'figure' else ''}>"

    def _repr_html_(self) -> str | None:
        return self.bundle.get("text/html")

    @property
    def data(self) -> pd.DataFrame | None:
        """What it shows as a table: its numbers, a row each (the columns of `results.Result`).

        Of a table without numbers of results.csv (projects, agreements) its cells as they read; None of a text without
        numbers, of which the words are all there is.
        """
        if self.results or self.cells is None:
            records = to_records(self.results)
            return pd.DataFrame(records, columns=[item.name for item in fields(Result)]) if records else None
        return pd.DataFrame(self.cells.rows, columns=self.cells.titles)

    @property
    def figure(self) -> "go.Figure":
        """The plotly figure, to start from; UsageError where it shows a table or a text: see `data`."""
        import plotly.graph_objects as go

        if FIGURE_MIME not in self.bundle:
            raise UsageError("This step shows a table or a text, not a figure. Its numbers are in .data")
        return go.Figure(self.bundle[FIGURE_MIME])


def markdown(text: str, results: Iterable[Result] = ()) -> Display:
    """Show a text; only `strong`, `emphasis`, `link`, `listed` and `meaning` are more than the words that they are."""
    text = "\n".join(map(_to_markdown, text.split("\n")))
    return Display({"text/markdown": text, "text/plain": text}, tuple(results))


def lead(text: str, results: Iterable[Result] = ()) -> Display:
    """Show the finding with which a chapter opens; a plain div, which JupyterLab, Quarto and pandoc all understand."""
    text = f'<div class="lead">\n\n{markdown(text).bundle["text/markdown"]}\n\n</div>'
    return Display({"text/markdown": text, "text/plain": text}, tuple(results))


def strong(words: str) -> str:
    """Mark words that stand out."""
    return f"{_STRONG}{words}{_STRONG}"


def emphasis(words: str) -> str:
    """Mark words that have some stress."""
    return f"{_EMPHASIS}{words}{_EMPHASIS}"


def link(words: str, place: str) -> str:
    """Mark words that lead to a page of ours: `place` has no host."""
    return f"{_LINK}{words}{_TO}{place}{_END}"


def listed(lines: Iterable[str]) -> str:
    """Mark the lines of a list."""
    return "\n".join(f"{_ITEM}{line}" for line in lines)


def meaning(term: str, paragraphs: Iterable[str], beside: str = "") -> str:
    """Mark a term, with words `beside` it, and what is said of it."""
    return f"{strong(term)}{beside}\n{_MEANING}" + f"\n\n{_MORE}".join(paragraphs)


def _to_markdown(line: str) -> str:
    """Write the marks of a line as Markdown, and everything else as it reads."""
    out, end = "", 0
    for mark in _MARKS.finditer(line):
        sign = _SIGNS[mark[1]] if mark[1] else f"[{literal(mark[2])}]({mark[3]})"
        out, end = out + literal(line[end : mark.start()]) + sign, mark.end()
    return out + literal(line[end:])
