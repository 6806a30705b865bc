"""What analysts make with pandas, matplotlib and statsmodels as displays of a report.

Libraries are recognised by the names of their classes, so that none is imported before a notebook uses it.
"""

import copy
import html
import io
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from evaluation.base import dutch
from evaluation.base.errors import UsageError
from evaluation.present.display import Display
from evaluation.present.reader_words import reader_word
from evaluation.present.results import Result
from evaluation.present.tables import Column, table

_YEARS = range(1900, 2101)


def kind_of(what: object) -> str:
    """Say what something is: figure, frame, styler, picture, estimates, summary, text or display; else UsageError."""
    if isinstance(what, Display):
        return "display"
    if isinstance(what, str):
        return "text"
    if type(what).__module__ == "IPython.core.display" and type(what).__name__ in ("Markdown", "Latex", "Math"):
        return "text"
    if isinstance(what, (pd.DataFrame, pd.Series)):
        return "frame"
    for item in type(what).__mro__:
        module, name = item.__module__.partition(".")[0], item.__name__
        if (module, name) == ("plotly", "BaseFigure"):
            return "figure"
        if module == "pandas" and name == "Styler":
            return "styler"
        if module == "matplotlib" and name == "Figure":
            return "picture"
        if module == "statsmodels" and name == "Summary":
            return "summary"
        if module == "statsmodels" and hasattr(what, "params") and hasattr(what, "bse"):
            return "estimates"
    if type(what).__module__.startswith("matplotlib") and hasattr(what, "figure"):
        return "picture"
    if type(what).__module__ == "numpy" and getattr(what, "size", 0) and hasattr(what.flat[0], "figure"):
        return "picture"  # the axes of several plots
    raise UsageError(
        f"show() knows no {type(what).__name__}. Show a plotly or matplotlib figure, a DataFrame, Series or Styler, a "
        "fitted model of statsmodels or its summary, or a text in Markdown."
    )


def text_of(what: Any) -> str:
    r"""Return a text as Markdown: a formula between the signs that pandoc knows.

    >>> text_of("Drie woorden")
    'Drie woorden'
    """
    if isinstance(what, str):
        return what
    words = str(what.data).strip()
    is_formula = type(what).__name__ in ("Latex", "Math") and not words.startswith("$")
    return f"$${words}$$" if is_formula else words


def show_frame(
    frame: pd.DataFrame | pd.Series,
    *,
    source: str | None = None,
    results: Iterable[Result] = (),
    decimals: int | Sequence[int] = 1,
    missing: Sequence[str] | None = None,
    heads: Mapping[str, str] = MappingProxyType({}),
    empty: Mapping[str, str] = MappingProxyType({}),
) -> Display:
    """Show a DataFrame as a table: numbers in Dutch, percentages where a column ends in ``_pct``, years as years.

    `decimals` are those of all numbers or of each row; a percentage has one. `missing` stands where nothing is, of
    each row, `heads` are the words above columns with a name of the house, and `empty` says of a column why it may have
    nothing in any row.
    """
    frame = frame.to_frame() if isinstance(frame, pd.Series) else frame
    if not _is_bare(frame.index):
        names = [str(name) if name is not None else "" for name in frame.index.names]
        index = frame.index.to_frame(index=False).set_axis(names, axis=1)
        frame = pd.concat([index, frame.reset_index(drop=True)], axis=1)
    columns, cells = [], []
    for place, name in enumerate(frame.columns):
        values = frame.iloc[:, place]
        parts = name if isinstance(name, tuple) else (name,)
        title = " – ".join(heads.get(part, str(part)) for part in parts if str(part))
        is_number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        is_number |= _are_written(values)
        columns.append(Column(reader_word(title), is_number and place > 0, empty.get(str(name), "")))
        digits = [decimals] * len(values) if isinstance(decimals, int) else [int(number) for number in decimals]
        is_percent = str(name).endswith("_pct")
        digits = [min(number, 1) for number in digits] if is_percent or "%" in title else digits
        absent = missing or ["–"] * len(values)
        cells.append(
            [_cell(value, values, *how, percent=is_percent) for value, *how in zip(values, digits, absent, strict=True)]
        )
    return table(columns, list(map(list, zip(*cells, strict=True))), results=results, source=source)


def show_styler(styler: Any, *, source: str | None = None, results: Iterable[Result] = ()) -> Display:
    """Show a Styler as a table, with the numbers as it formats them; colours say nothing alone and are left out."""
    from bs4 import BeautifulSoup

    if _is_bare(styler.index):
        styler = copy.deepcopy(styler).hide(axis="index")
    soup = BeautifulSoup(styler.to_html(), "html.parser")
    lines = [[cell for cell in row.find_all(["th", "td"])] for row in soup.find_all("tr")]
    words = [[(" ".join(cell.get_text().split()), int(cell.get("colspan", 1))) for cell in line] for line in lines]
    rows = [[text for text, wide in line for _ in range(wide)] for line in words]
    width, heads = max(map(len, rows)), len(soup.select("thead tr"))
    rows = [[""] * (width - len(row)) + row for row in rows]
    head = [" – ".join(filter(None, map(reader_word, parts))) for parts in zip(*rows[:heads], strict=True)]
    body = [[_dutch(cell) for cell in row] for row in rows[heads:]]
    is_number = [all(re.fullmatch(r"[-+−€%.,\d\s]*", row[place]) for row in body) for place in range(width)]
    columns = [
        Column(title, numeric=number and place > 0)
        for place, (title, number) in enumerate(zip(head, is_number, strict=True))
    ]
    return table(columns, body, results=results, source=source)


def picture_svg(figure: Any) -> str:
    """Draw a matplotlib figure as SVG: equal figures give equal text, letters stay letters."""
    import matplotlib as mpl

    figure = _whole(figure)
    with io.StringIO() as file, mpl.rc_context({"svg.hashsalt": "regiodeal", "svg.fonttype": "none"}):
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight")
        drawn = file.getvalue()
    return drawn[drawn.index("<svg") :]


def show_picture(figure: Any, *, alt: str, source: str, results: Iterable[Result] = ()) -> Display:
    """Show a matplotlib figure with its alternative text."""
    svg = picture_svg(figure)
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(_whole(figure))  # or JupyterLab shows it once more
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(alt, quote=True)}" ', 1)
    note = f'<p class="bron">{html.escape(source)}</p>'
    return Display({"text/html": f'<div class="figuur beeld">{svg}{note}</div>', "text/plain": alt}, tuple(results))


def _whole(what: Any) -> Any:
    """Return the figure of axes; of several axes that of the first."""
    what = what.flat[0] if hasattr(what, "flat") else what
    return getattr(what, "figure", None) or what


def _is_bare(index: pd.Index) -> bool:
    """Tell whether an index has only the places of rows, which say nothing to a reader."""
    is_unnamed = index.nlevels == 1 and index.name is None and pd.api.types.is_integer_dtype(index)
    return is_unnamed and (isinstance(index, pd.RangeIndex) or not _are_years(index.to_series()))


def _dutch(text: str) -> str:
    """Write a number with a comma that a Styler formatted with a dot.

    >>> _dutch("0.97"), _dutch("1,234.5%"), _dutch("2.1.3")
    ('0,97', '1.234,5%', '2.1.3')
    """
    swapped = text.translate(str.maketrans(",.", ".,"))
    return swapped if re.fullmatch(r"[-+−€\s]*(\d+|\d{1,3}(,\d{3})+)\.\d+\s*%?", text) else text


def _cell(value: object, values: pd.Series, decimals: int, missing: str, *, percent: bool) -> str:
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(map(str, value))
    if value is None or value is pd.NaT or value != value:
        return missing
    if isinstance(value, pd.Timestamp):
        return dutch.short_day(value.date())
    if isinstance(value, bool) or not pd.api.types.is_number(value):
        return {True: "ja", False: "nee"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    if float(value).is_integer() and _are_years(values):
        return str(int(value))
    is_whole = pd.api.types.is_integer_dtype(values) or all(v != v or float(v).is_integer() for v in values)
    text = dutch.number(float(value), 0 if is_whole else decimals)
    return f"{text}%" if percent else text


def _are_written(values: pd.Series) -> bool:
    """Tell whether texts are numbers with decimals as Dutch readers write them, or smaller than one."""
    return len(values) > 0 and all(isinstance(v, str) and re.fullmatch(r"(< )?[−+]?[\d.]+,\d+", v) for v in values)


def _are_years(values: pd.Series) -> bool:
    return all(v != v or (float(v).is_integer() and int(v) in _YEARS) for v in values)
