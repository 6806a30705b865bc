"""Fitted models of statsmodels as tables: a row per coefficient, or the summary of the library without its clock."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from math import floor, log10
from typing import Any

import pandas as pd

from evaluation.base import dutch
from evaluation.base.text import literal
from evaluation.present.display import Display
from evaluation.present.results import Result
from evaluation.present.tables import Column, numeric, table

_CLOCK = ("date", "time")
_HEADS = {
    "coef": "Coëfficiënt", "Coef.": "Coëfficiënt", "std err": "Standaardfout", "Std.Err.": "Standaardfout",
    "P>|t|": "p", "P>|z|": "p", "[0.025": "95% van", "0.975]": "95% tot",
}  # fmt: skip
_NUMBER = re.compile(r"[-+−]?\d+(\.\d*)?(e[-+]?\d+)?%?")


def show_estimates(fit: Any, *, source: str | None = None, results: Iterable[Result] = ()) -> Display:
    """Show a fitted model: a row per coefficient with its uncertainty, and what the fit rests on."""
    params, interval = fit.params, fit.conf_int()
    if getattr(params, "ndim", 1) != 1:  # several equations at once
        return show_summary(fit.summary(), source=source, results=results)
    names = list(params.index) if hasattr(params, "index") else list(fit.model.exog_names)
    interval = interval.to_numpy() if hasattr(interval, "to_numpy") else interval
    parts = (list(values) for values in (params, fit.bse, fit.tvalues, fit.pvalues))
    rows = []
    for name, value, error, t, p, (low, high) in zip(names, *parts, interval, strict=True):
        uncertain = (_short(error), dutch.number(t, 2), dutch.number(p, 3), f"{_short(low)} tot {_short(high)}")
        rows.append([str(name), _short(value), *uncertain])
    fitted = f"{dutch.number(fit.nobs)} waarnemingen"
    fitted += f", R² {dutch.number(fit.rsquared, 2)}" if hasattr(fit, "rsquared") else ""
    errors = f"; standaardfouten: {fit.cov_type}" if hasattr(fit, "cov_type") else ""
    note = f"{type(fit.model).__name__} van {fit.model.endog_names}; {fitted}{errors}."
    heads = ["Term", *numeric("Coëfficiënt", "Standaardfout", "t", "p", "95%-interval")]
    return table(heads, rows, results=results, source=" ".join(filter(None, [note, source])))


def show_summary(summary: Any, *, source: str | None = None, results: Iterable[Result] = ()) -> Display:
    """Show ``fit.summary()`` or ``fit.summary2()``: its tables, without the lines that say when it was made."""
    shown = [_as_table(*part) for part in map(_cells, summary.tables)]
    note = source or ""
    parts = [part for part in shown if part.bundle]
    content = "".join(str(part.bundle["text/html"]) for part in parts)
    content += f'<p class="bron">{html.escape(note)}</p>' if note else ""
    text = "\n\n".join([*(str(part.bundle["text/markdown"]) for part in parts), *([literal(note)] if note else [])])
    return Display({"text/html": content, "text/markdown": text, "text/plain": text}, tuple(results))


def _cells(part: Any) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows of a table of a summary; a table of names and values has no head."""
    if isinstance(part, pd.DataFrame):
        rows = [[format(cell, ".4g") if isinstance(cell, float) else str(cell) for cell in row]
                for row in part.itertuples(index=False)]  # fmt: skip
        if list(part.columns) == list(range(part.shape[1])):
            return [], rows
        return ["", *map(str, part.columns)], [[str(name), *row] for name, row in zip(part.index, rows, strict=True)]
    rows = [[str(cell.data).strip() for cell in row] for row in part]
    has_head = bool(rows) and part[0].datatype == "header"
    return (rows[0], rows[1:]) if has_head else ([], rows)


def _as_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Display:
    if not head:
        pairs = [(name.rstrip(":"), value) for name, value in _pairs(rows) if name]
        kept = [pair for pair in pairs if pair[0].casefold() not in _CLOCK]
        return table([Column("Kenmerk"), *numeric("Waarde")], [[name, _dutch(value)] for name, value in kept])
    columns = [Column(_HEADS.get(name, name), numeric=place > 0) for place, name in enumerate(head)]
    return table(columns, [[row[0], *map(_dutch, row[1:])] for row in rows])


def _pairs(rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Return names and values that stand beside each other, column by column."""
    for start in range(0, max(map(len, rows), default=0), 2):
        yield from ((row[start], row[start + 1]) for row in rows if len(row) > start + 1)


def _dutch(text: str) -> str:
    """Write a number of a summary with a comma.

    >>> _dutch("7882."), _dutch("-0.36"), _dutch("Least Squares")
    ('7882', '−0,36', 'Least Squares')
    """
    text = text.strip()
    return text.rstrip(".").replace(".", ",").replace("-", "−") if _NUMBER.fullmatch(text) else text


def _short(value: float) -> str:
    """Write a number with three significant digits.

    >>> _short(0.01234), _short(1234.5)
    ('0,0123', '1.234')
    """
    digits = 0 if not value or value != value else max(0, 2 - floor(log10(abs(value))))
    return dutch.number(value, min(digits, 8))
