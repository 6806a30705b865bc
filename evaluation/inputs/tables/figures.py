"""Figures typed as text: one way of writing decimals and thousands for a whole file, decided over all of it."""

import re
from collections.abc import Iterable
from typing import Literal

Way = Literal["comma", "point"]
"""What stands before the decimals."""

_NAMES: dict[Way, str] = {"comma": "a decimal comma", "point": "a decimal point"}
_WHOLE = re.compile(r"-?\d+")
_EITHER = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}")
"""A sign for thousands, or three decimals."""


def _forms(decimal: str, thousands: str) -> re.Pattern[str]:
    return re.compile(rf"-?(\d+|[1-9]\d{{0,2}}({thousands}\d{{3}})+)({decimal}\d+)?")


_FORMS: dict[Way, re.Pattern[str]] = {"comma": _forms(",", r"\."), "point": _forms(r"\.", ",")}


def _ways_of(text: str) -> tuple[Way, ...]:
    """Tell in which ways a figure can be read: both for a whole number, none where it is no figure.

    >>> _ways_of("1.234,5"), _ways_of("0.5"), _ways_of("1.234"), _ways_of("x")
    (('comma',), ('point',), ('comma', 'point'), ())
    """
    return tuple(way for way, form in _FORMS.items() if form.fullmatch(text))


class Figures:
    """How a file writes its figures.

    Parameters
    ----------
    texts : iterable of str
        Every figure of the file that is text; what is no figure says nothing.

    Attributes
    ----------
    way : str | None    What the file itself shows; None where it does not.
    firsts : dict[Way, str]    The first figure that shows each way; two where the file contradicts itself.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.firsts: dict[Way, str] = {}
        counts: dict[Way, int] = {"comma": 0, "point": 0}
        for text in texts:
            ways = _ways_of(text)
            if len(ways) == 1:
                self.firsts.setdefault(ways[0], text)
                counts[ways[0]] += 1
        shown: list[Way] = sorted(self.firsts, key=lambda way: -counts[way])
        self.way: Way | None = shown[0] if shown else None

    def read(self, text: str) -> float:
        """Read a figure as the file writes them.

        Parameters
        ----------
        text : str
            Without spaces around it.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            For what is no figure, what can be read in two ways, and what is written otherwise than in the rest of the
            file; the message says which, and what is expected.

        >>> Figures(["1.234", "1.234,5"]).read("1.234"), Figures(["1.234", "1.5"]).read("1.234")
        (1234.0, 1.234)
        """
        ways = _ways_of(text)
        if not ways:
            raise ValueError("a number")
        if _WHOLE.fullmatch(text):
            return float(text)
        if len(ways) == 2 and self.way is None:
            low, high = sorted((_plain(text, "point"), _plain(text, "comma")))
            raise ValueError(f"a number that can be read in one way; this is {low:g} or {high:.15g}")
        if self.way is not None and self.way not in ways:
            raise ValueError(f"{_NAMES[self.way]}, as in {self.firsts[self.way]!r} elsewhere in the file")
        if len(self.firsts) == 2 and _EITHER.fullmatch(text) and len(ways) == 2:
            raise ValueError("a number that can be read in one way; the file has decimal commas and decimal points")
        return _plain(text, self.way or ways[0])


def _plain(text: str, way: Way) -> float:
    thousands, decimal = (".", ",") if way == "comma" else (",", ".")
    return float(text.replace(thousands, "").replace(decimal, "."))
