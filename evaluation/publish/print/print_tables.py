"""How wide the columns of a printed table are: what a browser decides by itself, worked out from the words."""

import re

from evaluation.publish.pages.document import Node, every, plain

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
    return head[1], [*(row for body in bodies for row in (*body[2], *body[3])), *foot[1]]


def has_total(table: Node) -> bool:
    """Tell whether the last row is a total."""
    rows = table_rows(table)[1]
    return bool(rows) and "totaal" in rows[-1][0][1]


def _columns(table: Node) -> tuple[list[list[list]], list[list[list]]]:
    """Return per column its cells, of the head and of the rest; a cell over more columns is in none of them."""
    found = []
    for rows in table_rows(table):
        columns: list[list[list]] = [[] for _ in table["c"][2]]
        taken = [0] * len(columns)  # the rows for which a cell from above still takes the column
        for _, cells in rows:
            free = [index for index, count in enumerate(taken) if not count]
            taken = [max(count - 1, 0) for count in taken]
            for cell in cells:
                _, _, high, wide, _ = cell
                places, free = free[:wide], free[wide:]
                if wide == 1 and places:
                    columns[places[0]].append(cell)
                for place in places:
                    taken[place] = high - 1
        found.append(columns)
    return found[0], found[1]


def _cell_text(cell: list) -> str:
    """Return the words of a cell."""
    return " ".join(plain(block["c"]) for block in every(cell[4], {"Para", "Plain"}))


def is_numeric(table: Node) -> list[bool]:
    """Tell per column whether it is aligned right."""
    return [
        (cells or names or [["", {"t": ""}]])[0][1]["t"] == "AlignRight"
        for names, cells in zip(*_columns(table), strict=True)
    ]


def column_shares(table: Node) -> list[float]:
    """Share the width of the page among the columns of a table.

    Where all cells fit on one line, each column is as wide as its longest.  Otherwise each gets what its longest word
    needs, and what is left goes to those whose cells are longer; where that is more than the page, the first keeps what
    it needs.  They sum to 1, or to less when the table needs less than the page.
    """
    least, most = [], []
    for head, rows in zip(*_columns(table), strict=True):
        names, cells = list(map(_cell_text, head)), list(map(_cell_text, rows))
        # The longest part that stays on one line; digits around a hyphen do.
        words = (word for text in (*names, *cells) for word in re.split(r"[ \n]+|(?<=[^\W\d])-", text))
        least.append(min(max(map(len, words), default=0), _LONGEST_WORD) + _PADDING)
        longest = max([0, *(len(cell) for cell in cells), *(len(name) * _HEAD for name in names)])
        most.append(max(longest + _PADDING, least[-1]))
    if sum(most) <= _CHARACTERS:
        return [width / _CHARACTERS for width in most]
    if sum(least) > _CHARACTERS:  # too much for the page: the names of the rows stay whole, the figures give way
        first, others = least[0], sum(least[1:])
        return [first / _CHARACTERS, *(width * (1 - first / _CHARACTERS) / others for width in least[1:])]
    spare = _CHARACTERS - sum(least)
    wishes = [(wide - narrow) ** 0.75 for wide, narrow in zip(most, least, strict=True)]
    given = [narrow + spare * wish / (sum(wishes) or 1) for narrow, wish in zip(least, wishes, strict=True)]
    return [width / sum(given) for width in given]
