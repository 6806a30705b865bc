"""Every pair of colours that meets on a page can be read, in light, dark and print, and also without red and green."""

import re

import pytest

from evaluation.present.colours import COLOURS
from tests.conftest import ROOT

SHEET = (ROOT / "reports" / "style" / "kleuren.css").read_text(encoding="utf-8")
TEXTS = ("text", "muted", "link", "parkstad", "limburg", "rest", "target")
TILES = tuple(f"tile{number}" for number in range(1, 6))


def schemes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)
    assert len(blocks) == 3
    return {
        name: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for name, block in zip(("light", "dark", "print"), blocks, strict=True)
    }


def channels(colour: str) -> tuple[float, float, float]:
    """Return linear red, green and blue (sRGB, IEC 61966-2-1)."""
    values = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return tuple(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2.1."""
    light, dark = sorted(
        (sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), channels(x), strict=True)) for x in (one, other)),
        reverse=True,
    )
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_every_text_can_be_read_on_every_ground(scheme):
    colours = schemes()[scheme]
    pairs = [(text, ground) for text in TEXTS for ground in ("bg", "surface")] + [("text", tile) for tile in TILES]
    low = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_squares_of_a_map_grow_darker_or_lighter_in_order(scheme):
    colours = schemes()[scheme]
    ground = [contrast(colours[tile], colours["bg"]) for tile in TILES]
    assert ground == sorted(ground) and len(set(ground)) == 5


def test_all_three_schemes_have_every_colour_and_paper_is_light():
    found = schemes()
    assert found["light"].keys() == found["dark"].keys() == found["print"].keys()
    assert found["print"] == found["light"]


def test_figures_and_style_sheet_have_the_same_light_colours():
    light = schemes()["light"]
    assert {name: colour.lower() for name, colour in COLOURS.items()} == {name: light[name] for name in COLOURS}


def test_no_colour_stands_outside_the_file_of_colours():
    text = (ROOT / "reports" / "style" / "rapport.css").read_text(encoding="utf-8")
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)|rgba?\(|hsla?\(", text) == []
