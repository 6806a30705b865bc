"""Tables for readers: semantic HTML for the site and Markdown for print, from the same cells."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from evaluation.base.text import literal
from evaluation.present.display import Cells, Display
from evaluation.present.results import Result

Cell = str | Markup

EMPTY = "data-leeg"
"""Attribute of what is empty and of which nobody declared why."""

LEFT = ' style="text-align:left"'
"""On cells with text, as JupyterLab puts every cell at the right; the style sheet of a page says the same for all."""

STATE_WORDS = {
    "planned": ("○", "gepland"),
    "started": ("◐", "begonnen"),
    "completed": ("●", "afgerond"),
    "dropped": ("×", "vervallen"),
    "none": ("–", "geen registratie"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table for readers."""

    title: str  # header, in Dutch, with its unit
    numeric: bool = False  # aligned right with tabular figures
    empty: str = ""  # why, in words, it may have nothing in any row: it is then left out, and the table says so


def numeric(*titles: str, empty: str = "") -> list[Column]:
    """Make columns of numbers; `empty` as of `Column`."""
    return [Column(title, numeric=True, empty=empty) for title in titles]


def settle(
    columns: Sequence[Column | str], rows: Sequence[Sequence[Cell]]
) -> tuple[list[Column], list[list[Cell]], str]:
    """Leave out columns that have nothing in any row where that is declared; also say in a sentence which and why.

    An empty column of which nobody says why stays, with a mark on which a run stops (`empty_marks`): what it was to
    show was not found, and a reader would see a column of dashes.
    """
    heads = _heads(columns)
    empty = {place for place in range(1, len(heads)) if rows and all(_is_blank(row[place]) for row in rows)}
    told = {place for place in empty if heads[place].empty}
    kept = [place for place in range(len(heads)) if place not in told]
    reasons: dict[str, list[str]] = {}
    for place in sorted(told):
        reasons.setdefault(heads[place].empty, []).append(heads[place].title)
    words = " ".join(f"Niet in de tabel: {', '.join(titles)}; {why}." for why, titles in reasons.items())
    return [heads[place] for place in kept], [[row[place] for place in kept] for row in rows], words


def empty_marks(content: str) -> list[str]:
    """List what stands empty in HTML of ours without a declared reason: heads of columns, tables, figures."""
    return [html.unescape(found) for found in re.findall(rf' {EMPTY}="([^"]*)"', content)]


def table(
    columns: Sequence[Column | str],
    rows: Sequence[Sequence[Cell]],
    *,
    results: Iterable[Result] = (),
    source: str | None = None,
    drawn: str | None = None,
    total_row: bool = False,
    cards: bool = False,
) -> Display:
    """Make a table; the first column heads its rows, and a column that is a str has text.

    On a phone each row of a table with `cards` is a card, without the heads of its columns: cells say what they are.
    Cells are ready to read: text is escaped, `Markup` is kept in HTML and loses its tags in Markdown. `results` are all
    numbers in the table, `source` is the line under it, and `drawn` says how to read its bars, which print has not.
    """
    heads, rows, left_out = settle(columns, rows)
    source = " ".join(filter(None, [source, left_out])) or None
    body = html_table(heads, rows, total_row=total_row)
    note = f'<p class="bron balk-uitleg">{html.escape(drawn)}</p>' if drawn else ""
    note += f'<p class="bron">{html.escape(source)}</p>' if source else ""
    lines = [
        "| " + " | ".join(_plain(head.title) for head in heads) + " |",
        "| " + " | ".join("---:" if head.numeric else ":---" for head in heads) + " |",
        *("| " + " | ".join(_plain(cell) for cell in row) + " |" for row in rows),
    ]
    text = "\n".join(lines) + (f"\n\n{literal(source)}" if source else "")
    return Display(
        {
            "text/html": f'<div class="tabel{" kaarten" * cards}" tabindex="0">{body}</div>{note}',
            "text/markdown": text,
            "text/plain": text,
        },
        tuple(results),
        cells=plain_cells(heads, rows),
    )


def plain_cells(columns: Sequence[Column | str], rows: Sequence[Sequence[Cell]]) -> Cells:
    """Give the cells of a table as plain text: what a reader sees, without its marks."""
    titles = tuple(head.title for head in _heads(columns))
    return Cells(titles, tuple(tuple(_text(cell) for cell in row) for row in rows))


def html_table(columns: Sequence[Column | str], rows: Sequence[Sequence[Cell]], *, total_row: bool = False) -> str:
    """Write a `<table>` whose headers name their scope, ready for a screen reader."""
    heads = _heads(columns)
    blank = [place > 0 and bool(rows) and all(_is_blank(row[place]) for row in rows) for place in range(len(heads))]
    head = "".join(
        f'<th scope="col"{_css(column)}{_mark(column.title) * is_blank}>{html.escape(column.title)}</th>'
        for column, is_blank in zip(heads, blank, strict=True)
    )
    lines = []
    for index, row in enumerate(rows):
        mark = ' class="totaal"' if total_row and index == len(rows) - 1 else ""
        first = f'<th scope="row"{LEFT}>{_html(row[0])}</th>'
        rest = "".join(f"<td{_css(column)}>{_html(cell)}</td>" for column, cell in zip(heads[1:], row[1:], strict=True))
        lines.append(f"<tr{mark}>{first}{rest}</tr>")
    # without the attribute Quarto makes the table anew, and the scope of its headers is gone
    return (
        f'<table data-quarto-disable-processing="true"{"" if rows else _mark("tabel")}><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def state_label(state: str) -> Markup:
    """Show the state of a project or element with its neutral sign and its word."""
    sign, word = STATE_WORDS[state]
    return Markup('<span class="staat staat-{}"><span aria-hidden="true">{}</span> {}</span>').format(state, sign, word)


def share_bar(share: float | None, words: str) -> Markup:
    """Show words with a small bar under them; the bar repeats the words and is hidden from a screen reader."""
    if share is None or share != share:
        return Markup("{}").format(words)
    return Markup('{} <span class="balk" style="--deel:{}" aria-hidden="true"></span>').format(
        words, f"{min(max(share, 0.0), 1.0):.3f}"
    )


def goal_bar(share: float, path: float | None, words: str) -> Markup:
    """Show words with a bar from start to goal: how far it is, and a mark where a straight path would be now.

    `share` and `path` are parts of the way from start to goal; below the start is drawn as nothing, past the goal as
    whole. The words say what the bar shows, which a screen reader passes over.
    """
    inside = [None if part is None else f"{min(max(part, 0.0), 1.0):.3f}" for part in (share, path)]
    mark = "" if inside[1] is None else f";--pad:{inside[1]}"
    return Markup('{} <span class="balk doelbalk" style="--deel:{}{}" aria-hidden="true"></span>').format(
        words, inside[0], mark
    )


def interval_bar(ends: tuple[float, float, float], band: tuple[float, float], words: str, *, wide: float) -> Markup:
    """Show words with an interval (low, estimate, high) beside a band from the zero line to what is plausible.

    All on one scale that runs from `-wide` to `wide`; what lies past its ends is drawn at the end. The words say what
    the drawing shows, which a screen reader passes over.
    """
    numbers = zip(("van", "punt", "tot", "laag", "hoog"), (*ends, *band), strict=True)
    places = {name: min(max((number + wide) / (2 * wide), 0.0), 1.0) for name, number in numbers}
    style = ";".join(f"--{name}:{place:.3f}" for name, place in places.items())
    return Markup('{} <span class="balk margebalk" style="{}" aria-hidden="true"></span>').format(words, style)


def join_lines(lines: Sequence[Cell]) -> Markup:
    """Put several lines in one cell."""
    return Markup("<br>").join(lines)


def _heads(columns: Sequence[Column | str]) -> list[Column]:
    return [column if isinstance(column, Column) else Column(column) for column in columns]


def _is_blank(cell: Cell) -> bool:
    return _text(cell) in ("", "–", "-")


def _mark(words: str) -> str:
    return f' {EMPTY}="{html.escape(words)}"'


def _css(column: Column) -> str:
    return ' class="n"' if column.numeric else LEFT


def _html(cell: Cell) -> str:
    return str(cell) if isinstance(cell, Markup) else html.escape(cell)


def _plain(cell: Cell) -> str:
    return literal(_text(cell))


def _text(cell: Cell) -> str:
    text = str(cell)
    if isinstance(cell, Markup):
        text = html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<br\s*/?>", "; ", text)))
    return text.strip()
