"""The colours of figures, maps and print, by their role: those of reports/style/thema.yml, read when first asked for.

A module of its own, since print and the site's folder take the colours and must not wait for plotly.
"""

from collections.abc import Iterator, Mapping

from evaluation.inputs.theme import theme


class _Light(Mapping[str, str]):
    """Role to light colour, without `link`, which no figure has."""

    def __getitem__(self, role: str) -> str:
        return theme().light[role]

    def __iter__(self) -> Iterator[str]:
        return iter(theme().light)

    def __len__(self) -> int:
        return len(theme().light)


COLOURS: Mapping[str, str] = _Light()
"""Role to light colour; on the site each follows the style sheet's variable of the same name (light and dark)."""

SHADES = ("tile1", "tile2", "tile3", "tile4", "tile5")
"""Roles of one hue, from the lowest figures to the highest."""

SERIES = ("region", "benchmark", "target", "rest", "tile5", "text")
"""Roles of the series of a figure that gives them no colour itself, in order."""

RAMP = ("tile1", "tile3", "tile5", "region")
"""Roles of the colour scale of a figure that has none itself, from low to high."""
