"""What a spreadsheet shows of a number: where its format makes something else of it than what is stored."""

import operator
import re
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(r'"([^"]*)"?|\\(.)|_(?:.)|\*(?:.)|\[([^\]]*)\]|(General)|(E[+-])|(.)', re.IGNORECASE | re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|=|<|>)\s*(-?[\d.]+)")
_SECTIONS = re.compile(r'((?:"[^"]*"?|\\.|\[[^\]]*\]|[^;])*)(?:;|$)', re.DOTALL)
_SIGNS = ("<=", ">=", "<>", "=", "<", ">")
_COMPARE = dict(
    zip(_SIGNS, (operator.le, operator.ge, operator.ne, operator.eq, operator.lt, operator.gt), strict=True)
)
_MINUS = re.compile(r"\([^()]*\)|[-(\u2010-\u2013\u2212]")
_BETWEEN_DIGITS = re.compile(r"[\s'\u2019/]")
_HARMLESS = re.compile(r"€|\beur(?:o)?\b|[-\u2010-\u2013\u2212+()\s.,:/'|]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Section:
    """One part of a number format: for numbers that are positive, negative, zero, or meet a condition."""

    before: str
    after: str
    pattern: str
    hundreds: int
    condition: tuple[str, float] | None
    is_coloured: bool
    inside: tuple[tuple[int, str], ...]
    """Text between the digits, each with the number of signs of the pattern before it."""

    @property
    def words(self) -> str:
        """What stands around the number, without signs that change nothing."""
        return _HARMLESS.sub("", self.before + self.after).rstrip("%")

    @property
    def adds_sign(self) -> bool:
        """Whether a number above zero looks as one below it."""
        before = any(not found.endswith(")") for found in _MINUS.findall(self.before))
        return before or self.after.strip() in ("-", "\u2212")

    @property
    def cuts_digits(self) -> bool:
        return self.before.endswith((".", ",")) or any(_BETWEEN_DIGITS.sub("", text) for _, text in self.inside)

    @property
    def thousands(self) -> int:
        """By how many thousands the number is divided: a comma behind the last digit of its whole part."""
        whole = self.pattern.partition(".")[0]
        behind = self.pattern if "." in self.pattern else ""
        return len(whole) - len(whole.rstrip(",")) + len(behind) - len(behind.rstrip(","))

    def write(self, value: float) -> str:
        """Write a number about as the spreadsheet shows it, with a decimal comma."""
        if not self.pattern:
            return (self.before + self.after).strip()
        scaled = abs(value) * 100**self.hundreds / 1000**self.thousands
        whole, _, rest = self.pattern.partition(".")
        decimals = sum(sign in "0#?" for sign in rest)
        number = f"{scaled:.{decimals}f}" if self.pattern != "General" else f"{scaled:g}"
        number = number.zfill(whole.count("0") + (decimals + 1 if decimals else 0))
        number = number.replace(".", ",")
        for place, text in self.inside:
            behind = sum(sign in "0#?." for sign in self.pattern[place:])
            number = f"{number[:-behind]}{text}{number[-behind:]}"
        return f"{self.before}{number}{self.after}".strip()


def shown_otherwise(value: float, code: str) -> str | None:
    r"""Tell what a cell shows, where that is another number than it holds or has words that may change its meaning.

    Percentages, thousands and millions (a comma behind the digits), words such as mln, a sign or a number that is not
    shown, a minus that is not stored, a point or comma that is text.  Fewer decimals, a currency in euros, and signs
    for thousands are the same number.

    Parameters
    ----------
    value, code : float, str
        What is stored, and its number format as the file has it (``0.0%``, ``0,,"mln"``).

    Returns
    -------
    str | None
        None where it shows what it holds.

    >>> shown_otherwise(0.123, "0.0%"), shown_otherwise(1.25, '0.00" mln"'), shown_otherwise(5, '"€" #,##0.00')
    ('12,3%', '1,25 mln', None)
    >>> shown_otherwise(500, "-0"), shown_otherwise(12550, r"0\.00"), shown_otherwise(1234, r"0\ 000")
    ('-500', '125.50', None)
    """
    sections = _sections(code or "General")
    index, section = _chosen(value, sections)
    is_below = section.condition is not None and section.condition[0] in ("<", "<=") and section.condition[1] <= 0
    hides_sign = value < 0 and (is_below or (index > 0 and section.condition is None))
    hides_sign = hides_sign and not section.is_coloured and not set("-\u2212(") & set(section.before + section.after)
    if not section.pattern:
        is_same = value == 0 and set((section.before + section.after).strip()) in ({"-"}, {"\u2013"}, {"0"})
    else:
        is_same = not (value and (section.hundreds or section.thousands or section.cuts_digits)) and not section.words
        is_same = is_same and not hides_sign and not (value > 0 and section.adds_sign)
    return None if is_same else section.write(value)


def _chosen(value: float, sections: tuple[_Section, ...]) -> tuple[int, _Section]:
    """Choose the part of a format that a number is shown by."""
    for index, section in enumerate(sections[:3]):
        if section.condition is not None and _COMPARE[section.condition[0]](value, section.condition[1]):
            return index, section
    if any(section.condition for section in sections):
        index = next((i for i, section in enumerate(sections[:3]) if section.condition is None), len(sections) - 1)
    elif value < 0 and len(sections) > 1:
        index = 1
    else:
        index = 2 if value == 0 and len(sections) > 2 else 0
    return index, sections[index]


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[_Section, ...]:
    parts = [found[1] for found in _SECTIONS.finditer(code)]
    if len(parts) > 1 and not code.endswith(";"):
        parts.pop()  # what matches the end itself
    return tuple(_section(part) for part in parts[:4])


def _section(code: str) -> _Section:
    before, after, pattern = "", "", ""
    inside: list[tuple[int, str]] = []
    hundreds, condition, is_coloured = 0, None, False
    for quoted, escaped, bracket, general, power, sign in _TOKEN.findall(code):
        text = quoted or escaped
        if general:
            pattern = "General"
        elif power or (sign and (sign in "0#?" or (sign in ".," and (pattern or sign == ".")))):
            if after and sign and sign in "0#?":
                inside, after = [*inside, (len(pattern), after)], ""
            pattern += power or sign
        elif bracket:
            met = _CONDITION.fullmatch(bracket)
            condition = (met[1], float(met[2])) if met else condition
            text = bracket[1:].partition("-")[0] if bracket.startswith("$") else ""
            is_coloured |= not met and not bracket.startswith("$")
        elif sign == "@":
            pattern = pattern or "General"
        else:
            hundreds += sign == "%"
            text = text or sign
        before, after = (before, after + text) if pattern else (before + text, after)
    after = after.replace("%", "") + "%" * hundreds
    return _Section(before, after, pattern, hundreds, condition, is_coloured, tuple(inside))
