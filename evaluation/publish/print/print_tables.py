"""How wide the columns of a printed table are: what a browser decides by itself, worked out from the words."""

import re

from evaluation.base.errors import PublishError
from evaluation.publish.pages.document import Node, plain

_CHARACTERS = 112
"""Characters of table type that fit next to each other on a page of print."""

_PADDING = 3
_LONGEST_WORD = 13
"""Longer words are hyphenated."""

_HEAD = 0.6
"""Part of the length of a name in the head that has to fit on a line."""


def table_rows(table: Node) -> tuple[list[list], list[list]]:
    """Return the rows of a pandoc table: those of its head, and those of its body and foot; each as [attr, cells]."""
    _, _, _, head, bodies, foot = table["c"]
    rows = [*(row for body in bodies for row in (*body[2], *body[3])), *foot[1]]
    for _, cells in (*head[1], *rows):
        if any(cell[2:4] != [1, 1] for cell in cells):
            raise PublishError("a table with a cell that spans more rows or columns cannot be printed")
    return head[1], rows


def has_total(table: Node) -> bool:
    """Tell whether the last row is a total."""
    rows = table_rows(table)[1]
    return bool(rows) and "totaal" in rows[-1][0][1]


def _cell_text(cell: list) -> str:
    """Return the words of a cell."""
    return " ".join(plain(block["c"]) for block in cell[4] if block["t"] in ("Para", "Plain"))


def is_numeric(table: Node) -> list[bool]:
    """Tell per column whether it is aligned right."""
    head, rows = table_rows(table)
    return [cell[1]["t"] == "AlignRight" for cell in (rows or head)[0][1]]


def column_shares(table: Node) -> list[float]:
    """Share the width of the page among the columns of a table.

    Where all cells fit on one line, each column is as wide as its longest.  Otherwise each gets what its longest word
    needs, and what is left goes to those whose cells are longer.  They sum to 1, or to less when
    the table needs less than the page.
    """
    head, rows = table_rows(table)
    least, most = [], []
    for column in range(len(head[0][1] if head else rows[0][1])):
        names = [_cell_text(row[1][column]) for row in head]
        cells = [_cell_text(row[1][column]) for row in rows]
        # The longest part that stays on one line; digits around a hyphen do.
        words = (word for text in (*names, *cells) for word in re.split(r"[ \n]+|(?<=[^\W\d])-", text))
        least.append(min(max(map(len, words), default=0), _LONGEST_WORD) + _PADDING)
        longest = max([*(len(cell) for cell in cells), *(len(name) * _HEAD for name in names)])
        most.append(max(longest + _PADDING, least[-1]))
    if sum(most) <= _CHARACTERS:
        return [width / _CHARACTERS for width in most]
    spare = max(_CHARACTERS - sum(least), 0)
    wishes = [(wide - narrow) ** 0.75 for wide, narrow in zip(most, least, strict=True)]
    given = [narrow + spare * wish / (sum(wishes) or 1) for narrow, wish in zip(least, wishes, strict=True)]
    return [width / sum(given) for width in given]
