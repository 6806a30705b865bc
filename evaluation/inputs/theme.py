"""How everything looks: colours, fonts and names of units, from one file (reports/style/thema.yml)."""

import os
from functools import lru_cache
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evaluation.base.errors import Fault
from evaluation.base.paths import ROOT_VARIABLE, project_root
from evaluation.base.yaml_entries import build_entry, raise_faults, read_mapping

PLACE = "reports/style/thema.yml"
ROLES = (
    "bg", "surface", "text", "muted", "link", "rule", "region", "benchmark", "rest", "target", "tile1", "tile2",
    "tile3", "tile4", "tile5",
)  # fmt: skip
"""What a colour is for."""

Colour = Annotated[str, Field(pattern="^#[0-9A-Fa-f]{6}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Look(_Part):
    """The line of a kind of unit.

    Attributes
    ----------
    colour, width, dash : str, float, str    Role of `ROLES`, px, and solid, dash or dot.
    """

    colour: str
    width: float = Field(gt=0)
    dash: Literal["solid", "dash", "dot"]


class Fonts(_Part):
    """The fonts of pages, of figures on them, of print and its code, and of Word and the drawings in it."""

    page: str
    figure: str
    print: str
    code: str
    word: str
    word_figure: str


class UnitName(_Part):
    """A unit of measure in Dutch.

    Attributes
    ----------
    name, before, after : str    In words, and what stands before and after a number.
    difference : str | None    Behind a difference; None: the words of the indicator.
    """

    name: str
    before: str = ""
    after: str = ""
    difference: str | None = None


class Theme(_Part):
    """Everything that the file says.

    Attributes
    ----------
    light, dark : dict[str, str]    Role to colour; light is also that of print.
    lines : dict[str, Look]    Of region, benchmark, rest, country and municipality.
    fonts, units : Fonts, dict[str, UnitName]    Units by their code in results.csv.
    """

    light: dict[str, Colour]
    dark: dict[str, Colour]
    lines: dict[Literal["region", "benchmark", "rest", "country", "municipality"], Look]
    fonts: Fonts
    units: dict[Literal["count", "per_1000", "EUR", "pct", "km", "m3", "score"], UnitName]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for name, found in (("light", set(self.light)), ("dark", set(self.dark))):
            if wrong := sorted(found ^ set(ROLES)):
                raise ValueError(f"{name} has other roles than those of a page: {', '.join(wrong)}")
        if unknown := sorted({look.colour for look in self.lines.values()} - set(ROLES)):
            raise ValueError(f"no role is called {', '.join(unknown)}; there are: {', '.join(ROLES)}")
        if len(self.lines) < 5 or len(self.units) < 6:
            raise ValueError("a kind of unit, or a unit of measure, has no entry")
        return self


def theme() -> Theme:
    """Read the theme of this project.

    Returns
    -------
    Theme
        Read once in a process: a notebook, a report and a page each have one look.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    return _theme_of(os.environ.get(ROOT_VARIABLE), os.getcwd())


def forget_theme() -> None:
    """Read the theme anew when it is asked for next: somebody changed it while this process shows it."""
    _theme_of.cache_clear()


def style_sheet() -> str:
    """Write the colours and fonts as the style sheet of the pages: light, dark, and light again for paper.

    Returns
    -------
    str
        Variables of CSS by role, and ``--font``.
    """
    found = theme()

    def block(colours: dict[str, str], indent: str, first: str = "") -> str:
        lines = [f"{indent}  --{role}: {colours[role].lower()};" for role in ROLES]
        return "\n".join([f"{indent}:root {{", *([f"{indent}  {first}"] if first else []), *lines, f"{indent}}}"])

    parts = (
        f"/* Made of {PLACE}, which has every colour of the reports. */",
        f"html {{ --font: {found.fonts.page}; }}",
        block(found.light, "", "color-scheme: light dark;"),
        f"@media (prefers-color-scheme: dark) {{\n{block(found.dark, '  ')}\n}}",
        f"@media print {{\n{block(found.light, '  ')}\n}}",
    )
    return "\n\n".join(parts) + "\n"


@lru_cache(maxsize=4)
def _theme_of(named: str | None, working: str) -> Theme:
    """Read the theme of the project that is meant there: it is asked for thousands of times."""
    faults: list[Fault] = []
    path = project_root() / PLACE
    content = read_mapping(path, set(Theme.model_fields), faults)
    raise_faults(faults)
    found = build_entry(Theme, content, {}, path, "", faults)
    raise_faults(faults)
    return found
