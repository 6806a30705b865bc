"""The colours of figures, maps and print, by their role.

A module of its own, since print and the site's folder take the colours and must not wait for plotly.
"""

COLOURS = {
    "text": "#1B2126",
    "muted": "#4A5560",
    "rule": "#D9DEDA",
    "surface": "#F5F6F3",
    "bg": "#FFFFFF",
    "parkstad": "#00666B",
    "limburg": "#B4530A",
    "rest": "#5A6472",
    "target": "#8E2A6B",
    "tile1": "#E4F1F1",
    "tile2": "#C3E0DF",
    "tile3": "#9FCDCB",
    "tile4": "#78B9B6",
    "tile5": "#4FA3A0",
}
"""Role to light colour; on the site each follows the style sheet's variable of the same name (light and dark)."""

SHADES = ("tile1", "tile2", "tile3", "tile4", "tile5")
"""Roles of one hue, from the lowest figures to the highest."""

SERIES = ("parkstad", "limburg", "target", "rest", "tile5", "text")
"""Roles of the series of a figure that gives them no colour itself, in order."""

RAMP = ("tile1", "tile3", "tile5", "parkstad")
"""Roles of the colour scale of a figure that has none itself, from low to high."""
