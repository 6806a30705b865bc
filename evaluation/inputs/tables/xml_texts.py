"""XML in pieces, and the texts of a workbook in it: within bounds, normalised, what is struck through told."""

import re
from collections.abc import Callable
from xml.parsers import expat

from evaluation.base.text import normalised
from evaluation.base.zips import Unreadable
from evaluation.inputs.tables.cells import BadCell

Read = Callable[[int], bytes]
Start = Callable[[str, dict[str, str]], None]
End = Callable[[str, str], None]

_MOST_ELEMENTS, _MOST_LETTERS, _MOST_CELL_LETTERS, _MOST_CELLS = 4_000_000, 30_000_000, 20_000_000, 1_000_000
_MOST_BAD_CELLS, _MOST_ROWS = 20_000, 400_000
_MOST_DEPTH, _MOST_TAG, _MOST_IN_CELL = 100, 1_000_000, 40_000
_MOST_NAMES = 10_000
"""Of elements and attributes: the parser keeps each that it meets, and a sheet has some dozens."""


class Bounds:
    """What is read of one workbook, however many parts it has: no more than a person's tables hold."""

    def __init__(self) -> None:
        self.elements = self.letters = self.cells = self.cell_letters = self.bad_cells = self.rows = 0

    def add_element(self, depth: int) -> None:
        """Count an element.

        Parameters
        ----------
        depth : int
            Of how many it stands in, with itself.

        Raises
        ------
        Unreadable
            When there are more, or deeper ones, than in a person's tables.
        """
        self.elements += 1
        if depth > _MOST_DEPTH or self.elements > _MOST_ELEMENTS:
            raise Unreadable("it has XML that is deeper or longer than that of a person's tables")

    def add_letters(self, count: int) -> None:
        """Count letters between elements.

        Parameters
        ----------
        count : int
            How many more there are.

        Raises
        ------
        Unreadable
            When there are more than in a person's tables.
        """
        self.letters += count
        if self.letters > _MOST_LETTERS:
            raise Unreadable(f"it has more than {_MOST_LETTERS // 10**6} million letters")

    def add_row(self) -> None:
        """Count a row that holds something.

        Raises
        ------
        Unreadable
            When there are more than in a person's tables.
        """
        self.rows += 1
        if self.rows > _MOST_ROWS:
            raise Unreadable(f"it has more than {_MOST_ROWS} rows that hold something")

    def add_cell(self, value: object) -> None:
        """Count a cell that holds something.

        Parameters
        ----------
        value : object
            What it holds; a text counts also where other cells have the same.

        Raises
        ------
        Unreadable
            When there are more, or longer ones, than in a person's tables.
        """
        self.cells += 1
        self.cell_letters += len(value) if isinstance(value, str) else 0
        if isinstance(value, BadCell):
            self.bad_cells += 1
            if self.bad_cells > _MOST_BAD_CELLS:
                raise Unreadable(
                    f"it has more than {_MOST_BAD_CELLS} cells that cannot be taken, such as {value.found}"
                )
        if self.cells > _MOST_CELLS:
            raise Unreadable(f"it has more than {_MOST_CELLS // 10**6} million cells that hold something")
        if self.cell_letters > _MOST_CELL_LETTERS:
            raise Unreadable(f"its cells have more than {_MOST_CELL_LETTERS // 10**6} million letters")


def read_xml(read: Read, start: Start, end: End, wanted: frozenset[str], bounds: Bounds) -> None:
    """Read XML in pieces; only what is asked for is kept.

    Parameters
    ----------
    read, start, end : callable
        Gives so many bytes; is told the name of each element, without its prefix, with its attributes; and at its end
        again, with the text within it.
    wanted, bounds : frozenset[str], Bounds
        Names of the elements of which the text is told, and what was read before.

    Raises
    ------
    Unreadable
        When it is damaged, declares entities of its own, or is larger or deeper than a person's tables.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 1 << 16
    pieces: list[str] = []
    depth = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        bounds.add_element(depth)
        if pieces:
            pieces.clear()
        start(name.rpartition(":")[2] if ":" in name else name, attributes)

    def finish(name: str) -> None:
        nonlocal depth
        depth -= 1
        if ":" in name:
            name = name.rpartition(":")[2]
        end(name, "".join(pieces) if pieces and name in wanted else "")
        if pieces:
            pieces.clear()

    def take(text: str) -> None:
        bounds.add_letters(len(text))
        pieces.append(text)

    def refuse(*_: object) -> None:
        raise Unreadable("it has XML with declarations of its own")

    parser.StartElementHandler, parser.EndElementHandler = begin, finish
    parser.CharacterDataHandler = take
    parser.StartDoctypeDeclHandler = refuse
    parser.ProcessingInstructionHandler = lambda target, data: bounds.add_element(depth)
    parser.CommentHandler = lambda text: bounds.add_element(depth)
    parser.StartCdataSectionHandler = lambda: bounds.add_element(depth)
    _feed(parser, read)


def _feed(parser: expat.XMLParserType, read: Read) -> None:
    """Give the parser the XML in pieces, and look how much of it, and how many names, it keeps."""
    given = 0
    try:
        while block := read(1 << 16):
            parser.Parse(block)
            given += len(block)
            if len(parser.intern) > _MOST_NAMES:
                raise Unreadable(f"it has XML with more than {_MOST_NAMES} names of elements")
            if given - parser.CurrentByteIndex > _MOST_TAG:
                raise Unreadable("it has XML with a part that does not end")
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise Unreadable("it is damaged") from None


def read_shared(read: Read, bounds: Bounds) -> list[str | BadCell]:
    """Read the texts that the cells of all sheets refer to.

    Parameters
    ----------
    read, bounds : callable, Bounds
        As of `read_xml`, which refuses what is damaged.

    Returns
    -------
    list[str | BadCell]
        By their place; what is struck through in part cannot be taken.
    """
    strings: list[str | BadCell] = []
    texts = Texts()

    def start(name: str, attributes: dict[str, str]) -> None:
        texts.clear() if name == "si" else texts.start(name, attributes)

    def end(name: str, text: str) -> None:
        strings.append(texts.value()) if name == "si" else texts.end(name, text)

    read_xml(read, start, end, frozenset({"t"}), bounds)
    return strings


class Texts:
    """Text in parts, with those that are struck through kept apart."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.struck, self.is_struck = "", False
        self.aside = self.letters = 0

    def clear(self) -> None:
        """Begin the next cell."""
        self.parts, self.struck, self.is_struck, self.letters = [], "", False, 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element.

        Parameters
        ----------
        name, attributes : str, dict
            As of `read_xml`.
        """
        if name == "rPh":
            self.aside += 1  # how a word is said, in Japanese
        elif name == "r":
            self.is_struck = False
        elif name == "strike":
            self.is_struck = attributes.get("val") not in ("0", "false")

    def end(self, name: str, text: str) -> None:
        """End an element.

        Parameters
        ----------
        name, text : str
            As of `read_xml`.

        Raises
        ------
        Unreadable
            When there are more letters than a cell can have.
        """
        if name == "rPh":
            self.aside -= 1
        elif name == "t" and not self.aside:
            self.letters += len(text)
            check_length(self.letters)
            self.parts.append(text)
            self.struck += text.strip() if self.is_struck else ""

    def value(self) -> str | BadCell:
        """Put the parts together.

        Returns
        -------
        str or BadCell
            What is struck through within a cell can be read in two ways.
        """
        text = clean("".join(self.parts))
        if self.struck:
            found = f"{text[:60]!r}, of which {self.struck[:60]!r} is struck through"
            return BadCell(found, "text without parts that are struck through", "Remove what no longer holds.")
        return text


def check_length(letters: int) -> None:
    """Refuse a cell of more letters than one can have.

    Parameters
    ----------
    letters : int
        Of the cell.

    Raises
    ------
    Unreadable
        When there are more.
    """
    if letters > _MOST_IN_CELL:
        raise Unreadable(f"it has a cell of more than {_MOST_IN_CELL} letters")


def clean(text: str) -> str:
    """Normalise a text and take the spaces around it away; what Excel writes as _x000D_ is a line end.

    Other signs that Excel writes so, and that no text has, are left out.

    Parameters
    ----------
    text : str
        Of a cell.

    Returns
    -------
    str
    """
    if "_x" in text:
        text = re.sub(r"_x([0-9A-F]{4})_", _sign, text)
    return normalised(text).strip()


def _sign(found: re.Match[str]) -> str:
    sign = chr(int(found[1], 16))
    return sign if sign.isprintable() or sign in "\t\r\n" else ""
