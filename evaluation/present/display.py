"""What a notebook step shows: one object with a representation per medium, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from evaluation.present.results import RESULTS_MIME, Result, to_records


@dataclass(frozen=True, slots=True)
class Display:
    """A figure, table or text with the numbers that it shows.

    `bundle` is MIME type to content: of a text ``text/markdown``; of a table ``text/html`` and ``text/markdown``; of a
    figure ``application/vnd.plotly.v1+json`` and ``text/html``.
    """

    bundle: dict[str, object]
    results: tuple[Result, ...] = field(default=())  # every number shown, for results.csv

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        bundle = dict(self.bundle)
        if self.results:
            bundle[RESULTS_MIME] = to_records(self.results)
        return bundle


def markdown(text: str, results: Iterable[Result] = ()) -> Display:
    """Show a text in Markdown."""
    return Display({"text/markdown": text, "text/plain": text}, tuple(results))


def lead(text: str, results: Iterable[Result] = ()) -> Display:
    """Show the finding with which a chapter opens; a plain div, which JupyterLab, Quarto and pandoc all understand."""
    return markdown(f'<div class="lead">\n\n{text}\n\n</div>', results)
