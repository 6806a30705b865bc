"""Words of people as parts of names, of Markdown and of tables: whoever wrote them, they are read as words."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from types import SimpleNamespace

_LIST_START = re.compile(r"^(\s*)(?:([-+=:%])|(\(?(?:\d+|[A-Za-z]|[IVXLCDMivxlcdm]+))([.)])(?=\s|$))")
_NUMBER = r"[-+]?\s?(?:€\s?)?\d[\d.,]*(?:e[-+]?\d+)?\s?%?"
_NUMBERS = re.compile(rf"{_NUMBER}(?:\s→\s{_NUMBER})*", re.IGNORECASE)
_FORMULA = re.compile(
    r"'*[\s\x00-\x1f\x7f\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*[=+\-@＝＋－＠﹦﹢﹣﹫]"
)
_CONTROL = re.compile(r"'*[\t\r\n]")
_CELL_ENDS = re.compile(r"([;\t\r\n]|,(?!\d))")
"""Where a program that takes another sign for the separator begins a new cell; a comma before a digit is a decimal."""

_PILE = re.compile(r"[^\w\x00-\x7f]{65}")
"""Accents upon accents, which nobody writes: composing them takes ever longer."""

_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")


_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def normalised(text: str) -> str:
    r"""Give equal words one form, however they were typed: composed letters, and no signs that nobody sees.

    >>> normalised("clie\u0308nten") == "cli\u00ebnten", normalised("\ufeffHeer\u00adlen")
    (True, 'Heerlen')
    """
    if text.isascii():
        return text
    return _UNSEEN.sub("", text if _PILE.search(text) else unicodedata.normalize("NFC", text))


def literal(text: str) -> str:
    r"""Write a text that someone else wrote so that Markdown shows it as it is, on one line, wherever it stands.

    >>> literal("Dorp *Zuid*"), literal("1. @SUM(x)")
    ('Dorp \\*Zuid\\*', '1\\. \\@SUM(x)')
    """
    line = re.sub(r"\s*\n\s*", " ", text)
    line = re.sub(r"[\\`*_{}\[\]<>#@$^~|&]|-(?=-)|\.(?=\.\.)", r"\\\g<0>", line)
    return _LIST_START.sub(lambda found: rf"{found[1]}{found[3] or ''}\{found[2] or found[4]}", line)


def read_literal(markdown: str) -> str:
    r"""Read back what `literal` wrote, but for its line ends.

    >>> read_literal(literal("Dorp *Zuid*"))
    'Dorp *Zuid*'
    """
    return re.sub(r"\\([\W_])", r"\1", markdown)


def without_controls(text: str) -> str:
    r"""Replace what moves a cursor, starts a line or turns the direction of writing: for text of others on a screen.

    >>> without_controls("goed\x1b[2K\nalles klopt")
    'goed?[2K?alles klopt'
    """
    return _CONTROLS.sub("?", text)


def printable(text: str) -> str:
    r"""Write a name so that every file and terminal can hold it: one line, and letters that are whole.

    >>> printable("goed\x1b[2K.csv"), printable("a\udcffb")
    ('goed?[2K.csv', 'a\\udcffb')
    """
    return without_controls(text.encode("utf-8", "backslashreplace").decode())


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet program would take a text for a formula; a number it may take for what it is.

    >>> is_formula("=1+1"), is_formula(" ＝cmd|x"), is_formula("-3,5"), is_formula("+0,2 → +0,3"), is_formula("a=b")
    (True, True, False, False, False)
    """
    return _FORMULA.match(text) is not None and _NUMBERS.fullmatch(text.strip()) is None


def cell_text(text: str) -> str:
    """Write a text so that no spreadsheet program takes it, or a part that it splits off, for a formula.

    >>> cell_text("=cmd|x"), cell_text("-3,5"), cell_text("a; =b"), cell_text("'=a")
    ("'=cmd|x", '-3,5', "a;' =b", "''=a")
    """
    first, *rest = (f"'{part}" if is_formula(part) else part for part in _CELL_ENDS.split(text))
    return "".join([f"'{first}" if _CONTROL.match(text) else first, *rest])


def read_cell_text(cell: str) -> str:
    """Read back what `cell_text` wrote.

    >>> read_cell_text("'=cmd|x"), read_cell_text("'s-Hertogenbosch"), read_cell_text("''=a")
    ('=cmd|x', "'s-Hertogenbosch", "'=a")
    """
    if "'" not in cell:
        return cell
    parts = _CELL_ENDS.split(cell)
    marked = [part.startswith("'") and is_formula(part) for part in parts]
    marked[0] = marked[0] or (cell.startswith("'") and _CONTROL.match(cell) is not None)
    return "".join(part[is_marked:] for part, is_marked in zip(parts, marked, strict=True))


def csv_text(rows: Iterable[Sequence[object]], *, delimiter: str = ",", line_end: str = "\n") -> str:
    """Write rows as CSV for people and their spreadsheet programs: every text by `cell_text`, None as an empty cell."""
    lines: list[str] = []
    # a cell with a sign of the line end of the writer is quoted: with this one both signs are, whatever ours is
    writer = csv.writer(SimpleNamespace(write=lines.append), delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([cell_text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return "".join(f"{line[:-2]}{line_end}" for line in lines)


def page_slug(words: str) -> str:
    """Write words as the name of a page, a file or a label has them.

    >>> page_slug("Cohésie & buurten"), page_slug("WC_1")
    ('cohesie-buurten', 'wc-1')
    """
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def identity_slug(words: str) -> str:
    """Write words as a part of the identity of a result: spaces, dots and hyphens are one hyphen.

    >>> identity_slug("m² openbare ruimte"), identity_slug("proef tuin") == identity_slug("proef-tuin")
    ('m²-openbare-ruimte', True)
    """
    return re.sub(r"[-.\s]+", "-", words).strip("-")
